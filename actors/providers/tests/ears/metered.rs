//! How long an ear's connection took, where ears stand in order.

use std::sync::Arc;

use moked_core::language::Language;
use moked_core::ports::SpeechToText;
use moked_providers::failover::{FailoverEars, Order};
use moked_providers::soniox::ears::{SonioxEars, SonioxEarsOptions};
use serde_json::json;

use crate::line::{FIRST, Line, SECOND, key};
use crate::vendor::{Vendor, on_a_call};

#[test]
fn the_connection_counts_for_the_first_utterance_heard_over_it() {
    on_a_call(async {
        let vendor = Vendor::start().await;
        let options = SonioxEarsOptions { base_url: vendor.url.clone(), ..SonioxEarsOptions::default() };
        let ear: Arc<dyn SpeechToText> = Arc::new(SonioxEars::new(options, key()));
        let order = Order::new([("mine", ear)]);
        let mut line = Line::open(&FailoverEars::new(order.clone()), Language::Hebrew, &[]);
        let mut visitor = vendor.accept().await;
        visitor.json().await;
        for (utterance, is_first) in [(FIRST, true), (SECOND, false)] {
            line.session.utterance_started(utterance);
            line.speak(1);
            visitor.binary(160).await;
            line.session.utterance_ended(utterance);
            visitor.json().await;
            visitor.say(json!({"tokens": [{"text": "<fin>", "is_final": true}]})).await;
            line.facts.last(utterance, "").await;
            let served = line.session.served().unwrap();
            assert_eq!((&*served.engine, served.connect_ms.is_some()), ("mine", is_first));
        }
        assert_eq!(order.health().engines[0].connect.count(), 1);
    });
}
