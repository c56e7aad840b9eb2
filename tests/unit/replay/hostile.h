/*
 * A hostile server: the path of a request names what it does to the client.
 */
#ifndef LOCKSTEP_TESTS_HOSTILE_H
#define LOCKSTEP_TESTS_HOSTILE_H

#include "tests/unit/replay/server.h"

#define HOSTILE_CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

/* Sends s again and again, pausing between, until the client gives up. */
static inline int
hostile_flood(int fd, const char *s, unsigned pause_us)
{
	while (server_puts(fd, s) == 0) {
		if (pause_us > 0)
			(void)usleep(pause_us);
	}
	return 0;
}

static inline void
hostile_reset(int fd)
{
	struct linger l = { 1, 0 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
}

/* Waits until the client goes. */
static inline int
hostile_stall(int fd)
{
	char c;

	while (recv(fd, &c, 1, 0) > 0)
		continue;
	return 0;
}

/* 64 MiB of zeros, compressed; made before the clock runs. */
static char *hostile_gz;
static size_t hostile_gz_n;

static inline int
hostile_make_bomb(void)
{
	FILE *gz = popen("head -c 67108864 /dev/zero | gzip -1c", "r");

	hostile_gz = malloc(1 << 20);
	if (gz == NULL || hostile_gz == NULL)
		return -1;
	hostile_gz_n = fread(hostile_gz, 1, 1 << 20, gz);
	return pclose(gz);
}

static inline int
hostile_bomb(const struct server_req *r)
{
	char head[200];

	(void)snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\n"
	    "Content-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n",
	    hostile_gz_n);
	(void)server_puts(r->fd, head);
	(void)server_send(r->fd, hostile_gz, hostile_gz_n);
	return 1;
}

static inline int
hostile_deep(int fd)
{
	enum { DEEP = 10000 };
	char *p = malloc(2 * DEEP + 1);
	int keep;

	if (p == NULL)
		return 0;
	memset(p, '[', DEEP);
	memset(p + DEEP, ']', DEEP);
	p[2 * DEEP] = '\0';
	keep = server_json(fd, 200, "", p) == 0;
	free(p);
	return keep;
}

/* A long line of one letter. */
static inline int
hostile_long_line(int fd)
{
	(void)server_puts(fd, "HTTP/1.1 200 OK\r\nX: ");
	return hostile_flood(fd, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0);
}

static inline int
hostile_handler(struct server_req *r)
{
	static const struct {
		const char *path;
		const char *once, *then;	/* then: repeated */
		unsigned pause_us;
		int end;	/* 0 close, 1 stall, 2 reset, 3 keep */
	} scripts[] = {
		{ "/trickle", "HTTP/1.1 200 OK\r\nContent-Length: 100000"
		    "\r\n\r\n", "x", 10000, 0 },
		{ "/trickle-head", "HTTP/1.1 200 OK\r\nX: ", "x", 10000, 0 },
		{ "/stall", "", NULL, 0, 1 },
		{ "/stall-body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n"
		    "\r\nabc", NULL, 0, 1 },
		{ "/close", "", NULL, 0, 0 },
		{ "/reset", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
		    "{\"answer\": \"half of", NULL, 0, 2 },
		{ "/short", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
		    "{}", NULL, 0, 0 },
		{ "/long", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
		    "{}HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad",
		    NULL, 0, 3 },
		{ "/chunk-letters", HOSTILE_CHUNKED "zz\r\nhello\r\n0\r\n"
		    "\r\n", NULL, 0, 0 },
		{ "/chunk-huge", HOSTILE_CHUNKED
		    "fffffffffffffffff\r\nhello\r\n", NULL, 0, 0 },
		{ "/chunk-cut", HOSTILE_CHUNKED "10\r\nhello\r\n", NULL, 0,
		    0 },
		{ "/headers", "HTTP/1.1 200 OK\r\n",
		    "X-Header: abcdefghijklmnopqrstuvwxyz\r\n", 0, 0 },
		{ "/body", "HTTP/1.1 200 OK\r\n\r\n",
		    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"
		    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
		    0, 0 },
		{ "/chunks", HOSTILE_CHUNKED,
		    "20\r\nabcdefghijklmnopqrstuvwxyzabcdef\r\n", 0, 0 },
		{ "/announced", "HTTP/1.1 200 OK\r\n"
		    "Content-Length: 99999999999\r\n\r\n", NULL, 0, 1 },
		{ "/1xx", "", "HTTP/1.1 100 Continue\r\n\r\n", 0, 0 },
		{ "/1xx-some", "HTTP/1.1 100 Continue\r\n\r\n"
		    "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
		    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", NULL,
		    0, 3 },
		{ "/redirect", "HTTP/1.1 302 Found\r\n"
		    "Location: http://192.0.2.1/elsewhere\r\n"
		    "Content-Length: 0\r\n\r\n", NULL, 0, 3 },
		{ "/utf8", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"
		    "\xff\xfe\xc3(", NULL, 0, 3 },
		{ "/garbage", "\x16\x03\x01 this is not http at all\r\n\r\n",
		    NULL, 0, 0 },
		{ "/alert", "\x15\x03\x01", NULL, 0, 0 },
		{ "/fold", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
		    "X: a\r\n\tb\r\n\r\n{}", NULL, 0, 3 },
		{ "/fold-first", "HTTP/1.1 200 OK\r\n X: a\r\n\r\n{}", NULL,
		    0, 0 },
		{ "/same", "HTTP/1.1 200 OK\r\nContent-Length: 2 , 2\r\n"
		    "\r\n{}", NULL, 0, 3 },
		{ "/old-chunks", "HTTP/1.0 200 OK\r\nTransfer-Encoding: "
		    "chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", NULL, 0, 0 },
		{ "/status", "HTTP/1.1 abc Hm\r\n\r\n", NULL, 0, 0 },
		{ "/lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
		    "Content-Length: 3\r\n\r\n{}", NULL, 0, 0 },
		{ "/500", "HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\n{}",
		    NULL, 0, 3 },
		{ "/503", "HTTP/1.1 503 Busy\r\nRetry-After: 1\r\n"
		    "Content-Length: 0\r\n\r\n", NULL, 0, 3 },
		{ "/429", "HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n",
		    NULL, 0, 3 },
		{ "/404", "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
		    NULL, 0, 3 },
		{ "/204", "HTTP/1.1 204 None\r\n\r\n", NULL, 0, 3 },
		{ "/to-end", "HTTP/1.0 200 OK\r\n\r\n{\"a\": 1}", NULL, 0,
		    0 },
		{ "/sse", "HTTP/1.1 200 OK\r\nContent-Type: "
		    "text/event-stream\r\n\r\ndata: {\"t\": \"one\"}\n\n",
		    NULL, 0, 0 },
		{ "/sse-text", "HTTP/1.1 200 OK\r\nContent-Type: text/plain"
		    "\r\n\r\ndata: {\"t\": \"one\"}\n\n", NULL, 0, 0 },
		{ "/sse-blank", "HTTP/1.1 200 OK\r\nContent-Type: text/plain"
		    "\r\n\r\n\n\ndata: {\"t\": \"one\"}\n\n", NULL, 0, 0 },
		{ "/sse-json", "HTTP/1.1 200 OK\r\nContent-Type: text/plain"
		    "\r\n\r\n{\"answer\": \"fine\"}", NULL, 0, 0 },
		{ "/sse-none", "HTTP/1.1 204 None\r\n\r\n", NULL, 0, 3 },
		{ "/sse-end", "HTTP/1.1 200 OK\r\nContent-Type: "
		    "text/event-stream\r\n\r\ndata: {\"t\": \"\"}\n\n"
		    "data: {\"t\": \"one\"}\n\ndata: [DONE]\n\n", NULL, 0,
		    0 },
		{ "/sse-lines", "HTTP/1.1 200 OK\r\nContent-Type: "
		    "application/x-ndjson\r\n\r\n{\"t\": \"one\"}\n", NULL, 0,
		    0 },
		{ "/sse-lines-end", "HTTP/1.1 200 OK\r\nContent-Type: "
		    "application/x-ndjson\r\n\r\n{\"t\": \"\"}\n"
		    "{\"t\": \"one\"}\n[DONE]\n", NULL, 0, 0 },
	};
	const char *path = strchr(r->head, ' ') + 1;
	size_t i, n = strcspn(path, " ?");

	if (n == 9 && memcmp(path, "/one-line", n) == 0)
		return hostile_long_line(r->fd);
	if (n == 5 && memcmp(path, "/bomb", n) == 0)
		return hostile_bomb(r);
	if (n == 5 && memcmp(path, "/deep", n) == 0)
		return hostile_deep(r->fd);
	for (i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		if (strlen(scripts[i].path) != n ||
		    memcmp(path, scripts[i].path, n) != 0)
			continue;
		(void)server_puts(r->fd, scripts[i].once);
		if (scripts[i].then != NULL)
			return hostile_flood(r->fd, scripts[i].then,
			    scripts[i].pause_us);
		if (scripts[i].end == 1)
			return hostile_stall(r->fd);
		if (scripts[i].end == 2)
			hostile_reset(r->fd);
		return scripts[i].end == 3;
	}
	return server_json(r->fd, 200, "", "{\"answer\": \"fine\"}") == 0;
}

#endif
