/*
 * The inside of the proxy: what its files share and nobody else includes.
 *
 *	proxy.c          opening, the loop, deadlines
 *	proxy_client.c   a client's connection: requests read from it
 *	proxy_pass.c     one request on its way, and its answer back
 *	proxy_line.c     connections to the service, kept ones too
 *	proxy_compose.c  heads as they are passed on, and answers of our own
 *	proxy_spare.c    memory that is used again
 *	proxy_io.c       buffers, lists and sockets under all of them
 *
 * A client is what is scheduled: an event of its socket, or of the socket to
 * the service that works for it, makes it ready, and client_run() does all
 * that can be done without waiting.  Nothing is freed before the end of a
 * turn of the loop.
 */
#ifndef LOCKSTEP_PROXY_PART_H
#define LOCKSTEP_PROXY_PART_H

#include <pthread.h>
#include <stdatomic.h>

#include "harness/base/buf.h"
#include "replay/h1_body.h"
#include "replay/h1_head.h"
#include "replay/proxy.h"
#include "replay/upstream.h"

enum {
	SCRATCH_BYTES = 64 << 10,	/* of one read */
	SMALL_BYTES = 4 << 10,		/* the same when memory is short */
	OUT_HIGH = 64 << 10,		/* may wait for a slow reader */
	OUT_MAX = 2 << 20,
	HELD_HIGH = 32 << 20,	/* of all connections: memory is short */
	SPARE_MAX = 64		/* what one turn needs, as a rule */
};

enum kind { KIND_LISTEN, KIND_WAKE, KIND_CLIENT, KIND_LINE };

/* What an epoll event points to; first in its struct. */
struct side {
	enum kind kind;
	int fd;
	unsigned char readable, writable;	/* until EAGAIN */
	unsigned char eof;		/* nothing follows what can be read */
};

struct node {
	struct node *prev, *next;	/* NULL: in no list */
	int64_t since_ns;
};

/* Bytes on their way out; the first at are gone. */
struct out {
	struct buf b;
	size_t at;
};

enum client_list { LIST_IDLE, LIST_HEAD, LIST_CONNECT, LIST_BUSY,
    LIST_TUNNEL, LIST_LINGER, LIST_N };

struct pass;
struct line;

struct client {
	struct side s;
	struct node node;	/* in one of the lists */
	enum client_list list;
	struct client *next_ready, *next_dead;
	struct h1_head *head;	/* being read, or NULL */
	struct pass *pass;	/* the request on its way, or NULL */
	struct buf in;		/* read and not used yet, from in_at on */
	size_t in_at;
	struct out out;
	size_t held;		/* what it counts in proxy.held */
	unsigned char ready, dead;
	unsigned char ended;	/* it writes no more, all was read */
	unsigned char closing;	/* once out is empty */
	unsigned char reset;	/* closing is to be seen as a failure */
	unsigned char linger;	/* what it sends is thrown away */
	unsigned char shut;	/* we write no more */
};

/* A connection to the service. */
struct line {
	struct side s;
	struct node node;	/* among the kept ones */
	struct line *next_dead;
	struct upstream_conn *conn;
	struct client *client;	/* it works for, or NULL */
	unsigned char connected, broken, shut, tls;
	unsigned char answers;	/* it was kept after, counted to 2 */
};

/* One request, from its head to the end of its answer. */
struct pass {
	struct client *client;
	struct line *line;	/* or NULL: none yet, or no more */
	struct h1_head req, ans;
	struct h1_body req_body, ans_body;
	struct out up;		/* to the service */
	uint64_t written;	/* of it */
	void *kept;		/* the tap's */
	int64_t sent_ns, first_ns, whole_ns, done_ns;
	uint64_t tunnel_bytes[2];
	enum outcome outcome;
	char why[160];
	unsigned char keep;	/* the client's connection, afterwards */
	unsigned char to_head;	/* HEAD */
	unsigned char headed;	/* the final head is on its way */
	unsigned char answered;	/* and all of the answer */
	unsigned char dechunk;	/* content alone, to an HTTP/1.0 client */
	unsigned char tunnel;
	unsigned char ended;	/* the tap was told */
};

struct proxy {
	struct proxy_opts o;
	struct upstream *upstream;
	struct side listener, waker;
	char url[300];
	int epoll;
	pthread_t thread;
	int has_thread;
	atomic_uint busy, connections;
	atomic_int quiet, ending;

	/* the thread's own */
	int64_t now_ns, sweep_ns, accept_ns;
	int listening;
	size_t held;
	struct node lists[LIST_N];
	struct node kept;	/* lines, the oldest first */
	size_t n_kept;
	struct h1_head *heads[SPARE_MAX];	/* spare */
	struct pass *passes[SPARE_MAX];
	size_t n_heads, n_passes;
	struct ex_header *headers;	/* to tell the tap */
	size_t cap_headers;
	struct client *ready, **last_ready;
	struct client *dead_clients;
	struct line *dead_lines;
	char scratch[SCRATCH_BYTES];
};

/* ---- proxy_io.c ------------------------------------------------------- */

void node_init(struct node *head);
void node_put(struct node *head, struct node *n, int64_t now_ns);
void node_take(struct node *n);

void out_init(struct out *o);
void out_fini(struct out *o);
void out_add(struct out *o, const char *p, size_t n);
size_t out_left(const struct out *o);
/* n bytes are gone. */
void out_gone(struct out *o, size_t n);

/* Watches a socket from now on, both ways. returns 0 or -1 */
int side_watch(struct proxy *p, struct side *s);

/* Writes what goes. returns bytes, or -1: the other end is gone */
ssize_t client_flush(struct client *c);
/* Puts it in a list, or again at its end: something happened. */
void client_list(struct proxy *p, struct client *c, enum client_list list);
void client_make_ready(struct proxy *p, struct client *c);
/* How much may be read for it now; 0: not until what waits has gone. */
size_t room_for(const struct proxy *p, const struct out *o);

/* ---- proxy_spare.c ---------------------------------------------------- */

/* An empty head of a request. NULL: no memory */
struct h1_head *head_new(struct proxy *p);
/* NULL is safe. */
void head_free(struct proxy *p, struct h1_head *h);

/* One whose heads and buffer are empty, and all else is zero, its bodies too.
 * NULL: no memory */
struct pass *pass_new(struct proxy *p);
void pass_free(struct proxy *p, struct pass *x);

/* Room for n headers, until the next call. NULL: no memory */
struct ex_header *header_room(struct proxy *p, size_t n);

/* Frees what waits to be used again. */
void pass_free_spare(struct proxy *p);

/* ---- proxy_line.c ----------------------------------------------------- */

/*
 * A connection to the service, a kept one if there is.
 * returns NULL with *why: none can be made
 */
struct line *line_get(struct proxy *p, struct client *c, char why[128]);
/* Keeps it for another request. */
void line_keep(struct proxy *p, struct line *l);
void line_close(struct proxy *p, struct line *l);
/* An event of a kept one: it closes, or has sent what nobody asked for. */
void line_idle_event(struct proxy *p, struct line *l);
/* returns 1 there; 0 not yet; -1 failed, see upstream_conn_step() */
int line_step(struct proxy *p, struct line *l, enum outcome *outcome,
    char why[128]);
/* Closes kept ones that have been idle for too long; all of them. */
void line_sweep(struct proxy *p, int all);

/* ---- proxy_compose.c -------------------------------------------------- */

/* The request's head as the service gets it. */
void compose_request(struct out *to, const struct h1_head *h,
    const struct upstream *u);

/*
 * The answer's head as the client gets it.
 * minor    of the client's HTTP/1.minor
 * keep     its connection, afterwards
 * dechunk  leave out Transfer-Encoding
 */
void compose_answer(struct out *to, const struct h1_head *h, int minor,
    int keep, int dechunk);

/* A whole answer of our own, why as JSON. */
void compose_own(struct out *to, int status, const char *why, int keep,
    int to_head);

/* ---- proxy_pass.c ----------------------------------------------------- */

/* Takes a whole and sound head, which is freed; sets c->pass.
 * returns 0, or -1: no memory */
int pass_begin(struct proxy *p, struct client *c, struct h1_head *head);

/* More bytes of the client. returns how many belong to the request; *no is
 * set when they are refused */
size_t pass_request_bytes(struct proxy *p, struct pass *x, const char *bytes,
    size_t n, struct h1_refusal *no);

/* Whether it can take more of the client's bytes: 0, or how many. */
size_t pass_wants(const struct proxy *p, const struct pass *x);

/* Does what can be done. returns whether anything was; c->pass is NULL when
 * it is over, and c says whether it goes on */
int pass_run(struct proxy *p, struct pass *x);

/* The client has gone, or we give up; frees it. */
void pass_cut(struct proxy *p, struct pass *x, const char *why);
/* Bytes of its request are refused; frees it. */
void pass_refuse(struct proxy *p, struct pass *x,
    const struct h1_refusal *no);
/* The service, or the client, has been quiet for too long. */
void pass_timeout(struct proxy *p, struct pass *x, const char *why);
/* The client writes no more. */
void pass_client_eof(struct proxy *p, struct pass *x);

/* ---- proxy_client.c --------------------------------------------------- */

void client_new(struct proxy *p, int fd);
void client_run(struct proxy *p, struct client *c);
void client_close(struct proxy *p, struct client *c, const char *why);
/* Refuses what it has sent of a head. */
void client_refuse(struct proxy *p, struct client *c,
    const struct h1_refusal *no);
/* Frees what has died in this turn. */
void client_bury(struct proxy *p);

#endif
