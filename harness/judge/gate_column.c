/* How gates read the cells; see gate_part.h. */
#include <math.h>
#include <stdlib.h>

#include "harness/judge/gate_part.h"
#include "harness/score/cells.h"
#include "harness/stat/stat_dist.h"

int
gate_looks_at(const struct gate_in *in, uint64_t i)
{
	return in->only == NULL || (in->only[i / 32] >> (i % 32) & 1) != 0;
}

uint64_t
gate_next_case(const struct gate_in *in, uint64_t i, uint64_t n)
{
	uint32_t left;

	while (in->only != NULL && i < n) {
		left = in->only[i / 32] >> (i % 32);
		if (left != 0)
			return i + (uint64_t)__builtin_ctz(left);
		i = (i / 32 + 1) * 32;
	}
	return i;
}

void
gate_count_arms(const struct gate_row *row, const struct cell *c,
    struct gate_seen *seen)
{
	seen->has[0] += isfinite(row->how->level(c, 0)) != 0;
	seen->has[1] += isfinite(row->how->level(c, 1)) != 0;
}

int
gate_effects(const struct gate_in *in, const struct gate_row *row,
    double **d, size_t *n, struct gate_seen *seen, struct err *err)
{
	const struct cells *cells = in->score->cells;
	uint64_t all = cells_n(cells), i;
	double x;

	*n = 0;
	*d = malloc(((size_t)all + 1) * sizeof(**d));
	if (*d == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	for (i = gate_next_case(in, 0, all); i < all;
	    i = gate_next_case(in, i + 1, all)) {
		const struct cell *c = cells_get(cells, i);

		if (row->how->level != NULL)
			gate_count_arms(row, c, seen);
		x = row->how->effect(c);
		if (!isnan(x))
			(*d)[(*n)++] = x;
	}
	return RC_OK;
}

/* Standard deviation from a sum and a sum of squares. */
static double
spread(double n, double sum, double square)
{
	return n > 1 ? sqrt(fmax(0, square - sum * sum / n) / (n - 1)) : NAN;
}

void
gate_fill_cases(const struct gate_row *row, const struct gate_sum *sum,
    struct result_gate *g, struct gate_seen *seen)
{
	static const double conf = 1 - GATE_STRICT_ALPHA;
	double n = (double)sum->n, mean = sum->value / n, worst;
	double sd = spread(n, sum->value, sum->square), t;

	seen->sd = sd;
	seen->units = (size_t)sum->n;
	if (n > 1) {
		t = dist_t_quantile(.975, n - 1) * sd / sqrt(n);
		g->ci[0] = mean - t;
		g->ci[1] = mean + t;
		seen->bound = mean + dist_t_quantile(conf, n - 1) * sd /
		    sqrt(n);
	}
	/* stat_strict_bound(), from sums: one worst case is added */
	worst = row->how->worst;
	if (!(worst > 0))
		return;
	sd = spread(n + 1, sum->value + worst, sum->square + worst * worst);
	seen->bound = (sum->value + worst) / (n + 1) +
	    dist_t_quantile(conf, n) * sd / sqrt(n + 1);
}
