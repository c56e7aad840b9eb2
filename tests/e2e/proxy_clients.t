#!/usr/bin/env bash
# HTTP clients that people use get through the recorder what they get without
# it: curl and Python's own always, others where they are.
. tests/lib/tap.sh
command -v python3 >/dev/null || skip_all 'python3 is not installed'
export NO_PROXY='*' PYTHONIOENCODING=utf-8

serve service python3 tests/lib/proxy_service.py
service=$url
serve recorder "$lockstep" record --upstream "$service" --out "$T/t.zst"
recorder=${url%%$'\n'*} pid_r=$pid

# same NAME COMMAND...: prints the same with either URL at its end
same() {
	local name=$1; shift
	"$@" "$service" >"$T/direct" 2>&1 || diag "$name fails without it:" \
		"$(tail -3 "$T/direct")"
	"$@" "$recorder" >"$T/through" 2>&1
	ok "$name: $(wc -l <"$T/direct") lines the same" \
		diff "$T/direct" "$T/through"
}
skip() { tap_say 0 "$1 # SKIP $2"; }

curls() {
	local p
	for p in / /gzip /nothing /same /move /close /error /stream /after; do
		curl -s --compressed -w ' %{http_code} %{content_type}\n' "$1$p"
		curl -sI "$1$p" | tr -d '\r' | grep -Ev '^(Date|Connection)'
	done
	# one connection for all
	curl -s "$1/1" "$1/stream" "$1/2" -X GET -d body "$1/3"
	head -c 3000000 /dev/zero >"$T/up"
	curl -s --data-binary "@$T/up" "$1/e" | cksum
	curl -s -T - "$1/e" <"$T/up" | cksum
	curl -s -0 "$1/stream"
	curl -s -F "f=@tests/lib/tap.sh" -H 'Content-Type: multipart/form-data; boundary=x' "$1/e" | wc -c
}
same curl curls
same "Python's http.client and urllib" python3 tests/lib/client_python.py std

if command -v node >/dev/null &&
	node -e 'process.exit(globalThis.fetch ? 0 : 1)' 2>/dev/null; then
	same "Node's fetch" node tests/lib/client_node.mjs
else
	skip "Node's fetch" 'no node with it'
fi
if command -v go >/dev/null && GOFLAGS=-mod=mod GO111MODULE=off \
	go build -o "$T/client_go" tests/lib/client_go.go 2>"$T/go.err"; then
	same "Go's net/http" "$T/client_go"
else
	skip "Go's net/http" 'no go that builds it'
fi

# with what they depend on, as pip finds it
python=$(tests/lib/pypi_setup.sh clients 'httpx, aiohttp, openai, anthropic' \
	--deps httpx==0.28.1 aiohttp==3.14.5 openai==3.57.0 anthropic==2.14.0 \
	2>"$T/pypi.err") || python=
for client in httpx aiohttp openai anthropic; do
	if [ -n "$python" ]; then
		same "$client" "$python" tests/lib/client_python.py $client
	else
		skip $client "$(tail -1 "$T/pypi.err")"
	fi
done

stop "$pid_r"
like "$(cat "$T/recorder.err")" 'seen ([0-9]+) = written \1 \+ dropped 0$' \
	'all of it is in the trace'
unlike "$(zstd -qdc "$T/t.zst")" 'sk-hush' 'without a key'
done_testing
