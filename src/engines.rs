//! Which ear, voice and mind a process gets. The only place that names vendors.
//!
//! Making engines is slow (libraries, models), so it happens behind the listening port. What cannot be made
//! is not a reason to stop: a missing ear leaves the keypad, and a voice that does not speak the agent's
//! language leaves the recorded message. [`EngineReport`] says which, and how to mend it.
//!
//! The settings name one engine a role or several in order. An engine without its key, or of another
//! language, is left out with its reason in the [`Roster`]. A name may be the owner's own, of a table that says
//! whose adapter it uses. As soon as a provider is among the rest, they
//! stand behind one port that moves on when one fails, and what needs nobody comes last: the receptionist,
//! the embedded voice where it speaks the language, the keypad.

pub mod catalogue;
mod conversing;
mod ears;
mod embedded;
mod kept;
mod minds;
pub mod probe;
mod report;
mod roster;
mod voices;

use std::sync::Arc;

use moked_actors::host::Engines;
use moked_core::ports::{ChatModel, SpeechToSpeech, SpeechToText, TextToSpeech};
use moked_core::receptionist::ReceptionistModel;
use moked_providers::embedded::{EmbeddedEars, EmbeddedVoice, EmbeddedVoiceActivity};
use moked_providers::failover::{FailoverEars, FailoverMind, FailoverSpeech, FailoverVoice, Order};
pub use moked_providers::voice_cache::VoiceCache;
use thiserror::Error;

use crate::settings::{Pipeline, Settings};
use catalogue::{EMBEDDED, Entry, Ingredients, KeyNeed, RECEPTIONIST, Role};
use report::PROVIDER;
pub use report::{EngineReport, Part};
pub use roster::{EngineHealth, LeftOut, RoleHealth, RoleRoster, RoleState, Roster, Standing};

/// No engine has this name: of one hop there is none inside the binary.
const NONE_INSIDE: &str = "";

/// Engines, and why there is no ear if there is none.
#[derive(Debug, Clone)]
pub struct EngineSet {
    /// The engines.
    pub engines: Engines,
    /// Why `engines.hearing` is `None`, and the mend.
    pub hearing_problem: Option<String>,
    /// Who was asked for, who came, and how they are.
    pub roster: Roster,
}

/// Why no call can be held at all.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EnginesError {
    /// The voice cannot be made.
    #[error("no voice: {why}")]
    Speaking {
        /// The engine's own words.
        why: String,
    },
}

/// Makes the engines that the settings name. Takes up to seconds; call it off the workers. Connects nothing.
///
/// # Errors
/// When there is no voice, since then nothing can be said in any language.
pub fn make(settings: &Settings) -> Result<EngineSet, EnginesError> {
    let (hearing, hearing_roster) = hearing(settings);
    let (speaking, speaking_roster, voice_cache) = speaking(settings)?;
    let (thinking, thinking_roster) = thinking(settings, hearing.as_deref());
    let (conversing, conversing_roster) = conversing(settings);
    let voice_activity = Arc::new(EmbeddedVoiceActivity);
    let hearing_problem = if hearing.is_none() { hearing_roster.left_out() } else { None };
    Ok(EngineSet {
        engines: Engines { hearing, speaking, thinking, conversing, voice_activity },
        hearing_problem,
        roster: Roster {
            hearing: hearing_roster,
            speaking: speaking_roster,
            thinking: thinking_roster,
            conversing: conversing_roster,
            voice_cache,
        },
    })
}

type Conversing = (Option<Arc<dyn SpeechToSpeech>>, RoleRoster<dyn SpeechToSpeech>);

/// One-hop engines, where the pipeline asks for them. Without one, calls go through ear, mind and voice.
fn conversing(settings: &Settings) -> Conversing {
    if settings.engines.pipeline == Pipeline::Cascade {
        return (None, RoleRoster::default());
    }
    let language = settings.agent.language;
    let line = Line { role: Role::Conversing, inside: NONE_INSIDE, entries: &conversing::ALL, settings };
    let nobody = || Err("there is no such engine inside the binary".to_owned());
    let fits = |engine: &Arc<dyn SpeechToSpeech>| {
        engine.languages().contains(&language).then_some(()).ok_or("converse in")
    };
    let (chosen, left_out) = line.up(nobody, fits);
    let mut roster = RoleRoster { asked: settings.engines.conversing.clone(), order: None, left_out };
    if chosen.is_empty() {
        return (None, roster);
    }
    let order = Order::new(chosen);
    roster.order = Some(order.clone());
    (Some(Arc::new(FailoverSpeech::new(order))), roster)
}

type Ears = (Option<Arc<dyn SpeechToText>>, RoleRoster<dyn SpeechToText>);

fn hearing(settings: &Settings) -> Ears {
    let language = settings.agent.language;
    let embedded = || -> Result<Arc<dyn SpeechToText>, String> {
        let ears = EmbeddedEars::load(embedded::ears(settings)).map_err(|error| error.to_string())?;
        Ok(Arc::new(ears))
    };
    let does = |ear: &dyn SpeechToText| ear.languages().contains(&language);
    let line = Line { role: Role::Hearing, inside: EMBEDDED, entries: &ears::ALL, settings };
    let (chosen, left_out) = line.up(embedded, |ear| does(ear.as_ref()).then_some(()).ok_or("hear"));
    let mut roster = RoleRoster { asked: settings.engines.hearing.clone(), order: None, left_out };
    let ear: Option<Arc<dyn SpeechToText>> = if has_provider(&chosen) {
        let order = Order::new(chosen);
        roster.order = Some(order.clone());
        Some(Arc::new(FailoverEars::new(order)))
    } else {
        chosen.into_iter().next().map(|(_, ear)| ear)
    };
    (ear, roster)
}

type Voices = (Arc<dyn TextToSpeech>, RoleRoster<dyn TextToSpeech>, Option<VoiceCache>);

fn speaking(settings: &Settings) -> Result<Voices, EnginesError> {
    let language = settings.agent.language;
    let embedded = || -> Result<Arc<dyn TextToSpeech>, String> {
        let voice = EmbeddedVoice::new(embedded::voice(settings)).map_err(|error| error.to_string())?;
        Ok(Arc::new(voice))
    };
    let does = |voice: &dyn TextToSpeech| voice.languages().contains(&language);
    let line = Line { role: Role::Speaking, inside: EMBEDDED, entries: &voices::ALL, settings };
    let (mut chosen, left_out) = line.up(embedded, |voice| does(voice.as_ref()).then_some(()).ok_or("speak"));
    let mut roster = RoleRoster { asked: settings.engines.speaking.clone(), order: None, left_out };
    if !has_provider(&chosen) {
        let first = chosen.into_iter().next().map(|(_, voice)| voice);
        // A voice of another language still tells its name, and says nothing: calls get the message.
        let voice = first.map_or_else(embedded, Ok).map_err(|why| EnginesError::Speaking { why })?;
        return Ok((voice, roster, None));
    }
    let cache = kept::cache(settings);
    for (name, voice) in chosen.iter_mut().filter(|(name, _)| name != EMBEDDED) {
        *voice = cache.keep(&kept::identity(settings, name), Arc::clone(voice));
    }
    if !chosen.iter().any(|(name, _)| name == EMBEDDED)
        && let Ok(voice) = embedded()
        && does(voice.as_ref())
    {
        chosen.push((EMBEDDED.to_owned(), voice));
    }
    let order = Order::new(chosen);
    roster.order = Some(order.clone());
    Ok((Arc::new(FailoverVoice::new(order)), roster, Some(cache)))
}

type Minds = (Arc<dyn ChatModel>, RoleRoster<dyn ChatModel>);

fn thinking(settings: &Settings, ear: Option<&dyn SpeechToText>) -> Minds {
    let inside = || -> Arc<dyn ChatModel> { Arc::new(receptionist(settings, ear)) };
    let line = Line { role: Role::Thinking, inside: RECEPTIONIST, entries: &minds::ALL, settings };
    let (mut chosen, left_out) = line.up(|| Ok(inside()), |_| Ok(()));
    let mut roster = RoleRoster { asked: settings.engines.thinking.clone(), order: None, left_out };
    if !has_provider(&chosen) {
        return (inside(), roster);
    }
    if !chosen.iter().any(|(name, _)| name == RECEPTIONIST) {
        chosen.push((RECEPTIONIST.to_owned(), inside()));
    }
    let order = Order::new(chosen);
    roster.order = Some(order.clone());
    (Arc::new(FailoverMind::new(order)), roster)
}

fn has_provider<E: ?Sized>(chosen: &[(String, Arc<E>)]) -> bool {
    chosen.iter().any(|(name, _)| ![EMBEDDED, RECEPTIONIST].contains(&name.as_str()))
}

/// The engines of a role as the settings want them.
struct Line<'a, E: ?Sized + 'static> {
    role: Role,
    /// Name of the engine inside the binary.
    inside: &'static str,
    entries: &'static [Entry<E>],
    settings: &'a Settings,
}

type Chosen<E> = (Vec<(String, Arc<E>)>, Vec<LeftOut>);

impl<E: ?Sized + 'static> Line<'_, E> {
    /// Makes those that can be made. `fits` gives the verb for what an engine cannot do in the agent's
    /// language.
    fn up(
        &self,
        inside: impl Fn() -> Result<Arc<E>, String>,
        fits: impl Fn(&Arc<E>) -> Result<(), &'static str>,
    ) -> Chosen<E> {
        let (role, language) = (self.role.word(), self.settings.agent.language);
        let (mut chosen, mut left_out) = (Vec::new(), Vec::new());
        for name in self.settings.engines.names(self.role) {
            let made = if name == self.inside { inside() } else { self.provider(name) };
            let made = made.and_then(|engine| match fits(&engine) {
                Ok(()) => Ok((name.clone(), engine)),
                Err(verb) => Err(format!("{name} does not {verb} {language}; {PROVIDER} engines.{role}")),
            });
            match made {
                Ok(engine) => chosen.push(engine),
                Err(problem) => left_out.push(LeftOut { name: name.clone(), problem }),
            }
        }
        (chosen, left_out)
    }

    fn provider(&self, name: &str) -> Result<Arc<E>, String> {
        let (role, tables) = (self.role.word(), &self.settings.providers);
        let adapter = tables.adapter(self.role, name);
        let Some(entry) = self.entries.iter().find(|entry| entry.name == adapter) else {
            return Err(format!("there is no engine {name}; see engines.{role} in settings.toml"));
        };
        let options = tables.options(self.role, name);
        let is_at_vendor = entry.is_at_vendor(&options);
        if let Some(switch) = entry.skip.filter(|switch| is_at_vendor && self.settings.skips.contains(switch))
        {
            return Err(format!("{name} is left out by {switch}; unset it to have {name} in {role}"));
        }
        let variables = tables.key_variables(self.role, name);
        let is_named = tables.key_env(self.role, name).is_some();
        // A server of another name does not get the vendor's own key for speaking the vendor's wire.
        let may_have = is_named || adapter == name || is_at_vendor;
        let key = self.settings.secrets.provider_key(&variables).filter(|_| may_have);
        let is_needed = match entry.key {
            _ if is_named => true,
            KeyNeed::Never => false,
            KeyNeed::Always(_) => true,
            KeyNeed::UnlessMetadata(_) => options.get("credentials").is_none_or(|from| from != "metadata"),
            KeyNeed::AtVendor(_) => is_at_vendor,
        };
        if key.is_none() && is_needed {
            let variables = variables.join(" or ");
            return Err(format!("{name} has no key for {role}; set {variables} in the environment"));
        }
        let ingredients = Ingredients { options, key, agent: Arc::clone(&self.settings.agent) };
        let made = (entry.make)(&ingredients);
        let place = format!("[provider.{role}.{name}]");
        made.map_err(|why| format!("{name} cannot be made: {why}; correct {place} in settings.toml"))
    }
}

/// A receptionist who knows whether she can hear: without an ear she asks for keys.
fn receptionist(settings: &Settings, ear: Option<&dyn SpeechToText>) -> ReceptionistModel {
    let agent = Arc::clone(&settings.agent);
    match ear {
        Some(ear) if ear.languages().contains(&agent.language) => ReceptionistModel::new(agent),
        Some(_) | None => ReceptionistModel::keypad_only(agent),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use jiff::civil::date;
    use moked_core::ids::{CallSid, TurnId};
    use moked_core::language::Language;
    use moked_core::ports::{CallerSaid, ChatEvent, ChatRequest, ChatTurn, Sink};

    use super::*;
    use crate::settings::Environment;

    fn settings(variables: &[(&str, &str)]) -> Settings {
        let environment: Environment =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Settings::load(None, &environment).unwrap()
    }

    #[test]
    fn without_an_ear_the_mind_asks_for_keys() {
        let set = make(&settings(&[("MOKED__ENGINES__RECOGNISER_LIBRARY", "/nowhere/ears.so")])).unwrap();
        assert!(set.hearing_problem.is_some_and(|why| why.contains("/nowhere/ears.so")));
        let (sender, told) = channel();
        let sink = Sink::new(move |event| drop(sender.send(event)));
        let request =
            ChatRequest { call_sid: CallSid::new("CA1"), language: Language::English, caller: None };
        let now = date(2026, 11, 20).at(10, 0, 0, 0);
        let turn = ChatTurn { turn: TurnId::default(), said: CallerSaid::Nothing, history: Vec::new(), now };
        set.engines.thinking.open(request, sink).think(turn);
        let ChatEvent::Text { delta, .. } = told.recv().unwrap() else { panic!("no greeting") };
        assert!(delta.contains("use the keys") && delta.contains("Press one for rent"), "{delta}");
    }
}
