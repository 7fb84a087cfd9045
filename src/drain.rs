//! Whether this process is on its way out, and what its agents say to those who are still there at the end.
//!
//! A process that drains takes no new callers and cuts none of its own: webhooks are answered, streams that
//! break are resumed, and calls end when their callers end them, until the time for it is up.

use std::sync::atomic::{AtomicBool, Ordering};

use moked_core::language::Language;

use crate::settings::Elsewhere;

/// Whether the process drains. Once begun it never ends otherwise.
#[derive(Debug, Default)]
pub(crate) struct Drain(AtomicBool);

impl Drain {
    /// From now on.
    pub(crate) fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it does.
    pub(crate) fn is_on(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What the agent says to a caller who goes elsewhere in mid-call.
pub(crate) fn last_words(language: Language, place: &Elsewhere) -> &'static str {
    match (language, place) {
        (Language::English, Elsewhere::Goodbye) => {
            "I am sorry, we have to end our call here. Please call again in a minute. Goodbye."
        }
        (Language::English, Elsewhere::Message) => "I am sorry, we have to stop here.",
        (Language::English, Elsewhere::Number(_) | Elsewhere::Document(_)) => {
            "One moment, please. I am connecting you."
        }
        (Language::Hebrew, Elsewhere::Goodbye) => {
            "סליחה, עלינו לסיים כאן את השיחה. אנא התקשרו שוב בעוד דקה. להתראות."
        }
        (Language::Hebrew, Elsewhere::Message) => "סליחה, עלינו לעצור כאן.",
        (Language::Hebrew, Elsewhere::Number(_) | Elsewhere::Document(_)) => "רגע אחד, בבקשה. השיחה מועברת.",
    }
}
