#!/usr/bin/env bash
# Guardrail 10: what a client does with faults that a front injects by seed.
. tests/lib/tap.sh
. tests/lib/drill.sh
suite=suites/guardrails/retry.yml
slow=(--set deadlines.write_ms=30000)	# whatever else the machine does
client() { echo "client.exec=/usr/bin/python3 $PWD/tests/lib/drill_client.py $1"; }

handbook healthy; healthy=$url
drill 0 'a client that keeps the rules' $suite --candidate "$healthy" \
	--seed 3 "${slow[@]}" --set "$(client healthy)"
is "$(grep -c '✓' "$T/out")" 9 'each of them'
# Most of it is waiting: some at a time.
broken='once load_controls_weak transient_faults
eager load_controls_weak Retry-After_is_kept
fixed load_controls_weak pauses_have_jitter
stubborn load_controls_weak 400_is_not_asked
newkey idempotency_missing a_retry_keeps_its_key'
# MODE CHECK: the outcome to $T/out, the exit status to $T/status. A machine that
# holds a client up gives jitter to what has none: one of three fails by CHECK.
tried() {
	for _ in 1 2 3; do
		"$lockstep" drill $suite --candidate "$healthy" --seed 3 \
			--set "$(client "$1")" --json >"$T/out" 2>"$T/err"
		echo $? >"$T/status"
		! failed "$T/out" | grep -q "$2" || break
	done
}
failed() { # FILE: the checks that do
	jq -r '.scenarios[0].checks[] | select(.verdict == "FAIL") | .name' "$1"
}
workers=()
while read -r mode _ check; do
	while [ "$(jobs -rp | wc -l)" -ge 4 ]; do wait -n; done
	apart "$mode" tried "$mode" "${check//_/ }" &
	workers+=($!)
done <<<"$broken"
wait "${workers[@]}"
while read -r mode cause check; do
	is "$(cat "$T/$mode/status")" 1 "a client that is $mode"
	like "$(failed "$T/$mode/out")" "${check//_/ }" "fails: ${check//_/ }"
	is "$(jq -r '.scenarios[0].cause' "$T/$mode/out")" "${cause//_/ }" \
		'its cause'
done <<<"$broken"

# --- the front alone ----------------------------------------------------------
"$BUILD/lockstep" chaos --upstream "$healthy" --seed 3 --json \
	>"$T/chaos.json" 2>"$T/chaos.err" &
pid=$!
tap_pids+=($pid)
ok 'it listens' await 60 grep -q listening "$T/chaos.err"
front=$(grep -o 'http://[0-9.:]*' "$T/chaos.err")
for n in 1 2 3 4 5 6 7 8; do
	curl -s -o "$T/body" "$front/query" -d "{\"question\":\"q $n\"}"
done
printf 'GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n' |
	timeout 60 bash -c "cat >/dev/tcp/127.0.0.1/${front##*:}"
kill -INT $pid; wait $pid
is "$(jq length "$T/chaos.json")" 8 'and tells what each request got'
done_testing
