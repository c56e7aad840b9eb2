#!/usr/bin/env bash
# What a shadow tells: alerts by a command and a webhook, once each, through
# failures and restarts; the page in a browser; the tags of what it asks; which
# pairs the suite wants; how long a window is.
. tests/lib/tap.sh
. tests/lib/shadow.sh
service primary pinned; primary=$url
service other other; other=$url

# ---- alerts ------------------------------------------------------------------------
cat >"$T/hook.py" <<'PY'
import http.server, sys
left, log = int(sys.argv[1]), open(sys.argv[2], "a")
class H(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        global left
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = 503 if left > 0 else int(sys.argv[3])
        left -= 1
        log.write("%d %s %s\n" % (status, self.path, body.decode().strip()))
        log.flush()
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *a):
        pass
s = http.server.HTTPServer(("127.0.0.1", 0), H)
print("http://127.0.0.1:%d" % s.server_port, flush=True)
s.serve_forever()
PY
serve hook python3 "$T/hook.py" 1 "$T/hook.log" 200; hook=$url
exec_to=(--alert-exec "echo \"\$LOCKSTEP_VERDICT \$(wc -c) \$LOCKSTEP_RUN\" \
	>>'$T/exec.log'; test -e '$T/again' || { touch '$T/again'; exit 1; }")
shadow "$other" --allow 'POST /query' --state "$T/state" --echo-differ 1 \
	--alert-url "$hook/services/hush-path" "${exec_to[@]}"
py ask "$url" 40 >/dev/null
until_status '.verdict == "hard_stop"'
ok 'the webhook is told, after a failure, too' await 30 \
	grep -q '^200 /services/hush-path.*hard_stop' "$T/hook.log"
ok 'and that is kept' await 30 grep -q hard_stop "$T/state.told"
# where pairs come slowly, there is a soft stop before it
is "$(sed -n 's/^200 [^ ]* //p' "$T/hook.log" | jq -r 'select(.verdict ==
	"hard_stop") | [.pairs > 0, (.text | test("hard_stop"))] | join(" ")')" \
	'true true' 'with the verdict and a text'
ok 'the command was run until it did not fail' await 60 eval \
	"cut -d' ' -f1 '$T/exec.log' | xargs |
	grep -xE 'hard_stop hard_stop|(soft_stop )+hard_stop( hard_stop)?'" ||
	diag "$(cat "$T/exec.log")"
ok 'with a document on its input' test "$(cut -d' ' -f2 "$T/exec.log" |
	sort -n | head -n 1)" -gt 100
told() { echo "$(grep -c '^200' "$T/hook.log") $(wc -l <"$T/exec.log")"; }
before=$(told)
run=$(grep -o 'run 2.*' "$T/shadow.out"); run=${run#run }
kill -9 $pid; wait $pid 2>/dev/null
shadow "$other" --allow 'POST /query' --state "$T/state" --echo-differ 1 \
	--alert-url "$hook/services/hush-path" "${exec_to[@]}"
until_status '.verdict == "hard_stop"'
sleep 1.2
finish
is "$(told)" "$before" 'a restart does not tell it again'
unlike "$(cat "$T/home/runs/$run"/*.json; zstd -dc \
	"$T/home/runs/$run/obs.jsonl.zst")" 'hush-path' \
	"the webhook's path is in no file"
serve hook2 python3 "$T/hook.py" 0 "$T/hook2.log" 404
shadow_url=$url
shadow "$other" --allow 'POST /query' --echo-differ 1 --alert-url "$shadow_url/x"
py ask "$url" 40 >/dev/null
ok 'what no retry mends is said at once' await 30 grep -q \
	'alert-url was not told of the hard_stop after 1 attempts: .*404' \
	"$T/shadow.err"
page=$(curl -s "${status%status}")
like "$page" '<h1 class="v3" role="status">✗ Hard stop' 'the page has the verdict'
like "$(curl -sI "${status%status}")" "default-src 'none'" \
	'and a strict policy'
unlike "$page" '<script|src=|href=' 'no script, nothing from elsewhere'
is "$(curl -s "$status" | jq '.examples | length')" 20 \
	'the worst requests are there'
finish

# ---- tags, a window's length, a service that answers first ---------------------------
service tagged pinned; tagged=$url
shadow "$tagged" --allow 'POST /query' --window 10 --window-time 1s
py ask "$url" 5 >/dev/null
until_status '.pairs == 5'
sleep 1.1
py ask "$url" 10 >/dev/null
ok 'a window of ten pairs is full' until_status \
	'.window.full == 1 and .window.pairs_needed == 10 and .verdict == "healthy"'
finish
is "$(jq -r '[.headers["X-Lockstep-Model-Rev"],
	.headers["X-Lockstep-Index-Hash"]] | join(" ")' "$T/tagged.log" |
	sort -u)" 'm-7 0a1b' "tagged with the primary's model and index"
serve early python3 tests/lib/shadow.py serve early; early=$url
serve rec "$lockstep" record --listen 127.0.0.1:0 --upstream "$early" \
	--out "$T/early.zst"
for i in 1 2 3 4 5; do
	curl -s -d '{"question":"x"}' "$url/query" >/dev/null
done
kill -INT $pid; wait $pid
ok 'an answer that comes at once has a time all the same' test "$("$lockstep" \
	trace cat "$T/early.zst" | jq 'select(.type == "exchange") | .ttfb // 0 |
	select(. > 0)' | wc -l)" = 5

# ---- what the suite asks for -----------------------------------------------------------
cat >"$T/suite.yml" <<-YML
	lockstep: 1
	name: live
	cases: {trace: none.jsonl.zst, where: {path: /query, /request/body/question: "~ number [1-3]"}}
	request: {path: /query, body: {question: "{{question}}"}}
YML
shadow "$tagged" --suite "$T/suite.yml" --echo 1
py ask "$url" 10 >/dev/null
ok "the suite's where chooses pairs" until_status \
	'.pairs == 3 and .shadow.account.not_where == 7'
finish
is "$code" 0 'which are judged' || diag "$(cat "$T/shadow.out")"
like "$(cat "$T/shadow.err")" "not in the suite's where 7" 'the rest is counted'
done_testing
