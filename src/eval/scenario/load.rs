//! Reading scenarios.

use std::fs;
use std::path::{Path, PathBuf};

use super::act::Act;
use super::fault::{ScenarioFault, Source};
use super::{Body, Scenario, step};

/// The scenario files that a path means: itself, or all of a folder in the order of their names.
///
/// # Errors
/// It cannot be read, or there is none.
pub fn find(path: &Path) -> Result<Vec<PathBuf>, ScenarioFault> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path).map_err(|error| ScenarioFault::unreadable(path, &error))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .collect();
    if files.is_empty() {
        return Err(ScenarioFault::Empty { path: path.display().to_string() });
    }
    files.sort();
    Ok(files)
}

/// Reads a scenario and checks it.
///
/// # Errors
/// File, line, what is wrong with it and the mend.
pub fn load(path: &Path) -> Result<Scenario, ScenarioFault> {
    let text = fs::read_to_string(path).map_err(|error| ScenarioFault::unreadable(path, &error))?;
    parse(Source { path: path.to_owned(), text })
}

fn parse(source: Source) -> Result<Scenario, ScenarioFault> {
    let mut body: Body = toml::from_str(&source.text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        source.at(at, error.message().to_owned())
    })?;
    let mut steps = Vec::new();
    for written in std::mem::take(&mut body.caller) {
        let at = written.span().start;
        let line = 1 + source.text.get(..at).unwrap_or_default().matches('\n').count();
        let written = written.into_inner();
        let has_choices = written.has_choices();
        let mut step = written.check(line).map_err(|why| source.at(at, why))?;
        step::count(&step, has_choices).map_err(|why| source.at(at, why))?;
        for act in &mut step.acts {
            if let Act::Plays { wav, .. } = act {
                // Beside the scenario, wherever the command is run.
                *wav = source.path.parent().unwrap_or(Path::new("")).join(&*wav);
            }
        }
        steps.push(step);
    }
    check(&body, &source)?;
    let name = source.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Scenario { name, path: source.path, steps, body })
}

fn check(body: &Body, source: &Source) -> Result<(), ScenarioFault> {
    let line = &body.line;
    if line.noise.is_some() != line.snr_db.is_some() {
        let why = "noise and snr_db go together: noise = \"white\" with snr_db = 10, say";
        return Err(source.near("[line]", why));
    }
    if !(0.0..=1.0).contains(&line.lose_marks) {
        return Err(source.near("lose_marks", "lose_marks is a share, 0 to 1"));
    }
    let remarks = body.expect.history.iter().flatten();
    for remark in remarks {
        if !["agent: ", "agent cut: ", "caller: "].iter().any(|who| remark.starts_with(who)) {
            let why = format!(
                "\"{remark}\" says nobody's name; begin it with \"agent: \", \"agent cut: \" or \"caller: \""
            );
            return Err(source.near(remark, why));
        }
    }
    for state in &body.expect.states {
        if !["LISTENING", "THINKING", "SPEAKING"].contains(&state.as_str()) {
            let why = format!("there is no state \"{state}\"; write LISTENING, THINKING or SPEAKING");
            return Err(source.near(&format!("\"{state}\""), why));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Kind, Piece, When};
    use super::*;

    const HEAD: &str = "title = \"T\"\nlanguage = \"he\"\n";

    fn read(rest: &str) -> Result<Scenario, String> {
        let source = Source { path: "s/one.toml".into(), text: format!("{HEAD}{rest}") };
        parse(source).map_err(|fault| fault.to_string())
    }

    #[test]
    fn a_step_has_a_time_something_to_do_and_pauses() {
        let text = "[[caller]]\nafter_words = \"six\"\nwait_ms = 50\ncounts_as = \"dictation\"\n\
                    says = [\"אפס\", 700, \"חמש\"]\nsounds_like = [\"efes\", 700, \"chamesh\"]\n[[caller]]\nwav = \"a.wav\"\n";
        let scenario = read(text).unwrap();
        let [first, second] = &scenario.steps[..] else { panic!("{:?}", scenario.steps) };
        assert_eq!(first.when, When::AfterWords { words: "six".into(), ms: 50 });
        assert_eq!((first.line, first.counts_as), (3, Some(Kind::Dictation)));
        let words = |sound: &str, heard: &str| Piece::Words { sound: sound.into(), heard: heard.into() };
        let pieces = vec![words("efes", "אפס"), Piece::Pause(700), words("chamesh", "חמש")];
        assert_eq!(first.acts, [Act::Says { pieces, heard: "אפס חמש".into() }]);
        assert_eq!(second.when, When::AfterAgent(300));
        assert_eq!(second.acts, [Act::Plays { wav: "s/a.wav".into(), heard: String::new() }]);
        assert_eq!(scenario.name, "one");
    }

    #[test]
    fn what_is_wrong_is_told_with_file_line_and_mend() {
        let table = [
            ("[[caller]]\nsais = \"x\"\n", "s/one.toml:4: unknown field `sais`, expected one of"),
            ("[[caller]]\nhangs_up = true\nsays = \"x\"\n", "s/one.toml:3: this step does two things; give"),
            ("\n[[caller]]\nat_ms = 5\n", "s/one.toml:4: this step does nothing; give one of says"),
            ("[[caller]]\nat_ms = 5\nthen_ms = 5\nwaits = true\n", "s/one.toml:3: this step has two times"),
            ("[[caller]]\nsays = [true]\n", "s/one.toml:3: true can be neither said nor waited for; write"),
            (
                "[[caller]]\nsays = [\"a\", 5]\nsounds_like = \"b\"\n",
                "s/one.toml:3: says and sounds_like must have",
            ),
            ("[[caller]]\npresses = \"12x\"\n", "s/one.toml:3: there is no key 'x' on a telephone"),
            ("[line]\nnoise = \"white\"\n", "s/one.toml:3: noise and snr_db go together"),
            ("[line]\nnoise = \"pink\"\n", "s/one.toml:4: unknown variant `pink`, expected one of `white`"),
            (
                "[expect]\nstates = [\"ASLEEP\"]\n",
                "s/one.toml:4: there is no state \"ASLEEP\"; write LISTENING",
            ),
            (
                "[expect]\nhistory = [\"hello\"]\n",
                "s/one.toml:4: \"hello\" says nobody's name; begin it with",
            ),
            ("limit_s = \"x\"\n", "s/one.toml:3: invalid type: string \"x\", expected u64"),
        ];
        for (text, wanted) in table {
            let found = read(text).unwrap_err();
            assert!(found.starts_with(wanted), "{text}: {found}");
        }
    }
}
