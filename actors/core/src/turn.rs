//! Whose turn is it? LISTENING → THINKING → SPEAKING → LISTENING, with barge-in.
//!
//! The machine holds the rules of turn-taking and nothing else: it knows no audio, only that speech
//! began, words came, an answer streams in, a turn was played to its end. Transitions are one `match`
//! over state and input without a catch-all arm, so that a new input must be thought through in each
//! state. Timers belong to states: leaving a state disarms them.

mod announcing;
mod answering;
mod farewell;
mod filling;
mod hearing;
mod input;
mod keying;
mod keys;
mod leaving;
mod recovery;
mod repeating;
mod speculating;
mod state;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

pub use farewell::LastWords;
pub use filling::FillingSettings;
pub use input::{TurnAction, TurnInput};
pub use keys::{KeyInterrupt, KeyRole, KeySettings};
pub use state::{TurnState, TurnTimer, TurnView};

use crate::hints::RecognitionHints;
use crate::ids::TurnId;
use crate::ports::{AfterTurn, CallerSaid};
use crate::sentence::SentenceSplitter;
use crate::timers::TimerTable;
use farewell::Farewell;
use filling::Filling;
use keys::Keys;
use leaving::Leaving;
use repeating::Repeating;
use speculating::{Held, Speculation};

/// Settings of turn-taking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TurnSettings {
    /// Silence after which the agent asks whether the caller is still there.
    pub silence: Duration,
    /// How long a transcript may take after the utterance ended.
    pub transcript_limit: Duration,
    /// How long the mind may think before its first words, and between two pieces of its answer.
    pub thinking_limit: Duration,
    /// How keys make up an answer.
    pub keys: KeySettings,
    /// Whether the mind may begin its answer before it is certain that the caller has finished.
    pub speculate: bool,
    /// What is said while the mind thinks.
    pub filling: FillingSettings,
    /// How often a silent caller is asked whether he is there before the agent takes leave.
    pub silences: u32,
}

impl Default for TurnSettings {
    fn default() -> Self {
        Self {
            silence: Duration::from_secs(8),
            transcript_limit: Duration::from_secs(4),
            thinking_limit: Duration::from_secs(10),
            keys: KeySettings::default(),
            speculate: true,
            filling: FillingSettings::default(),
            silences: 2,
        }
    }
}

/// Longest that a turn may stay unplayed after its last word was handed to the voice: a base, plus this per
/// character, twice the pace of slow speech, or the audio itself where its engine speaks. Past it the final
/// mark is taken as lost.
const PLAYBACK_BASE: Duration = Duration::from_secs(5);
const PLAYBACK_PER_CHAR: Duration = Duration::from_millis(130);

/// A caller who begins within 700 ms of an answer has not taken it in: he was not done, and what he says now belongs
/// to what he said before. The agent gives way up to 300 ms later (see [`crate::barge_in`]).
const SPOKE_ON: Duration = Duration::from_millis(1_000);

/// The turn-taking of one call.
#[derive(Debug, Clone)]
pub struct Turns {
    settings: TurnSettings,
    state: TurnState,
    turn: TurnId,
    /// The newest number that was given to a turn: one that was discarded is not given again.
    newest: TurnId,
    timers: TimerTable<TurnTimer>,
    actions: VecDeque<TurnAction>,
    sentences: SentenceSplitter,
    /// The longest that this turn's words may take to be spoken.
    longest: Duration,
    then: AfterTurn,
    /// The answer is complete; only its playback is awaited.
    is_answered: bool,
    /// The turn before this one was cut by the caller.
    was_interrupted: bool,
    /// Words of the caller of whose answer he has heard nothing yet.
    unanswered: String,
    /// What the turn under way answers, and how often the mind was asked.
    asked: (CallerSaid, u32),
    /// How often the voice failed over the turn under way.
    voice_restarts: u32,
    is_line_down: bool,
    /// When the answer under way began to be spoken.
    speaking_since: Option<Instant>,
    /// When the agent gave way to the speech of which is told next.
    gave_way: Option<Instant>,
    keys: Keys,
    expected: RecognitionHints,
    /// The newest sentence of the agent: where the hints do not know what is asked for, it may tell.
    last_sentence: String,
    /// An answer begun on a guess, and how often it was tried for what the caller is saying.
    speculation: Option<Speculation>,
    tries: u32,
    /// What an operator wants said and was not said yet.
    announcements: VecDeque<String>,
    /// The last words of a call that must end, while they wait for the turn under way.
    farewell: Option<Farewell>,
    /// Those that were begun.
    last_words: Option<LastWords>,
    filling: Filling,
    repeating: Repeating,
    leaving: Leaving,
}

impl Turns {
    /// A call that has not started.
    pub fn new(settings: TurnSettings) -> Self {
        Self {
            settings,
            state: TurnState::Listening,
            turn: TurnId::default(),
            newest: TurnId::default(),
            timers: TimerTable::default(),
            actions: VecDeque::new(),
            sentences: SentenceSplitter::default(),
            longest: Duration::ZERO,
            then: AfterTurn::Listen,
            is_answered: false,
            was_interrupted: false,
            unanswered: String::new(),
            asked: (CallerSaid::Nothing, 0),
            voice_restarts: 0,
            is_line_down: false,
            speaking_since: None,
            gave_way: None,
            keys: Keys::default(),
            expected: RecognitionHints::default(),
            last_sentence: String::new(),
            speculation: None,
            tries: 0,
            announcements: VecDeque::new(),
            farewell: None,
            last_words: None,
            filling: Filling::default(),
            repeating: Repeating::default(),
            leaving: Leaving::default(),
        }
    }

    /// Takes a fact.
    pub fn handle(&mut self, input: TurnInput, now: Instant) {
        match input {
            TurnInput::CallStarted => self.think(CallerSaid::Nothing, now),
            TurnInput::SpeechStarted => {
                self.speech_started(now);
                self.gave_way = None;
            }
            TurnInput::UtteranceEnded => self.utterance_ended(now),
            TurnInput::Words(text) => self.words(&text, now),
            TurnInput::EarlierWords(text) => self.earlier_words(&text, now),
            TurnInput::Spoken => self.spoken(now),
            TurnInput::EarFailed => self.ear_failed(now),
            TurnInput::Unclear => self.unclear(now),
            TurnInput::Key(key) => self.key(key, now),
            TurnInput::LikelyOver(text) => self.likely_over(&text, now),
            TurnInput::GoesOn => self.discard(),
            TurnInput::NoSpeculation => self.no_speculation(),
            TurnInput::Expect { turn, hints } => self.piece(turn, Held::Expect(hints), now),
            TurnInput::Answer { turn, delta } => self.piece(turn, Held::Text(delta), now),
            TurnInput::AnswerSpoken { turn, ms } => self.answer_spoken(turn, ms, now),
            TurnInput::AnswerDone { turn, then } => self.piece(turn, Held::Done(then), now),
            TurnInput::AnswerFailed { turn, .. } if self.is_speculative(turn) => self.discard(),
            TurnInput::AnswerFailed { turn, apology } => {
                self.answer(turn, &apology, now);
                self.answer_done(turn, AfterTurn::Listen, now);
            }
            TurnInput::Played { turn } => self.played(turn, now),
            TurnInput::VoiceRestarted { turn } => self.voice_restarted(turn, now),
            TurnInput::MindRestarted => self.mind_restarted(now),
            TurnInput::HeardAgain => self.heard_again(now),
            TurnInput::LineDown => self.line_down(),
            TurnInput::LineUp => self.line_up(now),
            TurnInput::VoiceFailed { turn } => self.voice_failed(turn, now),
            TurnInput::Announce(text) => self.announce(text, now),
            TurnInput::SayGoodbye { text, why } => self.say_goodbye(text, why, now),
        }
    }

    /// The agent gave way then to the speech of which is told next: that it is an interruption may be known seconds later.
    pub fn gave_way(&mut self, at: Instant) {
        self.gave_way = Some(at);
    }

    /// The next order.
    pub fn next_action(&mut self) -> Option<TurnAction> {
        self.actions.pop_front()
    }

    /// When to wake, and why.
    pub fn poll_timeout(&self) -> Option<(Instant, TurnTimer)> {
        let timer = self.timers.next().filter(|_| self.may_wake());
        let farewell = self.farewell_due().map(|due| (due, TurnTimer::Farewell));
        timer.into_iter().chain(farewell).min_by_key(|(due, _)| *due)
    }

    /// Wakes up.
    pub fn handle_timeout(&mut self, now: Instant) {
        while self.may_wake()
            && let Some(timer) = self.timers.expire(now)
        {
            match timer {
                TurnTimer::Silence => self.silence(now),
                TurnTimer::Filler => self.fill(now),
                TurnTimer::Transcript => self.unclear(now),
                TurnTimer::KeyGap => self.keys_complete(now),
                TurnTimer::Thinking => self.thinking_overdue(now),
                TurnTimer::Playback => self.voice_failed(self.turn, now),
                // No state's timer: it waits in `farewell`, which no change of state disarms.
                TurnTimer::Farewell => {}
            }
        }
        if self.farewell_due().is_some_and(|due| due <= now) {
            self.say_farewell(now);
        }
    }

    /// State for the admin page.
    pub fn observe(&self, now: Instant) -> TurnView {
        TurnView::new(self.state, self.turn, self.poll_timeout(), now, &self.expected)
    }

    /// The newest turn.
    pub fn turn(&self) -> TurnId {
        self.turn
    }

    /// The state.
    pub fn state(&self) -> TurnState {
        self.state
    }

    /// Whether the agent speaks and the caller may stop it.
    pub fn may_be_interrupted(&self) -> bool {
        self.state == TurnState::Speaking && !self.is_closing()
    }

    fn interrupt(&mut self, now: Instant) {
        let turn = self.turn;
        if !self.is_answered {
            self.actions.push_back(TurnAction::StopThinking { turn });
        }
        self.actions.push_back(TurnAction::CancelTurn { turn });
        self.actions.push_back(TurnAction::TurnOver { turn, interrupted: true });
        self.was_interrupted = true;
        let gave_way = self.gave_way.unwrap_or(now);
        if self.speaking_since.is_none_or(|since| gave_way.saturating_duration_since(since) >= SPOKE_ON) {
            self.unanswered.clear();
        }
        self.listen();
    }

    fn next_number(&mut self) -> TurnId {
        self.newest = self.newest.next();
        self.newest
    }

    /// A turn of the agent begins, with nothing said yet.
    fn begin_turn(&mut self, turn: TurnId) {
        self.discard();
        self.turn = turn;
        self.tries = 0;
        self.longest = Duration::ZERO;
        self.speaking_since = None;
        self.is_answered = false;
        self.leaving.is_under_way = false;
        self.begin_answer();
        self.end_wait();
        self.voice_restarts = 0;
        self.then = AfterTurn::Listen;
        self.sentences = SentenceSplitter::default();
        self.enter(TurnState::Thinking);
    }

    fn think(&mut self, said: CallerSaid, now: Instant) {
        self.keys.clear();
        if !self.commit(&said, now) {
            let turn = self.next_number();
            self.begin_turn(turn);
            self.asked_now(&said, now);
            self.actions.push_back(TurnAction::Think { turn, said });
        }
    }

    /// The mind is asked for an answer to this, for the first time.
    fn asked_now(&mut self, said: &CallerSaid, now: Instant) {
        if let CallerSaid::Words(words) = said {
            self.unanswered.clone_from(words);
        }
        self.timers.set(TurnTimer::Thinking, now + self.settings.thinking_limit);
        self.asked = (said.clone(), 1);
        self.hear_of(said);
        self.answers(said);
        self.begin_wait(said, now);
    }

    fn listen(&mut self) {
        self.enter(TurnState::Listening);
    }

    fn enter(&mut self, to: TurnState) {
        let from = self.state;
        self.timers.clear();
        if from != to {
            self.state = to;
            self.actions.push_back(TurnAction::StateChanged { from, to });
        }
    }

    fn is_closing(&self) -> bool {
        self.is_answered && self.then == AfterTurn::HangUp && !self.leaving.is_under_way
    }
}

#[cfg(test)]
#[path = "turn_test.rs"]
mod tests;
