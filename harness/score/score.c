/* The scoring pass; see score.h and score_part.h. */
#include "harness/score/score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/score/score_part.h"

struct pass {
	const struct score_job *job;
	struct score_out *out;
	struct score_arms *arms;
	struct score_lost_ids *lost;
	struct score_times *times;
	struct score_latencies *lat;
	struct score_fresh_lines *fresh;
	struct score_batch batch;
	uint64_t done, slow_echoes;
};

/* What score_out owns beyond its fields. */
struct score_mem {
	struct score_arms *arms;
	struct score_lost_ids *lost;
	struct score_times *times;
	struct score_latencies *lat;
	struct score_fresh *fresh;
};

/* ---- the pass ---------------------------------------------------------- */

static int64_t
ns_or_unknown(double v)
{
	return isfinite(v) ? (int64_t)v : -1;
}

static int
feed(const struct score_job *job, const struct score_case *c,
    struct err *err)
{
	const struct score_one *o;
	struct score_obs obs;
	size_t i;
	int rc = RC_OK;

	for (i = 0; i < c->n_one && rc == RC_OK; i++) {
		o = &c->one[i];
		obs = (struct score_obs){ c->index, o->v, o->ex.key,
			o->answer->outcome,
			ns_or_unknown(o->m[M_TOTAL_NS]),
			ns_or_unknown(o->m[M_TTFT_NS]), o->m, o->why, o->scored,
			job->suite->n_scored };
		rc = job->obs(job->obs_ctx, &obs, err);
	}
	return rc;
}

static int
reduce(struct pass *p, const struct score_case *c, struct err *err)
{
	int rc = cells_put(p->out->cells, &c->cell, err);

	if (rc == RC_OK)
		rc = replicas_put(p->out->replicas, &c->replica, err);
	if (rc == RC_OK)
		rc = score_arms_add(p->arms, c, err);
	if (rc == RC_OK)
		rc = score_lost_add(p->lost, p->job, c, err);
	if (rc == RC_OK)
		rc = score_times_add(p->times, c, err);
	if (rc == RC_OK && p->job->obs != NULL)
		rc = feed(p->job, c, err);
	score_scored_count(p->job, c, p->out->scored);
	p->out->duplicates += c->duplicates;
	p->out->cached_echoes += (uint64_t)c->cached_echo;
	p->slow_echoes += (uint64_t)c->slow_echo;
	p->done++;
	return rc;
}

static int
run_batch(struct pass *p, struct err *err)
{
	size_t i;
	int rc = p->batch.n == 0 ? RC_OK :
	    score_batch_run(p->job, &p->batch, err);

	for (i = 0; i < p->batch.n && rc == RC_OK; i++)
		rc = reduce(p, p->batch.c[i], err);
	score_batch_reset(&p->batch);
	if (rc == RC_OK && p->job->progress != NULL)
		p->job->progress(p->job->progress_ctx, p->done,
		    caseset_n(p->job->cases));
	return rc;
}

static int
stream(struct pass *p, int counted, struct err *err)
{
	struct score_reading how = { .where = p->out->where,
		.latencies = p->lat, .fresh = p->fresh,
		.counted = counted };
	struct score_reader *r;
	struct score_reader_told told;
	struct score_line *lines;
	uint64_t index;
	int rc = score_reader_open(p->job, &how, &r, err);

	if (rc != RC_OK)
		return rc;
	while ((rc = score_reader_next(r, &index, &lines, err)) == 1) {
		score_batch_add(&p->batch, index, lines);
		rc = score_batch_full(&p->batch) ? run_batch(p, err) : RC_OK;
		if (rc != RC_OK)
			break;
	}
	if (rc == 0)
		rc = run_batch(p, err);
	score_reader_told(r, &told);
	p->out->observations = told.observations;
	p->out->unknown = told.unknown;
	p->out->torn = told.torn;
	p->out->trace_lost = told.lost;
	score_reader_close(&r);
	return rc;
}

static int
pass_begin(struct pass *p, struct err *err)
{
	int rc = cells_new(caseset_n(p->job->cases), 0, &p->out->cells, err);

	if (rc == RC_OK)
		rc = replicas_new(caseset_n(p->job->cases),
		    &p->out->replicas, err);
	p->out->where = score_where_new((size_t)caseset_n(p->job->cases));
	p->arms = score_arms_new();
	p->lost = score_lost_new();
	p->times = score_times_new(p->job->plan);
	p->lat = score_latencies_new();
	p->fresh = score_fresh_new();
	if (rc == RC_OK && (p->arms == NULL || p->lost == NULL ||
	    p->out->where == NULL || p->times == NULL || p->lat == NULL ||
	    p->fresh == NULL))
		rc = err_set(err, RC_NOMEM, "out of memory for scoring");
	return rc;
}

static void
pass_end(struct pass *p)
{
	score_batch_reset(&p->batch);
	score_arms_free(p->arms);
	score_lost_free(p->lost);
	score_times_free(p->times);
	score_latencies_free(p->lat);
	score_fresh_free(p->fresh);
	cells_free(p->out->cells);
	replicas_free(p->out->replicas);
	free(p->out->where);
	p->arms = NULL;
	p->lost = NULL;
	p->times = NULL;
	p->lat = NULL;
	p->fresh = NULL;
	*p->out = (struct score_out){ 0 };
	p->done = p->slow_echoes = 0;
}

/* The trace is not as planned: from its start, with its lines counted. */
static int
pass_again(struct pass *p, struct err *err)
{
	int rc = RC_OK;

	pass_end(p);
	if (p->job->obs_again != NULL)
		rc = p->job->obs_again(p->job->obs_ctx, err);
	if (rc == RC_OK)
		rc = pass_begin(p, err);
	return rc == RC_OK ? stream(p, 1, err) : rc;
}

static int
pass_run(struct pass *p, struct err *err)
{
	int rc = pass_begin(p, err);

	if (rc == RC_OK)
		rc = stream(p, 0, err);
	if (rc == SCORE_AGAIN)
		rc = pass_again(p, err);
	if (rc == RC_OK)
		rc = score_arms_finish(p->arms, p->out->arm, err);
	if (rc == RC_OK)
		rc = score_lost_finish(p->lost, &p->out->lost, err);
	/* slow requests look like cached ones as often in the other order */
	p->out->cached_echoes -= p->out->cached_echoes < p->slow_echoes ?
	    p->out->cached_echoes : p->slow_echoes;
	score_scored_finish(p->out->scored, p->job->suite->n_scored);
	if (rc == RC_OK)
		score_times_finish(p->times, &p->out->pairs,
		    &p->out->errors);
	if (rc == RC_OK)
		rc = score_latencies_finish(p->lat, p->out, err);
	if (rc == RC_OK)
		rc = score_fresh_judge(p->fresh, p->job, &p->batch, p->out,
		    err);
	return rc;
}

int
score_run(const struct score_job *job, struct score_out **out,
    struct err *err)
{
	struct score_mem *mem = calloc(1, sizeof(*mem));
	struct pass *p = calloc(1, sizeof(*p));
	int rc;

	*out = calloc(1, sizeof(**out));
	if (p == NULL || mem == NULL || *out == NULL) {
		free(mem);
		free(p);
		free(*out);
		*out = NULL;
		return err_set(err, RC_NOMEM, "out of memory for scoring");
	}
	p->job = job;
	p->out = *out;
	score_batch_init(&p->batch);
	rc = pass_run(p, err);
	score_batch_fini(&p->batch);
	mem->arms = p->arms;
	mem->lost = p->lost;
	mem->times = p->times;
	mem->lat = p->lat;
	mem->fresh = (*out)->fresh;
	score_fresh_free(p->fresh);
	(*out)->mem = mem;
	free(p);
	if (rc != RC_OK) {
		score_free(*out);
		*out = NULL;
	}
	return rc;
}

void
score_free(struct score_out *out)
{
	struct score_mem *mem;

	if (out == NULL)
		return;
	mem = out->mem;
	score_arms_free(mem->arms);
	score_lost_free(mem->lost);
	score_times_free(mem->times);
	score_latencies_free(mem->lat);
	free(mem->fresh);
	free(mem);
	cells_free(out->cells);
	replicas_free(out->replicas);
	free(out->where);
	free(out);
}
