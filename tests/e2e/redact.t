#!/usr/bin/env bash
# Personal data: planted in every place of an exchange, through record, import
# and trace redact, and looked for in everything on the disk.
. tests/lib/tap.sh

mail=canary.person@mail.example.com
card='4111 1111 1111 1111'

# A service that answers with what it was told, plain, packed and as a stream.
cat >"$T/echo.py" <<'EOF'
import gzip, json, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class H(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        n = int(self.headers.get("Content-Length", 0))
        text = json.loads(self.rfile.read(n))["question"]
        if self.path.startswith("/stream"):
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            for c in text:
                self.wfile.write(b"data: " + json.dumps({"delta": c}).encode() + b"\n\n")
            self.wfile.write(b"data: [DONE]\n\n")
            self.close_connection = True
            return
        body = json.dumps({"answer": text}).encode()
        self.send_response(200)
        if self.path.startswith("/packed"):
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("X-Contact", text[:80])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *a):
        pass

s = ThreadingHTTPServer(("127.0.0.1", 0), H)
print("http://127.0.0.1:%d" % s.server_port, flush=True)
s.serve_forever()
EOF
serve echo python3 "$T/echo.py"; service=$url

ask() { # BASE PATH
	curl -sS "$1$2" -H 'Content-Type: application/json' \
		-H "X-Contact: $mail" -d "{\"question\":\"I am $mail, \\u0063ard $card\"}"
}
everywhere() { # a path with the address in it, plain, packed, streamed
	local path
	for path in "/query?to=$mail" "/packed/canary.person%40mail.example.com" \
		/stream; do
		ask "$1" "$path" >/dev/null
	done
}
# Everything below a folder, decompressed. (4111 alone is in a time now and then.)
found() {
	find "$1" -type f | while read -r f; do
		case $f in *.zst) zstd -dqc "$f" ;; *) cat "$f" ;; esac
	done | grep -aoE 'canary.person|4111[^0-9]{0,6}1111|Y2FuYXJ5' | wc -l
}

mkdir "$T/plain" "$T/clean" "$T/again"
record() { # NAME FOLDER OPTION...
	local name=$1 folder=$2; shift 2
	serve "$name" "$lockstep" record --upstream "$service" \
		--out "$folder/t.jsonl.zst" "$@"
	everywhere "$url"
	kill -INT "$pid"
	wait "$pid"
}
record one "$T/plain"
ok 'without rules it is there' test "$(found "$T/plain")" -gt 5
record two "$T/clean" --redact all
is "$(found "$T/clean")" 0 'with --redact all it is nowhere on the disk'
trace=$T/clean/t.jsonl.zst
is "$("$lockstep" trace cat "$trace" | grep -c '"type":"exchange"')" 3 \
	'all exchanges are kept'
is "$(zstd -dqc "$trace" | head -1 | jq -r '.redaction.personal | length')" 8 \
	'the head names the rules'
ok 'and every record is sound' "$lockstep" trace verify "$trace"
like "$("$lockstep" trace cat "$trace" | jq -r 'select(.request.target ==
	"/stream").response.body')" '\[EMAIL\]' 'a stream is masked over its events'

# --- an old trace ---------------------------------------------------------------
status 0 'trace redact' "$lockstep" trace redact "$T/plain/t.jsonl.zst" \
	--out "$T/again/t.jsonl.zst" --redact all
like "$(cat "$T/out")" 'email +[1-9]' 'tells how often each rule hit'
is "$(found "$T/again")" 0 'leaves nothing'
ok 'the head tells it, too' test "$(zstd -dqc "$T/again/t.jsonl.zst" | head -1 |
	jq .redaction.hits.email)" -gt 5

# --- pseudonyms join ------------------------------------------------------------
head -c 32 /dev/urandom >"$T/key"
for i in 1 2; do
	"$lockstep" trace redact "$T/plain/t.jsonl.zst" --out "$T/p$i.zst" \
		--redact pseudonym:email --redact-key "$T/key" >/dev/null
done
is "$(zstd -dqc "$T/p1.zst" | grep -aoE 'EMAIL:[0-9a-f]{16}' | sort -u | wc -l)" \
	1 'one address is one token'
is "$(zstd -dqc "$T/p2.zst" | grep -aoE 'EMAIL:[0-9a-f]{16}' | sort -u)" \
	"$(zstd -dqc "$T/p1.zst" | grep -aoE 'EMAIL:[0-9a-f]{16}' | sort -u)" \
	'under one key the same'
status 2 'a pseudonym without a key' "$lockstep" trace redact \
	"$T/plain/t.jsonl.zst" --out "$T/no.zst" --redact pseudonym:email
like "$(cat "$T/err")" 'redact-key' 'says how to give one'
status 2 'an unknown rule' "$lockstep" trace redact "$T/plain/t.jsonl.zst" \
	--out "$T/no.zst" --redact emial
like "$(cat "$T/err")" 'did you mean "email"' 'names the nearest'

# --- import ---------------------------------------------------------------------
printf '{"question":"Who is %s?","answer":"Card %s."}\n' "$mail" "$card" \
	>"$T/lines.jsonl"
mkdir "$T/imported"
status 0 'import --redact' "$lockstep" import ndjson "$T/lines.jsonl" \
	--out "$T/imported/t.zst" --redact all
is "$(found "$T/imported")" 0 'leaves nothing'
done_testing
