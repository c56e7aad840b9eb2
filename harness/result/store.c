/* The store over SQLite: its file, schema and statements; see store.h. */
#include "harness/result/store_part.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "store_sql.h"	/* store.sql as a string, made by the build */

enum { STORE_VERSION = 3, BUSY_MS = 30000 };

const char *
store_home(const char *dir)
{
	/* NOLINTNEXTLINE(concurrency-mt-unsafe) before any thread */
	const char *env = getenv("LOCKSTEP_HOME");

	if (dir != NULL)
		return dir;
	return env != NULL && *env != '\0' ? env : ".lockstep";
}

int
db_err(struct store *s, struct err *err, const char *what)
{
	int code = sqlite3_errcode(s->db);
	const char *next = "";

	if (code == SQLITE_FULL)
		next = "; free some space and run again";
	else if (code == SQLITE_IOERR)
		next = "; check the disk and the process's limits (ulimit -f)";
	else if (code == SQLITE_BUSY)
		next = "; another lockstep is writing to it: wait for it, or "
		    "use another --home";
	else if (code == SQLITE_READONLY)
		next = "; this home is read-only: make it writable, or set "
		    "another with --home or LOCKSTEP_HOME";
	else if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
		next = "; move the file away and run again (runs keep their "
		    "folders)";
	return err_set(err, code == SQLITE_NOMEM ? RC_NOMEM : RC_DB,
	    "%s: %s: %s%s", s->path, what, sqlite3_errmsg(s->db), next);
}

int
db_run(struct store *s, const char *sql, const char *what, struct err *err)
{
	if (sqlite3_exec(s->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return db_err(s, err, what);
	return RC_OK;
}

void
db_bind_num(sqlite3_stmt *st, int i, double v)
{
	if (isfinite(v))
		(void)sqlite3_bind_double(st, i, v);
	else
		(void)sqlite3_bind_null(st, i);
}

/*
 * Binds by kinds: t text (NULL allowed), i int64_t, d double (NaN is NULL).
 */
static void
bind_all(sqlite3_stmt *st, const char *kinds, va_list ap)
{
	int i;

	for (i = 0; kinds[i] != '\0'; i++) {
		switch (kinds[i]) {
		case 't':
			(void)sqlite3_bind_text(st, i + 1,
			    va_arg(ap, const char *), -1, SQLITE_TRANSIENT);
			break;
		case 'i':
			(void)sqlite3_bind_int64(st, i + 1,
			    va_arg(ap, int64_t));
			break;
		default:
			db_bind_num(st, i + 1, va_arg(ap, double));
		}
	}
}

sqlite3_stmt *
db_query(struct store *s, struct err *err, const char *sql, const char *kinds,
    ...)
{
	sqlite3_stmt *st = NULL;
	va_list ap;

	if (sqlite3_prepare_v2(s->db, sql, -1, &st, NULL) != SQLITE_OK) {
		(void)db_err(s, err, "cannot ask");
		return NULL;
	}
	va_start(ap, kinds);
	bind_all(st, kinds, ap);
	va_end(ap);
	return st;
}

int
db_done(struct store *s, sqlite3_stmt *st, const char *what, struct err *err)
{
	int rc;

	if (st == NULL)
		return RC_DB;
	rc = sqlite3_step(st);
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		(void)db_err(s, err, what);
	(void)sqlite3_finalize(st);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? RC_OK : RC_DB;
}

void
db_copy_col(sqlite3_stmt *st, int i, char *to, size_t cap)
{
	const unsigned char *t = sqlite3_column_text(st, i);
	size_t n = t == NULL ? 0 : strnlen((const char *)t, cap);

	/* between two characters, not within one */
	if (t != NULL && n == cap) {
		for (n--; n > 0 && (t[n] & 0xc0) == 0x80;)
			n--;
	}
	if (n > 0)
		memcpy(to, t, n);
	to[n] = '\0';
}

void
db_rollback(struct store *s)
{
	(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
}

static int
user_version(struct store *s, int *v, struct err *err)
{
	sqlite3_stmt *st = db_query(s, err, "PRAGMA user_version", "");
	int rc;

	if (st == NULL)
		return RC_DB;
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*v = sqlite3_column_int(st, 0);
	else
		(void)db_err(s, err, "cannot be read as a store");
	(void)sqlite3_finalize(st);
	return rc == SQLITE_ROW ? RC_OK : RC_DB;
}

/* What each version added; [0] makes an empty file the current one. */
static const char *const steps[STORE_VERSION] = {
	store_sql,
	"ALTER TABLE observations ADD COLUMN own TEXT",
	"ALTER TABLE runs ADD COLUMN build TEXT",
};

static int
bring_up(struct store *s, int from, struct err *err)
{
	char sql[64];
	int rc = RC_OK, v;

	for (v = from; v < STORE_VERSION && rc == RC_OK; v++) {
		rc = db_run(s, steps[v], "cannot make the tables", err);
		if (v == 0)
			break;
	}
	(void)snprintf(sql, sizeof(sql), "PRAGMA user_version = %d",
	    STORE_VERSION);
	if (rc == RC_OK)
		rc = db_run(s, sql, "cannot set the version", err);
	return rc;
}

static int
schema(struct store *s, struct err *err)
{
	int v = 0;
	int rc = user_version(s, &v, err);

	/* who reads waits for no writer */
	if (rc != RC_OK || v == STORE_VERSION)
		return rc;
	rc = db_run(s, "BEGIN IMMEDIATE", "cannot be locked", err);
	if (rc != RC_OK)
		return rc;
	rc = user_version(s, &v, err);
	if (rc == RC_OK && v > STORE_VERSION)
		rc = err_set(err, RC_DB, "%s: written by a newer lockstep "
		    "(schema %d, this version knows %d); use that version, or "
		    "another --home", s->path, v, STORE_VERSION);
	if (rc == RC_OK && v < 0)
		rc = err_set(err, RC_DB, "%s: not a store of lockstep (schema "
		    "%d); move it away, or use another --home", s->path, v);
	if (rc == RC_OK && v < STORE_VERSION)
		rc = bring_up(s, v, err);
	if (rc == RC_OK)
		return db_run(s, "COMMIT", "cannot commit", err);
	db_rollback(s);
	return rc;
}

int
store_make_dir(const char *path, struct err *err)
{
	struct stat st;

	if (mkdir(path, 0700) == 0)
		return RC_OK;
	if (errno == EEXIST && stat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return RC_OK;
		errno = ENOTDIR;
	}
	return err_errno(err, RC_IO, "%s: cannot make the folder; set another "
	    "with --home or LOCKSTEP_HOME", path);
}

/* The state is nobody's source: it keeps itself out of version control. */
static void
ignore_in_git(const char *home)
{
	char path[1100];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%.1000s/.gitignore", home);
	f = fopen(path, "wx");
	if (f == NULL)
		return;
	(void)fputs("*\n", f);
	(void)fclose(f);
}

/*
 * Opens a store that cannot be written, for those who only read: as it is,
 * without the files that SQLite would make beside it.
 */
static int
open_read_only(struct store *s)
{
	struct buf uri;
	const char *p;
	int rc;

	buf_init(&uri, 8192);
	buf_puts(&uri, "file:");
	for (p = s->path; *p != '\0'; p++) {
		if (strchr("%?#", *p) != NULL)
			buf_printf(&uri, "%%%02x", (unsigned char)*p);
		else
			buf_putc(&uri, *p);
	}
	buf_puts(&uri, "?immutable=1");
	rc = sqlite3_open_v2(buf_str(&uri), &s->db, SQLITE_OPEN_READONLY |
	    SQLITE_OPEN_URI, NULL);
	buf_fini(&uri);
	return rc;
}

/* What was judged can be read where nothing can be written. */
static int
is_read_only(const struct store *s, const char *home)
{
	return access(home, W_OK) != 0 && access(s->path, R_OK) == 0;
}

static int
set_up(struct store *s, int read_only, struct err *err)
{
	int v = 0, rc;

	(void)sqlite3_busy_timeout(s->db, BUSY_MS);
	if (read_only) {
		rc = user_version(s, &v, err);
		return rc != RC_OK || v == STORE_VERSION ? rc :
		    err_set(err, RC_DB, "%s: written by another version "
		    "(schema %d, this version has %d), and the home is "
		    "read-only: use a writable copy",
		    s->path, v, STORE_VERSION);
	}
	rc = db_run(s, "PRAGMA journal_mode = WAL", "cannot open", err);
	if (rc == RC_OK)
		rc = db_run(s, "PRAGMA synchronous = NORMAL; PRAGMA "
		    "foreign_keys = ON", "cannot open", err);
	return rc == RC_OK ? schema(s, err) : rc;
}

int
store_open(const char *home, struct store **out, struct err *err)
{
	struct store *s = calloc(1, sizeof(*s));
	mode_t old;
	int rc, read_only;

	*out = NULL;
	if (s == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	(void)snprintf(s->path, sizeof(s->path), "%s/store.db", home);
	if (store_make_dir(home, err) != RC_OK)
		goto fail;
	read_only = is_read_only(s, home);
	if (!read_only)
		ignore_in_git(home);
	old = umask(077);
	rc = read_only ? open_read_only(s) : sqlite3_open(s->path, &s->db);
	(void)umask(old);
	if (rc != SQLITE_OK) {
		(void)db_err(s, err, "cannot open");
		goto fail;
	}
	if (set_up(s, read_only, err) != RC_OK)
		goto fail;
	*out = s;
	return RC_OK;
fail:
	store_close(&s);
	return err == NULL ? RC_DB : err->code;
}

void
store_close(struct store **s)
{
	if (s == NULL || *s == NULL)
		return;
	(void)sqlite3_finalize((*s)->obs);
	(void)sqlite3_close((*s)->db);
	free(*s);
	*s = NULL;
}

int
store_run_number(struct store *s, const char *id, int64_t *n, struct err *err)
{
	sqlite3_stmt *st = db_query(s, err, "SELECT n FROM runs WHERE id = ?",
	    "t", id);
	int rc;

	if (st == NULL)
		return RC_DB;
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*n = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	if (rc != SQLITE_ROW)
		return err_set(err, RC_DB, "%s: run %s is not in it", s->path,
		    id);
	return RC_OK;
}
