# Two SQLite databases, $T/old.db and $T/new.db, with a table of sections, for
# tests/e2e/drill_tables.t: by Python's sqlite3, and to read them by sqlite3(1)
# where there is one, as GUARDRAILS.md shows.
tables_by_doc="select $(jq -r .doc_id fixtures/handbook/sections.jsonl |
	sort -u | sed "s/.*/sum(doc = '&') as \"&\"/" | paste -sd,) from sections"
tables_sums='sums'

tables_begin() {
	cat >"$T/sqlite.py" <<-'PY'
		import hashlib, json, sqlite3, sys
		what, name = sys.argv[1:3]
		db = sqlite3.connect(name, timeout=60)
		db.row_factory = sqlite3.Row
		if what == "fill":
		    db.execute("create table sections (id, doc, text)")
		    db.executemany("insert into sections values (?, ?, ?)",
		                   map(json.loads, sys.stdin))
		elif what == "sums":
		    sha = hashlib.sha256()
		    for row in db.execute("select * from sections order by id"):
		        sha.update(json.dumps(list(row)).encode() + b"\n")
		    print(json.dumps([{"sections": sha.hexdigest()}]))
		elif what == "rows":
		    print(json.dumps([dict(r) for r in db.execute(sys.argv[3])]))
		else:
		    db.executescript(sys.argv[3])
		db.commit()
	PY
}
tables_fill() { python3 "$T/sqlite.py" fill "$T/$1.db"; }
tables_do() { python3 "$T/sqlite.py" do "$T/$1.db" "$2"; }
tables_query() { # DB SQL: rows as JSON
	if [ "$2" = sums ]; then
		python3 "$T/sqlite.py" sums "$T/$1.db"
	elif command -v sqlite3 >/dev/null; then
		sqlite3 -json "$T/$1.db" "$2"
	else
		python3 "$T/sqlite.py" rows "$T/$1.db" "$2"
	fi
}
tables_copy() { # FROM TO [WHERE]
	tables_do "$2" "attach '$T/$1.db' as other;
		insert into sections select * from other.sections ${3-}"
}
