#!/bin/bash
# `make demo` as a newcomer sees it: it ends with exit status 0, and every
# step shows the command that it runs.
set -u
. tests/lib/tap.sh
export DEMO_DIR=$T/demo
unset LOCKSTEP_HOME
# Its latencies are real: on a busy machine a healthy release can be undecided,
# by chance. It is run again, once.
demo() { BUILD=$BUILD fixtures/demo.sh </dev/null >"$T/demo.txt" 2>"$T/demo.err"; }
demo || {
	tail -15 "$T/demo.txt" "$T/demo.err" | sed 's/^/# /'
	demo
}
is $? 0 'the demo ends with exit status 0'
lap 'the demo'
said=$(cat "$T/demo.txt")
for command in 'ragstack --sections' 'lockstep record' 'lockstep trace info' \
	'lockstep run' 'lockstep promote' 'lockstep prove'; do
	like "$said" "^\\$ .*$command" "it shows \`$command\`"
done
like "$said" 'PASS' 'a healthy release passes'
like "$said" 'FAIL' 'a bad one fails'
like "$said" '(index swap error|data loss)' 'its likely cause is named'
like "$said" 'Proven' 'the suite is proven'
for file in $(grep -oE "$T/demo/[^ ]*\.(html|yml|zst)" <<<"$said" | sort -u)
do
	ok "it names ${file##*/}, which is there" test -s "$file"
done
unlike "$(grep -rl 'Bearer secret' "$T/demo" 2>/dev/null)" . \
	'the credential of the requests is nowhere'
# a run of more than ten seconds says how far it is, and of its errors that
# there are none
unlike "$(sed '/ requests .* 0 errors .* ETA /d' "$T/demo.err")" '(rror|not found|annot)' 'nothing complains'
done_testing
