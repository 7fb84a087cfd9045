//! `/version`: whether the public address answers with this very build.
//!
//! An old deployment that still answers is the worst of faults to look for: everything works, as it did
//! last week.

use serde::Deserialize;

use super::silent;
use crate::doctor::finding::Finding;
use crate::doctor::patient::Patient;
use crate::doctor::site::{Answer, Asked, Spot};

/// The answer's body.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Build {
    name: String,
    version: String,
    git_commit: Option<String>,
    deploy_id: Option<String>,
}

impl Build {
    /// What it is, in words.
    pub(super) fn words(&self) -> String {
        let or_none = |value: &Option<String>| value.clone().unwrap_or_else(|| "unknown".to_owned());
        let (commit, deploy) = (or_none(&self.git_commit), or_none(&self.deploy_id));
        format!("{} {}, commit {commit}, deployment {deploy}", self.name, self.version)
    }
}

/// The build that answered; none when it is not moked.
pub(super) fn read(answer: &Answer) -> Option<Build> {
    let build: Build = serde_json::from_str(&answer.body).ok()?;
    (build.name == "moked").then_some(build)
}

/// Asks both and compares.
pub(in crate::doctor) async fn check(patient: &Patient) -> Finding {
    let local = match patient.site(Spot::Local) {
        Ok(site) => Some(site.get("/version").await),
        Err(_) => None,
    };
    let public = match patient.site(Spot::Public) {
        Ok(site) => Some(site.get("/version").await),
        Err(_) => None,
    };
    judge(local.as_ref(), public.as_ref(), patient.own.is_some())
}

/// `is_own` when the local server is this process, whose deployment need not be the one examined.
fn judge(local: Option<&Asked>, public: Option<&Asked>, is_own: bool) -> Finding {
    let (local_finding, local_build) = one(local, Spot::Local);
    let (public_finding, public_build) = one(public, Spot::Public);
    let both = local_finding.and(public_finding);
    let (Some(here), Some(there)) = (local_build, public_build) else { return both };
    let same_deploy = here.deploy_id == there.deploy_id || (is_own && here.deploy_id.is_none());
    if here.version == there.version && here.git_commit == there.git_commit && same_deploy {
        return both;
    }
    both.and(Finding::fail(
        "the public address answers with another build than this machine",
        "an old deployment still answers, or the address leads elsewhere: deploy again, see where the address is \
         routed, and stop the old instance",
    ))
}

fn one(asked: Option<&Asked>, spot: Spot) -> (Finding, Option<Build>) {
    match asked {
        None => match spot {
            Spot::Local => (Finding::skip("no server on this machine to compare with"), None),
            Spot::Public => (Finding::skip("no public address that answers, to compare with"), None),
        },
        Some(Err(error)) => (silent(error, spot), None),
        Some(Ok(answer)) => match read(answer) {
            Some(build) => (Finding::pass(format!("{}: {}", answer.line(), build.words())), Some(build)),
            None => {
                let mend = "this is not moked's answer: see which server answers there";
                (Finding::fail(answer.full_line(), mend), None)
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Verdict;

    fn build(version: &str, commit: &str, deploy: &str) -> Asked {
        let body =
            format!(r#"{{"name":"moked","version":"{version}","git_commit":{commit},"deploy_id":{deploy}}}"#);
        Ok(Answer { status: 200, body, ..Answer::default() })
    }

    fn verdict(local: &Asked, public: &Asked, is_own: bool) -> Verdict {
        judge(Some(local), Some(public), is_own).verdict
    }

    #[test]
    fn any_difference_is_an_old_deployment() {
        let here = build("1", "\"abc\"", "\"d1\"");
        assert_eq!(verdict(&here, &here, false), Verdict::Pass);
        for other in [
            build("2", "\"abc\"", "\"d1\""),
            build("1", "\"abd\"", "\"d1\""),
            build("1", "\"abc\"", "\"d0\""),
            build("1", "null", "\"d1\""),
        ] {
            assert_eq!(verdict(&here, &other, false), Verdict::Fail, "{other:?}");
        }
    }

    #[test]
    fn the_doctors_own_server_needs_no_deployment_id() {
        let (here, there) = (build("1", "null", "null"), build("1", "null", "\"d1\""));
        assert_eq!(verdict(&here, &there, true), Verdict::Pass);
        assert_eq!(verdict(&here, &there, false), Verdict::Fail);
    }

    #[test]
    fn without_a_public_address_the_local_build_is_shown() {
        let here = build("1", "null", "null");
        assert_eq!(judge(Some(&here), None, false).verdict, Verdict::Pass);
        assert_eq!(judge(None, None, false).verdict, Verdict::Skip);
    }

    #[test]
    fn another_program_fails() {
        let page =
            Ok(Answer { status: 200, body: r#"{"name":"flask-app"}"#.to_owned(), ..Answer::default() });
        assert!(judge(Some(&page), None, false).is_failure());
    }
}
