/* A few cases at a time, in parallel; see score_part.h. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/score/score_part.h"

void
score_batch_init(struct score_batch *b)
{
	size_t i;

	memset(b, 0, sizeof(*b));
	for (i = 0; i < BATCH_CASES; i++) {
		score_case_init(&b->store[i]);
		b->c[i] = &b->store[i];
	}
}

void
score_batch_fini(struct score_batch *b)
{
	size_t i;

	for (i = 0; i < BATCH_CASES; i++)
		score_case_fini(&b->store[i]);
	for (i = 0; i < b->n_slots; i++) {
		exchange_rec_free(b->slots[i].rec);
		answer_fini(&b->slots[i].answer);
	}
	free(b->slots);
	free(b->scored);
	memset(b, 0, sizeof(*b));
}

int
score_batch_full(const struct score_batch *b)
{
	return b->n == BATCH_CASES || b->bytes >= BATCH_BYTES;
}

void
score_batch_add(struct score_batch *b, uint64_t index,
    struct score_line *lines)
{
	struct score_case *c = b->c[b->n++];
	struct score_line *l;

	score_case_reset(c);
	c->index = index;
	c->lines = lines;
	for (l = lines; l != NULL; l = l->next) {
		c->n_lines++;
		c->bytes += l->n;
	}
	b->bytes += c->bytes;
}

void
score_batch_reset(struct score_batch *b)
{
	size_t i;

	for (i = 0; i < b->n; i++)
		score_case_reset(b->c[i]);
	b->n = 0;
	b->bytes = 0;
}

static int
slots_for(struct score_batch *b, size_t n, struct err *err)
{
	struct score_slot *s;

	if (n > b->n_slots) {
		s = realloc(b->slots, n * sizeof(*s));
		if (s == NULL)
			return err_set(err, RC_NOMEM,
			    "out of memory for a batch");
		b->slots = s;
	}
	while (b->n_slots < n) {
		s = &b->slots[b->n_slots];
		s->rec = exchange_rec_new();
		if (s->rec == NULL)
			return err_set(err, RC_NOMEM,
			    "out of memory for a batch");
		answer_init(&s->answer);
		b->n_slots++;
	}
	return RC_OK;
}

static int
by_index(const void *a, const void *b)
{
	const struct score_case *const *x = a, *const *y = b;

	return ((*x)->index > (*y)->index) - ((*x)->index < (*y)->index);
}

static int
first_error(const struct score_batch *b, struct err *err)
{
	size_t i;

	for (i = 0; i < b->n; i++) {
		if (b->c[i]->err.code != RC_OK)
			return err_set(err, b->c[i]->err.code, "%s",
			    b->c[i]->err.msg);
	}
	return RC_OK;
}

static int
threads_of(const struct score_job *job)
{
	long n = job->threads > 0 ? job->threads :
	    sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > BATCH_CASES ? BATCH_CASES : (int)n;
}

static void
load_case(const struct score_job *job, struct score_case *c,
    struct score_slot *slots)
{
	score_load(job, c, slots);
	if (c->err.code != RC_OK)
		return;
	score_ids(job, c);
	score_texts(job, c);
	(void)arena_check(&c->arena, "a case", &c->err);
}

int
score_batch_run(const struct score_job *job, struct score_batch *b,
    struct err *err)
{
	const int threads = threads_of(job), n = (int)b->n;
	size_t first[BATCH_CASES] = { 0 }, i, lines = 0;
	int rc;

	assert(threads > 0);
	qsort(b->c, b->n, sizeof(struct score_case *), by_index);
	for (i = 0; i < b->n; i++) {
		first[i] = lines;
		lines += b->c[i]->n_lines;
	}
	rc = slots_for(b, lines, err);
	if (rc != RC_OK)
		return rc;
#pragma omp parallel for default(none) shared(job, b, first, n) \
    schedule(dynamic) num_threads(threads)
	for (int k = 0; k < n; k++)
		load_case(job, b->c[k], b->slots + first[k]);
	rc = first_error(b, err);
	if (rc == RC_OK)
		rc = score_embed(job, b->c, b->n, err);
	if (rc == RC_OK && job->scorers != NULL)
		rc = score_scorers(job, b, err);
	if (rc != RC_OK) {
		embed_set_release(job->embeds);
		return rc;
	}
#pragma omp parallel for default(none) shared(job, b, n) \
    schedule(dynamic) num_threads(threads)
	for (int k = 0; k < n; k++)
		score_judge(job, b->c[k]);
	embed_set_release(job->embeds);
	return first_error(b, err);
}
