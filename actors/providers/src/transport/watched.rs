//! Connections of the HTTP client that tell when they end, so that a cut answer is known for one.
//!
//! awc takes a connection that ends within a chunked body for the end of the body: its decoder is asked once
//! more at the end of the connection and has nothing to say to an empty buffer (actix-codec's
//! `Framed::next_item`, read in 0.5.4 and awc 3.11). But it lets a connection go, to the pool or to be
//! closed, only once the last chunk was read; until then the body holds it. So a body that ended and takes
//! its connection with it was cut. TLS lies above, and makes no difference.

use std::cell::Cell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_rt::net::{ActixStream, Ready};
use actix_service::{Service, ServiceExt};
use actix_tls::connect::{ConnectError, ConnectInfo, Connection};
use awc::http::Uri;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

thread_local! {
    static ENDED: Cell<u64> = const { Cell::new(0) };
}

/// The connector `tcp` with its connections watched.
pub(super) fn watch<S, Io>(
    tcp: S,
) -> impl Service<ConnectInfo<Uri>, Response = Connection<Uri, Watched<Io>>, Error = ConnectError> + Clone + 'static
where
    S: Service<ConnectInfo<Uri>, Response = Connection<Uri, Io>, Error = ConnectError> + Clone + 'static,
    Io: ActixStream + 'static,
{
    tcp.map(|connection: Connection<Uri, Io>| {
        let (stream, uri) = connection.into_parts();
        Connection::new(uri, Watched(stream))
    })
}

/// Drops the body of an answer; gives whether a connection ended with it.
pub(super) fn takes_its_connection_along<B>(body: B) -> bool {
    let before = ENDED.get();
    drop(body);
    ENDED.get() != before
}

/// A connection whose end is counted.
#[derive(Debug)]
pub(super) struct Watched<Io>(Io);

impl<Io> Drop for Watched<Io> {
    fn drop(&mut self) {
        // The pool of a thread that ends has nobody left who counts.
        let _ = ENDED.try_with(|ended| ended.set(ended.get().wrapping_add(1)));
    }
}

impl<Io: ActixStream> ActixStream for Watched<Io> {
    fn poll_read_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        self.0.poll_read_ready(context)
    }

    fn poll_write_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        self.0.poll_write_ready(context)
    }
}

impl<Io: ActixStream> AsyncRead for Watched<Io> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<Io: ActixStream> AsyncWrite for Watched<Io> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }
}
