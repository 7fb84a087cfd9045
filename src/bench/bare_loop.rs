//! The least that any server must do for a call: read a frame, write a frame.
//!
//! The measure that does not depend on the machine: what a call costs, as a multiple of this.

use std::io;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use moked_core::audio::{FRAME_SAMPLES, mulaw};
use moked_core::ids::StreamSid;
use moked_core::twilio::inbound::Inbound;
use moked_core::twilio::outbound;

use super::figures::ms;
use super::process;

/// Frames of a call in a second, each way.
const FRAMES_A_SECOND: u32 = 50;

/// Frames between two looks at the clock.
const BATCH: u32 = 10_000;

/// The clock of a process ticks each 10 ms, so half a second is good for two in a hundred.
const ENOUGH: Duration = Duration::from_millis(500);

/// CPU in ms that one call-second of the bare loop takes on this core: JSON and base64 to µ-law to samples, and
/// back.
///
/// # Errors
/// When the system does not tell the process's CPU time.
pub(super) fn cpu_ms_per_call_second() -> io::Result<f64> {
    let pid = std::process::id();
    let payload = BASE64_STANDARD.encode([0x9A; FRAME_SAMPLES]);
    let stream = "MZ0123456789abcdef0123456789abcdef";
    let text = format!(
        r#"{{"event":"media","sequenceNumber":"3","streamSid":"{stream}","media":{{"track":"inbound","chunk":"2","timestamp":"20","payload":"{payload}"}}}}"#
    );
    let stream = StreamSid::new(stream);
    let begun = process::cpu(pid)?;
    let mut frames = 0;
    loop {
        for _ in 0..BATCH {
            std::hint::black_box(frame(std::hint::black_box(&text), &stream));
        }
        frames += BATCH;
        let spent = process::cpu(pid)?.saturating_sub(begun);
        if spent >= ENOUGH {
            return Ok(ms(spent) * f64::from(FRAMES_A_SECOND) / f64::from(frames));
        }
    }
}

fn frame(text: &str, stream: &StreamSid) -> Option<String> {
    let Ok(Inbound::Media(media)) = Inbound::parse(text) else { return None };
    let samples = mulaw::decode(&media.decode().ok()?);
    Some(outbound::media(stream, &mulaw::encode(&samples)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_comes_out_as_it_went_in() {
        let text = r#"{"event":"media","media":{"payload":"gJmqAA=="}}"#;
        let out = frame(text, &StreamSid::new("MZ1")).unwrap();
        assert_eq!(out, r#"{"event":"media","streamSid":"MZ1","media":{"payload":"gJmqAA=="}}"#);
    }
}
