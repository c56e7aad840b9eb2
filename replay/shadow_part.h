/*
 * Private to shadow*.c: a request on its way to the targets, and who does
 * what with it.
 */
#ifndef LOCKSTEP_SHADOW_PART_H
#define LOCKSTEP_SHADOW_PART_H

#include <pthread.h>
#include <stdatomic.h>

#include "harness/traffic/clean.h"
#include "harness/traffic/extract.h"
#include "harness/traffic/where.h"
#include "replay/auth.h"
#include "replay/http.h"
#include "replay/record_item.h"
#include "replay/record_share.h"
#include "replay/record_queue.h"
#include "replay/shadow.h"
#include "replay/shadow_queue.h"

enum { SHADOW_ID_BYTES = 48, SHADOW_HASH_BYTES = 17, SHADOW_PIN_BYTES = 80 };

/* What the primary's answer says of itself; "" where it does not. */
struct shadow_pins {
	char model_rev[SHADOW_PIN_BYTES], index_hash[SHADOW_PIN_BYTES];
};

struct shadow_pair;

/* What stands in the queue of the work. */
enum { KIND_PAIR, KIND_ASK, KIND_PARTNER };

/* ---- who waits for whom: shadow_join.c ---------------------------------- */

enum { SHADOW_BUCKETS = 4096 };

/* Stands in what is found by its key. */
struct shadow_link {
	struct shadow_link *prev, *next, *chain;
	struct shadow_link **at;	/* what points to it in the chain:
					   one key may have many */
	int64_t since_ns;
	char key[SHADOW_KEY_BYTES];	/* "": none */
};
/* In the order in which they were put. */
struct shadow_links {
	struct shadow_link head;
	struct shadow_link *bucket[SHADOW_BUCKETS];
	size_t n;
};
void shadow_links_init(struct shadow_links *l);
void shadow_links_put(struct shadow_links *l, struct shadow_link *x,
    int64_t now_ns);
/* Takes one of a key out, or one that was put at a time or before. returns
 * NULL: there is none */
struct shadow_link *shadow_links_take(struct shadow_links *l,
    const char *key);
struct shadow_link *shadow_links_late(struct shadow_links *l,
    int64_t before_ns);

/* An answer of the primary that came from elsewhere. */
struct shadow_partner {
	struct shadow_node node;
	struct shadow_link link;
	struct record_item *item;	/* the answer alone */
};
/* returns NULL: no memory, or the budget is used up */
struct shadow_partner *shadow_partner_new(struct record_pool *pool,
    size_t body_max, const char *key, const struct exchange *ex);
void shadow_partner_free(struct shadow_partner *s);
/* The answer to the request that stands in `to`. returns RC_OK, RC_NOMEM */
int shadow_partner_join(struct record_item *to,
    const struct shadow_partner *s);
/* The key of a request by the header of that name. returns 1, or 0 and "" */
int shadow_key(const char *name, const struct exchange *ex,
    char key[SHADOW_KEY_BYTES]);

/* ---- asks ---------------------------------------------------------------- */

/* One target asked for a pair: the request as it is sent there, then its
 * answer. Its asker's from being put until it comes back. */
struct shadow_ask {
	struct shadow_node node;
	struct shadow_pair *pair;
	enum arm arm;
	struct record_item *item;	/* what is kept of it: no secret of
					   ours in it */
	struct ex_header *headers;	/* as sent, secrets among them */
	size_t n_headers;
	struct buf token;		/* of the target's auth command */
	uint64_t token_gen;
	int renewed;			/* the token, for this ask */
	int status;
	enum outcome outcome;
	int64_t retry_after_ns;		/* of a 429 or 503; -1: none */
	double money;
	int lost;			/* no memory for the answer, or given
					   up: nothing is known of it */
};

struct shadow_pair {
	struct shadow_node node;	/* on its way in, then waiting */
	struct record_item *item;	/* the user's request; the primary's
					   answer unless from a mirror */
	int64_t at_ns;			/* when it came */
	int ask_body;			/* it says whether it is in the share */
	char id[SHADOW_ID_BYTES];	/* HASH-N: of request and of pair */
	char hash[SHADOW_HASH_BYTES];
	struct shadow_pins pins;	/* from a mirror: of an earlier one */
	struct shadow_ask *ask[ARM_N];
	struct shadow_link link;	/* to its partner, or while it waits
					   for it */
	int joined;			/* its partner is known; -1: will not
					   be */
	int out;			/* asks that are not back */
	int looked;			/* whether its echo is wanted */
	int echo_apart;			/* its echo is not kept */
};

/* ---- counting: by any thread ------------------------------------------ */

struct shadow_counts {
	atomic_uint_fast64_t seen, fate[SHADOW_FATES];
	atomic_uint_fast64_t pairs, no_partner, unkept, not_echoed;
	atomic_uint_fast64_t partners, joined, by_status;
	atomic_uint_fast64_t asked[ARM_N], outcome[ARM_N][OUTCOME_N];
	atomic_uint_fast64_t waiting;	/* for their fate */
	atomic_uint_fast64_t held_until_ns, nano_money, nano_dearest;
};

/* ---- how a request is sent: shadow_send.c ------------------------------- */

/* The work's thread's own. */
struct shadow_sender {
	const struct shadow_opts *o;
	struct record_pool *pool;
	struct clean clean;
	struct answer answer;		/* scratch, as is this: */
	struct ex_header *headers;
	size_t cap_headers;
};

void shadow_sender_init(struct shadow_sender *s, const struct shadow_opts *o,
    struct record_pool *pool);
void shadow_sender_fini(struct shadow_sender *s);

/* Names a pair: hash and id, n being its number. returns RC_OK, RC_NOMEM */
int shadow_send_name(struct shadow_sender *s, struct shadow_pair *p,
    uint64_t n);
/* Reads the pins of a primary's answer; keeps what out has of those that it
 * does not say. */
void shadow_send_pins(struct shadow_sender *s, const struct exchange *primary,
    struct shadow_pins *out);
/*
 * Makes what one arm is asked, into p->ask[a]: without hop-by-hop headers and
 * (unless auth is forwarded) credentials, with the target's own headers and
 * the tags.
 * returns RC_OK, or RC_NOMEM: no memory, or the budget is used up
 */
int shadow_send_make(struct shadow_sender *s, struct shadow_pair *p,
    enum arm a);
void shadow_ask_free(struct shadow_ask *k);
/* The target of the suite that an arm is asked as, or NULL. */
const struct suite_target *shadow_target_of(const struct shadow_opts *o,
    enum arm a);

/* ---- who asks: shadow_asker.c ------------------------------------------- */

struct shadow_asker;

/*
 * Starts a thread that asks one target.
 * done    where asks come back, in any order
 */
struct shadow_asker_opts {
	const char *url;
	const struct suite_target *target;	/* or NULL */
	int in_flight;
	size_t answer_max;
	int64_t deadline_ns, base_ns;	/* the trace's start */
	struct shadow_queue *done;
};
int shadow_asker_start(const struct shadow_asker_opts *o,
    struct shadow_asker **out, struct err *err);
void shadow_asker_put(struct shadow_asker *a, struct shadow_ask *k);
/* Gives up what is under way (it comes back as lost), ends the thread. NULL
 * is safe. */
void shadow_asker_stop(struct shadow_asker **a);
/* What is wrong with its client, or "". out at least 256 bytes */
void shadow_asker_trouble(struct shadow_asker *a, char *out);

/* ---- what may be asked now: shadow_gate.c ------------------------------- */

/* Of one target; the work's thread's own. */
struct shadow_gate {
	int out, cap;		/* asks that are out */
	int64_t rps;		/* in any second; 0: no cap */
	struct shadow_caps part;	/* of several shadows' */
	int64_t *sent_ns, ring;	/* the last ones, and how many */
	uint64_t n_sent;
	uint64_t max;		/* in all; 0: no cap */
	double money, dearest;
	double money_max;	/* 0: no cap */
	int64_t held_ns;	/* left alone until then */
	int pauses;		/* in a row */
	int large;		/* answers cut off, in a row */
};

/* shared  part.rps may be set */
int shadow_gate_init(struct shadow_gate *g, int cap, int64_t rps, int shared,
    struct err *err);
void shadow_gate_fini(struct shadow_gate *g);

/* SHADOW_MIRRORED: it may be asked now, or (full set) once one is back; else
 * why it is not. */
enum shadow_fate shadow_gate_ask(const struct shadow_gate *g, int64_t now_ns,
    int *full);
void shadow_gate_sent(struct shadow_gate *g, int64_t now_ns);
/* An ask is back. */
void shadow_gate_back(struct shadow_gate *g, const struct shadow_ask *k,
    int64_t now_ns);

/* ---- the whole --------------------------------------------------------- */

/* Its thread's own but for what is atomic, and in. */
struct shadow_work {
	const struct shadow_opts *o;
	struct shadow_counts *counts;
	struct record_queue *q;
	struct shadow_queue in;		/* pairs, and asks that are back */
	pthread_t thread;
	int started;
	atomic_int ending;
	int64_t grace_ns;		/* set before ending */
	const volatile sig_atomic_t *now;
	pthread_mutex_t part_lock;	/* of part */
	struct shadow_caps part;
	struct shadow_asker *asker[ARM_N];
	/* the thread's own */
	struct shadow_gate gate[ARM_N];	/* by asker */
	struct shadow_sender sender;
	struct shadow_links partners;	/* whose request has not come */
	struct shadow_links waiters;	/* pairs without their partner */
	struct where *where;		/* or NULL */
	struct buf line;		/* scratch */
	struct shadow_pins pins;	/* of the primary, as last seen */
	struct record_share share;	/* by the body alone */
	struct record_share echo, primary;
	struct shadow_node *first, **last;	/* pairs that wait their turn */
	size_t n_waiting;
	uint64_t n_named;
	int out;			/* pairs whose answers are not there */
};

/* shadow_start.c starts and ends the thread, shadow_work.c is what it does. */
void *shadow_work_main(void *ctx);
void shadow_work_stop_askers(struct shadow_work *w);

/* Starts the thread that decides; asks and q as long as it runs. */
int shadow_work_start(const struct shadow_opts *o, struct record_pool *pool,
    struct shadow_counts *counts, struct record_queue *q, int64_t base_ns,
    struct shadow_work **out, struct err *err);
/* A request that a user's connection is through with. Never waits. */
void shadow_work_put(struct shadow_work *w, struct shadow_pair *p);
/* An answer of the primary from elsewhere, from any thread. Never waits. */
void shadow_work_partner(struct shadow_work *w, struct shadow_partner *s);
/* As shadow_set_caps(). */
void shadow_work_caps(struct shadow_work *w, const struct shadow_caps *caps);
/* No more will be put: what waits is dropped; waits for the targets, at most
 * grace_ns and not when *now becomes non-0. NULL is safe. */
void shadow_work_stop(struct shadow_work **w, int64_t grace_ns,
    const volatile sig_atomic_t *now);
void shadow_work_trouble(struct shadow_work *w, char *out);

void shadow_pair_free(struct shadow_pair *p);

static inline void
shadow_count(atomic_uint_fast64_t *c)
{
	(void)atomic_fetch_add_explicit(c, 1, memory_order_relaxed);
}

#endif
