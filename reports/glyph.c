/* Recorded text made safe to show; see glyph.h. */
#include "reports/glyph.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/text.h"

#define ELLIPSIS "\xe2\x80\xa6"
enum { REPLACEMENT = 0xfffd };

uint32_t
glyph_next(const char **s)
{
	int32_t cp;

	if (**s == '\0')
		return 0;
	cp = text_next(s, *s + strnlen(*s, 4));
	return cp < 0 ? REPLACEMENT : (uint32_t)cp;
}

void
glyph_put(struct buf *out, uint32_t cp)
{
	char s[4];

	buf_add(out, s, text_put((int32_t)cp, s));
}

int
glyph_width(uint32_t cp)
{
	return cp < 0x300 ? 1 : text_width((int32_t)cp);
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

size_t
glyph_plain(const char *s)
{
	size_t n = 0;

	while (s[n] > ' ' && s[n] < 0x7f)
		n++;
	return n;
}

void
glyph_clean(struct buf *out, const char *s)
{
	int space = 0, any = 0;
	uint32_t cp;
	size_t n;

	for (;;) {
		n = glyph_plain(s);
		if (n > 0) {
			if (space)
				buf_putc(out, ' ');
			buf_add(out, s, n);
			s += n;
			space = 0;
			any = 1;
		}
		cp = glyph_next(&s);
		if (cp == 0)
			break;
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
	size_t n;

	for (;;) {
		n = glyph_plain(s);
		buf_add(out, s, n);
		s += n;
		cp = glyph_next(&s);
		if (cp == 0)
			break;
		if (cp == '\r')
			continue;
		if (glyph_is_control(cp) && cp != '\n' && cp != '\t')
			cp = REPLACEMENT;
		glyph_put(out, cp);
	}
}

enum { MARKS = 16 };	/* bytes a column, at most */

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
		/* marks have no width, and there may be any number */
		if (used + w > max || (size_t)(next - p) > MARKS * max + 64)
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

size_t
glyph_line(const char *s, size_t max)
{
	const char *p = s, *fit = s, *word = NULL, *next;
	size_t used = 0;
	uint32_t cp;

	for (next = p; (cp = glyph_next(&next)) != 0 && cp != '\n';
	    p = next) {
		/* a number stays with its percent sign */
		if (cp == ' ' && p > s && *next != '%')
			word = p;
		used += (size_t)glyph_width(cp);
		if (used > max)
			break;
		fit = next;
	}
	if (cp == 0 || cp == '\n')
		return (size_t)(p - s);
	if (word != NULL)
		return (size_t)(word - s);
	/* At least one character, or a line would never end. */
	return fit > s ? (size_t)(fit - s) : (size_t)(next - s);
}
