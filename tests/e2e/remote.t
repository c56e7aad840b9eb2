#!/usr/bin/env bash
# A run that is judged by an embedding service.
. tests/lib/tap.sh
command -v python3 >/dev/null || skip_all 'no python3'
handbook base --seed 1; base=$url
handbook cand --seed 2; cand=$url
serve embedder python3 tests/lib/remote_embedder.py; embedder=openai:$url
db=$LOCKSTEP_HOME/store.db
rows() { python3 -c 'import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0])' \
	"$db" "$1"; }

"$lockstep" run suites/handbook.yml -q --baseline "$base" --candidate "$cand" \
	--embedder "$embedder" --json >"$T/first" 2>"$T/err"
ok 'it is judged' jq -e '.verdict != "COULD NOT RUN" and
	([.gates[] | select(.name == "answer_drift").n] == [40])' "$T/first"
is "$(rows 'SELECT count(*) FROM observations')" \
	"$(jq '[.arms[].sent] | add' "$T/first")" 'every observation is stored'
vectors=$(rows 'SELECT count(*) FROM embeds')
ok 'vectors are kept' test "$vectors" -gt 40
"$lockstep" score last --json >"$T/second" 2>"$T/err"
is "$(jq -c .gates "$T/second")" "$(jq -c .gates "$T/first")" \
	'judged again, the same'
is "$(rows 'SELECT count(*) FROM observations')" \
	"$(jq '[.arms[].sent] | add' "$T/first")" 'and stored once'
is "$(rows 'SELECT count(*) FROM embeds')" "$vectors" 'no vector is made twice'

# A trace that was damaged since is not judged, and costs nothing.
obs=$(echo "$LOCKSTEP_HOME"/runs/*/obs.jsonl.zst)
printf garbage | dd of="$obs" bs=1 seek=2000 conv=notrunc status=none
status 2 'a damaged trace is not judged' \
	"$lockstep" score last --embedder builtin
is "$(rows 'SELECT count(*) FROM observations')" \
	"$(jq '[.arms[].sent] | add' "$T/first")" \
	'and the observations that are stored stay'
done_testing
