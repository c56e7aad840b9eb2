/* UTF-8 and JSON strings; see utf8.h. */
#include "harness/base/utf8.h"

#include <stdint.h>
#include <string.h>

/* Input bytes a round; each becomes at most 6. */
enum { ROUND = 4096, GROW = 6 };

static int
tail_byte(const char *s, size_t i)
{
	return ((unsigned char)s[i] & 0xc0) == 0x80;
}

size_t
utf8_len(const char *s, size_t n)
{
	unsigned char a = (unsigned char)s[0];
	unsigned char b = n > 1 ? (unsigned char)s[1] : 0;

	if (a < 0x80)
		return 1;
	if (a < 0xc2 || a > 0xf4 || n < 2 || !tail_byte(s, 1))
		return 0;
	if (a < 0xe0)
		return 2;
	if (n < 3 || !tail_byte(s, 2) || (a == 0xe0 && b < 0xa0) ||
	    (a == 0xed && b > 0x9f))
		return 0;
	if (a < 0xf0)
		return 3;
	if (n < 4 || !tail_byte(s, 3) || (a == 0xf0 && b < 0x90) ||
	    (a == 0xf4 && b > 0x8f))
		return 0;
	return 4;
}

/* A vector of the compiler's own: SSE2, NEON, or plain words. */
typedef signed char block __attribute__((vector_size(16)));

/*
 * Copies a block; how many of its bytes come before one that is not plain
 * ASCII text. Bytes of 0x80 and more are negative here.
 */
static size_t
plain_bytes(char *to, const char *s)
{
	block x, hit;
	uint64_t half[2];

	memcpy(&x, s, sizeof(x));
	memcpy(to, &x, sizeof(x));
	hit = (x < 0x20) | (x == '"') | (x == '\\');
	memcpy(half, &hit, sizeof(half));
	if ((half[0] | half[1]) == 0)
		return sizeof(block);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return (size_t)(half[0] != 0 ? __builtin_ctzll(half[0]) :
	    64 + __builtin_ctzll(half[1])) / 8;
#else
	return (size_t)(half[0] != 0 ? __builtin_clzll(half[0]) :
	    64 + __builtin_clzll(half[1])) / 8;
#endif
}

/* Bytes that need thought: the letter of a short escape, or 1. */
static const char needs[256] = {
	[0 ... 7] = 1, 'b', 't', 'n', 1, 'f', 'r', [14 ... 31] = 1,
	['"'] = '"', ['\\'] = '\\', [0x80 ... 0xff] = 1,
};

/*
 * A control character or what is not ASCII. *used: input bytes
 * returns the new end, or NULL when it may not stand here
 */
static char *
special(char *to, const char *s, size_t n, int replace, size_t *used)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char c = (unsigned char)*s;

	*used = 1;
	if (c == 0 && !replace)
		return NULL;
	if (c < 0x80) {
		*to++ = '\\';
		*to++ = 'u';
		*to++ = '0';
		*to++ = '0';
		to[0] = hex[c >> 4];
		to[1] = hex[c & 15];
		return to + 2;
	}
	*used = utf8_len(s, n);
	if (*used > 0) {
		memcpy(to, s, *used);
		return to + *used;
	}
	if (!replace)
		return NULL;
	*used = 1;
	to[0] = (char)0xef;
	to[1] = (char)0xbf;
	to[2] = (char)0xbd;
	return to + 3;
}

/* The same of fewer bytes; NULs behind them are no plain text. */
static size_t
plain_rest(char *to, const char *s, size_t n)
{
	char rest[sizeof(block)] = { 0 };

	memcpy(rest, s, n);
	return plain_bytes(to, rest);
}

/* One round of utf8_json(): [*s,stop), reading on up to end at most.
 * returns the new end, or NULL */
static char *
write_round(char *to, const char **sp, const char *stop, const char *end,
    int replace)
{
	const char *s = *sp;
	size_t used;
	char e;

	while (s < stop && to != NULL) {
		used = end - s >= (long)sizeof(block) ? plain_bytes(to, s) :
		    plain_rest(to, s, (size_t)(end - s));
		s += used;
		to += used;
		if (used == sizeof(block) || s == end)
			continue;
		e = needs[(unsigned char)*s];
		if (e == 1) {
			to = special(to, s, (size_t)(end - s), replace,
			    &used);
			s += used;
			continue;
		}
		*to++ = '\\';
		*to++ = e;
		s++;
	}
	*sp = s;
	return to;
}

int
utf8_json(struct buf *b, const char *s, size_t n, int replace)
{
	const char *end = s + n, *stop;
	char *to, *begin;

	while (s < end) {
		stop = (size_t)(end - s) > ROUND ? s + ROUND : end;
		begin = buf_reserve(b, (size_t)(stop - s) * GROW +
		    sizeof(block));
		if (begin == NULL)
			return 0;
		to = write_round(begin, &s, stop, end, replace);
		if (to == NULL)
			return -1;
		b->len += (size_t)(to - begin);
		b->p[b->len] = '\0';
	}
	return 0;
}

/* Half of a pair, as UTF-8 would write it if it were a letter; 0: none. */
static unsigned
half(const char *s, unsigned char least)
{
	unsigned char a = (unsigned char)s[0], b = (unsigned char)s[1];

	return a != 0xed || b < least || b > least + 0x0f ||
	    !tail_byte(s, 2) ? 0 :
	    0xd000U + (b & 0x3fU) * 64 + ((unsigned char)s[2] & 0x3fU);
}

void
utf8_append(struct buf *b, const char *s, size_t n)
{
	unsigned high, low, c;

	if (n >= 3 && b->len >= 3 && b->bad == RC_OK &&
	    (low = half(s, 0xb0)) != 0 &&
	    (high = half(b->p + b->len - 3, 0xa0)) != 0) {
		c = 0x10000 + (high - 0xd800) * 0x400 + (low - 0xdc00);
		b->len -= 3;
		buf_putc(b, (char)(0xf0 | c >> 18));
		buf_putc(b, (char)(0x80 | (c >> 12 & 0x3f)));
		buf_putc(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_putc(b, (char)(0x80 | (c & 0x3f)));
		s += 3;
		n -= 3;
	}
	buf_add(b, s, n);
}

void
utf8_string(struct buf *b, const char *s, size_t n)
{
	const char *nul;

	while (n > 0 && (nul = memchr(s, '\0', n)) != NULL) {
		buf_add(b, s, (size_t)(nul - s));
		buf_puts(b, "\xef\xbf\xbd");
		n -= (size_t)(nul - s) + 1;
		s = nul + 1;
	}
	buf_add(b, s, n);
}
