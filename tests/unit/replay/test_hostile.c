/*
 * Whatever a server does is the right outcome, in time and within bounds,
 * and the next request is answered: on both transports.
 */
#include "tests/lib/check.h"

#include <sys/resource.h>

#include "harness/base/mono.h"
#include "replay/http.h"
#include "tests/unit/replay/hostile.h"

/* What is to time out has a short deadline, what is to end by itself one that
 * a busy machine keeps. */
enum { BODY_MAX = 1 << 20, SHORT_MS = 400, LONG_MS = 60000, SLACK_MS = 20000 };

static struct server srv;

struct fixture {
	struct http_origin *origin;
	struct http_client *client;
};

static struct extract_spec *sse;

static void
open_client(struct fixture *f, const char *url, int curl, const char *coding,
    const struct extract_spec *extract)
{
	struct http_origin_opts o = { .url = url, .no_fast_path = curl,
		.accept_encoding = coding, .extract = extract };
	struct http_client_opts c = { 0 };
	struct err err = ERR_INIT;

	assert_int_equal(http_global_init(&err), RC_OK);
	assert_int_equal(http_origin_new(&o, &f->origin, &err), RC_OK);
	c.origins = &f->origin;
	c.n_origins = 1;
	c.connections = 4;
	c.body_max = BODY_MAX;
	assert_int_equal(http_client_new(&c, &f->client, &err), RC_OK);
}

static void
close_client(struct fixture *f)
{
	http_client_free(f->client);
	http_origin_free(f->origin);
}

static struct http_call *
ask_within(struct fixture *f, const char *path, int ms)
{
	static const struct ex_header headers[] = {
		{ "Content-Type", "application/json" },
	};
	struct http_call *c = http_get(f->client, 0);
	struct http_call *done = NULL;
	struct err err = ERR_INIT;
	int64_t start = mono_now_ns();

	assert_non_null(c);
	c->method = "POST";
	c->target = path;
	c->headers = headers;
	c->n_headers = 1;
	c->body = "{\"q\": 1}";
	c->body_n = 8;
	c->deadline_ns = start + ms * MONO_MS;
	assert_int_equal(http_start(f->client, c, &err), RC_OK);
	while (done == NULL) {
		assert_int_equal(http_wait(f->client, mono_now_ns() +
		    50 * MONO_MS, &err), RC_OK);
		done = http_done(f->client);
		if (mono_now_ns() - start > (ms + SLACK_MS) * MONO_MS)
			fail_msg("%s: beyond its deadline", path);
	}
	assert_ptr_equal(done, c);
	return c;
}

static struct http_call *
ask(struct fixture *f, const char *path)
{
	return ask_within(f, path, LONG_MS);
}

static const struct {
	const char *path;
	enum outcome outcome;
	int status;
	const char *why;	/* part of it, or NULL */
} cases[] = {
	{ "/ok", OUTCOME_OK, 200, NULL },
	{ "/stall", OUTCOME_TIMEOUT, 0, NULL },
	{ "/stall-body", OUTCOME_TIMEOUT, 200, NULL },
	{ "/trickle", OUTCOME_TIMEOUT, 200, NULL },
	{ "/trickle-head", OUTCOME_TIMEOUT, 200, NULL },
	{ "/close", OUTCOME_RESET, 0, NULL },
	{ "/reset", OUTCOME_RESET, 200, NULL },
	{ "/short", OUTCOME_RESET, 200, NULL },
	{ "/long", OUTCOME_OK, 200, NULL },
	{ "/chunk-letters", OUTCOME_PROTOCOL, 200, "chunk" },
	{ "/chunk-huge", OUTCOME_PROTOCOL, 200, NULL },
	{ "/chunk-cut", OUTCOME_RESET, 200, NULL },
	{ "/headers", OUTCOME_TOO_LARGE, 200, "headers" },
	{ "/one-line", OUTCOME_TOO_LARGE, 200, NULL },
	{ "/body", OUTCOME_TOO_LARGE, 200, "1048576" },
	{ "/chunks", OUTCOME_TOO_LARGE, 200, "1048576" },
	{ "/announced", OUTCOME_TOO_LARGE, 200, "99999999999" },
	{ "/1xx", OUTCOME_PROTOCOL, 100, "1xx" },
	{ "/1xx-some", OUTCOME_OK, 200, NULL },
	{ "/redirect", OUTCOME_PROTOCOL, 302, "192.0.2.1" },
	{ "/utf8", OUTCOME_OK, 200, NULL },
	{ "/deep", OUTCOME_OK, 200, NULL },
	{ "/garbage", OUTCOME_PROTOCOL, 0, "no status line" },
	{ "/alert", OUTCOME_PROTOCOL, 0, "no status line" },
	{ "/fold", OUTCOME_OK, 200, NULL },
	{ "/fold-first", OUTCOME_PROTOCOL, 200, "folded" },
	{ "/same", OUTCOME_OK, 200, NULL },
	{ "/old-chunks", OUTCOME_OK, 200, NULL },
	{ "/status", OUTCOME_PROTOCOL, 0, NULL },
	{ "/500", OUTCOME_HTTP_5XX, 500, "500" },
	{ "/503", OUTCOME_HTTP_5XX, 503, NULL },
	{ "/429", OUTCOME_HTTP_429, 429, NULL },
	{ "/404", OUTCOME_HTTP_4XX, 404, NULL },
	{ "/204", OUTCOME_OK, 204, NULL },
	{ "/to-end", OUTCOME_OK, 200, NULL },
	/* packed answers are kept as they come */
	{ "/bomb", OUTCOME_OK, 200, NULL },
	{ "/sse", OUTCOME_PROTOCOL, 200, "[DONE]" },
	{ "/sse-text", OUTCOME_PROTOCOL, 200, "[DONE]" },
	{ "/sse-blank", OUTCOME_PROTOCOL, 200, "[DONE]" },
	{ "/sse-json", OUTCOME_OK, 200, NULL },
	{ "/sse-none", OUTCOME_OK, 204, NULL },
	{ "/sse-end", OUTCOME_OK, 200, NULL },
	{ "/sse-lines", OUTCOME_PROTOCOL, 200, "[DONE]" },
	{ "/sse-lines-end", OUTCOME_OK, 200, NULL },
};

/* The status comes at once; a busy machine may take longer for it than what
 * is to time out has. */
static struct http_call *
ask_case(struct fixture *f, size_t i)
{
	struct http_call *c;
	int ms = SHORT_MS;

	if (cases[i].outcome != OUTCOME_TIMEOUT)
		return ask(f, cases[i].path);
	c = ask_within(f, cases[i].path, ms);
	while (c->status != cases[i].status && ms < LONG_MS / 2) {
		http_put(f->client, c);
		ms *= 8;
		c = ask_within(f, cases[i].path, ms);
	}
	return c;
}

static void
check_one(struct fixture *f, size_t i)
{
	struct http_call *c = ask_case(f, i);

	if (c->outcome != cases[i].outcome)
		fail_msg("%s: %s (%s), not %s", cases[i].path,
		    outcome_name(c->outcome), c->why == NULL ? "" : c->why,
		    outcome_name(cases[i].outcome));
	if (c->status != cases[i].status)
		fail_msg("%s: status %d", cases[i].path, c->status);
	if (cases[i].why != NULL && (c->why == NULL ||
	    strstr(c->why, cases[i].why) == NULL))
		fail_msg("%s: why %s", cases[i].path, c->why == NULL ?
		    "is not told" : c->why);
	if ((c->outcome == OUTCOME_OK) != (c->why == NULL))
		fail_msg("%s: a reason where there is none to be",
		    cases[i].path);
	assert_true(c->res_body_n <= BODY_MAX);
	assert_true(c->total_ns >= 0);
	http_put(f->client, c);
	c = ask(f, "/ok");
	if (c->outcome != OUTCOME_OK)
		fail_msg("after %s: %s (%s)", cases[i].path,
		    outcome_name(c->outcome), c->why);
	assert_string_equal(c->res_body, "{\"answer\": \"fine\"}");
	http_put(f->client, c);
}

static void
run_cases(int curl)
{
	struct fixture f, streams;
	struct rusage before, after;
	char url[64];
	size_t i;

	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d", srv.port);
	open_client(&f, url, curl, NULL, NULL);
	open_client(&streams, url, curl, NULL, sse);
	check_one(&f, 0);
	(void)getrusage(RUSAGE_SELF, &before);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_one(strncmp(cases[i].path, "/sse", 4) == 0 ? &streams :
		    &f, i);
	(void)getrusage(RUSAGE_SELF, &after);
	/* kilobytes: a bomb of 64 MiB and endless answers went through here */
	assert_in_range(after.ru_maxrss - before.ru_maxrss, 0, 32 << 10);
	close_client(&f);
	close_client(&streams);
}

static void
test_fast(void **state)
{
	(void)state;
	run_cases(0);
}

static void
test_curl(void **state)
{
	(void)state;
	run_cases(1);
}

static void
test_bomb_asked_for(void **state)
{
	struct fixture f;
	struct http_call *c;
	char url[64];

	(void)state;
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d", srv.port);
	open_client(&f, url, 0, "gzip, br, zstd", NULL);
	c = ask(&f, "/bomb");
	assert_int_equal(c->outcome, OUTCOME_OK);
	assert_true(c->res_body_n <= BODY_MAX);
	assert_int_equal((unsigned char)c->res_body[0], 0x1f);
	http_put(f.client, c);
	close_client(&f);
}

static void
test_first_token(void **state)
{
	struct fixture f;
	struct http_call *c;
	char url[64];

	(void)state;
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d", srv.port);
	open_client(&f, url, 0, NULL, sse);
	c = ask(&f, "/sse-end");
	assert_true(c->ttfb_ns >= 0);
	assert_true(c->ttft_ns >= c->ttfb_ns);
	assert_true(c->total_ns >= c->ttft_ns);
	assert_true(c->n_chunks >= 1);
	http_put(f.client, c);
	close_client(&f);
}

/* ---- TLS that is none --------------------------------------------------- */

static int
half_handshake(struct server_req *r)
{
	char hello[512];

	if (recv(r->fd, hello, sizeof(hello), 0) <= 0)
		return 0;
	/* the header of a ServerHello record of 64 bytes, and half of it */
	(void)server_send(r->fd, "\x16\x03\x03\x00\x40\x02\x00\x00\x3c\x03\x03",
	    11);
	return hostile_stall(r->fd);
}

static int
no_handshake(struct server_req *r)
{
	char hello[512];

	if (recv(r->fd, hello, sizeof(hello), 0) > 0)
		(void)server_puts(r->fd, "HTTP/1.1 400 Bad Request\r\n\r\n");
	return 0;
}

static void
ask_tls(server_handler_fn *handler, enum outcome expected)
{
	struct server s;
	struct fixture f;
	struct http_call *c;
	char url[64];

	assert_int_equal(server_start(&s, handler, NULL, 1), 0);
	(void)snprintf(url, sizeof(url), "https://127.0.0.1:%d", s.port);
	open_client(&f, url, 0, NULL, NULL);
	c = ask_within(&f, "/", expected == OUTCOME_TIMEOUT ? SHORT_MS :
	    LONG_MS);
	if (c->outcome != expected)
		fail_msg("%s (%s)", outcome_name(c->outcome), c->why);
	http_put(f.client, c);
	close_client(&f);
	server_stop(&s);
}

static void
test_tls(void **state)
{
	(void)state;
	ask_tls(half_handshake, OUTCOME_TIMEOUT);
	ask_tls(no_handshake, OUTCOME_TLS);
}

static void
test_nobody_there(void **state)
{
	struct fixture f;
	struct http_call *c;
	struct server s;
	char url[64];
	int curl;

	(void)state;
	assert_int_equal(server_start(&s, hostile_handler, NULL, 0), 0);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d", s.port);
	server_stop(&s);
	for (curl = 0; curl < 2; curl++) {
		open_client(&f, url, curl, NULL, NULL);
		c = ask(&f, "/");
		assert_int_equal(c->outcome, OUTCOME_UNREACHABLE);
		assert_non_null(strcasestr(c->why, "connect"));
		http_put(f.client, c);
		close_client(&f);
	}
}

static int
start(void **state)
{
	static const char conf[] = "{\"stream\":{\"format\":\"sse\","
	    "\"token\":\"/t\",\"end\":\"[DONE]\"}}";
	struct json *j = json_parse(conf, sizeof(conf) - 1, NULL);

	(void)state;
	sse = extract_new(j, NULL);
	json_free(j);
	if (sse == NULL || hostile_make_bomb() != 0)
		return -1;
	return server_start(&srv, hostile_handler, NULL, 0);
}

static int
stop(void **state)
{
	(void)state;
	server_stop(&srv);
	free(hostile_gz);
	extract_free(sse);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fast),
		cmocka_unit_test(test_curl),
		cmocka_unit_test(test_bomb_asked_for),
		cmocka_unit_test(test_first_token),
		cmocka_unit_test(test_tls),
		cmocka_unit_test(test_nobody_there),
	};

	return cmocka_run_group_tests_name("hostile", tests, start, stop);
}
