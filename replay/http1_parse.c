/* The answers of plain HTTP/1.1; see http1_parse.h. */
#include "replay/http1_parse.h"

#include <string.h>
#include <strings.h>

void
http1_parser_init(struct http1_parser *p, size_t head_max)
{
	memset(p, 0, sizeof(*p));
	buf_init(&p->line, head_max + 2);
}

void
http1_parser_fini(struct http1_parser *p)
{
	buf_fini(&p->line);
}

void
http1_parser_start(struct http1_parser *p)
{
	p->state = H1_STATUS;
	p->left = p->length = 0;
	p->keep = 1;
	p->minor = 1;
	buf_reset(&p->line);
}

/*
 * One line, its LF included. A line within data is used in place; only one
 * that came in pieces is copied.
 * returns 1 with *line, 0 when its end has not come, -1 too long
 */
static int
take_line(struct http1_parser *p, struct http_call_mem *m, const char **data,
    size_t *n, const char **line, size_t *line_n)
{
	const char *lf = memchr(*data, '\n', *n);
	size_t part = lf == NULL ? *n : (size_t)(lf - *data) + 1;

	*line = *data;
	*line_n = part;
	if (lf == NULL || p->line.len > 0) {
		buf_add(&p->line, *data, part);
		if (p->line.bad != RC_OK) {
			http_call_fail(m, OUTCOME_TOO_LARGE,
			    "a header line of more than %zu bytes",
			    p->line.max - 2);
			return -1;
		}
		*line = p->line.p;
		*line_n = p->line.len;
	}
	*data += part;
	*n -= part;
	return lf != NULL;
}

static const char not_http[] = "not an HTTP/1.1 answer: it has no status line "
    "and begins with";

static int
bad(struct http_call_mem *m, const char *why)
{
	http_call_fail(m, OUTCOME_PROTOCOL, "%s", why);
	return -1;
}

/* what: that which is missing, in front of what came instead */
static int
bad_line(struct http_call_mem *m, const char *what, const char *line,
    size_t n)
{
	char quote[HTTP_QUOTE];

	http_call_fail(m, OUTCOME_PROTOCOL, "%s: %s", what,
	    http_call_quote(quote, line, n));
	return -1;
}

/* A decimal length, digits only, or a list of one and the same (RFC 9110,
 * 8.6); -1 when it is none. */
static int
parse_length(const char *s, uint64_t *out)
{
	uint64_t v = 0;
	size_t i, n = 0;

	do {
		s += n > 0;
		s += strspn(s, " \t");
		v = 0;
		for (i = 0; s[i] >= '0' && s[i] <= '9' && i < 19; i++)
			v = v * 10 + (uint64_t)(s[i] - '0');
		if (i == 0 || (n++ > 0 && v != *out))
			return -1;
		*out = v;
		s += i;
		s += strspn(s, " \t");
	} while (*s == ',');
	return *s == '\0' ? 0 : -1;
}

/* What the headers say of the body and of the connection. */
struct framing {
	int lengths, chunked, coding;
	uint64_t length;
};

static int
frame_header(struct http1_parser *p, struct http_call_mem *m,
    const char *name, const char *value, struct framing *f)
{
	uint64_t v = 0;

	if (strcasecmp(name, "content-length") == 0) {
		if (parse_length(value, &v) != 0 ||
		    (f->lengths > 0 && v != f->length))
			return bad_line(m, f->lengths > 0 ?
			    "a second Content-Length differs" :
			    "Content-Length is not a number", value,
			    strlen(value));
		f->lengths++;
		f->length = v;
	} else if (strcasecmp(name, "transfer-encoding") == 0) {
		f->coding = 1;
		f->chunked = strcasecmp(value, "chunked") == 0;
	} else if (strcasecmp(name, "connection") == 0) {
		if (strcasestr(value, "close") != NULL)
			p->keep = 0;
		else if (p->minor == 0 &&
		    strcasestr(value, "keep-alive") != NULL)
			p->keep = 1;
	}
	return 0;
}

/*
 * RFC 9112, 6.3: how long the body is.
 * returns 1 no body, 0 a body follows, -1 failed
 */
static int
frame_body(struct http1_parser *p, struct http_call_mem *m)
{
	struct framing f = { 0, 0, 0, 0 };
	size_t i;

	for (i = 0; i < m->n_spans; i++) {
		if (frame_header(p, m, m->head.p + m->spans[i].name,
		    m->head.p + m->spans[i].value, &f) != 0)
			return -1;
	}
	if (http_call_head_end(m) != 0)
		return -1;
	if (strcmp(m->call.method, "HEAD") == 0 || m->call.status == 204 ||
	    m->call.status == 304)
		return 1;
	if (f.coding) {
		if (!f.chunked)
			return bad(m, "a Transfer-Encoding other than "
			    "chunked");
		if (f.lengths > 0 || p->minor == 0)
			p->keep = 0;	/* somebody was smuggling */
		p->state = H1_CHUNK_SIZE;
		return 0;
	}
	if (f.lengths > 0) {
		p->left = p->length = f.length;
		p->state = H1_LENGTH;
		return f.length == 0;
	}
	p->keep = 0;
	p->state = H1_TO_END;
	return 0;
}

static int
on_status(struct http1_parser *p, struct http_call_mem *m, const char *line,
    size_t n)
{
	if (n < 13 || memcmp(line, "HTTP/1.", 7) != 0 ||
	    line[7] < '0' || line[7] > '9' || line[8] != ' ')
		return bad_line(m, not_http, line, n);
	p->minor = line[7] > '0';
	p->keep = p->minor;
	if (http_call_status(m, line, n) != 0)
		return -1;
	if (m->call.status == 101)
		return bad(m, "status 101, nobody asked to switch");
	p->state = H1_HEADERS;
	return 0;
}

static int
on_header(struct http1_parser *p, struct http_call_mem *m, const char *line,
    size_t n)
{
	int rc;

	if (n > 2 || (line[0] != '\r' && line[0] != '\n'))
		return http_call_header(m, line, n);
	if (p->state == H1_TRAILERS) {
		p->state = H1_DONE;
		return 0;
	}
	if (m->call.status < 200) {
		p->state = H1_STATUS;
		return 0;
	}
	rc = frame_body(p, m);
	if (rc == 1)
		p->state = H1_DONE;
	return rc < 0 ? -1 : 0;
}

static int
on_chunk_size(struct http1_parser *p, struct http_call_mem *m,
    const char *line, size_t n)
{
	uint64_t v = 0;
	size_t i;
	int c, digit;

	for (i = 0; i < n; i++) {
		c = line[i] | 0x20;
		if (line[i] >= '0' && line[i] <= '9')
			digit = line[i] - '0';
		else if (c >= 'a' && c <= 'f')
			digit = c - 'a' + 10;
		else
			break;
		if (v >> 60 != 0)
			return bad_line(m, "a chunk of more than 2^60 bytes",
			    line, n);
		v = v << 4 | (uint64_t)digit;
	}
	if (i == 0 || i == n || (line[i] != '\r' && line[i] != '\n' &&
	    line[i] != ';' && line[i] != ' ' && line[i] != '\t'))
		return bad_line(m, "a chunk without a size in hexadecimal "
		    "digits", line, n);
	p->left = v;
	p->state = v == 0 ? H1_TRAILERS : H1_CHUNK_DATA;
	return 0;
}

static int
on_line(struct http1_parser *p, struct http_call_mem *m, const char *line,
    size_t n)
{
	switch (p->state) {
	case H1_STATUS:
		return on_status(p, m, line, n);
	case H1_CHUNK_SIZE:
		return on_chunk_size(p, m, line, n);
	case H1_CHUNK_END:
		if (n > 2 || (line[0] != '\r' && line[0] != '\n'))
			return bad(m, "a chunk is longer than its size");
		p->state = H1_CHUNK_SIZE;
		return 0;
	default:
		return on_header(p, m, line, n);
	}
}

/* returns bytes taken from the body's next piece, 0 on failure */
static size_t
on_data(struct http1_parser *p, struct http_call_mem *m, const char *data,
    size_t n, int64_t now_ns)
{
	if (p->state != H1_TO_END && n > p->left)
		n = (size_t)p->left;
	if (http_call_body(m, data, n, now_ns) != 0)
		return 0;
	if (p->state == H1_TO_END)
		return n;
	p->left -= n;
	if (p->left == 0)
		p->state = p->state == H1_LENGTH ? H1_DONE : H1_CHUNK_END;
	return n;
}

int
http1_parse(struct http1_parser *p, struct http_call_mem *m,
    const char *data, size_t n, int64_t now_ns, size_t *used)
{
	const char *start = data, *line;
	size_t line_n, took;
	int rc = 0;

	while (rc == 0 && n > 0 && p->state != H1_DONE) {
		if (p->state == H1_LENGTH || p->state == H1_TO_END ||
		    p->state == H1_CHUNK_DATA) {
			took = on_data(p, m, data, n, now_ns);
			if (took == 0)
				rc = -1;
			data += took;
			n -= took;
			continue;
		}
		rc = take_line(p, m, &data, &n, &line, &line_n);
		if (rc == 1) {
			rc = on_line(p, m, line, line_n);
			buf_reset(&p->line);
		}
	}
	*used = (size_t)(data - start);
	if (rc < 0)
		return -1;
	return p->state == H1_DONE;
}

void
http1_parse_eof(struct http1_parser *p, struct http_call_mem *m)
{
	size_t n;

	switch (p->state) {
	case H1_TO_END:
	case H1_DONE:
		break;
	case H1_STATUS:
		n = p->line.len < 7 ? p->line.len : 7;
		if (n > 0 && memcmp(p->line.p, "HTTP/1.", n) != 0) {
			(void)bad_line(m, not_http, p->line.p, p->line.len);
			break;
		}
		/* fall through */
	case H1_HEADERS:
		http_call_fail(m, OUTCOME_RESET,
		    "closed before the end of the answer's headers");
		break;
	case H1_LENGTH:
		http_call_fail(m, OUTCOME_RESET,
		    "closed after %zu of %llu bytes", m->body.len,
		    (unsigned long long)p->length);
		break;
	default:
		http_call_fail(m, OUTCOME_RESET,
		    "closed within a chunked answer, after %zu bytes",
		    m->body.len);
	}
}
