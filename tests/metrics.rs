//! `/metrics`: its format to the letter, its numbers after real calls, and who may read it.
#![expect(clippy::unwrap_used, reason = "a test that cannot ask has failed")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use awc::http::StatusCode;
use moked::admin_tokens::Role;
use moked_providers::scripted::ScriptedEars;
use support::*;

/// A family of samples, read by the rules of the text format 0.0.4.
#[derive(Debug, Default)]
struct Family {
    kind: String,
    help: String,
    samples: Vec<Sample>,
}

#[derive(Debug)]
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

/// Reads a page as promtool would, and fails where it would.
fn read(page: &str) -> BTreeMap<String, Family> {
    assert!(page.ends_with('\n') && !page.contains("\r") && !page.contains("\n\n"));
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut current = String::new();
    for line in page.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').unwrap();
            assert!(is_name(name) && help.ends_with('.') && !families.contains_key(name), "{line}");
            families.insert(name.to_owned(), Family { help: help.to_owned(), ..Family::default() });
            current = name.to_owned();
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert_eq!(name, current, "TYPE follows its HELP");
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            families.get_mut(name).unwrap().kind = kind.to_owned();
        } else {
            let sample = sample(line);
            let family = families.get_mut(&current).unwrap();
            let suffixes: &[&str] =
                if family.kind == "histogram" { &["_bucket", "_sum", "_count"] } else { &[""] };
            assert!(
                suffixes.iter().any(|suffix| sample.name == format!("{current}{suffix}")),
                "{line} in {current}"
            );
            assert!(seen.insert((sample.name.clone(), sample.labels.clone())), "twice: {line}");
            family.samples.push(sample);
        }
    }
    families
}

fn sample(line: &str) -> Sample {
    let (series, value) = line.rsplit_once(' ').unwrap();
    let (name, labels) = match series.split_once('{') {
        None => (series, ""),
        Some((name, rest)) => (name, rest.strip_suffix('}').unwrap()),
    };
    assert!(is_name(name), "{line}");
    let labels = labels.split(',').filter(|label| !label.is_empty()).map(|label| {
        let (name, value) = label.split_once('=').unwrap();
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap();
        assert!(is_name(name) && !value.contains('"'), "{line}");
        (name.to_owned(), value.to_owned())
    });
    let value: f64 = value.parse().unwrap();
    assert!(value.is_finite() && value >= 0.0, "{line}");
    Sample { name: name.to_owned(), labels: labels.collect(), value }
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
}

impl Family {
    /// Buckets grow with their bound, end with everything, and agree with the count.
    fn assert_histogram(&self) {
        let mut series: BTreeMap<BTreeMap<String, String>, Vec<(f64, f64)>> = BTreeMap::new();
        for sample in self.samples.iter().filter(|sample| sample.name.ends_with("_bucket")) {
            let mut labels = sample.labels.clone();
            let bound = labels.remove("le").unwrap();
            let bound = if bound == "+Inf" { f64::INFINITY } else { bound.parse().unwrap() };
            series.entry(labels).or_default().push((bound, sample.value));
        }
        assert!(!series.is_empty(), "{self:?}");
        for (labels, buckets) in series {
            assert!(buckets.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1), "{buckets:?}");
            let last = buckets.last().unwrap();
            assert_eq!(last.0, f64::INFINITY);
            let of = |suffix: &str| {
                let found = self
                    .samples
                    .iter()
                    .find(|sample| sample.name.ends_with(suffix) && sample.labels == labels);
                found.unwrap().value
            };
            assert_eq!(of("_count"), last.1);
            assert!(of("_sum") > 0.0 || last.1 == 0.0, "{self:?}");
        }
    }

    fn one(&self, label: Option<(&str, &str)>) -> f64 {
        let is_it = |sample: &&Sample| match label {
            None => sample.labels.is_empty() && !sample.name.ends_with("_sum"),
            Some((name, value)) => sample.labels.get(name).is_some_and(|found| found == value),
        };
        self.samples.iter().rfind(is_it).unwrap().value
    }
}

#[actix_rt::test]
async fn the_page_keeps_every_rule_of_the_format_and_tells_what_calls_did() {
    let ears = ScriptedEars::hearing(["are you open"]);
    let house =
        house(&Cast::new(ears, answers(&["Hello, this is the office.", "We are open until six."]))).await;
    let mut phone = Phone::ring(&house, "CA1").await;
    phone.until_heard(&turn_audio("Hello, this is the office.")).await;
    phone.say(Duration::from_millis(400));
    let both = [turn_audio("Hello, this is the office."), turn_audio("We are open until six.")].concat();
    phone.until_heard(&both).await;

    let live = read(&edge::get(&house, "/metrics").await.body);
    assert_eq!(live["moked_calls_live"].one(None), 1.0);
    phone.hang_up().await;
    nothing_is_left(&house).await;

    let page = edge::get(&house, "/metrics").await;
    assert_eq!(page.content_type, "text/plain; version=0.0.4; charset=utf-8");
    let families = read(&page.body);
    for (name, family) in &families {
        let unit = [
            "_total",
            "_seconds",
            "_bytes",
            "_live",
            "_breaker",
            "_fds",
            "_threads",
            "_entries",
            "_up",
            "_draining",
            "_waiting",
        ];
        assert!(unit.iter().any(|unit| name.ends_with(unit)), "{name} has no unit");
        assert_eq!(name.ends_with("_total"), family.kind == "counter", "{name}");
        assert!(name.starts_with("moked_") || name.starts_with("process_"), "{name}");
        assert!(!family.help.is_empty() && !family.samples.is_empty(), "{name}");
        if family.kind == "histogram" {
            family.assert_histogram();
        }
    }
    for (name, label, value) in [
        ("moked_calls_live", None, 0.0),
        ("moked_actors_live", None, 0.0),
        ("moked_calls_started_total", None, 1.0),
        ("moked_calls_ended_total", Some(("cause", "caller_hung_up")), 1.0),
        ("moked_calls_ended_total", Some(("cause", "crashed")), 0.0),
        ("moked_turns_total", None, 2.0),
        ("moked_turns_interrupted_total", None, 0.0),
        ("moked_turn_words_seconds", None, 1.0),
        ("moked_turn_answer_seconds", None, 1.0),
        ("moked_turn_first_frame_seconds", None, 1.0),
        ("moked_stage_restarts_total", Some(("stage", "stt")), 0.0),
        ("moked_dropped_frames_total", None, 0.0),
    ] {
        assert_eq!(families[name].one(label), value, "{name} {label:?}");
    }
    assert!(families["moked_pacing_late_seconds"].one(None) > 20.0, "frames were timed");
    assert!(
        families["moked_event_loop_lag_seconds"].one(Some(("worker", "0"))) > 5.0,
        "the loop was watched"
    );
    for process in ["process_resident_memory_bytes", "process_open_fds", "process_cpu_seconds_total"] {
        assert!(families[process].one(None) > 0.0, "{process}");
    }
}

#[actix_rt::test]
async fn a_pressed_server_tells_admission_and_the_page() {
    let house = house(&Cast::greeting("Hello, this is the office.")).await;
    let meters = std::sync::Arc::clone(house.registry().meters());
    eventually("the worker is watched", || meters.workers().len() == 1).await;
    let calm = meters.pressure();
    let worker = meters.workers()[0].view().count;
    eventually("the loop turns", || meters.workers()[0].view().count > worker).await;
    meters.frame_late(Duration::from_millis(30), std::time::Instant::now());
    let pressed = meters.pressure();
    assert_eq!((calm.pacing_late, pressed.pacing_late), (Duration::ZERO, Duration::from_millis(50)));
    let page = read(&edge::get(&house, "/metrics").await.body);
    assert_eq!(page["moked_pacing_late_recent_seconds"].one(None), 0.05);
}

#[actix_rt::test]
async fn garbage_on_a_socket_is_counted() {
    let house = house(&Cast::greeting("Hello, this is the office.")).await;
    let mut raw = RawSocket::open(&house).await;
    raw.frame(opcode::BINARY, b"not text").await;
    eventually("it is counted", || house.registry().meters().garbage.get() == 1).await;
}

#[actix_rt::test]
async fn the_page_is_for_private_networks_and_for_tokens() {
    let bearer = admin::bearer(Role::Viewer);
    let forwarded = ("x-forwarded-for", "203.0.113.7");
    for (access, headers, status) in [
        ("private", vec![], StatusCode::OK),
        ("private", vec![forwarded], StatusCode::UNAUTHORIZED),
        ("private", vec![forwarded, ("authorization", bearer.as_str())], StatusCode::OK),
        ("token", vec![], StatusCode::UNAUTHORIZED),
        ("token", vec![("authorization", bearer.as_str())], StatusCode::OK),
        ("open", vec![forwarded], StatusCode::OK),
    ] {
        let variables = [("JWT_SECRET", admin::SECRET), ("MOKED__ADMIN__METRICS", access)];
        let house = house_with(&Cast::greeting("Hello."), &variables, |_| {}).await;
        let answer = edge::request(house.address(), "/metrics", None, &headers).await.unwrap();
        assert_eq!(answer.status, status, "{access} {headers:?}");
    }
}
