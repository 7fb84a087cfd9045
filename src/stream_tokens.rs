//! One-time tokens: the gate between a signed webhook and the media stream it asked for.
//!
//! The webhook's answer carries a token as a `<Parameter>`; the stream's `start` message brings it back. A
//! token opens one stream of one call, once, within its life (at most 60 s).
//!
//! A repeated webhook must be answered with the same token, yet a table of live tokens is worth stealing. So
//! a token is the HMAC-SHA256 of a serial number and the call's id under a key of this process: it can be
//! computed again, and the table holds nothing that opens a stream.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use moked_actors::host::{CallBrief, Refusal, StreamAdmission};
use moked_core::ids::CallSid;
use moked_core::twilio::StreamStart;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::remembered_calls::RememberedCalls;

/// Name of the `<Parameter>` that carries the token.
pub const TOKEN_PARAMETER: &str = "token";

/// Calls of which everything is known. Beyond it the oldest that does not live is only remembered.
const MAX_CALLS: usize = 10_000;

/// How long everything is known of a call that does not live, twice: until its stream must have come, and until Twilio
/// has asked what follows it.
const KEPT: Duration = Duration::from_secs(120);

/// Streams that one call may have. A line that loses so many carries no conversation.
const MOST_STREAMS: u32 = 30;

/// Block length of SHA-256, bytes: the longest key that HMAC takes as it is.
const KEY_BYTES: usize = 64;

/// What came of asking for a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Issued {
    /// The token; the same one as long as it is valid and unused.
    Token(String),
    /// The call had its token, and it was used or has expired. A replayed webhook gets here, and must not
    /// get a new one.
    Spent,
}

/// How far the stream of a call got, as far as the gate knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// No token was issued for this call.
    Unknown,
    /// A token was issued and no stream has come with it.
    NeverCame,
    /// The stream was let in.
    LetIn,
    /// A token was issued, and the call does not live.
    Past,
}

/// The tokens of this process.
pub struct StreamTokens {
    key: Hmac<Sha256>,
    life: Duration,
    calls: Mutex<Calls>,
}

#[derive(Default)]
struct Calls {
    entries: HashMap<CallSid, Entry>,
    /// When each was looked at last, oldest first.
    looked_at: VecDeque<(Instant, CallSid)>,
    past: RememberedCalls,
    next_serial: u64,
}

#[derive(Debug)]
struct Entry {
    serial: u64,
    expires: Instant,
    used: bool,
    brief: CallBrief,
    /// Streams the call was given.
    streams: u32,
    /// How often the call had to begin anew.
    begun_anew: u32,
    /// It did not live when it was looked at last.
    is_leaving: bool,
}

impl Calls {
    /// Looks at the calls that were not looked at for long, and lets those go that did not live twice in a row.
    fn let_go(&mut self, lives: impl Fn(&CallSid) -> bool, now: Instant) {
        while let Some((_, call)) = self.looked_at.pop_front_if(|(at, _)| *at + KEPT <= now) {
            let Some(entry) = self.entries.get_mut(&call) else { continue };
            let lives = lives(&call);
            if !lives && entry.is_leaving {
                self.forget(&call);
            } else {
                entry.is_leaving = !lives;
                self.looked_at.push_back((now, call));
            }
        }
    }

    /// Lets the oldest go that does not live.
    fn forget_one(&mut self, lives: impl Fn(&CallSid) -> bool) {
        for _ in 0..self.looked_at.len() {
            let Some((at, call)) = self.looked_at.pop_front() else { return };
            if !lives(&call) {
                return self.forget(&call);
            }
            self.looked_at.push_back((at, call));
        }
    }

    fn forget(&mut self, call: &CallSid) {
        self.entries.remove(call);
        self.past.insert(call);
    }
}

impl StreamTokens {
    /// A gate whose tokens live for `life`.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn new(life: Duration) -> Result<Self, getrandom::Error> {
        let mut key = [0; KEY_BYTES];
        getrandom::fill(&mut key)?;
        Ok(Self { key: Hmac::new(&key.into()), life, calls: Mutex::default() })
    }

    /// The token for a call's stream, with what the edge knows of the call. `lives` tells of other calls whether they do.
    pub fn issue(&self, call: &CallSid, brief: CallBrief, lives: impl Fn(&CallSid) -> bool) -> Issued {
        self.issue_at(call, brief, lives, Instant::now())
    }

    /// A fresh token for a call that lives and has lost its stream, with what was known of the call. The one
    /// before it opens nothing any more. `None` when the call is not known or had its share of streams.
    pub fn renew(&self, call: &CallSid) -> Option<(String, CallBrief)> {
        self.renew_at(call, Instant::now())
    }

    /// As [`Self::renew`], for a call of which nothing was left when its stream broke: it begins anew, thrice at most,
    /// as often as a stage. A stream that never came is asked for once more: there may be no way to us, and he waits.
    pub fn begin_anew(&self, call: &CallSid) -> Option<(String, CallBrief)> {
        let may = match self.calls().entries.get_mut(call) {
            Some(entry) => {
                entry.begun_anew += 1;
                entry.begun_anew <= if entry.used { 3 } else { 1 }
            }
            None => false,
        };
        if may { self.renew(call) } else { None }
    }

    fn renew_at(&self, call: &CallSid, now: Instant) -> Option<(String, CallBrief)> {
        let mut calls = self.calls();
        let serial = calls.next_serial;
        let entry = calls.entries.get_mut(call).filter(|entry| entry.streams < MOST_STREAMS)?;
        *entry = Entry {
            serial,
            expires: now + self.life,
            used: false,
            brief: entry.brief.clone(),
            streams: entry.streams + 1,
            begun_anew: entry.begun_anew,
            is_leaving: false,
        };
        let brief = entry.brief.clone();
        calls.next_serial += 1;
        Some((self.token(serial, call), brief))
    }

    /// How far the stream of a call got.
    pub fn passage(&self, call: &CallSid) -> Passage {
        let calls = self.calls();
        match calls.entries.get(call) {
            None if calls.past.contains(call) => Passage::Past,
            None => Passage::Unknown,
            Some(entry) if entry.used => Passage::LetIn,
            Some(_) => Passage::NeverCame,
        }
    }

    fn issue_at(
        &self,
        call: &CallSid,
        brief: CallBrief,
        lives: impl Fn(&CallSid) -> bool,
        now: Instant,
    ) -> Issued {
        let mut calls = self.calls();
        if let Some(entry) = calls.entries.get(call) {
            let valid = !entry.used && now < entry.expires;
            return if valid { Issued::Token(self.token(entry.serial, call)) } else { Issued::Spent };
        }
        if calls.past.contains(call) {
            return Issued::Spent;
        }
        calls.let_go(&lives, now);
        if calls.entries.len() >= MAX_CALLS {
            calls.forget_one(&lives);
        }
        let serial = calls.next_serial;
        calls.next_serial += 1;
        calls.looked_at.push_back((now, call.clone()));
        let (expires, used, streams, begun_anew) = (now + self.life, false, 1, 0);
        let entry = Entry { serial, expires, used, brief, streams, begun_anew, is_leaving: false };
        calls.entries.insert(call.clone(), entry);
        Issued::Token(self.token(serial, call))
    }

    fn admit_at(&self, start: &StreamStart, now: Instant) -> Result<CallBrief, Refusal> {
        let refuse = |why: &str| Err(Refusal { why: why.to_owned() });
        let Some(offered) = start.parameters.get(TOKEN_PARAMETER) else {
            return refuse("the stream brought no token");
        };
        let mut calls = self.calls();
        let Some(entry) = calls.entries.get_mut(&start.call_sid) else {
            return refuse("no token was issued for this call");
        };
        let token = self.token(entry.serial, &start.call_sid);
        if !bool::from(token.as_bytes().ct_eq(offered.as_bytes())) {
            return refuse("the token is not the one issued for this call");
        }
        if entry.used {
            return refuse("the token was used before");
        }
        if now >= entry.expires {
            return refuse("the token has expired");
        }
        entry.used = true;
        Ok(entry.brief.clone())
    }

    fn token(&self, serial: u64, call: &CallSid) -> String {
        let mut mac = self.key.clone();
        mac.update(&serial.to_be_bytes());
        mac.update(call.as_str().as_bytes());
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }

    fn calls(&self) -> MutexGuard<'_, Calls> {
        // No code panics while it holds the lock, and half-written state would refuse rather than admit.
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StreamAdmission for StreamTokens {
    fn admit(&self, start: &StreamStart) -> Result<CallBrief, Refusal> {
        self.admit_at(start, Instant::now())
    }
}

impl fmt::Debug for StreamTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamTokens").field("life", &self.life).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "stream_tokens_test.rs"]
mod tests;
