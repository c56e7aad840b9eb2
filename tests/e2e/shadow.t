#!/usr/bin/env bash
# lockstep shadow: users get the primary's bytes whatever the candidate does;
# only reads go there, without users' credentials; caps and the share hold;
# the account adds up; what was kept is judged as a run.
. tests/lib/tap.sh
. tests/lib/shadow.sh
# what is seen is the sum of all else
adds_up() {
	perl -e '$_ = shift; s/\(.*?\)//g; my ($seen, $rest) =
		/seen (\d+) = (.*)/ or exit 1;
		my $sum = 0; $sum += $_ for $rest =~ /\d+/g;
		exit($sum != $seen)' "$account"
}

# on_disk RUN N: so many of its pairs are
on_disk() {
	[ "$("$lockstep" trace cat "$T/home/runs/$1/obs.jsonl.zst" \
		2>/dev/null | grep -c '"arm":"candidate"')" -ge "$2" ]
}

service primary ok; primary=$url
service candidate ok; good=$url
service other other; other=$url

# ---- a good candidate, and what goes to it ---------------------------------
cat >"$T/suite.yml" <<-YML
	lockstep: 1
	name: live
	cases:
	- {id: a, question: "none of these is asked"}
	- id: b
	  question: "how long is LEAVE number 3?"
	  critical: true
	  expect: [{at: /answer, op: contains, value: "number 3"}]
	request: {path: /query, body: {question: "{{question}}"}}
	targets:
	  baseline: {url: "$primary"}
	  candidate:
	    url: "$good"
	    headers: {X-Team: search, Authorization: "Bearer \${CAND_TOKEN}"}
YML
export CAND_TOKEN=own-token-of-the-candidate
shadow "$good" --suite "$T/suite.yml" --echo 0.5
like "$(cat "$T/shadow.out")" "^shadow $url -> $primary, aside $good; run " \
	'it says who is behind it'
like "$(cat "$T/shadow.out")" '^mirrored: GET /query, POST /query$' \
	"and that the suite's route alone is mirrored"
ok 'a kill right now leaves a run that can be scored' \
	test -s "$T"/home/runs/*/job.json
is "$(py same "$primary" "$url" 40)" 40 \
	"users get the primary's bytes"
is "$(py ask "$url" 10 'Authorization: Bearer hush-bearer' \
	'Cookie: sid=hush-jar' 'X-Api-Key: hush-key' 'X-Plain: stays' \
	'Idempotency-Key: of-the-user' 'Connection: X-Hop' 'X-Hop: gone')" 10 \
	'with credentials, too'
curl -s "$url/query?q=leave&api_key=hush-parameter" >/dev/null
curl -s -d '{"question":"x","password":"hush-member"}' \
	-H 'Content-Type: application/json' "$url/query" >/dev/null
for way in PUT PATCH DELETE; do
	curl -s -X $way -d '{"question":"write"}' "$url/query" >/dev/null
done
curl -s -d '{}' "$url/orders" >/dev/null
curl -s "$url/admin" >/dev/null
ok 'all pairs are there' until_shadow '.pairs == 52 and .written >= 104'
is "$(curl -s "$status" | jq '.shadow.account | del(.seen) | add == 57')" true \
	'the status adds up'
is "$(curl -s "$status" | jq -r '.verdict')" watching \
	'and has the live verdict'
like "$(curl -s "${status%status}metrics")" \
	'^lockstep_shadow_requests_total\{fate="not_allowed"\} 5' 'as metrics'
like "$(curl -s "${status%status}metrics")" '^lockstep_live_verdict' \
	'those of the live verdict, too'
is "$(curl -s "${status%status}metrics" | grep -c EOF)" 1 'with one end'
is "$(curl -s -o "$T/gate" -w '%{http_code}' "${status%status}gate") $(
	cut -d: -f1 "$T/gate")" '503 watching' 'the gate says so by its status'
run=$(grep -o 'run 2.*' "$T/shadow.out"); run=${run#run }
await 60 on_disk "$run" 52
cp -r "$T/home/runs/$run" "$T/killed"
finish
is "$code" 0 'it passes'
like "$(cat "$T/shadow.out")" '^✓ PASS: no regression was found in 52' \
	'and reports'
like "$account" 'seen 57 = mirrored 52 .* not allowed 5 ' 'the account'
ok 'adds up' adds_up
echoes=$(part 'primary asked once more')
ok 'half of the pairs have an echo' test "$echoes" -ge 20 -a "$echoes" -le 32
is "$(jq -r '.method + " " + (.path | sub("[?].*"; ""))' \
	"$T/candidate.log" | sort | uniq -c | xargs)" '1 GET /query 51 POST /query' \
	'writes and other routes do not reach the candidate'
unlike "$(cat "$T/candidate.log")" 'hush-' "nor do users' credentials"
is "$(jq -r '[.headers["Authorization"], .headers["X-Team"]] | join(" ")' \
	"$T/candidate.log" | sort -u)" 'Bearer own-token-of-the-candidate search' \
	"it gets its own of the suite's"
is "$(jq -r 'select(.headers["X-Plain"] != null) | [.headers["X-Plain"],
	.headers["X-Hop"], .headers["X-Lockstep-Shadow"]] | join(" ")' \
	"$T/candidate.log" | sort | uniq -c | xargs)" '10 stays true' \
	'other headers stay, those of the hop do not, and it is tagged'
is "$(jq -r '.headers["X-Lockstep-Shadow-Id"]' "$T/candidate.log" | sort -u |
	wc -l)" 52 'with an id for each'
is "$(jq -r '.headers["X-Lockstep-Req-Hash"]' "$T/candidate.log" | sort -u |
	wc -l)" 42 'and a hash for equal requests'
unlike "$(cat "$T/candidate.log")" 'of-the-user' \
	"the user's idempotency key is not used again"
obs=$T/home/runs/$run/obs.jsonl.zst
unlike "$(zstd -dc "$obs"; cat "$T"/home/runs/"$run"/*.{json,yml})" \
	'hush-|own-token' 'no credential is on disk'
is "$(zstd -dc "$obs" | jq -r 'select(.key) | .key.arm' | sort | uniq -c |
	xargs)" "52 baseline $echoes baseline2 52 candidate" \
	'the pairs are the observations of a run'
status 0 'which is scored again' "$lockstep" score last
is "$("$lockstep" trace cat "$T/killed/obs.jsonl.zst" 2>/dev/null |
	grep -c '"arm":"candidate"')" 52 'a kill loses none that was written'

# ---- a bad one ------------------------------------------------------------------
shadow "$other" --suite "$T/suite.yml" --echo 1 --in-flight 100
py ask "$url" 40 >/dev/null
until_shadow '.pairs == 40'
finish
is "$code" 1 'another answer to everything does not pass'
like "$(cat "$T/shadow.err")" '1 of the pairs ask what the suite' \
	"a question of the suite's gold is recognised"
like "$(cat "$T/shadow.out")" 'FAIL: critical case [0-9a-f]{16}-4:' \
	'and judged by it'
unlike "$(cat "$T/shadow.err")" 'has changed' 'the suite is the run'"'"'s own'
ok 'what failed is promoted' "$lockstep" promote last --incident INC-7 \
	--owner search --dir "$T/promoted" --reason 'the shadow saw it'
status 0 'to a suite that stands alone' "$lockstep" check \
	"$T/promoted/INC-7.yml"
like "$(cat "$T/shadow.err")" 'primary asked once more 40' \
	'its echoes are asked'
# its state goes on where a kill left it
for turn in 1 2; do
	shadow "$other" --suite "$T/suite.yml" --echo 0 --state "$T/state"
	py ask "$url" 200 >/dev/null
	until_shadow '.pairs == 200'
	await 60 test -s "$T/state"
	[ $turn = 1 ] || continue
	run=$(grep -o 'run 2.*' "$T/shadow.out"); run=${run#run }
	# until all are on the disk
	until_shadow '.written >= 400'
	await 60 on_disk "$run" 200
	kill -9 $pid
	wait $pid 2>/dev/null
	kept=$("$lockstep" trace cat "$T/home/runs/$run/obs.jsonl.zst" \
		2>/dev/null | grep -c '"arm":"candidate"')
done
is "$kept" 200 'kill -9 loses no pair that was written'
is "$(curl -s "$status" | jq -r '.verdict')" hard_stop \
	'live: other answers to 400 questions are a hard stop'
is "$(curl -s -o /dev/null -w '%{http_code}' "${status%status}gate")" 403 \
	'the gate says no'
finish
is "$code" 1 'which is a FAIL'
like "$(cat "$T/shadow.err")" 'lockstep shadow: hard_stop: ' \
	'said as it comes'

# ---- whatever the candidate does -------------------------------------------------
# sick MODE OPTION...: 40 users behind a candidate like that
sick() {
	local mode=$1; shift
	if [ "$mode" = dead ]; then
		url=http://127.0.0.1:1
	else
		service "$mode" "$mode"
	fi
	shadow "$url" --allow 'POST /query' --grace 300ms --echo 0 "$@"
	is "$(py same "$primary" "$url" 40)" 40 \
		"$mode: users get the primary's bytes"
}
sick dead
until_shadow '.pairs == 40'
finish
like "$(cat "$T/shadow.err")" 'candidate asked 40: unreachable 40' \
	'dead: counted as such'
ok 'dead: the account adds up' adds_up
ok 'dead: no pass' test "$code" -ne 0
sick hang --in-flight 2 --waiting 5 --deadline 10m
until_shadow '.account.mirrored == 2'
finish
is "$(part mirrored | head -1)" 2 'hang: two are under way'
like "$account" 'queue full 3[0-9]' 'hang: the rest was dropped and counted'
ok 'hang: the account adds up' adds_up
sick reset
until_shadow '.pairs == 40'
finish
like "$(cat "$T/shadow.err")" 'candidate asked 40: reset 40' \
	'reset: counted as such'
sick flood --in-flight 2
until_shadow '.pairs > 0 and .account.waiting == 0 and .pairs == .account.mirrored'
finish
is "$(part too_large)" "$(part mirrored | head -1)" 'flood: cut off, counted'
ok 'flood: the account adds up' adds_up
sick slow --in-flight 4 --waiting 10
finish
ok 'slow: the account adds up' adds_up
sick shed --in-flight 1 --waiting 1
ok 'shed: it is left alone' until_shadow '.pause_seconds > 10'
py ask "$url" 5 >/dev/null
until_shadow '.account.waiting == 0'
finish
is "$(wc -l <"$T/shed.log")" 1 'shed: one 429, and nothing is sent for a minute'
like "$account" 'the candidate is left alone' 'shed: counted'
ok 'shed: the account adds up' adds_up

# ---- caps and the share ------------------------------------------------------------
service capped ok; capped=$url
shadow "$capped" --allow 'POST /query' --max-requests 7
py ask "$url" 20 >/dev/null
until_shadow '.account.waiting == 0'
finish
is "$(wc -l <"$T/capped.log")" 7 '--max-requests'
like "$account" 'max-requests used up 13' 'counted'
shadow "$capped" --allow 'POST /query' --max-rps 1 --max-requests 1000
py ask "$url" 40 >/dev/null
until_shadow '.account.waiting == 0'
finish
like "$account" 'over --max-rps [0-9]+' '--max-rps, counted'
ok 'the account adds up' adds_up
shadow "$capped" --allow 'POST /query' --share 0.25
py ask "$url" 1000 >/dev/null
until_shadow '.account.waiting == 0'
finish
n=$((1000 - $(part 'not in the share')))
ok 'a share of 0.25 is kept within 2 %' test "$n" -ge 245 -a "$n" -le 255
shadow "$capped" --allow 'POST /query' --share 0.5 --sticky header:X-User
for u in 1 2 3 4 5 6 7 8; do py ask "$url" 5 "X-User: user$u"; done >/dev/null
until_shadow '.account.waiting == 0'
finish
is "$(($(part 'not in the share') % 5))" 0 'sticky: all or none of a user'

# ---- mirrored by another proxy -----------------------------------------------------
serve shadow "$lockstep" shadow --from-mirror 127.0.0.1:0 --primary "$primary" \
	--candidate "$good" --allow 'POST /query' --ask-primary 0.5 \
	--status 127.0.0.1:0
await 60 grep -q 'status at' "$T/shadow.out"
status=$(sed -n 's/^status at //p' "$T/shadow.out")
is "$(curl -s -o /dev/null -w '%{http_code}' -d '{"question":"a"}' \
	"$url/query")" 204 'a copy is answered at once'
for i in $(seq 63); do
	curl -s -o /dev/null -d "{\"question\":\"$i\"}" "$url/query"
done
ok 'all are asked' until_shadow '.pairs + .no_partner == 64'
finish
is "$(part 'pairs') $(part 'without a partner')" '32 32' \
	'the primary is asked for half, the others are counted'
ok 'the live page is printed at the end' grep -q \
	'^pairs 32  window 1 (32/500)' "$T/shadow.err"
ok 'the account adds up' adds_up
ok 'and judged' test "$code" -ne 2

# ---- behind a real nginx, whose users do not meet shadow at all --------------------
if command -v nginx >/dev/null; then
	shadow_as shadow --from-mirror 127.0.0.1:0 --candidate "$good" \
		--allow 'POST /query' --ask-primary 1
	mirroring "$primary" "$url"
	is "$(py ask "$front" 20 'Cookie: sid=hush-nginx')" 20 \
		'users of nginx get their answers'
	ok 'its copies become pairs' until_shadow \
		'.pairs == 20 and .account.not_allowed >= 1'
	kill -9 $pid
	wait $pid 2>/dev/null
	is "$(py ask "$front" 5)" 5 \
		'and without shadow, too: it was killed'
	unlike "$(cat "$T/candidate.log")" 'hush-' 'no credential in the copies'
fi

# ---- nothing to judge --------------------------------------------------------------
shadow "$good" --allow 'POST /query'
curl -s "$url/else" >/dev/null
finish
is "$code" 2 'without a pair nothing passes'
like "$(cat "$T/shadow.err")" 'nothing was judged' 'and it says so'

# ---- one service on both sides: whatever it answers, the candidate does as well ------
service odd odd
primary_was=$primary primary=$url
shadow "$url" --allow 'GET /query/*' --allow 'HEAD /query*' \
	--allow 'POST /query' --echo 0
for how in 204 304 302 head large; do
	curl -s -o /dev/null "$url/query/$how?[1-20]"
done
curl -s -o /dev/null --head "$url/query?[1-20]"
curl -s -o /dev/null -d x -H 'X-HTTP-Method-Override: DELETE' "$url/query"
curl -s -o /dev/null -d '_method=PUT' "$url/query"
ok 'all but the large ones are compared' until_shadow '.pairs == 100'
is "$(curl -s "$status" | jq -c '[.verdict, .shadow.account.too_large,
	.shadow.account.not_allowed]')" '["watching",20,2]' \
	'none is held against it; a write that hides in a POST is not mirrored'
is "$(curl -s "$status" | jq -c '.arms | [.primary, .candidate] | map(.outcomes |
	map_values(select(. > 0))) | .[0] == .[1]')" true 'both count the same'
finish
primary=$primary_was

# ---- what it does not do -----------------------------------------------------------
status 2 'no write may be allowed' "$lockstep" shadow --listen 127.0.0.1:0 \
	--primary "$primary" --candidate "$good" --allow 'DELETE /query'
like "$(cat "$T/err")" 'writes are never mirrored' 'it says why'
status 2 'without a route nothing is mirrored' "$lockstep" shadow --listen \
	127.0.0.1:0 --primary "$primary" --candidate "$good"
like "$(cat "$T/err")" "give --allow 'POST /path'" 'it says what to give'
status 2 'no credential goes in the clear' "$lockstep" shadow --listen \
	127.0.0.1:0 --primary "$primary" --candidate http://192.0.2.1 \
	--allow 'POST /query' --auth forward
like "$(cat "$T/err")" 'without TLS' 'it says why'
service forwarded ok
shadow "$url" --allow 'POST /query' --auth forward
py ask "$url" 3 'Authorization: Bearer hush-forwarded' >/dev/null
until_shadow '.pairs == 3'
run=$(grep -o 'run 2.*' "$T/shadow.out"); run=${run#run }
finish
is "$(grep -c 'hush-forwarded' "$T/forwarded.log")" 3 \
	'--auth forward passes it on'
unlike "$(zstd -dc "$T/home/runs/$run/obs.jsonl.zst")" 'hush-' 'in memory alone'

done_testing
