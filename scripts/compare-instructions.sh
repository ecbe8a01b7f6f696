#!/usr/bin/env bash
# Counts the instructions of the parts of the exporter at an earlier commit and in this checkout, and says which ones
# have risen by more than 5 %. The commit is the first argument; without one it is the parent of HEAD.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

cargo=${CARGO:-cargo}
base=${1:-HEAD^}
command -v valgrind >/dev/null || {
    echo 'compare-instructions: valgrind is missing. Install it, for example with apt-get install valgrind.' >&2
    exit 1
}
commit=$(git rev-parse --verify --quiet "$base^{commit}") || {
    echo "compare-instructions: there is no commit $base. A shallow clone needs a depth of two." >&2
    exit 1
}
work=$(mktemp -d)
trap 'git worktree remove --force "$work/base" 2>/dev/null || true; rm -rf "$work"' EXIT
git worktree add --quiet --detach "$work/base" "$commit"
if [[ ! -d $work/base/benches/instructions ]]; then
    echo "compare-instructions: commit $base has no counts to compare with."
    exit 0
fi
bench=("$cargo" bench --locked --quiet --features measuring --bench instructions --)
target=${CARGO_TARGET_DIR:-$PWD/target}
"${bench[@]}" --write "$work/new" >"$work/table"
# Both use the compiled dependencies.
(cd "$work/base" && CARGO_TARGET_DIR=$target "${bench[@]}" --write "$work/old" >/dev/null)
"${bench[@]}" --compare "$work/old" "$work/new" | tee "$work/comparison"
if [[ -n ${GITHUB_STEP_SUMMARY:-} ]]; then
    cat "$work/comparison" "$work/table" >>"$GITHUB_STEP_SUMMARY"
    risen=$(sed -n 's/^More than 5 % more/More than 5 %25 more/p' "$work/comparison")
    [[ -z $risen ]] || echo "::warning::$risen"
fi
