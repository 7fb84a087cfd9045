//! Facts that turn-taking takes and orders that it gives.

use std::time::Duration;

use super::TurnState;
use crate::hints::RecognitionHints;
use crate::ids::TurnId;
use crate::ports::{AfterTurn, CallerSaid};

/// A fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TurnInput {
    /// The stream is up.
    CallStarted,
    /// The caller began to speak.
    SpeechStarted,
    /// The caller finished; words are due.
    UtteranceEnded,
    /// The words of the utterance; empty for a noise.
    Words(String),
    /// The words of an utterance, told after the caller had begun another.
    EarlierWords(String),
    /// The utterance was heard by the engine that answers it; its words come later or never.
    Spoken,
    /// There were words, but nobody could say which.
    Unclear,
    /// The ear broke off; utterances under way will not be told.
    EarFailed,
    /// The caller pressed a key: `0`-`9`, `*`, `#`, `A`-`D`.
    Key(char),
    /// The caller has probably finished: he is silent, and these words so far may be all of them.
    LikelyOver(String),
    /// He goes on after all.
    GoesOn,
    /// The mind does not begin an answer before it is certain.
    NoSpeculation,
    /// What the caller will probably say next.
    Expect {
        /// The turn it belongs to.
        turn: TurnId,
        /// Phrases and kinds.
        hints: RecognitionHints,
    },
    /// More of the answer.
    Answer {
        /// The turn answered.
        turn: TurnId,
        /// The next piece.
        delta: String,
    },
    /// More of an answer that its engine speaks itself.
    AnswerSpoken {
        /// The turn answered.
        turn: TurnId,
        /// Its audio that came, in ms.
        ms: u64,
    },
    /// The answer is complete.
    AnswerDone {
        /// The turn answered.
        turn: TurnId,
        /// What follows once it was heard.
        then: AfterTurn,
    },
    /// No answer will come.
    AnswerFailed {
        /// The turn.
        turn: TurnId,
        /// What to say instead.
        apology: String,
    },
    /// The turn was heard to its end.
    Played {
        /// The turn.
        turn: TurnId,
    },
    /// A stage between the mind and the line lost what it held of this turn.
    VoiceRestarted {
        /// The turn.
        turn: TurnId,
    },
    /// The mind lost what it was thinking.
    MindRestarted,
    /// The engine that heard the caller's speech is lost; another ear hears it again.
    HeardAgain,
    /// The line broke. It may come back.
    LineDown,
    /// The line is back.
    LineUp,
    /// The turn cannot be spoken.
    VoiceFailed {
        /// The turn.
        turn: TurnId,
    },
    /// An operator wants this said, as soon as nobody else speaks.
    Announce(String),
    /// The call must end: say this as soon as the turn under way is over, within seconds, and hang up.
    SayGoodbye(String),
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TurnAction {
    /// Answer this.
    Think {
        /// Number of the answer.
        turn: TurnId,
        /// What the caller did.
        said: CallerSaid,
    },
    /// Begin to answer this, on a guess. What comes of it is neither kept nor heard, and no tool is run for it,
    /// until it is committed; or it is discarded.
    Speculate {
        /// Number of the answer.
        turn: TurnId,
        /// What the caller has probably done.
        said: CallerSaid,
    },
    /// The guess was right: this is the turn, and its answer so far follows.
    Commit {
        /// Number of the answer.
        turn: TurnId,
        /// What the caller did.
        said: CallerSaid,
        /// By how much the answer is earlier for it.
        saved: Duration,
    },
    /// The guess was wrong: the turn never was.
    Discard {
        /// Number of the answer.
        turn: TurnId,
        /// Characters of it that had come.
        wasted_chars: usize,
    },
    /// The answer is wanted no more.
    StopThinking {
        /// The turn.
        turn: TurnId,
    },
    /// The mind took too long: answer `AnswerFailed` with an apology in the call's language.
    Apologise {
        /// The turn.
        turn: TurnId,
    },
    /// Tell the ear what to expect.
    Expect(RecognitionHints),
    /// Speak a sentence.
    Say {
        /// The turn.
        turn: TurnId,
        /// The sentence.
        text: String,
    },
    /// No more sentences of this turn.
    FinishTurn {
        /// The turn.
        turn: TurnId,
    },
    /// Speak what was not heard of this turn, if anything is left of it.
    SpeakAgain {
        /// The turn.
        turn: TurnId,
    },
    /// What is queued of this turn must not be heard.
    CancelTurn {
        /// The turn.
        turn: TurnId,
    },
    /// The turn is over: enter what was heard of it.
    TurnOver {
        /// The turn.
        turn: TurnId,
        /// Whether the caller cut it short.
        interrupted: bool,
    },
    /// For the log.
    StateChanged {
        /// The state left.
        from: TurnState,
        /// The state entered.
        to: TurnState,
    },
    /// End the call.
    HangUp,
}
