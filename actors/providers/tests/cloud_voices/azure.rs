//! Azure as a voice: one request a sentence, and what its status codes mean.

use std::time::Duration;

use moked_core::audio::SILENCE;
use moked_core::language::Language;
use moked_core::ports::ProviderFault;
use moked_providers::azure::voice::{AzureVoice, AzureVoiceOptions};

use super::vendor::Vendor;
use super::*;

fn voice(vendor: &Vendor, ms: u64) -> AzureVoice {
    let options = AzureVoiceOptions {
        base_url: Some(vendor.url("http")),
        first_byte_ms: ms,
        gap_ms: ms,
        ..AzureVoiceOptions::default()
    };
    AzureVoice::new(options, key())
}

#[test]
fn a_sentence_is_escaped_ssml_and_comes_as_raw_audio() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let voice = voice(&vendor, 5_000);
        assert!(!format!("{voice:?}").contains(CANARY));
        let mut heard = say(&voice, "א < ב & ג", Language::Hebrew);
        let mut visit = vendor.visit().await;
        assert!(visit.head.starts_with("POST /cognitiveservices/v1 "), "{}", visit.head);
        assert_eq!(visit.header("ocp-apim-subscription-key"), Some(CANARY));
        assert_eq!(visit.header("content-type"), Some("application/ssml+xml"));
        assert_eq!(visit.header("x-microsoft-outputformat"), Some("raw-8khz-8bit-mono-mulaw"));
        assert!(visit.header("user-agent").is_some());
        let voice = "<voice name='he-IL-HilaNeural'>א &lt; ב &amp; ג</voice>";
        assert!(visit.body.contains(voice), "{}", visit.body);
        visit.begin_chunks().await;
        visit.chunk(&[SILENCE; 801]).await;
        visit.chunk(&loud(3_203)).await;
        visit.chunk(&[]).await;
        assert_eq!(heard.finishes().await, 4_004);
    });
}

#[test]
fn every_fault_is_told_by_its_kind() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let voice = voice(&vendor, 5_000);
        let mut faults = Vec::new();
        for status in [401, 429, 400, 502] {
            let mut heard = hebrew(&voice);
            vendor.visit().await.answer(status, "retry-after: 2\r\n", "no").await;
            faults.push(heard.fails().await);
        }
        let why = |status: u16| format!("HTTP {status}: no");
        let expected = [
            ProviderFault::Auth { why: why(401) },
            ProviderFault::Quota { why: why(429), retry_after: Some(Duration::from_secs(2)) },
            ProviderFault::BadRequest { why: why(400) },
            ProviderFault::Closed { why: why(502) },
        ];
        assert_eq!(faults, expected);
    });
}

#[test]
fn a_connection_that_breaks_is_closed_and_a_body_without_sound_garbage() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let voice = voice(&vendor, 5_000);
        let mut heard = hebrew(&voice);
        let mut visit = vendor.visit().await;
        visit.begin_chunks().await;
        visit.chunk(&loud(80)).await;
        heard.begins().await;
        visit.reset();
        assert!(matches!(heard.fails().await, ProviderFault::Closed { .. }));
        for body in ["", "\u{7f}\u{7f}\u{7f}"] {
            let mut heard = hebrew(&voice);
            vendor.visit().await.answer(200, "", body).await;
            assert!(matches!(heard.fails().await, ProviderFault::Garbage { .. }));
        }
    });
}

#[test]
fn a_vendor_that_stops_is_stalled_and_let_go() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let voice = voice(&vendor, 60);
        let mut heard = hebrew(&voice);
        let mut visit = vendor.visit().await;
        assert!(matches!(heard.fails().await, ProviderFault::Stalled { .. }), "no head");
        visit.closed().await;
        let mut heard = hebrew(&voice);
        let mut visit = vendor.visit().await;
        visit.begin_chunks().await;
        visit.chunk(&loud(80)).await;
        assert!(matches!(heard.fails().await, ProviderFault::Stalled { .. }), "no more");
        visit.closed().await;
    });
}
