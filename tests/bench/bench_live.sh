#!/usr/bin/env bash
# make bench-live: the table of harness/LIVE.md, on the handbook's questions;
# see bench_live.c. Writes $BUILD/bench-live.json.
#
#   bench_live.sh RUNS WINDOWS [ROW...]
set -eu
cd "$(dirname "$0")/../.."
BUILD=${BUILD:-build}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cp fixtures/handbook/sections.jsonl fixtures/handbook/gold.jsonl "$dir/"
cat >"$dir/suite.yml" <<'YAML'
lockstep: 1
name: bench-live
cases: gold.jsonl
sections: sections.jsonl
targets:
  baseline: {url: "http://127.0.0.1:1"}
  candidate: {url: "http://127.0.0.1:2"}
extract: {preset: generic}
pins: {equal: [MODEL_VER, PROMPT_VER]}
YAML
"$BUILD/tests/bench/bench_live" "$dir" "$BUILD/bench-live.json" "$@"
