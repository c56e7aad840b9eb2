#!/usr/bin/env bash
# lockstep cases: questions that mean the same as one group, with what was
# answered as proposed gold that runs; the most different ones. What was declined
# proves nothing where no case says whether that is right.
. tests/lib/tap.sh
hb=$PWD/fixtures/handbook

# The demo stack is asked every question of the handbook, the first ten more
# often, and their other wordings once.
handbook good
service=$url
serve rec "$lockstep" record --listen 127.0.0.1:0 --upstream "$url" \
	--out "$T/t.zst"
{
	head -40 "$hb/gold.jsonl" | jq -c '{question, k: 5, seed: 1}'
	for i in 1 2 3; do
		head -10 "$hb/gold.jsonl" | jq -c '{question, k: 5, seed: 1}'
	done
	head -40 "$hb/gold.jsonl" | jq -c '{question: .paraphrases[]?, k: 5, seed: 1}'
	echo '{"question": "Who won the world cup of 1974?", "k": 5, "seed": 1}'
} >"$T/asked"
while read -r line; do
	curl -s -H 'Content-Type: application/json' -d "$line" "$url/query"
done <"$T/asked" >/dev/null
kill -INT $pid
wait $pid

status 0 'groups' "$lockstep" cases "$T/t.zst" --declined \
	--out "$T/gold.jsonl" --json
n=$(jq .groups "$T/out")
ok "fewer groups than wordings ($n of $(jq .wordings "$T/out"))" \
	test "$n" -lt $(($(jq .wordings "$T/out") - 20))
is "$(jq .exchanges "$T/out")" "$(wc -l <"$T/asked")" 'every exchange counts'
is "$(jq '[.cases[].asked] | . == (sort | reverse)' "$T/out")" true \
	'the most frequent first'
is "$(jq -s '[.[].tags.asked] | add' "$T/gold.jsonl")" \
	"$(wc -l <"$T/asked")" 'no question is lost'
is "$(jq -s 'map(.proposed) | unique | tostring' "$T/gold.jsonl")" \
	'"[true]"' 'all are marked as proposed'
is "$(jq -c 'select(.question | test("world cup")) | .unanswerable' \
	"$T/gold.jsonl")" true 'what is declined is expected to be, if asked for'
status 0 'else it is no case' "$lockstep" cases "$T/t.zst" -o "$T/answered.jsonl"
like "$(cat "$T/out")" 'mostly declined, not proposed: 1; if .* --declined' 'and says so'
is "$(jq -s 'map(select(.unanswerable or (.question | test("world cup")))) |
	length' "$T/answered.jsonl")" 0 'a service that declines all passes none'

# What is proposed is held against the gold that the handbook has.
right=$(jq -rn --slurpfile gold "$hb/gold.jsonl" \
	--slurpfile made "$T/gold.jsonl" '
	($gold | map({(.question): .section_ids}) | add) as $g | [$made[] |
	select($g[.question] and .section_ids) |
	[.section_ids[] | IN($g[$made[0].question][], $gold[].section_ids[])] |
	any] | map(select(.)) | length')
ok "sections that are somebody's gold ($right)" test "$right" -ge 30
wrong=$(jq -rn --slurpfile gold "$hb/gold.jsonl" \
	--slurpfile made "$T/gold.jsonl" '
	($gold | map(.id as $id | ([.question] + (.paraphrases // []))[] |
	{(.): $id}) | add) as $g | [$made[] | .question as $q |
	.paraphrases[]? | select($g[.] != $g[$q])] | length')
is "$wrong" 0 'no wording of another question in a group'

status 0 'a suite for it' "$lockstep" init --trace "$T/t.zst" -o "$T/s.yml"
status 0 'check' "$lockstep" check "$T/s.yml" --set "cases=$T/gold.jsonl"
like "$(tr -s '\n ' ' ' <"$T/out")" 'proposed from traffic and not checked yet' \
	'says that they are not checked'
status 0 'the service that answered passes' "$lockstep" run -q "$T/s.yml" \
	--set "cases=$T/gold.jsonl" --baseline "$service" --candidate "$service"
handbook bad --fault missing=.3
status 1 'one without a third of its sections fails' "$lockstep" run -q \
	"$T/s.yml" --set "cases=$T/gold.jsonl" --baseline "$service" \
	--candidate "$url"
like "$(cat "$T/out")" 'lost their passage' 'for that reason'

status 0 'the most different' "$lockstep" cases "$T/t.zst" \
	--most-different 8 -o "$T/varied.jsonl"
is "$(wc -l <"$T/varied.jsonl")" 8 'are so many'
status 2 'a file that is there stays' "$lockstep" cases "$T/t.zst" \
	-o "$T/varied.jsonl"
status 2 'none asked so often' "$lockstep" cases "$T/t.zst" --at-least 99

# Requests that differ otherwise keep what was sent.
jq -c '. + {user: (.question | length)}' "$T/asked" | head -12 >"$T/users"
serve rec2 "$lockstep" record --listen 127.0.0.1:0 --upstream "$service" \
	--out "$T/u.zst"
while read -r line; do
	curl -s -H 'Content-Type: application/json' -d "$line" "$url/query"
done <"$T/users" >/dev/null
kill -INT $pid
wait $pid
status 0 'requests that differ' "$lockstep" cases "$T/u.zst" \
	-o "$T/u.jsonl"
is "$(jq -s 'map(select(.body.user and .target == "/query")) | length ==
	($all | tonumber)' --arg all "$(wc -l <"$T/u.jsonl")" "$T/u.jsonl")" \
	true 'are kept with their cases'

# A chat without passages, whose cases expect nothing.
handbook none --fault refuse=1
none=$url
cat >"$T/chat.yml" <<YAML
lockstep: 1
cases: chat.jsonl
request: {method: POST, path: /v1/chat/completions, body: {model: m, messages: [{role: user, content: "{{question}}"}]}}
extract: {preset: openai}
variants: {paraphrases: 1, seeds: [1]}
gates: {latency: false}
targets: {candidate: {url: "$none"}}
YAML
chat() { # WANT WHAT GOLD OPTION...
	head -20 "$hb/gold.jsonl" | jq -c "{id, question} + $3" >"$T/chat.jsonl"
	status "$1" "$2" "$lockstep" run -q "$T/chat.yml" "${@:4}"
}
chat 4 'a model that declines everything is no PASS' '{}'
like "$(tr -s '\n ' ' ' <"$T/out")" '20 of 20 questions were declined, and the suite does not say' 'says why'
chat 1 'and fails where it is to answer' '{unanswerable: false}'
like "$(cat "$T/out")" '20 of 20 questions are declined' 'for that'
chat 0 'one that is to decline passes' '{unanswerable: true}'
chat 1 'beside one that answers it fails' '{}' --baseline "$service"
status 0 'what was declined is promoted' "$lockstep" promote last \
	--incident INC-1 --owner search --dir "$T/suites"
like "$(cat "$T/out")" '20 expect an answer, as the baseline gave one' 'to be answered'
status 0 'and tells the two apart' "$lockstep" prove "$T/suites/INC-1.yml" \
	--fixed "$service"
done_testing
