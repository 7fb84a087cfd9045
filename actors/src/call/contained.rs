//! Code of an engine where a panic must go no further.
//!
//! A panic that leaves a destructor while another unwinds aborts the process, and with it every other call; the
//! rule cannot be caught from outside. So what an engine hands out is dropped here under a `catch_unwind` of its
//! own: a panic that does not leave the destructor is an ordinary one, whatever unwinds around it.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::panic_message;

/// Runs something whose panic is logged and otherwise ignored.
pub(crate) fn contain(what: &str, work: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
        let why = panic_message(panic.as_ref());
        tracing::error!(event = "PANIC_CONTAINED", "{what} panicked: {why}; nothing else is touched");
    }
}

/// What an engine handed out, if it did. Its `Drop` may panic without harm.
pub(crate) struct Contained<T: ?Sized>(Option<Box<T>>);

impl<T: ?Sized> Contained<T> {
    pub(crate) fn of(session: Box<T>) -> Self {
        Self(Some(session))
    }

    pub(crate) fn none() -> Self {
        Self(None)
    }

    pub(crate) fn get(&self) -> Option<&T> {
        self.0.as_deref()
    }

    pub(crate) fn get_mut(&mut self) -> Option<&mut T> {
        self.0.as_deref_mut()
    }

    pub(crate) fn is_some(&self) -> bool {
        self.0.is_some()
    }
}

impl<T: ?Sized> Default for Contained<T> {
    fn default() -> Self {
        Self::none()
    }
}

impl<T: ?Sized> fmt::Debug for Contained<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_some() { "Contained(open)" } else { "Contained(none)" })
    }
}

impl<T: ?Sized> Drop for Contained<T> {
    fn drop(&mut self) {
        if let Some(session) = self.0.take() {
            contain("what an engine handed out", || drop(session));
        }
    }
}
