#!/usr/bin/env bash
# kill -9 of a shadow under load, and what the next one makes of it: users lose
# at most what was in flight, behind a mirror nothing; the trace is mended, its
# run and the live verdict go on; the rollback of a ramp never runs twice.
# make soak: KILLS=50 random moments of each (SEED: others).
. tests/lib/tap.sh
. tests/lib/shadow.sh
kills=${KILLS:-2}
RANDOM=${SEED:-7}
# some time, of two seconds at most
moment() { sleep "$((RANDOM % 2)).$(printf %03d $((RANDOM % 1000)))"; }
count() { sed -nE "s/.*$1 ([0-9]+).*/\1/p" "$T/load"; }
service primary ok; primary=$url
service candidate ok; candidate=$url
users=4

cat >"$T/suite.yml" <<'YML'
lockstep: 1
name: kills
cases: [{id: none, question: "users ask"}]
request: {path: /query, body: {question: "{{question}}"}}
gates: {latency: false}
YML

# start ADDRESS OPTION...: a shadow that goes on with $T/state
start() {
	: >"$T/shadow.out"
	"$lockstep" shadow --primary "$primary" --candidate "$candidate" \
		--suite "$T/suite.yml" --state "$T/state" --waiting 20000 \
		--status 127.0.0.1:0 "$@" >"$T/shadow.out" \
		2>>"$T/shadow.err" &
	pid=$!
	tap_pids+=($pid)
	await 60 grep -q 'status at' "$T/shadow.out" ||
		diag "$(cat "$T/shadow.err")"
	status=$(sed -n 's/^status at //p' "$T/shadow.out")
}
pairs() { curl -sf "$status" | jq .pairs; }
# killed OPTION...: users at $users_url while shadows are killed and started;
# ends the last one, its exit status in $code
killed() {
	rm -f "$T/stop" "$T"/state*
	: >"$T/shadow.err"
	start "$@"
	py load "$users_url" $users "$T/stop" >"$T/load" &
	local load=$! i
	tap_pids+=($load)
	for i in $(seq "$kills"); do
		await 60 eval '[ "$(pairs)" -gt 0 ]'
		await 60 test -s "$T/state"
		moment
		kill -9 $pid
		wait $pid 2>/dev/null
		start "$@"
	done
	last=$(pairs)
	await 60 eval "[ \"\$(pairs)\" -gt $((last + 100)) ]"
	: >"$T/stop"
	wait $load
	resumed=$(curl -sf "$status" | jq .resumed)
	kill -INT $pid
	wait $pid
	code=$?
}

# ---- as a tee --------------------------------------------------------------------
port=$(free_port)
users_url=http://127.0.0.1:$port
killed --listen 127.0.0.1:$port
is "$(count wrong)" 0 "$kills kills: no user has a wrong answer"
ok "at most what was in flight is lost ($(count broken) of $(count right))" \
	test "$(count broken)" -le $((kills * users))
is "$resumed" "$kills" 'the verdict went on each time'
is "$code" 0 'and passes at the end' || diag "$(tail -20 "$T/shadow.err")"
like "$(cat "$T/shadow.out")" 'resuming the shadow that was killed: [0-9]+ pairs' \
	'the last one said what it found'
is "$(ls "$T/home/runs" | wc -l)" 1 'all of them are one run'
run=$(ls "$T/home/runs")
obs=$T/home/runs/$run/obs.jsonl.zst
status 0 'whose trace is sound' "$lockstep" trace verify "$obs"
zstd -dc "$obs" | jq -r 'select(.key) | .key.case + " " + .key.arm' >"$T/keys"
is "$(sort "$T/keys" | uniq -d | wc -l)" 0 'with no observation twice'
both=$(grep -c ' candidate$' "$T/keys")
ok "and hardly a pair lost ($both)" test "$both" -ge $(($(count right) -
	kills * 300))
ok 'pairs are whole but for one a kill' test \
	$(($(grep -c ' baseline$' "$T/keys") - both)) -le "$kills"
"$lockstep" report last --format json >"$T/report.json" 2>/dev/null
is "$(jq -r .verdict "$T/report.json")" PASS 'the report covers the whole run'
is "$(jq '.cases | length' "$T/report.json")" "$(cut -d' ' -f1 "$T/keys" |
	sort -u | wc -l)" 'with every case'

# ---- behind a mirror --------------------------------------------------------------
if command -v nginx >/dev/null; then
	mirror=127.0.0.1:$(free_port)
	mirroring "$primary" "http://$mirror"
	users_url=$front
	killed --from-mirror $mirror --ask-primary 1
	is "$(count wrong) $(count broken) $(count unreachable)" '0 0 0' \
		"$kills kills: users of nginx notice nothing ($(count right))"
	is "$resumed $code" "$kills 0" 'and the verdict goes on'
fi

# ---- another candidate, another run --------------------------------------------------
start --listen 127.0.0.1:0
kill -9 $pid; wait $pid 2>/dev/null
service other ok; candidate=$url
start --listen 127.0.0.1:0
unlike "$(cat "$T/shadow.out")" 'going on' \
	'what was killed with another candidate is left as it is'
kill -INT $pid; wait $pid 2>/dev/null

# ---- ramp ------------------------------------------------------------------------------
serve ramps python3 tests/lib/shadow.py status
ramp() {
	timeout 60 "$lockstep" ramp --journal "$T/journal" --interval 20ms \
		"$@" >>"$T/ramp.out" 2>&1 </dev/null
}
twice=0 backs=0
for i in $(seq $((kills * 2))); do
	# a file each: the command of one that was killed may still be running
	rm -f "$T/journal"; back=$T/back.$i; : >"$back"
	"$lockstep" ramp --journal "$T/journal" --interval 20ms \
		--status "$url/status" --steps 0,5,50,100 --set-weight 'sleep .05' \
		--rollback "echo back >>'$back'; sleep .05" \
		>"$T/ramp.out" 2>&1 </dev/null &
	pid=$!
	await 30 test -s "$T/journal"
	sleep 0.$(printf %03d $((RANDOM % 400)))
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	for again in 1 2; do ramp --resume; done
	n=$(wc -l <"$back")
	backs=$((backs + n))
	[ "$n" -le 1 ] || twice=$((twice + 1))
done
is $twice 0 "ramp: $((kills * 2)) kills, $backs rollbacks, none of them twice"
done_testing
