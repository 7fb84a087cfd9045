//! Engines that panic and whose remains panic again as they are dropped.
//!
//! A second panic that leaves a destructor while the first unwinds aborts the process, and a test with it. So the
//! calls run in a child process, which is this test once more.

use std::process::Command;
use std::sync::Arc;

use moked_core::audio::FRAME_SAMPLES;
use moked_core::hints::RecognitionHints;
use moked_core::ids::{TurnId, UtteranceId};
use moked_core::language::Language;
use moked_core::ports::{
    ChatEvent, ChatModel, ChatRequest, ChatSession, ChatTurn, HearingEvent, HearingRequest, HearingSession,
    ProviderFault, Sink, SpeakingEvent, SpeakingRequest, SpeakingStream, SpeechToText, TextToSpeech,
    VoiceActivity, VoiceDetector,
};

use crate::host::{CallHost, Engines};
use crate::messages::CloseReason;
use crate::rig::{Rig, plain_host};

const CHILD: &str = "MOKED_CHAOS_CHILD";

/// Panics wherever it is used and wherever it is dropped.
#[derive(Debug)]
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

impl HearingSession for Bomb {
    fn audio(&mut self, _: &[u8]) {
        panic!("audio");
    }

    fn expect(&mut self, _: &RecognitionHints) {}

    fn utterance_started(&mut self, _: UtteranceId) {}

    fn utterance_ended(&mut self, _: UtteranceId) {}
}

impl ChatSession for Bomb {
    fn think(&mut self, _: ChatTurn) {
        panic!("think");
    }

    fn cancel(&mut self, _: TurnId) {}
}

impl SpeakingStream for Bomb {}

impl VoiceDetector for Bomb {
    fn probability(&mut self, _: &[i16; FRAME_SAMPLES]) -> f32 {
        panic!("probability");
    }
}

/// Engines of bombs.
#[derive(Debug)]
struct Bombs;

impl SpeechToText for Bombs {
    fn name(&self) -> &'static str {
        "bombs"
    }

    fn languages(&self) -> &[Language] {
        &[Language::English]
    }

    fn warm(&self) {
        panic!("warm");
    }

    fn open(
        &self,
        _: HearingRequest,
        _: Sink<HearingEvent>,
    ) -> Result<Box<dyn HearingSession>, ProviderFault> {
        Ok(Box::new(Bomb))
    }
}

impl ChatModel for Bombs {
    fn name(&self) -> &'static str {
        "bombs"
    }

    fn open(&self, _: ChatRequest, _: Sink<ChatEvent>) -> Box<dyn ChatSession> {
        Box::new(Bomb)
    }
}

impl TextToSpeech for Bombs {
    fn name(&self) -> &'static str {
        "bombs"
    }

    fn languages(&self) -> &[Language] {
        &[Language::English]
    }

    fn speak(&self, _: SpeakingRequest, _: Sink<SpeakingEvent>) -> Box<dyn SpeakingStream> {
        Box::new(Bomb)
    }
}

impl VoiceActivity for Bombs {
    fn name(&self) -> &'static str {
        "bombs"
    }

    fn open(&self) -> Box<dyn VoiceDetector> {
        Box::new(Bomb)
    }
}

/// One engine of a call is bombs, the others are well.
async fn call_with(change: impl FnOnce(&mut Engines)) -> (Arc<CallHost>, Rig) {
    let base = plain_host();
    let mut engines = base.engines.clone();
    change(&mut engines);
    let host = Arc::new(CallHost { engines, ..CallHost::clone(&base) });
    let call = Rig::call(&host, "1");
    call.wait(300).await;
    call.speak(400, 600).await;
    call.wait(5_000).await;
    (host, call)
}

async fn detonate() {
    tokio::time::pause();
    // Lost for good, the ear and the detector leave the keypad.
    let (_, call) = call_with(|engines| engines.hearing = Some(Arc::new(Bombs))).await;
    assert_eq!(call.closed(), None);
    let (_, call) = call_with(|engines| engines.voice_activity = Arc::new(Bombs)).await;
    assert_eq!(call.closed(), None);
    // No stream of the voice ends, so that each is dropped by an interruption.
    let (_, call) = call_with(|engines| engines.speaking = Arc::new(Bombs)).await;
    assert_eq!(call.closed(), None);
    // A mind that cannot even greet is excused.
    let (_, call) = call_with(|engines| engines.thinking = Arc::new(Bombs)).await;
    assert!(call.sent_ms() > 0 || call.closed() == Some(CloseReason::Fault));
}

#[test]
fn remains_of_engines_that_panic_as_they_are_dropped_do_not_abort_the_process() {
    if std::env::var_os(CHILD).is_some() {
        return actix_rt::System::new().block_on(detonate());
    }
    let name = "chaos::drops::remains_of_engines_that_panic_as_they_are_dropped_do_not_abort_the_process";
    let program = std::env::current_exe().unwrap();
    let child =
        Command::new(program).args([name, "--exact", "--nocapture"]).env(CHILD, "1").output().unwrap();
    let said = String::from_utf8_lossy(&child.stderr);
    let last: Vec<_> = said.lines().rev().take(20).collect();
    assert!(child.status.success(), "{}: {last:#?}", child.status);
    assert!(said.contains("dropped"), "no remains were dropped: {last:#?}");
}
