//! What the transport promises every adapter: a cut answer is a fault, and no fault tells the key.

#![cfg(feature = "network")]

#[path = "support/vendor.rs"]
mod vendor;

use std::time::Duration;

use bytes::Bytes;
use moked_core::ports::ProviderFault;
use moked_providers::transport::{HttpBody, HttpRequest, Incoming, SocketRequest};

use crate::vendor::{Vendor, on_a_call};

const LIMIT: Duration = Duration::from_secs(5);

async fn rest(mut body: HttpBody) -> Result<Vec<u8>, ProviderFault> {
    body.all(1 << 20, LIMIT).await.map(|bytes| bytes.to_vec())
}

#[test]
fn chunks_that_end_without_the_last_one_are_a_cut_answer() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        for say in ["5\r\nhello\r\n", "5\r\nhello\r\n5\r\nwo", "5\r\nhello\r\n0\r\n"] {
            let sending = HttpRequest::get(vendor.url("http", "/")).send(LIMIT);
            let serving = async {
                let mut call = vendor.accept_http().await;
                call.begin("audio/basic").await;
                call.write(say.as_bytes()).await;
            };
            let (body, ()) = tokio::join!(sending, serving);
            let fault = rest(body.unwrap()).await.unwrap_err();
            assert!(matches!(fault, ProviderFault::Closed { .. }), "{say:?}: {fault}");
        }
    });
}

#[test]
fn whole_answers_in_every_form_are_whole() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let whole = [
            "1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            "1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            "1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
            // Without a length the end of the connection is the end of the answer.
            "1.0 200 OK\r\n\r\nhello",
        ];
        for say in whole {
            let sending = HttpRequest::get(vendor.url("http", "/")).send(LIMIT);
            let serving = async {
                let mut call = vendor.accept_http().await;
                call.write(format!("HTTP/{say}").as_bytes()).await;
            };
            let (body, ()) = tokio::join!(sending, serving);
            assert_eq!(rest(body.unwrap()).await.unwrap(), b"hello", "{say:?}");
        }
    });
}

#[test]
fn a_whole_chunked_answer_leaves_its_connection_for_the_next_request() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let url = vendor.url("http", "/");
        let serving = async {
            let mut call = vendor.accept_http().await;
            call.begin("text/plain").await;
            call.chunk("one").await;
            call.end().await;
            let mut call = call.next().await;
            call.answer("200 OK", "", "two").await;
        };
        let asking = async {
            let first = rest(HttpRequest::get(&url).send(LIMIT).await.unwrap()).await.unwrap();
            let second = rest(HttpRequest::get(&url).send(LIMIT).await.unwrap()).await.unwrap();
            assert_eq!((first, second), (b"one".to_vec(), b"two".to_vec()));
        };
        tokio::join!(serving, asking);
    });
}

const CANARY: &str = "sk-canary-0123456789";

#[test]
fn an_echoed_key_is_cleaned_out_of_faults_and_bodies_even_where_a_chunk_cuts_it() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let url = vendor.url("http", "/");
        let request = || HttpRequest::get(&url).header("x-api-key", CANARY);
        let serving = async {
            let mut call = vendor.accept_http().await;
            let body = format!("{{\"error\":{{\"message\":\"no such key: {CANARY}\"}}}}");
            call.answer("401 Unauthorized", "", body).await;
            let mut call = call.next().await;
            call.begin("text/event-stream").await;
            call.chunk("data: sk-can").await;
            call.chunk("ary-0123456789 is wrong, sk-c").await;
            call.end().await;
        };
        let asking = async {
            let Err(fault) = request().send(LIMIT).await else { unreachable!("a fault was due") };
            assert_eq!(fault, ProviderFault::Auth { why: "HTTP 401: no such key: [key]".into() });
            let body = rest(request().send(LIMIT).await.unwrap()).await.unwrap();
            assert_eq!(String::from_utf8(body).unwrap(), "data: [key] is wrong, sk-c");
        };
        tokio::join!(serving, asking);
    });
}

#[test]
fn a_socket_cleans_messages_and_the_reason_of_its_end_of_keys_said_at_any_time() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let connecting = SocketRequest::new(vendor.url("ws", "/")).connect();
        let (socket, mut call) = tokio::join!(connecting, vendor.accept_socket());
        let mut socket = socket.unwrap();
        socket.send_text(format!("{{\"api_key\":\"{CANARY}\"}}")).await.unwrap();
        call.next_json().await;
        call.say(format!("bad {CANARY}")).await;
        assert_eq!(socket.next().await.unwrap(), Some(Incoming::Text("bad [key]".into())));
        call.close(4_001, &format!("refused: {CANARY}")).await;
        let fault = socket.next().await.unwrap_err();
        assert_eq!(fault, ProviderFault::Closed { why: "code 4001: refused: [key]".into() });
    });
}

#[test]
fn a_socket_that_takes_no_bytes_is_stalled_and_its_goodbye_is_not_waited_for() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let connecting = SocketRequest::new(vendor.url("ws", "/")).connect();
        let (socket, _call) = tokio::join!(connecting, vendor.accept_socket());
        let mut socket = socket.unwrap();
        tokio::time::pause();
        let stall = async {
            // The buffers of both sides take some of it first.
            loop {
                if let Err(fault) = socket.send_binary(Bytes::from(vec![0; 1 << 20])).await {
                    return fault;
                }
            }
        };
        let fault = tokio::time::timeout(LIMIT, stall).await.unwrap();
        assert_eq!(fault, ProviderFault::Stalled { waiting_for: "room to send", after_ms: 2_000 });
        tokio::time::timeout(LIMIT, socket.close()).await.unwrap();
    });
}
