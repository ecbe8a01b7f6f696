#!/usr/bin/env bash
# Runs every bench of speed and writes its tables into docs/performance.md and README.md. It takes about half an hour.
#
# The output of each bench stays in target/bench. BENCHES='http operations' runs some of them; the tables of the others
# stay as they are.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

cargo=${CARGO:-cargo}
all=(instructions times http operations rules dashboards size)
read -ra wanted <<<"${BENCHES:-${all[*]}}"
results=$PWD/target/bench
mkdir -p "$results"
export BENCH_HEADLINES=$results/headlines.partial

# Prints how large the program is that `cargo build --release` makes.
size() {
    local bytes
    bytes=$(stat --format %s target/release/wolkvox_exporter)
    awk -v bytes="$bytes" 'BEGIN { printf "| Program | MiB |\n|---|--:|\n| `cargo build --release` | %.1f |\n", bytes / 1048576 }'
    awk -v bytes="$bytes" 'BEGIN { mib = bytes / 1048576
        printf "target\tSize of the release build\tunder 10 MiB\t%.1f MiB\t%s\n", mib, mib < 10 ? "yes" : "no" }' >>"$BENCH_HEADLINES"
}

# run NAME: prints the Markdown of a bench.
run() {
    case $1 in
        instructions | times) "$cargo" bench --locked --quiet --features measuring --bench "$1" ;;
        http | operations | dashboards) "$cargo" bench --locked --quiet --bench "$1" ;;
        rules)
            printf '```text\n'
            GOMAXPROCS=1 "$cargo" bench --locked --quiet --bench rules -- 1000
            printf '```\n'
            ;;
        size) "$cargo" build --locked --quiet --release && size ;;
        *)
            echo "bench: there is no bench \"$1\": expected some of ${all[*]}" >&2
            return 2
            ;;
    esac
}

started=$SECONDS
for name in "${wanted[@]}"; do
    echo "bench: $name, after $(((SECONDS - started) / 60)) minutes"
    rm -f "$BENCH_HEADLINES"
    run "$name" >"$results/$name.partial"
    mv "$results/$name.partial" "$results/$name.md"
    if [[ -f $BENCH_HEADLINES ]]; then mv "$BENCH_HEADLINES" "$results/$name.tsv"; fi
done
python3 scripts/performance_page.py "$results"
echo "bench: docs/performance.md is written, after $(((SECONDS - started) / 60)) minutes"
