//! Twenty sentences of an estate office's callers, spoken by the embedded voice, through a telephone line
//! of 8 kHz µ-law, into the embedded ears. It needs `libpocketsphinx3` and `pocketsphinx-en-us`; without
//! them it fails and says so, since a test that skips itself proves nothing.

#![cfg(feature = "embedded")]

mod support;

use std::sync::mpsc::channel;
use std::thread;

use moked_core::hints::SlotKind;
use moked_core::ids::{CallSid, UtteranceId};
use moked_core::language::Language;
use moked_core::ports::{HearingEvent, HearingRequest, ProviderFault, Sink, SpeechToText};
use moked_providers::embedded::{EarsOptions, EmbeddedEars};

use support::{IN_DOMAIN, Line, OUT_OF_DOMAIN, ears, voice, word_errors};

/// Pitch and stretch of the callers. One engine gives them all, so this is a check, not a study of people.
const CALLERS: [(f32, f32); 3] = [(1.0, 1.0), (1.25, 1.1), (0.85, 0.95)];

/// Word errors allowed, in a hundred words, over all callers. Measured: 3.6.
const ALLOWED_TOTAL: f64 = 6.0;

/// Word errors allowed for any one caller. Measured: 4.3 for the
/// worst.
const ALLOWED_CALLER: f64 = 8.0;

#[test]
fn a_caller_of_the_demo_is_understood_over_the_telephone() {
    let ears = ears(EarsOptions::default());
    let (mut all_errors, mut all_words) = (0, 0);
    for (pitch, stretch) in CALLERS {
        let caller = voice(pitch, stretch);
        let mut line = Line::open(&ears);
        let (mut errors, mut words) = (0, 0);
        for said in &IN_DOMAIN {
            line.expect(said.kinds, said.phrases);
            let outcome = line.say(&caller.render(said.spoken));
            let heard = match outcome.last {
                HearingEvent::Final { text, .. } => text,
                HearingEvent::Rejected { score, .. } => format!("(rejected with {score:.1})"),
                other @ (HearingEvent::Partial { .. }
                | HearingEvent::Turn { .. }
                | HearingEvent::Failed(_)) => {
                    panic!("{:?} ended in {other:?}", said.spoken)
                }
            };
            let wrong = word_errors(said.expected, &heard);
            let length = said.expected.split(' ').count();
            println!("{:5.1} %  {:62} {heard}", 100.0 * wrong as f64 / length as f64, said.expected);
            errors += wrong;
            words += length;
        }
        let rate = 100.0 * errors as f64 / words as f64;
        println!("caller with pitch {pitch}, stretch {stretch}: {rate:.1} % of {words} words wrong");
        assert!(rate <= ALLOWED_CALLER, "{rate:.1} % with pitch {pitch}");
        all_errors += errors;
        all_words += words;
    }
    let rate = 100.0 * all_errors as f64 / all_words as f64;
    println!("in all: {rate:.1} % of {all_words} words wrong");
    assert!(rate <= ALLOWED_TOTAL, "{rate:.1} %");
}

#[test]
fn speech_outside_the_domain_is_rejected_and_not_guessed_at() {
    let ears = ears(EarsOptions::default());
    for (pitch, stretch) in CALLERS {
        let caller = voice(pitch, stretch);
        let mut line = Line::open(&ears);
        for sentence in OUT_OF_DOMAIN {
            line.expect(&[SlotKind::YesNo], &[]);
            let outcome = line.say(&caller.render(sentence));
            assert!(matches!(outcome.last, HearingEvent::Rejected { .. }), "{sentence:?}: {outcome:?}");
        }
    }
}

#[test]
fn an_utterance_of_silence_is_an_empty_final() {
    let outcome = Line::open(&ears(EarsOptions::default())).say(&[0; 8_000]);
    assert!(matches!(&outcome.last, HearingEvent::Final { text, .. } if text.is_empty()), "{outcome:?}");
}

#[test]
fn partials_grow_while_the_caller_speaks() {
    let mut line = Line::open(&ears(EarsOptions::default()));
    let outcome = line.say(&voice(1.0, 1.0).render("What are your opening hours?"));
    assert!(outcome.partials.len() >= 3, "{:?}", outcome.partials);
    assert!(outcome.partials.windows(2).all(|pair| pair[0] != pair[1]), "{:?}", outcome.partials);
}

#[test]
fn four_callers_at_once_are_heard_as_each_alone() {
    let caller = voice(1.0, 1.0);
    let sentences: Vec<Vec<i16>> = IN_DOMAIN.iter().take(8).map(|said| caller.render(said.spoken)).collect();
    let hear_all = |ears: &EmbeddedEars| -> Vec<HearingEvent> {
        let mut line = Line::open(ears);
        let with_hints = IN_DOMAIN.iter().zip(&sentences).map(|(said, samples)| {
            line.expect(said.kinds, said.phrases);
            line.say(samples).last
        });
        with_hints.collect()
    };
    let threads = 2.try_into().unwrap();
    let alone = hear_all(&ears(EarsOptions { threads, ..EarsOptions::default() }));
    let shared = ears(EarsOptions { threads, ..EarsOptions::default() });
    thread::scope(|scope| {
        let callers: Vec<_> = (0..4).map(|_| scope.spawn(|| hear_all(&shared))).collect();
        for caller in callers {
            assert_eq!(caller.join().unwrap(), alone);
        }
    });
}

#[test]
fn a_phrase_that_only_the_hints_bring_is_heard_even_if_no_dictionary_has_it() {
    let mut line = Line::open(&ears(EarsOptions::default()));
    line.expect(&[SlotKind::Choice], &["the herzliya marina", "zamenhof tower"]);
    let outcome = line.say(&voice(1.0, 1.0).render("Zamenhof tower."));
    assert!(
        matches!(&outcome.last, HearingEvent::Final { text, .. } if text == "zamenhof tower"),
        "{outcome:?}"
    );
}

#[test]
fn a_listener_that_panics_loses_its_own_ear_only() {
    let ears = ears(EarsOptions { threads: 1.try_into().unwrap(), ..EarsOptions::default() });
    let (sender, told) = channel();
    let sink = Sink::new(move |event| match event {
        HearingEvent::Failed(error) => sender.send(error).unwrap(),
        HearingEvent::Partial { .. }
        | HearingEvent::Turn { .. }
        | HearingEvent::Final { .. }
        | HearingEvent::Rejected { .. } => {
            panic!("deliberate")
        }
    });
    let request =
        HearingRequest { call_sid: CallSid::new("CA1"), language: Language::English, vocabulary: vec![] };
    let mut broken = ears.open(request, sink).unwrap();
    broken.utterance_started(UtteranceId(1));
    broken.utterance_ended(UtteranceId(1));
    let error = told.recv().unwrap();
    assert!(matches!(&error, ProviderFault::Stopped { why } if why.contains("deliberate")), "{error:?}");
    let outcome = Line::open(&ears).say(&voice(1.0, 1.0).render("Yes please."));
    assert!(matches!(&outcome.last, HearingEvent::Final { text, .. } if text == "yes please"), "{outcome:?}");
}

#[test]
fn hebrew_is_refused_at_once() {
    let request =
        HearingRequest { call_sid: CallSid::new("CA1"), language: Language::Hebrew, vocabulary: vec![] };
    let refusal = ears(EarsOptions::default()).open(request, Sink::new(|_| ())).map(drop);
    assert!(matches!(refusal, Err(ProviderFault::UnsupportedLanguage { language: Language::Hebrew, .. })));
}

#[test]
fn a_missing_library_or_model_tells_what_to_install() {
    let no_library = EarsOptions { library: "libnothing.so.9".into(), ..EarsOptions::default() };
    let no_model = EarsOptions { model: "/nonexistent".into(), ..EarsOptions::default() };
    for options in [no_library, no_model] {
        let error = EmbeddedEars::load(options).map(drop).unwrap_err().to_string();
        assert!(error.contains("apt-get install libpocketsphinx3 pocketsphinx-en-us"), "{error}");
    }
}
