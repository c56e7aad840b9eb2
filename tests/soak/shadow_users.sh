#!/usr/bin/env bash
# 11,000 users of a shadow leave in the middle of an answer of 100 MB, half of
# them by a reset: memory and descriptors stay what they were after 1,000.
# USERS: so many. CANDIDATE: ok, or what else tests/lib/shadow.py can be.
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
. tests/lib/shadow.sh
users=${USERS:-10000}

memory() { awk '/^VmRSS/ { print $2 }' "/proc/$shadow/status"; }
descriptors() { ls "/proc/$shadow/fd" | wc -l; }
# settled: nobody is being served any more
settled() {
	until_shadow '.account.waiting == 0' &&
		await 60 eval '[ "$(descriptors)" -le '"${1:-100000}"' ]'
}

service primary flood; primary=$url
service candidate "${CANDIDATE:-ok}"
shadow "$url" --allow 'POST /query' --echo 0
shadow=$pid
is "$(py cut "$url" 1000)" 1000 '1,000 users leave in mid-answer'
ok 'nobody is served any more' settled
before=$(memory) open=$(descriptors)
is "$(py cut "$url" "$users")" "$users" "$users more do"
ok "no descriptor more than the $open before" settled "$open"
after=$(memory)
ok "memory: $before kB after 1,000, $after kB after all" \
	test "$after" -lt $((before + 16384))
is "$(curl -s -d '{"question":"x"}' "$url/query" | wc -c)" 104857600 \
	'the next user gets a whole answer'
finish
ok 'the account adds up' test "$(part seen | head -n 1)" -eq $((users + 1001))
done_testing
