//! `moked demo`: a whole call on this machine, to be watched.
//!
//! It starts the server as `moked serve` does, places a simulated call to it over HTTP and WebSocket, tells
//! who says what, and ends with the report, a recording and what to do next.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use clap::Args;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use super::keepsakes::Keepsakes;
use super::{Failure, call, caller_voice, narrator, serve};
use crate::caller::call::{CallOptions, place_call};
use crate::caller::news::{CallEvent, CallNews};
use crate::caller::report::CallReport;
use crate::caller::script::Act;
use crate::caller::table;
use crate::event_tap::{EventTap, TappedEvent};
use crate::settings::Settings;
use crate::startup::{self, Running};

/// How often the log is looked at for what was said.
const GLANCE: Duration = Duration::from_millis(20);

/// Arguments of `moked demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Where the recording of what the caller heard goes.
    #[arg(long, value_name = "FILE", default_value = "moked-call.wav")]
    pub record: PathBuf,
    /// Where the picture of the call goes.
    #[arg(long, value_name = "FILE", default_value = "moked-call.svg")]
    pub timeline: PathBuf,
}

/// Runs the demo.
///
/// # Errors
/// When the port is taken, there is no voice, or the call fails.
pub fn run(args: &DemoArgs, mut settings: Settings) -> Result<(), Failure> {
    // A rehearsal is no call of the business.
    settings.records.keep = None;
    let (tap, events) = EventTap::new();
    let log = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(false)
        .with_filter(EnvFilter::new("error,moked=warn,moked_actors=warn"));
    // An embedding program's own subscriber is left in place; the demo then tells less.
    let _ = tracing_subscriber::registry().with(log).with(tap).try_init();
    let keepsakes = Keepsakes::prepare(Some(&args.record), Some(&args.timeline))?;
    let listener = serve::listen(settings.server.address())?;
    let (report, why) = actix_rt::System::new().block_on(demonstrate(settings, listener, events))?;
    let saved = keepsakes.save(&report);
    farewell(&report, &kept(&keepsakes, saved.as_deref().unwrap_or_default(), why.as_deref()));
    saved?;
    match report.complaint() {
        None => Ok(()),
        Some(complaint) => Err(Failure::System(complaint.into())),
    }
}

/// What there is to listen to and to look at, or why there is nothing.
fn kept(keepsakes: &Keepsakes, written: &[&Path], why: Option<&str>) -> String {
    if let [wav, svg] = written {
        return format!(
            "What the caller heard: {}\nA picture of the call: {} (any browser shows it)\n",
            wav.display(),
            svg.display()
        );
    }
    let why = why.unwrap_or("the call had no media stream");
    let mut lines = format!("There was no conversation: {why}. `moked check` shows what is missing.\n");
    for path in keepsakes.old() {
        lines.push_str(&format!("{} is from an earlier call.\n", path.display()));
    }
    lines
}

async fn demonstrate(
    settings: Settings,
    listener: std::net::TcpListener,
    events: Receiver<TappedEvent>,
) -> Result<(CallReport, Option<String>), Failure> {
    let token = settings.secrets.twilio_auth_tokens.first().cloned();
    let public_base = settings.server.public_base_url.as_ref().map(ToString::to_string);
    let refused = |error: io::Error| Failure::System(format!("cannot start the server: {error}"));
    let running = startup::run(settings, listener).map_err(refused)?;
    let port = running.address().port();
    say(&format!("moked is listening on port {port}; a simulated caller rings it.\n"));
    running.prepared().await;
    let why = running.why_no_conversation();

    let started = Instant::now();
    let story = actix_rt::spawn(tell_story(events, started));
    let mut options = CallOptions::new(format!("http://127.0.0.1:{port}/webhook/incoming_call"));
    options.acts = acts();
    options.voice = Some(caller_voice::make()?);
    options.auth_token = token;
    options.public_base = public_base;
    options.direct = true;
    let report = place_call(options, |news| tell_line(&news)).await;
    settle(&running).await;
    story.abort();
    let report = report.map_err(|error| call::failed(&error))?;
    running.stop().await.map_err(refused)?;
    Ok((report, why))
}

/// What the caller of the demo does: answers, asks, interrupts, presses keys.
fn acts() -> Vec<Act> {
    let say = |text: &str| Act::Say { text: text.to_owned() };
    vec![
        say("i want to rent"),
        say("when are you open"),
        Act::BargeIn { utterance: 3, at_ms: 1_600, text: "three rooms".to_owned() },
        say("my name is david"),
        Act::Keys { digits: "0541234567#".to_owned() },
        say("yes"),
        say("tomorrow at half past ten"),
    ]
}

/// Tells what the log of the call says, until it is aborted.
async fn tell_story(events: Receiver<TappedEvent>, started: Instant) {
    loop {
        while let Ok(event) = events.try_recv() {
            tell_event(&event, started);
        }
        tokio::time::sleep(GLANCE).await;
    }
}

fn tell_event(event: &TappedEvent, started: Instant) {
    let at_ms = event.at.saturating_duration_since(started).as_millis() as u64;
    let field = |name: &str| event.fields.get(name).map(String::as_str).unwrap_or_default();
    let (who, what) = match event.name.as_str() {
        "SAY" => ("agent", field("text").to_owned()),
        "STT_TEXT" if field("text").is_empty() => return,
        "STT_TEXT" => ("heard", format!("“{}”", field("text"))),
        "STT_REJECTED" => ("heard", "words that fit nothing expected".to_owned()),
        "STATE" => ("state", format!("{} → {}", field("from"), field("to"))),
        "MEDIA_TX" => ("state", format!("answered after {} ms", field("latency_ms"))),
        "BARGE_IN" => ("state", format!("interrupted after {} words", field("words"))),
        "LEAD_TEXT" => ("lead", field("lead").to_owned()),
        "WS_START" => ("line", "media stream started".to_owned()),
        "WS_STOP" => ("line", field("message").to_owned()),
        _ => return,
    };
    narrator::line(&mut io::stdout(), at_ms, who, &what);
}

/// Of the caller's own news only what the log does not tell.
fn tell_line(news: &CallNews) {
    match &news.event {
        CallEvent::Step { .. }
        | CallEvent::CallerBegan { .. }
        | CallEvent::Clear { .. }
        | CallEvent::Underrun { .. }
        | CallEvent::Violation(_)
        | CallEvent::Problem(_) => narrator::tell(&mut io::stdout(), news),
        CallEvent::StreamOpened { .. }
        | CallEvent::CallerFinished
        | CallEvent::Key { .. }
        | CallEvent::AgentBegan
        | CallEvent::AgentFinished
        | CallEvent::Mark { .. }
        | CallEvent::Overflow { .. }
        | CallEvent::StreamEnded(_) => {}
    }
}

/// Lets the last events of the call come out.
async fn settle(running: &Running) {
    for _ in 0..50 {
        tokio::time::sleep(GLANCE).await;
        if running.registry().live() == 0 {
            break;
        }
    }
    tokio::time::sleep(2 * GLANCE).await;
}

fn farewell(report: &CallReport, kept: &str) {
    say(&format!(
        "\n{}\n{kept}\n\
         Where to go from here\n  \
         settings.toml                        the agent: its words, its questions, every knob\n  \
         moked serve                          answer real calls\n  \
         https://<your host>/webhook/incoming_call\n                                       \
         the Voice webhook (POST) of your Twilio number\n  \
         moked doctor --url https://<your host>\n                                       \
         whether Twilio will get through, and what to mend\n",
        table::render(report),
    ));
}

fn say(text: &str) {
    // A reader who closed the pipe has seen enough.
    let _ = writeln!(io::stdout(), "{text}");
}
