/*
 * What was sent and not answered is an attempt, whatever the client does
 * next: only a stale connection is forgiven, and counted. On both transports.
 */
#include "tests/unit/replay/engine_run.h"
#include "tests/unit/replay/hostile.h"

#include "replay/http.h"

struct fixture {
	struct server srv;
	struct http_origin *origin;
	struct http_client *client;
};

/* Keeps its connections as its ctx says. */
enum manner {
	DROPS_SECOND,	/* reads the second request, resets */
	CLOSES_QUIETLY,	/* answers, closes, does not say so */
	DROPS_LATE	/* closes when a request comes after a pause */
};

static int
answer_in_manner(struct server_req *r)
{
	static atomic_ullong dropped;
	const enum manner *manner = r->s->ctx;

	switch (*manner) {
	case DROPS_SECOND:
		if (r->nth == 0)
			break;
		hostile_reset(r->fd);
		return 0;
	case CLOSES_QUIETLY:
		(void)server_json(r->fd, 200, "", "{\"answer\": \"fine\"}");
		return 0;
	case DROPS_LATE:
		if (r->nth == 1 && atomic_fetch_add(&dropped, 1) < 2)
			return 0;
		break;
	}
	return server_json(r->fd, 200, "", "{\"answer\": \"fine\"}") == 0;
}

static void
open_fixture(struct fixture *f, enum manner *manner, int curl)
{
	struct http_origin_opts o = { .no_fast_path = curl };
	struct http_client_opts c = { .n_origins = 1, .connections = 2,
		.body_max = 1 << 20 };
	struct err err = ERR_INIT;
	char url[64];

	assert_int_equal(server_start(&f->srv, answer_in_manner, manner, 0),
	    0);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d", f->srv.port);
	o.url = url;
	assert_int_equal(http_global_init(&err), RC_OK);
	assert_int_equal(http_origin_new(&o, &f->origin, &err), RC_OK);
	c.origins = &f->origin;
	assert_int_equal(http_client_new(&c, &f->client, &err), RC_OK);
}

static void
close_fixture(struct fixture *f)
{
	http_client_free(f->client);
	http_origin_free(f->origin);
	server_stop(&f->srv);
}

struct got {
	enum outcome outcome;
	unsigned stale;
	char why[240];
};

static struct got
ask(struct fixture *f)
{
	struct http_call *c = http_get(f->client, 0), *done = NULL;
	struct err err = ERR_INIT;
	struct got got;

	assert_non_null(c);
	c->method = "POST";
	c->target = "/";
	c->body = "{}";
	c->body_n = 2;
	c->deadline_ns = mono_now_ns() + 20 * MONO_S;
	assert_int_equal(http_start(f->client, c, &err), RC_OK);
	while (done == NULL) {
		assert_int_equal(http_wait(f->client, mono_now_ns() +
		    50 * MONO_MS, &err), RC_OK);
		done = http_done(f->client);
	}
	got.outcome = c->outcome;
	got.stale = c->stale;
	(void)snprintf(got.why, sizeof(got.why), "%s",
	    c->why == NULL ? "" : c->why);
	http_put(f->client, c);
	return got;
}

static void
dropped_is_reset(void **state)
{
	enum manner manner = DROPS_SECOND;
	struct fixture f;
	struct got got;
	int curl;

	(void)state;
	for (curl = 0; curl < 2; curl++) {
		open_fixture(&f, &manner, curl);
		assert_int_equal(ask(&f).outcome, OUTCOME_OK);
		got = ask(&f);
		if (got.outcome != OUTCOME_RESET || got.stale != 0 ||
		    *got.why == '\0')
			fail_msg("curl %d: %s (%s), %u stale", curl,
			    outcome_name(got.outcome), got.why, got.stale);
		/* it was sent once */
		assert_int_equal(atomic_load(&f.srv.requests), 2);
		got = ask(&f);
		assert_int_equal(got.outcome, OUTCOME_OK);
		assert_int_equal(got.stale, 0);
		close_fixture(&f);
	}
}

/* The server is through with all its connections. */
static void
wait_until_closed(struct fixture *f)
{
	while (atomic_load(&f->srv.live) > 0)
		(void)usleep(1000);
}

static void
closed_before_is_stale(void **state)
{
	enum manner manner = CLOSES_QUIETLY;
	struct fixture f;
	struct got got;
	int curl, i;

	(void)state;
	for (curl = 0; curl < 2; curl++) {
		open_fixture(&f, &manner, curl);
		for (i = 0; i < 3; i++) {
			got = ask(&f);
			if (got.outcome != OUTCOME_OK)
				fail_msg("curl %d: %s (%s)", curl,
				    outcome_name(got.outcome), got.why);
			/* libcurl drops what it finds closed by itself */
			assert_int_equal(got.stale, !curl && i > 0);
			wait_until_closed(&f);
		}
		assert_int_equal(atomic_load(&f.srv.requests), 3);
		close_fixture(&f);
	}
}

static void
idle_for_long_is_stale(void **state)
{
	enum manner manner = DROPS_LATE;
	struct fixture f;
	struct got got;
	int curl;

	(void)state;
	for (curl = 0; curl < 2; curl++) {
		open_fixture(&f, &manner, curl);
		assert_int_equal(ask(&f).outcome, OUTCOME_OK);
		(void)usleep(1100 * 1000);
		got = ask(&f);
		if (got.outcome != OUTCOME_OK || got.stale != 1)
			fail_msg("curl %d: %s (%s), %u stale", curl,
			    outcome_name(got.outcome), got.why, got.stale);
		assert_int_equal(atomic_load(&f.srv.requests), 3);
		close_fixture(&f);
	}
}

/* ---- a run -------------------------------------------------------------- */

/* Every 25th request of the server is read and its connection reset; the
 * first of a connection never is. */
static int
drop_some(struct server_req *r)
{
	atomic_ullong *dropped = r->s->ctx;

	if (r->nth > 0 && atomic_load(&r->s->requests) % 25 == 0) {
		atomic_fetch_add(dropped, 1);
		hostile_reset(r->fd);
		return 0;
	}
	return server_json(r->fd, 200, "", "{\"answer\": \"fine\"}") == 0;
}

static void
a_share_of_resets_is_seen(void **state)
{
	uint64_t outcomes[OUTCOME_N];
	atomic_ullong dropped;
	struct server s;
	struct run r;
	char url[64];
	int curl;

	(void)state;
	for (curl = 0; curl < 2; curl++) {
		atomic_init(&dropped, 0);
		assert_int_equal(server_start(&s, drop_some, &dropped, 0), 0);
		(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d",
		    s.port);
		run_open(&r, 100, "variants: {paraphrases: 1, seeds: [1], "
		    "repeats: 3}\n"
		    "pace: {mode: closed, concurrency: 4}\n"
		    "request: {path: /, body: {q: \"{{question}}\"}}\n");
		run_load(&r, NULL, url);
		r.job.no_fast_path = curl;
		run_go(&r);
		run_check_whole(&r, outcomes);
		assert_true(atomic_load(&dropped) >= 6);
		assert_int_equal(outcomes[OUTCOME_RESET],
		    atomic_load(&dropped));
		assert_int_equal(outcomes[OUTCOME_OK] +
		    outcomes[OUTCOME_RESET], 300);
		assert_int_equal(atomic_load(&s.requests), 300);
		run_close(&r);
		server_stop(&s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dropped_is_reset),
		cmocka_unit_test(closed_before_is_stale),
		cmocka_unit_test(idle_for_long_is_stale),
		cmocka_unit_test(a_share_of_resets_is_seen),
	};

	return cmocka_run_group_tests_name("first attempts", tests, NULL,
	    NULL);
}
