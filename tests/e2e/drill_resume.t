#!/usr/bin/env bash
# A drill that was killed in the middle of a scenario: levers are taken back,
# what its finished steps measured is not asked again, the step that the kill
# cut is started over, and the report says so; unless the stack is another one.
. tests/lib/tap.sh
. tests/lib/drill.sh
short='[{name: swap, rate: 100, duration: 300ms, settle: 100ms},
	{name: switch, rate: 100, duration: 300ms, settle: 100ms},
	{name: read_only, latency_floor: 10s}, {name: idempotency, keys: 16,
	delay: 1ms}, {name: flags, requests: 6}, {name: cache, requests: 6}]'
cp fixtures/handbook/*.jsonl "$T/"
cat >"$T/suite.yml" <<END
lockstep: 1
name: cut
cases: gold.jsonl
sections: sections.jsonl
request: {path: /query, body: {question: "{{question}}", k: 5}}
scenarios: ${short//$'\n'/ }
write: {path: /effects}
audit: {request: {path: /audit}}
flags: {f: {headers: {X-Flag: f}, versions: {PROMPT_VER: p-2025.08.0-flag}}}
levers:
END
# a lever of the stack, that waits when $T/cut has its name and number of pulls
lever() { # NAME PATH [UNDO]
	cat >"$T/$1.sh" <<-SH
		curl -sf -X POST -o $T/$1.said \$LOCKSTEP_CANDIDATE/admin/$2
		echo pulled >>$T/$1.pulls
		[ "$1 \$(wc -l <$T/$1.pulls)" = "\$(cat $T/cut)" ] || exit 0
		touch $T/reached
		while [ -e $T/hold ]; do sleep .02; done
	SH
	echo "  $1: {exec: 'sh $T/$1.sh'${3:+, undo: {request: {path: /admin/$3\}\}}}"
}
{
	lever swap swap swap-back
	lever switch swap swap-back
	lever read_only read-only read-write
	lever restart restart
	lever kill_flag kill-flag revive-flag
} >>"$T/suite.yml"

# cut NAME AT RESUME...: the scenario, killed while its lever is pulled for the
# AT-th time, and resumed
cut() {
	local name=$1 lever=$2 at=$3; shift 3
	echo "$lever $at" >"$T/cut"
	touch "$T/hold"
	rm -f "$T/reached" "$T"/*.pulls
	"$BUILD/lockstep" drill "$T/suite.yml" --candidate "$stack" \
		--only "$name" >"$T/killed" 2>&1 &
	pid=$!
	await 60 test -e "$T/reached" || diag "$(cat "$T/killed")"
	{ kill -9 $pid; wait $pid; } 2>/dev/null
	rm "$T/hold"
	drill 0 "$name, killed and resumed" "$T/suite.yml" --resume --json "$@"
	resumed=$(jq -r '.scenarios[0].checks[] | select(.name == "resumed") |
		.says' "$T/out")
	pulls=$(wc -l <"$T/$lever.pulls")
}

handbook stack --old-index --flag-path /query; stack=$url
"$lockstep" drill "$T/suite.yml" --candidate "$stack" --json >"$T/whole" \
	2>"$T/err"
checks() { # NAME FILE: names and verdicts
	jq -c --arg n "$1" '.scenarios[] | select(.name == $n) | [.checks[] |
		select(.name != "resumed") | [.name, .verdict]]' "$2"
}
while IFS='|' read -r name lever at pulls_whole says; do
	cut "$name" "$lever" "$at"
	is "$resumed" "$says" 'what was taken is said, and what was not'
	is "$(checks "$name" "$T/out")" "$(checks "$name" "$T/whole")" \
		'every check is there, once'
	is "$pulls" "$((pulls_whole + 1))" 'only the cut step is tried again'
done <<'END'
swap|swap|2|2|as measured before it was interrupted: each index at rest; started over from: the swap under load
switch|switch|2|2|as measured before it was interrupted: each side at rest; started over from: the switch under load
read_only|read_only|1|1|as measured before it was interrupted: before the window; started over from: the window
idempotency|restart|1|1|as measured before it was interrupted: duplicates at once, delayed duplicates, after a client's time-out, after a broken connection, after half a request, out of order; started over from: across a restart
cache|swap|1|1|as measured before it was interrupted: cold and warm, a stampede, tenants, arms; started over from: a swap
flags|kill_flag|1|1|it was started over
END
is "$(curl -s "$stack/manifest" | jq -r .index_hash)" \
	"$(jq -r '.scenarios[0].pins.INDEX_HASH' "$T/whole")" \
	'the stack is as it was'

# --- another stack ------------------------------------------------------------
handbook other --old-index --pin MODEL_VER=another
cut swap swap 2 --candidate "$url"
is "$resumed" 'it was started over: the stack has other pins than when it was interrupted' \
	'a stack with other pins is measured anew'
is "$pulls" 4 'from its first step'
is "$(jq -r '.scenarios[0].pins.MODEL_VER' "$T/out")" another \
	'and the outcome is of that stack'

# --- killed again -------------------------------------------------------------
echo swap 2 >"$T/cut"
touch "$T/hold"
rm -f "$T/reached" "$T"/*.pulls
start() {
	rm -f "$T/reached"
	"$BUILD/lockstep" drill "$@" >"$T/killed" 2>&1 &
	pid=$!
	await 60 test -e "$T/reached" || diag "$(cat "$T/killed")"
	{ kill -9 $pid; wait $pid; } 2>/dev/null
}
start "$T/suite.yml" --candidate "$stack" --only swap
echo swap 3 >"$T/cut"
# a line that the kill cut is no line
printf '{"step":"the swap under l' >>"$LOCKSTEP_HOME/drill.progress"
start "$T/suite.yml" --resume
rm "$T/hold"
drill 0 'killed twice, and resumed' "$T/suite.yml" --resume --json
is "$(checks swap "$T/out")" "$(checks swap "$T/whole")" \
	'every check is there, once'
is "$(wc -l <"$T/swap.pulls")" 4 'only the cut step is tried, each time'
done_testing
