#!/bin/bash
# TLS, HTTP/2, client certificates, unix sockets and compressed answers,
# against a real nginx.
set -u
. tests/lib/tap.sh
PATH=$PATH:/usr/sbin
command -v nginx >/dev/null || skip_all 'nginx is not installed'
command -v openssl >/dev/null || skip_all 'openssl is not installed'
lockstep=$(realpath "$lockstep")
cd "$T" || exit 1

cert() { # NAME SUBJECT: a key and a certificate of the test's own authority
	openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" \
		-subj "/CN=$2" 2>/dev/null &&
	openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -days 2 \
		-CAcreateserial -out "$1.pem" \
		-extfile <(echo 'subjectAltName=IP:127.0.0.1') 2>/dev/null
}
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem \
	-days 2 -subj /CN=test-ca 2>/dev/null
cert server server
cert client client

# An answer long enough to be worth compressing.
text=$(printf 'Backups are kept for ninety days. %.0s' $(seq 60))
cat >nginx.conf.in <<CONF
daemon off; master_process off; pid $T/nginx.pid; error_log $T/nginx.err; worker_processes 1;
events { worker_connections 256; }
http {
	log_format seen '\$server_protocol \$http_accept_encoding';
	access_log $T/seen.log seen;
	client_body_temp_path $T; proxy_temp_path $T; fastcgi_temp_path $T;
	uwsgi_temp_path $T; scgi_temp_path $T;
	gzip on; gzip_types application/json; gzip_min_length 1;
	server {
		listen 127.0.0.1:@TLS@ ssl http2;
		listen unix:$T/plain.sock;
		ssl_certificate $T/server.pem; ssl_certificate_key $T/server.key;
		ssl_client_certificate $T/ca.pem; ssl_verify_client optional;
		default_type application/json;
		location = /mine { if (\$ssl_client_verify != SUCCESS) { return 403; }
			return 200 '{"answer": "$text"}'; }
		location = /br { gzip off; add_header Content-Encoding br; alias $T/br; }
		location = /zstd { gzip off; add_header Content-Encoding zstd; alias $T/zstd; }
		location / { return 200 '{"answer": "$text"}'; }
	}
}
CONF
port=$(free_port)
sed "s/@TLS@/$port/" nginx.conf.in >nginx.conf
nginx -c "$T/nginx.conf" -p "$T" 2>nginx.out &
tap_pids+=($!)
ok 'nginx is up' await 60 curl -sf --cacert ca.pem "https://127.0.0.1:$port/"
url=https://127.0.0.1:$port

seq 20 | jq -c '{id: "case-\(.)", question: "What is \(.)?"}' >gold.jsonl
printf '\x8f\x0d\x80{"answer": "brotli says it"}\x03' >br
printf '{"answer": "zstd says it"}' | zstd -qc >zstd
# seen PATTERN: nginx has logged its twenty; it does so behind its answer
seen() { await 60 eval "[ \$(grep -cE '$1' seen.log) -ge 20 ]"; }
# ask NAME TARGET-MEMBERS [PATH]: replays 20 cases; sets outcomes
ask() {
	cat >"$1.yml" <<-YAML
	lockstep: 1
	name: $1
	cases: gold.jsonl
	variants: {paraphrases: 1, seeds: [1], repeats: 1}
	targets: {candidate: {$2}}
	request: {path: ${3-/}, body: {question: "{{question}}"}}
	warmup: 0
	pace: {mode: closed, concurrency: 4}
	YAML
	rm -rf "$LOCKSTEP_HOME"
	: >seen.log
	"$lockstep" replay "$1.yml" -q >out 2>err
	zstd -dcq "$LOCKSTEP_HOME"/runs/*/obs.jsonl.zst 2>/dev/null |
		jq -c 'select(.key)' >obs
	outcomes=$(jq -r .outcome obs | sort | uniq -c | xargs)
}

ask trusted "url: \"$url\", ca_file: ca.pem"
is "$outcomes" '20 ok' 'TLS with the suite'"'"'s own authority'
seen '^HTTP/1.1 '
like "$(sort seen.log | uniq -c)" '20 HTTP/1.1 ' 'by HTTP/1.1, asking for no compression'
mkdir -p elsewhere
(cd elsewhere && "$lockstep" replay ../trusted.yml -q) >out 2>err
is "$(zstd -dcq "$LOCKSTEP_HOME"/runs/*/obs.jsonl.zst | jq -r 'select(.key) |
	.outcome' | sort | uniq -c | xargs)" '40 ok' \
	'whose file is found from any folder'
ask untrusted "url: \"$url\", ready: {timeout: 1s}"
is "$outcomes" '20 tls' 'an authority that nobody knows is no answer'
like "$(jq -r .why obs | head -1)" 'certificate' 'and it says why'
ask h2 "url: \"$url\", ca_file: ca.pem, http2: true"
is "$outcomes" '20 ok' 'HTTP/2 by ALPN'
seen '^HTTP/2.0 '
like "$(sort seen.log | uniq -c)" '20 HTTP/2.0' 'and the server saw it'
ask nocert "url: \"$url\", ca_file: ca.pem" /mine
is "$outcomes" '20 http_4xx' 'a path that asks for a certificate'
ask cert "url: \"$url\", ca_file: ca.pem, cert_file: client.pem, key_file: client.key" /mine
is "$outcomes" '20 ok' 'and gets it'
ask gzip "url: \"$url\", ca_file: ca.pem, headers: {Accept-Encoding: gzip}"
is "$outcomes $(jq -r .response.body_b64 obs | head -1 | base64 -d | zcat |
	jq -r .answer | wc -c)" "20 ok $((${#text} + 1))" \
	'gzip is asked for, and kept as it came'
seen 'gzip$'
like "$(tail -1 seen.log)" 'gzip$' 'as the server saw'
for coding in br zstd; do
	ask $coding "url: \"$url\", ca_file: ca.pem, headers: {Accept-Encoding: $coding}" \
		"/$coding, method: GET"
	is "$outcomes $(jq -r '.response.body_b64 // .response.body' obs |
		sort -u | wc -l)" '20 ok 1' "$coding, too"
	like "$("$lockstep" score last -q --json | jq -c '.arms.candidate.outcomes |
		with_entries(select(.value > 0))')" '^{"ok":20}$' \
		"$coding is read as the text it is"
done
ask socket "url: \"http://stack\", unix_socket: $T/plain.sock"
is "$outcomes" '20 ok' 'a unix socket'
done_testing
