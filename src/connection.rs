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
