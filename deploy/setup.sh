#!/usr/bin/env bash
# Sets up a Debian or Ubuntu machine for moked: a C compiler and make for SQLite and the allocator, which are built in, and
# for linking, and the speech recogniser of the embedded engines (loaded at run time; without it moked runs with the keypad only).
# Does nothing when all is there. Needs root or sudo only when something is missing.
set -euo pipefail

is_installed() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'install ok installed'; }

missing=()
{ command -v cc && command -v make; } >/dev/null || missing+=(build-essential)
for package in libpocketsphinx3 pocketsphinx-en-us; do
    is_installed "$package" || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "setup: ${missing[*]} must be installed: run 'apt-get install ${missing[*]}' as root, then again" >&2
            exit 1
        fi
        as_root=(sudo)
    fi
    echo "setup: installing ${missing[*]}"
    "${as_root[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

if ! command -v cargo >/dev/null; then
    echo "setup: no Rust toolchain is here: install one from https://rustup.rs (or 'apt-get install rustup'), then again" >&2
    exit 1
fi
echo "setup: ready"
