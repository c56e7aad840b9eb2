#!/usr/bin/env bash
# Guardrails 7 and 11: a rate limit with its tenants, and a rollback in time. What
# else can be planted is in drills.t.
. tests/lib/tap.sh
. tests/lib/drill.sh
stack_options='--limit 100 --burst 60 --report-queue'
limit=(suites/guardrails/rate_limit.yml --set scenarios.0.duration=900ms
	--set 'limits.default={rps: 100, burst: 60}'
	--set scenarios.0.latency_floor=10s	# whatever else the machine does
	--set decision.shed_when.queue_wait_p95_ms=10000)

handbook healthy $stack_options; healthy=$url
checks=17 steady 0 'a limited stack' "${limit[@]}" --candidate "$healthy"
is "$(grep -c '✓' "$T/out")" 17 'each check'
like "$(tr -s ' \n' ' ' <"$T/out")" '✓ and each has one effect the service counts 111 effects of 111 writes' \
	'no write is lost, none is done twice'
like "$(cat "$T/out")" 'premium beside a storm' 'the tenants are apart'
like "$(cat "$T/out")" '✓ the knee +it carries' 'the knee is found'
caught sharedbucket 'load controls weak' 'beside a storm' "${limit[@]}"
stack_options=
handbook open
drill 1 'a stack without a limit' "${limit[@]}" --candidate "$url"
like "$(cat "$T/out")" '✗ a burst is limited' 'is not limited'

back=(suites/guardrails/rollback.yml --set scenarios.0.rate=200
	--set scenarios.0.duration=600ms
	--set scenarios.0.latency_floor=10s)
stack_options='--fault badrelease=.3'
handbook release $stack_options
says='while it was deployed +[1-9]' steady 0 'a release is taken back' "${back[@]}" --candidate "$url"
like "$(cat "$T/out")" 'while it was deployed +[1-9][0-9]* of' 'it was bad'
done_testing
