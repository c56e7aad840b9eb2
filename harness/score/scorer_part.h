/*
 * What the files of scorers share; not for others.
 *
 *   scorer_reply.c  a line that came back
 *   scorer_proc.c   a process, and asking several of them side by side
 *   scorer_spawn.c  starting and ending one
 *   scorer.c        identity, kept answers, equal lines
 */
#ifndef LOCKSTEP_SCORER_PART_H
#define LOCKSTEP_SCORER_PART_H

#include <sys/types.h>

#include "harness/base/buf.h"
#include "harness/base/json.h"
#include "harness/score/scorer.h"

/* Bytes of one line back: more is a failure of its process. */
#define SCORER_LINE_MAX ((size_t)256 << 10)

/* ---- a line that came back ------------------------------------------ */

/* Which metrics are looked for. */
struct scorer_names {
	const struct scorer_metric *m;
	size_t n;
};

/*
 * The id of an answer: "17", or 17.
 * returns 0, or -1 when it is none of ours
 */
int scorer_reply_id(const struct json *j, uint64_t *id);

/*
 * Fills one value a metric.
 * undeclared  counted up, the first one's name kept; or NULL
 */
void scorer_reply_read(const struct json *j, const struct scorer_names *names,
    struct scorer_value *out, struct scorer_stats *undeclared);

/* Says of all metrics that they are missing. */
void scorer_missing_all(struct scorer_value *out, size_t n,
    enum scorer_missing missing, const char *why);

/* The same answer as a line to be kept. */
void scorer_reply_write(const struct scorer_names *names,
    const struct scorer_value *v, struct buf *out);

/* Copies at most cap - 1 bytes, control characters as spaces, not cut within
 * a character. */
void scorer_clean(const char *s, size_t n, char *out, size_t cap);

/* ---- processes ------------------------------------------------------ */

struct scorer_child {
	pid_t pid;		/* 0: none */
	int in, out, err;	/* our ends, non-blocking; -1: closed */
};

/* dir: of the suite, for LOCKSTEP_SUITE_DIR. */
int scorer_spawn(const char *command, const char *dir,
    struct scorer_child *c, struct err *err);
void scorer_close_fd(int *fd);
/*
 * Closes its input, gives it grace_ns to end and kills its group.
 * returns the status of waitpid()
 */
int scorer_end(struct scorer_child *c, int64_t grace_ns);

/* One line to be asked, and what came of it. */
struct scorer_call {
	const char *p;		/* as in struct scorer_ask */
	size_t n;
	struct scorer_value *out;
	unsigned char state, tries;	/* of scorer_proc.c */
};

struct scorer_proc;

int scorer_proc_new(const struct suite_scorer *s, const char *dir,
    const struct scorer_names *names, struct scorer_proc **out,
    struct err *err);
void scorer_proc_free(struct scorer_proc *p);
/* Lines for the next scorer_procs_run(); calls is borrowed until then. */
void scorer_proc_load(struct scorer_proc *p, struct scorer_call *calls,
    size_t n);
/* Runs until every call of every process is answered or missing. */
int scorer_procs_run(struct scorer_proc *const *p, size_t n,
    struct err *err);
/* Starts one with an empty input; see scorers_try(). */
int scorer_proc_try(struct scorer_proc *p, struct err *err);
struct scorer_stats *scorer_proc_stats(struct scorer_proc *p);

#endif
