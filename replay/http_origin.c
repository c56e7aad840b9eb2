/* Where requests go: an address, checked and resolved once; see http.h. */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "harness/base/mono.h"

#include "replay/http_call.h"

static char *
dup_or_null(const char *s, int *bad)
{
	char *d = s == NULL ? NULL : strdup(s);

	if (s != NULL && d == NULL)
		*bad = 1;
	return d;
}

/* RFC 3986, 3.2.3: a colon without a port is the default port. */
static void
drop_lone_colon(struct http_origin *o)
{
	size_t n = strlen(o->authority), url = strlen(o->url);

	if (n > 1 && o->authority[n - 1] == ':') {
		o->authority[n - 1] = '\0';
		o->url[url - 1] = '\0';
	}
}

/* Splits authority into host and port; brackets of IPv6 are taken off. */
static int
split_authority(struct http_origin *o)
{
	const char *host = o->authority, *colon, *end;
	const char *port = o->tls ? "443" : "80";

	if (*host == '[') {
		end = strchr(host, ']');
		if (end == NULL || (end[1] != '\0' && end[1] != ':'))
			return -1;
		host++;
		colon = end[1] == ':' ? end + 1 : NULL;
	} else {
		colon = strchr(host, ':');
		end = colon != NULL ? colon : host + strlen(host);
	}
	if (colon != NULL) {
		port = colon + 1;
		if (*port == '\0' || strlen(port) > 5 ||
		    port[strspn(port, "0123456789")] != '\0' ||
		    strtoul(port, NULL, 10) > 65535)
			return -1;
	}
	if (end == host)
		return -1;
	o->host = strndup(host, (size_t)(end - host));
	o->port = strdup(port);
	return o->host == NULL || o->port == NULL ? -1 : 0;
}

static int
parse_url(struct http_origin *o, const char *url, struct err *err)
{
	const char *rest, *slash;
	size_t n;

	if (strncmp(url, "http://", 7) == 0) {
		rest = url + 7;
	} else if (strncmp(url, "https://", 8) == 0) {
		rest = url + 8;
		o->tls = 1;
	} else {
		return err_set(err, RC_USAGE,
		    "%s: not an address; give http://HOST:PORT", url);
	}
	n = strcspn(rest, "/?#");
	slash = rest + n;
	o->authority = strndup(rest, n);
	o->url = strndup(url, (size_t)(slash - url));
	o->prefix = strdup(*slash == '/' ? slash : "");
	if (o->authority == NULL || o->url == NULL || o->prefix == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	drop_lone_colon(o);
	n = strlen(o->prefix);
	if (n > 0 && o->prefix[n - 1] == '/')
		o->prefix[n - 1] = '\0';
	if (strpbrk(o->authority, "@ \r\n\t") != NULL ||
	    strpbrk(o->prefix, "?# \r\n\t") != NULL ||
	    split_authority(o) != 0)
		return err_set(err, RC_USAGE, "%s: not an address of the form "
		    "http://HOST:PORT (credentials go into headers)", url);
	return RC_OK;
}

static int
resolve(struct http_origin *o, struct err *err)
{
	struct addrinfo hint, *ai = NULL;
	struct sockaddr_un *un;
	int rc;

	o->addr = calloc(1, sizeof(*o->addr));
	if (o->addr == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	if (o->unix_socket != NULL) {
		un = (struct sockaddr_un *)o->addr;
		if (strlen(o->unix_socket) >= sizeof(un->sun_path))
			return err_set(err, RC_USAGE,
			    "%s: too long for a socket's path",
			    o->unix_socket);
		un->sun_family = AF_UNIX;
		memcpy(un->sun_path, o->unix_socket,
		    strlen(o->unix_socket) + 1);
		o->addr_len = sizeof(*un);
		return RC_OK;
	}
	memset(&hint, 0, sizeof(hint));
	hint.ai_socktype = SOCK_STREAM;
	hint.ai_flags = AI_ADDRCONFIG;
	rc = getaddrinfo(o->host, o->port, &hint, &ai);
	if (rc == EAI_NONAME || rc == EAI_ADDRFAMILY) {
		hint.ai_flags = 0;	/* loopback alone: no address is up */
		rc = getaddrinfo(o->host, o->port, &hint, &ai);
	}
	if (rc != 0)
		return err_set(err, RC_NET, "%s: %s", o->url,
		    gai_strerror(rc));
	memcpy(o->addr, ai->ai_addr, ai->ai_addrlen);
	o->addr_len = ai->ai_addrlen;
	/* several addresses: libcurl tries them in turn, the fast path not */
	if (ai->ai_next != NULL)
		o->fast = 0;
	freeaddrinfo(ai);
	return RC_OK;
}

int
http_origin_new(const struct http_origin_opts *opts,
    struct http_origin **out, struct err *err)
{
	struct http_origin *o = calloc(1, sizeof(*o));
	int bad = 0;

	*out = NULL;
	if (o == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	o->http2 = opts->http2;
	o->extract = opts->extract;
	if (parse_url(o, opts->url, err) != RC_OK)
		goto fail;
	o->ca_file = dup_or_null(opts->ca_file, &bad);
	o->cert_file = dup_or_null(opts->cert_file, &bad);
	o->key_file = dup_or_null(opts->key_file, &bad);
	o->unix_socket = dup_or_null(opts->unix_socket, &bad);
	o->accept_encoding = dup_or_null(opts->accept_encoding, &bad);
	if (bad) {
		(void)err_set(err, RC_NOMEM, "out of memory");
		goto fail;
	}
	o->fast = !o->tls && o->accept_encoding == NULL &&
	    !opts->no_fast_path;
	if (resolve(o, err) != RC_OK)
		goto fail;
	*out = o;
	return RC_OK;
fail:
	http_origin_free(o);
	return err != NULL ? (int)err->code : RC_USAGE;
}

void
http_origin_free(struct http_origin *o)
{
	if (o == NULL)
		return;
	free(o->url);
	free(o->authority);
	free(o->host);
	free(o->port);
	free(o->prefix);
	free(o->ca_file);
	free(o->cert_file);
	free(o->key_file);
	free(o->unix_socket);
	free(o->accept_encoding);
	free(o->addr);
	free(o);
}

const char *
http_origin_url(const struct http_origin *o)
{
	return o->url;
}

int
http_origin_accepts(const struct http_origin *o, int64_t timeout_ns,
    char *why, size_t cap)
{
	struct pollfd p = { .events = POLLOUT };
	socklen_t n = sizeof(int);
	char text[96];
	int error = 0;

	p.fd = socket(o->addr->ss_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (p.fd < 0 || (connect(p.fd, (const struct sockaddr *)o->addr,
	    o->addr_len) != 0 && errno != EINPROGRESS))
		error = errno;
	else if (poll(&p, 1, (int)(timeout_ns / MONO_MS)) <= 0)
		error = ETIMEDOUT;
	else
		(void)getsockopt(p.fd, SOL_SOCKET, SO_ERROR, &error, &n);
	if (p.fd >= 0)
		(void)close(p.fd);
	(void)snprintf(why, cap, "%s", error == 0 ? "" :
	    strerror_r(error, text, sizeof(text)));
	return error == 0;
}
