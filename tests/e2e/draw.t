#!/usr/bin/env bash
# The same draw in each process: every command that takes a sample of the
# cases takes the same one, whatever the machine's own randomness is.
. tests/lib/tap.sh

handbook base; base=$url
cat fixtures/handbook/gold.jsonl fixtures/handbook/unanswerable.jsonl \
	>"$T/gold.jsonl"
cat >"$T/s.yml" <<END
lockstep: 1
cases: {file: gold.jsonl, sample: 9, stratify: /tags/area}
sections: $PWD/fixtures/handbook/sections.jsonl
variants: {paraphrases: 2, seeds: [1]}
warmup: 0
request: {path: /query, body: {question: "{{question}}", seed: "{{seed}}"}}
targets: {baseline: "$base", candidate: "$base"}
gates: {latency: false}
END
run() { "$lockstep" run "$T/$1.yml" -q "${@:2}" >"$T/run.out" 2>&1; }
drawn() { "$lockstep" show "${1:-last}" --json | jq -c '[.cases[].id]'; }

# --- run, and what reads a run again -----------------------------------------
run s; a=$(drawn); first=$("$lockstep" show last --json | jq -r .run.id)
run s; b=$(drawn)
is "$(jq length <<<"$a")" 9 'a sample of a file has as many as asked for'
is "$b" "$a" 'and is the same in another process'
"$lockstep" score "$first" >"$T/out" 2>&1
is "$(drawn "$first")" "$a" 'score judges the same cases'
id=$(jq -r 'map(select(startswith("un-") | not))[-1]' <<<"$a")
status 0 'accept finds a case of it' "$lockstep" accept "$first" --case "$id" \
	--reason 'meant so' --owner me
rm -f "$T"/*.accepted.jsonl
run s --seed 7; c=$(drawn)
run s --seed 7
is "$(drawn)" "$c" 'another seed: the same in each process'
ok 'and another draw' [ "$c" != "$a" ]

# --- shards -------------------------------------------------------------------
parts=
for i in 1 2 3; do
	run s --shard $i/3
	parts+=$("$lockstep" show last --json | jq -r '.cases[].id')$'\n'
done
is "$(sort <<<"$parts" | sed '/^$/d' | jq -Rsc 'split("\n")[:-1]')" \
	"$(jq -c sort <<<"$a")" 'three shards are the parts of one draw'

# --- check and plan ------------------------------------------------------------
for c in check plan; do
	"$lockstep" $c "$T/s.yml" >"$T/$c.1" 2>&1
	"$lockstep" $c "$T/s.yml" >"$T/$c.2" 2>&1
	ok "$c says the same twice" cmp "$T/$c.1" "$T/$c.2"
done

# --- a trace -------------------------------------------------------------------
trace=$(ls -d "$LOCKSTEP_HOME"/runs/*/obs.jsonl.zst | head -1)
sed "s#^cases: .*#cases: {trace: $trace, sample: 2}#" "$T/s.yml" >"$T/t.yml"
run t; a=$(drawn); run t
is "$(jq length <<<"$a")" 2 'a sample of a trace'
is "$(drawn)" "$a" 'is the same in another process'
n=0
for i in 1 2; do
	"$lockstep" promote last --incident "INC-$i" --owner me --dir "$T/$i" \
		--case "$(jq -r '.[1]' <<<"$a")" >"$T/out" 2>&1 &&
		n=$((n + 1))
done
is "$n $(jq -r .id "$T/1/INC-1.cases.jsonl")" "2 $(jq -r '.[1]' <<<"$a")" 'promote finds a case of it'

# --- --max-time: what is sent first -------------------------------------------
for i in 1 2; do
	run s --max-time 1h -j 1 --set pace.concurrency=1 \
		--set cases.sample=0 --set budget.requests=30
	trace=$(ls -td "$LOCKSTEP_HOME"/runs/*/ | head -1)obs.jsonl.zst
	zstd -dcq "$trace" | jq -r '.key.case // empty' |
		sort -u >"$T/sent.$i"
done
n=$(wc -l <"$T/sent.1")
ok 'a budget ends both runs' [ "$n" -gt 2 -a "$n" -lt 30 ]
ok 'and the sample of --max-time begins with the same cases' \
	cmp "$T/sent.1" "$T/sent.2"

done_testing
