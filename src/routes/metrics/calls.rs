//! What calls measured of themselves.

use moked_actors::meters::{Histogram, WorkerLag};
use moked_actors::registry::CallRegistry;
use moked_actors::{CallEnd, Meters};
use moked_core::restart::Child;

use super::text::{Kind, Text};

/// Stages by the words that the admin endpoint has for them.
const STAGES: [(Child, &str); 5] = [
    (Child::Stt, "stt"),
    (Child::Dialog, "dialog"),
    (Child::Tts, "tts"),
    (Child::Pacer, "pacer"),
    (Child::OneHop, "one_hop"),
];

/// Writes the calls, their turns, their faults, and how well the process keeps time for them.
pub(super) fn write(out: &mut Text, registry: &CallRegistry) {
    let meters = registry.meters();
    out.one("moked_calls_live", Kind::Gauge, "Calls that live now.", registry.live() as f64);
    let started = registry.begun() as f64;
    out.one("moked_calls_started_total", Kind::Counter, "Media streams that became calls.", started);
    out.family("moked_calls_ended_total", Kind::Counter, "Calls that ended, by cause.");
    for end in CallEnd::ALL {
        out.sample("", &[("cause", end.word())], meters.ended.of(end).get() as f64);
    }
    let actors = registry.live_actors() as f64;
    out.one("moked_actors_live", Kind::Gauge, "Actors of calls that run now; 0 without a call.", actors);
    turns(out, meters);
    faults(out, meters);
    pace(out, meters);
}

fn turns(out: &mut Text, meters: &Meters) {
    let (all, cut) = (meters.turns.get(), meters.interrupted.get());
    out.one("moked_turns_total", Kind::Counter, "Answers that were spoken, to the end or not.", all as f64);
    out.one("moked_turns_interrupted_total", Kind::Counter, "Answers into which the caller cut.", cut as f64);
    let fillers = meters.fillers.get() as f64;
    out.one("moked_fillers_total", Kind::Counter, "Remarks to callers who waited for an answer.", fillers);
    let since = "since the end of the caller's speech";
    for (name, what, histogram) in [
        ("moked_turn_words_seconds", "His words were known,", &meters.words),
        ("moked_turn_answer_seconds", "The first sentence of the answer was there,", &meters.answer),
        (
            "moked_turn_first_frame_seconds",
            "The first audio of the answer, or of a filler before it, was sent,",
            &meters.first_frame,
        ),
    ] {
        one(out, name, &format!("{what} {since}."), histogram);
    }
    let since = "since the caller began to speak over it";
    for (name, what, histogram) in [
        ("moked_barge_in_ducked_seconds", "The agent spoke softly,", &meters.barge_in.ducked),
        (
            "moked_barge_in_hushed_seconds",
            "The agent fell silent until it knew his words,",
            &meters.barge_in.hushed,
        ),
        (
            "moked_barge_in_resumed_seconds",
            "It was no interruption and the agent went on,",
            &meters.barge_in.resumed,
        ),
        ("moked_barge_in_stopped_seconds", "The agent gave the floor,", &meters.barge_in.stopped),
    ] {
        one(out, name, &format!("{what} {since}."), histogram);
    }
    let guesses = &meters.guesses;
    let help = "By how much an answer is earlier that was begun before the caller's words were certain.";
    one(out, "moked_speculation_saved_seconds", help, &guesses.saved);
    for (name, help, count) in [
        ("moked_speculation_discarded_total", "Answers so begun that were dropped.", &guesses.discarded),
        (
            "moked_speculation_wasted_chars_total",
            "Characters that the mind had written of those; four are about a token.",
            &guesses.wasted_chars,
        ),
    ] {
        out.one(name, Kind::Counter, help, count.get() as f64);
    }
}

fn faults(out: &mut Text, meters: &Meters) {
    out.family("moked_stage_restarts_total", Kind::Counter, "Stages of calls that began a further life.");
    for (child, stage) in STAGES {
        out.sample("", &[("stage", stage)], meters.restarts.of(child).get() as f64);
    }
    let dropped = meters.dropped_frames.get() as f64;
    let name = "moked_dropped_frames_total";
    out.one(name, Kind::Counter, "Frames of callers' audio that no ear could take.", dropped);
    let garbage = meters.garbage.get() as f64;
    out.one("moked_garbage_messages_total", Kind::Counter, "Unusable messages on media sockets.", garbage);
}

fn pace(out: &mut Text, meters: &Meters) {
    let help = "How late an audio frame was sent against its due time.";
    one(out, "moked_pacing_late_seconds", help, &meters.pacing);
    let workers = meters.workers();
    let each = |write: &mut dyn FnMut(&str, &WorkerLag)| {
        workers.iter().enumerate().for_each(|(number, worker)| write(&number.to_string(), worker));
    };
    let name = "moked_event_loop_lag_seconds";
    out.family(name, Kind::Histogram, "How late a worker's event loop came to a timer.");
    each(&mut |number, worker| {
        let view = worker.view();
        out.histogram(&[("worker", number)], &view.cumulative, view.sum_s);
    });
    let name = "moked_event_loop_lag_recent_seconds";
    out.family(name, Kind::Gauge, "The same, 99th percentile of the last 5 to 10 s.");
    let now = std::time::Instant::now();
    each(&mut |number, worker| out.sample("", &[("worker", number)], worker.lag(now).as_secs_f64()));
    let recent = meters.pressure().pacing_late.as_secs_f64();
    let name = "moked_pacing_late_recent_seconds";
    out.one(name, Kind::Gauge, "Lateness of frames, 99th percentile of the last 5 to 10 s.", recent);
}

fn one(out: &mut Text, name: &str, help: &str, histogram: &Histogram) {
    let view = histogram.view();
    out.family(name, Kind::Histogram, help);
    out.histogram(&[], &view.cumulative, view.sum_s);
}
