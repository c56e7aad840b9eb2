# What the test scripts share: TAP, a folder of their own, servers that are
# awaited and stopped.  Sourced at the top of a script:
#
#	. tests/lib/tap.sh
#	ok 'it answers' curl -sf "$url/healthz"
#	is "$(cmd)" 'text' 'it says so'
#	done_testing
#
# $T is a temporary folder, removed at the end unless a test failed.

. "${BASH_SOURCE[0]%/*}/free_port.sh"
BUILD=${BUILD:-build}
lockstep=$BUILD/lockstep
ragstack=$BUILD/ragstack
tap_n=0
tap_bad=0
tap_lap=$SECONDS
tap_pids=()
T=$(mktemp -d "${TMPDIR:-/tmp}/lockstep-test.XXXXXX")
export LOCKSTEP_HOME=$T/home
unset NO_COLOR
export PYTHONDONTWRITEBYTECODE=1

# Measuring latency on takes a run of live stacks 8 s, and asking again takes
# what it takes: done only where a script sets CONFIRM=1 before it sources this.
if [ -z "${CONFIRM:-}" ]; then
	lockstep=$T/lockstep
	cat >"$lockstep" <<-SH
		#!/bin/bash
		case \${1-} in
		run | replay) exec "$(realpath "$BUILD")/lockstep" \\
			"\$1" --set confirm=false "\${@:2}" ;;
		*) exec "$(realpath "$BUILD")/lockstep" "\$@" ;;
		esac
	SH
	chmod +x "$lockstep"
fi

tap_end() {
	local status=$?
	[ ${#tap_pids[@]} -eq 0 ] || kill -9 "${tap_pids[@]}" 2>/dev/null
	wait 2>/dev/null
	if [ $tap_bad -eq 0 ] && [ $status -eq 0 ]; then
		rm -rf "$T"
	else
		echo "# kept: $T"
	fi
}
trap tap_end EXIT

skip_all() { echo "1..0 # SKIP $*"; rm -rf "$T"; trap - EXIT; exit 0; }
diag() { printf '%s\n' "$*" | sed 's/^/# /'; }

# lap WHAT: says how long it took since the last one
lap() { diag "$1: $((SECONDS - tap_lap)) s"; tap_lap=$SECONDS; }

tap_say() { # GOOD DESCRIPTION
	tap_n=$((tap_n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tap_n - $2"
	else
		echo "not ok $tap_n - $2"
		tap_bad=$((tap_bad + 1))
	fi
	return "$1"
}

# ok DESCRIPTION COMMAND...: the command succeeds
ok() {
	local what=$1; shift
	if "$@" >"$T/ok.out" 2>&1; then
		tap_say 0 "$what"
	else
		local status=$?
		tap_say 1 "$what"
		diag "exit status $status of: $*"
		head -20 "$T/ok.out" | sed 's/^/# /'
		return 1
	fi
}

# status WANT DESCRIPTION COMMAND...: the exit status; the output stays in
# $T/out and $T/err
status() {
	local want=$1 what=$2; shift 2
	"$@" >"$T/out" 2>"$T/err"
	local got=$?
	if [ $got -eq "$want" ]; then
		tap_say 0 "$what"
	else
		tap_say 1 "$what"
		diag "exit status $got, not $want, of: $*"
		head -15 "$T/err" "$T/out" | sed 's/^/# /'
		return 1
	fi
}

is() { # GOT WANT DESCRIPTION
	if [ "$1" = "$2" ]; then
		tap_say 0 "$3"
	else
		tap_say 1 "$3"
		diag "got:  $1"
		diag "want: $2"
		return 1
	fi
}

like() { # TEXT PATTERN DESCRIPTION (extended regular expression)
	if grep -qE -- "$2" <<<"$1"; then
		tap_say 0 "$3"
	else
		tap_say 1 "$3"
		diag "no /$2/ in:"
		cut -c1-200 <<<"$1" | head -15 | sed 's/^/# /'
		return 1
	fi
}

unlike() { # TEXT PATTERN DESCRIPTION
	if grep -qE -- "$2" <<<"$1"; then
		tap_say 1 "$3"
		diag "/$2/ in:"
		grep -E -- "$2" <<<"$1" | cut -c1-200 | head -5 | sed 's/^/# /'
		return 1
	fi
	tap_say 0 "$3"
}

# await SECONDS COMMAND...: until it succeeds
await() {
	local end=$((SECONDS + $1)); shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep .05
	done
}

# serve NAME COMMAND...: starts a server and waits for the http:// address
# that it prints; sets url and pid, logs to $T/NAME.out and .err
serve() {
	local name=$1; shift
	: >"$T/$name.out"
	"$@" >"$T/$name.out" 2>"$T/$name.err" &
	pid=$!
	tap_pids+=($pid)
	url=
	local end=$((SECONDS + 180))
	while [ $SECONDS -lt $end ]; do
		url=$(grep -o 'http://[0-9.:]*' "$T/$name.out" | head -1)
		[ -z "$url" ] || return 0
		kill -0 $pid 2>/dev/null || break
		sleep .05
	done
	echo "Bail out! $name did not come up: $(head -3 "$T/$name.err")"
	exit 1
}

# handbook NAME OPTION...: the demo stack over the shipped handbook
handbook() {
	local name=$1; shift
	serve "$name" "$ragstack" --gold fixtures/handbook/gold.jsonl \
		--sections fixtures/handbook/sections.jsonl \
		--listen 127.0.0.1:0 "$@"
}

# Bytes that are the same each time: random ones now and then look like a
# secret, and are not kept.
noise() { # BYTES
	python3 -c 'import random, sys
sys.stdout.buffer.write(random.Random(1).randbytes(int(sys.argv[1])))' "$1"
}

# apart NAME COMMAND...: in a folder and a home of its own, to be run in the
# background with `&`; servers that it starts end with it
apart() {
	local name=$1; shift
	(
		tap_pids=()
		trap '[ ${#tap_pids[@]} -eq 0 ] ||
			kill -9 "${tap_pids[@]}" 2>/dev/null' EXIT
		T=$T/$name
		export LOCKSTEP_HOME=$T/home
		mkdir "$T" && "$@"
	)
}

stop() { # PID
	kill "$1" 2>/dev/null
	wait "$1" 2>/dev/null
}

done_testing() {
	echo "1..$tap_n"
	[ $tap_bad -eq 0 ]
	exit $?
}
