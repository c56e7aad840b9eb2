/*
 * The store: one SQLite file in WAL mode, .lockstep/store.db, beside one
 * folder a run.  Runs, gates, cases, observations and the embedding cache.
 *
 * Several processes may use it at once.  A struct store belongs to one
 * thread.  An unreadable or newer file is RC_DB with what to do.
 */
#ifndef LOCKSTEP_STORE_H
#define LOCKSTEP_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/result/result.h"
#include "harness/terms/metric.h"
#include "harness/traffic/exchange.h"

struct store;

/*
 * The folder of the state: dir, else LOCKSTEP_HOME, else ".lockstep".
 * returns a string that lives as long as the process
 */
const char *store_home(const char *dir);

/* Opens (creates) HOME/store.db. caller closes with store_close() */
int store_open(const char *home, struct store **out, struct err *err);
void store_close(struct store **s);

/* ---- runs ------------------------------------------------------------- */

struct store_run {
	char id[40];
	int64_t started_ns;
	char dir[1024];
	char state[16];
	char suite_name[128], suite_path[1024], suite_hash[40];
	char stacks[40];
	char verdict[16];	/* "" while not judged */
	int exit_status;
	char headline[256];
	uint64_t n_cases, requests;
	double elapsed_s;
};

/*
 * Begins a run: makes its id and folder (HOME/runs/ID, 0700) and its row.
 * suite_* and stacks of *run are filled by the caller; id, dir, started_ns
 * and state by this.
 */
int store_run_new(struct store *s, const char *home, struct store_run *run,
    struct err *err);

/* Sets the state: "replaying", "not started", "replayed", "judged". */
int store_run_state(struct store *s, const char *id, const char *state,
    struct err *err);

/* Sets the hash of its suite: of a run whose suite is only whole at its
 * end. */
int store_run_suite(struct store *s, const char *id, const char *suite_hash,
    struct err *err);

/*
 * Finds a run: an id, a unique prefix of one, "last", or a run's folder.
 * returns RC_OK or RC_USAGE (none such, or several: the message names them)
 */
int store_run_find(struct store *s, const char *word, struct store_run *out,
    struct err *err);

/* Calls fn for the runs, newest first; stops when it returns non-0. */
typedef int store_run_fn(void *ctx, const struct store_run *run);
int store_runs(struct store *s, const char *suite_name, store_run_fn *fn,
    void *ctx, struct err *err);

/* Removes a run's rows (its folder is the caller's). */
int store_run_delete(struct store *s, const char *id, struct err *err);

/* ---- results ---------------------------------------------------------- */

/* Writes verdict, gates and cases of a result, replacing older ones. */
int store_result_put(struct store *s, const struct result *r,
    struct err *err);

struct store_obs {
	uint64_t case_n;
	uint32_t variant;
	enum arm arm;
	enum outcome outcome;
	int64_t total_ns;
	const double *m;	/* METRIC_N values, NaN where missing */
	const char *scored;	/* of the suite's scorers, in JSON, or NULL */
};

/*
 * Observations of a run, replacing older ones: one transaction from begin to
 * end; errors are sticky and seen at the end.
 */
int store_obs_begin(struct store *s, const char *id, struct err *err);
void store_obs_put(struct store *s, const struct store_obs *o);
int store_obs_end(struct store *s, struct err *err);
/* Instead of the end: the run keeps those that it had. */
void store_obs_abandon(struct store *s);

/* Calls fn with the ids of a run's cases that regressed, failed or could not
 * be judged, in order of id; stops when it returns non-0. */
typedef int store_case_fn(void *ctx, const char *case_id);
int store_failed_cases(struct store *s, const char *id, store_case_fn *fn,
    void *ctx, struct err *err);

/* ---- history ---------------------------------------------------------- */

/* One gate's numbers in one earlier run. */
struct store_gate {
	char run_id[40];
	char run_verdict[16];
	char stacks[40];
	double value, base, cand, noise, visible;
	uint64_t n;
};

/* Which runs are asked for. */
struct store_past {
	const char *suite_name;
	const char *gate;	/* NULL: of cases */
	const char *stacks;	/* only runs of that hash; NULL: any */
	const char *build;	/* only runs of that build (result_build());
				   NULL: any */
	const char *before;	/* only runs earlier than this one; NULL: all */
	int same_scale;		/* only those whose distances were measured
				   like these: */
	const char *embedder_hash;
	double curve_t;		/* NaN: identity */
};

/* The newest `max` judged runs of a suite, newest first. *n are written. */
int store_gate_history(struct store *s, const struct store_past *past,
    struct store_gate *out, size_t max, size_t *n, struct err *err);

/*
 * Verdicts of cases in the `runs` newest judged runs of the past, of cases
 * that did not pass in all of them: fn is called in order of case, then of
 * run, the oldest first.
 * verdict  "pass", "regression", ...
 */
typedef void store_verdict_fn(void *ctx, const char *case_id,
    const char *verdict);
int store_case_history(struct store *s, const struct store_past *past,
    int runs, store_verdict_fn *fn, void *ctx, struct err *err);

/* ---- embedding cache -------------------------------------------------- */

/* What is kept of embedders and scorers between runs, at most. */
#define STORE_EMBED_BYTES ((size_t)512 << 20)

/*
 * A cached vector.
 * *blob   malloc'd, caller frees; NULL when there is none
 */
int store_embed_get(struct store *s, const char *weights, const char *text,
    void **blob, size_t *n, struct err *err);
/* Keeps at most max_bytes of vectors, the least recently used go. */
int store_embed_put(struct store *s, const char *weights, const char *text,
    const void *blob, size_t n, struct err *err);
/* Runs a batch of gets and puts in one transaction. */
int store_embed_begin(struct store *s, struct err *err);
/* max_bytes SIZE_MAX: commits alone, without counting what is there. */
int store_embed_end(struct store *s, size_t max_bytes, struct err *err);
/* Rows and bytes of the cache. */
int store_embed_stats(struct store *s, uint64_t *rows, uint64_t *bytes,
    struct err *err);

#endif
