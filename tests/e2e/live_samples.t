#!/usr/bin/env bash
# The samples of suites/live that set weights: nginx's by a real nginx, which
# splits as told and keeps users where they are; Traefik's, Envoy's and the
# Gateway API's by what they write and send. The fields that each kind needs are
# a list written here by hand.
. tests/lib/tap.sh
command -v python3 >/dev/null || skip_all 'python3 is not there'
. tests/lib/nginx.sh
live=suites/live
for sh in $live/*.sh; do ok "$(basename "$sh") is sh" sh -n "$sh"; done

# ---- nginx ----------------------------------------------------------------------------
if command -v nginx >/dev/null; then
	front=$(free_port) a=$(free_port) b=$(free_port)
	export NGINX_SPLIT=$T/split.conf
	cat >"$T/nginx.conf" <<-CONF
	pid $T/nginx.pid; error_log $T/nginx.log;
	events {}
	http {
		access_log off; client_body_temp_path $T/b; proxy_temp_path $T/p;
		fastcgi_temp_path $T/f; uwsgi_temp_path $T/u; scgi_temp_path $T/s;
		upstream primary { server 127.0.0.1:$a; }
		upstream candidate { server 127.0.0.1:$b; }
		include $T/split.conf;
		server { listen 127.0.0.1:$front;
			location / { proxy_pass http://\$lockstep_arm; } }
		server { listen 127.0.0.1:$a; return 200 primary; }
		server { listen 127.0.0.1:$b; return 200 candidate; }
	}
	CONF
	run_nginx=(nginx -c "$T/nginx.conf" -p "$T")
	for w in 0 1 5 25 50 100; do
		LOCKSTEP_WEIGHT=$w NGINX_RELOAD=true $live/nginx-weight.sh
		ok "nginx -t takes $w %" "${run_nginx[@]}" -t
	done
	LOCKSTEP_WEIGHT=25 NGINX_RELOAD=true $live/nginx-weight.sh
	"${run_nginx[@]}" -g 'daemon off;' >"$T/nginx.out" 2>&1 &
	nginx=$!
	tap_pids+=($nginx)
	ok 'nginx is up' await 30 curl -sf "http://127.0.0.1:$front/"
	cat >"$T/users.py" <<'PY'
import http.client, sys
c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
for user in range(400):
    c.request("GET", "/", headers={"X-User": "user%d" % user})
    print("user%d" % user, c.getresponse().read().decode())
PY
	users() { python3 "$T/users.py" "$front" | grep ' candidate$' | sort; }
	export NGINX_RELOAD="nginx -c '$T/nginx.conf' -p '$T' -s reload 2>/dev/null"
	users >"$T/25"
	n=$(wc -l <"$T/25")
	ok "25 % are about a quarter of the users ($n of 400)" \
		test "$n" -ge 70 -a "$n" -le 130
	users >"$T/25again"
	ok 'the same ones again' cmp "$T/25" "$T/25again"
	LOCKSTEP_WEIGHT=50 $live/nginx-weight.sh
	ok '50 % come' await 30 eval 'users >"$T/50"; [ $(wc -l <"$T/50") -gt 150 ]'
	is "$(comm -23 "$T/25" "$T/50" | wc -l)" 0 'and nobody was sent back'
	LOCKSTEP_WEIGHT=0 $live/nginx-weight.sh
	ok 'and all of them when it is rolled back' await 30 \
		eval '[ "$(users | wc -l)" = 0 ]'
	kill -TERM $nginx; wait $nginx # its workers with it
fi
status 2 'a weight that is none' env LOCKSTEP_WEIGHT=200 \
	NGINX_SPLIT="$T/x.conf" $live/nginx-weight.sh

# ---- Traefik, Envoy, the Gateway API -------------------------------------------------
LOCKSTEP_WEIGHT=25 TRAEFIK_FILE="$T/traefik.yml" $live/traefik-weight.sh
is "$(grep -A1 -E 'name: (primary|candidate)' "$T/traefik.yml" |
	grep -oE '[a-z]+$|[0-9]+$' | xargs)" 'primary 75 candidate 25' \
	'Traefik: weights of 100'
cat >"$T/admin.py" <<'PY'
import http.server, urllib.parse
value = {}
class H(http.server.BaseHTTPRequestHandler):
    def say(self, text):
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())
    def do_POST(self):
        value.update(urllib.parse.parse_qsl(self.path.split("?")[1]))
        self.say("OK\n")
    def do_GET(self):
        self.say('{"entries": {%s}}' % ', '.join(
            '"%s": {"layer_values": ["0", "%s"],\n "final_value": "%s"}'
            % (k, v, v) for k, v in value.items()))
    def log_message(self, *a):
        pass
s = http.server.HTTPServer(("127.0.0.1", 0), H)
print("http://127.0.0.1:%d" % s.server_port, flush=True)
s.serve_forever()
PY
serve admin python3 "$T/admin.py"
ok 'Envoy: the weight is set and read back' env LOCKSTEP_WEIGHT=25 \
	ENVOY_ADMIN="$url" $live/envoy-weight.sh
is "$(curl -s "$url" | grep -oE 'final_value": "[0-9]+' | xargs)" \
	'final_value: 25 final_value: 75' 'Envoy: both weights'
ok 'Envoy: an error is told where nothing answers' eval '! env \
	LOCKSTEP_WEIGHT=25 ENVOY_ADMIN=http://127.0.0.1:1 $live/envoy-weight.sh'
for key in admin: static_resources: listeners: route_config: \
	runtime_key_prefix:\ routing use_hash_policy: request_mirror_policies: \
	load_assignment:; do
	ok "envoy.yml has $key" grep -q "$key" $live/envoy.yml
done
cat >"$T/kubectl" <<-SH
	#!/bin/sh
	for a; do printf '%s\n' "\$a"; done >"$T/kubectl.args"
SH
chmod +x "$T/kubectl"
LOCKSTEP_WEIGHT=5 KUBECTL="$T/kubectl" $live/gateway-weight.sh
is "$(sed -n '/^\[/,$p' "$T/kubectl.args" | jq -c 'map([.path, .value])')" \
	'[["/spec/rules/0/backendRefs/0/weight",95],["/spec/rules/0/backendRefs/1/weight",5]]' \
	'Gateway API: a patch of both weights'
done_testing
