/* The store over SQLite; see store.h. */
#include "harness/store.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/hash.h"
#include "harness/mono.h"
#include "store_sql.h"	/* store.sql as a string, made by the build */

enum { STORE_VERSION = 2, BUSY_MS = 30000 };

struct store {
	sqlite3 *db;
	char path[1024];
	sqlite3_stmt *obs;	/* insert of one observation, while open */
	int64_t obs_run;
	int obs_rc;		/* sticky */
};

const char *
store_home(const char *dir)
{
	const char *env = getenv("LOCKSTEP_HOME");

	if (dir != NULL)
		return dir;
	return env != NULL && *env != '\0' ? env : ".lockstep";
}

static int
db_err(struct store *s, struct err *err, const char *what)
{
	int code = sqlite3_errcode(s->db);
	const char *next = "";

	if (code == SQLITE_FULL)
		next = "; free some space and run again";
	else if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
		next = "; move the file away and run again (runs keep their "
		    "folders)";
	return err_set(err, code == SQLITE_NOMEM ? RC_NOMEM : RC_DB,
	    "%s: %s: %s%s", s->path, what, sqlite3_errmsg(s->db), next);
}

static int
run_sql(struct store *s, const char *sql, const char *what, struct err *err)
{
	if (sqlite3_exec(s->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return db_err(s, err, what);
	return RC_OK;
}

static void
bind_num(sqlite3_stmt *st, int i, double v)
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
			bind_num(st, i + 1, va_arg(ap, double));
		}
	}
}

/* A bound statement ready to step, or NULL. Caller finalizes. */
static sqlite3_stmt *
query(struct store *s, struct err *err, const char *sql, const char *kinds,
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

/* Runs a statement that gives no rows, and finalizes it. */
static int
done(struct store *s, sqlite3_stmt *st, const char *what, struct err *err)
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

static int
user_version(struct store *s, int *v, struct err *err)
{
	sqlite3_stmt *st = query(s, err, "PRAGMA user_version", "");
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
};

static int
bring_up(struct store *s, int from, struct err *err)
{
	char sql[64];
	int rc = RC_OK, v;

	for (v = from; v < STORE_VERSION && rc == RC_OK; v++) {
		rc = run_sql(s, steps[v], "cannot make the tables", err);
		if (v == 0)
			break;
	}
	(void)snprintf(sql, sizeof(sql), "PRAGMA user_version = %d",
	    STORE_VERSION);
	if (rc == RC_OK)
		rc = run_sql(s, sql, "cannot set the version", err);
	return rc;
}

static int
schema(struct store *s, struct err *err)
{
	int v = 0;
	int rc;

	rc = run_sql(s, "BEGIN IMMEDIATE", "cannot be locked", err);
	if (rc != RC_OK)
		return rc;
	rc = user_version(s, &v, err);
	if (rc == RC_OK && v > STORE_VERSION)
		rc = err_set(err, RC_DB, "%s: written by a newer lockstep "
		    "(schema %d, this one knows %d); use that one, or another "
		    "--home", s->path, v, STORE_VERSION);
	if (rc == RC_OK && v < 0)
		rc = err_set(err, RC_DB, "%s: no store of lockstep (schema "
		    "%d); move it away, or use another --home", s->path, v);
	if (rc == RC_OK && v < STORE_VERSION)
		rc = bring_up(s, v, err);
	if (rc == RC_OK)
		return run_sql(s, "COMMIT", "cannot commit", err);
	(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}

static int
make_dir(const char *path, struct err *err)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return RC_OK;
	return err_errno(err, RC_IO, "%s: cannot make the folder; --home or "
	    "LOCKSTEP_HOME names another", path);
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

int
store_open(const char *home, struct store **out, struct err *err)
{
	struct store *s = calloc(1, sizeof(*s));
	mode_t old;
	int rc;

	*out = NULL;
	if (s == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	(void)snprintf(s->path, sizeof(s->path), "%s/store.db", home);
	if (make_dir(home, err) != RC_OK)
		goto fail;
	ignore_in_git(home);
	old = umask(077);
	rc = sqlite3_open(s->path, &s->db);
	(void)umask(old);
	if (rc != SQLITE_OK) {
		(void)db_err(s, err, "cannot open");
		goto fail;
	}
	(void)sqlite3_busy_timeout(s->db, BUSY_MS);
	if (run_sql(s, "PRAGMA journal_mode = WAL", "cannot open", err) !=
	    RC_OK ||
	    run_sql(s, "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON",
	    "cannot open", err) != RC_OK || schema(s, err) != RC_OK)
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

/* ---- runs ------------------------------------------------------------- */

static void
make_id(int64_t wall_ns, char out[40])
{
	char utc[MONO_UTC_MAX];
	unsigned char r[2];

	mono_utc(wall_ns, utc);
	hash_random(r, sizeof(r));
	/* 2026-01-31T12:00:00.123Z becomes 20260131-120000-123a1b: by name is
	 * by time, to the millisecond */
	(void)snprintf(out, 40, "%.4s%.2s%.2s-%.2s%.2s%.2s-%.3s%02x%x", utc,
	    utc + 5, utc + 8, utc + 11, utc + 14, utc + 17, utc + 20, r[0],
	    r[1] & 15u);
}

int
store_run_new(struct store *s, const char *home, struct store_run *run,
    struct err *err)
{
	char dir[sizeof(run->dir)];
	sqlite3_stmt *st;
	int rc;

	run->started_ns = mono_wall_ns();
	make_id(run->started_ns, run->id);
	(void)snprintf(run->state, sizeof(run->state), "replaying");
	(void)snprintf(dir, sizeof(dir), "%.900s/runs", home);
	rc = make_dir(dir, err);
	if (rc != RC_OK)
		return rc;
	(void)snprintf(run->dir, sizeof(run->dir), "%.900s/runs/%s", home,
	    run->id);
	rc = make_dir(run->dir, err);
	if (rc != RC_OK)
		return rc;
	st = query(s, err, "INSERT INTO runs (id, started_ns, dir, state, "
	    "suite_name, suite_path, suite_hash, stacks) "
	    "VALUES (?,?,?,?,?,?,?,?)", "tittttt" "t", run->id,
	    run->started_ns, run->dir, run->state, run->suite_name,
	    run->suite_path, run->suite_hash, run->stacks);
	return done(s, st, "cannot note the run", err);
}

int
store_run_state(struct store *s, const char *id, const char *state,
    struct err *err)
{
	return done(s, query(s, err,
	    "UPDATE runs SET state = ? WHERE id = ?", "tt", state, id),
	    "cannot note the run's state", err);
}

static void
copy_col(sqlite3_stmt *st, int i, char *to, size_t cap)
{
	const unsigned char *t = sqlite3_column_text(st, i);

	(void)snprintf(to, cap, "%s", t == NULL ? "" : (const char *)t);
}

#define RUN_COLS "id, started_ns, dir, state, suite_name, suite_path, " \
	"suite_hash, stacks, verdict, exit_status, headline, n_cases, " \
	"requests, elapsed_s"

static void
read_run(sqlite3_stmt *st, struct store_run *r)
{
	memset(r, 0, sizeof(*r));
	copy_col(st, 0, r->id, sizeof(r->id));
	r->started_ns = sqlite3_column_int64(st, 1);
	copy_col(st, 2, r->dir, sizeof(r->dir));
	copy_col(st, 3, r->state, sizeof(r->state));
	copy_col(st, 4, r->suite_name, sizeof(r->suite_name));
	copy_col(st, 5, r->suite_path, sizeof(r->suite_path));
	copy_col(st, 6, r->suite_hash, sizeof(r->suite_hash));
	copy_col(st, 7, r->stacks, sizeof(r->stacks));
	copy_col(st, 8, r->verdict, sizeof(r->verdict));
	r->exit_status = sqlite3_column_int(st, 9);
	copy_col(st, 10, r->headline, sizeof(r->headline));
	r->n_cases = (uint64_t)sqlite3_column_int64(st, 11);
	r->requests = (uint64_t)sqlite3_column_int64(st, 12);
	r->elapsed_s = sqlite3_column_double(st, 13);
}

int
store_runs(struct store *s, const char *suite_name, store_run_fn *fn,
    void *ctx, struct err *err)
{
	struct store_run run;
	sqlite3_stmt *st;
	int rc;

	st = query(s, err, "SELECT " RUN_COLS " FROM runs "
	    "WHERE ?1 IS NULL OR suite_name = ?1 ORDER BY n DESC", "t",
	    suite_name);
	if (st == NULL)
		return RC_DB;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		read_run(st, &run);
		if (fn(ctx, &run) != 0)
			break;
	}
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		(void)db_err(s, err, "cannot list runs");
	(void)sqlite3_finalize(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? RC_OK : RC_DB;
}

/* The last component of a path, trailing slashes left out. */
static void
folder_name(const char *word, char *out, size_t cap)
{
	size_t n = strlen(word), from;

	while (n > 0 && word[n - 1] == '/')
		n--;
	for (from = n; from > 0 && word[from - 1] != '/'; from--)
		continue;
	(void)snprintf(out, cap, "%.*s", (int)(n - from), word + from);
}

int
store_run_find(struct store *s, const char *word, struct store_run *out,
    struct err *err)
{
	char name[64];
	struct store_run second;
	sqlite3_stmt *st;
	int rc, n = 0;

	folder_name(word, name, sizeof(name));
	if (strcmp(word, "last") == 0)
		st = query(s, err, "SELECT " RUN_COLS
		    " FROM runs WHERE state <> 'not started' "
		    "ORDER BY n DESC LIMIT 1", "");
	else
		st = query(s, err, "SELECT " RUN_COLS " FROM runs WHERE "
		    "substr(id, 1, length(?1)) = ?1 AND ?1 <> '' "
		    "ORDER BY n DESC LIMIT 2", "t", name);
	if (st == NULL)
		return RC_DB;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		read_run(st, n++ == 0 ? out : &second);
	(void)sqlite3_finalize(st);
	if (rc != SQLITE_DONE)
		return db_err(s, err, "cannot look up a run");
	if (n == 0)
		return err_set(err, RC_USAGE, "no run \"%s\" in %s; "
		    "`lockstep runs` lists them", word, s->path);
	if (n > 1)
		return err_set(err, RC_USAGE, "\"%s\" fits several runs, %s "
		    "and %s among them; give more of the id", word, out->id,
		    second.id);
	return RC_OK;
}

int
store_run_delete(struct store *s, const char *id, struct err *err)
{
	int rc = run_sql(s, "BEGIN IMMEDIATE", "cannot be locked", err);

	if (rc == RC_OK)
		rc = done(s, query(s, err, "DELETE FROM observations WHERE "
		    "rowid BETWEEN (SELECT obs_first FROM runs WHERE id = ?1) "
		    "AND (SELECT obs_last FROM runs WHERE id = ?1)", "t", id),
		    "cannot remove observations", err);
	if (rc == RC_OK)
		rc = done(s, query(s, err, "DELETE FROM runs WHERE id = ?",
		    "t", id), "cannot remove the run", err);
	if (rc == RC_OK)
		return run_sql(s, "COMMIT", "cannot commit", err);
	(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}

/* ---- results ---------------------------------------------------------- */

static int
put_gates(struct store *s, int64_t run_n, const struct result *r,
    struct err *err)
{
	const struct result_gate *g;
	size_t i;
	int rc;

	rc = done(s, query(s, err, "DELETE FROM gates WHERE run_n = ?", "i",
	    run_n), "cannot replace gates", err);
	for (i = 0; i < r->n_gates && rc == RC_OK; i++) {
		g = &r->gates[i];
		rc = done(s, query(s, err, "INSERT INTO gates VALUES "
		    "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
		    "itttddddddddi" "dddt", run_n, g->name,
		    gate_class_name(g->class), gate_verdict_name(g->verdict),
		    g->value, g->limit, g->base, g->cand, g->ci[0], g->ci[1],
		    g->p, g->p_holm, (int64_t)g->n, g->n_needed, g->noise,
		    g->visible, g->why), "cannot store a gate", err);
	}
	return rc;
}

static int
put_cases(struct store *s, int64_t run_n, const struct result *r,
    struct err *err)
{
	const struct result_case *c;
	struct result_reader rd;
	sqlite3_stmt *st;
	int rc;

	rc = done(s, query(s, err, "DELETE FROM cases WHERE run_n = ?", "i",
	    run_n), "cannot replace cases", err);
	st = query(s, err, "INSERT INTO cases VALUES (?,?,?,?,?,?)", "");
	if (st == NULL)
		return RC_DB;
	result_reader_init(&rd, r);
	while (rc == RC_OK && (c = result_case_next(&rd)) != NULL) {
		(void)sqlite3_bind_int64(st, 1, run_n);
		(void)sqlite3_bind_text(st, 2, c->id, -1, SQLITE_STATIC);
		(void)sqlite3_bind_text(st, 3, case_verdict_name(c->verdict),
		    -1, SQLITE_STATIC);
		(void)sqlite3_bind_int64(st, 4, c->reasons[0]);
		(void)sqlite3_bind_int64(st, 5, c->reasons[1]);
		bind_num(st, 6, (double)c->drift);
		if (sqlite3_step(st) != SQLITE_DONE)
			rc = db_err(s, err, "cannot store a case");
		(void)sqlite3_reset(st);
	}
	if (rc == RC_OK)
		rc = result_reader_check(&rd, err);
	(void)result_reader_fini(&rd);
	(void)sqlite3_finalize(st);
	return rc;
}

static int
run_number(struct store *s, const char *id, int64_t *n, struct err *err)
{
	sqlite3_stmt *st = query(s, err, "SELECT n FROM runs WHERE id = ?",
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

static int
put_run(struct store *s, const struct result *r, struct err *err)
{
	return done(s, query(s, err, "UPDATE runs SET state = 'judged', "
	    "verdict = ?, exit_status = ?, headline = ?, n_cases = ?, "
	    "requests = ?, elapsed_s = ?, embedder = ?, embedder_hash = ?, "
	    "curve_t = ? WHERE id = ?", "titiidttdt",
	    verdict_name(r->verdict), (int64_t)r->exit_status, r->headline,
	    (int64_t)r->n_cases, (int64_t)r->requests, r->run.elapsed_s,
	    r->run.embedder, r->run.embedder_hash, r->run.curve_t, r->run.id),
	    "cannot store the verdict", err);
}

int
store_result_put(struct store *s, const struct result *r, struct err *err)
{
	int64_t n = 0;
	int rc = run_sql(s, "BEGIN IMMEDIATE", "cannot be locked", err);

	if (rc != RC_OK)
		return rc;
	rc = run_number(s, r->run.id, &n, err);
	if (rc == RC_OK)
		rc = put_run(s, r, err);
	if (rc == RC_OK)
		rc = put_gates(s, n, r, err);
	if (rc == RC_OK)
		rc = put_cases(s, n, r, err);
	if (rc == RC_OK)
		rc = run_sql(s, "COMMIT", "cannot commit", err);
	if (rc != RC_OK)
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}

int
store_obs_begin(struct store *s, const char *id, struct err *err)
{
	int rc = run_sql(s, "BEGIN IMMEDIATE", "cannot be locked", err);

	assert(s->obs == NULL);
	if (rc != RC_OK)
		return rc;
	rc = run_number(s, id, &s->obs_run, err);
	if (rc == RC_OK)
		rc = done(s, query(s, err, "DELETE FROM observations WHERE "
		    "rowid BETWEEN (SELECT obs_first FROM runs WHERE n = ?1) "
		    "AND (SELECT obs_last FROM runs WHERE n = ?1)", "i",
		    s->obs_run), "cannot replace observations", err);
	if (rc == RC_OK)
		rc = done(s, query(s, err, "UPDATE runs SET obs_first = "
		    "(SELECT coalesce(max(rowid), 0) + 1 FROM observations) "
		    "WHERE n = ?", "i", s->obs_run),
		    "cannot place observations", err);
	if (rc == RC_OK) {
		s->obs = query(s, err, "INSERT INTO observations VALUES "
		    "(?,?,?,?,?,?,?,?,?,?,?,?,?,?)", "");
		s->obs_rc = SQLITE_OK;
		rc = s->obs == NULL ? RC_DB : RC_OK;
	}
	if (rc != RC_OK)
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}

void
store_obs_put(struct store *s, const struct store_obs *o)
{
	static const enum metric_id kept[] = {
		M_DS_QUESTION_RETRIEVED, M_DS_QUESTION_CONTEXT,
		M_DS_RETRIEVED_ANCHOR, M_COVERAGE, M_CITATION_PRECISION,
		M_CITATION_RECALL, M_NDCG_AT_K, M_COST,
	};
	size_t i;

	if (s->obs_rc != SQLITE_OK)
		return;
	(void)sqlite3_bind_int64(s->obs, 1, (int64_t)o->case_n);
	(void)sqlite3_bind_int64(s->obs, 2, o->variant);
	(void)sqlite3_bind_int64(s->obs, 3, o->arm);
	(void)sqlite3_bind_int64(s->obs, 4, o->outcome);
	if (o->total_ns >= 0)
		(void)sqlite3_bind_int64(s->obs, 5, o->total_ns);
	else
		(void)sqlite3_bind_null(s->obs, 5);
	for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		bind_num(s->obs, (int)i + 6, o->m[kept[i]]);
	/* bound anew before it is read again */
	(void)sqlite3_bind_text(s->obs, (int)i + 6, o->own, -1,
	    SQLITE_STATIC);
	if (sqlite3_step(s->obs) != SQLITE_DONE)
		s->obs_rc = sqlite3_errcode(s->db);
	(void)sqlite3_reset(s->obs);
}

int
store_obs_again(struct store *s, struct err *err)
{
	return done(s, query(s, err, "DELETE FROM observations WHERE rowid "
	    ">= (SELECT obs_first FROM runs WHERE n = ?)", "i", s->obs_run),
	    "cannot replace observations", err);
}

int
store_obs_end(struct store *s, struct err *err)
{
	int rc = RC_OK;

	assert(s->obs != NULL);
	if (s->obs_rc != SQLITE_OK)
		rc = db_err(s, err, "cannot store observations");
	(void)sqlite3_finalize(s->obs);
	s->obs = NULL;
	if (rc == RC_OK)
		rc = done(s, query(s, err, "UPDATE runs SET obs_last = "
		    "(SELECT coalesce(max(rowid), 0) FROM observations) "
		    "WHERE n = ?", "i", s->obs_run),
		    "cannot place observations", err);
	if (rc == RC_OK)
		rc = run_sql(s, "COMMIT", "cannot commit", err);
	if (rc != RC_OK)
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}

int
store_failed_cases(struct store *s, const char *id, store_case_fn *fn,
    void *ctx, struct err *err)
{
	sqlite3_stmt *st;
	int rc;

	st = query(s, err, "SELECT c.id FROM cases c JOIN runs r ON r.n = "
	    "c.run_n WHERE r.id = ? AND c.verdict IN ('regression', 'fail', "
	    "'unjudged') ORDER BY c.id", "t", id);
	if (st == NULL)
		return RC_DB;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		if (fn(ctx, (const char *)sqlite3_column_text(st, 0)) != 0)
			break;
	}
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		(void)db_err(s, err, "cannot list failed cases");
	(void)sqlite3_finalize(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? RC_OK : RC_DB;
}

/* ---- history ---------------------------------------------------------- */

static double
num_col(sqlite3_stmt *st, int i)
{
	return sqlite3_column_type(st, i) == SQLITE_NULL ? NAN :
	    sqlite3_column_double(st, i);
}

int
store_gate_history(struct store *s, const char *suite_name,
    const char *gate, const char *stacks, struct store_gate *out, size_t max,
    size_t *n, struct err *err)
{
	sqlite3_stmt *st;
	int rc = SQLITE_ROW;

	*n = 0;
	st = query(s, err, "SELECT r.id, r.verdict, g.value, g.base, g.cand, "
	    "g.noise, g.visible, g.n FROM gates g JOIN runs r "
	    "ON r.n = g.run_n WHERE r.suite_name = ?1 AND g.name = ?2 "
	    "AND (?3 IS NULL OR r.stacks = ?3) ORDER BY r.n DESC LIMIT ?4",
	    "ttti", suite_name, gate, stacks, (int64_t)max);
	if (st == NULL)
		return RC_DB;
	while (*n < max && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct store_gate *g = &out[(*n)++];

		copy_col(st, 0, g->run_id, sizeof(g->run_id));
		copy_col(st, 1, g->run_verdict, sizeof(g->run_verdict));
		g->value = num_col(st, 2);
		g->base = num_col(st, 3);
		g->cand = num_col(st, 4);
		g->noise = num_col(st, 5);
		g->visible = num_col(st, 6);
		g->n = (uint64_t)sqlite3_column_int64(st, 7);
	}
	(void)sqlite3_finalize(st);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return db_err(s, err, "cannot read history");
	return RC_OK;
}

int
store_case_history(struct store *s, const struct store_run *before,
    int runs, store_verdict_fn *fn, void *ctx, struct err *err)
{
	sqlite3_stmt *st;
	int rc;

	st = query(s, err, "WITH past AS (SELECT n FROM runs WHERE suite_name "
	    "= ?1 AND stacks = ?2 AND state = 'judged' AND n < (SELECT n FROM "
	    "runs WHERE id = ?3) ORDER BY n DESC LIMIT ?4), bad AS (SELECT "
	    "DISTINCT id FROM cases WHERE run_n IN past AND verdict <> "
	    "'pass') SELECT id, verdict FROM cases WHERE run_n IN past AND id "
	    "IN bad ORDER BY id, run_n", "ttti", before->suite_name,
	    before->stacks, before->id, (int64_t)runs);
	if (st == NULL)
		return RC_DB;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		fn(ctx, (const char *)sqlite3_column_text(st, 0),
		    (const char *)sqlite3_column_text(st, 1));
	if (rc != SQLITE_DONE)
		(void)db_err(s, err, "cannot read the cases' history");
	(void)sqlite3_finalize(st);
	return rc == SQLITE_DONE ? RC_OK : RC_DB;
}

/* ---- embedding cache -------------------------------------------------- */

int
store_embed_get(struct store *s, const char *weights, const char *text,
    void **blob, size_t *n, struct err *err)
{
	sqlite3_stmt *st;
	int rc, len;

	*blob = NULL;
	*n = 0;
	st = query(s, err, "SELECT vec FROM embeds WHERE weights = ? AND "
	    "text = ?", "tt", weights, text);
	if (st == NULL)
		return RC_DB;
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		len = sqlite3_column_bytes(st, 0);
		*blob = malloc((size_t)len + 1);
		if (*blob != NULL && len > 0)
			memcpy(*blob, sqlite3_column_blob(st, 0), (size_t)len);
		*n = (size_t)len;
	}
	(void)sqlite3_finalize(st);
	if (rc == SQLITE_ROW && *blob == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return db_err(s, err, "cannot read a vector");
	if (rc == SQLITE_ROW)
		return done(s, query(s, err, "UPDATE embeds SET used = ? WHERE"
		    " weights = ? AND text = ?", "itt", mono_wall_ns(),
		    weights, text), "cannot touch a vector", err);
	return RC_OK;
}

int
store_embed_put(struct store *s, const char *weights, const char *text,
    const void *blob, size_t n, struct err *err)
{
	sqlite3_stmt *st = query(s, err, "INSERT OR REPLACE INTO embeds "
	    "(weights, text, used, vec) VALUES (?,?,?,?)", "tti", weights,
	    text, mono_wall_ns());

	if (st == NULL)
		return RC_DB;
	(void)sqlite3_bind_blob64(st, 4, blob, n, SQLITE_STATIC);
	return done(s, st, "cannot keep a vector", err);
}

int
store_embed_begin(struct store *s, struct err *err)
{
	return run_sql(s, "BEGIN IMMEDIATE", "cannot be locked", err);
}

int
store_embed_stats(struct store *s, uint64_t *rows, uint64_t *bytes,
    struct err *err)
{
	sqlite3_stmt *st = query(s, err, "SELECT count(*), "
	    "coalesce(sum(length(vec)), 0) FROM embeds", "");
	int rc;

	if (st == NULL)
		return RC_DB;
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		*rows = (uint64_t)sqlite3_column_int64(st, 0);
		*bytes = (uint64_t)sqlite3_column_int64(st, 1);
	}
	(void)sqlite3_finalize(st);
	return rc == SQLITE_ROW ? RC_OK : db_err(s, err, "cannot count");
}

int
store_embed_end(struct store *s, size_t max_bytes, struct err *err)
{
	uint64_t rows = 0, bytes = 0;
	int rc = max_bytes == SIZE_MAX ? RC_OK :
	    store_embed_stats(s, &rows, &bytes, err);

	while (rc == RC_OK && bytes > max_bytes && rows > 0) {
		/* a tenth at a time, the least recently used first */
		rc = done(s, query(s, err, "DELETE FROM embeds WHERE (weights,"
		    " text) IN (SELECT weights, text FROM embeds ORDER BY "
		    "used LIMIT ?)", "i", (int64_t)(rows / 10 + 1)),
		    "cannot trim the cache", err);
		if (rc == RC_OK)
			rc = store_embed_stats(s, &rows, &bytes, err);
	}
	if (rc == RC_OK)
		rc = run_sql(s, "COMMIT", "cannot commit", err);
	if (rc != RC_OK)
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}
