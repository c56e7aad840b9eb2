#!/usr/bin/env bash
# Every promise has a wire: each key of the suite is read, each metric that
# `lockstep metrics` defines can be seen in a report, each gate's own limit
# is the one that it is judged by.
set -u
. tests/lib/tap.sh

# ---- keys and metrics, by the source ----------------------------------------
python=/usr/bin/python3
ok 'no key, member of the suite or metric without a wire' \
	$python tests/lint/promises.py "$BUILD"

# ---- one run that provides for everything -----------------------------------
hb=$PWD/fixtures/handbook
# each question in its first two wordings, so that there are over 50 cases
jq -c 'select(.section_ids | length > 0) | .decoy_ids = ["DECOY"] |
	.expect = [{at: "/status", op: "eq", value: 200}] |
	., (.id += "-2" | .question = .paraphrases[0])' \
	"$hb/gold.jsonl" | sed "s/DECOY/$(jq -r .section_id \
	"$hb/sections.jsonl" | tail -1)/" >"$T/gold.jsonl"
cat >"$T/all.json" <<JSON
{"lockstep": 1, "name": "all", "cases": "gold.jsonl",
"sections": "$hb/sections.jsonl", "variants": {"paraphrases": 2, "seeds": [1, 2]},
"warmup": 2, "request": {"path": "/query",
	"headers": {"Accept": "text/event-stream"},
	"body": {"question": "{{question}}", "k": 5, "seed": "{{seed}}"}},
"extract": {"preset": "generic"},
"prices": {"tokens_in": 0.000001, "tokens_out": 0.000002}}
JSON
stack=("$ragstack" --sections "$hb/sections.jsonl" --gold "$hb/gold.jsonl"
	--token-latency 100us --sampled .2 --noise .1)
serve one "${stack[@]}"
one=$url
serve two "${stack[@]}" --seed 2
"$lockstep" run -q --json "$T/all.json" --baseline "$one" \
	--candidate "$url" >"$T/report.json" 2>"$T/err"
ok 'a run that provides for everything' jq -e '.counts.cases > 10' \
	"$T/report.json"

# what a report has a number for: of cases, of gates, of the run
jq -r '[(.cases[].metrics, .cases[].lambda | to_entries[] |
	select(.value | type == "object" and has("baseline")) |
	select(.value.baseline != null or .value.candidate != null) | .key),
	(.gates[] | .name, .metric),
	(.cases[] | to_entries[] | select(.value != null) | .key),
	keys[], (.trust, .arms[] | keys[])] | unique[]' "$T/report.json" >"$T/seen"
"$lockstep" metrics --json | jq -r '.metrics[].name' >"$T/told"
unseen=$(grep -vxFf "$T/seen" "$T/told" | tr '\n' ' ')
is "$unseen" '' 'each metric that is defined has a number in a report'

# ---- every gate's keys --------------------------------------------------------
# heeds WHAT: each key of $T/rows at a limit that no other has, then looked for
# in the report. A ratio's limit is 1 more, and large, beyond its floor.
heeds() {
	awk '{ v = $1 ~ /latency|uplift/ ? 5 : $2 * .9
		printf "%s %.6f\n", $1, v + NR / 10000 }' "$T/rows" >"$T/limits"
	jq --rawfile rows "$T/limits" 'reduce ($rows | split("\n")[] |
		select(. != "") | split(" ")) as $row (.; setpath(["gates"] +
		($row[0] / "."); $row[1] | tonumber))' "$T/all.json" \
		>"$T/own.json"
	"$lockstep" score -q --json last --suite "$T/own.json" \
		>"$T/judged.json" 2>"$T/err" || [ -s "$T/judged.json" ] ||
		diag "$(<"$T/err")"
	jq -r '.rules[], .gates[].limit | numbers' "$T/judged.json" >"$T/seen"
	local deaf='' name limit
	while read -r name limit; do
		awk -v l="$limit" '($1 - l) ^ 2 < 1e-10 ||
			($1 - l - 1) ^ 2 < 1e-10 { found = 1 }
			END { exit !found }' "$T/seen" || deaf="$deaf $name"
	done <"$T/limits"
	[ -s "$T/limits" ] || deaf=' all'
	is "$deaf" '' "$1"
}
"$lockstep" check --keys | sed -nE 's/^\| `gates\.([a-z0-9_.]+)` \| '\
'a number from .*\| `([0-9.]+)` \|(.*)/\1 \2 \3/p' >"$T/keys"
grep -E '^[a-z0-9_]+ ' "$T/keys" | grep -vE ' as gates|of both' >"$T/rows"
ok 'there are many gates' test "$(wc -l <"$T/rows")" -gt 20
heeds 'each gate is judged by the limit that its key sets'
grep -E ' as gates' "$T/keys" >"$T/rows"
heeds 'so it is by the other names of these keys'
done_testing
