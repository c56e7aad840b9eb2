#!/usr/bin/env bash
# Personal data of each kind, written in each way that is read as the same, in
# each place of an exchange, and cut at every byte of a stream: after a
# recording with --redact all nothing of it is in the file.
. tests/lib/tap.sh

serve service python3 tests/lib/personal.py serve; service=$url
left() { # FILE OPTION...: what is found in a trace
	zstd -dqc "$1" >"$T/text"
	python3 tests/lib/personal.py check "$T/text"
}
record() { # NAME OPTION...
	local name=$1; shift
	serve "$name" "$lockstep" record --upstream "$service" \
		--out "$T/$name.jsonl.zst" "$@"
	python3 tests/lib/personal.py ask "$url" >"$T/asked"
	kill -INT "$pid"
	wait "$pid"
}
record plain
found=$(left "$T/plain.jsonl.zst" | tail -1)
ok 'without rules the check finds them' [ "${found%% *}" -gt 150 ]
record clean --redact all
is "$(left "$T/clean.jsonl.zst" | tail -5)" "0 left of ${found##*left of }" \
	'with --redact all nothing is left'
status 0 'trace redact' "$lockstep" trace redact "$T/plain.jsonl.zst" \
	--out "$T/again.jsonl.zst" --redact all
is "$(left "$T/again.jsonl.zst" | tail -5)" "0 left of ${found##*left of }" \
	'leaves nothing of an old trace either'
done_testing
