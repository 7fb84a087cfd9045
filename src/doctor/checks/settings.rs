//! The settings load; what they say of who answers.

use crate::doctor::finding::Finding;
use crate::doctor::patient::Patient;
use crate::settings::{Settings, SettingsError, WsMode};

/// Loads them; nothing else can be asked of this machine without.
pub(in crate::doctor) fn check(patient: &mut Patient) -> Finding {
    let loaded = Settings::load(patient.order.settings_file.as_deref(), &patient.order.environment);
    let finding = judge(&loaded);
    if let Ok(settings) = loaded {
        patient.settle(settings);
    }
    finding
}

fn judge(loaded: &Result<Settings, SettingsError>) -> Finding {
    match loaded {
        Ok(settings) => {
            let changed = settings.effective.iter().filter(|entry| entry.origin != "default").count();
            let mode = match settings.call.ws_mode {
                WsMode::Ai => "holds conversations",
                WsMode::Echo => "echoes callers (WS_MODE is ECHO)",
                WsMode::Disabled => "takes messages only (WS_MODE is DISABLED)",
            };
            let agent = &settings.agent;
            Finding::pass(format!("{}: {changed} settings differ from their defaults", settings.source))
                .saw(format!("agent {} ({}, {}) {mode}", settings.call.agent, agent.name, agent.language))
        }
        Err(error) => {
            let (what, mend) = split(&error.to_string());
            Finding::fail(what, mend)
        }
    }
}

/// A settings error ends with its mend behind the last semicolon.
fn split(error: &str) -> (String, String) {
    match error.rsplit_once("; ") {
        Some((what, mend)) => (what.to_owned(), mend.to_owned()),
        None => (error.to_owned(), "compare with settings.toml of the distribution".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Verdict;
    use crate::settings::Environment;

    fn load(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let variables: Environment =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Settings::load(None, &variables)
    }

    #[test]
    fn the_defaults_pass_and_name_the_agent() {
        let finding = judge(&load(&[]));
        assert_eq!(finding.verdict, Verdict::Pass);
        assert!(
            finding.evidence[1].contains("agent demo (Maya, English) holds conversations"),
            "{finding:?}"
        );
    }

    #[test]
    fn a_wrong_value_fails_with_its_key_its_value_and_the_mend() {
        let finding = judge(&load(&[("PORT", "80a")]));
        assert!(finding.is_failure());
        assert!(finding.evidence[0].contains("PORT") && finding.evidence[0].contains("80a"), "{finding:?}");
        assert!(
            !finding.mends[0].is_empty() && !finding.evidence[0].contains(&finding.mends[0]),
            "{finding:?}"
        );
    }
}
