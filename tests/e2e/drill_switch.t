#!/usr/bin/env bash
# Guardrails 5 and 16: a swap under load and a read-only window, healthy and
# with what can be planted.
. tests/lib/tap.sh
. tests/lib/drill.sh
stack_options=--old-index
short='scenarios=[{name: swap, rate: 100, duration: 600ms, settle: 100ms}]'

handbook healthy $stack_options; healthy=$url
# what the build of the new index wrote, and the same with another count
swapped() { curl -sf -X POST -o "$T/swapped" "$healthy/admin/$1"; }
swapped swap
curl -sf "$healthy/manifest" | jq '{index_hash, doc_count, dim, docs}' \
	>"$T/built.json"
swapped swap-back
jq '.doc_count += 1' "$T/built.json" >"$T/other.json"
echo '{"no_such_member": 1}' >"$T/more.json"
for again in first second; do
	drill 0 "a swap of a healthy stack, the $again time" \
		suites/guardrails/swap.yml --candidate "$healthy" \
		--set "$short" --set "index.built=$T/built.json"
	like "$(tr -s ' \n' ' ' <"$T/out")" \
		'✓ the new index is the one that was built 4 of 4 members' \
		'it is what the build wrote'
	drill 0 "a read-only window, the $again time" \
		suites/guardrails/read_only.yml --candidate "$healthy" \
		--set scenarios.0.latency_floor=10s
done
is "$(grep -c '✓' "$T/out")" 11 'each check of the window'
like "$(cat "$T/out")" 'with a stable code +read_only' 'the code is shown'
is "$(curl -s "$healthy/effects" -H 'Idempotency-Key: x' -d 1 |
	jq -r .status)" applied 'the stack is as it was'

swap=(suites/guardrails/swap.yml --set "$short")
caught mixedswap=30 'index swap error' 'no answer is mixed' "${swap[@]}"
caught deadswap=45 'index swap error' 'none fails' "${swap[@]}"
caught badback 'index swap error' 'the swap changes|and back' "${swap[@]}"
while read -r file member; do
	drill 1 "the build wrote $file" "${swap[@]}" --candidate "$healthy" \
		--set "index.built=$T/$file"
	like "$(tr -s ' \n' ' ' <"$T/out")" "✗ the new index is the one that \
was built [03] of [14] members of $T/$file; $member differs" 'it is named'
	like "$(cat "$T/out")" 'likely cause +index swap error' 'and its class'
done <<-END
	other.json doc_count
	more.json no_such_member
END
window=(suites/guardrails/read_only.yml --set scenarios.0.latency_floor=10s)
caught readonlyleak 'load controls weak' '/effects is refused' "${window[@]}"
caught readonlybare 'load controls weak' 'says when to come back' \
	"${window[@]}"
caught readonlyreads=.2 'load controls weak' 'reads are answered' \
	"${window[@]}"
handbook planted $stack_options --fault readonlystuck
drill 1 'planted: readonlystuck' "${window[@]}" --candidate "$url"
like "$(cat "$T/out")" '✗ a write after the window +423' 'no way out'

drill 2 'without the lever' suites/guardrails/swap.yml --candidate "$healthy" \
	--set levers=null
like "$(cat "$T/out")" 'needs levers.swap' 'it says what it needs'
done_testing
