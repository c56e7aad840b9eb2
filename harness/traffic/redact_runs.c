/*
 * Which pieces of a body are one text. A stream spreads a text over events:
 * its pieces have one path. Several that come in turns tell an index ("index",
 * "output_index"), a place in an array, or an id ("item_id", "messageId") in
 * the objects on the way: they are told apart by it where one comes back after
 * another. An index or id that never does counts or names the events: then all
 * are one text, in their order.
 */
#include <stdlib.h>

#include "harness/traffic/redact_walk_part.h"

struct order {
	uint64_t bare, key;
	size_t i;
};

static int
by_key(const void *x, const void *y)
{
	const struct order *a = x, *b = y;

	if (a->bare != b->bare)
		return a->bare < b->bare ? -1 : 1;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->i < b->i ? -1 : a->i > b->i;
}

/* How many there are of the same key in a row, and of such rows. */
static size_t
row(const struct order *o, size_t n)
{
	size_t k = 1;

	while (k < n && o[k].key == o[0].key)
		k++;
	return k;
}

static size_t
rows(const struct order *o, size_t n)
{
	size_t i, k = 0;

	for (i = 0; i < n; i += row(o + i, n - i))
		k++;
	return k;
}

/* Sorts by keys of several rows. returns whether one had come back after
 * another */
static int
sort(struct order *o, size_t n)
{
	size_t was = rows(o, n);

	qsort(o, n, sizeof(*o), by_key);
	return rows(o, n) < was;
}

static void
add_run(struct runs *r, const struct order *o, size_t n)
{
	size_t i, at = r->n > 0 ? r->end[r->n - 1] : 0;

	for (i = 0; i < n; i++)
		r->i[at + i] = o[i].i;
	r->end[r->n++] = at + n;
}

/* One text by its index, or several that tell ids. */
static void
add_ids(const struct body *b, struct runs *r, struct order *o, size_t n)
{
	size_t i, k;
	int all = 1;

	for (i = 0; i < n; i++) {
		o[i].key = b->v[o[i].i].ids;
		all &= o[i].key != 0;
	}
	/* an id that some do not tell stands at the first piece alone */
	if (!all) {
		add_run(r, o, n);
		return;
	}
	if (rows(o, n) > 1 && !sort(o, n)) {
		for (i = 0; i < n; i++)
			o[i].key = 0;
		qsort(o, n, sizeof(*o), by_key);
	}
	for (i = 0; i < n; i += k) {
		k = row(o + i, n - i);
		add_run(r, o + i, k);
	}
}

/* What has one path but for places in arrays. */
static void
add_runs(const struct body *b, struct runs *r, struct order *o, size_t n)
{
	size_t i, k;

	if (n == 1) {
		add_run(r, o, 1);
		return;
	}
	for (i = 0; i < n; i++)
		o[i].key = b->v[o[i].i].index;
	if (rows(o, n) > 1 && !sort(o, n)) {
		for (i = 0; i < n; i++)
			o[i].key = b->v[o[i].i].run;
		qsort(o, n, sizeof(*o), by_key);
	}
	for (i = 0; i < n; i += k) {
		k = row(o + i, n - i);
		add_ids(b, r, o + i, k);
	}
}

/* What is no part of a longer text: keys, numbers, what stands between
 * strings. */
static int
is_alone(const struct piece *x)
{
	return x->is_key || x->is_number || x->path == 0;
}

void
redact_runs(struct body *b, struct runs *r)
{
	struct order *o = malloc((b->n_pieces + 1) * sizeof(*o));
	size_t n = 0, i, k;

	r->i = malloc((b->n_pieces + 1) * sizeof(*r->i));
	r->end = malloc((b->n_pieces + 1) * sizeof(*r->end));
	r->n = 0;
	if (o == NULL || r->i == NULL || r->end == NULL) {
		b->bad = 1;
		free(o);
		return;
	}
	for (i = 0; i < b->n_pieces; i++) {
		if (b->v[i].done || b->v[i].n == 0)
			continue;
		o[n] = (struct order){ b->v[i].bare, 0, i };
		if (is_alone(&b->v[i]))
			add_run(r, &o[n], 1);
		else
			n++;
	}
	if (n > 1)
		qsort(o, n, sizeof(*o), by_key);
	for (i = 0; i < n; i = k) {
		for (k = i; k < n && o[k].bare == o[i].bare; k++)
			;
		add_runs(b, r, o + i, k - i);
	}
	free(o);
}

void
redact_runs_free(struct runs *r)
{
	free(r->i);
	free(r->end);
}
