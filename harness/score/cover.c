/* Interval unions and clipped unigrams; see cover.h. */
#include "harness/score/cover.h"

#include <stdlib.h>

static int
by_from(const void *a, const void *b)
{
	const struct cover_span *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

size_t
cover_merge(struct cover_span *v, size_t n, int64_t len)
{
	size_t i, kept = 0, out = 0;

	for (i = 0; i < n; i++) {
		v[kept] = v[i];
		if (v[kept].from < 0)
			v[kept].from = 0;
		if (v[kept].to > len)
			v[kept].to = len;
		kept += v[kept].from < v[kept].to;
	}
	if (kept == 0)
		return 0;
	qsort(v, kept, sizeof(*v), by_from);
	for (i = 1; i < kept; i++) {
		if (v[i].from > v[out].to)
			v[++out] = v[i];
		else if (v[i].to > v[out].to)
			v[out].to = v[i].to;
	}
	return out + 1;
}

int64_t
cover_length(const struct cover_span *v, size_t n)
{
	int64_t sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += v[i].to - v[i].from;
	return sum;
}

size_t
cover_words(const struct ctext_words *w, const struct cover_span *v, size_t n)
{
	size_t i, at = 0, covered = 0;

	for (i = 0; i < w->n; i++) {
		while (at < n && v[at].to < (int64_t)w->to[i])
			at++;
		if (at == n)
			break;
		covered += v[at].from <= (int64_t)w->from[i];
	}
	return covered;
}

/* ---- unigrams --------------------------------------------------------- */

struct count {
	uint64_t hash;
	uint32_t section, used;
};

static int
same_word(const void *ctx, const void *key, uint32_t at)
{
	const struct count *v = ctx;

	return v[at].hash == *(const uint64_t *)key;
}

size_t
cover_unigrams(const struct ctext_words *section,
    const struct ctext_words *const *texts, size_t n, struct arena *a)
{
	size_t i, k, slots = table_slots(section->n), matched = 0;
	struct count *v = arena_calloc(a, section->n, sizeof(*v));
	uint64_t *slot = arena_calloc(a, slots, sizeof(*slot));
	struct table t;
	uint32_t at;

	if (v == NULL || slot == NULL)
		return 0;
	table_over(&t, slot, slots);
	for (i = 0; i < section->n; i++) {
		const uint64_t *h = &section->hash[i];

		at = table_find(&t, *h, same_word, v, h);
		if (at == TABLE_NONE) {
			at = t.n;
			v[at].hash = *h;
			table_put(&t, *h, at);
		}
		v[at].section++;
	}
	for (k = 0; k < n; k++) {
		for (i = 0; i < texts[k]->n; i++) {
			const uint64_t *h = &texts[k]->hash[i];

			at = table_find(&t, *h, same_word, v, h);
			if (at == TABLE_NONE || v[at].used >= v[at].section)
				continue;
			v[at].used++;
			matched++;
		}
	}
	return matched;
}

int64_t
cover_byte_of(const char *p, size_t n, int64_t at)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (((unsigned char)p[i] & 0xC0) == 0x80)
			continue;
		if (at-- == 0)
			return (int64_t)i;
	}
	return at == 0 ? (int64_t)n : -1;
}
