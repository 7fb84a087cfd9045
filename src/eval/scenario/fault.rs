//! What is wrong with a scenario file, for the person who wrote it.

use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a file is no scenario.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ScenarioFault {
    /// The file, or a file that it names, cannot be read.
    #[error("{path}: cannot be read ({why}); check the path")]
    Unreadable {
        /// Which file.
        path: String,
        /// What the system says.
        why: String,
    },
    /// A folder without scenarios.
    #[error("{path}: there is no .toml file in it; name a folder of scenarios or a scenario")]
    Empty {
        /// Which folder.
        path: String,
    },
    /// A line is wrong.
    #[error("{path}:{line}: {why}")]
    Line {
        /// Which file.
        path: String,
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it, and the mend.
        why: String,
    },
}

impl ScenarioFault {
    pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        Self::Unreadable { path: path.display().to_string(), why: error.to_string() }
    }
}

/// A file with its text, which knows in which line a byte stands.
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) text: String,
}

impl Source {
    /// A fault at a byte.
    pub(super) fn at(&self, byte: usize, why: impl Into<String>) -> ScenarioFault {
        let before = self.text.get(..byte.min(self.text.len())).unwrap_or(&self.text);
        let line = 1 + before.matches('\n').count();
        ScenarioFault::Line { path: self.path.display().to_string(), line, why: why.into() }
    }

    /// A fault at the first line that holds `part`, or at the first line of all.
    pub(super) fn near(&self, part: &str, why: impl Into<String>) -> ScenarioFault {
        self.at(self.text.find(part).unwrap_or_default(), why)
    }
}
