/* Bit-parallel edit distance; see ned.h. */
#include "harness/base/ned.h"

#include <string.h>

enum { WORDS = NED_MAX / 64, SLOTS = 2 * NED_MAX };

/*
 * For each code point of the pattern the places where it stands.  A hash
 * table of its own: its slots are two bytes each, on the stack and zeroed at
 * each call, and it takes nothing of the heap.
 */
struct places {
	uint16_t slot[SLOTS];		/* 1 + index into rows; 0: free */
	uint32_t code[NED_MAX];
	uint64_t rows[NED_MAX][WORDS];
	size_t n;
};

static size_t
slot_of(const struct places *p, uint32_t code)
{
	size_t s = (code * 2654435761u) >> 7;

	s %= SLOTS;
	while (p->slot[s] != 0 && p->code[p->slot[s] - 1] != code)
		s = (s + 1) % SLOTS;
	return s;
}

static void
places_init(struct places *p, const uint32_t *a, size_t na, size_t words)
{
	size_t i, s;

	memset(p->slot, 0, sizeof(p->slot));
	p->n = 0;
	for (i = 0; i < na; i++) {
		s = slot_of(p, a[i]);
		if (p->slot[s] == 0) {
			memset(p->rows[p->n], 0, words * sizeof(uint64_t));
			p->code[p->n] = a[i];
			p->slot[s] = (uint16_t)++p->n;
		}
		p->rows[p->slot[s] - 1][i / 64] |= 1ULL << (i % 64);
	}
}

/* One column of one block; carries come from the block above. */
struct column {
	uint64_t pv, mv;	/* vertical differences: +1, -1 */
};

static int
advance(struct column *c, uint64_t eq, int in, uint64_t last)
{
	uint64_t xv, xh, ph, mh;
	int out;

	xv = eq | c->mv;
	if (in < 0)
		eq |= 1;
	xh = (((eq & c->pv) + c->pv) ^ c->pv) | eq;
	ph = c->mv | ~(xh | c->pv);
	mh = c->pv & xh;
	out = (ph & last) != 0 ? 1 : (mh & last) != 0 ? -1 : 0;
	ph = ph << 1 | (in > 0);
	mh = mh << 1 | (in < 0);
	c->pv = mh | ~(xv | ph);
	c->mv = ph & xv;
	return out;
}

size_t
ned_distance(const uint32_t *a, size_t na, const uint32_t *b, size_t nb)
{
	static const uint64_t none[WORDS];
	static _Thread_local struct places places;
	struct column col[WORDS];
	const uint64_t *eq;
	size_t i, w, s, words = (na + 63) / 64, score = na;
	int carry;

	if (na == 0)
		return nb;
	places_init(&places, a, na, words);
	for (w = 0; w < words; w++)
		col[w] = (struct column){ ~0ULL, 0 };
	for (i = 0; i < nb; i++) {
		s = slot_of(&places, b[i]);
		eq = places.slot[s] == 0 ? none :
		    places.rows[places.slot[s] - 1];
		carry = 1;
		for (w = 0; w < words; w++)
			carry = advance(&col[w], eq[w], carry,
			    w + 1 < words ? 1ULL << 63 :
			    1ULL << ((na - 1) % 64));
		score += (size_t)carry;
	}
	return score;
}

/* Decodes at most NED_MAX code points; returns how many. */
static size_t
decode(const char *s, size_t n, uint32_t *out)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t i = 0, k, len, count = 0;
	uint32_t c;

	while (i < n && count < NED_MAX) {
		len = p[i] < 0xC0 ? 1 : p[i] < 0xE0 ? 2 : p[i] < 0xF0 ? 3 : 4;
		c = p[i];
		for (k = 1; k < len && i + k < n &&
		    (p[i + k] & 0xC0) == 0x80; k++)
			c = c << 6 | (p[i + k] & 0x3F);
		out[count++] = k == len ? c : p[i];
		i += k == len ? len : 1;
	}
	return count;
}

double
ned(const char *a, size_t na, const char *b, size_t nb)
{
	uint32_t x[NED_MAX], y[NED_MAX];
	size_t nx, ny;

	if (na == nb && (na == 0 || memcmp(a, b, na) == 0))
		return 0;
	nx = decode(a, na, x);
	ny = decode(b, nb, y);
	return (double)ned_distance(x, nx, y, ny) /
	    (double)(nx > ny ? nx : ny);
}
