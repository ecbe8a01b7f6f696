#!/bin/sh
# Loads the output of `wolkvox_exporter history` into a Prometheus database, and evaluates the recording rules over it.
# No Prometheus may use the database at the same time.
#
#   load_history.sh HISTORY DATABASE RULES...     folder with *.om files, database folder, rule files
#
# $PROMETHEUS and $PROMTOOL are the paths of the programs. The script needs only a POSIX shell and awk, so it also runs
# in the image of Prometheus. It does nothing if the database already has a history.
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
    echo "load_history: $database already has a history. Nothing to do."
    exit 0
}

work=$(mktemp -d)
# If promtool is interrupted, it leaves temporary files. This way they are inside $work and are removed.
export TMPDIR="$work"
running=
# Stops the process that runs in the background, if there is one.
stop() {
    [ -z "$running" ] || {
        kill "$running" 2>/dev/null || true
        wait "$running" 2>/dev/null || true
    }
    running=
}
trap 'stop; rm -rf "$work"' EXIT
trap 'exit 143' INT TERM

# Runs a command in the background and waits for it, because the shell handles signals during `wait` only.
run() {
    "$@" >"$work/output" 2>&1 &
    running=$!
    wait "$running" || fail "this command failed: $*. Its output: $(cat "$work/output")"
    running=
}

# start: starts a Prometheus without targets on a free port and sets $url.
start() {
    # Empty the log first, because the log of the previous Prometheus also contains the ready line.
    : >"$work/log"
    "$PROMETHEUS" --config.file="$work/nothing.yml" --storage.tsdb.path="$database" \
        --storage.tsdb.retention.time=10y --web.listen-address=127.0.0.1:0 >>"$work/log" 2>&1 &
    running=$!
    until grep -q 'Server is ready to receive' "$work/log"; do
        kill -0 "$running" 2>/dev/null || fail "Prometheus did not start. Its log: $(cat "$work/log")"
        sleep 0.2
    done
    url=http://$(sed -n 's/.*msg="Listening on".* address=\([^ ]*\).*/\1/p' "$work/log")
}

echo '{}' >"$work/nothing.yml"
for file in "$history"/*.om; do
    [ -f "$file" ] || fail "$history has no *.om files. Create them with: wolkvox_exporter history --history.directory=$history"
    run "$PROMTOOL" tsdb create-blocks-from --max-block-duration=24h openmetrics "$file" "$database"
done

mkdir "$work/levels"
awk -v folder="$work/levels" -f "$here/levels.awk" "$@"
# Times of the first and the last sample, in seconds; promtool prints milliseconds.
"$PROMTOOL" tsdb list "$database" >"$work/blocks"
from=$(awk 'NR > 1 && (!from || $2 < from) { from = $2 } END { print substr(from, 1, length(from) - 3) }' "$work/blocks")
until=$(awk 'NR > 1 && $3 > until { until = $3 } END { print substr(until, 1, length(until) - 3) }' "$work/blocks")
for level in "$work"/levels/*.rules.yml; do
    # Prometheus finds new blocks only when it starts, and each level reads the blocks of the previous level.
    start
    prometheus=$running
    # When a group is evaluated depends on its name and on the path of its file. With the same path for each level, a rule
    # that is evaluated once in half an hour finds the values of the rules that it uses, at the same time.
    cp "$level" "$work/level.rules.yml"
    "$PROMTOOL" tsdb create-blocks-from --max-block-duration=24h rules --start="$from" --end="$until" --eval-interval=1m \
        --url="$url" --output-dir="$database" "$work/level.rules.yml" >"$work/output" 2>&1 ||
        fail "promtool could not evaluate the rules of $level. Its output: $(cat "$work/output")"
    running=$prometheus
    stop
done
: >"$done_once"
