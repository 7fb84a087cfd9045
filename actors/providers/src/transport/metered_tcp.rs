//! TCP connections of the HTTP client that tell the meter how long they took to stand.
//!
//! The client offers no hook behind its TLS, so the end of the handshake is read off the wire: the first bytes
//! that go out after some came in are TLS 1.3's last word, and the request follows at once (RFC 8446, figure 1).
//! A server that knows TLS 1.2 only takes one more round trip, which is not counted.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_rt::net::{ActixStream, Ready, TcpStream};
use actix_service::{Service, apply_fn};
use actix_tls::connect::{ConnectError, ConnectInfo, Connection, Connector};
use awc::http::Uri;
use moked_core::ports::Sink;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::meter;

/// The usual connector, with the meter.
pub(super) fn connector()
-> impl Service<ConnectInfo<Uri>, Response = Connection<Uri, Wire>, Error = ConnectError> + Clone + 'static {
    let tcp = Connector::default().service();
    apply_fn::<_, _, _, _, _, ConnectInfo<Uri>, _, _>(tcp, |to: ConnectInfo<Uri>, tcp| {
        let begun = Instant::now();
        let connecting = tcp.call(to);
        async move {
            let (io, uri) = connecting.await?.into_parts();
            let mut handshake = None;
            if uri.scheme_str() == Some("https") {
                handshake = meter::current().map(|meter| Handshake { begun, meter, has_read: false });
            } else {
                meter::connected(begun);
            }
            Ok::<_, ConnectError>(Connection::new(uri, Wire { io, handshake }))
        }
    })
}

/// A TCP stream under a handshake that is being watched, or that is over.
#[derive(Debug)]
pub(super) struct Wire {
    io: TcpStream,
    handshake: Option<Handshake>,
}

#[derive(Debug)]
struct Handshake {
    begun: Instant,
    meter: Sink<Duration>,
    has_read: bool,
}

impl Wire {
    fn writes(&mut self) {
        if let Some(done) = self.handshake.take_if(|handshake| handshake.has_read) {
            done.meter.send(done.begun.elapsed());
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        let before = buf.filled().len();
        let polled = Pin::new(&mut wire.io).poll_read(cx, buf);
        if let Some(handshake) = &mut wire.handshake {
            handshake.has_read |= buf.filled().len() > before;
        }
        polled
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let wire = self.get_mut();
        wire.writes();
        Pin::new(&mut wire.io).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wire = self.get_mut();
        wire.writes();
        Pin::new(&mut wire.io).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(cx)
    }
}

impl ActixStream for Wire {
    fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        ActixStream::poll_read_ready(&self.io, cx)
    }

    fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        ActixStream::poll_write_ready(&self.io, cx)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::Mutex;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_handshake_is_over_with_the_first_word_after_the_servers() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let io = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (mut server, _) = listener.accept().await.unwrap();
        let told = Arc::new(Mutex::new(0));
        let count = Arc::clone(&told);
        let meter = Sink::new(move |_| *count.lock().unwrap() += 1);
        let handshake = Some(Handshake { begun: Instant::now(), meter, has_read: false });
        let mut wire = Wire { io, handshake };
        wire.write_all(b"hello").await.unwrap();
        wire.write_all(b"?").await.unwrap();
        assert_eq!(*told.lock().unwrap(), 0);
        server.write_all(b"hello").await.unwrap();
        wire.read_exact(&mut [0; 5]).await.unwrap();
        assert_eq!(*told.lock().unwrap(), 0);
        for _ in 0..2 {
            wire.write_all(b"finished").await.unwrap();
            assert_eq!(*told.lock().unwrap(), 1);
        }
    }
}
