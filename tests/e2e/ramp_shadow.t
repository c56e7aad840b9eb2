#!/usr/bin/env bash
# lockstep ramp over a real shadow of the demo stack: a candidate that goes bad
# in the second window is taken back at the second step, and by the reason.
. tests/lib/tap.sh

hb=fixtures/handbook
handbook primary --seed 1; primary=$url
handbook candidate --seed 2 --fault pinsdrift=700; candidate=$url
cat >"$T/suite.yml" <<'YAML'
lockstep: 1
name: live
cases: [{id: a, question: x}]
request: {path: /query, body: {question: "{{question}}"}}
extract: {preset: generic}
YAML
"$lockstep" shadow --listen 127.0.0.1:0 --primary "$primary" \
	--candidate "$candidate" --suite "$T/suite.yml" \
	--status 127.0.0.1:0 >"$T/shadow.out" 2>"$T/shadow.err" & shadow=$!
tap_pids+=($shadow)
await 30 grep -q '/status' "$T/shadow.out"
status=$(grep -o 'http://[0-9.:]*/status' "$T/shadow.out")
listen=$(grep -oE '^shadow http://[0-9.:]+' "$T/shadow.out")
# users.py HOST STATUS PAIRS GOLD: asks until so many pairs were judged, or 60 s
cat >"$T/users.py" <<'PY'
import http.client, json, sys, time, urllib.request
host, status, pairs = sys.argv[1], sys.argv[2], int(sys.argv[3])
asks = [json.loads(l)["question"] for l in open(sys.argv[4])]
c = http.client.HTTPConnection(host, timeout=60)
end, i = time.time() + 60, 0
while time.time() < end:
    c.request("POST", "/query", json.dumps({"question": asks[i % len(asks)],
        "k": 5, "seed": i}), {"Content-Type": "application/json"})
    c.getresponse().read()
    i += 1
    time.sleep(.002)
    if i % 20 == 0:
        if json.load(urllib.request.urlopen(status))["pairs"] >= pairs:
            break
PY
users() {
	timeout 90 /usr/bin/python3 "$T/users.py" "${listen#shadow http://}" \
		"$status" "$1" $hb/gold.jsonl
}
# begun N: waits, a minute at most, until the journal has N windows
begun() {
	local i n
	for i in $(seq 600); do
		n=$(grep -c '"event":"window"' "$T/journal" 2>/dev/null)
		[ "${n:-0}" -lt "$1" ] || return 0
		sleep .1
	done
	return 1
}

timeout 100 "$lockstep" ramp --status "$status" --steps 0,25,100 \
	--journal "$T/journal" --interval 50ms \
	--set-weight "echo set \$LOCKSTEP_WEIGHT >>$T/log" \
	--rollback "echo back \$LOCKSTEP_WEIGHT >>$T/log" \
	>"$T/ramp.out" 2>&1 & ramp=$!
begun 1
users 520
ok 'the first step has its window' begun 2
is "$(curl -s -o /dev/null -w '%{http_code}' "${status%/status}/gate")" 200 \
	'one full window: /gate says yes'
users 720
code=0; wait $ramp || code=$?
is "$code $(tr '\n' ' ' <"$T/log")" '1 set 25 back 0 ' \
	'aborted at the second step, and rolled back' ||
	diag "$(cat "$T/ramp.out")"
ok 'with the reason' grep -q 'ABORT at 25 %: PROMPT_VER changed' "$T/ramp.out"
is "$(curl -s -o /dev/null -w '%{http_code}' "${status%/status}/gate")" 403 \
	'/gate says no'
is "$(curl -s "$status" | jq -c '[.verdict, .stops[0].test, .stops[0].pair]')" \
	'["hard_stop","pins",701]' '/status says what, and at which pair'
kill -TERM $shadow; code=0; wait $shadow || code=$?
is $code 1 'and the shadow ends with FAIL'
done_testing
