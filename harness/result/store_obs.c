/* Observations in the store; see store.h. */
#include "harness/result/store_part.h"

#include <assert.h>

int
store_obs_delete(struct store *s, int64_t run_n, struct err *err)
{
	return db_done(s, db_query(s, err, "DELETE FROM observations WHERE "
	    "rowid BETWEEN (SELECT obs_first FROM runs WHERE n = ?1) AND "
	    "(SELECT obs_last FROM runs WHERE n = ?1)", "i", run_n),
	    "cannot remove observations", err);
}

int
store_obs_begin(struct store *s, const char *id, struct err *err)
{
	int rc = db_run(s, "BEGIN IMMEDIATE", "cannot be locked", err);

	assert(s->obs == NULL);
	if (rc != RC_OK)
		return rc;
	rc = store_run_number(s, id, &s->obs_run, err);
	if (rc == RC_OK)
		rc = store_obs_delete(s, s->obs_run, err);
	if (rc == RC_OK)
		rc = db_done(s, db_query(s, err, "UPDATE runs SET obs_first = "
		    "(SELECT coalesce(max(rowid), 0) + 1 FROM observations) "
		    "WHERE n = ?", "i", s->obs_run),
		    "cannot place observations", err);
	if (rc == RC_OK) {
		s->obs = db_query(s, err, "INSERT INTO observations VALUES "
		    "(?,?,?,?,?,?,?,?,?,?,?,?,?,?)", "");
		s->obs_rc = SQLITE_OK;
		rc = s->obs == NULL ? RC_DB : RC_OK;
	}
	if (rc != RC_OK)
		db_rollback(s);
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
		db_bind_num(s->obs, (int)i + 6, o->m[kept[i]]);
	/* bound anew before it is read again */
	(void)sqlite3_bind_text(s->obs, (int)i + 6, o->scored, -1,
	    SQLITE_STATIC);
	if (sqlite3_step(s->obs) != SQLITE_DONE)
		s->obs_rc = sqlite3_errcode(s->db);
	(void)sqlite3_reset(s->obs);
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
		rc = db_done(s, db_query(s, err, "UPDATE runs SET obs_last = "
		    "(SELECT coalesce(max(rowid), 0) FROM observations) "
		    "WHERE n = ?", "i", s->obs_run),
		    "cannot place observations", err);
	if (rc == RC_OK)
		rc = db_run(s, "COMMIT", "cannot commit", err);
	if (rc != RC_OK)
		db_rollback(s);
	return rc;
}

void
store_obs_abandon(struct store *s)
{
	if (s->obs == NULL)
		return;
	(void)sqlite3_finalize(s->obs);
	s->obs = NULL;
	db_rollback(s);
}
