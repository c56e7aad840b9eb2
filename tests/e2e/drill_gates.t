#!/usr/bin/env bash
# Guardrails 1 and 17: readiness and migration, with the suite's own gates.
. tests/lib/tap.sh
. tests/lib/drill.sh
quick=(--set confirm=false --set gates.latency=false --set warmup=0
	--set variants.paraphrases=2)
ready=(suites/guardrails/readiness.yml "${quick[@]}")
move=(suites/guardrails/migration.yml "${quick[@]}")

handbook healthy; healthy=$url
handbook other --seed 2 --pin INDEX_HASH=of-the-old-store; other=$url
for again in first second; do
	drill 0 "a stack is ready, the $again time" "${ready[@]}" \
		--candidate "$healthy"
	drill 0 "nothing is lost, the $again time" "${move[@]}" \
		--candidate "$healthy" --baseline "$other"
done
like "$(cat "$T/out")" 'documents +[0-9]+, then [0-9]+' 'counts are shown'
is "$("$lockstep" guardrails --json | jq -r '.[0].build')" \
	'MODEL_VER extract-1.4.0, INDEX_HASH 21b1513b28c0' 'on which build'
caught wrongmanifest 'index swap error' 'its index is the reported one' \
	"${ready[@]}"
caught missing=.2 'index swap error' 'its gates pass' "${ready[@]}" \
	--baseline "$healthy"
drill 1 'a secret that is not set' "${ready[@]}" --candidate "$healthy" \
	--set 'boot.secrets=[NO_SUCH_SECRET]'
like "$(cat "$T/out")" 'NO_SUCH_SECRET is not set' 'is named'
like "$(cat "$T/out")" 'decision +block_rollout' 'and blocks'
done_testing
