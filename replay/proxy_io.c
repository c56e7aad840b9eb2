/* Buffers, lists and sockets of the proxy; see proxy_part.h. */
#include "replay/proxy_part.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "replay/sock.h"

/* ---- lists ------------------------------------------------------------ */

void
node_init(struct node *head)
{
	head->prev = head->next = head;
}

void
node_take(struct node *n)
{
	if (n->next == NULL)
		return;
	n->prev->next = n->next;
	n->next->prev = n->prev;
	n->prev = n->next = NULL;
}

void
node_put(struct node *head, struct node *n, int64_t now_ns)
{
	node_take(n);
	n->since_ns = now_ns;
	n->prev = head->prev;
	n->next = head;
	head->prev->next = n;
	head->prev = n;
}

/* ---- bytes on their way out ------------------------------------------- */

void
out_init(struct out *o)
{
	buf_init(&o->b, OUT_MAX);
	o->at = 0;
}

void
out_fini(struct out *o)
{
	buf_fini(&o->b);
	o->at = 0;
}

size_t
out_left(const struct out *o)
{
	return o->b.len - o->at;
}

void
out_add(struct out *o, const char *p, size_t n)
{
	if (o->at > 0 && n > o->b.cap - o->b.len) {
		memmove(o->b.p, o->b.p + o->at, out_left(o));
		o->b.len -= o->at;
		o->at = 0;
	}
	buf_add(&o->b, p, n);
}

void
out_gone(struct out *o, size_t n)
{
	o->at += n;
	if (o->at < o->b.len)
		return;
	o->at = 0;
	if (o->b.bad == RC_OK)
		o->b.len = 0;
	/* An idle connection holds nothing. */
	if (o->b.cap > SMALL_BYTES && o->b.bad == RC_OK)
		buf_fini(&o->b);
}

size_t
room_for(const struct proxy *p, const struct out *o)
{
	size_t left = out_left(o);

	if (p->held > HELD_HIGH)
		return left == 0 ? SMALL_BYTES : 0;
	return left < OUT_HIGH ? SCRATCH_BYTES : 0;
}

/* ---- sockets ---------------------------------------------------------- */

int
side_watch(struct proxy *p, struct side *s)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT |
	    EPOLLRDHUP | EPOLLET, .data.ptr = s };

	return epoll_ctl(p->epoll, EPOLL_CTL_ADD, s->fd, &ev);
}

ssize_t
client_flush(struct client *c)
{
	size_t left;
	ssize_t put, all = 0;

	while (c->s.writable && (left = out_left(&c->out)) > 0) {
		put = sock_send(c->s.fd, c->out.b.p + c->out.at, left);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			c->s.writable = 0;
			break;
		}
		if (put < 0)
			return -1;
		out_gone(&c->out, (size_t)put);
		all += put;
	}
	return all;
}

/* ---- clients ---------------------------------------------------------- */

void
client_list(struct proxy *p, struct client *c, enum client_list list)
{
	c->list = list;
	node_put(&p->lists[list], &c->node, p->now_ns);
}

void
client_make_ready(struct proxy *p, struct client *c)
{
	if (c->ready || c->dead)
		return;
	c->ready = 1;
	c->next_ready = NULL;
	*p->last_ready = c;
	p->last_ready = &c->next_ready;
}
