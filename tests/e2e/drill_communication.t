#!/usr/bin/env bash
# Guardrail 14: drafts of an incident's messages from a run, and the messages
# as they were sent. What can be wrong with them: tests/e2e/drills.t.
. tests/lib/tap.sh
. tests/lib/drill.sh
suite=suites/guardrails/communication.yml
fail=tests/e2e/expected/report/fail.json
told() { # OPTION...: the drill of $T/sent.jsonl, as JSON
	"$lockstep" drill $suite --set "communication.messages=$T/sent.jsonl" \
		--set communication.severity=null --json "$@" >"$T/out"
}
failing() {
	jq -r '[.scenarios[0].checks[] | select(.verdict == "FAIL") | .name] |
		join(", ")' "$T/out"
}

"$lockstep" report $fail --format messages >"$T/drafts.jsonl"
is "$(jq -sc 'map(.kind)' "$T/drafts.jsonl")" \
	'["acknowledge","update","cause","resolved"]' 'four drafts of a run'
is "$(jq -sc '[.[].severity] | unique' "$T/drafts.jsonl")" '["S1"]' \
	'a critical question failed: S1'
jq '.cases |= map(.critical = false)' $fail >"$T/mild.json"
is "$("$lockstep" report "$T/mild.json" --format messages |
	jq -r '.severity' | sort -u)" S3 'else 2 of 30 questions are S3'
is "$(jq -sc '[.[] | .due[11:16], (.next // "")[11:16]]' "$T/drafts.jsonl")" \
	'["12:10","12:30","12:30","12:50","12:50","13:10","13:10",""]' \
	'in 10 minutes, then every 20'
unlike "$(jq -r .text "$T/drafts.jsonl")" 'ΔS|0\.[0-9]|INDEX_HASH|λ' \
	'without measures'
jq -c '.text = "Is this <b>bold</b>?"' "$T/drafts.jsonl" >"$T/sent.jsonl"
told
is "$?" 1 'drafts are no messages'
like "$(jq -r '.scenarios[0].checks[0].says' "$T/out")" \
	'none was sent; 4 drafts' 'and that is said'

# sent when they were due, but for what only people know
jq -c '.at = .due' "$T/drafts.jsonl" >"$T/sent.jsonl"
told --set communication.began=2026-01-31T12:00:00Z
is "$(failing)" 'in words for users' 'what was left open is found'
jq -c '.at = .due | .text |= gsub("<[^>]*>"; "All is done.")' \
	"$T/drafts.jsonl" >"$T/sent.jsonl"
told --set communication.began=2026-01-31T12:00:00Z
is "$?" 0 'written out and sent, they hold'
told --set communication.began=2026-01-31T12:00:00Z \
	--set communication.severity=S3
is "$(failing)" 'each has its severity' 'another severity than the incident has'
tac "$T/sent.jsonl" >"$T/turned.jsonl"
told --set communication.began=2026-01-31T12:00:00Z --set \
	"communication.exec=cat $T/turned.jsonl"
is "$?" 0 'from a command, in any order'
drill 2 'without a time' $suite --set communication.began=today
like "$(tr -s ' \n' ' ' <"$T/out")" 'needs when it began, in UTC' 'is said'
echo '{"kind":' >>"$T/sent.jsonl"
told
is "$?" 2 'what is no JSON is an error'
like "$(jq -r '.scenarios[0].headline' "$T/out")" '^message 5' 'and named'
like "$("$lockstep" guardrails --json | jq -r '.[13].what')" \
	'drill communication: message 5' 'the list has what was last tried'
done_testing
