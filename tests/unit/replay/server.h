/*
 * A real HTTP server for the tests, on threads: it reads whole requests and
 * lets a handler write whatever bytes it likes.
 */
#ifndef LOCKSTEP_TESTS_SERVER_H
#define LOCKSTEP_TESTS_SERVER_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

struct server;

struct server_req {
	struct server *s;
	int fd;
	char *head;		/* request line and headers, NUL-terminated */
	char *body;
	size_t body_n;
	unsigned nth;		/* request on this connection, from 0 */
};

/* Writes an answer; returns 1 to keep the connection, 0 to close it. */
typedef int server_handler_fn(struct server_req *r);

struct server {
	int fd, port;
	server_handler_fn *handler;
	void *ctx;
	int raw;		/* the handler reads, too */
	pthread_t thread;
	atomic_int stop, live;
	atomic_ullong requests, connections;
};

static inline int
server_send(int fd, const char *p, size_t n)
{
	ssize_t k;

	while (n > 0) {
		k = send(fd, p, n, MSG_NOSIGNAL);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return -1;
		p += k;
		n -= (size_t)k;
	}
	return 0;
}

static inline int
server_puts(int fd, const char *s)
{
	return server_send(fd, s, strlen(s));
}

/* A whole JSON answer. */
static inline int
server_json(int fd, int status, const char *headers, const char *body)
{
	char head[1024];

	(void)snprintf(head, sizeof(head), "HTTP/1.1 %d X\r\n"
	    "Content-Type: application/json\r\n%sContent-Length: %zu\r\n\r\n",
	    status, headers, strlen(body));
	return server_puts(fd, head) == 0 ? server_puts(fd, body) : -1;
}

/* The value of a request header into out; returns 0, or -1 without it. */
static inline int
server_header(const struct server_req *r, const char *name, char *out,
    size_t cap)
{
	const char *p = r->head, *nl;
	size_t n = strlen(name), len;

	while ((p = strchr(p, '\n')) != NULL) {
		p++;
		if (strncasecmp(p, name, n) != 0 || p[n] != ':')
			continue;
		p += n + 1 + strspn(p + n + 1, " ");
		nl = strpbrk(p, "\r\n");
		len = nl == NULL ? strlen(p) : (size_t)(nl - p);
		if (len >= cap)
			return -1;
		memcpy(out, p, len);
		out[len] = '\0';
		return 0;
	}
	return -1;
}

/* Reads one request; returns 1, or 0 when the client is gone. */
static inline int
server_read(struct server_req *r, char *buf, size_t cap)
{
	size_t n = 0, head_n = 0, need = 0;
	char *end = NULL, length[32];
	ssize_t k;

	for (;;) {
		k = recv(r->fd, buf + n, cap - 1 - n, 0);
		if (k <= 0)
			return 0;
		n += (size_t)k;
		buf[n] = '\0';
		if (end == NULL && (end = strstr(buf, "\r\n\r\n")) != NULL) {
			head_n = (size_t)(end - buf) + 4;
			end[2] = '\0';
			r->head = buf;
			if (server_header(r, "content-length", length,
			    sizeof(length)) == 0)
				need = strtoul(length, NULL, 10);
		}
		if (end != NULL && n >= head_n + need)
			break;
		if (n == cap - 1)
			return 0;
	}
	r->body = buf + head_n;
	r->body_n = need;
	return 1;
}

static inline void *
server_conn(void *ctx)
{
	enum { CAP = 1 << 20 };
	struct server_req r = *(struct server_req *)ctx;
	struct server *s = r.s;
	char *buf = malloc(CAP);

	free(ctx);
	if (s->raw) {
		(void)s->handler(&r);
	} else {
		while (buf != NULL && server_read(&r, buf, CAP)) {
			atomic_fetch_add(&s->requests, 1);
			if (!s->handler(&r))
				break;
			r.nth++;
		}
	}
	(void)close(r.fd);
	free(buf);
	atomic_fetch_sub(&s->live, 1);
	return NULL;
}

static inline void *
server_main(void *ctx)
{
	struct server *s = ctx;
	struct server_req *r;
	pthread_t t;
	int fd, one = 1;

	while (!atomic_load(&s->stop)) {
		fd = accept(s->fd, NULL, NULL);
		if (fd < 0)
			continue;
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one,
		    sizeof(one));
		r = calloc(1, sizeof(*r));
		if (r == NULL || atomic_load(&s->stop)) {
			free(r);
			(void)close(fd);
			continue;
		}
		r->s = s;
		r->fd = fd;
		atomic_fetch_add(&s->connections, 1);
		atomic_fetch_add(&s->live, 1);
		if (pthread_create(&t, NULL, server_conn, r) != 0) {
			free(r);
			(void)close(fd);
			atomic_fetch_sub(&s->live, 1);
			continue;
		}
		(void)pthread_detach(t);
	}
	return NULL;
}

/* Listens on a free port of 127.0.0.1; returns 0 or -1. */
static inline int
server_start(struct server *s, server_handler_fn *handler, void *ctx, int raw)
{
	struct sockaddr_in a;
	socklen_t n = sizeof(a);

	memset(s, 0, sizeof(*s));
	memset(&a, 0, sizeof(a));
	s->handler = handler;
	s->ctx = ctx;
	s->raw = raw;
	a.sin_family = AF_INET;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->fd < 0 || bind(s->fd, (struct sockaddr *)&a, n) != 0 ||
	    listen(s->fd, 512) != 0 ||
	    getsockname(s->fd, (struct sockaddr *)&a, &n) != 0)
		return -1;
	s->port = ntohs(a.sin_port);
	return pthread_create(&s->thread, NULL, server_main, s) != 0 ? -1 : 0;
}

enum { SERVER_URL_MAX = 64 };

/* Starts it and tells its address; returns 0 or -1. */
static inline int
server_at(struct server *s, server_handler_fn *handler, void *ctx,
    char url[SERVER_URL_MAX])
{
	if (server_start(s, handler, ctx, 0) != 0)
		return -1;
	(void)snprintf(url, SERVER_URL_MAX, "http://127.0.0.1:%d", s->port);
	return 0;
}

/* Clients have closed their connections, unless a test failed half-way:
 * waits for the threads, but not for ever. */
static inline void
server_stop(struct server *s)
{
	struct sockaddr_in a;
	int fd = socket(AF_INET, SOCK_STREAM, 0), ms = 0;

	atomic_store(&s->stop, 1);
	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a.sin_port = htons((unsigned short)s->port);
	(void)connect(fd, (struct sockaddr *)&a, sizeof(a));
	(void)pthread_join(s->thread, NULL);
	(void)close(fd);
	(void)close(s->fd);
	while (atomic_load(&s->live) > 0 && ms++ < 20000)
		(void)usleep(1000);
}

#endif
