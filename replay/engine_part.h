/*
 * What the parts of the engine share: private to engine*.c, worker*.c and
 * flight.c. struct engine is immutable while workers run, except the members
 * named atomic; everything of a worker belongs to its thread.
 */
#ifndef LOCKSTEP_ENGINE_PART_H
#define LOCKSTEP_ENGINE_PART_H

#include <pthread.h>
#include <stdatomic.h>

#include "harness/base/hist.h"
#include "harness/suite/template.h"
#include "harness/traffic/clean.h"
#include "replay/auth.h"
#include "replay/engine.h"
#include "replay/http.h"
#include "replay/money.h"
#include "replay/pace.h"
#include "replay/stack.h"
#include "replay/writer.h"

enum {
	ENGINE_HEADERS_MAX = 64,
	/* A chunk of this size goes to the writer. On a shared processor the
	 * writer works until the chunk is done, and a due request waits for
	 * it. */
	ENGINE_CHUNK_BYTES = 32 << 10,
	ENGINE_QUEUE_BYTES = 32 << 20,	/* waiting for the writer, at most */
	ENGINE_FLIGHTS_MAX = 8192	/* open-loop requests in flight */
};
#define ENGINE_TICK_NS (100 * MONO_MS)	/* longest a worker sleeps */
#define ENGINE_GRACE_NS (5 * MONO_S)	/* for answers after a stop */
/* From one wave for latency alone to the next, at least: blocks are of time,
 * and a service of 0.1 ms needs no more pairs in them than one of 2 ms. */
#define ENGINE_WAVE_NS (2 * MONO_MS)

/* A header of a target's requests. */
struct engine_header {
	const char *name;
	const char *value;		/* when there is no template */
	struct template *tmpl;		/* or NULL */
	int secret;			/* sent, never recorded */
};

/* How an arm is asked; an echo shares its arm's. */
struct engine_arm {
	int live;
	int stack;		/* index into stacks */
	int shape;		/* arms of one shape render alike */
	const struct suite_target *target;
	const struct extract_spec *extract;
	const char *method;
	struct template *path, *body;
	int as_recorded;	/* the body is {{body}} alone */
	struct sent_rule rule;	/* of such a one */
	int own_templates;	/* to be freed here */
	struct engine_header headers[ENGINE_HEADERS_MAX];
	size_t n_headers;
	struct auth *auth;	/* or NULL */
	int64_t deadline_ns;
};

/* One deployment: one or two arms (an arm and its echo) send to it. */
struct engine_stack {
	struct http_origin *origin;
	const struct suite_target *target;
};

/* The first results of an arm: whether all fail alike; under err_lock. */
struct engine_start {
	atomic_int over;	/* nothing more to look at */
	uint32_t n;
	enum outcome outcome;
};

struct engine {
	const struct engine_job *job;
	struct engine_arm arm[ARM_N];
	struct engine_stack stack[ARM_N];
	struct http_origin *origins[ARM_N];
	int n_stacks;
	int n_shapes;
	int n_workers;
	int waves;		/* waves: the next variants begin when all of
				   the last wave are answered; a closed loop
				   over more than one stack */
	struct pace pace;
	struct writer *writer;
	uint8_t *done;		/* resumed: a bit for each arm of a variant or
				   an ask */
	uint64_t pairs_done[ROUND_N];	/* resumed: of latency rounds */
	uint64_t n_items;	/* variants or asks to send */
	int64_t span_ns;	/* trace's time of the first request */
	uint64_t pairs_max;	/* to measure on with */
	struct engine_start start_of[ARM_N];	/* of a stack, by arm */
	uint64_t *order;	/* case by position, or NULL: the plan's */
	int64_t base_ns;	/* mono_now_ns() that is time 0 of the trace */
	int64_t t0_ns;		/* start of the schedule; set at the barrier */
	int64_t first_due_ns;	/* of the first variant that is missing */
	int64_t end_ns;		/* time budget; INT64_MAX: none */
	pthread_mutex_t start;	/* held until the workers are counted */
	pthread_cond_t ended;	/* with start: running became 0 */
	int running;		/* workers; with start */
	pthread_barrier_t warm;
	atomic_uint_fast64_t next;	/* variant */
	atomic_uint_fast64_t warm_next;
	atomic_uint_fast64_t limit;	/* of next: the plan's, or a budget's */
	atomic_int_fast64_t spent_nano;	/* money, and what is reserved */
	atomic_int stopping;		/* no new requests */
	atomic_int reason;		/* enum engine_stop */
	atomic_int fatal;		/* err is set */
	pthread_mutex_t err_lock;
	struct err err;
	struct engine_alike alike;	/* with err_lock */
};

/* A request on its way, retries included. */
struct flight {
	struct http_call *call;	/* NULL while it waits for a retry */
	enum arm arm;
	struct ex_key key;	/* case_id: in case_id below */
	struct buf case_id, target, body, values;
	char method[32];
	int has_body;
	struct ex_header headers[ENGINE_HEADERS_MAX];
	unsigned char secret[ENGINE_HEADERS_MAX];
	size_t n_headers;
	char idem[48];
	uint64_t auth_gen;
	int warmup, renewed, probe;
	unsigned stale;		/* of all attempts */
	int expects_4xx, expects;	/* of its case: assertions */
	int64_t reserved_nano;	/* money set aside for it */
	int64_t due_ns;		/* absolute; -1: closed loop */
	int64_t deadline_ns;	/* absolute, of all attempts; 0: not sent */
	struct ex_attempt *attempts;
	size_t n_attempts;
	int64_t retry_ns;	/* absolute */
	struct flight *next;
};

/* The last rendering of a shape. */
struct rendering {
	uint64_t case_index;
	uint32_t v;
	int valid;
	struct buf target, body;
	int has_body;
	char method[32];
};

/* What the progress line reads. */
struct worker_public {
	atomic_uint_fast64_t done, errors;
	atomic_int_fast64_t p95_ns, late_p99_ns;
};

struct worker {
	struct engine *e;
	int index;
	pthread_t thread;
	struct http_client *client;
	struct gold gold;
	uint64_t gold_index;	/* UINT64_MAX: none */
	struct plan_item item;
	int have_item;
	uint64_t item_k;
	int item_pos;
	int item_joined;	/* the wave */
	int wave_left;		/* requests that it may still begin */
	int64_t wave_ns;	/* when it began */
	int64_t item_due_ns;
	int exhausted;		/* the plan is through */
	struct pace_cursor cursor;
	struct stack_state stack[ARM_N];
	struct rendering render[ARM_N];
	struct flight *spare, *retries;
	int inflight, waiting;	/* waiting: for a retry */
	int slots;		/* closed loop: at most in flight */
	int discard;		/* abandoned: not recorded */
	struct buf was_bytes;		/* of the case's recorded request */
	struct sent_request was;
	struct writer_chunk *chunk;
	struct clean clean;		/* scratch of flight_record() */
	struct ex_header *res_headers;
	size_t cap_res_headers;
	struct answer answer;		/* scratch of money_of() */
	int64_t dearest_nano;		/* cost of a request so far */
	struct hist *late, *latency;
	struct engine_arm_stats stats[ARM_N];
	uint64_t skipped, written, rolled;
	uint64_t pairs;		/* begun for their latency alone */
	struct worker_public pub;
	int64_t pub_at_ns;
	struct err err;
};

static inline int
engine_stopping(const struct engine *e)
{
	return atomic_load_explicit(&e->stopping, memory_order_relaxed);
}

/* A closed loop sends when there is room, an open loop when a request is
 * due. */
static inline int
engine_is_closed(const struct engine *e)
{
	return e->pace.mode == PACE_CLOSED;
}

/* ---- engine_stop.c ------------------------------------------------------ */

/* Stops all workers; the first reason stays. */
void engine_halt(struct engine *e, enum engine_stop why);
/* Records a harness error and stops all workers. */
void engine_fatal(struct engine *e, const struct err *err);
/* Starts no new case from now on: a budget is used up. */
void engine_wind_down(struct engine *e);
/* Starts the clock of the schedule and of the time budget. */
void engine_begin(struct engine *e);
/* A worker calls this last. */
void engine_worker_ended(struct engine *e);

/* ---- engine_again.c ----------------------------------------------------- */

/* How many items a job has, and whether it sends pairs for latency. */
void engine_again_init(struct engine *e);
/* The k-th item beyond the plan. */
void engine_again_item(const struct engine *e, uint64_t k,
    struct plan_item *out);
/* The ask of a key or item of ROUND_CONFIRM, or UINT64_MAX. */
uint64_t engine_ask_of(const struct engine *e, uint64_t case_index,
    uint32_t n);
/* Whether to send item k, after the plan's last, for its latency. */
int engine_measures_on(const struct engine *e, uint64_t k,
    const struct hist *latency);

/* ---- engine_start.c ----------------------------------------------------- */

/* Checks one of the first results of an arm; stops the run when all of them
 * fail alike. */
void engine_started(struct worker *w, const struct flight *f,
    const struct exchange *ex);

/* ---- engine_order.c ----------------------------------------------------- */

/* Orders the cases, and gives a recorded pace its arrivals. */
int engine_order_init(struct engine *e, struct err *err);
/* The variant at position k of this run's order. */
void engine_item(const struct engine *e, uint64_t k, struct plan_item *out);

/* ---- engine_resume.c ---------------------------------------------------- */

/*
 * Marks what a trace already has. Reads it as a stream. *end_ns the latest
 * time in it, of the trace's clock
 * returns RC_OK, RC_FORMAT (not this run's), RC_IO, RC_NOMEM
 */
int engine_scan(struct engine *e, const char *path, int64_t *end_ns,
    struct err *err);

/* Whether an observation is on disk from before. */
int engine_is_done(const struct engine *e, const struct plan_item *item,
    enum arm arm);

/* Makes room for the marks. returns RC_OK or RC_NOMEM */
int engine_marks_init(struct engine *e, struct err *err);

/* Marks a record of this run.
 * returns 1 it was not there before, 0 it was, RC_FORMAT not in the plan */
int engine_mark(struct engine *e, const struct ex_key *key, struct err *err);

/* ---- engine_arms.c ----------------------------------------------------- */

/* Compiles how to ask each live arm. */
int engine_arms_init(struct engine *e, struct err *err);
void engine_arms_fini(struct engine *e);

/* ---- worker*.c --------------------------------------------------------- */

/* A worker's thread; ctx is the struct worker. */
void *worker_main(void *ctx);

/* Takes a call that has ended: records it, or retries it later. */
int worker_answered(struct worker *w, struct http_call *c);

/* Sends what is due; *wake becomes when there is more to send, if sooner. */
int worker_fill(struct worker *w, int64_t *wake);
/* Sends one request; frees it when that fails. */
int worker_launch(struct worker *w, struct flight *f, int probe);

/*
 * Reserves what a request may cost: the most expensive so far, at first a high
 * guess. returns 0 when the budget has no room for it
 */
int worker_reserve(struct worker *w, struct flight *f);
/* Replaces the reserved money of a request by its cost. */
void worker_settle(struct worker *w, struct flight *f,
    const struct http_call *c);

/* ---- flight.c ---------------------------------------------------------- */

struct flight *flight_get(struct worker *w);
void flight_put(struct worker *w, struct flight *f);
/* Frees spare and waiting requests, and the scratch space. */
void flight_fini(struct worker *w);

/*
 * Renders the request of one arm of w->item.
 * returns RC_OK, or an error of the harness (a case that cannot be read)
 */
int flight_render(struct worker *w, struct flight *f, enum arm arm);
/* Sends it, or sends it again. */
int flight_send(struct worker *w, struct flight *f);
/* Writes its observation; call NULL: it was shed, with the reason. */
int flight_record(struct worker *w, struct flight *f,
    const struct http_call *call, const char *why);
/* Whether a retry may help. */
int flight_retriable(const struct http_call *c);

#endif
