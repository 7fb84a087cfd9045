//! Names of people: common English and Israeli ones in Latin letters.
//!
//! Nearly all stand in the CMU pronunciation dictionary; the few that do not are pronounced by a table of
//! the embedded recogniser. A name outside this list is heard as its nearest neighbour, so an agent that
//! must get names right reads them back.

use super::draw::Draw;
use super::fill;

/// Given names, apart by a space.
const GIVEN: &str = "\
    adam alex alice amir amit amy andrew anna ariel avi aviv barak ben benjamin boaz brian carmel carol \
    charles chaim chris christine daniel dana danny david dan deborah diana dov doron edward ehud eli \
    elizabeth emily emma esther ephraim gabriel gad gal george gideon gil golan grace guy hadar hannah \
    harry helen henry ilan ilana irit isaac itzhak jack jacob james jane jason jennifer jessica joel \
    john jonathan jordan joseph joshua julia karen kate kevin laura leah leo leon linda lisa liz lucy \
    maria mark martha martin mary matthew maya meir menachem michael michal michelle mike miriam \
    mordechai moshe naomi natan nathan nicole nir noa noam olivia omer oren orly patricia paul peter \
    rachel rafael ran rebecca richard robert ruth sam samuel sara sarah sharon shai shalom shaul shimon \
    shira simon sofia sophie stephen steven susan tal thomas tom tomer uri uzi victoria vera william \
    yehuda yitzhak yosef yossi yuval eitan gilad yael tamar shlomo omri lior nadav yoav yonatan tali \
    reuven rivka ronit";

/// Family names, apart by a space.
const FAMILY: &str = "\
    abraham abrams alon amar anderson barak bar berger brown carter clark cohen dagan david davis \
    edelman eisenberg feldman fisher friedman garcia goldberg goldman goldstein green greenberg gross \
    gutman hadad hall harris hill jackson johnson jones kahn kaplan katz klein kramer lavi lee levi \
    levin levine levy lewis martin mizrahi miller moore moses nissim oren palmer peretz perez rabin \
    rabinowitz robinson rosen rosenberg roth rubin sasson schwartz segal shapira shapiro sharon silver \
    simon smith stein stern taylor turner walker weiss weinstein weizman white williams wilson wolf \
    wright young zucker azoulay biton mizrachi peled ohana vaknin zohar";

const CARRIERS: [(&str, f64); 9] = [
    ("{}", 8.0),
    ("my name is {}", 6.0),
    ("my name's {}", 1.0),
    ("this is {}", 2.0),
    ("it's {}", 1.0),
    ("it is {}", 0.5),
    ("i am {}", 1.0),
    ("i'm {}", 1.0),
    ("hello this is {}", 0.5),
];

/// Family names drawn for each given name while no name is expected.
const FEW: usize = 3;

/// Family names drawn for each given name when one is. All of them would triple the model's size; a pair
/// that was not drawn is still reached by back-off.
const MANY: usize = 24;

/// Any fixed number will do.
const SEED: u64 = 1948;

/// Sentences with weights; more pairs of names when a name is `expected`.
pub(super) fn sentences(expected: bool) -> Vec<(String, f64)> {
    let given: Vec<&str> = GIVEN.split(' ').collect();
    let family: Vec<&str> = FAMILY.split(' ').collect();
    let mut draw = Draw::new(SEED);
    let mut pairs = Vec::new();
    for first in &given {
        for _ in 0..if expected { MANY } else { FEW } {
            pairs.push(format!("{first} {}", draw.one_of(&family)));
        }
    }
    let mut sentences = fill(&CARRIERS, &given);
    sentences.extend(fill(&[("{}", 4.0), ("the name is {}", 0.5)], &family));
    // One carrier for each pair: after two words the carrier no longer shows in a trigram.
    let share = 25.0 / pairs.len() as f64;
    for pair in &pairs {
        let (carrier, _) = CARRIERS.get(draw.below(CARRIERS.len())).copied().unwrap_or(("{}", 1.0));
        sentences.push((pair.clone(), share));
        sentences.push((carrier.replace("{}", pair), share));
    }
    sentences
}
