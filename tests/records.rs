//! What calls leave behind, over the whole server: through a well, a locked, a dead and a deleted database, through a
//! stop and a kill.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod support;

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use moked::caller::line::LineClient;
use moked::records::{Archive, CallFilter, CallRecord, Erasure, Page, RecordsHealth};
use moked::settings::Settings;
use moked::startup::Running;
use moked_core::ids::CallSid;
use moked_core::record::Said;
use moked_providers::scripted::{Hearing, ScriptedEars};
use sqlx::ConnectOptions as _;
use sqlx::any::{AnyConnectOptions, install_default_drivers};
use support::*;

const LONG: &str =
    "One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen.";

fn variables(folder: &Path) -> [(&'static str, String); 2] {
    [
        ("MOKED__RECORDS__KEEP_DAYS", "30".to_owned()),
        ("MOKED__RECORDS__DIR", folder.join("records").display().to_string()),
    ]
}

async fn recording_house(cast: &Cast, folder: &Path, more: &[(&str, &str)]) -> Running {
    let own = variables(folder);
    let mut all: Vec<(&str, &str)> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
    all.extend(more);
    house_with(cast, &all, |_| {}).await
}

async fn until_ok(house: &Running) {
    let well = house.records().until(|health| *health == RecordsHealth::Ok);
    tokio::time::timeout(PATIENCE, well).await.unwrap();
}

async fn record_of(house: &Running, call: &str) -> CallRecord {
    assert!(house.records().flush(PATIENCE).await);
    house.records().call(&CallSid::new(call)).await.unwrap().unwrap()
}

/// A call in which the caller cuts in, asks, and hangs up; gives its words.
async fn talk(house: &Running, call: &str) {
    let mut phone = Phone::ring(house, call).await;
    phone.until_it_speaks().await;
    phone.wait(Duration::from_millis(1_000)).await;
    phone.say(Duration::from_millis(600));
    phone.until("the agent is cut", |phone| !phone.clears().is_empty()).await;
    phone.until("the answer comes", |phone| !phone.sent_since_clear().is_empty()).await;
    let audio = voiced(&turn_audio("Until six.")).len();
    phone
        .until("the answer is heard", |phone| phone.sent_since_clear().len() >= audio && phone.is_quiet())
        .await;
    phone.hang_up().await;
    nothing_is_left(house).await;
}

fn cast() -> Cast {
    Cast::new(
        ScriptedEars::new([Hearing::Hears("my number is 0541234567".into())]),
        answers(&[LONG, "Until six."]),
    )
}

/// The binary over the same folder, with these variables and no others.
async fn moked(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moked"));
    command.current_dir(folder).env_clear().args(arguments).envs(variables(folder)).stdin(Stdio::null());
    actix_rt::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Everything in the folder, as bytes.
fn bytes_in(folder: &Path) -> String {
    let mut all = String::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                all.push_str(&String::from_utf8_lossy(&std::fs::read(path).unwrap()));
            }
        }
    }
    all
}

#[actix_rt::test]
async fn a_call_leaves_what_was_heard_and_what_was_not_until_it_is_erased() {
    let folder = tempfile::tempdir().unwrap();
    let house = recording_house(&cast(), folder.path(), &[]).await;
    until_ok(&house).await;
    talk(&house, "CA-kept").await;
    let record = record_of(&house, "CA-kept").await;
    assert_eq!(record.call.caller.as_deref(), Some("+972501234567"));
    assert_eq!(record.call.end.unwrap().cause.as_str(), "caller_hung_up");
    let greeting = record.conversation[0].answer.clone().unwrap();
    assert!(greeting.interrupted && greeting.heard.starts_with("One two"), "{greeting:?}");
    assert_eq!(format!("{} {}", greeting.heard, greeting.unheard), LONG);
    assert_eq!(record.conversation[1].said, Some(Said::Words("my number is 0541234567".into())));
    let answer = record.conversation[1].answer.clone().unwrap();
    assert_eq!((answer.heard.as_str(), answer.unheard.as_str()), ("Until six.", ""));
    assert!(answer.latencies.first_frame_ms.is_some());

    let listed = text(&moked(folder.path(), &["calls", "list"]).await.stdout);
    assert!(listed.contains("CA-kept") && listed.contains("caller_hung_up"), "{listed}");
    let shown = text(&moked(folder.path(), &["calls", "show", "CA-kept"]).await.stdout);
    assert!(shown.contains("my number is 0541234567") && shown.contains("[interrupted: "), "{shown}");
    let json = moked(folder.path(), &["calls", "show", "CA-kept", "--json"]).await;
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["conversation"][1]["answer"]["heard"], "Until six.");

    let output = moked(folder.path(), &["calls", "erase", "--caller", "+972 50 123 4567"]).await;
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(0), "Erased: 1 call.\n"));
    assert_eq!(house.records().call(&CallSid::new("CA-kept")).await.unwrap(), None);
    house.stop().await.unwrap();
    let bytes = bytes_in(folder.path());
    assert!(!bytes.contains("0541234567") && !bytes.contains("+972501234567") && !bytes.contains("One two"));
    for arguments in [["calls", "show", "CA-kept"], ["calls", "erase", "CA-kept"]] {
        let output = moked(folder.path(), &arguments).await;
        assert_eq!(output.status.code(), Some(66), "{arguments:?}");
        assert!(text(&output.stderr).contains("no call CA-kept is recorded in the SQLite file"));
    }
}

#[actix_rt::test]
async fn a_locked_database_is_heard_by_no_caller_and_costs_no_row() {
    let folder = tempfile::tempdir().unwrap();
    let house = recording_house(&cast(), folder.path(), &[]).await;
    until_ok(&house).await;
    install_default_drivers();
    let url = format!("sqlite://{}", folder.path().join("records/calls.db").display());
    let mut other = url.parse::<AnyConnectOptions>().unwrap().connect().await.unwrap();
    sqlx::raw_sql("BEGIN EXCLUSIVE").execute(&mut other).await.unwrap();
    talk(&house, "CA-locked").await;
    assert!(house.records().flush(PATIENCE).await);
    let ready = edge::get(&house, "/readyz").await;
    assert_eq!(ready.status, 200);
    let body: serde_json::Value = serde_json::from_str(&ready.body).unwrap();
    let records = body["records"].as_str().unwrap();
    assert!(
        records.starts_with("degraded: SQLite file") && records.contains("is locked by another program"),
        "{body}"
    );
    let calls = house.records().calls(&CallFilter::default(), &Page::first(10)).await.unwrap();
    assert_eq!(calls.calls.len(), 0);

    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    until_ok(&house).await;
    let record = record_of(&house, "CA-locked").await;
    assert_eq!((record.conversation.len(), record.call.end.is_some()), (2, true));
    let count = house.records().count();
    assert_eq!((count.dropped, count.held), (0, 0));
    assert!(count.spooled > 0 && count.written >= count.taken, "{count:?}");
    let body: serde_json::Value = serde_json::from_str(&edge::get(&house, "/readyz").await.body).unwrap();
    assert_eq!((&body["records"], &body["db"]), (&"ok".into(), &"ok".into()));
}

#[actix_rt::test]
async fn without_its_database_a_server_serves_and_the_next_one_brings_the_rows_home() {
    let folder = tempfile::tempdir().unwrap();
    // Nobody listens on port 1 of this machine.
    let dead = [("DATABASE_URL", "postgresql://moked:canary@127.0.0.1:1/calls")];
    let house = recording_house(&cast(), folder.path(), &dead).await;
    talk(&house, "CA-homeless").await;
    let ready = edge::get(&house, "/readyz").await;
    assert_eq!(ready.status, 200);
    assert!(
        ready.body.contains("degraded: PostgreSQL database calls at 127.0.0.1:1 cannot be reached"),
        "{}",
        ready.body
    );
    assert!(!ready.body.contains("canary"), "{}", ready.body);
    let fault = house.records().call(&CallSid::new("CA-homeless")).await.unwrap_err().to_string();
    assert!(fault.contains("cannot be reached"), "{fault}");
    house.stop().await.unwrap();

    let house = recording_house(&cast(), folder.path(), &[]).await;
    until_ok(&house).await;
    let record = record_of(&house, "CA-homeless").await;
    assert_eq!(record.call.end.unwrap().cause.as_str(), "caller_hung_up");
    assert_eq!(record.conversation.len(), 2);
    assert_eq!(std::fs::read_dir(folder.path().join("records/spool")).unwrap().count(), 1, "the lock only");
}

/// Runs when `MOKED_TEST_POSTGRES_URL` names a database of PostgreSQL for tests.
#[actix_rt::test]
async fn postgresql_keeps_a_call_and_erases_it_too() {
    let Some(url) = moked::settings::read_environment().remove("MOKED_TEST_POSTGRES_URL") else { return };
    let folder = tempfile::tempdir().unwrap();
    let house = recording_house(&cast(), folder.path(), &[("DATABASE_URL", &url)]).await;
    until_ok(&house).await;
    let call = format!("CA-postgres-{}", std::process::id());
    talk(&house, &call).await;
    let record = record_of(&house, &call).await;
    assert_eq!((record.conversation.len(), record.call.turns, record.unreadable), (2, 2, 0));
    let archive = house.records().archive();
    let erased = archive.erase(&Erasure::Calls(vec![CallSid::new(&call)])).await.unwrap();
    assert_eq!((erased.calls, erased.spooled), (1, 0));
    assert_eq!(house.records().call(&CallSid::new(&call)).await.unwrap(), None);
}

#[actix_rt::test]
async fn a_deleted_file_is_made_anew_and_what_was_spooled_can_be_erased() {
    let folder = tempfile::tempdir().unwrap();
    let house = recording_house(&cast(), folder.path(), &[]).await;
    until_ok(&house).await;
    std::fs::remove_dir_all(folder.path().join("records")).unwrap();
    talk(&house, "CA-after").await;
    until_ok(&house).await;
    assert_eq!(record_of(&house, "CA-after").await.conversation.len(), 2);
    house.stop().await.unwrap();

    let dead = [("DATABASE_URL", "postgresql://127.0.0.1:1/calls")];
    let house = recording_house(&cast(), folder.path(), &dead).await;
    talk(&house, "CA-spooled").await;
    house.stop().await.unwrap();
    assert!(bytes_in(folder.path()).contains("CA-spooled"));
    let output = moked(folder.path(), &["calls", "erase", "CA-spooled"]).await;
    let told = text(&output.stdout);
    assert!(told.starts_with("Erased: 0 calls, and ") && told.contains("that waited in the spool"), "{told}");
    let house = recording_house(&cast(), folder.path(), &[]).await;
    until_ok(&house).await;
    assert_eq!(house.records().call(&CallSid::new("CA-spooled")).await.unwrap(), None);
}

#[actix_rt::test]
async fn what_the_settings_do_not_want_kept_is_not() {
    let folder = tempfile::tempdir().unwrap();
    for (words, call) in [("masked", "CA-masked"), ("none", "CA-none")] {
        let house = recording_house(&cast(), folder.path(), &[("MOKED__RECORDS__WORDS", words)]).await;
        until_ok(&house).await;
        talk(&house, call).await;
        let record = record_of(&house, call).await;
        assert_eq!(record.call.turns, 2);
        house.stop().await.unwrap();
        let bytes = bytes_in(folder.path());
        assert!(!bytes.contains("0541234567") && !bytes.contains("+972501234567"), "{words}");
        assert!(bytes.contains("my number is ********67"), "from the masked call");
        assert_eq!(record.call.caller.as_deref(), (words == "masked").then_some("+**********67"));
    }
    let house = recording_house(&cast(), folder.path(), &[("MOKED__RECORDS__KEEP_DAYS", "0")]).await;
    talk(&house, "CA-off").await;
    assert_eq!(house.records().count().taken, 0);
    assert!(edge::get(&house, "/readyz").await.body.contains("off: records.keep_days is 0"));
    assert!(!bytes_in(folder.path()).contains("CA-off"));
}

/// `moked serve`, killed when it is dropped.
struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    fn start(folder: &Path, more: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_moked"));
        command.current_dir(folder).env_clear().arg("serve").envs(variables(folder)).env("PORT", "0");
        command.env("MOKED__SERVER__BIND", "127.0.0.1");
        command.envs(more.iter().copied()).stdin(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let port = loop {
            let mut line = String::new();
            assert_ne!(log.read_line(&mut line).unwrap(), 0, "it ended");
            if let Some((_, rest)) = line.split_once("Listening at: http://127.0.0.1:") {
                break rest.split_whitespace().next().unwrap().parse::<u16>().unwrap();
            }
        };
        // A log that nobody reads would stop the server when the pipe is full.
        std::thread::spawn(move || log.lines().for_each(drop));
        Self { child, address: SocketAddr::from(([127, 0, 0, 1], port)) }
    }

    async fn ready(&self) -> edge::Answer {
        edge::request(self.address, "/readyz", None, &[]).await.unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGKILL, as a platform out of patience or memory does.
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[actix_rt::test]
async fn a_killed_process_leaves_what_its_call_had() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    let limit = Instant::now() + PATIENCE;
    while server.ready().await.status != 200 {
        assert!(Instant::now() < limit, "it does not get ready");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let form = edge::incoming("CA-killed");
    let token =
        edge::request(server.address, "/webhook/incoming_call", Some(&form), &[]).await.unwrap().token();
    let url = format!("ws://{}/ws/twilio-media", server.address);
    let line = LineClient::dial(&url, start_of("CA-killed", Some(&token))).await.unwrap();
    let mut phone = Phone::on(line, "CA-killed");
    phone.until_it_speaks().await;
    phone.until("the greeting is heard", |phone| phone.is_quiet()).await;
    let own = variables(folder.path());
    let own: Vec<(&str, &str)> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let archive = Archive::of(&Settings::load(None, &edge::environment(&own)).unwrap());
    let turn_is_there = async || {
        let record = archive.call(&CallSid::new("CA-killed")).await.unwrap();
        record.is_some_and(|record| record.call.turns == 1)
    };
    while !turn_is_there().await {
        phone.wait(Duration::from_millis(20)).await;
    }
    drop(server);

    let record = archive.call(&CallSid::new("CA-killed")).await.unwrap().unwrap();
    assert_eq!(record.call.end, None);
    assert!(record.conversation[0].answer.as_ref().unwrap().heard.starts_with("Hello"), "{record:?}");
    let listed = text(&moked(folder.path(), &["calls", "list"]).await.stdout);
    assert!(listed.contains("no end recorded"), "{listed}");
    let output = moked(folder.path(), &["calls", "purge", "--keep-days", "0"]).await;
    assert_eq!(text(&output.stdout), "Older than 0 days and erased: 1 call.\n");
}

#[actix_rt::test]
async fn a_folder_that_cannot_be_written_keeps_no_server_from_serving() {
    let folder = tempfile::tempdir().unwrap();
    for (name, value, why) in [
        ("MOKED__RECORDS__DIR", "/proc/moked", "set records.dir to a folder that can be written"),
        ("DB_BOOTSTRAP", "0", "cannot be opened"),
    ] {
        let server = Server::start(folder.path(), &[(name, value), ("WS_MODE", "DISABLED")]);
        let limit = Instant::now() + PATIENCE;
        loop {
            let ready = server.ready().await;
            assert_eq!(ready.status, 200, "{}", ready.body);
            if ready.body.contains("degraded: ") && ready.body.contains(why) {
                break;
            }
            assert!(Instant::now() < limit, "{}", ready.body);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        drop(server);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is made");
    }
}

#[actix_rt::test]
async fn commands_say_what_is_wrong_and_end_with_its_code() {
    let folder = tempfile::tempdir().unwrap();
    let output = moked(folder.path(), &["calls", "list"]).await;
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).starts_with("No such call is recorded in the SQLite file "));
    let output = moked(folder.path(), &["calls", "erase", "--caller", "0541234567"]).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("such as +972541234567"), "{}", text(&output.stderr));
    assert_eq!(moked(folder.path(), &["calls", "erase"]).await.status.code(), Some(2));
    std::fs::create_dir(folder.path().join("records")).unwrap();
    std::fs::write(folder.path().join("records/calls.db"), "no database at all, but a text of some length")
        .unwrap();
    let output = moked(folder.path(), &["calls", "list"]).await;
    assert_eq!(output.status.code(), Some(69));
    assert!(text(&output.stderr).contains("is damaged"), "{}", text(&output.stderr));
}
