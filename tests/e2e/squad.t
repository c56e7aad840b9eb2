#!/bin/bash
# The whole job on real text: 500 questions with human paraphrases recorded
# through the proxy, a healthy release that passes, a bad one that fails and
# says why, and what broke as a suite that is proven, with the stack and
# without it.
set -u
. tests/lib/tap.sh
. tests/lib/squad.sh
squad 500
noise=(--latency 4ms --noise .02 --errors .001)
squad_suite generic 'owner: search-team' \
	'variants: {paraphrases: 3, seeds: [1]}' 'gates: {latency: false}'

# ---- recorded -----------------------------------------------------------
squad_stack production "${noise[@]}" --seed 1
production=$url
serve proxy "$lockstep" record --listen 127.0.0.1:0 \
	--upstream "$production" --out "$T/traffic.zst"
proxy=${url%%$'\n'*}	# its own address, not the upstream's
proxy_pid=$pid
jq -r --arg u "$proxy/query" '"next\nurl = \($u | tojson)\noutput = /dev/null",
	"header = \"Authorization: Bearer hush\"",
	"data = \({question, k: 5, seed: 1} | tojson | tojson)"' \
	"$T/gold.jsonl" | sed 1d >"$T/requests"
ok 'people ask 500 questions through the proxy' curl -sS -Z \
	--parallel-max 8 -K "$T/requests"
kill -TERM "$proxy_pid"
wait "$proxy_pid"
is $? 0 'the proxy ends on SIGTERM'
like "$(cat "$T/proxy.err")" 'seen 500 = written 500 \+ dropped 0' \
	'with its account'
"$lockstep" trace info --json "$T/traffic.zst" >"$T/info"
is "$(jq '.exchanges // .records' "$T/info")" 500 'all are in the trace'
ok 'which is sound' "$lockstep" trace verify "$T/traffic.zst"
is "$(zstd -dcq "$T/traffic.zst" | jq -r 'select(.request) |
	.request.body' | jq -r .question | sort | sha256sum)" \
	"$(jq -r .question "$T/gold.jsonl" | sort | sha256sum)" \
	'every question is in it, word for word'
is "$(zstd -dcq "$T/traffic.zst" | grep -c hush)" 0 'and no credential'

# ---- judged -------------------------------------------------------------
run() { "$lockstep" run -q --json "$T/generic.yml" "$@"; }
squad_stack healthy "${noise[@]}" --seed 2
healthy=$url
status 0 'a healthy release passes' run --baseline "$production" \
	--candidate "$healthy" || diag "$(jq -c .reasons "$T/out")"
is "$(jq -c '[(.cases | length), .arms.candidate.sent]' "$T/out")" \
	'[500,1500]' '500 questions in three wordings'
squad_stack faulty "${noise[@]}" --seed 3 --fault missing=.1
faulty=$url
faulty_pid=$pid
status 1 'a tenth of the sections missing fails' run \
	--baseline "$production" --candidate "$faulty"
like "$(jq -r .headline "$T/out")" '^[0-9]+ of 500 questions lost their' \
	'it says how many questions lost their passage'
is "$(jq -r '.causes[0].class' "$T/out")" 'index swap error' \
	'and the likely cause'

# the recorded questions and answers themselves, without any gold
cat >"$T/traffic.yml" <<'YAML'
lockstep: 1
name: traffic
cases: {trace: traffic.zst}
sections: sections.jsonl
targets: {baseline: recorded}
variants: {paraphrases: 1, seeds: [1]}
gates: {drift: hard}
YAML
replay() { "$lockstep" run -q --json "$T/traffic.yml" --candidate "$1"; }
status 0 'a healthy release answers as was recorded' replay "$healthy" ||
	diag "$(jq -c .reasons "$T/out")"
is "$(jq -c '[.arms.baseline, .arms.candidate] | map(.sent)' "$T/out")" \
	'[500,500]' 'in 500 answers'
status 1 'the bad one does not' replay "$faulty" ||
	diag "$(jq -c .reasons "$T/out")"

# ---- promoted -----------------------------------------------------------
failed=$("$lockstep" runs --json | jq -r 'map(select(.verdict == "FAIL" and
	.suite == "generic"))[0].id')
status 0 'promote' "$lockstep" promote "$failed" --incident INC-7 \
	--owner search-team --dir "$T/suites" --json
ok "$(jq .cases "$T/out") cases" test "$(jq .cases "$T/out")" -gt 10
squad_stack fixed --latency 4ms --seed 4
fixed=$url
prove() { "$lockstep" prove -q "$T/suites/INC-7.yml" "$@"; }
status 0 'proven on the stacks' prove --broken "$faulty" --fixed "$fixed"
stop "$faulty_pid"
status 0 'proven when the broken one is gone' prove --broken recorded \
	--fixed "$fixed"
done_testing
