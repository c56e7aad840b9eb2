/* Finds the place of a text within a body; see credential_walk_part.h. */
#include "harness/traffic/credential_walk_part.h"

#include <string.h>

/* The piece that a place is in. */
static size_t
piece_of(const struct walk *w, size_t i)
{
	size_t lo = 0, hi = w->n_pieces, mid;

	while (hi - lo > 1) {
		mid = lo + (hi - lo) / 2;
		if (w->piece[mid].at <= i)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

/* Where a place of piece k, or its end, stands in the text above. */
static size_t
place_above(struct walk *w, size_t k, size_t i)
{
	const struct walk_piece *v = &w->piece[k];
	size_t used;
	char one[4];

	if (k != w->k || i < w->at || w->up_at < v->from) {
		w->k = k;
		w->at = v->at;
		w->up_at = v->from;
	}
	if (w->how == ESCAPE_NONE) {
		w->up_at = v->from + (i - v->at);
		w->at = i;
	}
	while (w->at < i && w->up_at < v->end) {
		w->at += credential_step(w->how, w->up->p + w->up_at,
		    v->end - w->up_at, &used, one);
		w->up_at += used;
	}
	return w->up_at;
}

void
walk_gone(struct walk *w, size_t from, size_t end, char with)
{
	size_t k, part, a, b;

	if (from >= end)
		return;
	if (w->up == NULL) {
		w->found++;
		if (w->to != NULL)
			memset(w->to + from, with, end - from);
		return;
	}
	for (k = piece_of(w, from); from < end; from = part, k++) {
		part = k + 1 < w->n_pieces && w->piece[k + 1].at < end ?
		    w->piece[k + 1].at : end;
		a = place_above(w, k, from);
		b = place_above(w, k, part);
		walk_gone(w->up, a, b, with);
	}
}

size_t
walk_root(struct walk *w, size_t i, struct walk **root)
{
	for (; w->up != NULL; w = w->up)
		i = place_above(w, piece_of(w, i), i);
	*root = w;
	return i;
}

size_t
walk_string_end(const struct walk *w, size_t i)
{
	const char *q;
	size_t at, k;

	while (i < w->n && (q = memchr(w->p + i, '"', w->n - i)) != NULL) {
		at = (size_t)(q - w->p);
		for (k = at; k > 0 && w->p[k - 1] == '\\'; k--)
			;
		if ((at - k) % 2 == 0)
			return at;
		i = at + 1;
	}
	return w->n;
}

size_t
walk_blanks(const struct walk *w, size_t i)
{
	while (i < w->n && (w->p[i] == ' ' || w->p[i] == '\t' ||
	    w->p[i] == '\r' || w->p[i] == '\n'))
		i++;
	return i;
}

int
walk_is_json(const struct walk *w)
{
	size_t i = walk_blanks(w, w->n >= 3 && memcmp(w->p, "\xef\xbb\xbf",
	    3) == 0 ? 3 : 0);

	if (i >= w->n)
		return 0;
	return w->p[i] == '{' || w->p[i] == '[' || (w->p[i] == '"' &&
	    walk_blanks(w, walk_string_end(w, i + 1) + 1) >= w->n);
}
