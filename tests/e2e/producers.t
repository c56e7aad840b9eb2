#!/usr/bin/env bash
# Files by those who make them in the field, imported: spans of the OpenAI SDK
# instrumented by OpenInference, in OpenTelemetry's own JSON; what Langfuse's own
# client understood of a server that pages as theirs does, which shows that the
# test's server does so; what OpenAI's SDK lists and downloads of a store that
# answers as its reference says; logs of nginx.
# Only with PRODUCERS=1, or where they are installed already: flows of mitmproxy as
# a reverse proxy, what Phoenix's own client exports, traces of MLflow and of
# OpenLLMetry, the HAR of a Chromium that is driven over its DevTools protocol (45 MB
# of Playwright), what GoReplay captures (built for 34 s; it needs root).
. tests/lib/tap.sh
py=$(tests/lib/pypi_setup.sh producers 'openai, langfuse,
openinference.instrumentation.openai, opentelemetry.exporter.otlp.json.file' \
	--deps openinference-instrumentation-openai==0.1.66 \
	opentelemetry-sdk==1.45.2 opentelemetry-exporter-otlp-json-file==0.66b1 \
	langfuse==5.0.4 openai==3.57.0 2>"$T/why") ||
	skip_all "producers: $(tail -1 "$T/why")"
made() { $lockstep trace cat "$1" | jq -c 'select(.id)'; }

handbook service
service=$url
ok 'OpenInference: the SDK asks' bash -c "'$py' tests/lib/producers.py otlp \
	'$service' fixtures/handbook/gold.jsonl '$T/spans.json' >'$T/asked'"
status 0 'its spans are imported' $lockstep import otlp "$T/spans.json" \
	--out "$T/o.zst"
like "$(cat "$T/out")" '8 exchanges of 8 records' 'all of them'
is "$(made "$T/o.zst" | jq -c '[(.request.body | fromjson | .question),
	(.response.body | fromjson | .answer), .session]')" \
	"$(jq -c . "$T/asked")" 'the questions, the answers, also of streams, the sessions'
is "$(made "$T/o.zst" | jq -s 'map(.response.body | fromjson | .usage |
	select(.tokens_in > 0)) | length >= 4')" true 'and the tokens'
unlike "$(zstd -qdc "$T/o.zst")" 'sk-hush' 'without the key'
cd "$T" || exit 1
status 0 'init understands them' $(realpath "$OLDPWD/$BUILD")/lockstep init \
	--trace o.zst --out o.yml
cd "$OLDPWD" || exit 1

serve store /usr/bin/python3 tests/lib/store_api.py 120 0
store=$url
is "$("$py" tests/lib/producers.py langfuse "$store" "$T/lf.jsonl" 2>"$T/lf.err")" 4 \
	"Langfuse's own client reads the pages of the test's server"
[ -s "$T/lf.jsonl" ] || diag "$(tail -3 "$T/lf.err")"
status 0 'what it understood is imported' $lockstep import langfuse \
	"$T/lf.jsonl" --out "$T/l.zst"
LANGFUSE_PUBLIC_KEY=pk-lf-1 LANGFUSE_SECRET_KEY=sk-lf-hush status 0 \
	'and by the API' $lockstep import langfuse --url "$store" --out "$T/a.zst"
is "$(made "$T/l.zst" | jq -c '[.id, .session, .request.body, .response.body]' |
	sort)" "$(made "$T/a.zst" |
	jq -c '[.id, .session, .request.body, .response.body]' | sort)" \
	'which is the same'
is "$(made "$T/l.zst" | wc -l)" 120 'all of it'

serve openai /usr/bin/python3 tests/lib/openai_store.py "$service" \
	fixtures/handbook/gold.jsonl 5
openai=$url
said() { jq -c '[(.request.body | fromjson | .messages[-1].content),
	(.response.body | fromjson | .choices[0].message.content)]'; }
ok "OpenAI's SDK lists what is stored" bash -c "'$py' tests/lib/producers.py \
	stored '$openai' '$T/stored.jsonl' '$T/alone.jsonl' >'$T/stored.asked'"
status 0 'with its messages it is imported' $lockstep import openai \
	"$T/stored.jsonl" --out "$T/s.zst"
is "$(made "$T/s.zst" | said)" "$(jq -c . "$T/stored.asked")" \
	'the questions, the answers'
is "$(made "$T/s.zst" | jq -r .request.body | jq -sc 'map(keys) | unique')" \
	'[["messages","model","temperature"]]' 'and what a service takes'
is "$(made "$T/s.zst" | jq -r .request.body | grep -c content_parts)" 0 \
	"nothing of the store's own"
status 1 'the list alone has no questions' $lockstep import openai \
	"$T/alone.jsonl" --out "$T/sa.zst"
like "$(cat "$T/out")" 'not used: 5, .* add those of /v1/chat/completions/ID/messages' \
	'and it says where they are'
ok 'it sends a batch' "$py" tests/lib/producers.py batch "$openai" \
	fixtures/handbook/gold.jsonl "$T/in.jsonl" "$T/done.jsonl"
status 0 'whose files are imported' $lockstep import openai "$T/in.jsonl" \
	"$T/done.jsonl" --out "$T/b.zst"
is "$(made "$T/b.zst" | jq -r '"\(.id) \(.response.status)"' | sort | xargs)" \
	'r0 200 r1 200 r2 200 r3 200 r4 500' 'joined, and what expired failed'

# optional NAME MODULES OPTION...: sets env to the interpreter, "": it is left out
cache=${XDG_CACHE_HOME:-$HOME/.cache}/lockstep
optional() {
	env=
	[ -n "${PRODUCERS:-}" ] || [ -e "$cache/$1/ready" ] || return
	env=$(tests/lib/pypi_setup.sh "$@" 2>"$T/why") ||
		diag "$1: $(tail -1 "$T/why")"
}
optional mitmproxy mitmproxy --deps mitmproxy==11.0.2
mitm=$env
if [ -n "$mitm" ]; then
	port=$(free_port)
	HOME=$T setpriv --pdeathsig TERM "$(dirname "$mitm")/mitmdump" -q \
		--mode "reverse:$service" --listen-host 127.0.0.1 \
		--listen-port "$port" -w "$T/flows" >"$T/mitm.log" 2>&1 &
	mitm_pid=$!
	tap_pids+=($mitm_pid)
	ok 'mitmproxy is up' await 180 curl -sf -o /dev/null \
		"http://127.0.0.1:$port/healthz"
	for i in 1 2 3; do
		curl -s -H 'Content-Type: application/json' -H 'X-Api-Key: hush' \
			-d "{\"question\": \"What of leave $i?\"}" \
			"http://127.0.0.1:$port/query" >"$T/answer$i"
	done
	kill $mitm_pid
	wait $mitm_pid
	status 0 'its flows are imported' $lockstep import mitmproxy "$T/flows" \
		--out "$T/m.zst"
	is "$(made "$T/m.zst" | jq -j 'select(.request.target == "/query") |
		.response.body' | cmp - <(cat "$T"/answer?) 2>&1)" '' 'byte for byte'
	unlike "$(zstd -qdc "$T/m.zst")" 'hush' 'without the key'
fi

PATH=$PATH:/usr/sbin
if command -v nginx >/dev/null; then
	port=$(free_port)
	cat >"$T/nginx.conf" <<-CONF
	daemon off; master_process off; pid $T/nginx.pid; error_log $T/nginx.log;
	events {}
	http {
		log_format lines escape=json '{"time_iso8601":"\$time_iso8601",'
			'"method":"\$request_method","uri":"\$request_uri",'
			'"status":\$status,"request_time":\$request_time}';
		access_log $T/combined.log combined;
		access_log $T/lines.log lines;
		client_body_temp_path $T/b; proxy_temp_path $T/p;
		fastcgi_temp_path $T/f; uwsgi_temp_path $T/u; scgi_temp_path $T/s;
		server { listen 127.0.0.1:$port; location / { proxy_pass $service; } }
	}
	CONF
	nginx -c "$T/nginx.conf" -p "$T" 2>"$T/nginx.out" &
	nginx_pid=$!
	tap_pids+=($nginx_pid)
	ok 'nginx is up' await 30 curl -sf -o /dev/null "http://127.0.0.1:$port/healthz"
	for i in 1 2 3; do
		curl -s -A 'a "quoted" agent' -o /dev/null \
			"http://127.0.0.1:$port/none/$i?q=leave+%C3%BC+$i&token=hush"
	done
	kill $nginx_pid
	wait $nginx_pid
	for log in combined lines; do
		status 0 "nginx: its $log are imported" $lockstep import accesslog \
			"$T/$log.log" --out "$T/$log.zst"
		is "$(made "$T/$log.zst" | jq -r '.request.target,
			.response.status' | grep -A1 '^/none' | grep -v '^--' | xargs)" \
			"$(for i in 1 2 3; do
				echo "/none/$i?q=leave+%C3%BC+$i&token=REDACTED 404"
			done | xargs)" 'as they were asked'
	done
fi

optional phoenix phoenix.client --deps arize-phoenix-client==3.5.0
if [ -n "$env" ]; then
	is "$("$env" tests/lib/producers.py phoenix "$store" "$T/ph.json" \
		2>"$T/ph.err")" 240 "Phoenix's own client exports its spans"
	[ -s "$T/ph.json" ] || diag "$(tail -3 "$T/ph.err")"
	status 0 'they are imported' $lockstep import phoenix "$T/ph.json" \
		--out "$T/p.zst"
	PHOENIX_API_KEY=hush-phoenix status 0 'and by the API' $lockstep import \
		phoenix --url "$store" --project 'my shop' --out "$T/pa.zst"
	is "$(made "$T/p.zst" | jq -c '[.request.body, .response.body]' | sort)" \
		"$(made "$T/pa.zst" | jq -c '[.request.body, .response.body]' | sort)" \
		'which is the same'
	is "$(made "$T/p.zst" | wc -l)" 120 'all of it'
fi

# question, answer, passages, session
asked_of() { made "$1" | jq -c 'select(.response.status == 200) |
	[(.request.body | fromjson | .question), (.response.body | fromjson |
	.answer, (.retrieved | length)), .session]' | sort; }
of_body() { made "$1" | jq -sc "[.[].$2.body | fromjson | $3] | unique"; }
optional mlflow 'mlflow, pandas' --deps mlflow-skinny==3.17.2 pandas==3.1.1
if [ -n "$env" ]; then
	ok 'MLflow traces what is asked' bash -c "MLFLOW_ALLOW_FILE_STORE=true '$env' \
		tests/lib/producers.py mlflow '$service' fixtures/handbook/gold.jsonl \
		'$T/mlruns' '$T/ml.jsonl' '$T/frame.jsonl' >'$T/ml.asked' 2>'$T/ml.err'"
	[ -s "$T/ml.asked" ] || diag "$(tail -3 "$T/ml.err")"
	for i in ml frame; do
		status 0 "its traces are imported ($i)" $lockstep import mlflow \
			"$T/$i.jsonl" --out "$T/$i.zst"
		is "$(asked_of "$T/$i.zst")" "$(jq -c . "$T/ml.asked" | sort)" \
			'questions, answers, passages, sessions'
	done
	status 0 "and its store's own files" $lockstep import mlflow \
		"$T"/mlruns/*/traces/*/artifacts/traces.json --out "$T/own.zst"
	is "$(made "$T/own.zst" | wc -l)" 5 'all of them'
	is "$(of_body "$T/ml.zst" response .error)" '[null,"ValueError: no model"]' \
		'what failed, in its own words'
	is "$(of_body "$T/ml.zst" request .tags.tenant)" '["acme"]' 'the tags'
	is "$(of_body "$T/ml.zst" response '(.usage.tokens_in > 0)')" '[false,true]' \
		'and the tokens'
fi

optional openllmetry 'openai, traceloop.sdk,
opentelemetry.exporter.otlp.json.file' --deps traceloop-sdk==0.62.4 httpx==0.28.1 \
	openai==3.57.0 opentelemetry-exporter-otlp-json-file==0.66b1
if [ -n "$env" ]; then
	ok 'OpenLLMetry traces a workflow' bash -c "TRACELOOP_TELEMETRY=false '$env' \
		tests/lib/producers.py openllmetry '$service' \
		fixtures/handbook/gold.jsonl '$T/tl.json' >'$T/tl.asked' 2>'$T/tl.err'"
	status 0 'its spans are imported' $lockstep import otlp "$T/tl.json" \
		--out "$T/tl.zst"
	is "$(asked_of "$T/tl.zst")" "$(grep '^\[' "$T/tl.asked" | jq -c . | sort)" \
		'questions, answers, passages, sessions'
	is "$(of_body "$T/tl.zst" request .tenant)" '["acme"]' 'and the tenant'
fi

browser=$(command -v chromium) && optional playwright playwright.sync_api --deps \
	playwright==1.65.2
if [ -n "$browser" ] && [ -n "$env" ]; then
	ok 'Chromium asks' bash -c "HOME=$T timeout 120 '$env' tests/lib/producers.py \
		har '$service' '$T/x.har' '$browser' >'$T/har.asked'"
	status 0 'its HAR is imported' $lockstep import har "$T/x.har" \
		--out "$T/x.zst"
	is "$(made "$T/x.zst" | jq -c 'select(.request.target | endswith("/query")) |
		[(.request.body | fromjson | .question), .response.body]')" \
		"$(jq -c . "$T/har.asked")" 'byte for byte'
	unlike "$(zstd -qdc "$T/x.zst")" 'hush' 'without the key'
fi

if [ "$(id -u)" = 0 ] && { [ -n "${PRODUCERS:-}" ] || [ -e "$cache/goreplay/goreplay" ]; }; then
	gor=$(tests/lib/gor_setup.sh 2>"$T/why") ||
		{ diag "GoReplay: $(tail -1 "$T/why")"; gor=; }
fi
if [ -n "${gor:-}" ]; then
	"$gor" --input-raw "127.0.0.1:${service##*:}" --input-raw-track-response \
		--output-file "$T/raw.gor" --output-file-append >"$T/gor.log" 2>&1 &
	gor_pid=$!
	tap_pids+=($gor_pid)
	ok 'GoReplay listens' await 60 grep -q 'Interface: lo' "$T/gor.log"
	ask() { curl -s -d '{"question": "What of leave?"}' "$service/query"; }
	# what it sees first is when it begins to
	ok 'and hears' await 60 bash -c "curl -s $service/healthz; sleep .3
		[ -s '$T/raw.gor' ]"
	for i in 1 2 3; do ask >"$T/heard$i"; done
	count() { grep -acE "$1" "$T/raw.gor"; }
	# what it has is written when more comes
	heard() { curl -s "$service/healthz"; sleep .3
		[ "$(count '^POST /query')" -ge 3 ] &&
		[ "$(count '"answer":')" -ge 3 ]; }
	ok 'all of it' await 60 heard
	kill -INT $gor_pid
	wait $gor_pid
	status 0 'what it captured is imported' $lockstep import gor \
		"$T/raw.gor" --out "$T/g.zst"
	is "$(made "$T/g.zst" | jq -js 'sort_by(.sent)[] |
		select(.request.target == "/query") | .response.body' |
		cmp - <(cat "$T"/heard?) 2>&1)" '' 'byte for byte'
fi
done_testing
