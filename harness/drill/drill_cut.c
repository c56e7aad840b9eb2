/* Clients that go away in the middle; see drill_part.h. */
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <strings.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/drill/drill_part.h"

enum { WAIT_MS = 2000, HOST_MAX = 256, HEAD_MAX = 1 << 20 };

/* "host:port" of http://host:port/prefix, with the prefix. */
static int
split(const char *url, char host[HOST_MAX], char port[16],
    const char **prefix)
{
	size_t n;
	const char *end;

	if (strncasecmp(url, "http://", 7) != 0)
		return -1;
	url += 7;
	end = url + strcspn(url, "/");
	*prefix = end;
	if (*url == '[') {
		url++;
		n = strcspn(url, "]");
	} else {
		n = strcspn(url, ":/");
	}
	if (n >= HOST_MAX)
		return -1;
	(void)snprintf(host, HOST_MAX, "%.*s", (int)n, url);
	url += n + (url[n] == ']');
	(void)snprintf(port, 16, "%.*s", *url == ':' ?
	    (int)(end - url - 1) : 2, *url == ':' ? url + 1 : "80");
	return 0;
}

int
cut_can(const struct drill *d, enum arm arm)
{
	char host[HOST_MAX], port[16];
	const char *prefix;

	return d->stack[arm].t->unix_socket == NULL &&
	    split(d->stack[arm].url, host, port, &prefix) == 0;
}

static int
dial(const char *host, const char *port)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct timeval limit = { .tv_sec = WAIT_MS / 1000 };
	struct addrinfo *all, *ai;
	int fd = -1;

	if (getaddrinfo(host, port, &hints, &all) != 0)
		return -1;
	for (ai = all; ai != NULL && fd < 0; ai = ai->ai_next) {
		fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd < 0)
			continue;
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit,
		    sizeof(limit));
		if (connect(fd, ai->ai_addr, ai->ai_addrlen) != 0) {
			(void)close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(all);
	return fd;
}

static void
write_head(struct buf *b, const struct ask *a, const char *prefix,
    const char *host, const char *port)
{
	size_t i, n = strlen(prefix);

	while (n > 0 && prefix[n - 1] == '/')
		n--;
	buf_printf(b, "%s %.*s%s HTTP/1.1\r\nHost: %s:%s\r\n", a->method,
	    (int)n, prefix, a->target, host, port);
	for (i = 0; i < a->n_h; i++)
		buf_printf(b, "%s: %s\r\n", a->h[i].name, a->h[i].value);
	buf_printf(b, "Content-Length: %zu\r\n\r\n", a->body_n);
}

void
cut_send(const struct drill *d, struct ask *a)
{
	const struct linger now = { .l_onoff = 1 };
	char host[HOST_MAX], port[16];
	const char *prefix;
	struct pollfd p = { .events = POLLIN };
	struct buf b;

	a->outcome = OUTCOME_RESET;
	a->why = "the client broke the connection";
	if (split(d->stack[a->arm].url, host, port, &prefix) != 0)
		return;
	p.fd = dial(host, port);
	if (p.fd < 0)
		return;
	buf_init(&b, HEAD_MAX + a->body_n);
	write_head(&b, a, prefix, host, port);
	if (a->body != NULL)
		buf_add(&b, a->body, a->cut == ASK_HALF ? a->body_n / 2 :
		    a->body_n);
	if (b.bad == RC_OK)
		(void)send(p.fd, b.p, b.len, MSG_NOSIGNAL);
	buf_fini(&b);
	/* what is sent whole is seen by the service before it breaks: the
	 * answer's first byte is there, or it takes its time */
	if (a->cut == ASK_LEAVE)
		(void)poll(&p, 1, 50);
	(void)setsockopt(p.fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	(void)close(p.fd);
}
