/* A client's connection; see proxy_part.h. */
#include "replay/proxy_part.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "replay/sock.h"

enum { ROUNDS = 16 };		/* before others have their turn */

/* ---- birth and death -------------------------------------------------- */

void
client_new(struct proxy *p, int fd)
{
	struct client *c = calloc(1, sizeof(*c));
	int one = 1;

	if (c == NULL) {
		(void)close(fd);
		return;
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	c->s.kind = KIND_CLIENT;
	c->s.fd = fd;
	out_init(&c->out);
	buf_init(&c->in, SCRATCH_BYTES + 1);
	if (side_watch(p, &c->s) != 0) {
		(void)close(fd);
		free(c);
		return;
	}
	(void)atomic_fetch_add(&p->connections, 1);
	client_list(p, c, LIST_IDLE);
}

static void
drop_head(struct proxy *p, struct client *c)
{
	head_free(p, c->head);
	c->head = NULL;
}

void
client_close(struct proxy *p, struct client *c, const char *why)
{
	struct linger hard = { 1, 0 };

	if (c->dead)
		return;
	if (c->pass != NULL)
		pass_cut(p, c->pass, why);
	if (c->reset)
		(void)setsockopt(c->s.fd, SOL_SOCKET, SO_LINGER, &hard,
		    sizeof(hard));
	(void)close(c->s.fd);
	c->dead = 1;
	node_take(&c->node);
	drop_head(p, c);
	buf_fini(&c->in);
	out_fini(&c->out);
	p->held -= c->held;
	c->held = 0;
	(void)atomic_fetch_sub(&p->connections, 1);
	c->next_dead = p->dead_clients;
	p->dead_clients = c;
}

void
client_bury(struct proxy *p)
{
	struct client **at = &p->dead_clients, *c;
	struct line *l;

	while ((c = *at) != NULL) {
		if (c->ready) {		/* until its turn has come */
			at = &c->next_dead;
			continue;
		}
		*at = c->next_dead;
		free(c);
	}
	while ((l = p->dead_lines) != NULL) {
		p->dead_lines = l->next_dead;
		free(l);
	}
}

void
client_refuse(struct proxy *p, struct client *c, const struct h1_refusal *no)
{
	int to_head = c->head != NULL && c->head->text.len > 5 &&
	    memcmp(c->head->text.p, "HEAD ", 5) == 0;

	drop_head(p, c);
	compose_own(&c->out, no->status, no->reason, 0, to_head);
	c->closing = c->linger = 1;
	p->o.tap.refused(p->o.tap.ctx, no->reason);
	client_list(p, c, LIST_BUSY);
}

/* ---- what it sends ---------------------------------------------------- */

static int
too_large(const struct proxy *p, const struct h1_head *h,
    struct h1_refusal *no)
{
	if (h->framing != H1_BODY_LENGTH || h->length <= p->o.body_max)
		return 0;
	no->status = 413;
	no->reason = "request too large";
	return 1;
}

/* Bytes of a head. returns how many were taken */
static size_t
take_head(struct proxy *p, struct client *c, const char *bytes, size_t n)
{
	struct h1_refusal no = { 503, "out of memory" };
	struct h1_head *h;
	size_t used = n;
	int rc;

	if (c->head == NULL) {
		c->head = head_new(p);
		if (c->head == NULL) {
			client_refuse(p, c, &no);
			return n;
		}
	}
	rc = h1_head_take(c->head, bytes, n, &used, &no);
	if (rc == 0) {
		if (c->list != LIST_HEAD && h1_head_begun(c->head))
			client_list(p, c, LIST_HEAD);
		return used;
	}
	if (rc < 0 || h1_head_request(c->head, &no) != RC_OK ||
	    too_large(p, c->head, &no)) {
		client_refuse(p, c, &no);
		return used;
	}
	h = c->head;
	c->head = NULL;
	if (pass_begin(p, c, h) != 0) {
		c->head = h;
		client_refuse(p, c, &no);
	}
	return used;
}

/* How much may be read now; 0: nothing. */
static size_t
wants(const struct proxy *p, const struct client *c)
{
	if (c->linger && out_left(&c->out) == 0)
		return SCRATCH_BYTES;
	if (c->closing)
		return 0;
	return c->pass != NULL ? pass_wants(p, c->pass) :
	    p->held > HELD_HIGH ? (size_t)SMALL_BYTES :
	    (size_t)SCRATCH_BYTES;
}

/* returns how many of the bytes were used */
static size_t
take_bytes(struct proxy *p, struct client *c, const char *bytes, size_t n)
{
	struct h1_refusal no;
	size_t at = 0, used;

	while (at < n && !c->dead && wants(p, c) > 0) {
		if (c->linger)
			return n;
		if (c->pass == NULL) {
			at += take_head(p, c, bytes + at, n - at);
			continue;
		}
		no.status = 0;
		used = pass_request_bytes(p, c->pass, bytes + at, n - at,
		    &no);
		at += used;
		if (no.status != 0) {
			pass_refuse(p, c->pass, &no);
			c->closing = c->linger = 1;
		} else if (used == 0) {
			break;
		}
	}
	return at;
}

static void
use_kept(struct proxy *p, struct client *c)
{
	c->in_at += take_bytes(p, c, c->in.p + c->in_at,
	    c->in.len - c->in_at);
	if (c->dead || c->in_at < c->in.len)
		return;
	buf_fini(&c->in);
	c->in_at = 0;
}

static void
at_eof(struct proxy *p, struct client *c)
{
	static const struct h1_refusal cut = { 400,
	    "the client left within a head" };

	c->ended = 1;
	c->s.readable = 0;
	if (c->pass != NULL) {
		pass_client_eof(p, c->pass);
		if (c->pass == NULL)
			c->closing = 1;
	} else if (c->head != NULL && h1_head_begun(c->head) && !c->linger) {
		client_refuse(p, c, &cut);
		c->linger = 0;
	} else {
		c->closing = 1;
		c->linger = 0;
	}
}

/* returns whether anything was done */
static int
read_client(struct proxy *p, struct client *c)
{
	size_t room = wants(p, c), used;
	ssize_t got;

	if (room == 0)
		return 0;
	if (c->in.len > c->in_at) {
		used = c->in_at;
		use_kept(p, c);
		return c->dead || c->in_at != used;
	}
	if (!c->s.readable || c->ended)
		return 0;
	got = sock_recv(c->s.fd, p->scratch, room);
	if (got < 0 && errno == EINTR)
		return 1;
	if (got < 0) {
		c->s.readable = 0;
		if (errno != EAGAIN && errno != EWOULDBLOCK)
			client_close(p, c, "the client went away");
		return 0;
	}
	if (got == 0) {
		at_eof(p, c);
		return 1;
	}
	if (got < (ssize_t)room && !c->s.eof)
		c->s.readable = 0;	/* empty; more is another event */
	used = take_bytes(p, c, p->scratch, (size_t)got);
	if (!c->dead && used < (size_t)got)
		buf_add(&c->in, p->scratch + used, (size_t)got - used);
	return 1;
}

/* ---- running ---------------------------------------------------------- */

/* What it holds, so that memory can be watched. */
static void
weigh(struct proxy *p, struct client *c)
{
	const struct pass *x = c->pass;
	size_t now = c->out.b.cap + c->in.cap;

	if (c->head != NULL)
		now += c->head->text.cap;
	if (x != NULL)
		now += x->up.b.cap + x->req.text.cap + x->ans.text.cap;
	p->held += now - c->held;
	c->held = now;
}

/* Everything has been said. returns 1 when it is dead */
static int
say_goodbye(struct proxy *p, struct client *c)
{
	if (!c->closing || out_left(&c->out) > 0)
		return 0;
	if (!c->linger || c->ended) {
		client_close(p, c, "");
		return 1;
	}
	/* A client that still sends would not see our answer: closing at
	 * once would reset the connection under it. */
	if (!c->shut) {
		(void)shutdown(c->s.fd, SHUT_WR);
		c->shut = 1;
		client_list(p, c, LIST_LINGER);
	}
	return 0;
}

/* Between two requests. */
static void
settle(struct proxy *p, struct client *c)
{
	if (c->pass != NULL || c->closing)
		return;
	if (c->head != NULL && !h1_head_begun(c->head))
		drop_head(p, c);
	if (c->head == NULL && c->list != LIST_IDLE)
		client_list(p, c, LIST_IDLE);
	if (c->head == NULL && c->in.len == c->in_at &&
	    (c->ended || atomic_load(&p->quiet)))
		c->closing = 1;
}

static int
run_once(struct proxy *p, struct client *c)
{
	ssize_t put = client_flush(c);
	int moved = put > 0;

	if (put < 0) {
		client_close(p, c, "the client went away");
		return 0;
	}
	if (c->pass != NULL)
		moved |= pass_run(p, c->pass);
	moved |= read_client(p, c);
	if (!c->dead)
		settle(p, c);
	if (!c->dead && say_goodbye(p, c))
		return 0;
	return moved && !c->dead;
}

void
client_run(struct proxy *p, struct client *c)
{
	int round = 0, moved;

	do
		moved = run_once(p, c);
	while (moved && ++round < ROUNDS);
	if (c->dead)
		return;
	weigh(p, c);
	if (round > 0 && c->list == LIST_BUSY)
		client_list(p, c, LIST_BUSY);
	if (moved)
		client_make_ready(p, c);
}
