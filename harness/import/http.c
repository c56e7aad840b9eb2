/* HTTP as other tools keep it: URLs, headers, whole messages. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/import/http_part.h"

void
import_http_init(struct import_http *h)
{
	exchange_init(&h->ex);
	arena_init(&h->arena, 4 * IMPORT_VALUE_MAX);
}

void
import_http_fini(struct import_http *h)
{
	arena_fini(&h->arena);
}

void
import_http_start(struct import_http *h)
{
	arena_reset(&h->arena);
	exchange_init(&h->ex);
	h->ex.req_headers = h->req;
	h->ex.res_headers = h->res;
	h->ex.method = "GET";
	h->ex.target = "/";
}

int
import_http_url(struct import_http *h, const char *url)
{
	const char *p = strstr(url, "://"), *path;

	if (p == NULL) {
		h->ex.target = url;
		return *url == '/' ? 0 : -1;
	}
	path = p + 3 + strcspn(p + 3, "/?#");
	h->ex.url = arena_strn(&h->arena, url, (size_t)(path - url));
	if (*path == '/')
		h->ex.target = arena_strn(&h->arena, path, strcspn(path, "#"));
	else if (*path == '?') {
		char *t = arena_alloc(&h->arena, strlen(path) + 2);

		if (t != NULL) {
			t[0] = '/';
			memcpy(t + 1, path, strcspn(path, "#"));
		}
		h->ex.target = t;
	}
	return h->ex.url == NULL || h->ex.target == NULL ? -1 : 0;
}

void
import_http_header(struct import_http *h, int response, const char *name,
    const char *value)
{
	size_t *n = response ? &h->ex.n_res_headers : &h->ex.n_req_headers;
	struct ex_header *v = response ? h->res : h->req;

	if (name == NULL || *name == ':' || *name == '\0' ||
	    *n == IMPORT_HEADERS_MAX)
		return;
	v[*n].name = name;
	v[(*n)++].value = value == NULL ? "" : value;
}

void
import_http_outcome(struct import_http *h)
{
	int s = h->ex.status;

	if (s < 100 || s > 999)
		s = h->ex.status = 0;	/* none of HTTP */
	h->ex.outcome = s >= 500 ? OUTCOME_HTTP_5XX :
	    s == 429 ? OUTCOME_HTTP_429 :
	    s >= 400 ? OUTCOME_HTTP_4XX :
	    s > 0 ? OUTCOME_OK : OUTCOME_RESET;
}

/* ---- whole messages ---------------------------------------------------- */

/* The next line of a head; *p behind it. NULL at its end. */
static char *
head_line(struct import_http *h, const char **p, const char *end)
{
	const char *nl = memchr(*p, '\n', (size_t)(end - *p)), *from = *p;
	size_t n;

	if (nl == NULL)
		return NULL;
	n = (size_t)(nl - from);
	if (n > 0 && from[n - 1] == '\r')
		n--;
	*p = nl + 1;
	return arena_strn(&h->arena, from, n);
}

static const char *
header(const struct import_http *h, int response, const char *name)
{
	const struct ex_header *v = response ? h->res : h->req;
	size_t n = response ? h->ex.n_res_headers : h->ex.n_req_headers, i;

	for (i = 0; i < n; i++) {
		if (strcasecmp(v[i].name, name) == 0)
			return v[i].value;
	}
	return NULL;
}

/* Joins the chunks; what is cut off stays as far as it goes. */
static size_t
join_chunks(char *to, const char *p, const char *end)
{
	const char *nl;
	unsigned long size;
	size_t n = 0;

	while ((nl = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		if (!isxdigit((unsigned char)*p))
			break;
		size = strtoul(p, NULL, 16);
		p = nl + 1;
		if (size == 0)
			break;
		if (size > (unsigned long)(end - p))
			size = (unsigned long)(end - p);
		memcpy(to + n, p, size);
		n += size;
		p += size;
		while (p < end && (*p == '\r' || *p == '\n'))
			p++;
	}
	return n;
}

static void
take_body(struct import_http *h, int response, const char *p,
    const char *end)
{
	struct ex_bytes *body = response ? &h->ex.res_body : &h->ex.req_body;
	const char *te = header(h, response, "Transfer-Encoding");
	size_t n = (size_t)(end - p);
	char *copy;

	if (n == 0)
		return;
	copy = arena_alloc(&h->arena, n + 1);
	if (copy == NULL)
		return;
	if (te != NULL && strcasecmp(te, "chunked") == 0)
		n = join_chunks(copy, p, end);
	else
		memcpy(copy, p, n);
	body->p = copy;
	body->n = n;
}

/* Three digits, or 0. */
static int
status_of(const char *s)
{
	int i, v = 0;

	for (i = 0; i < 3; i++) {
		if (!isdigit((unsigned char)s[i]))
			return 0;
		v = v * 10 + (s[i] - '0');
	}
	return v;
}

static int
start_line(struct import_http *h, int response, char *line)
{
	char *sp = strchr(line, ' '), *sp2;

	if (sp == NULL)
		return -1;
	*sp++ = '\0';
	if (response) {
		if (strncmp(line, "HTTP/", 5) != 0)
			return -1;
		h->ex.status = status_of(sp);
		return h->ex.status == 0 ? -1 : 0;
	}
	sp2 = strchr(sp, ' ');
	if (sp2 == NULL || strncmp(sp2 + 1, "HTTP/", 5) != 0)
		return -1;
	*sp2 = '\0';
	h->ex.method = line;
	return import_http_url(h, sp);
}

int
import_http_message(struct import_http *h, int response, const char *p,
    size_t n)
{
	const char *end = p + n;
	char *line = head_line(h, &p, end), *colon;

	if (line == NULL || start_line(h, response, line) != 0)
		return -1;
	while ((line = head_line(h, &p, end)) != NULL && *line != '\0') {
		colon = strchr(line, ':');
		if (colon == NULL)
			continue;
		*colon++ = '\0';
		colon += strspn(colon, " \t");
		import_http_header(h, response, line, colon);
	}
	take_body(h, response, p, end);
	return 0;
}
