#!/usr/bin/env bash
# make bench: lockstep beside the load tools people use, in one run on this
# machine, interleaved, medians, per client CPU-second. A local nginx on one
# core answers 2 KB of JSON, of which no two in a row are alike; the clients
# take turns on another core. Writes $BUILD/bench.json.
#
#   BENCH_ROUNDS=5     rounds of every client
#   BENCH_SECONDS=2    of each load tool in a round
#   BENCH_PEERS=0      without GoReplay and promptfoo
#   BENCH_FULL=1       memory at 1,000,000 cases, too
set -u
cd "$(dirname "$0")/../.."
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
	say "installing$need with ${sudo:+$sudo }apt-get"
	$sudo apt-get update -qq
	DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq \
		--no-install-recommends $need >/dev/null || exit 1
fi
PATH=$PATH:/usr/sbin
. tests/bench/bench_peers.sh
if [ "${BENCH_PEERS:-1}" = 1 ]; then
	get_goreplay
	get_promptfoo
fi

# ---- the server ----------------------------------------------------------
# 500 answers of four snippets each; common ones come often (Zipf), as they
# do in a RAG service, so that compression has what it would really have.
# On / each request gets any of them; on /q/QUESTION each has its own, and one
# in fifty another one from the second port, the candidate's.
texts() {
	if [ -r "$shared" ]; then zstd -dc "$shared"; else
		cat fixtures/handbook/sections.jsonl; fi |
		jq -r '.text' | tr -d "'\"\\\\\$" | tr '\n\t' '  ' |
		fold -w 440 | head -2000
}
free_port() {
	local p=$((20000 + RANDOM % 20000))
	while (exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null; do
		p=$((20000 + RANDOM % 20000))
	done
	echo "$p"
}
port=$(free_port)
port2=$(free_port)
texts | awk -v port="$port" -v port2="$port2" -v dir="$dir" '
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
	print "map $uri $asked { ~^/q/ $uri; default $request_id; }"
	print "split_clients $uri $where { 2% $server_port; * \"\"; }"
	print "split_clients \"${asked}${where}\" $answer {"
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
	print "listen 127.0.0.1:" port2 ";"
	print "location / { default_type application/json; return 200 $answer; } } }"
}' >"$dir/nginx.conf"
nginx -c "$dir/nginx.conf" -p "$dir" 2>"$dir/nginx.out" ||
	{ cat "$dir/nginx.out"; exit 1; }
url=http://127.0.0.1:$port
url2=http://127.0.0.1:$port2
for _ in $(seq 100); do
	curl -s -o "$dir/answer" -d x "$url/" && break
	sleep 0.05
done
say "answers of $(stat -c %s "$dir/answer") bytes or so, $CONNS connections"

# ---- the suites ----------------------------------------------------------
gold() { # N
	seq "$1" | awk '{ printf "{\"id\": \"case-%d\", \"question\": \"How long are the backups of service number %d kept, and who may restore them when the primary region is lost?\"}\n", $1, $1 }'
}
suite() { # NAME CASES PACE [BASELINE_URL]
	gold "$2" >"$dir/$1.jsonl"
	put_suite "$1" "$1.jsonl" "$3" "${4-}"
}
put_suite() { # NAME CASES_VALUE PACE [BASELINE_URL]
	local path=/ to=$url
	[ -z "$4" ] || { path=/q/{{question}}; to=$url2; }
	cat >"$dir/$1.yml" <<-YAML
	lockstep: 1
	name: $1
	cases: $2
	variants: {paraphrases: 1, seeds: [1], repeats: 1}
	targets:
	  candidate: {url: "$to"}
	$([ -z "$4" ] || echo "  baseline: {url: \"$4\"}")
	request: {path: "$path", body: {question: "{{question}}", k: 5, seed: "{{seed}}"}}
	warmup: 0
	confirm: false	# the requests of the plan, and no more
	pace: $3
	YAML
}
closed="{mode: closed, concurrency: $CONNS}"
suite replay "$REQUESTS" "$closed"
suite whole $((REQUESTS / 6)) "$closed" "$url"
# one arm, and one assertion a case: what promptfoo is given
suite one $((REQUESTS / 4)) "$closed"
sed -i 's|}$|, "expect": [{"at": "/answer", "op": "exists", "value": true}]}|' \
	"$dir/one.jsonl"
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
timed() { "$BUILD/tests/bench/bench_time" "$dir/used" $pin "$@"; }
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
	timed "$BUILD/tests/bench/bench_raw" "$port" $CONNS "$SECONDS_EACH" >"$dir/o"
	note raw "$(awk '{ print $1 }' "$dir/o")"
}
lockstep() { # ARGS: exit statuses but 2 are verdicts
	local status=0
	(cd "$dir" && timed "$BUILD/lockstep" "$@" >"$dir/o" 2>&1) || status=$?
	[ $status -le 5 ] && [ $status != 2 ] && return
	cat "$dir/o" >&2
	say "lockstep $* ended with $status"
	exit 1
}
client_replay() {
	lockstep replay replay.yml -j 1
	note replay "$REQUESTS"
}
client_whole() {
	lockstep run whole.yml -j 1
	note whole $((REQUESTS / 6 * 3))
}
client_one() {
	lockstep run one.yml -j 1
	note one $((REQUESTS / 4))
}
# GoReplay keeps the answers in a plain file. It ends by its own clock only;
# what it answered until then counts.
GOREPLAY_N=10000
put_goreplay() {
	seq "$GOREPLAY_N" | awk -v body="$body" -v port="$port" '{
		printf "1 %024x 1700000000000000000 0\nPOST / HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s\n\360\237\220\265\360\237\231\210\360\237\231\211\n",
		    $1, port, length(body), body }' >"$dir/requests.gor"
}
client_goreplay() {
	rm -f "$dir"/answers*
	timed "$goreplay" --exit-after 5s --input-file "$dir/requests.gor" \
		--input-file-read-depth $GOREPLAY_N --output-http "$url" \
		--output-http-workers $CONNS --output-http-track-response \
		--output-file "$dir/answers.gor" --output-file-append \
		>"$dir/o" 2>&1
	note goreplay "$(cat "$dir"/answers* | grep -ac '^3 ')"
}

# The stages of the whole job, each alone, on one and the same run.
stage() { # NAME ARGS
	$pin "$BUILD/tests/bench/bench_stages" "$@" >>"$dir/stage.$1"
}
client_budget() {
	local obs
	lockstep replay whole.yml -j 1
	note b.replay $((REQUESTS / 6 * 3))
	lockstep score last -j 1
	note b.score $((REQUESTS / 6 * 3))
	lockstep report last --out reports/
	note b.report $((REQUESTS / 6 * 3))
	obs=$(echo "$dir"/.lockstep/runs/*/obs.jsonl.zst)
	stage cases "$dir/whole.yml"
	stage transfer "$url" 20000 $CONNS "$dir/body.json"
	stage capture "$obs"
	stage compress "$obs" "$dir/again.zst"
	stage extract "$obs" "$dir/whole.yml"
	rm -rf "$dir/home"
	stage store "$obs" "$dir/home"
}
# Two sizes, so that its start is not counted: CPU seconds of 600 cases.
client_promptfoo() {
	local a b
	if run_promptfoo 100 && a=$(tail -1 "$dir/used") &&
	    run_promptfoo 700 && b=$(tail -1 "$dir/used"); then
		echo "$a $b" | awk '{ print 600, $4 - $1, $5 - $2, $6 }' \
			>>"$dir/promptfoo.rounds"
	else
		say "promptfoo did not run: $(grep -m1 Error "$dir/o" ||
			tail -1 "$dir/o")"
		echo '0 0 0 0' >>"$dir/promptfoo.rounds"
	fi
}
clients="raw wrk h2load hey replay whole one"
[ -z "$goreplay" ] || { clients="$clients goreplay"; put_goreplay; }
for round in $(seq "$ROUNDS"); do
	say "round $round of $ROUNDS"
	for c in $clients ${promptfoo:+promptfoo} budget; do
		rm -rf "$dir/.lockstep"
		"client_$c"
	done
done

median() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
per_cpu() { awk '$2 > 0 && $1 > 0 { print $1 / $2 }' "$dir/$1.rounds" | median; }
ratio() { awk -v a="$1" -v b="$2" -v f="${3:-%.3f}" 'BEGIN { printf f, a / b }'; }
# a ratio is the median of the rounds' own ratios: the machine changes
to() { # A B
	paste "$dir/$1.rounds" "$dir/$2.rounds" |
		awk '$1 > 0 && $5 > 0 { print $1 / $2 / ($5 / $6) }' | median
}
declare -A rate name
for c in $clients; do rate[$c]=$(per_cpu "$c"); done
name=([raw]='raw epoll client' [wrk]=wrk [h2load]='h2load --h1' [hey]=hey
	[replay]='lockstep replay' [whole]='lockstep run, two arms'
	[one]='lockstep run, one arm' [goreplay]='GoReplay, keeping answers')

echo
printf '%-28s %12s %10s %8s %8s\n' 'client' 'req/CPU-s' 'us CPU/req' 'x wrk' 'x raw'
for c in $clients; do
	printf '%-28s %12.0f %10.2f %8.3f %8.3f\n' "${name[$c]}" "${rate[$c]}" \
		"$(ratio 1e6 "${rate[$c]}" %f)" "$(to "$c" wrk)" "$(to "$c" raw)"
done
echo '(medians of the rounds, ratios within a round. replay: full capture,'
echo ' compressed and synced; two arms: the whole job with echoes, extraction,'
echo ' scoring, tests, store, reports; one arm: an assertion a case)'

# ---- the peers of the whole job ------------------------------------------
peers_json=
if [ -n "$goreplay" ]; then
	x=$(to replay goreplay)
	printf '\nlockstep replay is %.1f x GoReplay (required: 3)\n' "$x"
	peers_json="\"replay_to_goreplay\": $x, "
fi
if [ -n "$promptfoo" ] && [ -n "$(per_cpu promptfoo)" ]; then
	each=$(ratio 1e6 "$(per_cpu promptfoo)" %.0f)
	x=$(to one promptfoo)
	printf '\npromptfoo takes %.0f us of CPU a case beside its start, lockstep run with one arm is %.0f x (required: 150)\n' \
		"$each" "$x"
	peers_json="$peers_json\"promptfoo_us_a_case\": $each, \"to_promptfoo\": $x, "
fi

# ---- the budget ----------------------------------------------------------
us() { awk '$1 > 0 { print $2 / $1 * 1e6 }' "$dir/$1" | median; }
budget_json=
row() { # WHAT US
	printf '%-44s %8.2f\n' "$1" "$2"
	budget_json="$budget_json${budget_json:+, }\"$1\": $(printf %.2f "$2")"
}
sub() { echo "$*" | awk '{ v = $1; for (i = 2; i <= NF; i++) v -= $i; print v }'; }
r=$(us b.replay.rounds) s=$(us b.score.rounds)
cases=$(ratio "$(us stage.cases)" 3 %f)
echo
printf '%-44s %8s\n' 'where it goes (whole job, two arms)' 'us/req'
row 'transfer: system calls, TCP, HTTP' "$(us stage.transfer)"
row 'opening the cases: read, check, hash' "$cases"
row 'capture: serialising' "$(us stage.capture)"
row 'compression, writing, sync' "$(us stage.compress)"
row 'rendering, schedule, rest of replay' "$(sub "$r" "$(us stage.transfer)" \
	"$cases" "$(us stage.capture)" "$(us stage.compress)")"
row 'reading back, extraction' "$(us stage.extract)"
row 'store' "$(us stage.store)"
row 'metrics, tests, verdict' "$(sub "$s" "$(us stage.extract)" \
	"$(us stage.store)" "$(us b.report.rounds)")"
row 'reports, all formats' "$(us b.report.rounds)"
echo '(stages alone; the rest of replay, and the metrics, by difference)'

# ---- schedule ------------------------------------------------------------
# A request on schedule costs more than one of a closed loop: a wake-up of its
# own, where the loop takes answers by the dozen. Capacity is what one core can
# do at that cost; the last pair is at half of the closed loop's rate.
paced() { # RATE NAME: a round of both
	suite paced $(($1 * 3)) "{mode: constant, rate: $1}"
	$pin "$BUILD/tests/bench/bench_raw" "$port" $CONNS 3 "$1" >>"$dir/floor.$2"
	$pin "$BUILD/tests/bench/bench_replay" "$dir/paced.yml" "$url" \
		"$dir/paced.zst" >>"$dir/ours.$2"
}
closed_rate=$(awk '{ print $1 / $3 }' "$dir/replay.rounds" | median)
paced "$(ratio "$closed_rate" 4 %.0f)" probe
capacity=$(awk '{ print $1 / $2 }' "$dir/ours.probe")
at() { awk -v c="$1" -v s="$2" 'BEGIN { printf "%d", c * s / 100 }'; }
echo
printf '%-28s %12s %12s %12s %9s\n' 'lateness, ms' p50 p99 max 'CPU, %'
med() { awk -v f="$2" '{ print $f }' "$dir/$1" | median; }
late() { # FILE WHAT
	printf '%-28s %12.3f %12.3f %12.3f %9.0f\n' "$2" "$(med "$1" 4)" \
		"$(med "$1" 5)" "$(med "$1" 6)" \
		"$(awk '{ print 100 * $2 / $3 }' "$dir/$1" | median)"
}
fidelity=
for share in 25 50 75 loop; do
	r=$(at "$capacity" "$share") what="$share %"
	[ $share != loop ] || r=$(at "$closed_rate" 50) what=loop/2
	for _ in $(seq "$ROUNDS"); do paced "$r" $share; done
	late floor.$share "bare sender, $r/s"
	late ours.$share "lockstep, $r/s ($what)"
	x=$(paste "$dir/ours.$share" "$dir/floor.$share" |
		awk '{ print $5 / $12 }' | median)
	printf '%-28s %12s %12.2f\n' '  to the bare sender' '' "$x"
	fidelity="$fidelity${fidelity:+, }{\"share\": \"$share\", \"rate\": $r, \"floor_p99_ms\": $(med floor.$share 5), \"p99_ms\": $(med ours.$share 5), \"p50_ms\": $(med ours.$share 4), \"ratio\": $x}"
done

# ---- recorded traffic ----------------------------------------------------
# What a proxy recorded of the first port, asked of the second on all cores,
# compared with the recorded answers.
suite source "$REQUESTS" "$closed" "$url"
sed -i '/^  candidate:/d; s/^  baseline:/  candidate:/' "$dir/source.yml"
rm -rf "$dir/.lockstep"
lockstep replay source.yml
zstd -dc "$dir"/.lockstep/runs/*/obs.jsonl.zst | sed 's/"key":{[^}]*},//' |
	zstd -q -1 -o "$dir/recorded.jsonl.zst"
put_suite recorded "{trace: recorded.jsonl.zst}" "$closed" "$url"
sed -i '/^  baseline:/d' "$dir/recorded.yml"
echo
one_core=$pin
pin=
rm -f "$dir/recorded.rounds"
for _ in $(seq "${BENCH_RECORDED:-1}"); do
	rm -rf "$dir/.lockstep"
	lockstep run recorded.yml --baseline recorded -j "$cores"
	note recorded "$REQUESTS"
done
pin=$one_core
set -- $(tail -1 "$dir/recorded.rounds")
printf '%s recorded exchanges, replayed and scored on %s cores:\n' "$1" "$cores"
printf '%.0f cases a second, %.0f us of CPU a case, %.0f MB\n' \
	"$(ratio "$1" "$3" %f)" "$(ratio "${2}e6" "$1" %f)" "$(ratio "$4" 1e6 %f)"
recorded_json="{\"cases\": $1, \"cases_a_second\": $(ratio "$1" "$3"), \"us_a_case\": $(ratio "${2}e6" "$1"), \"bytes\": $4}"

# ---- memory --------------------------------------------------------------
echo
printf '%-28s %12s %12s\n' 'memory, MB' replay run
memory=
sizes='10000 100000'; [ -z "${BENCH_FULL-}" ] || sizes="$sizes 1000000"
for n in $sizes; do
	suite mem "$n" "$closed"
	rm -rf "$dir/.lockstep"
	a=$($pin "$BUILD/tests/bench/bench_replay" "$dir/mem.yml" "$url" \
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
		printf '%s"%s": %s' "$sep" "$c" "$(to "$c" wrk)"
		sep=', '
	done
	printf '}, %s"budget_us": {%s}, "recorded": %s, "schedule": [%s], "memory": [%s]}\n' \
		"$peers_json" "$budget_json" "$recorded_json" "$fidelity" "$memory"
} >"$out"
echo
echo "written to $out"
