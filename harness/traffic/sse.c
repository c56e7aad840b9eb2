/* Streams of events; see sse.h. */
#include "harness/traffic/sse.h"

#include <string.h>
#include <strings.h>

static const char mark[] = "\xef\xbb\xbf";

void
sse_init(struct sse *s, enum sse_format format, size_t event_max)
{
	memset(s, 0, sizeof(*s));
	s->event_max = event_max;
	buf_init(&s->line, SIZE_MAX / 2);
	buf_init(&s->data, SIZE_MAX / 2);
	sse_reset(s, format);
}

void
sse_fini(struct sse *s)
{
	buf_fini(&s->line);
	buf_fini(&s->data);
}

static void
next_event(struct sse *s)
{
	buf_reset(&s->data);
	s->name[0] = '\0';
	s->has_data = 0;
	s->over = 0;
}

void
sse_reset(struct sse *s, enum sse_format format)
{
	s->format = format;
	buf_reset(&s->line);
	next_event(s);
	s->after_cr = 0;
	s->bom = 0;
	s->too_large = 0;
}

/* ---- lines ------------------------------------------------------------- */

/* The value of a field when the line has that name, else NULL. */
static const char *
field(const char *line, size_t n, const char *name, size_t *value_n)
{
	size_t len = strlen(name);

	if (n < len || memcmp(line, name, len) != 0)
		return NULL;
	*value_n = n - len;
	line += len;
	if (*value_n == 0)
		return line;
	if (*line != ':')
		return NULL;
	line++;
	(*value_n)--;
	if (*value_n > 0 && *line == ' ') {
		line++;
		(*value_n)--;
	}
	return line;
}

static void
take_data(struct sse *s, const char *p, size_t n)
{
	if (s->over || n + 1 > s->event_max - s->data.len) {
		s->over = 1;
		return;
	}
	if (s->has_data)
		buf_putc(&s->data, '\n');
	buf_add(&s->data, p, n);
	s->has_data = 1;
}

static void
take_name(struct sse *s, const char *p, size_t n)
{
	if (n >= sizeof(s->name))
		n = sizeof(s->name) - 1;
	memcpy(s->name, p, n);
	s->name[n] = '\0';
}

static int
give(const struct sse *s, const char *data, size_t n, int cut,
    sse_event_fn *fn, void *ctx)
{
	struct sse_event e = { s->name, data, n, s->has_data, cut };

	return fn(ctx, &e);
}

static int
dispatch(struct sse *s, int cut, sse_event_fn *fn, void *ctx)
{
	int rc = 0;

	if (s->over)
		s->too_large++;
	else if (s->data.bad != RC_OK)
		return RC_NOMEM;
	else if (s->has_data || s->name[0] != '\0')
		rc = give(s, buf_str(&s->data), s->data.len, cut, fn, ctx);
	next_event(s);
	return rc;
}

/* A whole line, or what the stream's end left of one. */
static int
take_line(struct sse *s, const char *p, size_t n, int cut, sse_event_fn *fn,
    void *ctx)
{
	const char *v;
	size_t value_n;
	int rc;

	if (s->format == SSE_LINES) {
		if (s->over || n > s->event_max) {
			s->too_large++;
			s->over = 0;
			return 0;
		}
		/* RFC 7464 marks the beginning of each text */
		if (n > 0 && *p == 0x1e) {
			p++;
			n--;
		}
		s->has_data = 1;
		rc = n == 0 ? 0 : give(s, p, n, cut, fn, ctx);
		s->has_data = 0;
		return rc;
	}
	if (n == 0)
		return dispatch(s, cut, fn, ctx);
	if ((v = field(p, n, "data", &value_n)) != NULL)
		take_data(s, v, value_n);
	else if ((v = field(p, n, "event", &value_n)) != NULL)
		take_name(s, v, value_n);
	return 0;
}

/* A part of a line whose end has not come yet. */
static int
keep_part(struct sse *s, const char *p, size_t n)
{
	/* room for the field's name; a long comment is no loss */
	if (s->over || n > s->event_max + 16 - s->line.len) {
		s->over |= s->format == SSE_LINES || (s->line.len > 0 ?
		    *s->line.p : *p) != ':';
		buf_reset(&s->line);
		buf_putc(&s->line, ':');
		return s->line.bad == RC_OK ? 0 : RC_NOMEM;
	}
	buf_add(&s->line, p, n);
	return s->line.bad == RC_OK ? 0 : RC_NOMEM;
}

static int
end_line(struct sse *s, const char *p, size_t n, sse_event_fn *fn, void *ctx)
{
	int rc;

	if (s->line.len == 0)
		return take_line(s, p, n, 0, fn, ctx);
	rc = keep_part(s, p, n);
	if (rc == 0)
		rc = take_line(s, s->line.p, s->line.len, 0, fn, ctx);
	buf_reset(&s->line);
	return rc;
}

/* ---- pieces ------------------------------------------------------------ */

/* Passes over the byte order mark, which may come in pieces. returns how many
 * bytes of p it took; what looked like one and is none goes into the line */
static size_t
skip_mark(struct sse *s, const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n && s->bom < 3; i++) {
		if (p[i] != mark[s->bom]) {
			buf_add(&s->line, mark, (size_t)s->bom);
			s->bom = -1;
			return i;
		}
		s->bom++;
	}
	if (s->bom == 3)
		s->bom = -1;
	return i;
}

static const char *
line_end(const char *p, const char *end)
{
	const char *lf = memchr(p, '\n', (size_t)(end - p));
	const char *cr = memchr(p, '\r', (size_t)((lf != NULL ? lf : end) -
	    p));

	return cr != NULL ? cr : lf;
}

int
sse_feed(struct sse *s, const char *p, size_t n, sse_event_fn *fn, void *ctx)
{
	const char *end = p + n, *eol;
	int rc = 0;

	if (s->bom >= 0)
		p += skip_mark(s, p, n);
	while (p < end && rc == 0) {
		if (s->after_cr && *p == '\n')
			p++;
		s->after_cr = 0;
		if (p == end)
			break;
		eol = line_end(p, end);
		if (eol == NULL)
			return keep_part(s, p, (size_t)(end - p));
		s->after_cr = *eol == '\r';
		rc = end_line(s, p, (size_t)(eol - p), fn, ctx);
		p = eol + 1;
	}
	return rc;
}

int
sse_end(struct sse *s, sse_event_fn *fn, void *ctx)
{
	int rc = 0;

	if (s->bom > 0)
		buf_add(&s->line, mark, (size_t)s->bom);
	s->bom = -1;
	if (s->line.len > 0)
		rc = take_line(s, s->line.p, s->line.len, 1, fn, ctx);
	buf_reset(&s->line);
	if (rc == 0 && s->format == SSE_EVENTS)
		rc = dispatch(s, 1, fn, ctx);
	return rc;
}

/* ---- what is a stream -------------------------------------------------- */

enum sse_format
sse_of_type(const char *content_type)
{
	static const char *const lines[] = {
		"ndjson", "jsonl", "json-lines", "jsonlines", "stream+json",
		"json-seq"
	};
	size_t i;

	if (content_type == NULL)
		return SSE_NONE;
	if (strcasestr(content_type, "event-stream") != NULL)
		return SSE_EVENTS;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (strcasestr(content_type, lines[i]) != NULL)
			return SSE_LINES;
	}
	return SSE_NONE;
}

int
sse_begins(const char *p, size_t n)
{
	static const char *const starts[] = {
		"data:", "event:", "id:", "retry:", ":"
	};
	size_t i, len;

	if (n >= 3 && memcmp(p, mark, 3) == 0) {
		p += 3;
		n -= 3;
	}
	for (; n > 0 && (*p == '\n' || *p == '\r'); n--)
		p++;		/* an empty event says nothing */
	for (i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		len = strlen(starts[i]);
		if (n >= len && memcmp(p, starts[i], len) == 0)
			return 1;
	}
	return 0;
}
