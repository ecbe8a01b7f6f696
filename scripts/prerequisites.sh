#!/usr/bin/env bash
# Checks that the machine has what building and testing need, and says what is missing.
#
# Run as root on Debian it installs the missing packages; otherwise it names them. Rust itself is never installed: how
# a toolchain comes to a machine is the owner's choice.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
    printf 'prerequisites: %s\n' "$*" >&2
    exit 1
}

packages=()
reasons=()

# want PACKAGE REASON COMMAND...: the package is missing when the command fails.
want() {
    local package=$1 reason=$2
    shift 2
    if ! "$@" >/dev/null 2>&1; then
        packages+=("$package")
        reasons+=("$package ($reason)")
    fi
}

want build-essential 'make' command -v make
want build-essential 'a C compiler, for the crate ring' command -v cc
want python3 'the dashboards, and the reference parsers of the exposition formats' command -v python3
want python3-pip 'fetches the Python packages of the tests' python3 -m pip --version
want debian-archive-keyring 'the keys that Debian signs its packages with' test -r /usr/share/keyrings/debian-archive-keyring.gpg

if ((${#packages[@]} > 0)); then
    list=$(printf '%s, ' "${reasons[@]}")
    if ! command -v apt-get >/dev/null; then
        fail "missing: ${list%, }. These are the names of Debian's packages; install the same for this system."
    elif ((EUID != 0)); then
        fail "missing: ${list%, }. Install with: sudo apt-get install ${packages[*]}"
    fi
    echo "prerequisites: installing ${list%, }"
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${packages[@]}"
fi

for command in apt-get dpkg-deb; do
    command -v "$command" >/dev/null || fail "$command is missing, which fetches the Prometheus versions that the tests run: use Debian or a system made from it."
done
command -v cargo >/dev/null ||
    fail "cargo is not in PATH: install Rust $(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml) or newer, for instance with rustup."
cargo --version >/dev/null 2>&1 ||
    fail "cargo does not start, perhaps because the toolchain that rust-toolchain.toml names is not installed: rustup toolchain install"
cargo fmt --version >/dev/null 2>&1 || fail 'cargo fmt is missing: rustup component add rustfmt'
cargo clippy --version >/dev/null 2>&1 || fail 'cargo clippy is missing: rustup component add clippy'
