//! Tells the build which commit it is made from, as `MOKED_GIT_COMMIT`, for `/version`.
//!
//! It reads `.git` itself: a build in a container often has the folder and no `git` command. From a tarball
//! there is no commit, and `/version` then falls back on what the platform says at run time.

use std::fs;
use std::path::{Path, PathBuf};

/// A commit, and the files that change when another one is checked out.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) commit: Option<String>,
    pub(crate) files: Vec<PathBuf>,
}

#[allow(
    clippy::print_stdout,
    reason = "standard output is how a build script speaks to cargo; as a test's module it is linted"
)]
#[expect(clippy::disallowed_methods, reason = "cargo hands its facts over in the environment")]
#[allow(dead_code, reason = "the test of this file has a main of its own")]
fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=MOKED_GIT_COMMIT");
    // One that was given is passed on to the compiler by cargo already.
    if std::env::var("MOKED_GIT_COMMIT").is_ok_and(|commit| !commit.is_empty()) {
        return;
    }
    let root = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let head = head(Path::new(&root));
    for file in &head.files {
        println!("cargo:rerun-if-changed={}", file.display());
    }
    if let Some(commit) = &head.commit {
        println!("cargo:rustc-env=MOKED_GIT_COMMIT={commit}");
    }
}

/// The commit checked out in a folder. Everything that is not as expected is no commit.
pub(crate) fn head(root: &Path) -> Head {
    let Some(own) = git_folder(&root.join(".git")) else { return Head::default() };
    let file = own.join("HEAD");
    let Ok(text) = fs::read_to_string(&file) else { return Head::default() };
    let mut files = vec![file];
    let Some(name) = text.strip_prefix("ref:").map(str::trim) else {
        return Head { commit: commit(&text), files };
    };
    // A linked work tree has a HEAD of its own and its branches in the main folder.
    let shared = fs::read_to_string(own.join("commondir"));
    let shared = shared.map_or_else(|_| own.clone(), |shared| own.join(shared.trim()));
    let (loose, packed) = (shared.join(name), shared.join("packed-refs"));
    files.extend([&loose, &packed].into_iter().filter(|file| file.exists()).cloned());
    let found = fs::read_to_string(loose).ok().and_then(|text| commit(&text)).or_else(|| {
        let packed = fs::read_to_string(packed).ok()?;
        let line = packed.lines().find(|line| line.split(' ').nth(1) == Some(name))?;
        commit(line.split(' ').next()?)
    });
    Head { commit: found, files }
}

/// The folder that `.git` is, or that it names in a linked work tree.
fn git_folder(git: &Path) -> Option<PathBuf> {
    if git.is_dir() {
        return Some(git.to_owned());
    }
    let text = fs::read_to_string(git).ok()?;
    Some(git.parent()?.join(text.strip_prefix("gitdir:")?.trim()))
}

/// A commit's name: 40 hexadecimal digits, or 64 in a repository with SHA-256.
fn commit(text: &str) -> Option<String> {
    let text = text.trim();
    let is_name = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_name.then(|| text.to_owned())
}
