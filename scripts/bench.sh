#!/usr/bin/env bash
# Runs every bench of speed and writes its tables into docs/performance.md and README.md. It takes about half an hour.
#
# The output of each bench stays in target/bench. BENCHES='http operations' runs some of them; the tables of the others
# stay as they are.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

cargo=${CARGO:-cargo}
# The benches of a line run beside each other, and those with a + between them one after the other. Instructions are
# counted, so a build beside them changes nothing. The rules of 1,000 skills mostly wait.
lines=('instructions size' 'times' 'http' 'rules operations+dashboards')
all=" ${lines[*]//+/ } "
wanted=" ${BENCHES:-$all} "
for name in $wanted; do
    [[ $all == *" $name "* ]] || { echo "bench: there is no bench \"$name\": expected some of$all" >&2; exit 2; }
done
results=$PWD/target/bench
mkdir -p "$results"

# Prints how large the programs are that were just built.
size() {
    local build file mib met
    printf '| Build | MiB |\n|---|--:|\n'
    for build in dist release; do
        file=target/$build/wolkvox_exporter
        mib=$(awk -v bytes="$(stat --format %s "$file")" 'BEGIN { printf "%.1f", bytes / 1048576 }')
        printf "| \`cargo build --profile %s\` | %s |\n" "$build" "$mib"
        if [[ $build == dist ]]; then
            met=$(awk -v mib="$mib" 'BEGIN { print mib < 10 ? "yes" : "no" }')
            printf 'target\tSize of the program of a release\tunder 10 MiB\t%s MiB\t%s\n' "$mib" "$met" >>"$BENCH_HEADLINES"
        fi
    done
}

# run NAME: prints the Markdown of a bench.
run() {
    case $1 in
        instructions | times) "$cargo" bench --locked --quiet --features measuring --bench "$1" ;;
        http | operations | dashboards) "$cargo" bench --locked --quiet --bench "$1" ;;
        rules)
            printf '```text\n'
            "$cargo" bench --locked --quiet --bench rules -- 1000
            printf '```\n'
            ;;
        size) "$cargo" build --locked --quiet --release && "$cargo" build --locked --quiet --profile dist && size ;;
    esac
}

# measure NAME...: the files of benches, each of which is complete or as it was.
measure() {
    local name
    for name in "$@"; do
        [[ $wanted == *" $name "* ]] || continue
        echo "bench: $name, after $((SECONDS / 60)) minutes"
        export BENCH_HEADLINES=$results/$name.headlines
        rm -f "$BENCH_HEADLINES"
        run "$name" >"$results/$name.partial"
        mv "$results/$name.partial" "$results/$name.md"
        if [[ -f $BENCH_HEADLINES ]]; then mv "$BENCH_HEADLINES" "$results/$name.tsv"; fi
    done
}

# Nothing is built while something else is measured, except beside `instructions`.
"$cargo" bench --locked --quiet --features measuring --no-run
"$cargo" bench --locked --quiet --no-run
for line in "${lines[@]}"; do
    beside=() failed=0
    for chain in $line; do
        IFS=+ read -ra names <<<"$chain"
        measure "${names[@]}" &
        beside+=($!)
    done
    for job in "${beside[@]}"; do wait "$job" || failed=1; done
    ((failed == 0)) || { echo "bench: one of \"$line\" failed" >&2; exit 1; }
done
python3 scripts/performance_page.py "$results"
echo "bench: docs/performance.md is written, after $((SECONDS / 60)) minutes"
