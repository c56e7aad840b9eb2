#!/usr/bin/env bash
# Guardrail 4: pins are there, steady and equal, a mismatch is refused with
# the difference, and an alias swap changes INDEX_HASH and gives it back.
. tests/lib/tap.sh
. tests/lib/drill.sh
suite=suites/guardrails/pins.yml
stack_options=--old-index
manifest=../shared/data/manifests/version_lock.yml

handbook healthy $stack_options; healthy=$url
handbook other --seed 2 $stack_options; other=$url
for again in first second; do
	drill 0 "a healthy stack holds, the $again time" $suite \
		--candidate "$healthy" --baseline "$other"
done
is "$(grep -c '✓' "$T/out")" 10 'each check'
unlike "$(cat "$T/out")" '–' 'none is left out'
drill 0 'without the other environment' $suite --candidate "$healthy"
like "$(cat "$T/out")" 'needs the other one: --baseline URL' \
	'that is not judged, and says why'

caught pinsdrift=20 'pin drift' 'unchanged meanwhile' $suite
caught lostpins=.1 'pin drift' 'pins on every answer' $suite
caught nopincheck 'pin drift' 'another pin is refused' $suite
caught nopindiff 'pin drift' 'and the difference is named' $suite
caught oldpins 'pin drift' 'equal in both environments' $suite \
	--baseline "$healthy"
caught badback 'index swap error' 'and back with it' $suite

if [ -f $manifest ]; then
	drill 0 'the manifest runs as it is' $manifest --candidate "$healthy" \
		--baseline "$other"
	like "$(cat "$T/out")" 'pins on every answer +11 pins' 'its fields'
	like "$(cat "$T/out")" 'decision +proceed' 'its decision'
	is "$(jq -r .INDEX_HASH "$T/work/logs/version_manifest.json")" \
		"$(cat "$T/work/logs/index_hash.txt")" 'its artifacts'
	handbook planted --fault missing=.1
	drill 1 'and finds another index' $manifest --candidate "$url" \
		--baseline "$healthy"
	like "$(cat "$T/out")" 'decision +block_rollout' 'and blocks'
fi
done_testing
