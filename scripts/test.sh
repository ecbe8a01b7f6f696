#!/usr/bin/env bash
# Runs all tests, also those that need the peers.
#
# Some test programs mostly wait: for a history, for an alert that fires after minutes, for polls. They run beside the
# others, so that a whole run is some minutes shorter; the longest starts before the others are built. Their output
# comes at the end.
set -euo pipefail

# A shell lets the programs that it starts in the background ignore SIGINT, and so do all their children. Tests send
# SIGINT, so it gets its usual meaning back.
if [[ -z ${SIGINT_IS_DEFAULT:-} ]]; then
    SIGINT_IS_DEFAULT=1 exec env --default-signal=INT,QUIT "$0" "$@"
fi

cd "$(dirname "${BASH_SOURCE[0]}")/.."

cargo=${CARGO:-cargo}
# Each entry is a list of test programs that run one after the other, beside the rest.
beside=('stack' 'end_to_end exporter paging' 'faults')

# Every test program. The list comes from cargo, so that none is left out.
mapfile -t programs < <("$cargo" metadata --locked --no-deps --format-version 1 |
    python3 -c 'import json, sys
for package in json.load(sys.stdin)["packages"]:
    for target in package["targets"]:
        if target["kind"] == ["test"]:
            print(target["name"])')
((${#programs[@]} > 0)) || { echo 'test: cargo names no test program' >&2; exit 1; }

# select_programs NAMES: sets $selected to the arguments of cargo for these test programs.
select_programs() {
    local name
    selected=()
    for name in "$@"; do
        [[ " ${programs[*]} " == *" $name "* ]] || { echo "test: there is no test program $name" >&2; exit 1; }
        selected+=(--test "$name")
    done
}

logs=$(mktemp -d)
groups=()
trap 'kill -TERM -- "${groups[@]/#/-}" 2>/dev/null || true; rm -rf "$logs"' EXIT
trap 'exit 130' INT TERM

rest=" ${programs[*]} "
# start_beside NAMES: runs these test programs in a group of their own.
start_beside() {
    local name
    select_programs "$@"
    # The same packages everywhere, so that cargo builds every crate once.
    "$cargo" test --workspace --locked --no-run "${selected[@]}"
    # With job control each group has its own process group, which ends with this script.
    set -m
    "$cargo" test --workspace --locked --no-fail-fast "${selected[@]}" -- --include-ignored >"$logs/${#groups[@]}" 2>&1 &
    set +m
    groups+=($!)
    for name in "$@"; do rest=${rest/ $name / }; done
}

for line in "${beside[@]}"; do
    read -ra names <<<"$line"
    start_beside "${names[@]}"
done
read -ra others <<<"$rest"
select_programs "${others[@]}"
failed=0
"$cargo" test --workspace --locked --no-fail-fast --lib --bins "${selected[@]}" -- --include-ignored || failed=1
"$cargo" test --workspace --locked --doc || failed=1
for number in "${!groups[@]}"; do
    wait "${groups[$number]}" || failed=1
    cat "$logs/$number"
done
exit "$failed"
