//! Typed reading of one key at a time, so that every fault names its key, its value and its mend.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use config::{Map, Value, ValueKind};

use super::error::{SettingsError, shown};

/// Reads values from the merged layers. Text is taken for any type, since the environment holds nothing else.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    merged: &'a Map<String, Value>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(merged: &'a Map<String, Value>) -> Self {
        Self { merged }
    }

    /// Text; trimmed, may be empty.
    pub(super) fn text(&self, key: &str) -> Result<String, SettingsError> {
        let value = self.value(key)?;
        match plain(&value) {
            Some(text) => Ok(text.trim().to_owned()),
            None => Err(self.fault(key, "it is not text", "put one text in quotes")),
        }
    }

    /// Text that must be parsed; empty text is `None`.
    pub(super) fn parsed<T: FromStr<Err: Display>>(
        &self,
        key: &str,
        mend: &str,
    ) -> Result<Option<T>, SettingsError> {
        let text = self.text(key)?;
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|error| self.fault(key, &format!("{error}"), mend))
    }

    /// A whole number within `range`. `unit` names what it counts.
    pub(super) fn number(
        &self,
        key: &str,
        range: RangeInclusive<u64>,
        unit: &str,
    ) -> Result<u64, SettingsError> {
        let mend = format!("give a whole number from {} to {} ({unit})", range.start(), range.end());
        let value = self.value(key)?;
        // A number in TOML must be whole by itself: `config` would round 8080.5 without a word.
        let number = if matches!(value.kind, ValueKind::Float(_) | ValueKind::Boolean(_)) {
            None
        } else {
            plain(&value).and_then(|text| text.trim().parse::<u64>().ok())
        };
        match number {
            Some(number) if range.contains(&number) => Ok(number),
            Some(_) => Err(self.fault(key, "it is out of range", &mend)),
            None => Err(self.fault(key, "it is not a whole number", &mend)),
        }
    }

    /// A duration written in milliseconds.
    pub(super) fn millis(&self, key: &str, range: RangeInclusive<u64>) -> Result<Duration, SettingsError> {
        self.number(key, range, "milliseconds").map(Duration::from_millis)
    }

    /// A duration written in seconds.
    pub(super) fn seconds(&self, key: &str, range: RangeInclusive<u64>) -> Result<Duration, SettingsError> {
        self.number(key, range, "seconds").map(Duration::from_secs)
    }

    /// A number with a fraction, within `range`.
    pub(super) fn fraction(&self, key: &str, range: RangeInclusive<f32>) -> Result<f32, SettingsError> {
        let mend = format!("give a number from {} to {}", range.start(), range.end());
        let number = plain(&self.value(key)?).and_then(|text| text.trim().parse::<f32>().ok());
        match number {
            Some(number) if range.contains(&number) => Ok(number),
            Some(_) => Err(self.fault(key, "it is out of range", &mend)),
            None => Err(self.fault(key, "it is not a number", &mend)),
        }
    }

    /// Yes or no.
    pub(super) fn flag(&self, key: &str) -> Result<bool, SettingsError> {
        let text = self.text(key)?;
        flag(&text).ok_or_else(|| self.fault(key, "it is neither yes nor no", "write true or false"))
    }

    /// One of a few words, in any case of letters.
    pub(super) fn choice<T: Copy>(&self, key: &str, choices: &[(&str, T)]) -> Result<T, SettingsError> {
        let text = self.text(key)?;
        let found = choices.iter().find(|(word, _)| word.eq_ignore_ascii_case(&text));
        found.map(|(_, choice)| *choice).ok_or_else(|| {
            let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
            self.fault(key, "there is no such choice", &format!("choose one of {}", words.join(", ")))
        })
    }

    /// A list, or text with commas, each item parsed.
    pub(super) fn list<T: FromStr<Err: Display>>(
        &self,
        key: &str,
        mend: &str,
    ) -> Result<Vec<T>, SettingsError> {
        let value = self.value(key)?;
        let items: Vec<String> = if let ValueKind::Array(items) = &value.kind {
            items.iter().filter_map(plain).collect()
        } else {
            plain(&value).unwrap_or_default().split(',').map(str::to_owned).collect()
        };
        let items = items.iter().map(|item| item.trim()).filter(|item| !item.is_empty());
        items
            .map(|item| {
                item.parse().map_err(|error| self.fault(key, &format!("{} is {error}", shown(item)), mend))
            })
            .collect()
    }

    /// An error about a key.
    pub(super) fn fault(&self, key: &str, fault: &str, mend: &str) -> SettingsError {
        let value = self.value(key).ok();
        let origin = value.as_ref().and_then(Value::origin);
        let name = match origin {
            None => key.to_owned(),
            Some(origin) if origin.starts_with("MOKED__") => origin.to_owned(),
            Some(origin) if origin.chars().all(|c| c.is_ascii_uppercase() || c == '_') => {
                format!("{origin} ({key})")
            }
            Some(file) => format!("{key} in {file}"),
        };
        let value = shown(&value.as_ref().and_then(plain).unwrap_or_else(|| "a table or list".to_owned()));
        SettingsError::Value { name, value, fault: fault.to_owned(), mend: mend.to_owned() }
    }

    fn value(&self, key: &str) -> Result<Value, SettingsError> {
        // Every key is in the built-in copy, so a miss means that a layer put a plain value over a section.
        find(self.merged, key).cloned().ok_or_else(|| SettingsError::Shape {
            place: key.split('.').next().unwrap_or(key).to_owned(),
            why: "it must be a table".to_owned(),
        })
    }
}

/// The value at `section.key`.
pub(super) fn find<'a>(tables: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    let (section, rest) = key.split_once('.')?;
    if let ValueKind::Table(table) = &tables.get(section)?.kind { table.get(rest) } else { None }
}

/// A plain value as text.
fn plain(value: &Value) -> Option<String> {
    if matches!(value.kind, ValueKind::Nil | ValueKind::Table(_) | ValueKind::Array(_)) {
        return None;
    }
    Some(value.to_string())
}

/// The words for yes and no that shells and platforms use.
pub(super) fn flag(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Some(true),
        "0" | "false" | "no" | "off" => Some(false),
        _ => None,
    }
}
