#!/usr/bin/env bash
# WebSocket conformance: the cases of Autobahn, played by kosoku (PyPI) against the shell of the media socket.
#
#   deploy/conformance.sh [FOLDER]    the report, one page a case, goes into FOLDER (default: a fresh one)
#
# Left out are messages above 64 KiB (most of section 9), which moked refuses with 1009 on purpose, and
# compression (12, 13), which it does not offer. Exit code 1: a case failed or was closed with a wrong code;
# 75: kosoku cannot be installed here, nothing was checked.
set -euo pipefail
cd "$(dirname "$0")/.."
kosoku_version=0.1.0

work=$(mktemp -d)
report=${1:-$(mktemp -d)}
server=
cleanup() {
    if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi
    rm -rf "$work"
}
trap cleanup EXIT

if ! { python3 -m venv "$work/venv" &&
    timeout 120 "$work/venv/bin/pip" install --quiet --retries 1 "kosoku==$kosoku_version"; } >"$work/pip.log" 2>&1; then
    echo "conformance: kosoku $kosoku_version cannot be installed here ($(tail -n 1 "$work/pip.log")); not checked" >&2
    exit 75
fi

cargo build --quiet --locked --example websocket_echo
"${CARGO_TARGET_DIR:-target}/debug/examples/websocket_echo" >"$work/port" 2>"$work/server.log" &
server=$!
for _ in $(seq 100); do
    if [ -s "$work/port" ]; then break; fi
    sleep 0.1
done

cases=()
for case in '1.*' '2.*' '3.*' '4.*' '5.*' '6.*' '7.*' '9.1.1' '9.2.1' '9.7.*' '9.8.*' '10.*'; do
    cases+=(-i "$case")
done
# Its exit code says less than its report, which is judged below.
timeout 300 "$work/venv/bin/kosoku" "${cases[@]}" -p 4 -o "$report" "ws://127.0.0.1:$(head -n 1 "$work/port")" || true

python3 - "$report" <<'PYTHON'
import collections, json, sys

cases = [case for agent in json.load(open(sys.argv[1] + "/index.json")).values() for case in agent.items()]
good = {"behavior": {"OK", "NON-STRICT", "INFORMATIONAL"}, "behaviorClose": {"OK", "INFORMATIONAL"}}
bad = [(name, case) for name, case in cases if any(case[key] not in fine for key, fine in good.items())]
count = collections.Counter(case["behavior"] for _, case in cases)
for name, case in bad:
    print(f"conformance: case {name}: {case['behavior']}, close {case['behaviorClose']} ({case.get('remoteCloseCode')})")
print(f"conformance: {len(cases)} cases, {dict(count)}, {len(bad)} failed or closed with a wrong code; {sys.argv[1]}/index.html")
sys.exit(1 if bad or len(cases) < 250 else 0)
PYTHON
