#!/usr/bin/env bash
# A recording as a service: what it says of itself over HTTP, and its unit.
. tests/lib/tap.sh
handbook good
serve rec "$lockstep" record --upstream "$url" --listen 127.0.0.1:0 \
	--status 127.0.0.1:0 --allow /query --out "$T/t.zst"
rec=$url
ok 'it says where its status is' await 20 grep -q 'status at' "$T/rec.out"
status=$(grep -o 'http://[^ ]*/metrics' "$T/rec.out")
status=${status%/metrics}
is "$(curl -s "$status/healthz")" running 'it runs'
is "$(curl -s -o /dev/null -w '%{http_code}' "$status/readyz")" 200 \
	'and is ready'
for i in 1 2 3; do
	curl -s -H 'Content-Type: application/json' \
		-d '{"question": "What of leave?"}' "$rec/query"
	curl -s "$rec/healthz"
done >/dev/null
ok 'what is written is told' await 30 bash -c "curl -s $status/metrics |
	grep -q '^lockstep_record_exchanges_total{state=\"written\"} 3$'"
page=$(curl -s "$status/metrics")
like "$page" '^lockstep_record_exchanges_total\{state="dropped"\} 3$' \
	'what is not kept, too'
like "$page" '^lockstep_record_disk_ok 1$' 'the disk'
is "$(tail -1 <<<"$page")" '# EOF' 'to its end'
is "$(curl -s -o /dev/null -w '%{http_code}' "$status/secret")" 404 \
	'nothing else is served'
is "$(curl -s -o /dev/null -w '%{http_code}' -X POST "$status/metrics")" 404 \
	'and nothing is taken'
is "$(curl -sI "$status/metrics" | head -1 | tr -d '\r')" 'HTTP/1.1 200 OK' \
	'HEAD'

# a client that says nothing holds nobody up for long
exec 9<>"/dev/tcp/127.0.0.1/${status##*:}"
is "$(curl -s -m 60 "$status/healthz")" running 'a silent client is let go'
exec 9>&-

rm "$T/t.zst"
ok 'a trace that was deleted' await 30 bash -c "[ \"\$(curl -s -o $T/why \
	-w '%{http_code}' $status/readyz)\" = 503 ]"
like "$(cat "$T/why")" 'was deleted' 'is not ready, and says why'
kill -INT $pid
wait $pid
status 2 'an address that is none' "$lockstep" record --upstream "$url" \
	--status nonsense --out "$T/n.zst"
ok 'leaves no trace behind' test ! -e "$T/n.zst"

# ---- the unit ------------------------------------------------------------------
if command -v systemd-analyze >/dev/null; then
	mkdir "$T/unit"
	sed "s#^EnvironmentFile=.*#EnvironmentFile=-$T/none#" \
		replay/lockstep-record.service >"$T/unit/lockstep-record.service"
	ok 'systemd takes the unit' bash -c "! systemd-analyze verify \
		'$T/unit/lockstep-record.service' 2>&1 |
		grep -v 'Failed to open\|not executable' |
		grep 'lockstep-record.service'"
fi
done_testing
