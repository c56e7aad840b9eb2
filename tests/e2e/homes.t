#!/usr/bin/env bash
# A home may be moved, copied and read where it cannot be written; what a
# killed run left half written goes.
. tests/lib/tap.sh

handbook base; base=$url
run() {
	"$lockstep" run suites/handbook.yml -q --set warmup=0 \
		--set gates.latency=false --case leave-allowance --case ammonia \
		--baseline "$base" --candidate "$base" "$@"
}
mkdir "$T/a b" "$T/elsewhere"
export LOCKSTEP_HOME="$T/a b/home"
run >"$T/out" 2>&1
id=$("$lockstep" show last --json | jq -r .run.id)

# --- moved and copied ----------------------------------------------------------
mv "$LOCKSTEP_HOME" "$T/elsewhere/home %41?#"
export LOCKSTEP_HOME="$T/elsewhere/home %41?#"
is "$("$lockstep" show last --json | jq -r .run.id)" "$id" 'a moved home is read'
status 0 'and judged from' "$lockstep" score last
status 0 'and promoted from' "$lockstep" promote last --incident I --owner me \
	--case ammonia --dir "$T/prom"
cp -r "$LOCKSTEP_HOME" "$T/copy"
rm -rf "$T/copy/runs/$id/report.json"
status 0 'what is done to a copy' "$lockstep" score last --home "$T/copy"
ok 'is done there' [ -s "$T/copy/runs/$id/report.json" ]
rm -r "$T/copy"

# --- a home of an older version, which noted whole paths -----------------------------
if command -v sqlite3 >/dev/null; then
	sqlite3 "$LOCKSTEP_HOME/store.db" \
		"update runs set dir = '$T/a b/home/runs/$id'"
	is "$("$lockstep" show last --json | jq -r .run.id)" "$id" \
		'whole paths that are gone do not matter'
	mv "$LOCKSTEP_HOME/runs/$id" "$T/a b/"
	sqlite3 "$LOCKSTEP_HOME/store.db" "update runs set dir = '$T/a b/$id'"
	is "$("$lockstep" show last --json | jq -r .run.id)" "$id" \
		'and count where they are all there is'
	mv "$T/a b/$id" "$LOCKSTEP_HOME/runs/"
fi

# --- half-written reports -------------------------------------------------------
dir=$LOCKSTEP_HOME/runs/$id
echo half >"$dir/report.json.aB3xY9"; touch -d '1 hour ago' "$dir/report.json.aB3xY9"
echo now >"$dir/report.html.aB3xY9"
echo mine >"$dir/report.json.backup1"; touch -d '1 hour ago' "$dir/report.json.backup1"
"$lockstep" score last >"$T/out" 2>&1
ok 'what was left half written is gone' [ ! -e "$dir/report.json.aB3xY9" ]
ok 'what is being written is not' [ -e "$dir/report.html.aB3xY9" ]
ok 'nor what is not ours' [ -e "$dir/report.json.backup1" ]

# --- read-only --------------------------------------------------------------------
as=()
if [ "$(id -u)" = 0 ]; then
	command -v setpriv >/dev/null || { done_testing; exit; }
	as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	chmod 755 "$T" "$T/elsewhere"
	chown -R 65534:65534 "$LOCKSTEP_HOME"
	"${as[@]}" "$lockstep" --version >"$T/out" 2>&1 || { done_testing; exit; }
fi
chmod a-w "$LOCKSTEP_HOME" "$LOCKSTEP_HOME/runs"
is "$("${as[@]}" "$lockstep" show last --json | jq -r .run.id)" "$id" \
	'a home that cannot be written is read'
status 2 'and says so to whoever writes' "${as[@]}" "$lockstep" run \
	suites/handbook.yml -q --baseline "$base" --candidate "$base"
like "$(cat "$T/err")" 'read-only|Permission denied' 'with the reason'
like "$(cat "$T/err")" '\-\-home' 'and what to do'
chmod u+w "$LOCKSTEP_HOME" "$LOCKSTEP_HOME/runs"

done_testing
