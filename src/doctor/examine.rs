//! Runs the table and reports.

use std::time::{Duration, Instant};

use serde::Serialize;

use super::finding::{Finding, Verdict};
use super::patient::{Order, Patient};
use super::table::TABLE;

/// How long nothing may be seen before a sign of life is given.
const PATIENCE: Duration = Duration::from_millis(400);

/// A check and what it found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// Stable name, such as `media.public`.
    pub id: &'static str,
    /// For people.
    pub title: &'static str,
    /// The verdict.
    pub result: Verdict,
    /// What was asked and what came back; for a skipped check, why.
    pub evidence: Vec<String>,
    /// What to do; none unless it failed.
    pub mend: Option<String>,
    /// Twilio's numbers for the fault.
    pub codes: Vec<u32>,
    /// How long it took, milliseconds.
    pub ms: u64,
}

impl CheckReport {
    /// Gives a finding the name and the time of its check.
    pub fn new(id: &'static str, title: &'static str, finding: Finding, ms: u64) -> Self {
        let Finding { verdict, evidence, mends, codes } = finding;
        let mend = (!mends.is_empty()).then(|| mends.join("; "));
        Self { id, title, result: verdict, evidence, mend, codes, ms }
    }
}

/// What happens during the examination.
#[derive(Debug, Clone, Copy)]
pub enum Progress<'a> {
    /// A check is not done at once.
    Lasts {
        /// Its title.
        title: &'static str,
    },
    /// A check is done.
    Done(&'a CheckReport),
}

/// Runs every check in order. Must be called inside an actix system.
pub async fn examine(order: Order, mut tell: impl FnMut(Progress<'_>)) -> Vec<CheckReport> {
    let mut patient = Patient::new(order);
    let mut reports = Vec::with_capacity(TABLE.len());
    for check in &TABLE {
        let begun = Instant::now();
        let mut running = (check.run)(&mut patient);
        let finding = match tokio::time::timeout(PATIENCE, &mut running).await {
            Ok(finding) => finding,
            Err(_) => {
                tell(Progress::Lasts { title: check.title });
                running.await
            }
        };
        let report = CheckReport::new(check.id, check.title, finding, begun.elapsed().as_millis() as u64);
        tell(Progress::Done(&report));
        reports.push(report);
    }
    patient.discharge().await;
    reports
}

/// How many checks failed.
pub fn failures(reports: &[CheckReport]) -> usize {
    reports.iter().filter(|report| report.result == Verdict::Fail).count()
}
