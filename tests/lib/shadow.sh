# Services and shadows for the scripts about live traffic. Sourced after
# tap.sh.
command -v python3 >/dev/null || skip_all 'python3 is not there'
. tests/lib/nginx.sh

py() { python3 tests/lib/shadow.py "$@"; }
# service NAME MODE: what it was asked is in $T/NAME.log; sets url, pid
service() { serve "$1" python3 tests/lib/shadow.py serve "$2" "$T/$1.log"; }

# shadow_as NAME OPTION...: a shadow; sets url, pid, status
shadow_as() {
	local name=$1; shift
	# who waits for its turn for five seconds is left out: none waits
	[[ " $* " == *' --in-flight '* ]] || set -- "$@" --in-flight 256
	serve "$name" "$lockstep" shadow --primary "$primary" \
		--status 127.0.0.1:0 "$@"
	await 60 grep -q 'status at' "$T/$name.out"
	status=$(sed -n 's/^status at //p' "$T/$name.out")
}
# shadow CANDIDATE OPTION...: one as a tee
shadow() {
	local candidate=$1; shift
	shadow_as shadow --listen 127.0.0.1:0 --candidate "$candidate" "$@"
}
# until_status FILTER: $status says so
until_status() { await 60 eval "curl -sf '$status' | jq -e '$1'"; }
# until_shadow FILTER: the same of what it says of the traffic
until_shadow() { until_status ".shadow | $1"; }

# finish: ends it; sets code, and account, whose parts add up
finish() {
	kill -INT $pid
	wait $pid
	code=$?
	account=$(grep -h 'seen' "$T/shadow.err")
}
# part WORDS: the last number behind them in the account
part() {
	grep -oE -- "$1 [0-9]+" "$T/shadow.err" | tail -n 1 |
		grep -oE '[0-9]+$'
}
