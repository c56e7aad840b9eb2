#!/usr/bin/env bash
# make bench-record: nginx in front of `lockstep record` in front of the demo
# stack, beside nginx's own proxy_pass in the same place; everything on this
# machine. Prints a table and writes $BUILD/bench_record.json.
#
#   RECORD_EXCHANGES=100000   at the rate below
#   RECORD_RATE=2000          requests a second
#   RECORD_SERVICE_MS=50      what the service takes
#   RECORD_KILLS=100          kill -9 at random moments
#   RECORD_SECONDS=5          of each throughput measurement
#   RECORD_ROUNDS=3           of them, interleaved; medians
set -u
cd "$(dirname "$0")/../.."
BUILD=$(realpath "${BUILD:-build}")
exchanges=${RECORD_EXCHANGES:-100000} rate=${RECORD_RATE:-2000}
service_ms=${RECORD_SERVICE_MS:-50} kills=${RECORD_KILLS:-100}
seconds=${RECORD_SECONDS:-5} rounds=${RECORD_ROUNDS:-3}
. tests/bench/servers.sh

need=
command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || need="$need nginx"
command -v wrk >/dev/null || need="$need wrk"
if [ -n "$need" ]; then
	say "installing$need with apt-get"
	tests/lib/apt_install.sh $need || exit 1
fi

python=$(command -v python3) || { say 'python3 is needed'; exit 1; }
lockstep=$BUILD/lockstep
account() { grep -o 'seen.*' "$dir/$1.err" | tail -1; }

# ---- a service that is fast: nginx, 2 KB of JSON ------------------------------
text=$(head -c 1500 /dev/urandom | base64 -w0)
cat >"$dir/origin.conf" <<CONF
daemon off; worker_processes 1; pid $dir/origin.pid; error_log $dir/origin.err;
events { worker_connections 4096; }
http { access_log off; client_body_temp_path $dir; proxy_temp_path $dir;
	fastcgi_temp_path $dir; uwsgi_temp_path $dir; scgi_temp_path $dir;
	keepalive_requests 1000000;
	server { listen 127.0.0.1:19471; default_type application/json;
		location / { return 200 '{"answer": "$text"}'; } } }
CONF
nginx -c "$dir/origin.conf" -p "$dir" & pids+=($!)
front direct 19471; direct=$port
up fast "$lockstep" record --upstream http://127.0.0.1:19471 \
	--out "$dir/fast.zst"
fast_pid=$pid
front recorded "$port"; recorded=$port

rps() { # PORT
	wrk -t1 -c32 -d"${seconds}s" "http://127.0.0.1:$1/q" |
		awk '/Requests\/sec/ { print $2 }'
}
median() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
say "throughput, $rounds rounds of $seconds s each"
for _ in $(seq "$rounds"); do
	a=$(rps "$direct") b=$(rps "$recorded")
	echo "$a" >>"$dir/a"; echo "$b" >>"$dir/b"
	awk "BEGIN { print $b / $a }" >>"$dir/ratio"
done
a=$(median <"$dir/a") b=$(median <"$dir/b") ratio=$(median <"$dir/ratio")
kill -TERM $fast_pid; wait $fast_pid
printf '\nthroughput        nginx proxy_pass %s/s, nginx and record %s/s: %s\n' \
	"$a" "$b" "$ratio"
printf '                  %s\n' "$(account fast)"

# ---- the demo stack at a rate ---------------------------------------------------
up stack "$BUILD/ragstack" --gold fixtures/handbook/gold.jsonl \
	--sections fixtures/handbook/sections.jsonl --listen 127.0.0.1:0 \
	--latency "${service_ms}ms" --sigma 0
stack=$port
front slow_direct "$stack"; direct=$port
up slow "$lockstep" record --upstream "http://127.0.0.1:$stack" \
	--out "$dir/slow.zst"
slow_pid=$pid
front slow_recorded "$port"; recorded=$port
say "$exchanges exchanges at $rate/s through each of two"
"$python" tests/bench/bench_record_load.py "$direct" "$recorded" "$rate" \
	"$exchanges" >"$dir/load" || { cat "$dir/load"; exit 1; }
kill -TERM $slow_pid; wait $slow_pid
read -r p50a p99a p50b p99b bada bad late <"$dir/load"
added=$(awk "BEGIN { printf \"%.2f\", $p99b - $p99a }")
added50=$(awk "BEGIN { printf \"%.2f\", $p50b - $p50a }")
printf '\nlatency, ms       p50 %s and %s (added %s), p99 %s and %s (added %s)\n' \
	"$p50a" "$p50b" "$added50" "$p99a" "$p99b" "$added"
printf '                  not answered %s and %s; %s\n' "$bada" "$bad" \
	"$(account slow)"
# what became of those, as the recorder saw it
"$lockstep" trace info "$dir/slow.zst" |
	sed -n 's/^ *exchanges/                  exchanges/p'
[ "$bad" = 0 ] || "$lockstep" trace cat --outcome reset --outcome timeout \
	--outcome unreachable --outcome protocol "$dir/slow.zst" |
	jq -c '{outcome, why, sent_ns, total_ns}' | head -5
# of a machine that is busy with something else nothing of this says anything
printf '                  the sender itself was late by %s (p99)\n' "$late"

# ---- kill -9 --------------------------------------------------------------------
say "kill -9 at $kills moments"
"$python" tests/bench/bench_record_kill.py "$lockstep" 19471 "$kills" "$dir" \
	"$rate" >"$dir/kill" || { cat "$dir/kill"; exit 1; }
printf '\n'
cat "$dir/kill"
dropped=$(account slow | grep -o 'dropped [0-9]*')
cat >"$BUILD/bench_record.json" <<JSON
{"throughput_nginx": $a, "throughput_record": $b, "throughput_ratio": $ratio,
 "rate": $rate, "exchanges": $exchanges, "p99_direct_ms": $p99a,
 "p99_record_ms": $p99b, "p99_added_ms": $added, "sender_late_p99_ms": $late,
 "not_answered": $bad,
 "dropped": ${dropped#dropped }}
JSON
