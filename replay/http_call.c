/* What both transports share of a call; see http_call.h. */
#include "replay/http_call.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int
http_call_init(struct http_call_mem *m, const struct http_origin *to,
    size_t body_max, size_t head_max)
{
	memset(m, 0, sizeof(*m));
	m->call.mem = m;
	m->to = to;
	m->body_max = body_max;
	/* room for the name and value NULs that replace ": " and CRLF */
	buf_init(&m->head, head_max + 64);
	buf_init(&m->body, body_max + 64);
	buf_init(&m->wire, SIZE_MAX / 2);
	buf_init(&m->lines, SIZE_MAX / 2);
	buf_init(&m->last_target, SIZE_MAX / 2);
	stream_init(&m->watch);
	http_call_reset(m);
	return RC_OK;
}

void
http_call_fini(struct http_call_mem *m)
{
	buf_fini(&m->head);
	buf_fini(&m->body);
	buf_fini(&m->wire);
	buf_fini(&m->lines);
	buf_fini(&m->last_target);
	stream_fini(&m->watch);
	free(m->spans);
	free(m->headers);
	free(m->chunks);
	free(m->slist);
}

/* A rare giant must not stay for the rest of the run. */
static void
reset_buf(struct buf *b)
{
	if (b->cap > HTTP_BUF_KEEP)
		buf_fini(b);
	buf_reset(b);
}

void
http_call_reset(struct http_call_mem *m)
{
	struct http_call *c = &m->call;
	int origin = c->origin;

	reset_buf(&m->head);
	reset_buf(&m->body);
	reset_buf(&m->wire);
	reset_buf(&m->lines);
	m->n_spans = 0;
	m->head_seen = 0;
	m->interim = 0;
	m->is_stream = m->unnamed = 0;
	m->failed = 0;
	m->wire_off = 0;
	m->resent = 0;
	m->tries = 0;
	m->refused = 0;
	m->why[0] = '\0';
	if (m->cap_chunks > HTTP_BUF_KEEP / sizeof(*m->chunks)) {
		free(m->chunks);
		m->chunks = NULL;
		m->cap_chunks = 0;
	}
	memset(c, 0, sizeof(*c));
	c->mem = m;
	c->origin = origin;
	c->ttfb_ns = c->ttft_ns = c->total_ns = -1;
	c->outcome = OUTCOME_OK;
}

void
http_call_fail(struct http_call_mem *m, enum outcome o, const char *why, ...)
{
	va_list ap;

	if (m->failed)
		return;
	m->failed = 1;
	m->call.outcome = o;
	va_start(ap, why);
	(void)vsnprintf(m->why, sizeof(m->why), why, ap);
	va_end(ap);
	m->call.why = m->why;
}

void
http_call_errno(struct http_call_mem *m, enum outcome o, const char *what,
    int error)
{
	char text[96];

	http_call_fail(m, o, "%.120s: %s", what,
	    strerror_r(error, text, sizeof(text)));
}

const char *
http_call_quote(char out[HTTP_QUOTE], const char *p, size_t n)
{
	size_t i, k = 0;

	while (n > 0 && (p[n - 1] == '\n' || p[n - 1] == '\r'))
		n--;
	out[k++] = '"';
	for (i = 0; i < n && k + 5 < HTTP_QUOTE; i++)
		out[k++] = (char)(p[i] >= ' ' && p[i] <= '~' ? p[i] : '.');
	(void)snprintf(out + k, HTTP_QUOTE - k, "%s\"", i < n ? "..." : "");
	return out;
}

static int
head_room(struct http_call_mem *m, size_t n)
{
	if (m->failed)
		return -1;
	m->head_seen += n;
	m->call.bytes_in += n;
	if (m->head_seen <= m->head.max - 64)
		return 0;
	http_call_fail(m, OUTCOME_TOO_LARGE,
	    "more than %zu bytes of headers", m->head.max - 64);
	return -1;
}

int
http_call_status(struct http_call_mem *m, const char *line, size_t n)
{
	const char *p = line;
	char quote[HTTP_QUOTE];
	size_t left = n;

	if (head_room(m, n) != 0)
		return -1;
	while (left > 0 && *p != ' ') {
		p++;
		left--;
	}
	if (left < 4 || p[1] < '1' || p[1] > '9' || p[2] < '0' ||
	    p[2] > '9' || p[3] < '0' || p[3] > '9' ||
	    (left > 4 && p[4] != ' ' && p[4] != '\r' && p[4] != '\n')) {
		http_call_fail(m, OUTCOME_PROTOCOL, "the status line has no "
		    "status of three digits: %s",
		    http_call_quote(quote, line, n));
		return -1;
	}
	m->call.status = (p[1] - '0') * 100 + (p[2] - '0') * 10 + p[3] - '0';
	/* an interim answer's headers are not the answer's */
	buf_reset(&m->head);
	m->n_spans = 0;
	if (m->call.status < 200 && m->call.status != 101 &&
	    ++m->interim > HTTP_INTERIM_MAX) {
		http_call_fail(m, OUTCOME_PROTOCOL,
		    "more than %d interim (1xx) answers", HTTP_INTERIM_MAX);
		return -1;
	}
	return 0;
}

static int
span_add(struct http_call_mem *m, size_t name, size_t value)
{
	struct http_span *s;
	size_t cap;

	if (m->n_spans == m->cap_spans) {
		cap = m->cap_spans == 0 ? 16 : m->cap_spans * 2;
		s = realloc(m->spans, cap * sizeof(*s));
		if (s == NULL)
			return -1;
		m->spans = s;
		m->cap_spans = cap;
	}
	m->spans[m->n_spans].name = (uint32_t)name;
	m->spans[m->n_spans++].value = (uint32_t)value;
	return 0;
}

/* A line that continues the last header: a blank and what it says (RFC 9112,
 * 5.2). */
static int
fold(struct http_call_mem *m, const char *line, size_t n)
{
	char quote[HTTP_QUOTE];

	if (head_room(m, n) != 0)
		return -1;
	for (; n > 0 && strchr("\n\r \t", line[n - 1]) != NULL &&
	    line[n - 1] != '\0'; n--)
		;
	for (; n > 0 && (*line == ' ' || *line == '\t'); n--)
		line++;
	if (m->n_spans == 0 || memchr(line, '\0', n) != NULL) {
		http_call_fail(m, OUTCOME_PROTOCOL, "a folded header line "
		    "without a header: %s", http_call_quote(quote, line, n));
		return -1;
	}
	if (n == 0)
		return 0;
	/* the last value is the last of the text */
	m->head.len--;
	if (m->head.len > m->spans[m->n_spans - 1].value)
		buf_putc(&m->head, ' ');
	buf_add(&m->head, line, n);
	buf_putc(&m->head, '\0');
	if (m->head.bad != RC_OK) {
		http_call_fail(m, OUTCOME_TOO_LARGE, "headers too large");
		return -1;
	}
	return 0;
}

int
http_call_header(struct http_call_mem *m, const char *line, size_t n)
{
	const char *colon;
	char quote[HTTP_QUOTE];
	size_t name_n, name_at, value_at;

	if (n > 0 && (*line == ' ' || *line == '\t'))
		return fold(m, line, n);
	if (head_room(m, n) != 0)
		return -1;
	while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r' ||
	    line[n - 1] == ' ' || line[n - 1] == '\t'))
		n--;
	colon = memchr(line, ':', n);
	if (colon == NULL || colon == line || memchr(line, '\0', n) != NULL) {
		http_call_fail(m, OUTCOME_PROTOCOL, "a header line without "
		    "name and colon: %s", http_call_quote(quote, line, n));
		return -1;
	}
	name_n = (size_t)(colon - line);
	name_at = m->head.len;
	buf_add(&m->head, line, name_n);
	buf_putc(&m->head, '\0');
	line = colon + 1;
	n -= name_n + 1;
	while (n > 0 && (*line == ' ' || *line == '\t')) {
		line++;
		n--;
	}
	value_at = m->head.len;
	buf_add(&m->head, line, n);
	buf_putc(&m->head, '\0');
	if (m->head.bad != RC_OK || span_add(m, name_at, value_at) != 0) {
		http_call_fail(m, OUTCOME_TOO_LARGE, "headers too large");
		return -1;
	}
	return 0;
}

const char *
http_call_find(const struct http_call_mem *m, const char *name)
{
	size_t i;

	for (i = 0; i < m->n_spans; i++) {
		if (strcasecmp(m->head.p + m->spans[i].name, name) == 0)
			return m->head.p + m->spans[i].value;
	}
	return NULL;
}

/* The codings of the answer, or NULL: it came as it is. */
static const char *
codings_of(const struct http_call_mem *m, char list[static 128])
{
	struct ex_header h[8];
	size_t i, n = 0;

	for (i = 0; i < m->n_spans && n < sizeof(h) / sizeof(h[0]); i++) {
		h[n].name = m->head.p + m->spans[i].name;
		h[n].value = m->head.p + m->spans[i].value;
		n += strcasecmp(h[n].name, "content-encoding") == 0;
	}
	return coding_of(h, n, list);
}

int
http_call_head_end(struct http_call_mem *m)
{
	const struct extract_spec *spec = m->to->extract;
	enum sse_format format, own = spec == NULL ? SSE_NONE :
	    (enum sse_format)extract_stream_format(spec);
	const char *type, *length, *codings;
	char list[128];

	if (m->failed)
		return -1;
	if (m->call.status < 200)
		return 0;
	length = http_call_find(m, "content-length");
	if (length != NULL && strtoull(length, NULL, 10) > m->body_max &&
	    strcmp(m->call.method, "HEAD") != 0) {
		http_call_fail(m, OUTCOME_TOO_LARGE,
		    "an answer of %.20s bytes; the limit is %zu", length,
		    m->body_max);
		return -1;
	}
	type = http_call_find(m, "content-type");
	format = sse_of_type(type);
	/* a stream of the suite's own shape may come under any type but JSON,
	 * which is how services answer errors */
	if (format == SSE_NONE &&
	    (type == NULL || strcasestr(type, "json") == NULL))
		format = own;
	if (format == SSE_NONE || m->call.status >= 300)
		return 0;
	m->is_stream = 1;
	codings = codings_of(m, list);
	m->unnamed = sse_of_type(type) == SSE_NONE && format == SSE_EVENTS;
	stream_start(&m->watch, own != SSE_NONE ? spec : NULL, format,
	    codings);
	return 0;
}

static int
chunk_add(struct http_call_mem *m, size_t n, int64_t at_ns)
{
	struct http_call *c = &m->call;
	struct ex_chunk *p;
	size_t cap;

	if (c->n_chunks == HTTP_CHUNKS_MAX) {
		m->chunks[c->n_chunks - 1].n += n;
		return 0;
	}
	if (c->n_chunks == m->cap_chunks) {
		cap = m->cap_chunks == 0 ? 64 : m->cap_chunks * 2;
		p = realloc(m->chunks, cap * sizeof(*p));
		if (p == NULL)
			return -1;
		m->chunks = p;
		m->cap_chunks = cap;
	}
	m->chunks[c->n_chunks].at_ns = at_ns;
	m->chunks[c->n_chunks++].n = n;
	return 0;
}

int
http_call_body(struct http_call_mem *m, const char *p, size_t n,
    int64_t now_ns)
{
	int64_t at_ns = now_ns - m->call.sent_ns;

	if (m->failed)
		return -1;
	m->call.bytes_in += n;
	if (n > m->body_max - m->body.len) {
		http_call_fail(m, OUTCOME_TOO_LARGE,
		    "an answer of more than %zu bytes", m->body_max);
		return -1;
	}
	buf_add(&m->body, p, n);
	if (m->body.bad != RC_OK || (m->is_stream &&
	    chunk_add(m, n, at_ns) != 0)) {
		http_call_fail(m, OUTCOME_TOO_LARGE,
		    "no memory for the answer");
		return -1;
	}
	if (m->is_stream &&
	    stream_feed(&m->watch, p, n))
		m->call.ttft_ns = at_ns;
	return 0;
}

enum outcome
http_outcome_of_status(int status)
{
	if (status >= 200 && status < 300)
		return OUTCOME_OK;
	if (status == 429)
		return OUTCOME_HTTP_429;
	if (status >= 400 && status < 500)
		return OUTCOME_HTTP_4XX;
	if (status >= 500 && status < 600)
		return OUTCOME_HTTP_5XX;
	return OUTCOME_PROTOCOL;
}

static void
judge_status(struct http_call_mem *m)
{
	const char *where;
	int status = m->call.status;

	switch (http_outcome_of_status(status)) {
	case OUTCOME_OK:
		break;
	case OUTCOME_PROTOCOL:
		where = http_call_find(m, "location");
		if (status >= 300 && status < 400 && where != NULL)
			http_call_fail(m, OUTCOME_PROTOCOL,
			    "status %d to %.150s, not followed", status,
			    where);
		else
			http_call_fail(m, OUTCOME_PROTOCOL,
			    "unexpected status %d", status);
		break;
	default:
		http_call_fail(m, http_outcome_of_status(status),
		    "status %d", status);
	}
}

/* What the service says in words comes before what it left out. */
static void
judge_stream(struct http_call_mem *m)
{
	const struct stream_watch *w = &m->watch;
	const char *end = w->spec == NULL || w->spec == extract_any() ? NULL :
	    extract_stream_end(w->spec);

	if (w->failed)
		http_call_fail(m, OUTCOME_SERVICE_ERROR,
		    "the service says: %.200s", buf_str(&w->words));
	else if (end != NULL && !w->ended && !w->blind)
		http_call_fail(m, OUTCOME_PROTOCOL,
		    "the stream ended without its end mark %.60s", end);
}

/* Gives the caller its views of what came. */
static void
set_views(struct http_call_mem *m)
{
	struct http_call *c = &m->call;
	struct ex_header *h;
	size_t i;

	if (m->n_spans > m->cap_headers) {
		h = realloc(m->headers, m->cap_spans * sizeof(*h));
		if (h == NULL)
			m->n_spans = m->cap_headers;
		else
			m->cap_headers = m->cap_spans;
		m->headers = h == NULL ? m->headers : h;
	}
	for (i = 0; i < m->n_spans; i++) {
		m->headers[i].name = m->head.p + m->spans[i].name;
		m->headers[i].value = m->head.p + m->spans[i].value;
	}
	c->res_headers = m->headers;
	c->n_res_headers = m->n_spans;
	c->res_body = buf_str(&m->body);
	c->res_body_n = m->body.len;
	c->chunks = m->chunks;
}

void
http_call_finish(struct http_call_mem *m, int64_t now_ns)
{
	struct http_call *c = &m->call;

	c->total_ns = now_ns - c->sent_ns;
	/* JSON under text/plain, and no text at all, are no stream */
	if (m->unnamed && !stream_begins(&m->watch))
		m->is_stream = 0;
	if (m->is_stream && m->body.len > 0 && stream_end(&m->watch))
		c->ttft_ns = c->total_ns;
	if (!m->failed)
		judge_status(m);
	if (!m->failed && m->is_stream)
		judge_stream(m);
	set_views(m);
}
