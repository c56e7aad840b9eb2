/* A service that takes every request; see ack.h. */
#include "replay/ack.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "replay/h1_body.h"
#include "replay/h1_head.h"
#include "replay/listen.h"

enum { READ_BYTES = 64 << 10, CONNECTIONS_MAX = 16384 };

static const char no_content[] = "HTTP/1.1 204 No Content\r\n\r\n";

struct guest {
	struct h1_head head;
	struct h1_body body;
	int in_body;
	size_t to_write;	/* of answers, in bytes from their end */
};

struct ack {
	const char *answer;
	size_t answer_n;
	int listener, wake[2];
	char url[LISTEN_URL_BYTES];
	pthread_t thread;
	struct pollfd *fds;	/* wake, listener, then the guests */
	struct guest **guests;	/* guests[i] is of fds[i] */
	size_t n, cap;
	char bytes[READ_BYTES];
};

static void
guest_free(struct guest *g)
{
	if (g == NULL)
		return;
	h1_head_fini(&g->head);
	h1_body_fini(&g->body);
	free(g);
}

static int
room(struct ack *a)
{
	size_t cap = a->cap == 0 ? 64 : a->cap * 2;
	void *v;

	if (a->n < a->cap)
		return 0;
	v = realloc(a->fds, cap * sizeof(*a->fds));
	if (v == NULL)
		return -1;
	a->fds = v;
	v = realloc(a->guests, cap * sizeof(*a->guests));
	if (v == NULL)
		return -1;
	a->guests = v;
	a->cap = cap;
	return 0;
}

static int
add(struct ack *a, int fd, struct guest *g)
{
	if (room(a) != 0)
		return -1;
	a->fds[a->n] = (struct pollfd){ fd, POLLIN, 0 };
	a->guests[a->n++] = g;
	return 0;
}

static void
take_guest(struct ack *a)
{
	int fd = accept4(a->listener, NULL, NULL, SOCK_CLOEXEC |
	    SOCK_NONBLOCK);
	struct guest *g = fd < 0 ? NULL : calloc(1, sizeof(*g));

	if (fd < 0)
		return;
	if (g == NULL || a->n >= CONNECTIONS_MAX) {
		free(g);
		(void)close(fd);
		return;
	}
	h1_head_init(&g->head, 1);
	if (add(a, fd, g) != 0) {
		guest_free(g);
		(void)close(fd);
	}
}

/* The next request's head, or bytes of its body. returns bytes used, or 0:
 * it is none of HTTP */
static size_t
take_some(const struct ack *a, struct guest *g, const char *p, size_t n)
{
	struct h1_refusal no;
	size_t used = 0;
	int rc;

	if (g->in_body) {
		used = h1_body_feed(&g->body, p, n, NULL, NULL);
	} else {
		rc = h1_head_take(&g->head, p, n, &used, &no);
		if (rc == 0)
			return n;
		if (rc < 0 || h1_head_request(&g->head, &no) != RC_OK)
			return 0;
		h1_body_init(&g->body, g->head.framing, g->head.length, 1);
		g->in_body = 1;
		(void)h1_body_feed(&g->body, p, 0, NULL, NULL);
	}
	if (g->body.bad != NULL)
		return 0;
	if (g->body.done || g->body.framing == H1_BODY_NONE) {
		g->to_write += a->answer_n;
		g->in_body = 0;
		h1_body_fini(&g->body);
		memset(&g->body, 0, sizeof(g->body));
		h1_head_fini(&g->head);
		h1_head_init(&g->head, 1);
	}
	return used;
}

/* returns 0, or -1: the guest has gone */
static int
serve(struct ack *a, struct pollfd *f, struct guest *g)
{
	ssize_t n = read(f->fd, a->bytes, sizeof(a->bytes));
	size_t at = 0, used, part;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		n = 0;
	else if (n <= 0)
		return -1;
	while (at < (size_t)n) {
		used = take_some(a, g, a->bytes + at, (size_t)n - at);
		if (used == 0)
			return -1;
		at += used;
	}
	while (g->to_write > 0) {
		part = g->to_write % a->answer_n;
		part = part == 0 ? a->answer_n : part;
		n = send(f->fd, a->answer + a->answer_n - part, part,
		    MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -1;
		if (n < 0)
			break;
		g->to_write -= (size_t)n;
	}
	f->events = (short)(POLLIN | (g->to_write > 0 ? POLLOUT : 0));
	return 0;
}

static void *
ack_main(void *ctx)
{
	struct ack *a = ctx;
	size_t i;

	for (;;) {
		if (poll(a->fds, (nfds_t)a->n, -1) < 0 && errno != EINTR)
			break;
		if (a->fds[0].revents != 0)
			break;
		for (i = a->n; i-- > 2;) {
			if (a->fds[i].revents == 0 ||
			    serve(a, &a->fds[i], a->guests[i]) == 0)
				continue;
			(void)close(a->fds[i].fd);
			guest_free(a->guests[i]);
			a->n--;
			a->fds[i] = a->fds[a->n];
			a->guests[i] = a->guests[a->n];
		}
		if (a->fds[1].revents != 0)
			take_guest(a);
	}
	return NULL;
}

static void
ack_free(struct ack *a)
{
	size_t i;

	for (i = 2; i < a->n; i++) {
		(void)close(a->fds[i].fd);
		guest_free(a->guests[i]);
	}
	for (i = 0; i < 2; i++) {
		if (a->wake[i] >= 0)
			(void)close(a->wake[i]);
	}
	if (a->listener >= 0)
		(void)close(a->listener);
	free(a->fds);
	free(a->guests);
	free(a);
}

int
ack_start(const char *answer, struct ack **out, struct err *err)
{
	struct ack *a = calloc(1, sizeof(*a));
	int rc;

	*out = NULL;
	if (a == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	a->answer = answer != NULL ? answer : no_content;
	a->answer_n = strlen(a->answer);
	a->listener = a->wake[0] = a->wake[1] = -1;
	rc = listen_open("127.0.0.1:0", &a->listener, a->url, err);
	if (rc == RC_OK && pipe2(a->wake, O_CLOEXEC) != 0)
		rc = err_errno(err, RC_NET, "pipe");
	if (rc == RC_OK && (add(a, a->wake[0], NULL) != 0 ||
	    add(a, a->listener, NULL) != 0))
		rc = err_set(err, RC_NOMEM, "out of memory");
	if (rc == RC_OK && pthread_create(&a->thread, NULL, ack_main, a) != 0)
		rc = err_set(err, RC_NOMEM, "cannot start a thread");
	if (rc != RC_OK)
		ack_free(a);
	else
		*out = a;
	return rc;
}

void
ack_stop(struct ack **ap)
{
	struct ack *a = *ap;

	*ap = NULL;
	if (a == NULL)
		return;
	(void)close(a->wake[1]);
	a->wake[1] = -1;
	(void)pthread_join(a->thread, NULL);
	ack_free(a);
}

const char *
ack_url(const struct ack *a)
{
	return a->url;
}
