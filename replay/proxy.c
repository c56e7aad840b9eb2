/* The proxy: opening, its loop, deadlines; see proxy.h. */
#include "replay/proxy_part.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/mono.h"
#include "replay/listen.h"

enum {
	EVENTS = 256,
	SWEEP_MS = 100,
	ACCEPTS = 64,		/* before others have their turn */
	CONNECTIONS = 16384,
	FILES_APART = 32,	/* for all but connections */
	CONNECT_S = 10,
	LINGER_S = 3
};

static struct client *
client_of(struct node *n)
{
	return (struct client *)(void *)((char *)n -
	    offsetof(struct client, node));
}

static struct client *
oldest(struct proxy *p, enum client_list list)
{
	struct node *head = &p->lists[list];

	return head->next == head ? NULL : client_of(head->next);
}

/* ---- accepting -------------------------------------------------------- */

/* Makes room for another connection. returns 0 when there is none */
static int
evict(struct proxy *p)
{
	static const enum client_list order[] = { LIST_LINGER, LIST_IDLE,
	    LIST_HEAD };
	struct client *c;
	size_t i;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		c = oldest(p, order[i]);
		if (c == NULL)
			continue;
		if (order[i] == LIST_HEAD)
			p->o.tap.refused(p->o.tap.ctx,
			    "too many connections");
		client_close(p, c, "");
		return 1;
	}
	return 0;
}

static void
refuse_connection(struct proxy *p, int fd)
{
	struct out o;

	out_init(&o);
	compose_own(&o, 503, "too many connections", 0, 0);
	(void)send(fd, o.b.p, o.b.len, MSG_DONTWAIT | MSG_NOSIGNAL);
	out_fini(&o);
	(void)shutdown(fd, SHUT_WR);
	(void)close(fd);
	p->o.tap.refused(p->o.tap.ctx, "too many connections");
}

static void
accept_some(struct proxy *p)
{
	int i, fd;

	for (i = 0; i < ACCEPTS && p->listener.readable; i++) {
		fd = accept4(p->listener.fd, NULL, NULL, SOCK_NONBLOCK |
		    SOCK_CLOEXEC);
		if (fd >= 0 && (atomic_load(&p->connections) <
		    p->o.connections_max || evict(p))) {
			client_new(p, fd);
		} else if (fd >= 0) {
			refuse_connection(p, fd);
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			p->listener.readable = 0;
		} else if ((errno == EMFILE || errno == ENFILE ||
		    errno == ENOBUFS || errno == ENOMEM) && !evict(p)) {
			/* no file is left: not again at once */
			p->accept_ns = p->now_ns + SWEEP_MS * MONO_MS;
			return;
		}
	}
}

/* ---- deadlines -------------------------------------------------------- */

static int
is_late(const struct proxy *p, const struct client *c, int64_t max_ns)
{
	return c != NULL && p->now_ns - c->node.since_ns > max_ns;
}

static void
sweep_passes(struct proxy *p)
{
	struct client *c;

	while (is_late(p, c = oldest(p, LIST_CONNECT), CONNECT_S * MONO_S)) {
		client_list(p, c, LIST_BUSY);
		if (c->pass != NULL)
			pass_timeout(p, c->pass, "cannot connect to it within "
			    "10 s");
		client_make_ready(p, c);
	}
	while (is_late(p, c = oldest(p, LIST_BUSY), p->o.quiet_ns)) {
		client_list(p, c, LIST_BUSY);
		if (c->pass != NULL) {
			c->closing = 1;
			pass_timeout(p, c->pass, "no byte came for too "
			    "long");
			client_make_ready(p, c);
		} else {
			client_close(p, c, "");
		}
	}
}

static void
sweep(struct proxy *p)
{
	static const struct h1_refusal late = { 408, "head not in time" };
	struct client *c;

	while (is_late(p, c = oldest(p, LIST_IDLE), p->o.idle_ns))
		client_close(p, c, "");
	while (is_late(p, c = oldest(p, LIST_HEAD), p->o.head_ns)) {
		client_refuse(p, c, &late);
		client_make_ready(p, c);
	}
	while (is_late(p, c = oldest(p, LIST_LINGER), LINGER_S * MONO_S))
		client_close(p, c, "");
	sweep_passes(p);
	line_sweep(p, 0);
}

static void
be_quiet(struct proxy *p)
{
	struct client *c;

	if (p->listening) {
		(void)epoll_ctl(p->epoll, EPOLL_CTL_DEL, p->listener.fd,
		    NULL);
		(void)close(p->listener.fd);
		p->listener.fd = -1;
		p->listening = p->listener.readable = 0;
	}
	while ((c = oldest(p, LIST_IDLE)) != NULL)
		client_close(p, c, "");
	line_sweep(p, 1);
}

/* ---- the loop --------------------------------------------------------- */

static void
on_event(struct proxy *p, const struct epoll_event *ev)
{
	struct side *s = ev->data.ptr;
	struct line *l;
	uint64_t n;

	s->readable |= (ev->events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP |
	    EPOLLERR)) != 0;
	s->writable |= (ev->events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0;
	s->eof |= (ev->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
	switch (s->kind) {
	case KIND_WAKE:
		n = (uint64_t)read(s->fd, &n, sizeof(n));
		break;
	case KIND_LISTEN:
		break;
	case KIND_CLIENT:
		/* A client that has gone, not half: it wants no answer. */
		if ((ev->events & (EPOLLHUP | EPOLLERR)) != 0)
			client_close(p, (struct client *)(void *)s,
			    "the client went away");
		else
			client_make_ready(p, (struct client *)(void *)s);
		break;
	case KIND_LINE:
		l = (struct line *)(void *)s;
		if (l->client != NULL)
			client_make_ready(p, l->client);
		else
			line_idle_event(p, l);
		break;
	}
}

static void
run_ready(struct proxy *p)
{
	struct client *c = p->ready;

	/* those that become ready again have their turn after the others */
	p->ready = NULL;
	p->last_ready = &p->ready;
	while (c != NULL) {
		struct client *next = c->next_ready;

		c->ready = 0;
		if (!c->dead)
			client_run(p, c);
		c = next;
	}
}

static void
turn(struct proxy *p)
{
	struct epoll_event events[EVENTS];
	int n, i, wait = p->ready != NULL ? 0 : SWEEP_MS;

	if (p->listener.readable && p->accept_ns <= p->now_ns)
		wait = 0;
	n = epoll_wait(p->epoll, events, EVENTS, wait);
	p->now_ns = mono_now_ns();
	for (i = 0; i < n; i++)
		on_event(p, &events[i]);
	if (p->listener.readable && p->accept_ns <= p->now_ns)
		accept_some(p);
	run_ready(p);
	if (p->now_ns >= p->sweep_ns) {
		sweep(p);
		p->sweep_ns = p->now_ns + SWEEP_MS * MONO_MS;
	}
	if (atomic_load(&p->quiet))
		be_quiet(p);
	client_bury(p);
}

static void *
proxy_main(void *ctx)
{
	struct proxy *p = ctx;
	struct client *c;
	sigset_t pipe;
	int i;

	(void)sigemptyset(&pipe);
	(void)sigaddset(&pipe, SIGPIPE);	/* of OpenSSL's writes */
	(void)pthread_sigmask(SIG_BLOCK, &pipe, NULL);
	while (!atomic_load(&p->ending))
		turn(p);
	for (i = 0; i < LIST_N; i++) {
		while ((c = oldest(p, (enum client_list)i)) != NULL) {
			(void)client_flush(c);
			client_close(p, c, "cut when the recording ended");
		}
	}
	be_quiet(p);
	run_ready(p);
	client_bury(p);
	pass_free_spare(p);
	return NULL;
}

/* ---- opening and closing ---------------------------------------------- */

static void
wake(struct proxy *p)
{
	uint64_t one = 1;
	ssize_t n = write(p->waker.fd, &one, sizeof(one));

	(void)n;		/* it is awake already */
}

/* As many files as there may be, and connections as they allow: each needs
 * one to the service, too. */
static void
set_limits(struct proxy *p)
{
	struct rlimit files;
	rlim_t max;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return;
	if (files.rlim_cur < files.rlim_max) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
		(void)getrlimit(RLIMIT_NOFILE, &files);
	}
	max = files.rlim_cur > FILES_APART + 4 ?
	    (files.rlim_cur - FILES_APART) / 2 : 2;
	if (p->o.connections_max == 0)
		p->o.connections_max = CONNECTIONS;
	if (p->o.connections_max > max)
		p->o.connections_max = (unsigned)max;
}

static void
set_defaults(struct proxy *p)
{
	int i;

	if (p->o.head_ns == 0)
		p->o.head_ns = 30 * MONO_S;
	if (p->o.idle_ns == 0)
		p->o.idle_ns = 120 * MONO_S;
	if (p->o.quiet_ns == 0)
		p->o.quiet_ns = 600 * MONO_S;
	set_limits(p);
	for (i = 0; i < LIST_N; i++)
		node_init(&p->lists[i]);
	node_init(&p->kept);
	p->last_ready = &p->ready;
	p->listener.kind = KIND_LISTEN;
	p->waker.kind = KIND_WAKE;
	p->listener.fd = p->waker.fd = p->epoll = -1;
	p->now_ns = mono_now_ns();
}

static int
start(struct proxy *p, struct err *err)
{
	p->epoll = epoll_create1(EPOLL_CLOEXEC);
	p->waker.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (p->epoll < 0 || p->waker.fd < 0 ||
	    side_watch(p, &p->listener) != 0 ||
	    side_watch(p, &p->waker) != 0)
		return err_errno(err, RC_NET, "cannot watch sockets");
	p->listening = 1;
	p->has_thread = pthread_create(&p->thread, NULL, proxy_main,
	    p) == 0;
	return p->has_thread ? RC_OK :
	    err_set(err, RC_NOMEM, "cannot start a thread");
}

int
proxy_open(const struct proxy_opts *o, struct proxy **out, struct err *err)
{
	struct upstream_opts up = { o->upstream, o->ca_file };
	struct proxy *p = calloc(1, sizeof(*p));
	int rc;

	*out = NULL;
	if (p == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	p->o = *o;
	set_defaults(p);
	rc = upstream_open(&up, &p->upstream, err);
	if (rc == RC_OK)
		rc = listen_open(o->listen, &p->listener.fd, p->url, err);
	if (rc == RC_OK)
		rc = start(p, err);
	if (rc != RC_OK)
		proxy_close(&p);
	*out = p;
	return rc;
}

const char *
proxy_url(const struct proxy *p)
{
	return p->url;
}

void
proxy_quiesce(struct proxy *p)
{
	atomic_store(&p->quiet, 1);
	wake(p);
}

unsigned
proxy_busy(const struct proxy *p)
{
	return atomic_load(&p->busy);
}

unsigned
proxy_connections(const struct proxy *p)
{
	return atomic_load(&p->connections);
}

void
proxy_close(struct proxy **pp)
{
	struct proxy *p = *pp;

	if (p == NULL)
		return;
	if (p->has_thread) {
		atomic_store(&p->ending, 1);
		wake(p);
		(void)pthread_join(p->thread, NULL);
	}
	if (p->listener.fd >= 0)
		(void)close(p->listener.fd);
	if (p->waker.fd >= 0)
		(void)close(p->waker.fd);
	if (p->epoll >= 0)
		(void)close(p->epoll);
	upstream_close(&p->upstream);
	free(p);
	*pp = NULL;
}
