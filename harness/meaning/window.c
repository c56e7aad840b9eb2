/* Sentences and windows. */
#include "harness/meaning/window.h"

#include <string.h>

#include "harness/base/text.h"

/* Of the longest window. */
#define WINDOW_BYTES ((ptrdiff_t)WINDOW_CHARS * 4)

void
window_init(struct window_iter *it, const char *s, size_t n)
{
	it->p = s;
	it->end = s + n;
}

static int
is_final(int32_t cp)
{
	return cp == '.' || cp == '!' || cp == '?' || cp == 0x2026 ||
	    cp == 0x203C || (cp >= 0x2047 && cp <= 0x2049);
}

/* Full stops that no space need follow. */
static int
is_hard_final(int32_t cp)
{
	return cp == 0x3002 || cp == 0xFF01 || cp == 0xFF1F || cp == 0xFF61 ||
	    cp == 0xFF0E || cp == 0x061F || cp == 0x06D4 || cp == 0x0964 ||
	    cp == 0x0965 || cp == 0x0589 || cp == 0x1362 || cp == 0x104B;
}

static int
is_closer(int32_t cp)
{
	return cp == '"' || cp == '\'' || cp == ')' || cp == ']' ||
	    cp == 0x2019 || cp == 0x201D || cp == 0xBB || cp == 0x300D ||
	    cp == 0x300F || cp == 0xFF09 || cp == 0x3011;
}

static int32_t
peek(const char *p, const char *end)
{
	return p < end ? text_next(&p, end) : ' ';
}

static const char *
skip_space(const char *p, const char *end)
{
	const char *q;

	while (p < end) {
		q = p;
		if (!text_is_space(text_next(&q, end)))
			break;
		p = q;
	}
	return p;
}

/* Does the word that ends before the full stop at dot only abbreviate? */
static int
is_abbreviation(const char *start, const char *dot)
{
	static const char *const known[] = {
		"mr", "mrs", "ms", "dr", "prof", "st", "sr", "jr", "vs", "etc",
		"fig", "no", "vol", "inc", "ltd", "co", "corp", "gen", "col",
		"lt", "sgt", "capt", "rev", "hon", "gov", "pres", "approx",
		"dept", "est", "eg", "ie", "cf", "al", "ca", "jan", "feb",
		"mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov",
		"dec", NULL
	};
	const char *p = dot;
	char word[8];
	size_t n = 0, i;

	while (p > start && dot - p < 7 && (unsigned char)p[-1] < 0x80 &&
	    text_is_letter((unsigned char)p[-1]))
		p--;
	if (p > start && (unsigned char)p[-1] >= 0x80)
		return 0;
	if (dot - p == 1)	/* an initial, or the end of "e.g." */
		return text_is_upper((unsigned char)*p) ||
		    (p > start && p[-1] == '.');
	for (; p < dot && n < sizeof(word) - 1; p++)
		word[n++] = (char)text_lower(*p);
	word[n] = '\0';
	for (i = 0; known[i] != NULL; i++) {
		if (strcmp(word, known[i]) == 0)
			return 1;
	}
	return 0;
}

/* Does a sentence end between the final mark and p, where text goes on? */
static int
ends_here(int32_t final, const char *start, const char *mark, const char *p,
    const char *end)
{
	const char *next;
	int32_t cp;

	if (p >= end || is_hard_final(final))
		return 1;
	if (!text_is_space(peek(p, end)))
		return 0;
	if (final == '.' && is_abbreviation(start, mark))
		return 0;
	next = skip_space(p, end);
	cp = peek(next, end);
	return cp < 0 || !text_is_lower(cp);
}

static int
is_empty_line(const char *p, const char *end)
{
	if (*p != '\n')
		return 0;
	for (p++; p < end && (*p == ' ' || *p == '\t' || *p == '\r'); p++)
		continue;
	return p < end && *p == '\n';
}

static struct embed_str
trimmed(const char *s, const char *end)
{
	while (end > s && (end[-1] == ' ' ||
	    (end[-1] >= '\t' && end[-1] <= '\r')))
		end--;
	return (struct embed_str){ s, (size_t)(end - s) };
}

/* The next sentence, given up at limit: returns 0 there, or at the end. */
static int
sentence_within(struct window_iter *it, const char *limit,
    struct embed_str *out)
{
	const char *start = skip_space(it->p, it->end), *p = start, *mark, *q;
	int32_t cp;

	while (p < it->end && !is_empty_line(p, it->end)) {
		if (p > limit)
			return 0;
		mark = p;
		cp = text_next(&p, it->end);
		if (!is_final(cp) && !is_hard_final(cp))
			continue;
		for (q = p; p < it->end; p = q) {
			int32_t c = text_next(&q, it->end);

			if (!is_final(c) && !is_hard_final(c) && !is_closer(c))
				break;
		}
		if (ends_here(cp, start, mark, p, it->end))
			break;
	}
	it->p = p;
	*out = trimmed(start, p);
	return out->n > 0;
}

int
sentence_next(struct window_iter *it, struct embed_str *out)
{
	return sentence_within(it, it->end, out);
}

/* Where to cut a text that is longer than a window. */
static const char *
cut(const char *s, const char *end)
{
	const char *p = s, *space = NULL, *q;
	size_t n;

	for (n = 0; p < end && n < WINDOW_CHARS; n++) {
		q = p;
		if (text_is_space(text_next(&p, end)) && n > 0)
			space = q;
	}
	return p < end && space != NULL ? space : p;
}

int
window_next(struct window_iter *it, struct embed_str *out)
{
	const char *start = skip_space(it->p, it->end), *stop = NULL, *limit;
	struct window_iter ahead = { start, it->end };
	struct embed_str s;

	it->p = start;
	if (start == it->end)
		return 0;
	/* Not to read a long sentence again for each of its windows. */
	limit = it->end - start > WINDOW_BYTES ? start + WINDOW_BYTES :
	    it->end;
	while (sentence_within(&ahead, limit, &s)) {
		if (text_length(start, (size_t)(s.s + s.n - start)) >
		    WINDOW_CHARS)
			break;
		stop = s.s + s.n;
		it->p = ahead.p;
	}
	if (stop == NULL) {	/* the first sentence alone is too long */
		stop = cut(start, it->end);
		it->p = stop;
	}
	*out = trimmed(start, stop);
	return 1;
}
