/* What is POSTed to one path: bounded over all connections. */
#include "tests/unit/replay/dial.h"

#include <pthread.h>
#include <stdatomic.h>

#include "replay/receive.h"

enum { BODY = 4000 };

static atomic_int taken, wrong;

static void
take(void *ctx, const char *codings, const char *body, size_t n)
{
	size_t i;

	(void)ctx;
	(void)codings;
	for (i = 0; i < n && body[i] == 'x'; i++)
		continue;
	(void)atomic_fetch_add(n == BODY && i == n ? &taken : &wrong, 1);
}

/* A request, or a part of one: n bytes of its body. */
static void
post(int fd, const char *path, size_t n)
{
	static char body[BODY];
	char head[200];

	memset(body, 'x', sizeof(body));
	(void)snprintf(head, sizeof(head), "POST %s HTTP/1.1\r\nHost: h\r\n"
	    "Content-Length: %d\r\nConnection: close\r\n\r\n", path, BODY);
	/* who refuses may have gone: its answer is what counts */
	(void)send(fd, head, strlen(head), MSG_NOSIGNAL);
	(void)send(fd, body, n, MSG_NOSIGNAL);
}

static int
post_all(const struct receive *r, const char *path, char *all, size_t cap)
{
	int fd = dial(receive_url(r));

	post(fd, path, BODY);
	return hear(fd, all, cap);
}

/* Two do not fit; when the first has been taken, there is room again. What is
 * not kept needs none. */
static void
test_bound(void **state)
{
	const struct receive_opts o = { .listen = "127.0.0.1:0",
		.path = "/v1/traces", .body_max = 2 * BODY,
		.bodies_max = 3 * BODY, .answer = "HTTP/1.1 200 OK\r\n"
		"Content-Length: 2\r\n\r\n{}", .fn = take };
	struct receive *r;
	char all[4096];
	int first, others = 0, status, i;

	(void)state;
	assert_int_equal(receive_start(&o, &r, NULL), RC_OK);
	first = dial(receive_url(r));
	post(first, o.path, BODY - 1);
	/* until what was sent has been read */
	for (i = 0; i < 1000; i++) {
		status = post_all(r, o.path, all, sizeof(all));
		if (status != 200)
			break;
		others++;
	}
	assert_int_equal(status, 503);
	assert_non_null(strstr(all, "\r\nRetry-After: 1\r\n"));
	assert_int_equal(post_all(r, "/other", all, sizeof(all)), 200);
	assert_int_equal(send(first, "x", 1, MSG_NOSIGNAL), 1);
	assert_int_equal(hear(first, all, sizeof(all)), 200);
	assert_int_equal(post_all(r, o.path, all, sizeof(all)), 200);
	receive_stop(&r);
	assert_int_equal(atomic_load(&taken), others + 2);
	assert_int_equal(atomic_load(&wrong), 0);
}

/* One that finds no memory is not answered as if it was taken. */
static void
test_no_room(void **state)
{
	const struct receive_opts o = { .listen = "127.0.0.1:0",
		.path = "/v1/traces", .body_max = 2 * BODY,
		.bodies_max = BODY / 2, .fn = take };
	struct receive *r;
	char all[4096];

	(void)state;
	atomic_store(&taken, 0);
	assert_int_equal(receive_start(&o, &r, NULL), RC_OK);
	assert_int_equal(post_all(r, o.path, all, sizeof(all)), 503);
	receive_stop(&r);
	assert_int_equal(atomic_load(&taken), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bound), cmocka_unit_test(test_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
