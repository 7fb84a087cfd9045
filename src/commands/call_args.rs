//! What the caller does, from the command line, in the order given.
//!
//! `--say a --digits 1 --say b` is a sequence; an ordinary parser would hand over all that is said and then
//! all digits, so the positions are put together again here.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, value_parser};

use crate::caller::script::Act;

/// Said when a caller interrupts and was given nothing to say.
const INTERRUPTION: &str = "excuse me";

/// What the caller does.
#[derive(Debug, Clone, Default)]
pub struct ActArgs(pub Vec<Act>);

impl Args for ActArgs {
    fn augment_args(command: Command) -> Command {
        command
            .arg(
                Arg::new("say")
                    .long("say")
                    .value_name("TEXT")
                    .help("Say this, once the agent has finished (English, embedded voice); repeatable")
                    .action(ArgAction::Append),
            )
            .arg(
                Arg::new("wav")
                    .long("wav")
                    .value_name("FILE")
                    .help("Play this WAV file: 4 to 192 kHz, 8 to 32 bit, up to 8 channels; repeatable")
                    .value_parser(value_parser!(PathBuf))
                    .action(ArgAction::Append),
            )
            .arg(
                Arg::new("digits")
                    .long("digits")
                    .value_name("KEYS")
                    .help("Press these keys, such as 1 or 0541234567#; commas part them into several answers")
                    .action(ArgAction::Append),
            )
            .arg(
                Arg::new("barge-in-at")
                    .long("barge-in-at")
                    .value_name("MS")
                    .help("Interrupt the greeting this long after it begins, with the first --say")
                    .value_parser(value_parser!(u64)),
            )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for ActArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut acts = Vec::new();
        for (index, text) in positioned::<String>(matches, "say") {
            acts.push((index, Act::Say { text }));
        }
        for (index, wav) in positioned::<PathBuf>(matches, "wav") {
            acts.push((index, Act::Play { wav }));
        }
        for (index, keys) in positioned::<String>(matches, "digits") {
            let answers = keys.split(',').filter(|keys| !keys.is_empty());
            acts.extend(answers.map(|digits| (index, Act::Keys { digits: digits.to_owned() })));
        }
        acts.sort_by_key(|(index, _)| *index);
        let mut acts: Vec<_> = acts.into_iter().map(|(_, act)| act).collect();
        if let Some(&at_ms) = matches.get_one::<u64>("barge-in-at") {
            interrupt(&mut acts, at_ms);
        }
        Ok(Self(acts))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The values of an argument with their positions on the command line.
fn positioned<T: Clone + Send + Sync + 'static>(matches: &ArgMatches, id: &str) -> Vec<(usize, T)> {
    let values = matches.get_many::<T>(id).into_iter().flatten().cloned();
    matches.indices_of(id).into_iter().flatten().zip(values).collect()
}

/// Makes the first thing said an interruption of the greeting.
fn interrupt(acts: &mut Vec<Act>, at_ms: u64) {
    let first = acts.iter().position(|act| matches!(act, Act::Say { .. }));
    let text = match first.map(|position| acts.remove(position)) {
        Some(Act::Say { text }) => text,
        Some(Act::Play { .. } | Act::Keys { .. } | Act::BargeIn { .. }) | None => INTERRUPTION.to_owned(),
    };
    acts.insert(0, Act::BargeIn { utterance: 1, at_ms, text });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &[&str]) -> Vec<Act> {
        let matches = ActArgs::augment_args(Command::new("call")).get_matches_from(line);
        ActArgs::from_arg_matches(&matches).unwrap().0
    }

    fn say(text: &str) -> Act {
        Act::Say { text: text.into() }
    }

    fn keys(digits: &str) -> Act {
        Act::Keys { digits: digits.into() }
    }

    #[test]
    fn acts_keep_the_order_of_the_command_line() {
        let acts = parse(&["call", "--say", "a", "--digits", "1,2#", "--wav", "b.wav", "--say", "c"]);
        assert_eq!(acts, [say("a"), keys("1"), keys("2#"), Act::Play { wav: "b.wav".into() }, say("c")]);
    }

    #[test]
    fn the_first_thing_said_interrupts() {
        let acts = parse(&["call", "--digits", "1", "--say", "stop", "--barge-in-at", "800"]);
        assert_eq!(acts, [Act::BargeIn { utterance: 1, at_ms: 800, text: "stop".into() }, keys("1")]);
        let acts = parse(&["call", "--barge-in-at", "800"]);
        assert_eq!(acts, [Act::BargeIn { utterance: 1, at_ms: 800, text: INTERRUPTION.into() }]);
    }
}
