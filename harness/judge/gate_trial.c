/* The replicate test of all gates together; see gate_trial.h. */
#include "harness/judge/gate_trial.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/rng.h"
#include "harness/judge/gate_kind.h"
#include "harness/judge/gate_part.h"
#include "harness/score/cells.h"

struct gate_trial {
	size_t n;
	struct stat_replicate *stats;
	struct gate_sum *sum;
};

/* One stream for all gates: relabeling b is the same for each. */
enum { STREAM = 900 };

struct stat_draw
gate_trial_draw(const struct gate_in *in)
{
	/* with so many answers fewer draws are enough for p */
	return (struct stat_draw){ in->seed, STREAM,
		cells_n(in->score->cells) > 20000 ? 2499 : STAT_DRAWS };
}

uint32_t
gate_trial_per_case(const struct gate_in *in)
{
	return in->score->replicas == NULL ? 1 :
	    replicas_per_case(in->score->replicas);
}

int
gate_trial_coin(const struct gate_in *in, const struct gate_row *row, int b,
    uint64_t i)
{
	uint64_t key = rng_key(in->seed, STREAM +
	    rng_seed_from(row->name, strlen(row->name)));

	return (int)(rng_at(key ^ rng_mix((uint64_t)b), i) >> 63);
}

static int
add_case(const struct gate_in *in, const struct gate_row *const *rows,
    struct gate_trial *t, uint64_t i, struct replica_case *c,
    struct err *err)
{
	size_t k;
	int rc = RC_OK;

	if (in->score->replicas != NULL) {
		rc = replicas_get(in->score->replicas, i, c, err);
		if (rc < 0)
			return rc;
		rc = RC_OK;
	}
	for (k = 0; k < t->n && rc == RC_OK; k++) {
		const struct gate_job job = { in, rows[k], t, k };

		if (rows[k]->how->kind->add != NULL)
			rc = rows[k]->how->kind->add(&job, i, c, &t->sum[k]);
	}
	return rc == RC_OK || err->code != RC_OK ? rc :
	    err_set(err, RC_NOMEM, "out of memory");
}

static int
add_cases(const struct gate_in *in, const struct gate_row *const *rows,
    struct gate_trial *t, struct err *err)
{
	uint64_t n = cells_n(in->score->cells), i;
	struct replica_case c;
	int rc = RC_OK;

	replica_case_init(&c);
	for (i = gate_next_case(in, 0, n); i < n && rc == RC_OK;
	    i = gate_next_case(in, i + 1, n))
		rc = add_case(in, rows, t, i, &c, err);
	replica_case_fini(&c);
	return rc;
}

int
gate_trial_new(const struct gate_in *in, const struct gate_row *const *rows,
    size_t n, struct gate_trial **out, struct err *err)
{
	struct gate_trial *t = calloc(1, sizeof(*t));
	const struct stat_draw draw = gate_trial_draw(in);
	int rc = RC_NOMEM;

	*out = NULL;
	if (t != NULL) {
		t->n = n;
		t->sum = calloc(n + 1, sizeof(*t->sum));
		rc = t->sum == NULL ? RC_NOMEM :
		    stat_replicate_new(n + 1, gate_trial_per_case(in), &draw,
		    &t->stats);
	}
	if (rc == RC_OK)
		rc = add_cases(in, rows, t, err);
	if (rc == RC_OK)
		rc = stat_replicate_finish(t->stats);
	if (rc != RC_OK) {
		gate_trial_free(t);
		return err->code != RC_OK ? rc :
		    err_set(err, RC_NOMEM, "out of memory");
	}
	*out = t;
	return RC_OK;
}

void
gate_trial_free(struct gate_trial *t)
{
	if (t == NULL)
		return;
	stat_replicate_free(t->stats);
	free(t->sum);
	free(t);
}

void
gate_trial_get(const struct gate_trial *t, size_t i, struct gate_sum *sum,
    struct stat_replicate_out *out)
{
	*sum = t->sum[i];
	stat_replicate_get(t->stats, i, out);
}

double
gate_trial_p(const struct gate_trial *t, size_t i, double value)
{
	return stat_replicate_p(t->stats, i, value);
}

struct stat_replicate *
gate_trial_stats(const struct gate_trial *t)
{
	return t->stats;
}
