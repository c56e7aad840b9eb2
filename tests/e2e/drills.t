#!/usr/bin/env bash
# Every drill on healthy stacks, twice, and with what can be planted: caught by
# the check that is about it, its class named. DRILLS=all tries every row of
# tests/lib/drills.txt (`make soak`); else the first of each drill. ONLY=cache:
# rows of that drill alone. Most of a drill is waiting: some go on at a time,
# each in a folder and a home of its own.
. tests/lib/tap.sh
. tests/lib/drill.sh
quick=(--set confirm=false --set gates.latency=false --set warmup=0
	--set variants.paraphrases=1)
floor=(--set scenarios.0.latency_floor=10s)

# What makes each drill short.
declare -A more=(
	[readiness]=gates [migration]=gates [switch]=switch [swap]=swap
	[rate_limit]=limit [flags]=flags [retry]=retry [rollback]=back
	[read_only]=floor [idempotency]=delay
)
delay=(--set scenarios.0.delay=10ms)
gates=("${quick[@]}")
switch=(--set 'scenarios=[{name: switch, rate: 100, duration: 400ms,
	settle: 100ms}]')
swap=(--set 'scenarios=[{name: swap, rate: 100, duration: 600ms,
	settle: 100ms}]')
limit=(--set 'limits.default={rps: 100, burst: 60}'
	--set scenarios.0.duration=900ms)
flags=(--set 'flags.new_prompt.scope={regions: [us-east-1]}'
	--set 'flags.new_prompt.scope_headers={regions: X-Region}')
back=(--set scenarios.0.rate=200 --set scenarios.0.duration=200ms
	"${floor[@]}")
retry=(--seed 3 --set deadlines.write_ms=30000)

# try WANT DRILL OPTION...: that drill, short; the outcome as JSON in $T/out
try() {
	local want=$1 drill=$2 own=${more[$2]-} options=()
	shift 2
	if [ -n "$own" ]; then
		declare -n list=$own
		options=("${list[@]}")
	fi
	(cd "$T" && exec "$OLDPWD/$BUILD/lockstep" drill \
		"$OLDPWD/suites/guardrails/$drill.yml" "${options[@]}" --json \
		"$@") >"$T/out" 2>"$T/err"
	[ $? -eq "$want" ]
}
# What may be wrong with an incident's messages, as changes of the bundled ones.
told='|.
late|if .kind == "acknowledge" then .at = "2026-11-20T09:15:00Z" else . end
silent|select(.text | test("not complete") | not)
nonext|if .kind == "update" then del(.next) else . end
open|select(.kind != "resolved")
nosev|if .kind == "cause" then del(.severity) else . end
raw|if .kind == "cause" then .text += " ΔS was 0.62." else . end
draft|if .kind == "resolved" then ., (.at = null) else . end'
client() {
	echo "client.exec=/usr/bin/python3 $PWD/tests/lib/drill_client.py $1"
}

# One row, with its fault, or without: WANT DRILL STACK FAULT
row() {
	local want=$1 drill=$2 stack=$3 fault=$4 plant=() args=() status
	case $drill in
	retry) args=(--set "$(client "${fault:-healthy}")") ;;
	calendar)
		try "$want" calendar --now "${fault:-2026-01-01T00:00:00Z}"
		return ;;
	communication)
		sed -n "s/^$fault|//p" <<<"$told" | { read -r how
			jq -c "$how" suites/guardrails/messages.jsonl
		} >"$T/told.jsonl"
		try "$want" communication --set "communication.messages=$T/told.jsonl"
		return ;;
	*) [ -z "${fault#-}" ] || plant=(--fault "$fault") ;;
	esac
	# words of the table. shellcheck disable=SC2086
	handbook stack $stack "${plant[@]}"
	case $drill/$fault in
	migration/lostback) args=(--candidate "$old" --baseline "$url") ;;
	migration/*) args=(--candidate "$url" --baseline "$old") ;;
	readiness/missing* | pins/oldpins)
		args+=(--candidate "$url" --baseline "$other") ;;
	*) args+=(--candidate "$url") ;;
	esac
	# how fast the machine is decides nothing
	[ "$drill" != rate_limit ] || args+=("${floor[@]}" --set
		decision.shed_when.queue_wait_p95_ms=10000)
	case $fault in
	# what never comes back is waited for no longer; healthy, as it takes
	badback) [ "$drill" != switch ] || args+=(--set
		scenarios.0.back_within=1s) ;;
	deadrollback | slowrollback=*) args+=(--set scenarios.0.within=1s) ;;
	slowwarm=2) args+=(--set scenarios.0.first_good_within=500ms) ;;
	slowthrottle=*) args+=(--set scenarios.0.latency_floor=500ms) ;;
	queued=400) args+=(--set decision.shed_when.queue_wait_p95_ms=300) ;;
	esac
	try "$want" "$drill" "${args[@]}"
	status=$?
	stop "$pid"
	return $status
}

# A machine that is held up can spoil what is of time: of three tries one holds.
thrice() { "$@" || "$@" || "$@"; }

# Whether the outcome names the class and the check: CLASS CHECK
named() {
	jq -e --arg class "${1#-}" --arg check "$2" '.scenarios[0] |
		(.cause // "") == $class and ([.checks[] |
		select(.verdict == "FAIL") | .name] |
		any(endswith($check)))' "$T/out" >"$T/named"
}

# DRILL STACK FAULT CLASS CHECK
caught() { row 1 "$1" "$2" "$3" && named "$4" "$5"; }

# All rows of a drill; a line an outcome to $T/said.
rows_of() { # DRILL
	local drill stack fault class check again first=1
	while IFS='|' read -r drill stack fault class check; do
		if [ -n "$first" ]; then
			for again in first second; do
				thrice row 0 "$drill" "$stack" '' &&
					say healthy ok ||
					say healthy "$drill on a healthy" \
					"stack:" "$(head -c 600 "$T/out" "$T/err")"
			done
		elif [ "${DRILLS:-}" != all ]; then
			break
		fi
		first=
		if thrice caught "$drill" "$stack" "$fault" "$class" \
			"$check"; then
			say planted ok
		else
			say planted "$drill, $fault: wanted $class, $check;" \
				"got" "$(jq -c '.scenarios[0] | [.cause,
				(.checks[] | select(.verdict == "FAIL") |
				.name)]' "$T/out")"
		fi
	done < <(grep "^$1|" tests/lib/drills.txt)
}
say() { # KIND OUTCOME...
	local kind=$1; shift
	printf '%s %s\n' "$kind" "$(tr '\n' ' ' <<<"$*")" >>"$T/said"
}

handbook other --seed 2; other=$url
handbook old --seed 2 --pin INDEX_HASH=of-the-old-store; old=$url
slow='rate_limit retry switch rollback swap'
workers=()
for drill in $slow $(sed -n 's/^\([a-z_]*\)|.*/\1/p' tests/lib/drills.txt |
	sort -u | grep -vxF "${slow// /$'\n'}"); do
	[ "${ONLY:-$drill}" = "$drill" ] || continue
	# three beside the two servers
	while [ "$(jobs -rp | wc -l)" -ge 5 ]; do wait -n; done
	apart "of_$drill" rows_of "$drill" &
	workers+=($!)
done
wait "${workers[@]}"
cat "$T"/of_*/said >"$T/said"
count() { grep -c "^$1" "$T/said"; }
grep -v ' ok $' "$T/said" | while read -r line; do diag "$line"; done
healthy=$(count healthy) passed=$(count 'healthy ok')
planted=$(count planted) caught=$(count 'planted ok')
diag "healthy: $passed of $healthy pass; planted: $caught of $planted are" \
	"caught and their class named, $((100 * caught / planted)) %"
is "$passed" "$healthy" 'healthy stacks hold, twice'
ok 'at least 95 % of what is planted is caught' \
	test $((100 * caught)) -ge $((95 * planted))
done_testing
