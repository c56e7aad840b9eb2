#!/usr/bin/env bash
# Guardrails 7 and 11: a rate limit with its tenants, and a rollback in time.
. tests/lib/tap.sh
. tests/lib/drill.sh
stack_options='--limit 100 --burst 60'
limit=(suites/guardrails/rate_limit.yml --set scenarios.0.duration=900ms
	--set 'limits.default={rps: 100, burst: 60}')
manifest=../shared/data/manifests/limits.yml

handbook healthy $stack_options; healthy=$url
for again in first second; do
	drill 0 "a limited stack, the $again time" "${limit[@]}" \
		--candidate "$healthy"
	sleep 1
done
is "$(grep -c '✓' "$T/out")" 10 'each check'
like "$(cat "$T/out")" 'premium beside a storm' 'the tenants are apart'
[ ! -f $manifest ] || drill 0 'the manifest runs as it is' $manifest \
	--candidate "$healthy" --set 'scenarios=[{name: limits, duration: 600ms}]'
caught bare429 'load controls weak' 'a 429 says when' "${limit[@]}"
caught sharedbucket 'load controls weak' 'beside a storm' "${limit[@]}"
caught slowrecovery=4 'load controls weak' 'served again after that' \
	"${limit[@]}"
caught overload503 'load controls weak' 'nothing else happens' "${limit[@]}"
stack_options=
handbook open
drill 1 'a stack without a limit' "${limit[@]}" --candidate "$url"
like "$(cat "$T/out")" '✗ a burst is limited' 'is not limited'

back=(suites/guardrails/rollback.yml --set scenarios.0.rate=200
	--set scenarios.0.duration=200ms --set scenarios.0.within=1s
	--set scenarios.0.latency_floor=10s)
stack_options='--fault badrelease=.3'
handbook release $stack_options
for again in first second; do
	drill 0 "a release is taken back, the $again time" "${back[@]}" \
		--candidate "$url"
done
like "$(cat "$T/out")" 'while it was deployed +[1-9][0-9]* of' 'it was bad'
caught deadrollback 'load controls weak' 'everything is as before' \
	"${back[@]}"
caught slowrollback=3 'load controls weak' 'everything is as before' \
	"${back[@]}"
caught rollbackforgets 'idempotency missing' 'no effect comes twice' \
	"${back[@]}"
done_testing
