#!/bin/bash
# What runs each test: it ends what a test leaves behind, and a test that hangs.
set -u
. tests/lib/tap.sh

cat >"$T/leaves.t" <<-SH
	#!/bin/bash
	sleep 300 &
	echo \$! >"$T/left"
	echo 'ok 1 - done'
	echo 1..1
SH
printf '#!/bin/bash\necho 1..1\nsleep 300\n' >"$T/hangs.t"
chmod +x "$T"/*.t
gone() { ! kill -0 "$(cat "$T/left")"; }
out=$(timeout 60 prove -e tests/lib/one "$T/leaves.t" 2>&1)
is $? 0 'a server that keeps the output open does not hold prove up' ||
	diag "$out"
ok 'and it is ended' await 20 gone
out=$(TEST_SECONDS=1 timeout 60 prove -e tests/lib/one "$T/hangs.t" 2>&1)
is $? 1 'a test that hangs is ended, and fails'
status 3 'the status of a test is its own' tests/lib/one sh -c 'exit 3'
done_testing
