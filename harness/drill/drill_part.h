/*
 * Private to the room: a drill under way, and what the scenarios share.
 */
#ifndef LOCKSTEP_DRILL_PART_H
#define LOCKSTEP_DRILL_PART_H

#include <stdatomic.h>
#include <stdint.h>

#include "harness/base/arena.h"
#include "harness/base/buf.h"
#include "harness/base/json.h"
#include "harness/drill/drill.h"
#include "harness/suite/suite.h"
#include "harness/traffic/exchange.h"
#include "replay/auth.h"
#include "replay/http.h"
#include "replay/target.h"

struct drill;

typedef int drill_fn(struct drill *d, struct err *err);

struct drill_row {
	const char *name;
	int guardrail;
	const char *aliases, *help;
	drill_fn *fn;
};

/* drill_idempotency(), ...: one file each. */
#define DRILL(name, guardrail, aliases, help) drill_fn drill_##name;
#include "harness/terms/drill_rows.h"

/* A stack of the suite that answers. */
struct drill_stack {
	const struct suite_target *t;
	struct target *target;
	struct http_origin *origin;
	struct auth *auth;
	struct buf token;
	const char *url;		/* NULL: the suite names none */
};

struct journal;

struct drill {
	const struct drill_opts *o;
	const struct suite *suite;
	const struct json *words;	/* suite->drills, or an empty object */
	const struct drill_row *row;
	const struct json *scenario;	/* its own keys, or NULL */
	struct drill_stack stack[ARM_N];
	struct journal *journal;
	char id[40];			/* of this drill: keys begin with it */
	uint64_t seed;
	double weight;			/* {{weight}} of the lever that is
					   pulled; 0: none */
	uint64_t n;			/* numbers given to effects */
	atomic_uint_fast64_t requests;
	const struct json *had;		/* the next one of o->had */
	const struct json *had_step;	/* of o->had_steps; steps.c's */
	int resumed;			/* the next scenario was interrupted */
	struct json *out, *checks, *levers;	/* of the scenario */
	int failed, cannot;
};

/* ---- drill_check.c: what came of it ------------------------------------ */

/*
 * Adds a check. cause: the root-cause class that its failure means (only the
 * first one counts), or NULL; the text says what was seen.
 * returns ok
 */
int drill_check(struct drill *d, const char *name, int ok,
    const char *cause, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* A check that cannot be judged: what it needs. It fails nothing. */
void drill_skip(struct drill *d, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The scenario cannot run: what it needs. */
void drill_needs(struct drill *d, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
int drill_stopped(const struct drill *d);

/* The scenario's keys; defaults are the table's. */
int64_t drill_int(const struct drill *d, const char *key);
double drill_num(const struct drill *d, const char *key);
int64_t drill_time(const struct drill *d, const char *key);
const char *drill_str(const struct drill *d, const char *key);
/* A member of the suite's words by a dotted path, NULL: absent. */
const struct json *drill_word(const struct drill *d, const char *path);
/* The same of the suite's document, for words of other manifests. */
const struct json *drill_doc(const struct drill *d, const char *path);

/* ---- drill_wave.c: requests -------------------------------------------- */

enum { ASK_HEADERS = 48 };
#define ASK_DEADLINE_NS (30000 * 1000000LL)

enum ask_cut {
	ASK_WHOLE,
	ASK_LEAVE,	/* the connection is broken once all is sent */
	ASK_HALF	/* and when half of the body is sent */
};

/* One request, and what came back. Strings are the wave's. */
struct ask {
	enum arm arm;
	const char *method, *target, *body;	/* body NULL: none */
	size_t body_n;
	struct ex_header h[ASK_HEADERS];
	size_t n_h;
	int64_t at_ns;		/* from the wave's start; 0: at once */
	int64_t deadline_ns;	/* 0: the target's */
	enum ask_cut cut;
	uint32_t tag;		/* the caller's */
	const char *group;	/* the caller's, or NULL */

	enum outcome outcome;
	const char *why;	/* or NULL */
	int status;		/* 0: no answer */
	int64_t sent_ns;	/* from the wave's start */
	int64_t total_ns;
	const char *res;
	size_t res_n;
	const struct ex_header *rh;
	size_t n_rh;
};

struct wave {
	struct arena mem;
	struct ask **v;
	size_t n, cap;
	int concurrency;	/* 0: 1 */
	int64_t begun_ns;	/* of the last wave_send(), mono_now_ns() */
	atomic_int *stop;	/* not 0: what is not sent stays so; or NULL */
};

void wave_init(struct wave *w, int concurrency);
void wave_fini(struct wave *w);
/* Forgets all asks. */
void wave_reset(struct wave *w);

/*
 * Adds a request with the headers that everything to that stack carries;
 * strings are copied.
 * returns it, to be changed until wave_send(); NULL when memory is out
 */
struct ask *wave_add(struct drill *d, struct wave *w, enum arm arm,
    const char *method, const char *target, const struct buf *body);
/* Sets a header in place of an equal name; NULL removes it. */
void ask_header(struct wave *w, struct ask *a, const char *name,
    const char *value);
/* The members of an object as headers. */
void ask_headers(struct wave *w, struct ask *a, const struct json *headers);

/*
 * Sends all that was not sent, in the order of at_ns, and waits for the
 * answers.
 * returns RC_OK whatever the service did
 */
int wave_send(struct drill *d, struct wave *w, struct err *err);

/* One request and its answer, within w. NULL with an error. */
struct ask *wave_one(struct drill *d, struct wave *w, struct ask *a,
    struct err *err);

const char *ask_answer_header(const struct ask *a, const char *name);
/* The answer's body as JSON, caller frees; NULL: it is none. */
struct json *ask_json(const struct ask *a);
/* "429 with Retry-After 1", "no answer: reset" */
const char *ask_say(const struct ask *a, char out[160]);

/* ---- drill_cut.c: clients that go away --------------------------------- */

/* Whether a's stack can be left like that: plain HTTP to a host. */
int cut_can(const struct drill *d, enum arm arm);
/* Sends a request, or half of it, and breaks the connection. */
void cut_send(const struct drill *d, struct ask *a);

/* ---- drill_lever.c ------------------------------------------------------ */

int lever_has(const struct drill *d, const char *name);
/* Whether it says how it is taken back. */
int lever_has_undo(const struct drill *d, const char *name);
/* returns RC_OK; RC_USAGE: the suite has no such lever, or no way back of
 * it, and how that is written */
int lever_must_undo(const struct drill *d, const char *name,
    struct err *err);
/*
 * Pulls a lever, and notes on disk first how to take it back.
 * returns RC_OK; RC_USAGE: it failed, why is in the message
 */
int lever_pull(struct drill *d, const char *name, struct err *err);
/* The same of a lever that takes a weight, with {{weight}} in it. */
int lever_takes_weight(const struct drill *d, const char *name);
int lever_pull_at(struct drill *d, const char *name, double weight,
    struct err *err);
/* Takes it back now, if it was pulled. */
int lever_undo(struct drill *d, const char *name, struct err *err);
/* Takes back all that is pulled, the last first; tells in the scenario. */
void lever_undo_all(struct drill *d);

/* ---- drill_stack.c ------------------------------------------------------ */

int stacks_open(struct drill *d, struct err *err);
void stacks_close(struct drill *d);
/* The arm that is drilled: the candidate, else the baseline. */
enum arm drill_arm(const struct drill *d);

/* ---- drill_audit.c: what the service counts ----------------------------- */

/* *n  -1: the suite names no audit, or why it has no number */
int audit_count(struct drill *d, int64_t *n, char why[200], struct err *err);

#endif
