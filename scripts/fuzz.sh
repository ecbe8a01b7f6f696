#!/usr/bin/env bash
# Runs the fuzz targets, each for some seconds: scripts/fuzz.sh SECONDS [TARGET…]. Exits 1 if one finds an input that
# makes it fail. The input is then in fuzz/findings/TARGET, where the tests of the exporter run it again.
#
# libFuzzer is built from the crate libfuzzer-sys. The instrumentation is an ordinary pass of LLVM, so the stable toolchain is
# enough; there is no sanitizer of memory, because the exporter has no unsafe code.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Folders with fixtures of other tests that are seeds too. src/fuzzing.rs has the same list.
declare -A fixtures=(
    [configuration]=tests/fixtures/config
    [envelope]=tests/fixtures/vendor
    [lenient_json]=tests/fixtures/vendor
)

seconds=${1:-}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || { echo 'usage: scripts/fuzz.sh SECONDS [TARGET…]' >&2; exit 2; }
shift
targets=("$@")
if ((${#targets[@]} == 0)); then
    for program in fuzz/fuzz_targets/*.rs; do targets+=("$(basename "$program" .rs)"); done
fi
for target in "${targets[@]}"; do
    [[ -f fuzz/fuzz_targets/$target.rs ]] || { echo "fuzz: there is no target $target in fuzz/fuzz_targets" >&2; exit 2; }
done

cargo=${CARGO:-cargo}
host=$(rustc -vV | sed -n 's/^host: //p')
coverage=(
    '--cfg=fuzzing' '-Cpasses=sancov-module' '-Ccodegen-units=1'
    '-Cllvm-args=-sanitizer-coverage-level=4' '-Cllvm-args=-sanitizer-coverage-inline-8bit-counters'
    '-Cllvm-args=-sanitizer-coverage-pc-table' '-Cllvm-args=-sanitizer-coverage-trace-compares'
)
# With --target the flags are not used for build scripts, which are not linked to libFuzzer.
RUSTFLAGS="${coverage[*]}" "$cargo" build --quiet --locked --release --manifest-path fuzz/Cargo.toml \
    --target-dir target/fuzz --target "$host"

# State files and configurations are written for each input, and flushing a disk takes longer than everything else.
# A backtrace would need more memory than a target may have.
export RUST_BACKTRACE=0
[[ -d /dev/shm && -w /dev/shm ]] && export TMPDIR=/dev/shm
log=$(mktemp)
trap 'rm -f "$log"' EXIT

failed=0
for target in "${targets[@]}"; do
    corpus=target/fuzz/corpus/$target
    mkdir -p "$corpus" "fuzz/findings/$target"
    seeds=("fuzz/seeds/$target" "fuzz/findings/$target")
    [[ -z ${fixtures[$target]:-} ]] || seeds+=("${fixtures[$target]}")
    dictionary=()
    [[ ! -f fuzz/dictionaries/$target.dict ]] || dictionary=("-dict=fuzz/dictionaries/$target.dict")
    result=passed
    "target/fuzz/$host/release/$target" "-max_total_time=$seconds" -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
        "-artifact_prefix=fuzz/findings/$target/" "${dictionary[@]}" "$corpus" "${seeds[@]}" >"$log" 2>&1 || result=failed
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
    if [[ $result == passed ]]; then
        echo "$target: ${executions:-0} executions in $seconds s, ${edges:-0} edges of the code, no finding"
    else
        failed=1
        grep -vE '^#[0-9]|^INFO|^NEW_FUNC' "$log" | tail -n 40
        echo "$target: FINDING; the input is in fuzz/findings/$target, \`cargo test --lib fuzzing\` repeats it" >&2
    fi
    rmdir --ignore-fail-on-non-empty "fuzz/findings/$target" fuzz/findings
done
exit "$failed"
