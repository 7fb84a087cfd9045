//! `moked call` and `moked demo` as a person or a script sees them: what is on which stream, and what is left.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod edge_support;

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use edge_support::server;

/// Runs the binary in a folder with these variables and no others, off the thread that serves.
async fn moked(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moked"));
    command.current_dir(folder).env_clear().args(arguments).envs(variables.iter().copied());
    command.stdin(Stdio::null());
    actix_rt::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[actix_rt::test]
async fn the_json_report_stands_alone_on_standard_output() {
    let server = server(&[("WS_MODE", "DISABLED")]).await;
    let url = format!("http://{}/webhook/incoming_call", server.address());
    let folder = tempfile::tempdir().unwrap();
    let output = moked(folder.path(), &["call", &url, "--json"], &[]).await;
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["webhook"], url.as_str());
    assert!(text(&output.stderr).contains("<Record>"), "{}", text(&output.stderr));
}

#[actix_rt::test]
async fn a_call_to_nobody_is_one_clear_line() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let output = moked(folder.path(), &["call", &format!("http://{free}")], &[]).await;
    assert_eq!(output.status.code(), Some(69));
    let line = text(&output.stderr);
    assert_eq!(line.lines().count(), 1, "{line}");
    assert!(line.contains("Twilio would report 11205: ") && line.contains("Remedy: "), "{line}");
    assert!(!line.contains("\\u{") && !line.contains("report Twilio"), "{line}");
}

#[actix_rt::test]
async fn a_recording_that_cannot_be_written_stops_before_the_call() {
    let server = server(&[("WS_MODE", "DISABLED")]).await;
    let url = format!("http://{}/webhook/incoming_call", server.address());
    let folder = tempfile::tempdir().unwrap();
    let output = moked(folder.path(), &["call", &url, "--record", "nowhere/ear.wav"], &[]).await;
    assert_eq!(output.status.code(), Some(71));
    assert!(text(&output.stderr).contains("nowhere/ear.wav"), "{}", text(&output.stderr));
    assert!(!text(&output.stdout).contains("POST"), "no call was placed: {}", text(&output.stdout));
}

#[actix_rt::test]
async fn a_demo_without_a_conversation_says_why_and_claims_no_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("moked-call.wav"), "of yesterday").unwrap();
    for (variable, why) in [
        (("WS_MODE", "DISABLED"), "There was no conversation: WS_MODE is DISABLED"),
        (("MOKED__CALL__AGENT", "office"), "does not speak Hebrew"),
    ] {
        let output = moked(folder.path(), &["demo"], &[("PORT", "0"), variable]).await;
        let told = text(&output.stdout);
        assert!(told.contains(why), "{told} {}", text(&output.stderr));
        assert!(!told.contains("What the caller heard") && !told.contains("A picture of the call"), "{told}");
        assert!(told.contains("moked-call.wav is from an earlier call"), "{told}");
        assert!(!folder.path().join("moked-call.svg").exists());
    }
}
