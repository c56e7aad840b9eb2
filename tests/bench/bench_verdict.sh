#!/usr/bin/env bash
# make bench-verdict: how far a verdict can be trusted. A hundred questions
# with their human paraphrases over real paragraphs where ../shared/data is,
# else the handbook's forty; see tests/bench/bench_verdict.c for the two tables,
# bench_verdict_lost.c for the first lost question. Then runs over HTTP, for what
# a call within one process cannot show: time that is really slept, beside busy
# cores and not, and processor time that is really burnt. Last a suite of 20,000
# cases for time and memory. Writes $BUILD/bench-verdict.json.
# Exit status 1 when a promise of harness/VERDICTS.md does not hold.
#
#   bench_verdict.sh A/A-RUNS DOSE-RUNS
#   BENCH_PARTS="lost tables live slept large"  what to run: all by default
#   BENCH_ROWS="40/steady/2 100/sampled missing/1 slept-busy"  of these parts
#                      such rows alone; the programs' sources and `row` name them
#   BENCH_LIVE=10      runs over HTTP; 0: none
#   BENCH_SLEPT=100    pairs a row whose service times are slept; 0: none
#   BENCH_CASES=20000  of the large suite; 0: none
set -eu
cd "$(dirname "$0")/../.."
BUILD=$(realpath "${BUILD:-build}")
PARTS=${BENCH_PARTS:-lost tables live slept large}
ROWS=${BENCH_ROWS:-}
LIVE=${BENCH_LIVE:-10}
SLEPT=${BENCH_SLEPT:-100}
CASES=${BENCH_CASES:-20000}
data=../shared/data
dir=$(mktemp -d)
pids=()
stop_all() {
	[ ${#pids[@]} -gt 0 ] || return 0
	kill "${pids[@]}" 2>/dev/null || true
	wait "${pids[@]}" 2>/dev/null || true	# what burns goes on
	pids=()
}
trap 'stop_all; idle; rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM

# part NAME: whether it was asked for
part() { [[ " $PARTS " == *" $1 "* ]]; }
# row NAME: whether it was asked for
row() { [ -z "$ROWS" ] || [[ " $ROWS " == *" $1 "* ]]; }
# busy: two processes that burn; idle: they end
burners=()
busy() {
	local i
	for i in 1 2; do
		(while :; do :; done) &
		burners+=($!)
	done
}
idle() {
	[ ${#burners[@]} -eq 0 ] || kill "${burners[@]}" 2>/dev/null || true
	burners=()
}

# ---- the suite -------------------------------------------------------------
mkdir "$dir/a" "$dir/b"
if [ -r $data/squad_gold.jsonl.zst ]; then
	zstd -dqc $data/squad_sections.jsonl.zst >"$dir/a/sections.jsonl"
	zstd -dqc $data/squad_gold.jsonl.zst |
		jq -c '{id, question, paraphrases, section_ids: [.section_id],
		    same_answer_questions: (.same_answer_questions // []),
		    answers: ((.answers // []) |
			map(select(test("[\\p{L}\\p{N}]"))))}' \
		>"$dir/gold.jsonl"
	# those with the most wordings, one a paragraph
	jq -sc 'def n: -((.paraphrases + .same_answer_questions) | length);
		sort_by(n) | unique_by(.section_ids[0]) | sort_by(n)[:100][]' \
		"$dir/gold.jsonl" >"$dir/a/gold.jsonl"
	what='100 questions over 2,067 paragraphs of SQuAD'
else
	cp fixtures/handbook/sections.jsonl fixtures/handbook/gold.jsonl \
		"$dir/a/"
	cp fixtures/handbook/gold.jsonl "$dir/gold.jsonl"
	what='the 40 questions of the handbook'
fi
cat >"$dir/a/suite.yml" <<'YAML'
lockstep: 1
name: bench-verdict
cases: gold.jsonl
sections: sections.jsonl
targets:
  baseline: {url: "http://127.0.0.1:1"}
  candidate: {url: "http://127.0.0.1:2"}
extract: {preset: generic}
pace: {mode: closed, concurrency: 8}
warmup: 40
YAML
if [ "$(wc -l <"$dir/a/gold.jsonl")" -eq 100 ]; then
	head -n 40 "$dir/a/gold.jsonl" >"$dir/a/gold40.jsonl"
	sed 's/gold\.jsonl/gold40.jsonl/' "$dir/a/suite.yml" \
		>"$dir/a/forty.yml"
fi
{ cat "$dir/a/suite.yml"; echo 'pins: {equal: [MODEL_VER, PROMPT_VER]}'; } \
	>"$dir/a/pins.yml"

echo "$what, 3 wordings x 2 seeds, and an echo of every variant in turn."
echo "The demo stack is called in one process, a draw of its own for every"
echo "request of every run; latency is the service time it drew, not slept."
echo
broken=0
echo '{}' >"$dir/lost.json"
if part lost && [ -r "$dir/a/forty.yml" ]; then
	# shellcheck disable=SC2086
	"$BUILD/tests/bench/bench_verdict_lost" "$dir/a" "$dir/list.json" \
		"$1" "$2" $ROWS || broken=$?
	[ $broken -le 1 ]
	jq '{lost_questions: .}' "$dir/list.json" >"$dir/lost.json"
	echo
fi
echo '{}' >"$dir/tables.json"
if part tables; then
	# shellcheck disable=SC2086
	"$BUILD/tests/bench/bench_verdict" "$dir/a" "$dir/tables.json" \
		"$1" "$2" $ROWS || broken=$?
	[ $broken -le 1 ]
fi
# holds MESSAGE JQ-FILTER FILE
holds() {
	jq -e "$2" "$3" >/dev/null && return
	echo "bench_verdict: $1" >&2
	broken=1
}

# ---- over HTTP -------------------------------------------------------------
# stack SEED OPTION...: sets url
stack() {
	local out=$dir/stack.$1 seed=$1; shift
	: >"$out"
	"$BUILD/ragstack" --sections "$dir/a/sections.jsonl" \
		--gold "$dir/a/gold.jsonl" --noise .03 --errors .002 \
		--tail .01x8 --latency 10ms --seed "$seed" "$@" >"$out" &
	pids+=($!)
	until url=$(grep -o 'http://[0-9.:]*' "$out"); do
		kill -0 $!
		sleep .05
	done
}
# live NAME RUNS OPTION...: a line of JSON a run in $dir/NAME
live() {
	local name=$1 n=$2 i base; shift 2
	for i in $(seq "$n"); do
		stack $((2 * i)); base=$url
		stack $((2 * i + 1)) "$@"
		"$BUILD/lockstep" run "$dir/a/suite.yml" --baseline "$base" \
			--candidate "$url" --home "$dir/home" --json -q \
			2>/dev/null >"$dir/report.json" || true
		jq -c '{verdict, ratio: (.gates[] |
			select(.name == "latency_body").value)}' \
			"$dir/report.json" >>"$dir/$name"
		stop_all
	done
}
echo '{}' >"$dir/live.json"
if part live && [ "$LIVE" -gt 0 ]; then
	live aa "$LIVE"
	live throttled 3 --fault 429=3
	jq -n --slurpfile aa "$dir/aa" --slurpfile t "$dir/throttled" \
		'def tally: map(.verdict) | group_by(.) |
		    map({key: .[0], value: length}) | from_entries;
		{live: {equal: {runs: ($aa | length), verdicts: ($aa | tally),
		    latency_ratio: ($aa | map(.ratio) | add / length)},
		  "429=3": {runs: ($t | length), verdicts: ($t | tally)}}}' \
		>"$dir/live.json"
	echo
	jq -r '.live | "Over HTTP, equal stacks: \(.equal.runs) runs, " +
		"\(.equal.verdicts | tojson), mean latency ratio " +
		"\(.equal.latency_ratio * 1000 | round / 1000).",
		"Over HTTP, 429 beyond 3 in flight: \(.["429=3"].verdicts |
		tojson)."' "$dir/live.json"
	holds 'the mean latency ratio of equal stacks is not within 5 %' \
		'.live.equal.latency_ratio | . > 0.95 and . < 1.05' \
		"$dir/live.json"
	holds 'equal stacks FAIL over HTTP' \
		'(.live.equal.verdicts.FAIL // 0) == 0' "$dir/live.json"
	holds 'throttling is not seen' '.live["429=3"] |
		.verdicts.FAIL == .runs' "$dir/live.json"
fi

# ---- time that is slept, and burnt ------------------------------------------
# slept NAME OPTIONS FAULT...: SLEPT pairs of stacks that have OPTIONS; the
# candidate has FAULT, too
slept() {
	local name=$1 options=$2 i base; shift 2
	for i in $(seq "$SLEPT"); do
		# shellcheck disable=SC2086
		stack $((2 * i)) $options; base=$url
		# shellcheck disable=SC2086
		stack $((2 * i + 1)) $options "$@"
		"$BUILD/lockstep" run "$dir/a/slept.yml" --baseline "$base" \
			--candidate "$url" --home "$dir/home" --json -q \
			2>/dev/null >"$dir/report.json" || true
		jq -c --arg name "$name" '{name: $name, verdict,
			ratio: (.gates[] | select(.name == "latency_body") |
				.value),
			fails: [.gates[] | select(.verdict == "FAIL").name]}' \
			"$dir/report.json" >>"$dir/slept"
		stop_all
	done
	jq -sr --arg name "$name" 'map(select(.name == $name)) |
		def of($v): map(select(.verdict == $v)) | length;
		"| \($name) | \(length) | \(of("PASS") + of("REVIEW")) | " +
		"\(of("INCONCLUSIVE")) | \(of("FAIL")) | \(of("INVALID")) | " +
		"\((map(.ratio // 1) | add / length) * 1000 | round / 1000) |"' \
		"$dir/slept"
}
echo '{}' >"$dir/slept.json"
if part slept && [ "$SLEPT" -gt 0 ]; then
	sed 's/gold\.jsonl/slept.jsonl/' "$dir/a/suite.yml" >"$dir/a/slept.yml"
	head -n 40 "$dir/a/gold.jsonl" >"$dir/a/slept.jsonl"
	printf '\n| service time | pairs | PASS | INCONCLUSIVE | FAIL | '
	printf 'INVALID | body ratio |\n|---|---|---|---|---|---|---|\n'
	still='--noise 0 --errors 0 --workers 4'
	for beside in '' -busy; do
		also=${beside:+, both cores busy}
		row "slept$beside" || row "slept-slower$beside" ||
			row "burnt$beside" || row "burnt-slower$beside" ||
			continue
		[ -z "$beside" ] || busy
		! row "slept$beside" ||
			slept "20 ms slept$also" "$still --latency 20ms"
		! row "slept-slower$beside" ||
			slept "20 ms slept, candidate +25 %$also" \
			"$still --latency 20ms" --fault slow=1.25
		! row "burnt$beside" ||
			slept "5 ms burnt$also" "$still --latency 0ms --burn 5ms"
		! row "burnt-slower$beside" ||
			slept "5 ms burnt, candidate +50 %$also" \
			"$still --latency 0ms --burn 5ms" --burn 7500us
		idle
	done
	touch "$dir/slept"
	jq -s 'group_by(.name) | {slept: map({key: .[0].name, value:
		(group_by(.verdict) | map({key: .[0].verdict, value: length}) |
		from_entries)}) | from_entries}' "$dir/slept" >"$dir/slept.json"
	jq -e '.slept | to_entries | map(select(.key | test("\\+") | not) |
		.value.FAIL // 0) | (add // 0) <= 1' "$dir/slept.json" >/dev/null || {
		echo 'bench_verdict: equal stacks FAIL by time' >&2
		broken=1
	}
fi

# ---- a large suite ---------------------------------------------------------
echo '{}' >"$dir/large.json"
if part large && [ "$CASES" -gt 0 ]; then
	cp "$dir/a/sections.jsonl" "$dir/a/suite.yml" "$dir/b/"
	# no two wordings are alike
	for i in $(seq 100000); do
		jq -c --arg i "$i" '.id += "-" + $i | .question += " (case " +
			$i + ")" | .paraphrases |= map(. + " (case " + $i +
			")") | .same_answer_questions |= map(. + " (case " +
			$i + ")")' "$dir/gold.jsonl"
		[ $((i * $(wc -l <"$dir/gold.jsonl"))) -lt "$CASES" ] || break
	done | head -n "$CASES" >"$dir/b/gold.jsonl"
	"$BUILD/tests/bench/bench_scale" record "$dir/b"
	"$BUILD/tests/bench/bench_scale" judge "$dir/b" |
		jq '{large: .}' >"$dir/large.json"
	jq -r '.large | "\n\(.cases) cases x \(.variants) variants, " +
		"\(.requests) observations: scored, tested and reported in " +
		"\(.seconds) s (\(.cpu_seconds) s of processor time), " +
		"\(.peak_mb) MB at most."' "$dir/large.json"
	holds 'a large suite takes too much' '.large | .peak_mb < 200' \
		"$dir/large.json"
fi
jq -s --arg what "$what" --arg cpu "$(nproc)" \
	'{cases: $what, processors: ($cpu | tonumber)} + add' \
	"$dir/lost.json" "$dir/tables.json" "$dir/live.json" \
	"$dir/slept.json" "$dir/large.json" \
	>"$BUILD/bench-verdict.json"
exit $broken
