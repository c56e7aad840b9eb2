#!/usr/bin/env bash
# lockstep ramp: steps by full windows, what stops and holds it, and that the
# rollback is never run twice, wherever a crash cuts the journal.
. tests/lib/tap.sh

# ---- a shadow's status, from a file ------------------------------------------
serve server python3 tests/lib/shadow.py status "$T/status.json"

# status PAIRS [VERDICT-CODE [STOPS]]: what it says from now on
status() {
	cat >"$T/status.new" <<-JSON
		{"verdict_code": ${2:-1}, "pairs": $1, "seconds": $1,
		 "hard_stop": $([ "${2:-1}" = 3 ] && echo true || echo false),
		 "reason": "answer drift: 0.071 (limit 0.030)",
		 "window": {"pairs_needed": 100, "seconds_needed": 0},
		 "stops": [${3:-}]}
	JSON
	mv "$T/status.new" "$T/status.json"
}
# the weight's command counts pairs on, so that each window fills
cat >"$T/set" <<'SH'
#!/bin/sh
echo "set $LOCKSTEP_WEIGHT after $LOCKSTEP_PREVIOUS_WEIGHT" >>"$LOG"
SH
cat >"$T/back" <<'SH'
#!/bin/sh
echo "back $LOCKSTEP_WEIGHT: $LOCKSTEP_REASON" >>"$LOG"
SH
chmod +x "$T/set" "$T/back"
export LOG=$T/log
# ramp OPTION...: with quick looks; its status in $code
ramp() {
	code=0
	timeout 60 "$lockstep" ramp --journal "$T/journal" --interval 50ms \
		"$@" >"$T/out" 2>"$T/err" </dev/null || code=$?
}
fresh() { rm -f "$T/journal" "$LOG"; : >"$LOG"; }
begin=(--status "$url/status" --set-weight "$T/set" --rollback "$T/back")
# begun WORD: waits until the journal has so many of that event
begun() {
	local i n
	for i in $(seq 600); do
		n=$(grep -c "\"event\":\"$1\"" "$T/journal" 2>/dev/null)
		[ "${n:-0}" -lt "${2:-1}" ] || return 0
		sleep .05
	done
	return 1
}
backs() { grep -c '^back' "$LOG"; }

# ---- to the end --------------------------------------------------------------
fresh; status 100
ramp "${begin[@]}" --steps 0,5,50,100 & ramp_pid=$!
good=0
for step in 1 2 3 4; do
	begun window $step || good=1
	status $((step * 1000)) # a window is full
done
wait $ramp_pid
tap_say $good 'each step waits for its own window' || true
is "$(cat "$LOG")" 'set 5 after 0
set 50 after 5
set 100 after 50' 'the weights, each with the one before'
ok 'the journal says that it is complete' grep -q '"complete"' "$T/journal"
ramp --resume
is $code 0 'a complete ramp that is resumed is complete'
ramp "${begin[@]}"
is "$code $(grep -c 'is there already: --resume' "$T/err")" '2 1' \
	'a journal is never written over'

# ---- a hard stop -------------------------------------------------------------
fresh; status 100
ramp "${begin[@]}" & ramp_pid=$!
begun window; status 1000; begun set_weight_end; begun window 2
status 1050 3 '{"class": "hard"}'
wait $ramp_pid
is "$(cat "$LOG")" 'set 5 after 0
back 0: answer drift: 0.071 (limit 0.030)' \
	'a hard stop at 5 % rolls back, with the reason'
ok 'the time that the way back took is in the journal' grep -qE \
	'"rollback_end".*"seconds":(0\.[0-9]|[1-9])' "$T/journal"
ramp --resume
is "$code $(backs)" '1 1' 'resumed, it is over, and not rolled back again'
cp "$T/journal" "$T/whole"

# ---- a crash at every place of the journal -----------------------------------
lines=$(wc -l <"$T/whole")
for ((n = 1; n <= lines; n++)); do
	for torn in '' torn; do
		head -n "$n" "$T/whole" >"$T/journal"
		# the next line as far as a crash let it
		[ -z "$torn" ] || sed -n "$((n + 1))p" "$T/whole" |
			head -c 20 >>"$T/journal"
		: >"$LOG"
		was=$(head -n "$n" "$T/whole")
		want='1 1'	# rolled back once
		[[ $was != *rollback_begin* ]] || want='5 0' # not known: asks
		[[ $was != *rollback_end* ]] || want='1 0' # done
		ramp --resume
		[ "$code $(backs)" = "$want" ] || {
			diag "line $n $torn: $code $(backs), not $want"; bad=1; }
	done
done
is "${bad:-0}" 0 "cut behind each of $lines lines, and within: rolled back \
once, or asked where the end is not known"
grep -v rollback_end "$T/whole" >"$T/journal"; : >"$LOG"
ramp --resume --rollback-again
is "$code $(backs)" '1 1' '--rollback-again runs it once more'

# ---- kill -9 -----------------------------------------------------------------
slow=$T/slow
cat >"$slow" <<'SH'
#!/bin/sh
trap '' TERM
echo "back $LOCKSTEP_WEIGHT" >>"$LOG"
while [ ! -e "$GO" ]; do sleep .05; done
SH
chmod +x "$slow"
export GO=$T/go
# kill_in EVENT WORD OPTION...: a ramp that is killed once that was noted and
# its command has said WORD, if not '': an event is noted before its command runs
kill_in() {
	local event=$1 word=$2; shift 2
	"$BUILD/lockstep" ramp --journal "$T/journal" --interval 50ms "$@" \
		>/dev/null 2>&1 </dev/null &
	local pid=$!
	begun "$event"
	[ -z "$word" ] || await 30 grep -q "^$word" "$LOG"
	kill -9 $pid
	wait $pid 2>/dev/null
}
fresh; status 1000 3
kill_in rollback_begin back --status "$url" --set-weight "$T/set" \
	--rollback "$slow"
ramp --resume
is "$code $(backs)" '5 1' 'killed in its rollback: not run twice, and says so'
ok 'when it was begun is said, and what to do' grep -q \
	'begun at 20.*its end is not known' "$T/out"
touch "$GO"
fresh; rm -f "$GO"; status 100
kill_in set_weight_begin back --steps 5,100 --status "$url" \
	--set-weight "$slow" --rollback "$T/back"
touch "$GO"
ramp --resume & ramp_pid=$!
begun set_weight_end; begun window; status 1000 3
wait $ramp_pid
is "$(grep -c '^back 5' "$LOG") $(grep -c '^back 0' "$LOG")" '2 1' \
	'killed while a weight is set: set again, judged, rolled back once'
fresh; status 100
kill_in window '' "${begin[@]}" --steps 0,5
status 150; ramp --resume --patience 300ms
is "$code" 3 'killed in a window: it goes on, and holds when no pair comes'
is "$(grep -c '"event":"window"' "$T/journal")" 1 \
	'and its window is the one that was begun'
status 210 3; ramp --resume
is "$code $(backs)" '1 1' 'and the hard stop comes all the same'

# ---- a blue/green switch, and its way back ------------------------------------
# fails once for each line of $T/bad-WEIGHT
cat >"$T/check" <<'SH'
#!/bin/sh
echo "check $LOCKSTEP_WEIGHT" >>"$LOG"
[ ! -s "$BAD$LOCKSTEP_WEIGHT" ] || { sed -i 1d "$BAD$LOCKSTEP_WEIGHT"; exit 7; }
SH
chmod +x "$T/check"
export BAD=$T/bad-
switch=("${begin[@]}" --steps 0,100 --validate "$T/check" --rehearse-back)
said() { tr '\n' ';' <"$LOG"; }
fresh; status 100
echo once >"$T/bad-100"
ramp "${switch[@]}" & ramp_pid=$!
begun window 1; status 1000; begun window 2; status 2000
wait $ramp_pid
is "$(said)" 'set 100 after 0;check 100;check 100;back 0: ;check 0;'\
'set 100 after 0;check 100;' \
	'over, validated, back, validated, over again'
ok 'how long the way back took is said' grep -qE \
	'back and validated after [0-9.]+ s, of 120.0 s that it may take' "$T/out"
ok 'and in the journal' grep -qE '"event":"back".*"seconds":[0-9.]+.*"ok":true' \
	"$T/journal"
cp "$T/journal" "$T/whole"
lines=$(wc -l <"$T/whole") bad=0
for ((n = 1; n <= lines; n++)); do
	head -n "$n" "$T/whole" >"$T/journal"
	: >"$LOG"
	last=$(tail -n 1 "$T/journal" | grep -oE '"event":"[a-z_]+"')
	case $(grep -c '"event":"back"' "$T/journal")$last in
	0 | 0*window*) want='3 0' ;;		# no window fills
	*rollback_begin*) want='5 0' ;;		# not known: asks
	*rollback_end*) want='1 0' ;;		# it is back: aborted
	0*) want='3 1' ;;			# the rehearsal is to come
	*passed* | *complete*) want='0 0' ;;
	*) want='3 0' ;;			# it was
	esac
	status 1; ramp --resume --patience 100ms
	[ "$code $(backs)" = "$want" ] || {
		diag "line $n: $code $(backs), not $want"; bad=1; }
done
is $bad 0 "cut behind each of $lines lines: the way back is never run twice"
fresh; status 100; yes | head -n 1000 >"$T/bad-100"
ramp "${begin[@]}" --steps 5,100 --validate "$T/check" --valid-within 300ms &
ramp_pid=$!
begun window; status 1000
wait $ramp_pid; code=$?
is "$(tail -n 2 "$LOG" | sed 's/ after [0-9].*//' | tr '\n' ';')" \
	'back 0: not validated;check 0;' \
	'a weight that is not validated is taken back, and that is validated'
rm "$T/bad-100"
fresh; status 100
ramp "${begin[@]}" --steps 5,100 --validate 'echo check >>"$LOG"
	[ "$LOCKSTEP_WEIGHT" = 0 ] || exec sleep 300' & ramp_pid=$!
await 30 grep -q check "$LOG"; status 200 3
wait $ramp_pid
is "$(cut -d: -f1 "$LOG" | xargs)" 'set 5 after 0 check back 0 check' \
	'a hard stop does not wait for a validation'
fresh; status 100; yes | head -n 1000 >"$T/bad-0"
ramp "${switch[@]}" --steps 100 --valid-within 300ms
is "$code $(backs) $(grep -c 'NOT VALIDATED' "$T/out")" '5 1 1' \
	'a way back that is not validated is told, loudly'
ramp --resume --valid-within 300ms
is "$code $(backs)" '5 1' 'and again, not run twice'
rm "$T/bad-0"
ramp --resume
is "$code $(backs)" '1 1' 'until it is validated'
"$lockstep" guardrails >"$T/guardrails"
ok 'it is known of guardrail 3' grep -q 'PASS .*, way back of' "$T/guardrails"
fresh; ramp "${switch[@]}" --steps 100 --valid-within 1ms
is "$code $(backs) $(grep -c 'LONGER' "$T/out")" '1 1 1' \
	'a way back that takes too long aborts, and is not run again'
fresh; ramp "${begin[@]}" --rehearse-back
is "$code $(grep -c 'needs --validate' "$T/err")" '2 1' \
	'a rehearsal needs a validation'

# ---- soft stops, and what is not there ---------------------------------------
fresh; status 100 2 '{"class": "soft"}'
ramp "${begin[@]}" --steps 5,100
is "$code $(cat "$LOG")" '3 set 5 after 0' 'a soft stop holds, the weight stays'
ramp --resume
is "$code $(wc -l <"$LOG")" '3 1' 'and holds still when it is resumed'
ramp --resume --accept & ramp_pid=$!
begun window; status 1000 2 '{"class": "soft"}'; begun window 2
status 2000 2 '{"class": "soft"},{"class": "soft"}'
wait $ramp_pid
is "$(tail -n 1 "$LOG")" 'set 100 after 5' 'accepted, it goes on'
ok 'another soft stop holds again' grep -q 'HELD' "$T/out"
fresh; rm "$T/status.json"
ramp "${begin[@]}" --patience 300ms
is "$code" 3 'without a status nothing is given: held'
fresh; status 100
ramp --status "$url" --set-weight false --rollback "$T/back" --steps 5,100
is "$code $(backs)" '1 1' 'a weight that cannot be set is rolled back'
fresh
ramp --status "$url" --set-weight 'exit 3' --steps 5,100
is "$code $(grep -c 'rollback FAILED: it ended with status 3' "$T/out")" \
	'5 1' 'a rollback that fails is told, loudly'
fresh
ramp --status "$url" --set-weight true --steps 5,5
is "$code" 2 'steps must rise'
done_testing
