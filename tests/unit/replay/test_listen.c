/* Where servers listen: addresses as they are typed. */
#include "tests/lib/check.h"

#include <unistd.h>

#include "replay/listen.h"

static void
addresses(void **state)
{
	static const struct {
		const char *s, *host, *port;	/* host NULL: refused */
	} rows[] = {
		{ "8080", "127.0.0.1", "8080" },
		{ ":0", "127.0.0.1", "0" },
		{ "0.0.0.0:80", "0.0.0.0", "80" },
		{ "[::1]:65535", "::1", "65535" },
		{ "localhost:1", "localhost", "1" },
		{ "", NULL, NULL }, { ":", NULL, NULL },
		{ "host", NULL, NULL }, { "h:65536", NULL, NULL },
		{ "h:-1", NULL, NULL }, { "h:80x", NULL, NULL },
		{ "h:000080", NULL, NULL },
	};
	char host[256], port[16];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;
		int rc = listen_parse(rows[i].s, host, port, &err);

		assert_int_equal(rc, rows[i].host ? RC_OK : RC_USAGE);
		if (rows[i].host == NULL)
			continue;
		assert_string_equal(host, rows[i].host);
		assert_string_equal(port, rows[i].port);
	}
}

/* A free port is told; one in use, and a host nobody has, are errors. */
static void
ports(void **state)
{
	char url[LISTEN_URL_BYTES], again[LISTEN_URL_BYTES];
	struct err err = ERR_INIT;
	int fd, other;

	(void)state;
	assert_int_equal(listen_open(":0", &fd, url, &err), RC_OK);
	assert_memory_equal(url, "http://127.0.0.1:", 17);
	assert_int_equal(listen_open(url + strlen("http://"), &other, again,
	    &err), RC_NET);
	assert_non_null(strstr(err.msg, "choose another port"));
	assert_int_equal(other, -1);
	assert_int_equal(close(fd), 0);
	assert_int_equal(listen_open("no.such.host.invalid:0", &fd, url,
	    NULL), RC_NET);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
