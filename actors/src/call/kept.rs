//! A session of an engine that outlives the stage which opened it.
//!
//! A stage that fails over something else has no reason to lose an answer half given: its session is kept in the
//! book, and what it tells comes home as letters, which the next life reads on. While a stage is in the hands of
//! the session it is out of the book, so a session that panics is gone with the stage, and the next life
//! finds none. Each is numbered, so that the word of an older one is known as such.

use std::fmt;

use super::Contained;

/// The session, if one is open and well.
pub(crate) struct Kept<T: ?Sized> {
    number: u32,
    session: Contained<T>,
}

impl<T: ?Sized> Kept<T> {
    /// Drops the session and gives the number of the next.
    pub(crate) fn renew(&mut self) -> u32 {
        self.session = Contained::none();
        self.number += 1;
        self.number
    }

    /// The newest session's number; none had 0.
    pub(crate) fn number(&self) -> u32 {
        self.number
    }

    pub(crate) fn is_open(&self) -> bool {
        self.session.is_some()
    }

    /// Takes the session out of the book, for as long as it works.
    pub(crate) fn take(&mut self) -> Contained<T> {
        std::mem::take(&mut self.session)
    }

    /// Puts it back, or a new one in its place.
    pub(crate) fn put(&mut self, session: Contained<T>) {
        self.session = session;
    }
}

impl<T: ?Sized> fmt::Debug for Kept<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").field("number", &self.number).field("session", &self.session).finish()
    }
}

impl<T: ?Sized> Default for Kept<T> {
    fn default() -> Self {
        Self { number: 0, session: Contained::none() }
    }
}
