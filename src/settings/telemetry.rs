//! `[telemetry]`: where traces of calls go.

use super::error::SettingsError;
use super::reader::Reader;

/// `[telemetry]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TelemetrySection {
    /// The collector that takes OTLP over gRPC; `None` traces nothing.
    pub otlp_endpoint: Option<url::Url>,
}

impl TelemetrySection {
    pub(super) fn read(reader: &Reader<'_>) -> Result<Self, SettingsError> {
        let key = "telemetry.otlp_endpoint";
        let mend = "give the collector's gRPC address such as http://127.0.0.1:4317";
        let otlp_endpoint: Option<url::Url> = reader.parsed(key, mend)?;
        match &otlp_endpoint {
            Some(url) if !matches!(url.scheme(), "http" | "https") || url.host().is_none() => {
                Err(reader.fault(key, "it is no http address", mend))
            }
            Some(url) if url.password().is_some() || !url.username().is_empty() => {
                Err(reader.fault(key, "it holds a name or password, which others can read here", mend))
            }
            Some(_) | None => Ok(Self { otlp_endpoint }),
        }
    }
}
