//! `moked bench` from the outside: a call, a few turns, and figures for all of it. What the figures are is the
//! machine's affair.

use std::process::Command;

use serde_json::Value;

#[test]
fn one_call_for_three_seconds_is_measured_and_answered() {
    let folder = tempfile::tempdir().unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let output = Command::new(env!("CARGO_BIN_EXE_moked"))
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", path)
        .args(["bench", "--calls", "1", "--seconds", "3", "--turns", "1", "--json"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let levels: Value = serde_json::from_slice(&output.stdout).unwrap();
    let level = &levels[0];
    assert_eq!(level["calls"], 1);
    assert_eq!((&level["unanswered"], &level["oddities"]), (&Value::from(0), &Value::from(0)), "{level}");
    assert!(level["added_ms"]["count"].as_u64().unwrap() >= 1, "{level}");
    assert!(level["pacing_ms"]["count"].as_u64().unwrap() >= 1, "{level}");
    assert!(level["stub_lateness_ms"]["count"].as_u64().unwrap() >= 3, "{level}");
}
