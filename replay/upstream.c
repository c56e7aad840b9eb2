/* The service behind a proxy: where it is; see upstream.h. */
#include "replay/upstream.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/hash.h"
#include "harness/base/mono.h"
#include "replay/sock.h"
#include "replay/tls.h"

enum {
	ADDRESSES_MAX = 16,
	HOST_BYTES = 256,
	FRESH_S = 10		/* an address is believed that long */
};

struct address {
	struct sockaddr_storage sa;
	socklen_t n;
};

struct upstream {
	char *authority, *prefix, *authorization;
	char host[HOST_BYTES], port[8];
	struct tls *tls;	/* NULL: plain */
	int numeric;		/* host is an address: nothing to look up */
	pthread_t thread;
	int has_thread;
	pthread_mutex_t lock;	/* guards what follows */
	pthread_cond_t wake;
	int ending, wanted;
	struct address addresses[ADDRESSES_MAX];
	size_t n_addresses;
	int64_t looked_ns;
	char why[128];		/* there are none */
};

struct upstream_conn {
	struct upstream *u;
	int fd;
	int connected;
	struct tls_conn *tls;
	struct address addresses[ADDRESSES_MAX];
	size_t n_addresses, at;
	int last_errno;
};

/* ---- names ------------------------------------------------------------ */

static void
look_up(struct upstream *u)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG };
	struct addrinfo *ai = NULL, *a;
	struct address found[ADDRESSES_MAX];
	size_t n = 0;
	int bad;

	if (u->numeric)
		hints.ai_flags = AI_NUMERICSERV | AI_NUMERICHOST;
	bad = getaddrinfo(u->host, u->port, &hints, &ai);
	for (a = ai; bad == 0 && a != NULL && n < ADDRESSES_MAX;
	    a = a->ai_next) {
		memcpy(&found[n].sa, a->ai_addr, a->ai_addrlen);
		found[n++].n = a->ai_addrlen;
	}
	if (ai != NULL)
		freeaddrinfo(ai);
	(void)pthread_mutex_lock(&u->lock);
	if (n > 0) {
		memcpy(u->addresses, found, n * sizeof(found[0]));
		u->n_addresses = n;
	} else {
		(void)snprintf(u->why, sizeof(u->why), "cannot find %.60s: "
		    "%.40s", u->host, gai_strerror(bad));
	}
	u->looked_ns = mono_now_ns();
	(void)pthread_mutex_unlock(&u->lock);
}

static void *
look_up_main(void *ctx)
{
	struct upstream *u = ctx;

	(void)pthread_mutex_lock(&u->lock);
	while (!u->ending) {
		while (!u->ending && !u->wanted)
			(void)pthread_cond_wait(&u->wake, &u->lock);
		if (u->ending)
			break;
		u->wanted = 0;
		(void)pthread_mutex_unlock(&u->lock);
		look_up(u);
		(void)pthread_mutex_lock(&u->lock);
	}
	(void)pthread_mutex_unlock(&u->lock);
	return NULL;
}

/* ---- opening ---------------------------------------------------------- */

/* user:password, percent-encoded, as a Basic credential. */
static char *
basic(const char *user, size_t n)
{
	struct buf plain, out;
	char hex[3] = "", *end;
	size_t i;
	long v;

	buf_init(&plain, 4096);
	buf_init(&out, 8192);
	for (i = 0; i < n; i++) {
		if (user[i] == '%' && i + 2 < n) {
			hex[0] = user[i + 1];
			hex[1] = user[i + 2];
			v = strtol(hex, &end, 16);
			buf_putc(&plain, (char)v);
			i += 2;
			continue;
		}
		buf_putc(&plain, user[i]);
	}
	buf_puts(&out, "Basic ");
	if (buf_reserve(&out, HASH_B64_LEN(plain.len)) != NULL) {
		hash_b64(buf_str(&plain), plain.len, out.p + out.len,
		    HASH_B64_LEN(plain.len));
		out.len += strlen(out.p + out.len);
	}
	buf_fini(&plain);
	return buf_steal(&out);
}

/* host[:port] or [v6][:port] */
static int
split_authority(struct upstream *u, int tls)
{
	const char *s = u->authority, *end, *port;
	size_t n;

	if (*s == '[') {
		s++;
		end = strchr(s, ']');
		if (end == NULL || (end[1] != '\0' && end[1] != ':'))
			return -1;
		port = end[1] == ':' ? end + 2 : "";
	} else {
		end = s + strcspn(s, ":");
		port = *end == ':' ? end + 1 : "";
	}
	n = (size_t)(end - s);
	if (n == 0 || n >= HOST_BYTES || strlen(port) > 5 ||
	    strspn(port, "0123456789") != strlen(port) ||
	    strtol(port, NULL, 10) > 65535)
		return -1;
	memcpy(u->host, s, n);
	(void)snprintf(u->port, sizeof(u->port), "%s",
	    *port != '\0' ? port : tls ? "443" : "80");
	u->numeric = strchr(u->host, ':') != NULL ||
	    strspn(u->host, "0123456789.") == n;
	return 0;
}

static int
split_url(struct upstream *u, const char *url, int *tls, struct err *err)
{
	const char *host = strstr(url, "://"), *path, *at;
	size_t n;

	*tls = strncmp(url, "https://", 8) == 0;
	if (!*tls && strncmp(url, "http://", 7) != 0)
		return err_set(err, RC_USAGE, "%s: not an http:// or "
		    "https:// URL", url);
	host += 3;
	path = host + strcspn(host, "/?#");
	at = memrchr(host, '@', (size_t)(path - host));
	if (at != NULL) {
		u->authorization = basic(host, (size_t)(at - host));
		host = at + 1;
	}
	if (strpbrk(path, "?# \r\n") != NULL)
		return err_set(err, RC_USAGE, "%s: a service's URL can have "
		    "only a host, a port and a path",
		    url);
	n = strlen(path);
	while (n > 0 && path[n - 1] == '/')
		n--;
	u->authority = strndup(host, (size_t)(path - host));
	u->prefix = strndup(path, n);
	if (u->authority == NULL || u->prefix == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	return split_authority(u, *tls) == 0 ? RC_OK : err_set(err, RC_USAGE,
	    "%s: cannot read its host and port", url);
}

int
upstream_open(const struct upstream_opts *o, struct upstream **out,
    struct err *err)
{
	struct upstream *u = calloc(1, sizeof(*u));
	int rc, tls = 0;

	*out = NULL;
	if (u == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	(void)pthread_mutex_init(&u->lock, NULL);
	(void)pthread_cond_init(&u->wake, NULL);
	rc = split_url(u, o->url, &tls, err);
	if (rc == RC_OK && tls)
		rc = tls_open(u->host, u->numeric, o->ca_file, &u->tls, err);
	if (rc == RC_OK)
		look_up(u);
	if (rc == RC_OK && !u->numeric) {
		u->has_thread = pthread_create(&u->thread, NULL,
		    look_up_main, u) == 0;
		if (!u->has_thread)
			rc = err_set(err, RC_NOMEM, "cannot start a thread");
	}
	if (rc != RC_OK)
		upstream_close(&u);
	*out = u;
	return rc;
}

void
upstream_close(struct upstream **up)
{
	struct upstream *u = *up;

	if (u == NULL)
		return;
	if (u->has_thread) {
		(void)pthread_mutex_lock(&u->lock);
		u->ending = 1;
		(void)pthread_cond_signal(&u->wake);
		(void)pthread_mutex_unlock(&u->lock);
		(void)pthread_join(u->thread, NULL);
	}
	(void)pthread_mutex_destroy(&u->lock);
	(void)pthread_cond_destroy(&u->wake);
	tls_close(&u->tls);
	free(u->authority);
	free(u->prefix);
	free(u->authorization);
	free(u);
	*up = NULL;
}

int
upstream_is_tls(const struct upstream *u)
{
	return u->tls != NULL;
}

const char *
upstream_authority(const struct upstream *u)
{
	return u->authority;
}

const char *
upstream_prefix(const struct upstream *u)
{
	return u->prefix;
}

const char *
upstream_authorization(const struct upstream *u)
{
	return u->authorization;
}

/* ---- connecting ------------------------------------------------------- */

static void
say_errno(int e, char why[128])
{
	char text[96];

	(void)snprintf(why, 128, "cannot connect: %.80s",
	    strerror_r(e, text, sizeof(text)));
}

/* Tries the addresses from c->at on. returns 0 one is being tried, -1 */
static int
try_address(struct upstream_conn *c)
{
	const struct address *a;
	int one = 1;

	for (; c->at < c->n_addresses; c->at++) {
		a = &c->addresses[c->at];
		c->fd = socket(a->sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK |
		    SOCK_CLOEXEC, 0);
		if (c->fd < 0) {
			c->last_errno = errno;
			continue;
		}
		(void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one,
		    sizeof(one));
		(void)setsockopt(c->fd, SOL_SOCKET, SO_KEEPALIVE, &one,
		    sizeof(one));
		if (connect(c->fd, (const struct sockaddr *)&a->sa,
		    a->n) == 0 || errno == EINPROGRESS)
			return 0;
		c->last_errno = errno;
		(void)close(c->fd);
		c->fd = -1;
	}
	return -1;
}

/* The addresses as they are known; asks for news of old ones. */
static void
take_addresses(struct upstream *u, struct upstream_conn *c, char why[128])
{
	(void)pthread_mutex_lock(&u->lock);
	if (u->has_thread && !u->wanted &&
	    mono_now_ns() - u->looked_ns > FRESH_S * MONO_S) {
		u->wanted = 1;
		(void)pthread_cond_signal(&u->wake);
	}
	c->n_addresses = u->n_addresses;
	memcpy(c->addresses, u->addresses,
	    u->n_addresses * sizeof(c->addresses[0]));
	(void)snprintf(why, 128, "%s", u->why);
	(void)pthread_mutex_unlock(&u->lock);
}

int
upstream_connect(struct upstream *u, struct upstream_conn **out,
    char why[128])
{
	struct upstream_conn *c = calloc(1, sizeof(*c));

	*out = NULL;
	if (c == NULL) {
		(void)snprintf(why, 128, "out of memory");
		return RC_NOMEM;
	}
	c->u = u;
	c->fd = -1;
	take_addresses(u, c, why);
	if (c->n_addresses == 0 || try_address(c) != 0) {
		if (c->n_addresses > 0)
			say_errno(c->last_errno, why);
		upstream_conn_free(c);
		return RC_NET;
	}
	*out = c;
	return RC_OK;
}

void
upstream_conn_free(struct upstream_conn *c)
{
	if (c == NULL)
		return;
	tls_conn_free(c->tls);
	if (c->fd >= 0)
		(void)close(c->fd);
	free(c);
}

int
upstream_conn_fd(const struct upstream_conn *c)
{
	return c->fd;
}

static int
tcp_step(struct upstream_conn *c, enum outcome *outcome, char why[128])
{
	struct sockaddr_storage peer;
	socklen_t n = sizeof(c->last_errno), peer_n = sizeof(peer);

	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &c->last_errno, &n) != 0)
		c->last_errno = errno;
	if (c->last_errno == 0)
		return getpeername(c->fd, (struct sockaddr *)&peer,
		    &peer_n) == 0;
	(void)close(c->fd);
	c->fd = -1;
	c->at++;
	if (try_address(c) == 0)
		return 2;
	*outcome = OUTCOME_UNREACHABLE;
	say_errno(c->last_errno, why);
	return -1;
}

int
upstream_conn_step(struct upstream_conn *c, enum outcome *outcome,
    char why[128])
{
	int rc;

	if (!c->connected) {
		rc = tcp_step(c, outcome, why);
		if (rc != 1)
			return rc;
		c->connected = 1;
	}
	if (c->u->tls == NULL)
		return 1;
	rc = 0;
	if (c->tls == NULL)
		rc = tls_conn_new(c->u->tls, c->fd, &c->tls);
	if (rc == 0)
		rc = tls_conn_step(c->tls, why);
	else
		(void)snprintf(why, 128, "out of memory");
	if (rc < 0)
		*outcome = OUTCOME_TLS;
	return rc;
}

/* ---- bytes ------------------------------------------------------------ */

ssize_t
upstream_conn_read(struct upstream_conn *c, char *to, size_t n)
{
	ssize_t got;

	if (c->tls != NULL)
		return tls_conn_read(c->tls, to, n);
	do
		got = sock_recv(c->fd, to, n);
	while (got < 0 && errno == EINTR);
	return got >= 0 ? got : errno == EWOULDBLOCK ? -EAGAIN : -errno;
}

ssize_t
upstream_conn_write(struct upstream_conn *c, const char *p, size_t n)
{
	ssize_t put;

	if (c->tls != NULL)
		return tls_conn_write(c->tls, p, n);
	do
		put = sock_send(c->fd, p, n);
	while (put < 0 && errno == EINTR);
	return put >= 0 ? put : errno == EWOULDBLOCK ? -EAGAIN : -errno;
}

void
upstream_conn_shut(struct upstream_conn *c)
{
	if (c->tls != NULL)
		tls_conn_shut(c->tls);
	else
		(void)shutdown(c->fd, SHUT_WR);
}
