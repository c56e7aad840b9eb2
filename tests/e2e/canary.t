#!/usr/bin/env bash
# Credentials of every form, in headers, cookies, addresses and bodies, through
# record and run: none is in any file, however it is packed.
. tests/lib/tap.sh
export LC_ALL=C

serve canary python3 tests/lib/canary.py serve; service=$url

# Everything below a folder, unpacked: none holds the word.
found() {
	local f
	find "$@" -type f | while read -r f; do
		case $f in
		*.zst) zstd -dcqf "$f" ;;
		*) cat "$f" ;;
		esac | grep -aoE '.{0,60}CANARY[0-9a-z]*' | sed "s|^|$f: |"
	done | head -5
}
clean() { is "$(found "${@:2}")" '' "$1"; }

# --- record -------------------------------------------------------------------
mkdir "$T/rec"
serve record "$lockstep" record --upstream "$service" \
	--out "$T/rec/t.jsonl.zst" --listen 127.0.0.1:0
url=${url%%$'\n'*}
codes=$(python3 tests/lib/canary.py ask "$url")
is "$(tr ' ' '\n' <<<"$codes" | grep -c 200)" 29 'the requests are answered'
stop "$pid"
n=$(zstd -dcq "$T/rec/t.jsonl.zst" | jq -r 'select(.type == "exchange") | .id' |
	wc -l)
ok 'and recorded' [ "$n" -ge 29 ]
clean 'nothing of them is in the trace' "$T/rec" "$T/record.out" "$T/record.err"
zstd -dcq "$T/rec/t.jsonl.zst" >"$T/plain"
is "$(jq -r '.response.body | strings | fromjson? | .packed | @base64d' \
	"$T/plain" | grep -c CANARY)" 0 'nor in base64'
is "$(jq -c '.response.trailers | values' "$T/plain" | sort -u)" '[["X-Sum","1"]]' \
	'of trailers, what is no credential stays'
for want in '/q?api_key=REDACTED&q=ok' 'All is well here' \
	'["Content-Type","application/json"]' '"Host"'; do
	ok "what is no credential stays: $want" grep -qF "$want" "$T/plain"
done

# --- run ------------------------------------------------------------------------
cat >"$T/s.yml" <<'END'
lockstep: 1
name: canary
cases:
- {id: a, question: "Is all well?", expect: [{at: /answer, op: contains, value: well}]}
- {id: b, question: "Is it?", expect: [{at: /answer, op: contains, value: wrong}]}
warmup: 1
variants: {paraphrases: 1, seeds: [1]}
request:
  path: /q?api_key=${SECRET}&q={{question}}
  headers: {X-Env: "${SECRET}", X-Api-Key: "${SECRET}"}
  body: {question: "{{question}}", password: "${SECRET}"}
extract: {answer: /answer, retrieved: {items: /hits, section_id: /id, text: /text}}
gates: {latency: false}
END
export SECRET=CANARYenv
run() {
	"$lockstep" run "$T/s.yml" -q --report-dir "$T/report" \
		--baseline "$service" --candidate "$service" "$@" \
		>"$T/run.out" 2>"$T/run.err"
}
run --set 'targets.candidate.headers.Authorization=Bearer CANARYset1' \
	--set=targets.baseline.headers.X-Plain=CANARYset2 \
	--set 'targets.candidate.auth={exec: "echo CANARYset3"}' \
	--set 'request.body.client_secret=CANARYset4' \
	--set 'request.body.back=https://u:CANARYset5@h/'
ok 'a run ends' "$lockstep" show last
clean 'a run leaves none in its home, reports or output' "$T/home" \
	"$T/report" "$T/run.out" "$T/run.err"
like "$(jq -c .run.argv "$T/report/report.json")" \
	'headers.Authorization=REDACTED' 'the report says that it was set'
dir=$(ls -d "$T/home/runs/"*/)
is "$(stat -c %a "$dir/job.json")" 600 'job.json is for its owner alone'
"$lockstep" promote last --incident INC-1 --owner me --case b --dir "$T/prom" \
	>"$T/promote.out" 2>&1
ok 'what is promoted' [ -s "$T/prom/INC-1.yml" ]
clean 'has none' "$T/prom" "$T/promote.out"
SECRET=x "$lockstep" score last >"$T/out" 2>&1
ok 'a run is judged again without them' grep -q REPORT -v "$T/out"

# --- a stream, which no piece of a secret gives away --------------------------------
echo '{"id": "a", "question": "My key is sk-CANARY0123456789: is it well?",
	"expect": [{"at": "/choices", "op": "exists"}]}' | jq -c . >"$T/keys.jsonl"
cat >"$T/stream.yml" <<'END'
lockstep: 1
name: stream
cases: keys.jsonl
variants: {paraphrases: 1, seeds: [1]}
request: {path: /stream, body: {question: "{{question}}"}}
extract: {preset: openai}
gates: {latency: false}
END
"$lockstep" run "$T/stream.yml" -q --report-dir "$T/report2" \
	--baseline "$service" --candidate "$service" >"$T/run.out" 2>"$T/run.err"
ok 'a run of streams ends' "$lockstep" show last
like "$(jq -r '.cases[0].question' "$T/report2/report.json")" \
	'My key is \*+: is it well' 'the question is told without its key'
clean 'and leaves none' "$T/home" "$T/report2" "$T/run.out" "$T/run.err"

# --- what no file keeps is asked for again ------------------------------------------
"$lockstep" runs --json >/dev/null
status 2 'resume asks for what no file keeps' "$lockstep" resume \
	"$(basename "$dir")"
like "$(cat "$T/err")" 'started with --set .*headers.*no file keeps' \
	'and says what'
"$lockstep" resume "$(basename "$dir")" -q --json \
	--set 'targets.candidate.headers.Authorization=Bearer CANARYset1' \
	--set targets.baseline.headers.X-Plain=CANARYset2 \
	--set 'targets.candidate.auth={exec: "echo CANARYset3"}' \
	--set request.body.client_secret=CANARYset4 \
	--set 'request.body.back=https://u:CANARYset5@h/' >"$T/out" 2>"$T/err"
ok 'and goes on once it has it' jq -e .verdict "$T/out"
status 2 'a URL with a credential is refused' "$lockstep" run "$T/s.yml" -q \
	--candidate "$service/?token=CANARYurl"
like "$(cat "$T/err")" 'credentials belong in a header' 'with the reason'
clean 'and is nowhere' "$T/home" "$T/err"

done_testing
