/* Unicode text over utf8proc, with a fast path for ASCII words. */
#include "harness/base/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

int32_t
text_next(const char **p, const char *end)
{
	const unsigned char *s = (const unsigned char *)*p;
	utf8proc_int32_t cp;
	utf8proc_ssize_t n;

	assert(*p < end);
	if (*s < 0x80) {
		(*p)++;
		return *s;
	}
	n = utf8proc_iterate(s, end - *p, &cp);
	if (n <= 0) {
		(*p)++;
		return -1;
	}
	*p += n;
	return cp;
}

int
text_valid(const char *s, size_t n)
{
	const char *end = s + n;

	while (s < end) {
		if (text_next(&s, end) < 0)
			return 0;
	}
	return 1;
}

/* Characters that Unicode counts as letters and symbols but that are
 * invisible. */
static int
is_unseen(int32_t cp)
{
	return cp == 0x115f || cp == 0x1160 || cp == 0x3164 || cp == 0xffa0 ||
	    cp == 0x2800 || cp == 0xfffc || cp == 0xfffd;
}

int
text_is_blank(const char *s, size_t n)
{
	const char *end = s + n;
	utf8proc_category_t c;
	int32_t cp;

	while (s < end) {
		cp = text_next(&s, end);
		if (cp < 0 || is_unseen(cp))
			continue;
		c = utf8proc_category(cp);
		if ((c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_LO) ||
		    (c >= UTF8PROC_CATEGORY_ND && c <= UTF8PROC_CATEGORY_NO) ||
		    (c >= UTF8PROC_CATEGORY_SM && c <= UTF8PROC_CATEGORY_SO))
			return 0;
	}
	return 1;
}

size_t
text_length(const char *s, size_t n)
{
	const char *end = s + n;
	size_t count = 0;

	for (; s < end; count++)
		(void)text_next(&s, end);
	return count;
}

size_t
text_put(int32_t cp, char out[4])
{
	return (size_t)utf8proc_encode_char(cp, (unsigned char *)out);
}

static utf8proc_option_t
form_options(enum text_form form)
{
	switch (form) {
	case TEXT_NFC:
		return UTF8PROC_STABLE | UTF8PROC_COMPOSE;
	case TEXT_NFD:
		return UTF8PROC_STABLE | UTF8PROC_DECOMPOSE;
	case TEXT_NFKC:
		return UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT;
	case TEXT_NFKC_FOLD:
		return UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT |
		    UTF8PROC_CASEFOLD;
	}
	return UTF8PROC_STABLE | UTF8PROC_COMPOSE;
}

int
text_normalise(const char *s, size_t n, enum text_form form, struct buf *out,
    struct err *err)
{
	utf8proc_uint8_t *p;
	utf8proc_ssize_t len;

	if (n == 0)
		return RC_OK;
	/* Refused before utf8proc allocates 4 bytes a code point. */
	if (n > out->max)
		return err_set(err, RC_NOMEM, "text of %zu bytes", n);
	len = utf8proc_map((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)n,
	    &p, form_options(form));
	if (len == UTF8PROC_ERROR_NOMEM)
		return err_set(err, RC_NOMEM, "text of %zu bytes", n);
	if (len < 0)
		return err_set(err, RC_FORMAT, "text is not UTF-8");
	buf_add(out, p, (size_t)len);
	free(p);
	return buf_check(out, "normalised text", err);
}

int32_t
text_lower(int32_t cp)
{
	if (cp < 0x80)
		return cp >= 'A' && cp <= 'Z' ? cp + 32 : cp;
	return utf8proc_tolower(cp);
}

int
text_is_space(int32_t cp)
{
	if (cp < 0x80)
		return cp == ' ' || (cp >= '\t' && cp <= '\r');
	return cp == 0x85 || cp == 0xA0 || cp == 0x1680 ||
	    (cp >= 0x2000 && cp <= 0x200A) || cp == 0x2028 || cp == 0x2029 ||
	    cp == 0x202F || cp == 0x205F || cp == 0x3000;
}

int
text_is_punct(int32_t cp)
{
	utf8proc_category_t c = utf8proc_category(cp);

	return c >= UTF8PROC_CATEGORY_PC && c <= UTF8PROC_CATEGORY_PO;
}

int
text_width(int32_t cp)
{
	int width = utf8proc_charwidth(cp);
	utf8proc_category_t c = utf8proc_category(cp);

	if (width > 0 || c == UTF8PROC_CATEGORY_MN ||
	    c == UTF8PROC_CATEGORY_ME || c == UTF8PROC_CATEGORY_CF)
		return width;
	return 1;
}

int
text_is_mark(int32_t cp)
{
	return cp >= 0x300 && utf8proc_category(cp) == UTF8PROC_CATEGORY_MN;
}

int
text_is_control(int32_t cp)
{
	utf8proc_category_t c = utf8proc_category(cp);

	return c == UTF8PROC_CATEGORY_CC || c == UTF8PROC_CATEGORY_CF ||
	    c == UTF8PROC_CATEGORY_CO;
}

int
text_is_letter(int32_t cp)
{
	utf8proc_category_t c = utf8proc_category(cp);

	return c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_NO;
}

int
text_is_digit(int32_t cp)
{
	utf8proc_category_t c;

	if (cp < 0x80)
		return cp >= '0' && cp <= '9';
	c = utf8proc_category(cp);
	return c == UTF8PROC_CATEGORY_ND || c == UTF8PROC_CATEGORY_NO;
}

int
text_is_upper(int32_t cp)
{
	utf8proc_category_t c = utf8proc_category(cp);

	return c == UTF8PROC_CATEGORY_LU || c == UTF8PROC_CATEGORY_LT;
}

int
text_is_lower(int32_t cp)
{
	return utf8proc_category(cp) == UTF8PROC_CATEGORY_LL;
}

int
text_is_han(int32_t cp)
{
	return (cp >= 0x4E00 && cp <= 0x9FFF) ||
	    (cp >= 0x3400 && cp <= 0x4DBF) ||
	    (cp >= 0xF900 && cp <= 0xFAFF) ||
	    (cp >= 0x20000 && cp <= 0x2A6DF) ||
	    (cp >= 0x2A700 && cp <= 0x2CEAF) ||
	    (cp >= 0x2F800 && cp <= 0x2FA1F);
}

int
text_is_spaceless(int32_t cp)
{
	if (cp < 0x0E00)
		return 0;
	return text_is_han(cp) || (cp >= 0x3005 && cp <= 0x3007) ||
	    (cp >= 0x3041 && cp <= 0x30FF) || (cp >= 0x31F0 && cp <= 0x31FF) ||
	    (cp >= 0x2CEB0 && cp <= 0x323AF) ||
	    (cp >= 0x0E01 && cp <= 0x0EFF) || (cp >= 0x1000 && cp <= 0x109F) ||
	    (cp >= 0x1780 && cp <= 0x17FF);
}

size_t
text_decompose(int32_t cp, int32_t out[TEXT_NFD_MAX])
{
	utf8proc_ssize_t n;
	int last;

	out[0] = cp;
	if (cp < 0xC0)
		return 1;
	n = utf8proc_decompose_char(cp, out, TEXT_NFD_MAX,
	    UTF8PROC_DECOMPOSE, &last);
	if (n < 1 || n > TEXT_NFD_MAX) {
		out[0] = cp;
		return 1;
	}
	return (size_t)n;
}

/* ---- words -------------------------------------------------------------- */

int
text_is_inside(int32_t cp)
{
	return cp == 0xad || (cp >= 0x200b && cp <= 0x200d) || cp == 0x2060 ||
	    cp == 0xfeff;
}

static int
ascii_alnum(unsigned char c)
{
	unsigned char l = c | 32;

	return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9');
}

void
text_words_init(struct text_words *it, const char *s, size_t n)
{
	it->p = s;
	it->end = s + n;
	it->i = 0;
	it->n = 0;
}

/*
 * Normalises the run of non-ASCII characters and ASCII letters at it->p, up
 * to TEXT_CHUNK code points, into it->cps. A malformed byte ends the run.
 */
static void
words_fill(struct text_words *it)
{
	const utf8proc_option_t opt = form_options(TEXT_NFKC_FOLD);
	const char *start = it->p, *p = it->p, *q;
	utf8proc_ssize_t n;
	int32_t cp;
	int count;

	for (count = 0; p < it->end && count < TEXT_CHUNK; count++) {
		q = p;
		cp = text_next(&q, it->end);
		if (cp < 0 || (cp < 0x80 && !ascii_alnum((unsigned char)cp)) ||
		    text_is_space(cp))
			break;
		p = q;
	}
	it->i = 0;
	it->n = 0;
	it->p = p;
	if (p == start)		/* a malformed byte or a wide space */
		(void)text_next(&it->p, it->end);
	n = p == start ? 0 : utf8proc_decompose(
	    (const utf8proc_uint8_t *)start, p - start, it->cps,
	    TEXT_CHUNK_CPS, opt);
	if (n > 0 && n <= TEXT_CHUNK_CPS)
		n = utf8proc_normalize_utf32(it->cps, n, opt);
	if (n > 0 && n <= TEXT_CHUNK_CPS)
		it->n = (size_t)n;
}

enum unit { UNIT_NONE, UNIT_ALONE, UNIT_RUN };

static enum unit
unit_of(int32_t cp)
{
	utf8proc_category_t c;

	if (cp < 0x80)
		return ascii_alnum((unsigned char)cp) ? UNIT_RUN :
		    cp == '$' ? UNIT_ALONE : UNIT_NONE;
	c = utf8proc_category(cp);
	if (c == UTF8PROC_CATEGORY_SO || c == UTF8PROC_CATEGORY_SC)
		return UNIT_ALONE;
	if (c < UTF8PROC_CATEGORY_LU || c > UTF8PROC_CATEGORY_NO)
		return UNIT_NONE;
	return text_is_spaceless(cp) ? UNIT_ALONE : UNIT_RUN;
}

/* The next word of it->cps; 0 when they are used up. */
static size_t
words_from_chunk(struct text_words *it)
{
	size_t len = 0;
	enum unit u;

	while (it->i < it->n) {
		if (text_is_inside(it->cps[it->i])) {
			it->i++;
			continue;
		}
		u = unit_of(it->cps[it->i]);
		if (len > 0 && u != UNIT_RUN)
			break;
		if (u != UNIT_NONE)
			len += text_put(it->cps[it->i], it->word + len);
		it->i++;
		if (u == UNIT_ALONE || len > TEXT_WORD_BYTES - 4)
			break;
	}
	return len;
}

/*
 * A word of ASCII letters and digits alone at it->p. Returns its length, or
 * 0 when a character follows that may belong to it.
 */
static size_t
words_ascii(struct text_words *it)
{
	const char *p = it->p;
	size_t len = 0;

	while (p < it->end && ascii_alnum((unsigned char)*p) &&
	    len < TEXT_CHUNK) {
		it->word[len++] = (char)text_lower(*p);
		p++;
	}
	if (p < it->end && (unsigned char)*p >= 0x80)
		return 0;
	it->p = p;
	return len;
}

int
text_words_next(struct text_words *it, const char **word, size_t *len)
{
	unsigned char c;

	*word = it->word;
	for (;;) {
		*len = words_from_chunk(it);
		if (*len > 0)
			return 1;
		if (it->p >= it->end)
			return 0;
		c = (unsigned char)*it->p;
		if (c < 0x80 && !ascii_alnum(c)) {
			it->p++;
			if (c != '$')
				continue;
			it->word[0] = '$';
			*len = 1;
			return 1;
		}
		if (c < 0x80 && (*len = words_ascii(it)) > 0)
			return 1;
		words_fill(it);
	}
}

int
text_has_controls(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	for (; *p != '\0'; p++) {
		if (*p < 0x20 || *p == 0x7f ||
		    (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0))
			return 1;
	}
	return 0;
}
