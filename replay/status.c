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

enum { HEAD_BYTES = 8192, PAGE_BYTES = 1 << 20, POST_BYTES = 64 << 20 };
#define CLIENT_NS (2 * MONO_S)		/* for a request, and for its answer */

struct status {
	struct status_source from;
	int listener, wake[2];
	char url[LISTEN_URL_BYTES];
	pthread_t thread;
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

/* The body of a POST, of which the first bytes stand behind the head. returns
 * 0, or -1 */
static int
read_body(const struct status *s, int fd, const char *head, struct buf *body)
{
	const char *length = header(head, "\r\nContent-Length:");
	const char *begun = strstr(head, "\r\n\r\n") + 4;
	int64_t until = mono_now_ns() + CLIENT_NS;
	unsigned long long n = length == NULL ? 0 : strtoull(length, NULL, 10);
	char piece[65536];
	ssize_t got;

	if (n == 0 || n > POST_BYTES)
		return -1;
	buf_puts(body, begun);
	while (body->len < n) {
		if (await(s, fd, POLLIN, until) != 0)
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

static void
answer(const struct status *s, int fd, const char *head)
{
	const char *line = "200 OK", *type = "text/plain; charset=utf-8";
	struct buf page, out;

	buf_init(&page, PAGE_BYTES);
	buf_init(&out, PAGE_BYTES + HEAD_BYTES);
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
	} else if (s->from.post != NULL &&
	    strncmp(head, "POST /v1/pairs ", 15) == 0) {
		line = take_post(s, fd, head, &page);
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
	buf_printf(&out, "HTTP/1.1 %s\r\nContent-Type: %s\r\n%sContent-Length:"
	    " %zu\r\nConnection: close\r\n\r\n", line, type, policy,
	    page.len);
	if (strncmp(head, "HEAD ", 5) != 0)
		buf_add(&out, buf_str(&page), page.len);
	write_all(s, fd, buf_str(&out), out.len);
	buf_fini(&page);
	buf_fini(&out);
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
		if (read_head(s, fd, head) == 0)
			answer(s, fd, head);
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
	status_free(s);
}

const char *
status_url(const struct status *s)
{
	return s->url;
}
