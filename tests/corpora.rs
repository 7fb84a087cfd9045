//! What fuzzing found and what it began with, replayed: the properties of `fuzz/` over `fuzz/seeds`, with the
//! stable compiler and in every test run.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

#[path = "../fuzz/src/lib.rs"]
#[expect(clippy::expect_used, clippy::panic, unreachable_pub, reason = "a property that fails panics")]
mod properties;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use properties::{CHECKS, Check};

fn folder(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(name)
}

fn names(path: &Path) -> BTreeSet<String> {
    fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect()
}

fn replay(name: &str, check: Check) {
    let seeds: Vec<_> = fs::read_dir(folder("seeds").join(name)).unwrap().collect();
    assert!(seeds.len() >= 5, "{name} has {} seeds", seeds.len());
    for seed in seeds {
        let path = seed.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let outcome = std::panic::catch_unwind(|| check(&bytes));
        assert!(outcome.is_ok(), "{} breaks the property of {name}", path.display());
    }
}

#[test]
fn every_seed_holds_its_property() {
    for (name, check) in CHECKS {
        replay(name, check);
    }
}

#[test]
fn every_property_has_its_target_and_its_seeds() {
    let properties: BTreeSet<String> = CHECKS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names(&folder("fuzz_targets")), properties);
    assert_eq!(names(&folder("seeds")), properties);
    let manifest: toml::Table = fs::read_to_string(folder("Cargo.toml")).unwrap().parse().unwrap();
    let binaries = manifest["bin"].as_array().unwrap().iter();
    let binaries: BTreeSet<String> =
        binaries.map(|binary| binary["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(binaries, properties);
}
