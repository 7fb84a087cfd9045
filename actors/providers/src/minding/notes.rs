//! Short bracketed notes: what happened on the line that is not words, told to the model in the call's
//! language and always on the caller's side, so that a model that copies its own style never speaks one.

use moked_core::language::Language;
use moked_core::ports::CallerSaid;

/// What the caller did, as a message. `None` for the words of nobody.
pub(crate) fn of(said: &CallerSaid, language: Language) -> String {
    match (said, language) {
        (CallerSaid::Words(words), _) => words.clone(),
        (CallerSaid::Digits(keys), Language::English) => format!("[the caller pressed the keys: {keys}]"),
        (CallerSaid::Digits(keys), Language::Hebrew) => format!("[המתקשר הקיש: {keys}]"),
        (CallerSaid::Nothing, Language::English) => "[the call begins; greet the caller]".to_owned(),
        (CallerSaid::Nothing, Language::Hebrew) => "[השיחה מתחילה; יש לברך את המתקשר]".to_owned(),
        (CallerSaid::Spoken | CallerSaid::Unclear, Language::English) => {
            "[the caller spoke, but it could not be understood]".to_owned()
        }
        (CallerSaid::Spoken | CallerSaid::Unclear, Language::Hebrew) => {
            "[המתקשר דיבר, אך לא היה אפשר להבין]".to_owned()
        }
        (CallerSaid::Resumed, Language::English) => {
            "[the line broke for some seconds and is back; the caller may have missed your last words]"
                .to_owned()
        }
        (CallerSaid::Resumed, Language::Hebrew) => {
            "[הקו נותק לכמה שניות וחזר; ייתכן שהמתקשר לא שמע את דבריך האחרונים]".to_owned()
        }
        (CallerSaid::Silence, Language::English) => "[the caller is silent]".to_owned(),
        (CallerSaid::Silence, Language::Hebrew) => "[המתקשר שותק]".to_owned(),
    }
}

/// Whether the dialog keeps it in the history itself, so that it must not be noted twice.
pub(crate) fn is_remark(said: &CallerSaid) -> bool {
    match said {
        CallerSaid::Words(_) | CallerSaid::Digits(_) => true,
        CallerSaid::Nothing
        | CallerSaid::Spoken
        | CallerSaid::Unclear
        | CallerSaid::Silence
        | CallerSaid::Resumed => false,
    }
}

/// A remark of the caller from the history, where keys have the form `[keys 123]`.
pub(crate) fn of_remark(text: &str, language: Language) -> String {
    match text.strip_prefix("[keys ").and_then(|rest| rest.strip_suffix(']')) {
        Some(keys) => of(&CallerSaid::Digits(keys.to_owned()), language),
        None => text.to_owned(),
    }
}

/// Before a conversation whose beginning this session did not see.
pub(crate) fn begun(language: Language) -> &'static str {
    match language {
        Language::English => "[the call has begun]",
        Language::Hebrew => "[השיחה התחילה]",
    }
}

/// Where the ear failed for good.
pub(super) fn ear_is_lost(language: Language) -> &'static str {
    match language {
        Language::English => {
            "[from here on the caller cannot be heard: only the keys of the phone still work. Say so, ask only for \
             what keys can tell, and say each time which keys to press; leave out names and free words]"
        }
        Language::Hebrew => {
            "[מכאן והלאה אי אפשר לשמוע את המתקשר: רק מקשי הטלפון עובדים. יש לומר זאת, לשאול רק על מה שאפשר להקיש, ולומר \
             בכל פעם על אילו מקשים ללחוץ; על שמות ומילים חופשיות אין לשאול]"
        }
    }
}

/// After words of the agent that were cut short.
pub(crate) fn interrupted(language: Language) -> &'static str {
    match language {
        Language::English => "[the caller interrupted you there and heard no more than that]",
        Language::Hebrew => "[כאן המתקשר קטע אותך ולא שמע יותר מזה]",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_alike_now_and_later() {
        for language in [Language::English, Language::Hebrew] {
            let now = of(&CallerSaid::Digits("054#".into()), language);
            assert_eq!(of_remark("[keys 054#]", language), now);
        }
        assert_eq!(of_remark("keys please", Language::English), "keys please");
    }
}
