#!/usr/bin/env bash
# make bench-shadow: what users wait longer behind `lockstep shadow`, and what
# reaches the candidate, with each kind of candidate: the primary alone and the
# primary behind shadow get the same questions in turn, second by second, an
# nginx in front of either. Everything is on this machine, so what a candidate
# does with the processor is in it. The questions are of SQuAD, with all their
# wordings, where ../shared/data has them, else the handbook's; one request in
# twenty is a write, which no candidate may see.
# Prints a table and writes $BUILD/bench_shadow.json.
#
#   SHADOW_RATE=1000          requests a second
#   SHADOW_EXCHANGES=10000    through each of the two, a kind
#   SHADOW_SERVICE_MS=50      what the primary takes
#   SHADOW_KINDS="..."        of those below
#   SHADOW_ROUNDS=1           of all kinds
#   SHADOW_SHARE=1            of the reads that is mirrored
#   SHADOW_CAP=0              requests a second at the candidate; 0: no cap
#   SHADOW_WRITES=20          one request in so many is a write
#   SHADOW_FRONT=none         no nginx
set -u
cd "$(dirname "$0")/../.."
BUILD=$(realpath "${BUILD:-build}")
rate=${SHADOW_RATE:-1000} exchanges=${SHADOW_EXCHANGES:-10000}
service_ms=${SHADOW_SERVICE_MS:-50} rounds=${SHADOW_ROUNDS:-1}
kinds=${SHADOW_KINDS:-none healthy slow dead hang reset flood shed}
share=${SHADOW_SHARE:-1} cap=${SHADOW_CAP:-0} capped=()
writes=${SHADOW_WRITES:-20}
[ "$cap" = 0 ] || capped=(--max-rps "$cap")
lockstep=$BUILD/lockstep
. tests/bench/servers.sh
python=$(command -v python3) || { say 'python3 is needed'; exit 1; }
if [ "${SHADOW_FRONT:-nginx}" = nginx ] && ! command -v nginx >/dev/null; then
	say 'installing nginx with apt-get'
	tests/lib/apt_install.sh nginx || exit 1
fi

# the questions, one a line, and the sections that have the answers
data=../shared/data
if [ -r $data/squad_gold.jsonl.zst ]; then
	about=SQuAD
	zstd -dqc $data/squad_gold.jsonl.zst >"$dir/gold.jsonl"
	zstd -dqc $data/squad_sections.jsonl.zst >"$dir/sections.jsonl"
else
	about='the handbook'
	cp fixtures/handbook/{gold,sections}.jsonl "$dir"
fi
jq -r '[.question] + (.paraphrases // []) + (.same_answer_questions // []) |
	.[] | gsub("\n"; " ")' "$dir/gold.jsonl" | sort -u |
	shuf --random-source=fixtures/handbook/gold.jsonl >"$dir/questions"

stack() { # NAME MILLISECONDS OPTION...
	local name=$1 ms=$2; shift 2
	up "$name" "$BUILD/ragstack" --gold "$dir/gold.jsonl" \
		--sections "$dir/sections.jsonl" --arrivals "$dir/$name.at" \
		--listen 127.0.0.1:0 --latency "${ms}ms" --sigma 0 "$@"
}
# candidate KIND: sets port and pid
candidate() {
	case $1 in
	none | healthy) stack "$1" "$service_ms" ;;
	slow) stack slow $((service_ms * 10)) ;;
	hang) stack hang "$service_ms" --fault timeout=1 --hang 600s ;;
	shed) stack shed "$service_ms" --fault 429=1 ;;
	dead) port=1 pid= ;;
	*) : >"$dir/$1.log"
		up "$1" "$python" tests/lib/shadow.py serve "$1" \
			"$dir/$1.log" ;;
	esac
}
# writes_at KIND PORT: how many writes arrived at it
writes_at() {
	case $1 in
	dead) echo - ;;
	reset | flood) jq -s 'map(select(.path != "/query")) | length' \
		"$dir/$1.log" ;;
	*) curl -s "http://127.0.0.1:$2/audit?limit=1" |
		jq '[.effects, .requests] | max' ;;
	esac
}
# fastest KIND: how many requests arrived, and how many at most in a second,
# by its own clock, wherever the second begins; it has ended
fastest() {
	[ "$1" != dead ] || { echo - -; return; }
	case $1 in
	reset | flood) jq .at "$dir/$1.log" ;;
	*) cat "$dir/$1.at" ;;
	esac | sort -n | awk '{ at[NR] = $1; while (at[NR] - at[from + 1] >= 1e9)
		from++; if (NR - from > most) most = NR - from }
		END { print NR + 0, most + 0 }'
}

# fronted NAME PORT: front, if there is to be one; sets port
fronted() {
	if [ "${SHADOW_FRONT:-nginx}" = nginx ]; then front "$@"; else port=$2; fi
}

stack primary "$service_ms"; primary=$port
fronted nginx1 "$primary"; alone=$port
# the primary searches for a question once and keeps what it found
"$python" tests/bench/bench_record_load.py "$alone" "$alone" "$rate" \
	"$(wc -l <"$dir/questions")" "$dir/questions" >/dev/null || exit 1
echo "$rate requests a second, $(wc -l <"$dir/questions") questions of" \
	"$about, share $share, cap $cap"
row='%-8s %7s %7s %7s %7s %6s %6s  %6s %6s %6s  %6s %6s %6s\n'
# shellcheck disable=SC2059
printf "$row" '' p50 p50 p99 p99 p99 '' '' mir- '' arri- most ''
# shellcheck disable=SC2059
printf "$row" '' alone behind alone behind ratio failed reads rored share \
	ved "a s" writes
for round in $(seq "$rounds"); do
	for kind in $kinds; do
		candidate "$kind"; kind_pid=$pid kind_port=$port front_pid=
		of=$share; [ "$kind" != none ] || of=0.000001
		up shadow "$lockstep" shadow --home "$dir/home" --grace 1s \
			--listen 127.0.0.1:0 --allow 'POST /query' \
			--primary "http://127.0.0.1:$primary" --share "$of" \
			--candidate "http://127.0.0.1:$port" --in-flight 100 \
			${capped[@]+"${capped[@]}"}
		shadow_pid=$pid
		fronted nginx2 "$port"
		"$python" tests/bench/bench_record_load.py "$alone" "$port" \
			"$rate" "$exchanges" "$dir/questions" "$writes" \
			>"$dir/load" || exit 1
		[ -z "$front_pid" ] || { kill $front_pid; wait $front_pid; } \
			2>/dev/null
		kill -TERM $shadow_pid; wait $shadow_pid 2>/dev/null
		wrote=$(writes_at "$kind" "$kind_port")
		[ -z "$kind_pid" ] || { kill $kind_pid; wait $kind_pid; } \
			2>/dev/null
		read -r arrived most < <(fastest "$kind")
		read -r p50a p99a p50b p99b bada badb late <"$dir/load"
		# seen N = mirrored N + not in the share N + not allowed N + ...
		read -r seen mirrored outside banned < <(grep -o 'seen [0-9].*' \
			"$dir/shadow.err" | head -1 | grep -oE '[0-9]+' |
			head -4 | tr '\n' ' ')
		reads=$((seen - banned))
		had=$(awk "BEGIN { printf \"%.4f\", \
			($reads - $outside) / $reads }")
		ratio=$(awk "BEGIN { printf \"%.3f\", $p99b / $p99a }")
		# shellcheck disable=SC2059
		printf "$row" "$kind" "$p50a" "$p50b" "$p99a" "$p99b" \
			"$ratio" "$bada+$badb" "$reads" "$mirrored" "$had" \
			"$arrived" "$most" "$wrote"
		{
		printf '{"kind": "%s", "round": %d, "p99_alone_ms": %s, ' \
			"$kind" "$round" "$p99a"
		printf '"p99_behind_ms": %s, "p99_ratio": %s, ' "$p99b" "$ratio"
		printf '"failed": %d, "sender_late_p99_ms": %s, ' "$badb" \
			"$late"
		printf '"reads": %d, "mirrored": %d, "share": %s, ' "$reads" \
			"$mirrored" "$had"
		printf '"arrived": %s, "most_a_second": %s, "writes": %s}\n' \
			"${arrived/-/null}" "${most/-/null}" "${wrote/-/null}"
		} >&3
		rm -rf "$dir/home"
	done
done 3>"$dir/json"
echo "writes that took effect at the primary: $(writes_at primary "$primary")"
jq -s . "$dir/json" >"$BUILD/bench_shadow.json"
