#!/bin/bash
# A/A: two identical stacks, noisy in the way real ones are.  Of ten runs none
# FAILs and at least eight PASS, in each response shape.
set -u
. tests/lib/tap.sh
. tests/lib/squad.sh
squad 100
squad_flight=8	# latency is the service's, not this machine's queue

aa_run() {
	"$lockstep" run "$T/$shape.yml" --baseline "${urls[0]}" \
		--candidate "${urls[1]}" --json -q >"$T/out" 2>"$T/err"
}

for shape in generic azure elasticsearch; do
	squad_suite $shape
	: >"$T/verdicts"
	for i in 1 2 3 4 5 6 7 8 9 10; do
		for arm in 0 1; do
			squad_stack "arm$arm" --noise .03 --errors .002 \
				--tail .01x8 --latency 16ms \
				--seed $((i * 2 + arm))
			urls[arm]=$url
			pids[arm]=$pid
		done
		aa_run
		# a machine that stood still under one arm alone, or what
		# chance gives equal stacks at p <= .005 (METRICS.md, hard
		# stops): asked again, once
		if jq -e '.verdict == "FAIL"' "$T/out" >/dev/null 2>&1; then
			diag "run $i again: $(jq -c .reasons "$T/out")"
			aa_run
		fi
		jq -r '.verdict' "$T/out" >>"$T/verdicts"
		[ "$(tail -1 "$T/verdicts")" = PASS ] ||
			diag "run $i: $(jq -c '[.verdict, .reasons]' \
				"$T/out") $(head -1 "$T/err")"
		stop "${pids[0]}"
		stop "${pids[1]}"
	done
	is "$(wc -l <"$T/verdicts")" 10 "$shape: ten runs of equal stacks"
	is "$(grep -cvxE 'PASS|INCONCLUSIVE|REVIEW' "$T/verdicts")" 0 \
		"$shape: none fails"
	ok "$shape: $(grep -cx PASS "$T/verdicts") pass, eight or more" \
		test "$(grep -cx PASS "$T/verdicts")" -ge 8
done
done_testing
