#!/usr/bin/env bash
# Runs the whole stack on this machine, without containers: a simulated contact centre, the exporter, Prometheus with
# the rules of alerts/ and some days of history, and Alertmanager with alerts/alertmanager.yml. It prints the
# notifications. All programs listen on loopback on free ports. Ctrl-C or SIGTERM stops them.
#
#   SCENARIO        simulated problem, see `wolkvox_exporter demo --help`; default healthy
#   TROUBLE_AFTER   time until the problem starts; default 1m
#   HISTORY         length of the history; default 3d
#   EXPORTER        path of the exporter; default target/release/wolkvox_exporter
set -euo pipefail
# Each program gets its own process group, so the script can stop it together with its child processes.
set -m

cd "$(dirname "${BASH_SOURCE[0]}")/.."
project=$PWD
scenario=${SCENARIO:-healthy}
trouble_after=${TROUBLE_AFTER:-1m}
length=${HISTORY:-3d}
exporter=${EXPORTER:-target/release/wolkvox_exporter}

say() { printf 'stack: %s\n' "$*"; }

fail() {
    printf 'stack: %s\n' "$*" >&2
    exit 1
}

# is_at_least OLDEST PROGRAM: whether the program runs on this system and has at least this version.
is_at_least() {
    local version
    version=$("$2" --version 2>&1 | sed -n 's/.*version \([0-9.]*\).*/\1/p;q') || return 1
    [[ -n $version && $(printf '%s\n' "$1" "$version" | sort -V | head -n 1) == "$1" ]]
}

# find_program PEER OLDEST NAME...: prints the first program in PATH that is new enough, or else the program in .peers.
find_program() {
    local peer=$1 oldest=$2 name path
    shift 2
    for name in "$@"; do
        if path=$(command -v "$name") && is_at_least "$oldest" "$path"; then
            echo "$path"
            return
        fi
    done
    [[ -f .peers/stamp && -x .peers/$peer ]] ||
        fail "found no $1 $oldest or newer. Install it (Debian: prometheus, promtool, prometheus-alertmanager) or run: make peers"
    echo "$project/.peers/$peer"
}

command -v python3 >/dev/null || fail 'python3 is missing. It prints the notifications. Install it (Debian: python3).'
[[ -x $exporter ]] || fail "$exporter is missing. Run: cargo build --release"
PROMETHEUS=$(find_program prometheus-3/prometheus 2.42.0 prometheus)
PROMTOOL=$(find_program prometheus-3/promtool 2.42.0 promtool)
# Version 0.28 is the oldest that accepts alerts/alertmanager.yml, because it supports msteamsv2_configs.
alertmanager=$(find_program alertmanager-new/alertmanager 0.28.0 alertmanager prometheus-alertmanager)
export PROMETHEUS PROMTOOL
# Time zones for the time intervals of Alertmanager, if the system has none.
[[ -d /usr/share/zoneinfo/America || ! -d .peers/zoneinfo ]] || export ZONEINFO=$project/.peers/zoneinfo
# Ignore settings of a real account.
unset "${!WOLKVOX_@}"

work=$(mktemp -d)
parts=()
names=()
end() {
    trap '' INT TERM HUP
    local part
    # Stop in reverse order, so that no program calls one that has stopped.
    for ((part = ${#parts[@]} - 1; part >= 0; part--)); do
        kill -TERM -- "-${parts[part]}" 2>/dev/null || true
    done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap end EXIT
# The user asked for the end, so the exit code is 0.
trap 'say "stopping all programs"; exit 0' INT TERM HUP

# start NAME COMMAND...: starts a command in the background and writes its output to NAME.log.
start() {
    local name=$1
    shift
    : >"$work/$name.log"
    "$@" >>"$work/$name.log" 2>&1 &
    parts+=("$!")
    names+=("$name")
}

# finish: waits for the program that was started last.
finish() {
    local last=$((${#parts[@]} - 1))
    wait "${parts[last]}" || fail "${names[last]} failed. Its log: $(cat "$work/${names[last]}.log")"
    unset 'parts[last]' 'names[last]'
}

# listening NAME PATTERN: waits until the sed pattern matches in the log of the last program, and sets $address to the
# match.
listening() {
    local last=$((${#parts[@]} - 1))
    until address=$(sed -n "s/$2/\1/p;T;q" "$work/$1.log") && [[ -n $address ]]; do
        kill -0 "${parts[last]}" 2>/dev/null || fail "$1 did not start. Its log: $(cat "$work/$1.log")"
        sleep 0.1
    done
}

now=$(date +%s)
busy_at=$(date -u -d "@$now" +%FT%TZ)

start sink python3 deploy/sink.py
listening sink '.*\(http:[^ ]*\)$'
sink=$address

# Print each notification as soon as it arrives. The first line of the log is not a notification.
tail -n +2 -F "$work/sink.log" 2>/dev/null &
parts+=("$!")
names+=(tail)

mkdir "$work/alertmanager" "$work/data"
cp -r alerts/templates "$work/alertmanager/"
awk -v url="$sink" -f deploy/to_sink.awk alerts/alertmanager.yml >"$work/alertmanager/alertmanager.yml"
# Start it in its own folder, because the Alertmanager in .peers reads its default templates from the current folder.
start alertmanager env -C "$(dirname "$alertmanager")" "$alertmanager" --config.file="$work/alertmanager/alertmanager.yml" \
    --storage.path="$work/alertmanager/data" --web.listen-address=127.0.0.1:0 --cluster.listen-address=
listening alertmanager '.*msg="Listening on".* address=\([^ ]*\).*'
alertmanager_address=$address

# Choose the port now, because it is part of the label instance of the history. The exporter starts after the history is
# loaded, because TROUBLE_AFTER counts from its start.
say "creating $length of history. This takes a few minutes."
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
target=127.0.0.1:$port
start history "$exporter" history --log.level=warn --history.directory="$work/history" --history.length="$length" \
    --history.label=job=wolkvox --history.label="instance=$target" --busy-at="$busy_at"
finish
start load_history deploy/load_history.sh "$work/history" "$work/data" alerts/*.rules.yml
finish
rm -rf "$work/history"

start exporter "$exporter" demo --scenario="$scenario" --trouble.after="$trouble_after" --busy-at="$busy_at" \
    --web.listen-address="$target" --simulate.listen-address=127.0.0.1:0
listening exporter '.*http:\/\/\([^ ]*\)\/metrics .*'

sed -e "s|exporter:9909|$target|; s|alertmanager:9093|$alertmanager_address|; s|/etc/prometheus/rules|$project/alerts|" \
    deploy/prometheus.yml >"$work/prometheus.yml"
start prometheus "$PROMETHEUS" --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" \
    --web.listen-address=127.0.0.1:0
listening prometheus '.*msg="Listening on".* address=\([^ ]*\).*'
prometheus_address=$address
listening prometheus '.*\(Server is ready\) to receive.*'

cat <<END
stack: running with the scenario $scenario and $length of history.
  exporter      http://$target/
  Prometheus    http://$prometheus_address/
  Alertmanager  http://$alertmanager_address/
Notifications are printed below as -> RECEIVER: …  Press Ctrl-C to stop all programs.
END

wait -n -p ended "${parts[@]}" || true
for part in "${!parts[@]}"; do
    [[ ${parts[part]} != "${ended:-}" ]] || fail "${names[part]} stopped unexpectedly. End of its log: $(tail -n 20 "$work/${names[part]}.log" 2>/dev/null)"
done
