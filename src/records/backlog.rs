//! What the database has not taken: on disk first, in memory where the disk takes nothing either.

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use moked_core::record::RecordEntry;

use super::health::{Counters, add};
use super::spool::Spool;

/// Entries held in memory at most: half an hour of fifty busy calls, some 10 MB.
const HELD: usize = 20_000;

/// What waits for the database.
#[derive(Debug)]
pub(super) struct Backlog {
    spool: Spool,
    held: VecDeque<RecordEntry>,
    counters: Arc<Counters>,
    /// Why the spool took nothing the last time it was asked.
    spool_fault: Option<String>,
}

/// A piece of the backlog that is to be written.
#[derive(Debug)]
pub(super) struct Piece {
    /// Its entries.
    pub(super) entries: Vec<RecordEntry>,
    from: Source,
}

#[derive(Debug)]
enum Source {
    Segment { path: PathBuf, length: u64, damaged: u64, later: u64 },
    Memory,
}

impl Backlog {
    pub(super) fn new(spool: Spool, counters: Arc<Counters>) -> Self {
        Self { spool, held: VecDeque::new(), counters, spool_fault: None }
    }

    /// Takes back what a later moked may have left for this one.
    pub(super) fn recover(&mut self) {
        if let Err(error) = self.spool.take_back() {
            tracing::warn!(event = "RECORDS_SPOOL", "the spool cannot be read: {error}; what is in it waits");
        }
    }

    /// The segments; none of a folder that cannot be listed, which must not hold up what is in memory.
    fn segments(&self) -> Vec<PathBuf> {
        self.spool.segments().unwrap_or_default()
    }

    /// Takes entries, at the end of all that waits.
    pub(super) fn add(&mut self, entries: &[RecordEntry]) {
        // What was held goes first, so that the order stays.
        self.move_held_to_spool();
        if self.held.is_empty() {
            match self.spool.append(entries) {
                Ok(()) => {
                    self.spool_fault = None;
                    return add(&self.counters.spooled, entries.len());
                }
                Err(fault) => self.spool_fault = Some(fault.to_string()),
            }
        }
        let room = HELD.saturating_sub(self.held.len()).min(entries.len());
        self.held.extend(entries[..room].iter().cloned());
        self.lose(entries.len() - room);
        self.count_held();
    }

    fn move_held_to_spool(&mut self) {
        if self.held.is_empty() {
            return;
        }
        match self.spool.append(self.held.make_contiguous()) {
            Ok(()) => {
                add(&self.counters.spooled, self.held.len());
                self.held.clear();
                self.spool_fault = None;
            }
            Err(fault) => self.spool_fault = Some(fault.to_string()),
        }
        self.count_held();
    }

    fn lose(&self, count: usize) {
        if count > 0 {
            add(&self.counters.dropped, count);
            tracing::error!(
                event = "RECORDS_LOST",
                count,
                "{count} entries of call records are lost: neither the database nor the spool took them, and memory is full"
            );
        }
    }

    fn count_held(&self) {
        self.counters.held.store(self.held.len() as u64, Ordering::Relaxed);
    }

    /// The oldest piece that waits.
    pub(super) fn oldest(&mut self) -> io::Result<Option<Piece>> {
        for path in self.segments() {
            let segment = match self.spool.read(&path) {
                Ok(segment) => segment,
                // Another process of this folder was faster.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => {
                    let path_shown = path.display();
                    tracing::warn!(
                        event = "RECORDS_SPOOL",
                        "{path_shown} cannot be read: {error}; it is put aside"
                    );
                    self.spool.set_aside(&path)?;
                    continue;
                }
            };
            let (length, damaged, later) = (segment.length, segment.damaged, segment.later);
            let from = Source::Segment { path, length, damaged, later };
            return Ok(Some(Piece { entries: segment.entries, from }));
        }
        let entries: Vec<RecordEntry> = self.held.iter().cloned().collect();
        Ok((!entries.is_empty()).then_some(Piece { entries, from: Source::Memory }))
    }

    /// A piece is in the database.
    pub(super) fn done(&mut self, piece: &Piece) -> io::Result<()> {
        match &piece.from {
            Source::Segment { path, later, .. } if *later > 0 => {
                tracing::warn!(
                    event = "RECORDS_LATER",
                    lines = later,
                    "{} holds lines of a later moked; it is put aside until one reads it",
                    path.display()
                );
                self.spool.set_aside(path)
            }
            Source::Segment { path, length, damaged, .. } => {
                if *damaged > 0 {
                    tracing::warn!(
                        event = "RECORDS_DAMAGED",
                        lines = damaged,
                        "{} had {damaged} damaged lines, as a killed process leaves one; the others are in the database",
                        path.display()
                    );
                }
                self.spool.remove(path, *length)
            }
            Source::Memory => {
                self.held.drain(..piece.entries.len().min(self.held.len()));
                self.count_held();
                Ok(())
            }
        }
    }

    /// Forgets what is older than `before_ms`, milliseconds since the Unix epoch.
    pub(super) fn purge(&mut self, before_ms: u64) -> io::Result<()> {
        self.held.retain(|entry| entry.at_ms >= before_ms);
        self.count_held();
        self.spool.retain(|stub| stub.at_ms >= before_ms).map(|_| ())
    }

    /// Where entries wait now, for people.
    pub(super) fn whereabouts(&self) -> String {
        match &self.spool_fault {
            None => format!("entries wait in {}", self.spool.folder().display()),
            Some(fault) => format!("{fault}; {} entries wait in memory", self.held.len()),
        }
    }

    /// How many entries a stop now would lose.
    pub(super) fn held(&self) -> usize {
        self.held.len()
    }
}
