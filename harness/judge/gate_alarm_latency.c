/* Latency under relabelled arms; see gate_alarm.h. */
#include <math.h>
#include <stdlib.h>

#include "harness/base/rng.h"
#include "harness/judge/gate_alarm.h"
#include "harness/score/cells.h"
#include "harness/stat/stat_dist.h"

/* What all relabellings share. */
struct sorted {
	const struct gate_in *in;
	const struct gate_row *row;
	struct stat_item *v;	/* `of` is the case */
	size_t n, r;		/* r: pairs from the quantile up */
};

uint32_t *
alarm_swap_new(const struct gate_in *in)
{
	return malloc(((size_t)cells_n(in->score->cells) / 32 + 1) *
	    sizeof(uint32_t));
}

void
alarm_swap(const struct gate_in *in, uint64_t key, uint32_t *swap)
{
	uint64_t n = cells_n(in->score->cells) / 32 + 1, i;

	for (i = 0; i < n; i++)
		swap[i] = (uint32_t)rng_at(key, i);
}

static uint32_t
swapped(const uint32_t *swap, uint32_t i)
{
	return swap[i / 32] >> (i % 32) & 1;
}

/* The effects by size; arm 1 are those above zero. */
static int
sort_body(struct sorted *s)
{
	const struct cells *cells = s->in->score->cells;
	uint64_t n = cells_n(cells), i;
	double d;

	s->v = malloc(((size_t)n + 1) * sizeof(*s->v));
	if (s->v == NULL)
		return RC_NOMEM;
	for (i = 0; i < n; i++) {
		if (!gate_looks_at(s->in, i))
			continue;
		d = s->row->how->effect(cells_get(cells, i));
		if (!isnan(d))
			s->v[s->n++] = (struct stat_item){ fabs(d),
			    (uint32_t)i, d > 0 };
	}
	return stat_order(s->v, s->n);
}

/* Both arms' latencies, largest first. */
static int
sort_p95(struct sorted *s)
{
	const struct score_pairs *p = &s->in->score->pairs;
	size_t i;
	int rc;

	s->v = malloc((2 * p->n + 1) * sizeof(*s->v));
	if (s->v == NULL)
		return RC_NOMEM;
	for (i = 0; i < p->n; i++) {
		if (!gate_looks_at(s->in, p->case_index[i]))
			continue;
		s->v[s->n++] = (struct stat_item){ -(double)p->base[i],
		    p->case_index[i], 0 };
		s->v[s->n++] = (struct stat_item){ -(double)p->cand[i],
		    p->case_index[i], 1 };
	}
	rc = stat_order(s->v, s->n);
	i = s->n / 2;
	s->r = i == 0 ? 0 : i - stat_quantile_rank(i, .95) + 1;
	return rc;
}

/* d takes the turned effects, in order: those below zero come first. */
static int
beyond_body(const struct sorted *s, const uint32_t *swap, double *d)
{
	struct result_gate g;
	size_t k = 0, i;

	for (i = s->n; i-- > 0;) {
		d[k] = -s->v[i].v;
		k += (s->v[i].arm ^ swapped(swap, s->v[i].of)) == 0;
	}
	for (i = 0; i < s->n; i++) {
		d[k] = s->v[i].v;
		k += (s->v[i].arm ^ swapped(swap, s->v[i].of)) != 0;
	}
	gate_start(s->row, s->in->limits, &g);
	g.base = s->in->score->arm[ARM_BASELINE].p50_ns;
	gate_raise_limit(&g, s->in->limits->latency_body_floor_ns);
	return gate_walsh_above(d, s->n, log(g.limit));
}

static int
beyond_p95(const struct sorted *s, const uint32_t *swap)
{
	size_t above[2] = { 0, 0 }, i;
	struct result_gate g;
	double q[2] = { 0, 0 };
	uint32_t arm;

	for (i = 0; above[0] < s->r || above[1] < s->r; i++) {
		arm = s->v[i].arm ^ swapped(swap, s->v[i].of);
		if (++above[arm] == s->r)
			q[arm] = -s->v[i].v;
	}
	gate_start(s->row, s->in->limits, &g);
	g.base = q[0];
	g.value = q[1] / q[0];
	gate_raise_limit(&g, s->in->limits->latency_p95_floor_ns);
	return gate_beyond(&g);
}

/* Relabellings [from, to). */
static int
walk(const struct sorted *s, const uint64_t *key, int from, int to,
    unsigned char *maybe)
{
	uint32_t *swap = alarm_swap_new(s->in);
	double *d = malloc((s->n + 1) * sizeof(*d));
	int k, rc = swap == NULL || d == NULL ? RC_NOMEM : RC_OK;

	for (k = from; k < to && rc == RC_OK; k++) {
		if (maybe[k])
			continue;
		alarm_swap(s->in, key[k], swap);
		maybe[k] = (unsigned char)(s->row->how->kind == KIND_BODY ?
		    beyond_body(s, swap, d) : beyond_p95(s, swap));
	}
	free(swap);
	free(d);
	return rc;
}

int
alarm_latency(const struct gate_in *in, const struct gate_row *row,
    const uint64_t *key, int n, unsigned char *maybe)
{
	enum { PART = 25 };
	struct sorted s = { in, row, NULL, 0, 0 };
	int rc = row->how->kind == KIND_BODY ? sort_body(&s) : sort_p95(&s);
	int i;

	if (rc == RC_OK && s.n > 0) {
#pragma omp parallel for default(none) shared(s, key, maybe, n) \
    reduction(min : rc) if (s.n > 2000)
		for (i = 0; i < n; i += PART) {
			int got = walk(&s, key, i, i + PART < n ? i + PART :
			    n, maybe);

			rc = got < rc ? got : rc;
		}
	}
	free(s.v);
	return rc;
}
