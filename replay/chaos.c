/* A front that injects faults; see chaos.h. */
#include "replay/chaos.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/hash.h"
#include "harness/base/mono.h"
#include "harness/base/rng.h"
#include "replay/fetch.h"
#include "replay/listen.h"

enum { HEAD_MAX = 64 << 10, BODY_MAX = 16 << 20, ATTEMPTS_MAX = 1 << 16,
	HEADERS_MAX = 64, CLIENTS_MAX = 512, AFTER_S = 1, AFTER_DATE_S = 2 };
#define IDLE_NS (30 * MONO_S)
#define ANSWER_NS (60 * MONO_S)

struct chaos {
	struct chaos_opts o;
	int listener;
	char url[LISTEN_URL_BYTES];
	char *upstream;
	pthread_t thread;
	atomic_int stopping, clients;
	int64_t begun_ns;
	pthread_mutex_t mu;
	struct chaos_attempt *v;
	size_t n, cap;
};

/* One connection of the client. */
struct client {
	struct chaos *c;
	int fd;
	struct fetch *up;
	struct buf in;			/* bytes that came, and NUL */
	char *method, *target;		/* in `in` */
	struct ex_header h[HEADERS_MAX];
	size_t n_h, head_n, body_n;
};

static const char *const names[CHAOS_FAULT_N] = {
	"passed on", "latency", "429 with seconds", "429 with a date", "503",
	"500", "reset", "half an answer", "400"
};

const char *
chaos_name(enum chaos_fault f)
{
	return names[f];
}

/* ---- which fault -------------------------------------------------------- */

static enum chaos_fault
draw(const struct chaos *c, uint64_t request, int nth)
{
	enum chaos_fault f;

	if (rng_unit(c->o.seed, request, 0) >= c->o.share)
		return CHAOS_NONE;
	f = (enum chaos_fault)(1 + rng_below(c->o.seed, request, 1,
	    CHAOS_FAULT_N - 1));
	if (f == CHAOS_400)
		return f;
	return nth < c->o.times ? f : CHAOS_NONE;
}

static int64_t
after_of(enum chaos_fault f)
{
	return f == CHAOS_429_SECONDS ? AFTER_S * MONO_S :
	    f == CHAOS_429_DATE ? AFTER_DATE_S * MONO_S : -1;
}

static int
status_of(enum chaos_fault f)
{
	switch (f) {
	case CHAOS_429_SECONDS:
	case CHAOS_429_DATE:
		return 429;
	case CHAOS_503:
		return 503;
	case CHAOS_500:
		return 500;
	case CHAOS_400:
		return 400;
	default:
		return 0;
	}
}

/* Notes an attempt. *at: where it is, or SIZE_MAX: there are too many */
static enum chaos_fault
note(struct chaos *c, const struct client *q, const char *key, size_t *at)
{
	struct chaos_attempt *v, a = { .at_ns = mono_now_ns() - c->begun_ns };
	struct buf b;
	size_t i, cap;
	int nth = 0;

	buf_init(&b, HEAD_MAX + BODY_MAX + 16);
	buf_printf(&b, "%s %s\n", q->method, q->target);
	buf_add(&b, q->in.p + q->head_n, q->body_n);
	a.request = hash_u64(buf_str(&b), b.len);
	buf_fini(&b);
	(void)snprintf(a.key, sizeof(a.key), "%.79s", key);
	*at = SIZE_MAX;
	(void)pthread_mutex_lock(&c->mu);
	for (i = 0; i < c->n; i++)
		nth += c->v[i].request == a.request;
	/* beyond what is remembered everything is passed on */
	a.fault = c->n == ATTEMPTS_MAX ? CHAOS_NONE :
	    draw(c, a.request, nth);
	a.after_ns = after_of(a.fault);
	a.status = status_of(a.fault);
	if (c->n == c->cap && c->n < ATTEMPTS_MAX) {
		cap = c->cap == 0 ? 256 : c->cap * 2;
		v = realloc(c->v, cap * sizeof(*v));
		if (v != NULL) {
			c->v = v;
			c->cap = cap;
		}
	}
	if (c->n < c->cap) {
		*at = c->n;
		c->v[c->n++] = a;
	}
	(void)pthread_mutex_unlock(&c->mu);
	return a.fault;
}

/* ---- the client's side -------------------------------------------------- */

/* Reads more. returns 0, or -1: it went, or the end came */
static int
more(struct client *q)
{
	struct pollfd p = { .fd = q->fd, .events = POLLIN };
	int64_t until = mono_now_ns() + IDLE_NS;
	ssize_t n;
	char *to;

	while (poll(&p, 1, 50) <= 0) {
		if (atomic_load(&q->c->stopping) || mono_now_ns() > until)
			return -1;
	}
	to = buf_reserve(&q->in, 65536);
	n = to == NULL ? -1 : read(q->fd, to, 65536);
	if (n <= 0)
		return -1;
	q->in.len += (size_t)n;
	q->in.p[q->in.len] = '\0';
	return 0;
}

static const char *
header(const struct client *q, const char *name)
{
	size_t i;

	for (i = 0; i < q->n_h; i++) {
		if (strcasecmp(q->h[i].name, name) == 0)
			return q->h[i].value;
	}
	return NULL;
}

/* Splits the head, which ends with an empty line, where it stands. */
static int
split_head(struct client *q)
{
	char *line = q->in.p, *next, *colon;
	int first = 1;

	q->n_h = 0;
	for (; (next = strstr(line, "\r\n")) != NULL && next != line;
	    line = next + 2) {
		*next = '\0';
		if (first) {
			q->method = line;
			q->target = strchr(line, ' ');
			if (q->target == NULL)
				return -1;
			*q->target++ = '\0';
			if (strchr(q->target, ' ') == NULL)
				return -1;
			*strchr(q->target, ' ') = '\0';
			first = 0;
			continue;
		}
		colon = strchr(line, ':');
		if (colon == NULL || q->n_h == HEADERS_MAX)
			return -1;
		*colon = '\0';
		q->h[q->n_h].name = line;
		q->h[q->n_h++].value = colon + 1 + strspn(colon + 1, " \t");
	}
	return first ? -1 : 0;
}

/* The length that the head announces; -1: it is no length. */
static int64_t
length_of(const char *head)
{
	const char *p = strcasestr(head, "\r\ncontent-length:");
	unsigned long long n;
	char *stop;

	if (strcasestr(head, "\r\ntransfer-encoding:") != NULL)
		return -1;
	if (p == NULL)
		return 0;
	p += 17 + strspn(p + 17, " \t");
	if (*p < '0' || *p > '9')
		return -1;
	n = strtoull(p, &stop, 10);
	return *stop != '\r' || n > BODY_MAX ? -1 : (int64_t)n;
}

/* One request, whole. returns 0, or -1 */
static int
read_request(struct client *q)
{
	const char *end = NULL;
	int64_t n;

	while (q->in.len == 0 ||
	    (end = strstr(q->in.p, "\r\n\r\n")) == NULL) {
		if (q->in.len > HEAD_MAX || more(q) != 0)
			return -1;
	}
	q->head_n = (size_t)(end - q->in.p) + 4;
	n = memchr(q->in.p, '\0', q->head_n) != NULL ? -1 :
	    length_of(q->in.p);
	if (n < 0)
		return -1;
	q->body_n = (size_t)n;
	while (q->in.len - q->head_n < q->body_n) {
		if (more(q) != 0)
			return -1;
	}
	/* from here on the bytes do not move */
	return split_head(q);
}

static int
send_all(struct client *q, const char *p, size_t n)
{
	ssize_t sent;

	for (; n > 0; p += sent, n -= (size_t)sent) {
		sent = send(q->fd, p, n, MSG_NOSIGNAL);
		if (sent <= 0)
			return -1;
	}
	return 0;
}

/* An answer of our own. */
static int
own_answer(struct client *q, int status, enum chaos_fault f)
{
	time_t when = (time_t)(mono_wall_ns() / MONO_S) + AFTER_DATE_S;
	static const char said[] = "{\"error\":\"chaos\"}\n";
	char after[80] = "", date[40];
	struct buf b;
	struct tm tm;
	int rc;

	if (f == CHAOS_429_SECONDS)
		(void)snprintf(after, sizeof(after), "Retry-After: %d\r\n",
		    AFTER_S);
	if (f == CHAOS_429_DATE) {
		(void)gmtime_r(&when, &tm);
		(void)strftime(date, sizeof(date),
		    "%a, %d %b %Y %H:%M:%S GMT", &tm);
		(void)snprintf(after, sizeof(after), "Retry-After: %s\r\n",
		    date);
	}
	buf_init(&b, HEAD_MAX);
	buf_printf(&b, "HTTP/1.1 %d Injected\r\nContent-Type: application/json"
	    "\r\nContent-Length: %zu\r\n%s\r\n%s", status,
	    sizeof(said) - 1, after, said);
	rc = send_all(q, b.p, b.len);
	buf_fini(&b);
	return rc;
}

/* ---- the service's side ------------------------------------------------- */

static int
is_hop(const char *name)
{
	static const char *const hop[] = { "host", "connection",
		"content-length", "transfer-encoding", "keep-alive",
		"expect", NULL };
	size_t i;

	for (i = 0; hop[i] != NULL; i++) {
		if (strcasecmp(hop[i], name) == 0)
			return 1;
	}
	return 0;
}

/* Asks the service, and gives its answer on, or half of it. */
static int
pass_on(struct client *q, int half, int *status)
{
	struct ex_header h[HEADERS_MAX];
	struct fetch_req r = { .method = q->method, .target = q->target,
		.headers = h, .body_n = q->body_n, .timeout_ns = ANSWER_NS };
	const struct http_call *a = NULL;
	struct err err = ERR_INIT;
	struct buf b;
	size_t i;
	int rc;

	for (i = 0; i < q->n_h; i++) {
		if (!is_hop(q->h[i].name))
			h[r.n_headers++] = q->h[i];
	}
	r.body = q->body_n > 0 ? q->in.p + q->head_n : NULL;
	if (fetch_ask(q->up, &r, &a, &err) != RC_OK || a->status == 0) {
		*status = 502;
		return own_answer(q, 502, CHAOS_NONE);
	}
	*status = half ? 0 : a->status;
	buf_init(&b, HEAD_MAX + BODY_MAX);
	buf_printf(&b, "HTTP/1.1 %d Passed\r\n", a->status);
	for (i = 0; i < a->n_res_headers; i++) {
		if (!is_hop(a->res_headers[i].name))
			buf_printf(&b, "%s: %s\r\n", a->res_headers[i].name,
			    a->res_headers[i].value);
	}
	buf_printf(&b, "Content-Length: %zu\r\n\r\n", a->res_body_n);
	buf_add(&b, a->res_body, half ? a->res_body_n / 2 : a->res_body_n);
	rc = send_all(q, buf_str(&b), b.len);
	buf_fini(&b);
	return half ? -1 : rc;
}

/* One request and its answer. returns 0, or -1: the connection ends */
static int
serve(struct client *q)
{
	const struct linger now = { .l_onoff = 1 };
	const char *key = header(q, "idempotency-key");
	enum chaos_fault f;
	int status = 0, rc;
	size_t at;

	f = note(q->c, q, key == NULL ? "" : key, &at);
	if (f == CHAOS_LATENCY)
		mono_sleep_until_ns(mono_now_ns() + q->c->o.latency_ns);
	if (f == CHAOS_RESET) {
		(void)setsockopt(q->fd, SOL_SOCKET, SO_LINGER, &now,
		    sizeof(now));
		return -1;
	}
	if (f != CHAOS_NONE && f != CHAOS_LATENCY && f != CHAOS_HALF)
		return own_answer(q, status_of(f), f);
	rc = pass_on(q, f == CHAOS_HALF, &status);
	(void)pthread_mutex_lock(&q->c->mu);
	if (at != SIZE_MAX)
		q->c->v[at].status = status;
	(void)pthread_mutex_unlock(&q->c->mu);
	return rc;
}

static void *
client_main(void *ctx)
{
	struct client *q = ctx;
	struct chaos *c = q->c;
	struct http_origin_opts o = { .url = c->upstream };
	struct err err = ERR_INIT;
	const char *end;
	size_t used;
	int close_it = 0;

	buf_init(&q->in, HEAD_MAX + 2 * BODY_MAX);
	if (fetch_open(&o, BODY_MAX, &q->up, &err) == RC_OK) {
		while (!close_it && read_request(q) == 0) {
			end = header(q, "connection");
			close_it = end != NULL &&
			    strcasecmp(end, "close") == 0;
			used = q->head_n + q->body_n;
			if (serve(q) != 0)
				break;
			memmove(q->in.p, q->in.p + used, q->in.len - used);
			q->in.len -= used;
			q->in.p[q->in.len] = '\0';
		}
	}
	fetch_close(&q->up);
	buf_fini(&q->in);
	(void)close(q->fd);
	free(q);
	atomic_fetch_sub(&c->clients, 1);
	return NULL;
}

/* ---- the front ---------------------------------------------------------- */

static void
take_client(struct chaos *c, int fd)
{
	struct client *q = calloc(1, sizeof(*q));
	pthread_attr_t attr;
	pthread_t t;

	if (q == NULL || atomic_load(&c->clients) >= CLIENTS_MAX) {
		free(q);
		(void)close(fd);
		return;
	}
	q->c = c;
	q->fd = fd;
	atomic_fetch_add(&c->clients, 1);
	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&t, &attr, client_main, q) != 0) {
		atomic_fetch_sub(&c->clients, 1);
		free(q);
		(void)close(fd);
	}
	(void)pthread_attr_destroy(&attr);
}

static void *
front_main(void *ctx)
{
	struct chaos *c = ctx;
	struct pollfd p = { .fd = c->listener, .events = POLLIN };
	int fd;

	while (!atomic_load(&c->stopping)) {
		if (poll(&p, 1, 50) <= 0)
			continue;
		fd = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			take_client(c, fd);
		else
			mono_sleep_until_ns(mono_now_ns() + 10 * MONO_MS);
	}
	return NULL;
}

int
chaos_start(const struct chaos_opts *o, struct chaos **out, struct err *err)
{
	struct chaos *c = calloc(1, sizeof(*c));
	int rc;

	*out = NULL;
	if (c == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	c->o = *o;
	c->listener = -1;
	(void)pthread_mutex_init(&c->mu, NULL);
	c->upstream = strdup(o->upstream);
	c->begun_ns = mono_now_ns();
	rc = c->upstream == NULL ? err_set(err, RC_NOMEM, "out of memory") :
	    http_global_init(err);
	if (rc == RC_OK)
		rc = listen_open(o->listen, &c->listener, c->url, err);
	if (rc == RC_OK && pthread_create(&c->thread, NULL, front_main,
	    c) != 0)
		rc = err_set(err, RC_NOMEM, "cannot start a thread");
	if (rc != RC_OK) {
		if (c->listener >= 0)
			(void)close(c->listener);
		c->listener = -1;
		chaos_free(c);
		return rc;
	}
	*out = c;
	return RC_OK;
}

const char *
chaos_url(const struct chaos *c)
{
	return c->url;
}

void
chaos_stop(struct chaos *c)
{
	if (c->listener < 0)
		return;
	atomic_store(&c->stopping, 1);
	(void)pthread_join(c->thread, NULL);
	(void)close(c->listener);
	c->listener = -1;
	while (atomic_load(&c->clients) > 0)
		mono_sleep_until_ns(mono_now_ns() + MONO_MS);
}

const struct chaos_attempt *
chaos_attempts(const struct chaos *c, size_t *n)
{
	*n = c->n;
	return c->v;
}

void
chaos_free(struct chaos *c)
{
	if (c == NULL)
		return;
	chaos_stop(c);
	free(c->v);
	free(c->upstream);
	(void)pthread_mutex_destroy(&c->mu);
	free(c);
}
