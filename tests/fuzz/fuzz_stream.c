/*
 * Fuzzes the reader of event streams and the content codings: the first byte
 * chooses format, coding and how the bytes are cut, the rest is the stream.
 * However it is cut, the same events come out, and extraction makes the same
 * answer of a stream whatever its coding is called.
 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "harness/traffic/coding.h"
#include "harness/traffic/extract.h"
#include "harness/traffic/sse.h"

enum { EVENT_MAX = 4096 };

static int
note(void *ctx, const struct sse_event *e)
{
	struct buf *out = ctx;

	if (e->n > EVENT_MAX || strlen(e->name) >= SSE_NAME_MAX)
		abort();
	(void)extract_event(extract_any(), e, EVENT_CONTENT | EVENT_END |
	    EVENT_ERROR, NULL);
	buf_puts(out, e->name);
	buf_putc(out, e->has_data ? '|' : '-');
	buf_add(out, e->data, e->n);
	buf_putc(out, e->cut ? '!' : ';');
	return 0;
}

static void
read_cut(enum sse_format format, const char *p, size_t n, size_t piece,
    struct buf *out)
{
	struct sse s;
	size_t i, k;

	sse_init(&s, format, EVENT_MAX);
	for (i = 0; i < n; i += k) {
		k = piece < n - i ? piece : n - i;
		(void)sse_feed(&s, p + i, k, note, out);
	}
	(void)sse_end(&s, note, out);
	if (s.line.cap > 64 * EVENT_MAX || s.data.cap > 64 * EVENT_MAX)
		abort();
	sse_fini(&s);
}

static void
unpack(uint8_t choice, const char *p, size_t n)
{
	static const char *const lists[] = { "gzip", "deflate", "br", "zstd",
	    "gzip, br", "deflate, zstd, gzip", "identity", "x-gzip" };
	struct buf out;

	buf_init(&out, (size_t)2 << 20);
	(void)coding_undo(lists[choice % 8], p, n, (size_t)1 << 20, &out,
	    NULL);
	if (out.len > (size_t)1 << 20)
		abort();
	buf_fini(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *p = (const char *)data + 1;
	enum sse_format format;
	struct buf whole, cut;

	if (n < 1)
		return 0;
	n--;
	format = (*data & 1) != 0 ? SSE_EVENTS : SSE_LINES;
	buf_init(&whole, (size_t)64 << 20);
	buf_init(&cut, (size_t)64 << 20);
	read_cut(format, p, n, n + 1, &whole);
	read_cut(format, p, n, 1 + (*data >> 4), &cut);
	if (whole.len != cut.len || (whole.len > 0 &&
	    memcmp(whole.p, cut.p, whole.len) != 0))
		abort();
	buf_fini(&whole);
	buf_fini(&cut);
	unpack(*data >> 1, p, n);
	return 0;
}
