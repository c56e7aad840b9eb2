#!/usr/bin/env bash
# lockstep accept and bless: intended changes, and how they expire.
. tests/lib/tap.sh

mkdir "$T/suite"
sed "s|\.\./fixtures|$PWD/fixtures|" suites/handbook.yml >"$T/suite/h.yml"
suite=$T/suite/h.yml
stack() { handbook "$@" --latency 2ms; }
stack base --seed 1; base=$url
stack cand --seed 2; cand=$url
stack moved --seed 3 --fault missing=.25; moved=$url
one() { jq -r ".gates[] | select(.name == \"answer_drift\").value" "$T/out"; }

status 0 'equal stacks' "$lockstep" run "$suite" -q --set warmup=5 \
	--set gates.latency=false --baseline "$base" --candidate "$cand"
id=$(jq -r .id fixtures/handbook/gold.jsonl | sed -n 3p)

status 2 'a reason is needed' "$lockstep" accept last --case "$id" --owner me
like "$(<"$T/err")" 'reason' 'and asked for'
status 2 'a case is needed' "$lockstep" accept last --reason x --owner me
status 2 'one that the run has' "$lockstep" accept last --case none \
	--reason x --owner me
lockstep=$(realpath "$lockstep"); ragstack=$(realpath "$ragstack")
cd "$T/suite" || exit 1
first=$("$lockstep" runs --json | jq -r '.[-1].id')
status 0 'accepts an answer' "$lockstep" accept "$first" --case "$id" \
	--reason 'the new policy' --owner 'Kim <kim@example.org>'
file=$T/suite/h.accepted.jsonl
ok 'into a file beside the suite' jq -e --arg c "$id" '.case == $c and
	.reason == "the new policy" and .by == "Kim <kim@example.org>" and
	(.at | test("^20..-..-..T")) and (.answers | length == 3) and
	all(.answers[]; .hash and .text)' "$file"
status 0 'again, named twice: it is replaced' "$lockstep" accept "$first" \
	--case "$id" --case "$id" --reason 'the newest policy' --owner 'Kim <kim@example.org>'
is "$(wc -l <"$file")" 1 'one line a case'
second=$(jq -r .id "$OLDPWD/fixtures/handbook/gold.jsonl" | sed -n 1p)
status 0 'another case' "$lockstep" accept "$first" --case "$second" \
	--reason 'and this' --owner me
ok 'in order of ids' test "$(jq -r .case "$file" | sort | tr -d '\n')" = \
	"$(jq -r .case "$file" | tr -d '\n')"
status 0 'a run is judged by it' "$lockstep" score "$first" --json
ok 'and says so' jq -e '[.notes[] | select(test("accepted on"))] |
	length == 2' "$T/out"
near=$(one)

# The accepted text is what counts: with another one, drift is seen.
jq -c '.answers[] .text = "Bananas are yellow and grow in the sun."' "$file" \
	>"$T/other"
cp "$file" "$T/kept"; cp "$T/other" "$file"
status 2 'a text that was not accepted is refused' "$lockstep" score "$first"
like "$(<"$T/err")" 'h.accepted.jsonl:1.*text was changed after' \
	'with its line'
hash=$(grep -o 'its hash is [0-9a-f]*' "$T/err" | grep -o '[0-9a-f]*$')
jq -c --arg h "$hash" '.answers[] .hash = $h' "$T/other" >"$file"
"$lockstep" score "$first" --json >"$T/out" 2>"$T/err"
ok 'an answer is compared with what was accepted' jq -en \
	--argjson near "$near" --argjson far "$(one)" '$far > $near + .01'
cp "$T/kept" "$file"

# --- bless -------------------------------------------------------------------
status 0 'blesses a run' "$lockstep" bless "$first" --reason 'in service' \
	--owner me
like "$(<"$T/out")" "expired: $id" 'acceptances expire'
ok 'their file is gone' test ! -e "$file"
ok 'who and why' jq -e '.reason == "in service" and .by == "me" and
	.trace == "h.baseline.jsonl.zst"' h.baseline.json
ok 'the trace is whole' "$lockstep" trace verify h.baseline.jsonl.zst
status 0 'the new baseline answers' "$lockstep" run h.yml -q --json \
	--set gates.latency=false --baseline recorded:h.baseline.jsonl.zst --candidate "$cand"
ok 'every case is judged against it' jq -e '.counts.unjudged == 0 and
	.counts.cases == 40 and .arms.baseline.sent == 240' "$T/out"
status 4 'a run that did not pass' "$lockstep" run h.yml -q \
	--set gates.latency=false --set 'pins.equal=[NO_SUCH_PIN]' \
	--baseline recorded:h.baseline.jsonl.zst --candidate "$cand"
status 0 'is blessed' "$lockstep" bless last --reason 'as it is' --owner me
like "$(<"$T/out")" 'this run was INCONCLUSIVE: what it got wrong is now' \
	'with a warning'
git init -q . && git config user.name Robin && git config user.email r@x.org
status 0 'git says who' "$lockstep" accept "$first" --case "$id" --reason y
ok 'in the file' jq -e '.by == "Robin <r@x.org>"' "$file"
rm "$file"

# --- all that moved ------------------------------------------------------------
"$lockstep" run h.yml -q --json --set gates.latency=false \
	--baseline "$base" --candidate "$moved" >"$T/out"
jq -r '.cases[] | select(.drift > .03) | .id' "$T/out" | sort >"$T/want"
status 0 'all that moved' "$lockstep" accept last --all --reason 'shorter'
cp "$T/out" "$T/out.all"
left=$(grep -o 'left out: [0-9]*' "$T/out.all" | grep -o '[0-9]*')
is "$(jq -r .case "$file" | sort | comm -23 - "$T/want")" '' 'and no other'
is "$(($(wc -l <"$file") + ${left:-0}))" "$(wc -l <"$T/want")" \
	'those without an answer are counted'
ok 'some are accepted' [ -s "$file" ]
status 2 '--all and --case' "$lockstep" accept last --all --case "$id" \
	--reason x
done_testing
