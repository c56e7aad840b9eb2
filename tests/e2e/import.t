#!/usr/bin/env bash
# Each format that `lockstep import` reads: the exchanges that come out, what
# is counted, and a run on what was imported.
. tests/lib/tap.sh
seeds=tests/fuzz/seeds/import
want=tests/e2e/expected/import

exchanges() { "$lockstep" trace cat "$1" | grep '"type":"exchange"'; }

# FORMAT FILE OPTION...: the same exchanges as in the golden file, and nothing
# that was a secret
imports() {
	local format=$1 file=$2; shift 2
	status 0 "$format: imported" "$lockstep" import "$format" \
		"$seeds/$file" --out "$T/$format.zst" "$@"
	cp "$T/out" "$T/$format.said"
	exchanges "$T/$format.zst" >"$T/$format.jsonl"
	ok "$format: the exchanges" diff "$want/$format.jsonl" \
		"$T/$format.jsonl"
	is "$(zstd -dqc "$T/$format.zst" | grep -c hush)" 0 \
		"$format: no credential"
}
imports har page.har
like "$(cat "$T/har.said")" 'not used: 2, an entry without a request' \
	'what cannot be used is said'
imports otlp otlp.json
imports langfuse langfuse.json
imports phoenix phoenix.json
imports mlflow mlflow.json
imports openai openai.jsonl
imports gor requests.gor
imports mitmproxy flows.mitm
imports accesslog access.log
imports ndjson lines.ndjson --question /q/text --answer /reply/text \
	--docs /docs --doc-text /body --doc-id /key --time /ts \
	--session /conv --id /no

# --- several files, standard input, zstd ------------------------------------
head -2 $seeds/openai.jsonl >"$T/in.jsonl"
sed -n 3p $seeds/openai.jsonl >"$T/out.jsonl"
status 0 'a batch in two files' "$lockstep" import openai "$T/in.jsonl" \
	"$T/out.jsonl" --out "$T/batch.zst"
is "$(exchanges "$T/batch.zst" | jq -r .id)" q-1 'is joined'
zstd -q $seeds/otlp.json -o "$T/otlp.json.zst"
status 0 'a compressed file' "$lockstep" import otlp "$T/otlp.json.zst" \
	--out "$T/z.zst"
ok 'reads the same' diff <(exchanges "$T/z.zst") "$want/otlp.jsonl"
jq -c . $seeds/otlp.json | "$lockstep" import otlp - --out "$T/p.zst" \
	>"$T/out"
ok 'standard input reads the same' diff <(exchanges "$T/p.zst") \
	"$want/otlp.jsonl"

# --- time, sample, account ----------------------------------------------------
status 0 'since' "$lockstep" import accesslog $seeds/access.log \
	--since 2026-01-31T12:00:02Z --out "$T/since.zst" --json
is "$(jq '[.written, .outside] | tostring' "$T/out")" '"[2,2]"' \
	'leaves out what is older'
for i in $(seq 400); do
	echo "{\"id\":$i,\"question\":\"Question number $i?\"}"
done >"$T/many.jsonl"
for i in 1 2; do
	"$lockstep" import ndjson "$T/many.jsonl" --id /id --sample .25 \
		--seed 3 --out "$T/s$i.zst" >"$T/s$i.out"
done
ok 'a sample is drawn by its seed' diff <(exchanges "$T/s1.zst") \
	<(exchanges "$T/s2.zst")
n=$(exchanges "$T/s1.zst" | wc -l)
ok "and is a quarter ($n of 400)" test "$n" -gt 70 -a "$n" -lt 130

# --- an answer that the source cut short is no baseline ------------------------
long=$(printf 'word%.0s ' $(seq 300) | cut -c1-1024)
jq -c --arg long "$long" '(.resourceSpans[].scopeSpans[].spans[].attributes[]
	| select(.key == "output.value" or
	.key == "llm.output_messages.0.message.content")
	| .value.stringValue) = $long' $seeds/otlp.json >"$T/cut.json"
status 0 'a text of exactly 1,024 characters' "$lockstep" import otlp \
	"$T/cut.json" --out "$T/cut.zst"
like "$(cat "$T/out")" 'cut short at the source: 1' 'is counted'
is "$(exchanges "$T/cut.zst" | head -1 |
	jq -r '.response.body | fromjson | has("answer")')" false 'and left out'

# --- files of another format ----------------------------------------------------
while read -r format file is; do
	"$lockstep" import "$format" "$seeds/$file" --out "$T/no.zst" \
		>"$T/out" 2>"$T/err"
	like "$(tail -1 "$T/err")" "$is" "$file is not of $format: it says so"
	rm -f "$T/no.zst"
done <<'FILES'
gor page.har looks like har: lockstep import har .*/page.har --out TRACE
har otlp.json looks like otlp: lockstep import otlp
otlp langfuse.json looks like langfuse: lockstep import langfuse
langfuse phoenix.json looks like phoenix: lockstep import phoenix
openai mlflow.json looks like mlflow: lockstep import mlflow
mlflow openai.jsonl looks like openai: lockstep import openai
har requests.gor looks like gor: lockstep import gor
phoenix flows.mitm looks like mitmproxy: lockstep import mitmproxy
mitmproxy access.log looks like accesslog: lockstep import accesslog
otlp lines.ndjson JSON of a shape of its own.*lockstep import ndjson .*--question POINTER
FILES
>"$T/empty"
status 2 'an empty file' "$lockstep" import otlp "$T/empty" --out "$T/no.zst"
like "$(cat "$T/err")" 'empty is empty' 'is said to be empty'
"$lockstep" import otlp "$T/otlp.zst" --out "$T/no.zst" >"$T/out" 2>"$T/err"
like "$(cat "$T/err")" 'is a trace of lockstep already' 'so is a trace'
rm -f "$T/no.zst"
head -c 300 "$T/otlp.json.zst" >"$T/torn.zst"
status 2 'a file that was cut off while it was compressed' "$lockstep" import otlp \
	"$T/torn.zst" --out "$T/no.zst"
like "$(cat "$T/err")" 'torn.zst: its end is missing.*zstd -dc FILE' 'is not taken for whole'
cat "$T/otlp.json.zst" "$T/otlp.json.zst" >"$T/two.zst"
status 0 'two frames in one file' "$lockstep" import otlp "$T/two.zst" --out "$T/two.t"

# --- mistakes --------------------------------------------------------------------
status 2 'an unknown format' "$lockstep" import hra x --out "$T/no.zst"
like "$(cat "$T/err")" 'did you mean "har"' 'names the nearest one'
status 2 'another format' "$lockstep" import har $seeds/otlp.json \
	--out "$T/no.zst"
like "$(cat "$T/err")" 'log.entries' 'says what it lacks'
ok 'and leaves no trace behind' test ! -e "$T/no.zst"
monkeys=$'\U1F435\U1F648\U1F649'
printf '%s\n' '2 a 20 0' 'HTTP/1.1 200 OK' 'Content-Length: 2' '' 'ok' "$monkeys" \
	'1 a 10 0' 'GET /first HTTP/1.1' 'Host: h' '' '' "$monkeys" >"$T/early.gor"
status 0 'an answer that GoReplay wrote before its request' "$lockstep" import gor \
	"$T/early.gor" --out "$T/early.zst"
is "$(exchanges "$T/early.zst" | jq -c '[.request.target, .response.body, .total]')" \
	'["/first","ok",10]' 'is met by it'
gzip -c "$T/in.jsonl" >"$T/in.gz"
status 2 'a second file that cannot be read' "$lockstep" import ndjson \
	"$T/many.jsonl" "$T/in.gz" --out "$T/no.zst"
ok 'leaves no part of a trace behind' test ! -e "$T/no.zst"
status 2 'a trace that is there' "$lockstep" import har $seeds/page.har \
	--out "$T/har.zst"
status 1 'nothing usable' "$lockstep" import ndjson "$T/in.jsonl" \
	--question /nowhere --out "$T/none.zst"

# --- a run on it -------------------------------------------------------------------
jq -c '{q: .question, a: "It is said.", t: "2026-01-31T12:00:00Z", id: .id}' \
	fixtures/handbook/gold.jsonl >"$T/asked.jsonl"
status 0 'questions of another tool' "$lockstep" import ndjson \
	"$T/asked.jsonl" --question /q --answer /a --time /t --id /id \
	--out "$T/asked.zst"
handbook stack --latency 2ms
cat >"$T/suite.yml" <<EOF
lockstep: 1
name: imported
cases: {trace: asked.zst, sample: 5}
variants: {paraphrases: 1, seeds: [1]}
request: {path: /query, body: {question: "{{question}}", seed: "{{seed}}"}}
extract: {preset: generic}
gates: {latency: false}
EOF
"$lockstep" run "$T/suite.yml" -q --baseline "$url" --candidate "$url" \
	--report-dir "$T/report" >"$T/out" 2>"$T/err"
is "$(jq '.cases | length' "$T/report/report.json")" 5 \
	'are asked of both stacks'
done_testing
