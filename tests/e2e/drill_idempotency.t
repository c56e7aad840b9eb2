#!/usr/bin/env bash
# Guardrail 9: duplicates of every kind have one effect, and what is planted
# is found, with its class; nothing is left pulled, also after a kill.
. tests/lib/tap.sh
. tests/lib/drill.sh
. tests/lib/drill_kill.sh
suite=suites/guardrails/idempotency.yml
manifest=../shared/data/manifests/idempotency.yml

handbook healthy; healthy=$url
drill 0 'a healthy stack holds' $suite --candidate "$healthy"
like "$(cat "$T/out")" '✓ across a restart' 'in each of the ways'
is "$(grep -c '✓' "$T/out")" 12 'and by its own count'
unlike "$(awk 'length($0) > 100' "$T/out")" . 'within the terminal'
drill 0 'and holds again' $suite --candidate "$healthy" --json \
	--set 'scenarios=[{name: retry-replay-idempotency, keys: 700}]'
is "$(jq -c '[.verdict, .scenarios[0].guardrail, .scenarios[0].drill]' \
	"$T/out")" '["PASS",9,"idempotency"]' 'as JSON, under another name'

caught dupeffects 'idempotency missing' 'after a broken connection' $suite
caught forgetful 'idempotency missing' '^across a restart$' $suite
caught noconflict 'idempotency missing' 'same key, other body' $suite

# --- a manifest that operators have ------------------------------------------
if [ -f $manifest ]; then
	drill 2 'it says what it needs' $manifest --candidate "$healthy"
	like "$(tr -s ' \n' ' ' <"$T/out")" '--set write.path=' 'the one option'
	drill 0 'and runs as it is with it' $manifest --candidate "$healthy" \
		--set write.path=/effects
	like "$(cat "$T/out")" 'a write without a key +was answered 400' \
		'require_headers is judged'
fi

# --- scenarios and their outcome ----------------------------------------------
drill 2 'an unknown drill' $suite --candidate "$healthy" \
	--set 'scenarios=[{name: idempotenzy}]'
like "$(cat "$T/out")" 'no drill is called "idempotenzy"' 'is named'
drill 2 'a suite without drills' suites/smoke.yml --candidate "$healthy"
like "$(cat "$T/err")" 'nothing to drill' 'says so'
drill 3 'what is not required is for review' $suite --candidate "$healthy" \
	--set 'scenarios=[{name: x, drill: idempotency, required: false}]' \
	--set write.path=/nowhere
is "$(jq -rs '[.[].verdict] | join(" ")' "$LOCKSTEP_HOME/drills.jsonl")" \
	"PASS PASS FAIL FAIL FAIL $([ ! -f $manifest ] ||
		echo 'COULD NOT RUN PASS ')COULD NOT RUN FAIL" \
	'each outcome is kept'

# --- killed under way ---------------------------------------------------------
killed() { # WANT WHAT OPTION...: the drill while the stack is killed
	local want=$1 what=$2; shift 2
	killable "kept$tap_n" "$@"
	drill "$want" "$what" $suite --candidate "$url" --set "$kill_lever" \
		--set scenarios.0.keys=400 --set scenarios.0.delay=1ms --json
	like "$(wc -l <"$T/kept"*.killed)" '^ *[1-9]' 'it was killed'
	kill -9 "$pid"
	rm "$T/kept"*.killed
}
if setpriv --pdeathsig KILL true 2>/dev/null; then
	killed 0 'a stack that keeps its effects on disk'
	is "$(jq -r '.scenarios[0].checks[] | select(.name == "killed under way")
		| .verdict' "$T/out")" PASS 'holds while it is killed'
	for fault in forgetful lazykeys=64; do
		killed 1 "killed: $fault" --fault $fault
		is "$(jq -r '.scenarios[0].cause' "$T/out")" \
			'idempotency missing' "the cause of $fault is named"
		like "$(jq -r '.scenarios[0].checks[] | select(.verdict ==
			"FAIL") | .name' "$T/out")" '^killed under way$' \
			'and the way that shows it'
	done
fi

# --- levers are taken back -----------------------------------------------------
cat >"$T/s.yml" <<END
lockstep: 1
name: levers
extends: $PWD/$suite
levers:
  restart:
    request: null
    exec: 'echo "\$LOCKSTEP_CANDIDATE" >$T/pulled; echo on >$T/state'
    undo: {exec: 'echo off >$T/state'}
    timeout: 20s
END
drill 0 'a lever by command' "$T/s.yml" --candidate "$healthy"
is "$(cat "$T/pulled")" "$healthy" 'knows where the stack is'
is "$(cat "$T/state")" off 'and is taken back at the end'
like "$(cat "$T/out")" 'restart pulled in [0-9.]+ ms, restart taken back' \
	'with its time'
sed "s|echo on >$T/state'|echo on >$T/state; exec sleep 60'|" "$T/s.yml" \
	>"$T/slow.yml"
for signal in KILL INT; do
	rm -f "$T/state"
	"$BUILD/lockstep" drill "$T/slow.yml" --candidate "$healthy" \
		>"$T/killed" 2>&1 &
	pid=$!
	await 30 grep -q on "$T/state"
	[ $signal = KILL ] || sed -i "s/exec sleep 60/exit 0/" "$T/slow.yml"
	kill -$signal $pid
	# a command that is under way is waited for, up to its limit
	[ $signal = KILL ] || await 20 pkill -P $pid -x sleep
	wait $pid 2>/dev/null
	if [ $signal = KILL ]; then
		is "$(cat "$T/state")" on 'a drill that is killed leaves it'
		ok 'and its journal' [ -s "$LOCKSTEP_HOME/drill.journal" ]
		drill 0 'the next drill' $suite --candidate "$healthy" \
			--set 'scenarios=[{name: idempotency, keys: 7}]' \
			--set scenarios.0.delay=1ms
		like "$(cat "$T/err")" 'took back 1 lever' 'takes it back'
	fi
	is "$(cat "$T/state")" off "the state it was in, after $signal"
	ok 'nothing is left in the journal' \
		[ ! -e "$LOCKSTEP_HOME/drill.journal" ]
done

done_testing
