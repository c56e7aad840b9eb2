#!/usr/bin/env bash
# A service of another make, drilled by pointers and levers alone; and a
# manifest that operators have, with what the service has beside it.
. tests/lib/tap.sh
. tests/lib/drill.sh
cat >"$T/service.yml" <<END
lockstep: 1
name: foreign
targets: {candidate: {headers: {X-Customer: drill}}}
cases:
- {id: a, question: "one"}
- {id: b, question: "two"}
- {id: c, question: "three"}
request: {path: /v2/search, body: {text: "{{question}}"}}
extract:
  answer: /out/reply
  retrieved: {items: /out/found, snippet_id: /ref, text: /passage}
  pins: {header: X-Versions}
write:
  path: /v2/orders
  body: {item: "{{n}}", customer: drill}
  key_header: X-Request-Token
  effect_id: /order/number
  diff: /changed
  code: /reason/id
audit: {exec: 'curl -sf "\$LOCKSTEP_CANDIDATE/books"', effects: /books/orders}
pins:
  require: [MODEL_VER, INDEX_HASH]
  assert: {header: X-Want, diff: /versions}
limits:
  default: {rps: 50, burst: 30}
  tenants: {one: {multiplier: 1}, two: {multiplier: 1}}
flags: {beta: {headers: {X-Beta: "1"}, versions: {MODEL_VER: m-8}}}
levers:
  swap:
    request: {path: /ops/green-on}
    undo: {request: {path: /ops/green-off}}
  switch:
    exec: 'curl -sf -X POST "\$LOCKSTEP_CANDIDATE/ops/green-on"'
    undo: {exec: 'curl -sf -X POST "\$LOCKSTEP_CANDIDATE/ops/green-off"'}
  deploy:
    request: {path: /ops/release-on}
    undo: {request: {path: /ops/release-off}}
  kill_flag:
    request: {path: /ops/beta-off}
    undo: {request: {path: /ops/beta-on}}
  read_only:
    exec: 'curl -sf -X POST "\$LOCKSTEP_CANDIDATE/ops/freeze"'
    undo: {exec: 'curl -sf -X POST "\$LOCKSTEP_CANDIDATE/ops/thaw"'}
scenarios:
- {name: idempotency, keys: 35, delay: 20ms}
- {name: pins, requests: 12}
- {name: swap, requests: 3, rate: 60, duration: 900ms, settle: 100ms}
- {name: switch, requests: 3, rate: 20, duration: 400ms, settle: 100ms, back_within: 60s}
- {name: flags, requests: 6}
- {name: rollback, requests: 3, rate: 20, duration: 400ms, within: 60s, latency_floor: 10s}
- {name: read_only, requests: 6, latency_floor: 10s}
- {name: rate_limit, tenant_header: X-Customer, duration: 600ms, latency_floor: 10s}
decision: {shed_when: {queue_wait_p95_ms: 10000}}
END
start() { serve service /usr/bin/python3 tests/lib/drill_service.py "$@"; }

# Its outcome to $T/out, its exit status to $T/status.
tried() { # FAULT OPTION...
	# a word or none. shellcheck disable=SC2086
	start $1
	shift
	"$lockstep" drill "$T/../service.yml" --candidate "$url" --json "$@" \
		>"$T/out" 2>"$T/err"
	echo $? >"$T/status"
}
got() { # NAME: the exit status, and what failed for which reason
	echo "$(cat "$T/$1/status")" "$(jq -r '.scenarios[] |
		select(.verdict == "FAIL") | [.name, .cause // "-"] |
		join(": ")' "$T/$1/out")"
}
planted='dup idempotency: idempotency missing
leak read_only: load controls weak
shared rate_limit: load controls weak
noversion pins: pin drift
mix swap: index swap error
stuck switch: index swap error
bleed flags: cache namespace bug
dead rollback: load controls weak'

# apart from the limit, which takes what the other drills would ask a moment later
others=(--only idempotency --only pins --only swap --only switch --only flags
	--only rollback --only read_only)
# most of it is waiting: side by side
twice() { tried unlimited "${others[@]}" && cp "$T/out" "$T/first" &&
	"$lockstep" drill "$T/../service.yml" --candidate "$url" --json \
	"${others[@]}" >"$T/out" 2>"$T/err" || echo $? >"$T/status"; }
apart all twice &
workers=($!)
# a machine that is held up can spoil it: one of three holds
limited() {
	for _ in 1 2 3; do
		tried '' --only rate_limit
		[ "$(<"$T/status")" -ne 0 ] || break
	done
}
apart limit limited &
workers+=($!)
while read -r fault want; do
	while [ "$(jobs -rp | wc -l)" -ge 4 ]; do wait -n; done
	apart "$fault" tried "$fault" --only "${want%%:*}" \
		--set scenarios.3.back_within=1s --set scenarios.5.within=1s &
	workers+=($!)
done <<<"$planted"
wait "${workers[@]}"
is "$(got all)" '0 ' 'a healthy one holds, twice'
is "$(jq -c '[.verdict, (.scenarios | length)]' "$T/all/first" "$T/all/out")" \
	$'["PASS",7]\n["PASS",7]' 'each of seven drills'
is "$(got limit)" '0 ' 'a limit holds'
while read -r fault want; do
	is "$(got "$fault")" "1 $want" "$fault is found, and nothing else"
done <<<"$planted"
done_testing
