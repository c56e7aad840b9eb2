#!/usr/bin/env bash
# Guardrail 17 on two real databases: counts and checksums by SQL through a
# command, what is lost or changed in the new one, and on the way back. SQLite;
# with DB=postgres (`make soak`) PostgreSQL.
. tests/lib/tap.sh
. tests/lib/drill.sh
DB=${DB:-sqlite}
. "tests/lib/tables_$DB.sh"

handbook old --seed 2 --pin INDEX_HASH=of-the-old-store; old=$url
handbook new; new=$url
tables_begin
jq -r '[.section_id, .doc_id, .text] | @json' \
	fixtures/handbook/sections.jsonl >"$T/rows"
tables_fill old <"$T/rows"
tables_fill new <"$T/rows"

# What a suite calls: `query FILE` prints JSON rows of the stack's database.
echo "select count(*) as sections, count(distinct doc) as docs from sections" \
	>"$T/rows.sql"
echo "$tables_by_doc" >"$T/docs.sql"
echo "$tables_sums" >"$T/sums.sql"
echo 'select * from nowhere' >"$T/nowhere.sql"
cat >"$T/query" <<SH
case \$LOCKSTEP_STACK in $old) db=old ;; $new) db=new ;; esac
$(declare -f tables_query tables_psql)
T=$T
tables_query \$db "\$(<$T/\$1.sql)"
SH
cat >"$T/back" <<SH
$(declare -f tables_query tables_psql tables_do tables_copy)
T=$T
tables_do old 'delete from sections'
tables_copy new old
[ ! -e $T/lossy ] || tables_do old "delete from sections where id = 'leave#annual'"
SH
cat >"$T/undo" <<SH
$(declare -f tables_query tables_psql tables_do tables_copy)
T=$T
tables_do old 'delete from sections'
tables_do old 'insert into sections select * from saved'
SH
tables_do old 'create table saved as select * from sections'
cat >"$T/move.yml" <<END
lockstep: 1
extends: $PWD/suites/guardrails/migration.yml
name: databases
tables:
- {name: rows, exec: bash $T/query rows, at: /0}
- {name: rows a document, exec: bash $T/query docs, at: /0}
- {name: checksums, exec: bash $T/query sums, at: /0}
levers:
  migrate_back: {exec: 'bash $T/back', undo: {exec: 'bash $T/undo'}}
END
move=("$T/move.yml" --baseline "$old" --candidate "$new" --set confirm=false
	--set gates.latency=false --set warmup=0 --set variants.paraphrases=1
	--set variants.seeds=[1] --set scenarios.0.requests=5 --json)
checks() { # VERDICT: names and texts
	jq -r --arg v "$1" '.scenarios[0].checks[] | select(.verdict == $v) |
		"\(.name): \(.says)"' "$T/out"
}
n=$(wc -l <fixtures/handbook/sections.jsonl)

drill 0 "$DB: nothing is lost" "${move[@]}"
is "$(checks PASS | grep -c '0 of [0-9]* differ')" 6 \
	'counts and checksums of each table, there and taken back'
is "$(checks PASS | head -1)" "rows: 0 of 2 differ, 100 % are there" \
	'by SQL'
is "$(tables_query old 'select count(*) as n from sections' | jq '.[0].n')" \
	"$n" 'the old store is as it was'

tables_do new "delete from sections where id in ('leave#annual', 'leave#sick')"
drill 1 'two rows are lost' "${move[@]}" --set levers=null
like "$(checks FAIL)" "^rows: 1 of 2 differ, .* sections: $n, then $((n - 2))" \
	'how many'
like "$(checks FAIL)" '^rows a document: 1 of [0-9]+ differ, .*; leave: ' 'where'
like "$(checks FAIL)" '^checksums: ' 'and by the checksum'
is "$(jq -r '.scenarios[0].cause' "$T/out")" 'data loss' 'its class'
tables_do new "insert into sections select 'leave#annual', 'leave', 'other'"
tables_do new "insert into sections select 'leave#sick', 'leave', 'words'"
drill 1 'other words, as many rows' "${move[@]}" --set levers=null
is "$(checks FAIL | cut -d: -f1)" checksums 'only the checksum tells'

tables_do new "delete from sections where id in ('leave#annual', 'leave#sick')"
tables_copy old new "where id in ('leave#annual', 'leave#sick')"
touch "$T/lossy"
drill 1 'a row is lost on the way back' "${move[@]}"
is "$(checks FAIL | cut -d: -f1 | tr '\n' ';')" \
	'rows, taken back;rows a document, taken back;checksums, taken back;' \
	'which is where it is seen'
is "$(tables_query old 'select count(*) as n from sections' | jq '.[0].n')" \
	"$n" 'and it is there again'
drill 2 'a table that is not there' "${move[@]}" --set \
	"tables=[{name: x, exec: bash $T/query nowhere}]"
like "$(jq -r '.scenarios[0].headline' "$T/out")" \
	'^baseline: `bash .*nowhere.* printed no JSON' 'is named'
done_testing
