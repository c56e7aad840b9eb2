#!/bin/bash
# Every planted fault, on real text, in each response shape that can show it:
# the verdict is FAIL and the likely cause is a sensible one.  100 questions
# with human paraphrases, three wordings and two seeds, both stacks noisy.
set -u
. tests/lib/tap.sh
. tests/lib/squad.sh
squad 100
noise=(--latency 8ms --noise .02 --errors .001 --tail .01x8)

# fault NAME[=X] CAUSE [OPTION...]: the candidate FAILs, and CAUSE, an
# extended regular expression, is the likeliest of the classes it names
fault() {
	local name=$1 cause=$2; shift 2
	squad_stack fault "${noise[@]}" --seed 7 --fault "$name"
	"$lockstep" run "$T/$shape.yml" --baseline "$base" \
		--candidate "$url" --json -q "$@" >"$T/out" 2>"$T/err"
	local got=$?
	stop "$pid"
	if [ $got -ne 1 ]; then
		tap_say 1 "$shape: $name turns the verdict to FAIL"
		diag "exit status $got; $(jq -c '[.headline, .reasons,
			[.gates[] | select(.verdict != "PASS") | .why]]' \
			"$T/out")"
		head -3 "$T/err" | sed 's/^/# /'
		return
	fi
	tap_say 0 "$shape: $name turns the verdict to FAIL"
	like "$(jq -r '.causes[0].class' "$T/out")" "^($cause)\$" \
		"$shape: $name is put down to its cause" ||
		diag "$(jq -c '[.headline, .causes]' "$T/out")"
}

# What a fault of one kind is taken for.  A question that is declined or
# answered with nothing in some wordings is unstable too.
index='index swap error'
gone='index swap error|data loss'
order='reranker instability'
refusal='prompt regression|reranker instability'
prompt='prompt regression'
pins='pin drift'
load='load controls weak'
# failures and slowness by themselves tell no load
none='null|load controls weak'
# Latency is judged on blocks of time, and the plan is over sooner. Beside busy
# cores a run can see too little: of three, one has to FAIL by its cause.
slower() { # NAME=X CAUSE
	local name=$1 i
	squad_stack fault "${noise[@]}" --seed 7 --fault "$name"
	for i in 1 2 3; do
		"$lockstep" run "$T/$shape.yml" --baseline "$base" \
			--candidate "$url" --json -q --set confirm.cases=20 \
			>"$T/out" 2>"$T/err" && continue
		jq -e '.verdict == "FAIL"' "$T/out" >"$T/no" || continue
		grep -qE "^($2)\$" <<<"$(jq -r '.causes[0].class' "$T/out")" &&
			break
	done
	is "$(jq -r .verdict "$T/out")" FAIL \
		"$shape: $name turns the verdict to FAIL" ||
		diag "$(jq -c '[.headline, .reasons]' "$T/out")"
	like "$(jq -r '.causes[0].class' "$T/out")" "^($2)\$" \
		"$shape: $name is put down to its cause" ||
		diag "$(jq -c '[.headline, .causes]' "$T/out")"
	stop "$pid"
}

shape() { # NAME: a baseline of that shape, in $base
	shape=$1
	squad_suite "$shape"
	squad_stack "$shape" "${noise[@]}" --seed 1
	base=$url
	base_pid=$pid
}

shape generic
fault missing=.1 "$gone"
fault wrongtop=.3 "$gone"
fault seedorder=.4 "$order"
fault refuse=.06 "$refusal"
fault empty=.06 "$refusal|$gone"
fault 5xx=.04 "$none"
slower slow=1.5 "$none"
slower tail=.1 "$load"
fault pinsdrift=50 "$pins"
fault mixedindex=.1 "$index"
fault stale=.3 "$index"
fault wrongcite=.2 "$refusal"
fault dropfields "$prompt"
fault timeout=.05 "$load" --set targets.candidate.deadline=500ms
# few questions: a stack that is full is given time to recover
head -12 "$T/gold.jsonl" >"$T/few.jsonl"
fault 429=5 "$load" --set "cases=$T/few.jsonl"
stop "$base_pid"

shape azure
fault missing=.1 "$gone"
fault seedorder=.4 "$order"
fault refuse=.06 "$refusal"
fault wrongcite=.2 "$refusal"
fault dropfields "$prompt"
fault 5xx=.04 "$none"
stop "$base_pid"

# an index answers and cites nothing
shape elasticsearch
fault missing=.1 "$gone"
fault wrongtop=.3 "$gone"
fault seedorder=.4 "$order"
fault refuse=.06 "$refusal|$gone"
slower slow=1.5 "$none"
fault pinsdrift=50 "$pins"
stop "$base_pid"
done_testing
