#!/usr/bin/env bash
# record --mirror: copies of requests, by a real nginx and in the manner of
# Envoy and Traefik; and keeping a share of what goes by, sticky or by chance.
. tests/lib/tap.sh
. tests/lib/nginx.sh
command -v python3 >/dev/null || skip_all 'python3 is not there'
exchanges() { "$lockstep" trace cat "$1" | grep '"type":"exchange"'; }
# end PID: a recording ends; its account is in $T/account
end() {
	kill -INT "$1"
	wait "$1"
	grep -h 'seen' "$T"/rec*.err | tail -1 >"$T/account"
}

handbook good
stack=$url
serve rec "$lockstep" record --mirror --listen 127.0.0.1:0 --out "$T/m.zst"
rec=$url rec_pid=$pid
like "$(cat "$T/rec.out")" 'nobody \(mirrored\)' 'it says what it is'

# ---- in the manner of Envoy (Host with -shadow) and Traefik ---------------------
is "$(curl -s -o /dev/null -w '%{http_code}' -H 'Host: rag-shadow' \
	-H 'X-Envoy-Internal: true' -H 'Content-Type: application/json' \
	-d '{"question":"envoy"}' "$rec/query")" 204 'answered at once'
is "$(curl -s -o /dev/null -w '%{http_code}' -H 'X-Forwarded-Server: traefik' \
	-H 'Transfer-Encoding: chunked' -H 'Content-Type: application/json' \
	-d '{"question":"traefik"}' "$rec/query?k=3")" 204 'a chunked body, too'
is "$(curl -s -o /dev/null -w '%{http_code}' "$rec/things/7")" 204 'a GET'
n=3

# ---- a real nginx ------------------------------------------------------------------
if command -v nginx >/dev/null; then
	mirroring "$stack" "$rec"
	n=$((n + 1))
	for i in $(seq 20); do
		curl -s -H 'Content-Type: application/json' -d \
			"{\"question\": \"What of leave in year $i?\", \"k\": 5}" \
			"$front/query" >>"$T/answers"
	done
	is "$(grep -o '"answer":' "$T/answers" | wc -l)" 20 \
		'its clients have their answers from the service'
	n=$((n + 20))
fi
# a copy may come after its client's answer
ok 'every copy has come' await 30 bash -c "[ \$('$lockstep' trace cat \
	'$T/m.zst' 2>/dev/null | grep -c '\"type\":\"exchange\"') -ge $n ]"
end $rec_pid
like "$(cat "$T/account")" "written $n \+ dropped 0" 'all of them are kept'
is "$(exchanges "$T/m.zst" | jq -c 'select(.response) | 1' | wc -l)" 0 \
	'without an answer'
is "$(exchanges "$T/m.zst" | jq -r '.request | select(.body == null) |
	.target' | grep -c things)" 1 'as they were sent'
is "$(exchanges "$T/m.zst" | jq -r '.request.body // empty | fromjson |
	.question' | grep -cE 'envoy|traefik')" 2 'with their bodies'
cat >"$T/s.yml" <<-YAML
	lockstep: 1
	cases: {trace: m.zst, where: {path: /query}}
	request: {path: /query, body: {question: "{{question}}", k: 5, seed: "{{seed}}"}}
	variants: {paraphrases: 1, seeds: [1]}
	gates: {latency: false}
YAML
handbook candidate
status 0 'and are asked of two stacks' "$lockstep" run -q --json "$T/s.yml" \
	--baseline "$stack" --candidate "$url"
is "$(jq '.cases | length' "$T/out")" \
	"$(exchanges "$T/m.zst" | grep -c '"target":"/query')" 'every one'

# ---- a share -------------------------------------------------------------------------
serve rec2 "$lockstep" record --upstream "$stack" --listen 127.0.0.1:0 \
	--share .5 --sticky header:X-User --out "$T/h.zst"
for i in $(seq 120); do
	curl -s -H "X-User: u$((i % 40))" "$url/healthz"
done >/dev/null
end $pid
like "$(cat "$T/account")" 'seen 120 .*not in the share' \
	'what is not kept is counted'
kept=$(exchanges "$T/h.zst" | wc -l)
ok "about half of the users ($kept of 120 exchanges)" \
	test "$kept" -gt 24 -a "$kept" -lt 96
is "$(exchanges "$T/h.zst" | jq -r '.request.headers[] |
	select(.[0] == "X-User") | .[1]' | sort | uniq -c |
	awk '{ print $1 }' | sort -u)" 3 'each with all of its requests'
serve rec3 "$lockstep" record --mirror --listen 127.0.0.1:0 \
	--share .5 --sticky /user/id --out "$T/p.zst"
for i in $(seq 80); do
	curl -s -d "{\"user\":{\"id\":$((i % 40))},\"n\":$i}" "$url/query"
done
end $pid
is "$(exchanges "$T/p.zst" | jq -r '.request.body | fromjson | .user.id' |
	sort | uniq -c | awk '{ print $1 }' | sort -u)" 2 \
	'the same by a value of the body'
serve rec4 "$lockstep" record --mirror --listen 127.0.0.1:0 --share .25 \
	--out "$T/c.zst"
for i in $(seq 100); do curl -s "$url/x"; done
end $pid
kept=$(exchanges "$T/c.zst" | wc -l)
ok "about a quarter by chance ($kept of 100)" \
	test "$kept" -gt 5 -a "$kept" -lt 50
is "$("$lockstep" trace info --json "$T/c.zst" | jq .head.share)" 0.25 \
	'the head says which share'

status 2 'mirror and upstream' "$lockstep" record --mirror --upstream \
	"$stack" --out "$T/no.zst"
status 2 'sticky without a share' "$lockstep" record --mirror --sticky /a \
	--out "$T/no.zst"
status 2 'sticky to nothing known' "$lockstep" record --mirror --share .5 \
	--sticky cookie --out "$T/no.zst"
ok 'no trace is left behind' test ! -e "$T/no.zst"
done_testing
