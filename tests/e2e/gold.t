#!/usr/bin/env bash
# Gold and sections files through the program: one clear error with file,
# line and member, exit status 2, from `check` and `run` alike; what is no
# error and should be known is noted.
. tests/lib/tap.sh
export LC_ALL=C.UTF-8

cat >"$T/s.yml" <<'END'
lockstep: 1
cases: gold.jsonl
sections: sections.jsonl
request: {path: /query, body: {question: "{{question}}", level: "{{case.level}}"}}
targets: {baseline: "http://127.0.0.1:1", candidate: "http://127.0.0.1:1"}
END
good='{"id": "a", "question": "Who?", "section_ids": ["s1"]}'
section='{"section_id": "s1", "text": "One."}'
echo "$section" >"$T/sections.jsonl"

# bad NAME PATTERN: exit status 2 and one line that says so, of both
bad() {
	local c
	for c in "check" "run -q"; do
		status 2 "$1: $c" "$lockstep" $c "$T/s.yml"
		is "$(wc -l <"$T/err")" 1 "$1: $c: one line"
		like "$(cat "$T/err")" "$2" "$1: $c: which says so"
	done
}
gold() { printf '%s\n%b\n' "$good" "$1" >"$T/gold.jsonl"; }

gold '{"id": "b", "question": "Whom?", "critical": "true"}'
bad 'a flag as text' \
	'gold\.jsonl:2: "critical" is "true"; it must be true or false'
gold '{"id": "b", "question": "Whom?", "paraphrases": "Who?"}'
bad 'paraphrases as a text' 'gold\.jsonl:2: "paraphrases" is "Who\?"'
gold '{"id": "b", "question": "Whom?", "criticl": true}'
bad 'a slip' 'gold\.jsonl:2: unknown member "criticl".*"critical"'
gold '{"id": "b", "question": "\\u200b \\u00a0"}'
bad 'a question that says nothing' 'gold\.jsonl:2: "question" is .*letter'
gold '{"id": "b", "question": "x", "question": "y"}'
bad 'a member twice' 'gold\.jsonl:2: "question" is there twice'
gold '{"id": "b", "question": "caf\xe9"}'
bad 'latin-1' 'gold\.jsonl:2: byte 29 \(0xe9\) is not UTF-8'
gold '{"id": "a\\u200d", "question": "x"}'
bad 'an id that looks like another' \
	'gold\.jsonl:2: "id": .* looks the same as that of .*gold\.jsonl:1'
gold ''
printf '%s\n{"section_id": "s2", "txt": "Two."}\n' "$section" \
	>"$T/sections.jsonl"
bad 'a slip in the sections' \
	'sections\.jsonl:2: unknown member "txt".*"text"'
echo "$section" >"$T/sections.jsonl"

# --- a list within the suite, by the same table ------------------------------
sed -i 's/^cases: .*/cases:\n- {id: a, question: Who?}\n- {id: b, question: "  "}/' \
	"$T/s.yml"
bad 'a blank question in the suite' 's\.yml:4:21: "question" is "  "; it must'
sed -i 's/question: "  "/question: Whom?, critical: yes/' "$T/s.yml"
bad 'a flag in the suite' 's\.yml:4:38: "critical" is "yes"'
sed -i 's/critical: yes/critcal: true/' "$T/s.yml"
bad 'a slip in the suite' 's\.yml:4:28: unknown member "critcal"'
sed -i 's/id: b, question: Whom?, critcal: true/id: "a ", question: Whom?/' \
	"$T/s.yml"
bad 'lookalikes in the suite' 's\.yml: cases:2: "id": "a " looks the same'
sed -i '/^- /d;s/^cases:$/cases: gold.jsonl/' "$T/s.yml"

# --- noted -------------------------------------------------------------------
cat >"$T/gold.jsonl" <<'END'
{"id": "a", "question": "Who?", "section_ids": ["s1", "gone"], "level": 1}
{"id": "b", "question": "Whom?", "section_ids": [7], "ground_truth": "x"}
END
status 0 'check of what is right' "$lockstep" check --json "$T/s.yml"
is "$(jq -r '.[0].notes[]' "$T/out" | grep 'nothing reads')" \
	'cases: unknown members, which nothing reads: ground_truth' \
	'names the members that nothing reads'
like "$(jq -r '.[0].notes[]' "$T/out")" \
	'cases: 2 expect sections that are not in sections.jsonl: gone, 7;' \
	'and the sections that are not there'

# --- the run names what neither the sections nor any answer holds --------------
handbook base; base=$url
{
	head -3 fixtures/handbook/gold.jsonl
	echo '{"id": "x", "question": "May I bring a dog?", "section_ids": ["old#1", "leave#annual"]}'
	echo '{"id": "y", "question": "May I bring a cat?", "section_ids": ["old#2", "old#1"]}'
} >"$T/gold.jsonl"
cp fixtures/handbook/sections.jsonl "$T/"
sed -i 's/, level: "{{case.level}}"/, seed: "{{seed}}"/' "$T/s.yml"
told() {
	"$lockstep" run "$T/s.yml" -q --set warmup=0 "$@" --baseline "$base" \
		--candidate "$base" >"$T/out" 2>&1
	"$lockstep" show last --json | jq -r '.notes[]' | grep 'neither'
}
want='2 cases expect sections that are in neither the sections nor any answer: old#1, old#2.'
is "$(told)" "$want" 'a run names the sections that nothing holds'
is "$(told --set sections=null)" "$want" \
	'answers alone say which sections there are'
sed -i '/old#/d' "$T/gold.jsonl"
is "$(told)" '' 'and is silent where all are known'

# --- the request of a case, as it will be sent ---------------------------------
cat >"$T/c.yml" <<'END'
lockstep: 1
cases: [{id: a, question: 'Who "is" it?', request: {k: 7}}]
request:
  path: /query?q={{question}}&api_key=S3CRETPATH
  headers: {X-Kind: "case {{case.id}}", Authorization: "Bearer S3CRET"}
  body: {question: "{{question}}", k: 5, seed: "{{seed}}"}
targets:
  baseline: {url: "http://127.0.0.1:1", headers: {X-Api-Key: S3CRET}}
  candidate: {url: "http://127.0.0.1:2", path: /v2}
END
status 0 'check --case' "$lockstep" check "$T/c.yml" --case a
like "$(cat "$T/out")" \
	'^POST http://127.0.0.1:1/query\?q=Who%20%22is%22%20it%3F&api_key=' \
	'shows where it goes'
like "$(cat "$T/out")" '^POST http://127.0.0.1:2/v2$' 'on each arm'
like "$(cat "$T/out")" '^X-Kind: case a$' 'with which headers'
like "$(cat "$T/out")" '^{"question":"Who \\"is\\" it\?","k":7,"seed":1}$' \
	'and the body'
unlike "$(cat "$T/out")" 'S3CRET' 'and no credential'
is "$("$lockstep" check "$T/c.yml" --case a --json | jq -c '.[0].sent[1].body |
	fromjson')" '{"question":"Who \"is\" it?","k":7,"seed":1}' 'in JSON, too'
status 2 'a case that is not there' "$lockstep" check "$T/c.yml" --case b

done_testing
