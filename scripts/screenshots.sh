#!/usr/bin/env bash
# Takes the pictures in docs/pictures from a running Grafana, with a headless Chromium.
#
#   ADDRESS     address of a dashboard, with {uid} in place of its uid; default: the Grafana of compose.yaml
#   PICTURES    folder for the pictures; default docs/pictures
#   PATIENCE    seconds that a page has to load its figures; default 30
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
hidden='&_dash.hideTimePicker=true&_dash.hideVariables=true&_dash.hideLinks=true'
address=${ADDRESS:-"http://127.0.0.1:3000/d/{uid}?kiosk&theme=dark$hidden"}
pictures=${PICTURES:-docs/pictures}
patience=${PATIENCE:-30}
# A README is read on slow connections too.
most_bytes=300000

fail() {
    printf 'screenshots: %s\n' "$*" >&2
    exit 1
}

[[ $address == *'{uid}'* ]] || fail "invalid ADDRESS \"$address\": expected an address with {uid}"
[[ $patience =~ ^[0-9]+$ ]] || fail "invalid PATIENCE \"$patience\": expected a number of seconds such as 30"
chromium=
for name in chromium chromium-browser google-chrome; do
    chromium=$(command -v "$name") && break
done
[[ -n $chromium ]] || fail 'found no Chromium. Install it (Debian: apt-get install chromium).'
command -v pngquant >/dev/null || fail 'found no pngquant. It makes the pictures small. Install it (Debian: apt-get install pngquant).'
origin=$(sed -E 's|^([a-z]+://[^/?]*).*|\1|' <<<"$address")
# Any answer will do, also that a password is missing.
python3 - "$origin/" <<'END' || fail "$origin does not answer. Start Grafana (docker compose up), or set ADDRESS to another one."
import sys
from urllib import error, request

try:
    request.urlopen(sys.argv[1], timeout=60)
except error.HTTPError:
    pass
except OSError:
    sys.exit(1)
END

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# picture NAME UID WIDTH HEIGHT [MORE]: takes one picture; MORE is added to the address.
picture() {
    local name=$1 uid=$2 width=$3 height=$4 more=${5:-}
    # The sandbox needs rights that root and containers do not have. Virtual time ends when all figures are loaded.
    timeout "$((10 * patience))" "$chromium" --headless --no-sandbox --disable-gpu --hide-scrollbars \
        --user-data-dir="$work/profile" --window-size="$width,$height" --virtual-time-budget="$((1000 * patience))" \
        --screenshot="$work/$name.png" "${address//\{uid\}/$uid}$more" >"$work/log" 2>&1 && [[ -s $work/$name.png ]] ||
        fail "Chromium took no picture of $uid. The end of its output: $(tail -n 3 "$work/log")"
    mkdir -p "$pictures"
    pngquant --force --speed 1 --strip 256 --output "$pictures/$name.png" -- "$work/$name.png"
    local bytes
    bytes=$(wc -c <"$pictures/$name.png")
    ((bytes < most_bytes)) || fail "$pictures/$name.png has $bytes bytes: expected fewer than $most_bytes"
    echo "$pictures/$name.png"
}

picture wallboard wolkvox-wall 1600 900 '&autofitpanels'
picture skill wolkvox-skill 1600 1150
picture days wolkvox-day 1600 1500
