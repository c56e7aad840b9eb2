/* Heads of HTTP/1.1 messages, judged; see h1_head.h. */
#include "replay/h1_head.h"

#include <string.h>
#include <strings.h>

/* Every field is compared with each of them; honest messages name a few. What
 * stands between names is read as often. */
enum { HOPS_MAX = 64, HOPS_BYTES = 4096 };

static const char too_much_connection[] = "too much in Connection";

/* ---- lists ------------------------------------------------------------ */

/*
 * The next name of a comma-separated list.
 * returns 0 when there is none; empty ones are passed over
 */
static int
next_name(struct h1_str *rest, struct h1_str *name)
{
	const char *p = rest->p, *end = p + rest->n, *q;

	while (p < end && (*p == ',' || *p == ' ' || *p == '\t'))
		p++;
	for (q = p; q < end && *q != ','; q++)
		continue;
	rest->p = q;
	rest->n = (size_t)(end - q);
	while (q > p && (q[-1] == ' ' || q[-1] == '\t'))
		q--;
	name->p = p;
	name->n = (size_t)(q - p);
	return name->n > 0;
}

/* Empty ones, too. */
static size_t
count_elements(const struct h1_str *list)
{
	size_t i, n = 1;

	for (i = 0; i < list->n; i++)
		n += list->p[i] == ',';
	return n;
}

static int
str_is(const struct h1_str *s, const char *name)
{
	return strlen(name) == s->n && strncasecmp(s->p, name, s->n) == 0;
}

/* returns the digits' number, or -1: none, or beyond 18 digits */
static int64_t
number(const struct h1_str *s)
{
	int64_t v = 0;
	size_t i;

	for (i = 0; i < s->n && s->p[i] >= '0' && s->p[i] <= '9'; i++)
		v = i < 18 ? v * 10 + (s->p[i] - '0') : v;
	return i == 0 || i < s->n || i > 18 ? -1 : v;
}

/* ---- what fields say together ----------------------------------------- */

struct sums {
	int lengths;		/* Content-Length fields and values */
	int64_t length;
	int lengths_differ, lengths_bad;
	int codings;		/* Transfer-Encoding values */
	int chunked;		/* of them */
	int chunked_last, coding_fields;
	int coding_gaps;	/* ",chunked": an element is empty */
	int hosts, host_bad;
	int close, keep_alive, upgrade;
	int hops;		/* other headers that Connection names */
	size_t hops_n;		/* bytes of all that Connection says */
	struct h1_str protocol;
};

static void
sum_length(struct sums *s, struct h1_str rest)
{
	size_t n = 0, elements = count_elements(&rest);
	struct h1_str one;
	int64_t v;

	while (next_name(&rest, &one)) {
		n++;
		v = number(&one);
		s->lengths_bad |= v < 0;
		s->lengths_differ |= s->lengths > 0 && v != s->length;
		s->length = v;
		s->lengths++;
	}
	/* "5," is five to one reader, and none to another */
	s->lengths_bad |= n != elements;
}

static void
sum_coding(struct sums *s, struct h1_str rest)
{
	size_t n = 0, elements = count_elements(&rest);
	struct h1_str one;

	s->coding_fields++;
	while (next_name(&rest, &one)) {
		n++;
		s->chunked_last = str_is(&one, "chunked");
		s->chunked += s->chunked_last;
	}
	s->codings += (int)n;
	s->coding_gaps |= n != elements;
}

static void
sum_connection(struct h1_head *h, struct sums *s, struct h1_str rest)
{
	struct h1_str one;

	s->hops_n += rest.n;
	while (next_name(&rest, &one)) {
		if (str_is(&one, "close"))
			s->close = 1;
		else if (str_is(&one, "keep-alive"))
			s->keep_alive = 1;
		else if (str_is(&one, "upgrade"))
			s->upgrade = 1;
		else
			s->hops++;
	}
	h->names_hops = s->hops > 0;
}

static int
has_many_hops(const struct sums *s)
{
	return s->hops > HOPS_MAX || s->hops_n > HOPS_BYTES;
}

/* RFC 9110, 7.2: a host and a port, nothing else. It may be empty. */
static int
host_bad(const struct h1_str *s)
{
	static const char marks[] = "-._~%!$&'()*+;=:[]";
	size_t i;
	unsigned char c;

	for (i = 0; i < s->n; i++) {
		c = (unsigned char)s->p[i];
		if (!((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' &&
		    (c | 0x20) <= 'z') || c >= 0x80 ||
		    (c != 0 && strchr(marks, c) != NULL)))
			return 1;
	}
	return 0;
}

static void
sum_te(struct h1_head *h, struct h1_str rest)
{
	struct h1_str one;

	while (next_name(&rest, &one))
		h->te_trailers |= str_is(&one, "trailers");
}

static void
sum_fields(struct h1_head *h, struct sums *s)
{
	const struct h1_field *f;
	struct h1_str v;
	size_t i;

	memset(s, 0, sizeof(*s));
	for (i = 0; i < h->n_fields; i++) {
		f = &h->fields[i];
		v.p = f->value;
		v.n = f->value_n;
		if (f->is == H1_CONTENT_LENGTH) {
			sum_length(s, v);
		} else if (f->is == H1_TRANSFER_ENCODING) {
			sum_coding(s, v);
		} else if (f->is == H1_HOST) {
			s->hosts++;
			s->host_bad |= host_bad(&v);
		} else if (f->is == H1_CONNECTION) {
			sum_connection(h, s, v);
		} else if (f->is == H1_UPGRADE) {
			s->protocol = v;
		} else if (f->is == H1_TE) {
			sum_te(h, v);
		} else if (f->is == H1_EXPECT) {
			h->expects |= str_is(&v, "100-continue");
		}
	}
	h->has_host = s->hosts > 0;
	h->keep = h->minor == 1 ? !s->close : s->keep_alive && !s->close;
}

/* ---- requests --------------------------------------------------------- */

static int
refuse(struct h1_refusal *no, int status, const char *reason)
{
	no->status = status;
	no->reason = reason;
	return RC_FORMAT;
}

/* http://host[:port][/path][?query] becomes /path?query. */
static int
from_absolute(struct h1_head *h, char *target, size_t n)
{
	size_t skip = n >= 7 && strncasecmp(target, "http://", 7) == 0 ? 7 :
	    n >= 8 && strncasecmp(target, "https://", 8) == 0 ? 8 : 0;
	struct h1_str host;
	size_t end;

	for (end = skip; end < n && target[end] != '/' && target[end] != '?';
	    end++)
		continue;
	host.p = target + skip;
	host.n = end - skip;
	if (skip == 0 || host.n == 0 || host_bad(&host))
		return -1;
	h->target.p = target + end;
	h->target.n = n - end;
	if (end == n) {
		h->target.p = str_is(&h->method, "OPTIONS") ? "*" : "/";
		h->target.n = 1;
	} else if (target[end] == '?') {
		/* the host has been read */
		target[end - 1] = '/';
		h->target.p--;
		h->target.n++;
	}
	return 0;
}

static int
take_target(struct h1_head *h, char *p, size_t n, struct h1_refusal *no)
{
	size_t i;

	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c <= ' ' || c == 0x7f)
			return refuse(no, 400, "bad target");
	}
	if (n > H1_TARGET_MAX)
		return refuse(no, 414, "target too long");
	h->target.p = p;
	h->target.n = n;
	if (str_is(&h->method, "CONNECT") || str_is(&h->method, "TRACE"))
		return refuse(no, 501, "CONNECT or TRACE");
	if (n > 0 && p[0] == '/')
		return RC_OK;
	if (n == 1 && p[0] == '*' && str_is(&h->method, "OPTIONS"))
		return RC_OK;
	return from_absolute(h, p, n) == 0 ? RC_OK :
	    refuse(no, 400, "bad target");
}

/* HTTP/1.0 or 1.1; a later 1.x is read as 1.1. returns 0, 400 or 505 */
static int
take_version(struct h1_head *h, const char *p, size_t n)
{
	if (n != 8 || memcmp(p, "HTTP/", 5) != 0 || p[6] != '.' ||
	    p[5] < '0' || p[5] > '9' || p[7] < '0' || p[7] > '9')
		return 400;
	h->minor = p[7] != '0';
	return p[5] == '1' ? 0 : 505;
}

static int
request_line(struct h1_head *h, char *p, size_t n, struct h1_refusal *no)
{
	char *sp = memchr(p, ' ', n), *last = memrchr(p, ' ', n);
	size_t i;
	int bad;

	if (sp == NULL || sp == p || last == sp)
		return refuse(no, 400, "bad request line");
	for (i = 0; p + i < sp; i++) {
		if (!h1_is_token((unsigned char)p[i]))
			return refuse(no, 400, "bad request line");
	}
	h->method.p = p;
	h->method.n = i;
	bad = take_version(h, last + 1, (size_t)(p + n - last) - 1);
	if (bad != 0)
		return refuse(no, bad, bad == 505 ? "not HTTP/1" :
		    "bad request line");
	if (h->method.n > 64)
		return refuse(no, 501, "method too long");
	return take_target(h, sp + 1, (size_t)(last - sp) - 1, no);
}

static int
request_coding(const struct h1_head *h, const struct sums *s,
    struct h1_refusal *no)
{
	if (s->lengths > 0 || s->lengths_bad)
		return refuse(no, 400, "Content-Length and "
		    "Transfer-Encoding");
	if (h->minor == 0)
		return refuse(no, 400, "Transfer-Encoding in HTTP/1.0");
	/* an empty element is for every reader to pass over, and not all do */
	if (s->coding_fields > 1 || s->coding_gaps || s->chunked > 1 ||
	    (s->chunked == 1 && !s->chunked_last))
		return refuse(no, 400, "bad Transfer-Encoding");
	if (s->codings > 1 || !s->chunked)
		return refuse(no, 501, "unknown transfer coding");
	return RC_OK;
}

static int
request_framing(struct h1_head *h, const struct sums *s,
    struct h1_refusal *no)
{
	if (s->coding_fields > 0) {
		h->framing = H1_BODY_CHUNKED;
		return request_coding(h, s, no);
	}
	if (s->lengths > 1)
		return refuse(no, 400, "two Content-Lengths");
	if (s->lengths_bad)
		return refuse(no, 400, "bad Content-Length");
	h->framing = s->lengths > 0 ? H1_BODY_LENGTH : H1_BODY_NONE;
	h->length = s->lengths > 0 ? (uint64_t)s->length : 0;
	return RC_OK;
}

/* Protocols that cannot be passed through: those that change this hop. */
static int
is_own_protocol(const struct h1_str *s)
{
	return s->n >= 3 && (strncasecmp(s->p, "h2c", 3) == 0 ||
	    strncasecmp(s->p, "TLS", 3) == 0 ||
	    (s->n >= 6 && strncasecmp(s->p, "HTTP/2", 6) == 0));
}

int
h1_head_request(struct h1_head *h, struct h1_refusal *no)
{
	struct sums s;
	const char *bad;
	char *first;
	size_t n;

	bad = h1_head_lines(h, 1, &first, &n);
	if (bad == h1_too_many)
		return refuse(no, 431, bad);
	/* the line first: what is wrong with it says most */
	if (request_line(h, first, n, no) != RC_OK)
		return RC_FORMAT;
	if (bad != NULL)
		return refuse(no, 400, bad);
	sum_fields(h, &s);
	if (s.hosts > 1)
		return refuse(no, 400, "two Hosts");
	if (s.hosts == 0 && h->minor == 1)
		return refuse(no, 400, "no Host");
	if (s.host_bad)
		return refuse(no, 400, "bad Host");
	if (has_many_hops(&s))
		return refuse(no, 400, too_much_connection);
	if (request_framing(h, &s, no) != RC_OK)
		return RC_FORMAT;
	if (s.upgrade && h->minor == 1 && s.protocol.n > 0 &&
	    !is_own_protocol(&s.protocol))
		h->upgrade = s.protocol;
	h->expects &= h->minor == 1 && h->framing != H1_BODY_NONE;
	return RC_OK;
}

/* ---- answers ---------------------------------------------------------- */

static const char *
status_line(struct h1_head *h, const char *p, size_t n)
{
	size_t i;

	if (n < 12 || memcmp(p, "HTTP/1.", 7) != 0 || p[7] < '0' ||
	    p[7] > '9' || p[8] != ' ')
		return "not an HTTP/1.1 answer";
	h->minor = p[7] != '0';
	for (i = 9; i < 12; i++) {
		if (p[i] < '0' || p[i] > '9')
			return "not an HTTP/1.1 answer";
		h->status = h->status * 10 + (p[i] - '0');
	}
	if (h->status < 100 || (n > 12 && p[12] != ' '))
		return "not an HTTP/1.1 answer";
	h->reason.p = n > 12 ? p + 13 : p + 12;
	h->reason.n = n > 12 ? n - 13 : 0;
	if (memchr(p, '\0', n) != NULL || memchr(p, '\r', n) != NULL)
		return "a status line with controls";
	return NULL;
}

/* RFC 9112, 6.3 */
static const char *
answer_framing(struct h1_head *h, const struct sums *s, int to_head)
{
	h->framing = H1_BODY_NONE;
	if (to_head || h->status < 200 || h->status == 204 ||
	    h->status == 304)
		return NULL;
	if (s->coding_fields > 0) {
		h->framing = s->chunked_last ? H1_BODY_CHUNKED :
		    H1_BODY_TO_END;
		h->drop_length = s->lengths > 0;
		if (s->lengths > 0 || h->minor == 0 || !s->chunked_last)
			h->keep = 0;
		return s->chunked > 1 ? "chunked twice" : NULL;
	}
	if (s->lengths_bad || s->lengths_differ)
		return "bad Content-Length";
	h->framing = s->lengths > 0 ? H1_BODY_LENGTH : H1_BODY_TO_END;
	h->length = s->lengths > 0 ? (uint64_t)s->length : 0;
	if (h->framing == H1_BODY_TO_END)
		h->keep = 0;
	return NULL;
}

int
h1_head_answer(struct h1_head *h, int to_head, int upgrading,
    const char **why)
{
	struct sums s = { 0 };
	char *first;
	size_t n;

	*why = h1_head_lines(h, 0, &first, &n);
	if (*why == NULL)
		*why = status_line(h, first, n);
	if (*why == NULL) {
		sum_fields(h, &s);
		*why = answer_framing(h, &s, to_head);
	}
	if (*why == NULL && has_many_hops(&s))
		*why = too_much_connection;
	if (*why == NULL && h->status == 101 && !upgrading)
		*why = "status 101, nobody asked to switch";
	return *why == NULL ? RC_OK : RC_FORMAT;
}

/* ---- hops ------------------------------------------------------------- */

static int
is_named(const struct h1_head *h, const struct h1_field *f)
{
	const struct h1_field *c;
	struct h1_str rest, one;
	size_t i;

	for (i = 0; i < h->n_fields; i++) {
		c = &h->fields[i];
		if (c->is != H1_CONNECTION)
			continue;
		rest.p = c->value;
		rest.n = c->value_n;
		while (next_name(&rest, &one)) {
			if (one.n == f->name_n && strncasecmp(one.p, f->line,
			    one.n) == 0)
				return 1;
		}
	}
	return 0;
}

int
h1_head_is_hop(const struct h1_head *h, const struct h1_field *f)
{
	switch (f->is) {
	case H1_CONNECTION:
	case H1_KEEP_ALIVE:
	case H1_PROXY_CONNECTION:
	case H1_PROXY_AUTHENTICATE:
	case H1_PROXY_AUTHORIZATION:
	case H1_TE:
	case H1_UPGRADE:
		return 1;
	case H1_HOST:
	case H1_CONTENT_LENGTH:
	case H1_TRANSFER_ENCODING:
		return 0;
	default:
		return h->names_hops && is_named(h, f);
	}
}
