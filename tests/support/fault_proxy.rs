//! A wire that can be told to fail: a TCP proxy in the test's own thread.
//!
//! It stands between a caller and the server, or between the server and a vendor, and does to the bytes what
//! networks do: end, break, stall, trickle, come in crumbs, come late, come wrong. The fault can be changed
//! while connections live; those that live feel it at their next byte, and at once where it ends them.
//! Its own buffers are as small as the system allows, so that a reader who is slow is felt by the writer.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

/// What the wire does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It carries everything, at once.
    None,
    /// It breaks with RST, both ways; so does each new connection.
    Reset,
    /// It ends with FIN, both ways; so does each new connection.
    Finish,
    /// It is half open: connections stand, new ones are taken, and nothing comes through either way.
    Stall,
    /// What the far side sends comes at so many bytes a second; the other way is well.
    SlowReader { bytes_per_s: u64 },
    /// Both ways, in pieces of 1, 2, … bytes up to this many and around again, each a segment of its own.
    Slice { longest: usize },
    /// Everything comes so much later, both ways.
    Latency(Duration),
    /// Each byte of the near side comes with its bits of `0x55` turned over.
    Corrupt,
}

/// The proxy. When it is dropped its connections end.
pub(crate) struct FaultProxy {
    address: SocketAddr,
    fault: watch::Sender<Fault>,
}

/// Which way a byte goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// From who connected to the proxy.
    Near,
    /// From whom the proxy connects to.
    Far,
}

impl FaultProxy {
    /// A wire to `far` that is well.
    pub(crate) async fn before(far: SocketAddr) -> Self {
        Self::with(far, Fault::None).await
    }

    /// A wire to `far` that fails from the beginning.
    pub(crate) async fn with(far: SocketAddr, fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (fault, watched) = watch::channel(fault);
        actix_rt::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                actix_rt::spawn(carry(near, far, watched.clone()));
            }
        });
        Self { address, fault }
    }

    /// Where to connect.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What the wire does from now on.
    pub(crate) fn set(&self, fault: Fault) {
        self.fault.send_replace(fault);
    }
}

/// One connection, until an end of it or a fault ends it.
async fn carry(near: TcpStream, far: SocketAddr, fault: watch::Receiver<Fault>) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(2_048).unwrap();
    let Ok(far) = socket.connect(far).await else { return };
    near.set_nodelay(true).unwrap();
    far.set_nodelay(true).unwrap();
    let mut ended = fault.clone();
    let is_end = |fault: &Fault| matches!(fault, Fault::Reset | Fault::Finish);
    let (near_reads, near_writes) = near.into_split();
    let (far_reads, far_writes) = far.into_split();
    let end = {
        let mut up = (near_reads, far_writes, fault.clone());
        let mut down = (far_reads, near_writes, fault);
        let both = async {
            // One end may finish before the other.
            tokio::join!(pass(&mut up, Way::Near), pass(&mut down, Way::Far));
        };
        let end = tokio::select! {
            end = ended.wait_for(is_end) => end.map_or(Fault::Finish, |fault| *fault),
            () = both => Fault::Finish,
        };
        (end, up.0.reunite(down.1), down.0.reunite(up.1))
    };
    let (end, near, far) = end;
    if end == Fault::Reset {
        for stream in [near.unwrap(), far.unwrap()] {
            stream.set_zero_linger().unwrap();
        }
    }
}

type Pipe = (OwnedReadHalf, OwnedWriteHalf, watch::Receiver<Fault>);

/// Carries bytes one way until its source ends or its sink is gone.
async fn pass((from, to, fault): &mut Pipe, way: Way) {
    let mut buffer = [0; 1_024];
    let mut last_slice = 0;
    // What is under way on a wire that is late, each piece with the time at which it comes.
    let mut late: VecDeque<(Instant, Vec<u8>)> = VecDeque::new();
    loop {
        // A stalled wire takes nothing from its source either.
        if fault.wait_for(|fault| *fault != Fault::Stall).await.is_err() {
            return;
        }
        let due = late.front().map_or_else(Instant::now, |(due, _)| *due);
        let taken = tokio::select! {
            taken = from.read(&mut buffer) => taken,
            () = sleep_until(due), if !late.is_empty() => {
                let (_, bytes) = late.pop_front().unwrap();
                if to.write_all(&bytes).await.is_err() {
                    return;
                }
                continue;
            }
            // The read may have waited since before the fault: look again.
            Ok(()) = fault.changed() => continue,
        };
        let Ok(length @ 1..) = taken else {
            for (_, bytes) in late {
                let _ = to.write_all(&bytes).await;
            }
            let _ = to.shutdown().await;
            return;
        };
        let bytes = &mut buffer[..length];
        let now = *fault.borrow();
        let sent = match now {
            Fault::SlowReader { bytes_per_s } if way == Way::Far => {
                sleep(Duration::from_millis(length as u64 * 1_000 / bytes_per_s)).await;
                to.write_all(bytes).await
            }
            Fault::Slice { longest } => slices(to, bytes, longest, &mut last_slice).await,
            Fault::Latency(time) => {
                late.push_back((Instant::now() + time, bytes.to_vec()));
                Ok(())
            }
            Fault::Corrupt if way == Way::Near => {
                bytes.iter_mut().for_each(|byte| *byte ^= 0x55);
                to.write_all(bytes).await
            }
            Fault::None
            | Fault::Stall
            | Fault::Reset
            | Fault::Finish
            | Fault::SlowReader { .. }
            | Fault::Corrupt => to.write_all(bytes).await,
        };
        if sent.is_err() {
            return;
        }
    }
}

async fn slices(
    to: &mut OwnedWriteHalf,
    mut bytes: &[u8],
    longest: usize,
    last: &mut usize,
) -> std::io::Result<()> {
    while !bytes.is_empty() {
        *last = *last % longest + 1;
        let (piece, rest) = bytes.split_at((*last).min(bytes.len()));
        to.write_all(piece).await?;
        // Lets the other side see this piece alone.
        tokio::task::yield_now().await;
        bytes = rest;
    }
    Ok(())
}
