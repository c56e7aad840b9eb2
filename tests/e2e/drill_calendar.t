#!/usr/bin/env bash
# Guardrail 13: windows in UTC decide, by tier, region and component; and
# `lockstep guardrails` tells what was last proven.
. tests/lib/tap.sh
. tests/lib/drill.sh
suite=suites/guardrails/calendar.yml
dir=../shared/data/manifests

drill 0 'the day before' $suite --now 2026-11-25T23:59:59Z
like "$(cat "$T/out")" 'decision +allow' 'allows'
drill 1 'the first second' $suite --now 2026-11-26T00:00:00Z
like "$(tr -s ' \n' ' ' <"$T/out")" 'forbidden by peak_q4, hard_freeze' \
	'names the window'
like "$(cat "$T/out")" 'decision +block_merge' 'blocks'
drill 1 'the last second' $suite --now 2026-11-29T23:59:59Z
drill 0 'the next one' $suite --now 2026-11-30T00:00:00Z
drill 0 'another region' $suite --now 2026-11-27T00:00:00Z \
	--set inputs.region=ap-south-1
drill 0 'another component' $suite --now 2026-10-06T12:00:00Z
drill 1 'its own' $suite --now 2026-10-06T12:00:00Z --set inputs.scope=index
drill 1 'T0 needs a rollback in one step' $suite --now 2026-01-01T00:00:00Z \
	--set inputs.tier=T0
drill 0 'and has one' $suite --now 2026-01-01T00:00:00Z --set inputs.tier=T0 \
	--set levers.rollback.exec=./back
drill 2 'a time that is none' $suite --now yesterday
like "$(cat "$T/out")" 'write it in UTC' 'says how to write it'

# --- an iCalendar file ----------------------------------------------------------
ics() { # WANT WHAT NOW OPTION...: the windows of a calendar alone
	local want=$1 what=$2 now=$3; shift 3
	drill "$want" "$what" $suite --now "$now" --set windows=null \
		--set inputs.calendar_file="$PWD/tests/fuzz/seeds/ical/freeze.ics" \
		"$@"
}
ics 1 'the third day of a week, 9 to 18 in Berlin' 2026-11-25T08:00:00Z
like "$(tr -s ' \n' ' ' <"$T/out")" \
	'by peak week, hard_freeze until 2026-11-25T16:59:59Z' 'names the event'
ics 0 'an hour after its end' 2026-11-25T17:30:00Z
ics 0 'another region' 2026-11-25T08:00:00Z --set inputs.region=ap-south-1
ics 1 'a soft freeze each weekend' 2026-12-05T12:00:00Z
ics 0 'lets T1 pass' 2026-12-05T12:00:00Z --set inputs.tier=T1
printf 'BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VEVENT\nEND:VCALENDAR\n' >"$T/bad.ics"
drill 2 'an event without a time' $suite --set windows=null \
	--set inputs.calendar_file="$T/bad.ics"
like "$(tr -s ' \n' ' ' <"$T/out")" 'has no DTSTART' 'says what is wrong'

if [ -d $dir ]; then
	drill 1 'the calendar as it is' $dir/release_calendar.yml \
		--now 2025-09-11T00:00:00Z
	is "$(grep -c '✗ prompt' "$T/out")" 1 'one region is frozen'
	is "$(grep -c '✓ prompt' "$T/out")" 2 'two are not'
	drill 0 'and a month later' $dir/release_calendar.yml \
		--now 2025-10-11T00:00:00Z
	gate=$dir/change_freeze_gate.yml
	unset NOW; drill 2 'the gate says what it needs' $gate
	like "$(cat "$T/err" "$T/out")" 'NOW' 'its environment'
	export NOW=2025-11-28T00:00:00Z REGION=eu-west-1 CHANGE_TIER=T3
	drill 1 'the gate as it is, in a freeze' $gate
	like "$(cat "$T/out")" 'peak_q4_black_friday' 'by the calendar'
	export NOW=2025-12-28T00:00:00Z
	drill 1 'outside: it requires more' $gate
	like "$(cat "$T/out")" '✗ the readiness gate passed' 'a readiness gate'
	echo '{"guardrail":1,"verdict":"PASS","name":"gate","started":"2026"}' \
		>>"$LOCKSTEP_HOME/drills.jsonl"
	printf 'levers: {rollback: {exec: ./back}}\n' >"$T/mine.yml"
	drill 0 'which passed' $gate --with "$T/mine.yml"
fi

last=$(jq -rs 'map(select(.guardrail == 13)) | last.verdict' \
	"$LOCKSTEP_HOME/drills.jsonl")
"$lockstep" guardrails >"$T/out"
is "$(grep -cE '^[^ ]+ +[0-9]+ [a-z]' "$T/out")" 17 'all seventeen'
like "$(cat "$T/out")" 'not tried: lockstep drill suites' 'what is missing'
is "$(python3 -c 'import sys
print(max(len(l.rstrip("\n")) for l in open(sys.argv[1], encoding="utf-8")) <= 80)
' "$T/out")" True 'within 80 columns'
"$lockstep" guardrails --json >"$T/out"
is "$(jq -c '[length, (.[12] | .verdict, .drill)]' "$T/out")" \
	"[17,\"$last\",true]" 'as JSON'
done_testing
