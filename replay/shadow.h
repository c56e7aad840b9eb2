/*
 * Shadow: live traffic to a candidate, and nobody notices.
 *
 * The user gets the primary's bytes through the proxy; a copy of what is
 * allowed and in the share is asked of the candidate, aside: on threads,
 * connections and memory of their own.  The user's path takes no lock that
 * they take, and waits for none of them: what has no room is dropped and
 * counted.
 *
 *	proxy's thread ─► queue ─► shadow_work ─► one asker a target
 *	                               ▲  │            │
 *	                               └──┼────────────┘ answers
 *	                                  └► pair told, record_sink ─► trace
 */
#ifndef LOCKSTEP_SHADOW_H
#define LOCKSTEP_SHADOW_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/suite/suite.h"
#include "harness/traffic/exchange.h"
#include "harness/traffic/redact.h"

struct shadow;

enum { SHADOW_KEY_BYTES = 64 };

/* What became of a request of the users: each has one of these. */
enum shadow_fate {
	SHADOW_MIRRORED,	/* the candidate was asked */
	SHADOW_NOT_SHARE,
	SHADOW_NOT_ALLOWED,
	SHADOW_NOT_WHERE,	/* the suite does not ask for such */
	SHADOW_QUEUE,		/* the others were dropped: no room, */
	SHADOW_MEMORY,
	SHADOW_WAITED,		/* the candidate was busy for too long */
	SHADOW_RATE,		/* a cap */
	SHADOW_REQUESTS,
	SHADOW_MONEY,
	SHADOW_HELD,		/* the candidate is left alone: it said 429 or
				   503, or floods */
	SHADOW_LEFT,		/* the user left */
	SHADOW_LARGE,		/* the primary's answer */
	SHADOW_UPGRADED,
	SHADOW_ENDED,		/* shadow ended before it was asked */
	SHADOW_REFUSED,		/* not HTTP: nobody was asked */
	SHADOW_FATES
};

/* "mirrored", "not in the share", ...; and a word for metrics. */
const char *shadow_fate_text(enum shadow_fate f);
const char *shadow_fate_word(enum shadow_fate f);

/*
 * A request that was answered. Called on one thread of shadow's own, never
 * the users'; what it takes long for makes others be dropped, not wait.
 * primary    NULL: a mirrored request that the primary was not asked
 * echo       NULL: none was asked; its key.n is 1 where it was asked because
 *            the answers differ
 * Everything is borrowed for the call, and may hold credentials of users
 * where auth is forwarded: they are in memory alone.
 */
typedef void shadow_pair_fn(void *ctx, const struct exchange *primary,
    const struct exchange *candidate, const struct exchange *echo);

/*
 * Whether the primary is to be asked once more for this pair, now that both
 * answers are known; on the same thread. Such an echo is told to the pair's
 * function and not kept in the trace, where echoes are a random share.
 */
typedef int shadow_wants_fn(void *ctx, const struct exchange *primary,
    const struct exchange *candidate);

struct shadow_opts {
	const char *listen;	/* listen_parse() */
	int from_mirror;	/* another proxy sends copies: answer 204 */
	const char *url[ARM_N];	/* baseline: the primary, NULL only from a
				   mirror; candidate; baseline2: asked for
				   every request, or NULL */
	const char *ca_file;	/* of an https primary, or NULL */
	const struct suite *suite;	/* how targets are asked, or NULL */
	const struct json *where;	/* mirror only such (where.h), or
					   NULL; from a mirror an exchange has
					   no answer yet */
	double share;		/* of the requests that is mirrored; (0,1] */
	const char *sticky;	/* record_share.h, or NULL */
	double echo;		/* share of the mirrored that the primary is
				   asked once more, without a baseline2 */
	double ask_primary;	/* from a mirror: share that it is asked */
	const char *join_key;	/* from a mirror: a request header by which the
				   primary's answers are told by
				   shadow_partner(), or NULL */
	int64_t join_ns;	/* how long a request waits for its partner
				   after its answer, and a partner for it */
	const char *const *allow;	/* shadow_allow.h */
	size_t n_allow;
	int forward_auth;	/* users' credentials go to the targets */
	int shared_caps;	/* nothing is asked before shadow_set_caps() */
	int64_t max_rps;	/* to each target, in any second; 0: no cap */
	uint64_t max_requests;	/* to the candidate; 0: no cap */
	double max_money;	/* 0: no cap */
	int64_t deadline_ns;	/* for an answer of a target */
	int in_flight;		/* at a target */
	size_t waiting;		/* requests that may wait for their turn */
	size_t answer_max;	/* bytes of a target's answer */
	size_t body_max, queue_max, memory_max;	/* as record.h */
	unsigned connections_max;
	const struct redact *redact;	/* personal data; or NULL */
	const char *out;	/* the trace of the pairs, must not exist
				   unless again is set: then a shadow was
				   killed, and this one goes on behind what it
				   has written, */
	int again;
	uint64_t named;		/* numbers pairs from the next one on, */
	int64_t start_wall_ns;	/* and counts time since then */
	const struct json *head;	/* members for its head, or NULL */
	int argc;
	char **argv;
	shadow_pair_fn *pair;	/* or NULL */
	shadow_wants_fn *wants;	/* or NULL: never */
	void *pair_ctx;		/* of both */
};

/*
 * Starts to listen. What o points to outlives it.
 * returns RC_OK, caller ends with shadow_stop(); RC_NET, RC_IO, RC_USAGE,
 *         RC_NOMEM
 */
int shadow_start(const struct shadow_opts *o, struct shadow **out,
    struct err *err);

/* Where it listens: http://host:port. */
const char *shadow_url(const struct shadow *s);

/*
 * The primary's answer to a mirrored request, from elsewhere; from any
 * thread, never waits. ex holds status, outcome, times, and the answer's
 * headers and body; without a body its status and times alone are compared,
 * and the pair is not kept. Copied.
 * key     of shadow_key_of()
 */
void shadow_partner(struct shadow *s, const char *key,
    const struct exchange *ex);

/*
 * The key in a value of the header `name`: the trace of a traceparent (or of a
 * trace id alone), any other value as it is; in lower case.
 * returns 1; 0: it is empty or too long
 */
int shadow_key_of(const char *name, const char *value,
    char key[SHADOW_KEY_BYTES]);

/* seen = the sum of all fates, once none is waiting. */
struct shadow_stats {
	uint64_t seen, fate[SHADOW_FATES];
	uint64_t waiting;	/* seen, fate not known yet */
	uint64_t pairs, no_partner;	/* of the mirrored that are answered */
	uint64_t unkept;	/* of them: no memory for an answer */
	uint64_t not_echoed;	/* chosen, and the primary had no room */
	uint64_t partners, joined;	/* answers told, and those of them whose
					   request was found */
	uint64_t by_status;	/* of the joined: without a body */
	uint64_t asked[ARM_N], outcome[ARM_N][OUTCOME_N];
	unsigned busy;		/* requests of users under way */
	int64_t held_ns;	/* the candidate is left alone for this long;
				   0: it is not */
	double money, dearest;	/* in all; of one request at the candidate */
	/* of the trace */
	uint64_t written, lost;	/* exchanges; lost: the disk had no room */
	char trouble[256];	/* of the disk or of a target's client, now */
};
void shadow_stats(struct shadow *s, struct shadow_stats *out);

/* When the clock of its exchanges began. */
int64_t shadow_start_wall_ns(const struct shadow *s);

/*
 * Caps of several shadows together, of which this is the part of one: requests
 * a second to each target, to the candidate in all, and what these may cost in
 * all; -1: none.
 */
struct shadow_caps {
	int64_t rps, requests;
	double money;
	double dearest;		/* what a request has cost at most, at any of
				   them; 0: not known */
	int64_t rps_until_ns;	/* of mono_now_ns(): from then on rps is 0; 0:
				   it has no end */
};

/* Those of the options hold beside them. Only with shared_caps; any thread. */
void shadow_set_caps(struct shadow *s, const struct shadow_caps *caps);

/*
 * The pair of another shadow, for this one's trace, into which it goes with
 * the next shadow_keep_taken(); copied. What is not kept at the end is gone.
 * One thread at a time.
 * echo    or NULL
 */
void shadow_keep_taken(struct shadow *s);
/* Memory of what is not kept yet. */
size_t shadow_taken_bytes(const struct shadow *s);
void shadow_take(struct shadow *s, const struct exchange *primary,
    const struct exchange *candidate, const struct exchange *echo);

/*
 * Takes no new connections, waits for users and for targets (at most
 * grace_ns each, and not when *now becomes non-0), closes the trace, frees s.
 * *out    the closing account
 * returns RC_OK or RC_IO
 */
int shadow_stop(struct shadow **s, int64_t grace_ns,
    const volatile sig_atomic_t *now, struct shadow_stats *out,
    struct err *err);

#endif
