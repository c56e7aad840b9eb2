#!/usr/bin/env bash
# make bench: lockstep beside the load tools people use, in one run on this
# machine, interleaved, medians, per client CPU-second. A local nginx on one
# core answers 2 KB of JSON, of which no two in a row are alike; the clients
# take turns on another core. Writes $BUILD/bench.json.
#
#   BENCH_ROUNDS=5     rounds of every client
#   BENCH_SECONDS=2    of each load tool in a round
#   BENCH_FULL=1       memory at 1,000,000 cases, too
set -u
cd "$(dirname "$0")/.."
BUILD=$(realpath "${BUILD:-build}")
ROUNDS=${BENCH_ROUNDS:-5}
SECONDS_EACH=${BENCH_SECONDS:-2}
REQUESTS=${BENCH_REQUESTS:-100000}
CONNS=32
dir=$(mktemp -d)
out=$BUILD/bench.json
shared=../shared/data/squad_sections.jsonl.zst

say() { echo "bench: $*" >&2; }

stop_nginx() {
	[ -s "$dir/nginx.pid" ] && kill "$(cat "$dir/nginx.pid")" 2>/dev/null
}
trap 'stop_nginx; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM

# ---- what it needs -------------------------------------------------------
need=
command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || need="$need nginx-light"
command -v wrk >/dev/null || need="$need wrk"
command -v hey >/dev/null || need="$need hey"
command -v h2load >/dev/null || need="$need nghttp2-client"
if [ -n "$need" ]; then
	sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
	say "installing$need with $sudo apt-get"
	$sudo apt-get update -qq
	DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq \
		--no-install-recommends $need >/dev/null || exit 1
fi
PATH=$PATH:/usr/sbin

# ---- the server ----------------------------------------------------------
# 500 answers of four snippets each; common ones come often (Zipf), as they
# do in a RAG service, so that compression has what it would really have.
texts() {
	if [ -r "$shared" ]; then zstd -dc "$shared"; else
		cat fixtures/handbook/sections.jsonl; fi |
		jq -r '.text' | tr -d "'\"\\\\\$" | tr '\n\t' '  ' |
		fold -w 440 | head -2000
}
port=$((20000 + RANDOM % 20000))
while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
	port=$((20000 + RANDOM % 20000))
done
texts | awk -v port="$port" -v dir="$dir" '
{ text[NR] = $0 }
function zipf() { return int(exp(rand() * log(NR))) }
END {
	srand(1)
	print "worker_processes 1; worker_cpu_affinity 01; pid " dir "/nginx.pid;"
	print "error_log " dir "/nginx.err; events { worker_connections 4096; }"
	print "http { access_log off; keepalive_requests 100000000;"
	print "keepalive_timeout 600; client_body_buffer_size 16k;"
	print "client_body_temp_path " dir "; proxy_temp_path " dir ";"
	print "fastcgi_temp_path " dir "; uwsgi_temp_path " dir ";"
	print "scgi_temp_path " dir ";"
	print "split_clients \"${request_id}\" $answer {"
	for (i = 0; i < 500; i++) {
		body = "{\"answer\": \"" substr(text[zipf()], 1, 90) "\", \"retrieved\": ["
		for (j = 0; j < 4; j++) {
			k = zipf()
			body = body (j ? ", " : "") "{\"snippet_id\": \"s" k \
			    "\", \"section_id\": \"sec-" int(k / 3) \
			    "\", \"text\": \"" text[k] "\", \"score\": " \
			    9 - j ".25}"
		}
		body = body "], \"pins\": {\"MODEL_VER\": \"m1\"}}"
		print (i < 499 ? "0.2%" : "*") " \x27" body "\x27;"
	}
	print "} server { listen 127.0.0.1:" port ";"
	print "location / { default_type application/json; return 200 $answer; } } }"
}' >"$dir/nginx.conf"
nginx -c "$dir/nginx.conf" -p "$dir" 2>"$dir/nginx.out" ||
	{ cat "$dir/nginx.out"; exit 1; }
url=http://127.0.0.1:$port
for _ in $(seq 100); do
	curl -s -o "$dir/answer" -d x "$url/" && break
	sleep 0.05
done
say "answers of $(stat -c %s "$dir/answer") bytes or so, $CONNS connections"

# ---- the suites ----------------------------------------------------------
gold() { # N
	seq "$1" | awk '{ printf "{\"id\": \"case-%d\", \"question\": \"How long are the backups of service number %d kept, and who may restore them when the primary region is lost?\"}\n", $1, $1 }'
}
suite() { # NAME CASES PACE [BASELINE]
	gold "$2" >"$dir/$1.jsonl"
	cat >"$dir/$1.yml" <<-YAML
	lockstep: 1
	name: bench
	cases: $1.jsonl
	variants: {paraphrases: 1, seeds: [1], repeats: 1}
	targets:
	  candidate: {url: "$url"}
	$([ -z "${4-}" ] || echo "  baseline: {url: \"$url\"}")
	request: {path: /, body: {question: "{{question}}", k: 5, seed: "{{seed}}"}}
	warmup: 0
	pace: $3
	YAML
}
closed="{mode: closed, concurrency: $CONNS}"
suite replay "$REQUESTS" "$closed"
suite whole $((REQUESTS / 3)) "$closed" both
body=$(printf '{"question":"How long are the backups of service number 0 kept, and who may restore them when the primary region is lost?","k":5,"seed":1}')
printf %s "$body" >"$dir/body.json"
cat >"$dir/post.lua" <<-LUA
	wrk.method = "POST"
	wrk.body = io.open("$dir/body.json"):read("*a")
	wrk.headers["Content-Type"] = "application/json"
LUA

# ---- measuring -----------------------------------------------------------
# requests, then CPU seconds, seconds and bytes of memory: one line a round
cores=$(nproc)
pin=; [ "$cores" -gt 1 ] && pin="taskset -c 1"
timed() { "$BUILD/tests/bench_time" "$dir/used" $pin "$@"; }
note() { # NAME REQUESTS
	echo "$2 $(tail -1 "$dir/used")" >>"$dir/$1.rounds"
}
client_wrk() {
	timed wrk -t1 -c$CONNS -d"${SECONDS_EACH}s" -s "$dir/post.lua" "$url/" \
		>"$dir/o"
	note wrk "$(awk '/requests in/ { print $1 }' "$dir/o")"
}
client_hey() {
	timed hey -z "${SECONDS_EACH}s" -c $CONNS -cpus 1 -m POST -T application/json \
		-D "$dir/body.json" "$url/" >"$dir/o"
	note hey "$(awk '/\[200\]/ { print $2 }' "$dir/o")"
}
client_h2load() {
	timed h2load --h1 -t1 -c$CONNS -D"$SECONDS_EACH" -d "$dir/body.json" \
		-H 'Content-Type: application/json' "$url/" >"$dir/o" 2>&1
	note h2load "$(awk '/^requests:/ { print $8 }' "$dir/o")"
}
client_raw() {
	timed "$BUILD/tests/bench_raw" "$port" $CONNS "$SECONDS_EACH" >"$dir/o"
	note raw "$(awk '{ print $1 }' "$dir/o")"
}
client_replay() {
	(cd "$dir" && timed "$BUILD/lockstep" replay replay.yml -j 1 \
		>"$dir/o" 2>&1) || cat "$dir/o"
	note replay "$REQUESTS"
}
client_whole() {
	(cd "$dir" && timed "$BUILD/lockstep" run whole.yml -j 1 \
		>"$dir/o" 2>&1) || [ $? -le 5 ] || cat "$dir/o"
	note whole $((REQUESTS / 3 * 3))
}
clients="raw wrk h2load hey replay whole"
for round in $(seq "$ROUNDS"); do
	say "round $round of $ROUNDS"
	for c in $clients; do
		rm -rf "$dir/.lockstep"
		"client_$c"
	done
done

median() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
per_cpu() { awk '$2 > 0 { print $1 / $2 }' "$dir/$1.rounds" | median; }
declare -A rate
for c in $clients; do rate[$c]=$(per_cpu "$c"); done

echo
printf '%-28s %12s %10s %8s %8s\n' 'client' 'req/CPU-s' 'us CPU/req' 'x wrk' 'x raw'
names=('raw epoll client' wrk 'h2load --h1' hey 'lockstep replay' 'lockstep run')
i=0
for c in $clients; do
	awk -v n="${names[$i]}" -v r="${rate[$c]}" -v w="${rate[wrk]}" -v e="${rate[raw]}" \
		'BEGIN { printf "%-28s %12.0f %10.2f %8.2f %8.2f\n", n, r, 1e6 / r, r / w, r / e }'
	i=$((i + 1))
done
echo '(replay: full capture, compressed and synced; run: the whole job, two arms'
echo ' and echoes, extraction, scoring, tests, store, reports)'

# ---- schedule ------------------------------------------------------------
# Capacity is what one client core reaches here in a closed loop.
capacity=$(awk '{ print $1 / $3 }' "$dir/replay.rounds" | median)
echo
printf '%-28s %12s %12s %12s\n' 'lateness, ms' p50 p99 max
fidelity=
for share in 25 50 75; do
	r=$(awk -v c="$capacity" -v s=$share 'BEGIN { printf "%d", c * s / 100 }')
	suite paced $((r * 3)) "{mode: constant, rate: $r}"
	for _ in $(seq "$ROUNDS"); do
		$pin "$BUILD/tests/bench_raw" "$port" $CONNS 3 "$r" \
			>>"$dir/floor.$share"
		$pin "$BUILD/tests/bench_replay" "$dir/paced.yml" "$url" \
			"$dir/paced.zst" >>"$dir/ours.$share"
	done
	med() { awk -v f="$2" '{ print $f }' "$dir/$1.$share" | median; }
	printf '%-28s %12.3f %12.3f %12.3f\n' "bare sender, $r/s" \
		"$(med floor 4)" "$(med floor 5)" "$(med floor 6)"
	printf '%-28s %12.3f %12.3f %12.3f\n' "lockstep, $r/s ($share %)" \
		"$(med ours 4)" "$(med ours 5)" "$(med ours 6)"
	fidelity="$fidelity${fidelity:+, }{\"share\": $share, \"rate\": $r, \"floor_p99_ms\": $(med floor 5), \"p99_ms\": $(med ours 5), \"p50_ms\": $(med ours 4)}"
done

# ---- memory --------------------------------------------------------------
echo
printf '%-28s %12s %12s\n' 'memory, MB' replay run
memory=
sizes='10000 100000'; [ -z "${BENCH_FULL-}" ] || sizes="$sizes 1000000"
for n in $sizes; do
	suite mem "$n" "$closed"
	rm -rf "$dir/.lockstep"
	a=$($pin "$BUILD/tests/bench_replay" "$dir/mem.yml" "$url" \
		"$dir/mem.zst" | awk '{ print $7 }')
	(cd "$dir" && timed "$BUILD/lockstep" run mem.yml >/dev/null 2>&1)
	b=$(tail -1 "$dir/used" | awk '{ print $3 }')
	awk -v n="$n" -v a="$a" -v b="$b" 'BEGIN { printf "%-28s %12.1f %12.1f\n", n " cases", a / 1e6, b / 1e6 }'
	memory="$memory${memory:+, }{\"cases\": $n, \"replay_bytes\": $a, \"run_bytes\": $b}"
done

# ---- the record ----------------------------------------------------------
{
	printf '{"machine": "%s", "cores": %s, "commit": "%s", "rounds": %s, ' \
		"$(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo)" \
		"$cores" "$(git rev-parse --short HEAD 2>/dev/null)" "$ROUNDS"
	printf '"req_per_cpu_s": {'
	sep=
	for c in $clients; do printf '%s"%s": %s' "$sep" "$c" "${rate[$c]}"; sep=', '; done
	printf '}, "ratio_to_wrk": {'
	sep=
	for c in $clients; do
		printf '%s"%s": %s' "$sep" "$c" "$(awk -v r="${rate[$c]}" \
			-v w="${rate[wrk]}" 'BEGIN { printf "%.3f", r / w }')"
		sep=', '
	done
	printf '}, "schedule": [%s], "memory": [%s]}\n' "$fidelity" "$memory"
} >"$out"
echo
echo "written to $out"
