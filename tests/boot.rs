//! The real binary: how fast it listens, how it refuses, how it stops.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Time for the first line about the port, in a debug build on a busy machine. Alone it is a few ms.
const SOON: Duration = Duration::from_secs(2);

/// The safe mode of the old system's playbooks.
const SAFE: [(&str, &str); 8] = [
    ("WS_MODE", "DISABLED"),
    ("HEBREW_REALTIME_ENABLED", "false"),
    ("SKIP_GCP_INIT", "1"),
    ("SKIP_OPENAI_INIT", "1"),
    ("DB_BOOTSTRAP", "0"),
    ("PUBLIC_BASE_URL", "https://ai-crmd.replit.app"),
    ("JWT_SECRET", "dev-secret"),
    ("DATABASE_URL", "sqlite:///./tmp_dev.db"),
];

/// The binary in an empty folder, with these variables and no others.
fn moked(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moked"));
    command.current_dir(folder).env_clear().args(arguments).envs(variables.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn finish(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    moked(folder.path(), arguments, variables).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A server process; stopped when the test lets go of it.
struct Server {
    child: Child,
    log: BufReader<ChildStderr>,
    lines: Vec<String>,
    address: SocketAddr,
}

impl Server {
    fn start(folder: &Path, variables: &[(&str, &str)]) -> Self {
        let begun = Instant::now();
        let mut child = moked(folder, &["serve"], variables).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut lines = Vec::new();
        let port = loop {
            let mut line = String::new();
            assert_ne!(log.read_line(&mut line).unwrap(), 0, "it ended: {lines:?}");
            lines.push(line.clone());
            if let Some((_, rest)) = line.split_once("Listening at: http://0.0.0.0:") {
                break rest.split_whitespace().next().unwrap().trim_matches('"').parse().unwrap();
            }
        };
        assert!(begun.elapsed() < SOON, "listened after {:?}", begun.elapsed());
        Self { child, log, lines, address: SocketAddr::from(([127, 0, 0, 1], port)) }
    }

    /// An answer's status line, headers and body.
    fn ask(&self, request: &str) -> String {
        use std::io::Write;
        let mut socket = std::net::TcpStream::connect(self.address).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        socket.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        answer
    }

    fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
    }

    fn post(&self, path: &str, form: &str) -> String {
        self.ask(&format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\n{form}",
            form.len()
        ))
    }

    /// Sends a signal and waits: the exit code, and what was logged.
    fn stop(mut self, signal: &str) -> (Option<i32>, Vec<String>) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let mut rest = String::new();
        self.log.read_to_string(&mut rest).unwrap();
        self.lines.extend(rest.lines().map(str::to_owned));
        (self.child.wait().unwrap().code(), std::mem::take(&mut self.lines))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already gone after `stop`.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn it_listens_at_once_answers_and_stops_on_either_signal() {
    for signal in ["-TERM", "-INT"] {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(folder.path(), &[("PORT", "0")]);
        assert!(server.get("/healthz").ends_with("\r\n\r\nok"));
        let (code, lines) = server.stop(signal);
        assert_eq!(code, Some(0), "{lines:?}");
        assert!(lines.iter().any(|line| line.contains("STOPPED")), "{lines:?}");
    }
}

#[test]
fn a_log_that_nobody_reads_holds_up_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[("PORT", "0"), ("MOKED__LOG__LEVEL", "trace")]);
    // Ten times what a pipe and the lines that wait can hold.
    let garbage = "x".repeat(8_000);
    let dropped = (0..1_000).any(|_| {
        for _ in 0..100 {
            assert!(server.post("/webhook/call_status", &garbage).starts_with("HTTP/1.1 "));
        }
        !server.get("/metrics").contains("moked_log_lines_dropped_total 0\n")
    });
    assert!(dropped);
    assert!(server.get("/healthz").ends_with("\r\n\r\nok"));
    let (code, _) = server.stop("-TERM");
    assert_eq!(code, Some(0));
}

#[test]
fn safe_mode_boots_quietly_and_takes_messages() {
    let folder = tempfile::tempdir().unwrap();
    let mut variables = SAFE.to_vec();
    variables.push(("PORT", "0"));
    let server = Server::start(folder.path(), &variables);
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200"));
    let form = "CallSid=CA1&AccountSid=AC1&From=%2B972501234567&CallStatus=ringing&Direction=inbound";
    let answer = server.post("/webhook/incoming_call", form);
    assert!(answer.contains("<Say") && answer.contains("<Record"), "{answer}");
    let action = "https://ai-crmd.replit.app/webhook/recording_done";
    assert!(answer.contains(&format!("action=\"{action}\"")), "{answer}");
    assert!(!answer.contains("<Stream"), "{answer}");
    assert!(server.get("/ws/twilio-media").starts_with("HTTP/1.1 503"));
    let (code, lines) = server.stop("-TERM");
    assert_eq!(code, Some(0));
    assert!(!lines.iter().any(|line| line.contains("ERROR") || line.contains("panic")), "{lines:?}");
    assert!(
        !lines.iter().any(|line| line.contains("dev-secret") || line.contains("972501234567")),
        "{lines:?}"
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is written");
}

#[test]
fn a_taken_port_is_one_line_that_names_the_owner_and_code_69() {
    let taken = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = finish(&["serve"], &[("PORT", &port)]);
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(69), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.contains(&port) && error.contains("taken by"), "{error}");
    assert!(error.contains(&std::process::id().to_string()), "{error}");
}

#[test]
fn a_wrong_setting_is_one_line_and_code_78() {
    for (name, value) in [
        ("PORT", "abc"),
        ("MOKED__SERVER__BIND", "203.0.113.1"),
        ("MOKED__SERVR__PORT", "1"),
        ("WS_MODE", "x"),
    ] {
        let output = finish(&["serve"], &[("MOKED__SERVER__PORT", "0"), (name, value)]);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(78), "{name}: {error}");
        assert_eq!(error.lines().count(), 1, "{error}");
        assert!(error.starts_with("moked: "), "{error}");
    }
}

#[test]
fn json_lines_are_json() {
    let folder = tempfile::tempdir().unwrap();
    let mut child =
        moked(folder.path(), &["serve"], &[("PORT", "0"), ("MOKED__LOG__FORMAT", "json")]).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let value: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(value["event"], "LISTENING", "{line}");
    assert!(value["message"].as_str().unwrap().starts_with("Listening at: http://0.0.0.0:"), "{line}");
}

#[test]
fn check_shows_everything_but_secrets() {
    let mut variables = SAFE.to_vec();
    variables.push(("TWILIO_AUTH_TOKEN", "canary-token"));
    let output = finish(&["check"], &variables);
    let report = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(report.contains("call.ws_mode") && report.contains("from WS_MODE"), "{report}");
    assert!(report.contains("SQLite file ./tmp_dev.db") && report.contains("kept for 30 days"), "{report}");
    assert!(report.contains("recorded-message document"), "{report}");
    assert!(report.contains("POST https://ai-crmd.replit.app/webhook/incoming_call\n"), "{report}");
    assert!(!report.contains("canary") && !report.contains("dev-secret"), "{report}");
}

#[test]
fn check_says_plainly_that_a_hebrew_agent_takes_messages() {
    let output = finish(&["check"], &[("MOKED__CALL__AGENT", "office")]);
    let report = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0));
    assert!(report.contains("does not speak Hebrew"), "{report}");
    assert!(report.contains("calls are answered with a recorded-message document"), "{report}");
}

#[test]
fn check_shows_the_address_in_its_normal_form() {
    let report = text(&finish(&["check"], &[("PUBLIC_BASE_URL", "calls.example.com//x/")]).stdout);
    assert!(report.contains("Twilio reaches it at https://calls.example.com/x\n"), "{report}");
}

#[test]
fn a_port_that_is_no_text_is_named_and_code_78() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().unwrap();
    let mut command = moked(folder.path(), &["serve"], &[]);
    command.env("PORT", std::ffi::OsStr::from_bytes(b"80\xff80"));
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(78));
    let line = text(&output.stderr);
    assert!(line.starts_with("moked: PORT = ") && line.contains("Unicode"), "{line}");
}

#[test]
fn check_of_a_wrong_setting_is_code_78() {
    let output = finish(&["check"], &[("MOKED__CALL__AGENT", "nobody")]);
    assert_eq!(output.status.code(), Some(78));
    assert_eq!(text(&output.stderr).lines().count(), 1);
}

#[test]
fn without_a_command_there_is_help_with_examples() {
    let help = text(&finish(&[], &[]).stderr);
    assert!(help.contains("moked check") && help.contains("moked serve"), "{help}");
    for command in ["serve", "check"] {
        let help = text(&finish(&[command, "--help"], &[]).stdout);
        assert!(help.contains("Examples:"), "{command}: {help}");
    }
}
