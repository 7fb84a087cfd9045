//! `[engines]`: which ear, voice and mind a call gets.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use moked_core::speakable::Niqqud;

use super::error::{SettingsError, shown};
use super::keys::nearest_word;
use super::providers::Providers;
use super::reader::Reader;
use crate::engines::catalogue::Role;

/// How a call is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pipeline {
    /// Ear, mind and voice, each its own engine.
    Cascade,
    /// One engine hears, thinks and speaks.
    Realtime,
}

/// `[engines]`.
#[derive(Debug, Clone, PartialEq)]
pub struct EnginesSection {
    /// How a call is held.
    pub pipeline: Pipeline,
    /// One-hop engines by name, first choice first.
    pub conversing: Vec<String>,
    /// Ears by name, first choice first.
    pub hearing: Vec<String>,
    /// Voices by name, first choice first.
    pub speaking: Vec<String>,
    /// Minds by name, first choice first.
    pub thinking: Vec<String>,
    /// What the voice gets of Hebrew vowel points.
    pub niqqud: Niqqud,
    /// Whether providers are asked once at the start, behind the open port.
    pub probe_at_start: bool,
    /// Threads for each speech engine; `None` leaves it to the engine.
    pub threads: Option<NonZeroUsize>,
    /// Folder of the recogniser's model; `None` is where the Debian package puts it.
    pub model_dir: Option<PathBuf>,
    /// The recogniser's library, a name or a path; `None` is the Debian package's.
    pub recogniser_library: Option<PathBuf>,
    /// Score for each 10 ms below which words are not believed.
    pub hear_reject_below: f32,
    /// Whether the recogniser searches a second time.
    pub hear_second_pass: bool,
    /// Length of the voice's sounds; 1 is its own pace.
    pub voice_stretch: f32,
    /// Pitch of the voice; 1 is its own.
    pub voice_pitch: f32,
}

impl EnginesSection {
    pub(super) fn read(reader: &Reader<'_>, providers: &Providers) -> Result<Self, SettingsError> {
        let threads = reader.number("engines.engine_threads", 0..=256, "threads")?;
        let path = |key| {
            reader.text(key).map(|text| Some(PathBuf::from(text)).filter(|path| !path.as_os_str().is_empty()))
        };
        let pipelines = [("cascade", Pipeline::Cascade), ("realtime", Pipeline::Realtime)];
        Ok(Self {
            pipeline: reader.choice("engines.pipeline", &pipelines)?,
            conversing: order(reader, providers, Role::Conversing)?,
            hearing: order(reader, providers, Role::Hearing)?,
            speaking: order(reader, providers, Role::Speaking)?,
            thinking: order(reader, providers, Role::Thinking)?,
            niqqud: reader.choice("engines.niqqud", &[("keep", Niqqud::Keep), ("strip", Niqqud::Strip)])?,
            probe_at_start: reader.flag("engines.probe_at_start")?,
            threads: NonZeroUsize::new(threads as usize),
            model_dir: path("engines.model_dir")?,
            recogniser_library: path("engines.recogniser_library")?,
            hear_reject_below: reader.fraction("engines.hear_reject_below", -200.0..=0.0)?,
            hear_second_pass: reader.flag("engines.hear_second_pass")?,
            voice_stretch: reader.fraction("engines.voice_stretch", 0.5..=2.0)?,
            voice_pitch: reader.fraction("engines.voice_pitch", 0.5..=2.0)?,
        })
    }

    /// The engines of a role by name, first choice first.
    pub fn names(&self, role: Role) -> &[String] {
        match role {
            Role::Hearing => &self.hearing,
            Role::Speaking => &self.speaking,
            Role::Thinking => &self.thinking,
            Role::Conversing => &self.conversing,
        }
    }
}

/// One name or several, each of an engine that exists, none twice.
fn order(reader: &Reader<'_>, providers: &Providers, role: Role) -> Result<Vec<String>, SettingsError> {
    let key = format!("engines.{}", role.word());
    let mut known = role.names();
    known.extend(providers.aliases(role));
    let all = format!("choose from {}", known.join(", "));
    let names: Vec<String> = reader.list(&key, &all)?;
    let names: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
    for (place, name) in names.iter().enumerate() {
        if !known.contains(&name.as_str()) {
            let meant = nearest_word(name, &known).map(|near| format!("did you mean {near}? Otherwise "));
            let table = format!("[provider.{}.{name}]", role.word());
            let mend = format!("{}{all}, or give {table} an adapter", meant.unwrap_or_default());
            return Err(reader.fault(&key, &format!("there is no engine {}", shown(name)), &mend));
        }
        if names.iter().take(place).any(|before| before == name) {
            return Err(reader.fault(&key, &format!("{name} is in it twice"), "name each engine once"));
        }
    }
    if names.is_empty() {
        return Err(reader.fault(&key, "it names no engine", &all));
    }
    Ok(names)
}
