#!/usr/bin/env bash
# make bench-trace: what a trace takes of disk and CPU, beside the zstd program
# on the same bytes; spans imported a second; redaction with all built-in rules.
# The bytes are a run's of the demo stack over SQuAD's paragraphs where
# ../shared/data is, and over the handbook. CPU seconds, one thread, medians of
# interleaved rounds; MB of text.
#
#   TRACE_QUESTIONS=3000   of SQuAD, asked three times each
#   TRACE_SPANS=400000
#   TRACE_ROUNDS=5
set -eu
cd "$(dirname "$0")/../.."
BUILD=$(realpath "${BUILD:-build}")
T=$(mktemp -d)
pids=()
cleanup() {
	[ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null || :
	wait 2>/dev/null || :
	rm -rf "$T"
}
trap cleanup EXIT
skip_all() { echo "$*" >&2; exit 1; }
questions=${TRACE_QUESTIONS:-3000} spans=${TRACE_SPANS:-400000}
rounds=${TRACE_ROUNDS:-5}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
# cpu COMMAND...: its CPU seconds
cpu() { # the command's own output is thrown away
	rm -f "$T/time"
	"$BUILD/tests/bench/bench_time" "$T/time" "$@" >/dev/null 2>&1
	awk '{ print $1 }' "$T/time"
}

# text NAME: lines of a run over $T/gold.jsonl and $T/sections.jsonl
text() {
	local url
	"$BUILD/ragstack" --sections "$T/sections.jsonl" --gold "$T/gold.jsonl" \
		--listen 127.0.0.1:0 >"$T/stack.out" 2>"$T/stack.err" &
	pids+=($!)
	until url=$(grep -om1 'http://[0-9.:]*' "$T/stack.out"); do
		kill -0 "${pids[-1]}" || { cat "$T/stack.err" >&2; exit 1; }
		sleep .1
	done
	cat >"$T/suite.yml" <<-YAML
		lockstep: 1
		name: bench
		cases: gold.jsonl
		variants: {paraphrases: 1, seeds: [1, 2, 3]}
		request: {path: /query, body: {question: "{{question}}", k: 5, seed: "{{seed}}"}}
		extract: {preset: generic}
		pace: {mode: closed, concurrency: 8}
		gates: {latency: false}
		targets: {candidate: {url: "$url"}}
	YAML
	"$BUILD/lockstep" run -q "$T/suite.yml" --home "$T/home.$1" \
		--set confirm=false >"$T/run.out" 2>&1 || [ $? -ne 2 ] ||
		{ cat "$T/run.out" >&2; exit 1; }
	kill "${pids[-1]}"
	"$BUILD/lockstep" trace cat "$T/home.$1"/runs/*/obs.jsonl.zst >"$T/$1"
	rm -rf "$T/home.$1"
}

row() { # NAME FILE: its table
	local f=$2 bytes i
	bytes=$(stat -c %s "$f")
	for ((i = 0; i < rounds; i++)); do
		"$BUILD/tests/bench/bench_trace" write "$f" "$T/t.zst" >"$T/w"
		cut -d' ' -f1 "$T/w" >>"$T/write"
		"$BUILD/tests/bench/bench_trace" read "$T/t.zst" >>"$T/read"
		cpu zstd -q -3 --single-thread -f "$f" -o "$T/z3" >>"$T/z3.c"
		cpu zstd -q -3 --single-thread --long=27 -f "$f" -o "$T/z27" >>"$T/z27.c"
		cpu zstd -q -d -f "$T/z3" -o /dev/null >>"$T/z3.d"
		cpu zstd -q -d --long=27 -f "$T/z27" -o /dev/null >>"$T/z27.d"
	done
	rate() { awk -v b="$bytes" -v s="$(median <"$1")" 'BEGIN { printf "%.0f", b / 1e6 / s }'; }
	size() { awk -v b="$bytes" -v s="$(stat -c %s "$1")" 'BEGIN { printf "%.2f", b / s }'; }
	printf '\n%s: %s exchanges, %.0f MB of text\n\n' "$1" \
		"$(grep -c '"exchange"' "$f")" "$(awk "BEGIN { print $bytes / 1e6 }")"
	printf '| | ratio | compress, MB/s a core | decompress |\n|---|---|---|---|\n'
	printf '| a trace | %s | %s | %s |\n' "$(cut -d' ' -f2 "$T/w")" \
		"$(median <"$T/write")" "$(median <"$T/read")"
	printf '| zstd -3 | %s | %s | %s |\n' "$(size "$T/z3")" "$(rate "$T/z3.c")" \
		"$(rate "$T/z3.d")"
	printf '| zstd -3 --long=27 | %s | %s | %s |\n' "$(size "$T/z27")" \
		"$(rate "$T/z27.c")" "$(rate "$T/z27.d")"
	rm -f "$T"/{write,read,z3.c,z27.c,z3.d,z27.d}
}

lscpu | sed -n 's/^Model name: */machine: /p'
cp fixtures/handbook/{gold,sections}.jsonl "$T"
text handbook
row 'The handbook' "$T/handbook"
if [ -r ../shared/data/squad_gold.jsonl.zst ]; then
	. tests/lib/squad.sh
	squad "$questions"
	jq -c '{id, question, section_ids}' "$T/gold.jsonl" >"$T/g" &&
		mv "$T/g" "$T/gold.jsonl"
	text squad
	row 'SQuAD' "$T/squad"
fi

# four spans a trace, of OpenInference's attributes, 100 to a document
python3 - "$spans" >"$T/spans.json" <<'PY'
import json, sys
n = int(sys.argv[1])
words = "how long are the backups of this service kept and who may read them".split()
def attr(k, v): return {"key": k, "value": {"stringValue": v}}
doc = []
for i in range(n):
    t, k = divmod(i, 4)
    text = " ".join(words[(t + j) % len(words)] for j in range(40))
    a = [[attr("openinference.span.kind", "CHAIN"), attr("input.value", f"Question {t}: {text}?"), attr("output.value", f"Answer {t}. {text}")],
         [attr("openinference.span.kind", "RETRIEVER"), *[attr(f"retrieval.documents.{d}.document.content", f"{d} {text}") for d in range(3)]],
         [attr("openinference.span.kind", "EMBEDDING"), attr("embedding.model_name", "e")],
         [attr("openinference.span.kind", "LLM"), attr("llm.model_name", "m"), attr("llm.output_messages.0.message.content", f"Answer {t}. {text}"),
          {"key": "llm.token_count.prompt", "value": {"intValue": "700"}}]][k]
    s = {"traceId": f"{t:032x}", "spanId": f"{i + 1:016x}", "name": "s", "startTimeUnixNano": str(1767225600000000000 + t * 10**6 + k),
         "endTimeUnixNano": str(1767225600000000000 + t * 10**6 + k + 500), "attributes": a}
    if k:
        s["parentSpanId"] = f"{t * 4 + 1:016x}"
    doc.append(s)
    if len(doc) == 100 or i == n - 1:
        print(json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": doc}]}]}))
        doc = []
PY
for ((i = 0; i < 3; i++)); do
	rm -f "$T/i.zst"
	cpu "$BUILD/lockstep" import otlp "$T/spans.json" --out "$T/i.zst" >>"$T/i"
done
printf '\nimport otlp: %s spans, %.0f MB: %.0f a second and core\n' "$spans" \
	"$(awk "BEGIN { print $(stat -c %s "$T/spans.json") / 1e6 }")" \
	"$(awk "BEGIN { print $spans / $(median <"$T/i") }")"
for f in handbook squad; do
	[ -e "$T/$f" ] || continue
	"$BUILD/tests/bench/bench_trace" redact "$T/$f" >"$T/r"
	read -r us bytes us2 <"$T/r"
	printf 'redaction, all rules, %s: %s us of CPU an exchange of %s bytes, %s us a 2 KB\n' \
		"$f" "$us" "$bytes" "$us2"
done
