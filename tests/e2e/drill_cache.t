#!/usr/bin/env bash
# Guardrails 6 and 8: a cache with its namespaces, and a feature flag.
. tests/lib/tap.sh
. tests/lib/drill.sh
stack_options='--cache --old-index --latency 4ms'
cache=suites/guardrails/cache.yml
flags=suites/guardrails/flags.yml

handbook healthy $stack_options; healthy=$url
for again in first second; do
	drill 0 "a cache holds, the $again time" $cache --candidate "$healthy"
	is "$(grep -c '✓' "$T/out")" 13 'each check'
	cp "$T/out" "$T/out.cache"
	drill 0 "a flag holds, the $again time" $flags --candidate "$healthy"
	is "$(grep -c '✓' "$T/out")" 10 'each check'
done
caught stalecache 'cache namespace bug' 'nothing stale after a swap' $cache
caught mixedcache 'cache namespace bug' 'nothing stale after a swap' $cache
caught armbleed 'cache namespace bug' 'arms are apart' $cache
caught cachebleed 'cache namespace bug' 'tenants are apart' $cache
caught stampede 'load controls weak' 'identical misses at once' $cache
for after in 'a restart' 'a flush' 'a swap' 'the way back'; do
	like "$(tr -s ' \n' ' ' <"$T/out.cache")" \
		"✓ first good answer after $after [0-9.]+ s; limit 300 s" \
		"the seconds after $after"
done
caught slowwarm=2 'boot ordering' 'first good answer after a flush' $cache \
	--set scenarios.0.first_good_within=500ms
stack_options=
caught flagbleed=.1 'cache namespace bug' 'others never do' $flags
caught flagdead=.1 'pin drift' 'flagged requests show it' $flags
caught flagflap 'cache namespace bug' 'a user stays on a side' $flags
caught flagstuck 'cache namespace bug' 'the kill switch' $flags

# --- an endpoint out of the flag's scope ---------------------------------------
cat >"$T/scope.yml" <<END
lockstep: 1
name: scope
cases: {file: $PWD/fixtures/handbook/gold.jsonl, sample: 10}
request:
  path: /v1/chat/completions
  body: {model: m, messages: [{role: user, content: "{{question}}"}]}
extract: {preset: openai, pins: {header: X-Pins}}
flags:
  new_prompt:
    headers: {X-Flag: new_prompt}
    other_path: /openai/deployments/x/chat/completions
    versions: {PROMPT_VER: p-2025.08.0-flag}
scenarios: [{name: flags, requests: 10}]
END
handbook scoped --flag-path /v1/chat/completions
drill 0 'a flag of one endpoint' "$T/scope.yml" --candidate "$url"
like "$(cat "$T/out")" '✓ off in other endpoints' 'is off in others'
stack_options='--flag-path /v1/chat/completions'
caught scopeleak 'cache namespace bug' 'off in other endpoints' "$T/scope.yml"

done_testing
