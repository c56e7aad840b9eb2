#!/usr/bin/env bash
# Traffic as it was: requests without a question, chosen from a recording and
# sent again byte for byte; calls that come first, once, and the ids that each
# stack gives in them; a batch as so many cases.
. tests/lib/tap.sh
command -v python3 >/dev/null || skip_all 'python3 is not there'
run() { "$lockstep" run -q --json "$@"; }
field() { jq -r "$1" "$T/out"; }

serve store python3 tests/lib/vectors.py 0
store=$url
serve rec "$lockstep" record --listen 127.0.0.1:0 --upstream "$store" \
	--out "$T/t.zst"
rec_pid=$pid
cat >"$T/client.py" <<'PY'
import http.client, json, sys, random
c = http.client.HTTPConnection(sys.argv[1].split("//")[1])
r = random.Random(7)
def ask(method, path, doc=None):
    body = None if doc is None else json.dumps(doc, separators=(", ", ": "))
    c.request(method, path, body,
              {} if doc is None else {"Content-Type": "application/json"})
    a = c.getresponse()
    return json.loads(a.read())
vec = lambda: [round(r.uniform(-1, 1), 3) for _ in range(4)]
ask("GET", "/healthz")
made = ask("POST", "/collections", {"name": "docs"})["id"]
ask("POST", f"/collections/{made}/add", {
    "ids": [f"doc-{i}" for i in range(40)], "vectors": [vec() for _ in range(40)],
    "documents": [f"text of record {i}, about matter {i * 7 % 13}" for i in range(40)]})
for i in range(12):
    ask("POST", f"/collections/{made}/query", {"vectors": [vec()], "k": 3})
ask("POST", f"/collections/{made}/query", {"vectors": [vec() for _ in range(8)], "k": 2})
for i in range(6):
    ask("GET", f"/collections/{made}/records/doc-{i}?full=1")
ask("GET", f"/collections/{made}/records/none")
PY
ok 'a client is recorded' python3 "$T/client.py" "$url"
kill -INT $rec_pid
wait $rec_pid

cat >"$T/search.yml" <<'YAML'
lockstep: 1
cases: {trace: t.zst, where: {path: /collections/*/query, method: POST}, batch: /vectors}
setup:
  - {where: {method: POST, path: /collections}, ids: /id}
  - {where: {path: /collections/*/add}}
extract: {retrieved: {columns: true, items: /ids/0/*, snippet_id: /ids/0/*, text: /documents/0/*}}
variants: {paraphrases: 1, seeds: [1]}
warmup: 2
gates: {latency: false}
YAML
serve again python3 tests/lib/vectors.py 0
again=$url
serve blind python3 tests/lib/vectors.py --blind 0
blind=$url

status 0 'check' "$lockstep" check "$T/search.yml"
like "$(cat "$T/out" "$T/err")" 'cases +20 ' 'a batch of eight is eight cases'
status 0 'equal stacks pass' run "$T/search.yml" --baseline "$store" \
	--candidate "$again"
is "$(field '.arms.candidate.outcomes | to_entries | map(select(.value > 0)) |
	map(.key) | join(",")')" ok 'ids of the recording are the stack'"'"'s own'
is "$(curl -s "$again/calls")" '{"make": 1, "add": 1}' \
	'the calls in front were sent once'
id=$(field .run.id)
"$lockstep" trace cat "$LOCKSTEP_HOME"/runs/$id/obs.jsonl.zst \
	--arm candidate >"$T/obs"
is "$(jq -r .request.method "$T/obs" | sort -u)" POST 'the recorded method'
is "$(jq -r '.request.body | fromjson | .vectors | length' "$T/obs" |
	sort -u)" 1 'a case of a batch asks for one'
sent=$(zstd -dc "$T/t.zst" | grep '"k\\": 3' | head -1 | jq -r .request.body)
ok 'a body is the bytes that were recorded' \
	grep -qF "$(jq -n --arg b "$sent" '$b')" "$T/obs"
is "$(jq -r .request.target "$T/obs" | sort -u | wc -l)" 1 \
	'the path names one collection'
is "$(field '[.cases[] | .metrics.candidate.ds_question_retrieved // 0] | add')" 0 \
	'no distance to a question that was not asked'
like "$(field '.cases[0].question')" '^POST /collections/.*vectors' \
	'reports say what was sent'
status 1 'a store that finds the farthest fails' run "$T/search.yml" \
	--baseline "$store" --candidate "$blind"
like "$(field '.reasons | tostring')" 'passages|retriev|answers' 'for that reason'

worst=$(field '.cases[0].id')
status 0 'one is promoted' "$lockstep" promote last --incident INC-7 \
	--owner search --case "$worst" --dir "$T/promoted"
serve third python3 tests/lib/vectors.py 0
mv "$T/t.zst" "$T/gone.zst"
status 0 'the promoted suite stands alone, calls in front included' \
	run "$T/promoted/INC-7.yml" --candidate "$url"
is "$(field '.arms.candidate.outcomes.ok')" 1 'and finds its collection'
mv "$T/gone.zst" "$T/t.zst"

# ---- GETs, chosen by status ----------------------------------------------------
cat >"$T/get.yml" <<'YAML'
lockstep: 1
cases: {trace: t.zst, where: {path: "*/records/*", status: 2xx}}
setup:
  - {where: {method: POST, path: /collections}, ids: /id}
  - {where: {path: /collections/*/add}}
request: {method: "{{method}}", path: "{{path}}", body: "{{body}}"}
extract: {answer: /document}
variants: {paraphrases: 1, seeds: [1]}
warmup: 0
gates: {latency: false}
YAML
status 0 'GETs' run "$T/get.yml" --baseline "$store" --candidate "$again"
is "$(field '.cases | length')" 6 'six of seven, by their status'
id=$(field .run.id)
"$lockstep" trace cat "$LOCKSTEP_HOME"/runs/$id/obs.jsonl.zst \
	--arm candidate >"$T/obs"
like "$(jq -r '.request | .method + " " + .target' "$T/obs" | head -1)" \
	'^GET /collections/.*/records/doc-[0-9]\?full=1$' 'are sent as they were'
status 0 'recorded answers are a baseline' run "$T/get.yml" \
	--baseline "recorded:$T/t.zst" --candidate "$again"
is "$(field '.arms.baseline.outcomes.ok')" 6 'all of them'

# ---- init finds the call that comes first ------------------------------------------
status 0 'init' "$lockstep" init --trace "$T/t.zst" --out "$T/init.yml" \
	--route 'POST /collections/*/query'
ok 'writes the setup' grep -qF \
	'where: {method: "POST", path: "/collections", status: 2xx}' "$T/init.yml"
ok 'with its id' grep -qxF '    ids: "/id"' "$T/init.yml"

# ---- what is wrong is said -------------------------------------------------------
bad() { status 2 "$1" "$lockstep" check "$T/bad.yml"; like "$(cat "$T/err" "$T/out")" "$2" "$1"; }
sed 's/method: POST}/status: 2x}/' "$T/search.yml" >"$T/bad.yml"
bad 'a status that is none' 'not a status: use 404, 4xx'
sed 's/method: POST}/methode: POST}/' "$T/search.yml" >"$T/bad.yml"
bad 'a misspelt condition' 'did you mean .method'
sed 's#/add}#/nothing}#' "$T/search.yml" >"$T/bad.yml"
status 2 'a rule that meets nothing' run "$T/bad.yml" --candidate "$again"
like "$(cat "$T/err")" 'rule 2 of setup' 'is named'
serve empty python3 tests/lib/vectors.py 0
sed 's#/add}#/records/none}#' "$T/search.yml" >"$T/bad.yml"
status 2 'a call in front that fails' run "$T/bad.yml" --candidate "$url"
like "$(cat "$T/err")" 'candidate: setup: GET /collections/.*404' \
	'is an error with its answer'
sed 's#where: {path: /coll[^}]*}#where: {path: /nothing}#' "$T/search.yml" \
	>"$T/bad.yml"
bad 'nothing chosen' 'cases.where'
done_testing
