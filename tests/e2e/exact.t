#!/bin/bash
# Numbers stay numbers and texts keep every byte, in answers, gold, sections,
# ids, expectations, placeholders and pins.
set -u
. tests/lib/tap.sh
command -v python3 >/dev/null || skip_all 'no python3'
cd "$T" || exit 1
lockstep=$OLDPWD/$lockstep
root=$OLDPWD

# ---- expectations --------------------------------------------------------
# ID	EXPECTATION	ANSWER; what begins with h holds, what begins with b breaks.
cat >table <<'TSV'
h-eq-int	{"at":"/n","op":"eq","value":9007199254740993}	{"n":9007199254740993}
b-eq-int	{"at":"/n","op":"eq","value":9007199254740993}	{"n":9007199254740992}
b-eq-long	{"at":"/n","op":"eq","value":123456789012345678901234567890}	{"n":123456789012345678901234567891}
h-eq-long	{"at":"/n","op":"eq","value":123456789012345678901234567890}	{"n":123456789012345678901234567890}
h-eq-point	{"at":"/n","op":"eq","value":1}	{"n":1.0}
h-eq-exponent	{"at":"/n","op":"eq","value":100}	{"n":1e2}
h-eq-small	{"at":"/n","op":"eq","value":0.00015}	{"n":1.5E-4}
b-eq-decimal	{"at":"/n","op":"eq","value":0.1}	{"n":0.1000000000000000055511151231257827}
h-eq-zero	{"at":"/n","op":"eq","value":0}	{"n":-0.000}
b-eq-text	{"at":"/n","op":"eq","value":"7"}	{"n":7}
h-eq-list	{"at":"/n","op":"eq","value":[1,{"a":9007199254740993}]}	{"n":[1.0,{"a":9007199254740993}]}
b-eq-list	{"at":"/n","op":"eq","value":[1,{"a":9007199254740993}]}	{"n":[1.0,{"a":9007199254740992}]}
h-eq-order	{"at":"/n","op":"eq","value":{"a":1,"b":2}}	{"n":{"b":2,"a":1}}
b-ge	{"at":"/n","op":"ge","value":9007199254740993}	{"n":9007199254740992}
h-ge	{"at":"/n","op":"ge","value":9007199254740993}	{"n":9007199254740993.0}
b-le	{"at":"/n","op":"le","value":18446744073709551615}	{"n":18446744073709551616}
h-le	{"at":"/n","op":"le","value":1e400}	{"n":9.99e399}
h-ge-beyond	{"at":"/n","op":"ge","value":1e400}	{"n":1e401}
b-ge-text	{"at":"/n","op":"ge","value":1}	{"n":"5"}
h-has-number	{"at":"/n","op":"contains","value":9007199254740993}	{"n":[1,9007199254740993]}
b-has-number	{"at":"/n","op":"contains","value":9007199254740993}	{"n":[1,9007199254740992]}
b-not-behind-nul	{"at":"/answer","op":"not_contains","value":"SECRET"}	{"answer":"all is well\u0000 SECRET"}
h-behind-nul	{"at":"/answer","op":"contains","value":"SECRET"}	{"answer":"all is well\u0000 SECRET"}
h-nul-itself	{"at":"/answer","op":"contains","value":"l\u0000 S"}	{"answer":"all is well\u0000 SECRET"}
h-matches-nul	{"at":"/answer","op":"matches","value":"well\\x00 SEC"}	{"answer":"all is well\u0000 SECRET"}
b-matches-nul	{"at":"/answer","op":"matches","value":"well$"}	{"answer":"all is well\u0000 SECRET"}
b-eq-nul	{"at":"/answer","op":"eq","value":"all is well"}	{"answer":"all is well\u0000 SECRET"}
h-eq-nul	{"at":"/answer","op":"eq","value":"a\u0000b"}	{"answer":"a\u0000b"}
b-eq-nul-other	{"at":"/answer","op":"eq","value":"a\u0000b"}	{"answer":"a\u0000c"}
h-last-key	{"at":"/k","op":"eq","value":2}	{"answer":"x","k":1,"k":2}
b-first-key	{"at":"/k","op":"eq","value":1}	{"answer":"x","k":1,"k":2}
h-last-spelt	{"at":"/k","op":"eq","value":2}	{"answer":"x","k":1,"\u006b":2}
h-last-object	{"at":"/o/a","op":"exists","value":false}	{"answer":"x","o":{"a":1},"o":{"b":1}}
h-half-pair	{"at":"/h","op":"eq","value":"\ud83d"}	{"answer":"x","h":"\uD83D"}
b-half-pair	{"at":"/h","op":"eq","value":"\ud83d"}	{"answer":"x","h":"\ud83e"}
b-key-nul	{"at":"/k","op":"exists","value":true}	{"answer":"x","k\u0000z":1}
TSV
: >gold.jsonl; : >answers
while IFS=$'\t' read -r id expect answer; do
	printf '{"id":"%s","question":"%s","expect":[%s]}\n' "$id" "$id" \
		"$expect" >>gold.jsonl
	case $answer in *'"answer"'*) ;; *) answer="{\"answer\":\"x\",${answer#\{}" ;; esac
	printf '%s\t%s\n' "$id" "$answer" >>answers
done <table
serve exact python3 "$root/tests/lib/exact.py" log answers
cat >expect.yml <<YAML
lockstep: 1
name: expect
profile: smoke
cases: gold.jsonl
variants: {paraphrases: 1, seeds: [1], perturb: false}
targets: {candidate: {url: "$url"}}
request: {path: /q, body: {question: "{{question}}"}}
extract: {answer: /answer}
YAML
"$lockstep" run -q --json expect.yml >out 2>err
is "$(jq -r '.cases[] | select(.metrics.expect_ok.candidate !=
	(if .id[0:1] == "h" then 1 else 0 end)) | .id' out | tr '\n' ' ')" '' \
	'every expectation is judged by what was written'
is "$(jq '.cases | length' out)" "$(wc -l <table)" 'and none is left out'

# ---- ids, placeholders, pins ---------------------------------------------
cat >gold.jsonl <<'G'
{"id":"one","question":"one","section_ids":[9007199254740993],"tags":{"user":9007199254740993,"f":0.10000000000000000001,"nul":"a\u0000b","e":1e2}}
{"id":"two","question":"two","section_ids":[9007199254740992],"tags":{"user":9007199254740992}}
{"id":"three","question":"three","section_ids":["9007199254740993"],"request":{"order":123456789012345678901234567890,"nested":{"x":1.50}}}
{"id":"four","question":"four","section_ids":[7.0]}
{"id":"five","question":"five","section_ids":[7]}
G
cat >sections.jsonl <<'G'
{"section_id":9007199254740993,"text":"alpha text about refunds"}
{"section_id":9007199254740992,"text":"beta text about holidays"}
{"section_id":7,"text":"gamma text about parking"}
{"section_id":7.0,"text":"delta text about lunch"}
G
answer='{"answer":"x","retrieved":[{"section_id":9007199254740993,"text":"alpha text about refunds"},{"section_id":7.0,"text":"delta text about lunch"}],"pins":{"BUILD":9007199254740993,"NUL":"a\u0000b"}}'
for q in one two three four five; do
	printf '%s\t%s\n' $q "$answer"
done >answers
: >log
serve exact2 python3 "$root/tests/lib/exact.py" log answers
cat >ids.yml <<YAML
lockstep: 1
name: ids
profile: smoke
cases: gold.jsonl
sections: sections.jsonl
variants: {paraphrases: 1, seeds: [9007199254740993], perturb: false}
targets: {candidate: {url: "$url", headers: {X-User: "{{case.tags.user}}"}}}
request: {path: "/q/{{case.tags.user}}", body: {question: "{{question}}", user: "{{case.tags.user}}", f: "{{case.tags.f}}", nul: "{{case.tags.nul}}", e: "{{case.tags.e}}", text: "u{{case.tags.user}}", seed: "{{seed}}", lit: 18446744073709551616, one: 1.0, nested: {x: 2.50, y: 3.0}}}
slices: [tags.user]
extract: {preset: generic}
YAML
"$lockstep" run -q --json ids.yml >out 2>err
is "$(jq -r '[.cases[] | .id + "=" + (.metrics.coverage.candidate |
	tostring)] | join(" ")' out)" \
	'one=1 two=0 three=1 four=1 five=0' 'ids compare as they are written'
sent() { # QUESTION MEMBER
	jq -c --arg q "{\"question\":\"$1\"" \
		'select(.[3] | startswith($q)) | .['"$2"']' log | head -1 |
		jq -r .
}
is "$(sent one 3)" '{"question":"one","user":9007199254740993,"f":0.10000000000000000001,"nul":"a\u0000b","e":1e2,"text":"u9007199254740993","seed":9007199254740993,"lit":18446744073709551616,"one":1.0,"nested":{"x":2.50,"y":3.0}}' \
	'placeholders and literals are sent as they are written'
is "$(sent one 1)" /q/9007199254740993 'in paths, too'
is "$(jq -r 'select(.[1] == "/q/9007199254740993")[2][] | select(.[0] == "X-User")[1]' log | uniq)" \
	9007199254740993 'and in headers'
is "$(sent three 3 | sed 's/.*"lit"/"lit"/')" \
	'"lit":18446744073709551616,"one":1.0,"nested":{"x":1.50,"y":3.0},"order":123456789012345678901234567890}' \
	'a request merged over the body changes what it names'
like "$(jq -c '.arms.candidate.pins' out)" 'BUILD.*9007199254740993' \
	'pins keep their digits'
like "$(jq -c '.arms.candidate.pins' out)" 'a\\\\u0000b' 'and what is behind a NUL'
"$lockstep" run -q --json ids.yml --tag user=9007199254740993 >out 2>err
is "$(jq -r '.cases | map(.id) | join(" ")' out)" one \
	'a tag is chosen by its digits'
"$lockstep" run -q --json ids.yml --baseline "$url" >out 2>err
like "$(cat out)" 'user.*9007199254740993' 'slices of big numbers stay apart'
like "$(cat out)" 'user.*9007199254740992' 'each of its own'
done_testing
