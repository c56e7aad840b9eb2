/* Latency by blocks of time; see gate_blocks.h. */
#include "harness/judge/gate_blocks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/judge/gate_part.h"
#include "harness/judge/gate_sight.h"

/* What is measured on for too few blocks aims at so many: the width may grow
 * once more. */
#define BLOCKS_ASKED (1.25 * (STAT_BLOCKS_MIN + 1))

/* The pairs of the cases that count; the caller frees the three. */
struct chosen {
	float *base, *cand;
	int64_t *at_ns;
	size_t n;
};

static void
choose(const struct gate_in *in, struct chosen *c)
{
	const struct score_pairs *p = &in->score->pairs;
	size_t i;

	for (i = 0; i < p->n; i++) {
		if (!gate_looks_at(in, p->case_index[i]))
			continue;
		c->base[c->n] = p->base[i];
		c->cand[c->n] = p->cand[i];
		c->at_ns[c->n++] = p->at_ns[i];
	}
}

int
gate_blocks_cut(const struct gate_in *in, struct stat_blocks **out,
    struct err *err)
{
	const struct score_pairs *p = &in->score->pairs;
	struct chosen c = { NULL, NULL, NULL, 0 };
	struct stat_timed t;
	int rc = RC_OK;

	*out = NULL;
	if (p->n == 0)
		return RC_OK;
	c.base = malloc(p->n * sizeof(*c.base));
	c.cand = malloc(p->n * sizeof(*c.cand));
	c.at_ns = malloc(p->n * sizeof(*c.at_ns));
	if (c.base == NULL || c.cand == NULL || c.at_ns == NULL) {
		rc = RC_NOMEM;
	} else {
		choose(in, &c);
		t = (struct stat_timed){ c.base, c.cand, c.at_ns, c.n };
		rc = c.n == 0 ? RC_OK : stat_blocks_cut(&t, out);
	}
	free(c.base);
	free(c.cand);
	free(c.at_ns);
	return rc == RC_OK ? rc : err_set(err, RC_NOMEM, "out of memory");
}

int
gate_blocks_fill(const struct gate_job *job, const struct stat_blocks *b,
    const struct stat_block_test *t, struct result_gate *g,
    struct gate_seen *seen, struct err *err)
{
	struct stat_blocks_design pass = { b->n_blocks, t->t.se, g->limit,
		b->floor, 0 };
	int i;

	g->n = b->n;
	g->value = t->t.estimate;
	g->p = t->t.p;
	g->ci[0] = t->t.lo;
	g->ci[1] = t->t.hi;
	g->noise = 1 + 1.959964 * t->t.se;
	seen->bound = t->t.upper;
	seen->sd = t->t.se * sqrt((double)b->n);
	seen->units = b->n;
	seen->blocks_least = stat_blocks_least(b);
	seen->few = b->n_blocks < seen->blocks_least;
	seen->blocks = b->n_blocks;
	if (seen->few && b->n_blocks > 0)
		g->blocks_short = BLOCKS_ASKED / (double)b->n_blocks - 1;
	seen->width_s = b->width_ns / 1e9;
	seen->jump = b->jump;
	g->visible = stat_blocks_seen(b, t, g->limit,
	    gate_alpha(job->in, job->row));
	if (!isfinite(g->visible))
		g->visible = NAN;
	pass.alpha = fmin(LIMITS_AGAIN_P, job->in->limits->inconclusive_p);
	g->hides = stat_blocks_visible(&pass, 1 - GATE_HIDDEN);
	if (!isfinite(g->hides))
		g->hides = NAN;
	seen->look_p = malloc((size_t)2 * STAT_LOOKS * sizeof(*seen->look_p));
	if (seen->look_p == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	for (i = 0; i < STAT_LOOKS; i++) {
		seen->look_p[i] = (float)t->look_p[i];
		seen->look_p[STAT_LOOKS + i] = (float)t->look[i];
	}
	return RC_OK;
}

int
gate_blocks_look(const struct gate_job *job, int b,
    const struct gate_seen *seen, struct result_gate *g)
{
	(void)job;
	if (seen->look_p == NULL || seen->few)
		return 0;
	g->p = (double)seen->look_p[b];
	g->value = (double)seen->look_p[STAT_LOOKS + b];
	/* unknown is within: its p is large */
	if (isnan(g->value))
		g->value = 1;
	return 1;
}
