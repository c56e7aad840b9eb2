#!/bin/bash
# `make demo` as a newcomer sees it: it ends with exit status 0, and every
# step shows the command that it runs.
set -u
. tests/lib/tap.sh
export DEMO_DIR=$T/demo
unset LOCKSTEP_HOME
start=$SECONDS
BUILD=$BUILD fixtures/demo.sh </dev/null >"$T/demo.txt" 2>"$T/demo.err"
is $? 0 'the demo ends with exit status 0' ||
	tail -15 "$T/demo.txt" "$T/demo.err" | sed 's/^/# /'
ok "in its time ($((SECONDS - start)) s)" test $((SECONDS - start)) -lt 240
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
unlike "$(cat "$T/demo.err")" '(rror|not found|annot)' 'nothing complains'
done_testing
