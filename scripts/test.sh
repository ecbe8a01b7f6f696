#!/usr/bin/env bash
# Runs all tests, also those that need the peers.
#
# The test of the stack mostly waits: for the history, and then for minutes until an alert fires. It runs beside the
# others, so that a whole run is some minutes shorter. Its output comes at the end.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

cargo=${CARGO:-cargo}
waiting=stack

"$cargo" test --workspace --locked --no-run

log=$(mktemp)
# With job control, because bash lets background commands ignore SIGINT otherwise, and the test sends it to the stack.
set -m
"$cargo" test --locked --test "$waiting" -- --include-ignored >"$log" 2>&1 &
beside=$!
set +m
trap 'kill -TERM -- "-$beside" 2>/dev/null || true; rm -f "$log"' EXIT
trap 'exit 130' INT TERM

# Every other target. The list comes from cargo, so that no test is left out.
others=()
while read -r name; do
    [[ $name == "$waiting" ]] || others+=(--test "$name")
done < <("$cargo" metadata --locked --no-deps --format-version 1 |
    python3 -c 'import json, sys
for package in json.load(sys.stdin)["packages"]:
    for target in package["targets"]:
        if target["kind"] == ["test"]:
            print(target["name"])')
((${#others[@]} > 0)) || { echo 'test: cargo names no test target' >&2; exit 1; }

failed=0
"$cargo" test --workspace --locked --no-fail-fast --lib --bins "${others[@]}" -- --include-ignored || failed=1
"$cargo" test --workspace --locked --doc || failed=1
wait "$beside" || failed=1
cat "$log"
exit "$failed"
