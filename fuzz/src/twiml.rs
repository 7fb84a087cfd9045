//! TwiML: a document that was read and is written reads as the same.

use moked_core::twilio::twiml::{Twiml, lint::lint, read};

/// The bytes are a document, as far as they are UTF-8.
pub fn check(bytes: &[u8]) {
    let document = String::from_utf8_lossy(bytes);
    match read(&document) {
        Ok(verbs) => {
            lint(&verbs);
            let written = Twiml::new(verbs.clone()).to_xml();
            assert_eq!(read(&written).as_ref(), Ok(&verbs), "{written}");
        }
        Err(error) => assert!((11_000..13_000).contains(&error.twilio_code()), "{error}"),
    }
}
