/*
 * One request on its way to the service, and its answer back; see
 * proxy_part.h.  Bytes go on as they were framed; what is looked at is where
 * the messages end and what their content is.
 */
#include "replay/proxy_part.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mono.h"

/* ---- from the head on ------------------------------------------------- */

static void
tell_begin(struct proxy *p, struct pass *x)
{
	struct ex_header *headers = header_room(p, x->req.n_fields);
	struct proxy_request r = {
		.method = x->req.method, .target = x->req.target,
		.headers = headers, .n_headers = x->req.n_fields,
		.has_body = x->req.framing != H1_BODY_NONE,
		.length = x->req.framing == H1_BODY_CHUNKED ? -1 :
		    (int64_t)x->req.length,
	};

	if (headers != NULL) {
		h1_head_seal(&x->req, headers);
		x->kept = p->o.tap.begin(p->o.tap.ctx, &r);
	}
}

int
pass_begin(struct proxy *p, struct client *c, struct h1_head *head)
{
	struct pass *x = pass_new(p);
	struct h1_head spare;

	if (x == NULL)
		return -1;
	x->client = c;
	spare = x->req;
	x->req = *head;
	*head = spare;
	head_free(p, head);
	x->sent_ns = x->first_ns = x->whole_ns = x->done_ns = -1;
	x->keep = (unsigned char)x->req.keep;
	x->to_head = x->req.method.n == 4 &&
	    memcmp(x->req.method.p, "HEAD", 4) == 0;
	h1_body_init(&x->req_body, x->req.framing, x->req.length, 1);
	h1_body_init(&x->ans_body, H1_BODY_NONE, 0, 0);
	compose_request(&x->up, &x->req, p->upstream);
	c->pass = x;
	(void)atomic_fetch_add(&p->busy, 1);
	client_list(p, c, LIST_CONNECT);
	tell_begin(p, x);
	return 0;
}

struct tell {
	struct proxy *p;
	struct pass *x;
};

static void
tell_request(void *ctx, const char *bytes, size_t n)
{
	struct tell *t = ctx;

	if (t->x->kept != NULL)
		t->p->o.tap.request_bytes(t->x->kept, bytes, n);
}

size_t
pass_wants(const struct proxy *p, const struct pass *x)
{
	if (!x->tunnel && (x->req_body.done || x->answered))
		return 0;
	/* The service takes no more, but may still have something to say. */
	if (x->line != NULL && x->line->broken)
		return SCRATCH_BYTES;
	return room_for(p, &x->up);
}

static size_t
tunnel_bytes(struct pass *x, const char *bytes, size_t n)
{
	if (x->line == NULL || !x->line->broken)
		out_add(&x->up, bytes, n);
	x->tunnel_bytes[0] += n;
	return n;
}

size_t
pass_request_bytes(struct proxy *p, struct pass *x, const char *bytes,
    size_t n, struct h1_refusal *no)
{
	struct tell t = { p, x };
	size_t used;

	if (x->tunnel)
		return tunnel_bytes(x, bytes, n);
	if (x->req_body.done || x->answered)
		return 0;
	used = h1_body_feed(&x->req_body, bytes, n, tell_request, &t);
	if (x->line == NULL || !x->line->broken)
		out_add(&x->up, bytes, used);
	if (x->req_body.bad != NULL) {
		no->status = 400;
		no->reason = x->req_body.bad;
	} else if (x->req_body.content > p->o.body_max) {
		no->status = 413;
		no->reason = "request too large";
	} else if (p->o.tap.full != NULL &&
	    p->o.tap.full(p->o.tap.ctx, x->kept)) {
		no->status = 503;
		no->reason = "no room for the request, send it again";
	}
	return used;
}

/* ---- the end ---------------------------------------------------------- */

static void
tell_end(struct proxy *p, struct pass *x, enum proxy_how how,
    const char *why)
{
	struct proxy_end e = {
		.how = how, .outcome = x->outcome, .why = why,
		.left = why != NULL && how != PROXY_REFUSED,
		.sent_ns = x->sent_ns, .first_ns = x->first_ns,
		.done_ns = x->done_ns < 0 ? p->now_ns : x->done_ns,
		.trailers = { buf_str(&x->req_body.trailers),
		    buf_str(&x->ans_body.trailers) },
		.tunnel = { x->tunnel_bytes[0], x->tunnel_bytes[1] },
		.upgraded = x->tunnel,
	};

	/* Waiting for a slow upload is not the service's time. */
	if (x->whole_ns >= 0 && (x->first_ns < 0 ||
	    x->first_ns >= x->whole_ns))
		e.sent_ns = x->whole_ns;
	if (e.why == NULL && x->outcome != OUTCOME_OK)
		e.why = x->why;
	if (!x->ended)
		p->o.tap.end(p->o.tap.ctx, x->kept, &e);
	x->ended = 1;
}

static void
drop_line(struct proxy *p, struct pass *x)
{
	if (x->line != NULL)
		line_close(p, x->line);
	x->line = NULL;
}

static void
pass_over(struct proxy *p, struct pass *x)
{
	drop_line(p, x);
	x->client->pass = NULL;
	(void)atomic_fetch_sub(&p->busy, 1);
	pass_free(p, x);
}

void
pass_cut(struct proxy *p, struct pass *x, const char *why)
{
	int whole = x->req_body.done || x->headed;

	x->outcome = OUTCOME_RESET;
	tell_end(p, x, whole ? PROXY_PASSED : PROXY_CUT, whole ? why :
	    "the client left within its request");
	pass_over(p, x);
}

/* An answer of our own, or what there is of the service's cut off. */
static void
answer_own(struct pass *x, int status, const char *why)
{
	struct client *c = x->client;
	int whole = x->req_body.done;

	if (x->headed) {
		c->closing = 1;
		c->reset |= x->dechunk ||
		    x->ans_body.framing == H1_BODY_TO_END;
		return;
	}
	x->keep &= whole;
	compose_own(&c->out, status, why, x->keep, x->to_head);
	c->closing |= !x->keep;
	c->linger |= !whole;
}

void
pass_refuse(struct proxy *p, struct pass *x, const struct h1_refusal *no)
{
	x->keep = 0;
	answer_own(x, no->status, no->reason);
	tell_end(p, x, PROXY_REFUSED, no->reason);
	pass_over(p, x);
}

/* The service failed us. */
static void
fail(struct proxy *p, struct pass *x, enum outcome outcome, const char *why)
{
	char text[200];

	x->outcome = outcome;
	if (why != x->why)
		(void)snprintf(x->why, sizeof(x->why), "%s", why);
	(void)snprintf(text, sizeof(text), "the upstream service gave no "
	    "answer: %.150s", x->why);
	answer_own(x, outcome == OUTCOME_TIMEOUT ? 504 : 502, text);
	tell_end(p, x, PROXY_PASSED, NULL);
	pass_over(p, x);
}

void
pass_timeout(struct proxy *p, struct pass *x, const char *why)
{
	fail(p, x, OUTCOME_TIMEOUT, why);
}

void
pass_client_eof(struct proxy *p, struct pass *x)
{
	if (x->tunnel || x->req_body.done || x->answered)
		return;		/* half closed: it waits for its answer */
	pass_cut(p, x, "the client went away");
}

/* Everything of the answer has gone to the client. */
static void
finish(struct proxy *p, struct pass *x)
{
	struct client *c = x->client;

	c->closing |= !x->keep;
	c->linger |= c->closing && (!x->req_body.done || c->in.len > 0);
	tell_end(p, x, PROXY_PASSED, NULL);
	pass_over(p, x);
}

/* ---- the answer ------------------------------------------------------- */

static void
answer_is_whole(struct proxy *p, struct pass *x, size_t left_over)
{
	struct line *l = x->line;

	x->answered = 1;
	x->done_ns = p->now_ns;
	if (l == NULL || !x->ans.keep || left_over > 0 ||
	    !x->req_body.done || out_left(&x->up) > 0 || l->s.eof ||
	    l->broken || atomic_load(&p->quiet)) {
		drop_line(p, x);
		return;
	}
	line_keep(p, l);
	x->line = NULL;
}

static void
tell_answer(struct proxy *p, struct pass *x)
{
	struct ex_header *headers = header_room(p, x->ans.n_fields);
	struct proxy_answer a = {
		.status = x->ans.status, .headers = headers,
		.n_headers = x->ans.n_fields,
		.has_body = x->ans.framing != H1_BODY_NONE,
		.length = x->ans.framing == H1_BODY_LENGTH ?
		    (int64_t)x->ans.length : -1,
	};

	if (headers != NULL && x->kept != NULL) {
		h1_head_seal(&x->ans, headers);
		p->o.tap.answer(x->kept, &a);
	}
}

/* The final head. */
static void
take_head(struct proxy *p, struct pass *x)
{
	struct client *c = x->client;

	x->headed = 1;
	x->dechunk = x->req.minor == 0 &&
	    x->ans.framing == H1_BODY_CHUNKED;
	if (!x->req_body.done || x->dechunk ||
	    x->ans.framing == H1_BODY_TO_END || atomic_load(&p->quiet))
		x->keep = 0;
	x->tunnel = x->ans.status == 101;
	compose_answer(&c->out, &x->ans, x->req.minor, x->keep, x->dechunk);
	h1_body_init(&x->ans_body, x->ans.framing, x->ans.length, 0);
	tell_answer(p, x);
	if (x->tunnel)
		client_list(p, c, LIST_TUNNEL);
}

/* returns 1 a final head is there, 0 more must come, -1 failed: x is gone */
static int
read_head(struct proxy *p, struct pass *x, const char *bytes, size_t n,
    size_t *used)
{
	struct h1_refusal no;
	const char *why;
	int rc = h1_head_take(&x->ans, bytes, n, used, &no);

	if (rc < 0) {
		fail(p, x, OUTCOME_TOO_LARGE, "its headers are too long");
		return -1;
	}
	if (rc == 0)
		return 0;
	if (h1_head_answer(&x->ans, x->to_head, x->req.upgrade.n > 0,
	    &why) != RC_OK) {
		fail(p, x, OUTCOME_PROTOCOL, why);
		return -1;
	}
	if (x->ans.status >= 200 || x->ans.status == 101) {
		take_head(p, x);
		return 1;
	}
	if (x->req.minor == 1)
		compose_answer(&x->client->out, &x->ans, 1, 1, 0);
	h1_head_reset(&x->ans);
	return 0;
}

static void
tell_answered(void *ctx, const char *bytes, size_t n)
{
	struct tell *t = ctx;

	if (t->x->dechunk)
		out_add(&t->x->client->out, bytes, n);
	if (t->x->kept != NULL)
		t->p->o.tap.answer_bytes(t->x->kept, bytes, n, t->p->now_ns);
}

/* Bytes of the service. returns 0, or -1: x is gone */
static int
take_answer(struct proxy *p, struct pass *x, const char *bytes, size_t n)
{
	struct tell t = { p, x };
	struct out *to = &x->client->out;
	size_t at = 0, used;

	if (x->first_ns < 0) {
		/* it may come within the turn that sent the request, whose
		 * clock stands still */
		if (p->now_ns == x->sent_ns || p->now_ns == x->whole_ns)
			p->now_ns = mono_now_ns();
		x->first_ns = p->now_ns;
	}
	while (at < n && !x->answered) {
		if (x->tunnel) {
			out_add(to, bytes + at, n - at);
			x->tunnel_bytes[1] += n - at;
			return 0;
		}
		if (!x->headed) {
			if (read_head(p, x, bytes + at, n - at, &used) < 0)
				return -1;
			at += used;
		} else {
			used = h1_body_feed(&x->ans_body, bytes + at, n - at,
			    tell_answered, &t);
			if (!x->dechunk)
				out_add(to, bytes + at, used);
			at += used;
			if (x->ans_body.bad != NULL) {
				fail(p, x, OUTCOME_PROTOCOL,
				    x->ans_body.bad);
				return -1;
			}
		}
		if (x->headed && !x->tunnel && x->ans_body.done)
			answer_is_whole(p, x, n - at);
	}
	return 0;
}

/* The service has closed. returns 0, or -1: x is gone */
static int
answer_ends(struct proxy *p, struct pass *x, int error)
{
	char why[128];

	if (x->tunnel) {
		x->answered = 1;
		x->keep = 0;
		x->done_ns = p->now_ns;
		drop_line(p, x);
		return 0;
	}
	if (x->headed && error == 0 && h1_body_eof(&x->ans_body) == 0) {
		answer_is_whole(p, x, 0);
		return 0;
	}
	if (!x->headed && error == 0 && h1_head_is_foreign(&x->ans)) {
		fail(p, x, OUTCOME_PROTOCOL, "not an HTTP/1.1 answer");
		return -1;
	}
	if (!x->headed)
		(void)snprintf(why, sizeof(why), "%s before the end of the "
		    "answer's headers", error == 0 ? "closed" : "reset");
	else if (x->ans_body.framing == H1_BODY_LENGTH)
		(void)snprintf(why, sizeof(why), "%s after %llu of %llu "
		    "bytes", error == 0 ? "closed" : "reset",
		    (unsigned long long)x->ans_body.content,
		    (unsigned long long)x->ans.length);
	else
		(void)snprintf(why, sizeof(why), "%s within the answer, "
		    "after %llu bytes", error == 0 ? "closed" : "reset",
		    (unsigned long long)x->ans_body.content);
	x->client->reset |= x->headed && error != 0;
	fail(p, x, OUTCOME_RESET, why);
	return -1;
}

/* ---- the service's side ----------------------------------------------- */

/* A kept connection that broke before a byte of the request had left: the
 * request has not been sent, and may take another one. */
static int
may_take_another(const struct pass *x)
{
	return x->line->answers > 0 && x->written == 0 && !x->headed &&
	    !h1_head_begun(&x->ans);
}

/* returns 1 progress, 0 none, -1 x is gone */
static int
write_up(struct proxy *p, struct pass *x)
{
	struct line *l = x->line;
	size_t left = out_left(&x->up);
	ssize_t put;

	if (left == 0 || !l->s.writable || l->broken)
		return 0;
	if (x->sent_ns < 0)
		x->sent_ns = p->now_ns;
	put = upstream_conn_write(l->conn, x->up.b.p + x->up.at, left);
	if (put == -EAGAIN) {
		l->s.writable = 0;
		return 0;
	}
	if (put < 0 && may_take_another(x)) {
		drop_line(p, x);
		return 1;
	}
	if (put < 0) {
		/* It takes no more; it may have answered before. */
		l->broken = 1;
		l->s.readable = 1;
		out_fini(&x->up);
		return 1;
	}
	out_gone(&x->up, (size_t)put);
	x->written += (uint64_t)put;
	if (x->req_body.done && x->whole_ns < 0 && out_left(&x->up) == 0)
		x->whole_ns = p->now_ns;
	return 1;
}

/* returns 1 progress, 0 none, -1 x is gone */
static int
read_down(struct proxy *p, struct pass *x)
{
	struct line *l = x->line;
	size_t room = room_for(p, &x->client->out);
	ssize_t got;

	if (!l->s.readable || room == 0)
		return 0;
	got = upstream_conn_read(l->conn, p->scratch, room);
	if (got == -EAGAIN) {
		l->s.readable = 0;
		return 0;
	}
	if (got > 0) {
		/* a socket that gave less is empty; more is another event */
		if ((size_t)got < room && !l->s.eof && !l->tls)
			l->s.readable = 0;
		return take_answer(p, x, p->scratch, (size_t)got) == 0 ? 1 :
		    -1;
	}
	if (may_take_another(x)) {
		drop_line(p, x);
		return 1;
	}
	return answer_ends(p, x, got < 0) == 0 ? 1 : -1;
}

/* returns 1 connected, 0 not yet, -1 x is gone */
static int
connect_up(struct proxy *p, struct pass *x)
{
	enum outcome outcome = OUTCOME_UNREACHABLE;
	int rc;

	if (x->line == NULL) {
		x->line = line_get(p, x->client, x->why);
		if (x->line == NULL) {
			fail(p, x, OUTCOME_UNREACHABLE, x->why);
			return -1;
		}
	}
	if (x->line->connected)
		return 1;
	rc = line_step(p, x->line, &outcome, x->why);
	if (rc < 0)
		fail(p, x, outcome, x->why);
	return rc;
}

/* Both ends of a tunnel that have closed are told to the other. */
static void
tunnel_ends(struct pass *x)
{
	struct client *c = x->client;

	if (c->ended && c->in.len == c->in_at && !x->line->shut &&
	    out_left(&x->up) == 0) {
		upstream_conn_shut(x->line->conn);
		x->line->shut = 1;
	}
}

int
pass_run(struct proxy *p, struct pass *x)
{
	int rc, moved = 0;

	if (x->up.b.bad != RC_OK || x->client->out.b.bad != RC_OK) {
		x->client->reset = x->client->closing = 1;
		pass_cut(p, x, "out of memory");
		return 1;
	}
	if (!x->answered) {
		rc = connect_up(p, x);
		if (rc <= 0)
			return rc < 0;
		if (x->client->list == LIST_CONNECT)
			client_list(p, x->client, LIST_BUSY);
		rc = write_up(p, x);
		if (rc < 0)
			return 1;
		moved |= rc;
		if (x->line != NULL && x->tunnel)
			tunnel_ends(x);
		rc = x->line == NULL ? 1 : read_down(p, x);
		if (rc < 0)
			return 1;
		moved |= rc;
	}
	if (x->answered && out_left(&x->client->out) == 0) {
		finish(p, x);
		return 1;
	}
	return moved;
}
