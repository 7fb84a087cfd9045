//! A hand on each connection, from outside of whoever writes to it.
//!
//! A peer that reads nothing stops the writer in the middle of a write: the socket's actor takes no order any
//! more, not even to close. The system still does: a shutdown of the socket ends the write with an error.

use std::any::Any;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::dev::Extensions;
use moked_actors::Cut;
use socket2::SockRef;

/// What the system may hold of a media stream's outgoing bytes. Linux doubles it for its own accounts; a second
/// of speech is 24,000 bytes of messages.
const SEND_BUFFER: usize = 16 * 1024;

/// A second handle of a connection's socket. Lives as long as the connection.
#[derive(Debug, Clone)]
pub(crate) struct Connection(Arc<TcpStream>);

impl Connection {
    /// Takes hold of a connection as it is accepted. One that cannot be held is served all the same.
    pub(crate) fn hold(connection: &dyn Any, kept: &mut Extensions) {
        let Some(stream) = connection.downcast_ref::<actix_web::rt::net::TcpStream>() else { return };
        match stream.as_fd().try_clone_to_owned() {
            Ok(socket) => {
                kept.insert(Self(Arc::new(socket.into())));
            }
            Err(error) => tracing::debug!("a connection cannot be held: {error}"),
        }
    }

    /// Keeps what the peer has not taken where it is seen: without a bound the system holds minutes of speech
    /// for a peer that reads nothing, and all of it would be played to him, late, when he reads again.
    pub(crate) fn bound_sending(request: &HttpRequest) {
        let Some(Self(socket)) = request.conn_data::<Self>() else { return };
        if let Err(error) = SockRef::from(&**socket).set_send_buffer_size(SEND_BUFFER) {
            tracing::debug!("a connection keeps its send buffer: {error}");
        }
    }

    /// What cuts the connection of a request.
    pub(crate) fn cut_of(request: &HttpRequest) -> Cut {
        // Weak, or the handle would keep a closed socket half open for the rest of its call.
        let held = request.conn_data::<Self>().map(|connection| Arc::downgrade(&connection.0));
        Cut::new(move || {
            if let Some(socket) = held.as_ref().and_then(std::sync::Weak::upgrade) {
                // Fails only when the connection is gone already.
                let _ = socket.shutdown(Shutdown::Both);
            }
        })
    }
}
