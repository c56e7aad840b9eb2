#!/usr/bin/env bash
# lockstep plan: what would be sent, and what it could see.
. tests/lib/tap.sh

suite=suites/handbook.yml
status 0 'plans a suite that no run has measured' "$lockstep" plan $suite
out=$(<"$T/out")
like "$out" 'What is sent: 760 requests' 'counts echoes and warm-up'
like "$out" 'baseline +240 \+ 120 echoes \+ 20 to warm up' 'for each arm'
like "$out" 'time +unknown before a first run' 'says what it cannot know'
like "$out" 'answer_drift .*typical' 'noise is typical, and says so'
unlike "$out" 'of [0-9]+ run' 'no history is made up'

status 0 'as JSON' "$lockstep" plan $suite --json
ok 'jq reads it' jq -e '.requests == 760 and .sent.baseline2 == 120 and
	.seconds == null and .can_pass and (.gates | length > 15)' "$T/out"
ok 'a rarer miss takes a larger change' jq -e '[.gates[] |
	.visible_98 >= .visible_80 and .visible_80 >= .margin or
	.name == "answer_drift_tail"] | all' "$T/out"
small=$(jq '.gates[] | select(.name == "cases").visible_80' "$T/out")

status 0 'with one case' "$lockstep" plan $suite --json \
	--case "$(jq -r .id fixtures/handbook/gold.jsonl | head -1)"
ok 'the only case is seen when it is lost' jq -e '.gates[] |
	select(.name == "cases").visible_80 == 1' "$T/out"

status 0 'recorded arms are not asked' "$lockstep" plan $suite --json \
	--baseline recorded:none.jsonl.zst
ok 'every echo goes to the candidate' jq -e '.sent.candidate2 == 240 and
	.requests == 500 and ([.gates[].name] | index("latency_p95")) == null' \
	"$T/out"

status 2 'a strict suite that cannot pass is refused' "$lockstep" plan \
	$suite --set profile=canary
like "$(<"$T/err")" 'strict and too small to pass: .* needs about' 'says why'
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	jq -c --arg i $i '.id += "-" + $i' fixtures/handbook/gold.jsonl
done >"$T/gold.jsonl"
sed "s|../fixtures/handbook/gold|gold|; s|\.\./fixtures|$PWD/fixtures|" \
	$suite >"$T/large.yml"
status 0 'with enough cases it is not' "$lockstep" plan "$T/large.yml" \
	--set profile=canary
status 2 'an unknown suite' "$lockstep" plan none.yml

# --- with history ------------------------------------------------------------
stack() { handbook "$@" --latency 3ms --noise .05; }
stack base --seed 1; base=$url
stack cand --seed 2; cand=$url
status 0 'a run of equal stacks' "$lockstep" run $suite -q --set warmup=5 \
	--set gates.latency=false --baseline "$base" --candidate "$cand" \
	--fail-on invalid
status 0 'plans from its history' "$lockstep" plan $suite --json
ok 'noise and speed are measured' jq -e '.seconds > 0 and
	(.gates[] | select(.name == "answer_drift").noise_runs == 1)' "$T/out"
ok 'and the promise is of the same size' jq -e --argjson s "$small" '.gates[] |
	select(.name == "cases").visible_80 | . > $s / 3 and . < $s * 3' \
	"$T/out"
done_testing
