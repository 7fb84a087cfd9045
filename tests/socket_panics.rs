//! A panic in the media socket, in every state of the dialog: the caller hears the rest on his next stream.
//!
//! The socket panics in the line that it writes about nonsense.

#![expect(clippy::unwrap_used, reason = "a test that cannot speak to its server has failed")]
#![expect(clippy::print_stdout, reason = "the silence that each panic cost is read with --nocapture")]

mod support;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use moked::startup::Running;
use moked_actors::registry::Inspection;
use moked_core::audio::BYTES_PER_MS;
use moked_core::ids::TurnId;
use moked_core::ports::{ChatEvent, ChatModel, ChatRequest, ChatSession, ChatTurn, Sink};
use moked_providers::scripted::{ScriptedEars, ScriptedMind};
use support::*;
use tracing::level_filters::LevelFilter;

const GREETING: &str = "Hello, this is the office of the lawyers Cohen and Levi.";
const ANSWER: &str = "We are open until six today, and tomorrow from nine to two in the afternoon.";
/// Who writes about nonsense.
const SOCKET: &str = "moked_actors::media_socket::inbound";
const NONSENSE: &str = "no event at all";

/// How long the mind thinks.
const THOUGHT: Duration = Duration::from_millis(700);

/// Silence between two streams that a caller bears.
const GAP: Duration = Duration::from_secs(2);

/// A caller may hear so much twice: a word, and the silence that the voice puts around a sentence.
const TWICE_MS: usize = 1_000;

/// And so much be missing: the voice says the rest of a sentence as one of its own, which is shorter.
const MISSING_MS: usize = 400;

/// A mind that takes its time.
#[derive(Debug)]
struct Slow(ScriptedMind);

struct SlowSession(Rc<RefCell<Box<dyn ChatSession>>>);

impl ChatModel for Slow {
    fn name(&self) -> &'static str {
        "slow"
    }

    fn open(&self, request: ChatRequest, events: Sink<ChatEvent>) -> Box<dyn ChatSession> {
        Box::new(SlowSession(Rc::new(RefCell::new(self.0.open(request, events)))))
    }
}

impl ChatSession for SlowSession {
    fn think(&mut self, turn: ChatTurn) {
        let session = Rc::clone(&self.0);
        actix_rt::spawn(async move {
            tokio::time::sleep(THOUGHT).await;
            session.borrow_mut().think(turn);
        });
    }

    fn cancel(&mut self, turn: TurnId) {
        self.0.borrow_mut().cancel(turn);
    }
}

/// Where in a call the socket panics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Greeting,
    Listening,
    MidUtterance,
    Thinking,
    Answering,
    LastWords,
}

async fn state(house: &Running, phone: &Phone) -> String {
    match house.registry().inspect(&phone.call_sid, PATIENCE).await {
        Inspection::View(view) => {
            view["actors"]["dialog"]["turn"]["state"].as_str().unwrap_or("none").to_owned()
        }
        Inspection::Unknown | Inspection::Stuck => "gone".to_owned(),
    }
}

/// Leads a call to the place where its socket is to panic.
async fn lead_to(place: Place, house: &Running, phone: &mut Phone) {
    let (greeting, answer) = (turn_audio(GREETING).len(), turn_audio(ANSWER).len());
    phone.until_it_speaks().await;
    if place == Place::Greeting {
        return phone.until("a third is heard", |phone| phone.heard().len() >= greeting / 3).await;
    }
    phone.until_heard(&turn_audio(GREETING)).await;
    phone.wait(Duration::from_millis(200)).await;
    if place == Place::Listening {
        return;
    }
    phone.say(Duration::from_millis(800));
    if place == Place::MidUtterance {
        return phone.wait(Duration::from_millis(400)).await;
    }
    let before = phone.sent().len();
    if place == Place::Thinking {
        while state(house, phone).await != "THINKING" {
            phone.wait(Duration::from_millis(40)).await;
        }
        return;
    }
    phone.until("it answers", |phone| phone.sent().len() > before).await;
    let share = if place == Place::Answering { answer / 3 } else { answer - 300 * BYTES_PER_MS };
    phone.until("some is heard", |phone| phone.heard().len() >= greeting + share).await;
}

/// What came of a panic: the silence until the agent went on, if it was its turn, and whether all was heard.
async fn panic_at(house: &Running, saboteur: &Saboteur, place: Place) {
    let call_sid = format!("CA{place:?}");
    let mut first = Phone::ring(house, &call_sid).await;
    lead_to(place, house, &mut first).await;
    let in_state = state(house, &first).await;
    let expected = match place {
        Place::Listening | Place::MidUtterance => "LISTENING",
        Place::Thinking => "THINKING",
        Place::Greeting | Place::Answering | Place::LastWords => "SPEAKING",
    };
    assert_eq!(in_state, expected, "{place:?}");
    saboteur.arm();
    first.line.send_text(NONSENSE).await.unwrap();
    let closing = first.until_closed().await;
    assert_eq!(closing.code, 1_011, "{place:?}: {closing:?}");
    let heard = first.heard().len();

    let lost = Instant::now();
    let answer = edge::post(house, "/webhook/stream_action", &edge::incoming(&call_sid)).await;
    let mut second = Phone::dial(house, &call_sid, Some(&answer.token())).await;
    if matches!(place, Place::Listening | Place::MidUtterance) {
        second.say(Duration::from_millis(800));
    } else {
        second.until_it_speaks().await;
        let gap = lost.elapsed();
        println!("{place:?}: {} ms of silence", gap.as_millis());
        assert!(gap < GAP, "{place:?}: {gap:?} of silence");
    }
    let whole = match place {
        Place::Greeting => turn_audio(GREETING).len(),
        Place::Listening | Place::MidUtterance | Place::Thinking | Place::Answering | Place::LastWords => {
            turn_audio(GREETING).len() + turn_audio(ANSWER).len()
        }
    };
    let least = whole - MISSING_MS * BYTES_PER_MS;
    second.until("all is heard", |phone| phone.is_quiet() && heard + phone.heard().len() >= least).await;
    let all = heard + second.heard().len();
    assert!(all <= whole + TWICE_MS * BYTES_PER_MS, "{place:?}: {heard} and then {} of {whole}", all - heard);
    second.assert_clean();
    second.hang_up().await;
}

#[actix_rt::test]
async fn a_panic_of_the_socket_in_any_state_is_a_hiccup() {
    let saboteur = Saboteur::reading(SOCKET, LevelFilter::WARN);
    let mind = || Slow(answers(&[GREETING, ANSWER, ANSWER]));
    let places = [
        Place::Greeting,
        Place::Listening,
        Place::MidUtterance,
        Place::Thinking,
        Place::Answering,
        Place::LastWords,
    ];
    let calls = |place: &Place| format!("CA{place:?}");
    let ears = ByCall::new(
        places.iter().map(|place| (calls(place), ScriptedEars::hearing(["until when", "until when"]))),
    );
    let minds = ByCall::new(places.iter().map(|place| (calls(place), mind())));
    let variables = [("MOKED__SERVER__WORKERS", "2")];
    let house = house_with(&Cast::new(ears, minds), &variables, |_| {}).await;
    futures_util::future::join_all(places.map(|place| panic_at(&house, &saboteur, place))).await;
    nothing_is_left(&house).await;
}
