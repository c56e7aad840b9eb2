#!/usr/bin/env bash
# lockstep report: every format from the result object, checked by the tools
# that others read it with.
. tests/lib/tap.sh

command -v xmllint >/dev/null || skip_all 'no xmllint'
fail=tests/e2e/expected/report/fail.json
attack=tests/e2e/expected/report/attack.json
python=/usr/bin/python3

# --- formats and their validators ------------------------------------------
for f in text json html md junit csv openmetrics messages; do
	status 0 "writes $f" "$lockstep" report "$fail" --format $f
	mv "$T/out" "$T/fail.$f"
	status 0 "writes $f of hostile content" "$lockstep" report "$attack" \
		--format $f
	mv "$T/out" "$T/attack.$f"
done
ok 'JSON there and back is the same bytes' cmp "$fail" "$T/fail.json"
ok 'hostile JSON too' cmp "$attack" "$T/attack.json"
ok 'jq reads it' jq -e '.verdict == "FAIL" and .exit_status == 1 and
	(.cases | length) == .counts.cases' "$T/fail.json"

for n in fail attack; do
	ok "junit.xml of $n validates" xmllint --noout --schema \
		tests/lib/junit.xsd "$T/$n.junit"
	count=$(xmllint --xpath 'count(//testcase)' "$T/$n.junit")
	is "$count" "$(xmllint --xpath 'string(/testsuites/@tests)' \
		"$T/$n.junit")" "junit.xml of $n counts its test cases"
	is "$(xmllint --xpath 'count(//skipped)' "$T/$n.junit")" 0 \
		"junit.xml of $n skips nothing"
done
is "$(xmllint --xpath 'count(//testcase[contains(@classname,"cases")]
	/failure)' "$T/fail.junit")" "$(jq '.counts.regressions' "$fail")" \
	'a regression is a failure'

if $python -c 'import jsonschema' 2>/dev/null; then
	for n in fail attack; do
		ok "report.json of $n fits its schema, which names every member" \
			$python tests/lib/schema_check.py suites/report.schema.json \
			"$T/$n.json"
	done
	jq '.gates[0].verdict = "GREAT"' "$fail" >"$T/wrong.json"
	status 1 'the schema refuses a wrong word' $python \
		tests/lib/schema_check.py suites/report.schema.json "$T/wrong.json"
fi
rows=$($python -c 'import csv, sys
rows = list(csv.reader(open(sys.argv[1], newline="", encoding="utf-8")))
assert len({len(r) for r in rows}) == 1, "ragged"
assert not any(c[:1] in "=+@\t\r" for r in rows for c in r if c), "formula"
print(len(rows) - 1)' "$T/attack.csv" 2>&1)
is "$rows" "$(jq '.cases | length' "$attack")" \
	'metrics.csv has one row a case and no formula'
ok 'OpenMetrics ends as it must' test "$(tail -1 "$T/attack.openmetrics")" \
	= '# EOF'
ok 'Markdown fits a comment' test "$(wc -m <"$T/attack.md")" -lt 65000

# --- one table writes, reads, packs and documents --------------------------
"$lockstep" report --schema >"$T/schema.json"
ok 'the shipped schema is the one of the table of members' \
	diff "$T/schema.json" suites/report.schema.json
{ printf '| member | holds |\n|---|---|\n'
	jq -r '.properties | to_entries[] |
		"| `\(.key)` | \(.value.description) |"' "$T/schema.json"
} >"$T/members"
sed -n '/^<!-- members -->$/,/^<!-- end of members -->$/p' \
	reports/REPORTS.md | sed '1d;$d' >"$T/told"
ok 'and so is the list in REPORTS.md' diff "$T/members" "$T/told"

# --- first screen ------------------------------------------------------------
text=$(<"$T/fail.text")
like "$text" '^✗ FAIL: [0-9]+ of 30 questions lost their passage$' \
	'opens with the verdict as a sentence'
for word in changed cases 'likely cause' 'worst cases' gates 'could miss' \
	effort next; do
	like "$text" "^$word" "the first screen has: $word"
done
is "$(head -1 "$T/fail.md")" \
	"## ✗ FAIL: $(jq -r .headline "$fail")" 'Markdown opens with it'

# --- places ------------------------------------------------------------------
status 0 'writes a folder' "$lockstep" report "$fail" --out "$T/dir"
is "$(cd "$T/dir" && echo *)" \
	'junit.xml metrics.csv report.html report.json report.md report.txt' \
	'a folder holds the six reports'
status 0 'reads a run folder' "$lockstep" report "$T/dir" --format json \
	--out "$T/one.json"
ok 'writes one file' cmp "$fail" "$T/one.json"
status 0 'puts one format into a folder' "$lockstep" report "$T/dir" \
	--format md --out "$T/dir/"
status 0 '--json is one document on stdout' "$lockstep" report "$fail" --json
ok 'and nothing else' cmp "$fail" "$T/out"

# --- colour ------------------------------------------------------------------
esc=$(printf '\033')
unlike "$text" "$esc" 'no colour where there is no terminal'
status 0 'colour on request' "$lockstep" report "$fail" --color
like "$(<"$T/out")" "$esc\[1;31m✗ FAIL" 'the verdict is red'
if command -v script >/dev/null; then
	script -qec "$lockstep report $fail" /dev/null >"$T/tty" </dev/null
	like "$(<"$T/tty")" "$esc" 'colour on a terminal'
	NO_COLOR=1 script -qec "$lockstep report $fail" /dev/null \
		>"$T/tty" </dev/null
	unlike "$(<"$T/tty")" "$esc\[1;31m" 'NO_COLOR is heeded'
fi

# --- bad input ---------------------------------------------------------------
status 2 'no such run' "$lockstep" report "$T/nowhere"
like "$(<"$T/err")" "no run .*nowhere" 'it says which'
head -c 3000 "$fail" >"$T/torn.json"
status 2 'a torn report' "$lockstep" report "$T/torn.json"
like "$(<"$T/err")" 'torn.json: line [0-9]+, column [0-9]+: not valid JSON' \
	'it says where'
jq 'del(.rules, .run.cpu_idle)' "$fail" >"$T/older.json"
ok 'a report from before the rules were in it' "$lockstep" report \
	"$T/older.json" --format json --out "$T/older2.json"
is "$(jq .rules.alpha "$T/older2.json")" 0.01 'has the usual ones'
is "$(jq .run.cpu_idle "$T/older2.json")" null 'and knows no idle CPU'
jq '.schema = 2' "$fail" >"$T/new.json"
status 2 'a report of a newer schema' "$lockstep" report "$T/new.json"
like "$(<"$T/err")" 'newer lockstep' 'it says what to do'
status 2 'a folder without a report' "$lockstep" report "$T"
status 2 'an unknown format' "$lockstep" report "$fail" --format htm
like "$(<"$T/err")" 'formats are text, json, html' 'it names those there are'
ok 'a file is of the format of its ending' "$lockstep" report "$fail" \
	--out "$T/by-ending.md"
like "$(<"$T/by-ending.md")" '^## ' 'which needs no --format'
status 2 'a place that cannot be written' "$lockstep" report "$fail" \
	--out /proc/x/report
status 2 'no operand' "$lockstep" report
if [ -w /dev/full ]; then
	status 2 'a full standard output' sh -c \
		"$lockstep report $fail >/dev/full"
fi
done_testing
