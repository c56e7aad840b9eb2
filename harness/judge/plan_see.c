/* What a suite can see; see plan_see.h. */
#include "harness/judge/plan_see.h"

#include <math.h>
#include <string.h>

#include "harness/judge/gate_part.h"
#include "harness/judge/gate_sight.h"
#include "harness/judge/see.h"
#include "harness/stat/stat_blocks.h"

const double see_power[SEE_POWERS] = { .8, .98 };

double
plan_see_sd(const struct gate_row *row, const struct store_gate *g)
{
	const struct gate_kind *kind = row->how->kind;

	if (g->n == 0 || !isfinite(g->noise) || kind->spread == NULL)
		return NAN;
	return kind->spread(g);
}

enum { RUNS_MAX = 20 };

/* A rise of fast answers must be of so many nanoseconds too. */
static void
raise_margin(struct see_gate *s, const struct store_gate *h, size_t n,
    double floor_ns)
{
	if (n > 0 && h[0].base > 0)
		s->margin = fmax(s->margin, 1 + floor_ns / h[0].base);
}

/* Root of the mean square over earlier runs: those that passed, since a
 * broken candidate is noisier than chance; where none did, all. */
static int
measured_sd(const struct see_in *in, struct store *store,
    struct see_gate *s, struct err *err)
{
	const struct store_past past = { .suite_name = in->suite->name,
		.gate = s->row->name };
	struct store_gate h[RUNS_MAX];
	double sd, sum[2] = { 0, 0 };
	uint64_t fewest[2] = { 0, 0 };
	size_t n = 0, k[2] = { 0, 0 }, i;
	int passed, rc;

	if (store == NULL)
		return RC_OK;
	rc = store_gate_history(store, &past, h, RUNS_MAX, &n, err);
	if (rc != RC_OK)
		return rc;
	if (s->row->how->floor != 0)
		raise_margin(s, h, n, limits_at(&in->suite->limits,
		    s->row->how->floor));
	for (i = 0; i < n; i++) {
		sd = plan_see_sd(s->row, &h[i]);
		if (!isfinite(sd))
			continue;
		passed = strcmp(h[i].run_verdict, "PASS") == 0;
		sum[passed] += sd * sd;
		if (k[passed]++ == 0 || h[i].n < fewest[passed])
			fewest[passed] = h[i].n;
	}
	passed = k[1] > 0;
	if (k[passed] == 0)
		return RC_OK;
	s->runs = k[passed];
	s->sd = sqrt(sum[passed] / (double)k[passed]);
	/* a plan that is over early is measured on, as it was before */
	if (s->blocks > 0 && in->measure_on && s->n < fewest[passed])
		s->n = fewest[passed];
	return RC_OK;
}

double
plan_see_power(const struct see_in *in, const struct see_gate *s,
    const struct see_harm *x)
{
	const struct gate_kind *kind = s->row->how->kind;

	if (s->n < s->row->how->min_n || s->n == 0 || !(x->share > 0) ||
	    isnan(s->sd) || kind->power == NULL)
		return 0;
	return kind->power(in, s, x);
}

static double
visible(const struct see_in *in, const struct see_gate *s, double power)
{
	const struct gate_kind *kind = s->row->how->kind;

	if (s->n < s->row->how->min_n || s->n == 0)
		return INFINITY;
	if (isnan(s->sd) || kind->visible == NULL)
		return NAN;
	return kind->visible(in, s, power);
}

static double
hidden(const struct see_in *in, const struct see_gate *s)
{
	const struct gate_kind *kind = s->row->how->kind;

	return isnan(s->sd) || kind->hidden == NULL ? NAN :
	    kind->hidden(in, s, GATE_HIDDEN);
}

/* n for an even chance that `strict` passes without a change. */
static double
strict_n(const struct see_gate *s)
{
	const struct gate_kind *kind = s->row->how->kind;
	struct stat_design d = { GATE_STRICT_ALPHA, s->margin, s->sd };

	if (kind->scale != NULL)
		d.margin = kind->scale(s->margin);
	if (kind->level || kind->spread == NULL)
		return gate_strict_n(s->row, d.margin);
	if (kind->of_items && kind->scale == NULL) {
		/* of a rate */
		d.sd = sqrt(s->sd * (1 - s->sd));
		d.margin = fmax(0, s->margin - s->sd);
	}
	return fmax(gate_strict_n(s->row, s->margin), stat_n_strict(&d, .5));
}

static uint64_t
units(const struct see_in *in, const struct gate_row *row)
{
	const uint64_t of[] = {
		[GATE_OF_ALL] = in->plan->n_cases,
		[GATE_OF_GOLD] = in->n_gold,
		[GATE_OF_UNANSWERABLE] = in->n_unanswerable,
		[GATE_OF_PRICED] = in->plan->n_cases,
	};

	if (row->how->kind->of_items)
		return in->plan->n_items;
	return of[row->how->of];
}

/* Of a width that had to grow once; it is measured on up to the fewest. */
static size_t
blocks(const struct see_in *in)
{
	static const double width_s = .75;
	double n = in->seconds > 0 ? in->seconds / width_s : 0;

	return n < 1e6 && n > STAT_BLOCKS_MIN ? (size_t)n : STAT_BLOCKS_MIN;
}

static int
applies(const struct see_in *in, const struct gate_row *row)
{
	const struct gate_kind *kind = row->how->kind;

	if (row->class == GATE_INFO || (row->id >= 0 &&
	    limits_is_off(&in->suite->limits, (enum gate_id)row->id)))
		return 0;
	if (!in->paired)
		return kind->alone;
	return kind->paired && !kind->level &&
	    (row->how->of != GATE_OF_PRICED || in->priced) &&
	    (in->latency || !kind->live);
}

int
plan_see(const struct see_in *in, struct store *store,
    struct see_gate *out, size_t *n, struct err *err)
{
	const struct gate_in rows = { .scored = in->scored,
		.n_scored = in->n_scored };
	const struct limits *l = &in->suite->limits;
	const struct gate_row *row;
	struct see_gate *s;
	size_t k;
	int i, rc = RC_OK;

	*n = 0;
	for (k = 0; (row = gate_row_at(&rows, k)) != NULL && rc == RC_OK;
	    k++) {
		if (!applies(in, row) || units(in, row) == 0)
			continue;
		s = &out[(*n)++];
		memset(s, 0, sizeof(*s));
		s->row = row;
		s->unit = row->how->kind->sees_share ? "share" : row->unit;
		s->n = units(in, row);
		s->blocks = row->how->kind->live ? blocks(in) : 0;
		s->margin = limits_at(l, row->limit) +
		    (strcmp(row->unit, "ratio") == 0);
		/* what a scorer says has no typical noise */
		s->sd = row->scored > 0 ? NAN : row->how->typical;
		s->strict_n = NAN;
		rc = measured_sd(in, store, s, err);
		for (i = 0; i < SEE_POWERS; i++) {
			s->visible[i] = visible(in, s, see_power[i]);
			s->slow[i] = row->how->kind->quantile == 0 ||
			    s->n < row->how->min_n ? NAN : see_hit_share(1,
			    s->n, see_tail_rank(s), see_power[i]);
		}
		s->hides = hidden(in, s);
		if (l->strict && (!row->how->kind->level || !in->paired))
			s->strict_n = strict_n(s);
	}
	return rc;
}
