#!/bin/bash
# The demo stack: every endpoint and shape, each fault and its exact share,
# chance that is seeded, bad input, clean stops.
set -u
build=${BUILD:-build}
hb=fixtures/handbook
tmp=$(mktemp -d) || exit 1
pid=
n=0
trap 'kill $pid 2>/dev/null; rm -rf "$tmp"' EXIT

ok() { # NAME, the status of the command before
	local rc=$?
	n=$((n + 1))
	if [ $rc = 0 ]; then echo "ok $n - $1"; else echo "not ok $n - $1"; fi
}

is() { # GOT WANTED NAME
	n=$((n + 1))
	if [ "$1" = "$2" ]; then echo "ok $n - $3"; return; fi
	echo "not ok $n - $3"
	printf '# got:    %s\n# wanted: %s\n' "$1" "$2"
}

# up OPTION...: starts the stack, sets url and pid
up() {
	: >"$tmp/out"
	"$build/ragstack" --sections $hb/sections.jsonl \
	    --gold $hb/gold.jsonl "$@" >"$tmp/out" 2>"$tmp/err" &
	pid=$!
	until grep -q listening "$tmp/out"; do
		kill -0 $pid 2>/dev/null || { cat "$tmp/err"; return 1; }
		sleep .01
	done
	url=$(sed -n 's/^listening on //p' "$tmp/out")
}

down() { # [SIGNAL]: stops it; its exit status
	kill -"${1:-TERM}" $pid
	wait $pid
	local rc=$?
	pid=
	return $rc
}

# many PATH [MORE] <BODIES: one request for each line, on one connection,
# answers in order, a line each; MORE: lines of curl's config for each
many() {
	jq -rR --arg u "$url$1" --arg more "${2-}" \
	    '"url = \($u | tojson)\ndata = \(. | tojson)\n\($more)\nnext"' |
	    sed '$d' >"$tmp/k"
	curl -s -K "$tmp/k" 2>"$tmp/progress"
}

# wordings SEED: a /query body for each gold question, then for each
# paraphrase
wordings() {
	jq -c "{question, seed: $1}" $hb/gold.jsonl
	jq -c "{question: .paraphrases[0], seed: $1}" $hb/gold.jsonl
	jq -c "{question: .paraphrases[1], seed: $1}" $hb/gold.jsonl
}

questions() { jq -c "{question, seed: ${1:-1}}" $hb/gold.jsonl; }
post() { curl -s "$url$1" -d "$2"; }
code() { curl -s -o "$tmp/body" -D "$tmp/head" -w '%{http_code}' "$@"; }
count() { grep -c -- "$1" || true; }

one='{"question":"What is the picking target in lines an hour?","seed":1}'
jq -r '.section_ids[0]' $hb/gold.jsonl >"$tmp/gold1"
cat "$tmp/gold1" "$tmp/gold1" "$tmp/gold1" >"$tmp/gold3"

# ---- the command line -------------------------------------------------
"$build/ragstack" --help | grep -q -- '--sections FILE'
ok "--help teaches"
is "$("$build/ragstack" --fault help | wc -l)" \
    "$(grep -c '^FAULT(' fixtures/ragstack/fault_rows.h)" "--fault help lists all"
missing=$("$build/ragstack" --fault help | while read -r f _; do
	grep -q "^| \`$f\`" fixtures/ragstack/README.md || echo "$f"; done)
is "$missing" "" "the README knows every fault"
missing=$("$build/ragstack" --help | sed -n 's/^  \(--[a-z-]*\).*/\1/p' |
    while read -r o; do grep -q -- "^| \`$o" fixtures/ragstack/README.md ||
    echo "$o"; done)
is "$missing" "" "the README knows every option"

bad() { # NAME PATTERN OPTION...: exit 2 and one line that says what
	local name=$1 want=$2 rc
	shift 2
	"$build/ragstack" "$@" >"$tmp/o" 2>"$tmp/e"
	rc=$?
	[ $rc = 2 ] && [ "$(wc -l <"$tmp/e")" = 1 ] && [ ! -s "$tmp/o" ] &&
	    grep -q -- "$want" "$tmp/e"
	ok "bad input: $name" || true
}
s="--sections $hb/sections.jsonl"
bad "no sections" "sections FILE is needed"
bad "unknown option" "unknown option --nope" --nope
bad "not an option" "is no option" nope
bad "unknown fault" 'unknown fault "nope"' $s --fault nope
bad "share above 1" "a share from 0 to 1" $s --fault missing=1.5
bad "share missing" "missing=SHARE" $s --fault missing
bad "value for a flag" "takes no value" $s --fault oldpins=1
bad "bad time" "a time such as" $s --latency 20
bad "bad tail" "SHARExFACTOR" $s --tail .1
bad "bad address" "HOST:PORT" $s --listen 127.0.0.1
bad "bad seed" "a whole number" $s --seed x
bad "bad share" "from 0 to 1" $s --noise 2
bad "missing value" "wants a value" $s --seed
bad "missing file" "No such file" --sections "$tmp/none"
bad "empty file" "no sections" --sections /dev/null
printf '{"section_id":"a","text":"x"}\n{"text":1}\n' >"$tmp/s"
bad "bad line" "s:2: section_id and text" --sections "$tmp/s"
printf '{"section_id":"a","text":"x"}\n{"section_id":"a","text":"y"}\n' \
    >"$tmp/s"
bad "id twice" 'section_id "a" is there twice' --sections "$tmp/s"
printf '\x28\xb5\x2f\xfd\x00\n' >"$tmp/s"
bad "compressed file" "not UTF-8" --sections "$tmp/s"
printf '{"id":"x","section_ids":["nope"]}\n' >"$tmp/s"
bad "unknown gold section" "that no section has" $s --gold "$tmp/s"
bad "effects log" "No such file" $s --effects-log "$tmp/no/where"

# ---- the shapes on a healthy stack ------------------------------------
up --effects-log "$tmp/effects"
bad "port in use" "cannot listen" $s --listen "${url#http://}"
is "$(curl -s "$url/healthz")" '{"status":"ok"}' "healthz"
curl -s "$url/manifest" >"$tmp/m"
is "$(jq -c '[.doc_count, (.docs | length), (.docs | add), .dim, .norm,
    .metric]' "$tmp/m")" '[126,14,126,0,"none","bm25"]' "manifest"
is "$(curl -s "$url/" | jq -r .name)" ragstack "GET / introduces"
curl -s "$url/v1/models" | jq -e '.data[0].id' >"$tmp/o"
ok "models"

curl -s -D "$tmp/head" "$url/query" -d "$one" >"$tmp/q"
is "$(jq -c '[(.retrieved | length), .retrieved[0].section_id,
    .citations[0].section_id, .refused]' "$tmp/q")" \
    '[5,"depot#picking","depot#picking",false]' "query finds and cites"
is "$(jq -c '.retrieved[0] | keys' "$tmp/q")" \
    '["from","score","section_id","snippet_id","source_url","text","to","tokens"]' \
    "a snippet's members"
is "$(jq -c '.citations[0] | keys' "$tmp/q")" \
    '["from","section_id","snippet_id","source_url","to","tokens"]' \
    "a citation's members"
jq -r .answer "$tmp/q" | grep -q '140 lines an hour'
ok "the answer is in the answer"
is "$(tr -d '\r' <"$tmp/head" | sed -n 's/^X-Pins: //p' | jq -cS .)" \
    "$(jq -cS .pins "$tmp/q")" "X-Pins are the body's pins"
is "$(jq -c '.pins | keys | length' "$tmp/q")" 11 "eleven pins"
is "$(jq -r .pins.INDEX_HASH "$tmp/q")" "$(jq -r .index_hash "$tmp/m")" \
    "INDEX_HASH is the manifest's"
jq -e '.usage.tokens_in > 300 and .usage.tokens_out > 5' "$tmp/q" >"$tmp/o"
ok "usage"
is "$(jq -c '[.retrieved[].score] | . == (sort | reverse)' "$tmp/q")" true \
    "scores fall"
jq -r '.retrieved[0] | [.section_id, .from, .to] | @tsv' "$tmp/q" |
    while read -r id from to; do
	jq -j --arg id "$id" 'select(.section_id == $id).text' \
	    $hb/sections.jsonl | tail -c "+$((from + 1))" |
	    head -c $((to - from)) >"$tmp/cut"
    done
is "$(cat "$tmp/cut")" "$(jq -r '.retrieved[0].text' "$tmp/q")" \
    "offsets are bytes of the section"

wordings 1 | many /query >"$tmp/healthy"
is "$(jq -r '.retrieved[0].section_id' "$tmp/healthy" | paste -sd ,)" \
    "$(paste -sd , "$tmp/gold3")" "gold first, for all 120 wordings"
is "$(jq -r '.citations[0].section_id' "$tmp/healthy" | paste -sd ,)" \
    "$(paste -sd , "$tmp/gold3")" "gold cited, for all 120 wordings"
jq -r '.answers[0]' $hb/gold.jsonl >"$tmp/a"
is "$(jq -r .answer "$tmp/healthy" | paste -d '|' - <(cat "$tmp/a" "$tmp/a" \
    "$tmp/a") | awk -F'|' 'index($1, $2)' | wc -l)" 120 \
    "the expected words in all 120 answers"
jq -c '{question}' $hb/unanswerable.jsonl | many /query >"$tmp/u"
is "$(jq -c '[.refused, .answer, (.citations | length)]' "$tmp/u" |
    sort | uniq -c | xargs)" \
    "8 [true,I could not find this in the handbook.,0]" \
    "what the handbook does not say is declined"
is "$(post /query '{"question":"of the"}' |
    jq -c '[.refused, (.retrieved | length)]')" '[true,0]' \
    "a question of no words"
is "$(post /query '{"question":"Ｗｈｅｎ ａｒｅ ｗａｇｅｓ ｐａｉｄ？"}' |
    jq -r '.retrieved[0].section_id')" pay#payday "full-width letters"
is "$(post /query '{"question":"wages","k":2}' | jq '.retrieved | length')" \
    2 "k"

chat='{"messages":[{"role":"system","content":"be brief"},
{"role":"user","content":"hello"},{"role":"assistant","content":"hi"},
{"role":"user","content":"When are wages paid?"}],"seed":1}'
post /v1/chat/completions "$chat" >"$tmp/c"
is "$(jq -c '[.object, .choices[0].message.role,
    .choices[0].finish_reason, .choices[0].message.context.citations[0].id,
    (.choices[0].message.context.all_retrieved_documents | length)]' \
    "$tmp/c")" \
    '["chat.completion","assistant","stop","pay#payday",5]' "chat"
is "$(jq -c '.choices[0].message.context.citations[0] | keys' "$tmp/c")" \
    '["chunk_id","content","filepath","id","title","url"]' \
    "a chat citation's members"
is "$(jq -r '.choices[0].message.context.intent | fromjson[0]' "$tmp/c")" \
    "When are wages paid?" "chat intent"
is "$(jq '.usage | .prompt_tokens + .completion_tokens == .total_tokens' \
    "$tmp/c")" true "chat usage"
is "$(code "$url/openai/deployments/x/chat/completions?api-version=1" \
    -d "$chat")" 200 "chat on Azure's path"
post /v1/chat/completions '{"stream":true,
    "stream_options":{"include_usage":true},"messages":[{"role":"user",
    "content":[{"type":"text","text":"When are wages paid?"}]}],"seed":1}' \
    >"$tmp/cs"
is "$(tail -2 "$tmp/cs" | head -1)" "data: [DONE]" "a chat stream's end"
sed -n 's/^data: {/{/p' "$tmp/cs" >"$tmp/ev"
is "$(jq -r '.choices[0].delta.content // empty' "$tmp/ev" | tr -d '\n')" \
    "$(jq -j '.choices[0].message.content' "$tmp/c")" \
    "its tokens are the answer"
is "$(head -1 "$tmp/ev" | jq -r '.choices[0].delta |
    .role, .context.citations[0].id' | paste -sd ,)" assistant,pay#payday \
    "its first delta has role and context"
is "$(tail -1 "$tmp/ev" | jq .usage.total_tokens)" \
    "$(jq .usage.total_tokens "$tmp/c")" "its usage when asked for"

curl -s "$url/query" -H 'Accept: text/event-stream' -d "$one" >"$tmp/qs"
sed -n 's/^data: {/{/p' "$tmp/qs" >"$tmp/ev"
is "$(jq -j '.delta // empty' "$tmp/ev")" "$(jq -r .answer "$tmp/q")" \
    "a query stream's tokens"
is "$(tail -2 "$tmp/ev" | head -1 | jq -c .sources)" \
    "$(jq -c .retrieved "$tmp/q")" "its sources"
is "$(tail -1 "$tmp/ev" | jq -cS 'del(.id)')" \
    "$(jq -cS 'del(.id, .answer)' "$tmp/q")" "and the rest of the reply"
is "$(tail -2 "$tmp/qs" | head -1)" "data: [DONE]" "its end"

for q in '"match":{"text":"when are wages paid"}' \
    '"match":{"text":{"query":"when are wages paid"}}' \
    '"multi_match":{"query":"when are wages paid","fields":["text"]}' \
    '"query_string":{"query":"when are wages paid"}'; do
	is "$(post /handbook/_search "{\"query\":{$q},\"size\":3}" |
	    jq -c '[.timed_out, (.hits.hits | length), .hits.hits[0]._index,
	    .hits.hits[0]._source.section_id, .hits.total.value > 3]')" \
	    '[false,3,"handbook","pay#payday",true]' "search by ${q%%:*}"
done
is "$(curl -s -X GET "$url/h/_search" -d \
    '{"query":{"match":{"text":"wages"}}}' |
    jq -c '.hits.hits[0]._source | keys')" \
    '["section_id","source_url","text","title"]' "search by GET"

# ---- requests that are wrong ------------------------------------------
is "$(code "$url/nope")" 404 "unknown path"
is "$(jq -r .error.code "$tmp/body")" not_found "errors are JSON"
is "$(code "$url/query")" 405 "wrong method"
grep -qi '^allow: POST' "$tmp/head"
ok "Allow"
for b in '' 'x' '[]' '{}' '{"question":1}' '{"question":"a","k":0}' \
    '{"question":"a","k":51}' '{"question":"a","seed":"x"}'; do
	is "$(code "$url/query" -d "$b")" 400 "bad body: $b"
done
is "$(code "$url/v1/chat/completions" -d '{"messages":[]}')" 400 \
    "chat without a question"
is "$(code "$url/i/_search" -d '{"query":{"term":{"a":"b"}}}')" 400 \
    "search of another kind"
head -c 1000001 /dev/zero | tr '\0' x >"$tmp/big"
is "$(code "$url/query" -H Expect: --data-binary "@$tmp/big")" 413 \
    "a body too large"
is "$(code "$url/query" -H 'Expect: 100-continue' --data-binary "@$tmp/big")" \
    413 "a body too large, not sent"
is "$(code "$url/query" -H Expect: -H 'Transfer-Encoding: chunked' \
    --data-binary "@$tmp/big")" 413 "a chunked body too large"
deep=$(printf '[%.0s' $(seq 5000))
is "$(code "$url/query" -d "$deep")" 400 "a body too deep"
printf '{"a":"\xff"}' >"$tmp/latin"
is "$(code -H 'Idempotency-Key: k0' "$url/effects" --data-binary \
    "@$tmp/latin")" 400 "a body that is not UTF-8"
is "$(code "$url/query" -d '{"question":"\u0022 OR NEAR( * ^ wages --"}')" \
    200 "a question full of query syntax"

# ---- effects ----------------------------------------------------------
eff() { curl -s -H "Idempotency-Key: $1" "$url/effects" -d "$2"; }
e1=$(eff k1 '{"amount":5,"to":"a"}')
is "$(echo "$e1" | jq -r .effect_id)" e-00000001 "an effect"
is "$(eff k1 '{"to":"a", "amount":5}')" "$e1" "the same again"
curl -s -D - -o "$tmp/o" -H 'Idempotency-Key: k1' "$url/effects" \
    -d '{"amount":5,"to":"a"}' | grep -qi '^idempotent-replay: true'
ok "told to be a replay"
is "$(code -H 'Idempotency-Key: k1' "$url/effects" \
    -d '{"amount":6,"to":"a","x/y":1}')" 409 "another body"
is "$(jq -c .diff "$tmp/body")" \
    '[{"at":"/amount","first":5,"now":6},{"at":"/x~1y","now":1}]' \
    "the diff"
is "$(code "$url/effects" -d '{}')" 400 "an effect without a key"
is "$(code -H 'Idempotency-Key: k9' "$url/effects" -d 'x')" 400 \
    "an effect that is no JSON"
for i in 1 2 3 4 5 6 7 8; do
	printf 'url = "%s/effects"\ndata = "{}"\nheader = "%s"\nnext\n' \
	    "$url" "Idempotency-Key: par"
done | sed '$d' >"$tmp/k"
curl -s --parallel -K "$tmp/k" 2>"$tmp/progress" | jq -r .effect_id | sort -u >"$tmp/o"
is "$(wc -l <"$tmp/o")" 1 "eight at once have one effect"
is "$(curl -s "$url/audit?limit=1" | jq -c '[.effects, .duplicates, .keys,
    .requests, .conflicts, (.list | length)]')" '[2,0,2,12,1,1]' "the audit"
is "$(jq -r .key "$tmp/effects" | paste -sd ,)" k1,par "the effects' log"
down
ok "SIGTERM is a clean stop"
is "$(wc -l <"$tmp/out")" 1 "nothing else was printed"

# ---- seeded chance ----------------------------------------------------
chance="--noise .3 --errors .1 --sampled .5"
up $chance --seed 7
wordings 1 | many /query >"$tmp/r1"
wordings 1 | many /query >"$tmp/r1b"
down
up $chance --seed 7
wordings 1 | tac | many /query | tac >"$tmp/r2"
wordings 1 | many /query >"$tmp/r2b"
down INT
ok "SIGINT is a clean stop"
cmp -s "$tmp/r1" "$tmp/r2"
ok "one seed gives the same bytes, in any order of arrival"
cmp -s "$tmp/r1b" "$tmp/r2b"
ok "and so does the second time"
! cmp -s "$tmp/r1" "$tmp/r1b"
ok "which is another draw than the first"
up $chance --seed 8
wordings 1 | many /query >"$tmp/r3"
down
both=$(paste -d ' ' <(jq -c '.error != null' "$tmp/r1") \
    <(jq -c '.error != null' "$tmp/r3") | count 'true true')
a=$(jq -c '.error != null' "$tmp/r1" | count true)
b=$(jq -c '.error != null' "$tmp/r3" | count true)
[ "$a" -ge 4 ] && [ "$a" -le 22 ] && [ "$b" -ge 4 ] && [ "$b" -le 22 ] &&
    [ "$both" -lt "$a" ] && [ "$both" -lt "$b" ]
ok "another seed is an independent draw ($a and $b errors, $both common)"

order='[.retrieved[].section_id]'
up --noise .3
wordings 1 | many /query >"$tmp/r"
swapped=$(paste -d ' ' <(jq -c "$order" "$tmp/r") \
    <(jq -c "$order" "$tmp/healthy") | awk '$1 != $2' | wc -l)
same=$(paste -d ' ' <(jq -c "$order | sort" "$tmp/r") \
    <(jq -c "$order | sort" "$tmp/healthy") | awk '$1 != $2' | wc -l)
[ "$swapped" -ge 20 ] && [ "$swapped" -le 52 ] && [ "$same" = 0 ]
ok "noise swaps ranks and nothing else ($swapped of 120)"
for i in 1 2 3 4 5 6 7 8; do
	curl -s -H 'Idempotency-Key: q1' "$url/query" -d "$one"
done | sort -u | wc -l >"$tmp/o"
is "$(cat "$tmp/o")" 1 "a repeated key repeats its draw"
curl -s -H 'Idempotency-Key: q1' "$url/query" -d '{"question":"wages"}' \
    >"$tmp/o"
curl -s -H 'Idempotency-Key: q2' "$url/query" -d '{"question":"wages"}' \
    >"$tmp/o"
is "$(curl -s "$url/audit" | jq -c .queries)" \
    '{"requests":130,"with_key":10,"keys":2,"repeats":8,"conflicts":1,"forgotten":0}' \
    "queries by key are audited"
down
up --burn 30ms
for i in 1 2 3 4 5 6 7 8 9 10; do
	post /query "$one" >/dev/null
done
# user and system time, in ticks
ticks=$(awk '{print $14 + $15}' /proc/$pid/stat)
[ "$ticks" -ge $((30 * 10 * $(getconf CLK_TCK) / 1000 - 2)) ]
ok "--burn takes processor time ($ticks ticks)"
down
up --sampled 1
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	post /query "$one" | jq -r .answer
done | sort -u | wc -l >"$tmp/o"
[ "$(cat "$tmp/o")" -ge 4 ]
ok "sampled answers vary ($(cat "$tmp/o") of 12)"
down
up --sampled 1 --answer-cache --latency 500ms --sigma 0
t1=$(curl -s -o "$tmp/a1" -w '%{time_total}' "$url/query" -d "$one")
for i in 1 2 3 4 5; do	# a busy machine may hold one up
	t2=$(curl -s -o "$tmp/a2" -w '%{time_total}' "$url/query" -d "$one")
	awk "BEGIN {exit !($t1 > 3 * $t2)}" && break
done
curl -s -H 'Cache-Control: no-cache' "$url/query" -d "$one" >"$tmp/a3"
cmp -s "$tmp/a1" "$tmp/a2" && awk "BEGIN {exit !($t1 > 3 * $t2)}"
ok "the answer cache repeats the bytes, faster ($t1 and $t2 s)"
down

# ---- faults of content: exact shares of the gold sections -------------
# hits JQ: the cases (0..39) whose answer is not what the filter yields on
# a healthy stack, for all three wordings the same
hits() {
	paste -d '\t' <(jq -c "$1" "$tmp/r") <(jq -c "$1" "$tmp/healthy") |
	    awk -F'\t' '{if ($1 != $2) hit[(NR - 1) % 40]++}
	    END {for (i in hit) {n++; odd += hit[i] != 3}
	    print n + 0, odd + 0}'
}
under() { # FAULT: all wordings on a stack with it
	up --fault "$1" && wordings 1 | many /query >"$tmp/r"
	curl -s "$url/manifest" >"$tmp/m"
	down
}
top='.retrieved[0].section_id'
under missing=.1
is "$(hits "$top")" "4 0" "missing=.1 takes 4 of 40, for every wording"
gone=$(paste -d ' ' "$tmp/gold3" <(jq -c "$order" "$tmp/r") |
    awk '!index($2, "\"" $1 "\"")' | wc -l)
is "$gone" 12 "which are not retrieved at all"
is "$(jq '.doc_count' "$tmp/m")" 122 "and not counted in the manifest"
[ "$(jq -r .index_hash "$tmp/m")" != \
    "$(head -1 "$tmp/healthy" | jq -r .pins.INDEX_HASH)" ]
ok "the index hash shows it"
under wrongtop=.3
is "$(hits "$top")" "12 0" "wrongtop=.3 turns 12 of 40, for every wording"
gone=$(paste -d ' ' "$tmp/gold3" <(jq -c "$order" "$tmp/r") |
    awk '!index($2, "\"" $1 "\"")' | wc -l)
is "$gone" 36 "the right section is gone"
is "$(jq -c 'select((.citations[0].section_id != .retrieved[0].section_id) or
    .refused)' "$tmp/r" | wc -l)" 0 "and the wrong one answers"
under stale=.25
is "$(hits '.retrieved[0].text')" "10 0" "stale=.25 ages 10 of 40"
is "$(hits "$top")" "0 0" "which are still found"
under wrongcite=.2
is "$(hits '.citations[0].section_id')" "8 0" "wrongcite=.2 miscites 8"
is "$(hits '.answer')" "0 0" "and answers as before"
up --fault seedorder=.4
questions 1 | many /query | jq -r "$top" >"$tmp/s1"
questions 2 | many /query | jq -r "$top" >"$tmp/s2"
down
is "$(paste -d ' ' "$tmp/s1" "$tmp/s2" | awk '$1 != $2' | wc -l)" 16 \
    "seedorder=.4 makes 16 of 40 depend on the seed"
under dropfields
is "$(jq -c '.citations[0] | keys' "$tmp/r" | sort -u)" \
    '["section_id","snippet_id","tokens"]' "dropfields"

# ---- faults of requests: exact shares of the requests -----------------
under 5xx=.04
is "$(jq -c 'select(.error)' "$tmp/r" | wc -l)" 5 "5xx=.04: 5 of 120"
under refuse=.05
is "$(jq -c 'select(.refused) | .citations' "$tmp/r" | xargs)" \
    "[] [] [] [] [] []" "refuse=.05: 6 of 120"
under empty=.1
is "$(jq -c 'select(.answer == "" and .retrieved == [])' "$tmp/r" |
    wc -l)" 12 "empty=.1: 12 of 120"
under mixedindex=.25
is "$(jq -r .pins.INDEX_HASH "$tmp/r" | sort | uniq -c | sort -n |
    awk '{print $1}' | xargs)" "30 90" "mixedindex=.25: 30 of 120"
is "$(jq -c 'select(.pins.INDEX_HASH == "'"$(jq -r .index_hash "$tmp/m")"'")
    | 1' "$tmp/r" | wc -l)" 90 "the rest on the index of the manifest"
under pinsdrift=100
is "$(jq -r .pins.PROMPT_VER "$tmp/r" | uniq -c | awk '{print $1}' |
    xargs)" "100 20" "pinsdrift=100"
under oldpins
is "$(jq -r '.pins.MODEL_VER' "$tmp/r" | sort -u)" extract-1.3.2 "oldpins"
is "$(hits '.answer')" "0 0" "which answer as before"

quick="--latency 10ms --sigma 0"
timed='output = "/dev/null"
write-out = "%{time_total}\n"'
up --latency 50ms --sigma 0 --fault tail=.1
questions | many /query "$timed" |
    awk '{n++; slow += $1 > .3} END {print n, (slow >= 4 && slow < 20)}' >"$tmp/o"
# a busy machine may hold some of the others up
is "$(cat "$tmp/o")" "40 1" "tail=.1: 4 of 40 are slow"
down
up $quick --fault slow=4
questions | head -10 | many /query "$timed" |
    awk '{n++; slow += $1 >= .039} END {print n, slow}' >"$tmp/o"
is "$(cat "$tmp/o")" "10 10" "slow=4: all are"
down
up --latency 2s --sigma 0 --fault 429=3
for i in 1 2 3 4 5 6 7 8; do
	printf 'url = "%s/query"\ndata = "{\\"question\\":\\"a%s\\"}"\n' \
	    "$url" $i
	printf 'output = "/dev/null"\nwrite-out = "%%{http_code}\\n"\nnext\n'
done | sed '$d' >"$tmp/k"
curl -s --parallel --parallel-immediate -K "$tmp/k" 2>"$tmp/progress" | sort | uniq -c |
    xargs >"$tmp/o"
is "$(cat "$tmp/o")" "3 200 5 429" "429=3: three in flight are served"
down
up --fault 429=0
is "$(code "$url/query" -d "$one")" 429 "429=0 serves none"
grep -qi '^retry-after: 1' "$tmp/head"
ok "Retry-After"
is "$(code "$url/healthz")" 200 "but is well"
down
up --fault timeout=.5 --hang 300ms
questions | head -4 | while read -r q; do
	curl -s -o "$tmp/o" -w '%{exitcode} %{time_total}\n' "$url/query" -d "$q"
done | awk '{ print $1, ($1 == 0 || $2 >= .29) }' | sort | uniq -c |
    xargs >"$tmp/o2"
is "$(cat "$tmp/o2")" "2 0 1 2 52 1" "timeout=.5: 2 of 4 hang"
(for i in 1 2; do curl -s -o "$tmp/o3" "$url/query" -d "$one"; echo $?
    done) | sort -n | xargs >"$tmp/o2"
is "$(cat "$tmp/o2")" "0 52" "and the connection ends without an answer"
down
up --fault timeout=1
curl -s -o "$tmp/o" "$url/query" -d "$one" &
c=$!
until [ "$(curl -s "$url/audit" | jq .queries.requests)" = 1 ]; do :; done
SECONDS=0
down
ok "a stop while a request hangs"
wait $c
[ $SECONDS -le 20 ]
ok "does not take its time"
up --fault timeout=1 --hang 50ms
eff k '{}' >"$tmp/o"
is "$(curl -s "$url/audit" | jq -c '[.effects, .requests]')" '[1,1]' \
    "an effect happens though its answer is lost"
down
up --fault dupeffects
eff k '{}' >"$tmp/o"
eff k '{}' >"$tmp/o"
is "$(curl -s "$url/audit" | jq -c '[.effects, .duplicates, .keys]')" \
    '[2,1,1]' "dupeffects"
down
up --token-latency 10ms --arrivals "$tmp/arrivals"
t=$(curl -s -o "$tmp/o" -w '%{time_total}' "$url/query" \
    -H 'Accept: text/event-stream' -d "$one")
awk "BEGIN {exit !($t > .1)}"
ok "tokens take their time ($t s)"
curl -s "$url/healthz" >"$tmp/o"
down
is "$(grep -c '^[0-9]*$' "$tmp/arrivals")" 1 "arrivals are written down"
up --pin MODEL_VER=x --pin GIT_SHA=y --version-tag 9
is "$(post /query "$one" | jq -c '[.pins.MODEL_VER, .pins.GIT_SHA]')" \
    '["x","y"]' "pins of one's own"
down
echo "1..$n"
