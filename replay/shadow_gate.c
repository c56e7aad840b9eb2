/* What a target may be asked now; see shadow_part.h. */
#include <math.h>
#include <stdlib.h>

#include "harness/base/mono.h"
#include "replay/shadow_part.h"

/* Of a candidate that says 429 or 503 and not for how long; doubles. */
#define PAUSE_NS MONO_S
#define PAUSE_MAX_NS (30 * MONO_S)
/* Answers beyond the limit in a row from which on it is a flood. */
enum { FLOOD = 8 };
enum { RING_SHARED = 16384 };	/* no part of a cap is larger */
#define RETRY_AFTER_MAX_NS (3600 * MONO_S)

int
shadow_gate_init(struct shadow_gate *g, int cap, int64_t rps, int shared,
    struct err *err)
{
	g->cap = cap;
	g->rps = rps;
	g->part = (struct shadow_caps){ .rps = -1, .requests = -1,
		.money = -1 };
	g->ring = rps > 0 ? rps : shared ? RING_SHARED : 0;
	if (g->ring > 0)
		g->sent_ns = calloc((size_t)g->ring, sizeof(*g->sent_ns));
	return g->ring > 0 && g->sent_ns == NULL ?
	    err_set(err, RC_NOMEM, "out of memory") : RC_OK;
}

void
shadow_gate_fini(struct shadow_gate *g)
{
	free(g->sent_ns);
	g->sent_ns = NULL;
}

/* Hard: in no second more than rps, wherever the second begins. */
static int
over_rate(const struct shadow_gate *g, int64_t now_ns)
{
	int64_t rps = g->rps > 0 ? g->rps : g->ring;
	uint64_t at;

	if (g->rps == 0 && g->part.rps < 0)
		return 0;
	if (g->part.rps >= 0 && g->part.rps_until_ns != 0 &&
	    now_ns >= g->part.rps_until_ns)
		rps = 0;	/* others may have it now */
	else if (g->part.rps >= 0 && g->part.rps < rps)
		rps = g->part.rps;
	if (rps == 0 || g->n_sent < (uint64_t)rps)
		return rps == 0;
	at = (g->n_sent - (uint64_t)rps) % (uint64_t)g->ring;
	return now_ns - g->sent_ns[at] < MONO_S;
}

/* What is out may cost what the dearest did; one tells the price. */
static int
over_money(const struct shadow_gate *g, int *one)
{
	double max = g->money_max, dearest = fmax(g->dearest,
	    g->part.dearest);

	*one = 0;
	if (max <= 0 && g->part.money < 0)
		return 0;
	if (max <= 0 || (g->part.money >= 0 && g->part.money < max))
		max = g->part.money;
	*one = dearest <= 0;
	return g->money >= max || g->money + dearest * (g->out + 1) > max;
}

enum shadow_fate
shadow_gate_ask(const struct shadow_gate *g, int64_t now_ns, int *full)
{
	int one;

	*full = 0;
	if ((g->max > 0 && g->n_sent >= g->max) || (g->part.requests >= 0 &&
	    g->n_sent >= (uint64_t)g->part.requests))
		return SHADOW_REQUESTS;
	if (over_money(g, &one))
		return SHADOW_MONEY;
	if (now_ns < g->held_ns)
		return SHADOW_HELD;
	if (over_rate(g, now_ns))
		return SHADOW_RATE;
	*full = g->out >= (one ? 1 : g->cap);
	return SHADOW_MIRRORED;
}

void
shadow_gate_sent(struct shadow_gate *g, int64_t now_ns)
{
	g->out++;
	if (g->ring > 0)
		g->sent_ns[g->n_sent % (uint64_t)g->ring] = now_ns;
	g->n_sent++;
}

/* Whether a target wants to be left alone, or is better left alone: to read
 * what floods costs the users' processor. */
static int
wants_pause(struct shadow_gate *g, const struct shadow_ask *k)
{
	g->large = k->outcome == OUTCOME_TOO_LARGE ? g->large + 1 : 0;
	return k->status == 429 || k->status == 503 || g->large >= FLOOD;
}

void
shadow_gate_back(struct shadow_gate *g, const struct shadow_ask *k,
    int64_t now_ns)
{
	int64_t wait = PAUSE_NS;
	int i;

	g->out--;
	g->money += k->money;
	g->dearest = fmax(g->dearest, k->money);
	if (k->lost)
		return;
	if (!wants_pause(g, k)) {
		/* one that was sent before the pause says nothing of it */
		if (k->status != 0 && now_ns >= g->held_ns)
			g->pauses = 0;
		return;
	}
	for (i = 0; i < g->pauses && wait < PAUSE_MAX_NS; i++)
		wait *= 2;
	wait = wait > PAUSE_MAX_NS ? PAUSE_MAX_NS : wait;
	if (k->retry_after_ns >= 0)
		wait = k->retry_after_ns > RETRY_AFTER_MAX_NS ?
		    RETRY_AFTER_MAX_NS : k->retry_after_ns;
	/* those that were out together are told together: one pause */
	if (now_ns >= g->held_ns)
		g->pauses++;
	if (now_ns + wait > g->held_ns)
		g->held_ns = now_ns + wait;
}
