/* The cache of vectors in the store; see store.h. */
#include "harness/result/store_part.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/mono.h"

#define HOUR_NS (3600 * MONO_S)

int
store_embed_get(struct store *s, const char *weights, const char *text,
    void **blob, size_t *n, struct err *err)
{
	sqlite3_stmt *st;
	int64_t used = 0;
	int rc, len;

	*blob = NULL;
	*n = 0;
	st = db_query(s, err, "SELECT vec, used FROM embeds WHERE "
	    "weights = ? AND text = ?", "tt", weights, text);
	if (st == NULL)
		return RC_DB;
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		len = sqlite3_column_bytes(st, 0);
		*blob = malloc((size_t)len + 1);
		if (*blob != NULL && len > 0)
			memcpy(*blob, sqlite3_column_blob(st, 0), (size_t)len);
		*n = (size_t)len;
		used = sqlite3_column_int64(st, 1);
	}
	(void)sqlite3_finalize(st);
	if (rc == SQLITE_ROW && *blob == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return db_err(s, err, "cannot read a vector");
	/* which of them is older matters by the hour */
	if (rc == SQLITE_ROW && mono_wall_ns() - used > HOUR_NS)
		return db_done(s, db_query(s, err, "UPDATE embeds SET used = ? "
		    "WHERE weights = ? AND text = ?", "itt", mono_wall_ns(),
		    weights, text), "cannot touch a vector", err);
	return RC_OK;
}

int
store_embed_put(struct store *s, const char *weights, const char *text,
    const void *blob, size_t n, struct err *err)
{
	sqlite3_stmt *st = db_query(s, err, "INSERT OR REPLACE INTO embeds "
	    "(weights, text, used, vec) VALUES (?,?,?,?)", "tti", weights,
	    text, mono_wall_ns());

	if (st == NULL)
		return RC_DB;
	(void)sqlite3_bind_blob64(st, 4, blob, n, SQLITE_STATIC);
	return db_done(s, st, "cannot keep a vector", err);
}

int
store_embed_begin(struct store *s, struct err *err)
{
	return db_run(s, "BEGIN IMMEDIATE", "cannot be locked", err);
}

int
store_embed_stats(struct store *s, uint64_t *rows, uint64_t *bytes,
    struct err *err)
{
	sqlite3_stmt *st = db_query(s, err, "SELECT count(*), "
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
		rc = db_done(s, db_query(s, err, "DELETE FROM embeds WHERE "
		    "(weights, text) IN (SELECT weights, text FROM embeds "
		    "ORDER BY used LIMIT ?)", "i", (int64_t)(rows / 10 + 1)),
		    "cannot trim the cache", err);
		if (rc == RC_OK)
			rc = store_embed_stats(s, &rows, &bytes, err);
	}
	if (rc == RC_OK)
		rc = db_run(s, "COMMIT", "cannot commit", err);
	if (rc != RC_OK)
		db_rollback(s);
	return rc;
}
