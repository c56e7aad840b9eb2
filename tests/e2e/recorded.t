#!/usr/bin/env bash
# Recorded traffic: as a baseline, and exchanges of it made into a suite.
. tests/lib/tap.sh

hb=fixtures/handbook
# Asks every gold question at a URL.
ask_all() {
	jq -c '{question, k: 5, seed: 1}' $hb/gold.jsonl | while read -r body; do
		curl -s -H 'Content-Type: application/json' -d "$body" \
			"$1/query" >/dev/null
	done
}
# recording NAME URL: every gold question, through the proxy, to NAME
recording() {
	serve "rec.$1" "$lockstep" record --upstream "$2" --out "$T/$1" \
		--listen 127.0.0.1:0
	ask_all "$url"
	kill -INT "$pid"
	wait "$pid"
}

# ---- as a baseline ----------------------------------------------------------
# Answers are drawn anew each time; that a recorded one was not asked twice
# must not make its own echo of it, which would be a floor of nothing.
handbook drawn --seed 5 --sampled 1; drawn=$url
recording day.jsonl.zst "$drawn"
cat >"$T/day.yml" <<-YAML
	lockstep: 1
	name: day
	cases: {trace: day.jsonl.zst}
	variants: {paraphrases: 1, seeds: [1]}
	request: {path: /query, body: "{{body}}"}
	gates: {drift: hard}
YAML
status 0 'the stack that was recorded does not drift' "$lockstep" run \
	"$T/day.yml" -q --json --baseline recorded --candidate "$drawn" \
	--fail-on fail,invalid
is "$(jq -c '.arms | map_values(.outcomes.ok)' "$T/out")" \
	'{"baseline":40,"candidate":40,"candidate2":40}' \
	'every echo is the candidate'"'"'s'
ok 'against a floor that is none of nothing' jq -e '.gates[] |
	select(.name == "answer_drift") | .n == 40 and .candidate > 0.05' \
	"$T/out"

# ---- exchanges become a suite -----------------------------------------------
handbook healthy --seed 1; healthy=$url
handbook faulty --seed 3 --fault missing=.25 --fault 5xx=.1; faulty=$url
recording incident.jsonl.zst "$faulty"
trace=$T/incident.jsonl.zst
promote() { "$lockstep" promote "$trace" --owner search --dir "$T/s" "$@"; }
prove() {
	"$lockstep" prove -q "$T/s/$1.yml" --broken recorded --fixed "$healthy"
}

# by what the suite's cases expect of the same questions
status 0 'a window of a trace' promote --incident INC-1 --from 0s --to 1h \
	--outcome ok --suite suites/handbook.yml --reason 'sections lost' --json
n=$("$lockstep" trace cat "$trace" --outcome ok | grep -c .)
is "$(jq -c '[.cases, .exchanges, .gold, .without_expectation]' "$T/out")" \
	"[$n,$n,$n,0]" 'every exchange expects what the gold does'
like "$(<"$T/s/INC-1.yml")" 'incident.jsonl.zst' 'the suite names the trace'
like "$(<"$T/s/INC-1.yml")" 'sections lost' 'and the reason'
ok 'the slice is a sound trace' "$lockstep" trace verify \
	"$T/s/INC-1.trace.jsonl.zst"
status 0 'it is proven' prove INC-1
mkdir "$T/alone"
mv "$T/s"/INC-1.* "$T/alone"
status 0 'alone in a folder, too' "$lockstep" prove -q "$T/alone/INC-1.yml" \
	--broken recorded --fixed "$healthy"
status 0 'and on the faulty stack itself' "$lockstep" prove -q \
	"$T/alone/INC-1.yml" --broken "$faulty" --fixed "$healthy"

# requests that failed need nothing said
status 0 'failed requests' promote --incident INC-2 --outcome http_5xx --json
failed=$(jq .cases "$T/out")
ok "there are some ($failed)" test "$failed" -gt 0
is "$(jq -c '[.failed_requests, .exchanges]' "$T/out")" "[$failed,$failed]" \
	'and all of them failed'
status 0 'are proven by failing' prove INC-2

# one, and what is right
read -r id section < <("$lockstep" trace cat "$trace" --outcome ok |
	jq -r --slurpfile gold $hb/gold.jsonl '.id as $id |
	(.request.body | tostring) as $asked |
	(.response.body | tostring) as $said | $gold[] |
	select(.question as $q | $asked | contains($q)) | .section_ids[0] |
	select(. != null) | select(. as $s | $said | contains($s) | not) |
	"\($id) \(.)"' | head -1)
ok "a question that lost its passage ($id, $section)" test -n "$section"
status 0 'one exchange, by its id' promote --incident INC-3 --id "$id" \
	--section "$section"
is "$(jq -c '[.id, .section_ids, .critical]' "$T/s/INC-3.cases.jsonl")" \
	"[\"$id\",[\"$section\"],true]" 'expects the section that was named'
status 0 'an answer that is right' promote --incident INC-4 --id "$id" \
	--answer 'nobody says this'
status 1 'which no stack gives, proves nothing' prove INC-4
status 0 'nothing said' promote --incident INC-5 --id "$id"
like "$(<"$T/out")" 'expects nothing yet.*--section' 'is told'
status 0 'what was recorded is right' "$lockstep" promote \
	"$T/day.jsonl.zst" --owner search --dir "$T/s" --incident INC-6 \
	--as-recorded --json
ok 'is expected of all that retrieved anything' jq -e \
	'.derived > 20 and .derived + .without_expectation == .cases' "$T/out"
status 0 'and holds on the very stack' "$lockstep" run -q "$T/s/INC-6.yml" \
	--candidate recorded

# a declined answer is no expectation, unless somebody says that it was right
as_recorded() { # INCIDENT OPTION...
	"$lockstep" promote "$T/some.jsonl.zst" --owner search --dir "$T/s" \
		--as-recorded --incident "$@"
}
handbook shy --seed 1 --fault refuse=.2
recording some.jsonl.zst "$url"
status 0 'some were declined' as_recorded INC-13 --json
n=$(jq .left_out_declined "$T/out")
ok "they are counted ($n)" [ "$n" -ge 1 ]
is "$(jq -c '[.cases, .exchanges, .declined]' "$T/out") $(grep -c \
	unanswerable "$T/s/INC-13.cases.jsonl")" "[$((40 - n)),$((40 - n)),0] 0" \
	'and are in no file'
status 0 'in words' as_recorded INC-13 --replace
like "$(<"$T/out")" "left out: $n exchanges that were declined; .*--declined" \
	'it says how to have them'
status 0 'declined, and right' as_recorded INC-14 --declined --json
is "$(jq -c '[.cases, .declined, .left_out]' "$T/out") $(grep -c \
	'"unanswerable":true' "$T/s/INC-14.cases.jsonl")" "[40,$n,0] $n" \
	'is expected when asked for'
id2=$(jq -r 'select(.unanswerable).id' "$T/s/INC-14.cases.jsonl" | head -1)
status 2 'one alone that was declined' as_recorded INC-15 --id "$id2"
like "$(<"$T/err")" 'every chosen exchange was declined.*--declined' 'is no suite'
is "$(ls "$T/s" | grep INC-15)" '' 'and nothing is left of it'
status 0 'where the suite knows better' as_recorded INC-15 \
	--suite suites/handbook.yml --json
ok 'it says what is right' jq -e \
	".left_out_declined < $n and .gold + .left_out_declined == 40" "$T/out"
status 2 '--declined alone' promote --incident INC-16 --declined

# ---- what cannot be done ----------------------------------------------------
status 2 'none is chosen' promote --incident INC-7 --id nope
like "$(<"$T/err")" 'none of its 40 exchanges' 'it says of how many'
status 2 'an exchange of a run' "$lockstep" promote last --incident INC-7 \
	--owner x --id "$id"
like "$(<"$T/err")" 'need a trace' 'is one of a trace'
status 2 'beside a case of the run, too' "$lockstep" promote last \
	--incident INC-7 --owner x --case leave-allowance --id "$id"
status 2 'a suite that is there' promote --incident INC-6 --outcome ok
like "$(<"$T/err")" '--replace' 'is not overwritten'
head -c 300 "$trace" >"$T/torn.jsonl.zst"
status 2 'a trace that is torn to nothing' "$lockstep" promote \
	"$T/torn.jsonl.zst" --incident INC-8 --owner x --dir "$T/s"
is "$(wc -l <"$T/err")" 1 'in one line'
ok 'and nothing is left of it' test ! -e "$T/s/INC-8.yml"
zstd -dqc "$trace" | sed '2s#"target":"/query"#"target":"/other"#' |
	zstd -qc >"$T/two.jsonl.zst"
status 0 'requests of two kinds' "$lockstep" promote "$T/two.jsonl.zst" \
	--incident INC-9 --owner x --dir "$T/s"
like "$(<"$T/out")" 'INC-9.yml: 39 cases' 'those that ask most are taken'
like "$(<"$T/out")" 'left out: 1 request of another kind .POST /other' \
	'and it says which are not'
status 2 'a section that the suite does not have' promote --incident INC-10 \
	--id "$id" --section nosuch#one --suite suites/handbook.yml
like "$(<"$T/err")" 'has no section "nosuch#one"' 'is named'
status 0 'what is said' promote --incident INC-11 --id "$id" \
	--answer 'forty-two' --suite suites/handbook.yml
is "$(jq -c '[.answers, .section_ids]' "$T/s/INC-11.cases.jsonl")" \
	'[["forty-two"],null]' 'wins over what the suite knows'
ok 'a suite without sections names no file of them' test ! -e \
	"$T/s/INC-11.sections.jsonl" -a -z \
	"$(grep sections "$T/s/INC-11.yml")"
status 2 'two ways to be right' promote --incident INC-12 --id "$id" \
	--as-recorded --section "$section"
status 2 'variants of what was recorded once' promote --incident INC-12 \
	--id "$id" --set variants.repeats=3
status 2 'one id of two is not there' promote --incident INC-12 --id "$id" \
	--id nosuch
like "$(<"$T/err")" 'has the id "nosuch"' 'and it says which'
status 2 'a file that is no trace' "$lockstep" promote $hb/gold.jsonl \
	--incident INC-12 --owner x --dir "$T/s"
like "$(<"$T/err")" 'no exchange in it' 'is said to be none'

# ---- several suites at once -------------------------------------------------
mkdir "$T/reg"
cp "$T/alone"/* "$T/reg"
cp "$T/s"/INC-6.* "$T/reg"
status 1 'two suites, of which the first fails' "$lockstep" run -q "$T/reg" \
	--candidate recorded
first=$(grep -o 'lockstep show [^,]*' "$T/out" | cut -d' ' -f3)
like "$(<"$T/out")" "lockstep promote $first --incident" \
	'what to do next names the run that failed'
status 0 'which is the one to be shown' "$lockstep" report "$first"
case=$("$lockstep" show "$first" --json |
	jq -r '[.cases[] | select(.verdict == "fail")][0].id')
status 0 'its cases are found as the report of both calls them' "$lockstep" \
	show "$first" --case "INC-1/$case"
status 1 'and it is repeated, without the other suite' "$lockstep" run -q \
	"$T/reg" --candidate recorded --failed "$first" --json
is "$(jq -r .run.suite.name "$T/out")" INC-1 'which had nothing to repeat'
like "$(<"$T/err")" 'INC-6.yml is left out' 'and is said to be left out'
done_testing
