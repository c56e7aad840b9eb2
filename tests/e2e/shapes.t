#!/bin/bash
# Stacks of every make and suites of every kind: a service that no preset
# knows by pointers alone; stacks that the suite starts; filters, overrides,
# several suites; arms that are runs or recordings; every exit status.
set -u
. tests/lib/tap.sh

hb=$PWD/fixtures/handbook
stack=("$ragstack" --sections "$hb/sections.jsonl" --gold "$hb/gold.jsonl")
odd=("$PWD/tests/lib/odd.pl" "$hb/sections.jsonl")
run() { "$lockstep" run -q --json "$@"; }
# one document and nothing else
one_json() { is "$(jq -s length "$T/out" 2>&1)" 1 "$1"; }
field() { jq -r "$1" "$T/out"; }

# ---- a shape that no preset knows ---------------------------------------
head -20 "$hb/gold.jsonl" >"$T/gold.jsonl"
cat >"$T/odd.yml" <<YAML
lockstep: 1
name: odd
cases: gold.jsonl
sections: $hb/sections.jsonl
variants: {paraphrases: 2, seeds: [1]}
warmup: 4
request:
  path: /v9/ask?lang=en
  headers: {X-Key: k1}
  body: {ask: {text: "{{question}}", n: 5, draw: "{{seed}}"}}
extract:
  retrieved:
    items: /groups/*/docs
    snippet_id: /key
    section_id: /where/doc
    text: /body
    from: /where/span/0
    to: /where/span/1
    score: /weight
  answer: /say/0/t
  citations: {items: /because, section_id: /ref}
  pins: /meta/revision
  usage: {tokens_in: /spent/in, tokens_out: /spent/out}
gates: {latency: false}
YAML
serve odd perl "${odd[@]}"
odd_url=$url
serve blind perl "${odd[@]}" 0 '^(pay|leave|depot)#'
blind_url=$url
status 0 'by pointers alone: a healthy pair passes' run "$T/odd.yml" \
	--baseline "$odd_url" --candidate "$odd_url"
one_json 'the result is one JSON document'
is "$(field '.arms.candidate.outcomes | to_entries | map(select(.value > 0)) |
	map(.key) | join(",")')" ok 'every answer is understood'
is "$(field '.arms.candidate.pins.build | keys[]')" r1 \
	'pins by pointer'
is "$(field '[.cases[] | select(.metrics.candidate.coverage // 
	.metrics.coverage)] | length > 15')" true 'coverage is measured'
status 1 'a stack that lost three documents fails' run "$T/odd.yml" \
	--baseline "$odd_url" --candidate "$blind_url"
like "$(field .headline)" 'lost their passage' 'by what it says it lost'
odd_run=$(field .run.id)

# ---- targets that the suite starts --------------------------------------
cat >"$T/started.yml" <<YAML
lockstep: 1
name: started
extends: base.yml
targets:
  baseline: $(serve_url=http://127.0.0.1:{{port}}; cat <<T
{url: "$serve_url", start: "exec $PWD/$ragstack --sections $hb/sections.jsonl --listen 127.0.0.1:{{port}} --seed 1", ready: {path: /healthz}}
T
)
  candidate:
    url: "http://127.0.0.1:{{port}}"
    start: "exec perl ${odd[*]} {{port}}"
    ready: {path: /up, timeout: 20s}
    path: /v9/ask
    body: {ask: {text: "{{question}}", n: 5}}
    extract:
      retrieved: {items: /groups/*/docs, snippet_id: /key,
        section_id: /where/doc, text: /body}
      answer: /say/0/t
      citations: {items: /because, section_id: /ref}
gates: {drift: info, latency: false}
YAML
cat >"$T/base.yml" <<YAML
lockstep: 1
name: parent
owner: parents
cases: gold.jsonl
sections: $hb/sections.jsonl
variants: {paraphrases: 2, seeds: [1]}
warmup: 4
YAML
# BUILD may be an absolute path
sed -i "s|$PWD//|/|g" "$T/started.yml"
"$lockstep" run -q --json "$T/started.yml" >"$T/out" 2>"$T/err"
got=$?
like $got '^[0134]$' 'stacks of two makes, started by the suite, compared' ||
	diag "$(cat "$T/err")"
is "$(field '.arms.baseline.outcomes.ok, .arms.candidate.outcomes.ok' |
	xargs)" '40 40' 'each with its own request and extraction'
is "$(field .run.suite.owner)" parents 'what extends is inherited'
for arm in baseline candidate; do
	ok "the $arm is stopped" bash -c \
		"! curl -s -m 2 $(field ".arms.$arm.url")"
done

# ---- filters and overrides ----------------------------------------------
some=$(jq -r .id "$T/gold.jsonl" | sed -n '3p;5p' | xargs)
set -- $some
status 0 '--case, twice' run "$T/odd.yml" --case "$1" --case "$2" \
	--candidate "$odd_url" --baseline "$odd_url"
is "$(field '[.cases[].id] | sort | join(" ")')" \
	"$(tr ' ' '\n' <<<"$some" | sort | xargs)" 'those two and no other'
is "$(field '.arms.candidate.sent')" 4 'in two wordings'
status 0 '--set' run "$T/odd.yml" --case "$1" --set variants.repeats=3 \
	--candidate "$odd_url" --baseline "$odd_url"
is "$(field '.arms.candidate.sent')" 6 'repeats as set'
jq -c --argjson n 0 '.tags = {lang: "en", even: (input_line_number % 2 == 0)}' \
	"$T/gold.jsonl" >"$T/tagged.jsonl"
status 0 '--tag NAME=VALUE' run "$T/odd.yml" --candidate "$odd_url" \
	--set cases="$T/tagged.jsonl" --tag even=true --baseline "$odd_url"
is "$(field '.cases | length')" 10 'half of the cases'
status 2 'a tag that no case has' run "$T/odd.yml" --tag nope \
	--candidate "$odd_url"
status 1 '--failed RUN' run "$T/odd.yml" --failed "$odd_run" \
	--baseline "$odd_url" --candidate "$blind_url"
failed=$(field '.cases | length')
ok "asks the $failed that failed" test "$failed" -gt 1 -a "$failed" -lt 15
is "$(field '[.cases[].verdict] | unique | join(",")')" regression \
	'and they fail again'

# ---- several suites -----------------------------------------------------
mkdir "$T/many"
for i in a b; do
	sed "s|^name: .*|name: suite-$i|; s|gold.jsonl|../$i.jsonl|" \
		"$T/odd.yml" >"$T/many/$i.yml"
done
sed -n 1,10p "$T/gold.jsonl" >"$T/a.jsonl"
sed -n 11,20p "$T/gold.jsonl" >"$T/b.jsonl"
status 0 'a folder of suites' run "$T/many" --baseline "$odd_url" \
	--candidate "$odd_url" --report-dir "$T/r"
one_json 'gives one result'
is "$(field '.cases | length')" 20 'of all cases'
is "$(ls "$T/r" | xargs)" \
	'junit.xml metrics.csv report.html report.json report.md report.txt' \
	'and one report'
status 1 'one bad suite of two fails' run "$T/many/a.yml" "$T/many/b.yml" \
	--baseline "$odd_url" --candidate "$blind_url"

# ---- arms that are not live ---------------------------------------------
status 0 'both arms from a run: nothing is sent' run "$T/odd.yml" \
	--baseline "$odd_run:baseline" --candidate "$odd_run:baseline"
status 1 'a run is the candidate again' run "$T/odd.yml" \
	--baseline "$odd_url" --candidate "$odd_run"
is "$(field .headline | grep -c 'lost their passage')" 1 \
	'and fails as it did'
status 1 'and its baseline is the baseline' run "$T/odd.yml" \
	--baseline "$odd_run:baseline" --candidate "$blind_url"
status 0 'a recorded baseline against a healthy stack' run "$T/odd.yml" \
	--baseline "recorded:$T/home/runs/$odd_run/obs.jsonl.zst" \
	--candidate "$odd_url"
status 1 'against a bad one' run "$T/odd.yml" \
	--baseline "recorded:$T/home/runs/$odd_run/obs.jsonl.zst" \
	--candidate "$blind_url"

# ---- exit statuses ------------------------------------------------------
jq -c "{id, question, paraphrases}" "$T/gold.jsonl" >"$T/bare.jsonl"
status 0 '--fail-on invalid lets a FAIL pass' run "$T/odd.yml" \
	--baseline "$odd_url" --candidate "$blind_url" --fail-on invalid
is "$(field .verdict)" FAIL 'and tells the true verdict'
status 1 '--fail-on fail does not' run "$T/odd.yml" \
	--baseline "$odd_url" --candidate "$blind_url" --fail-on fail,invalid
status 2 '--fail-on with a word that is none' run "$T/odd.yml" \
	--fail-on sometimes --candidate "$odd_url"
serve other perl "${odd[@]}" 0 '' other
status 3 'REVIEW: other answers to questions without expectations' run \
	"$T/odd.yml" --baseline "$odd_url" --candidate "$url" \
	--set cases="$T/bare.jsonl" ||
	diag "$(field '.reasons[]')"
is "$(field .verdict)" REVIEW 'by name'
head -10 "$T/gold.jsonl" >"$T/ten.jsonl"
serve two perl "${odd[@]}" 0 "^($(jq -r '.section_ids[0]' "$T/ten.jsonl" |
	sort -u | head -2 | paste -sd '|'))\$"
status 4 'INCONCLUSIVE: two of ten questions lost, asked in two wordings' run \
	"$T/odd.yml" --baseline "$odd_url" --candidate "$url" \
	--set cases="$T/ten.jsonl" ||
	diag "$(field '.reasons[]')"
is "$(field .verdict)" INCONCLUSIVE 'by name'
status 5 'INVALID: an arm that denies everything' run "$T/odd.yml" \
	--baseline "$odd_url" --candidate "$odd_url" \
	--set targets.candidate.path=/locked
like "$(field '.reasons[0]')" 'credentials' 'says where to look'
one_json 'as one JSON document'
status 2 'could not run: no arm answers' run "$T/odd.yml" \
	--baseline "$odd_url" --candidate "$odd_url" \
	--set request.path=/nowhere
like "$(field '.reasons[0]')" 'no arm ever answered' 'says why'
done_testing
