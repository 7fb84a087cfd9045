//! The port: which one, who listens on it, and what of the old stack still runs.

use super::version;
use crate::doctor::finding::Finding;
use crate::doctor::patient::Patient;
use crate::doctor::processes::{self, Listener, Process, is_moked, leftover};
use crate::doctor::site::{Asked, Spot};

/// Most leftovers shown.
const SHOWN: usize = 5;

/// Who was found on the port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tenant {
    /// moked, and it answers.
    Moked,
    /// Something else, or a moked that does not answer.
    Other,
    /// Nobody.
    Nobody,
}

/// Looks at the port, and starts a server of this process when moked is not there.
pub(in crate::doctor) async fn check(patient: &mut Patient) -> Finding {
    let Some(settings) = &patient.settings else { return Finding::skip("the settings do not load") };
    let port = settings.server.port;
    let origin = settings.effective.iter().find(|entry| entry.key == "server.port");
    let origin = origin.map_or("default", |entry| entry.origin.as_str()).to_owned();
    let (tenant, finding) = match patient.local_address() {
        None => (
            Tenant::Nobody,
            Finding::pass(format!("port 0 (from {origin}): the system chooses at each start")),
        ),
        Some(address) => {
            let site = patient.site_at(Spot::Local, address);
            let seen = processes::listener(port);
            let asked = match &seen {
                Listener::Nobody => None,
                Listener::Known(_) | Listener::Hidden | Listener::Unseen => Some(site.get("/version").await),
            };
            let (tenant, finding) = judge(&format!("port {port} (from {origin})"), &seen, asked.as_ref());
            if tenant == Tenant::Moked {
                patient.local = Some(site);
            }
            (tenant, finding)
        }
    };
    let finding = lying_around(&processes::all(), &holders(port)).into_iter().fold(finding, Finding::saw);
    if tenant == Tenant::Moked {
        return finding;
    }
    match patient.start_own().await {
        Ok(()) => {
            let address = patient.own.as_ref().map(|own| own.address().to_string()).unwrap_or_default();
            finding.saw(format!("for the local checks a moked of this process was started at {address}"))
        }
        Err(why) => finding.and(Finding::fail(
            format!("no moked could be started for the local checks: {why}"),
            "free some memory, threads or sockets of this machine",
        )),
    }
}

fn holders(port: u16) -> Vec<u32> {
    match processes::listener(port) {
        Listener::Known(processes) => processes.iter().map(|process| process.pid).collect(),
        Listener::Nobody | Listener::Hidden | Listener::Unseen => Vec::new(),
    }
}

/// `asked` is the answer of `/version` on the port.
fn judge(port: &str, seen: &Listener, asked: Option<&Asked>) -> (Tenant, Finding) {
    let build = asked.and_then(|asked| asked.as_ref().ok()).and_then(version::read);
    let who = who(seen);
    if let Some(build) = build {
        return (Tenant::Moked, Finding::pass(format!("{port}: {who} listens, {}", build.words())));
    }
    let answer = match asked {
        Some(Ok(answer)) => answer.full_line(),
        Some(Err(error)) => error.to_string(),
        None => String::new(),
    };
    match seen {
        Listener::Nobody => (Tenant::Nobody, Finding::pass(format!("{port}: nobody listens"))),
        Listener::Unseen if matches!(asked, Some(Err(_)) | None) => (
            Tenant::Nobody,
            Finding::pass(format!("{port}: nobody answers (who listens is seen on Linux only)")),
        ),
        Listener::Known(processes) if processes.iter().any(|process| is_moked(&process.command)) => {
            let mend = "moked holds the port and does not answer: look at the end of its log and restart it";
            (Tenant::Other, Finding::fail(format!("{port}: {who} listens; {answer}"), mend).code(31_902))
        }
        Listener::Known(processes) => {
            let pids: Vec<String> = processes.iter().map(|process| process.pid.to_string()).collect();
            let mend = format!("stop it (kill {}) or give moked another PORT", pids.join(" "));
            (
                Tenant::Other,
                Finding::fail(format!("{port}: {who} listens and is not moked; {answer}"), mend).code(31_920),
            )
        }
        Listener::Hidden | Listener::Unseen => {
            let mend = "find the program (sudo ss -ltnp), and stop it or give moked another PORT";
            (
                Tenant::Other,
                Finding::fail(format!("{port}: {who} listens and is not moked; {answer}"), mend).code(31_920),
            )
        }
    }
}

fn who(seen: &Listener) -> String {
    match seen {
        Listener::Nobody => "nobody".to_owned(),
        Listener::Hidden => "a process of another user".to_owned(),
        Listener::Unseen => "a process".to_owned(),
        Listener::Known(processes) => {
            let all: Vec<String> = processes.iter().take(SHOWN).map(Process::words).collect();
            format!("process {}", all.join(", "))
        }
    }
}

/// Servers of the old stack, and further mokeds, that do not hold the port: no fault, but worth knowing.
fn lying_around(all: &[Process], holders: &[u32]) -> Vec<String> {
    let others = all.iter().filter(|process| !holders.contains(&process.pid));
    let found: Vec<(&str, &Process)> =
        others.filter_map(|process| leftover(&process.command).map(|kind| (kind, process))).collect();
    let mut lines: Vec<String> = found
        .iter()
        .take(SHOWN)
        .map(|(kind, process)| format!("{kind} runs beside it: process {}", process.words()))
        .collect();
    if found.len() > SHOWN {
        lines.push(format!("and {} more of the kind", found.len() - SHOWN));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Verdict;
    use crate::doctor::site::{Answer, NoAnswer};

    fn process(pid: u32, command: &str) -> Process {
        Process { pid, command: command.to_owned() }
    }

    fn version(body: &str) -> Asked {
        Ok(Answer { status: 200, body: body.to_owned(), ..Answer::default() })
    }

    fn silence() -> Asked {
        Err(NoAnswer { asked: "GET x".to_owned(), why: "refused".to_owned(), code: 31_902 })
    }

    const MOKED: &str = r#"{"name":"moked","version":"1","git_commit":null,"deploy_id":null}"#;

    #[test]
    fn moked_on_the_port_is_examined_there() {
        let seen = Listener::Known(vec![process(7, "moked serve")]);
        let (tenant, finding) = judge("port 8080", &seen, Some(&version(MOKED)));
        assert_eq!((tenant, finding.verdict), (Tenant::Moked, Verdict::Pass));
        assert!(finding.evidence[0].contains("7 (moked serve)"), "{finding:?}");
        // A container shows neither the process nor its user, but the answer is enough.
        assert_eq!(judge("port 8080", &Listener::Unseen, Some(&version(MOKED))).0, Tenant::Moked);
    }

    #[test]
    fn a_leftover_on_the_port_fails_and_is_named_with_its_number() {
        let seen = Listener::Known(vec![process(9, "gunicorn app:app"), process(10, "gunicorn app:app")]);
        let (tenant, finding) = judge("port 8080", &seen, Some(&version("<html>")));
        assert_eq!((tenant, finding.verdict), (Tenant::Other, Verdict::Fail));
        assert!(finding.evidence[0].contains("gunicorn app:app") && finding.mends[0].contains("kill 9 10"));
    }

    #[test]
    fn a_moked_that_does_not_answer_is_not_called_a_stranger() {
        let seen = Listener::Known(vec![process(7, "./moked serve")]);
        let (tenant, finding) = judge("port 8080", &seen, Some(&silence()));
        assert_eq!(tenant, Tenant::Other);
        assert!(finding.mends[0].contains("restart"), "{finding:?}");
    }

    #[test]
    fn a_strangers_process_fails_and_an_empty_port_does_not() {
        assert!(judge("port 8080", &Listener::Hidden, Some(&silence())).1.is_failure());
        for (seen, asked) in [(Listener::Nobody, None), (Listener::Unseen, Some(silence()))] {
            let (tenant, finding) = judge("port 8080", &seen, asked.as_ref());
            assert_eq!((tenant, finding.verdict), (Tenant::Nobody, Verdict::Pass));
        }
    }

    #[test]
    fn what_lies_around_is_evidence_and_the_holder_is_not_among_it() {
        let all = [
            process(1, "init"),
            process(7, "moked serve"),
            process(8, "moked serve"),
            process(9, "ngrok http 1"),
        ];
        let lines = lying_around(&all, &[7]);
        assert_eq!(
            lines,
            [
                "moked runs beside it: process 8 (moked serve)",
                "ngrok runs beside it: process 9 (ngrok http 1)"
            ]
        );
    }
}
