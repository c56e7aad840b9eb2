#!/bin/bash
# What the plan leaves undecided is asked again in the same run, judged on the
# fresh answers alone, resumed after a kill, and asked after the merge of
# shards.
set -u
. tests/lib/again.sh
asked good again.py good
asked lost again.py lost
asked noise again.py noise
asked still again.py still
asked slow again.py lost
asked few_lost again.py few-lost
asked few_noise again.py few-noise
asked few_still again.py few-still
asked few_often again.py few-often
asked part_mute again.py part-mute
asked mute again.py mute
asked moment again.py moment
asked once again.py lost once
asked mixed again.py mixed
asked no_0 again.py no-0
asked no_1 again.py no-1
cd "$T" || exit 1

seq 0 9 | jq -c '{id: "case-\(.)", question: "Is it \(.)?", expect:
	[{at: "/answer", op: "contains", value: "yes"}]}' >gold.jsonl
cat >s.yml <<'YAML'
lockstep: 1
name: again
cases: gold.jsonl
variants: {paraphrases: 3, seeds: [1, 2]}
request:
  path: /
  body: {case: "{{case.id}}", q: "{{question}}", seed: "{{seed}}", p: "{{paraphrase}}"}
extract: {answer: /answer}
gates: {latency: false, drift: info, instability: false}
warmup: 0
YAML
run() { "$lockstep" run s.yml -q --seed 5 --baseline "$good" "$@"; }
rounds() { # of the last run's trace: how many records a round has
	zstd -dcq "$(ls -td home/runs/*/ | head -1)obs.jsonl.zst" |
		jq -r 'select(.key) | .key.round // "plan"' | sort |
		uniq -c | awk '{printf "%s%s %s", s, $2, $1; s = ", "}'
}
essence() { jq -S 'del(.run)'; }
timeless() { # without the clocks' readings, and what they suggest: on a busy
	# machine an echo can be so much faster that it looks like a cache's
	essence | jq -S 'walk(if type == "object" then with_entries(select(
	  .key | test("_ns$") | not)) else . end) |
	  del(.gates[] | select(.name | test("latency"))) |
	  del(.causes, .trust.cached_echoes, .notes)'
}

# ---- asked again, and decided ---------------------------------------------
status 1 'a loss that shows again is FAIL' run --candidate "$lost" --json \
	--report-dir r
is "$(jq -c '.asked_again | [.lost, .noise, .better, .open, (.p < .0025)]' \
	out)" '[1,0,0,0,true]' 'by its fresh answers'
is "$(jq -c '.asked_again.cases[0] | [.id, .is, .baseline_good,
	.baseline_answered, .candidate_good, .candidate_answered]' out)" \
	'["case-0","lost",8,8,0,8]' 'which are told'
is "$(rounds)" 'confirm 16, plan 180' 'in the run and its trace'
is "$(jq .requests out)" 196 'counted among its requests'
said='1 undecided question asked again 8 times on each stack: 1 lost, 0 noise'
for f in report.txt report.md report.html; do
	ok "$f says so" grep -q "asked again" r/$f
done
like "$(jq -r .asked_again.say out)" "^$said\$" 'in one sentence'
like "$(jq -r '.gates[] | select(.name == "cases").why' out)" \
	'asked again 8 times each: 1 lost' 'as does the gate'
essence <out >first.json
status 1 'scored again' "$lockstep" score last -q --json
is "$(essence <out | md5sum)" "$(md5sum <first.json)" 'it is the same' ||
	diff <(essence <out) first.json | head | sed 's/^/# /'
is "$(rounds)" 'confirm 16, plan 180' 'and nothing was sent'

status 0 'one that does not is PASS' run --candidate "$noise" --json
is "$(jq -c '.asked_again | [.lost, .noise, .cases[0].is]' out)" \
	'[0,1,"noise"]' 'and was noise'
status 2 'which is not promoted' "$lockstep" promote last --incident INC-1 \
	--owner me
like "$(cat err)" 'no case that fails.*but for noise when asked again' \
	'and says why'
status 1 'one question is lost and one is noise' run --candidate "$mixed" \
	--json --report-dir m
is "$(jq -c '[.asked_again | .lost, .noise], .headline' out)" \
	'[1,1]
"1 of 10 questions got worse (1 more was noise)"' 'and counted so'
for f in report.txt report.md report.html junit.xml; do
	like "$(cat m/$f)" 'noise, 8 of 8 answers good, baseline 8 of 8' \
		"$f says which, and why"
done
status 0 'as does the case itself' "$lockstep" show last --case case-0
like "$(cat out)" 'asked again: lost, 0 of 8 answers good' 'on the screen'
status 0 'one lost for good and one mended are no net loss' "$lockstep" run \
	s.yml -q --seed 5 --baseline "$no_1" --candidate "$no_0" --json
is "$(jq -r .headline out)" "no net loss beyond the limits: of 10 questions 1 \
got worse and 1 better" 'which is not called chance'
status 4 'one that comes and goes is INCONCLUSIVE' run \
	--candidate "$still" --json
is "$(jq -c '.asked_again | [.p > .0025, .p <= .05]' out)" '[true,true]' \
	'after eight more answers'
status 4 'nothing is asked where it is switched off' run \
	--candidate "$lost" --set confirm=false
is "$(rounds)" 'plan 180' 'no request more'
unlike "$(cat out)" 'asked again' 'and nothing said'
status 4 'a budget of requests holds' run --candidate "$still" --json \
	--set budget.requests=190
is "$(rounds)" 'confirm 10, plan 180' 'to the last one'
status 1 'a question that the candidate alone never answers is FAIL' run \
	--candidate "$mute" --json
like "$(jq -r '.reasons[0]' out)" 'does not answer 1 question that the' \
	'and is named'
jq -c 'select(.id == "case-0"), (select(.id == "case-1") | .id = "also")' \
	gold.jsonl >two.jsonl
status 1 'of two questions, too' run --candidate "$mute" \
	--set cases=two.jsonl
status 2 'of two that are named to be accepted, one without an answer' \
	"$lockstep" accept last --case also --case case-0 --reason x --owner me
like "$(cat err)" 'case-0: .*no answer to accept; nothing is accepted' \
	'is an error'
ok 'and neither is accepted' test ! -e s.accepted.jsonl
status 0 'one that was not answered for a moment is PASS' run \
	--candidate "$moment" --json --set gates.errors=false \
	--set gates.http_5xx=false
is "$(jq -c '.asked_again.cases[0] | [.unanswered, .is, .candidate_good]' \
	out)" '[true,"noise",8]' 'by its fresh answers'
status 4 'and INCONCLUSIVE where nothing is asked again' run \
	--candidate "$moment" --set confirm=false
like "$(tr -s ' \n' ' ' <out)" 'not asked again: `confirm` is switched off' \
	'with the reason'
status 1 'the only answer to a question, lost, is asked again' run \
	--candidate "$lost" --set variants.paraphrases=1 \
	--set 'variants.seeds=[1]'
status 0 'equal stacks need no confirmation' run --candidate "$good" --json
is "$(jq .asked_again out)" null 'and none is told'

"$lockstep" plan s.yml --baseline "$good" --candidate "$lost" >out
like "$(cat out)" 'up to 160 more: 10 cases asked again 8 times on each' \
	'plan says what may be asked'
unlike "$(cat out)" 'goes on for' 'and that latency is not gated'

# ---- a critical case -------------------------------------------------------
jq -c '.critical = true' gold.jsonl >critical.jsonl
status 1 'a critical case is asked again' run --candidate "$few_lost" --json \
	--set cases=critical.jsonl
like "$(jq -r '.reasons[]' out)" 'critical case case-0.*asked again in 2 of its 6 variants, 0 of 8' \
	'and decided by that'
status 1 'lost for good in two of its six variants' run \
	--candidate "$few_still" --json --set cases=critical.jsonl
like "$(jq -r '.reasons[]' out)" \
	'critical case case-0.*asked again in 2 of its 6 variants, 0 of 8 answers of the candidate and 8 of 8' \
	'these are asked again, and decide'
is "$(jq -c '.asked_again | [.lost, .noise]' out)" '[1,0]' 'as a loss'
status 4 'a loss that comes again, and too seldom to prove it, is no noise' \
	run --candidate "$few_often" --json --set cases=critical.jsonl
like "$(jq -r '.reasons[]' out)" \
	'critical case case-0.*asked again.* [56] of 8 .*still undecided' 'and says so'
quiet='gates.errors=false --set gates.http_5xx=false'
status 1 'one whose original wording is never answered' run --json \
	--candidate "$part_mute" --set cases=critical.jsonl --set $quiet
like "$(jq -r '.reasons[]' out)" \
	'critical case case-0: the candidate does not answer some of its variants; asked again in 2 of its 6 variants, 0 of 8' \
	'is asked again in that wording, and lost'
is "$(rounds)" 'confirm 16, plan 180' 'eight times on each stack'
status 0 'where it is not critical the errors count' run --json \
	--candidate "$part_mute" --set $quiet
status 0 'its noise is none' run --candidate "$few_noise" --json \
	--set cases=critical.jsonl

# ---- a recorded baseline ---------------------------------------------------
run --candidate "$good" >out 2>err
status 4 'against a recording the candidate alone is asked' "$lockstep" run \
	s.yml -q --seed 5 --baseline last --candidate "$still" --json
is "$(rounds)" 'confirm 8, plan 210' 'eight times'
like "$(jq -r '.gates[] | select(.name == "cases").why' out)" \
	'rule out a loss but not prove one' 'which proves no loss'

# no run was cut off so far
for u in "$good" "$lost" "$noise" "$still" "$once" "$few_lost" \
    "$few_noise"; do curl -s "$u"; done >twice
is "$(jq -s 'map(.twice) | add' twice)" 0 'no request was ever sent twice'

# ---- killed in the middle of it --------------------------------------------
status 1 'one that is left alone' run --candidate "$slow" --json \
	--set pace.concurrency=1
timeless <out >whole.json
before=$(ls -td home/runs/*/ | head -1)
curl -s "$slow/pause?3" >paused	# so that it is met half-way
"$lockstep" run s.yml -q --seed 5 --baseline "$good" --candidate "$slow" \
	--json --set pace.concurrency=1 >out 2>err &
victim=$!
begun() { [ "$(ls -td home/runs/*/ | head -1)" != "$before" ] &&
	rounds 2>/dev/null | grep -q confirm; }
await 120 begun
kill -9 $victim
wait $victim 2>/dev/null
curl -s "$slow/pause?0" >paused
like "$(rounds)" 'confirm ([1-9]|1[0-5]), plan 180' 'a confirmation is cut off'
status 1 'resumed' "$lockstep" resume last -q --json
is "$(rounds)" 'confirm 16, plan 180' 'what is missing is asked, once'
is "$(timeless <out | md5sum)" "$(md5sum <whole.json)" \
	'and the report is that of a run left alone' ||
	diff <(timeless <out) whole.json | head | sed 's/^/# /'
is "$(zstd -dcq "$(ls -td home/runs/*/ | head -1)obs.jsonl.zst" |
	jq -r 'select(.key).id' | sort | uniq -d | wc -l)" 0 \
	'under keys of their own'

# ---- shards ----------------------------------------------------------------
rm -rf home
for i in 1 2; do
	run --candidate "$once" --shard $i/2 --report-dir s$i >out$i 2>&1
done
is "$(rounds)" 'plan 90' 'a shard asks nothing again'
cat s1/report.txt s2/report.txt >out
like "$(tr -s ' \n' '  ' <out)" \
	'not asked again: of a shard, after the merge' 'and says when'
runs=$(ls -d home/runs/*/)
status 4 'merged it is undecided' "$lockstep" runs merge $runs --json
like "$(jq -r .asked_again.say out)" 'run --confirm last' 'and says how'
status 1 'confirmed it is decided' "$lockstep" run --confirm last -q --json
is "$(jq -c '.asked_again | [.lost, .noise]' out)" '[1,0]' 'as lost'
is "$(rounds)" 'confirm 16, plan 180' 'in the merged run'
essence <out >first.json
status 1 'asked once more' "$lockstep" run --confirm last -q --json
is "$(rounds)" 'confirm 16, plan 180' 'it sends nothing'
is "$(essence <out | md5sum)" "$(md5sum <first.json)" 'and says the same'
status 2 'a shard cannot be confirmed' "$lockstep" run --confirm \
	"$(ls -td home/runs/*/ | tail -1)" -q

done_testing
