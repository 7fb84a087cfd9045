//! Many calls, ended in every way: what each of them took is given back.

mod support;

use std::fs;
use std::time::Duration;

use futures_util::future::join_all;
use moked_providers::scripted::{ScriptedEars, ScriptedMind, Thinking};
use support::*;

/// Ways for a call to end.
const WAYS: usize = 5;

/// Open files and sockets of this process.
fn open_files() -> usize {
    fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

/// Threads of this process.
fn threads() -> usize {
    fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}

async fn call(house: &moked::startup::Running, number: usize) {
    let call_sid = format!("CA{number}");
    let mut phone = Phone::ring(house, &call_sid).await;
    if number % WAYS == 4 {
        phone.until_it_speaks().await;
        // The mind breaks on this key, and again when it is asked once more; four times are too many.
        phone.line.mouth().press("9#");
        phone
            .until("an apology", |phone| !phone.clears().is_empty() && !phone.sent_since_clear().is_empty())
            .await;
        phone.line.mouth().press("9#");
        assert_eq!(phone.until_closed().await.code, 1_011);
        return;
    }
    phone.until_it_speaks().await;
    match number % WAYS {
        0 => phone.hang_up().await,
        1 => drop(phone),
        2 => {
            phone.say(Duration::from_millis(200));
            phone.until("the greeting is interrupted", |phone| !phone.clears().is_empty()).await;
        }
        _ => {
            let mut stranger = RawSocket::open(house).await;
            stranger.frame(opcode::CLOSE, &1_001_u16.to_be_bytes()).await;
            assert_eq!(stranger.ending().await, Ending::Closed(1_001));
        }
    }
}

async fn wave(house: &moked::startup::Running, first: usize, calls: usize) {
    join_all((first..first + calls).map(|number| call(house, number))).await;
    nothing_is_left(house).await;
}

#[actix_rt::test]
async fn sixty_calls_leave_no_actor_no_socket_and_no_thread() {
    let mind = ScriptedMind::answering(|turn| match &turn.said {
        moked_core::ports::CallerSaid::Digits(_) => panic!("the mind was told to break"),
        moked_core::ports::CallerSaid::Nothing
        | moked_core::ports::CallerSaid::Words(_)
        | moked_core::ports::CallerSaid::Unclear
        | moked_core::ports::CallerSaid::Spoken
        | moked_core::ports::CallerSaid::Silence
        | moked_core::ports::CallerSaid::Resumed => Thinking::says("Hello, this is a long greeting."),
    });
    let house = house(&Cast::new(ScriptedEars::default(), mind)).await;
    wave(&house, 0, 10).await;
    let (files, tasks) = (open_files(), threads());
    for first in [10, 30, 50] {
        wave(&house, first, 20).await;
    }
    assert_eq!(house.registry().begun(), 70);
    // Sockets of the last answers close a moment after the calls.
    eventually("files are closed", || open_files() <= files).await;
    assert!(threads() <= tasks, "{} threads, {tasks} before", threads());
}
