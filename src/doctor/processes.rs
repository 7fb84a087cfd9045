//! Who listens on a port, and which leftovers of an old stack lie around: a look into Linux's `/proc`.
//!
//! The old service was a Python one behind Gunicorn with a tunnel for development. A forgotten one of these
//! answers in moked's place, and nothing in the log of moked says so.

use std::fs;
use std::path::Path;

/// State of a listening socket in `/proc/net/tcp`.
const LISTEN: &str = "0A";

/// A process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Process {
    /// Its number.
    pub(crate) pid: u32,
    /// Its command line, blanks between the arguments.
    pub(crate) command: String,
}

impl Process {
    /// `4711 (gunicorn app:app)`.
    pub(crate) fn words(&self) -> String {
        format!("{} ({})", self.pid, super::site::cut(&self.command))
    }
}

/// Who listens on a port, as far as it can be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Listener {
    /// Nobody.
    Nobody,
    /// These; the workers of a pre-forking server all hold the same socket.
    Known(Vec<Process>),
    /// Somebody, but the process belongs to another user.
    Hidden,
    /// This system has no `/proc`.
    Unseen,
}

/// Who listens on a port of this machine.
pub(crate) fn listener(port: u16) -> Listener {
    let tables: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .collect();
    if tables.is_empty() {
        return Listener::Unseen;
    }
    let inodes: Vec<String> = tables.iter().flat_map(|table| listening(table, port)).collect();
    if inodes.is_empty() {
        return Listener::Nobody;
    }
    let links: Vec<String> = inodes.iter().map(|inode| format!("socket:[{inode}]")).collect();
    let holders: Vec<Process> = all().into_iter().filter(|process| holds(process.pid, &links)).collect();
    if holders.is_empty() { Listener::Hidden } else { Listener::Known(holders) }
}

/// Every process that can be seen; none where there is no `/proc`.
pub(super) fn all() -> Vec<Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let command = command_line(&fs::read(entry.path().join("cmdline")).ok()?);
            (!command.is_empty()).then_some(Process { pid, command })
        })
        .collect()
}

/// Inodes of the sockets that listen on a port, by the columns of `/proc/net/tcp`: 1 the local address, 3 the
/// state, 9 the inode.
fn listening(table: &str, port: u16) -> Vec<String> {
    let wanted = format!(":{port:04X}");
    let inode = |line: &str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let [_, local, _, state, _, _, _, _, _, inode, ..] = columns.as_slice() else { return None };
        (local.ends_with(&wanted) && *state == LISTEN).then(|| (*inode).to_owned())
    };
    table.lines().filter_map(inode).collect()
}

fn holds(pid: u32, links: &[String]) -> bool {
    let Ok(files) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
    files.flatten().any(|file| {
        fs::read_link(file.path())
            .is_ok_and(|link| links.iter().any(|wanted| link.as_os_str() == wanted.as_str()))
    })
}

/// The text of `/proc/<pid>/cmdline`, whose arguments end with a zero byte each.
fn command_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.split('\0').filter(|argument| !argument.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What a command line is a leftover of; none for anything else.
pub(super) fn leftover(command: &str) -> Option<&'static str> {
    let names: Vec<&str> = command.split(' ').map(base_name).collect();
    let has = |wanted: &str| names.contains(&wanted);
    // A shell or an editor that merely names one of these is none.
    let python = names.first().is_some_and(|name| name.starts_with("python"));
    match names.first().copied() {
        Some("gunicorn" | "gunicorn:") => Some("gunicorn"),
        Some("ngrok") => Some("ngrok"),
        Some("flask") if has("run") => Some("flask run"),
        Some("moked") if has("serve") => Some("moked"),
        _ if python && (has("gunicorn") || command.contains("eventlet")) => Some("gunicorn"),
        _ if python && has("flask") && has("run") => Some("flask run"),
        _ if python
            && (has("app.py") || has("main.py") || has("wsgi.py") || command.contains("werkzeug")) =>
        {
            Some("a Python server")
        }
        _ => None,
    }
}

/// Whether a command line is moked's own, in whatever role.
pub(super) fn is_moked(command: &str) -> bool {
    command.split(' ').next().map(base_name) == Some("moked")
}

fn base_name(argument: &str) -> &str {
    Path::new(argument).file_name().and_then(|name| name.to_str()).unwrap_or(argument)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn the_listener_is_found_with_its_command_line() {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let Listener::Known(found) = listener(socket.local_addr().unwrap().port()) else {
            panic!("not seen")
        };
        assert!(found.iter().any(|process| process.pid == std::process::id() && !process.command.is_empty()));
    }

    #[test]
    fn a_connection_is_no_listener() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
             0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4242 1 0\n\
             1: 0100007F:1F90 0100007F:C001 01 00000000:00000000 00:00000000 00000000  1000        0 4343 1 0\n";
        assert_eq!(listening(table, 8_080), ["4242"]);
        assert_eq!(listening(table, 49_153), Vec::<String>::new());
    }

    #[test]
    fn leftovers_are_told_from_programs_that_only_name_them() {
        for (command, expected) in [
            ("/usr/bin/python3 /usr/local/bin/gunicorn -k eventlet app:app", Some("gunicorn")),
            ("gunicorn: master [app:app]", Some("gunicorn")),
            ("gunicorn app:app", Some("gunicorn")),
            ("python -m flask run --port 5000", Some("flask run")),
            ("/venv/bin/flask run", Some("flask run")),
            ("python3 server/app.py", Some("a Python server")),
            ("ngrok http 8080", Some("ngrok")),
            ("./target/release/moked serve", Some("moked")),
            ("vim gunicorn.conf.py", None),
            ("bash -c gunicorn app:app", None),
            ("python3 train.py", None),
            ("moked doctor", None),
        ] {
            assert_eq!(leftover(command), expected, "{command}");
        }
    }

    #[test]
    fn arguments_are_joined_with_blanks() {
        assert_eq!(command_line(b"gunicorn\0app:app\0\0"), "gunicorn app:app");
    }
}
