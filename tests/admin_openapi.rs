//! The OpenAPI document of the admin endpoint, held against real answers: each status that it names is provoked,
//! each answer is of a status that it names and of the schema that it gives.
#![expect(clippy::unwrap_used, reason = "a test that cannot judge has failed")]

mod support;

use std::cell::RefCell;
use std::collections::BTreeSet;

use awc::http::{Method, StatusCode};
use moked::admin_tokens::Role;
use moked::settings::{LogFormat, LogSection};
use moked::startup::Running;
use moked::telemetry;
use moked_providers::scripted::ScriptedEars;
use serde_json::{Value, json};
use support::admin::{Reply, ask, bearer, get_as, shop};
use support::*;

/// Statuses that a test cannot bring about at will: a thread that is stuck, an address that waits, a body that
/// stalls, an endpoint that is shut. Other tests hold their shape; all refusals have one.
const ELSEWHERE: [&str; 4] = ["408", "429", "503", "504"];

struct Judge {
    document: Value,
    /// What was asked for and seen: path of the document, method, status.
    seen: RefCell<BTreeSet<(String, String, String)>>,
}

impl Judge {
    async fn of(house: &Running) -> Self {
        let document = get_as(house, Role::Viewer, "/admin/openapi.json").await.json();
        Self { document, seen: RefCell::default() }
    }

    /// Holds an answer against the document, and gives its body.
    fn hear(&self, path: &str, method: &str, reply: &Reply) -> Value {
        let status = reply.status.as_str().to_owned();
        let answers = &self.document["paths"][path][method]["responses"];
        let content = &answers[&status]["content"];
        assert!(content.is_object(), "{method} {path} answers {status}, which the document does not know");
        self.seen.borrow_mut().insert((path.to_owned(), method.to_owned(), status));
        let kind = reply.header("content-type").split(';').next().unwrap();
        let schema = &content[kind]["schema"];
        assert!(schema.is_object(), "{method} {path} answers {kind}");
        let body = if kind == "application/json" { reply.json() } else { json!(reply.body) };
        self.check(schema, &body);
        body
    }

    fn check(&self, schema: &Value, body: &Value) {
        let mut whole = schema.clone();
        whole["components"] = self.document["components"].clone();
        let validator = jsonschema::draft202012::new(&whole).unwrap();
        let faults: Vec<String> =
            validator.iter_errors(body).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
        assert!(faults.is_empty(), "{faults:?} in {body:#}");
    }
}

#[actix_rt::test]
async fn every_answer_is_as_the_document_says_and_every_status_in_it_is_real() {
    let _log = telemetry::init(&LogSection { format: LogFormat::Plain, level: "error".to_owned() });
    let ears = ScriptedEars::hearing(["are you open"]);
    let house = shop(&Cast::new(ears, answers(&["Hello, this is the office.", "We are."]))).await;
    let judge = Judge::of(&house).await;
    let (viewer, operator) = (bearer(Role::Viewer), bearer(Role::Operator));

    let mut phone = Phone::ring(&house, "CA1").await;
    phone.until_heard(&turn_audio("Hello, this is the office.")).await;
    phone.say(std::time::Duration::from_millis(400));
    let both = [turn_audio("Hello, this is the office."), turn_audio("We are.")].concat();
    phone.until_heard(&both).await;

    let get = async |template: &str, path: &str| {
        let reply = ask(&house, Method::GET, path, &[("authorization", &viewer)], String::new()).await;
        judge.hear(template, "get", &reply)
    };
    get("/admin/openapi.json", "/admin/openapi.json").await;
    get("/admin/calls", "/admin/calls").await;
    get("/admin/calls", "/admin/calls?state=past").await;
    get("/admin/calls", "/admin/calls?state=future").await;
    let one = "/admin/calls/{call_sid}";
    let call = get(one, "/admin/calls/CA1").await;
    assert_eq!(call["latencies"].as_array().map(Vec::len), Some(2), "{call:#}");
    get(one, "/admin/calls/CA404").await;
    get("/admin/calls/{call_sid}/events", "/admin/calls/CA404/events").await;

    let json = [("authorization", operator.as_str()), ("content-type", "application/json")];
    let post = async |action: &str, call: &str, headers: &[(&str, &str)], body: String| {
        let reply = ask(&house, Method::POST, &format!("/admin/calls/{call}/{action}"), headers, body).await;
        judge.hear(&format!("/admin/calls/{{call_sid}}/{action}"), "post", &reply)
    };
    let good = |action: &str| match action {
        "transfer" => json!({ "to": "+97235550100" }).to_string(),
        "say" => json!({ "text": "x" }).to_string(),
        "restart" => json!({ "stage": "tts" }).to_string(),
        _ => String::new(),
    };
    for action in ["say", "restart", "transfer", "hangup"] {
        post(action, "CA404", &json, good(action)).await;
        post(action, "CA404", &json[1..], good(action)).await;
        post(action, "CA404", &[("authorization", &viewer), json[1]], good(action)).await;
        if action != "hangup" {
            post(action, "CA1", &json[..1], good(action)).await;
            post(action, "CA1", &json, "{".to_owned()).await;
            post(action, "CA1", &json, " ".repeat(4_097)).await;
        }
    }
    post("transfer", "CA1", &json, json!({ "to": "+88312345678" }).to_string()).await;
    post("say", "CA1", &json, good("say")).await;
    post("restart", "CA1", &json, good("restart")).await;
    post("transfer", "CA1", &json, good("transfer")).await;
    phone.until_closed().await;
    nothing_is_left(&house).await;
    let mut second = Phone::ring(&house, "CA2").await;
    second.until_it_speaks().await;
    post("hangup", "CA2", &json, String::new()).await;
    second.until_closed().await;
    nothing_is_left(&house).await;
    assert_eq!(get(one, "/admin/calls/CA1").await["state"], "over");
    let past = get("/admin/calls", "/admin/calls?state=past&limit=1").await;
    assert!(past["next"].is_string(), "{past}");

    for (path, item) in judge.document["paths"].as_object().unwrap() {
        let real = path.replace("{call_sid}", "CA1");
        let method = if item.get("get").is_some() { "get" } else { "post" };
        let (right, wrong) =
            if method == "get" { (Method::GET, Method::POST) } else { (Method::POST, Method::GET) };
        let stranger = ask(&house, right, &real, &[], String::new()).await;
        assert_eq!(stranger.status, StatusCode::UNAUTHORIZED, "{path}");
        judge.hear(path, method, &stranger);
        let reply = ask(&house, wrong, &real, &[("authorization", &viewer)], String::new()).await;
        judge.hear(path, method, &reply);
    }

    let mut missing = Vec::new();
    for (path, item) in judge.document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(key, _)| *key != "parameters") {
            for status in operation["responses"].as_object().unwrap().keys() {
                let is_seen = judge.seen.borrow().contains(&(path.clone(), method.clone(), status.clone()));
                // An order that is refused needs a call that is ending or a stage that cannot restart, and a stream
                // of events that opens has no end to wait for; `admin.rs` and `admin_events.rs` see both.
                let is_elsewhere = ELSEWHERE.contains(&status.as_str())
                    || status == "409"
                    || (path.ends_with("/events") && status == "200");
                if !is_seen && !is_elsewhere {
                    missing.push(format!("{method} {path} {status}"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "the document names what never comes: {missing:?}");
}

#[actix_rt::test]
async fn a_shut_endpoint_and_a_stuck_call_answer_as_the_document_says() {
    let open = shop(&Cast::greeting("Hello.")).await;
    let judge = Judge::of(&open).await;
    let shut = house(&Cast::greeting("Hello.")).await;
    let reply = get_as(&shut, Role::Viewer, "/admin/calls").await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    judge.hear("/admin/calls", "get", &reply);
    let stuck =
        json!({ "state": "stuck", "call_sid": "CA1", "stream_sid": "MZ1", "started_at_ms": 1, "seconds": 2 });
    judge.check(&json!({ "$ref": "#/components/schemas/StuckCall" }), &stuck);
}
