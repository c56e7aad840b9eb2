#!/bin/bash
# A promoted suite is proven on a fixed build that moved: another path, another
# shape of answers, said by --set beside its URL.
set -u
. tests/lib/tap.sh
serve good python3 tests/lib/moved.py old
good=$url
serve bad python3 tests/lib/moved.py old broken
bad=$url
serve moved python3 tests/lib/moved.py new
moved=$url
serve worse python3 tests/lib/moved.py new broken
worse=$url
cat >"$T/s.yml" <<'YAML'
lockstep: 1
name: moved
cases:
- {id: term, question: "How long is the term?", answers: ["ninety days"]}
- {id: notice, question: "How long is the notice?", answers: ["ninety days"]}
variants: {paraphrases: 3, seeds: [1, 2]}
warmup: 0
request: {path: /query, body: {q: "{{question}}", seed: "{{seed}}"}}
extract: {answer: /answer}
gates: {latency: false}
YAML
status 1 'a broken build' "$lockstep" run "$T/s.yml" -q --baseline "$good" \
	--candidate "$bad"
status 0 'is promoted' "$lockstep" promote last --incident INC-7 \
	--owner kim --dir "$T/p"
p=$T/p/INC-7.yml
status 0 'proven where it was' "$lockstep" prove -q "$p" --fixed "$good"
"$lockstep" prove -q "$p" --fixed "$moved" >"$T/out" 2>&1
ok 'on a build that moved it is not' test $? -ne 0
at=(--set targets.candidate.path=/v2/ask
	--set targets.candidate.extract.answer=/result/text)
status 0 'but with its path and pointer it is' "$lockstep" prove -q "$p" \
	--fixed "$moved" "${at[@]}"
like "$(cat "$T/out")" '^broken .*FAIL' 'the recording failed'
like "$(cat "$T/out")" '^fixed .*PASS' 'and the fixed build passed'
status 1 'one that moved and is broken is not' "$lockstep" prove -q "$p" \
	--fixed "$worse" "${at[@]}"
like "$(cat "$T/out")" '^fixed .*FAIL' 'because it fails'
done_testing
