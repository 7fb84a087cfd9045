//! A wire that fails between the server and a recogniser while the caller speaks: the next ear hears all of it.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod support;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use moked_core::ports::{CallerSaid, SpeechToText};
use moked_providers::deepgram::ears::{DeepgramEars, DeepgramEarsOptions};
use moked_providers::failover::{FailoverEars, Order};
use moked_providers::scripted::ScriptedEars;
use support::*;
use tokio::net::TcpListener;

const GREETING: &str = "Hello.";
const QUESTION: &str = "are you open on friday";
const ANSWER: &str = "Until noon.";

/// A recogniser that listens and has not made up its mind yet.
async fn vendor() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    actix_rt::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            actix_rt::spawn(async move {
                // The proxy spoils handshakes too.
                let Ok(mut talk) = tokio_tungstenite::accept_async(stream).await else { return };
                while let Some(Ok(_)) = talk.next().await {}
            });
        }
    });
    address
}

/// A caller whose recogniser is lost in the middle of his question.
async fn is_heard_all_the_same(fault: Fault) {
    let wire = FaultProxy::before(vendor().await).await;
    let base_url = format!("ws://{}", wire.address());
    let options = DeepgramEarsOptions { base_url, ..DeepgramEarsOptions::default() };
    let second = ScriptedEars::hearing([QUESTION]);
    let ears: [(_, Arc<dyn SpeechToText>); 2] =
        [("vendor", Arc::new(DeepgramEars::new(options, "key".into()))), ("second", Arc::new(second))];
    let mind = answers(&[GREETING, ANSWER]);
    let house = house(&Cast::new(FailoverEars::new(Order::new(ears)), mind.clone())).await;
    let mut phone = Phone::ring(&house, "CA1").await;
    phone.until_heard(&turn_audio(GREETING)).await;
    phone.say(Duration::from_millis(1_200));
    phone.wait(Duration::from_millis(600)).await;
    wire.set(fault);
    phone.until_heard(&[turn_audio(GREETING), turn_audio(ANSWER)].concat()).await;
    assert_eq!(mind.asked().pop().unwrap().said, CallerSaid::Words(QUESTION.into()), "{fault:?}");
    phone.assert_clean();
    phone.hang_up().await;
    nothing_is_left(&house).await;
}

#[actix_rt::test]
async fn an_ear_that_is_lost_in_mid_question_costs_no_word_of_it() {
    for fault in [Fault::Reset, Fault::Finish] {
        is_heard_all_the_same(fault).await;
    }
}
