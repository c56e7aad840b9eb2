#!/usr/bin/env bash
# lockstep ramp aborts at the step where the candidate goes bad, for each
# hard-stop rule: answers drift, a passage is lost, the first result flips, 5xx,
# a tool loop.
. tests/lib/tap.sh
. tests/lib/shadow.sh
service primary turn:none:0; primary=$url
for i in $(seq 0 199); do
	printf '{"id":"q%d","question":"How long is leave number %d?","section_ids":["s1"]}\n' \
		"$i" "$i"
done >"$T/gold.jsonl"
echo '{"section_id":"s1","text":"leave is long"}
{"section_id":"s2","text":"pay is low"}' >"$T/sections.jsonl"
suite() { # NAME PRESET
	cat >"$T/$1.yml" <<-YML
	lockstep: 1
	name: $1
	cases: gold.jsonl
	sections: sections.jsonl
	request: {path: /query, body: {question: "{{question}}"}}
	extract: {preset: $2}
	gates: {latency: false}
	YML
}
suite generic generic
suite openai openai
# begun N: waits until the journal has N windows
begun() { await 60 eval "[ \"\$(grep -c '\"event\":\"window\"' \
	'$T/journal')\" -ge $1 ]"; }

# rule HOW SUITE TEST: what ramp does, and the test that stopped
rule() {
	local how=$1 suite=$2 test=$3 ramp code=0 status users
	service "bad-$how" "turn:$how:33"
	shadow "$url" --echo-differ 1 --suite "$T/$suite.yml" --window 30
	users=$url
	rm -f "$T/journal" "$T/weights"
	timeout 100 "$lockstep" ramp --status "$status" --steps 0,25,100 \
		--journal "$T/journal" --interval 20ms \
		--set-weight "echo set \$LOCKSTEP_WEIGHT >>'$T/weights'" \
		--rollback "echo back >>'$T/weights'" >"$T/ramp.out" 2>&1 &
	ramp=$!
	begun 1
	py ask "$users" 32 >/dev/null
	begun 2
	py ask "$users" 70 >/dev/null
	wait $ramp || code=$?
	is "$code $(xargs <"$T/weights")" '1 set 25 back' \
		"$how: aborted at the second step, rolled back once" ||
		diag "$(cat "$T/ramp.out")"
	ok "$how: $test is a hard stop" await 20 eval "curl -s '$status' |
		jq -e '.tests.$test.stopped and .tests.$test.class == \"hard\"'"
	kill -9 $pid
	wait $pid 2>/dev/null
}
rule drift generic drift_tail
rule flip generic flip_rate
rule coverage generic coverage_floor
rule 5xx generic http_5xx
rule loop openai tool_loop
done_testing
