#!/usr/bin/env bash
# A small part of make bench-live: planted faults are stopped within 500
# requests, equal stacks are left alone for four windows.
. tests/lib/tap.sh

BUILD=$BUILD tests/bench/bench_live.sh 4 4 healthy missing=.1 wrongcite \
	empty timeout pinsdrift slow=1.5 sampled-missing \
	>"$T/table" 2>"$T/err"
is $? 0 'each row is as promised' || diag "$(cat "$T/table" "$T/err")"
is "$(grep -c '^| [a-z]*[-=.0-9a-z]* *| ' "$T/table")" 10 \
	'all rows were run' || diag "$(cat "$T/table")"
done_testing
