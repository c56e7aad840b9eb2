/* The body of an HTTP/1.1 message; see h1_body.h. */
#include "replay/h1_body.h"

#include <string.h>
#include <strings.h>

enum state {
	S_SIZE,			/* no digit yet */
	S_DIGITS,
	S_BLANKS,		/* behind the digits */
	S_EXT,
	S_SIZE_LF,
	S_DATA,
	S_DATA_CR,
	S_DATA_LF,
	S_TRAILER,		/* a line begins */
	S_NAME,
	S_VALUE,
	S_VALUE_LF,
	S_END_LF
};

void
h1_body_init(struct h1_body *b, enum h1_framing framing, uint64_t length,
    int strict)
{
	memset(b, 0, sizeof(*b));
	b->framing = framing;
	b->strict = strict;
	b->left = length;
	b->state = S_SIZE;
	b->done = framing == H1_BODY_NONE ||
	    (framing == H1_BODY_LENGTH && length == 0);
	buf_init(&b->trailers, H1_TRAILERS_MAX + 1);
}

void
h1_body_fini(struct h1_body *b)
{
	buf_fini(&b->trailers);
}

static int
wrong(struct h1_body *b, const char *why)
{
	b->bad = why;
	return -1;
}

static int
hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int
size_ends(struct h1_body *b)
{
	b->line_n = 0;
	b->state = b->left == 0 ? S_TRAILER : S_DATA;
	return 0;
}

/* A lone LF, where an answer may have one. */
static int
is_lone_lf(const struct h1_body *b, char c)
{
	return c == '\n' && !b->strict;
}

static int
on_size(struct h1_body *b, char c)
{
	int digit = hex_digit((unsigned char)c);

	if (++b->line_n > H1_CHUNK_LINE_MAX)
		return wrong(b, "bad chunk size");
	if (digit >= 0 && b->state != S_BLANKS) {
		if (b->left >> 59 != 0)
			return wrong(b, "bad chunk size");
		b->left = b->left << 4 | (uint64_t)digit;
		b->state = S_DIGITS;
		return 0;
	}
	if (b->state == S_SIZE)
		return wrong(b, "bad chunk size");
	if (c == '\r')
		b->state = S_SIZE_LF;
	else if (c == ';')
		b->state = S_EXT;
	else if (is_lone_lf(b, c))
		return size_ends(b);
	else if ((c == ' ' || c == '\t') && !b->strict)
		b->state = S_BLANKS;
	else
		return wrong(b, "bad chunk size");
	return 0;
}

static int
on_ext(struct h1_body *b, char c)
{
	if (++b->line_n > H1_CHUNK_LINE_MAX)
		return wrong(b, "chunk extension too long");
	if (c == '\r') {
		b->state = S_SIZE_LF;
		return 0;
	}
	if (is_lone_lf(b, c))
		return size_ends(b);
	return c != '\t' && ((unsigned char)c < ' ' || c == 0x7f) ?
	    wrong(b, "bad chunk extension") : 0;
}

/* ---- trailers --------------------------------------------------------- */

/* What must not stand behind a body: it would frame the message anew. */
static int
frames(const char *name, size_t n)
{
	static const char *const names[] = { "Content-Length",
	    "Transfer-Encoding", "Host", "Trailer", "Connection" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strlen(names[i]) == n &&
		    strncasecmp(names[i], name, n) == 0)
			return 1;
	}
	return 0;
}

static int
trailer_starts(struct h1_body *b, char c)
{
	if (c == '\r') {
		b->state = S_END_LF;
		return 0;
	}
	if (is_lone_lf(b, c)) {
		b->done = 1;
		return 0;
	}
	if (!h1_is_token((unsigned char)c))
		return wrong(b, "bad trailer");
	b->name_at = b->trailers.len;
	buf_putc(&b->trailers, c);
	b->state = S_NAME;
	return 0;
}

static int
on_trailer(struct h1_body *b, char c)
{
	if (b->state == S_TRAILER)
		return trailer_starts(b, c);
	if (b->state == S_VALUE && c == '\r') {
		b->state = S_VALUE_LF;
		return 0;
	}
	if (b->state == S_VALUE && is_lone_lf(b, c)) {
		buf_putc(&b->trailers, c);
		b->state = S_TRAILER;
		return 0;
	}
	if (b->state == S_NAME && c == ':') {
		if (b->strict && frames(b->trailers.p + b->name_at,
		    b->trailers.len - b->name_at))
			return wrong(b, "bad trailer");
		b->state = S_VALUE;
	} else if (b->state == S_NAME ? !h1_is_token((unsigned char)c) :
	    (c != '\t' && (unsigned char)c < ' ') || c == 0x7f) {
		return wrong(b, "bad trailer");
	}
	buf_putc(&b->trailers, c);
	return b->trailers.bad != RC_OK ? wrong(b, "trailers too long") : 0;
}

/* The LF that must follow a CR. */
static int
on_lf(struct h1_body *b, char c)
{
	if (c != '\n')
		return wrong(b, b->state == S_SIZE_LF ? "bad chunk size" :
		    b->state == S_DATA_LF ? "bad chunk" : "bad trailer");
	switch (b->state) {
	case S_SIZE_LF:
		return size_ends(b);
	case S_DATA_LF:
		b->state = S_SIZE;
		b->left = 0;
		return 0;
	case S_VALUE_LF:
		buf_putc(&b->trailers, '\n');
		b->state = S_TRAILER;
		return b->trailers.bad != RC_OK ?
		    wrong(b, "trailers too long") : 0;
	default:
		b->done = 1;
		return 0;
	}
}

static int
on_byte(struct h1_body *b, char c)
{
	switch (b->state) {
	case S_SIZE:
	case S_DIGITS:
	case S_BLANKS:
		return on_size(b, c);
	case S_EXT:
		return on_ext(b, c);
	case S_DATA_CR:
		if (is_lone_lf(b, c)) {
			b->state = S_SIZE;
			b->left = 0;
			return 0;
		}
		b->state = S_DATA_LF;
		return c == '\r' ? 0 : wrong(b, "bad chunk");
	case S_SIZE_LF:
	case S_DATA_LF:
	case S_VALUE_LF:
	case S_END_LF:
		return on_lf(b, c);
	default:
		return on_trailer(b, c);
	}
}

size_t
h1_body_feed(struct h1_body *b, const char *p, size_t n, h1_piece_fn *fn,
    void *ctx)
{
	size_t used = 0, part;

	while (used < n && !b->done && b->bad == NULL) {
		if (b->framing == H1_BODY_CHUNKED && b->state != S_DATA) {
			used += on_byte(b, p[used]) == 0;
			continue;
		}
		part = n - used;
		if (b->framing != H1_BODY_TO_END && part > b->left)
			part = (size_t)b->left;
		if (fn != NULL)
			fn(ctx, p + used, part);
		used += part;
		b->content += part;
		if (b->framing == H1_BODY_TO_END)
			continue;
		b->left -= part;
		if (b->left > 0)
			continue;
		if (b->framing == H1_BODY_LENGTH)
			b->done = 1;
		else
			b->state = S_DATA_CR;
	}
	return used;
}

int
h1_body_eof(struct h1_body *b)
{
	if (b->framing == H1_BODY_TO_END)
		b->done = 1;
	return b->done ? 0 : -1;
}
