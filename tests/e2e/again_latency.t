#!/bin/bash
# A plan that is over before there are 16 blocks of time is measured on: its
# pairs are sent again for their latency alone, into the run's own trace.
set -u
. tests/lib/again.sh
asked good again.py good
asked other again.py good
asked tired again.py tired
cd "$T" || exit 1

seq 0 9 | jq -c '{id: "case-\(.)", question: "Is it \(.)?"}' >gold.jsonl
cat >s.yml <<'YAML'
lockstep: 1
name: again
cases: gold.jsonl
variants: {paraphrases: 3, seeds: [1, 2]}
request: {path: /, body: {case: "{{case.id}}", q: "{{question}}", seed: "{{seed}}"}}
extract: {answer: /answer}
warmup: 0
pace: {mode: constant, rate: 100}
YAML
run() { "$lockstep" run s.yml -q --seed 5 --baseline "$good" "$@"; }
rounds() { # of the last run's trace: how many records a round has
	zstd -dcq "$(ls -td home/runs/*/ | head -1)obs.jsonl.zst" |
		jq -r 'select(.key) | .key.round // "plan"' | sort |
		uniq -c | awk '{printf "%s%s %s", s, $2, $1; s = ", "}'
}
essence() { jq -S 'del(.run)'; }

run --candidate "$other" --json >out 2>err
ok 'a plan that is over early is measured on' jq -e \
	'.asked_again.latency_pairs > 300 and .run.elapsed_s > 8 and
	.requests > 700' out
like "$(jq -r .asked_again.say out)" '^latency measured with' 'and says so'
like "$(rounds)" '^latency [0-9]+, (latency_again [0-9]+, )?plan 180$' 'in pairs of their own'
trace=$(ls -td home/runs/*/ | head -1)obs.jsonl.zst
is "$(zstd -dcq "$trace" | jq -c 'select(.key.round) |
	.response.body // .request.body // empty' | wc -l)" 0 \
	'of which no answer is kept'
ok 'the report has the idle CPU of the machine that both stacks are on' jq -e \
	'.run.cpu_idle | type == "number" and . >= 0 and . <= 1' out
is "$(jq .run.cpu_idle out)" "$(jq '.machine_idle_ticks / .machine_ticks' \
	"$(ls -td home/runs/*/ | head -1)job.json")" 'as the engine measured it'
ok 'over all that was sent' jq -e ".machine_ticks > 100 * $(getconf \
	_NPROCESSORS_ONLN) * 7" "$(ls -td home/runs/*/ | head -1)job.json"
essence <out >first.json
"$lockstep" score last -q --json >out 2>err
is "$(essence <out | md5sum)" "$(md5sum <first.json)" \
	'scored again it is the same'
like "$("$lockstep" report last --format text)" \
	'this machine.s CPU [0-9.]+ % idle' 'and the text says how idle it was'
"$lockstep" run s.yml -q --baseline last --candidate last --json >out 2>err
is "$(jq -c '[(.cases | length), .run.cpu_idle]' out)" '[10,null]' \
	'without a live arm there is no machine to speak of'
"$lockstep" plan s.yml --baseline "$good" --candidate "$other" >out
like "$(cat out)" 'goes on for 8.5 s' 'as plan foretold'
status 1 'a candidate that fails all but the plan is FAIL' run \
	--candidate "$tired" --json
like "$(jq -r '.reasons[]' out)" \
	'sent for their latency alone [0-9]+ of [0-9]+ failed on the candidate and 0 of' \
	'with the numbers'
for how in confirm=false gates.latency=false profile=smoke; do
	run --candidate "$other" --set $how >out 2>err
	is "$(rounds)" 'plan 180' "not with $how"
done
# the plan takes 0.6 s, what is measured behind it 8.5 s and 1,584 requests
run --candidate "$other" --max-time 4s >out 2>err
like "$(rounds)" '^latency [0-9]+, (latency_again [0-9]+, )?plan 180$' 'a budget of time'
ok 'ends it' test "$(rounds | tr -dc '0-9 ' | awk '{print $1}')" -lt 1000
for u in "$good" "$other"; do curl -s "$u"; done >twice
is "$(jq -s 'map(.twice) | add' twice)" 0 'no request was ever sent twice'
done_testing
