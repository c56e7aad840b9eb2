#!/usr/bin/env bash
# Other people's judges: asked, kept, gated, reported; and those that fail.
. tests/lib/tap.sh
command -v python3 >/dev/null || skip_all 'no python3'

handbook base --seed 1; base=$url
handbook good --seed 2; good=$url
handbook bad --seed 2 --fault wrongtop=.6; bad=$url
db=$LOCKSTEP_HOME/store.db
rows() { python3 -c 'import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0])' \
	"$db" "$1"; }
# suite NAME YAML: a suite over the handbook with these scorers
suite() {
	sed "s|\.\./fixtures|$PWD/fixtures|" suites/handbook.yml >"$T/$1.yml"
	printf '%s\n' "$2" 'gates: {latency: false}' >>"$T/$1.yml"
	sed -i 's/^gates: .*latency.*/gates: {latency: false}/' "$T/$1.yml"
}
run() { # WANTED WHAT SUITE CANDIDATE OPTION...
	local want=$1 what=$2 name=$3 to=$4; shift 4
	status "$want" "$what" "$lockstep" run "$T/$name.yml" -q \
		--baseline "$base" --candidate "$to" --set warmup=2 "$@"
}
gate() { jq -r --arg g "$1" '.gates[] | select(.name == $g).'"$2" "$T/out"; }

export ASKED=$T/asked	# a file that the command names is part of the judge

# --- a judge ------------------------------------------------------------------
suite judged "scorers:
  - exec: tee -a \"\$ASKED\" | python3 \"\$LOCKSTEP_SUITE_DIR\"/../overlap.py
    name: overlap
    metrics:
      faithfulness: {margin: 0.02, limit: 0.5}
      support: {gate: hard}
      unsaid: {gate: info, better: lower}"
mkdir "$T/suites"; mv "$T/judged.yml" "$T/suites"
cp tests/e2e/scorers/overlap.py "$T"
run 0 'equal stacks pass' suites/judged "$good" --json --report-dir "$T/reports"
is "$(gate faithfulness verdict) $(gate support verdict)" 'PASS PASS' \
	'by the gates of the judge too'
is "$(gate faithfulness class) $(gate support class)" 'gate hard' \
	'in their classes'
is "$(gate faithfulness n)" 40 'over the cases'
ok 'within the family that Holm adjusts' jq -e '.gates[] |
	select(.name == "faithfulness") | .p_holm >= .p and .unit == "score"' \
	"$T/out"
is "$(gate faithfulness_limit verdict)" PASS 'a limit is a gate of its own'
like "$(gate unsaid why)" '480 of 480 answers have no unsaid .its answer lacks' \
	'what it never returns is told, and is no pass'
is "$(gate unsaid verdict)" NOT_JUDGED 'nor judged'
ok 'what was judged is told' jq -e '.own_metrics[0] | .name == "faithfulness"
	and .scorer == "overlap" and .judged == 480 and .here == 480 and
	(.hash | length == 32)' "$T/out"
ok 'each case has it' jq -e '.cases | all(.metrics.support.candidate >= 0)' \
	"$T/out"
is "$(rows "SELECT count(*) FROM observations WHERE
	json_extract(own, '\$.support') >= 0")" 480 'and each observation'
for f in report.txt report.md report.html metrics.csv junit.xml; do
	like "$(<"$T/reports/$f")" 'faithfulness' "$f shows it"
done
head -1 "$T/reports/metrics.csv" | grep -q support_baseline,support_candidate
tap_say $? 'metrics.csv has its columns'
like "$("$lockstep" show last --case leave-allowance)" 'support +1 +1  score' \
	'show --case shows it'
like "$("$lockstep" explain last faithfulness)" 'value that the scorer overlap gives' \
	'explain explains it'
python3 tests/lib/schema_check.py suites/report.schema.json \
	"$T/reports/report.json" >"$T/schema" 2>&1
tap_say $? 'the schema of reports knows it' || diag "$(<"$T/schema")"
"$lockstep" report last --format json >"$T/back" 2>/dev/null
ok 'a report read back is the same' cmp "$T/back" "$T/reports/report.json"

# --- kept ---------------------------------------------------------------------
lines=$(sort -u "$T/asked" | wc -l)
ok 'each was asked once' test "$lines" -eq 480
ok 'as SCORERS.md says' jq -se 'all(.id and .case and .arm and .variant.seed and
	.question and .answer and (.retrieved[0] | .section_id and .text) and
	(.expected.sections[0].text | length > 0)) and
	all(.[] | select(.arm == "candidate"); .baseline_answer)' "$T/asked"
printf '%s\n' '{"id": 7, "metrics": {"a": 1, "b": null}, "why": "x"}' \
	'{"id": "7", "error": "rate limit"}' | cat - <(head -3 "$T/asked") |
	while read -r line; do
		printf '%s\n' "$line" >"$T/line"
		python3 tests/lib/schema_check.py suites/scorers.schema.json "$T/line"
	done >"$T/schema" 2>&1
is "$(<"$T/schema")" '' 'and their schema'
for j in 1 4; do
	status 0 "scored again with $j threads" "$lockstep" score last --json -j $j
	ok 'the same report' cmp <(jq -S 'del(.run)' "$T/out") \
		<(jq -S 'del(.run)' "$T/reports/report.json")
done
is "$(wc -l <"$T/asked")" 480 'and nobody was asked'
sed -i 's/name: overlap/&\n    version: "2"/' "$T/suites/judged.yml"
"$lockstep" score last --json >/dev/null 2>&1
is "$(wc -l <"$T/asked")" 960 'another version is asked again'
echo '# changed' >>"$T/overlap.py"
"$lockstep" score last --json >/dev/null 2>&1
is "$(wc -l <"$T/asked")" 1440 'another script too'
rm "$T/asked"

# --- a fault that it sees ---------------------------------------------------------
run 1 'a candidate with other answers fails' suites/judged "$bad" --json
is "$(gate support verdict)" FAIL 'by what the judge says of them'
ok 'with its numbers' jq -e '.gates[] | select(.name == "support") |
	.value > .2 and .p < .001 and .candidate < .baseline' "$T/out"
is "$(gate faithfulness verdict)" PASS 'and of nothing else'

# --- blind ------------------------------------------------------------------------
suite blind "scorers:
  - exec: tee -a \"\$ASKED\" | python3 tests/e2e/scorers/overlap.py
    blind: true
    metrics: {support: {}}"
ASKED=$T/blind
run 0 'a blind judge' blind "$good" --json
is "$(gate support n)" 40 'judges all cases'
ok 'asked of equal answers once' test "$(wc -l <"$T/blind")" -lt 300
unlike "$(<"$T/blind")" '"arm"|"case"|baseline_answer' 'and not told whose'

# --- shards, and no baseline --------------------------------------------------------
for i in 1 2; do
	run 0 "shard $i" blind "$good" --shard $i/2 --fail-on invalid
done
"$lockstep" runs merge $("$lockstep" runs --json | jq -r '.[0,1].id') --json \
	>"$T/out" 2>"$T/err"
is "$(gate support n)" 40 'shards merge'
suite alone "scorers:
  - exec: python3 tests/e2e/scorers/overlap.py
    metrics: {support: {limit: 0.9}, faithfulness: {better: lower, limit: 0.2}}"
status 1 'without a baseline limits decide' "$lockstep" run "$T/alone.yml" -q \
	--candidate "$good" --set warmup=2 --json
is "$(gate support_limit verdict) $(gate faithfulness_limit verdict)" \
	'PASS FAIL' 'each in its direction'

# --- judges that fail ----------------------------------------------------------------
before=$("$lockstep" runs --json | jq length)
suite gone 'scorers: [{exec: no-such-judge --now, metrics: {tone: {}}}]'
run 2 'a command that is not there' gone "$good"
like "$(<"$T/err")" 'scorer1: .*no-such-judge.* status 127' 'is told'
suite broken "scorers: [{exec: \"echo 'No module named x' >&2; exit 1\",
    metrics: {tone: {}}}]"
run 2 'one that ends at once' broken "$good"
like "$(<"$T/err")" 'status 1: No module named x' 'with its last words'
is "$("$lockstep" runs --json | jq length)" "$before" 'before anything is sent'
like "$("$lockstep" check "$T/gone.yml")" 'program no-such-judge is not' \
	'check notes it'

bad_judge() { # NAME EXEC PATTERN [TIMEOUT]
	suite "$1" "scorers:
  - exec: $2
    timeout: ${4:-60s}
    metrics: {tone: {}, style: {gate: info}}"
	run 4 "$1: not a pass" "$1" "$good"
	like "$(head -5 "$T/out" | tr -s ' \n' ' ')" \
		"tone drop: .* answers have no tone .*$3" "$1: the first screen says why"
}
bad_judge dead "'if read -r l; then exit 3; fi'" 'status 3'
bad_judge silent 'cat >/dev/null' 'no answer within 0.2 s' 200ms
bad_judge slow "'while read -r l; do sleep 5.4321; done'" \
	'no answer within 0.2 s' 200ms
bad_judge garbage "'while read -r l; do echo garbage; done'" \
	'other lines' 1s
bad_judge infinite "sed -uE 's/^.\"id\":(\"[0-9]+\").*/{\"id\":\\1,\"metrics\":{\"tone\":1e400}}/'" \
	'beyond ±1e9'
bad_judge endless "'if read -r l; then tr \"\\0\" x </dev/zero; fi'" '256 KiB'
ok 'nothing of theirs is left' sh -c '! pgrep -f "[s]leep 5.4321"'

# Undeclared names are told, and a few failures are no reason to doubt.
suite few "scorers:
  - exec: >-
      python3 -uc 'import json, sys
      
      for line in sys.stdin:
      
          asked = json.loads(line); n = int(asked[\"id\"])
      
          print(json.dumps({\"id\": asked[\"id\"], \"metrics\": {\"extra\": 1,
          \"tone\": None if n % 7 == 0 else \"x\" if n % 50 == 0 else 1},
          \"why\": \"no tone\"}))'
    metrics: {tone: {}}"
run 0 'a few failures' few "$good" --json
ok 'are told' jq -e '.own_metrics[0] | .declined == 69 and .here == 403 and
	.why == "its answer is not a number (8)"' "$T/out"
like "$(<"$T/err")" 'returned "extra".*, which the suite does not declare' \
	'so are names that nobody declared'

# --- said before -----------------------------------------------------------------------
like "$("$lockstep" plan "$T/suites/judged.yml")" \
	'scorers +overlap: up to 480 answers for faithfulness, support' \
	'plan tells of them'
like "$("$lockstep" metrics --suite "$T/suites/judged.yml" unsaid)" \
	'unsaid .score, lower is better' 'metrics --suite defines them'
status 2 'and no others' "$lockstep" metrics --suite "$T/suites/judged.yml" x
done_testing
