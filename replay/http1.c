/* The fast transport: plain HTTP/1.1 on epoll; see http1.h. */
#include "replay/http1.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/mono.h"
#include "replay/http1_parse.h"

enum { READ_BYTES = 64 << 10, EVENTS = 64 };

struct http_conn {
	int fd;
	int origin;
	int connecting, reused, heard;	/* heard: a byte of this answer */
	int64_t idle_at_ns;	/* since when it is idle */
	unsigned events;	/* what epoll watches */
	size_t active;		/* index into http1.active while busy */
	struct http_call_mem *m;	/* NULL: idle */
	struct http1_parser parser;
	struct http_conn *next, *prev;	/* idle list, or the dead */
};

struct http1 {
	int epfd;
	int n_origins;
	struct http_conn **idle;	/* by origin */
	struct http_conn **active;
	size_t n_active, cap_active;
	int64_t next_deadline_ns;	/* no later than the earliest one */
	struct http_call_mem *done, **done_tail;
	struct http_conn *dead;	/* freed after the batch of events */
	char *in;		/* READ_BYTES */
};

int
http1_new(int epfd, int n_origins, struct http1 **out, struct err *err)
{
	struct http1 *h = calloc(1, sizeof(*h));

	*out = NULL;
	if (h == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	h->epfd = epfd;
	h->n_origins = n_origins;
	h->done_tail = &h->done;
	h->next_deadline_ns = INT64_MAX;
	h->idle = calloc((size_t)n_origins + 1, sizeof(struct http_conn *));
	h->in = malloc(READ_BYTES);
	if (h->idle == NULL || h->in == NULL) {
		http1_free(h);
		return err_set(err, RC_NOMEM, "out of memory");
	}
	*out = h;
	return RC_OK;
}

static void
conn_free(struct http_conn *c)
{
	if (c->fd >= 0)
		(void)close(c->fd);
	http1_parser_fini(&c->parser);
	free(c);
}

static void
free_dead(struct http1 *h)
{
	struct http_conn *c;

	while ((c = h->dead) != NULL) {
		h->dead = c->next;
		conn_free(c);
	}
}

void
http1_free(struct http1 *h)
{
	struct http_conn *c;
	int i;

	if (h == NULL)
		return;
	free_dead(h);
	for (i = 0; h->idle != NULL && i < h->n_origins; i++) {
		while ((c = h->idle[i]) != NULL) {
			h->idle[i] = c->next;
			conn_free(c);
		}
	}
	free(h->idle);
	free(h->active);
	free(h->in);
	free(h);
}

/* ---- connections -------------------------------------------------------- */

static void
idle_add(struct http1 *h, struct http_conn *c, int64_t now_ns)
{
	c->idle_at_ns = now_ns;
	c->prev = NULL;
	c->next = h->idle[c->origin];
	if (c->next != NULL)
		c->next->prev = c;
	h->idle[c->origin] = c;
}

static void
idle_remove(struct http1 *h, struct http_conn *c)
{
	if (c->next != NULL)
		c->next->prev = c->prev;
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		h->idle[c->origin] = c->next;
}

static int
active_add(struct http1 *h, struct http_conn *c)
{
	struct http_conn **p;
	size_t cap;

	if (h->n_active == h->cap_active) {
		cap = h->cap_active == 0 ? 64 : h->cap_active * 2;
		p = realloc(h->active, cap * sizeof(struct http_conn *));
		if (p == NULL)
			return -1;
		h->active = p;
		h->cap_active = cap;
	}
	c->active = h->n_active;
	h->active[h->n_active++] = c;
	return 0;
}

static void
active_remove(struct http1 *h, struct http_conn *c)
{
	struct http_conn *last = h->active[--h->n_active];

	h->active[c->active] = last;
	last->active = c->active;
}

/*
 * Closes a connection. Its memory stays until the batch of events is
 * through: a later event of the batch may still point at it.
 */
static void
conn_close(struct http1 *h, struct http_conn *c)
{
	(void)close(c->fd);
	c->fd = -1;
	c->next = h->dead;
	h->dead = c;
}

static void
watch(struct http1 *h, struct http_conn *c, unsigned events, int op)
{
	struct epoll_event ev;

	if (c->events == events && op == EPOLL_CTL_MOD)
		return;
	ev.events = events;
	ev.data.ptr = c;
	c->events = events;
	if (epoll_ctl(h->epfd, op, c->fd, &ev) != 0)
		http_call_errno(c->m, OUTCOME_SHED, "epoll", errno);
}

static struct http_conn *
conn_open(struct http1 *h, struct http_call_mem *m)
{
	const struct http_origin *o = m->to;
	struct http_conn *c = calloc(1, sizeof(*c));
	int one = 1, rc;

	if (c == NULL)
		return NULL;
	c->origin = m->call.origin;
	c->m = m;
	http1_parser_init(&c->parser, m->head.max);
	c->fd = socket(o->addr->ss_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0) {
		http_call_errno(m, OUTCOME_SHED, "socket", errno);
		return c;
	}
	if (o->addr->ss_family != AF_UNIX)
		(void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one,
		    sizeof(one));
	rc = connect(c->fd, (const struct sockaddr *)o->addr, o->addr_len);
	if (rc != 0 && errno != EINPROGRESS) {
		http_call_errno(m, OUTCOME_UNREACHABLE, "cannot connect",
		    errno);
		return c;
	}
	c->connecting = rc != 0;
	watch(h, c, rc != 0 ? EPOLLOUT : EPOLLIN, EPOLL_CTL_ADD);
	return c;
}

/* ---- a call's end ------------------------------------------------------- */

static void
push_done(struct http1 *h, struct http_call_mem *m)
{
	m->next = NULL;
	*h->done_tail = m;
	h->done_tail = &m->next;
}

static void
finish(struct http1 *h, struct http_conn *c, int keep, int64_t now_ns)
{
	struct http_call_mem *m = c->m;

	active_remove(h, c);
	c->m = NULL;
	m->conn = NULL;
	http_call_finish(m, now_ns);
	push_done(h, m);
	if (keep)
		idle_add(h, c, now_ns);
	else
		conn_close(h, c);
}

static int begin(struct http1 *h, struct http_call_mem *m, int fresh);

/*
 * Whether a request that met a broken connection was never the server's: it
 * could not be written, or the connection was kept for so long that the
 * server may have closed it at that moment (RFC 9112, 9.3.1).
 */
static int
is_stale(const struct http_conn *c)
{
	return c->reused && !c->heard && !c->m->resent && !c->m->failed &&
	    (c->m->wire_off == 0 ||
	    c->m->call.sent_ns - c->idle_at_ns > HTTP_STALE_NS);
}

static void
resend(struct http1 *h, struct http_conn *c)
{
	struct http_call_mem *m = c->m;

	active_remove(h, c);
	c->m = NULL;
	conn_close(h, c);
	m->resent = 1;
	m->call.stale++;
	if (begin(h, m, 1) != 0) {
		http_call_fail(m, OUTCOME_SHED, "out of memory");
		http_call_finish(m, mono_now_ns());
		push_done(h, m);
	}
}

/* The connection broke. What was sent on it and not answered is lost, unless
 * the connection was stale: then the request goes out on a fresh one. */
static void
broken(struct http1 *h, struct http_conn *c, enum outcome o,
    const char *what, int error)
{
	if (is_stale(c)) {
		resend(h, c);
		return;
	}
	if (error != 0)
		http_call_errno(c->m, o, what, error);
	finish(h, c, 0, mono_now_ns());
}

/* ---- sending ------------------------------------------------------------ */

static void
put_body_headers(struct buf *b, const struct http_call *c)
{
	if (c->body != NULL || strcmp(c->method, "POST") == 0 ||
	    strcmp(c->method, "PUT") == 0 || strcmp(c->method, "PATCH") == 0) {
		buf_puts(b, "Content-Length: ");
		buf_u64(b, c->body_n);
		buf_puts(b, "\r\n");
	}
	buf_puts(b, "\r\n");
	if (c->body != NULL)
		buf_add(b, c->body, c->body_n);
}

static int
build(struct http_call_mem *m)
{
	const struct http_call *c = &m->call;
	struct buf *b = &m->wire;
	size_t i;

	buf_reset(b);
	buf_puts(b, c->method);
	buf_putc(b, ' ');
	buf_puts(b, m->to->prefix);
	buf_puts(b, c->target);
	buf_puts(b, " HTTP/1.1\r\nHost: ");
	buf_puts(b, m->to->authority);
	buf_puts(b, "\r\n");
	for (i = 0; i < c->n_headers; i++) {
		buf_puts(b, c->headers[i].name);
		buf_puts(b, ": ");
		buf_puts(b, c->headers[i].value);
		buf_puts(b, "\r\n");
	}
	put_body_headers(b, c);
	m->wire_off = 0;
	return b->bad == RC_OK ? 0 : -1;
}

static void
send_more(struct http1 *h, struct http_conn *c)
{
	struct http_call_mem *m = c->m;
	size_t left = m->wire.len - m->wire_off;
	ssize_t n;

	n = send(c->fd, m->wire.p + m->wire_off, left, MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		broken(h, c, OUTCOME_RESET, "sending", errno);
		return;
	}
	if (n > 0)
		m->wire_off += (size_t)n;
	watch(h, c, m->wire_off < m->wire.len ? EPOLLIN | EPOLLOUT : EPOLLIN,
	    EPOLL_CTL_MOD);
}

/* Whether the server has closed an idle connection, or said something on
 * it, before anything was written to it. */
static int
is_over(const struct http_conn *c)
{
	char byte;

	return recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 ||
	    (errno != EAGAIN && errno != EINTR);
}

/* A kept connection to the call's origin, or NULL. */
static struct http_conn *
take_idle(struct http1 *h, struct http_call_mem *m)
{
	struct http_conn *c;

	while ((c = h->idle[m->call.origin]) != NULL) {
		idle_remove(h, c);
		if (!is_over(c))
			break;
		m->call.stale++;
		conn_close(h, c);
	}
	return c;
}

static int
begin(struct http1 *h, struct http_call_mem *m, int fresh)
{
	struct http_conn *c = fresh ? NULL : take_idle(h, m);

	m->wire_off = 0;
	if (c != NULL) {
		c->reused = 1;
	} else {
		c = conn_open(h, m);
		if (c == NULL)
			return -1;
		c->reused = 0;
	}
	c->m = m;
	c->heard = 0;
	m->conn = c;
	http1_parser_start(&c->parser);
	if (active_add(h, c) != 0) {
		c->m = NULL;
		m->conn = NULL;
		conn_close(h, c);
		return -1;
	}
	if (m->call.deadline_ns < h->next_deadline_ns)
		h->next_deadline_ns = m->call.deadline_ns;
	if (m->failed)
		finish(h, c, 0, mono_now_ns());
	else if (!c->connecting)
		send_more(h, c);
	return 0;
}

/* A header that would end the head early is nobody's to send. */
static int
has_break(const struct http_call *c)
{
	size_t i;

	if (strpbrk(c->target, " \r\n\t") != NULL)
		return 1;
	for (i = 0; i < c->n_headers; i++) {
		if (strpbrk(c->headers[i].name, ": \r\n\t") != NULL ||
		    strpbrk(c->headers[i].value, "\r\n") != NULL)
			return 1;
	}
	return 0;
}

int
http1_start(struct http1 *h, struct http_call_mem *m, struct err *err)
{
	if (has_break(&m->call)) {
		http_call_fail(m, OUTCOME_PROTOCOL,
		    "the request has a space or line break in its path or "
		    "headers");
		http_call_finish(m, mono_now_ns());
		push_done(h, m);
		return RC_OK;
	}
	if (build(m) != 0 || begin(h, m, 0) != 0)
		return err_set(err, RC_NOMEM, "out of memory");
	m->call.bytes_out = m->wire.len;
	return RC_OK;
}

/* ---- receiving ---------------------------------------------------------- */

static void
on_connected(struct http1 *h, struct http_conn *c)
{
	int error = 0;
	socklen_t n = sizeof(error);

	(void)getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &n);
	if (error != 0) {
		broken(h, c, OUTCOME_UNREACHABLE, "cannot connect", error);
		return;
	}
	c->connecting = 0;
	send_more(h, c);
}

static void
on_readable(struct http1 *h, struct http_conn *c)
{
	struct http_call_mem *m = c->m;
	int64_t now;
	size_t used;
	ssize_t n = recv(c->fd, h->in, READ_BYTES, 0);
	int rc;

	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			broken(h, c, OUTCOME_RESET, "receiving", errno);
		return;
	}
	if (n == 0) {
		if (!is_stale(c))
			http1_parse_eof(&c->parser, m);
		broken(h, c, OUTCOME_RESET, "closed", 0);
		return;
	}
	now = mono_now_ns();
	if (!c->heard) {
		c->heard = 1;
		m->call.ttfb_ns = now - m->call.sent_ns;
	}
	rc = http1_parse(&c->parser, m, h->in, (size_t)n, now, &used);
	/* bytes behind the answer belong to nobody: such a connection goes */
	if (rc != 0)
		finish(h, c, rc > 0 && c->parser.keep && used == (size_t)n &&
		    m->wire_off == m->wire.len, now);
}

static void
on_event(struct http1 *h, struct http_conn *c, unsigned events)
{
	if (c->fd < 0)
		return;
	if (c->m == NULL) {	/* idle, and the server speaks or closes */
		idle_remove(h, c);
		conn_close(h, c);
		return;
	}
	if (c->connecting) {
		on_connected(h, c);
		return;
	}
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		on_readable(h, c);
	else if (events & EPOLLOUT)
		send_more(h, c);
}

/* ---- time --------------------------------------------------------------- */

static const char *
phase(const struct http_conn *c)
{
	if (c->connecting)
		return "connecting";
	if (c->m->wire_off < c->m->wire.len)
		return "sending the request";
	if (!c->heard)
		return "waiting for the answer";
	return "receiving the answer";
}

static void
expire(struct http1 *h, int64_t now_ns)
{
	struct http_conn *c;
	int64_t next = INT64_MAX, deadline;
	size_t i = 0;

	if (now_ns < h->next_deadline_ns)
		return;
	while (i < h->n_active) {
		c = h->active[i];
		deadline = c->m->call.deadline_ns;
		if (deadline <= now_ns) {
			http_call_fail(c->m, OUTCOME_TIMEOUT,
			    "the deadline passed while %s", phase(c));
			/* moves the last one here */
			finish(h, c, 0, now_ns);
			continue;
		}
		next = deadline < next ? deadline : next;
		i++;
	}
	h->next_deadline_ns = next;
}

int64_t
http1_until(const struct http1 *h, int64_t until_ns)
{
	return h->next_deadline_ns < until_ns ? h->next_deadline_ns :
	    until_ns;
}

static int
wait_events(struct http1 *h, struct epoll_event *ev, int64_t until_ns)
{
	struct timespec ts = { 0, 0 };
	int64_t left = until_ns == 0 ? 0 :
	    http1_until(h, until_ns) - mono_now_ns();
	int n;

	if (h->done != NULL || left < 0)
		left = 0;
	ts.tv_sec = (time_t)(left / MONO_S);
	ts.tv_nsec = (long)(left % MONO_S);
	n = epoll_pwait2(h->epfd, ev, EVENTS, &ts, NULL);
	if (n < 0 && errno == ENOSYS) {	/* Linux before 5.11 */
		left = (left + MONO_MS - 1) / MONO_MS;
		n = epoll_wait(h->epfd, ev, EVENTS,
		    left > 1000 ? 1000 : (int)left);
	}
	return n;
}

int
http1_step(struct http1 *h, int64_t until_ns, struct err *err)
{
	struct epoll_event ev[EVENTS];
	int i, n = wait_events(h, ev, until_ns);

	if (n < 0 && errno != EINTR)
		return err_errno(err, RC_NET, "epoll");
	for (i = 0; i < n; i++) {
		if (ev[i].data.ptr != NULL)
			on_event(h, ev[i].data.ptr, ev[i].events);
	}
	expire(h, mono_now_ns());
	free_dead(h);
	return RC_OK;
}

struct http_call_mem *
http1_done(struct http1 *h)
{
	struct http_call_mem *m = h->done;

	if (m == NULL)
		return NULL;
	h->done = m->next;
	if (h->done == NULL)
		h->done_tail = &h->done;
	m->next = NULL;
	return m;
}

void
http1_abandon(struct http1 *h)
{
	while (h->n_active > 0) {
		http_call_fail(h->active[0]->m, OUTCOME_TIMEOUT, "given up");
		finish(h, h->active[0], 0, mono_now_ns());
	}
	free_dead(h);
}
