/*
 * What the files of the store share: the database and its statements. The
 * only place that knows SQLite's header.
 */
#ifndef LOCKSTEP_STORE_PART_H
#define LOCKSTEP_STORE_PART_H

#include <sqlite3.h>

#include "harness/result/store.h"

struct store {
	sqlite3 *db;
	char path[1024];
	sqlite3_stmt *obs;	/* insert of one observation, while open */
	int64_t obs_run;
	int obs_rc;		/* sticky */
};

/* What SQLite says of the last call, and what to do about it. */
int db_err(struct store *s, struct err *err, const char *what);

/* Statements without values or rows. what  of an error: "cannot open" */
int db_run(struct store *s, const char *sql, const char *what,
    struct err *err);

/* A transaction that came to nothing. */
void db_rollback(struct store *s);

/*
 * A bound statement ready to step, or NULL; caller finalizes.
 * kinds   of the values: t text (NULL allowed), i int64_t, d double (NaN is
 *         NULL)
 */
sqlite3_stmt *db_query(struct store *s, struct err *err, const char *sql,
    const char *kinds, ...);

/* Runs a statement that gives no rows (NULL: its error stands), and
 * finalizes it. */
int db_done(struct store *s, sqlite3_stmt *st, const char *what,
    struct err *err);

/* NaN and infinities are NULL. */
void db_bind_num(sqlite3_stmt *st, int i, double v);

/* A column's text, cut to fit; NULL is "". */
void db_copy_col(sqlite3_stmt *st, int i, char *to, size_t cap);

/* Removes a run's observations. */
int store_obs_delete(struct store *s, int64_t run_n, struct err *err);

int store_make_dir(const char *path, struct err *err);

/* The rowid that other tables know a run by. */
int store_run_number(struct store *s, const char *id, int64_t *n,
    struct err *err);

#endif
