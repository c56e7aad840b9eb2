#!/usr/bin/env bash
# Memory follows the size of one case, not their number: between two sizes
# the peak of the whole job (cases, plan, answers, scores, verdict, store,
# all reports), and of what reads its report, grows by a few bytes a case.
. tests/lib/tap.sh

# Beyond what is kept in memory for being few, and between two doublings of
# what grows by doubling.
SMALL=70000 LARGE=110000
PER_CASE=250		# bytes; one that is held whole takes ten times that

# A recording of N exchanges. The texts recur, so that the embedder's cache
# is full at either size.
recording() {
	awk -v n="$1" 'BEGIN {
		print "{\"type\":\"head\",\"lockstep_trace\":1,\"kind\":\"recording\",\"clock\":{\"wall_ns\":\"1700000000000000000\"}}"
		for (i = 0; i < n; i++) {
			k = i % 500
			printf "{\"type\":\"exchange\",\"id\":\"x%d\",\"sent\":%d,\"ttfb\":2000000,\"total\":%d,\"outcome\":\"ok\",\"request\":{\"method\":\"POST\",\"target\":\"/q\",\"headers\":[],\"body\":\"{\\\"question\\\":\\\"Who may restore the backups of service %d, and how long are they kept?\\\"}\"},\"response\":{\"status\":200,\"headers\":[[\"Content-Type\",\"application/json\"]],\"body\":\"{\\\"answer\\\":\\\"The duty manager of service %d.\\\",\\\"retrieved\\\":[{\\\"snippet_id\\\":\\\"s%d\\\",\\\"section_id\\\":\\\"sec-%d\\\",\\\"text\\\":\\\"Backups of service %d are kept for %d days; the duty manager restores them.\\\"}]}\"}}\n",
			    i, i * 1000000, 3000000 + k * 1000, k, k, k, k, k, k
		}
	}' >"$T/$1.jsonl"
	cat >"$T/$1.yml" <<-YAML
	lockstep: 1
	name: memory
	cases: {trace: $1.jsonl}
	recorded: $1.jsonl
	variants: {paraphrases: 1, seeds: [1], repeats: 1}
	targets:
	  candidate: {url: recorded}
	request: {path: /q, body: "{{body}}"}
	YAML
}

# peak COMMAND...: its memory in bytes; what it says is in $T/out and $T/err
peak() {
	"$BUILD/tests/bench/bench_time" "$T/used" "$lockstep" "$@" \
		>"$T/out" 2>"$T/err"
	tail -1 "$T/used" | awk '{ print $3 }'
}

grows() { # SMALL_BYTES LARGE_BYTES DESCRIPTION
	local each=$((($2 - $1) / (LARGE - SMALL)))
	diag "$3: $(($1 / 1000)) kB, then $(($2 / 1000)) kB: $each bytes a case"
	ok "$3: at most $PER_CASE bytes a case" [ "$each" -le "$PER_CASE" ]
}

declare -A run report show compare
for n in $SMALL $LARGE; do
	recording $n
	run[$n]=$(peak run "$T/$n.yml" --report-dir "$T/report.$n")
	report[$n]=$(peak report last --out "$T/again.$n")
	is "$(wc -l <"$T/report.$n/metrics.csv")" $((n + 1)) \
		"$n cases are in the table"
	for f in "$T/report.$n"/*; do
		cmp -s "$f" "$T/again.$n/${f##*/}" || diag "$f"
	done >"$T/differ"
	is "$(<"$T/differ")" '' "the report of $n cases, read and written again, is the same"
	show[$n]=$(peak show last --case x$((n - 1)))
	like "$(<"$T/out")" "^x$((n - 1)): " 'the last case is shown'
	compare[$n]=$(peak compare last last)
	like "$(<"$T/out")" 'no case changed' 'a run compared with itself'
done
grows ${run[$SMALL]} ${run[$LARGE]} 'run'
grows ${report[$SMALL]} ${report[$LARGE]} 'report'
grows ${show[$SMALL]} ${show[$LARGE]} 'show'
grows ${compare[$SMALL]} ${compare[$LARGE]} 'compare'
ok "$LARGE cases in less than 110 MB" [ "${run[$LARGE]}" -lt 110000000 ]
done_testing
