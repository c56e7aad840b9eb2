#!/bin/bash
# What who runs the engine sees of it: a budget of time, Ctrl-C once and
# twice, progress on a terminal and elsewhere, a cache that is told apart, an
# arm that nobody may ask, a schedule that slips.
set -u
. tests/lib/tap.sh
hb=$PWD/fixtures/handbook
lockstep=$(realpath "$lockstep")
ragstack=$(realpath "$ragstack")
stack() { # NAME OPTIONS...
	local name=$1; shift
	serve "$name" "$ragstack" --sections "$hb/sections.jsonl" \
		--gold "$hb/gold.jsonl" --seed 1 "$@"
}
stack slow --latency 20ms --sigma 0.05
slow=$url
stack quick
quick=$url
cd "$T" || exit 1
run_dir() { ls -td "$LOCKSTEP_HOME"/runs/*/ 2>/dev/null | head -1; }
observed() { zstd -dcq "$(run_dir)obs.jsonl.zst" | jq -c 'select(.key)'; }
suite() { # NAME BASELINE CANDIDATE MORE
	cat >"$1.yml" <<-YAML
	lockstep: 1
	name: $1
	cases: ${CASES-$hb/gold.jsonl}
	targets:
	  baseline: {$2}
	  candidate: {$3}
	request: {path: /query, body: {question: "{{question}}", seed: "{{seed}}"}}
	warmup: 0
	$4
	YAML
}

# Both of these wait for most of their time: beside all of the rest, each in a
# home of its own.
suite paced "url: \"$quick\"" "url: \"$quick\"" \
	'variants: {paraphrases: 1, seeds: [1, 2, 3]}
pace: {mode: constant, rate: 10}
gates: {latency: false}'
LOCKSTEP_HOME=$T/home.paced "$lockstep" replay paced.yml >paced.out \
	2>paced.err &
paced=$!
stack sluggish --latency 100ms
suite late "url: \"$quick\"" "url: \"$url\", concurrency: 2, deadline: 20s" \
	'variants: {paraphrases: 1, seeds: [1, 2]}
pace: {mode: constant, rate: 60}'
LOCKSTEP_HOME=$T/home.late "$lockstep" run late.yml -q >late.out 2>late.err &
late=$!
tap_pids+=($paced $late)

# ---- a budget of time ------------------------------------------------------
# One case in five is of the small tenant: of a fifth of the cases, too.
seq 1000 | jq -c '{id: "case-\(.)", question: "Who may restore backup \(.)?",
	tags: {tenant: (if . % 5 == 0 then "small" else "large" end)}}' >many.jsonl
CASES=many.jsonl suite timed "url: \"$slow\"" "url: \"$slow\"" \
	'variants: {paraphrases: 1, seeds: [1]}
pace: {mode: closed, concurrency: 4}
gates: {latency: false}
slices: [tags.tenant]'
"$lockstep" run timed.yml --max-time 3s --seed 9 >out 2>err
like "$(tr -s ' \n' ' ' <out)" 'stopped: budget spent' \
	'a budget of time ends the run, and the report says so'
cases=$(observed | jq -r .key.case | sort -u | wc -l)
ok "with a part of the cases ($cases)" test "$cases" -gt 10 -a "$cases" -lt 900
small=$(observed | jq -r .key.case | sort -u | sed 's/case-//' |
	awk '$1 % 5 == 0' | wc -l)
ok "that stands for all ($small of $cases are the small tenant's)" \
	test $((small * 100 / cases)) -ge 8 -a $((small * 100 / cases)) -le 35
like "$(tr -s ' \n' ' ' <out)" "$cases passed, $((1000 - cases)) could not be judged" \
	'and the report tells of the rest'
like "$(tr -s ' \n' ' ' <out)" "$cases questions; $((1000 - cases)) more were not judged" \
	'in its first line, too'

# ---- Ctrl-C ----------------------------------------------------------------
interrupted() { # SUITE CONDITION TIMES: in a process group of its own
	rm -rf "$LOCKSTEP_HOME"
	setsid "$lockstep" replay "$1" >out 2>err &
	victim=$!
	await 60 $2
	# as timeout(1) does: to the process and to its group, one request
	kill -INT $victim -$victim
	[ "$3" = 1 ] || { await 60 grep -q stopping err; await 60 ended; }
	wait $victim
}
ended() { ! kill -INT $victim 2>/dev/null; }
has_observations() { [ "$(observed 2>/dev/null | wc -l)" -gt 20 ]; }
head -400 many.jsonl >some.jsonl
CASES=some.jsonl suite cut "url: \"$slow\"" "url: \"$slow\"" \
	'variants: {paraphrases: 1, seeds: [1]}
pace: {mode: closed, concurrency: 1}'
interrupted cut.yml has_observations 1
status=$?
is $status 2 'Ctrl-C ends a run, which is none then'
like "$(cat err)" "to resume: .lockstep resume $(basename "$(run_dir)")" \
	'and it says how to go on'
some=$(observed | wc -l)
ok "with what was done on disk ($some)" test "$some" -lt 1200
status 0 'which a resume completes' timeout 300 "$lockstep" resume last -q \
	--set pace.concurrency=8
is "$(observed | jq -c .key | sort -u | wc -l) $(observed | wc -l)" \
	'1200 1200' 'without a gap or a double'
# four answers that take ten seconds are in flight
stack asleep --latency 10s --sigma 0.01
in_flight() {
	[ "$(grep -c ":$(printf %04X "${url##*:}") 01 " /proc/net/tcp)" -ge 4 ]
}
CASES=many.jsonl suite hung "url: \"$url\", deadline: 30s" \
	"url: \"$url\", deadline: 30s" 'pace: {mode: closed, concurrency: 4}'
interrupted hung.yml in_flight 2
status=$?
is $status 130 'twice ends it at once'

# ---- progress --------------------------------------------------------------
wait $paced
like "$(cat paced.err)" '^[0-9]+/360 requests +[0-9]+/s +0 errors +p95 [0-9]+ ms +late [0-9.]+ ms +ETA [0-9:]+$' \
	'elsewhere than on a terminal: a line every ten seconds'
ok 'and not oftener' test "$(grep -c requests paced.err)" -le 3
if command -v script >/dev/null; then
	for seconds in 2 5 20; do	# longer where the machine is busy
		script -qec "$lockstep replay timed.yml --max-time ${seconds}s" \
			typescript >/dev/null 2>&1 </dev/null
		n=$(tr '\r' '\n' <typescript | grep -c 'requests .*ETA')
		[ "$n" -lt 2 ] || break
	done
	ok "on a terminal: a line that is written anew ($n times)" test "$n" -ge 2
else
	ok 'on a terminal: no script(1) to make one' true
fi

# ---- a cache ---------------------------------------------------------------
stack cached --latency 20ms --sigma 0.1 --answer-cache
cached=$url
suite cached "url: \"$slow\"" "url: \"$cached\"" \
	'variants: {paraphrases: 3, seeds: [1, 2]}
pace: {mode: closed, concurrency: 4}
gates: {latency: false}'
"$lockstep" run cached.yml -q >out 2>err
like "$(tr -s ' \n' ' ' <out)" 'cache' 'echoes from a cache are told apart'
sed "s|candidate: {url: \"$cached\"|&, no_cache: true|" cached.yml >asked.yml
"$lockstep" run asked.yml -q >out 2>err
unlike "$(tr -s ' \n' ' ' <out)" 'from a cache' 'no_cache asks past it'
is "$(observed | jq -r 'select(.key.arm | test("candidate")) |
	.request.headers | map(.[0]) | [contains(["Cache-Control"]),
	contains(["X-Lockstep-Nonce"])] | @csv' | sort -u)" 'true,true' \
	'by a header and a nonce'

# ---- what goes to disk -------------------------------------------------------
# Four cases, of which the last makes a record that is longer than any may be.
{
	seq 3 | jq -c '{id: "small-\(.)", question: "q \(.)"}'
	printf '{"id":"big","question":"%s"}\n' "$(head -c 8388574 /dev/zero |
		tr '\0' x)"
} >long.jsonl
q='{{question}}'
cat >long.yml <<-YAML
	lockstep: 1
	name: long
	cases: long.jsonl
	variants: {paraphrases: 1, seeds: [1]}
	targets: {candidate: {url: "$quick"}}
	request:
	  path: "/q?a=$q$q$q$q$q$q$q$q&api_key=sk-123456"
	  headers: {X-Secret-Key: abc123, Apikey: zzz789, X-Trace: ok}
	  body: {q: x}
	warmup: 0
YAML
rm -rf "$LOCKSTEP_HOME"
status 2 'a record that is too long is an error' "$lockstep" replay long.yml
like "$(cat err)" 'case big: a record of more than 67108864 bytes' \
	'that names the case'
is "$(observed | jq -r .key.case | sort | tr '\n' ' ')" \
	'small-1 small-2 small-3 ' 'and the others are on disk'
unlike "$(observed)" 'abc123|zzz789|sk-123456' 'credentials are not'
like "$(observed)" '"X-Trace","ok"' 'other headers are'

# ---- a schedule that slips -------------------------------------------------
wait $late
is $? 5 'a schedule that slips makes no verdict'
like "$(tr -s ' \n' ' ' <late.out)" 'INVALID.* late' 'and the report says so'

status 2 'a run that was judged is no run to resume' \
	"$lockstep" resume last --home "$T/home.late"
like "$(cat err)" 'is judged' 'and that is said'

# ---- before anything is sent -------------------------------------------------
suite unready 'url: "http://127.0.0.1:1"' "url: \"$slow\"" ''
interrupted unready.yml 'grep -q waiting.up err' 1
like "$(cat err)" 'waiting up to 30 s for baseline' 'who is waited for is said'
like "$(cat err)" 'stopped while baseline' 'and Ctrl-C ends the wait'
done_testing
