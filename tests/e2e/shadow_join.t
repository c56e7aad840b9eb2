#!/usr/bin/env bash
# shadow --from-mirror: the primary's answers from OpenTelemetry spans and from
# an access log, joined by traceparent or by a request's id; what finds no
# partner is counted, and its own 5xx stop it all the same.
. tests/lib/tap.sh
. tests/lib/shadow.sh
# shadow CANDIDATE OPTION...: behind a mirror; sets url, pid, status, spans
shadow() {
	local candidate=$1; shift
	shadow_as shadow --from-mirror 127.0.0.1:0 --candidate "$candidate" \
		--allow 'POST /query' "$@"
	spans=$(sed -n 's/^spans at //p' "$T/shadow.out")
}
service primary ok; primary=$url
service candidate ok; good=$url
service other other; other=$url
service fail fail; fail=$url

# ---- spans -----------------------------------------------------------------------
shadow "$good" --join-otlp 127.0.0.1:0 --join-window 4s --echo 1
like "$spans" '^http://127.0.0.1:[0-9]+/v1/traces$' 'it says where spans go'
py mirror "$url" 30 traceparent "$spans" '' 10
ok 'joined by the trace, ten find no partner' until_shadow \
	'.pairs == 20 and .no_partner == 10 and .joined == 20'
is "$(curl -s -o /dev/null -w '%{http_code}' -d '{' "$spans")" 200 \
	'what is no JSON is taken'
run=$(grep -o 'run 2.*' "$T/shadow.out"); run=${run#run }
finish
is "$code" 0 'the pairs are judged: they pass' || diag "$(cat "$T/shadow.out")"
like "$(cat "$T/shadow.err")" 'from elsewhere: 20, joined to a request 20' \
	'the account has them'
like "$(cat "$T/shadow.err")" 'a document of spans cannot be read' \
	'and what could not be read was said'
is "$(part 'pairs') $(part 'without a partner')" '20 10' 'both are counted'
is "$(zstd -dc "$T/home/runs/$run/obs.jsonl.zst" | jq -c 'select(.key.arm ==
	"baseline") | [.total, .shape, (.response.body | fromjson | .answer |
	test("^The answer to How long is leave number [0-9]+[?]$"))]' |
	sort -u)" '[20000000,"generic",true]' \
	"the primary's answer and time are the spans', in a shape of their own"
unlike "$(cat "$T/candidate.log")" 'traceparent' \
	"the user's trace is not gone on with"
shadow "$good" --join-otlp 127.0.0.1:0 --join-window 2s
py large "$url" "$spans"
ok 'a trace that is too large is not joined by a part of it' until_shadow \
	'.no_partner == 1 and .joined == 0' || diag "$(curl -s "$status" | jq -c .shadow)"
kill -9 $pid
wait $pid 2>/dev/null
shadow "$other" --join-otlp 127.0.0.1:0 --join-window 4s --echo-differ 1
py mirror "$url" 30 traceparent "$spans" '' 0
until_shadow '.pairs == 30'
is "$(curl -s "$status" | jq -r '.verdict')" hard_stop \
	'other answers than those of the spans are a hard stop'
finish
is "$code" 1 'and a FAIL'

# ---- an access log ----------------------------------------------------------------
echo '{"http_x_request_id": "id-0", "status": 500}' >"$T/access.log"
shadow "$fail" --join-log "$T/access.log" --join-key X-Request-Id \
	--join-window 4s
py mirror "$url" 30 X-Request-Id '' "$T/access.log" 0
until_shadow '.by_status == 30'
is "$(curl -s "$status" | jq -c '[.verdict, .arms.primary.outcomes.ok]')" \
	'["hard_stop",30]' 'by status: the candidate alone fails'
finish
is "$code" 1 'which is a FAIL, though no pair is kept'
like "$(cat "$T/shadow.err")" 'by status and time alone 30' 'it says how'
shadow "$good" --join-log "$T/access.log" --join-key X-Request-Id \
	--join-window 4s
mv "$T/access.log" "$T/access.log.1" # rotated
echo 'no JSON' >"$T/access.log"
py mirror "$url" 10 X-Request-Id '' "$T/access.log" 0
ok 'a log that is rotated is followed' until_shadow '.by_status == 10'
is "$(curl -s "$status" | jq -r .verdict)" watching 'a good one is not stopped'
finish
like "$(cat "$T/shadow.err")" 'a line of the access log cannot be read' \
	'a line that is none was said'

# ---- without any partner -----------------------------------------------------------
shadow "$fail"
py mirror "$url" 30 X-Request-Id '' '' 30
until_shadow '.no_partner == 30'
is "$(curl -s "$status" | jq -c '[.verdict, .stops[0].test]')" \
	'["hard_stop","http_5xx"]' '5xx without a partner are a hard stop'
finish
is "$code" 1 'and a FAIL'

status 2 'a tee has the answers itself' "$lockstep" shadow --listen \
	127.0.0.1:0 --primary "$primary" --candidate "$good" --allow 'POST /q' \
	--join-log "$T/access.log"
like "$(cat "$T/err")" 'need --from-mirror' 'it says so'
done_testing
