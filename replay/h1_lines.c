/* The head of a message as lines; see h1_lines.h. */
#include "replay/h1_lines.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Most heads are no larger, and what is no larger malloc() has at hand. */
enum { FIELDS_FIRST = 20, TEXT_FIRST = 1000, TEXT_KEPT = 1024 };

const char h1_too_many[] = "too many headers";

/* RFC 9110, 5.6.2 */
static const unsigned char is_token[256] = {
	['0' ... '9'] = 1, ['a' ... 'z'] = 1, ['A' ... 'Z'] = 1, ['!'] = 1,
	['#'] = 1, ['$'] = 1, ['%'] = 1, ['&'] = 1, ['\''] = 1, ['*'] = 1,
	['+'] = 1, ['-'] = 1, ['.'] = 1, ['^'] = 1, ['_'] = 1, ['`'] = 1,
	['|'] = 1, ['~'] = 1,
};

int
h1_is_token(unsigned char c)
{
	return is_token[c];
}

void
h1_head_init(struct h1_head *h, int is_request)
{
	memset(h, 0, sizeof(*h));
	h->max = is_request ? H1_HEAD_MAX : H1_ANSWER_MAX;
	h->fields_max = is_request ? H1_FIELDS_MAX : H1_ANSWER_FIELDS_MAX;
	buf_init(&h->text, h->max + 1);
}

void
h1_head_fini(struct h1_head *h)
{
	buf_fini(&h->text);
	free(h->fields);
	h->fields = NULL;
	h->n_fields = h->cap_fields = 0;
}

void
h1_head_reset(struct h1_head *h)
{
	int is_request = h->fields_max == H1_FIELDS_MAX;
	struct h1_field *fields = h->fields;
	size_t cap = h->cap_fields;
	struct buf text = h->text;

	if (text.cap > TEXT_KEPT || text.bad != RC_OK || cap > FIELDS_FIRST) {
		h1_head_fini(h);
		h1_head_init(h, is_request);
		return;
	}
	h1_head_init(h, is_request);
	buf_reset(&text);
	h->text = text;
	h->fields = fields;
	h->cap_fields = cap;
}

int
h1_head_begun(const struct h1_head *h)
{
	return h->text.len > 0;
}

int
h1_head_is_foreign(const struct h1_head *h)
{
	static const char begins[] = "HTTP/1.";
	size_t n = sizeof(begins) - 1;

	if (h->text.len < n)
		n = h->text.len;
	return n > 0 && memcmp(h->text.p, begins, n) != 0;
}

/* ---- taking bytes ----------------------------------------------------- */

/* Too long: it is the target's fault if its line has not ended. */
static int
too_long(const struct h1_head *h, struct h1_refusal *no)
{
	int first = h->line_at == 0;

	no->status = first ? 414 : 431;
	no->reason = first ? "target too long" : "head too long";
	if (h->text.bad == RC_NOMEM && h->text.len + 1 < h->text.max / 2) {
		no->status = 503;
		no->reason = "out of memory";
	}
	return -1;
}

/* The line that begins at line_at has ended: is it the empty one? */
static int
is_last_line(const struct h1_head *h)
{
	size_t n = h->text.len - h->line_at;

	return n == 1 || (n == 2 && h->text.p[h->line_at] == '\r');
}

int
h1_head_take(struct h1_head *h, const char *p, size_t n, size_t *used,
    struct h1_refusal *no)
{
	const char *lf;
	size_t part;

	*used = 0;
	if (h->text.cap == 0)
		(void)buf_reserve(&h->text, TEXT_FIRST);
	while (*used < n) {
		lf = memchr(p + *used, '\n', n - *used);
		part = lf == NULL ? n - *used :
		    (size_t)(lf - p) + 1 - *used;
		if (h->text.len + part > h->max ||
		    (h->line_at == 0 && h->text.len + part >
		    (size_t)H1_TARGET_MAX + 64))
			return too_long(h, no);
		buf_add(&h->text, p + *used, part);
		if (h->text.bad != RC_OK)
			return too_long(h, no);
		*used += part;
		if (lf == NULL)
			return 0;
		if (is_last_line(h)) {
			/* RFC 9112, 2.2: empty lines before it mean nothing */
			if (h->line_at > 0)
				return 1;
			buf_reset(&h->text);
			continue;
		}
		h->line_at = h->text.len;
	}
	return 0;
}

/* ---- fields ----------------------------------------------------------- */

/* Compared once for each field: passing it on asks often. */
static enum h1_name
name_of(const char *s, size_t n)
{
#define ROW(text, is) { text, sizeof(text) - 1, is }
	static const struct {
		const char *text;
		size_t n;
		enum h1_name is;
	} rows[] = {
		ROW("TE", H1_TE), ROW("Host", H1_HOST),
		ROW("Expect", H1_EXPECT), ROW("Trailer", H1_TRAILER),
		ROW("Upgrade", H1_UPGRADE), ROW("Connection", H1_CONNECTION),
		ROW("Keep-Alive", H1_KEEP_ALIVE),
		ROW("Authorization", H1_AUTHORIZATION),
		ROW("Content-Length", H1_CONTENT_LENGTH),
		ROW("Proxy-Connection", H1_PROXY_CONNECTION),
		ROW("Transfer-Encoding", H1_TRANSFER_ENCODING),
		ROW("Proxy-Authenticate", H1_PROXY_AUTHENTICATE),
		ROW("Proxy-Authorization", H1_PROXY_AUTHORIZATION),
	};
#undef ROW
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].n == n && strncasecmp(rows[i].text, s, n) == 0)
			return rows[i].is;
	}
	return H1_OTHER;
}

static struct h1_field *
new_field(struct h1_head *h)
{
	size_t cap = h->cap_fields == 0 ? FIELDS_FIRST : h->cap_fields * 2;
	struct h1_field *grown;

	if (h->n_fields == h->cap_fields) {
		grown = realloc(h->fields, cap * sizeof(*grown));
		if (grown == NULL)
			return NULL;
		h->fields = grown;
		h->cap_fields = cap;
	}
	return &h->fields[h->n_fields++];
}

static int
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* returns NULL, or what is wrong with the line */
static const char *
set_field(struct h1_field *f, char *line, size_t n, int strict)
{
	char *colon = memchr(line, ':', n);
	size_t i;

	if (colon == NULL || colon == line)
		return "a header without a name";
	f->line = line;
	f->line_n = n;
	f->name_n = (size_t)(colon - line);
	while (!strict && f->name_n > 1 && is_blank(line[f->name_n - 1]))
		f->name_n--;
	for (i = 0; i < f->name_n; i++) {
		if (!is_token[(unsigned char)line[i]])
			return "bad header name";
	}
	f->value = colon + 1;
	f->value_n = n - (size_t)(f->value - line);
	while (f->value_n > 0 && is_blank(*f->value)) {
		f->value++;
		f->value_n--;
	}
	while (f->value_n > 0 && is_blank(f->value[f->value_n - 1]))
		f->value_n--;
	for (i = 0; i < f->value_n; i++) {
		unsigned char c = (unsigned char)f->value[i];

		if (c == '\0' || c == '\r' || (strict && c != '\t' &&
		    (c < ' ' || c == 0x7f)))
			return "bad header value";
	}
	/* A blank before the colon is no part of the name: leave it out. */
	if (f->line + f->name_n < colon) {
		memmove(colon - f->name_n, line, f->name_n);
		f->line = colon - f->name_n;
		f->line_n = n - (size_t)(f->line - line);
	}
	f->is = name_of(f->line, f->name_n);
	return NULL;
}

/* A folded line belongs to the one before: one blank stands for the fold. */
static const char *
unfold(struct h1_head *h, char *line, size_t n, char *before_end)
{
	struct h1_field *last;

	if (h->n_fields == 0 || before_end == NULL)
		return "a header without a name";
	while (n > 0 && is_blank(*line)) {
		line++;
		n--;
	}
	last = &h->fields[h->n_fields - 1];
	*before_end = ' ';
	memmove(before_end + 1, line, n);
	return set_field(last, last->line, (size_t)(before_end -
	    last->line) + 1 + n, 0);
}

/*
 * The end of the line that begins at p: *n without its line end.
 * returns where the next begins, or NULL: a lone LF where CRLF must be
 */
static char *
line_end(char *p, const char *end, int strict, size_t *n)
{
	char *lf = memchr(p, '\n', (size_t)(end - p));

	if (lf == NULL)		/* cannot be: the head is whole */
		return NULL;
	*n = (size_t)(lf - p);
	if (*n > 0 && p[*n - 1] == '\r')
		(*n)--;
	else if (strict)
		return NULL;
	return lf + 1;
}

const char *
h1_head_lines(struct h1_head *h, int strict, char **first, size_t *first_n)
{
	char *p = h->text.p, *end = p + h->text.len, *next;
	char *before_end = NULL;
	const char *bad;
	struct h1_field *f;
	size_t n = 0;

	next = line_end(p, end, strict, &n);
	*first = p;
	*first_n = n;
	for (; next != NULL && next < end; ) {
		p = next;
		next = line_end(p, end, strict, &n);
		if (next == NULL || n == 0)
			break;
		if (is_blank(*p)) {
			bad = strict ? "folded header" :
			    unfold(h, p, n, before_end);
		} else {
			if (h->n_fields == h->fields_max)
				return h1_too_many;
			f = new_field(h);
			bad = f == NULL ? "out of memory" :
			    set_field(f, p, n, strict);
		}
		if (bad != NULL)
			return bad;
		f = &h->fields[h->n_fields - 1];
		before_end = f->line + f->line_n;
	}
	return next == NULL ? "a line that ends without CR" : NULL;
}

void
h1_head_seal(struct h1_head *h, struct ex_header *out)
{
	struct h1_field *f;
	size_t i;

	for (i = 0; i < h->n_fields; i++) {
		f = &h->fields[i];
		f->line[f->name_n] = '\0';
		f->value[f->value_n] = '\0';
		out[i].name = f->line;
		out[i].value = f->value;
	}
}
