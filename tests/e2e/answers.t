#!/usr/bin/env bash
# What answers are read as: content codings, streams of every framing, what a
# service says went wrong, tool calls, blanks; run, recorded, and proven.
. tests/lib/tap.sh
command -v python3 >/dev/null || skip_all 'python3 is not installed'

printf '%b' '\x1b\x75\x00\xd0\xac\x0a\xec\xb6\xd8\x7b\x81\xcd\x14\x0a\xd1\xa3\x85\x33\x9e\x1a\x69\x2d\xb2\xf7\xb5\x35\xe5\x62\xfa\x8a\x86\xaa\x75\x58\xba\xfa\x26\x88\x08\x5b\x96\xa1\xbd\xb9\x8d\x8d\x7d\x45\x9a\x41\x20\x34\x4e\xd0\x6b\x05\x9d\x74\x72\x78\xb9\xf8\xf9\x62\x5f\x16\x15\x6a\x65\x26\x3b\x58\xf4\x22\x9e\x21\xae\x85\xa7\xd6\x60\xe7\x76\x2a\x5e\xf9\x8d\x33\x8e\xe6\xfc\x75\x0a\x02\x01\xed' >"$T/br"
printf '{"choices": [{"message": {"content": "The refund period is 14 days."}}]}' |
	zstd -qc >"$T/zst"
serve talker python3 tests/lib/talker.py "$T/br" "$T/zst"
service=$url

# suite NAME KIND EXPECT [MORE]: eight questions to one kind of answer
suite() {
	cat >"$T/$1.yml" <<-YAML
	lockstep: 1
	name: $1
	cases: $1.jsonl
	variants: {paraphrases: 1, seeds: [1], perturb: false}
	request: {path: /$2/v1/chat/completions, body: {q: "{{question}}"}}
	extract: {preset: openai}
	warmup: 0
	gates: {latency: false}
	targets:
	  baseline: {url: "$service", path: /${4-plain}/v1/chat/completions}
	  candidate: {url: "$service"}
	YAML
	seq 8 | jq -c "{id: \"c\(.)\", question: \"Refund period of \(.)?\"$3}" \
		>"$T/$1.jsonl"
}
days=', expect: [{at: "/choices/0/message/content", op: "contains", value: "14 days"}]'
# alone NAME: only the candidate is asked; its outcomes
alone() {
	"$lockstep" run "$T/$1.yml" -q --json --set targets.baseline=null \
		>"$T/out" 2>"$T/err"
	status=$?
	outcomes=$(jq -c '.arms.candidate.outcomes |
		with_entries(select(.value > 0))' "$T/out")
}
both() {
	"$lockstep" run "$T/$1.yml" -q --json >"$T/out" 2>"$T/err"
	status=$?
}

for kind in plain gzip members xgzip deflate raw br zstd list identity \
	unpacked mute lf cr crlf bom blank lines zipped; do
	suite $kind $kind "$days"
	alone $kind
	is "$status $outcomes" '0 {"ok":8}' "$kind is read as the text it is"
done
suite coded unpacked "$days"
both coded
is "$status" 4 'a coding that the candidate alone names and does not use is no PASS'
like "$(jq -r '.reasons[]' "$T/out")" '12 of 12 .*not packed as their' 'in its own words'
for kind in unknown short corrupt; do
	suite $kind $kind "$days"
	both $kind
	is "$(jq -c '.arms.candidate.outcomes | with_entries(select(.value > 0))
		' "$T/out")" '{"undecodable":8}' "$kind cannot be undone"
	ok 'and the report says why' jq -e --arg w "$(case $kind in
		unknown) echo exi;; short) echo truncated;;
		*) echo corrupt;; esac)" '.notes | any(contains($w))' "$T/out"
done

cafe=', expect: [{at: "/choices/0/message/content", op: "eq",
	value: "The café “at” 14."}]'
for kind in cp1252 utf16 utf16mute mislabelled; do
	suite $kind $kind "$cafe"
	alone $kind
	is "$status $outcomes" '0 {"ok":8}' "$kind is read as the text it is"
done
# Two or three answers have no small p, but no noise explains them either.
for kind in mislabelled:3 plain:0; do
	suite "few" "${kind%:*}" ''
	for n in 1 2; do
		seq $n | jq -c '{id: "c\(.)", question: "Refund period of \(.)?"}' \
			>"$T/few.jsonl"
		both few
		is "$status" "${kind#*:}" "the answer to $n of $n: ${kind%:*}"
	done
done
for kind in klingon halved; do
	suite $kind $kind "$cafe"
	both $kind
	is "$(jq -c '.arms.candidate.outcomes | with_entries(select(.value > 0))
		' "$T/out")" '{"undecodable":8}' "$kind cannot be read"
	ok 'and the report says why' jq -e --arg w "$(case $kind in
		klingon) echo 'unknown charset';;
		*) echo 'not whole of charset utf-16';; esac)" \
		'.notes | any(contains($w))' "$T/out"
done

for kind in failed broken vllm detail; do
	suite $kind $kind ''
	both $kind
	is "$status $(jq -c '.arms.candidate.outcomes.service_error' "$T/out")" \
		'1 8' "a stream that ends in an error ($kind) fails"
	ok 'in the words of the service' jq -e \
		'.notes | any(contains("overloaded"))' "$T/out"
	is "$(zstd -qdc "$T"/home/runs/*/obs.jsonl.zst | jq -rs 'map(select(
		.outcome == "service_error" and (.why | test("overloaded")))) |
		length >= 8')" true 'which the observation keeps'
done
"$lockstep" run "$T/failed.yml" -q --json --set give_up_after=2 >"$T/out" \
	2>"$T/err"
is "$?" 1 'a stack whose every answer is an error is asked to the end, and FAILs'
suite endless endless ''
both endless
is "$(jq -c '.arms.candidate.outcomes.protocol' "$T/out")" 8 \
	'a stream without its end mark was cut off'
suite unsaid lf '' stopped
both unsaid
is "$status $(jq -c '.arms.candidate.outcomes.ok' "$T/out")" '4 8' \
	'streams that alone lost their finish_reason are INCONCLUSIVE'
ok 'and it is said' jq -e '.reasons |
	any(contains("do not say why they ended"))' "$T/out"
suite said stopped ''
both said
is "$status" 0 'a finish_reason that is new is no harm'
for kind in length content_filter; do
	suite $kind $kind ''
	both $kind
	is "$status $(jq -c '.arms.candidate.outcomes | .cut // .filtered' \
		"$T/out")" '1 8' "finish_reason $kind fails where the baseline is whole"
done
suite same length '' length
both same
is "$status" 0 'answers that are cut short on both stacks alike are no harm'

suite blank2 blank2 ''
both blank2
is "$status" 1 'blank answers fail without any gold'
suite blanks blank2 '' blank2
both blanks
ok 'blank on both stacks is no PASS' test "$status" -ne 0
suite object object '' object
both object
is "$status" 0 'objects where text was expected are compared'
ok 'and the report says that they are objects' jq -e \
	'.notes | any(contains("an object"))' "$T/out"
call=', expect: [{at: "/choices/0/message/tool_calls/0/function/name", op: "eq", value: "refund"}]'
suite call call "$call" call
both call
is "$status $(jq -c .arms.candidate.outcomes.ok "$T/out")" '0 8' \
	'a tool call without text is an answer'
suite other other "$call" call
both other
is "$status" 1 'another tool fails the assertion'
suite drifted other '' call
both drifted
ok 'and drifts without one' test "$status" -ne 0

# ---- recorded ---------------------------------------------------------------
record() { # KIND
	serve "rec$1" "$lockstep" record --upstream "$service" \
		--out "$T/$1.zst" --listen 127.0.0.1:0
	for i in 1 2 3 4 5 6; do
		curl -s --raw -d "{\"messages\": [{\"role\": \"user\", \"content\":
			\"Refund period of $i?\"}]}" -o "$T/got" \
			"$url/$1/v1/chat/completions"
	done
	kill -INT "$pid"
	wait "$pid"
	cat >"$T/rec$1.yml" <<-YAML
	lockstep: 1
	name: rec
	cases: {trace: $1.zst}
	variants: {paraphrases: 1, seeds: [1], perturb: false}
	targets: {candidate: {url: "$service"}}
	request: {path: /plain/v1/chat/completions, body: "{{body}}"}
	extract: {preset: openai}
	YAML
	"$lockstep" promote "$T/$1.zst" --suite "$T/rec$1.yml" --dir "$T/$1.d" \
		--incident INC --owner me --answer '14 days' >"$T/promoted" 2>&1
}
for kind in gzip br zipped; do
	record $kind
	"$lockstep" prove -q "$T/$kind.d/INC.yml" --broken recorded \
		--fixed "$service" >"$T/out" 2>&1
	is "$? $(tail -1 "$T/out" | cut -d: -f1)" '1 Not proven' \
		"a healthy recording in $kind proves nothing"
done
record unknown
"$lockstep" prove -q "$T/unknown.d/INC.yml" --broken recorded \
	--fixed "$service" >"$T/out" 2>&1
is "$?" 5 'nor does one that cannot be read'
like "$(tail -1 "$T/out")" 'Not proven: 6 .* could not be read' 'and it says so'
done_testing
