/* Embedders: the table of kinds, the loop over texts, distances. */
#include "harness/meaning/embed.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/text.h"
#include "harness/meaning/embed_part.h"

static const struct embed_kind *const kinds[] = {
	&embed_builtin_kind,
	&embed_lexical_kind,
	&embed_model2vec_kind,
	&embed_openai_kind,
};
#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

const char *
embed_missing_text(enum embed_missing why)
{
	static const char *const text[EMBED_MISSING_N] = {
		"embedded", "the text has no word", "text is too long",
		"text is not UTF-8", "the embedder gave no vector"
	};

	return why < EMBED_MISSING_N ? text[why] : "unknown";
}

/* ---- opening ----------------------------------------------------------- */

/* The kind a spec names; *arg is what follows "name:", or NULL. */
static const struct embed_kind *
kind_of(const char *spec, const char **arg)
{
	size_t i, n;

	for (i = 0; i < N_KINDS; i++) {
		n = strlen(kinds[i]->name);
		if (strncmp(spec, kinds[i]->name, n) != 0)
			continue;
		*arg = kinds[i]->name[n - 1] == ':' ? spec + n : NULL;
		if (*arg != NULL ? **arg != '\0' : spec[n] == '\0')
			return kinds[i];
	}
	return NULL;
}

int
embedder_open(const struct embed_opts *opts, struct embedder **out,
    struct err *err)
{
	const struct embed_kind *kind;
	const char *arg = NULL;
	struct embedder *e;
	int rc;

	*out = NULL;
	kind = kind_of(opts->spec, &arg);
	if (kind == NULL)
		return err_set(err, RC_USAGE, "no embedder \"%s\"; choose from "
		    "builtin, lexical, model2vec:DIR and openai:URL[#model]",
		    opts->spec);
	e = calloc(1, sizeof(*e));
	if (e != NULL)
		e->name = strdup(opts->spec);
	if (e == NULL || e->name == NULL) {
		free(e);
		return err_set(err, RC_NOMEM, "embedder");
	}
	(void)pthread_mutex_init(&e->lock, NULL);
	e->info.name = e->name;
	e->info.curve.identity = 1;
	e->dense_weight = 1;
	e->serial = opts->serial;
	e->kind = kind;
	rc = kind->open(e, arg, opts, err);
	if (rc != RC_OK) {
		embedder_close(&e);
		return rc;
	}
	*out = e;
	return RC_OK;
}

void
embedder_close(struct embedder **e)
{
	if (*e == NULL)
		return;
	while ((*e)->n_spare > 0)
		(*e)->kind->scratch_free((*e)->spare[--(*e)->n_spare]);
	(void)pthread_mutex_destroy(&(*e)->lock);
	if ((*e)->kind->close != NULL)
		(*e)->kind->close(*e);
	free((*e)->name);
	free(*e);
	*e = NULL;
}

const struct embed_info *
embedder_info(const struct embedder *e)
{
	return &e->info;
}

struct embed_usage
embedder_usage(const struct embedder *e)
{
	return e->usage;
}

const char *
embedder_trouble(const struct embedder *e)
{
	return e->kind->trouble != NULL ? e->kind->trouble(e) : "";
}

int
embedder_set_curve(struct embedder *e, const struct embed_curve *curve,
    struct err *err)
{
	if (!curve->identity && !(curve->t > 0 && curve->t < 2))
		return err_set(err, RC_USAGE, "a curve's t is between 0 and 2, "
		    "not %g", curve->t);
	e->info.curve = *curve;
	return RC_OK;
}

/* ---- embedding --------------------------------------------------------- */

static enum embed_missing
text_trouble(struct embed_str text)
{
	if (text.n == 0)
		return EMBED_EMPTY;
	if (text.n > EMBED_TEXT_MAX)
		return EMBED_TOO_LONG;
	return text_valid(text.s, text.n) ? EMBED_OK : EMBED_BAD_UTF8;
}

/* Scratch takes longer to make than a batch of questions to embed. */
static void *
scratch_take(struct embedder *e)
{
	void *scratch = NULL;

	(void)pthread_mutex_lock(&e->lock);
	if (e->n_spare > 0)
		scratch = e->spare[--e->n_spare];
	(void)pthread_mutex_unlock(&e->lock);
	return scratch != NULL ? scratch : e->kind->scratch_new(e);
}

/* clean   nothing failed half-way through a text */
static void
scratch_give(struct embedder *e, void *scratch, int clean)
{
	(void)pthread_mutex_lock(&e->lock);
	if (clean && scratch != NULL && e->n_spare < EMBED_SPARE_MAX) {
		e->spare[e->n_spare++] = scratch;
		scratch = NULL;
	}
	(void)pthread_mutex_unlock(&e->lock);
	e->kind->scratch_free(scratch);
}

/* The loop of a local embedder; returns the number of failed allocations. */
static int
embed_local(struct embedder *e, const struct embed_str *texts, size_t n,
    struct embed_vec **out, enum embed_missing *why)
{
	int bad = 0;

#pragma omp parallel default(none) shared(e, texts, n, out, why) \
    reduction(+ : bad) if (!e->serial && n >= 32)
	{
		void *scratch = scratch_take(e);
		size_t i;

#pragma omp for schedule(dynamic, 16)
		for (i = 0; i < n; i++) {
			why[i] = text_trouble(texts[i]);
			if (scratch == NULL || (why[i] == EMBED_OK &&
			    e->kind->one(e, scratch, texts[i], &out[i],
			    &why[i]) != RC_OK))
				bad++;
		}
		scratch_give(e, scratch, bad == 0);
	}
	return bad;
}

int
embedder_embed(struct embedder *e, const struct embed_str *texts, size_t n,
    struct embed_vec **out, enum embed_missing *why, struct err *err)
{
	int rc = RC_OK;
	size_t i;

	if (n == 0)
		return RC_OK;
	for (i = 0; i < n; i++)
		out[i] = NULL;
	if (e->kind->one != NULL) {
		if (embed_local(e, texts, n, out, why) > 0)
			rc = err_set(err, RC_NOMEM, "vectors");
	} else {
		for (i = 0; i < n; i++)
			why[i] = text_trouble(texts[i]);
		rc = e->kind->many(e, texts, n, out, why, err);
	}
	for (i = 0; rc != RC_OK && i < n; i++) {
		free(out[i]);
		out[i] = NULL;
	}
	return rc;
}

/* ---- distances --------------------------------------------------------- */

/* From the nearest of n vectors. */
static double
raw_to_nearest(const struct embedder *e, const struct embed_vec *a,
    const struct embed_vec *const *b, size_t n)
{
	double raw = 1 - embed_vec_cos_best(a, b, n, e->dense_weight);

	if (isnan(raw))
		return NAN;
	return raw < 0 ? 0 : raw > 2 ? 2 : raw;
}

double
embed_raw(const struct embedder *e, const struct embed_vec *a,
    const struct embed_vec *b)
{
	if (a == NULL || b == NULL)
		return NAN;
	return raw_to_nearest(e, a, &b, 1);
}

double
embed_ds(const struct embedder *e, double raw)
{
	const struct embed_curve *c = &e->info.curve;

	if (isnan(raw) || c->identity)
		return raw;
	if (raw <= c->t)
		return EMBED_LIMIT * raw / c->t;
	return EMBED_LIMIT + (2 - EMBED_LIMIT) * (raw - c->t) / (2 - c->t);
}

double
embed_raw_windows(const struct embedder *e, const struct embed_vec *q,
    const struct embed_doc *d)
{
	if (q == NULL || d == NULL || d->why != EMBED_OK)
		return NAN;
	if (d->n_win == 0)
		return embed_raw(e, q, d->whole);
	return raw_to_nearest(e, q,
	    (const struct embed_vec *const *)d->win, d->n_win);
}
