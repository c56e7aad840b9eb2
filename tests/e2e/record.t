#!/usr/bin/env bash
# lockstep record: what passes through is unchanged and kept whole, without
# credentials; streams keep their timing; the account is right.
. tests/lib/tap.sh

record() { # OUT [OPTION...]: starts a recorder, sets url and pid
	local out=$1; shift
	>"$T/record.out"	# or the last one's address is taken
	serve record $lockstep record --upstream "$stub" --out "$out" "$@"
	url=${url%%$'\n'*}	# its own address, not the upstream's
}
finish() { # stops the recorder; its account is in $account
	stop $pid
	account=$(grep -o 'seen.*' "$T/record.err")
}
rec() { zstd -qdc "$1" | jq -c "$2"; }

serve stub perl tests/lib/stub.pl
stub=$url

# ---- passing on -----------------------------------------------------------
record "$T/t.zst"
like "$(cat "$T/record.out")" "^recording $url -> $stub to $T/t.zst\$" \
	'it says where it listens, for what, and into which file'
like "$url" '^http://127\.0\.0\.1:' 'on loopback'
is "$(curl -s -H 'User-Agent:' -H 'Accept:' -H 'X-One: 1' \
	-H 'Connection: X-Gone' -H 'X-Gone: at this hop' -H 'X-Empty;' \
	"$url/echo?a=%2Fb&c=d+e" | tr -d '\r' | sed '/^$/d;/^Host/d')" \
"GET /echo?a=%2Fb&c=d+e HTTP/1.1
X-One: 1
X-Empty:" 'a request arrives as it was sent, hop-by-hop headers apart'
is "$(curl -s -d '{"q":"ä"}' -H 'Content-Type: application/json' \
	"$url/echo" | tail -1)" '{"q":"ä"}' 'with its body'
is "$(printf 'in two' | curl -s -T - -X POST \
	-H 'Transfer-Encoding: chunked' "$url/echo" | tail -1)" 'in two' \
	'a chunked upload too'
is "$(curl -s -X GET -d '{"get":"body"}' "$url/echo" | head -1 | tr -d '\r')" \
	'GET /echo HTTP/1.1' 'a GET with a body stays one'
is "$(curl -s -i "$url/hints" | tr -d '\r' | grep -c '^X-Final: yes')" 1 \
	'interim answers are passed on, and the final one'
is "$(curl -s -o "$T/no" -w '%{http_code} %{size_download}' "$url/nothing")" \
	'204 0' '204'
is "$(curl -sI "$url/head" | tr -d '\r' | grep -i content-length)" \
	'Content-Length: 12345' 'HEAD keeps the length of what GET would send'
is "$(curl -s --compressed "$url/gzip")" 'gzipped' \
	'a compressed answer arrives as it was sent'
is "$(curl -s -o "$T/no" -w '%{http_code}' "$url/status/503")" 503 \
	'an error of the service is passed on'
is "$(curl -s -o "$T/no" -w '%{http_code}' "$url/reset")" 502 \
	'no answer is a 502'
like "$(cat "$T/no")" 'gave no answer' 'that says so'
status 18 'an answer that breaks off breaks off' curl -s "$url/cut"
noise 5000000 >"$T/up"
is "$(curl -s --data-binary "@$T/up" "$url/echo" | tail -c 5000000 |
	cmp - "$T/up" 2>&1)" '' '5 MB up and down'
curl -s "$url/odd" >/dev/null

# secrets
curl -s "$url/secrets?api_key=hush-query&q=ok&access_token=hush-query2" \
	-H 'Authorization: Bearer hush-bearer' -b 'sid=hush-jar' \
	-H 'X-Api-Key: hush-key' -H 'Api-Key: hush-key2' \
	-H 'Proxy-Authorization: hush-proxy' -H 'X-Auth-Token: hush-auth' \
	-H 'Client-Secret: hush-secret' -H 'Idempotency-Key: stays' \
	-H 'Referer: http://a/?token=hush-referer' -D "$T/head" >/dev/null
like "$(cat "$T/head")" 'hush-cookie' 'the client gets its cookie'
finish
is "$account" 'seen 14 = written 14 + dropped 0' 'SIGTERM: the account'
is "$(stat -c %a "$T/t.zst")" 600 'the trace is its owner'"'"'s alone'
ok 'it is sound' $lockstep trace verify "$T/t.zst"
# with its dash: four letters alone stand in five megabytes of random base64
unlike "$(zstd -qdc "$T/t.zst")" 'hush-' 'no credential is on disk'
is "$(rec "$T/t.zst" 'select(.request.target // "" | startswith("/secrets"))
	| [.request.target, (.request.headers[] | select(.[0] | ascii_downcase
	| startswith("idem")) | .[1]), .response.body]')" \
	'["/secrets?api_key=REDACTED&q=ok&access_token=REDACTED","stays","{\"ok\":true}"]' \
	'the rest is'
is "$(rec "$T/t.zst" 'select(.id and .outcome != "ok")
	| [.outcome, .request.target, .response.status]' | xargs)" \
	'[http_5xx,/status/503,503] [reset,/reset,null] [reset,/cut,200]' \
	'outcomes'
is "$(rec "$T/t.zst" 'select(.request.target == "/cut") | .response.body')" \
	'"only this"' 'what came of an answer that broke off is kept'
is "$(zstd -qdc "$T/t.zst" | jq -j 'select(.request.target == "/gzip")
	| .response.body_b64' | base64 -d | zcat)" 'gzipped' \
	'a compressed answer is kept as it was sent'
is "$(zstd -qdc "$T/t.zst" | jq -j 'select(.request.target == "/odd")
	| .response.body_b64' | base64 -d | od -An -tx1 | xargs)" \
	'ff fe 00 62 79 74 65 73' \
	'bytes that are no text'
is "$(zstd -qdc "$T/t.zst" | jq -j 'select(.request.body_b64) |
	.request.body_b64' | base64 -d | cmp - "$T/up" 2>&1)" '' \
	'5 MB are kept whole'

# ---- streams --------------------------------------------------------------
record "$T/s.zst"
# one late wake-up of a busy machine shifts two gaps, a longer one all of them,
# as a buffer does each time: of five streams one has to come as it was sent
streamed() {
	curl -sN "$url/sse" | while read -r line; do
		[ -z "$line" ] || echo "$(date +%s%N) $line"
	done >"$T/seen"
	awk 'NR > 1 && $1 - last > 1e8 { apart++ } { last = $1 }
		END { exit !(NR == 5 && apart >= 3) }' "$T/seen"
}
for _ in 1 2 3 4 5; do
	streamed && break
done
ok 'pieces reach the client as they are sent' test $? -eq 0
# a client that goes away with the first of it
curl -sN "$url/endless" | head -c 100 >/dev/null
await 60 curl -sf "$url/echo"
finish
is "$(rec "$T/s.zst" 'select(.request.target == "/sse") | .response
	| [(.chunks | map(.[1])), .body == ([range(1; 6)
	| "data: piece \(.)\n\n"] | join(""))]' |
	grep -F '[[15,15,15,15,15],true]' | sort -u)" \
	'[[15,15,15,15,15],true]' 'each piece is kept'
is "$(rec "$T/s.zst" 'select(.request.target == "/sse") | .response.chunks
	| [range(1; 5) as $i | .[$i][0] - .[$i - 1][0]]
	| map(select(. > 1e8)) | length >= 3' | grep true | sort -u)" true \
	'with the time it came'
is "$(rec "$T/s.zst" 'select(.request.target == "/sse")
	| .ttft == .response.chunks[0][0]' | sort -u)" true \
	'and the time of the first content'
is "$(rec "$T/s.zst" 'select(.request.target == "/endless")
	| [.outcome, .why, (.response.body | length > 50)]')" \
	'["reset","the client went away",true]' \
	'a client that leaves mid-stream is recorded, and so is what it got'

# ---- what is not kept -----------------------------------------------------
record "$T/a.zst" --allow /echo --max-body 100000
curl -s "$url/status/200" "$url/echoes" "$url/echo/x" "$url/echo?y" \
	"$url/big?n=200000" >/dev/null
is "$(curl -s "$url/big?n=200000" | wc -c)" 200000 \
	'an answer that is not kept is passed on all the same'
is "$(curl -s -o "$T/no" -w '%{http_code}' --data-binary "@$T/up" \
	"$url/echo")" 413 'a request that cannot be kept is refused'
finish
is "$account" 'seen 7 = written 2 + dropped 4 (path not allowed 4) + refused 1 (request too large 1)' \
	'--allow and --max-body: counted with their reasons'
is "$(rec "$T/a.zst" 'select(.type == "tail")
	| [.seen, .written, .dropped, .refused]')" \
	'[7,2,{"path not allowed":4},{"request too large":1}]' \
	'in the trace too'
like "$($lockstep trace info "$T/a.zst")" 'account: seen 7 = written 2 \+ dropped 4 \(path not allowed 4\) \+ refused 1 \(request too large 1\)$' \
	'and trace info says it'
record "$T/m.zst" --max-body 100000
curl -s "$url/big?n=200000" >/dev/null
finish
like "$account" 'dropped 1 \(answer too large 1\)' \
	'an answer beyond --max-body is counted, never cut'

# a body beyond what a record holds goes beside the trace, and along
record "$T/b.zst"
is "$(curl -s "$url/big?n=9000000" | wc -c)" 9000000 '9 MB'
finish
is "$(rec "$T/b.zst" 'select(.id) | .response.body_bytes')" 9000000 \
	'are kept in a file of their own'
ok 'which verify checks' $lockstep trace verify "$T/b.zst"
ok 'and slice copies' $lockstep trace slice "$T/b.zst" --out "$T/b2.zst"
ok 'soundly' $lockstep trace verify "$T/b2.zst"
truncate -s 5 "$T"/b2.zst.d/*
status 1 'verify misses a byte of it' $lockstep trace verify "$T/b2.zst"

# ---- many at once, and an end in the middle -------------------------------
record "$T/c.zst"
for i in $(seq 8); do
	(for j in $(seq 25); do
		curl -s -d "client $i request $j" "$url/echo" >/dev/null
	done) &
	clients[i]=$!
done
wait "${clients[@]}"
(curl -s "$url/slow" >"$T/slow") &
slow=$!
await 60 grep -q 'slow begins' "$T/stub.err"
finish
wait $slow
is "$(cat "$T/slow")" 'slow but sure' \
	'a request under way at SIGTERM gets its answer'
is "$(rec "$T/c.zst" 'select(.request.body // "" | startswith("client"))
	| .request.body' | sort -u | wc -l)" 200 \
	'200 requests of 8 clients are each there once'
is "$(rec "$T/c.zst" 'select(.id) | .id' | sort | uniq -d)" '' \
	'under ids of their own'
is "$(rec "$T/c.zst" 'select(.type == "tail") | .seen == .written')" true \
	'nothing dropped'

# a queue without room: the traffic goes on, the account adds up
record "$T/q.zst" --queue 1
for i in $(seq 4); do
	(for j in $(seq 25); do
		curl -s -o "$T/got$i" "$url/big?n=100000" || echo >>"$T/qbad"
	done) &
	clients[i]=$!
done
wait "${clients[@]:1:4}"
finish
ok 'with a full queue every request is answered' [ ! -e "$T/qbad" ]
is "$(rec "$T/q.zst" 'select(.type == "tail")
	| [.seen, .written + (.dropped["queue full"] // 0)]')" '[100,100]' \
	'and each is written or counted as dropped'
ok 'the trace is sound' $lockstep trace verify "$T/q.zst"

# ---- the demo stack -------------------------------------------------------
stub_url=$stub
serve stack $ragstack --sections fixtures/handbook/sections.jsonl \
	--token-latency 5ms
stub=$url
record "$T/rag.zst"
for q in 'How long are backups kept?' 'Who is on call?'; do
	jq -cn --arg q "$q" '{question: $q, k: 3, seed: 1}' |
		curl -s -d @- -H 'Content-Type: application/json' \
		"$url/query" >"$T/rag.answer"
	jq -cn --arg q "$q" '{model: "m", stream: true,
		messages: [{role: "user", content: $q}]}' |
		curl -sN -d @- -H 'Content-Type: application/json' \
		"$url/v1/chat/completions" >"$T/rag.stream"
done
finish
is "$account" 'seen 4 = written 4 + dropped 0' 'the demo stack, recorded'
is "$(rec "$T/rag.zst" 'select(.request.target == "/query")
	| .response.body | fromjson | (.retrieved | length > 0)' | sort -u)" \
	true 'with answers that hold passages'
is "$(rec "$T/rag.zst" 'select(.request.body // "" | contains("stream"))
	| .response | (.chunks | length > 3) and
	  ((.chunks | map(.[1]) | add) == (.body | utf8bytelength))' |
	sort -u)" true 'and streams whose pieces add up'
stub=$stub_url

# ---- kill -9 --------------------------------------------------------------
record "$T/k.zst"
curl -s -d 'before the kill' "$url/echo" >/dev/null
ok 'within seconds it is on disk' await 30 bash -c \
	"$lockstep trace cat '$T/k.zst' 2>/dev/null | grep -q 'before the kill'"
{ kill -9 $pid; wait $pid; } 2>/dev/null
ok 'repair after kill -9' $lockstep trace repair "$T/k.zst"
is "$($lockstep trace verify "$T/k.zst")" "$T/k.zst: sound, 1 exchanges" \
	'loses nothing that was flushed'

# what was dropped is told before the end, too
record "$T/d.zst" --queue 1
await 60 bash -c "for i in 1 2 3 4; do curl -s -o /dev/null \
	'$url/big?n=100000' & done; wait; \
	$lockstep trace cat '$T/d.zst' 2>/dev/null | grep -q '\"account\"'"
{ kill -9 $pid; wait $pid; } 2>/dev/null
ok 'repair after drops and kill -9' $lockstep trace repair "$T/d.zst"
ok 'forgets no drop' test "$(rec "$T/d.zst" 'select(.type == "tail") |
	.dropped["queue full"]')" -gt 0

# ---- a full disk ----------------------------------------------------------
(ulimit -f 400; exec $lockstep record --upstream "$stub" --out "$T/f.zst" \
	>"$T/full.out" 2>"$T/full.err") &
pid=$!
tap_pids+=($pid)
await 60 grep -q http "$T/full.out"
url=$(grep -om1 'http://[0-9.:]*' "$T/full.out" | head -1)
head -c 600000 "$T/up" >"$T/part"
for i in 1 2 3; do
	curl -s --data-binary "@$T/part" "$url/echo" -o "$T/got" ||
		echo bad >>"$T/failed"
done
ok 'a full disk never touches the traffic' [ ! -e "$T/failed" ]
ok 'and is said' await 60 grep -q 'cannot write' "$T/full.err"
kill $pid
wait $pid
is $? 2 'the recorder then ends with status 2'
n=$($lockstep trace cat "$T/f.zst" 2>/dev/null | jq -c 'select(.id)' | grep -c .)
like "$(cat "$T/full.err")" \
	"seen 3 = written $n \+ dropped $((3 - n)) \(disk full or failing $((3 - n))\)" \
	'and its account is what a reader finds'

# ---- refusals -------------------------------------------------------------
status 2 'an existing trace is not overwritten' \
	$lockstep record --upstream "$stub" --out "$T/t.zst"
like "$(cat "$T/err")" 'exists already' 'says so'
record "$T/p.zst"
status 2 'a port in use' $lockstep record --listen "${url#http://}" \
	--upstream "$stub" --out "$T/refused.zst"
like "$(cat "$T/err")" 'cannot listen on .*in use' 'says so'
finish
status 2 'Authorization cannot be kept' $lockstep record \
	--upstream "$stub" --out "$T/refused.zst" --keep-header authorization
status 2 'an upstream that is no URL' $lockstep record \
	--upstream localhost:80 --out "$T/refused.zst"
status 2 'an unwritable path' $lockstep record --upstream "$stub" \
	--out "$T/no/such/folder.zst"

done_testing
