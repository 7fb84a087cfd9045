//! The commit that `/version` tells: read from `.git` at the build, in each form that git has for it.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod edge_support;

#[path = "../build.rs"]
mod build_script;

use std::fs;
use std::path::Path;

use build_script::head;

const ONE: &str = "1111111111111111111111111111111111111111";

/// A folder with these files.
fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn commit(files: &[(&str, &str)]) -> Option<String> {
    head(tree(files).path()).commit
}

#[test]
fn a_commit_is_found_on_a_branch_packed_or_not_and_off_any() {
    let head = (".git/HEAD", "ref: refs/heads/main\n");
    let line = format!("{ONE}\n");
    assert_eq!(commit(&[head, (".git/refs/heads/main", &line)]).as_deref(), Some(ONE));
    let packed =
        format!("# pack-refs with: peeled\n{} refs/heads/other\n{ONE} refs/heads/main\n", "2".repeat(40));
    assert_eq!(commit(&[head, (".git/packed-refs", &packed)]).as_deref(), Some(ONE));
    assert_eq!(commit(&[(".git/HEAD", &line)]).as_deref(), Some(ONE));
}

#[test]
fn a_linked_work_tree_finds_its_branch_in_the_main_folder() {
    let folder = tree(&[
        ("main/.git/refs/heads/x", ONE),
        ("main/.git/worktrees/x/HEAD", "ref: refs/heads/x\n"),
        ("main/.git/worktrees/x/commondir", "../..\n"),
        ("x/.git", "gitdir: ../main/.git/worktrees/x\n"),
    ]);
    let found = head(&folder.path().join("x"));
    assert_eq!(found.commit.as_deref(), Some(ONE));
    assert_eq!(found.files.len(), 2, "HEAD and the branch are watched: {found:?}");
}

#[test]
fn a_tarball_and_a_broken_folder_have_no_commit() {
    assert_eq!(commit(&[("Cargo.toml", "")]), None);
    assert_eq!(commit(&[(".git/HEAD", "ref: refs/heads/unborn\n")]), None);
    assert_eq!(commit(&[(".git/HEAD", "<html>\n")]), None);
}

#[actix_rt::test]
async fn the_version_route_tells_the_commit_that_was_built_or_else_the_platforms() {
    let server = edge_support::server(&[("RENDER_GIT_COMMIT", ONE)]).await;
    let version: serde_json::Value =
        serde_json::from_str(&edge_support::get(&server, "/version").await.body).unwrap();
    let built = head(Path::new(env!("CARGO_MANIFEST_DIR"))).commit;
    let given = option_env!("MOKED_GIT_COMMIT").map(str::to_owned);
    let wanted = given.or(built).unwrap_or_else(|| ONE.to_owned());
    assert_eq!(version["git_commit"], wanted.as_str());
}
