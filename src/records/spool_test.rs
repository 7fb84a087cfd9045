//! What the spool does with a torn line, a full disk, another process and an erasure.

use std::fs;

use moked_core::ids::CallSid;
use moked_core::language::Language;
use moked_core::record::{RecordFact, Sequence};
use tempfile::TempDir;

use super::*;

const ROOM: u64 = 1 << 20;

fn entry(call: &str, sequence: u64) -> RecordEntry {
    let fact =
        RecordFact::CallStarted { caller: Some(format!("+97254{sequence:07}")), language: Language::Hebrew };
    RecordEntry { call_sid: CallSid::new(call), sequence: Sequence(sequence), at_ms: sequence * 10, fact }
}

fn spool(limit: u64) -> (TempDir, Spool) {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::new(folder.path().join("spool"), limit);
    (folder, spool)
}

fn sequences(spool: &mut Spool) -> Vec<u64> {
    let mut all = Vec::new();
    for path in spool.segments().unwrap() {
        all.extend(spool.read(&path).unwrap().entries.iter().map(|entry| entry.sequence.0));
    }
    all
}

#[test]
fn nothing_is_made_before_the_first_entry() {
    let (folder, mut spool) = spool(ROOM);
    assert!(sequences(&mut spool).is_empty());
    assert_eq!(spool.retain(|_| false).unwrap(), 0);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn entries_come_back_in_order_and_a_new_process_writes_behind_them() {
    let (_folder, mut spool) = spool(ROOM);
    spool.append(&[entry("CA1", 1), entry("CA2", 2)]).unwrap();
    spool.append(&[entry("CA1", 3)]).unwrap();
    let mut next = Spool::new(spool.folder().to_owned(), ROOM);
    next.append(&[entry("CA1", 4)]).unwrap();
    assert_eq!(next.segments().unwrap().len(), 2);
    assert_eq!(sequences(&mut next), [1, 2, 3, 4]);
}

#[test]
fn a_torn_last_line_costs_that_line_only() {
    let (_folder, mut spool) = spool(ROOM);
    spool.append(&[entry("CA1", 1), entry("CA1", 2)]).unwrap();
    let path = spool.segments().unwrap().remove(0);
    let length = fs::metadata(&path).unwrap().len();
    OpenOptions::new().write(true).open(&path).unwrap().set_len(length - 5).unwrap();
    let mut next = Spool::new(spool.folder().to_owned(), ROOM);
    next.append(&[entry("CA1", 3)]).unwrap();
    assert_eq!(sequences(&mut next), [1, 3]);
    assert_eq!(next.read(&path).unwrap().damaged, 1);
}

#[test]
fn garbage_between_lines_is_counted_and_passed_over() {
    let (_folder, mut spool) = spool(ROOM);
    spool.append(&[entry("CA1", 1)]).unwrap();
    let path = spool.segments().unwrap().remove(0);
    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(b"\xff\xfe\n{}\n\n[\0]\n").unwrap();
    spool.append(&[entry("CA1", 2)]).unwrap();
    let segment = spool.read(&path).unwrap();
    assert_eq!((segment.entries.len(), segment.damaged, segment.later), (2, 3, 0));
}

#[test]
fn a_full_spool_refuses_a_batch_as_a_whole_and_keeps_what_it_has() {
    let (_folder, mut spool) = spool(400);
    spool.append(&[entry("CA1", 1)]).unwrap();
    let many: Vec<RecordEntry> = (2..10).map(|sequence| entry("CA1", sequence)).collect();
    assert!(matches!(spool.append(&many), Err(SpoolFault::Full { limit: 400, .. })));
    assert_eq!(sequences(&mut spool), [1]);
}

#[test]
fn a_segment_that_grew_since_it_was_read_is_not_removed() {
    let (_folder, mut spool) = spool(ROOM);
    spool.append(&[entry("CA1", 1)]).unwrap();
    let path = spool.segments().unwrap().remove(0);
    let mut reader = Spool::new(spool.folder().to_owned(), ROOM);
    let length = reader.read(&path).unwrap().length;
    spool.append(&[entry("CA1", 2)]).unwrap();
    reader.remove(&path, length).unwrap();
    assert_eq!(sequences(&mut reader), [1, 2]);
    let length = reader.read(&path).unwrap().length;
    reader.remove(&path, length).unwrap();
    assert!(sequences(&mut reader).is_empty());
}

#[test]
fn lines_of_a_later_moked_are_put_aside_and_come_back() {
    let (_folder, mut spool) = spool(ROOM);
    spool.append(&[entry("CA1", 1), entry("CA1", 2)]).unwrap();
    let path = spool.segments().unwrap().remove(0);
    let text = fs::read_to_string(&path).unwrap().replacen("\"v\":1", "\"v\":9", 1);
    fs::write(&path, text).unwrap();
    let segment = spool.read(&path).unwrap();
    assert_eq!((segment.entries.len(), segment.later), (1, 1));
    spool.set_aside(&path).unwrap();
    assert_eq!(spool.segments().unwrap().len(), 0);
    assert_eq!(spool.retain(|stub| stub.call_sid != "CA2").unwrap(), 0, "its lines are searched too");
    spool.take_back().unwrap();
    assert_eq!(spool.segments().unwrap(), [path]);
}

#[test]
fn an_erased_call_leaves_no_byte_and_the_others_stay() {
    let (_folder, mut spool) = spool(ROOM);
    spool.append(&[entry("CA1", 1), entry("CA2", 2), entry("CA1", 3)]).unwrap();
    let stubs = spool.stubs().unwrap();
    assert_eq!(stubs[1].caller(), Some("+972540000002"));
    assert_eq!(spool.retain(|stub| stub.call_sid != "CA1").unwrap(), 2);
    assert_eq!(sequences(&mut spool), [2]);
    spool.append(&[entry("CA2", 4)]).unwrap();
    assert_eq!(spool.retain(|stub| stub.at_ms > 20).unwrap(), 1);
    assert_eq!(sequences(&mut spool), [4]);
    let files = fs::read_dir(spool.folder()).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap());
    let bytes: Vec<u8> = files.flatten().collect();
    assert!(!String::from_utf8_lossy(&bytes).contains("CA1"));
}

#[test]
fn two_spools_of_one_folder_lose_nothing_while_both_write_and_one_empties() {
    let (_folder, spool) = spool(16 * ROOM);
    let folder = spool.folder().to_owned();
    let writers: Vec<_> = (0..2)
        .map(|writer: u64| {
            let mut spool = Spool::new(folder.clone(), 16 * ROOM);
            thread::spawn(move || {
                for number in 0..100 {
                    spool.append(&[entry(&format!("CA{writer}"), number)]).unwrap();
                }
            })
        })
        .collect();
    let mut reader = Spool::new(folder, 16 * ROOM);
    let mut seen = std::collections::BTreeSet::new();
    let mut drain = |reader: &mut Spool| {
        for path in reader.segments().unwrap() {
            let segment = reader.read(&path).unwrap();
            assert_eq!(segment.later, 0);
            seen.extend(segment.entries.iter().map(|entry| (entry.call_sid.clone(), entry.sequence)));
            reader.remove(&path, segment.length).unwrap();
        }
        seen.len()
    };
    while writers.iter().any(|writer| !writer.is_finished()) {
        drain(&mut reader);
    }
    writers.into_iter().for_each(|writer| writer.join().unwrap());
    assert_eq!(drain(&mut reader), 200);
}
