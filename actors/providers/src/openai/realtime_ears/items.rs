//! Puts a session's items in order: a machine with the time as argument.
//!
//! Every commit becomes an item at the vendor. Items are transcribed side by side, so a later one may be done
//! first; what was said before what is told by `previous_item_id`, and text is settled in that order only.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::listening::WireFact;

/// How long an item may hold up those behind it. By then the utterance has been told without it.
const PATIENCE: Duration = Duration::from_millis(2_000);

/// Abandoned items remembered, so that their late text is not taken for the caller's next words.
const MOST_ABANDONED: usize = 16;

#[derive(Debug)]
struct Item {
    id: String,
    text: String,
    is_done: bool,
    committed_at: Option<Instant>,
}

/// The items of a session that are not settled yet.
#[derive(Debug, Default)]
pub(super) struct Items {
    items: Vec<Item>,
    /// Commits without an answer.
    commits: VecDeque<Instant>,
    abandoned: VecDeque<String>,
}

impl Items {
    /// A commit goes out.
    pub(super) fn commit(&mut self, now: Instant) {
        self.expire(now);
        self.commits.push_back(now);
    }

    /// The vendor made an item of a commit.
    pub(super) fn committed(&mut self, id: &str, previous: Option<&str>, now: Instant) -> Vec<WireFact> {
        self.expire(now);
        if self.abandoned.iter().any(|known| known == id) {
            return Vec::new();
        }
        let known = self.items.iter().position(|item| item.id == id);
        let mut item = match known {
            Some(at) => self.items.remove(at),
            None => Item { id: id.to_owned(), text: String::new(), is_done: false, committed_at: None },
        };
        item.committed_at = Some(now);
        let before = previous.and_then(|previous| self.items.iter().position(|item| item.id == previous));
        let last = self.items.iter().rposition(|item| item.committed_at.is_some());
        let place = before.or(last).map_or(0, |index| index + 1);
        self.items.insert(place, item);
        self.settle()
    }

    /// More text of an item.
    pub(super) fn delta(&mut self, id: &str, delta: &str, now: Instant) -> Vec<WireFact> {
        self.expire(now);
        let Some(item) = self.item(id) else { return Vec::new() };
        item.text.push_str(delta);
        vec![self.interim()]
    }

    /// The whole text of an item.
    pub(super) fn completed(&mut self, id: &str, text: &str, now: Instant) -> Vec<WireFact> {
        self.expire(now);
        let Some(item) = self.item(id) else { return Vec::new() };
        text.clone_into(&mut item.text);
        item.is_done = true;
        self.commits.pop_front();
        self.settle()
    }

    /// A commit had nothing in it and became no item.
    pub(super) fn commit_refused(&mut self, now: Instant) -> Vec<WireFact> {
        self.expire(now);
        self.commits.pop_front();
        self.settle()
    }

    /// Whether a commit still waits for its answer.
    pub(super) fn is_waiting(&self) -> bool {
        !self.commits.is_empty()
    }

    /// The item of that id, made when it is new; none when it was given up.
    fn item(&mut self, id: &str) -> Option<&mut Item> {
        if self.abandoned.iter().any(|known| known == id) {
            return None;
        }
        let index = self.items.iter().position(|item| item.id == id).unwrap_or_else(|| {
            self.items.push(Item {
                id: id.to_owned(),
                text: String::new(),
                is_done: false,
                committed_at: None,
            });
            self.items.len() - 1
        });
        self.items.get_mut(index)
    }

    fn settle(&mut self) -> Vec<WireFact> {
        let done = self.items.iter().take_while(|item| item.is_done).count();
        let mut facts: Vec<WireFact> =
            self.items.drain(..done).map(|item| WireFact::Settled(item.text)).collect();
        if !self.items.is_empty() {
            facts.push(self.interim());
        }
        if self.commits.is_empty() {
            facts.push(WireFact::Finalized);
        }
        facts
    }

    fn interim(&self) -> WireFact {
        let texts: Vec<&str> =
            self.items.iter().map(|item| item.text.trim()).filter(|text| !text.is_empty()).collect();
        WireFact::Interim(texts.join(" "))
    }

    fn expire(&mut self, now: Instant) {
        let is_over = |since: Instant| now.saturating_duration_since(since) > PATIENCE;
        self.commits.retain(|&since| !is_over(since));
        let (over, kept): (Vec<Item>, Vec<Item>) = std::mem::take(&mut self.items)
            .into_iter()
            .partition(|item| item.committed_at.is_some_and(is_over));
        self.items = kept;
        self.abandoned.extend(over.into_iter().map(|item| item.id));
        let surplus = self.abandoned.len().saturating_sub(MOST_ABANDONED);
        self.abandoned.drain(..surplus);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(text: &str) -> WireFact {
        WireFact::Settled(text.into())
    }

    fn interim(text: &str) -> WireFact {
        WireFact::Interim(text.into())
    }

    #[test]
    fn text_of_a_later_item_waits_for_the_earlier_one() {
        let (mut items, now) = (Items::default(), Instant::now());
        items.commit(now);
        items.committed("a", None, now);
        items.commit(now);
        items.committed("b", Some("a"), now);
        assert_eq!(items.completed("b", "two", now), [interim("two")]);
        let all = [settled("one"), settled("two"), WireFact::Finalized];
        assert_eq!(items.completed("a", "one", now), all);
    }

    #[test]
    fn an_item_is_placed_behind_its_previous_one_however_its_news_come() {
        let (mut items, now) = (Items::default(), Instant::now());
        items.commit(now);
        items.commit(now);
        items.delta("b", "sec", now);
        items.delta("a", "fir", now);
        items.committed("a", None, now);
        assert_eq!(items.committed("b", Some("a"), now), [interim("fir sec")]);
    }

    #[test]
    fn an_item_that_never_comes_holds_nothing_up_and_its_late_text_is_dropped() {
        let (mut items, now) = (Items::default(), Instant::now());
        items.commit(now);
        items.committed("a", None, now);
        items.delta("a", "lost", now);
        let later = now + Duration::from_secs(3);
        items.commit(later);
        items.committed("b", Some("a"), later);
        assert_eq!(items.completed("b", "two", later), [settled("two"), WireFact::Finalized]);
        assert_eq!(items.completed("a", "lost words", later), []);
    }

    #[test]
    fn an_empty_commit_is_settled_at_once() {
        let (mut items, now) = (Items::default(), Instant::now());
        items.commit(now);
        assert!(items.is_waiting());
        assert_eq!(items.commit_refused(now), [WireFact::Finalized]);
    }
}
