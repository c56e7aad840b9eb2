/* The small HTTP server: addresses, raw targets, bounds. */
#include "tests/lib/check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "replay/httpd.h"

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
		int rc = httpd_parse_listen(rows[i].s, host, port, &err);

		assert_int_equal(rc, rows[i].host ? RC_OK : RC_USAGE);
		if (rows[i].host == NULL)
			continue;
		assert_string_equal(host, rows[i].host);
		assert_string_equal(port, rows[i].port);
	}
}

struct seen {
	char target[256];
	char body[64];
	size_t body_n;
	int had_body, refused, done, whole;
};

static void
on_done(void *ctx, int whole)
{
	struct seen *s = ctx;

	s->done++;
	s->whole = whole;
}

static ssize_t
give_three(void *ctx, char *to, size_t n)
{
	static int left = 3;

	(void)ctx;
	(void)n;
	if (left-- == 0) {
		left = 3;
		return 0;
	}
	memcpy(to, "abc", 3);
	return 3;
}

static int
handle(void *ctx, const struct httpd_request *req, struct httpd_answer *a)
{
	struct seen *s = ctx;

	(void)snprintf(s->target, sizeof(s->target), "%s", req->target);
	s->had_body = req->body.p != NULL;
	s->body_n = req->body.n;
	if (req->body.n < sizeof(s->body))
		memcpy(s->body, req->body.p ? req->body.p : "", req->body.n);
	httpd_header(a, "X-Twice", "1");
	httpd_header(a, "X-Twice", "2");
	httpd_header(a, "Content-Length", "999");
	if (strncmp(req->target, "/stream", 7) == 0)
		httpd_stream(a, 200, -1, give_three, on_done, s);
	else
		httpd_whole(a, 200, "whole", 5);
	return strcmp(req->target, "/fail") == 0 ? RC_NET : RC_OK;
}

static void
on_refused(void *ctx)
{
	((struct seen *)ctx)->refused++;
}

/* Sends raw bytes; returns everything until the server closes. */
static char *
talk(const char *url, const char *text)
{
	static char got[65536];
	struct sockaddr_in sa = { .sin_family = AF_INET };
	size_t n = 0;
	ssize_t more;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sa.sin_port = htons((uint16_t)strtoul(strrchr(url, ':') + 1, NULL,
	    10));
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	while (n < sizeof(got) - 1 &&
	    (more = read(fd, got + n, sizeof(got) - 1 - n)) > 0)
		n += (size_t)more;
	got[n] = '\0';
	(void)close(fd);
	return got;
}

#define END "Host: x\r\nConnection: close\r\n"

static void
serving(void **state)
{
	struct seen s;
	struct httpd_opts o = { .listen = ":0", .body_max = 10,
	    .fn = handle, .refused = on_refused, .ctx = &s };
	struct httpd *h, *again;
	struct err err = ERR_INIT;
	const char *got;

	(void)state;
	memset(&s, 0, sizeof(s));
	assert_int_equal(httpd_open(&o, &h, &err), RC_OK);
	got = talk(httpd_url(h), "GET /a%2Fb?x=%41&&y=;z HTTP/1.1\r\n" END
	    "\r\n");
	assert_non_null(strstr(got, "HTTP/1.1 200"));
	assert_non_null(strstr(got, "X-Twice: 1\r\nX-Twice: 2\r\n"));
	assert_null(strstr(got, "999"));
	assert_non_null(strstr(got, "\r\n\r\nwhole"));
	assert_string_equal(s.target, "/a%2Fb?x=%41&&y=;z");
	assert_false(s.had_body);
	(void)talk(httpd_url(h), "POST / HTTP/1.1\r\n" END
	    "Content-Length: 10\r\n\r\n0123456789");
	assert_int_equal(s.body_n, 10);
	assert_memory_equal(s.body, "0123456789", 10);
	(void)talk(httpd_url(h), "POST / HTTP/1.1\r\n" END
	    "Content-Length: 0\r\n\r\n");
	assert_true(s.had_body && s.body_n == 0);
	assert_int_equal(s.refused, 0);
	got = talk(httpd_url(h), "POST / HTTP/1.1\r\n" END
	    "Content-Length: 11\r\n\r\n0123456789a");
	assert_non_null(strstr(got, "413"));
	got = talk(httpd_url(h), "POST / HTTP/1.1\r\n" END
	    "Transfer-Encoding: chunked\r\n\r\n"
	    "8\r\n01234567\r\n8\r\n01234567\r\n0\r\n\r\n");
	assert_non_null(strstr(got, "413"));
	assert_int_equal(s.refused, 2);
	got = talk(httpd_url(h), "GET /stream HTTP/1.1\r\n" END "\r\n");
	assert_non_null(strstr(got, "3\r\nabc\r\n3\r\nabc\r\n3\r\nabc\r\n0"));
	assert_null(strstr(talk(httpd_url(h), "bad\r\n\r\n"), "200"));
	(void)talk(httpd_url(h), "GET /fail HTTP/1.1\r\n" END "\r\n");
	o.listen = httpd_url(h) + strlen("http://");
	assert_int_equal(httpd_open(&o, &again, &err), RC_NET);
	assert_null(again);
	httpd_close(&h);
	assert_null(h);
	assert_int_equal(s.done, 1);
	assert_true(s.whole);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(serving),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
