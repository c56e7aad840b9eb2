#!/usr/bin/env bash
# Several shadows, one verdict: pairs of others are sent to one (--join), which
# judges and keeps all of them and shares its caps; who does not know the token
# does not join.
. tests/lib/tap.sh
. tests/lib/shadow.sh
# one NAME OPTION...: a shadow; sets url, pid, status
one() {
	local name=$1; shift
	shadow_as "$name" --home "$T/home-$name" --listen 127.0.0.1:0 \
		--candidate "$candidate" --allow 'POST /query' "$@"
}
# until_one FILTER STATUS: that one says so
until_one() { local status=$2; until_status "$1"; }
end() { kill -INT "$1"; wait "$1"; }
service primary ok; primary=$url
service other other; candidate=$url
export LOCKSTEP_JOIN_TOKEN=hush-token

# ---- one verdict -----------------------------------------------------------------
one all --echo-differ 1 --echo 1
all=$status all_pid=$pid all_url=$url scorer=${status%/status}
one m1 --echo-differ 1 --echo 1 --join "$scorer"; m1=$status m1_pid=$pid m1_url=$url
one m2 --echo-differ 1 --echo 1 --join "$scorer"; m2=$status m2_pid=$pid m2_url=$url
until_one '.shadow.members == 2' "$all"
for u in "$all_url" "$m1_url" "$m2_url"; do
	py ask "$u" 8 'Authorization: Bearer hush-bearer' >/dev/null
done
ok 'the pairs of three are in one verdict' until_one \
	'.pairs == 24 and .shadow.members == 2 and .shadow.members_pairs == 16' "$all"
is "$(curl -s "$all" | jq -r .verdict)" hard_stop \
	'which has seen enough for a hard stop'
is "$(curl -s "$m1" | jq -r '[.pairs, .verdict] | join(" ")')" '8 watching' \
	'one of them alone has not'
end $m1_pid; end $m2_pid; end $all_pid
is $? 1 'it is a FAIL'
obs=$(ls "$T"/home-all/runs/*/obs.jsonl.zst)
is "$(zstd -dc "$obs" | jq -r 'select(.key) | .key.case' | sort -u |
	wc -l)" 24 'the report is of all of them'
is "$(zstd -dc "$obs" | jq -r 'select(.key) | .id' | sort | uniq -d |
	wc -l)" 0 'and no two have one id'
status 0 'its trace is sound' "$lockstep" trace verify "$obs"
unlike "$(zstd -dc "$T"/home-*/runs/*/obs.jsonl.zst)" 'hush-' \
	'no credential, and no token, is on a disk'

# ---- what others may send --------------------------------------------------------
case=$(zstd -dc "$obs" | jq -r 'select(.key) | .key.case' | head -n 1)
pair() {	# the lines of one, as a member sends them
	echo '{"pair":[1,1,0],"apart":false}'
	zstd -dc "$obs" | jq -c --arg c "$case" 'select(.key.case == $c and
		.key.arm == "baseline")'
	zstd -dc "$obs" | jq -c --arg c "$case" 'select(.key.case == $c and
		.key.arm == "candidate")'
}
post() {	# HEAD: and what follows; prints the status
	{ echo "$1"; cat; } | curl -s -o "$T/answer" -w '%{http_code}' -H \
		'Authorization: Bearer hush-token' --data-binary @- \
		"$scorer/v1/pairs"
}
one all
all=$status all_pid=$pid scorer=${status%/status}
is "$(pair | post '{"member":"x","start_wall_ns":-9223372036854775808}')" 200 \
	'a pair whose clock is impossible is taken'
ok 'it is in the verdict' until_one '.pairs == 1' "$all"
end $all_pid
is "$(zstd -dc "$(ls -t "$T"/home-all/runs/*/obs.jsonl.zst | head -n 1)" |
	jq -r 'select(.key) | .sent < 3600000000000' | sort -u)" true \
	'as sent when it may have been'

one all --state "$T/all.state"
all=$status all_pid=$pid scorer=${status%/status}
batch() { pair | post '{"member":"x","session":"'$1'","batch":'$2'}'; }
pairs() { curl -s "$all" | jq -c '[.pairs, .shadow.members_pairs]'; }
is "$(batch s 1) $(batch s 1)" '200 200' 'a batch whose answer was lost'
is "$(pairs)" '[1,1]' 'is counted once'
is "$({ pair; echo 'no pair'; } |
	post '{"member":"x","session":"s","batch":2}')" 400 'a bad line'
is "$(pairs)" '[1,1]' 'takes the pairs before it along'
is "$(batch s 2)" 200 'which may come again'
is "$(pairs)" '[2,2]' 'whole'
await 30 grep -qF '\"s\",2' "$T/all.state"
kill -9 $all_pid
wait $all_pid 2>/dev/null
one all --state "$T/all.state"
all=$status all_pid=$pid scorer=${status%/status}
is "$(batch s 2) $(pairs)" '200 [2,0]' 'and is known after a kill'
is "$(batch new 1) $(pairs)" '200 [3,1]' 'a member that starts anew counts'
# the state cannot be saved any more, and it is killed
rm "$T/all.state" "$T/all.state.run"
end_hard() { kill -9 "$1"; wait "$1" 2>/dev/null; }
end_hard $all_pid
one all --state "$T/all.state"
all=$status all_pid=$pid scorer=${status%/status}
cp "$T/all.state" "$T/kept.state"
rm "$T/all.state"; mkdir "$T/all.state"
other() { pair | jq -c 'if .key then .key.case = "k-7" | .id = "k-7-" + .key.arm
	else . end' | post '{"member":"x","session":"other","batch":1}'; }
is "$(other)" 200 'a batch is taken'
until_one '.pairs == 1' "$all"
await 30 grep -q 'not in the live verdict' "$T/all.err"
end_hard $all_pid
rmdir "$T/all.state"; mv "$T/kept.state" "$T/all.state"
one all --state "$T/all.state"
all=$status all_pid=$pid scorer=${status%/status}
is "$(other)" 200 'and is sent again to the next one, which knows nothing of it'
end $all_pid
is "$(zstd -dc "$T"/home-all/runs/"$(cat "$T/all.state.run")"/obs.jsonl.zst |
	jq -r 'select(.key) | .id' | sort | tr '\n' ' ')" \
	'k-7-baseline k-7-candidate ' 'the trace has its pair once'

service lost lost
one m1 --join "$url"; m1=$status m1_pid=$pid m1_url=$url
# the first answer was taken: it may ask
await 30 eval '[ "$(wc -l <"$T/lost.log")" -ge 2 ]'
py ask "$m1_url" 3 >/dev/null
batches() {
	jq -cs 'map(.body / "\n" | [(.[0] | fromjson | .session, .batch), .[1:]] |
		select(.[1])) | [length > 1, .[0] == .[1], .[0][1]]' "$T/lost.log"
}
ok 'a member sends the same batch until it has an answer' await 30 eval \
	'[ "$(batches)" = "[true,true,1]" ]' || diag "$(batches)"
end $m1_pid

# a batch that takes long: meanwhile it says that it is there
service slowly slowly
one m1 --join "$url"; m1=$status m1_pid=$pid m1_url=$url
await 30 eval '[ "$(wc -l <"$T/slowly.log")" -ge 2 ]'
py ask "$m1_url" 3 >/dev/null
await 30 grep -q batch "$T/slowly.log"
ok 'a member is heard of while its batch is on its way' await 30 eval \
	'[ "$(sed "1,/batch/d" "$T/slowly.log" | wc -l)" -ge 3 ]'
is "$(grep -c batch "$T/slowly.log")" 1 'which is sent once'
is "$(tail -n 1 "$T/slowly.log" | jq -c '.body | fromjson | [.rps, .ends]')" \
	'[50,false]' 'it says what it asks at'
: >"$T/slowly.log.go"
end $m1_pid
is "$(tail -n 1 "$T/slowly.log" | jq -c '.body | fromjson | .ends')" true \
	'and says goodbye'

# ---- caps of all together ----------------------------------------------------------
service capped ok; candidate=$url
one all --max-requests 40 --max-rps 400
all=$status all_pid=$pid all_url=$url scorer=${status%/status}
one m1 --join "$scorer"; m1=$status m1_pid=$pid m1_url=$url
ok 'the member is there' until_one '.shadow.members == 1' "$all"
# parts are given out once in a while
for i in $(seq 60); do
	py ask "$all_url" 20 >/dev/null
	py ask "$m1_url" 20 >/dev/null
	[ $i -lt 4 ] || [ "$(wc -l <"$T/capped.log")" -lt 25 ] || break
	sleep .7
done
until_one '.shadow.account.waiting == 0' "$m1"
n=$(wc -l <"$T/capped.log")
ok "two ask the candidate $n times of 40 in all" test "$n" -ge 25 -a "$n" -le 40
end $m1_pid
like "$(cat "$T/m1.err")" 'max-requests used up [0-9]+' \
	'who joined has no cap of its own, and is held to the part it has'
end $all_pid

# ---- money of all together: a request costs .21 to .22 -------------------------------
cat >"$T/priced.yml" <<'YAML'
lockstep: 1
name: priced
cases: [{id: a, question: x}]
request: {path: /query, body: {question: "{{question}}"}}
extract: {preset: generic}
targets:
  candidate: {prices: {tokens_in: 0.01, tokens_out: 0}}
YAML
service spent ok; candidate=$url
one all --max-money 4.5 --suite "$T/priced.yml"
all=$status all_pid=$pid all_url=$url scorer=${status%/status}
one m1 --suite "$T/priced.yml" --join "$scorer"
m1=$status m1_pid=$pid m1_url=$url
one m2 --join "$scorer"; m2=$status m2_pid=$pid m2_url=$url
ok 'the members are there' until_one '.shadow.members == 2' "$all"
spent() { curl -s "$1" | jq .shadow.money; }
for i in $(seq 40); do
	for u in "$all_url" "$m1_url" "$m2_url"; do
		py ask "$u" 5 >/dev/null
	done
	[ "$(jq -n "$(spent "$all") > .2 and $(spent "$m1") > .2 and
		$(spent "$all") + $(spent "$m1") > 3")" != true ] || break
	sleep .3
done
n=$(wc -l <"$T/spent.log")
ok "two spend the money of both, $n requests of 20 at most" test "$n" -ge 14 \
	-a "$n" -le 20 || diag "$(spent "$all") $(spent "$m1")"
is "$(jq -n "$(spent "$all") > .2 and $(spent "$m1") > .2")" true 'either of them'
is "$(curl -s "$m2" | jq -c '[.shadow.money, .shadow.account.over_money > 0]')" \
	'[0,true]' 'who knows no prices asks nothing'
like "$(cat "$T/m2.err")" 'nothing is asked: .* --max-money' 'and says why'
end $m1_pid; end $m2_pid; end $all_pid

# ---- who may not -------------------------------------------------------------------
one all
scorer=${status%/status} all_pid=$pid all=$status
LOCKSTEP_JOIN_TOKEN=hush-other one m1 --join "$scorer"
ok 'another token is refused' await 30 grep -q \
	'does not take pairs: LOCKSTEP_JOIN_TOKEN is another one' "$T/m1.err"
m1_pid=$pid
is "$(curl -s -o /dev/null -w '%{http_code}' -d x "$scorer/v1/pairs")" 401 \
	'as is none'
is "$(printf '{"member":"x"}\nno pair\n' | curl -s -o /dev/null -w \
	'%{http_code}' -H 'Authorization: Bearer hush-token' --data-binary @- \
	"$scorer/v1/pairs")" 400 'and what is no pair'
is "$(curl -s "$all" | jq .pairs)" 0 'nothing of it is in the verdict'
kill -9 $m1_pid $all_pid
wait $m1_pid $all_pid 2>/dev/null
unset LOCKSTEP_JOIN_TOKEN
status 2 'without a token nobody joins' "$lockstep" shadow --listen \
	127.0.0.1:0 --primary "$primary" --candidate "$candidate" \
	--allow 'POST /query' --join http://127.0.0.1:1
like "$(cat "$T/err")" 'needs LOCKSTEP_JOIN_TOKEN' 'it says so'
done_testing
