/*
 * Refusals: does a text decline to answer? It does if words of thirteen
 * languages (refusal_words.h) come first in a short text. Words that come
 * later, or are about somebody else ("He was unable to answer the charges"),
 * are an answer.
 */
#include <pthread.h>
#include <string.h>

#include "harness/base/regex.h"
#include "harness/base/text.h"
#include "harness/traffic/extract.h"
#include "harness/traffic/refusal_words.h"

enum {
	ROWS = sizeof(refusal_rows) / sizeof(refusal_rows[0]),
	LONG_TEXT = 800,	/* characters: a longer text answers */
	LONG_BYTES = 4 * LONG_TEXT,
	HEAD_BYTES = 480,	/* that are looked at */
	PATTERN_BYTES = 16 << 10
};

static struct regex *patterns[ROWS];

/* What is folded alike of texts and patterns. */
static int
fold(const char *s, size_t n, struct buf *out)
{
	return text_normalise(s, n, TEXT_NFKC_FOLD, out, NULL);
}

static struct regex *
compile(const struct refusal_row *r)
{
	struct buf raw, b;
	struct regex *re = NULL;

	buf_init(&raw, PATTERN_BYTES);
	buf_init(&b, PATTERN_BYTES);
	/* no blanks tell the words of Chinese and Japanese apart */
	buf_printf(&raw, "^(?:[[:punct:]\\s]*(?:%s)%s)*[[:punct:]\\s]*(?:",
	    r->before, (r->scripts & SCRIPT_HAN) != 0 ? "" : "(?!\\w)");
	buf_puts(&raw, r->words);
	buf_putc(&raw, ')');
	if (fold(buf_str(&raw), raw.len, &b) == RC_OK)
		re = regex_new(buf_str(&b), NULL);
	buf_fini(&raw);
	buf_fini(&b);
	return re;
}

static void
compile_all(void)
{
	size_t i;

	for (i = 0; i < ROWS; i++)
		patterns[i] = compile(&refusal_rows[i]);
}

static unsigned
script_of(int32_t c)
{
	if ((c >= 'a' && c <= 'z') || (c >= 0xc0 && c < 0x250))
		return SCRIPT_LATIN;
	if (c >= 0x400 && c < 0x530)
		return SCRIPT_CYRILLIC;
	if (c >= 0x600 && c < 0x780)
		return SCRIPT_ARABIC;
	if (c >= 0x900 && c < 0x980)
		return SCRIPT_DEVANAGARI;
	if (c >= 0x980 && c < 0xa00)
		return SCRIPT_BENGALI;
	if (c >= 0x3040 && c < 0x3100)
		return SCRIPT_KANA;
	return text_is_han(c) ? SCRIPT_HAN : 0;
}

/* One blank for any, ' for the apostrophes; which scripts there are. */
static unsigned
tidy(const struct buf *from, struct buf *out)
{
	const char *p = buf_str(from), *end = p + from->len;
	unsigned scripts = 0;
	int blank = 1;
	int32_t c;
	char put[4];

	while (p < end && out->len < HEAD_BYTES) {
		c = text_next(&p, end);
		if (c < 0 || text_is_space(c) || text_is_control(c)) {
			if (!blank)
				buf_putc(out, ' ');
			blank = 1;
			continue;
		}
		scripts |= script_of(c);
		if (c == 0x2019 || c == 0x2018 || c == 0x2bc)
			c = '\'';
		buf_add(out, put, text_put(c, put));
		blank = 0;
	}
	return scripts;
}

/* The same of ASCII alone, which most answers begin with; -1: it is more. */
static int
tidy_ascii(const char *s, size_t n, struct buf *out)
{
	char head[HEAD_BYTES];
	size_t i, to = 0;
	unsigned scripts = 0;
	int blank = 1;

	for (i = 0; i < n && i < HEAD_BYTES; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c >= 0x80)
			return -1;
		if (c <= ' ' || c == 0x7f) {
			if (!blank)
				head[to++] = ' ';
			blank = 1;
			continue;
		}
		if (c >= 'A' && c <= 'Z')
			c = (unsigned char)(c + 32);
		scripts |= c >= 'a' && c <= 'z' ? SCRIPT_LATIN : 0U;
		head[to++] = (char)c;
		blank = 0;
	}
	buf_add(out, head, to);
	return (int)scripts;
}

/* The beginning of a text, ready for the patterns; its scripts. */
static unsigned
head_of(const char *text, size_t n, struct buf *head)
{
	struct buf folded;
	unsigned scripts = 0;
	int ascii = tidy_ascii(text, n, head);

	if (ascii >= 0)
		return (unsigned)ascii;
	if (n > HEAD_BYTES) {
		n = HEAD_BYTES;
		while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
			n--;
	}
	buf_init(&folded, (size_t)32 * HEAD_BYTES);
	if (fold(text, n, &folded) == RC_OK)
		scripts = tidy(&folded, head);
	buf_fini(&folded);
	return scripts;
}

int
extract_is_refusal(const char *text, size_t n)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct buf head;
	unsigned scripts;
	int found = 0;
	size_t i;

	if (text == NULL || n == 0 || n > LONG_BYTES ||
	    text_length(text, n) > LONG_TEXT)
		return 0;
	(void)pthread_once(&once, compile_all);
	buf_init(&head, (size_t)2 * HEAD_BYTES);
	scripts = head_of(text, n, &head);
	for (i = 0; i < ROWS && !found; i++) {
		if ((refusal_rows[i].scripts & scripts) != 0 &&
		    patterns[i] != NULL)
			found = regex_find(patterns[i], head.p, head.len, 0,
			    NULL, NULL) == 1;
	}
	buf_fini(&head);
	return found;
}
