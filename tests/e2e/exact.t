#!/bin/bash
# Numbers stay numbers and texts keep every byte, in answers, gold, sections,
# ids, expectations, placeholders and pins.
set -u
. tests/lib/tap.sh
command -v python3 >/dev/null || skip_all 'no python3'
lockstep=$(realpath "$lockstep")
cd "$T" || exit 1
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
b-not-in-object	{"at":"/answer","op":"not_contains","value":"SECRET"}	{"answer":{"text":"the SECRET"}}
b-not-in-parts	{"at":"/answer","op":"not_contains","value":"SECRET"}	{"answer":[{"text":"all is well"},{"text":"the SECRET"}]}
b-not-nested	{"at":"/answer","op":"not_contains","value":"SECRET"}	{"answer":[["SECRET"]]}
h-not-key	{"at":"/answer","op":"not_contains","value":"SECRET"}	{"answer":{"SECRET":7}}
h-not-element	{"at":"/answer","op":"not_contains","value":"SECRET"}	{"answer":["the SECRET"]}
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

# pieces of a stream, put together
cat >gold.jsonl <<'G'
{"id":"h1","question":"h1","expect":[{"at":"/choices/0/message/content","op":"contains","value":"d\u0000 SEC"}]}
{"id":"b1","question":"h1","expect":[{"at":"/choices/0/message/content","op":"not_contains","value":"SECRET"}]}
{"id":"h2","question":"h1","expect":[{"at":"/choices/0/message/content","op":"eq","value":"all is good\u0000 SECRET"}]}
G
printf 'h1\tdata: {"choices":[{"delta":{"content":"all is good\\u0000"}}]}|data: {"choices":[{"delta":{"content":" SECRET"}}]}|data: [DONE]\n' >answers
serve exact1 python3 "$root/tests/lib/exact.py" log answers
sed "s#http://[0-9.:]*#$url#; s#{answer: /answer}#{preset: openai}#" \
	expect.yml >stream.yml
"$lockstep" run -q --json stream.yml >out 2>err
is "$(jq -r '[.cases[] | .id + "=" + (.metrics.expect_ok.candidate |
	tostring)] | join(" ")' out)" 'h1=1 b1=0 h2=1' \
	'a stream is searched behind a NUL, too'

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

# ---- recorded requests -----------------------------------------------------
# What was sent, and how: [method, target, content type, coding, body].
sent_as() { # LOG
	jq -c 'select(.[2] | map(.[0] + .[1]) | any(contains("warm-")) | not) |
		[.[0], .[1], ([.[2][] | select(.[0] | ascii_downcase |
		test("^content-(type|encoding)$")) | [(.[0] | ascii_downcase),
		.[1]]] | sort), .[3]]' "$1" | sort
}
record() { # LOG TRACE ARGUMENT...: through a recorder
	local log=$1 trace=$2 up
	shift 2
	: >"$log"
	serve up python3 "$root/tests/lib/exact.py" "$log"
	up=$url
	serve rec "$lockstep" record --listen 127.0.0.1:0 --upstream "$up" \
		--out "$trace"
	python3 "$root/tests/lib/exact_send.py" "$url" "$@"
	kill -TERM "$pid"
	wait "$pid"
	url=$up
}
record log.sent t.zst
sent_as log.sent >want
is "$(wc -l <want)" 16 'requests of every kind are recorded'
: >log.sent
cat >as-recorded.yml <<YAML
lockstep: 1
profile: smoke
cases: {trace: t.zst}
variants: {paraphrases: 1, seeds: [1], perturb: false}
targets: {candidate: {url: "$url"}}
request: {body: "{{body}}"}
extract: {answer: /answer}
YAML
status 0 'they are replayed' "$lockstep" run -q as-recorded.yml
sent_as log.sent >got
is "$(diff want got 2>&1)" '' 'as they were, byte for byte'
: >log.sent
"$lockstep" run -q as-recorded.yml --set request.path=/other >out 2>err
is "$(sent_as log.sent | jq -r '.[0] + " " + .[1]' | sort | uniq -c |
	sed 's/^ *//' | tr '\n' ',')" "1 DELETE /find?q=gone,1 GET /caf$(printf \
	'\303\251')?q=%e9t%e9+latin&x=$(printf '\303\251'),1 GET /find?q=caf%C3%A9+%26+tea&k=1,12 POST /other,1 PUT /other," \
	'a path of the suite is for what has a body'
: >log.sent
"$lockstep" run -q as-recorded.yml --set request.path='"{{target}}"' \
	--set request.method=POST --set request.body='{q: "{{question}}"}' \
	>out 2>err
is "$(sent_as log.sent | grep -c 'POST.*q=caf%C3%A9+%26+tea&k=1')" 1 \
	'{{target}} is a path as it was recorded'

# promoted, they are the same
status 0 'they are promoted' "$lockstep" promote t.zst --incident INC-1 \
	--owner me --dir suites
: >log.sent
"$lockstep" run -q suites/INC-1.yml --candidate "$url" --set baseline=null \
	>out 2>err
sent_as log.sent >got
grep '"/query"' want >want.query
grep '"/query"' got >got.query
is "$(diff want.query got.query 2>&1)" '' 'a promoted suite sends the same'

# a request merged over the recorded body
cat >merged.jsonl <<'G'
{"id":"m","question":"m","body":{ "a" : 1.0 ,"k":[1e2, "\u00e9\/"] , "t":{"x":1,"y":2} },"request":{"t":{"x":null,"z":"{{question}}"},"n":9007199254740993,"gone":"{{case.tags.none}}"}}
{"id":"n","question":"n","body":{"q":"{{question}} {{nothing}}","gone":1},"request":{"gone":"{{case.tags.none}}"}}
G
cat >merged.yml <<YAML
lockstep: 1
profile: smoke
cases: merged.jsonl
variants: {paraphrases: 1, seeds: [1], perturb: false}
targets: {candidate: {url: "$url"}}
request: {path: /m, body: "{{body}}"}
extract: {answer: /answer}
YAML
: >log.sent
"$lockstep" run -q merged.yml >out 2>err
is "$(sent_as log.sent | jq -r '.[3]')" \
	'{ "a" : 1.0 ,"k":[1e2, "\u00e9\/"] , "t":{"y":2,"z":"m"},"n":9007199254740993 }
{"q":"{{question}} {{nothing}}"}' \
	'a merged request changes what it names and no other byte'

# ---- every kind of JSON ------------------------------------------------------
record log.kinds k.zst "$root/tests/lib/json_kinds.tsv"
sent_as log.kinds >want
n=$(grep -vc '^#' "$root/tests/lib/json_kinds.tsv")
is "$(wc -l <want)" "$n" 'a request of every kind of JSON is recorded'
: >log.kinds
cat >kinds.yml <<YAML
lockstep: 1
profile: smoke
cases: {trace: k.zst}
variants: {paraphrases: 1, seeds: [1], perturb: false}
targets: {candidate: {url: "$url"}}
request: {path: /query, body: "{{body}}"}
extract: {answer: /answer}
YAML
"$lockstep" run -q kinds.yml >out 2>err
sent_as log.kinds >got
is "$(comm -13 want got)" '' 'what is sent again is what was sent'
is "$(comm -23 want got | grep -c '"{\\"question\\":\\"y: ')" 0 \
	'all that is JSON is sent again'
is "$(grep -c '"{\\"question\\":\\"n: ' got)" 0 'nothing that is none'
status 0 'they are promoted' "$lockstep" promote k.zst --incident K \
	--owner me --dir suites
: >log.kinds
"$lockstep" run -q suites/K.yml --candidate "$url" >out 2>err
sent_as log.kinds | diff - got >diff.kinds
is "$(cat diff.kinds)" '' 'and a promoted suite sends the same'
# the same documents as answers, compared with themselves in gold
python3 - "$root/tests/lib/json_kinds.tsv" <<'P'
import sys, urllib.parse
gold, answers = open("kinds.jsonl", "wb"), open("answers", "wb")
for line in open(sys.argv[1], encoding="ascii"):
    if line.startswith("y"):
        _, name, text = line.rstrip("\n").split("\t")
        text = urllib.parse.unquote_to_bytes(text)
        one = b" ".join(text.split(b"\n")).replace(b"\r", b" ")
        twice = b"same" in name.encode()
        if twice:
            continue
        gold.write(b'{"id":"%s","question":"%s","expect":[{"at":"/doc","op":"eq","value":%s}]}\n' % (name.encode(), name.encode(), one))
        answers.write(b'%s\t{"answer":"x","doc":%s}\n' % (name.encode(), one))
P
serve exact3 python3 "$root/tests/lib/exact.py" log answers
sed "s/gold.jsonl/kinds.jsonl/; s#http://[0-9.:]*#$url#" expect.yml >ek.yml
"$lockstep" run -q --json ek.yml >out 2>err
is "$(jq '[.cases[].metrics.expect_ok.candidate] | [length > 80, min]' -c out)" \
	'[true,1]' 'every kind of JSON equals itself in an expectation'

# ---- behind a NUL --------------------------------------------------------------
# questions of recorded requests, in JSON and in a form
: >log.nul
serve up4 python3 "$root/tests/lib/exact.py" log.nul
up=$url
serve rec4 "$lockstep" record --listen 127.0.0.1:0 --upstream "$up" \
	--out nul.zst
url=${url%%$'\n'*}
curl -s -H 'Content-Type: application/json' "$url/query" -o curl.out \
	-d '{"messages":[{"role":"user","content":"why\u0000 so"}]}'
curl -s "$url/query" -o curl.out -d 'question=%00where+to'
kill -TERM "$pid"
wait "$pid"
: >log.nul
cat >nul.yml <<YAML
lockstep: 1
profile: smoke
cases: {trace: nul.zst}
variants: {paraphrases: 1, seeds: [1], perturb: false}
targets: {candidate: {url: "$up"}}
request: {method: POST, path: /asked, body: {question: "{{question}}"}}
extract: {answer: /answer}
YAML
"$lockstep" run -q nul.yml >out 2>err
is "$(jq -r 'select(.[1] == "/asked")[3]' log.nul | sort -u)" \
	'{"question":"\u0000where to"}
{"question":"why\u0000 so"}' 'a recorded question is asked whole'

# answers that are accepted: all of one is kept, and compared
echo '{"id":"x","question":"x"}' >gold.jsonl
printf 'x\t{"answer":"all is well\\u0000 and refunds are paid in May"}\n' \
	>answers
serve exact5 python3 "$root/tests/lib/exact.py" log answers
sed "s#http://[0-9.:]*#$url#" expect.yml >accept.yml
"$lockstep" run -q --json accept.yml --baseline "$url" >out 2>err
"$lockstep" accept last --case x --reason fine --owner me >out 2>err
is "$(jq -c '.answers[0].text' accept.accepted.jsonl)" \
	'"all is well\u0000 and refunds are paid in May"' 'an answer is accepted whole'
"$lockstep" score last --json >out 2>err
is "$(jq '.gates[] | select(.name == "answer_drift").value' out)" 0 \
	'and compared so'
done_testing
