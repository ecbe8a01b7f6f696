#!/usr/bin/env bash
# Checks that this machine has the programs for building and testing.
#
# With the argument "bench" it also checks the programs that only the benches need.
#
# As root on Debian, it installs the missing packages. Otherwise it lists them. It never installs Rust, because the
# owner of the machine chooses how to install it.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
    printf 'prerequisites: %s\n' "$*" >&2
    exit 1
}

packages=()
reasons=()

# want PACKAGE REASON COMMAND...: marks the package as missing if the command fails.
want() {
    local package=$1 reason=$2
    shift 2
    if ! "$@" >/dev/null 2>&1; then
        packages+=("$package")
        reasons+=("$package ($reason)")
    fi
}

want build-essential 'runs the Makefile' command -v make
want build-essential 'C compiler for the crate ring' command -v cc
want python3 'generates the dashboards and runs the reference parsers of the exposition formats' command -v python3
want python3-pip 'installs the Python packages of the tests' python3 -m pip --version
want debian-archive-keyring 'verifies the signatures of Debian packages' test -r /usr/share/keyrings/debian-archive-keyring.gpg
if [[ ${1:-} == bench ]]; then
    want nginx-light 'serves files, to compare the throughput' command -v nginx
    want valgrind 'counts instructions' command -v valgrind
fi

if ((${#packages[@]} > 0)); then
    list=$(printf '%s, ' "${reasons[@]}")
    if ! command -v apt-get >/dev/null; then
        fail "missing packages: ${list%, }. Install them; the names are those of Debian."
    elif ((EUID != 0)); then
        fail "missing packages: ${list%, }. Run: sudo apt-get install ${packages[*]}"
    fi
    echo "prerequisites: installing ${list%, }"
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${packages[@]}"
fi

for command in apt-get dpkg-deb; do
    command -v "$command" >/dev/null ||
        fail "$command is missing. The tests need it to download Prometheus. Use Debian or a system based on Debian."
done
command -v cargo >/dev/null ||
    fail "cargo is not in PATH. Install Rust $(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml) or newer, for example with rustup."
cargo --version >/dev/null 2>&1 ||
    fail 'cargo does not start, perhaps because the toolchain of rust-toolchain.toml is not installed. Run: rustup toolchain install'
cargo fmt --version >/dev/null 2>&1 || fail 'cargo fmt is missing. Run: rustup component add rustfmt'
cargo clippy --version >/dev/null 2>&1 || fail 'cargo clippy is missing. Run: rustup component add clippy'
