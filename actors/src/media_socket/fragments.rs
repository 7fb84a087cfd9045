//! Joins a text message that came in fragments. No carrier is known to send any, but a proxy may.

use actix_http::ws::Item;
use moked_core::twilio::inbound::MAX_MESSAGE_BYTES;

/// The fragments of one message so far; empty between messages.
#[derive(Debug, Default)]
pub(super) struct Fragments(Option<Vec<u8>>);

impl Fragments {
    /// Takes a fragment; gives the message when it is complete. A binary, oversized or non-UTF-8 message
    /// is dropped whole.
    pub(super) fn join(&mut self, item: Item) -> Option<String> {
        match item {
            Item::FirstText(first) => {
                self.0 = Some(first.to_vec());
                None
            }
            Item::FirstBinary(_) => {
                self.0 = None;
                None
            }
            Item::Continue(next) => {
                self.append(&next);
                None
            }
            Item::Last(last) => {
                self.append(&last);
                String::from_utf8(self.0.take()?).ok()
            }
        }
    }

    fn append(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            Some(whole) if whole.len() + bytes.len() <= MAX_MESSAGE_BYTES => whole.extend_from_slice(bytes),
            Some(_) | None => self.0 = None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_join_and_oversized_ones_are_dropped_whole() {
        let mut fragments = Fragments::default();
        assert_eq!(fragments.join(Item::FirstText("{\"event\":".into())), None);
        assert_eq!(fragments.join(Item::Continue("\"st".into())), None);
        assert_eq!(fragments.join(Item::Last("op\"}".into())), Some("{\"event\":\"stop\"}".into()));

        fragments.join(Item::FirstText("x".into()));
        fragments.join(Item::Continue(vec![b'x'; MAX_MESSAGE_BYTES].into()));
        assert_eq!(fragments.join(Item::Last("x".into())), None);
    }
}
