#!/bin/bash
# Runs that are killed at any moment, find the disk full for a while, or have
# their clock set, and are resumed: no observation is lost or doubled, each
# effect happens once, and the report is that of an uninterrupted run.
#
#	KILLS=200 tests/e2e/kill.t      # the long way
set -u
. tests/lib/tap.sh
hb=$PWD/fixtures/handbook
KILLS=${KILLS:-16}
RANDOM=${SEED:-7}
lockstep=$(realpath "$lockstep")
ragstack=$(realpath "$ragstack")
real=$(realpath "$BUILD")/lockstep

serve base "$ragstack" --sections $hb/sections.jsonl --gold $hb/gold.jsonl \
	--seed 1 --latency 2ms
base=$url
serve cand "$ragstack" --sections $hb/sections.jsonl --gold $hb/gold.jsonl \
	--seed 2 --latency 2ms
cand=$url

# 333 cases x 2 seeds x 3 requests (an arm's echo included): 1,998 effects
seq 333 | jq -c '{id: "case-\(.)", question: "Order \(.)?"}' >"$T/many.jsonl"
cat >"$T/effects.yml" <<-YAML
	lockstep: 1
	name: effects
	cases: many.jsonl
	variants: {paraphrases: 1, seeds: [1, 2]}
	targets:
	  baseline: {url: "$base"}
	  candidate: {url: "$cand"}
	request: {path: /effects, body: {order: "{{case.id}}", seed: "{{seed}}"}}
	extract: {answer: /status, effect_id: /effect_id}
	warmup: 0
	pace: {mode: closed, concurrency: 8}
YAML
cd "$T" || exit 1
requests=1998

observed() { zstd -dcq "$(run_dir)obs.jsonl.zst" 2>/dev/null | grep -c '"key"'; }
run_dir() { ls -td "$LOCKSTEP_HOME"/runs/*/ 2>/dev/null | head -1; }
effects() { # of both stacks together: effects, duplicates
	for u in "$base" "$cand"; do curl -s "$u/audit?limit=0"; done |
		jq -s -c '[(map(.effects) | add), (map(.duplicates) | add)]'
}

# A run is killed and resumed until it is through; then the next begins.
# The moments are spread evenly over what such a run takes.
kills=0 runs=0 lost=0 doubled=0
exec 4>&1
while [ $kills -lt "$KILLS" ]; do
	rm -rf "$LOCKSTEP_HOME"
	through=0
	while [ $through = 0 ]; do
		if [ -s "$(run_dir)job.json" ]; then
			"$lockstep" resume last -q >run.out 2>&1 &
		else
			rm -rf "$LOCKSTEP_HOME"
			"$lockstep" replay effects.yml -q >run.out 2>&1 &
		fi
		victim=$!
		sleep "0.$(printf %03d $((RANDOM % 400 + 5)))"
		if [ $kills -lt "$KILLS" ] && kill -9 $victim 2>/dev/null; then
			wait $victim 2>/dev/null
			kills=$((kills + 1))
		else
			wait $victim || diag "exit $?: $(head -c 500 run.out)" >&4
			through=1
		fi
	done
	runs=$((runs + 1))
	zstd -dcq "$(run_dir)obs.jsonl.zst" |
		jq -r 'select(.key) | [.key[]] | @csv' >keys
	[ "$(sort -u keys | wc -l)" = $requests ] || lost=$((lost + 1))
	[ -z "$(sort keys | uniq -d)" ] || doubled=$((doubled + 1))
done 2>/dev/null
exec 4>&-
diag "$kills kills, $runs runs"
is $lost 0 'no observation is lost'
is $doubled 0 'none is there twice'
is "$(effects)" "[$((runs * requests)),0]" 'each effect happened once'

# killed before the first byte of its trace: with no file, and with a begun one
has_trace() { ls "$LOCKSTEP_HOME"/runs/*/obs.jsonl.zst; }
begun_trace() { [ "$(stat -c %s "$LOCKSTEP_HOME"/runs/*/obs.jsonl.zst)" -gt 40 ]; }
for bytes in 0 '' 5; do
	rm -rf "$LOCKSTEP_HOME"
	"$lockstep" replay effects.yml -q --set pace.concurrency=1 >run.out 2>&1 &
	victim=$!
	await 60 begun_trace
	kill -9 $victim
	wait $victim 2>/dev/null
	trace=$(run_dir)obs.jsonl.zst
	if [ -z "$bytes" ]; then rm "$trace"; else
		truncate -s "$bytes" "$trace"; fi
	ok "resumed where ${bytes:-no file and no} bytes were written" \
		"$lockstep" resume last -q --set pace.concurrency=8
	is "$(observed)" $requests 'and whole'
done

# ---- one process a run -----------------------------------------------------
rm -rf "$LOCKSTEP_HOME"
"$lockstep" replay effects.yml -q --set pace.concurrency=1 >run.out 2>&1 &
first=$!
await 60 has_trace
kill -STOP $first
status 2 'a second process on the run is refused' "$lockstep" resume last
like "$(cat err)" 'another process' 'and it says why'
kill -CONT $first
wait $first

cat >query.yml <<-YAML
	lockstep: 1
	name: query
	cases: $hb/gold.jsonl
	sections: $hb/sections.jsonl
	variants: {paraphrases: 3, seeds: [1, 2]}
	targets:
	  baseline: {url: "$base"}
	  candidate: {url: "$cand"}
	gates: {latency: false}
	warmup: 0
	pace: {mode: closed, concurrency: 4}
YAML
sed 's/seeds: \[1, 2\]/&, repeats: 4/' query.yml >many.yml

# ---- a full disk, and a clock that is set ---------------------------------
cat >clock.c <<'C'
#define _GNU_SOURCE
#include <time.h>
#include <unistd.h>
#include <sys/syscall.h>
/* Wall time that jumps an hour back and forth; the monotonic clock goes on. */
int clock_gettime(clockid_t id, struct timespec *ts)
{
	static int n;
	int rc = (int)syscall(SYS_clock_gettime, id, ts);
	if (id == CLOCK_REALTIME)
		ts->tv_sec += n++ % 2 ? 3600 : -3600;
	return rc;
}
C
rm -rf "$LOCKSTEP_HOME"
# large enough for the store, too small for the trace
(trap '' XFSZ; ulimit -f 120; timeout 300 "$lockstep" replay many.yml) >out 2>err
is $? 2 'a full disk ends the run'
like "$(cat err)" 'obs.jsonl.zst' 'and names the file'
is "$(wc -l <err)" 1 'in one line'
before=$(zstd -dcq "$(run_dir)obs.jsonl.zst" 2>/dev/null |
	jq -r 'select(.key) | [.key[]] | @csv' 2>/dev/null | sort -u | wc -l)
like "$before" '^[1-9]' "what was written is kept ($before)"
if ${CC:-cc} -shared -fPIC -o clock.so clock.c 2>/dev/null &&
    ! nm -D "$real" 2>/dev/null | grep -q -e __asan -e __tsan; then
	export LD_PRELOAD=$T/clock.so
fi
timeout 300 "$lockstep" resume last -q >out 2>err
unset LD_PRELOAD
zstd -dcq "$(run_dir)obs.jsonl.zst" |
	jq -r 'select(.key) | [.key[]] | @csv' >keys
is "$(sort keys | uniq | wc -l) $(wc -l <keys)" "2880 2880" \
	'resumed with space and a jumping clock: whole'
is "$(zstd -dcq "$(run_dir)obs.jsonl.zst" | jq -s 'map(select(.sent)) |
	[.[].sent] | min >= 0')" true 'and no time runs backwards'

# ---- the report of a resumed run ------------------------------------------
# slow enough to be met half-way, however busy the machine is
serve slowbase "$ragstack" --sections $hb/sections.jsonl --gold $hb/gold.jsonl \
	--seed 1 --latency 8ms
slowbase=$url
serve slowcand "$ragstack" --sections $hb/sections.jsonl --gold $hb/gold.jsonl \
	--seed 2 --latency 8ms
sed -i "s#$base#$slowbase#; s#$cand#$url#" query.yml
# All that is neither a clock's reading nor the run's own name.
essence() {
	jq -S 'del(.run, .usd, .next) | walk(if type == "object" then
	  with_entries(select(.key | test("_ns$|latency|elapsed") | not))
	  else . end) | del(.gates[] | select(.name | test("latency")))'
}
rm -rf "$LOCKSTEP_HOME"
slowly='--set pace.concurrency=1'
"$lockstep" run query.yml -q --seed 5 --json $slowly >whole.json 2>err
run=$(run_dir)
"$lockstep" run query.yml -q --seed 5 --json $slowly >cut.json 2>err &
victim=$!
begun() { [ "$(run_dir)" != "$run" ] && [ "$(observed)" -gt 50 ]; }
await 60 begun
kill -9 $victim
wait $victim 2>/dev/null
done=$(observed)
ok "a run is cut off ($done of 720 done)" test "$done" -lt 720
status 2 'it is not judged as it lies there' "$lockstep" score last -q
like "$(cat err)" 'not finished.*lockstep resume' 'and is said how to go on'
"$lockstep" resume last -q --json >cut.json 2>err
is "$(essence <cut.json | md5sum)" "$(essence <whole.json | md5sum)" \
	'a resumed run reports what an uninterrupted one does' ||
	diff <(essence <cut.json) <(essence <whole.json) | head -20 |
	sed 's/^/# /'

# ---- a trace that lost its end afterwards ---------------------------------
status 0 'the whole run is judged' "$lockstep" score last -q
trace=$(run_dir)obs.jsonl.zst
cp "$trace" whole.zst
head -c $(($(stat -c %s whole.zst) * 2 / 3)) whole.zst >"$trace"
status 5 'one whose trace is torn is INVALID' "$lockstep" score last -q
like "$(cat out)" 'INVALID: .*cut off' 'and says so'
"$lockstep" trace repair "$trace" >out 2>err
status 5 'mended, it still lacks what was written' "$lockstep" score last -q
like "$(cat out)" 'has [0-9]+ observations, but 720 were' 'and says how much'
done_testing
