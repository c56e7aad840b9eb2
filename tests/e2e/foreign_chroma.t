#!/usr/bin/env bash
# Five minutes on a service that this project did not write: a Chroma server,
# asked through its own client. Record, init, run; another server passes, one
# that lacks records fails, and says which passages were lost.
. tests/lib/tap.sh
py=$(tests/lib/pypi_setup.sh chroma chromadb --deps chromadb==1.5.9 \
	2>"$T/why") || skip_all "chromadb: $(tail -1 "$T/why")"
lockstep=$(realpath "$lockstep")
lap 'the packages of the service are there'

# chroma NAME: a server of its own; sets url
chroma() {
	local port
	port=$(free_port)
	setpriv --pdeathsig KILL "$(dirname "$py")/chroma" run \
		--path "$T/$1" --port "$port" --host 127.0.0.1 \
		>"$T/$1.log" 2>&1 &
	tap_pids+=($!)
	url=http://127.0.0.1:$port
}
chroma first; first=$url
chroma same; same=$url
chroma less; less=$url
for url in "$first" "$same" "$less"; do
	ok 'a server is up' await 60 curl -sf "$url/api/v2/heartbeat"
done
lap 'the service is up'

serve rec "$lockstep" record --upstream "$first" --listen 127.0.0.1:0 \
	--out "$T/t.jsonl.zst"
ok 'its client is recorded' "$py" tests/lib/chroma_client.py "$first" "$url" \
	"$same" "$less"
kill -INT $pid
wait $pid

cd "$T" || exit 1
status 0 'init' "$lockstep" init --trace t.jsonl.zst --out suite.yml
like "$(cat out)" '40 cases, asked by POST /api/v2/.*/collections/\*/query' \
	'finds the searches'
like "$(cat out)" 'API +chroma +sure, 40 of 40' 'and knows the API'
status 2 'without a question there is none to group' "$lockstep" cases t.jsonl.zst
like "$(cat err)" 'init --trace. sends such requests as they were' \
	'and says what to do'
ok 'the collection is to be looked up first' grep -q 'ids: "/id"' suite.yml
status 0 'the server that was recorded passes' "$lockstep" run -q suite.yml

status 0 'another, with a collection id of its own, passes' "$lockstep" run \
	-q --json suite.yml --candidate "$same"
is "$(jq -r '.arms.candidate.outcomes.ok' out)" \
	"$(jq -r '.arms.candidate.sent' out)" 'every request finds its collection'
status 1 'one without every third record fails' "$lockstep" run suite.yml -q \
	--candidate "$less" \
	--report-dir report
like "$(cat out)" 'lost +s[0-9]+ \(was rank 1\)' 'and says what was lost'
is "$(jq -r '.causes[0].class' report/report.json)" 'data loss' \
	'the likely cause'
ok 'with a report' test -s report/report.html -a -s report/junit.xml
lap 'from its traffic to FAIL with the cause'
cd "$OLDPWD" || exit 1
done_testing
