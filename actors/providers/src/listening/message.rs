//! What reading and writing a vendor's JSON has in common.

use moked_core::ports::ProviderFault;
use serde::de::DeserializeOwned;

use crate::transport::Incoming;

/// Reads a vendor's text message. The fault names the place of the error and nothing of the content, for it
/// is logged and a message may hold the caller's words.
///
/// # Errors
/// [`ProviderFault::Garbage`] when it is binary, no JSON, or JSON of another shape.
pub fn text_message<T: DeserializeOwned>(message: &Incoming) -> Result<T, ProviderFault> {
    match message {
        Incoming::Text(text) => serde_json::from_str(text).map_err(|error| ProviderFault::Garbage {
            why: format!(
                "a message of {} bytes has a {:?} error at column {}",
                text.len(),
                error.classify(),
                error.column()
            ),
        }),
        Incoming::Binary(bytes) => Err(ProviderFault::Garbage {
            why: format!("{} bytes came where only text is expected", bytes.len()),
        }),
    }
}

/// The first of `terms`, without blanks and repetitions, as many as a vendor takes: at most `most` of them
/// and `characters` in all. A vendor refuses the whole session for one term too many.
pub fn limited_terms<'a>(
    terms: impl IntoIterator<Item = &'a String>,
    most: usize,
    characters: usize,
) -> Vec<String> {
    let mut taken: Vec<String> = Vec::new();
    let mut left = characters;
    for term in terms {
        let term = term.trim();
        let length = term.chars().count();
        if length == 0 || length > left || taken.iter().any(|other| other == term) {
            continue;
        }
        if taken.len() == most {
            break;
        }
        left -= length;
        taken.push(term.to_owned());
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn garbage_is_told_without_its_content() {
        let message = Incoming::Text(r#"{"text":["054-1234567"]}"#.into());
        #[derive(Debug, serde::Deserialize)]
        #[expect(dead_code, reason = "only its shape matters")]
        struct Message {
            text: String,
        }
        let fault = text_message::<Message>(&message).unwrap_err().to_string();
        assert!(!fault.contains("054"), "{fault}");
        assert!(text_message::<Message>(&Incoming::Binary(bytes::Bytes::new())).is_err());
    }

    #[test]
    fn terms_are_cut_to_what_a_vendor_takes() {
        let terms = ["rent", " rent ", "", "a very long phrase", "buy", "sell"].map(str::to_owned);
        assert_eq!(limited_terms(&terms, 2, 100), ["rent", "a very long phrase"]);
        assert_eq!(limited_terms(&terms, 9, 11), ["rent", "buy", "sell"]);
    }
}
