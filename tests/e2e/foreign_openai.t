#!/usr/bin/env bash
# Five minutes on a service with OpenAI's API that this project did not write: a
# LiteLLM proxy, asked through the official SDK, which streams. Record, init,
# run; another model behind it that declines what it answered before fails, for
# the right cause, and what is promoted of it tells the two apart.
. tests/lib/tap.sh
# what its proxy needs, without the half of litellm[proxy] that it does not:
# 250 MB instead of 490
py=$(tests/lib/pypi_setup.sh litellm litellm --deps litellm==1.77.7 fastapi \
	uvicorn uvloop orjson backoff apscheduler pyyaml python-multipart pyjwt \
	cryptography fastapi-sso websockets rich 2>"$T/why") ||
	skip_all "litellm: $(tail -1 "$T/why")"
lockstep=$(realpath "$lockstep")
lap 'the packages of the service are there'
rag=$PWD/tests/lib/litellm_rag.py hb=$PWD/fixtures/handbook
ok 'its models' "$py" "$rag" config "$T" "$hb/sections.jsonl" '(leave|pay|depot)#'
port=$(free_port)
(cd "$T" && LITELLM_LOCAL_MODEL_COST_MAP=True LITELLM_TELEMETRY=False HOME=$T \
	NO_PROXY=127.0.0.1 exec setpriv --pdeathsig KILL \
	"$(dirname "$py")/litellm" --config config.yaml --host 127.0.0.1 \
	--port "$port" >"$T/litellm.log" 2>&1) &
tap_pids+=($!)
service=http://127.0.0.1:$port
ok 'it is up' await 120 curl -sf -o "$T/alive" "$service/health/liveliness"
lap 'the service is up'

serve rec "$lockstep" record --upstream "$service" --listen 127.0.0.1:0 \
	--out "$T/t.jsonl.zst"
ok 'the official SDK is recorded' "$py" "$rag" ask "$url" "$hb/gold.jsonl"
kill -INT $pid
wait $pid
cd "$T" || exit 1
is "$("$lockstep" trace cat t.jsonl.zst | jq -s 'map(select(.id)) |
	[length, (map(.response.chunks | length > 1) | all),
	(map(.ttft > 0) | all)]' -c)" '[20,true,true]' \
	'streams, with the time of their first token'
unlike "$("$lockstep" trace cat t.jsonl.zst)" 'sk-hush' 'without its key'

status 0 'init' "$lockstep" init --trace t.jsonl.zst --out suite.yml
like "$(cat out)" 'API +openai +sure, 20 of 20' 'knows the API'
ok 'asks as the SDK did' grep -qF '"stream":true,"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"{{question}}"}]' \
	suite.yml
status 0 'the service passes' "$lockstep" run -q suite.yml
status 0 'cases' "$lockstep" cases t.jsonl.zst -o gold.jsonl
is "$(jq -s 'map(select(.answers)) | length' gold.jsonl)" 20 \
	'proposes the answers of all'

next=targets.candidate.body.model=rag-next
status 1 'a model that declines what it knew fails' "$lockstep" run -q \
	suite.yml --set cases=gold.jsonl --set $next --report-dir report
like "$(cat out)" '^. FAIL: 11 of 20 questions are declined' 'in so many words'
is "$(jq -c '.causes[0] | [.class, .evidence[0]]' report/report.json)" \
	'["prompt regression","11 questions are declined; the answers do not show what was retrieved"]' \
	'for the right cause, without a word of what cannot be seen'
status 0 'what broke is promoted' "$lockstep" promote last --incident INC-7 \
	--owner search --dir suites
status 0 'and proven: its answers fail, those of the model before pass' \
	"$lockstep" prove suites/INC-7.yml --fixed "$service" \
	--set targets.candidate.body.model=rag
like "$(cat out)" '^broken .*FAIL .must FAIL.: 11 of 11 questions are declined' 'each of them'
lap 'from its traffic to FAIL with the cause'
cd "$OLDPWD" || exit 1
done_testing
