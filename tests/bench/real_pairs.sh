#!/usr/bin/env bash
# make bench-pairs: equal pairs of servers that this project did not write, at
# the default settings, both on this machine: a threaded Python http.server,
# Datasette over SQLite's FTS5, Chroma, a LiteLLM proxy. Prints per server how
# many runs PASS, FAIL or are INCONCLUSIVE, with their reasons, and what a run
# takes. Paragraphs and questions are SQuAD's where ../shared/data is, else
# the handbook's. Packages come from PyPI; what cannot be had is left out.
#
#   PAIRS_RUNS=25          runs a row
#   PAIRS_QUESTIONS=40
#   PAIRS_KINDS="python datasette chroma litellm"
#   PAIRS_MODES="equal slow gone"   slow: by what the report says is surely
#                          seen; gone: a quarter of the index
#   PAIRS_OUT=FILE         a line of JSON a run
#   PAIRS_KEEP=DIR         keep the runs there
set -eu
cd "$(dirname "$0")/../.."
BUILD=$(realpath "${BUILD:-build}")
T=${PAIRS_KEEP:-$(mktemp -d)}
mkdir -p "$T"
[ -n "${PAIRS_KEEP:-}" ] || trap 'rm -rf "$T"' EXIT
n=${PAIRS_QUESTIONS:-40}
if [ -r ../shared/data/squad_gold.jsonl.zst ]; then
	skip_all() { echo "$*" >&2; exit 1; }
	. tests/lib/squad.sh
	squad "$n"
else
	cp fixtures/handbook/sections.jsonl "$T/sections.jsonl"
	head -n "$n" fixtures/handbook/gold.jsonl >"$T/gold.jsonl"
fi
kinds=${PAIRS_KINDS:-python datasette chroma litellm}
pythons=()
setup() { # NAME PACKAGE
	local python
	[[ " $kinds " == *" $1 "* ]] || return 0
	if python=$(tests/lib/pypi_setup.sh "pairs-$1" "$3" --deps "$2"); then
		pythons+=(--python "$1=$python")
	fi
}
setup datasette datasette==0.65.5 datasette
setup chroma chromadb==1.5.9 chromadb
setup litellm 'litellm[proxy]==1.77.7' litellm
python3 tests/bench/real_pairs.py --dir "$T" --lockstep "$BUILD/lockstep" \
	--runs "${PAIRS_RUNS:-25}" --kinds "${kinds// /,}" \
	--modes "$(tr ' ' , <<<"${PAIRS_MODES:-equal slow gone}")" \
	${PAIRS_OUT:+--out "$PAIRS_OUT"} "${pythons[@]}"
