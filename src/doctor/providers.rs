//! `moked doctor --providers`: one tiny real request to each provider, with its real key.

use std::time::Instant;

use super::examine::{CheckReport, Progress};
use super::finding::Finding;
use super::patient::Order;
use crate::engines::catalogue::Role;
use crate::engines::probe::{Probe, mend, probe_all};
use crate::engines::{self, Roster};
use crate::settings::{Providers, Settings, local_time};

/// Makes the engines, asks each provider, and tells of each as it answers. Must run on a `LocalSet`.
pub async fn examine_providers(order: &Order, mut tell: impl FnMut(Progress<'_>)) -> Vec<CheckReport> {
    let mut reports = Vec::new();
    let mut done = |id, title, finding, ms| {
        let report = CheckReport::new(id, title, finding, ms);
        tell(Progress::Done(&report));
        reports.push(report);
    };
    let begun = Instant::now();
    let made = Settings::load(order.settings_file.as_deref(), &order.environment)
        .map_err(|error| Finding::fail(error.to_string(), "correct the setting that is named"))
        .and_then(|settings| match engines::make(&settings) {
            Ok(set) => Ok((settings, set.roster)),
            Err(error) => Err(Finding::fail(error.to_string(), "configure a voice under [engines]")),
        });
    let (settings, roster) = match made {
        Ok(made) => made,
        Err(finding) => {
            done("providers", "providers", finding, begun.elapsed().as_millis() as u64);
            return reports;
        }
    };
    let mut count = 0;
    for (role, finding) in left_out(&roster) {
        count += 1;
        done(id(role), title(role), finding, 0);
    }
    let now = local_time(&settings).now();
    let mut since = Instant::now();
    probe_all(&roster, settings.agent.language, now, 1, |probe| {
        count += 1;
        done(
            id(probe.role),
            title(probe.role),
            judge(probe, &settings.providers),
            since.elapsed().as_millis() as u64,
        );
        since = Instant::now();
    })
    .await;
    if count == 0 {
        let why = "no provider is in the order: the engines are those inside the binary";
        done("providers", "providers", Finding::skip(why), 0);
    }
    reports
}

/// Engines that the order names and that cannot serve.
fn left_out(roster: &Roster) -> Vec<(Role, Finding)> {
    let findings = |role: Role| {
        roster.left_out(role).iter().map(move |left| {
            let (what, how) = left.problem.rsplit_once("; ").unwrap_or((&left.problem, "see settings.toml"));
            (role, Finding::fail(what, how))
        })
    };
    Role::ALL.into_iter().flat_map(findings).collect()
}

fn judge(probe: &Probe, options: &Providers) -> Finding {
    match &probe.outcome {
        Ok(ms) => Finding::pass(format!("{}: first byte after {ms} ms", probe.engine)),
        Err(fault) => Finding::fail(format!("{}: {fault}", probe.engine), mend(probe, fault, options)),
    }
}

fn id(role: Role) -> &'static str {
    match role {
        Role::Hearing => "provider.hearing",
        Role::Speaking => "provider.speaking",
        Role::Thinking => "provider.thinking",
        Role::Conversing => "provider.conversing",
    }
}

fn title(role: Role) -> &'static str {
    match role {
        Role::Hearing => "provider, hearing",
        Role::Speaking => "provider, speaking",
        Role::Thinking => "provider, thinking",
        Role::Conversing => "provider, conversing",
    }
}

#[cfg(test)]
mod tests {
    use moked_core::ports::ProviderFault;

    use super::*;

    #[test]
    fn each_kind_of_fault_has_its_mend() {
        let engine = || "soniox".to_owned();
        let judged = |fault| {
            judge(
                &Probe { role: Role::Hearing, engine: engine(), outcome: Err(fault) },
                &Providers::default(),
            )
        };
        let why = || "no".to_owned();
        let auth = judged(ProviderFault::Auth { why: why() });
        assert!(auth.is_failure() && auth.mends[0].contains("SONIOX_API_KEY"), "{auth:?}");
        let model = judged(ProviderFault::BadRequest { why: why() });
        assert!(model.mends[0].contains("[provider.hearing.soniox]"), "{model:?}");
        let connect = judged(ProviderFault::Connect { why: why() });
        assert!(connect.mends[0].contains("base_url"), "{connect:?}");
    }
}
