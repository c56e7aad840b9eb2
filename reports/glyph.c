/* Recorded text made fit to show; see glyph.h. */
#include "reports/glyph.h"

#include <stdlib.h>
#include <string.h>

#define ELLIPSIS "\xe2\x80\xa6"
enum { REPLACEMENT = 0xfffd };

struct range {
	uint32_t from, to;
};

/* Marks that take no column: the blocks that recorded text has (combining
 * marks, joiners, variation selectors, skin tones). */
static const struct range zero[] = {
	{ 0x300, 0x36f }, { 0x483, 0x489 }, { 0x591, 0x5bd }, { 0x5bf, 0x5bf },
	{ 0x5c1, 0x5c2 }, { 0x610, 0x61a }, { 0x64b, 0x65f }, { 0x670, 0x670 },
	{ 0x6d6, 0x6dc }, { 0x6df, 0x6e4 }, { 0x6e7, 0x6e8 }, { 0x6ea, 0x6ed },
	{ 0x900, 0x902 }, { 0x93c, 0x93c }, { 0x941, 0x948 }, { 0x94d, 0x94d },
	{ 0xe31, 0xe31 }, { 0xe34, 0xe3a }, { 0xe47, 0xe4e },
	{ 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x200b, 0x200f },
	{ 0x2060, 0x2064 }, { 0x20d0, 0x20f0 }, { 0xfe00, 0xfe0f },
	{ 0xfe20, 0xfe2f }, { 0xfeff, 0xfeff }, { 0x1f3fb, 0x1f3ff },
	{ 0xe0000, 0xe01ef },
};

/* Wide and full-width characters (Unicode TR 11) and emoji. */
static const struct range wide[] = {
	{ 0x1100, 0x115f }, { 0x231a, 0x231b }, { 0x23e9, 0x23ec },
	{ 0x23f0, 0x23f0 }, { 0x23f3, 0x23f3 }, { 0x25fd, 0x25fe },
	{ 0x2614, 0x2615 }, { 0x2648, 0x2653 }, { 0x267f, 0x267f },
	{ 0x2693, 0x2693 }, { 0x26a1, 0x26a1 }, { 0x26aa, 0x26ab },
	{ 0x26bd, 0x26be }, { 0x26c4, 0x26c5 }, { 0x26ce, 0x26ce },
	{ 0x26d4, 0x26d4 }, { 0x26ea, 0x26ea }, { 0x26f2, 0x26f5 },
	{ 0x26fa, 0x26fd }, { 0x2705, 0x2705 }, { 0x270a, 0x270b },
	{ 0x2728, 0x2728 }, { 0x274c, 0x274c }, { 0x274e, 0x274e },
	{ 0x2753, 0x2757 }, { 0x2795, 0x2797 }, { 0x27b0, 0x27b0 },
	{ 0x27bf, 0x27bf }, { 0x2b1b, 0x2b1c }, { 0x2b50, 0x2b55 },
	{ 0x2e80, 0x303e }, { 0x3041, 0x4dbf }, { 0x4e00, 0xa4cf },
	{ 0xa960, 0xa97f }, { 0xac00, 0xd7a3 }, { 0xf900, 0xfaff },
	{ 0xfe30, 0xfe6f }, { 0xff00, 0xff60 }, { 0xffe0, 0xffe6 },
	{ 0x16fe0, 0x18aff }, { 0x1b000, 0x1b2ff }, { 0x1f004, 0x1f004 },
	{ 0x1f0cf, 0x1f0cf }, { 0x1f18e, 0x1f19a }, { 0x1f1e6, 0x1f320 },
	{ 0x1f32d, 0x1f64f }, { 0x1f680, 0x1f6ff }, { 0x1f7e0, 0x1f7eb },
	{ 0x1f90c, 0x1f9ff }, { 0x1fa70, 0x1faff }, { 0x20000, 0x3fffd },
};

static int
in_ranges(uint32_t cp, const struct range *r, size_t n)
{
	size_t lo = 0, hi = n, mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (cp > r[mid].to)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n && cp >= r[lo].from;
}

/* Bytes of the sequence that c begins, 0 when none can begin so. */
static int
sequence_bytes(unsigned char c)
{
	if (c < 0x80)
		return 1;
	if (c < 0xc2 || c > 0xf4)
		return 0;
	return c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

uint32_t
glyph_next(const char **s)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)*s;
	int n = sequence_bytes(*p), i;
	uint32_t cp;

	if (*p == '\0')
		return 0;
	++*s;
	if (n <= 1)
		return n == 0 ? REPLACEMENT : *p;
	cp = *p & (0xffu >> (n + 1));
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return REPLACEMENT;
		cp = cp << 6 | (p[i] & 0x3f);
	}
	if (cp < least[n] || cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000))
		return REPLACEMENT;
	*s += n - 1;
	return cp;
}

void
glyph_put(struct buf *out, uint32_t cp)
{
	if (cp < 0x80) {
		buf_putc(out, (char)cp);
	} else if (cp < 0x800) {
		buf_putc(out, (char)(0xc0 | cp >> 6));
		buf_putc(out, (char)(0x80 | (cp & 0x3f)));
	} else if (cp < 0x10000) {
		buf_putc(out, (char)(0xe0 | cp >> 12));
		buf_putc(out, (char)(0x80 | (cp >> 6 & 0x3f)));
		buf_putc(out, (char)(0x80 | (cp & 0x3f)));
	} else {
		buf_putc(out, (char)(0xf0 | cp >> 18));
		buf_putc(out, (char)(0x80 | (cp >> 12 & 0x3f)));
		buf_putc(out, (char)(0x80 | (cp >> 6 & 0x3f)));
		buf_putc(out, (char)(0x80 | (cp & 0x3f)));
	}
}

int
glyph_width(uint32_t cp)
{
	if (cp < 0x300)
		return 1;
	if (in_ranges(cp, zero, sizeof(zero) / sizeof(zero[0])))
		return 0;
	return in_ranges(cp, wide, sizeof(wide) / sizeof(wide[0])) ? 2 : 1;
}

size_t
glyph_columns(const char *s)
{
	size_t n = 0;
	uint32_t cp;

	while ((cp = glyph_next(&s)) != 0)
		n += (size_t)glyph_width(cp);
	return n;
}

int
glyph_is_control(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x61c ||
	    cp == 0x200e || cp == 0x200f || (cp >= 0x2028 && cp <= 0x202e) ||
	    (cp >= 0x2066 && cp <= 0x2069);
}

void
glyph_clean(struct buf *out, const char *s)
{
	int space = 0, any = 0;
	uint32_t cp;

	while ((cp = glyph_next(&s)) != 0) {
		if (cp == ' ' || (cp >= '\t' && cp <= '\r') ||
		    cp == 0x85 || cp == 0x2028 || cp == 0x2029) {
			space = any;
			continue;
		}
		if (space)
			buf_putc(out, ' ');
		space = 0;
		any = 1;
		glyph_put(out, glyph_is_control(cp) ? REPLACEMENT : cp);
	}
}

void
glyph_clean_lines(struct buf *out, const char *s)
{
	uint32_t cp;

	while ((cp = glyph_next(&s)) != 0) {
		if (cp == '\r')
			continue;
		if (glyph_is_control(cp) && cp != '\n' && cp != '\t')
			cp = REPLACEMENT;
		glyph_put(out, cp);
	}
}

void
glyph_clip(struct buf *out, const char *s, size_t from, size_t max)
{
	const char *p = s + from, *next, *end = NULL;
	size_t used = from > 0, w;
	uint32_t cp;

	if (from > 0)
		buf_puts(out, ELLIPSIS);
	for (next = p; (cp = glyph_next(&next)) != 0; ) {
		w = (size_t)glyph_width(cp);
		if (used + w > max)
			break;
		used += w;
		/* The last place at which an ellipsis still fits. */
		if (used < max)
			end = next;
	}
	if (cp == 0) {
		buf_puts(out, p);
		return;
	}
	if (end != NULL)
		buf_add(out, p, (size_t)(end - p));
	buf_puts(out, ELLIPSIS);
}

/* Starts of words that both have in front of their first difference. */
enum { KEEP_WORDS = 4 };

size_t
glyph_differ(const char *a, const char *b, size_t max)
{
	size_t word[KEEP_WORDS] = { 0 }, n = 0, i, at = 0;
	const char *p = a;
	char *cut;
	struct buf head;

	for (i = 0; a[i] != '\0' && a[i] == b[i]; i++) {
		if (a[i] == ' ')
			word[n++ % KEEP_WORDS] = i + 1;
	}
	if (n < KEEP_WORDS || (a[i] == '\0' && b[i] == '\0'))
		return 0;
	buf_init(&head, i + 65);
	buf_add(&head, p, i);
	cut = buf_steal(&head);
	if (cut != NULL && glyph_columns(cut) > max * 2 / 3)
		at = word[n % KEEP_WORDS];
	buf_fini(&head);
	free(cut);
	return at;
}
