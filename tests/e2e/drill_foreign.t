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
levers:
  read_only:
    exec: 'curl -sf -X POST "\$LOCKSTEP_CANDIDATE/ops/freeze"'
    undo: {exec: 'curl -sf -X POST "\$LOCKSTEP_CANDIDATE/ops/thaw"'}
scenarios:
- {name: idempotency, keys: 35, delay: 20ms}
- {name: pins, requests: 12}
- {name: read_only, requests: 6, latency_floor: 10s}
- {name: rate_limit, tenant_header: X-Customer, duration: 600ms, latency_floor: 10s}
decision: {shed_when: {queue_wait_p95_ms: 10000}}
END
start() { serve service /usr/bin/python3 tests/lib/drill_service.py "$@"; }
failing() {
	jq -r '.scenarios[] | select(.verdict == "FAIL") |
		[.name, .cause // "-"] | join(": ")' "$T/out"
}

start
for again in first second; do
	drill 0 "a healthy one holds, the $again time" "$T/service.yml" \
		--candidate "$url"
	sleep 1
done
is "$(grep -c '✓' "$T/out")" 38 'each check of four drills'
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
END
done_testing
