/* Runs in the store; see store.h. */
#include "harness/result/store_part.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/hash.h"
#include "harness/base/mono.h"

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
	char dir[sizeof(run->dir)], noted_dir[sizeof(run->id) + 8];
	sqlite3_stmt *st;
	int rc;

	run->started_ns = mono_wall_ns();
	make_id(run->started_ns, run->id);
	(void)snprintf(run->state, sizeof(run->state), "replaying");
	(void)snprintf(dir, sizeof(dir), "%.900s/runs", home);
	rc = store_make_dir(dir, err);
	if (rc != RC_OK)
		return rc;
	(void)snprintf(run->dir, sizeof(run->dir), "%.900s/runs/%s", home,
	    run->id);
	rc = store_make_dir(run->dir, err);
	if (rc != RC_OK)
		return rc;
	/* from the home, which may be moved */
	(void)snprintf(noted_dir, sizeof(noted_dir), "runs/%s", run->id);
	st = db_query(s, err, "INSERT INTO runs (id, started_ns, dir, state, "
	    "suite_name, suite_path, suite_hash, stacks) "
	    "VALUES (?,?,?,?,?,?,?,?)", "tittttt" "t", run->id,
	    run->started_ns, noted_dir, run->state,
	    run->suite_name, run->suite_path, run->suite_hash, run->stacks);
	return db_done(s, st, "cannot note the run", err);
}

int
store_run_state(struct store *s, const char *id, const char *state,
    struct err *err)
{
	return db_done(s, db_query(s, err,
	    "UPDATE runs SET state = ? WHERE id = ?", "tt", state, id),
	    "cannot note the run's state", err);
}

int
store_run_suite(struct store *s, const char *id, const char *suite_hash,
    struct err *err)
{
	return db_done(s, db_query(s, err,
	    "UPDATE runs SET suite_hash = ? WHERE id = ?", "tt", suite_hash,
	    id), "cannot note the run's suite", err);
}

#define RUN_COLS "id, started_ns, dir, state, suite_name, suite_path, " \
	"suite_hash, stacks, verdict, exit_status, headline, n_cases, " \
	"requests, elapsed_s"

/*
 * Where a run's folder is: in the home of the store, wherever that was moved
 * or copied to. What an older version noted (a path from the folder that it
 * was called in, or an absolute one) counts where there is none.
 */
static void
place_run(const struct store *s, struct store_run *r)
{
	const char *slash = strrchr(s->path, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - s->path) + 1;
	char here[sizeof(r->dir)];
	struct stat st;

	(void)snprintf(here, sizeof(here), "%.*sruns/%s", (int)n, s->path,
	    r->id);
	if (strncmp(r->dir, "runs/", 5) == 0 || (stat(here, &st) == 0 &&
	    S_ISDIR(st.st_mode)))
		memcpy(r->dir, here, sizeof(here));
}

static void
read_run(const struct store *s, sqlite3_stmt *st, struct store_run *r)
{
	memset(r, 0, sizeof(*r));
	db_copy_col(st, 0, r->id, sizeof(r->id));
	r->started_ns = sqlite3_column_int64(st, 1);
	db_copy_col(st, 2, r->dir, sizeof(r->dir));
	db_copy_col(st, 3, r->state, sizeof(r->state));
	db_copy_col(st, 4, r->suite_name, sizeof(r->suite_name));
	db_copy_col(st, 5, r->suite_path, sizeof(r->suite_path));
	db_copy_col(st, 6, r->suite_hash, sizeof(r->suite_hash));
	db_copy_col(st, 7, r->stacks, sizeof(r->stacks));
	db_copy_col(st, 8, r->verdict, sizeof(r->verdict));
	r->exit_status = sqlite3_column_int(st, 9);
	db_copy_col(st, 10, r->headline, sizeof(r->headline));
	r->n_cases = (uint64_t)sqlite3_column_int64(st, 11);
	r->requests = (uint64_t)sqlite3_column_int64(st, 12);
	r->elapsed_s = sqlite3_column_double(st, 13);
	place_run(s, r);
}

int
store_runs(struct store *s, const char *suite_name, store_run_fn *fn,
    void *ctx, struct err *err)
{
	struct store_run run;
	sqlite3_stmt *st;
	int rc;

	st = db_query(s, err, "SELECT " RUN_COLS " FROM runs "
	    "WHERE ?1 IS NULL OR suite_name = ?1 ORDER BY n DESC", "t",
	    suite_name);
	if (st == NULL)
		return RC_DB;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		read_run(s, st, &run);
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
	struct stat st_dir;
	sqlite3_stmt *st;
	int rc, n = 0;

	folder_name(word, name, sizeof(name));
	if (strcmp(word, "last") == 0)
		st = db_query(s, err, "SELECT " RUN_COLS
		    " FROM runs WHERE state <> 'not started' "
		    "ORDER BY n DESC LIMIT 1", "");
	else
		st = db_query(s, err, "SELECT " RUN_COLS " FROM runs WHERE "
		    "substr(id, 1, length(?1)) = ?1 AND ?1 <> '' "
		    "ORDER BY n DESC LIMIT 2", "t", name);
	if (st == NULL)
		return RC_DB;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		read_run(s, st, n++ == 0 ? out : &second);
	(void)sqlite3_finalize(st);
	if (rc != SQLITE_DONE)
		return db_err(s, err, "cannot look up a run");
	if (n == 0 && stat(word, &st_dir) == 0 && S_ISDIR(st_dir.st_mode))
		return err_set(err, RC_USAGE, "%s is not a run of %s; only "
		    "show, explain, compare and report read copies of runs",
		    word, s->path);
	if (n == 0)
		return err_set(err, RC_USAGE, "no run \"%s\" in %s%s; "
		    "`lockstep runs` lists them", word, s->path,
		    strchr(word, '/') != NULL || strstr(word, ".zst") != NULL ?
		    ", and no such file" : "");
	if (n > 1)
		return err_set(err, RC_USAGE, "\"%s\" matches several runs, "
		    "such as %s and %s; give more of the id", word, out->id,
		    second.id);
	return RC_OK;
}

int
store_run_delete(struct store *s, const char *id, struct err *err)
{
	int64_t n = 0;
	int rc = db_run(s, "BEGIN IMMEDIATE", "cannot be locked", err);

	if (rc == RC_OK)
		rc = store_run_number(s, id, &n, err);
	if (rc == RC_OK)
		rc = store_obs_delete(s, n, err);
	if (rc == RC_OK)
		rc = db_done(s, db_query(s, err, "DELETE FROM runs WHERE "
		    "n = ?", "i", n), "cannot remove the run", err);
	if (rc == RC_OK)
		return db_run(s, "COMMIT", "cannot commit", err);
	db_rollback(s);
	return rc;
}
