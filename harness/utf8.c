/* UTF-8 and JSON strings; see utf8.h. */
#include "harness/utf8.h"

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

#define EVERY(c) (0x0101010101010101u * (uint64_t)(c))

/* How many of the 8 bytes come before one that is not plain ASCII text. */
static size_t
plain_bytes(uint64_t x)
{
	uint64_t quote = x ^ EVERY('"');
	uint64_t slash = x ^ EVERY('\\');
	uint64_t hit;

	hit = (x | ((x - EVERY(0x20)) & ~x) | ((quote - EVERY(1)) & ~quote) |
	    ((slash - EVERY(1)) & ~slash)) & EVERY(0x80);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return hit == 0 ? 8 : (size_t)__builtin_ctzll(hit) / 8;
#else
	return hit == 0 ? 8 : 0;	/* borrows spoil the order there */
#endif
}

static char *
escape(char *to, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	const char *hit;

	*to++ = '\\';
	hit = c == '\0' ? NULL : strchr("\"\\\b\f\n\r\t", c);
	if (hit != NULL) {
		*to++ = "\"\\bfnrt"[hit - "\"\\\b\f\n\r\t"];
		return to;
	}
	memcpy(to, "u00", 3);
	to[3] = hex[c >> 4];
	to[4] = hex[c & 15];
	return to + 5;
}

/*
 * One character that is not plain. *used: input bytes
 * returns the new end, or NULL when it may not stand here
 */
static char *
special(char *to, const char *s, size_t n, int replace, size_t *used)
{
	unsigned char c = (unsigned char)*s;

	*used = 1;
	if (c < 0x80 && c != 0 && c >= 0x20 && c != '"' && c != '\\') {
		*to++ = *s;
		return to;
	}
	if (c == 0 && !replace)
		return NULL;
	if (c < 0x80)
		return escape(to, c);
	*used = utf8_len(s, n);
	if (*used > 0) {
		memcpy(to, s, *used);
		return to + *used;
	}
	if (!replace)
		return NULL;
	*used = 1;
	memcpy(to, "\xef\xbf\xbd", 3);
	return to + 3;
}

int
utf8_json(struct buf *b, const char *s, size_t n, int replace)
{
	const char *end = s + n, *stop;
	char *to, *begin;
	uint64_t x;
	size_t used;

	while (s < end) {
		stop = (size_t)(end - s) > ROUND ? s + ROUND : end;
		begin = to = buf_reserve(b,
		    (size_t)(stop - s) * GROW + sizeof(x));
		if (to == NULL)
			return 0;
		while (s < stop) {
			if (end - s >= (long)sizeof(x)) {
				memcpy(&x, s, sizeof(x));
				memcpy(to, &x, sizeof(x));
				used = plain_bytes(x);
				s += used;
				to += used;
				if (used == sizeof(x))
					continue;
			}
			to = special(to, s, (size_t)(end - s), replace,
			    &used);
			if (to == NULL)
				return -1;
			s += used;
		}
		b->len += (size_t)(to - begin);
		b->p[b->len] = '\0';
	}
	return 0;
}
