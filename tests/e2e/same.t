#!/usr/bin/env bash
# One report from the same observations: whatever the number of threads, the
# order of the records, the shards they came in, and how often they are scored.
. tests/lib/tap.sh

suite=suites/handbook.yml
stack() { handbook "$@" --latency 2ms --noise .1 --errors .01 --sampled .3; }
# Everything but the block that names the run, and the words that quote it.
facts() { jq -S 'del(.run)' "$1/report.json"; }
folder() { "$lockstep" runs -n 1 --json | jq -r '.[0].dir'; }

stack base --seed 1; base=$url
stack cand --seed 2 --fault missing=.2 --fault 5xx=.02; cand=$url
status 1 'a run with everything in it' "$lockstep" run $suite -q \
	--set warmup=5 --baseline "$base" --candidate "$cand"
dir=$(folder)
run=$(basename "$dir")
facts "$dir" >"$T/first.json"
ok 'it has cases, gates, causes and worst cases' jq -e '(.cases | length) ==
	40 and (.gates | length) > 20 and (.causes | length) > 0' \
	"$T/first.json"

# The report is made anew: one that was left over would be the same.
same() { # DESCRIPTION COMMAND...
	local what=$1

	shift
	rm "$dir/report.json"
	status 1 "$what: judged" "$@"
	facts "$dir" >"$T/now.json"
	ok "$what: the same report" cmp "$T/first.json" "$T/now.json"
}

# --- threads, and again -----------------------------------------------------
for threads in 1 2 4 8; do
	same "$threads threads" "$lockstep" score "$run" -q -j $threads
	same "$threads threads by the environment, scored again" \
		env OMP_NUM_THREADS=$threads "$lockstep" score "$run" -q
done

# --- the order of the records -----------------------------------------------
trace=$(find "$dir" -name '*.jsonl.zst' | head -1)
cp "$trace" "$T/kept.zst"
lines=$(zstd -dqc "$T/kept.zst" | wc -l)
for seed in 1 2 3; do
	# head and tail stay where they are, all between is shuffled
	zstd -dqc "$T/kept.zst" | awk -v n="$lines" -v seed=$seed '
		BEGIN { srand(seed) }
		NR == 1 { print "0\t" $0; next }
		NR == n { print "2\t" $0; next }
		{ print 1 + rand() * .5 "\t" $0 }' |
		sort -g -s -k1,1 | cut -f2- | zstd -qc >"$trace.new"
	mv "$trace.new" "$trace"
	is "$(zstd -dqc "$trace" | sort | cksum)" \
		"$(zstd -dqc "$T/kept.zst" | sort | cksum)" \
		"shuffle $seed: the same records"
	ok 'in another order' test "$(zstd -dqc "$trace" | cksum)" != \
		"$(zstd -dqc "$T/kept.zst" | cksum)"
	same "shuffle $seed" "$lockstep" score "$run" -q -j $seed
done
cp "$T/kept.zst" "$trace"

# --- four shards ------------------------------------------------------------
again() {
	"$lockstep" run $suite -q --set warmup=5 --baseline "$run:baseline" \
		--candidate "$run:candidate" "$@"
}
status 1 'the observations again, in one run' again
facts "$(folder)" >"$T/whole.json"
for i in 1 2 3 4; do
	again --shard $i/4 >"$T/out" 2>"$T/err"
	like $? '^[0134]$' "shard $i is judged"
	shard[i]=$(folder)
done
for order in '1 2 3 4' '4 3 2 1' '2 4 1 3' '3 1 4 2' '1 3 2 4' '4 1 2 3'; do
	parts=()
	for i in $order; do parts+=("${shard[i]}"); done
	status 1 "shards $order: merged" "$lockstep" runs merge "${parts[@]}"
	facts "$(folder)" >"$T/joined.json"
	ok "shards $order joined" cmp "$T/whole.json" "$T/joined.json"
done
done_testing
