//! Traces of calls, as a collector on this machine gets them.
#![expect(clippy::unwrap_used, reason = "a test that cannot collect has failed")]

mod support;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use moked_providers::scripted::ScriptedEars;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use support::*;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

const GREETING: &str = "Hello, this is the office.";

/// A collector that keeps what it gets, or refuses it.
#[derive(Debug, Clone, Default)]
struct Collector {
    requests: Arc<Mutex<Vec<ExportTraceServiceRequest>>>,
    refuses: bool,
}

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.requests.lock().unwrap().push(request.into_inner());
        if self.refuses {
            Err(Status::permission_denied("no"))
        } else {
            Ok(Response::new(ExportTraceServiceResponse::default()))
        }
    }
}

impl Collector {
    fn start(&self) -> SocketAddr {
        let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = incoming.local_addr().unwrap();
        let service = TraceServiceServer::new(self.clone());
        tokio::spawn(Server::builder().add_service(service).serve_with_incoming(incoming));
        address
    }

    fn spans(&self) -> Vec<Span> {
        let requests = self.requests.lock().unwrap();
        let resources = requests.iter().flat_map(|request| &request.resource_spans);
        resources.flat_map(|resource| &resource.scope_spans).flat_map(|scope| &scope.spans).cloned().collect()
    }
}

fn attributes(span: &Span) -> BTreeMap<String, String> {
    let text = |value: &Value| match value {
        Value::StringValue(text) => text.clone(),
        Value::IntValue(number) => number.to_string(),
        Value::BoolValue(flag) => flag.to_string(),
        Value::DoubleValue(_)
        | Value::ArrayValue(_)
        | Value::KvlistValue(_)
        | Value::BytesValue(_)
        | Value::StringValueStrindex(_) => format!("{value:?}"),
    };
    let pairs = span.attributes.iter();
    pairs.map(|pair| (pair.key.clone(), text(pair.value.as_ref().unwrap().value.as_ref().unwrap()))).collect()
}

async fn traced(collector: SocketAddr, cast: &Cast) -> moked::startup::Running {
    let endpoint = format!("http://{collector}");
    house_with(cast, &[("MOKED__TELEMETRY__OTLP_ENDPOINT", endpoint.as_str())], |_| {}).await
}

#[actix_rt::test]
async fn a_call_is_a_trace_with_a_span_for_each_turn_and_stage_and_no_word() {
    let collector = Collector::default();
    let ears = ScriptedEars::hearing(["are you open on 0541234567"]);
    let house = traced(collector.start(), &Cast::new(ears, answers(&[GREETING, "We are open."]))).await;
    let mut phone = Phone::ring(&house, "CA-traced").await;
    phone.until_heard(&turn_audio(GREETING)).await;
    phone.say(Duration::from_millis(400));
    phone.until_heard(&[turn_audio(GREETING), turn_audio("We are open.")].concat()).await;
    phone.hang_up().await;
    nothing_is_left(&house).await;
    house.stop().await.unwrap();

    let spans = collector.spans();
    let named = |name: &str| spans.iter().filter(|span| span.name == name).collect::<Vec<_>>();
    let (calls, turns) = (named("call"), named("turn"));
    assert_eq!((calls.len(), turns.len()), (1, 2), "{spans:#?}");
    assert!(calls[0].parent_span_id.is_empty());
    let told = attributes(calls[0]);
    assert_eq!(
        (told["moked.call_sid"].as_str(), told["moked.end"].as_str()),
        ("CA-traced", "caller_hung_up")
    );
    assert_eq!(told["moked.turns"], "2");
    for turn in &turns {
        assert_eq!((&turn.parent_span_id, &turn.trace_id), (&calls[0].span_id, &calls[0].trace_id));
        assert!(calls[0].start_time_unix_nano <= turn.end_time_unix_nano);
        assert!(turn.end_time_unix_nano <= calls[0].end_time_unix_nano);
    }
    let of_turn = |turn: &Span| -> Vec<&Span> {
        spans.iter().filter(|span| span.parent_span_id == turn.span_id).collect()
    };
    let answer = turns.iter().find(|turn| attributes(turn)["moked.turn"] == "2").unwrap();
    assert!(attributes(answer)["moked.first_frame_ms"].parse::<u64>().is_ok_and(|ms| ms > 0));
    let stages = of_turn(answer);
    let names: Vec<&str> = stages.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["hear", "think", "speak"]);
    assert!(stages.is_sorted_by(|a, b| a.end_time_unix_nano <= b.start_time_unix_nano), "{stages:#?}");
    assert!(stages.iter().all(|stage| attributes(stage).contains_key("moked.engine")));
    assert_eq!(of_turn(turns.iter().find(|turn| attributes(turn)["moked.turn"] == "1").unwrap()).len(), 2);

    let everything = format!("{:?}", collector.requests.lock().unwrap());
    for word in ["are you", "We are", "Hello", "0541234567", "972501234567"] {
        assert!(!everything.contains(word), "{word} went out");
    }
}

#[actix_rt::test]
async fn a_collector_that_refuses_or_is_gone_costs_a_call_nothing() {
    let refusing = Collector { refuses: true, ..Collector::default() };
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for collector in [refusing.start(), gone] {
        let house = traced(collector, &Cast::greeting(GREETING)).await;
        let mut phone = Phone::ring(&house, "CA1").await;
        phone.until_heard(&turn_audio(GREETING)).await;
        phone.assert_heard(&[GREETING]);
        phone.hang_up().await;
        nothing_is_left(&house).await;
        let begun = Instant::now();
        house.stop().await.unwrap();
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    }
    assert!(!refusing.requests.lock().unwrap().is_empty(), "it was asked");
}
