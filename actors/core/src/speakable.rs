//! What a mind writes, made speakable.
//!
//! A mind writes for the eye: `**₪1,250,000**`, `ב-20.11`, `רח' הרצל 5`, a link. Voices differ in what they
//! make of that; some skip digits in Hebrew text altogether, and none knows that חדרים are masculine. So a
//! voice gets words only, and the book of the call keeps the text as written. [`Spoken`] holds both ends
//! together: which written words have been heard when a spoken one has.
//!
//! The text is read word by word. Each rule looks at a place and takes one or more written words from there;
//! what no rule takes is spelled by the last one, `plain`, so that nothing with a digit in it ever passes.

mod abbreviations;
mod amount;
mod calendar;
mod clock;
mod contact;
mod dialled;
mod english;
mod hebrew;
mod markup;
mod nouns;
mod numeral;
mod plain;
mod sentence;
mod spelling;
mod spoken_text;
mod things;
mod word;

#[cfg(test)]
mod english_test;
#[cfg(test)]
mod hebrew_test;
#[cfg(test)]
mod hebrew_text_test;
#[cfg(test)]
mod mixed_test;
#[cfg(test)]
mod table_test;

use crate::language::Language;

use sentence::{Reading, Sentence};
pub use spelling::{Niqqud, VoiceSpelling};
use spoken_text::Speech;
pub use spoken_text::{Run, Spoken, WordFollower};

/// A rule of reading: what it makes of the words from a place on, or `None` when they are not its matter.
type Rule = fn(&Sentence, usize) -> Option<Reading>;

/// In order: what looks like a number may be a telephone number or a day before it is an amount.
const RULES: [Rule; 7] = [
    contact::read,
    dialled::read,
    calendar::read,
    clock::read,
    amount::read,
    abbreviations::read_weekday,
    abbreviations::read,
];

/// One piece of written text (a sentence or a clause) as a voice is to say it.
///
/// `language` is the agent's. A piece that is all in the other language is read by that one's rules; in a
/// mixed one numbers follow the words around them.
pub fn speakable(text: &str, language: Language, spelling: VoiceSpelling) -> Spoken {
    let sentence = Sentence::read(text, language);
    let mut speech = Speech::new(spelling);
    let mut at = 0;
    while let Some(word) = sentence.word(at) {
        if word.opens {
            speech.pause();
        }
        let reading = RULES.iter().find_map(|rule| rule(&sentence, at));
        let reading = reading.unwrap_or_else(|| plain::read(word));
        let last = at + reading.words.max(1) - 1;
        speech.say(&word.prefix, &reading.said);
        if let Some(word) = sentence.word(last) {
            let is_last = last + 1 == sentence.len();
            speech.punctuate(if reading.eats_dot && !is_last { word.tail_after_dot() } else { &word.tail });
            if word.closes {
                speech.pause();
            }
        }
        speech.written(last + 1);
        at = last + 1;
    }
    speech.finish(text.trim_end().ends_with([',', ';', ':']))
}
