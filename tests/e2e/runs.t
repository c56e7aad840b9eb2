#!/usr/bin/env bash
# lockstep runs: listing, shards joined, old ones removed; compare.
. tests/lib/tap.sh

suite=suites/handbook.yml
stack() { handbook "$@" --latency 2ms --noise .05; }
stack base --seed 1; base=$url
stack cand --seed 2 --fault missing=.3; cand=$url
run() { "$lockstep" run $suite -q --set warmup=5 "$@"; }
# Everything but the block that names the run, and the words that quote it.
facts() { jq -S 'del(.run)' "$1"; }
folder() { "$lockstep" runs -n 1 --json | jq -r '.[0].dir'; }

status 1 'a run whose candidate lost passages fails' run \
	--baseline "$base" --candidate "$cand"
full=$("$lockstep" runs -n 1 --json | jq -r '.[0].id')

# --- shards ------------------------------------------------------------------
again() { run --baseline "$full:baseline" --candidate "$full:candidate" "$@"; }
status 1 'its observations again, unsharded' again
whole=$(folder)
for i in 1 2 3; do
	again --shard $i/3 >"$T/out" 2>"$T/err"
	shard[i]=$(folder)
done
status 1 'shards joined fail too' "$lockstep" runs merge "${shard[@]}"
facts "$whole/report.json" >"$T/whole.json"
facts "$(folder)/report.json" >"$T/joined.json"
ok 'their report is that of the unsharded run' cmp "$T/whole.json" \
	"$T/joined.json"
status 1 'in another order' "$lockstep" runs merge "${shard[3]}" \
	"$(basename "${shard[1]}")" "${shard[2]}"
facts "$(folder)/report.json" >"$T/joined2.json"
ok 'it is the same' cmp "$T/joined.json" "$T/joined2.json"
joined=$(basename "$(folder)")
status 1 'the joined run can be scored again' "$lockstep" score "$joined"

status 2 'a missing shard is an error' "$lockstep" runs merge \
	"${shard[1]}" "${shard[2]}"
like "$(<"$T/err")" '2 of 3 shards' 'and says how many are missing'
status 2 'a shard twice is an error' "$lockstep" runs merge \
	"${shard[1]}" "${shard[1]}" "${shard[2]}"
status 2 'a whole run is not a shard' "$lockstep" runs merge "$full"
like "$(<"$T/err")" 'is not a shard' 'and that is what it says'
cp -r "${shard[2]}" "$T/copied"
status 1 'a shard copied from another machine' "$lockstep" runs merge \
	"${shard[1]}" "$T/copied" "${shard[3]}"
facts "$(folder)/report.json" >"$T/joined3.json"
ok 'counts like one of this machine' cmp "$T/joined.json" "$T/joined3.json"

# --- compare -----------------------------------------------------------------
status 0 'the same observations compare as the same' "$lockstep" compare \
	"$(basename "$whole")" "$joined"
like "$(<"$T/out")" 'no case changed its verdict' 'in words'
status 0 'equal stacks pass' run --baseline "$full:baseline" \
	--candidate "$full:baseline"
status 0 'a failed run against one that passed' "$lockstep" compare "$full" \
	last --json
ok 'lost cases come back' jq -e '.before.verdict == "FAIL" and
	(.cases | length > 3) and all(.cases[]; .before == "regression" and
	.after == "pass")' "$T/out"
ok 'and the coverage gate turns' jq -e '.gates[] | select(.name == "coverage")
	| .verdict_before == "FAIL" and .verdict_after == "PASS"' "$T/out"
status 2 'one run is not two' "$lockstep" compare last

# a gate that one run alone has, pins that are no longer sent, another curve
jq '(.gates[0].name) = "retired" | (.arms.candidate.pins.OLD) = {"1": 240} |
	.run.embedder.curve_t = 0.1' "$whole/report.json" >"$T/other.json"
status 0 'a report may be named by its file' "$lockstep" compare \
	"$T/other.json" "$whole"
like "$(<"$T/out")" 'retired .*not in it' 'a gate that is no longer judged'
like "$(<"$T/out")" 'question_drift .*not in it → ' 'and one that is new'
like "$(<"$T/out")" 'OLD of the candidate: 1 → not sent' 'a pin that is gone'
like "$(<"$T/out")" "caution: their embedders' curves differ" 'another curve'

# --- explain -----------------------------------------------------------------
cp -r "$whole" "$T/away"
LOCKSTEP_HOME=$T/nothing status 0 'a copied run explains its gates' \
	"$lockstep" explain "$T/away" cases
like "$(<"$T/out")" 'reject at 0\.01, shared' 'by the usual alpha'
LOCKSTEP_HOME=$T/nothing status 0 'and shows itself' "$lockstep" show "$T/away" \
	--json
ok 'without a store being made' test ! -e "$T/nothing"
status '1' 'a suite with rules of its own' run --baseline "$full:baseline" \
	--candidate "$full:candidate" --set gates.alpha=0.05
like "$("$lockstep" explain last cases)" 'reject at 0\.05, shared' \
	'is explained by these'
like "$("$lockstep" explain last coverage_min)" 'limit +70 %' 'a level has a limit'

# --- trends ------------------------------------------------------------------
# A store whose last run of these very stacks passed with full coverage: what
# follows falls behind it, though each comparison alone may pass.
worse() { run --baseline "$full:candidate" --candidate "$full:candidate"; }
status 0 'equal stacks, both without the passages, pass' worse
if command -v sqlite3 >/dev/null; then
	sqlite3 "$LOCKSTEP_HOME/store.db" "update gates set cand = 0.99
		where name = 'coverage_min' and run_n = (select max(n) from runs)"
	status 3 'unless the last green run had more' worse
	like "$(<"$T/out")" 'over runs, the coverage is [0-9.]+ points worse' \
		'and says since when'
	status 3 'scoring it again says the same' "$lockstep" score last
fi

# --- a recording of other questions, and of a part ----------------------------
jq -c 'if input_line_number % 2 == 0 then .question |= "Edited: " + . |
	.paraphrases |= map("Edited: " + .) else . end' \
	fixtures/handbook/gold.jsonl >"$T/gold.jsonl"
sed "s#\.\./fixtures/handbook/gold.jsonl#$T/gold.jsonl#
	s#\.\./fixtures#$PWD/fixtures#" $suite >"$T/edited.yml"
"$lockstep" run "$T/edited.yml" -q --set warmup=5 --baseline "$full:baseline" \
	--candidate "$base" --json >"$T/out" 2>"$T/err"
like "$(<"$T/err")" '120 answers are left out' \
	'answers to questions that were edited since are left out' ||
	cat "$T/err"
is "$(jq .counts.unjudged "$T/out")" 20 'and their cases not judged'
run --baseline "$base" --candidate "$base" --case leave-allowance \
	--case leave-carry >"$T/out" 2>&1
part=$("$lockstep" runs -n 1 --json | jq -r '.[0].id')
status 4 'a recording of two cases of forty decides nothing' run \
	--baseline "$part:candidate" --candidate "$base"
like "$(<"$T/out")" 'only 2 of 40 cases could be judged' 'and says why'

# --- while another writes ----------------------------------------------------
if command -v sqlite3 >/dev/null; then
	coproc WRITER { sqlite3 "$LOCKSTEP_HOME/store.db"; }
	printf 'BEGIN IMMEDIATE;\nSELECT 1;\n' >&"${WRITER[1]}"
	read -r -u "${WRITER[0]}" _
	status 0 'runs are listed while another process writes' \
		timeout 120 "$lockstep" runs
	status 0 'and shown' timeout 120 "$lockstep" show last --json
	echo 'ROLLBACK;' >&"${WRITER[1]}"
	eval "exec ${WRITER[1]}>&-"
	wait "$WRITER_PID"
fi

# --- flaky cases -------------------------------------------------------------
# The same two stacks four times, of which one case turns in every other run.
if command -v sqlite3 >/dev/null; then
	case=$(jq -r .id fixtures/handbook/gold.jsonl | head -1)
	flaky() { run --baseline "$full:baseline" --candidate "$full:baseline" \
		--set name=flaky --fail-on fail "$@"; }
	turn() { sqlite3 "$LOCKSTEP_HOME/store.db" "update cases
		set verdict = '$1' where id = '$case'
		and run_n = (select max(n) from runs)"; }
	flaky >"$T/out"
	unlike "$(<"$T/out")" 'Flaky' 'one run knows of no flaky case'
	turn regression
	flaky >"$T/out"
	unlike "$(tr -s ' \n' ' ' <"$T/out")" 'Flaky' 'nor do two'
	flaky >"$T/out"; turn regression
	flaky >"$T/out"
	like "$(tr -s ' \n' ' ' <"$T/out")" \
		"Flaky on these stacks: fix or quarantine them .*: $case \(3 changes\)" \
		'what turned three times is flaky'
	flaky --set request.body.k=4 >"$T/out"
	unlike "$(<"$T/out")" 'Flaky' 'another request: not the same build'
	for v in regression pass regression; do
		flaky --set 'extract.pins={header: X-None}' >"$T/out"; turn $v
	done
	flaky --set 'extract.pins={header: X-None}' >"$T/out"
	unlike "$(<"$T/out")" 'Flaky' 'without pins nobody knows the build'
	status 0 'quarantined by a line in the suite' flaky --json --set \
		"quarantine=[{case: $case, owner: kim, until: 2999-01-01}]"
	ok 'it is not counted' jq -e '.counts.unjudged == 1 and
		([.notes[] | select(test("in quarantine until 2999-01-01"))] |
		length == 1)' "$T/out"
	status 1 'an expired one fails' run --baseline "$full:baseline" \
		--candidate "$full:baseline" --set name=flaky --set \
		"quarantine=[{case: $case, owner: kim, until: 2020-01-01}]"
	like "$(<"$T/out")" "quarantine of case $case ended" 'and says which'
	sqlite3 "$LOCKSTEP_HOME/store.db" "delete from runs
		where suite_name = 'flaky'"
	ls "$LOCKSTEP_HOME/runs" | sort | tail -11 |
		while read -r d; do rm -r "$LOCKSTEP_HOME/runs/$d"; done
fi

# --- prune -------------------------------------------------------------------
before=$("$lockstep" runs -n 100 --json | jq length)
status 0 'nothing is older than a day' "$lockstep" runs prune --keep 1d
like "$(<"$T/out")" "^0 of $before runs removed" 'and all stay'
if command -v sqlite3 >/dev/null; then
	sqlite3 "$LOCKSTEP_HOME/store.db" \
		'update runs set started_ns = started_ns - 40*86400*1000000000'
	status 0 'forty days later' "$lockstep" runs prune --keep 30d --dry-run
	like "$(<"$T/out")" "^$((before - 2)) of $before runs would" \
		'all but the newest and the last that passed would go'
	status 0 'really' "$lockstep" runs prune --keep 30d
	is "$("$lockstep" runs --json | jq length)" 2 'they are left'
	is "$(ls "$LOCKSTEP_HOME/runs" | wc -l)" 2 'and their folders'
fi
for bad in '' '--keep 0d' '--keep 5' '--keep -3d' '--keep 3y'; do
	status 2 "prune refuses \"$bad\"" "$lockstep" runs prune $bad
done
done_testing
