//! The doctor finds what is wrong, and finds nothing where nothing is.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod doctor_support;
mod edge_support;

use std::net::TcpListener;
use std::process::Command;
use std::time::Instant;

use doctor_support::{Fault, patient};
use edge_support::environment;
use moked::doctor::{CheckReport, Order, Verdict, examine};
use moked::settings::Settings;
use moked::startup::{self, Running};

/// An examination without a call, with these variables.
async fn examined(variables: &[(&str, &str)], url: Option<&str>) -> Vec<CheckReport> {
    let order = Order {
        environment: environment(variables),
        url: url.map(|url| url.parse().unwrap()),
        no_call: true,
        ..Order::default()
    };
    examine(order, |_| {}).await
}

/// The checks that failed.
fn failed(reports: &[CheckReport]) -> Vec<&'static str> {
    reports.iter().filter(|report| report.result == Verdict::Fail).map(|report| report.id).collect()
}

fn report<'a>(reports: &'a [CheckReport], id: &str) -> &'a CheckReport {
    reports.iter().find(|report| report.id == id).unwrap()
}

/// All that was said of a check.
fn text(reports: &[CheckReport], id: &str) -> String {
    let report = report(reports, id);
    format!("{}\n{}", report.evidence.join("\n"), report.mend.clone().unwrap_or_default())
}

/// A server whose public address is its own, with these variables over that.
async fn server(variables: &[(&str, &str)]) -> (Running, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let mut all = vec![("PUBLIC_BASE_URL", base.as_str())];
    all.extend(variables);
    let running = startup::run(Settings::load(None, &environment(&all)).unwrap(), listener).unwrap();
    running.prepared().await;
    (running, base)
}

/// An address where nobody listens.
fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[actix_rt::test]
async fn a_healthy_moked_that_signs_fails_in_nothing_locally_and_publicly() {
    let (running, base) = server(&[("TWILIO_AUTH_TOKEN", "12345")]).await;
    let port = running.address().port().to_string();
    let variables = [("TWILIO_AUTH_TOKEN", "12345"), ("PUBLIC_BASE_URL", &base), ("PORT", &port)];
    let reports = examined(&variables, None).await;
    assert_eq!(failed(&reports), Vec::<&str>::new(), "{reports:#?}");
    let skipped: Vec<&str> =
        reports.iter().filter(|report| report.result == Verdict::Skip).map(|report| report.id).collect();
    assert_eq!(skipped, ["call"]);
    assert!(text(&reports, "port").contains("(from PORT)"), "{reports:#?}");
    assert!(text(&reports, "port").contains(&format!("process {}", std::process::id())), "{reports:#?}");
    assert!(text(&reports, "signature.public").contains("wrongly signed: 403"), "{reports:#?}");
}

#[actix_rt::test]
async fn where_nobody_listens_an_own_moked_holds_a_call_within_twenty_seconds() {
    let begun = Instant::now();
    let order = Order { environment: environment(&[("PORT", "0")]), ..Order::default() };
    let mut titles = Vec::new();
    let reports = examine(order, |progress| {
        if let moked::doctor::Progress::Lasts { title } = progress {
            titles.push(title);
        }
    })
    .await;
    assert_eq!(failed(&reports), Vec::<&str>::new(), "{reports:#?}");
    assert!(begun.elapsed().as_secs() <= 20, "{:?}", begun.elapsed());
    let call = text(&reports, "call");
    for part in [
        "greeting heard after",
        "was answered after",
        "WS_START → STT_FINAL → MEDIA_TX",
        "understood \"rent\"",
    ] {
        assert!(call.contains(part), "{call}");
    }
    assert!(text(&reports, "port").contains("of this process was started"), "{reports:#?}");
    assert!(text(&reports, "words").contains("word error rate"), "{reports:#?}");
    assert!(titles.contains(&"a simulated call"), "{titles:?}");
}

#[actix_rt::test]
async fn each_fault_of_a_server_fails_its_check_and_no_other() {
    for (fault, id, word) in [
        (None, None, ""),
        (Some(Fault::NoEcho), Some("media.local"), "sub-protocol none"),
        (Some(Fault::EchoUnasked), Some("media.local"), "not offered"),
        (Some(Fault::FirstLineOnly), Some("media.local"), "second of two header lines"),
        (Some(Fault::PlainAnswer), Some("media.local"), "200 instead of 101"),
        (Some(Fault::Compression), Some("media.local"), "permessage-deflate"),
        (Some(Fault::EmptyAction), Some("twiml.local"), "12100"),
        (Some(Fault::DoubleSlash), Some("twiml.local"), "empty step (//)"),
        (Some(Fault::NotReady), Some("readyz.local"), "no voice"),
        (Some(Fault::WebhookGone), Some("webhooks.local"), "404"),
    ] {
        let port = patient(fault).to_string();
        let reports = examined(&[("PORT", &port)], None).await;
        assert_eq!(failed(&reports), id.into_iter().collect::<Vec<_>>(), "{fault:?} {reports:#?}");
        if let Some(id) = id {
            assert!(text(&reports, id).contains(word), "{fault:?} {reports:#?}");
        }
    }
}

#[actix_rt::test]
async fn the_codes_of_twilio_stand_with_their_checks() {
    for (fault, id, code) in [
        (Fault::NoEcho, "media.local", 31_920),
        (Fault::Compression, "media.local", 31_924),
        (Fault::EmptyAction, "twiml.local", 12_100),
    ] {
        let port = patient(Some(fault)).to_string();
        let reports = examined(&[("PORT", &port)], None).await;
        assert!(report(&reports, id).codes.contains(&code), "{fault:?} {reports:#?}");
    }
}

#[actix_rt::test]
async fn another_program_on_the_port_is_named_and_the_rest_is_examined_elsewhere() {
    let port = patient(Some(Fault::Stranger)).to_string();
    let reports = examined(&[("PORT", &port)], None).await;
    assert_eq!(failed(&reports), ["port"], "{reports:#?}");
    let text = text(&reports, "port");
    assert!(
        text.contains(&format!("kill {}", std::process::id())) && text.contains("is not moked"),
        "{text}"
    );
}

#[actix_rt::test]
async fn a_public_address_where_nobody_listens_is_one_failure() {
    let reports = examined(&[("PORT", "0")], Some(&nowhere())).await;
    assert_eq!(failed(&reports), ["healthz.public"], "{reports:#?}");
    assert_eq!(report(&reports, "healthz.public").codes, [31_902], "{reports:#?}");
    assert_eq!(report(&reports, "media.public").evidence, ["no answer there; see healthz"]);
}

#[actix_rt::test]
async fn another_token_than_the_servers_shows_the_addresses_that_would_do() {
    let (_running, base) = server(&[("TWILIO_AUTH_TOKEN", "theirs")]).await;
    let reports = examined(&[("TWILIO_AUTH_TOKEN", "ours"), ("PORT", "0")], Some(&base)).await;
    let text = text(&reports, "signature.public");
    assert_eq!(report(&reports, "signature.public").result, Verdict::Fail, "{text}");
    assert!(text.contains(&format!("{base}/webhook/incoming_call or ")), "{text}");
    assert_eq!(report(&reports, "signature.local").result, Verdict::Pass, "{reports:#?}");
}

#[actix_rt::test]
async fn an_old_deployment_behind_the_public_address_fails() {
    let (_running, base) = server(&[("DEPLOY_ID", "old")]).await;
    let reports = examined(&[("DEPLOY_ID", "new"), ("PORT", "0")], Some(&base)).await;
    assert_eq!(failed(&reports), ["version"], "{reports:#?}");
    assert!(text(&reports, "version").contains("deployment old"), "{reports:#?}");
}

#[actix_rt::test]
async fn a_setting_that_is_wrong_stops_nothing_but_what_needs_it() {
    let (_running, base) = server(&[]).await;
    let reports = examined(&[("PORT", "80a")], Some(&base)).await;
    assert_eq!(failed(&reports), ["settings"], "{reports:#?}");
    assert!(text(&reports, "settings").contains("80a"), "{reports:#?}");
    assert_eq!(report(&reports, "healthz.local").result, Verdict::Skip);
    assert_eq!(report(&reports, "twiml.public").result, Verdict::Pass);
}

fn moked(arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moked"));
    let output = command.args(arguments).env_clear().env("PORT", "0").output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn the_command_writes_one_json_document_and_its_exit_code_counts_the_failures() {
    let (code, out) = moked(&["doctor", "--no-call", "--json"]);
    let reports: Vec<serde_json::Value> = serde_json::from_str(&out).unwrap();
    assert_eq!(code, Some(0), "{out}");
    for report in &reports {
        for field in ["id", "title", "result", "evidence", "mend", "ms"] {
            assert!(report.get(field).is_some(), "{field}: {report}");
        }
    }
    assert_eq!(reports[0]["result"], "pass");
    let (code, out) = moked(&["doctor", "--no-call", "--url", &nowhere()]);
    let failed = out.lines().filter(|line| line.starts_with("  FAIL  ")).count();
    assert_eq!(code, Some(failed as i32), "{out}");
    assert!(failed > 0 && !out.contains('\x1b'), "{out}");
    assert!(out.contains("Twilio 31902: "), "{out}");
    assert!(out.lines().all(|line| line.chars().count() <= 100), "{out}");
}

#[test]
fn a_code_is_explained_either_way_and_an_unknown_one_lists_the_known() {
    for arguments in [["doctor", "--explain=31920"].as_slice(), &["doctor", "31920"]] {
        let (code, out) = moked(arguments);
        assert_eq!(code, Some(0));
        assert!(out.contains("31920") && out.contains("remedy"), "{out}");
    }
    let (code, out) = moked(&["doctor", "1"]);
    assert_eq!(code, Some(1));
    assert!(out.contains("12100"), "{out}");
}
