/* How a recording is, over HTTP; see status.h. */
#include "replay/status.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/mono.h"
#include "replay/listen.h"

enum { HEAD_BYTES = 8192, PAGE_BYTES = 1 << 20, POST_BYTES = 17 << 20,
	SMALL_BYTES = 4096 };
/* How a post is answered, and how many of each at once: large ones as many as
 * memory may be asked for, 136 MiB; a small one does not wait for them. */
enum kind { LARGE, SMALL, REFUSED, KINDS };
static const unsigned posts_max[KINDS] = { 8, 64, 64 };
/* As PROXY.md: who still sends would see a reset, and not the answer. */
#define LINGER_NS (3 * MONO_S)
#define CLIENT_NS (2 * MONO_S)	/* for a request's head, and for its answer */
#define IDLE_NS (10 * MONO_S)	/* within a body, without a byte */

struct status {
	struct status_source from;
	int listener, wake[2];
	char url[LISTEN_URL_BYTES];
	pthread_t thread;
	pthread_mutex_t lock;		/* of posts */
	pthread_cond_t over;		/* one of them is */
	unsigned posts[KINDS];		/* each on a thread of its own */
};

/* One of them. */
struct poster {
	struct status *s;
	int fd;
	enum kind kind;
	char head[HEAD_BYTES];
};

/* Waits for a socket. returns 0, or -1: the time is over, or the end came */
static int
await(const struct status *s, int fd, short events, int64_t until_ns)
{
	struct pollfd p[2] = { { fd, events, 0 }, { s->wake[0], POLLIN, 0 } };
	int64_t left = until_ns - mono_now_ns();

	if (left <= 0 || poll(p, 2, (int)(left / MONO_MS) + 1) <= 0)
		return -1;
	return p[1].revents != 0 || p[0].revents == 0 ? -1 : 0;
}

/* The head of a request. returns 0, or -1 */
static int
read_head(const struct status *s, int fd, char head[HEAD_BYTES])
{
	int64_t until = mono_now_ns() + CLIENT_NS;
	size_t n = 0;
	ssize_t got;

	head[0] = '\0';
	while (strstr(head, "\r\n\r\n") == NULL) {
		if (n + 1 == HEAD_BYTES || await(s, fd, POLLIN, until) != 0)
			return -1;
		got = read(fd, head + n, HEAD_BYTES - 1 - n);
		if (got <= 0 && !(got < 0 && errno == EAGAIN))
			return -1;
		n += got > 0 ? (size_t)got : 0;
		head[n] = '\0';
	}
	return 0;
}

static void
write_all(const struct status *s, int fd, const char *p, size_t n)
{
	int64_t until = mono_now_ns() + CLIENT_NS;
	ssize_t sent;

	while (n > 0) {
		sent = send(fd, p, n, MSG_NOSIGNAL);
		if (sent < 0 && errno == EAGAIN) {
			if (await(s, fd, POLLOUT, until) != 0)
				return;
			continue;
		}
		if (sent <= 0)
			return;
		p += sent;
		n -= (size_t)sent;
	}
}

static int
asks_for(const char *head, const char *path)
{
	size_t n = strlen(path);

	if (strncmp(head, "GET ", 4) == 0)
		head += 4;
	else if (strncmp(head, "HEAD ", 5) == 0)
		head += 5;
	else
		return 0;
	return strncmp(head, path, n) == 0 && (head[n] == ' ' ||
	    head[n] == '?');
}

static const char *
gate_line(int status)
{
	switch (status) {
	case 200:
		return "200 OK";
	case 400:
		return "400 Bad Request";
	case 401:
		return "401 Unauthorized";
	case 403:
		return "403 Forbidden";
	case 409:
		return "409 Conflict";
	default:
		return "503 Service Unavailable";
	}
}

/* What a browser may do with what we send: nothing but show it. */
static const char policy[] = "Content-Security-Policy: default-src 'none'; "
    "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'\r\nX-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\nCache-Control: no-store\r\n";

/* The value of a header line, or NULL; up to the line's end. */
static const char *
header(const char *head, const char *name)
{
	const char *p = strcasestr(head, name);

	return p == NULL ? NULL : p + strlen(name) + strspn(p + strlen(name),
	    " \t");
}

static unsigned long long
body_length(const char *head)
{
	const char *length = header(head, "\r\nContent-Length:");

	return length == NULL ? 0 : strtoull(length, NULL, 10);
}

/* The body of a POST, of which the first bytes stand behind the head; a slow
 * link has the time that it needs. returns 0, or -1 */
static int
read_body(const struct status *s, int fd, const char *head, struct buf *body)
{
	const char *begun = strstr(head, "\r\n\r\n") + 4;
	const unsigned long long n = body_length(head);
	char piece[65536];
	ssize_t got;

	if (n == 0 || n > POST_BYTES)
		return -1;
	buf_puts(body, begun);
	while (body->len < n) {
		if (await(s, fd, POLLIN, mono_now_ns() + IDLE_NS) != 0)
			return -1;
		got = read(fd, piece, sizeof(piece));
		if (got <= 0 && !(got < 0 && errno == EAGAIN))
			return -1;
		if (got > 0)
			buf_add(body, piece, (size_t)got);
	}
	return body->bad == RC_OK ? 0 : -1;
}

static const char *
take_post(const struct status *s, int fd, const char *head, struct buf *page)
{
	const char *auth = header(head, "\r\nAuthorization:");
	char value[512] = "";
	struct buf body;
	int status;

	if (auth != NULL)
		(void)snprintf(value, sizeof(value), "%.*s",
		    (int)strcspn(auth, "\r\n"), auth);
	status = s->from.post(s->from.ctx, value, NULL, 0, page);
	if (status != 200)
		return gate_line(status);
	buf_init(&body, POST_BYTES + HEAD_BYTES);
	status = read_body(s, fd, head, &body) != 0 ? 400 :
	    s->from.post(s->from.ctx, value, buf_str(&body), body.len, page);
	buf_fini(&body);
	return gate_line(status);
}

static const char plain[] = "text/plain; charset=utf-8";

static int
is_post(const struct status *s, const char *head)
{
	return s->from.post != NULL &&
	    strncmp(head, "POST /v1/pairs ", 15) == 0;
}

static void
reply(const struct status *s, int fd, const char *head, const char *line,
    const char *type, const struct buf *page)
{
	struct buf out;

	buf_init(&out, PAGE_BYTES + HEAD_BYTES);
	buf_printf(&out, "HTTP/1.1 %s\r\nContent-Type: %s\r\n%s%sContent-"
	    "Length: %zu\r\nConnection: close\r\n\r\n", line, type, policy,
	    strncmp(head, "POST ", 5) == 0 && strncmp(line, "503", 3) == 0 ?
	    "Retry-After: 1\r\n" : "", page->len);
	if (strncmp(head, "HEAD ", 5) != 0)
		buf_add(&out, buf_str(page), page->len);
	write_all(s, fd, buf_str(&out), out.len);
	buf_fini(&out);
}

static void
answer(const struct status *s, int fd, const char *head)
{
	const char *line = "200 OK", *type = plain;
	struct buf page;

	buf_init(&page, PAGE_BYTES);
	if (asks_for(head, "/metrics")) {
		type = "application/openmetrics-text; version=1.0.0; "
		    "charset=utf-8";
		s->from.metrics(s->from.ctx, &page);
		buf_puts(&page, "# EOF\n");
	} else if (asks_for(head, "/readyz")) {
		s->from.trouble(s->from.ctx, &page);
		line = page.len == 0 ? line : "503 Service Unavailable";
		buf_puts(&page, page.len == 0 ? "ready\n" : "\n");
	} else if (asks_for(head, "/healthz")) {
		buf_puts(&page, "running\n");
	} else if (s->from.status != NULL && asks_for(head, "/status")) {
		type = "application/json";
		s->from.status(s->from.ctx, &page);
	} else if (s->from.gate != NULL && asks_for(head, "/gate")) {
		line = gate_line(s->from.gate(s->from.ctx, &page));
	} else if (is_post(s, head)) {
		line = gate_line(503);
		buf_puts(&page, "too many posts at once\n");
	} else if (s->from.page != NULL && asks_for(head, "/")) {
		type = "text/html; charset=utf-8";
		s->from.page(s->from.ctx, &page);
	} else {
		line = "404 Not Found";
		buf_printf(&page, "GET %s/healthz, /readyz%s%s or /metrics\n",
		    s->from.page != NULL ? "/, " : "",
		    s->from.status != NULL ? ", /status" : "",
		    s->from.gate != NULL ? ", /gate" : "");
	}
	reply(s, fd, head, line, type, &page);
	buf_fini(&page);
}

/* ---- posts ------------------------------------------------------------- */

static void
leave(struct status *s, enum kind kind)
{
	(void)pthread_mutex_lock(&s->lock);
	s->posts[kind]--;
	(void)pthread_cond_signal(&s->over);
	(void)pthread_mutex_unlock(&s->lock);
}

/* returns 0, or -1: there are too many */
static int
enter(struct status *s, enum kind kind)
{
	int full;

	(void)pthread_mutex_lock(&s->lock);
	full = s->posts[kind] == posts_max[kind];
	s->posts[kind] += !full;
	(void)pthread_mutex_unlock(&s->lock);
	return full ? -1 : 0;
}

/* Reads on what the client still sends, and throws it away. */
static void
read_on(const struct status *s, int fd)
{
	const int64_t until = mono_now_ns() + LINGER_NS;
	char piece[16384];
	ssize_t got = 1;

	(void)shutdown(fd, SHUT_WR);
	while (got != 0 && await(s, fd, POLLIN, until) == 0) {
		got = read(fd, piece, sizeof(piece));
		if (got < 0 && errno != EAGAIN)
			break;
	}
}

/* Who was refused takes no place of those that are not. */
static void
end_refused(struct status *s, struct poster *p)
{
	int full;

	(void)pthread_mutex_lock(&s->lock);
	full = p->kind != REFUSED && s->posts[REFUSED] == posts_max[REFUSED];
	if (!full) {
		s->posts[p->kind]--;
		s->posts[REFUSED]++;
		p->kind = REFUSED;
	}
	(void)pthread_mutex_unlock(&s->lock);
	if (!full)
		read_on(s, p->fd);
}

static void *
poster_main(void *ctx)
{
	struct poster *p = ctx;
	struct status *s = p->s;
	int refused = p->kind == REFUSED;
	const char *line;
	struct buf page;

	if (refused) {
		answer(s, p->fd, p->head);
	} else {
		buf_init(&page, PAGE_BYTES);
		line = take_post(s, p->fd, p->head, &page);
		reply(s, p->fd, p->head, line, plain, &page);
		buf_fini(&page);
		refused = strncmp(line, "200", 3) != 0;
	}
	if (refused)
		end_refused(s, p);
	(void)close(p->fd);
	leave(s, p->kind);
	free(p);
	return NULL;
}

/* returns 0, and its thread closes fd; -1: there are too many, or no memory */
static int
begin_thread(struct status *s, int fd, const char *head, enum kind kind)
{
	struct poster *p = NULL;
	pthread_t thread;

	if (enter(s, kind) != 0)
		return -1;
	p = malloc(sizeof(*p));
	if (p != NULL) {
		p->s = s;
		p->fd = fd;
		p->kind = kind;
		memcpy(p->head, head, HEAD_BYTES);
		if (pthread_create(&thread, NULL, poster_main, p) == 0) {
			(void)pthread_detach(thread);
			return 0;
		}
	}
	free(p);
	leave(s, kind);
	return -1;
}

/* What has a body may take its time, and nobody waits for it. returns as
 * begin_thread() */
static int
begin_post(struct status *s, int fd, const char *head)
{
	const enum kind kind = body_length(head) > SMALL_BYTES ? LARGE : SMALL;

	if (strncmp(head, "GET ", 4) == 0 || strncmp(head, "HEAD ", 5) == 0)
		return -1;
	if (is_post(s, head) && begin_thread(s, fd, head, kind) == 0)
		return 0;
	return begin_thread(s, fd, head, REFUSED);
}

static void *
status_main(void *ctx)
{
	struct status *s = ctx;
	struct pollfd p[2] = { { s->listener, POLLIN, 0 },
		{ s->wake[0], POLLIN, 0 } };
	char head[HEAD_BYTES] = "";
	int fd;

	for (;;) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			break;
		if (p[1].revents != 0)
			break;
		fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC |
		    SOCK_NONBLOCK);
		if (fd < 0) {
			/* out of files: not at full speed */
			mono_sleep_until_ns(mono_now_ns() + 10 * MONO_MS);
			continue;
		}
		if (read_head(s, fd, head) == 0) {
			if (begin_post(s, fd, head) == 0)
				continue;
			answer(s, fd, head);
		}
		(void)close(fd);
	}
	return NULL;
}

static void
status_free(struct status *s)
{
	int i;

	for (i = 0; i < 2; i++) {
		if (s->wake[i] >= 0)
			(void)close(s->wake[i]);
	}
	if (s->listener >= 0)
		(void)close(s->listener);
	(void)pthread_cond_destroy(&s->over);
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
}

int
status_start(const char *listen, const struct status_source *from,
    struct status **out, struct err *err)
{
	struct status *s = calloc(1, sizeof(*s));
	int rc;

	*out = NULL;
	if (s == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	s->from = *from;
	(void)pthread_mutex_init(&s->lock, NULL);
	(void)pthread_cond_init(&s->over, NULL);
	s->listener = s->wake[0] = s->wake[1] = -1;
	rc = listen_open(listen, &s->listener, s->url, err);
	if (rc == RC_OK && pipe2(s->wake, O_CLOEXEC) != 0)
		rc = err_errno(err, RC_NET, "pipe");
	if (rc == RC_OK && pthread_create(&s->thread, NULL, status_main,
	    s) != 0)
		rc = err_set(err, RC_NOMEM, "cannot start a thread");
	if (rc != RC_OK)
		status_free(s);
	else
		*out = s;
	return rc;
}

void
status_stop(struct status **sp)
{
	struct status *s = *sp;

	*sp = NULL;
	if (s == NULL)
		return;
	(void)close(s->wake[1]);
	s->wake[1] = -1;
	(void)pthread_join(s->thread, NULL);
	(void)pthread_mutex_lock(&s->lock);
	while (s->posts[LARGE] + s->posts[SMALL] + s->posts[REFUSED] > 0)
		(void)pthread_cond_wait(&s->over, &s->lock);
	(void)pthread_mutex_unlock(&s->lock);
	status_free(s);
}

const char *
status_url(const struct status *s)
{
	return s->url;
}
