/* The questions asked once through; see phase.h. */
#include "harness/drill/phase.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mono.h"
#include "harness/drill/quantiles.h"

static const char index_pin[] = "INDEX_HASH";

static int
percentiles(struct phase *p, struct err *err)
{
	int64_t *t = calloc(p->n + 1, sizeof(*t));
	size_t i, n = 0;

	if (t == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	for (i = 0; i < p->n; i++) {
		if (p->v[i].usable)
			t[n++] = p->v[i].total_ns;
	}
	quantiles(t, n, &p->p50_ns, &p->p95_ns);
	free(t);
	return RC_OK;
}

static void
take(struct phase *p, const struct ask *a, int64_t late_ns,
    const struct reading *r)
{
	struct seen *s = &p->v[p->n++];

	s->question = a->tag;
	s->usable = r->usable;
	s->status = a->status;
	memcpy(s->ranking, r->ranking, sizeof(s->ranking));
	memcpy(s->answer, r->answer, sizeof(s->answer));
	memcpy(s->pins, r->pins_hash, sizeof(s->pins));
	s->fence = r->fence;
	s->scores = r->scores;
	(void)snprintf(s->index, sizeof(s->index), "%s",
	    reading_pin(r, index_pin));
	s->sent_ns = a->sent_ns + late_ns;
	s->total_ns = a->total_ns;
	(void)snprintf(s->why, sizeof(s->why), "%s", r->why);
	p->expected += r->usable ? r->expected : 0;
	p->covered += r->usable ? r->covered : 0;
	if (!r->usable && p->failed++ == 0)
		(void)snprintf(p->why, sizeof(p->why), "%s", r->why);
}

/* Reads what a wave brought. What was not sent is left out.
 * base_ns  from when its times count */
static int
read_wave(struct questions *q, const struct wave *w, int64_t base_ns,
    struct phase *out, struct err *err)
{
	struct reading r;
	size_t i;
	int rc = RC_OK;

	memset(out, 0, sizeof(*out));
	out->v = calloc(w->n + 1, sizeof(*out->v));
	if (out->v == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	for (i = 0; i < w->n && rc == RC_OK; i++) {
		if (w->v[i]->outcome == OUTCOME_N)
			continue;
		rc = reading_of(q, w->v[i], &r, err);
		if (rc == RC_OK)
			take(out, w->v[i], w->begun_ns - base_ns, &r);
		reading_fini(&r);
	}
	return rc == RC_OK ? percentiles(out, err) : rc;
}

static int
fill(struct questions *q, struct wave *w, enum arm arm, size_t n,
    double rate, struct err *err)
{
	struct ask *a;
	size_t i;

	for (i = 0; i < n; i++) {
		a = questions_add(q, w, arm, i % q->n, err);
		if (a == NULL)
			return err->code;
		if (rate > 0)
			a->at_ns = (int64_t)((double)i * 1e9 / rate);
	}
	return RC_OK;
}

int
phase_run(struct questions *q, enum arm arm, size_t n, double rate,
    struct phase *out, struct err *err)
{
	struct wave w;
	int rc;

	memset(out, 0, sizeof(*out));
	wave_init(&w, (int)drill_int(q->d, "concurrency"));
	rc = fill(q, &w, arm, n, rate, err);
	if (rc == RC_OK)
		rc = wave_send(q->d, &w, err);
	if (rc == RC_OK)
		rc = read_wave(q, &w, w.begun_ns, out, err);
	wave_fini(&w);
	return rc;
}

void
phase_fini(struct phase *p)
{
	free(p->v);
	memset(p, 0, sizeof(*p));
}

void
phase_differ(const struct phase *a, const struct phase *b, size_t *n,
    size_t *first)
{
	size_t i;

	*n = 0;
	for (i = 0; i < a->n && i < b->n; i++) {
		if (!a->v[i].usable || !b->v[i].usable ||
		    strcmp(a->v[i].ranking, b->v[i].ranking) == 0)
			continue;
		if ((*n)++ == 0)
			*first = a->v[i].question;
	}
}

int
phase_must_answer(const struct phase *p, struct err *err)
{
	if (p->failed < p->n)
		return RC_OK;
	return err_set(err, RC_USAGE, "no question is answered: %s", p->why);
}

/* ---- a load of its own -------------------------------------------------- */

enum { LOAD_MAX_S = 600 };

struct load {
	struct questions *q;
	struct wave w;
	atomic_int stop;
	int64_t begun_ns;
	pthread_t thread;
	struct err err;
	int rc;
};

static void *
load_main(void *ctx)
{
	struct load *l = ctx;

	l->rc = wave_send(l->q->d, &l->w, &l->err);
	return NULL;
}

static int
load_start(struct load *l, struct questions *q, struct err *err)
{
	double rate = drill_num(q->d, "rate");
	int rc;

	memset(l, 0, sizeof(*l));
	l->q = q;
	wave_init(&l->w, (int)drill_int(q->d, "concurrency"));
	l->w.stop = &l->stop;
	rc = fill(q, &l->w, drill_arm(q->d), (size_t)(LOAD_MAX_S * rate) + 1,
	    rate, err);
	l->begun_ns = mono_now_ns();
	if (rc == RC_OK && pthread_create(&l->thread, NULL, load_main,
	    l) != 0)
		rc = err_set(err, RC_NOMEM, "cannot start a thread");
	if (rc != RC_OK)
		wave_fini(&l->w);
	return rc;
}

int64_t
load_now_ns(const struct load *l)
{
	return mono_now_ns() - l->begun_ns;
}

static int
load_stop(struct load *l, struct phase *out, struct err *err)
{
	int rc;

	memset(out, 0, sizeof(*out));
	atomic_store(&l->stop, 1);
	(void)pthread_join(l->thread, NULL);
	rc = l->rc != RC_OK ? err_set(err, l->err.code, "%s", l->err.msg) :
	    read_wave(l->q, &l->w, l->begun_ns, out, err);
	wave_fini(&l->w);
	return rc;
}

int
load_while(struct questions *q, load_meanwhile_fn *meanwhile, void *ctx,
    struct phase *out, struct err *err)
{
	struct load l;
	struct err own = ERR_INIT;
	int rc = load_start(&l, q, err);

	if (rc != RC_OK)
		return rc;
	rc = meanwhile(ctx, &l, &own);
	if (load_stop(&l, out, err) != RC_OK)
		return err->code;
	return rc == RC_OK ? rc : err_set(err, own.code, "%s", own.msg);
}
