#!/usr/bin/env bash
# What a new user gets wrong: each mistake is told in words that mend it, and
# leaves nothing behind that stands in the way of the next try.
. tests/lib/tap.sh

run() { "$lockstep" run suites/handbook.yml -q --set warmup=0 "$@"; }
handbook base; base=$url

# --- help -------------------------------------------------------------------
for c in $("$lockstep" --help | awk '/^  [a-z]/ { print $1 }'); do
	"$lockstep" "$c" --help
done >"$T/help"
is "$(LC_ALL=C.UTF-8 grep -E '^.{81}' "$T/help")" '' \
	'every --help fits into 80 columns'
is "$("$lockstep" help prove)" "$("$lockstep" prove --help)" \
	'help COMMAND is COMMAND --help'
status 2 'help of no command' "$lockstep" help proof
status 2 'an unknown option' "$lockstep" run --sute
is "$(cat "$T/err")" \
	'lockstep run: no option --sute; did you mean --set?' \
	'is told with the command named once'

# --- a run that cannot start -------------------------------------------------
status 0 'a run of one stack' run --set profile=smoke \
	--baseline "$base" --candidate "$base" --case leave-allowance \
	--case ammonia
last=$("$lockstep" show last --json | jq -r .run.id)
status 2 'a stack that is not there' run --baseline "$base" \
	--set targets.candidate.ready.timeout=1s --candidate http://127.0.0.1:1
like "$(cat "$T/err")" 'was not ready within 1.0 s' 'is told'
is "$("$lockstep" show last --json | jq -r .run.id)" "$last" \
	'and "last" is still the run before'
is "$("$lockstep" runs -n 1 --json | jq -r '.[0].state')" 'not started' \
	'the list says that it never started'
n=$("$lockstep" runs --json | jq length)
status 2 'an embedder that does not exist' run --baseline "$base" \
	--candidate "$base" --embedder model2vec:"$T/gone"
is "$("$lockstep" runs --json | jq length)" "$n" \
	'ends a run before anything is sent'
status 2 'a URL without its scheme' run --baseline "$base" \
	--candidate 127.0.0.1:80
like "$(cat "$T/err")" 'begins with http://' 'is told as that'

# --- stacks that answer, but not the question ---------------------------------
status 2 'a path that the service does not know' run \
	--set request.path=/nosuch --baseline "$base" --candidate "$base"
like "$(cat "$T/out")" 'unanswered +baseline: [0-9]+ of [0-9]+ http_4xx' \
	'names the outcome'
sed "/^extract/d;s#\.\./fixtures#$PWD/fixtures#" suites/handbook.yml \
	>"$T/pointers.yml"
echo 'extract: {answer: /choices/0/text}' >>"$T/pointers.yml"
status 2 'a path of extract that matches nothing' "$lockstep" run \
	"$T/pointers.yml" -q --baseline "$base" --candidate "$base"
like "$(tr -s ' \n' ' ' <"$T/out")" \
	'candidate: [0-9]+ of [0-9]+ extract_failed \(the paths of `extract` find' \
	'says so'

# --- check -------------------------------------------------------------------
cat >"$T/s.yml" <<'END'
sections: gone.jsonl
targets:
  baseline: {url: "http://${LS_T_HOST}:80/x"}
  candidate: {url: "${LS_T_URL}"}
END
status 2 'sections that are not there' "$lockstep" check "$T/s.yml"
like "$(cat "$T/err" "$T/out")" "cannot open $T/gone.jsonl: No such file.*relative" \
	'with the reason and where they are looked for'
sed -i 1d "$T/s.yml"
status 0 'unset names in URLs are noted' "$lockstep" check "$T/s.yml"
like "$(cat "$T/out")" 'baseline +http://\$\{LS_T_HOST\}' 'as they are written'

# --- record ------------------------------------------------------------------
status 2 'a port that is taken' "$lockstep" record --upstream "$base" \
	--listen "${base#http://}" --out "$T/t.jsonl.zst"
ok 'leaves no trace in the way of another port' [ ! -e "$T/t.jsonl.zst" ]
echo mine >"$T/mine"
status 2 'a file that exists' "$lockstep" record --upstream "$base" \
	--out "$T/mine"
is "$(cat "$T/mine")" mine 'is not touched'

# --- show --------------------------------------------------------------------
"$lockstep" show last --case ammonia >"$T/case"
unlike "$(cat "$T/case")" 'nan|e\+0' 'a case is shown in numbers to be read'
"$lockstep" show last --case leave-allowance --case ammonia --json >"$T/cases"
is "$(jq -r '.[].id' "$T/cases" | tr '\n' ' ')" 'leave-allowance ammonia ' \
	'or as JSON'
status 2 'a case that is not there' "$lockstep" show last --case gone --json
is "$(cat "$T/out")" '' 'prints none'

# --- what a run was told stays with it ----------------------------------------
embedder() { "$lockstep" show last --json | jq -r .run.embedder.name; }
status 0 'a run with another embedder' run --set profile=smoke \
	--baseline "$base" --candidate "$base" --case ammonia \
	--embedder lexical --report-dir "$T/report"
like "$(embedder)" '^lexical' 'is judged by that'
status 0 'scored again' "$lockstep" score last
like "$(embedder)" '^lexical' 'it is judged by the same one'
status 2 'a folder that reports cannot go to' "$lockstep" score last \
	--report-dir "$T/report/report.md/x"
like "$(cat "$T/err")" 'cannot create' 'is told before anything is done'
status 2 'replay has no options for what it does not do' "$lockstep" replay \
	suites/handbook.yml --report-dir "$T/r"

done_testing
