#!/usr/bin/env bash
# What can be done with a trace: looked into, cut by conditions, erased from,
# compared, and taken to other tools and back.
. tests/lib/tap.sh
command -v python3 >/dev/null || skip_all 'python3 is not there'
exchanges() { "$lockstep" trace cat "$1" | grep '"type":"exchange"'; }
L=$lockstep

handbook good
serve rec "$L" record --listen 127.0.0.1:0 --upstream "$url" --out "$T/a.zst"
for i in 1 2 3 4 5 6; do
	for q in leave wages sick; do
		curl -s -H 'Content-Type: application/json' -H "X-Tenant: t$i" \
			-d "{\"question\": \"What of $q?\", \"user\": $i}" "$url/query"
	done
	curl -s "$url/healthz"
	curl -s "$url/nothing/$i$i$i"
done >/dev/null
kill -INT $pid
wait $pid
# a body that stands in a file of its own
{
	printf '{"pad":"'
	head -c 8999990 /dev/zero | tr '\0' 'x'
	printf '"}'
} >"$T/big"
serve mute python3 tests/lib/shapes.py mute 0
serve rec2 "$L" record --listen 127.0.0.1:0 --upstream "$url" --out "$T/b.zst"
curl -s -H 'X-Tenant: big' --data-binary "@$T/big" "$url/query" >/dev/null
kill -INT $pid
wait $pid
ok 'merged' "$L" trace merge "$T/a.zst" "$T/b.zst" -o "$T/t.zst"

# ---- info ------------------------------------------------------------------------
status 0 'info' "$L" trace info --json "$T/t.zst"
is "$(jq -c '[.routes[] | select(.path == "/nothing/*") | .exchanges,
	.status."4xx"]' "$T/out")" '[6,6]' 'routes with their statuses'
is "$(jq -r '.questions | "\(.exchanges) \(.different) \(.most_asked[0].asked)"' \
	"$T/out")" '18 3 6' 'what was asked most'
is "$(jq '.routes[0].p95_ms > 0 and .rate.peak_per_s >= 1' "$T/out")" true \
	'latency and rate'
like "$("$L" trace info "$T/t.zst")" '6  What of' 'in words, too'

# ---- grep ------------------------------------------------------------------------
is "$("$L" trace grep "$T/t.zst" -w 'status=4xx' -w 'path=/nothing/*' -c)" 6 \
	'grep counts'
is "$("$L" trace grep "$T/t.zst" -w /request/body/user=3 \
	-v /request/body/question -v /request/body/user | sort | head -1)" \
	$'What of leave?\t3' 'prints values'
is "$("$L" trace grep "$T/t.zst" -w 'header.x-tenant~^t[12]$' --ids | wc -l)" \
	6 'by header and expression'
is "$("$L" trace grep "$T/t.zst" -w method=GET --invert -c)" 19 'inverted'
status 1 'nothing found' "$L" trace grep "$T/t.zst" -w status=5xx
status 2 'a condition that is none' "$L" trace grep "$T/t.zst" -w 'stat=5xx'
like "$(cat "$T/err")" 'did you mean "status"' 'says what was meant'
is "$("$L" trace cat "$T/t.zst" -w path=/healthz | wc -l)" 6 \
	'cat takes conditions'
status 0 'slice, too' "$L" trace slice "$T/t.zst" -w path=/query \
	-w method=POST --sample 5 -o "$T/five.zst"
is "$(exchanges "$T/five.zst" | wc -l)" 5 'with a sample'
status 0 'a share of each path' "$L" trace slice "$T/t.zst" --sample 10 \
	--stratify path -o "$T/paths.zst"
like "$(cat "$T/err")" '10 of 31 exchanges, a share of each of 3 kinds' 'says so'
is "$(exchanges "$T/paths.zst" | jq -r .request.target | sed 's#[0-9]##g' |
	sort | uniq -c | awk '{ printf "%s%s ", $2, $1 }')" \
	'/healthz2 /nothing/2 /query6 ' 'of 6, 6 and 19'
for seed in 1 2; do
	"$L" trace slice "$T/t.zst" -w /request/body/user --sample 6 --seed $seed \
		--stratify /request/body/user -o "$T/users$seed.zst" 2>"$T/err"
	is "$(exchanges "$T/users$seed.zst" |
		jq -r '.request.body | fromjson | .user' | sort | xargs)" \
		'1 2 3 4 5 6' "one of each user, seed $seed"
done
ok 'by seed' bash -c "! cmp -s <('$L' trace cat '$T/users1.zst' | grep question) \
	<('$L' trace cat '$T/users2.zst' | grep question)"
# two days: 80 exchanges an hour before midnight, 20 behind it, in sessions of two
python3 - >"$T/days.jsonl" <<'PY'
import json
from functools import partial
json.dumps = partial(json.dumps, separators=(",", ":"))
H, midnight = 3600 * 10**9, 1767312000 * 10**9
print(json.dumps({"type": "head", "lockstep_trace": 1, "kind": "recording",
    "clock": {"wall_ns": str(midnight - H)}}))
for i in range(100):
    day, late = i % 2, i % 10 < 8
    print(json.dumps({"type": "exchange", "id": f"e{i}", "session": f"s{i // 2}",
        "sent": day * 24 * H + (0 if late else H), "outcome": "ok",
        "request": {"method": "POST", "target": "/q", "body": json.dumps(
            {"question": ["Why?", f"Where is paragraph {i} of the leave rules?",
             "How hot is the sun?"][0 if i == 30 else 2 if i == 71 else 1]})},
        "response": {"status": 200, "body": "x"}}))
PY
status 0 'a share of each hour' "$L" trace slice "$T/days.jsonl" --sample 10 \
	--stratify hour -o "$T/hours.zst"
is "$(exchanges "$T/hours.zst" | jq -r '"\(.sent % 86400000000000 == 0)"' | sort |
	uniq -c | xargs)" '4 false 16 true' 'of the day, whole sessions'
status 0 'those that differ most' "$L" trace slice "$T/days.jsonl" \
	--most-different 3 -o "$T/varied.zst"
like "$(cat "$T/err")" '6 of 100 exchanges, of 100 different questions' \
	'with their sessions'
is "$(exchanges "$T/varied.zst" | grep -cE 'Why|hot')" 2 'the odd ones are in it'
while IFS='|' read -r what args words; do
	status 2 "$what" "$L" trace slice "$T/t.zst" -o "$T/none.zst" $args
	like "$(cat "$T/err")" "$words" 'says so'
done <<'CASES'
a stratum that is none|--sample 5 --stratify tenant|choose path, hour, status, outcome or a pointer
strata without a sample|--stratify path|--stratify needs --sample
two ways at once|--sample 5 --most-different 3|excludes
no question|--most-different 3 -w path=/healthz|no chosen exchange has a question
CASES

# ---- drop ------------------------------------------------------------------------
cp -r "$T/t.zst" "$T/d.zst"
cp -r "$T/t.zst.d" "$T/d.zst.d"
status 0 'drop' "$L" trace drop "$T/d.zst" -w header.x-tenant=big --in-place
like "$(cat "$T/err")" '1 of 31 exchanges dropped' 'says how many'
ok 'the body beside it is gone' test ! -e "$T/d.zst.d"
status 0 'the rest is sound' "$L" trace verify "$T/d.zst"
status 0 'drop to another file' "$L" trace drop "$T/t.zst" \
	-w /request/body/user=3 -o "$T/no3.zst"
is "$("$L" trace grep "$T/no3.zst" -w /request/body/user=3 -c)" 0 \
	'what goes is gone'
is "$(exchanges "$T/no3.zst" | wc -l)" 28 'all else stays'
ok 'with its body' test "$(ls "$T/no3.zst.d" | wc -l)" = 1
status 2 'nothing to drop by' "$L" trace drop "$T/t.zst" --in-place

# ---- dedupe ----------------------------------------------------------------------
status 0 'dedupe' "$L" trace dedupe "$T/t.zst" -o "$T/once.zst"
is "$(exchanges "$T/once.zst" | jq -r .request.target | sort | uniq -c |
	awk '$2 == "/healthz" { print $1 }')" 1 'the first of equal requests'
is "$(exchanges "$T/once.zst" | wc -l)" 26 'other requests stay'

# ---- diff ------------------------------------------------------------------------
status 0 'equal traces' "$L" trace diff "$T/t.zst" "$T/t.zst"
exchanges "$T/t.zst" | sed 's#"status":404#"status":410#' |
	grep -v '/healthz' >"$T/other.jsonl"
status 1 'other ones' "$L" trace diff --json "$T/t.zst" "$T/other.jsonl"
is "$(jq -c '[.pairs, .alike, .other_status, .only_before, .only_after]' \
	"$T/out")" '[25,18,7,6,0]' 'pair by what was asked'

# ---- convert, and back -------------------------------------------------------------
for f in har gor; do
	status 0 "to $f" "$L" trace convert "$T/once.zst" --as $f \
		-w header.x-tenant!=big -o "$T/c.$f"
	status 0 "and back" "$L" import $f "$T/c.$f" --out "$T/back-$f.zst"
	ok "$f: requests and answers are the same" diff \
		<(exchanges "$T/once.zst" | jq -c 'select(.request.body_file ==
			null and (.request.body | length) < 1000) |
			[.request.method, .request.target, .request.body,
			.response.status, .response.body]') \
		<(exchanges "$T/back-$f.zst" | jq -c '[.request.method,
			.request.target, .request.body, .response.status,
			.response.body]')
done
ok 'HAR is JSON with times' jq -e '.log.entries | length == 25 and
	(.[0].startedDateTime | test("^20.*Z$"))' "$T/c.har"
status 0 'JSON lines' "$L" trace convert "$T/t.zst" --as ndjson
is "$(jq -s 'map(select(.request.user? == 2)) | length' "$T/out")" 3 \
	'with bodies as JSON'
status 0 'a table' "$L" trace convert "$T/t.zst" --as csv
ok 'that readers of tables take' python3 - "$T/out" <<'PY'
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
assert len(rows) == 31 and rows[-1]["request_bytes"] == "9000000"
assert {r["status"] for r in rows} >= {"200", "404"}
assert all(float(r["total_ms"]) >= 0 for r in rows)
PY
printf '%s\n' '{"type":"exchange","id":"=1+1","request":{"method":"GET","target":"/a,\"b\""},"response":{"status":200}}' \
	>"$T/odd.jsonl"
is "$("$L" trace convert "$T/odd.jsonl" --as csv | tail -1 | tr -d '\r')" \
	"\"'=1+1\",,,,,,,,ok,GET,\"/a,\"\"b\"\"\",200,0,0" \
	'what is odd is quoted, and no formula'
status 2 'a format that is none' "$L" trace convert "$T/t.zst" --as hra
like "$(cat "$T/err")" 'did you mean "har"' 'says which was meant'
done_testing
