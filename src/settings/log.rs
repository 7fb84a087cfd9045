//! `[log]`: in what form, and how much.

use tracing_subscriber::EnvFilter;

use super::error::SettingsError;
use super::reader::Reader;

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Plain,
    /// One JSON object a line.
    Json,
}

/// `[log]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSection {
    /// The form of a line.
    pub format: LogFormat,
    /// What is logged, in the language of `tracing_subscriber::EnvFilter`; it parses.
    pub level: String,
}

impl LogSection {
    pub(super) fn read(reader: &Reader<'_>) -> Result<Self, SettingsError> {
        let format =
            reader.choice("log.format", &[("plain", LogFormat::Plain), ("json", LogFormat::Json)])?;
        let level = reader.text("log.level")?;
        if level.is_empty() || EnvFilter::builder().parse(&level).is_err() || !has_only_levels(&level) {
            let mend = "write error, warn, info, debug or trace, or such as info,moked_actors=debug";
            return Err(reader.fault("log.level", "there is no such level", mend));
        }
        Ok(Self { format, level })
    }
}

/// Levels that a directive may give.
const LEVELS: [&str; 6] = ["error", "warn", "info", "debug", "trace", "off"];

/// Whether each directive is a level, or a target with a level. The filter takes more: it would take `debgu`
/// for a module's name and log nothing of anything else, and a module without a level for all of its lines.
fn has_only_levels(level: &str) -> bool {
    level.split(',').all(|directive| match directive.rsplit_once('=') {
        Some((target, level)) => is_target(target) && is_level(level),
        None => is_level(directive),
    })
}

fn is_level(text: &str) -> bool {
    LEVELS.iter().any(|level| level.eq_ignore_ascii_case(text))
}

/// A module's path, a span such as `[call{call_sid=CA1}]`, or both.
fn is_target(text: &str) -> bool {
    let (module, span) = text.split_once('[').map_or((text, None), |(module, span)| (module, Some(span)));
    let is_path = module.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ':'));
    is_path && !text.is_empty() && span.is_none_or(|span| span.find(']') == Some(span.len() - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_alone_and_by_part_pass() {
        for level in
            ["info", "WARN", "info,moked_actors=debug", "off,moked=info", "info,[call{call_sid=CA1}]=trace"]
        {
            assert!(EnvFilter::builder().parse(level).is_ok() && has_only_levels(level), "{level}");
        }
    }

    #[test]
    fn what_the_filter_would_take_for_a_module_is_refused() {
        for level in [
            "debgu",
            "info,moked_actors",
            "info,moked=debgu",
            "info,moked=7",
            "info,=debug",
            "info,",
            "info;moked=debug",
            "moked actors=debug",
            "info,[call=debug",
            "a=b=info",
        ] {
            assert!(!has_only_levels(level), "{level}");
        }
    }
}
