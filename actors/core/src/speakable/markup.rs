//! What stands in a text for the eye only: markdown, code, emoji, marks of direction, smileys.

/// What of a written word is there for the ear. Quotation marks and dashes come out in one form each.
pub(super) fn strip(raw: &str) -> String {
    let is_rule = raw.len() > 1 && raw.chars().all(|c| matches!(c, '|' | '-' | ':' | '=' | '_' | '*'));
    if is_rule || SMILEYS.contains(&raw) {
        return String::new();
    }
    let visible: String = raw.chars().filter(|&c| !is_unspeakable(c)).map(one_form).collect();
    // Two apostrophes are how gershayim are typed where the key is missing.
    let visible = visible.replace("''", "\"");
    without_note(&without_tags(&without_target(&visible)))
}

/// Which of the words stand in a closed code block, whose text is for no ear.
pub(super) fn code_words(words: &[&str]) -> Vec<bool> {
    const FENCE: &str = "```";
    let fences: usize = words.iter().map(|word| word.matches(FENCE).count()).sum();
    // A block that is never closed may be all the answer there is.
    let closed = fences / 2 * 2;
    let mut seen = 0;
    let mut is_code = Vec::with_capacity(words.len());
    for word in words {
        let inside = seen % 2 == 1 && seen < closed;
        seen += word.matches(FENCE).count();
        is_code.push(inside || word.contains(FENCE));
    }
    is_code
}

const SMILEYS: [&str; 12] = [":)", ":-)", ":(", ":-(", ";)", ";-)", ":D", ":-D", ":P", ":/", "<3", "^^"];

/// One shape for each kind of quotation mark, dash and apostrophe.
fn one_form(c: char) -> char {
    match c {
        '“' | '”' | '„' | '«' | '»' | '״' => '"',
        '’' | '‘' | '׳' => '\'',
        '−' | '–' | '־' | '‑' | '‐' => '-',
        '׃' => '.',
        other => other,
    }
}

/// Marks of direction and of joining, emoji and their parts, signs without a sound. Blocks of the Unicode
/// code charts.
fn is_unspeakable(c: char) -> bool {
    matches!(c,
        '`' | '™' | '®' | '©' | '•' | '·' | '¶' | '\u{ad}' | '\u{61c}' | '\u{feff}' | '\u{20e3}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
        | '\u{2300}'..='\u{23ff}' | '\u{2460}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{1f000}'..='\u{1faff}' | '\u{e0000}'..='\u{e007f}')
        || c.is_control()
}

/// `[our site](https://…)`: the address is for the eye.
fn without_target(word: &str) -> String {
    match word.split_once("](") {
        None => word.to_owned(),
        Some((name, target)) => {
            format!("{name}{}", target.split_once(')').map_or("", |(_, after)| after))
        }
    }
}

/// `<br>` and its kin.
fn without_tags(word: &str) -> String {
    match word.split_once('<').and_then(|(before, rest)| Some((before, rest.split_once('>')?))) {
        Some((before, (name, after))) if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') => {
            format!("{before}{after}")
        }
        Some(_) | None => word.to_owned(),
    }
}

/// `word[1]`: the number of a note.
fn without_note(word: &str) -> String {
    let note = word.find('[').and_then(|from| {
        let length = word.get(from..)?.find(']')?;
        let inside = word.get(from + 1..from + length)?;
        let is_note = from > 0 && !inside.is_empty() && inside.bytes().all(|b| b.is_ascii_digit());
        is_note.then_some(from..=from + length)
    });
    let mut word = word.to_owned();
    if let Some(note) = note {
        word.replace_range(note, "");
    }
    word
}
