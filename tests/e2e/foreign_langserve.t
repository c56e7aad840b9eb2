#!/usr/bin/env bash
# Five minutes on a service made of LangChain and LangServe: by its description
# alone, then by traffic of LangServe's own client; gold out of what was
# recorded; a release that lost sections fails with the right cause.
. tests/lib/tap.sh
py=$(tests/lib/pypi_setup.sh langserve \
	'langserve, fastapi, uvicorn, sse_starlette, numpy' --deps \
	langserve==0.3.3 langchain-core==1.8.3 fastapi==0.165.0 \
	uvicorn==0.54.0 sse-starlette==3.7.0 numpy==2.4.6 2>"$T/why") ||
	skip_all "langserve: $(tail -1 "$T/why")"
app=$PWD/tests/lib/langserve_app.py hb=$PWD/fixtures/handbook
lockstep=$(realpath "$lockstep")
lap 'the packages of the service are there'
# app NAME OPTION...: the service at a free port
app() {
	local name=$1 port; shift
	port=$(free_port)
	serve "$name" "$py" "$app" "$hb/sections.jsonl" "$port" "$@"
}
app good; good=$url
app bad '(leave|pay|depot)#'; bad=$url
for url in "$good" "$bad"; do
	ok 'it is up' await 60 curl -sf -o "$T/doc" "$url/openapi.json"
done
lap 'the service is up'

status 0 'init by its description' "$lockstep" init "$good" \
	-q 'How many days of annual leave do I get?' -o "$T/described.yml"
ok 'finds how it is asked' grep -qF \
	'body: {"input":{"question":"{{question}}"}}' "$T/described.yml"
ok 'and what it is' grep -qF 'preset: "langserve"' "$T/described.yml"

serve rec "$lockstep" record --upstream "$good" --listen 127.0.0.1:0 \
	--out "$T/t.jsonl.zst"
ok 'its own client is recorded' "$py" "$app" ask "$url" "$hb/gold.jsonl"
kill -INT $pid
wait $pid
cd "$T" || exit 1
status 0 'init by its traffic' "$lockstep" init --trace t.jsonl.zst \
	-o suite.yml
like "$(cat out)" 'API +langserve +sure, 40 of 40' 'is sure'
status 0 'the service passes' "$lockstep" run -q suite.yml
status 0 'cases' "$lockstep" cases t.jsonl.zst -o gold.jsonl
is "$(jq -s 'map(select(.section_ids)) | length >= 35' gold.jsonl)" true \
	'sections and answers are proposed'
status 1 'a release without sections fails' "$lockstep" run -q suite.yml \
	--set cases=gold.jsonl --baseline "$good" --candidate "$bad" \
	--report-dir report
like "$(cat out)" '^. FAIL: [0-9]+ of [0-9]+ questions got worse' \
	'in so many words'
is "$(jq -r '.causes[0].class' report/report.json)" 'data loss' \
	'for the right cause'
lap 'from its traffic to FAIL with the cause'
cd "$OLDPWD" || exit 1
done_testing
