#!/usr/bin/env bash
# Runs the two long runs of `make soak` beside each other, for $MINUTES minutes.
#
# benches/endurance prints while it runs. The output of benches/soak comes at the end. SEED=… repeats the disturbances
# of an endurance run.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

cargo=${CARGO:-cargo}
minutes=${MINUTES:-60}
if [[ ! $minutes =~ ^[0-9]+(\.[0-9]+)?$ ]]; then
    echo "soak: invalid MINUTES \"$minutes\": expected a number such as 60" >&2
    exit 2
fi

log=$(mktemp)
soak=
# The run in the background has its own process group, which ends with this script.
trap '[[ -z $soak ]] || kill -TERM -- "-$soak" 2>/dev/null || true; rm -f "$log"' EXIT
trap 'exit 130' INT TERM
"$cargo" bench --locked --no-run --bench soak --bench endurance
set -m
"$cargo" bench --locked --quiet --bench soak -- "$minutes" >"$log" 2>&1 &
soak=$!
set +m
failed=0
"$cargo" bench --locked --quiet --bench endurance -- "$minutes" ${SEED:+"$SEED"} || failed=1
wait "$soak" || failed=1
echo
echo "soak: the exporter in one process with the simulated world, 60 times as fast"
cat "$log"
exit "$failed"
