/*
 * The pins that an arm sent; see score_part.h.
 *
 * A pin that differs in every answer must not take all memory, nor may what
 * is kept depend on the order of the answers: of too many names, or values
 * of a name, those with the smallest hashes stay.  What was dropped once
 * never comes back, so the counts kept are exact.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/score/score_part.h"

enum { NAMES = 256, VALUES = 8, VALUE_BYTES = 200 };

struct value {
	char *text;
	uint64_t hash, n;
};

struct name {
	char *text;
	uint64_t hash;
	struct value v[VALUES];
	size_t n;
	uint64_t all;		/* of whatever value */
};

struct score_pins {
	struct name v[NAMES];
	size_t n;
	struct score_pin out[NAMES * VALUES];
};

struct score_pins *
score_pins_new(void)
{
	return calloc(1, sizeof(struct score_pins));
}

static void
name_clear(struct name *x)
{
	size_t i;

	for (i = 0; i < x->n; i++)
		free(x->v[i].text);
	free(x->text);
	memset(x, 0, sizeof(*x));
}

void
score_pins_free(struct score_pins *p)
{
	size_t i;

	if (p == NULL)
		return;
	for (i = 0; i < p->n; i++)
		name_clear(&p->v[i]);
	free(p);
}

/* A copy; of a long text its beginning and its hash. */
static char *
copy(const char *s, uint64_t hash)
{
	char *out;

	if (strlen(s) <= VALUE_BYTES)
		return strdup(s);
	if (asprintf(&out, "%.*s... #%016llx", (int)VALUE_BYTES, s,
	    (unsigned long long)hash) < 0)
		return NULL;
	return out;
}

/* The place for a new name: a free one, that of the largest hash, or NULL
 * when the new hash is larger still. */
static struct name *
name_place(struct score_pins *p, uint64_t hash)
{
	size_t i, worst = 0;

	if (p->n < NAMES)
		return &p->v[p->n++];
	for (i = 1; i < NAMES; i++) {
		if (p->v[i].hash > p->v[worst].hash)
			worst = i;
	}
	if (p->v[worst].hash < hash)
		return NULL;
	name_clear(&p->v[worst]);
	return &p->v[worst];
}

static struct value *
value_place(struct name *x, uint64_t hash)
{
	size_t i, worst = 0;

	if (x->n < VALUES)
		return &x->v[x->n++];
	for (i = 1; i < VALUES; i++) {
		if (x->v[i].hash > x->v[worst].hash)
			worst = i;
	}
	if (x->v[worst].hash < hash)
		return NULL;
	free(x->v[worst].text);
	return &x->v[worst];
}

/* A text kept whole is known without its hash; nearly all are. */
static int
kept_whole(const char *text, const char *s)
{
	return strcmp(text, s) == 0 && strlen(s) <= VALUE_BYTES;
}

static int
find_name(struct score_pins *p, const char *name, struct name **out)
{
	uint64_t hash;
	size_t i;

	for (i = 0; i < p->n; i++) {
		*out = &p->v[i];
		if (kept_whole(p->v[i].text, name))
			return RC_OK;
	}
	hash = hash_u64(name, strlen(name));
	for (i = 0; i < p->n; i++) {
		*out = &p->v[i];
		if (p->v[i].hash == hash)
			return RC_OK;
	}
	*out = name_place(p, hash);
	if (*out == NULL)
		return RC_OK;
	(*out)->hash = hash;
	(*out)->text = copy(name, hash);
	return (*out)->text == NULL ? RC_NOMEM : RC_OK;
}

int
score_pins_add(struct score_pins *p, const char *name, const char *value)
{
	struct name *x;
	struct value *v;
	uint64_t hash;
	size_t i;

	if (find_name(p, name, &x) != RC_OK)
		return RC_NOMEM;
	if (x == NULL)
		return RC_OK;
	x->all++;
	for (i = 0; i < x->n; i++) {
		if (kept_whole(x->v[i].text, value)) {
			x->v[i].n++;
			return RC_OK;
		}
	}
	hash = hash_u64(value, strlen(value));
	for (i = 0; i < x->n; i++) {
		if (x->v[i].hash == hash) {
			x->v[i].n++;
			return RC_OK;
		}
	}
	v = value_place(x, hash);
	if (v == NULL)
		return RC_OK;
	v->hash = hash;
	v->n = 1;
	v->text = copy(value, hash);
	return v->text == NULL ? RC_NOMEM : RC_OK;
}

static int
by_name_then_count(const void *a, const void *b)
{
	const struct score_pin *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	if (order != 0)
		return order;
	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return strcmp(x->value, y->value);
}

int
score_pins_finish(struct score_pins *p, const struct score_pin **out,
    size_t *n)
{
	size_t i, k;

	*n = 0;
	for (i = 0; i < p->n; i++) {
		for (k = 0; k < p->v[i].n; k++)
			p->out[(*n)++] = (struct score_pin){ p->v[i].text,
			    p->v[i].v[k].text, p->v[i].v[k].n,
			    p->v[i].all };
	}
	qsort(p->out, *n, sizeof(p->out[0]), by_name_then_count);
	*out = p->out;
	return RC_OK;
}
