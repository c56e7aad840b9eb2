/* The small server beside a recording: posts that take their time. */
#include "tests/unit/replay/dial.h"

#include <pthread.h>

#include "harness/base/mono.h"
#include "replay/status.h"

static struct {
	char body[64];
	size_t n;
} got;

static void
nothing(void *ctx, struct buf *out)
{
	(void)ctx;
	(void)out;
}

static int
post(void *ctx, const char *auth, const char *body, size_t n, struct buf *out)
{
	(void)ctx;
	if (body == NULL)
		return strcmp(auth, "none") == 0 ? 401 : 200;
	got.n = n;
	(void)snprintf(got.body, sizeof(got.body), "%s", body);
	buf_puts(out, "taken\n");
	return 200;
}

static void
say(int fd, const char *text)
{
	/* a peer that has gone is seen by what it did not answer */
	(void)send(fd, text, strlen(text), MSG_NOSIGNAL);
}

static struct status *
begin(void)
{
	static const struct status_source from = { .metrics = nothing,
		.trouble = nothing, .post = post };
	struct status *s;

	memset(&got, 0, sizeof(got));
	assert_int_equal(status_start("127.0.0.1:0", &from, &s, NULL), RC_OK);
	return s;
}

static const char large[] = "POST /v1/pairs HTTP/1.1\r\nHost: h\r\n"
    "Content-Length: 5000\r\n\r\n";
static const char head[] = "POST /v1/pairs HTTP/1.1\r\nHost: h\r\n"
    "Content-Length: 8\r\n\r\n";

/* A body comes as slowly as a link is: longer than a request may take, with no
 * pause that is as long as the idle limit of 10 s. */
static void
test_slow(void **state)
{
	struct status *s = begin();
	char all[4096];
	int fd = dial(status_url(s)), i;

	(void)state;
	say(fd, head);
	for (i = 0; i < 8; i++) {
		mono_sleep_until_ns(mono_now_ns() + 300 * MONO_MS);
		say(fd, "x");
	}
	assert_int_equal(hear(fd, all, sizeof(all)), 200);
	assert_string_equal(got.body, "xxxxxxxx");
	status_stop(&s);
}

/* n bytes of a body. */
static void
say_bytes(int fd, size_t n)
{
	char bytes[5000];

	memset(bytes, 'x', sizeof(bytes));
	(void)send(fd, bytes, n, MSG_NOSIGNAL);
}

/* Meanwhile others are answered, and so are small posts; of large ones eight
 * are taken at once, and the end waits for none. */
static void
test_others(void **state)
{
	struct status *s = begin();
	int fd[8], more, status, tries = 0;
	char all[4096];
	size_t i;

	(void)state;
	for (i = 0; i < 8; i++) {
		fd[i] = dial(status_url(s));
		say(fd[i], large);
		say_bytes(fd[i], 2500);
	}
	more = dial(status_url(s));
	say(more, "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
	assert_int_equal(hear(more, all, sizeof(all)), 200);
	more = dial(status_url(s));
	say(more, large);
	assert_int_equal(hear(more, all, sizeof(all)), 503);
	assert_non_null(strstr(all, "\r\nRetry-After: "));
	more = dial(status_url(s));
	say(more, head);
	say(more, "87654321");
	assert_int_equal(hear(more, all, sizeof(all)), 200);
	assert_string_equal(got.body, "87654321");
	say_bytes(fd[0], 2500);
	assert_int_equal(hear(fd[0], all, sizeof(all)), 200);
	assert_int_equal(got.n, 5000);
	do {	/* its thread may be about to end */
		fd[0] = dial(status_url(s));
		say(fd[0], large);
		say_bytes(fd[0], 5000);
		status = hear(fd[0], all, sizeof(all));
	} while (status != 200 && ++tries < 1000);
	assert_int_equal(status, 200);
	status_stop(&s);
	for (i = 1; i < 8; i++)
		(void)close(fd[i]);
}

/* Who still sends when it is refused sees why, and no reset. */
static void
test_refused(void **state)
{
	static const struct {
		const char *head;
		int status;
	} t[] = {
		{ "POST /v1/pairs HTTP/1.1\r\nAuthorization: none\r\n"
		    "Content-Length: 4000000\r\n\r\n", 401 },
		{ "POST /status HTTP/1.1\r\n"
		    "Content-Length: 4000000\r\n\r\n", 404 },
		{ "POST /v1/pairs HTTP/1.1\r\n"
		    "Content-Length: 40000000\r\n\r\n", 400 },
	};
	struct status *s = begin();
	char all[4096];
	size_t i, sent;
	int fd;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		fd = dial(status_url(s));
		say(fd, t[i].head);
		for (sent = 0; sent < 4000000; sent += 5000)
			say_bytes(fd, 5000);
		if (hear(fd, all, sizeof(all)) != t[i].status)
			fail_msg("row %zu: %.60s", i, all);
	}
	status_stop(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slow), cmocka_unit_test(test_others),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
