/* The part of the result about the suite's scorers; see verdict_part.h. */
#include <string.h>

#include "harness/judge/verdict_part.h"

enum { REASONS_SHOWN = 3 };

static uint64_t
failed(const struct score_scored *o)
{
	return o->judged - o->here - o->declined;
}

/* "no answer within 60 s (12), its answer lacks it (1)"; NULL: none failed */
static const char *
reasons(struct result *r, const struct score_scored *o)
{
	uint64_t told = 0;
	const char *out;
	struct buf b;
	size_t i;

	if (failed(o) == 0)
		return NULL;
	buf_init(&b, 1 << 16);
	for (i = 0; i < o->n_reasons && i < REASONS_SHOWN; i++) {
		buf_printf(&b, "%s%s (%llu)", i == 0 ? "" : ", ",
		    o->reason[i].why, (unsigned long long)o->reason[i].n);
		told += o->reason[i].n;
	}
	if (told < failed(o))
		buf_printf(&b, "%sother reasons (%llu)", i == 0 ? "" : ", ",
		    (unsigned long long)(failed(o) - told));
	out = result_str(r, buf_str(&b));
	buf_fini(&b);
	return out;
}

static void
note_failed(struct result *r, const char *what, const struct result_scored *m)
{
	if (m->why != NULL)
		verdict_note(r, result_fmt(r, "%llu of %llu answers have no "
		    "%s: %s.", (unsigned long long)(m->judged - m->here -
		    m->declined), (unsigned long long)m->judged, what,
		    m->why));
}

/* A scorer that failed completely is reported once. */
static void
note_scorer(struct result *r, const struct suite_scorer *s)
{
	const struct result_scored *m = &r->scored[s->first];
	size_t i;

	for (i = 1; i < s->n; i++) {
		if (m[i].why == NULL || m->why == NULL ||
		    strcmp(m[i].why, m->why) != 0)
			break;
	}
	if (i == s->n && i > 1) {
		note_failed(r, result_fmt(r, "judgement of %s", s->name), m);
		return;
	}
	for (i = 0; i < s->n; i++)
		note_failed(r, m[i].name, &m[i]);
}

void
verdict_scorer(const struct verdict_in *in, struct result *r)
{
	const struct suite *s = in->suite;
	const struct score_scored *o;
	size_t i;

	for (i = 0; i < s->n_scored; i++) {
		o = &in->score->scored[i];
		r->scored[i] = (struct result_scored){
			.name = result_str(r, s->scored[i].name),
			.scorer = result_str(r,
			    s->scorer[s->scored[i].scorer].name),
			.hash = result_str(r, in->scorers == NULL ? "" :
			    scorer_set_hash(in->scorers, s->scored[i].scorer)),
			.higher_is_better = s->scored[i].higher_is_better,
			.slot = i, .judged = o->judged, .here = o->here,
			.declined = o->declined, .why = reasons(r, o),
		};
	}
	r->n_scored = s->n_scored;
	for (i = 0; i < s->n_scorers; i++)
		note_scorer(r, &s->scorer[i]);
}
