/* A growing byte buffer with a maximum and a sticky error; see buf.h. */
#include "harness/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One write(2) of that size costs little a byte. */
enum { DRAIN_BYTES = 1 << 16 };

void
buf_init(struct buf *b, size_t max_bytes)
{
	memset(b, 0, sizeof(*b));
	b->max = max_bytes;
}

void
buf_fini(struct buf *b)
{
	if (b == NULL)
		return;
	free(b->p);
	buf_init(b, b->max);
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->bad = RC_OK;
	if (b->p != NULL)
		b->p[0] = '\0';
}

void
buf_sink(struct buf *b, buf_sink_fn *fn, void *ctx)
{
	b->sink = fn;
	b->sink_ctx = ctx;
}

void
buf_flush(struct buf *b)
{
	if (b->sink == NULL || b->bad != RC_OK || b->len == 0)
		return;
	b->bad = b->sink(b->sink_ctx, b->p, b->len);
	b->len = 0;
	b->p[0] = '\0';
}

void
buf_drain(struct buf *b)
{
	if (b->len >= DRAIN_BYTES)
		buf_flush(b);
}

void
buf_fail(struct buf *b, enum rc rc)
{
	if (b->bad == RC_OK)
		b->bad = rc;
}

char *
buf_reserve(struct buf *b, size_t n)
{
	size_t want, cap;
	char *p;

	if (b->bad != RC_OK)
		return NULL;
	if (n >= b->max || b->len >= b->max - n) {
		b->bad = RC_NOMEM;
		return NULL;
	}
	want = b->len + n + 1;
	if (want <= b->cap)
		return b->p + b->len;
	cap = b->cap < 64 ? 64 : b->cap;
	while (cap < want)
		cap = cap > b->max / 2 ? b->max : cap * 2;
	if (cap > b->max)
		cap = b->max;
	p = realloc(b->p, cap);
	if (p == NULL) {
		b->bad = RC_NOMEM;
		return NULL;
	}
	b->p = p;
	b->cap = cap;
	return b->p + b->len;
}

void
buf_add_grow(struct buf *b, const void *p, size_t n)
{
	char *to = buf_reserve(b, n);

	if (to == NULL)
		return;
	if (n > 0)
		memcpy(to, p, n);
	b->len += n;
	b->p[b->len] = '\0';
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	/* into the room there is, as a rule: formatting twice costs most */
	size_t room = b->cap - b->len;
	char *to = room > 0 ? b->p + b->len : NULL;
	int n;
	va_list ap;

	if (b->bad != RC_OK)
		return;
	va_start(ap, fmt);
	n = vsnprintf(to, room, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < room) {
		b->len += (size_t)n;
		return;
	}
	if (to != NULL)
		*to = '\0';
	if (n < 0 || (to = buf_reserve(b, (size_t)n)) == NULL) {
		b->bad = RC_NOMEM;
		return;
	}
	va_start(ap, fmt);
	(void)vsnprintf(to, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

void
buf_u64(struct buf *b, uint64_t v)
{
	char digits[20];
	size_t i = sizeof(digits);

	do {
		digits[--i] = (char)('0' + v % 10);
		v /= 10;
	} while (v != 0);
	buf_add(b, digits + i, sizeof(digits) - i);
}

void
buf_i64(struct buf *b, int64_t v)
{
	if (v < 0) {
		buf_putc(b, '-');
		buf_u64(b, (uint64_t)0 - (uint64_t)v);
	} else {
		buf_u64(b, (uint64_t)v);
	}
}

const char *
buf_str(const struct buf *b)
{
	return b->p == NULL ? "" : b->p;
}

char *
buf_steal(struct buf *b)
{
	char *p;

	if (b->p == NULL)
		buf_add(b, "", 0);
	if (b->bad != RC_OK)
		return NULL;
	p = b->p;
	b->p = NULL;
	buf_init(b, b->max);
	return p;
}

char *
buf_dup(const char *p, size_t n)
{
	char *to = n == SIZE_MAX ? NULL : malloc(n + 1);

	if (to == NULL)
		return NULL;
	if (n > 0)
		memcpy(to, p, n);
	to[n] = '\0';
	return to;
}

int
buf_check(const struct buf *b, const char *what, struct err *err)
{
	if (b->bad == RC_OK)
		return RC_OK;
	if (b->bad != RC_NOMEM)
		return err_set(err, b->bad, "%s: cannot be written", what);
	return err_set(err, RC_NOMEM,
	    "%s: larger than the maximum of %zu bytes, or out of memory",
	    what, b->max);
}
