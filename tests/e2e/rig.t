#!/bin/bash
# The bench of verdicts asks again what a run leaves undecided, as the program
# does, the same each time; and one row of it can be had alone.
set -u
. tests/lib/tap.sh
bench=$(realpath "$BUILD/tests/bench/bench_verdict_lost")
cp fixtures/handbook/sections.jsonl fixtures/handbook/gold.jsonl "$T"
cd "$T" || exit 1
cat >forty.yml <<'YAML'
lockstep: 1
name: rig
cases: gold.jsonl
sections: sections.jsonl
targets:
  baseline: {url: "http://127.0.0.1:1"}
  candidate: {url: "http://127.0.0.1:2"}
extract: {preset: generic}
YAML
rows() { # OUT ROW...
	local out=$1; shift
	OMP_NUM_THREADS=2 "$bench" . "$out" 4 10 "$@" >"$out.txt"
}
ok 'a row alone' rows one.json 40/sampled/2
is "$(jq -c '[.[] | [.questions, .stacks, .lost, .runs]]' one.json)" \
	'[[40,"answers sampled",2,10]]' 'is all that runs'
ok 'some of its runs asked again' jq -e '.[0].asked_again > 0 and
	.[0].requests_again > 0' one.json
rows two.json 40/sampled/2
is "$(md5sum <two.json)" "$(md5sum <one.json)" 'and did the same once more'
rows part.json 40/steady
is "$(jq -c '[.[].lost]' part.json)" '[0,1,2,3,4,5]' 'or part of the table'
done_testing
