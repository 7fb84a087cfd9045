//! The shape of the house, checked: who may depend on whom, how long a file may be, that every module says
//! what it is.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the tree has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Code lines a file may have beside its inline tests.
const LONGEST_FILE: usize = 400;

/// Packages that would bring a clock, a network or threads into the core.
const IMPURE: [&str; 12] = [
    "actix",
    "actix-rt",
    "actix-web",
    "actix-web-actors",
    "awc",
    "config",
    "dashmap",
    "getrandom",
    "tokio",
    "tokio-util",
    "tracing-subscriber",
    "libloading",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn dependencies(manifest: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(root().join(manifest)).unwrap();
    let table: toml::Table = text.parse().unwrap();
    let table = table.get("dependencies").and_then(toml::Value::as_table);
    table.map(|table| table.keys().cloned().collect()).unwrap_or_default()
}

fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                files.push(path);
            }
        }
    }
    assert!(!files.is_empty(), "no Rust file in {folder}");
    files
}

fn all_files() -> Vec<PathBuf> {
    let packages = ["", "actors/", "actors/core/", "actors/providers/", "actors/providers/google-api/"];
    let folders = packages.iter().flat_map(|package| [format!("{package}src"), format!("{package}tests")]);
    folders.filter(|folder| root().join(folder).is_dir()).flat_map(|folder| rust_files(&folder)).collect()
}

fn name(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

/// Lines of code that are not comments, blank, or part of an item for tests, wherever it stands. rustfmt has
/// been over the text, so an item ends at a closing brace as far in as it began.
fn code_lines(text: &str) -> usize {
    let mut count = 0;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim() == "#[cfg(test)]" {
            let indent = &line[..line.len() - line.trim_start().len()];
            let end = format!("{indent}}}");
            let mut item = lines.by_ref().skip_while(|line| line.trim().starts_with("#["));
            let first = item.next().unwrap_or_default();
            if !first.trim_end().ends_with([';', '}']) {
                item.find(|line| *line == end);
            }
        } else if !line.trim().is_empty() && !line.trim().starts_with("//") {
            count += 1;
        }
    }
    count
}

#[test]
fn lines_for_tests_do_not_count_and_those_after_them_do() {
    let text = "fn a() {}\n\n#[cfg(test)]\nmod x;\n// why\nfn b() {}\nimpl C {\n    #[cfg(test)]\n    #[must_use]\n    \
                fn d() {\n        if e {\n        }\n    }\n    fn f() {}\n}\n#[cfg(test)]\nmod tests {\n    fn g() {}\n}\n\
                fn h() {}\n";
    assert_eq!(code_lines(text), 6, "a, b, the two lines of impl C, f and h");
}

#[test]
fn crates_depend_in_one_direction() {
    let ours = |manifest| -> BTreeSet<String> {
        dependencies(manifest).into_iter().filter(|name| name.starts_with("moked-")).collect()
    };
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(ours("actors/core/Cargo.toml"), set(&[]));
    assert_eq!(ours("actors/providers/Cargo.toml"), set(&["moked-core", "moked-google-api"]));
    assert_eq!(ours("actors/providers/google-api/Cargo.toml"), set(&[]));
    assert_eq!(ours("actors/Cargo.toml"), set(&["moked-core"]));
    assert_eq!(ours("Cargo.toml"), set(&["moked-core", "moked-actors", "moked-providers"]));
}

#[test]
fn the_core_is_pure() {
    let dependencies = dependencies("actors/core/Cargo.toml");
    for impure in IMPURE {
        assert!(!dependencies.contains(impure), "actors/core depends on {impure}");
    }
    for path in rust_files("actors/core/src") {
        let text = fs::read_to_string(&path).unwrap();
        for banned in ["std::net", "std::fs", "std::env", "std::thread", "std::process"] {
            assert!(!text.contains(&format!("use {banned}")), "{} uses {banned}", name(&path));
        }
    }
}

#[test]
fn actors_know_no_vendor_and_no_route() {
    for path in rust_files("actors/src") {
        let is_test = path.with_extension("").iter().any(|part| {
            let part = part.to_string_lossy();
            part == "rig" || part.ends_with("_test")
        });
        let text = fs::read_to_string(&path).unwrap();
        for banned in ["moked_providers", "actix_web::", "embedded", "google", "deepgram", "openai"] {
            assert!(is_test || !text.contains(banned), "{} names {banned}", name(&path));
        }
    }
}

#[test]
fn messages_name_no_actor() {
    let actors = ["crate::stt", "crate::dialog", "crate::tts", "crate::pacer", "crate::supervisor"];
    for path in rust_files("actors/src/messages") {
        let text = fs::read_to_string(&path).unwrap();
        for actor in actors {
            assert!(!text.contains(actor), "{} names {actor}", name(&path));
        }
    }
}

#[test]
fn stages_find_each_other_through_links_only() {
    for stage in ["stt", "dialog", "tts", "pacer"] {
        let text = fs::read_to_string(root().join(format!("actors/src/{stage}.rs"))).unwrap();
        for other in ["stt", "dialog", "tts", "pacer", "supervisor", "media_socket"] {
            assert!(!text.contains(&format!("use crate::{other}::")), "{stage} names {other}");
        }
    }
}

#[test]
fn only_one_file_of_the_binary_chooses_engines() {
    let allowed = ["src/engines.rs", "src/engines/", "src/commands/", "src/doctor"];
    for path in rust_files("src") {
        let file = name(&path);
        let is_allowed = allowed.iter().any(|prefix| file.starts_with(prefix));
        let text = fs::read_to_string(&path).unwrap();
        assert!(is_allowed || !text.contains("moked_providers"), "{file} names an engine");
    }
}

#[test]
fn no_file_is_two_rooms_in_one() {
    for path in all_files() {
        let lines = code_lines(&fs::read_to_string(&path).unwrap());
        assert!(lines <= LONGEST_FILE, "{} has {lines} lines of code", name(&path));
    }
}

#[test]
fn every_module_opens_with_what_it_is() {
    for path in all_files() {
        let text = fs::read_to_string(&path).unwrap();
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let says = first.strip_prefix("//!").is_some_and(|doc| doc.trim().len() >= 10);
        let includes = first.starts_with("#![doc = include_str!");
        assert!(says || includes, "{} does not open with a module doc: {first}", name(&path));
    }
}
