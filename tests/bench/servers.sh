# What benches with servers share: a folder of their own, and servers that end
# with them. Sourced.
dir=$(mktemp -d)
pids=()
say() { echo "$(basename "$0" .sh | tr _ -): $*" >&2; }
cleanup() {
	[ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null
	wait 2>/dev/null
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

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
