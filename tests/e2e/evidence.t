#!/usr/bin/env bash
# A report answers the next question: what was sent, what the service said,
# which assertion failed, which passage was lost, of the variant that failed.
. tests/lib/tap.sh
export LC_ALL=C.UTF-8

cat >"$T/service.py" <<'END'
import http.server, json, sys
bad = sys.argv[1] == "bad"
class S(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *a):
        pass
    def do_POST(self):
        q = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        ids = ["s%d" % i for i in range(1, 6)]
        answer, status = "The term is 90 days.", 200
        if bad and "passage" in q["question"]:
            ids[2] = "s9"
        if bad and "answer" in q["question"] and q["seed"] == 2:
            answer = "The term is 30 days."
        if bad and "decline" in q["question"]:
            answer = ("The term is 30 days." if q["seed"] == 1 else
                      "I cannot answer that question.")
        if bad and "nul" in q["question"]:
            answer = "The term\0is 30 days."
        body = {"answer": answer, "hits": [{"id": i, "text": "Text of " + i}
                                           for i in ids]}
        if bad and "error" in q["question"]:
            body, status = {"error": "index shard 7 is gone"}, 503
        body = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), S)
print("http://127.0.0.1:%d" % httpd.server_port, flush=True)
httpd.serve_forever()
END
serve good python3 "$T/service.py" good; good=$url
serve bad python3 "$T/service.py" bad; bad=$url
cat >"$T/s.yml" <<'END'
lockstep: 1
name: evidence
cases:
- {id: passage, question: "Which passage?", section_ids: [s3], critical: true}
- {id: answer, question: "Which answer?", critical: true,
   expect: [{at: /answer, op: contains, value: "90 days"}, {at: /hits, op: exists}]}
- {id: decline, question: "Which decline?", critical: true,
   expect: [{at: /answer, op: contains, value: "90 days"}]}
- {id: error, question: "Which error?", section_ids: [s3], critical: true}
variants: {paraphrases: 1, seeds: [1, 2]}
warmup: 0
request: {path: /query, body: {question: "{{question}}", seed: "{{seed}}"}}
extract: {answer: /answer, retrieved: {items: /hits, section_id: /id, text: /text}}
gates: {latency: false, errors: false, http_5xx: false, retrieval: {ds_case_max: 2}}
END
"$lockstep" run "$T/s.yml" -q --report-dir "$T/r" --baseline "$good" \
	--candidate "$bad" >"$T/out" 2>&1
json=$T/r/report.json
side() { jq -r --arg id "$1" ".cases[] | select(.id == \$id).sides.candidate.$2" \
	"$json"; }
is "$(side passage lost)" 's3 (was rank 3)' 'a passage lost at rank 3 is named'
is "$(side answer failed)" 'answer contains "90 days"' \
	'the assertion that failed is named, and it alone'
is "$(side answer answer)" 'The term is 30 days.' \
	'of the variant that failed, not the first'
is "$(jq -r '.cases[] | select(.id == "decline").reasons[0]' "$json")" \
	'an answerable question was declined' 'what fails first'
is "$(side decline answer)" 'I cannot answer that question.' \
	'is what is shown, not another wrong answer'
like "$(side answer sent)" '^POST /query .*"seed":2' 'with what was sent'
like "$(side error said)" '503.*index shard 7 is gone' \
	"a failed request tells the service's words"
like "$(tr -s ' \n' ' ' <"$T/r/report.txt")" 'failed answer contains "90 days"' \
	'the text report names the assertion'
like "$(tr -s ' \n' ' ' <"$T/r/report.txt")" 'lost s3 \(was rank 3\)' \
	'and the passage'
like "$(tr -s ' \n' ' ' <"$T/r/report.txt")" 'index shard 7 is gone' \
	'and what was said'
for f in report.md report.html junit.xml; do
	like "$(cat "$T/r/$f")" '90 days' "$f names the assertion"
	like "$(cat "$T/r/$f")" 'was rank 3' "$f names the passage"
	like "$(cat "$T/r/$f")" 'index shard 7' "$f says what was said"
done
"$lockstep" show last --case error >"$T/out" 2>&1
like "$(cat "$T/out")" 'said +.*503.*index shard 7 is gone' 'show --case, too'
like "$(cat "$T/out")" 'sent +POST /query' 'with what was sent'

# ---- behind a NUL ----------------------------------------------------------
{ sed '/^cases:/,/^- {id: error/d' "$T/s.yml"; echo 'cases: nul.jsonl'; } \
	>"$T/nul.yml"
echo '{"id": "nul", "question": "Which\u0000nul?",' \
	'"expect": [{"at": "/answer", "op": "contains", "value": "90 days"}]}' \
	>"$T/nul.jsonl"
"$lockstep" run "$T/nul.yml" -q --report-dir "$T/r0" --baseline "$good" \
	--candidate "$bad" >"$T/out" 2>&1
is "$(jq -r '.cases[] | .question, .sides.candidate.answer' \
	"$T/r0/report.json" | paste -sd' ')" 'Which�nul? The term�is 30 days.' \
	'what stands behind a NUL is shown'

# ---- beyond the five worst -------------------------------------------------
{ sed '/^cases:/,/^- {id: error/d' "$T/s.yml"; echo 'cases:'
for i in 1 2 3 4 5 6 7; do
	echo "- {id: a$i, question: \"Which answer?\"," \
		'expect: [{at: /answer, op: contains, value: "90 days"}]}'
done; } >"$T/seven.yml"
"$lockstep" run "$T/seven.yml" -q --report-dir "$T/r7" --baseline "$good" \
	--candidate "$bad" >"$T/out" 2>&1
other=$(jq -r '[.cases[] | select(.sides | not).id][-1]' "$T/r7/report.json")
like "$other" '^a[1-7]$' 'a report keeps the texts of the worst cases alone'
"$lockstep" show last --case "$other" >"$T/out" 2>&1
like "$(cat "$T/out")" 'answer +The term is 30 days' \
	'show --case reads the others from the trace'
like "$(cat "$T/out")" 'sent +POST /query' 'with what was sent'
"$lockstep" show last --case "$other" --json >"$T/out" 2>&1
is "$(jq -r '.[0].sides.candidate.answer' "$T/out")" 'The term is 30 days.' \
	'as JSON, too'
rm "$T/seven.yml"
"$lockstep" show last --case "$other" >"$T/out" 2>"$T/err"
is $? 0 'without its suite the case is shown'
like "$(cat "$T/err")" 'cannot read the requests and answers again: .*seven.yml' 'and why no more of it'
done_testing
