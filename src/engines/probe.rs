//! One tiny real request to a provider: does the key work, and how long does it take.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::{LocalBoxFuture, join, join_all};
use futures_util::stream::{StreamExt, iter};
use jiff::civil::DateTime;
use moked_core::audio::{BYTES_PER_MS, SILENCE};
use moked_core::ids::{CallSid, TurnId, UtteranceId};
use moked_core::language::Language;
use moked_core::ports::{
    CallerSaid, ChatEvent, ChatModel, ChatRequest, ChatTurn, ConversingEvent, ConversingRequest,
    HearingEvent, HearingRequest, ProviderFault, Sink, SpeakingEvent, SpeakingRequest, SpeechToSpeech,
    SpeechToText, TextToSpeech,
};
use moked_providers::failover::Order;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::catalogue::Role;
use super::roster::{RoleRoster, Roster};
use crate::settings::Providers;

/// How long an answer may take: past this a caller would have hung up.
const LIMIT: Duration = Duration::from_secs(10);

/// Silence that an ear is given: long enough to be a request, too short to cost.
const SILENCE_MS: usize = 300;

/// What came of one probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The role.
    pub role: Role,
    /// The engine's name.
    pub engine: String,
    /// Time to the first piece of its answer in ms (for an ear: to the settled, empty words), or the fault.
    pub outcome: Result<u64, ProviderFault>,
}

/// Asks every provider once, so many at a time, and tells their breakers.
///
/// Each outcome goes to `tell` as it comes. Must run on a `LocalSet`.
pub async fn probe_all(
    roster: &Roster,
    language: Language,
    now: DateTime,
    at_once: usize,
    mut tell: impl FnMut(&Probe),
) {
    let Roster { hearing, speaking, thinking, conversing, voice_cache: _ } = roster;
    let one_hop =
        probes(Role::Conversing, conversing, move |engine| Box::pin(one_hop_answers(engine, language, now)));
    let ears = probes(Role::Hearing, hearing, move |ear| Box::pin(ear_answers(ear, language)));
    let voices = probes(Role::Speaking, speaking, move |voice| Box::pin(voice_answers(voice, language)));
    let minds = probes(Role::Thinking, thinking, move |mind| Box::pin(mind_answers(mind, language, now)));
    let mut probes = pin!(iter(ears.chain(voices).chain(minds).chain(one_hop)).buffer_unordered(at_once));
    while let Some(probe) = probes.next().await {
        tell(&probe);
    }
}

/// Probes every provider whose breaker is open, each time its pause is over.
///
/// So it closes again and no caller pays for finding out. While all are closed nothing is asked. Never ends; must
/// run on a `LocalSet`.
pub async fn watch(roster: &Roster, language: Language, now: impl Fn() -> DateTime) {
    let Roster { hearing, speaking, thinking, conversing, voice_cache: _ } = roster;
    let one_hop = watch_role(conversing, |engine| Box::pin(one_hop_answers(engine, language, now())));
    let ears = watch_role(hearing, |ear| Box::pin(ear_answers(ear, language)));
    let voices = watch_role(speaking, |voice| Box::pin(voice_answers(voice, language)));
    let minds = watch_role(thinking, |mind| Box::pin(mind_answers(mind, language, now())));
    join(join(ears, voices), join(minds, one_hop)).await;
}

type Answers<'a> = LocalBoxFuture<'a, Result<u64, ProviderFault>>;

fn probes<'a, E: ?Sized + 'a>(
    role: Role,
    roster: &'a RoleRoster<E>,
    ask: impl Fn(&'a Arc<E>) -> Answers<'a> + 'a,
) -> impl Iterator<Item = LocalBoxFuture<'a, Probe>> {
    let each = move |order: &'a Order<E>| roster.providers().map(move |provider| (order, provider));
    roster.order.iter().flat_map(each).map(
        move |(order, (place, engine, port))| -> LocalBoxFuture<'a, Probe> {
            let answers = ask(port);
            Box::pin(async move {
                let outcome = order.aside(place, answers).await;
                order.probed(place, &outcome);
                Probe { role, engine: engine.to_owned(), outcome }
            })
        },
    )
}

async fn watch_role<'a, E: ?Sized>(roster: &'a RoleRoster<E>, ask: impl Fn(&'a Arc<E>) -> Answers<'a>) {
    let Some(order) = &roster.order else { return };
    let ask = &ask;
    join_all(roster.providers().map(|(place, engine, port)| async move {
        let watch = order.watch(place);
        loop {
            watch.due().await;
            let outcome = order.aside(place, ask(port)).await;
            if let Err(fault) = &outcome {
                tracing::debug!(event = "PROBE_FAILED", engine, "still down: {fault}");
            }
            order.probed(place, &outcome);
        }
    }))
    .await;
}

async fn ear_answers(ear: &Arc<dyn SpeechToText>, language: Language) -> Result<u64, ProviderFault> {
    let (sink, mut told) = channel();
    let begun = Instant::now();
    let request = HearingRequest { call_sid: CallSid::new("probe"), language, vocabulary: Vec::new() };
    let mut session = ear.open(request, sink)?;
    let utterance = UtteranceId::default();
    session.utterance_started(utterance);
    session.audio(&[SILENCE; SILENCE_MS * BYTES_PER_MS]);
    session.utterance_ended(utterance);
    first(&mut told, |event| match event {
        HearingEvent::Final { .. } | HearingEvent::Rejected { .. } => Some(Ok(())),
        HearingEvent::Failed(fault) => Some(Err(fault)),
        HearingEvent::Partial { .. } | HearingEvent::Turn { .. } => None,
    })
    .await?;
    Ok(begun.elapsed().as_millis() as u64)
}

async fn voice_answers(voice: &Arc<dyn TextToSpeech>, language: Language) -> Result<u64, ProviderFault> {
    let (sink, mut told) = channel();
    let begun = Instant::now();
    let _stream = voice.speak(SpeakingRequest::new(hello(language), language), sink);
    first(&mut told, |event| match event {
        SpeakingEvent::Audio(_) => Some(Ok(())),
        SpeakingEvent::Failed(fault) => Some(Err(fault)),
        SpeakingEvent::Finished => {
            Some(Err(ProviderFault::Garbage { why: "it finished without a sound".to_owned() }))
        }
        SpeakingEvent::Words(_) => None,
    })
    .await?;
    Ok(begun.elapsed().as_millis() as u64)
}

async fn mind_answers(
    mind: &Arc<dyn ChatModel>,
    language: Language,
    now: DateTime,
) -> Result<u64, ProviderFault> {
    let (sink, mut told) = channel();
    let begun = Instant::now();
    let cheap = mind.for_probe();
    let mind = cheap.as_ref().unwrap_or(mind);
    let mut session =
        mind.open(ChatRequest { call_sid: CallSid::new("probe"), language, caller: None }, sink);
    let said = CallerSaid::Words(hello(language).to_owned());
    session.think(ChatTurn { turn: TurnId::default(), said, history: Vec::new(), now });
    // The session is dropped at the first words, which cancels the rest: no answer is paid for to its end.
    first(&mut told, |event| match event {
        ChatEvent::Text { .. } | ChatEvent::Done { .. } => Some(Ok(())),
        ChatEvent::Failed { error, .. } => Some(Err(error)),
        ChatEvent::Expect { .. } | ChatEvent::Lead { .. } => None,
    })
    .await?;
    Ok(begun.elapsed().as_millis() as u64)
}

async fn one_hop_answers(
    engine: &Arc<dyn SpeechToSpeech>,
    language: Language,
    now: DateTime,
) -> Result<u64, ProviderFault> {
    let (sink, mut told) = channel();
    let begun = Instant::now();
    let call_sid = CallSid::new("probe");
    let (history, lead) = (Vec::new(), None);
    let request = ConversingRequest { call_sid, language, caller: None, now, history, lead };
    let mut session = engine.open(request, sink);
    session.answer(ChatTurn { turn: TurnId::default(), said: CallerSaid::Nothing, history: Vec::new(), now });
    // Dropped at the first sound, as a mind is at its first words.
    first(&mut told, |event| match event {
        ConversingEvent::Audio { .. } | ConversingEvent::Done { .. } => Some(Ok(())),
        ConversingEvent::Failed { error, .. } | ConversingEvent::Lost(error) => Some(Err(error)),
        ConversingEvent::CallerSaid { .. }
        | ConversingEvent::Words { .. }
        | ConversingEvent::Expect { .. }
        | ConversingEvent::Lead { .. } => None,
    })
    .await?;
    Ok(begun.elapsed().as_millis() as u64)
}

fn hello(language: Language) -> &'static str {
    match language {
        Language::English => "Hello.",
        Language::Hebrew => "שלום.",
    }
}

fn channel<E: Send + 'static>() -> (Sink<E>, UnboundedReceiver<E>) {
    let (sender, told) = unbounded_channel();
    // The probe may have ended by the time of a late fact.
    (Sink::new(move |event| drop(sender.send(event))), told)
}

/// Waits for the first fact that decides.
async fn first<E>(
    told: &mut UnboundedReceiver<E>,
    decide: impl Fn(E) -> Option<Result<(), ProviderFault>>,
) -> Result<(), ProviderFault> {
    let waiting = async {
        while let Some(event) = told.recv().await {
            if let Some(outcome) = decide(event) {
                return outcome;
            }
        }
        Err(ProviderFault::Stopped { why: "it ended without a word".to_owned() })
    };
    tokio::time::timeout(LIMIT, waiting).await.unwrap_or_else(|_| {
        Err(ProviderFault::Stalled { waiting_for: "an answer", after_ms: LIMIT.as_millis() as u64 })
    })
}

/// What to do about a fault of this engine, which has its options here.
pub fn mend(probe: &Probe, fault: &ProviderFault, options: &Providers) -> String {
    let table = format!("[provider.{}.{}] in settings.toml", probe.role.word(), probe.engine);
    let key = options.key_variables(probe.role, &probe.engine).join(" or ");
    match fault {
        ProviderFault::Auth { .. } => {
            format!("set {key} to a key that the vendor's console shows as valid for this")
        }
        ProviderFault::Quota { .. } => {
            "look at the account's balance and limits in the vendor's console".into()
        }
        ProviderFault::BadRequest { .. } => format!("correct model, voice and options under {table}"),
        ProviderFault::UnsupportedLanguage { .. } => "name another engine for this language".into(),
        ProviderFault::Connect { .. } => {
            format!("see that this machine reaches the address (base_url under {table})")
        }
        ProviderFault::Unavailable { .. } | ProviderFault::Garbage { .. } => {
            format!("see that base_url under {table} is the vendor's or a server that speaks its wire")
        }
        ProviderFault::Stalled { .. } | ProviderFault::Closed { .. } | ProviderFault::Stopped { .. } => {
            "look at the vendor's status page; calls go on with the next engine".into()
        }
    }
}
