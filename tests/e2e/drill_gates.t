#!/usr/bin/env bash
# Guardrails 1 and 17: readiness and migration, with the suite's own gates.
. tests/lib/tap.sh
. tests/lib/drill.sh
dir=../shared/data/manifests
quick=(--set confirm=false --set gates.latency=false --set warmup=0
	--set variants.paraphrases=2)
ready=(suites/guardrails/readiness.yml "${quick[@]}")
move=(suites/guardrails/migration.yml "${quick[@]}")

# The regression suite as it is: its outcome to $T/out and $T/status.
regress() {
	handbook swappable --old-index "$@"
	mkdir "$T/work"
	in_work "$lockstep" drill "$(realpath $dir/regression_suite.yml)" \
		--with "$T/../service.yml" --candidate "$url" >"$T/out" 2>&1
	echo $? >"$T/status"
}

if [ -d $dir ]; then
	cp fixtures/handbook/*.jsonl "$T/"
	cat >"$T/service.yml" <<-END
	cases: gold.jsonl
	sections: sections.jsonl
	request: {path: /query, body: {question: "{{question}}", k: 5}}
	boot: {secrets: [HOME], probes: [/healthz]}
	index: {path: /manifest}
	write: {path: /effects}
	audit: {request: {path: /audit}}
	flags: {f: {headers: {X-Flag: f}}}
	levers:
	  restart: {request: {path: /admin/restart}}
	  swap: {request: {path: /admin/swap}, undo: {request: {path: /admin/swap-back}}}
	END
	# most of it is waiting: beside all of the rest
	apart regression regress &
	regression=$!
	apart broken regress --fault dupeffects &
	broken=$!
fi

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

if [ -d $dir ]; then
	drill 2 'the manifest says what it needs' \
		$dir/rollout_readiness_gate.yml --candidate "$healthy"
	like "$(tr -s ' \n' ' ' <"$T/out")" 'with SUITE' 'the one option'
	drill 0 'and runs as it is with it' \
		$dir/rollout_readiness_gate.yml --with "$T/service.yml" \
		"${quick[@]}" --candidate "$healthy"
	artifact=$T/work/logs/coverage.json
	is "$(jq -c '.measured | map_values([.verdict, .scenario, (.value |
		type), (.candidate | type), .run == null])' "$artifact")" \
		"$(jq -nc '["PASS", "readiness", "number", "number", false] as $m |
		{delta_s: $m, coverage: $m, lambda: $m}')" \
		'its artifacts have ΔS, coverage and λ'
	is "$(jq -r .measured.coverage.value "$artifact")" 1 'with their values'
	keys=$(jq -c 'keys, (.scenarios[0] | keys)' "$artifact")
	is "$(jq -c '[.decision, .scenarios[0].verdict, .scenarios[0].build,
		(.not_judged | length > 0), (.ended >= .started)]' "$artifact")" \
		'["proceed_to_canary","PASS","MODEL_VER extract-1.4.0, '"\
INDEX_HASH 21b1513b28c0\",true,true]" 'the verdict, the build, the time'
	is "$(jq -c '[.not_judged[] | select(.scenario == "readiness") |
		[(.what | length > 0), (.needs | length > 0)]] | unique' \
		"$artifact")" '[[true,true]]' 'and what was not judged'
	like "$(cat "$T/out")" 'decision +proceed_to_canary' 'and proceeds'
	wait "$regression" "$broken"
	is "$(cat "$T/regression/status")" 0 'the regression suite as it is'
	like "$(cat "$T/regression/out")" '3 of 3 scenarios hold' \
		'its three scenarios'
	like "$(cat "$T/regression/out")" 'decision +ship' 'and ships'
	report=work/logs/regression_report.json
	is "$(jq -c 'keys, (.scenarios[0] | keys)' "$T/regression/$report")" \
		"$keys" 'its artifact has the keys of the other'
	is "$(jq -c '.measured, [.scenarios[].verdict]' \
		"$T/regression/$report")" "$(printf '%s\n' \
		'{"delta_s":null,"coverage":null,"lambda":null}' \
		'["PASS","PASS","PASS"]')" 'null is what none measured'
	is "$(cat "$T/broken/status")" 1 'and finds a fault'
	like "$(cat "$T/broken/out")" '✗ 9 retry_replay_idempotency' \
		'by its scenario'
fi
done_testing
