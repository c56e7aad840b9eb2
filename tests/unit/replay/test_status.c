/* The small server beside a recording: posts that take their time. */
#include "tests/lib/check.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

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
	(void)auth;
	if (body == NULL)
		return 200;
	got.n = n;
	(void)snprintf(got.body, sizeof(got.body), "%s", body);
	buf_puts(out, "taken\n");
	return 200;
}

static int
dial(const struct status *s)
{
	const char *port = strrchr(status_url(s), ':') + 1;
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)strtoul(port, NULL, 10)) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static void
say(int fd, const char *text)
{
	/* a peer that has gone is seen by what it did not answer */
	(void)send(fd, text, strlen(text), MSG_NOSIGNAL);
}

/* All that comes, or nothing; the status. */
static int
hear(int fd, char *all, size_t cap)
{
	size_t n = 0;
	ssize_t k;

	while (n + 1 < cap && (k = recv(fd, all + n, cap - 1 - n, 0)) > 0)
		n += (size_t)k;
	all[n] = '\0';
	(void)close(fd);
	return n < 12 ? 0 : (int)strtol(all + 9, NULL, 10);
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

static const char head[] = "POST /v1/pairs HTTP/1.1\r\nHost: h\r\n"
    "Content-Length: 8\r\n\r\n";

/* A body comes as slowly as a link is: longer than a request may take, with no
 * pause that is as long as the idle limit of 10 s. */
static void
test_slow(void **state)
{
	struct status *s = begin();
	char all[4096];
	int fd = dial(s), i;

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

/* Meanwhile others are answered; of posts eight are taken at once, and the
 * end waits for none. */
static void
test_others(void **state)
{
	struct status *s = begin();
	int fd[8], more, status, tries = 0;
	char all[4096];
	size_t i;

	(void)state;
	for (i = 0; i < 8; i++) {
		fd[i] = dial(s);
		say(fd[i], head);
		say(fd[i], "half");
	}
	more = dial(s);
	say(more, "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
	assert_int_equal(hear(more, all, sizeof(all)), 200);
	more = dial(s);
	say(more, head);
	assert_int_equal(hear(more, all, sizeof(all)), 503);
	assert_non_null(strstr(all, "\r\nRetry-After: "));
	say(fd[0], "half");
	assert_int_equal(hear(fd[0], all, sizeof(all)), 200);
	assert_int_equal(got.n, 8);
	do {	/* its thread may be about to end */
		fd[0] = dial(s);
		say(fd[0], head);
		say(fd[0], "12345678");
		status = hear(fd[0], all, sizeof(all));
	} while (status != 200 && ++tries < 1000);
	assert_string_equal(got.body, "12345678");
	status_stop(&s);
	for (i = 1; i < 8; i++)
		(void)close(fd[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slow), cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
