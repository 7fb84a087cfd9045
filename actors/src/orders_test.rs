//! What a person orders a call to do, in virtual time.

use std::sync::Arc;
use std::time::Duration;

use moked_core::restart::Child;
use moked_providers::scripted::{ScriptedEars, ScriptedMind, ScriptedVoice, Thinking};

use crate::messages::{CallEnd, OperatorOrder};
use crate::registry::Obedience;
use crate::rig::{Rig, host};

const LIMIT: Duration = Duration::from_secs(1);

/// A call whose greeting was heard.
async fn greeted() -> Rig {
    let mind = ScriptedMind::new([Thinking::says("Hello, this is the office.")]);
    let call = Rig::call(&host(ScriptedEars::default(), mind, ScriptedVoice::new(50)), "1");
    call.wait(4_000).await;
    call
}

async fn order(call: &Rig, order: OperatorOrder) -> Obedience {
    call.host.registry.order(&call.call_sid, order, LIMIT).await
}

#[actix_rt::test]
async fn an_order_for_nobody_is_told_so() {
    tokio::time::pause();
    let call = greeted().await;
    let stranger = moked_core::ids::CallSid::new("CA-none");
    let answer = call.host.registry.order(&stranger, OperatorOrder::HangUp, LIMIT).await;
    assert_eq!(answer, Obedience::Unknown);
    assert_eq!(order(&call, OperatorOrder::HangUp).await, Obedience::Done);
    call.wait(10).await;
    assert_eq!(call.host.registry.last_end(&call.call_sid), Some(CallEnd::OperatorHungUp));
    assert_eq!(order(&call, OperatorOrder::HangUp).await, Obedience::Unknown, "it is over");
}

#[actix_rt::test]
async fn a_server_that_goes_down_excuses_itself_and_hangs_up() {
    tokio::time::pause();
    let mind =
        ScriptedMind::new([Thinking::says("Hello, this is the office."), Thinking::says("Never said.")]);
    let call = Rig::call(&host(ScriptedEars::default(), mind, ScriptedVoice::new(50)), "1");
    call.wait(300).await;
    let registry = &call.host.registry;
    assert_eq!(registry.send_all_away("We must end here."), 1);
    call.wait(8_000).await;
    assert_eq!(registry.last_end(&call.call_sid), Some(CallEnd::SentAway));
    assert!(call.closed().is_some());
    let conversation = serde_json::to_string(&registry.ended()[0].conversation).unwrap();
    let (greeting, goodbye) = (conversation.find("office"), conversation.find("We must end here."));
    assert!(greeting.is_some() && greeting < goodbye, "{conversation}");
    assert_eq!(registry.send_all_away("Again."), 0);
}

#[actix_rt::test]
async fn the_dialog_starts_anew_by_order_and_the_call_goes_on() {
    tokio::time::pause();
    let call = greeted().await;
    let answer = order(&call, OperatorOrder::Restart(Child::Dialog)).await;
    assert_eq!(answer, Obedience::Done);
    call.wait(100).await;
    assert_eq!(call.host.registry.live(), 1, "the call goes on");
    call.hang_up();
}

#[actix_rt::test]
async fn an_operators_restarts_cost_a_stage_none_of_its_lives() {
    tokio::time::pause();
    let call = greeted().await;
    let meters = Arc::clone(call.host.registry.meters());
    for _ in 0..10 {
        assert_eq!(order(&call, OperatorOrder::Restart(Child::Tts)).await, Obedience::Done);
        call.wait(50).await;
    }
    assert_eq!(meters.restarts.of(Child::Tts).get(), 10);
    let before = call.sent_ms();
    assert_eq!(order(&call, OperatorOrder::Say("Still here.".to_owned())).await, Obedience::Done);
    call.wait(3_000).await;
    assert!(call.sent_ms() > before, "the eleventh life speaks");
    let heard = call.view().await["conversation"].to_string();
    assert!(heard.contains("Still here."), "{heard}");
    call.hang_up();
}

#[actix_rt::test]
async fn a_transfer_is_remembered_until_the_carrier_asks_and_after() {
    tokio::time::pause();
    let call = greeted().await;
    let registry = &call.host.registry;
    assert_eq!(registry.transfer_to(&call.call_sid, Some("+97235550100".to_owned())), None);
    assert_eq!(order(&call, OperatorOrder::Transfer).await, Obedience::Done);
    call.wait(10).await;
    assert_eq!(registry.last_end(&call.call_sid), Some(CallEnd::Transferred));
    for _ in 0..2 {
        assert_eq!(registry.transfer_of(&call.call_sid).as_deref(), Some("+97235550100"));
    }
    let before = registry.transfer_to(&call.call_sid, None);
    assert_eq!((before.as_deref(), registry.transfer_of(&call.call_sid)), (Some("+97235550100"), None));
}
