#!/bin/bash
# Latency that stays undecided is measured on by three rounds, each as long as
# the plan, or by up to twenty-four where its blocks of time grew and are too few;
# a round that is killed is ended by `resume`.
set -u
. tests/lib/again.sh
asked base paced.py .02
asked slower paced.py .03
cd "$T" || exit 1

seq 0 9 | jq -c '{id: "case-\(.)", question: "Is it \(.)?", expect:
	[{at: "/answer", op: "eq", value: "yes"}]}' >gold.jsonl
# of an alpha so small nothing is ever proven: what is not chance stays open
cat >s.yml <<'YAML'
lockstep: 1
name: again-latency
cases: gold.jsonl
request: {path: /, body: {q: "{{question}}", seed: "{{seed}}"}}
extract: {answer: /answer}
gates: {alpha: 0.000001}
warmup: 0
YAML
trace_of() { ls home/runs/*/obs.jsonl.zst 2>/dev/null; }
# count ROUND: records of it by now
count() {
	zstd -dcq "$(trace_of)" 2>/dev/null |
		jq -r --arg r "$1" 'select(.key and .key.round == $r) | 1' \
		2>/dev/null | wc -l
}
begun() { [ "$(count latency_again)" -gt 0 ]; }
pace() { curl -sf "$1/pace?$2" >pace.json; }

"$lockstep" run s.yml -q --json --seed 5 --baseline "$base" \
	--candidate "$slower" >out 2>err &
victim=$!
tap_pids+=($victim)
ok 'an undecided latency is measured on' await 120 begun
pairs=$((($(count latency) + 120) / 2))
# the first round is quick; the second crawls once it has begun
pace "$base" "seconds=.004&after=$((pairs + 20))&then=.4"
pace "$slower" "seconds=.006&after=$((pairs + 20))&then=.4"
crawls() { [ "$(count latency_again)" -gt $((2 * pairs)) ]; }
ok 'a second round comes behind the first' await 120 crawls
kill -9 $victim
wait $victim 2>/dev/null
before=$(count latency_again)
ok 'and is cut off' [ "$before" -lt $((4 * pairs)) ]
pace "$base" seconds=.004
pace "$slower" seconds=.006
"$lockstep" resume last -q --json >out 2>err
rounds() {
	zstd -dcq "$(trace_of)" | jq -r 'select(.key.round ==
		"latency_again").key.n' | sort -n | tail -1
}
# the crawl can make blocks grow
asked=$(($(rounds) + 1))
ok 'resumed it has three rounds, or up to twenty-four' \
	[ $asked -ge $((3 * pairs)) -a $asked -le $((24 * pairs)) ] ||
	diag "$asked of $pairs each"
ok 'less what was in flight at most' \
	[ "$(count latency_again)" -ge $((6 * pairs - 16)) ]
is "$(($(count latency) + 120))" $((2 * pairs)) 'behind the same plan'
ok 'all of which are told' jq -e --argjson n "$pairs" '.asked_again |
	.latency_pairs == $n - 60 and .latency_pairs_again >= 3 * $n - 8' out
is "$(zstd -dcq "$(trace_of)" | jq -r 'select(.key).id' | sort | uniq -d |
	wc -l)" 0 'none was sent twice'
like "$(jq -r .asked_again.say out)" 'of them because it was undecided' \
	'in words'
done_testing
