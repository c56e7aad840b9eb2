/* The service behind a proxy; see upstream.h. */
#include "replay/upstream.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/buf.h"
#include "harness/base/mono.h"
#include "replay/http.h"

enum {
	WAIT_MS = 250,
	PENDING_BYTES = 64 << 20,	/* more than curl reads in one go */
	HEADERS_BYTES = 256 << 10,
	URL_BYTES = 4096
};

/* A connection, free or taken by a call. */
struct line {
	CURLM *multi;
	CURL *easy;
	struct line *next;
};

struct upstream {
	char *url;
	const char *prefix;	/* path in url, without a slash at its end */
	char *base;		/* url without it */
	char *ca_file;
	int64_t connect_ns, idle_ns;
	pthread_mutex_t lock;
	struct line *spare;
};

struct upstream_call {
	struct upstream *u;
	struct line *line;
	const struct upstream_request *r;
	struct curl_slist *list;
	struct upstream_answer a;
	struct buf head;	/* names and values, each ended by a NUL */
	struct ex_header *headers;
	size_t n_offsets;
	size_t (*offsets)[2];	/* of names and values in head */
	int head_done, over;
	struct buf pending;	/* arrived, not read */
	size_t taken;		/* of it */
	struct ex_chunk *chunks;
	size_t cap_chunks;
	int64_t heard_ns;	/* when a byte came last */
};

/* ---- what curl calls -------------------------------------------------- */

static size_t
on_body(char *p, size_t size, size_t n, void *ctx)
{
	struct upstream_call *c = ctx;
	struct ex_chunk *grown;
	size_t cap;

	n *= size;
	c->heard_ns = mono_now_ns();
	if (c->taken > 0 && c->taken == c->pending.len) {
		buf_reset(&c->pending);
		c->taken = 0;
	}
	buf_add(&c->pending, p, n);
	if (c->a.n_chunks == c->cap_chunks) {
		cap = c->cap_chunks == 0 ? 64 : c->cap_chunks * 2;
		grown = realloc(c->chunks, cap * sizeof(*grown));
		if (grown == NULL)
			return 0;
		c->chunks = grown;
		c->cap_chunks = cap;
	}
	c->chunks[c->a.n_chunks].at_ns = c->heard_ns - c->a.sent_ns;
	c->chunks[c->a.n_chunks++].n = n;
	c->a.chunks = c->chunks;
	return c->pending.bad == RC_OK ? n : 0;
}

static int
keep_header(struct upstream_call *c, const char *p, size_t n)
{
	const char *colon = memchr(p, ':', n);
	const char *value, *end = p + n;
	size_t (*grown)[2];

	if (colon == NULL || colon == p)
		return 0;
	for (value = colon + 1; value < end && (*value == ' ' ||
	    *value == '\t'); value++)
		continue;
	while (end > value && (end[-1] == '\r' || end[-1] == '\n' ||
	    end[-1] == ' ' || end[-1] == '\t'))
		end--;
	grown = realloc(c->offsets, (c->n_offsets + 1) * sizeof(*grown));
	if (grown == NULL)
		return -1;
	c->offsets = grown;
	c->offsets[c->n_offsets][0] = c->head.len;
	buf_add(&c->head, p, (size_t)(colon - p));
	buf_putc(&c->head, '\0');
	c->offsets[c->n_offsets][1] = c->head.len;
	buf_add(&c->head, value, (size_t)(end - value));
	buf_putc(&c->head, '\0');
	c->n_offsets++;
	return c->head.bad == RC_OK ? 0 : -1;
}

/* Heads of 1xx answers come before the one that counts. */
static size_t
on_header(char *p, size_t size, size_t n, void *ctx)
{
	struct upstream_call *c = ctx;
	long status = 0;

	n *= size;
	c->heard_ns = mono_now_ns();
	if (c->a.first_ns < 0)
		c->a.first_ns = c->heard_ns;
	if (c->head_done)
		return n;	/* trailers */
	if (n >= 5 && strncmp(p, "HTTP/", 5) == 0) {
		buf_reset(&c->head);
		c->n_offsets = 0;
		return n;
	}
	if (n > 2 || (n > 0 && *p != '\r' && *p != '\n'))
		return keep_header(c, p, n) == 0 ? n : 0;
	(void)curl_easy_getinfo(c->line->easy, CURLINFO_RESPONSE_CODE,
	    &status);
	if (status >= 200) {
		c->a.status = (int)status;
		c->head_done = 1;
	}
	return n;
}

/* ---- connections ------------------------------------------------------ */

static void
line_free(struct line *l)
{
	if (l == NULL)
		return;
	curl_easy_cleanup(l->easy);
	(void)curl_multi_cleanup(l->multi);
	free(l);
}

static struct line *
line_get(struct upstream *u)
{
	struct line *l;

	(void)pthread_mutex_lock(&u->lock);
	l = u->spare;
	if (l != NULL)
		u->spare = l->next;
	(void)pthread_mutex_unlock(&u->lock);
	if (l != NULL)
		return l;
	l = calloc(1, sizeof(*l));
	if (l == NULL)
		return NULL;
	l->multi = curl_multi_init();
	l->easy = curl_easy_init();
	if (l->multi == NULL || l->easy == NULL) {
		line_free(l);
		return NULL;
	}
	return l;
}

static void
line_put(struct upstream *u, struct line *l)
{
	(void)pthread_mutex_lock(&u->lock);
	l->next = u->spare;
	u->spare = l;
	(void)pthread_mutex_unlock(&u->lock);
}

/* ---- requests --------------------------------------------------------- */

/* Whether one of the comma-separated names is this one. */
static int
lists(const char *names, const char *name)
{
	size_t n, len = strlen(name);

	for (; *names != '\0'; names += n) {
		names += strspn(names, ", \t");
		n = strcspn(names, ", \t");
		if (n == len && strncasecmp(names, name, n) == 0)
			return 1;
	}
	return 0;
}

/* Headers that end at this hop, or that curl writes. */
static int
stays_here(const struct upstream_request *r, const char *name)
{
	static const char *const names[] = {
		"Connection", "Keep-Alive", "Proxy-Connection",
		"Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer",
		"Transfer-Encoding", "Upgrade", "Content-Length", "Host",
		"Expect",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcasecmp(names[i], name) == 0)
			return 1;
	}
	for (i = 0; i < r->n_headers; i++) {
		if (strcasecmp(r->headers[i].name, "Connection") == 0 &&
		    lists(r->headers[i].value, name))
			return 1;
	}
	return 0;
}

static int
has_header(const struct upstream_request *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->n_headers; i++) {
		if (strcasecmp(r->headers[i].name, name) == 0)
			return 1;
	}
	return 0;
}

static int
add_line(struct upstream_call *c, const char *text)
{
	struct curl_slist *l = curl_slist_append(c->list, text);

	if (l == NULL)
		return RC_NOMEM;
	c->list = l;
	return RC_OK;
}

static int
set_headers(struct upstream_call *c)
{
	static const char *const own[] = { "User-Agent", "Accept",
	    "Content-Type" };
	const struct upstream_request *r = c->r;
	struct buf b;
	size_t i;
	int rc;

	buf_init(&b, HEADERS_BYTES);
	rc = add_line(c, "Expect:");
	for (i = 0; rc == RC_OK && i < r->n_headers; i++) {
		if (stays_here(r, r->headers[i].name))
			continue;
		buf_reset(&b);
		/* curl's own way to say a header without a value */
		buf_puts(&b, r->headers[i].name);
		buf_puts(&b, r->headers[i].value[0] == '\0' ? ";" : ": ");
		buf_puts(&b, r->headers[i].value);
		rc = b.bad != RC_OK ? RC_NOMEM : add_line(c, b.p);
	}
	/* Nothing of curl's may be added to what the client sent. */
	for (i = 0; rc == RC_OK && i < 3; i++) {
		buf_reset(&b);
		buf_puts(&b, own[i]);
		buf_putc(&b, ':');
		if (!has_header(r, own[i]))
			rc = add_line(c, b.p);
	}
	buf_fini(&b);
	return rc;
}

static void
set_body(struct upstream_call *c)
{
	CURL *e = c->line->easy;
	const struct upstream_request *r = c->r;

	if (r->body.p != NULL) {
		(void)curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)r->body.n);
		(void)curl_easy_setopt(e, CURLOPT_POSTFIELDS, r->body.p);
	} else if (strcmp(r->method, "HEAD") == 0) {
		(void)curl_easy_setopt(e, CURLOPT_NOBODY, 1L);
	} else {
		(void)curl_easy_setopt(e, CURLOPT_HTTPGET, 1L);
	}
	(void)curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, r->method);
}

static int
set_up(struct upstream_call *c)
{
	struct upstream *u = c->u;
	CURL *e = c->line->easy;
	struct buf target;
	int rc;

	curl_easy_reset(e);
	buf_init(&target, HEADERS_BYTES);
	buf_puts(&target, u->prefix);
	buf_puts(&target, c->r->target);
	rc = target.bad;
	if (rc == RC_OK)
		rc = set_headers(c);
	(void)curl_easy_setopt(e, CURLOPT_URL, u->base);
	if (rc == RC_OK)
		(void)curl_easy_setopt(e, CURLOPT_REQUEST_TARGET, target.p);
	(void)curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(e, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(e, CURLOPT_NOPROXY, "*");
	(void)curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(e, CURLOPT_HTTP_VERSION,
	    (long)CURL_HTTP_VERSION_1_1);
	(void)curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS,
	    (long)(u->connect_ns / MONO_MS));
	if (u->ca_file != NULL)
		(void)curl_easy_setopt(e, CURLOPT_CAINFO, u->ca_file);
	(void)curl_easy_setopt(e, CURLOPT_HTTPHEADER, c->list);
	(void)curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	(void)curl_easy_setopt(e, CURLOPT_HEADERDATA, c);
	(void)curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	(void)curl_easy_setopt(e, CURLOPT_WRITEDATA, c);
	set_body(c);
	buf_fini(&target);
	return rc;
}

/* ---- running ---------------------------------------------------------- */

static enum outcome
outcome_of_code(CURLcode code)
{
	switch (code) {
	case CURLE_OK:
		return OUTCOME_OK;
	case CURLE_OPERATION_TIMEDOUT:
		return OUTCOME_TIMEOUT;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		return OUTCOME_TLS;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
		return OUTCOME_RESET;
	default:
		return OUTCOME_PROTOCOL;
	}
}

static void
give_up(struct upstream_call *c, enum outcome o, const char *why)
{
	c->over = 1;
	if (c->a.outcome != OUTCOME_OK)
		return;
	c->a.outcome = o;
	(void)snprintf(c->a.why, sizeof(c->a.why), "%s", why);
}

static void
check_over(struct upstream_call *c)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(c->line->multi, &left)) != NULL) {
		if (msg->msg != CURLMSG_DONE)
			continue;
		c->over = 1;
		if (msg->data.result != CURLE_OK)
			give_up(c, outcome_of_code(msg->data.result),
			    curl_easy_strerror(msg->data.result));
	}
}

/* Lets curl work once, waiting for something to do at most WAIT_MS. */
static void
turn(struct upstream_call *c, int wait)
{
	int running = 0;

	if (wait)
		(void)curl_multi_poll(c->line->multi, NULL, 0, WAIT_MS, NULL);
	if (curl_multi_perform(c->line->multi, &running) != CURLM_OK)
		give_up(c, OUTCOME_PROTOCOL, "the HTTP client failed");
	check_over(c);
	if (c->over)
		return;
	if (c->r->cancelled != NULL && c->r->cancelled(c->r->ctx))
		give_up(c, OUTCOME_RESET, "the client went away");
	else if (mono_now_ns() - c->heard_ns > c->u->idle_ns)
		give_up(c, OUTCOME_TIMEOUT, "no byte came for too long");
}

static int
settle_head(struct upstream_call *c)
{
	size_t i;

	c->headers = calloc(c->n_offsets + 1, sizeof(*c->headers));
	if (c->headers == NULL)
		return RC_NOMEM;
	for (i = 0; i < c->n_offsets; i++) {
		c->headers[i].name = c->head.p + c->offsets[i][0];
		c->headers[i].value = c->head.p + c->offsets[i][1];
		if (strcasecmp(c->headers[i].name, "Content-Length") == 0)
			c->a.length = strtoll(c->headers[i].value, NULL, 10);
	}
	c->a.headers = c->headers;
	c->a.n_headers = c->n_offsets;
	return RC_OK;
}

int
upstream_begin(struct upstream *u, const struct upstream_request *r,
    struct upstream_call **out, struct err *err)
{
	struct upstream_call *c = calloc(1, sizeof(*c));
	int rc, first = 1;

	*out = NULL;
	if (c == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	c->u = u;
	c->r = r;
	c->a.length = c->a.first_ns = -1;
	buf_init(&c->head, HEADERS_BYTES);
	buf_init(&c->pending, PENDING_BYTES);
	c->line = line_get(u);
	rc = c->line == NULL ? RC_NOMEM : set_up(c);
	if (rc == RC_OK && curl_multi_add_handle(c->line->multi,
	    c->line->easy) != CURLM_OK)
		rc = RC_NOMEM;
	c->a.sent_ns = c->heard_ns = mono_now_ns();
	for (; rc == RC_OK && !c->head_done && !c->over; first = 0)
		turn(c, !first);
	if (rc == RC_OK && c->head_done)
		rc = settle_head(c);
	if (rc != RC_OK) {
		upstream_end(c);
		return err_set(err, RC_NOMEM, "out of memory, or a header of "
		    "more than %d bytes", HEADERS_BYTES);
	}
	*out = c;
	return RC_OK;
}

const struct upstream_answer *
upstream_answer(const struct upstream_call *c)
{
	return &c->a;
}

ssize_t
upstream_read(struct upstream_call *c, char *to, size_t n)
{
	size_t have;

	while (c->taken == c->pending.len && !c->over)
		turn(c, 1);
	have = c->pending.len - c->taken;
	if (have == 0)
		return c->a.outcome == OUTCOME_OK ? 0 : -1;
	if (n > have)
		n = have;
	memcpy(to, c->pending.p + c->taken, n);
	c->taken += n;
	return (ssize_t)n;
}

void
upstream_end(struct upstream_call *c)
{
	if (c == NULL)
		return;
	if (c->line != NULL) {
		(void)curl_multi_remove_handle(c->line->multi,
		    c->line->easy);
		line_put(c->u, c->line);
	}
	curl_slist_free_all(c->list);
	buf_fini(&c->head);
	buf_fini(&c->pending);
	free(c->headers);
	free(c->offsets);
	free(c->chunks);
	free(c);
}

/* ---- opening ---------------------------------------------------------- */

/* Splits the URL into where to connect and what precedes each target. */
static int
split_url(struct upstream *u, struct err *err)
{
	const char *host = strstr(u->url, "://");
	const char *path;
	size_t n;

	if (strncmp(u->url, "http://", 7) != 0 &&
	    strncmp(u->url, "https://", 8) != 0)
		return err_set(err, RC_USAGE, "%s: not an http:// or "
		    "https:// URL", u->url);
	path = host + 3 + strcspn(host + 3, "/?#");
	if (path == host + 3 || strpbrk(path, "?#") != NULL)
		return err_set(err, RC_USAGE, "%s: a service's URL has a "
		    "host, perhaps a port and a path, and nothing else",
		    u->url);
	u->base = strndup(u->url, (size_t)(path - u->url));
	n = strlen(path);
	while (n > 0 && path[n - 1] == '/')
		n--;
	u->url[(size_t)(path - u->url) + n] = '\0';
	u->prefix = path;
	return u->base == NULL ? err_set(err, RC_NOMEM, "out of memory") :
	    RC_OK;
}

int
upstream_open(const struct upstream_opts *o, struct upstream **out,
    struct err *err)
{
	struct upstream *u = calloc(1, sizeof(*u));
	int rc;

	*out = NULL;
	if (u == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	(void)pthread_mutex_init(&u->lock, NULL);
	u->connect_ns = o->connect_ns > 0 ? o->connect_ns : 10 * MONO_S;
	u->idle_ns = o->idle_ns > 0 ? o->idle_ns : 600 * MONO_S;
	u->url = strdup(o->url);
	u->ca_file = o->ca_file == NULL ? NULL : strdup(o->ca_file);
	if (u->url == NULL || (o->ca_file != NULL && u->ca_file == NULL))
		rc = err_set(err, RC_NOMEM, "out of memory");
	else
		rc = http_global_init(err);
	if (rc == RC_OK)
		rc = split_url(u, err);
	if (rc != RC_OK)
		upstream_close(&u);
	*out = u;
	return rc;
}

void
upstream_close(struct upstream **up)
{
	struct upstream *u = *up;
	struct line *l;

	if (u == NULL)
		return;
	while ((l = u->spare) != NULL) {
		u->spare = l->next;
		line_free(l);
	}
	(void)pthread_mutex_destroy(&u->lock);
	free(u->url);
	free(u->base);
	free(u->ca_file);
	free(u);
	*up = NULL;
}
