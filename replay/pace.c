/* The schedule; see pace.h. */
#include "replay/pace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mono.h"
#include "harness/base/rng.h"

enum { STREAM_POISSON = 0x70616365 };	/* "pace" */

int
pace_init(struct pace *p, const struct suite *s, struct err *err)
{
	memset(p, 0, sizeof(*p));
	p->mode = s->pace;
	p->rate = s->rate;
	p->seed = s->seed;
	if ((p->mode == PACE_CONSTANT || p->mode == PACE_POISSON) &&
	    !(p->rate > 0 && isfinite(p->rate)))
		return err_set(err, RC_USAGE,
		    "pace: this mode needs a rate above 0");
	return RC_OK;
}

void
pace_fini(struct pace *p)
{
	free(p->due_ns);
	p->due_ns = NULL;
}

int
pace_set_arrivals(struct pace *p, const int64_t *ts_ns, size_t n,
    uint32_t per_case, const struct suite *s, struct err *err)
{
	double speed = s->speed > 0 ? s->speed : 1, at = 0;
	int64_t gap;
	size_t i;

	p->due_ns = calloc(n + 1, sizeof(*p->due_ns));
	if (p->due_ns == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	for (i = 1; i < n; i++) {
		gap = ts_ns[i] - ts_ns[i - 1];
		if (gap < 0)
			gap = 0;
		if (s->idle_cap_ns > 0 && gap > s->idle_cap_ns)
			gap = s->idle_cap_ns;
		at += (double)gap / speed;
		p->due_ns[i] = (int64_t)at;
	}
	p->n = n;
	p->per_case = per_case;
	return RC_OK;
}

static int64_t
due_poisson(const struct pace *p, struct pace_cursor *c, uint64_t k)
{
	double u;

	while (c->k <= k) {
		u = rng_unit(p->seed, STREAM_POISSON, c->k++);
		c->sum_s -= log(1 - u) / p->rate;
	}
	return (int64_t)(c->sum_s * 1e9);
}

int64_t
pace_due_ns(const struct pace *p, struct pace_cursor *c, uint64_t k)
{
	uint64_t i;

	switch (p->mode) {
	case PACE_CONSTANT:
		return (int64_t)((double)k * 1e9 / p->rate);
	case PACE_POISSON:
		return due_poisson(p, c, k);
	case PACE_RECORDED:
		if (p->n == 0)
			return 0;
		i = k / p->per_case;
		return p->due_ns[i < p->n ? i : p->n - 1];
	default:
		return 0;
	}
}

void
pace_bucket_init(struct pace_bucket *b, double rate, double burst,
    int64_t now_ns)
{
	b->rate = rate;
	b->burst = burst < 1 ? 1 : burst;
	b->tokens = b->burst;
	b->at_ns = now_ns;
}

int64_t
pace_bucket_take(struct pace_bucket *b, int64_t now_ns)
{
	if (b->rate <= 0)
		return 0;
	if (now_ns > b->at_ns) {
		b->tokens += (double)(now_ns - b->at_ns) * 1e-9 * b->rate;
		if (b->tokens > b->burst)
			b->tokens = b->burst;
		b->at_ns = now_ns;
	}
	if (b->tokens >= 1) {
		b->tokens -= 1;
		return 0;
	}
	return (int64_t)ceil((1 - b->tokens) / b->rate * 1e9);
}
