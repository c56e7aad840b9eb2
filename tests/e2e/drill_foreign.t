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
- {name: swap, requests: 3, rate: 20, duration: 600ms, settle: 100ms}
- {name: switch, requests: 3, rate: 20, duration: 400ms, settle: 100ms, back_within: 1s}
- {name: flags, requests: 6}
- {name: rollback, requests: 3, rate: 20, duration: 400ms, within: 1s, latency_floor: 10s}
- {name: read_only, requests: 6, latency_floor: 10s}
- {name: rate_limit, tenant_header: X-Customer, duration: 600ms, latency_floor: 10s}
decision: {shed_when: {queue_wait_p95_ms: 10000}}
END
start() { serve service /usr/bin/python3 tests/lib/drill_service.py "$@"; }
failing() {
	jq -r '.scenarios[] | select(.verdict == "FAIL") |
		[.name, .cause // "-"] | join(": ")' "$T/out"
}

# apart from the limit, which takes what the other drills would ask a moment later
others=(--only idempotency --only pins --only swap --only switch --only flags
	--only rollback --only read_only)
start unlimited
drill 0 'a healthy one holds' "$T/service.yml" --candidate "$url" \
	"${others[@]}"
like "$(cat "$T/out")" '^✓ PASS: 7 of 7 scenarios hold' 'each of seven drills'
drill 0 'and again' "$T/service.yml" --candidate "$url" "${others[@]}"
stop "$pid"
start
drill 0 'a limit holds' "$T/service.yml" --candidate "$url" --only rate_limit
stop "$pid"
while read -r fault want; do
	start "$fault"
	drill 1 "planted: $fault" "$T/service.yml" --candidate "$url" --json \
		--only "${want%%:*}"
	is "$(failing)" "$want" "$fault is found, and nothing else"
	stop "$pid"
done <<END
dup idempotency: idempotency missing
leak read_only: load controls weak
shared rate_limit: load controls weak
noversion pins: pin drift
mix swap: index swap error
stuck switch: index swap error
bleed flags: cache namespace bug
dead rollback: load controls weak
END
done_testing
