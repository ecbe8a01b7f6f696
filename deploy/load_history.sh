#!/bin/sh
# Loads what `wolkvox_exporter history` wrote into the database of a Prometheus that does not run, and what the recording
# rules would have made of it.
#
#   load_history.sh HISTORY DATABASE RULES...     folder of *.om, folder of the database, files of rules
#
# $PROMETHEUS and $PROMTOOL are the programs. It takes nothing but a POSIX shell and awk, so it also runs in Prometheus's
# own image. Nothing is done twice: a database that has a history is left alone.
set -eu

: "${PROMETHEUS:=prometheus}" "${PROMTOOL:=promtool}"
here=$(dirname "$0")
history=$1
database=$2
shift 2

fail() {
    printf 'load_history: %s\n' "$*" >&2
    exit 1
}

done_once=$database/history-is-loaded
[ ! -e "$done_once" ] || {
    echo "load_history: there is a history in $database already"
    exit 0
}

work=$(mktemp -d)
# promtool that is interrupted leaves its own there.
export TMPDIR="$work"
running=
# Prometheus is of use only while rules are evaluated.
stop() {
    [ -z "$running" ] || {
        kill "$running" 2>/dev/null || true
        wait "$running" 2>/dev/null || true
    }
    running=
}
trap 'stop; rm -rf "$work"' EXIT
trap 'exit 143' INT TERM

# In the background and waited for: a signal is heard at once.
run() {
    "$@" >"$work/output" 2>&1 &
    running=$!
    wait "$running" || fail "$* failed: $(cat "$work/output")"
    running=
}

# start: a Prometheus that scrapes nothing, on a port that it chooses; $url is where.
start() {
    # Before it starts: the log of the one before says that it is ready.
    : >"$work/log"
    "$PROMETHEUS" --config.file="$work/nothing.yml" --storage.tsdb.path="$database" \
        --storage.tsdb.retention.time=10y --web.listen-address=127.0.0.1:0 >>"$work/log" 2>&1 &
    running=$!
    until grep -q 'Server is ready to receive' "$work/log"; do
        kill -0 "$running" 2>/dev/null || fail "Prometheus does not start: $(cat "$work/log")"
        sleep 0.2
    done
    url=http://$(sed -n 's/.*msg="Listening on".* address=\([^ ]*\).*/\1/p' "$work/log")
}

echo '{}' >"$work/nothing.yml"
for file in "$history"/*.om; do
    [ -f "$file" ] || fail "$history holds no history"
    run "$PROMTOOL" tsdb create-blocks-from --max-block-duration=24h openmetrics "$file" "$database"
done

mkdir "$work/levels"
awk -v folder="$work/levels" -f "$here/levels.awk" "$@"
# Milliseconds of the first and the last sample.
"$PROMTOOL" tsdb list "$database" >"$work/blocks"
from=$(awk 'NR > 1 && (!from || $2 < from) { from = $2 } END { print substr(from, 1, length(from) - 3) }' "$work/blocks")
until=$(awk 'NR > 1 && $3 > until { until = $3 } END { print substr(until, 1, length(until) - 3) }' "$work/blocks")
for level in "$work"/levels/*.rules.yml; do
    # Blocks are seen when it starts; the rules of a level need those of the level before.
    start
    prometheus=$running
    "$PROMTOOL" tsdb create-blocks-from --max-block-duration=24h rules --start="$from" --end="$until" --eval-interval=1m \
        --url="$url" --output-dir="$database" "$level" >"$work/output" 2>&1 ||
        fail "the rules cannot be evaluated: $(cat "$work/output")"
    running=$prometheus
    stop
done
: >"$done_once"
