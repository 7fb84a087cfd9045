//! What the actors of a call tell each other. One file a family; none names an actor.
//!
//! A message is named for the fact it states or the order it gives. Whatever concerns speech carries its
//! turn or its utterance, so that a late message is recognised as late.

mod audio;
mod ducking;
mod lifecycle;
mod line;
mod one_hop;
mod operator;
mod recovery;
mod speech;

pub use audio::{AgentSpeech, CallerAudio};
pub use ducking::{Duck, FallSilent, FullLevel};
pub use lifecycle::{CallEnd, ChildFailed, EndCall, Inspect, LineCame, LineEnded, LineStuck, SayGoodbye};
pub use line::{CloseReason, LineOrder};
pub use one_hop::{
    AnswerSpoken, AnswerTurn, CallerSpeech, CallerSpoke, CallerWords, ListenYourself, OneHopFailed,
    StopAnswer, Thought,
};
pub use operator::{Announce, Operate, OperatorOrder, OrderRefused};
pub use recovery::{Hush, LineDown, LineUp, Rewind, SayRest};
pub use speech::{
    CancelTurn, EarFailed, EarLost, Expect, Fill, FinishTurn, GoesOn, KeyPressed, LikelyOver, MarkReached,
    NotUnderstood, PartialWords, Say, SpeechStarted, Spoken, StageRestarted, UtteranceEnded, Words,
};
