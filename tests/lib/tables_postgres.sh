# The same as tables_sqlite.sh in PostgreSQL: two databases of a server of its
# own, on a socket in $T. Debian: postgresql; without it, the script skips.
tables_bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1)
[ -x "${tables_bin:-/}/initdb" ] || skip_all 'no PostgreSQL'
tables_by_doc="select json_object_agg(doc, n) as o from (select doc, count(*) as
	n from sections group by doc) g"
tables_sums="select md5(string_agg(md5(id || '|' || doc || '|' || text), '' order
	by id)) as sections from sections"

# The server runs as nobody who matters: it refuses root.
tables_as() {
	if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}
tables_end() {
	tables_as "$tables_bin/pg_ctl" -D "$T/pg/data" -m immediate stop \
		>"$T/pg.stop" 2>&1
	tap_end
}
tables_begin() {
	local db
	mkdir "$T/pg"
	chmod 755 "$T"
	[ "$(id -u)" != 0 ] || chown postgres "$T/pg"
	trap tables_end EXIT
	tables_as "$tables_bin/initdb" -A trust -D "$T/pg/data" >"$T/pg.init" \
		2>&1 || { cat "$T/pg.init"; echo 'Bail out! initdb'; exit 1; }
	tables_as "$tables_bin/pg_ctl" -D "$T/pg/data" -w -t 120 -l "$T/pg/log" \
		-o "-c listen_addresses='' -k $T/pg" start >"$T/pg.start" 2>&1 ||
		{ cat "$T/pg.start"; echo 'Bail out! pg_ctl'; exit 1; }
	for db in old new; do
		tables_psql postgres -c "create database $db"
		tables_do $db 'create table sections (id text, doc text, text text)'
	done
}
tables_psql() { # DB OPTION...
	local db=$1; shift
	PGOPTIONS='-c client_min_messages=warning' psql -qAtX -v \
		ON_ERROR_STOP=1 -h "$T/pg" \
		-U "$([ "$(id -u)" = 0 ] && echo postgres || id -un)" "$@" "$db"
}
tables_fill() {
	jq -r '@csv' | tables_psql "$1" -c 'copy sections from stdin csv'
}
tables_do() { tables_psql "$1" -c "$2"; }
tables_query() { # DB SQL: rows as JSON
	if [[ $2 = *json_object_agg* ]]; then
		tables_psql "$1" -c "select json_agg(o) from ($2) t"
	else
		tables_psql "$1" -c "select json_agg(row_to_json(t)) from ($2) t"
	fi
}
tables_copy() { # FROM TO [WHERE]
	tables_psql "$1" -c "copy (select * from sections ${3-}) to stdout" |
		tables_psql "$2" -c 'copy sections from stdin'
}
