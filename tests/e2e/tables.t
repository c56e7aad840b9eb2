#!/usr/bin/env bash
# DuckDB and pandas read a trace as it is: the commands that TRACE.md shows.
. tests/lib/tap.sh
py=$(tests/lib/pypi_setup.sh tables 'duckdb, pandas, zstandard' --deps \
	duckdb==2.0.1 pandas==3.1.1 zstandard==0.25.0 2>"$T/why") ||
	skip_all "duckdb and pandas: $(tail -1 "$T/why")"
handbook good
serve rec "$lockstep" record --listen 127.0.0.1:0 --upstream "$url" \
	--out "$T/t.jsonl.zst"
for i in 1 2 3 4 5 6 7 8; do
	curl -s -H 'Content-Type: application/json' \
		-d '{"question": "What of leave?", "k": 5}' "$url/query"
	curl -s "$url/healthz"
done >/dev/null
kill -INT $pid
wait $pid
cd "$T" || exit 1
# the SQL within the page's shell command
sql=$(awk '/^duckdb -c "/ { f = 1; sub(/^duckdb -c "/, "") }
	f { print } f && /"$/ { exit }' "$OLDPWD/harness/TRACE.md" | sed 's/"$//')
is "$("$py" -c 'import duckdb, sys
rows = sorted(duckdb.sql(sys.argv[1]).fetchall())
print([(r[0], r[1]) for r in rows], all(r[2] > 0 for r in rows))' "$sql")" \
	"[('/healthz', 8), ('/query', 8)] True" 'DuckDB counts routes'
code=$(awk '/^python3 -c "/ { f = 1; sub(/^python3 -c "/, "") }
	f { print } f && /"$/ { exit }' "$OLDPWD/harness/TRACE.md" | sed 's/"$//')
like "$("$py" -c "$code")" '^count +1[.]?6' 'pandas describes times'
cd "$OLDPWD" || exit 1
done_testing
