//! What the model has spoken, item by item, so that it can forget what nobody heard.

use std::collections::VecDeque;

use moked_core::audio::BYTES_PER_MS;
use moked_core::ids::TurnId;

use super::command::Command;

/// Items remembered. Only the newest turn is ever cut, and a turn has few.
const MOST: usize = 32;

#[derive(Debug)]
struct Item {
    turn: TurnId,
    id: String,
    bytes: usize,
}

/// The newest spoken items, oldest first.
#[derive(Debug, Default)]
pub(super) struct Spoken(VecDeque<Item>);

impl Spoken {
    /// Audio of an item came.
    pub(super) fn add(&mut self, turn: TurnId, id: String, bytes: usize) {
        match self.0.back_mut() {
            Some(newest) if newest.id == id => newest.bytes += bytes,
            Some(_) | None => {
                if self.0.len() == MOST {
                    self.0.pop_front();
                }
                self.0.push_back(Item { turn, id, bytes });
            }
        }
    }

    /// Of this turn's audio the caller heard so much. Gives what to forget.
    pub(super) fn cut(&mut self, turn: TurnId, heard_ms: u64) -> Vec<Command> {
        let mut left = heard_ms as usize * BYTES_PER_MS;
        let mut commands = Vec::new();
        for item in self.0.iter_mut().filter(|item| item.turn == turn) {
            let heard = item.bytes.min(left);
            left -= heard;
            if heard == item.bytes {
                continue;
            }
            let item_id = item.id.clone();
            let audio_end_ms = (heard / BYTES_PER_MS) as u64;
            commands.push(match heard {
                0 => Command::Forget { item_id },
                _ => Command::Truncate { item_id, audio_end_ms },
            });
            item.bytes = heard;
        }
        commands
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_cut_where_it_was_heard_and_those_after_it_are_forgotten() {
        let mut spoken = Spoken::default();
        let turn = TurnId(3);
        spoken.add(TurnId(2), "old".into(), 8_000);
        for (id, ms) in [("a", 400), ("a", 600), ("b", 500), ("c", 500)] {
            spoken.add(turn, id.into(), ms * BYTES_PER_MS);
        }
        let cut = spoken.cut(turn, 1_300);
        let truncated = Command::Truncate { item_id: "b".into(), audio_end_ms: 300 };
        assert_eq!(cut, [truncated, Command::Forget { item_id: "c".into() }]);
        assert_eq!(spoken.cut(turn, 1_300), [], "it is known already");
        assert_eq!(spoken.cut(turn, 5_000), [], "what was forgotten does not come back");
    }
}
