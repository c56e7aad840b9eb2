#!/usr/bin/env bash
# lockstep guardrails: what was last proven of each row, by drill, run, ramp,
# prove and shadow, when, on which build, and what is missing; as a page, too.
# A drill's reports; and one that is stopped or killed is resumed.
. tests/lib/tap.sh
. tests/lib/drill.sh
row() { # NUMBER FILTER: of the list
	"$lockstep" guardrails --json | jq -r ".[$1 - 1] | $2"
}
narrow() { # FILE: no line is longer than a terminal
	python3 -c 'import sys
for line in open(sys.argv[1], encoding="utf-8"):
    assert len(line.rstrip("\n")) <= 80, line' "$1"
}
quick=(--set 'cases={file: ../fixtures/handbook/gold.jsonl, sample: 6}'
	--set variants.paraphrases=1 --set variants.seeds=[1]
	--set gates.latency=false --set warmup=0)

# --- nothing was tried ---------------------------------------------------------
"$lockstep" guardrails >"$T/out"
like "$(cat "$T/out")" '^0 of 17 guardrails hold, 0 do not, 17 were not tried' \
	'nothing yet'
like "$(tr -s ' \n' ' ' <"$T/out")" \
	'not tried: lockstep drill suites/guardrails/switch.yml' 'what to type'
is "$(row 14 .command)" 'lockstep drill suites/guardrails/communication.yml' \
	'each row has its command'
ok 'within 80 columns' narrow "$T/out"
ok 'and no state is made by looking' test ! -e "$LOCKSTEP_HOME"

# --- 2, 12 and 15: run, ramp, prove and shadow ----------------------------------
handbook healthy --old-index; healthy=$url
handbook broken --fault missing=.5; broken=$url
"$lockstep" run suites/canary.yml --baseline "$healthy" --candidate "$broken" \
	"${quick[@]}" --set pace.mode=closed --quiet >"$T/run" 2>&1
is "$(row 2 '[.verdict, .build, .missing[0][:9]] | join("; ")')" \
	"$(jq -r .verdict "$LOCKSTEP_HOME"/runs/*/report.json); MODEL_VER \
extract-1.4.0, INDEX_HASH $(jq -r '.arms.candidate.pins.INDEX_HASH |
		if type == "string" then . else keys[0] end' \
		"$LOCKSTEP_HOME"/runs/*/report.json | cut -c1-12); the steps" \
	'a canary run counts for row 2, and the ramp is missing'
"$lockstep" prove suites/smoke.yml --broken "$broken" --fixed "$healthy" \
	--set gates.latency=false --quiet >"$T/proof" 2>&1
is "$(row 12 .verdict)" PASS 'a proof counts for row 12'
like "$(row 12 .what)" 'prove suites/smoke.yml: FAIL on the broken arm' \
	'and which one'
cat >"$T/live.yml" <<END
lockstep: 1
name: live
cases: [{id: a, question: "Who pays?"}]
request: {path: /query, body: {question: "{{question}}"}}
targets: {baseline: "$healthy", candidate: "$healthy"}
END
serve shadow "$lockstep" shadow --listen 127.0.0.1:0 --primary "$healthy" \
	--candidate "$healthy" --suite "$T/live.yml" --status 127.0.0.1:0
await 60 grep -q 'status at' "$T/shadow.out"
status=$(sed -n 's/^status at //p' "$T/shadow.out")
for n in 1 2 3 4 5 6 7 8; do
	curl -s -o "$T/body" "$url/query" -d "{\"question\":\"who pays $n?\"}"
done
await 60 eval "curl -sf '$status' | jq -e '.pairs == 8'"
kill -INT "$pid"; wait "$pid"
like "$(row 15 .what)" '^shadow live: ' 'a shadow for row 15'

# --- the way of a drill ---------------------------------------------------------
cat >"$T/three.yml" <<END
lockstep: 1
name: three <b>drills</b>
extends: [$PWD/suites/guardrails/pins.yml]
targets: {candidate: "$healthy"}
scenarios:
- {name: pins, requests: 4}
- {name: wait, drill: idempotency, keys: 8, delay: 1ms, required: false}
- {name: again, drill: pins, requests: 4}
write: {path: /effects, body: {order: "{{n}}"}}
levers:
  restart:
    exec: 'echo on >$T/state; while [ -e $T/hold ]; do sleep .05; done'
    undo: {exec: 'echo off >$T/state'}
decision: {on_pass: ship, on_fail: stay}
END
drill 0 'three scenarios' "$T/three.yml" --report-dir "$T/report"
is "$(cd "$T/report" && echo *)" 'junit.xml report.html report.json report.md' \
	'write their reports'
is "$(jq -r '[.verdict, .decision, (.scenarios | length)] | join(" ")' \
	"$T/report/report.json")" 'PASS ship 3' 'report.json'
if command -v xmllint >/dev/null; then
	ok 'junit.xml is valid' xmllint --noout --schema tests/lib/junit.xsd \
		"$T/report/junit.xml"
fi
like "$(cat "$T/report/report.md")" '^## ✓ PASS: 3 of 3 scenarios hold' \
	'report.md'
is "$(grep -c '<b>drills' "$T/report/report.html")" 0 'hostile names are text'
like "$(cat "$T/report/report.html")" 'id="guardrails"' \
	'the page has the seventeen, too'
drill 1 'one that fails' "$T/three.yml" --only pins --set \
	'pins.require=[NO_SUCH_PIN]' --report-dir "$T/bad"
like "$(cat "$T/bad/junit.xml")" '<failure type="pin drift"' 'is a failure'
is "$(row 4 '[.verdict, .held.build[:9], .missing[0][:20]] | join("; ")')" \
	'FAIL; MODEL_VER; pins on every answer' \
	'the list says what fails and when it last held'
"$lockstep" guardrails --html "$T/page.html" >"$T/out"
is "$(grep -c '<tr>' "$T/page.html")" 18 'the list as a page'
unlike "$(cat "$T/page.html")" 'https\?://[^<]*"' 'that needs nothing else'
"$lockstep" guardrails >"$T/out"
ok 'the list within 80 columns' narrow "$T/out"

# --- resumed ---------------------------------------------------------------------
for signal in KILL INT; do
	rm -f "$T/state"
	touch "$T/hold"
	"$BUILD/lockstep" drill "$T/three.yml" >"$T/killed" 2>&1 &
	pid=$!
	await 30 grep -q on "$T/state"
	kill -$signal $pid
	rm "$T/hold"
	wait $pid 2>/dev/null
	drill 0 "resumed after $signal" "$T/three.yml" --resume --json
	is "$(jq -c '[.scenarios[].name]' "$T/out")" '["pins","wait","again"]' \
		'all three are told of'
	is "$(jq -r '.scenarios[0].requests' "$T/out")" \
		"$(jq -r '.scenarios[0].requests' "$T/report/report.json")" \
		'the first as it was'
	is "$(cat "$T/state")" off 'and nothing is left pulled'
	ok 'nothing more to resume' test ! -e "$LOCKSTEP_HOME/drill.progress"
done
status 2 'nothing to resume' "$lockstep" drill --resume
like "$(cat "$T/err")" 'there is nothing to resume' 'says so'
done_testing
