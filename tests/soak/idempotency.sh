#!/usr/bin/env bash
# usage: idempotency.sh [KEYS]: the drill of idempotency at length, about 100,000
# requests at 42,000 keys, over connections that break and a stack that is
# killed with -9 again and again and comes up with its effects on disk: 0
# duplicates; then what can be planted, each found.
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
. tests/lib/drill.sh
. tests/lib/drill_kill.sh
suite=suites/guardrails/idempotency.yml
keys=${1:-42000}

long() { # WANT WHAT KEYS OPTION...
	local want=$1 what=$2 n=$3 begun=$SECONDS name=long$tap_n; shift 3
	killable "$name" "$@"
	drill "$want" "$what" $suite --candidate "$url" --set "$kill_lever" \
		--set scenarios.0.keys="$n" --set scenarios.0.delay=100ms --json
	jq -r --arg s $((SECONDS - begun)) --arg k "$(wc -l <"$T/$name.killed")" '
		.scenarios[0] | "# \(.requests) requests in \($s) s, " +
		"\($k) kills; \(.headline)",
		(.checks[] | "#   \(.verdict) \(.name): \(.says)")' "$T/out"
	curl -s "$url/audit?limit=0" | jq -r '"# the stack: \(.effects) effects,
		\(.keys) keys, \(.duplicates) duplicates"'
	kill -9 "$pid"
}

long 0 'a healthy stack' "$keys"
for fault in dupeffects forgetful lazykeys=64 noconflict; do
	long 1 "planted: $fault" $((keys / 10)) --fault $fault
	is "$(jq -r '.scenarios[0].cause' "$T/out")" 'idempotency missing' \
		"the cause of $fault is named"
done
done_testing
