/* Word-level comparison of two texts; see worddiff.h. */
#include "reports/worddiff.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "reports/glyph.h"

enum { WORDS_MAX = 1000 };

/* The end of the word at p; NULL-terminated text. */
static const char *
word_end(const char *p)
{
	const char *next = p, *start = p;
	uint32_t cp;

	while ((cp = glyph_next(&next)) != 0 && cp != ' ') {
		if (glyph_width(cp) == 2)
			return p == start ? next : p;
		p = next;
	}
	return p;
}

/* out     NULL: only counts */
static size_t
split(const char *s, struct worddiff_word *out)
{
	size_t n = 0;
	const char *end;

	while (*s == ' ')
		s++;
	while (*s != '\0') {
		end = word_end(s);
		if (out != NULL)
			out[n] = (struct worddiff_word){ s, 0,
			    (size_t)(end - s), 0 };
		while (*end == ' ')
			end++;
		if (out != NULL)
			out[n].n = (size_t)(end - s);
		n++;
		s = end;
	}
	return n;
}

static int
same(const struct worddiff_word *a, const struct worddiff_word *b)
{
	return a->core == b->core && memcmp(a->p, b->p, a->core) == 0;
}

/* Marks the shared words of the middle parts by dynamic programming. */
static int
match(struct worddiff_word *a, size_t na, struct worddiff_word *b, size_t nb)
{
	size_t w = nb + 1, i, j;
	uint16_t *len;

	if (na == 0 || nb == 0 || na > WORDS_MAX || nb > WORDS_MAX)
		return RC_OK;
	len = calloc((na + 1) * w, sizeof(*len));
	if (len == NULL)
		return RC_NOMEM;
	for (i = na; i-- > 0;) {
		for (j = nb; j-- > 0;) {
			uint16_t down = len[(i + 1) * w + j];
			uint16_t right = len[i * w + j + 1];

			len[i * w + j] = same(&a[i], &b[j]) ?
			    (uint16_t)(len[(i + 1) * w + j + 1] + 1) :
			    down > right ? down : right;
		}
	}
	for (i = 0, j = 0; i < na && j < nb;) {
		if (same(&a[i], &b[j])) {
			a[i++].shared = 1;
			b[j++].shared = 1;
		} else if (len[(i + 1) * w + j] >= len[i * w + j + 1]) {
			i++;
		} else {
			j++;
		}
	}
	free(len);
	return RC_OK;
}

int
worddiff_init(struct worddiff *d, const char *a, const char *b)
{
	size_t head = 0, na, nb;

	d->na = na = split(a, NULL);
	d->nb = nb = split(b, NULL);
	d->a = calloc(na + 1, sizeof(*d->a));
	d->b = calloc(nb + 1, sizeof(*d->b));
	if (d->a == NULL || d->b == NULL) {
		worddiff_fini(d);
		return RC_NOMEM;
	}
	(void)split(a, d->a);
	(void)split(b, d->b);
	while (head < na && head < nb && same(&d->a[head], &d->b[head])) {
		d->a[head].shared = d->b[head].shared = 1;
		head++;
	}
	while (na > head && nb > head && same(&d->a[na - 1], &d->b[nb - 1])) {
		na--;
		nb--;
		d->a[na].shared = d->b[nb].shared = 1;
	}
	if (match(d->a + head, na - head, d->b + head, nb - head) == RC_OK)
		return RC_OK;
	worddiff_fini(d);
	return RC_NOMEM;
}

void
worddiff_fini(struct worddiff *d)
{
	free(d->a);
	free(d->b);
	d->a = d->b = NULL;
	d->na = d->nb = 0;
}
