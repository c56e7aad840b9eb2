/* The proxy's connections to the service; see proxy_part.h. */
#include "replay/proxy_part.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "harness/base/mono.h"

enum {
	/* Services close kept connections after 5 s or more (uvicorn, Node,
	 * Apache): close first, or a request dies under their closing. */
	KEEP_S = 4,
	KEEP_MAX = 256,
	/* One that is taken again so soon, of a service that keeps them, is
	 * sound: an end that has come would be an event by now. */
	SURE_MS = 10,
	SURE_ANSWERS = 2
};

static struct line *
line_of(struct node *n)
{
	return (struct line *)(void *)((char *)n -
	    offsetof(struct line, node));
}

void
line_close(struct proxy *p, struct line *l)
{
	if (l->node.next != NULL) {
		node_take(&l->node);
		p->n_kept--;
	}
	l->client = NULL;
	upstream_conn_free(l->conn);
	l->conn = NULL;
	l->s.fd = -1;
	l->next_dead = p->dead_lines;
	p->dead_lines = l;
}

void
line_keep(struct proxy *p, struct line *l)
{
	l->client = NULL;
	l->answers += l->answers < SURE_ANSWERS;
	if (p->n_kept == KEEP_MAX)
		line_close(p, line_of(p->kept.next));
	node_put(&p->kept, &l->node, p->now_ns);
	p->n_kept++;
}

/* Whether a kept connection can still be used: nothing came, not its end. */
static int
is_sound(struct line *l)
{
	char junk[64];

	l->s.readable = 0;
	return upstream_conn_read(l->conn, junk, sizeof(junk)) == -EAGAIN;
}

static int
is_surely_sound(const struct proxy *p, const struct line *l)
{
	return l->answers >= SURE_ANSWERS && !l->tls && !l->s.readable &&
	    p->now_ns - l->node.since_ns < SURE_MS * MONO_MS;
}

void
line_idle_event(struct proxy *p, struct line *l)
{
	if (l->conn != NULL && !is_sound(l))
		line_close(p, l);
}

void
line_sweep(struct proxy *p, int all)
{
	while (p->kept.next != &p->kept && (all ||
	    p->now_ns - p->kept.next->since_ns > KEEP_S * MONO_S))
		line_close(p, line_of(p->kept.next));
}

static struct line *
connect_new(struct proxy *p, struct client *c, char why[128])
{
	struct line *l = calloc(1, sizeof(*l));

	if (l == NULL || upstream_connect(p->upstream, &l->conn, why) !=
	    RC_OK) {
		free(l);
		return NULL;
	}
	l->s.kind = KIND_LINE;
	l->s.fd = upstream_conn_fd(l->conn);
	l->client = c;
	l->tls = upstream_is_tls(p->upstream) != 0;
	if (side_watch(p, &l->s) != 0) {
		upstream_conn_free(l->conn);
		free(l);
		return NULL;
	}
	return l;
}

struct line *
line_get(struct proxy *p, struct client *c, char why[128])
{
	struct line *l;

	/* the youngest first: it is the least likely to be closing */
	while (p->kept.next != &p->kept) {
		l = line_of(p->kept.prev);
		if (!is_surely_sound(p, l) && !is_sound(l)) {
			line_close(p, l);
			continue;
		}
		node_take(&l->node);
		p->n_kept--;
		l->client = c;
		l->s.writable = 1;
		return l;
	}
	return connect_new(p, c, why);
}

int
line_step(struct proxy *p, struct line *l, enum outcome *outcome,
    char why[128])
{
	int rc;

	if (l->connected)
		return 1;
	if (!l->s.readable && !l->s.writable)
		return 0;
	rc = upstream_conn_step(l->conn, outcome, why);
	l->s.readable = l->s.writable = rc == 1;
	l->connected = rc == 1;
	if (rc != 2)
		return rc;
	l->s.fd = upstream_conn_fd(l->conn);
	return side_watch(p, &l->s) == 0 ? 0 : -1;
}
