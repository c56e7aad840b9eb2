#!/bin/bash
# What a person reads in a terminal fits its 80 columns, whatever was recorded.
set -u
. tests/lib/tap.sh
export LC_ALL=C.UTF-8
suites=suites
handbook good --seed 1
good=$url
handbook bad --seed 2 --fault missing=.25
bad=$url
stacks=(--baseline "$good" --candidate "$bad")

# fits DESCRIPTION COMMAND...: it prints something, and no line is wider
fits() {
	local what=$1 wide= line; shift
	"$@" >"$T/wide" 2>&1
	while IFS= read -r line; do
		[ ${#line} -le 80 ] || wide=$line
	done < <(sed 's/\x1b\[[0-9;]*m//g' "$T/wide")
	is "${wide:-$([ -s "$T/wide" ] || echo nothing)}" '' "$what"
}

"$lockstep" run "$suites/handbook.yml" --baseline "$good" \
	--candidate "$good" -q >/dev/null
fits 'run' "$lockstep" run "$suites/handbook.yml" "${stacks[@]}" -q
before=$("$lockstep" runs | awk 'NR == 2 { print $1 }')
fits 'plan' "$lockstep" plan "$suites/handbook.yml" "${stacks[@]}"
fits 'check' "$lockstep" check "$suites/handbook.yml"
fits 'check, of a long command' "$lockstep" check "$suites/handbook.yml" \
	--set "targets.candidate.start=./serve $(printf -- '--word %.0s' {1..30})"
fits 'runs' "$lockstep" runs
fits 'show' "$lockstep" show last
fits 'show --case' "$lockstep" show last --case ammonia
fits 'compare' "$lockstep" compare "$before" last
fits 'suites' "$lockstep" suites "$suites/handbook.yml" "$suites/canary.yml"
fits 'metrics' "$lockstep" metrics coverage
fits 'explain, without a gate' "$lockstep" explain last
like "$(cat "$T/wide")" 'answer_drift_tail +FAIL' 'lists what can be named'
for gate in $(awk 'gates { print $1 } /^gates of run/ { gates = 1 }' "$T/wide"); do
	fits "explain $gate" "$lockstep" explain last "$gate"
done
fits 'trace info' "$lockstep" trace info \
	"$(ls "$LOCKSTEP_HOME"/runs/*/obs.jsonl.zst | head -1)"
# no option of a command is there twice
once() { # COMMAND HELP
	is "$(sed '1,/^options:/d' <<<"$2" |
		grep -oE '^ {2,6}(-., )?--[a-z0-9-]+' | grep -o -e '--.*' |
		sort | uniq -d)" '' "$1: each option once"
}
for c in $("$lockstep" --help | awk '/^  [a-z]/ { print $1 }'); do
	fits "$c --help" "$lockstep" "$c" --help
	once "$c" "$("$lockstep" "$c" --help)"
done
for c in $("$lockstep" trace --help | awk '/^  [a-z]/ { print $1 }'); do
	fits "trace $c --help" "$lockstep" trace "$c" --help
	once "trace $c" "$("$lockstep" trace "$c" --help)"
done

# a recorded answer cannot move the cursor of who looks at it
printf '%s\n' '{"id":"x","question":"What?"}' >"$T/g.jsonl"
cat >"$T/esc.yml" <<YAML
lockstep: 1
name: esc
cases: g.jsonl
targets: {candidate: {url: "$good"}}
request: {path: /query, body: {question: "{{question}}"}}
YAML
"$lockstep" run "$T/esc.yml" -q >/dev/null 2>&1
run=$(ls -d "$LOCKSTEP_HOME"/runs/* | tail -1)
sed -i 's/"question": *"What?"/"question": "What\\u001b[2J?"/' \
	"$run/report.json"
"$lockstep" show "$run" --case x >"$T/out" 2>&1
like "$(cat "$T/out")" 'What' 'a case is shown'
ok 'without the control characters of its text' \
	bash -c "! grep -q \$'\x1b' '$T/out'"
done_testing
