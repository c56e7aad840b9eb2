#!/bin/bash
# What broke becomes a test: run, promote, and the promoted files alone, in an
# empty folder, reproduce it on the faulty stack and, once that is gone, from
# the recorded answers.
set -u
. tests/lib/tap.sh

hb=fixtures/handbook
suite=suites/handbook.yml
stack=("$ragstack" --sections $hb/sections.jsonl --gold $hb/gold.jsonl
	--latency 2ms)
serve base "${stack[@]}" --seed 1
base=$url
serve healthy "${stack[@]}" --seed 2
healthy=$url
serve faulty "${stack[@]}" --seed 3 --fault missing=.25
faulty=$url
faulty_pid=$pid
promote() { "$lockstep" promote last --owner search-team "$@"; }
prove() { "$lockstep" prove -q "$@"; }
run() { "$lockstep" run -q --json --set gates.latency=false "$@"; }

# ---- a run without failures -------------------------------------------
status 0 'a healthy pair passes' run $suite --baseline "$base" \
	--candidate "$healthy"
status 2 'nothing failed, nothing is promoted' promote --incident INC-0 \
	--dir "$T/s"
like "$(cat "$T/err")" 'no case that fails in most of its variants; choose some with --case' \
	'it says what to do'
is "$(wc -l <"$T/err")" 1 'in one line'
ok 'and leaves nothing behind' test ! -e "$T/s"

# ---- run, promote, prove ----------------------------------------------
status 1 'a quarter of the sections missing fails' run $suite \
	--baseline "$base" --candidate "$faulty"
regressions=$(jq '[.cases[] | select(.verdict == "regression")] | length' \
	"$T/out")
status 0 'promote' promote --incident INC-1 --reason 'sections lost' \
	--dir "$T/s" --json
is "$(jq .cases "$T/out")" "$regressions" 'every regression is a case'
jq -r '.suite, .cases_file, .sections, .trace' "$T/out" >"$T/files"
is "$(xargs ls <"$T/files" | wc -l)" 4 'four files'
ok 'the slice is a sound trace' "$lockstep" trace verify \
	"$(jq -r .trace "$T/out")"
like "$(cat "$T/s/INC-1.yml")" 'INC-1' 'the suite names the incident'
like "$(cat "$T/s/INC-1.yml")" 'search-team' 'its owner'
like "$(cat "$T/s/INC-1.yml")" 'sections lost' 'the reason'
is "$(jq -c '.critical' "$(jq -r .cases_file "$T/out")" | sort -u)" true \
	'each case is critical'
status 2 'a suite is not overwritten by accident' promote \
	--incident INC-1 --dir "$T/s"
like "$(cat "$T/err")" 'INC-1.*--replace' 'it says how to do it on purpose'
status 0 'promoted again with --replace' promote --incident INC-1 \
	--reason 'sections lost' --dir "$T/s" --replace

mkdir "$T/alone"
xargs -I{} cp {} "$T/alone" <"$T/files"
rm -r "$T/s"
export LOCKSTEP_HOME=$T/home2
alone=$T/alone/INC-1.yml
ok 'the copied suite is whole' "$lockstep" check "$alone"
status 0 'alone in a folder it is proven' prove "$alone" \
	--broken "$faulty" --fixed "$healthy"
status 1 'a broken stack on both sides proves nothing' prove "$alone" \
	--broken "$faulty" --fixed "$faulty"
status 1 'nor does a healthy one' prove "$alone" --broken "$healthy" \
	--fixed "$healthy"
stop "$faulty_pid"
status 0 'the stack is gone; its recorded answers still fail' \
	prove "$alone" --broken recorded --fixed "$healthy" --json
is "$(jq -c '[.proven, .broken.verdict, .fixed.verdict]' "$T/out")" \
	'[true,"FAIL","PASS"]' 'prove --json'
status 1 'run on the recorded answers' run "$alone" --candidate recorded
status 0 'run on the healthy stack' run "$alone" --candidate "$healthy"
status 2 'prove on a stack that never answers' prove "$alone" \
	--broken recorded --fixed "$faulty" \
	--set targets.candidate.ready.timeout=200ms
serve locked perl tests/lib/stub.pl
status 5 'prove on a stack that refuses its credentials' prove "$alone" \
	--broken recorded --fixed "$url" --set request.path=/status/401
status 2 'prove wants the fixed arm' prove "$alone" --broken recorded
status 0 'the broken one is recorded' prove "$alone" --fixed "$healthy"
export LOCKSTEP_HOME=$T/home

# ---- chosen cases -----------------------------------------------------
first=$(jq -r '.cases[] | select(.verdict == "pass") | .id' \
	"$T/home/runs/"*/report.json | head -1)
status 0 'a passing case by name' promote --incident INC-2 --dir "$T/s" \
	--case "$first" --json
is "$(jq .cases "$T/out")" 1 'and it alone'
is "$(jq -r .id "$(jq -r .cases_file "$T/out")")" "$first" 'is there'
status 2 'a case that the run does not have' promote --incident INC-3 \
	--dir "$T/s" --case nope
like "$(cat "$T/err")" 'no judged case "nope"' 'is told'
status 2 'beside one that it has, too' promote --incident INC-3 \
	--dir "$T/s" --case "$first" --case nope

# ---- cases without expectations ---------------------------------------
jq -c '{id, question, paraphrases}' $hb/gold.jsonl >"$T/bare.jsonl"
cat >"$T/bare.yml" <<YAML
lockstep: 1
name: bare
cases: bare.jsonl
sections: $PWD/$hb/sections.jsonl
gates: {drift: hard}
YAML
serve faulty2 "${stack[@]}" --seed 3 --fault missing=.25
status 1 'without gold, drift alone fails' run "$T/bare.yml" \
	--baseline "$base" --candidate "$url"
worst=$(jq -r '[.cases[] | select(.drift > .3)][0].id //
	.cases[0].id' "$T/out")
status 0 'promoted by name' promote --incident INC-4 --dir "$T/s" \
	--case "$worst" --json
is "$(jq .derived "$T/out")" 1 'it now expects what the baseline cited'
like "$(cat "$(jq -r .cases_file "$T/out")")" 'section_ids|expect' \
	'in its file'
status 0 'and is proven' prove "$T/s/INC-4.yml" --broken "$url" \
	--fixed "$healthy"

# ---- texts that mean something to a manifest ---------------------------
odd='${HOME} $${X} {{question}} "q" \ : # '$'\xc2\x85 \xe2\x80\xa8 \x7f é 😀'
status 0 'a reason, an owner of odd characters' "$lockstep" promote last \
	--incident INC-6 --owner "o ${odd}o" --reason "r ${odd}r" --dir "$T/s" \
	--case "$worst"
ok 'make a suite that check takes' "$lockstep" check "$T/s/INC-6.yml"
(unset HOME; run "$T/s/INC-6.yml" --home "$T/h6" --candidate "$healthy" \
	>"$T/out" 2>"$T/err")
is "$(jq -r .run.suite.owner "$T/out")" "o ${odd}o" 'and read back as they were'
cp "$T/home/runs/$(ls -t "$T/home/runs" | head -1)/obs.jsonl.zst" \
	"$T/a: b"$'\n'"c.jsonl.zst"
status 0 'a trace of an odd name' "$lockstep" promote \
	"$T/a: b"$'\n'"c.jsonl.zst" --incident INC-7 --owner me --dir "$T/s" \
	--as-recorded --case "$worst"
ok 'too' "$lockstep" check "$T/s/INC-7.yml"

# ---- cases that fail on the baseline, too -------------------------------
# wrong gold: no build can pass it
jq -c 'if .id == "leave-carry" then .section_ids = ["leave#sick"] |
	.answers = ["the day before yesterday"] else . end' \
	$hb/gold.jsonl >"$T/wrong.jsonl"
wrong() {
	run $suite --set "cases=$T/wrong.jsonl" --baseline "$base" "$@"
}
promote_wrong() { # INCIDENT [OPTION ...]
	"$lockstep" promote "$id" --owner me --dir "$T/s" --incident "$@"
}
prove_wrong() { prove "$T/s/$1.yml" --fixed "$healthy"; }
status 1 'a run in which one case fails on both stacks' wrong \
	--candidate "$url"
is "$(jq -r '.cases[] | select(.verdict == "defect") | .id' "$T/out")" \
	leave-carry 'which is a defect'
id=$(jq -r .run.id "$T/out")
status 0 'is promoted without it' promote_wrong INC-8
like "$(<"$T/out")" 'left out: leave-carry, also fails on the baseline' \
	'which is said by name'
is "$(jq -r 'select(.id == "leave-carry").id' "$T/s/INC-8.cases.jsonl")" '' \
	'and so'
status 0 'what is left is proven' prove_wrong INC-8
like "$(<"$T/out")" '^Proven' 'and said to be'
status 0 'in JSON' promote_wrong INC-8 --replace --json
is "$(jq -c '.left_out_cases, .kept_failing_on_baseline' "$T/out" | xargs)" \
	'[{id:leave-carry,why:also fails on the baseline}] []' 'too'
status 0 'by name it is kept' promote_wrong INC-9 --case leave-carry
like "$(<"$T/out")" 'kept: leave-carry, also fails on the baseline' \
	'with a warning'
status 1 'and such a suite is not proven' prove_wrong INC-9
export LOCKSTEP_HOME=$T/home3
status 0 'one that alone fails' wrong --candidate "$healthy"
status 2 'leaves nothing to promote' promote --incident INC-10 --dir "$T/s"
export LOCKSTEP_HOME=$T/home
like "$(<"$T/err")" "$(printf '%s' 'leave-carry also fails on the baseline;' \
	' correct what it expects and run again')" 'and it says what to do'
ok 'nothing is written' test ! -e "$T/s/INC-10.yml"

# ---- limits of a case ----------------------------------------------------
# half of what it expects is enough for the suite, so it is for what it makes
lost=$(jq -r 'first(.cases[] | select(.verdict == "regression")) | .id' \
	"$T/home/runs/$id/report.json")
jq -c --arg id "$lost" 'if .id == $id then .section_ids += ["gone#gone"]
	else . end' $hb/gold.jsonl >"$T/half.jsonl"
half=(--set gates.retrieval.coverage_min=.4
	--set gates.retrieval.ds_case_max=.7 --set gates.citations.required=true
	--set gates.citations.recall_min=.3)
status 1 'limits of the suite' run $suite --set "cases=$T/half.jsonl" \
	"${half[@]}" --baseline "$base" --candidate "$url"
status 0 'are those of what is promoted' promote --incident INC-11 \
	--dir "$T/s" --case "$lost"
unlike "$(<"$T/out")" 'fails on the baseline' 'by which the baseline passes'
like "$(<"$T/s/INC-11.yml")" "$(printf '%s' '^gates: {retrieval: ' \
	'{ds_case_max: 0.7, coverage_min: 0.4}, citations: ' \
	'{recall_min: 0.3, required: true}, k_of_m')" 'and they stand there'
status 0 'so does the fixed build' prove_wrong INC-11

# ---- a request of the target's own ---------------------------------------
own=(--set request.path=/nowhere)
for arm in baseline candidate; do
	own+=(--set "targets.$arm.request={path: /query}")
done
status 1 'targets that say what they are asked' run $suite "${own[@]}" \
	--baseline "$base" --candidate "$url"
status 0 'are asked so by what is promoted' promote --incident INC-12 \
	--dir "$T/s"
status 0 'which is proven by a URL alone' prove_wrong INC-12

# ---- what cannot be promoted ------------------------------------------
status 2 'an incident that is no file name' promote --incident ../x \
	--dir "$T/s" --case "$worst"
status 2 'a run that is not there' "$lockstep" promote nope \
	--incident INC-5 --owner me
like "$(cat "$T/err")" 'no run "nope"' 'is told'
status 2 'no owner' "$lockstep" promote last --incident INC-5
done_testing
