/* Stacks started, awaited and stopped: real commands, real ports. */
#include "tests/lib/check.h"

#include <signal.h>
#include <sys/stat.h>

#include "harness/base/mono.h"
#include "replay/http.h"
#include "replay/target.h"
#include "tests/unit/replay/server.h"

static char dir[] = "/tmp/lockstep-target-XXXXXX";
static char log_path[64];

/* A server of one file on {{port}}, by what every test machine has. */
#define SERVE "exec perl -MIO::Socket::INET -e '" \
	"$s = IO::Socket::INET->new(Listen => 5, ReuseAddr => 1, " \
	"LocalAddr => q(127.0.0.1), LocalPort => {{port}}) or die; " \
	"while ($c = $s->accept) { sysread $c, $_, 4096; " \
	"print $c qq(HTTP/1.0 %d X\\r\\nContent-Length: 2\\r\\n\\r\\n{}); " \
	"close $c }'"

static void
target_of(struct suite_target *t, const char *start)
{
	memset(t, 0, sizeof(*t));
	t->present = 1;
	t->url = "http://127.0.0.1:{{port}}";
	t->start = start;
	t->ready_path = "/healthz";
	t->ready_timeout_ns = 20 * MONO_S;
}

/* The port of http://127.0.0.1:PORT answers a connection. */
static int
answers(const char *url)
{
	struct sockaddr_in a;
	int fd = socket(AF_INET, SOCK_STREAM, 0), ok;

	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a.sin_port = htons((unsigned short)atoi(strrchr(url, ':') + 1));
	ok = connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0;
	(void)close(fd);
	return ok;
}

static void
test_start_and_stop(void **state)
{
	struct suite_target t;
	struct target *g;
	struct err err = ERR_INIT;
	char command[1024], url[64];

	(void)state;
	(void)snprintf(command, sizeof(command), SERVE, 200);
	target_of(&t, command);
	if (target_start(&t, "candidate", log_path, NULL, &g,
	    &err) != RC_OK)
		fail_msg("%s", err.msg);
	assert_null(strstr(target_url(g), "{{port}}"));
	(void)snprintf(url, sizeof(url), "%s", target_url(g));
	assert_true(answers(url));
	target_stop(&g);
	assert_null(g);
	assert_false(answers(url));
	target_stop(&g);
}

/* The whole group goes, and one that ignores TERM, too. */
static void
test_group(void **state)
{
	struct suite_target t;
	struct target *g;
	struct err err = ERR_INIT;
	char command[2048], serve[1024], url[64];

	(void)state;
	(void)snprintf(serve, sizeof(serve), SERVE, 200);
	(void)snprintf(command, sizeof(command), "(%s) & wait", serve);
	target_of(&t, command);
	if (target_start(&t, "candidate", NULL, NULL, &g, &err) != RC_OK)
		fail_msg("%s", err.msg);
	(void)snprintf(url, sizeof(url), "%s", target_url(g));
	target_stop(&g);
	assert_false(answers(url));
}

static void
fail_to_start(const struct suite_target *t, struct err *err)
{
	struct target *g;

	*err = (struct err)ERR_INIT;
	assert_int_equal(target_start(t, "candidate", log_path, NULL, &g,
	    err), RC_NET);
	assert_null(g);
}

static void
expect_failure(const struct suite_target *t, const char *part,
    const char *part2)
{
	struct err err;

	fail_to_start(t, &err);
	if (strstr(err.msg, part) == NULL || strstr(err.msg, part2) == NULL ||
	    strchr(err.msg, '\n') != NULL)
		fail_msg("said: %s", err.msg);
}

static void
test_dies(void **state)
{
	struct suite_target t;

	(void)state;
	(void)unlink(log_path);
	target_of(&t, "echo no index at /var/x >&2; exit 3");
	expect_failure(&t, "status 3", "no index at /var/x");
}

static void
test_never_ready(void **state)
{
	struct suite_target t;
	struct err err;
	char command[1024];

	(void)state;
	(void)snprintf(command, sizeof(command), SERVE, 503);
	target_of(&t, command);
	/* a busy machine takes longer to have it answer at all */
	for (t.ready_timeout_ns = 2500 * MONO_MS; t.ready_timeout_ns <
	    100 * MONO_S; t.ready_timeout_ns *= 4) {
		fail_to_start(&t, &err);
		if (strstr(err.msg, "503") != NULL)
			break;
	}
	if (strstr(err.msg, "not ready within ") == NULL ||
	    strstr(err.msg, "503") == NULL)
		fail_msg("said: %s", err.msg);
}

static void
test_nobody(void **state)
{
	struct suite_target t;

	(void)state;
	target_of(&t, NULL);
	t.url = "http://127.0.0.1:1";
	t.ready_path = NULL;
	t.ready_timeout_ns = 300 * MONO_MS;
	expect_failure(&t, "http://127.0.0.1:1", "refused");
}

static void
test_addresses(void **state)
{
	static const struct {
		const char *url, *origin;	/* NULL: no address */
	} rows[] = {
		{ "http://127.0.0.1:", "http://127.0.0.1" },
		{ "http://[::1]:/a", "http://[::1]" },
		{ "https://127.0.0.1:443/", "https://127.0.0.1:443" },
		{ "http://:", NULL }, { "http://127.0.0.1::", NULL },
		{ "http://127.0.0.1:a", NULL }, { "http://a@127.0.0.1:", NULL },
	};
	struct http_origin_opts o = { .url = NULL };
	struct http_origin *origin;
	struct suite_target t;
	struct target *g;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;

		o.url = rows[i].url;
		if (rows[i].origin != NULL) {
			assert_int_equal(http_origin_new(&o, &origin, &err),
			    RC_OK);
			assert_string_equal(http_origin_url(origin),
			    rows[i].origin);
			http_origin_free(origin);
			continue;
		}
		/* no stack is started for it, and none awaited */
		target_of(&t, "exit 3");
		t.url = rows[i].url;
		assert_int_equal(target_start(&t, "candidate", log_path, NULL,
		    &g, &err), RC_USAGE);
		if (strstr(err.msg, "not an address") == NULL)
			fail_msg("%s: %s", rows[i].url, err.msg);
	}
}

static int
never_called(struct server_req *r)
{
	(void)r;
	return 0;
}

static void
test_port_in_use(void **state)
{
	struct suite_target t;
	struct server s;
	char url[64];

	(void)state;
	assert_int_equal(server_start(&s, never_called, NULL, 0), 0);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d", s.port);
	target_of(&t, "exit 0");
	t.url = url;
	expect_failure(&t, "answers at", url);
	server_stop(&s);
}

static int
set_up(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(log_path, sizeof(log_path), "%s/log", dir);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	(void)unlink(log_path);
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_start_and_stop),
		cmocka_unit_test(test_group),
		cmocka_unit_test(test_dies),
		cmocka_unit_test(test_never_ready),
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_port_in_use),
	};

	return cmocka_run_group_tests_name("target", tests, set_up,
	    tear_down);
}
