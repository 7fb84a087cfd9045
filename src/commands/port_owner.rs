//! Which program holds a port, for the message about a taken port.

use crate::doctor::processes::{self, Listener, Process};

/// The program that listens on a port, such as `process 4711 (gunicorn app:app)`. `None` when it cannot be
/// known: on another system, or when the program belongs to somebody else.
pub(super) fn of(port: u16) -> Option<String> {
    match processes::listener(port) {
        // The workers of a pre-forking server share the socket; the first is their master or as good as it.
        Listener::Known(holders) => holders.first().map(Process::words).map(|who| format!("process {who}")),
        Listener::Nobody | Listener::Hidden | Listener::Unseen => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn the_owner_of_a_port_is_this_test() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let owner = of(listener.local_addr().unwrap().port()).unwrap();
        assert!(owner.starts_with(&format!("process {} (", std::process::id())), "{owner}");
    }

    #[test]
    fn a_free_port_has_no_owner() {
        assert_eq!(of(0), None);
    }
}
