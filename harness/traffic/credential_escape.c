/*
 * Escapes undone one at a time, so that each byte is known by where it
 * stands; see credential_part.h.
 */
#include <string.h>

#include "harness/traffic/credential_part.h"

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits of \uXXXX at p. returns -1 when they are none */
static long
unit(const char *p, size_t n)
{
	long u = 0;
	size_t i;

	if (n < 6 || p[0] != '\\' || p[1] != 'u')
		return -1;
	for (i = 2; i < 6; i++) {
		if (hex(p[i]) < 0)
			return -1;
		u = u * 16 + hex(p[i]);
	}
	return u;
}

static size_t
put_utf8(unsigned long c, char *out)
{
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t k = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4, i;

	if (k == 1) {
		out[0] = (char)c;
		return 1;
	}
	for (i = k - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(lead[k] | c);
	return k;
}

static size_t
from_json(const char *p, size_t n, size_t *used, char *out)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *known;
	long u, low;

	*used = n < 2 ? n : 2;
	if (n < 2) {
		out[0] = '\\';
		return 1;
	}
	u = unit(p, n);
	if (u < 0) {
		known = p[1] == '\0' ? NULL : strchr(from, p[1]);
		out[0] = (char)(known == NULL ? p[1] : to[known - from]);
		return 1;
	}
	*used = 6;
	low = u >= 0xd800 && u < 0xdc00 ? unit(p + 6, n - 6) : -1;
	if (low >= 0xdc00 && low < 0xe000) {
		*used = 12;
		u = 0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00);
	} else if (u >= 0xd800 && u < 0xe000) {
		u = 0xfffd;
	}
	return put_utf8((unsigned long)u, out);
}

/* The two bytes at p, or four of a pair. */
static size_t
from_utf16(const char *p, size_t n, int big, size_t *used, char *out)
{
	const unsigned char *u = (const unsigned char *)p;
	unsigned long c, low;

	*used = n < 2 ? n : 2;
	c = n < 2 ? 0xfffd : (unsigned long)(u[!big] << 8 | u[big]);
	if (c >= 0xd800 && c < 0xdc00 && n >= 4) {
		low = (unsigned long)(u[2 + !big] << 8 | u[2 + big]);
		if (low >= 0xdc00 && low < 0xe000) {
			*used = 4;
			return put_utf8(0x10000 + ((c - 0xd800) << 10) +
			    (low - 0xdc00), out);
		}
	}
	return put_utf8(c >= 0xd800 && c < 0xe000 ? 0xfffd : c, out);
}

size_t
credential_step(enum credential_escape how, const char *p, size_t n,
    size_t *used, char out[4])
{
	if (how == ESCAPE_JSON && p[0] == '\\')
		return from_json(p, n, used, out);
	if (how == ESCAPE_UTF16LE || how == ESCAPE_UTF16BE)
		return from_utf16(p, n, how == ESCAPE_UTF16BE, used, out);
	*used = 1;
	out[0] = p[0];
	if (how != ESCAPE_FORM)
		return 1;
	if (p[0] == '+') {
		out[0] = ' ';
	} else if (p[0] == '%' && n > 2 && hex(p[1]) >= 0 && hex(p[2]) >= 0) {
		out[0] = (char)(hex(p[1]) * 16 + hex(p[2]));
		*used = 3;
	}
	return 1;
}

void
credential_undo(enum credential_escape how, const char *p, size_t n,
    struct buf *out)
{
	size_t i, made, used;
	const char *next;
	char one[4];

	for (i = 0; i < n; i += used) {
		if (how == ESCAPE_JSON && p[i] != '\\') {
			next = memchr(p + i, '\\', n - i);
			used = next == NULL ? n - i : (size_t)(next - p) - i;
			buf_add(out, p + i, used);
			continue;
		}
		made = credential_step(how, p + i, n - i, &used, one);
		buf_add(out, one, made);
	}
}
