#!/usr/bin/env bash
# Fills .peers/ with the programs that the tests run the exporter against. Nothing is installed into the system.
#
#   .peers/prometheus-2/       prometheus, promtool        Debian 12 (2.42)
#   .peers/prometheus-3/       prometheus, promtool        Debian's next release (3.5 or newer)
#   .peers/alertmanager-0.25/  alertmanager, amtool        Debian 12; with the templates that alertmanager starts with
#   .peers/alertmanager-new/   alertmanager, amtool        Debian's next release; likewise
#   .peers/docker-compose/     docker-compose              Debian's next release; it checks compose.yaml, no engine is needed
#   .peers/zoneinfo/           the time zones of tzdata
#   .peers/python/             the Python packages of peers-requirements.txt; hadolint, shellcheck and zizmor in its bin/
#   .peers/stamp               written last: the recipe it was made by, and the versions
#
# apt fetches the packages with a source list and a state of its own and verifies Debian's signatures, as root or not.
# With everything there it takes no time; a change of this file or of the requirements fetches all anew. A newer
# version in Debian does not: remove .peers for that (make clean-peers).
#
# The mirror is the one in this machine's apt sources; PEERS_DEBIAN_MIRROR=URL names another.
set -euo pipefail

OLD_RELEASE=bookworm
NEW_RELEASE=forky
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
peers=$project/.peers
requirements=$project/scripts/peers-requirements.txt
programs=(
    prometheus-2/{prometheus,promtool} prometheus-3/{prometheus,promtool}
    alertmanager-0.25/{alertmanager,amtool} alertmanager-new/{alertmanager,amtool}
    docker-compose/docker-compose
    python/bin/{hadolint,shellcheck,zizmor}
)

fail() {
    printf 'peers: %s\n' "$*" >&2
    exit 1
}

complete() {
    local program
    [[ -f $peers/stamp && $(head -n 1 "$peers/stamp") == "recipe $recipe" ]] || return 1
    for program in "${programs[@]}"; do
        [[ -x $peers/$program ]] || return 1
    done
}

# The mirror that this machine gets Debian's packages from; nothing when it gets them elsewhere.
machine_mirror() {
    # The names in $(…) are apt's, not the shell's.
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(COMPONENT) $(RELEASE) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        awk '$1 == "main" && $2 !~ /-/ && $3 ~ /^https?:.*\/debian\/?$/ { sub(/\/$/, "", $3); print $3; exit }' || true
}

# fetch_lists MIRROR: leaves apt's state below $work.
fetch_lists() {
    local release
    rm -rf "$work/apt"
    mkdir -p "$work"/apt/{lists/partial,cache/archives/partial}
    : >"$work/apt/status"
    for release in "$OLD_RELEASE" "$NEW_RELEASE"; do
        printf 'deb [signed-by=%s] %s %s main\n' "$KEYRING" "$1" "$release"
    done >"$work/apt/sources.list"
    {
        # Proxies and certificates stay as the machine has them; its hooks and further indexes are left out.
        apt-config dump | grep '^Acquire::' | grep -v '^Acquire::IndexTargets' || true
        cat <<END
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
APT::Get::AllowUnauthenticated "false";
APT::Sandbox::User "root";
Dir::Etc::main "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::Etc::sourcelist "$work/apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State "$work/apt";
Dir::State::lists "$work/apt/lists";
Dir::State::status "$work/apt/status";
Dir::Cache "$work/apt/cache";
END
    } >"$work/apt/apt.conf"
    APT_CONFIG=$work/apt/apt.conf apt-get -q --error-on=any update
}

# fetch_package PACKAGE RELEASE: unpacks it into $work/PACKAGE-RELEASE and notes its version for the stamp.
fetch_package() {
    local package=$1 release=$2 folder=$work/$1-$2 debs
    mkdir -p "$folder/download"
    (cd "$folder/download" && APT_CONFIG=$work/apt/apt.conf apt-get -q download "$package/$release") ||
        fail "Debian $release has no package $package for $(dpkg --print-architecture), or it could not be fetched."
    debs=("$folder"/download/*.deb)
    dpkg-deb -x "${debs[0]}" "$folder"
    printf '%s %s %s\n' "$release" "$package" "$(dpkg-deb -f "${debs[0]}" Version)" >>"$work/versions"
    rm -r "$folder/download"
}

# place PROGRAM FROM: moves it to where the tests look for it and sees that it runs here.
place() {
    local program=$new/$1 from=$2
    [[ -f $from ]] || fail "the package of $1 has no ${from##*/} any more."
    mkdir -p "$(dirname "$program")"
    mv "$from" "$program"
    "$program" --version >"$work/version" 2>&1 ||
        fail "$1 does not run on this system: $(head -n 3 "$work/version") $(ldd "$program" 2>&1 | grep 'not found' || true)"
}

# place_templates FOLDER FROM: Debian's Alertmanager reads its own templates from a fixed folder of the system. They are put
# beside it, and the name of that folder in the program becomes one of the same length that means where it is started.
place_templates() {
    local folder=$new/$1 from=$2 fixed=/usr/share/prometheus/alertmanager here
    here=$(printf './%.0s' {1..17})
    ((${#here} == ${#fixed})) || fail "'$here' and '$fixed' are not of the same length."
    LC_ALL=C grep -q "$fixed" "$folder/alertmanager" || fail "the package of $1 has its templates elsewhere now."
    LC_ALL=C sed -i "s|$fixed|$here|g" "$folder/alertmanager"
    mv "$from$fixed"/*.tmpl "$folder/" || fail "the package of $1 has no templates any more."
}

# expect PROGRAM PATTERN: fails unless the program's version matches.
expect() {
    "$new/$1" --version 2>&1 | head -n 1 | grep -Eq "version $2" ||
        fail "$1 says '$("$new/$1" --version 2>&1 | head -n 1)', expected a version $2: Debian moved on, so must this script."
}

recipe=$(cat "${BASH_SOURCE[0]}" "$requirements" | sha256sum | cut -d ' ' -f 1)
mkdir -p "$peers"
exec 9>"$peers/.lock"
flock 9
if complete; then
    echo "peers: all there ($(tail -n +2 "$peers/stamp" | awk '/ prometheus / { printf "%sPrometheus %s", s, $3; s = ", " }'))"
    exit 0
fi

work=$peers/.partial
new=$work/new
rm -rf "$work"
trap 'rm -rf "$work"' EXIT
mkdir -p "$new"

mirror=${PEERS_DEBIAN_MIRROR:-$(machine_mirror)}
[[ -n $mirror ]] ||
    fail "this machine's apt sources name no mirror of Debian: say which one with PEERS_DEBIAN_MIRROR=URL."
echo "peers: fetching the package lists of $OLD_RELEASE and $NEW_RELEASE from $mirror"
fetch_lists "$mirror" ||
    fail "the package lists cannot be had (see apt's errors above); PEERS_DEBIAN_MIRROR=URL names another mirror of Debian."

fetch_package prometheus "$OLD_RELEASE"
fetch_package prometheus-alertmanager "$OLD_RELEASE"
fetch_package tzdata "$OLD_RELEASE"
fetch_package prometheus "$NEW_RELEASE"
fetch_package promtool "$NEW_RELEASE"
fetch_package prometheus-alertmanager "$NEW_RELEASE"
fetch_package docker-compose "$NEW_RELEASE"

place prometheus-2/prometheus "$work/prometheus-$OLD_RELEASE/usr/bin/prometheus"
place prometheus-2/promtool "$work/prometheus-$OLD_RELEASE/usr/bin/promtool"
place prometheus-3/prometheus "$work/prometheus-$NEW_RELEASE/usr/bin/prometheus"
place prometheus-3/promtool "$work/promtool-$NEW_RELEASE/usr/bin/promtool"
place alertmanager-0.25/alertmanager "$work/prometheus-alertmanager-$OLD_RELEASE/usr/bin/prometheus-alertmanager"
place alertmanager-0.25/amtool "$work/prometheus-alertmanager-$OLD_RELEASE/usr/bin/amtool"
place alertmanager-new/alertmanager "$work/prometheus-alertmanager-$NEW_RELEASE/usr/bin/prometheus-alertmanager"
place alertmanager-new/amtool "$work/prometheus-alertmanager-$NEW_RELEASE/usr/bin/amtool"
place docker-compose/docker-compose "$work/docker-compose-$NEW_RELEASE/usr/libexec/docker/cli-plugins/docker-compose"
place_templates alertmanager-0.25 "$work/prometheus-alertmanager-$OLD_RELEASE"
place_templates alertmanager-new "$work/prometheus-alertmanager-$NEW_RELEASE"
mv "$work/tzdata-$OLD_RELEASE/usr/share/zoneinfo" "$new/zoneinfo"
expect prometheus-2/prometheus '2\.42\.'
expect prometheus-3/prometheus '3\.([5-9]|[1-9][0-9])\.'
expect alertmanager-0.25/alertmanager '0\.25\.'
expect docker-compose/docker-compose '[2-9]\.'

echo 'peers: installing the Python packages'
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --require-hashes \
    --only-binary :all: --target "$new/python" --requirement "$requirements" ||
    fail "the Python packages of ${requirements#"$project"/} cannot be had (see pip's errors above)."
PYTHONPATH=$new/python python3 -c 'import prometheus_client.openmetrics.parser' ||
    fail 'prometheus-client was installed but Python cannot import it.'

# From here on nothing can fail but the disk, and without its stamp the folder is made anew.
find "$peers" -mindepth 1 -maxdepth 1 ! -name .lock ! -name .partial -exec rm -rf {} +
mv "$new"/* "$peers/"
{
    echo "recipe $recipe"
    cat "$work/versions"
    grep -E '^[a-z].*==' "$requirements" | sed 's/==/ /; s/ \\$//; s/^/pypi /'
} >"$work/stamp"
mv "$work/stamp" "$peers/stamp"
tail -n +2 "$peers/stamp"
