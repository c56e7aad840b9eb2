/* Verdicts, gates and cases in the store, and their history; see store.h. */
#include "harness/result/store_part.h"

#include <math.h>

#include "harness/base/hash.h"

static int
put_gates(struct store *s, int64_t run_n, const struct result *r,
    struct err *err)
{
	const struct result_gate *g;
	size_t i;
	int rc;

	rc = db_done(s, db_query(s, err, "DELETE FROM gates WHERE run_n = ?",
	    "i", run_n), "cannot replace gates", err);
	for (i = 0; i < r->n_gates && rc == RC_OK; i++) {
		g = &r->gates[i];
		rc = db_done(s, db_query(s, err, "INSERT INTO gates VALUES "
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

	rc = db_done(s, db_query(s, err, "DELETE FROM cases WHERE run_n = ?",
	    "i", run_n), "cannot replace cases", err);
	st = db_query(s, err, "INSERT INTO cases VALUES (?,?,?,?,?,?)", "");
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
		db_bind_num(st, 6, (double)c->drift);
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
put_run(struct store *s, const struct result *r, struct err *err)
{
	char build[HASH_HEX];

	return db_done(s, db_query(s, err, "UPDATE runs SET state = 'judged', "
	    "verdict = ?, exit_status = ?, headline = ?, n_cases = ?, "
	    "requests = ?, elapsed_s = ?, embedder = ?, embedder_hash = ?, "
	    "curve_t = ?, build = ? WHERE id = ?", "titiidttdtt",
	    verdict_name(r->verdict), (int64_t)r->exit_status, r->headline,
	    (int64_t)r->n_cases, (int64_t)r->requests, r->run.elapsed_s,
	    r->run.embedder, r->run.embedder_hash, r->run.curve_t,
	    result_build(r, build) ? build : NULL, r->run.id),
	    "cannot store the verdict", err);
}

int
store_result_put(struct store *s, const struct result *r, struct err *err)
{
	int64_t n = 0;
	int rc = db_run(s, "BEGIN IMMEDIATE", "cannot be locked", err);

	if (rc != RC_OK)
		return rc;
	rc = store_run_number(s, r->run.id, &n, err);
	if (rc == RC_OK)
		rc = put_run(s, r, err);
	if (rc == RC_OK)
		rc = put_gates(s, n, r, err);
	if (rc == RC_OK)
		rc = put_cases(s, n, r, err);
	if (rc == RC_OK)
		rc = db_run(s, "COMMIT", "cannot commit", err);
	if (rc != RC_OK)
		db_rollback(s);
	return rc;
}

int
store_failed_cases(struct store *s, const char *id, store_case_fn *fn,
    void *ctx, struct err *err)
{
	sqlite3_stmt *st;
	int rc;

	st = db_query(s, err, "SELECT c.id FROM cases c JOIN runs r ON r.n = "
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

static double
num_col(sqlite3_stmt *st, int i)
{
	return sqlite3_column_type(st, i) == SQLITE_NULL ? NAN :
	    sqlite3_column_double(st, i);
}

/* Of runs r, with struct store_past's members bound in this order. */
#define PAST "r.suite_name = ?1 AND (?2 IS NULL OR r.stacks = ?2) AND " \
	"(?3 IS NULL OR r.n < (SELECT n FROM runs WHERE id = ?3)) AND " \
	"(?4 = 0 OR (r.embedder_hash IS ?5 AND r.curve_t IS ?6)) AND " \
	"(?7 IS NULL OR r.build = ?7)"

int
store_gate_history(struct store *s, const struct store_past *past,
    struct store_gate *out, size_t max, size_t *n, struct err *err)
{
	sqlite3_stmt *st;
	int rc = SQLITE_ROW;

	*n = 0;
	st = db_query(s, err, "SELECT r.id, r.verdict, g.value, g.base, "
	    "g.cand, g.noise, g.visible, g.n, r.stacks FROM gates g "
	    "JOIN runs r ON r.n = g.run_n "
	    "WHERE " PAST " AND g.name = ?8 ORDER BY r.n DESC LIMIT ?9",
	    "tttitdtti", past->suite_name, past->stacks, past->before,
	    (int64_t)past->same_scale, past->embedder_hash, past->curve_t,
	    past->build, past->gate, (int64_t)max);
	if (st == NULL)
		return RC_DB;
	while (*n < max && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct store_gate *g = &out[(*n)++];

		db_copy_col(st, 0, g->run_id, sizeof(g->run_id));
		db_copy_col(st, 1, g->run_verdict, sizeof(g->run_verdict));
		g->value = num_col(st, 2);
		g->base = num_col(st, 3);
		g->cand = num_col(st, 4);
		g->noise = num_col(st, 5);
		g->visible = num_col(st, 6);
		g->n = (uint64_t)sqlite3_column_int64(st, 7);
		db_copy_col(st, 8, g->stacks, sizeof(g->stacks));
	}
	(void)sqlite3_finalize(st);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return db_err(s, err, "cannot read history");
	return RC_OK;
}

int
store_case_history(struct store *s, const struct store_past *past,
    int runs, store_verdict_fn *fn, void *ctx, struct err *err)
{
	sqlite3_stmt *st;
	int rc;

	st = db_query(s, err, "WITH past AS (SELECT r.n FROM runs r WHERE "
	    PAST " AND r.state = 'judged' ORDER BY r.n DESC LIMIT ?8),"
	    " bad AS (SELECT DISTINCT id FROM cases WHERE run_n IN past AND "
	    "verdict <> 'pass') SELECT id, verdict FROM cases WHERE run_n IN "
	    "past AND id IN bad ORDER BY id, run_n", "tttitdti",
	    past->suite_name, past->stacks, past->before,
	    (int64_t)past->same_scale, past->embedder_hash, past->curve_t,
	    past->build, (int64_t)runs);
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
