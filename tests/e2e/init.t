#!/usr/bin/env bash
# lockstep init: the suite that comes of recorded traffic or of a service says
# what a person would have written, and runs as it is.
. tests/lib/tap.sh
command -v python3 >/dev/null || skip_all 'python3 is not there'
hb=$PWD/fixtures/handbook
suite() { "$lockstep" check --json "$1" >/dev/null 2>&1; }
# a member of the suite's extract, from the manifest itself
found() { sed -n '/^extract:/,/^$/s/^  //p' "$1" | grep -F -- "$2"; }

# recorded NAME BODY-FILTER PATH COMMAND...: forty questions through the proxy
recorded() {
	local name=$1 body=$2 path=$3; shift 3
	serve "$name" "$@"
	service=$url
	serve "rec-$name" "$lockstep" record --listen 127.0.0.1:0 \
		--upstream "$url" --out "$T/$name.zst"
	head -40 "$hb/gold.jsonl" | jq -c "$body" | while read -r line; do
		curl -s -H 'Content-Type: application/json' -d "$line" "$url$path"
	done >/dev/null
	curl -s "$url/healthz" >/dev/null
	kill -INT $pid
	wait $pid
}

# ---- pointers into shapes that nobody knows ------------------------------------
recorded odd '{ask: {text: .question, n: 5, draw: 1}}' '/v9/ask?lang=en' \
	perl tests/lib/odd.pl "$hb/sections.jsonl"
status 0 'of recorded answers' "$lockstep" init --trace "$T/odd.zst" \
	--out "$T/odd.yml"
like "$(cat "$T/out")" 'passages: text +/groups/\*/docs/\*/body +sure, 40 of 40' \
	'it says what it found, and how sure that is'
ok 'passages with ids, sections, offsets and scores' found "$T/odd.yml" \
	'retrieved: {"items":"/groups/*/docs","text":"/body","snippet_id":"/key","section_id":"/where/doc","from":"/where/span/0","to":"/where/span/1","score":"/weight"}'
ok 'citations, by what they name' found "$T/odd.yml" \
	'citations: {"items":"/because","section_id":"/ref"}'
ok 'the answer' found "$T/odd.yml" 'answer: "/say/0/t"'
ok 'the question' found "$T/odd.yml" 'question: "/ask/text"'
ok 'the request as a template' grep -qF \
	'body: {"ask":{"text":"{{question}}","n":5,"draw":1}}' "$T/odd.yml"
ok 'with its query' grep -qF 'path: "/v9/ask?lang=en"' "$T/odd.yml"
ok 'what is not asked is named' grep -q '^#   1 GET /healthz' "$T/odd.yml"
status 0 'it runs as it is, and a healthy service passes' \
	"$lockstep" run -q "$T/odd.yml"
serve blind perl tests/lib/odd.pl "$hb/sections.jsonl" 0 '^(pay|leave|depot)#'
status 1 'a service that lost three documents fails' \
	"$lockstep" run -q "$T/odd.yml" --candidate "$url"
status 2 'a suite that is there stays' "$lockstep" init \
	--trace "$T/odd.zst" --out "$T/odd.yml"

# ---- a known API -----------------------------------------------------------------
recorded hb '{question, k: 5, seed: 1}' /query "$ragstack" \
	--gold "$hb/gold.jsonl" --sections "$hb/sections.jsonl" \
	--listen 127.0.0.1:0
status 0 'a known API' "$lockstep" init --trace "$T/hb.zst" -o "$T/hb.yml"
ok 'is its preset' found "$T/hb.yml" 'preset: "generic"'
ok 'the seed is a placeholder' grep -qF '"seed":"{{seed}}"' "$T/hb.yml"
status 0 'and runs' "$lockstep" run -q "$T/hb.yml"
status 0 'a service that is there' "$lockstep" init "$service" \
	-q 'How many days of leave are there?' -o "$T/there.yml"
ok 'is asked for its model' grep -q '"model":"extract' "$T/there.yml"
status 0 'and runs, too' "$lockstep" run -q "$T/there.yml"

# ---- streams ---------------------------------------------------------------------
recorded stream '{message: .question, user: .id}' /talk \
	python3 tests/lib/shapes.py stream 0
status 0 'JSON lines' "$lockstep" init --trace "$T/stream.zst" \
	-o "$T/stream.yml"
ok 'pieces and end of the stream' found "$T/stream.yml" \
	'stream: {"format":"ndjson","token":"/part","end":"\"done\":true"}'
ok 'passages within it' found "$T/stream.yml" \
	'"items":"/docs","text":"/passage","snippet_id":"/ref/id","section_id":"/ref/file","score":"/relevance"'
like "$(cat "$T/stream.yml")" 'these members differ' \
	'what differs between requests is sent as it was'
status 0 'and runs' "$lockstep" run -q "$T/stream.yml"
recorded events '{message: .question}' /talk \
	python3 tests/lib/shapes.py events 0
status 0 'server-sent events' "$lockstep" init --trace "$T/events.zst" \
	-o "$T/events.yml"
ok 'pieces and end by name' found "$T/events.yml" \
	'stream: {"format":"sse","token":"/part","end":"finished"}'
status 0 'and runs' "$lockstep" run -q "$T/events.yml"

recorded graphql '{query: "query A($input: I!) { answer(input: $input) { content } }",
	variables: {input: {text: .question}}}' /graphql \
	python3 tests/lib/shapes.py graphql 0
status 0 'GraphQL' "$lockstep" init --trace "$T/graphql.zst" -o "$T/graphql.yml"
ok 'parallel lists are passages' found "$T/graphql.yml" \
	'retrieved: {"columns":true,"text":"/data/answer/sources/texts/*","snippet_id":"/data/answer/sources/ids/*","section_id":"/data/answer/sources/ids/*","score":"/data/answer/sources/scores/*"}'
ok 'an answer in pieces' found "$T/graphql.yml" \
	'answer: "/data/answer/content/parts/*/value"'
like "$(cat "$T/graphql.yml")" '"variables":\{"input":\{"text":"\{\{question\}\}"' \
	'the question is a variable, not the document'
status 0 'and runs' "$lockstep" run -q "$T/graphql.yml"

# ---- by its description ------------------------------------------------------------
serve openapi python3 tests/lib/shapes.py openapi 0
status 0 'a service that describes itself' "$lockstep" init "$url" \
	-q 'Why is my parcel late?' -q 'Where is the depot?' -o "$T/open.yml"
ok 'the request that its schema asks for' grep -qF \
	'body: {"input":{"question":"{{question}}"},"mode":"exact","limits":{"top":4}}' \
	"$T/open.yml"
ok 'its title' grep -q 'The service: Ticket desk' "$T/open.yml"
ok 'the answer, not the echo' found "$T/open.yml" 'answer: "/result/said"'
ok 'passages' found "$T/open.yml" '"items":"/found","text":"/passage"'
ok 'citations' found "$T/open.yml" 'citations: {"items":"/used"}'
ok 'tokens' found "$T/open.yml" \
	'usage: {"tokens_in":"/meter/prompt_tokens","tokens_out":"/meter/completion_tokens"}'
like "$(cat "$T/out")" 'answer +/result/said +likely, 2 of 2' \
	'two answers make nothing sure'
status 0 'and runs' "$lockstep" run -q "$T/open.yml"

# ---- what cannot be done is said ------------------------------------------------------
serve rude python3 tests/lib/shapes.py rude 0
status 0 'a service that hangs up on paths that it does not know' "$lockstep" \
	init "$url" -q 'Why is my parcel late?' -o "$T/rude.yml"
ok 'is found all the same' grep -qF 'path: "/ask"' "$T/rude.yml"
serve chroma python3 tests/lib/shapes.py chroma 0
status 2 'a store of vectors' "$lockstep" init "$url" -o "$T/no.yml"
like "$(cat "$T/err")" 'this is Chroma.*lockstep record' 'is to be recorded'
serve mute python3 tests/lib/shapes.py mute 0
status 2 'a service that tells nothing' "$lockstep" init "$url" -o "$T/no.yml"
like "$(cat "$T/err")" 'how to ask it is unknown' 'is said'
serve page python3 tests/lib/shapes.py page 0
status 2 'pages' "$lockstep" init "$url" -o "$T/no.yml"
like "$(cat "$T/err")" 'neither an answer nor passages' 'are no answers'
stop $pid
status 2 'nobody there' "$lockstep" init "$url" -o "$T/no.yml"
status 2 'a route that is not there' "$lockstep" init --trace "$T/odd.zst" \
	--route 'GET /nothing' -o "$T/no.yml"
ok 'none of them left a suite' test ! -e "$T/no.yml"
done_testing
