/* Escapes of JSON, undone one by one. */
#include <string.h>

#include "harness/traffic/redact_part.h"

int
redact_hex(const char *p, size_t n, size_t digits)
{
	size_t i;
	int v = 0, c;

	if (n < digits)
		return -1;
	for (i = 0; i < digits; i++) {
		c = (unsigned char)p[i];
		c = c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' &&
		    (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
		if (c < 0)
			return -1;
		v = v * 16 + c;
	}
	return v;
}

size_t
redact_point(unsigned u, char out[4])
{
	if (u < 0x80) {
		out[0] = (char)u;
		return 1;
	}
	if (u < 0x800) {
		out[0] = (char)(0xc0 | u >> 6);
		out[1] = (char)(0x80 | (u & 0x3f));
		return 2;
	}
	if (u < 0x10000) {
		out[0] = (char)(0xe0 | u >> 12);
		out[1] = (char)(0x80 | (u >> 6 & 0x3f));
		out[2] = (char)(0x80 | (u & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | u >> 18);
	out[1] = (char)(0x80 | (u >> 12 & 0x3f));
	out[2] = (char)(0x80 | (u >> 6 & 0x3f));
	out[3] = (char)(0x80 | (u & 0x3f));
	return 4;
}

size_t
redact_escape(const char *p, size_t n, char out[4], size_t *len)
{
	static const char from[] = "bfnrt\"\\/", to[] = "\b\f\n\r\t\"\\/";
	const char *e;
	size_t used = 6;
	int u, low;

	if (n < 2)
		return 0;
	if (p[1] == 'u' && (u = redact_hex(p + 2, n - 2, 4)) >= 0) {
		if (u >= 0xd800 && u < 0xdc00 && n >= 12 && p[6] == '\\' &&
		    p[7] == 'u' && (low = redact_hex(p + 8, 4, 4)) >= 0xdc00 &&
		    low < 0xe000) {
			u = 0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00);
			used = 12;
		}
		*len = redact_point((unsigned)u, out);
		return used;
	}
	e = strchr(from, p[1]);
	if (e == NULL || *e == '\0')
		return 0;
	out[0] = to[e - from];
	*len = 1;
	return 2;
}
