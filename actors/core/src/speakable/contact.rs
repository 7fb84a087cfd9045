//! Web and e-mail addresses, as people dictate them.

use super::sentence::{Reading, Sentence};
use crate::language::Language;
use crate::spoken;

/// Reads an address.
pub(super) fn read(sentence: &Sentence, at: usize) -> Option<Reading> {
    let word = sentence.word(at)?;
    let core = word.core.strip_prefix("mailto:").unwrap_or(&word.core);
    let address = without_frame(core);
    let has_frame = address.len() < core.trim_end_matches('/').len();
    let is_ascii = address.bytes().all(|b| b.is_ascii_graphic());
    if !is_ascii || !(is_mail(address) || is_site(address, has_frame)) {
        return None;
    }
    Some(Reading { words: 1, said: say(address, word.language), eats_dot: false })
}

/// Without scheme, `www.`, query, fragment and the last slash: none of them is dictated.
fn without_frame(core: &str) -> &str {
    let core = core.split_once("://").map_or(core, |(_, rest)| rest);
    let core = core.strip_prefix("www.").unwrap_or(core);
    let end = core.find(['?', '#']).unwrap_or(core.len());
    core.get(..end).unwrap_or_default().trim_end_matches('/')
}

fn is_mail(address: &str) -> bool {
    address.split_once('@').is_some_and(|(user, host)| !user.is_empty() && is_host(host))
}

fn is_site(address: &str, has_frame: bool) -> bool {
    let host = address.split(['/', ':']).next().unwrap_or_default();
    is_host(host) && (has_frame || is_known_ending(host))
}

/// Labels with dots between, the last of them of letters.
fn is_host(host: &str) -> bool {
    let is_label =
        |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let last = host.rsplit('.').next().unwrap_or_default();
    host.contains('.')
        && host.split('.').all(is_label)
        && last.len() > 1
        && last.bytes().all(|b| b.is_ascii_alphabetic())
}

/// Without `https://` only these are taken for an address: `end.Next` is a slip of the mind.
fn is_known_ending(host: &str) -> bool {
    const ENDINGS: [&str; 22] = [
        "com", "org", "net", "il", "io", "ai", "app", "dev", "info", "biz", "edu", "gov", "me", "uk", "us",
        "eu", "de", "fr", "tv", "shop", "online", "example",
    ];
    ENDINGS.contains(&host.rsplit('.').next().unwrap_or_default().to_ascii_lowercase().as_str())
}

/// Names stay as they are, in English; signs and digits are said in the language around.
fn say(address: &str, language: Language) -> Vec<(String, Language)> {
    let mut said: Vec<(String, Language)> = Vec::new();
    let mut rest = address;
    while let Some(first) = rest.chars().next() {
        let same = |c: char| match first {
            '0'..='9' => c.is_ascii_digit(),
            _ => c.is_ascii_alphabetic() && first.is_ascii_alphabetic(),
        };
        let end = rest.find(|c| !same(c)).unwrap_or(rest.len()).max(1);
        let (part, after) = rest.split_at(end);
        let is_country = after.is_empty() && part.len() == 2 && address.ends_with(&format!(".{part}"));
        said.push(match first {
            '0'..='9' => (spoken::digits(part, language), language),
            _ if is_country => (spelled(part), Language::English),
            _ if first.is_ascii_alphabetic() => (part.to_owned(), Language::English),
            sign => (name(sign, language).to_owned(), language),
        });
        rest = after;
    }
    said
}

/// `il` is said `I L`.
fn spelled(letters: &str) -> String {
    letters.to_ascii_uppercase().chars().map(String::from).collect::<Vec<_>>().join(" ")
}

fn name(sign: char, language: Language) -> &'static str {
    match (sign, language) {
        ('.', Language::English) => "dot",
        ('.', Language::Hebrew) => "נקודה",
        ('@', Language::English) => "at",
        ('@', Language::Hebrew) => "שטרודל",
        ('/', Language::English) => "slash",
        ('/', Language::Hebrew) => "לוכסן",
        ('-', Language::English) => "dash",
        ('-', Language::Hebrew) => "מקף",
        ('_', Language::English) => "underscore",
        ('_', Language::Hebrew) => "קו תחתון",
        ('+', Language::English) => "plus",
        ('+', Language::Hebrew) => "פלוס",
        (':', Language::English) => "colon",
        (':', Language::Hebrew) => "נקודתיים",
        (_, Language::English | Language::Hebrew) => "",
    }
}
