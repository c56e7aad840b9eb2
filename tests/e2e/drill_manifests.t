#!/usr/bin/env bash
# The ten manifests that operators have, as they are: without anything, with what
# the service has (healthy), and broken. The exit status is right each time, and
# with what the service has every word is judged. Prints the table.
. tests/lib/tap.sh
. tests/lib/drill.sh
dir=$PWD/../shared/data/manifests
[ -d "$dir" ] || skip_all "no $dir"
table=

# begin MANIFEST CASE WANT OPTION...: in the background, in a home of its own; `one`
# of the same waits for it. A machine that is held up can spoil what is of time: of
# three tries one has to end so.
declare -A begun
begin() {
	local name=$1 case=$2 want=$3 status; shift 3
	(
		export LOCKSTEP_HOME=$T/home.$name.$case
		for _ in 1 2 3; do
			in_work "$lockstep" drill "$dir/$name.yml" --json "$@" \
				>"$T/$name.$case.out" 2>"$T/$name.$case.err"
			status=$?
			[ $status -ne "$want" ] || break
		done
		exit $status
	) &
	begun[$name.$case]=$!
}

# one MANIFEST CASE WANT CHECK OPTION...: its exit status; CHECK fails, if it is
# not `-`. What is not judged stays in $left.
one() {
	local name=$1 case=$2 want=$3 check=$4 got; shift 4
	if [ -n "${begun[$name.$case]-}" ]; then
		wait "${begun[$name.$case]}"
		is $? "$want" "$name, $case"
		cp "$T/$name.$case.out" "$T/out"
	else
		drill "$want" "$name, $case" "$dir/$name.yml" --json "$@"
	fi
	left=$(jq -r '[.scenarios[].checks[] | select(.verdict ==
		"NOT_JUDGED") | .name] | join(", ")' "$T/out")
	got=$(jq -r .exit_status "$T/out")
	table+=$(printf '%-22s %-8s %s  %s' "$name" "$case" "$got" \
		"${left:-–}")$'\n'
	[ "$want" != 2 ] || like "$(jq -r '.scenarios[].headline' "$T/out")" \
		'(--set|--with) [A-Za-z]|needs \$NOW' \
		'the one option is named'
	[ "$check" = - ] || like "$(jq -r '.scenarios[].checks[] |
		select(.verdict == "FAIL") | .name' "$T/out")" "$check" \
		"fails: $check"
}
whole() { is "$left" '' 'every word is judged'; }
client() { echo "client.exec=/usr/bin/python3 $PWD/tests/lib/drill_client.py $*"; }
soon=(--set scenarios.0.duration=900ms --set scenarios.0.settle=100ms
	--set scenarios.1.delay=10ms)
quick=(--set confirm=false --set gates.latency=false --set warmup=0
	--set variants.paraphrases=1)

handbook scoped --tools \
	--flag-pin MODEL_VER=gpt-4o-2025-07-15 \
	--flag-pin PROMPT_VER=p-2025.08.31-h1 --flag-pin INDEX_HASH=b7f3aa \
	--flag-pin RERANK_CONF=bge-rerank-v2@top32 \
	--flag-region us-east-1 --flag-path /v1/chat/completions
scoped=$url
handbook healthy --old-index --requests-log "$T/requests.log" --limit 1000
healthy=$url
handbook other --seed 2 --old-index; other=$url
handbook broken --old-index --tools --requests-log "$T/thin.log" \
	--fault dupeffects --fault flagbleed=.2 --fault toolfail=.2 \
	--fault thinlog --fault otherstore --fault badscores --fault missing=.1 \
	--fault flagstuck
broken=$url

# --- most of it is waiting: beside all of the rest -----------------------------------
mkdir -p "$T/work"
handbook limited --limit 20 --burst 40 --report-queue; limited=$url
handbook free --limit 20 --burst 40 --report-queue; free=$url
handbook bare429 --limit 20 --burst 40 --report-queue --fault bare429; weak=$url
calm=(--set 'scenarios=[{name: limits, duration: 600ms, latency_floor: 10s}]'
	--set decision.shed_when.queue_wait_p95_ms=10000)
begin limits bare 0 --candidate "$limited" "${calm[@]}"
begin limits broken 1 --candidate "$weak" "${calm[@]}"
slow=(--set deadlines.write_ms=20000)	# whatever else the machine does
begin retry_backoff healthy 0 --candidate "$other" --seed 3 "${slow[@]}" \
	--set "$(client healthy "$T/client.log")" --set "client.log=$T/client.log"
begin retry_backoff broken 1 --candidate "$other" --seed 3 "${slow[@]}" \
	--set "$(client mute "$T/mute.log")" --set "client.log=$T/mute.log"
begin limits healthy 0 --candidate "$free" "${calm[@]}" \
	--set write.path=/effects --set audit.request.path=/audit \
	--set queue_wait.header=X-Queue-Ms

cp fixtures/handbook/*.jsonl "$T/"
cat >"$T/chat.yml" <<'END'
cases: {file: gold.jsonl, sample: 10}
request:
  path: /v1/chat/completions
  body: {model: m, messages: [{role: user, content: "{{question}}"}]}
extract: {preset: azure, pins: {header: X-Pins}}
tools: {calls: /choices/0/message/context/tool_calls}
flags:
  prompt_pack_vNplus1:
    headers: {X-Flag: on}
    user_header: X-User
    scope: {regions: [us-east-1]}
    scope_headers: {regions: X-Region}
    other_path: /openai/deployments/x/chat/completions
levers:
  ramp: {request: {path: /admin/ramp}, undo: {request: {path: /admin/ramp-off}}}
  kill_flag: {request: {path: /admin/kill-flag}, undo: {request: {path: /admin/revive-flag}}}
END
cat >"$T/query.yml" <<'END'
cases: gold.jsonl
sections: sections.jsonl
request: {path: /query, body: {question: "{{question}}", k: 5}}
boot: {secrets: [HOME], probes: [/healthz]}
index: {path: /manifest}
write: {path: /effects}
audit: {request: {path: /audit}}
flags:
  f:
    headers: {X-Flag: f}
    user_header: X-User
    traffic: {canary_weight: 0.05}
levers:
  restart: {request: {path: /admin/restart}}
  ramp: {request: {path: /admin/ramp}, undo: {request: {path: /admin/ramp-off}}}
  kill_flag: {request: {path: /admin/kill-flag}, undo: {request: {path: /admin/revive-flag}}}
  swap: {request: {path: /admin/swap}, undo: {request: {path: /admin/swap-back}}}
END

# --- readiness, pins, index, flags, keys: the regression suite -------------------
one rollout_readiness_gate bare 2 - --candidate "$healthy"
one rollout_readiness_gate broken 1 "its scores are its metric's" \
	--candidate "$broken" --with "$T/query.yml" "${quick[@]}"
like "$(jq -r '.scenarios[0].checks[].says' "$T/out")" \
	'open ProblemMap/embedding-vs-semantic.md' 'and what to open then'
drill 1 'a service without the pin metric' suites/guardrails/readiness.yml --json \
	--candidate "$broken" --set extract.pins=/usage --set scenarios.0.requests=3 \
	"${quick[@]}"
is "$(jq -r '.scenarios[0].checks[] | select(.name | contains("scores")) |
	.verdict' "$T/out")" NOT_JUDGED 'has no scores to judge by'
one rollout_readiness_gate healthy 0 - --candidate "$healthy" \
	--with "$T/query.yml" "${quick[@]}"
whole
artifact=$T/work/logs/coverage.json
is "$(jq -c '.measured | map_values([.verdict, .scenario, (.value | type),
	(.candidate | type), .run == null])' "$artifact")" \
	"$(jq -nc '["PASS", "readiness", "number", "number", false] as $m |
	{delta_s: $m, coverage: $m, lambda: $m}')" \
	'its artifacts have ΔS, coverage and λ'
is "$(jq -r .measured.coverage.value "$artifact")" 1 'with their values'
keys=$(jq -c 'keys, (.scenarios[0] | keys)' "$artifact")
is "$(jq -c '[.decision, .scenarios[0].verdict, .scenarios[0].build,
	(.ended >= .started)]' "$artifact")" \
	'["proceed_to_canary","PASS","MODEL_VER extract-1.4.0, '"\
INDEX_HASH 21b1513b28c0\",true]" 'the verdict, the build, the time'
one version_lock bare 0 - --candidate "$healthy"
is "$left" 'equal in both environments, another pin is refused, changed by an alias swap' \
	'what it needs is named'
one version_lock healthy 0 - --candidate "$healthy" --baseline "$other" \
	--with "$T/query.yml" --set pins.assert.header=X-Expect-Pins
whole
one version_lock broken 1 'equal in both environments' --candidate "$broken" \
	--baseline "$healthy" --with "$T/query.yml" \
	--set pins.assert.header=X-Expect-Pins
one regression_suite bare 2 - --candidate "$healthy"
one regression_suite healthy 0 - --candidate "$healthy" --with "$T/query.yml" \
	"${soon[@]}" --set levers.kill.exec=/bin/true
whole
report=$T/work/logs/regression_report.json
is "$(jq -c 'keys, (.scenarios[0] | keys)' "$report")" "$keys" \
	'its artifact has the keys of the other'
is "$(jq -c '.measured, [.scenarios[].verdict], .decision' "$report")" \
	"$(printf '%s\n' '{"delta_s":null,"coverage":null,"lambda":null}' \
	'["PASS","PASS","PASS"]' '"ship"')" 'null is what none measured'
one regression_suite broken 1 'after a broken connection' \
	--candidate "$broken" --with "$T/query.yml" "${soon[@]}"
is "$(jq -c '[.not_judged[] | [.scenario, (.what | length > 0),
	(.needs | length > 0)]]' "$report")" \
	'[["retry_replay_idempotency",true,true]]' 'and what was not judged'

# --- flags -----------------------------------------------------------------------
one feature_flags bare 2 - --candidate "$scoped"
one feature_flags healthy 0 - --candidate "$scoped" --with "$T/chat.yml"
whole
one feature_flags broken 1 'its tool calls succeed' --candidate "$broken" \
	--with "$T/chat.yml"
one flags_off bare 2 - --candidate "$scoped"
one flags_off broken 1 'the kill switch' --candidate "$scoped" \
	--with "$T/chat.yml"
curl -sf -X POST "$scoped/admin/kill-flag" >"$T/killed"
one flags_off healthy 0 - --candidate "$scoped" --with "$T/chat.yml"
whole

# --- load, keys, retries -------------------------------------------------------------
one limits bare 0 -
is "$left" 'nor in its own queue, no write is dropped' 'what it needs is named'
one limits healthy 0 -
# a machine that is held up may serve nothing behind the burst
like "$left" '^(as fast while throttled)?$' 'every word is judged'
one limits broken 1 'a 429 says when'
one idempotency bare 2 - --candidate "$healthy"
keys=(--set write.path=/effects --set audit.request.path=/audit
	--set levers.restart.request.path=/admin/restart
	--set levers.kill.exec=/bin/true --set config.request.path=/config
	--set 'scenarios=[{name: idempotency, delay: 10ms}]')
one idempotency healthy 0 - --candidate "$healthy" "${keys[@]}" \
	--set "logs.exec=cat '$T/requests.log'"
whole
one idempotency broken 1 'its log has the fields' --candidate "$broken" \
	"${keys[@]}" --set "logs.exec=cat '$T/thin.log'"
like "$(jq -r '.scenarios[0].checks[].says' "$T/out")" \
	'lines about keys of this drill lack one: decision' 'the field is named'
like "$(jq -r '.scenarios[0].checks[].says' "$T/out")" 'fence: memory' \
	'so is the store'
one retry_backoff bare 2 - --candidate "$healthy"
one retry_backoff healthy 0 -
whole
one retry_backoff broken 1 'its log has the fields'

# --- the calendar ------------------------------------------------------------------
one release_calendar bare 0 - --now 2025-12-28T00:00:00Z
one release_calendar broken 1 'prompt_pack_vNplus1 in ap-southeast-1' \
	--now 2025-09-11T00:00:00Z
unset NOW
one change_freeze_gate bare 2 -
export REGION=eu-west-1 CHANGE_TIER=T3
back=(--set levers.rollback.exec=/bin/true
	--set "inputs.calendar_file=$dir/release_calendar.yml")
export NOW=2025-12-28T00:00:00Z
one change_freeze_gate healthy 0 - "${back[@]}"
whole
export NOW=2025-11-28T00:00:00Z
one change_freeze_gate broken 1 'a change in eu-west-1' "${back[@]}"
diag "manifest, case, exit status, not judged:"
diag "$table"
done_testing
