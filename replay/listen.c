/* Where a server listens; see listen.h. */
#include "replay/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

int
listen_parse(const char *s, char *host, char *port, struct err *err)
{
	const char *colon = strrchr(s, ':');
	const char *from = s, *end = colon;
	size_t n;

	if (colon == NULL) {
		colon = s - 1;
		end = s;
	} else if (*s == '[' && colon > s && colon[-1] == ']') {
		from++;
		end--;
	}
	n = (size_t)(end - from);
	if (n >= LISTEN_HOST_BYTES || strlen(colon + 1) == 0 ||
	    strlen(colon + 1) > 5 ||
	    strspn(colon + 1, "0123456789") != strlen(colon + 1) ||
	    strtol(colon + 1, NULL, 10) > 65535)
		return err_set(err, RC_USAGE, "\"%s\" is not an address to "
		    "listen on; use one such as 127.0.0.1:8080, :8080 or "
		    "[::1]:0", s);
	(void)snprintf(host, LISTEN_HOST_BYTES, "%.*s", n > 0 ? (int)n : 9,
	    n > 0 ? from : "127.0.0.1");
	(void)snprintf(port, LISTEN_PORT_BYTES, "%s", colon + 1);
	return RC_OK;
}

static int
bind_and_listen(int fd, const struct addrinfo *ai)
{
	int one = 1;

	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (ai->ai_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one,
		    sizeof(one));
	return bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 &&
	    listen(fd, BACKLOG) == 0 ? 0 : -1;
}

static void
tell_url(int fd, const char *host, char *url)
{
	struct sockaddr_storage sa;
	socklen_t n = sizeof(sa);
	char port[16] = "0";

	if (getsockname(fd, (struct sockaddr *)&sa, &n) == 0)
		(void)getnameinfo((struct sockaddr *)&sa, n, NULL, 0, port,
		    sizeof(port), NI_NUMERICSERV);
	(void)snprintf(url, LISTEN_URL_BYTES, strchr(host, ':') != NULL ?
	    "http://[%s]:%s" : "http://%s:%s", host, port);
}

int
listen_open(const char *s, int *fd, char *url, struct err *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	struct addrinfo *ai = NULL;
	char host[LISTEN_HOST_BYTES], port[LISTEN_PORT_BYTES];
	int rc, bad;

	*fd = -1;
	rc = listen_parse(s, host, port, err);
	if (rc != RC_OK)
		return rc;
	bad = getaddrinfo(host, port, &hints, &ai);
	if (bad != 0)
		return err_set(err, RC_NET, "%s: %s", s, gai_strerror(bad));
	*fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0);
	if (*fd < 0 || bind_and_listen(*fd, ai) != 0)
		rc = err_errno(err, RC_NET, "cannot listen on %s; choose "
		    "another port, or 0 for a free one", s);
	freeaddrinfo(ai);
	if (rc == RC_OK) {
		tell_url(*fd, host, url);
	} else if (*fd >= 0) {
		(void)close(*fd);
		*fd = -1;
	}
	return rc;
}
