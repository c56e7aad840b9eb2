#!/usr/bin/env bash
# lockstep record in front of a service that speaks TLS.
. tests/lib/tap.sh
command -v python3 >/dev/null || skip_all 'python3 is not installed'
command -v openssl >/dev/null || skip_all 'openssl is not installed'

cert() { # NAME SUBJECTALTNAME: signed by the test's own authority
	openssl req -newkey rsa:2048 -nodes -keyout "$T/$1.key" \
		-out "$T/$1.csr" -subj "/CN=$1" 2>/dev/null &&
	openssl x509 -req -in "$T/$1.csr" -CA "$T/ca.pem" -CAkey "$T/ca.key" \
		-days 2 -CAcreateserial -out "$T/$1.pem" \
		-extfile <(echo "subjectAltName=$2") 2>/dev/null
}
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$T/ca.key" \
	-out "$T/ca.pem" -days 2 -subj /CN=test-ca 2>/dev/null
cert right 'IP:127.0.0.1,DNS:localhost'
cert wrong 'DNS:elsewhere.example'

cat >"$T/tls.py" <<'PY'
import os, ssl, sys, time
cert = sys.argv[1]
import http.server
class H(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def log_message(self, *a): pass
    def do_GET(self):
        if self.path == '/stream':
            self.send_response(200)
            self.send_header('Transfer-Encoding', 'chunked')
            self.end_headers()
            for i in range(4):
                self.wfile.write(b'6\r\npiece%d\r\n' % i)
                self.wfile.flush()
                # not before its client has this one
                end = time.monotonic() + 60
                while not os.path.exists('%s.got%d' % (cert, i)):
                    if time.monotonic() > end:
                        return
                    time.sleep(.01)
            self.wfile.write(b'0\r\n\r\n')
            return
        n = int(self.path.split('=')[1]) if '=' in self.path else 0
        body = b'%d ' % self.client_address[1] if n == 0 else b'x' * n
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
s = http.server.ThreadingHTTPServer(('127.0.0.1', 0), H)
c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
c.load_cert_chain(cert + '.pem', cert + '.key')
s.socket = c.wrap_socket(s.socket, server_side=True)
print('http://127.0.0.1:%d' % s.server_address[1], flush=True)
s.serve_forever()
PY
record() { # NAME UPSTREAM OPTION...
	local name=$1 up=$2; shift 2
	serve "$name" "$lockstep" record --upstream "$up" \
		--out "$T/$name.zst" "$@"
	url=$(grep -om1 'recording http://[0-9.:]*' "$T/$name.out" | cut -c11-)
}
serve right python3 "$T/tls.py" "$T/right"
port=${url##*:}

record r "https://127.0.0.1:$port" --ca "$T/ca.pem"
is "$(curl -s "$url/a" "$url/b" | tr ' ' '\n' | sort -u | grep -c .)" 1 \
	'a service behind TLS answers, on one connection'
is "$(curl -s "$url/big?n=3000000" | wc -c)" 3000000 '3 MB down'
noise 2000000 >"$T/up"
is "$(curl -s --data-binary "@$T/up" "$url/p" | cmp - "$T/up" 2>&1)" '' \
	'2 MB up and down'
is "$(curl -sN "$url/stream" | for i in 0 1 2 3; do
	read -r -n 6 piece
	: >"$T/right.got$i"
	printf %s "$piece"
done)" piece0piece1piece2piece3 'a stream, piece by piece'
(for i in 1 2 3 4 5 6 7 8; do curl -s "$url/n?n=100000" & done; wait) |
	wc -c >"$T/many"
is "$(cat "$T/many")" 800000 'eight at once'
stop "$pid"
like "$(cat "$T/r.err")" 'seen 13 = written 13 \+ dropped 0$' 'all recorded'
is "$(zstd -qdc "$T/r.zst" | jq -c 'select(.request.target == "/stream")
	| .response.chunks | map(.[1]) | [length, add]')" '[4,24]' \
	'the stream with its pieces'

record n "https://localhost:$port" --ca "$T/ca.pem"
is "$(curl -s -o "$T/no" -w '%{http_code}' "$url/")" 200 'by name'
stop "$pid"
record u "https://127.0.0.1:$port"
is "$(curl -s -o "$T/no" -w '%{http_code}' "$url/")" 502 \
	'an authority that nobody knows is no answer'
like "$(cat "$T/no")" 'certificate' 'and it says why'
stop "$pid"
is "$(zstd -qdc "$T/u.zst" | jq -r 'select(.id) | .outcome')" tls \
	'in the trace, too'
serve wrong python3 "$T/tls.py" "$T/wrong"
record w "https://127.0.0.1:${url##*:}" --ca "$T/ca.pem"
curl -s -o "$T/no" "$url/"
like "$(cat "$T/no")" 'certificate' 'nor is one for another host'
stop "$pid"
serve plain python3 tests/lib/proxy_service.py
record p "https://127.0.0.1:${url##*:}" --ca "$T/ca.pem"
curl -s -m 60 -o "$T/no" "$url/"
like "$(cat "$T/no")" 'TLS' 'nor one that speaks no TLS'
stop "$pid"
status 2 'a file without certificates' "$lockstep" record --ca /dev/null \
	--upstream https://127.0.0.1:1 --out "$T/x.zst"
like "$(cat "$T/err")" 'cannot read certificates' 'is named'
done_testing
