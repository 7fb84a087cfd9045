//! The admin endpoint: who gets in, what he sees of live and past calls, what he may order.
#![expect(clippy::unwrap_used, reason = "a test that cannot run the command has failed")]

mod support;

use std::time::Duration;

use awc::http::{Method, StatusCode};
use moked::admin_tokens::Role;
use moked_actors::CallEnd;
use moked_core::twilio::twiml::Verb;
use moked_providers::scripted::ScriptedEars;
use serde_json::{Value, json};
use support::admin::{SECRET, ask, get_as, order, shop, token};
use support::*;

const GREETING: &str = "Hello, this is the office.";

/// Runs `moked token` with these arguments and this secret.
fn mint(secret: &str, arguments: &[&str]) -> std::process::Output {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_moked"));
    command.arg("token").args(arguments).env_clear().env("JWT_SECRET", secret).current_dir("/");
    command.output().unwrap()
}

#[actix_rt::test]
async fn the_command_prints_a_token_that_opens_the_endpoint_and_nothing_else() {
    let house = shop(&Cast::greeting(GREETING)).await;
    let printed = mint(SECRET, &["--role", "operator", "--hours", "1", "--for", "דנה"]);
    assert!(printed.status.success() && printed.stderr.is_empty(), "{printed:?}");
    let token = String::from_utf8(printed.stdout).unwrap();
    assert_eq!((token.lines().count(), token.split('.').count()), (1, 3), "{token}");
    let bearer = format!("Bearer {}", token.trim_end());
    let answer = ask(&house, Method::GET, "/admin/calls", &[("authorization", &bearer)], String::new()).await;
    assert_eq!(answer.status, StatusCode::OK);
    let weak = mint("hunter2", &[]);
    assert_eq!((weak.status.code(), weak.stdout.as_slice()), (Some(78), b"" as &[u8]));
    assert!(String::from_utf8(weak.stderr).unwrap().contains("openssl rand"));
}

#[actix_rt::test]
async fn without_a_good_secret_the_endpoint_is_shut_and_the_rest_works() {
    for variables in
        [&[] as &[_], &[("JWT_SECRET", "hunter2")], &[("JWT_SECRET", "changemechangemechangemechangeme")]]
    {
        let house = house_with(&Cast::greeting(GREETING), variables, |_| {}).await;
        let reply = get_as(&house, Role::Operator, "/admin/calls").await;
        assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(
            reply.refusal().contains("JWT_SECRET") && reply.body.contains("openssl rand"),
            "{}",
            reply.body
        );
        assert!(!reply.body.contains("hunter2") && !reply.body.contains("changeme"), "{}", reply.body);
        assert_eq!(edge::get(&house, "/healthz").await.body, "ok");
    }
}

#[actix_rt::test]
async fn only_a_token_in_its_header_opens_any_route() {
    let house = shop(&Cast::greeting(GREETING)).await;
    let good = token(Role::Operator);
    let query = format!("/admin/calls?token={good}&access_token={good}");
    let cookie = format!("token={good}");
    for (path, headers) in [
        ("/admin/calls", vec![]),
        ("/admin/calls/CA1", vec![]),
        ("/admin/events", vec![]),
        ("/admin/openapi.json", vec![]),
        ("/admin", vec![]),
        ("/admin/nothing/here", vec![]),
        (query.as_str(), vec![]),
        ("/admin/calls", vec![("cookie", cookie.as_str())]),
        ("/admin/calls", vec![("authorization", "Basic ZGFuYTpkYW5h")]),
    ] {
        let reply = ask(&house, Method::GET, path, &headers, String::new()).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(reply.header("www-authenticate"), "Bearer realm=\"moked\"");
        reply.refusal();
    }
    let wrong =
        ask(&house, Method::GET, "/admin/calls", &[("authorization", "Bearer a.b.c")], String::new()).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert!(wrong.header("www-authenticate").contains("invalid_token"));
    assert_eq!(get_as(&house, Role::Viewer, "/admin/calls").await.status, StatusCode::OK);
}

#[actix_rt::test]
async fn a_viewer_looks_and_does_not_act() {
    let house = shop(&Cast::greeting(GREETING)).await;
    let mut phone = Phone::ring(&house, "CA1").await;
    phone.until_it_speaks().await;
    let bearer = format!("Bearer {}", token(Role::Viewer));
    for action in ["hangup", "transfer", "say", "restart"] {
        let path = format!("/admin/calls/CA1/{action}");
        let reply = ask(&house, Method::POST, &path, &[("authorization", &bearer)], String::new()).await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{action}");
        assert!(reply.header("www-authenticate").contains("insufficient_scope"), "{action}");
        reply.refusal();
    }
    assert_eq!(house.registry().live(), 1);
    phone.hang_up().await;
    nothing_is_left(&house).await;
}

#[actix_rt::test]
async fn answers_are_neither_cached_nor_readable_by_another_site() {
    let house = shop(&Cast::greeting(GREETING)).await;
    let bearer = format!("Bearer {}", token(Role::Viewer));
    let headers = [("authorization", bearer.as_str()), ("origin", "https://evil.example")];
    let answers = [
        ask(&house, Method::GET, "/admin/calls", &headers, String::new()).await,
        ask(&house, Method::GET, "/admin/calls", &headers[1..], String::new()).await,
        ask(&house, Method::GET, "/admin/nothing", &headers, String::new()).await,
    ];
    for answer in &answers {
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(answer.header("content-security-policy").contains("default-src 'none'"));
        assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control")));
        assert_eq!(answer.header("set-cookie"), "");
    }
    let preflight =
        ask(&house, Method::OPTIONS, "/admin/calls/CA1/hangup", &headers[1..], String::new()).await;
    assert!(preflight.status.is_client_error() && preflight.header("access-control-allow-origin").is_empty());
}

#[actix_rt::test]
async fn wrong_tokens_from_one_address_have_to_wait() {
    let variables = [("JWT_SECRET", SECRET), ("MOKED__SERVER__TRUSTED_PROXIES", "127.0.0.1")];
    let house = house_with(&Cast::greeting(GREETING), &variables, |_| {}).await;
    let good = format!("Bearer {}", token(Role::Viewer));
    let from = async |address: &str, bearer: &str| {
        let headers = [("authorization", bearer), ("x-forwarded-for", address)];
        ask(&house, Method::GET, "/admin/calls", &headers, String::new()).await
    };
    for _ in 0..10 {
        assert_eq!(from("203.0.113.7", "Bearer x.y.z").await.status, StatusCode::UNAUTHORIZED);
    }
    let waiting = from("203.0.113.7", &good).await;
    assert_eq!(waiting.status, StatusCode::TOO_MANY_REQUESTS);
    assert!((1..=60).contains(&waiting.header("retry-after").parse::<u64>().unwrap()));
    assert!(waiting.refusal().contains("wrong tokens"));
    assert_eq!(from("203.0.113.8", &good).await.status, StatusCode::OK, "another address does not wait");
}

#[actix_rt::test]
async fn a_live_call_shows_every_stage_and_why_it_wakes_next() {
    let house = shop(&Cast::greeting("שלום, כאן המשרד.")).await;
    let mut phone = Phone::ring(&house, "CA1").await;
    phone.until_heard(&turn_audio("שלום, כאן המשרד.")).await;
    let list = get_as(&house, Role::Viewer, "/admin/calls").await.json();
    assert_eq!(list["live"][0]["call_sid"], "CA1");
    let mut call = get_as(&house, Role::Viewer, "/admin/calls/CA1").await.json();
    while call["stages"]["dialog"]["state"]["turn"]["state"] != "LISTENING" {
        phone.wait(Duration::from_millis(40)).await;
        call = get_as(&house, Role::Viewer, "/admin/calls/CA1").await.json();
    }
    assert_eq!(call["state"], "live");
    for stage in ["stt", "dialog", "tts", "pacer"] {
        assert_eq!(call["stages"][stage]["status"], "running", "{stage}: {call}");
    }
    assert_eq!(call["stages"]["dialog"]["next_timer"]["why"], "silence");
    assert!(call["stages"]["dialog"]["next_timer"]["in_ms"].as_u64().is_some_and(|ms| ms > 1_000), "{call}");
    assert_eq!(call["conversation"][0]["heard"], "שלום, כאן המשרד.");
    phone.hang_up().await;
    nothing_is_left(&house).await;

    let past = get_as(&house, Role::Viewer, "/admin/calls?state=past").await.json();
    assert_eq!((&past["past"][0]["end"], &past["next"]), (&"caller_hung_up".into(), &Value::Null));
    let call = get_as(&house, Role::Viewer, "/admin/calls/CA1").await.json();
    assert_eq!(
        (&call["state"], &call["conversation"][0]["heard"]),
        (&"over".into(), &"שלום, כאן המשרד.".into())
    );
}

#[actix_rt::test]
async fn past_calls_come_in_pages_newest_first() {
    let house = shop(&Cast::greeting(GREETING)).await;
    for call in ["CA1", "CA2", "CA3"] {
        let mut phone = Phone::ring(&house, call).await;
        phone.hang_up().await;
        eventually("it is over", || house.registry().last_end(&phone.call_sid).is_some()).await;
    }
    let first = get_as(&house, Role::Viewer, "/admin/calls?state=past&limit=2").await.json();
    let names = |page: &Value| -> Vec<String> {
        let calls = page["past"].as_array().unwrap().iter();
        calls.map(|call| call["call_sid"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&first), ["CA3", "CA2"]);
    let next = format!("/admin/calls?state=past&limit=2&after={}", first["next"].as_str().unwrap());
    let second = get_as(&house, Role::Viewer, &next).await.json();
    assert_eq!((names(&second), &second["next"]), (vec!["CA1".to_owned()], &Value::Null));
    for query in ["state=dead", "limit=0", "limit=201", "limit=x", "colour=red"] {
        let reply = get_as(&house, Role::Viewer, &format!("/admin/calls?{query}")).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{query}");
        reply.refusal();
    }
}

#[actix_rt::test]
async fn numbers_that_people_said_are_masked_unless_the_owner_wants_them() {
    let text = "Your number is 0541234567.";
    for (words, shown) in [("numbers_masked", "Your number is ********67."), ("full", text), ("hidden", "…")]
    {
        let variables = [("JWT_SECRET", SECRET), ("MOKED__ADMIN__WORDS", words)];
        let house = house_with(&Cast::greeting(text), &variables, |_| {}).await;
        let mut phone = Phone::ring(&house, "CA1").await;
        // Its digits are spoken as words, for longer than they are written.
        phone.until_heard(&turn_audio(text)).await;
        phone.until("the rest is heard", Phone::is_quiet).await;
        phone.hang_up().await;
        nothing_is_left(&house).await;
        let call = get_as(&house, Role::Operator, "/admin/calls/CA1").await.json();
        assert_eq!(call["conversation"][0]["heard"], shown);
    }
}

#[actix_rt::test]
async fn an_operator_hangs_up() {
    let house = shop(&Cast::greeting(GREETING)).await;
    let mut phone = Phone::ring(&house, "CA1").await;
    phone.until_it_speaks().await;
    let reply = order(&house, "/admin/calls/CA1/hangup", &Value::Null).await;
    assert_eq!(
        (reply.status, reply.json()),
        (StatusCode::ACCEPTED, json!({ "call_sid": "CA1", "action": "hangup" }))
    );
    assert_eq!(phone.until_closed().await.code, 1_000);
    phone.assert_clean();
    nothing_is_left(&house).await;
    assert_eq!(house.registry().last_end(&phone.call_sid), Some(CallEnd::OperatorHungUp));
    assert_eq!(stream_action(&house, &phone.call_sid).await, [Verb::Hangup]);
}

#[actix_rt::test]
async fn an_operator_transfers_the_caller_and_whom_nobody_takes_leaves_a_message() {
    let house = shop(&Cast::greeting(GREETING)).await;
    let mut phone = Phone::ring(&house, "CA1").await;
    phone.until_it_speaks().await;
    let reply = order(&house, "/admin/calls/CA1/transfer", &json!({ "to": "+97235550100" })).await;
    assert_eq!(reply.status, StatusCode::ACCEPTED, "{}", reply.body);
    // A second click must not undo the first.
    let again = order(&house, "/admin/calls/CA1/transfer", &json!({ "to": "+97235550199" })).await;
    assert!(again.status.is_client_error(), "{}", again.body);
    phone.until_closed().await;
    nothing_is_left(&house).await;
    let verbs = stream_action(&house, &phone.call_sid).await;
    let [Verb::Dial(dial)] = verbs.as_slice() else { panic!("{verbs:?}") };
    assert_eq!(dial.number, "+97235550100");
    assert!(dial.action.as_deref().is_some_and(|url| url.ends_with("/webhook/transfer_done")), "{dial:?}");

    let done = async |status: &str| {
        let form = format!("{}&DialCallStatus={status}", edge::incoming("CA1"));
        edge::post(&house, "/webhook/transfer_done", &form).await.verbs()
    };
    assert_eq!(done("completed").await, [Verb::Hangup]);
    for status in ["no-answer", "busy", "failed", ""] {
        let verbs = done(status).await;
        assert!(
            matches!(verbs.as_slice(), [Verb::Say(_), Verb::Record(_), Verb::Hangup]),
            "{status}: {verbs:?}"
        );
    }
}

#[actix_rt::test]
async fn a_transfer_goes_only_where_the_owner_allows() {
    let variables = [("JWT_SECRET", SECRET), ("MOKED__ADMIN__TRANSFER_PREFIXES", "+972,+1")];
    let house = house_with(&Cast::greeting(GREETING), &variables, |_| {}).await;
    let mut phone = Phone::ring(&house, "CA1").await;
    phone.until_it_speaks().await;
    for (to, status) in [
        ("+442071838750", StatusCode::UNPROCESSABLE_ENTITY),
        ("+19005550100", StatusCode::UNPROCESSABLE_ENTITY),
        ("0541234567", StatusCode::BAD_REQUEST),
        ("+972\"/><Dial>", StatusCode::BAD_REQUEST),
    ] {
        let reply = order(&house, "/admin/calls/CA1/transfer", &json!({ "to": to })).await;
        assert_eq!(reply.status, status, "{to}: {}", reply.body);
        reply.refusal();
    }
    assert_eq!(house.registry().live(), 1);
    phone.hang_up().await;
    nothing_is_left(&house).await;
}

#[actix_rt::test]
async fn what_an_operator_says_is_heard_after_the_turn_and_enters_the_conversation() {
    let house = shop(&Cast::greeting(GREETING)).await;
    let mut phone = Phone::ring(&house, "CA1").await;
    phone.until_it_speaks().await;
    let said = "One moment, I connect you.";
    let reply = order(&house, "/admin/calls/CA1/say", &json!({ "text": said })).await;
    assert_eq!(reply.status, StatusCode::ACCEPTED, "{}", reply.body);
    let both = [turn_audio(GREETING), turn_audio(said)].concat();
    phone.until_heard(&both).await;
    phone.assert_heard(&[GREETING, said]);
    phone.hang_up().await;
    nothing_is_left(&house).await;
    let call = get_as(&house, Role::Viewer, "/admin/calls/CA1").await.json();
    assert_eq!(call["conversation"][1]["heard"], said, "{call}");
}

#[actix_rt::test]
async fn a_stage_starts_anew_and_the_call_goes_on() {
    let house = shop(&Cast::greeting(GREETING)).await;
    let mut phone = Phone::ring(&house, "CA1").await;
    phone.until_heard(&turn_audio(GREETING)).await;
    let meters = std::sync::Arc::clone(house.registry().meters());
    for stage in ["stt", "tts", "pacer"] {
        let reply = order(&house, "/admin/calls/CA1/restart", &json!({ "stage": stage })).await;
        assert_eq!(reply.status, StatusCode::ACCEPTED, "{}", reply.body);
    }
    eventually("each began its second life", || {
        use moked_core::restart::Child;
        [Child::Stt, Child::Tts, Child::Pacer].into_iter().all(|child| meters.restarts.of(child).get() == 1)
    })
    .await;
    let said = "Still here.";
    order(&house, "/admin/calls/CA1/say", &json!({ "text": said })).await;
    phone.until_heard(&[turn_audio(GREETING), turn_audio(said)].concat()).await;
    let call = get_as(&house, Role::Viewer, "/admin/calls/CA1").await.json();
    let failures = call["failures"].as_array().unwrap();
    assert_eq!(failures.len(), 3, "{call}");
    assert!(failures.iter().all(|line| line.as_str().unwrap().contains("operator")), "{call}");
    phone.hang_up().await;
    nothing_is_left(&house).await;
}

#[actix_rt::test]
async fn an_order_that_cannot_be_is_refused_with_what_to_do() {
    let house = shop(&Cast::new(ScriptedEars::default(), answers(&[GREETING]))).await;
    for action in ["hangup", "transfer", "say", "restart"] {
        let body = match action {
            "transfer" => json!({ "to": "+97235550100" }),
            "say" => json!({ "text": "x" }),
            "restart" => json!({ "stage": "tts" }),
            _ => Value::Null,
        };
        let reply = order(&house, &format!("/admin/calls/CA404/{action}"), &body).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{action}");
        reply.refusal();
    }
    let say = "/admin/calls/CA1/say";
    for body in [
        json!({}),
        json!({ "text": "" }),
        json!({ "text": "a\u{7}" }),
        json!({ "text": "x".repeat(1_001) }),
        json!({ "text": 1 }),
        json!({ "text": "x", "also": 1 }),
        json!([]),
    ] {
        let reply = order(&house, say, &body).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{body}");
        reply.refusal();
    }
    let large = order(&house, say, &json!({ "text": "ש".repeat(3_000) })).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    let bearer = format!("Bearer {}", token(Role::Operator));
    let form = [("authorization", bearer.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let reply = ask(&house, Method::POST, say, &form, "{\"text\":\"x\"}".to_owned()).await;
    assert_eq!(reply.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    for (method, path, allow) in [
        (Method::GET, say, "POST"),
        (Method::POST, "/admin/calls", "GET"),
        (Method::DELETE, "/admin/calls/CA1", "GET"),
    ] {
        let reply = ask(&house, method, path, &form[..1], String::new()).await;
        assert_eq!((reply.status, reply.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, allow), "{path}");
        reply.refusal();
    }
    assert_eq!(get_as(&house, Role::Viewer, "/admin/calls/CA404").await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        get_as(&house, Role::Viewer, "/admin/calls/..%2f..%2fetc").await.status,
        StatusCode::NOT_FOUND
    );
}

#[actix_rt::test]
async fn orders_are_logged_with_who_gave_them_and_no_token_ever_is() {
    let log = overhear();
    let house = shop(&Cast::greeting(GREETING)).await;
    let mut phone = Phone::ring(&house, "CA-audit").await;
    phone.until_it_speaks().await;
    let good = token(Role::Operator);
    let forged = format!("{}x", token(Role::Operator));
    for bearer in
        [format!("Bearer {good}"), format!("Bearer {forged}"), format!("Basic {good}"), good.clone()]
    {
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let body = json!({ "to": "+97235550100" }).to_string();
        ask(&house, Method::POST, "/admin/calls/CA-audit/transfer", &headers, body).await;
    }
    phone.until_closed().await;
    nothing_is_left(&house).await;
    let lines = log.lines();
    let named =
        |name: &str| lines.iter().filter(|line| line.event.as_deref() == Some(name)).collect::<Vec<_>>();
    let order = named("ADMIN_ACTION").into_iter().find(|line| line.fields.contains_key("call_sid"));
    let order = order.unwrap();
    assert_eq!((order.fields["sub"].as_str(), order.fields["call_sid"].as_str()), ("dana", "CA-audit"));
    assert!(!named("ADMIN_REFUSED").is_empty());
    let everything = format!("{}{}", log.at_info.get(), log.at_trace.get());
    // Claims and signatures; the header of a token is the same for all.
    let parts = good.split('.').skip(1).chain(forged.split('.').skip(1));
    for secret in parts.chain(["35550100", SECRET]) {
        assert!(!everything.contains(secret), "{secret} is in the log");
    }
}
