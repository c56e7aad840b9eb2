/* A small HTTP server; see httpd.h. */
#include "replay/httpd.h"

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/mono.h"

enum {
	CONNECTIONS = 512,
	IDLE_S = 120,
	HEADERS_BYTES = 128 << 10,
	HEADERS_MAX = 512,
	STACK_BYTES = 1 << 20,
	PIECE_BYTES = 32 << 10,
	HOST_BYTES = 256,
	PORT_BYTES = 16
};

struct httpd {
	struct MHD_Daemon *daemon;
	httpd_fn *fn;
	void (*refused)(void *ctx);
	void *ctx;
	size_t body_max;
	char url[HOST_BYTES + 32];
	atomic_uint busy;
};

/* One request from its first line to the end of its answer. */
struct call {
	struct httpd *h;
	char *target;
	int begun;		/* headers are in */
	int refused;		/* the body is too large */
	struct buf body;
	struct ex_header *headers;
	struct httpd_request req;
	httpd_done_fn *done;
	void *done_ctx;
};

struct header {
	char *name, *value;		/* owned */
};

struct httpd_answer {
	int status;
	struct call *call;
	struct MHD_Response *response;
	struct header *headers;		/* until there is a response */
	size_t n_headers;
	int bad;
};

/* ---- addresses -------------------------------------------------------- */

int
httpd_parse_listen(const char *s, char *host, char *port, struct err *err)
{
	const char *colon = strrchr(s, ':');
	const char *from = s, *end = colon;
	size_t n;

	if (colon == NULL) {
		colon = s - 1;
		end = s;
	} else if (*s == '[' && colon > s && colon[-1] == ']') {
		from++;
		end--;
	}
	n = (size_t)(end - from);
	if (n >= HOST_BYTES || strlen(colon + 1) == 0 ||
	    strlen(colon + 1) > 5 ||
	    strspn(colon + 1, "0123456789") != strlen(colon + 1) ||
	    strtol(colon + 1, NULL, 10) > 65535)
		return err_set(err, RC_USAGE, "\"%s\" is no address to "
		    "listen on, such as 127.0.0.1:8080, :8080 or [::1]:0", s);
	(void)snprintf(host, HOST_BYTES, "%.*s", n > 0 ? (int)n : 9,
	    n > 0 ? from : "127.0.0.1");
	(void)snprintf(port, PORT_BYTES, "%s", colon + 1);
	return RC_OK;
}

/* ---- requests --------------------------------------------------------- */

/* The first that is heard of a request: its line, nothing decoded yet. */
static void *
on_line(void *ctx, const char *uri, struct MHD_Connection *con)
{
	struct call *c = calloc(1, sizeof(*c));

	(void)con;
	if (c == NULL)
		return NULL;
	c->h = ctx;
	c->target = strdup(uri);
	c->req.came_ns = mono_now_ns();
	c->req.fd = -1;
	buf_init(&c->body, c->h->body_max + 2);
	(void)atomic_fetch_add(&c->h->busy, 1);
	return c;
}

static void
on_completed(void *ctx, struct MHD_Connection *con, void **con_cls,
    enum MHD_RequestTerminationCode why)
{
	struct call *c = *con_cls;

	(void)ctx;
	(void)con;
	if (c == NULL)
		return;
	*con_cls = NULL;
	if (c->done != NULL)
		c->done(c->done_ctx,
		    why == MHD_REQUEST_TERMINATED_COMPLETED_OK);
	(void)atomic_fetch_sub(&c->h->busy, 1);
	buf_fini(&c->body);
	free(c->headers);
	free(c->target);
	free(c);
}

static enum MHD_Result
take_header(void *ctx, enum MHD_ValueKind kind, const char *name,
    const char *value)
{
	struct call *c = ctx;
	struct ex_header *h = &c->headers[c->req.n_headers];

	(void)kind;
	if (c->req.n_headers == HEADERS_MAX)
		return MHD_NO;
	h->name = name;
	h->value = value == NULL ? "" : value;
	c->req.n_headers++;
	return MHD_YES;
}

static const char *
request_header(const struct call *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->req.n_headers; i++) {
		if (strcasecmp(c->headers[i].name, name) == 0)
			return c->headers[i].value;
	}
	return NULL;
}

static int
begin(struct call *c, struct MHD_Connection *con, const char *method)
{
	const union MHD_ConnectionInfo *info;
	const char *length;

	c->begun = 1;
	c->headers = calloc(HEADERS_MAX, sizeof(*c->headers));
	if (c->headers == NULL || c->target == NULL)
		return RC_NOMEM;
	(void)MHD_get_connection_values(con, MHD_HEADER_KIND, take_header, c);
	info = MHD_get_connection_info(con, MHD_CONNECTION_INFO_CONNECTION_FD);
	if (info != NULL)
		c->req.fd = info->connect_fd;
	c->req.method = method;
	c->req.target = c->target;
	c->req.headers = c->headers;
	length = request_header(c, "Content-Length");
	if (length != NULL || request_header(c, "Transfer-Encoding") != NULL)
		buf_add(&c->body, "", 0);
	c->refused = length != NULL &&
	    strtoull(length, NULL, 10) > c->h->body_max;
	return RC_OK;
}

/* ---- answers ---------------------------------------------------------- */

/* What the library itself writes, and hop-by-hop headers. */
static int
frames_message(const char *name)
{
	static const char *const names[] = {
		"Connection", "Keep-Alive", "Transfer-Encoding",
		"Content-Length", "Trailer", "Upgrade", "Proxy-Connection",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcasecmp(names[i], name) == 0)
			return 1;
	}
	return 0;
}

void
httpd_header(struct httpd_answer *a, const char *name, const char *value)
{
	struct header *h;

	if (frames_message(name))
		return;
	h = realloc(a->headers, (a->n_headers + 1) * sizeof(*h));
	if (h == NULL) {
		a->bad = 1;
		return;
	}
	a->headers = h;
	h = &a->headers[a->n_headers];
	h->name = strdup(name);
	h->value = strdup(value);
	if (h->name == NULL || h->value == NULL)
		a->bad = 1;
	a->n_headers++;
}

void
httpd_whole(struct httpd_answer *a, int status, const char *p, size_t n)
{
	char *copy = malloc(n + 1);

	a->status = status;
	if (copy == NULL) {
		a->bad = 1;
		return;
	}
	if (n > 0)
		memcpy(copy, p, n);
	a->response = MHD_create_response_from_buffer(n, copy,
	    MHD_RESPMEM_MUST_FREE);
}

void
httpd_done(struct httpd_answer *a, httpd_done_fn *done, void *ctx)
{
	a->call->done = done;
	a->call->done_ctx = ctx;
}

struct stream {
	httpd_read_fn *read;
	void *ctx;
};

static ssize_t
read_piece(void *ctx, uint64_t at, char *to, size_t n)
{
	struct stream *s = ctx;
	ssize_t got = s->read(s->ctx, to, n);

	(void)at;
	if (got > 0)
		return got;
	return got == 0 ? MHD_CONTENT_READER_END_OF_STREAM :
	    MHD_CONTENT_READER_END_WITH_ERROR;
}

void
httpd_stream(struct httpd_answer *a, int status, int64_t length,
    httpd_read_fn *read, httpd_done_fn *done, void *ctx)
{
	struct stream *s = malloc(sizeof(*s));

	httpd_done(a, done, ctx);
	a->status = status;
	if (s == NULL) {
		a->bad = 1;
		return;
	}
	s->read = read;
	s->ctx = ctx;
	a->response = MHD_create_response_from_callback(length < 0 ?
	    MHD_SIZE_UNKNOWN : (uint64_t)length, PIECE_BYTES, read_piece, s,
	    free);
	if (a->response == NULL)
		free(s);
}

static enum MHD_Result
send_answer(struct httpd_answer *a, struct MHD_Connection *con)
{
	enum MHD_Result ok = MHD_NO;
	size_t i;

	if (a->response != NULL && !a->bad) {
		/* A header that the library refuses cannot be passed on. */
		for (i = 0; i < a->n_headers; i++)
			(void)MHD_add_response_header(a->response,
			    a->headers[i].name, a->headers[i].value);
		ok = MHD_queue_response(con, (unsigned)a->status,
		    a->response);
	}
	if (a->response != NULL)
		MHD_destroy_response(a->response);
	for (i = 0; i < a->n_headers; i++) {
		free(a->headers[i].name);
		free(a->headers[i].value);
	}
	free(a->headers);
	return ok;
}

static enum MHD_Result
refuse(struct call *c, struct MHD_Connection *con)
{
	struct httpd_answer a = { .call = c };
	char text[128];

	if (c->h->refused != NULL)
		c->h->refused(c->h->ctx);
	(void)snprintf(text, sizeof(text), "{\"error\":\"the request body is "
	    "larger than %zu bytes\"}\n", c->h->body_max);
	httpd_header(&a, "Content-Type", "application/json");
	httpd_whole(&a, 413, text, strlen(text));
	return send_answer(&a, con);
}

static enum MHD_Result /* NOLINTNEXTLINE(readability-function-size) */
on_request(void *ctx, struct MHD_Connection *con, const char *url,
    const char *method, const char *version, const char *data, size_t *n,
    void **con_cls)
{
	struct httpd *h = ctx;
	struct call *c = *con_cls;
	struct httpd_answer a = { .call = c };

	(void)url;
	(void)version;
	if (c == NULL)
		return MHD_NO;
	if (!c->begun) {
		if (begin(c, con, method) != RC_OK)
			return MHD_NO;
		/* Refused before it is sent, where the length is known. */
		return c->refused ? refuse(c, con) : MHD_YES;
	}
	if (*n > 0) {
		if (!c->refused)
			buf_add(&c->body, data, *n);
		c->refused |= c->body.bad != RC_OK;
		*n = 0;
		return MHD_YES;
	}
	if (c->refused)
		return refuse(c, con);
	c->req.body.p = c->body.p;
	c->req.body.n = c->body.len;
	if (h->fn(h->ctx, &c->req, &a) != RC_OK)
		a.bad = 1;
	return send_answer(&a, con);
}

/* ---- opening and closing ---------------------------------------------- */

static int
set_url(struct httpd *h, const char *host, struct err *err)
{
	const union MHD_DaemonInfo *info =
	    MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_BIND_PORT);

	if (info == NULL)
		return err_set(err, RC_NET, "cannot tell the port");
	(void)snprintf(h->url, sizeof(h->url), strchr(host, ':') != NULL ?
	    "http://[%s]:%u" : "http://%s:%u", host, info->port);
	return RC_OK;
}

static int
start(struct httpd *h, const struct httpd_opts *o,
    const struct addrinfo *ai)
{
	unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD |
	    MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL | MHD_USE_ITC |
	    MHD_USE_SUPPRESS_DATE_NO_CLOCK;

	if (ai->ai_family == AF_INET6)
		flags |= MHD_USE_IPv6;
	h->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, h,
	    MHD_OPTION_SOCK_ADDR, ai->ai_addr,
	    MHD_OPTION_URI_LOG_CALLBACK, on_line, h,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, h,
	    MHD_OPTION_CONNECTION_LIMIT, o->connections_max != 0 ?
	    o->connections_max : (unsigned)CONNECTIONS,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADERS_BYTES,
	    MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK_BYTES,
	    MHD_OPTION_END);
	return h->daemon == NULL ? -1 : 0;
}

int
httpd_open(const struct httpd_opts *o, struct httpd **out, struct err *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	struct addrinfo *ai = NULL;
	struct httpd *h = calloc(1, sizeof(*h));
	char host[HOST_BYTES], port[PORT_BYTES];
	int rc, bad;

	*out = NULL;
	if (h == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	h->fn = o->fn;
	h->refused = o->refused;
	h->ctx = o->ctx;
	h->body_max = o->body_max;
	rc = httpd_parse_listen(o->listen, host, port, err);
	bad = rc == RC_OK ? getaddrinfo(host, port, &hints, &ai) : 0;
	if (bad != 0)
		rc = err_set(err, RC_NET, "%s: %s", o->listen,
		    gai_strerror(bad));
	errno = 0;
	if (rc == RC_OK && start(h, o, ai) != 0)
		rc = err_errno(err, RC_NET, "cannot listen on %s; choose "
		    "another port, or 0 for a free one", o->listen);
	if (rc == RC_OK)
		rc = set_url(h, host, err);
	if (ai != NULL)
		freeaddrinfo(ai);
	if (rc != RC_OK)
		httpd_close(&h);
	*out = h;
	return rc;
}

const char *
httpd_url(const struct httpd *h)
{
	return h->url;
}

void
httpd_quiesce(struct httpd *h)
{
	MHD_socket fd = MHD_quiesce_daemon(h->daemon);

	if (fd != MHD_INVALID_SOCKET)
		(void)close(fd);
}

unsigned
httpd_busy(const struct httpd *h)
{
	return atomic_load(&h->busy);
}

void
httpd_close(struct httpd **hp)
{
	struct httpd *h = *hp;

	if (h == NULL)
		return;
	if (h->daemon != NULL)
		MHD_stop_daemon(h->daemon);
	free(h);
	*hp = NULL;
}
