/*
 * Fuzzing of the proxy's readers: heads of requests and answers, and bodies.
 * Whatever is taken is the same however it is cut, and what is passed on of
 * a request is taken again.  The first byte chooses: bit 0 an answer, the
 * rest how the bytes are cut.
 */
#include <assert.h>
#include <stdlib.h>

#include "replay/h1_body.h"
#include "replay/h1_head.h"
#include "tests/fuzz/fuzz.h"

/* returns as h1_head_take(); *used of all the bytes */
static int
take(struct h1_head *h, const char *p, size_t n, size_t step, size_t *used)
{
	struct h1_refusal no;
	size_t part, took;
	int rc = 0;

	for (*used = 0; *used < n && rc == 0; *used += took) {
		part = n - *used < step ? n - *used : step;
		rc = h1_head_take(h, p + *used, part, &took, &no);
		assert(took <= part);
	}
	return rc;
}

static void
count_piece(void *ctx, const char *p, size_t n)
{
	uint64_t *sum = ctx;
	size_t i;

	for (i = 0; i < n; i++)
		*sum = *sum * 31 + (unsigned char)p[i] + 1;
}

/* returns a sum of the content, of what was wrong, and of where it ended */
static uint64_t
read_body(const struct h1_head *h, const char *p, size_t n, size_t step,
    int strict)
{
	struct h1_body b;
	uint64_t sum = 0;
	size_t at = 0, part, used = 1;

	h1_body_init(&b, h->framing, h->length, strict);
	while (at < n && !b.done && b.bad == NULL) {
		part = n - at < step ? n - at : step;
		used = h1_body_feed(&b, p + at, part, count_piece, &sum);
		assert(used <= part);
		assert(used == part || b.done || b.bad != NULL);
		at += used;
	}
	sum = sum * 31 + (b.bad != NULL) * 2 + (uint64_t)b.done;
	sum = sum * 31 + at;
	h1_body_fini(&b);
	return sum;
}

/* The lines that would be passed on make a head that is taken again. */
static void
again(const struct h1_head *h)
{
	struct h1_refusal no;
	struct h1_head h2;
	struct buf b;
	size_t i, used;
	int rc;

	buf_init(&b, H1_HEAD_MAX * 2);
	buf_add(&b, h->method.p, h->method.n);
	buf_putc(&b, ' ');
	buf_add(&b, h->target.p, h->target.n);
	buf_puts(&b, h->minor == 0 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n");
	for (i = 0; i < h->n_fields; i++) {
		buf_add(&b, h->fields[i].line, h->fields[i].line_n);
		buf_puts(&b, "\r\n");
	}
	buf_puts(&b, "\r\n");
	h1_head_init(&h2, 1);
	rc = take(&h2, b.p, b.len, 4096, &used);
	assert(rc == 1 && used == b.len);
	rc = h1_head_request(&h2, &no);
	assert(rc == RC_OK);
	assert(h2.framing == h->framing && h2.length == h->length);
	assert(h2.n_fields == h->n_fields);
	h1_head_fini(&h2);
	buf_fini(&b);
}

static void
try_head(const char *p, size_t n, int answer, size_t step)
{
	struct ex_header *out;
	struct h1_refusal no = { 0, NULL };
	struct h1_head h;
	const char *why = NULL;
	size_t used, i, hops = 0;
	int rc;

	h1_head_init(&h, !answer);
	rc = take(&h, p, n, step, &used);
	if (rc == 1)
		rc = answer ? h1_head_answer(&h, (int)(step & 1), 1, &why) :
		    h1_head_request(&h, &no);
	else
		rc = RC_FORMAT;
	if (rc == RC_OK) {
		for (i = 0; i < h.n_fields; i++)
			hops += (size_t)h1_head_is_hop(&h, &h.fields[i]);
		assert(hops <= h.n_fields);
		assert(read_body(&h, p + used, n - used, step, !answer) ==
		    read_body(&h, p + used, n - used, 1 << 20, !answer));
		if (!answer)
			again(&h);
		out = calloc(h.n_fields + 1, sizeof(*out));
		if (out == NULL)
			abort();
		h1_head_seal(&h, out);
		free(out);
	}
	h1_head_fini(&h);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n < 1)
		return 0;
	try_head((const char *)data + 1, n - 1, data[0] & 1,
	    1 + (size_t)(data[0] >> 1) % 40);
	return 0;
}
