#!/usr/bin/env bash
# The whole stack on this machine, without containers: a simulated contact centre, the exporter, Prometheus with the rules
# that are shipped and some days of history, Alertmanager with the routing that is shipped. Notifications are printed here.
# Everything listens on loopback, on ports that are free, and is gone with Ctrl-C or SIGTERM.
#
#   SCENARIO        what goes wrong, as in `wolkvox_exporter demo --help`; default healthy
#   TROUBLE_AFTER   when it starts; default 1m
#   HISTORY         how long the history is; default 3d
#   EXPORTER        the program; default target/release/wolkvox_exporter
set -euo pipefail
# Each part is a process group of its own, so that with it ends what it has started.
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

# is_at_least OLDEST PROGRAM: whether the program runs here and is not older.
is_at_least() {
    local version
    version=$("$2" --version 2>&1 | sed -n 's/.*version \([0-9.]*\).*/\1/p;q') || return 1
    [[ -n $version && $(printf '%s\n' "$1" "$version" | sort -V | head -n 1) == "$1" ]]
}

# find_program PEER OLDEST NAME...: the first of these programs of the system that is new enough, or the one in .peers.
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
        fail "no $1 $oldest or newer: install it (Debian: prometheus, promtool, prometheus-alertmanager), or fetch it with \`make peers\`"
    echo "$project/.peers/$peer"
}

command -v python3 >/dev/null || fail 'python3 is missing, which prints the notifications (Debian: python3)'
[[ -x $exporter ]] || fail "$exporter is missing: cargo build --release"
PROMETHEUS=$(find_program prometheus-3/prometheus 2.42.0 prometheus)
PROMTOOL=$(find_program prometheus-3/promtool 2.42.0 promtool)
# Older ones know no msteamsv2_configs. The routing has none here, but what is shown is to be what is shipped.
alertmanager=$(find_program alertmanager-new/alertmanager 0.28.0 alertmanager prometheus-alertmanager)
export PROMETHEUS PROMTOOL
# The zones of Alertmanager's working hours, where the system has none.
[[ -d /usr/share/zoneinfo/America || ! -d .peers/zoneinfo ]] || export ZONEINFO=$project/.peers/zoneinfo
# Settings of a real account have no place here.
unset "${!WOLKVOX_@}"

work=$(mktemp -d)
parts=()
names=()
end() {
    trap '' INT TERM HUP
    local part
    # The last one first: nobody calls what is gone already.
    for ((part = ${#parts[@]} - 1; part >= 0; part--)); do
        kill -TERM -- "-${parts[part]}" 2>/dev/null || true
    done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap end EXIT
# Ending it is what one asks for with these: no failure.
trap 'say ending; exit 0' INT TERM HUP

# start NAME COMMAND...: its output goes to a log of that name.
start() {
    local name=$1
    shift
    : >"$work/$name.log"
    "$@" >>"$work/$name.log" 2>&1 &
    parts+=("$!")
    names+=("$name")
}

# finish: waits for the part that was started last.
finish() {
    local last=$((${#parts[@]} - 1))
    wait "${parts[last]}" || fail "${names[last]} failed: $(cat "$work/${names[last]}.log")"
    unset 'parts[last]' 'names[last]'
}

# listening NAME PATTERN: sets $address to what the pattern, of sed, finds in the log of the part that was started last.
listening() {
    local last=$((${#parts[@]} - 1))
    until address=$(sed -n "s/$2/\1/p;T;q" "$work/$1.log") && [[ -n $address ]]; do
        kill -0 "${parts[last]}" 2>/dev/null || fail "$1 does not start: $(cat "$work/$1.log")"
        sleep 0.1
    done
}

now=$(date +%s)
busy_at=$(date -u -d "@$now" +%FT%TZ)

start sink python3 deploy/sink.py
listening sink '.*\(http:[^ ]*\)$'
sink=$address

# On its way to the terminal from the start: a notification is seen when it comes.
tail -n +2 -F "$work/sink.log" 2>/dev/null &
parts+=("$!")
names+=(tail)

mkdir "$work/alertmanager" "$work/data"
cp -r alerts/templates "$work/alertmanager/"
awk -v url="$sink" -f deploy/to_sink.awk alerts/alertmanager.yml >"$work/alertmanager/alertmanager.yml"
# From where it is: Debian's own templates are looked for there by the one in .peers.
start alertmanager env -C "$(dirname "$alertmanager")" "$alertmanager" --config.file="$work/alertmanager/alertmanager.yml" \
    --storage.path="$work/alertmanager/data" --web.listen-address=127.0.0.1:0 --cluster.listen-address=
listening alertmanager '.*msg="Listening on".* address=\([^ ]*\).*'
alertmanager_address=$address

# The port is part of the label instance, which the history has to have too. The exporter itself starts after the history
# is loaded, since its trouble is counted from its start.
say "making $length of history; this takes a while"
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
stack: it runs, with the scenario $scenario and $length of history.
  exporter      http://$target/
  Prometheus    http://$prometheus_address/
  Alertmanager  http://$alertmanager_address/
Notifications are printed below, as -> RECEIVER: …  Ctrl-C ends it all.
END

wait -n -p ended "${parts[@]}" || true
for part in "${!parts[@]}"; do
    [[ ${parts[part]} != "${ended:-}" ]] || fail "${names[part]} has ended: $(tail -n 20 "$work/${names[part]}.log" 2>/dev/null)"
done
