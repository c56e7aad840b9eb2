#!/usr/bin/env bash
# make bench-shadow: what users wait longer behind `lockstep shadow`, with each
# kind of candidate: the primary alone and the primary behind shadow get the
# same requests in turn, second by second; everything on this machine, so what
# a candidate does with the processor is in it. Prints a table and writes
# $BUILD/bench_shadow.json.
#
#   SHADOW_RATE=300           requests a second
#   SHADOW_EXCHANGES=6000     through each of the two, a kind
#   SHADOW_SERVICE_MS=50      what the primary takes
#   SHADOW_KINDS="..."        of those below
#   SHADOW_ROUNDS=1           of all kinds
#   SHADOW_FRONT=nginx        users come through an nginx, to either
set -u
cd "$(dirname "$0")/../.."
BUILD=$(realpath "${BUILD:-build}")
rate=${SHADOW_RATE:-300} exchanges=${SHADOW_EXCHANGES:-6000}
service_ms=${SHADOW_SERVICE_MS:-50} rounds=${SHADOW_ROUNDS:-1}
kinds=${SHADOW_KINDS:-none healthy slow dead hang reset flood shed}
lockstep=$BUILD/lockstep
dir=$(mktemp -d)
pids=()
say() { echo "bench-shadow: $*" >&2; }
cleanup() {
	[ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null
	wait 2>/dev/null
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' INT TERM
python=$(command -v python3) || { say 'python3 is needed'; exit 1; }
PATH=$PATH:/usr/sbin
if [ "${SHADOW_FRONT:-}" = nginx ] && ! command -v nginx >/dev/null; then
	say 'installing nginx with apt-get'
	tests/lib/apt_install.sh nginx || exit 1
fi

# up NAME COMMAND...: starts it, waits for its address; sets port and pid
up() {
	local name=$1 i; shift
	: >"$dir/$name.out"
	"$@" >"$dir/$name.out" 2>"$dir/$name.err" &
	pid=$!
	pids+=($pid)
	for i in $(seq 200); do
		port=$(grep -om1 '127.0.0.1:[0-9]*' "$dir/$name.out" | head -1)
		port=${port#*:}
		[ -z "$port" ] || return 0
		sleep .05
	done
	say "$name did not come up: $(head -3 "$dir/$name.err")"
	exit 1
}
stack() { # NAME MILLISECONDS
	up "$1" "$BUILD/ragstack" --gold fixtures/handbook/gold.jsonl \
		--sections fixtures/handbook/sections.jsonl \
		--listen 127.0.0.1:0 --latency "${2}ms" --sigma 0
}
# candidate KIND: sets port and pid
candidate() {
	case $1 in
	none | healthy) stack "$1" "$service_ms" ;;
	slow) stack slow $((service_ms * 10)) ;;
	dead) port=1 pid= ;;
	*) up "$1" "$python" tests/lib/shadow.py serve "$1" /dev/null ;;
	esac
}

# front NAME PORT: an nginx in front of it; sets port
front() {
	local to=$2 i
	[ "${SHADOW_FRONT:-}" = nginx ] || { port=$to; return; }
	port=$("$python" -c 'import socket; s = socket.socket()
s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	cat >"$dir/$1.conf" <<-CONF
	daemon off; worker_processes 1; master_process off;
	pid $dir/$1.pid; error_log $dir/$1.err;
	events { worker_connections 4096; }
	http {
		access_log off; client_body_temp_path $dir;
		proxy_temp_path $dir; fastcgi_temp_path $dir;
		uwsgi_temp_path $dir; scgi_temp_path $dir;
		keepalive_requests 1000000;
		upstream u { server 127.0.0.1:$to; keepalive 256;
			keepalive_requests 1000000; }
		server {
			listen 127.0.0.1:$port backlog=4096;
			location / {
				proxy_pass http://u; proxy_http_version 1.1;
				proxy_set_header Connection "";
			}
		}
	}
	CONF
	nginx -c "$dir/$1.conf" -p "$dir" 2>"$dir/$1.out" &
	pids+=($!)
	front_pid=$!
	for i in $(seq 200); do
		curl -s -o /dev/null "http://127.0.0.1:$port/healthz" && return
		sleep .05
	done
	say "nginx did not come up: $(head -3 "$dir/$1.out")"
	exit 1
}
# what the candidate did: an effect is what a write would have been
effects() {
	curl -s "http://127.0.0.1:$1/audit" | grep -o '"effects":[0-9]*' |
		head -1
}

stack primary "$service_ms"; primary=$port
front nginx1 "$primary"; alone=$port
printf '%-8s %8s %8s %8s %8s %7s %7s  %s\n' candidate 'p50 ms' behind \
	'p99 ms' behind 'p99 x' 'failed' 'account'
: >"$dir/json"
for round in $(seq "$rounds"); do
	for kind in $kinds; do
		candidate "$kind"; kind_pid=$pid kind_port=$port front_pid=
		share=1; [ "$kind" != none ] || share=0.000001
		up shadow "$lockstep" shadow --home "$dir/home" --grace 1s \
			--listen 127.0.0.1:0 --allow 'POST /query' \
			--primary "http://127.0.0.1:$primary" --share $share \
			--candidate "http://127.0.0.1:$port"
		shadow_pid=$pid
		front nginx2 "$port"
		"$python" tests/bench/bench_record_load.py "$alone" "$port" \
			"$rate" "$exchanges" >"$dir/load" || exit 1
		case $kind in
		healthy | slow) did=" $(effects "$kind_port")" ;;
		*) did= ;;
		esac
		[ -z "$front_pid" ] || { kill $front_pid; wait $front_pid; } \
			2>/dev/null
		kill -TERM $shadow_pid; wait $shadow_pid 2>/dev/null
		[ -z "$kind_pid" ] || { kill $kind_pid; wait $kind_pid; } \
			2>/dev/null
		read -r p50a p99a p50b p99b bada badb late <"$dir/load"
		ratio=$(awk "BEGIN { printf \"%.3f\", $p99b / $p99a }")
		printf '%-8s %8s %8s %8s %8s %7s %7s  %s\n' "$kind" "$p50a" \
			"$p50b" "$p99a" "$p99b" "$ratio" "$bada+$badb" \
			"$(grep -o 'mirrored.*' "$dir/shadow.err" |
			head -1)$did"
		printf '{"kind": "%s", "round": %d, "p99_alone_ms": %s, ' \
			"$kind" "$round" "$p99a" >>"$dir/json"
		printf '"p99_behind_ms": %s, "p99_ratio": %s, ' "$p99b" \
			"$ratio" >>"$dir/json"
		printf '"failed": %d, "sender_late_p99_ms": %s}\n' "$badb" \
			"$late" >>"$dir/json"
		rm -rf "$dir/home"
	done
done
jq -s . "$dir/json" >"$BUILD/bench_shadow.json"
