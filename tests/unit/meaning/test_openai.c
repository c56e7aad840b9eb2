/* The service embedder against a service that misbehaves on cue. */
#include "harness/base/json.h"
#include "harness/base/mono.h"
#include "harness/base/retry.h"
#include "harness/meaning/embed.h"
#include "tests/lib/check.h"

enum mood {
	FINE, BUSY_TWICE, DOWN, REFUSED, SHORT, LONG_ONE, DIMENSIONS, NOT_JSON,
	NOT_NUMBERS, TWICE, BEYOND, ZERO
};

struct service {
	enum mood mood;
	size_t posts, most_texts, most_at_once;
	char auth[64];
};

/* The vector of a text: its length and its first byte. */
static void
add_vector(struct buf *b, const struct service *s, size_t index,
    const char *text)
{
	int dims = s->mood == DIMENSIONS && index == 1 ? 4 : 3;

	if (s->mood == TWICE && index == 1)
		index = 0;
	if (s->mood == BEYOND && index == 1)
		index = 99;
	buf_printf(b, "{\"index\":%zu,\"embedding\":[", index);
	if (s->mood == NOT_NUMBERS && index == 1)
		buf_puts(b, "1,\"two\",3]}");
	else if (s->mood == ZERO)
		buf_puts(b, "0,0,0]}");
	else
		buf_printf(b, "%zu,%d,1%s]}", strlen(text), text[0],
		    dims == 4 ? ",1" : "");
}

static void
answer(struct service *s, const struct json *input,
    struct embed_http_res *res)
{
	size_t n = json_size(input), i;
	struct buf b;

	buf_init(&b, 1 << 20);
	buf_puts(&b, "{\"data\":[");
	for (i = n; i-- > (s->mood == SHORT ? 1u : 0u);) {
		add_vector(&b, s, i, json_str(json_at(input, i)));
		if (i > (s->mood == SHORT ? 1u : 0u))
			buf_putc(&b, ',');
	}
	buf_printf(&b, "],\"usage\":{\"total_tokens\":%zu}}", n);
	if (s->mood == NOT_JSON)
		b.len /= 2;
	res->status = 200;
	res->body_n = b.len;
	res->body = buf_steal(&b);
}

static void
one(struct service *s, const struct embed_http_req *req,
    struct embed_http_res *res)
{
	struct json *j = json_parse(req->body, req->body_n, NULL);
	const struct json *input = json_get(j, "input"), *t;

	assert_non_null(j);
	assert_string_equal(req->url, "http://h/v1/embeddings");
	assert_string_equal(json_get_str(j, "model"), "m");
	assert_true(req->timeout_ns > 0);
	if (req->n_headers > 1)
		(void)snprintf(s->auth, sizeof(s->auth), "%s",
		    req->headers[1]);
	if (json_size(input) > s->most_texts)
		s->most_texts = json_size(input);
	if (s->mood == DOWN) {
		(void)snprintf(res->why, sizeof(res->why), "refused");
	} else if (s->mood == REFUSED) {
		res->status = 401;
	} else if (s->mood == BUSY_TWICE && s->posts <= 2) {
		res->status = 429;
		(void)snprintf(res->retry_after, sizeof(res->retry_after),
		    "0");
	} else {
		for (t = json_first(input); t != NULL; t = json_next(t)) {
			if (s->mood == LONG_ONE && strlen(json_str(t)) > 20)
				res->status = 400;
		}
		if (res->status == 0)
			answer(s, input, res);
	}
	json_free(j);
}

static int
post(void *ctx, const struct embed_http_req *req, size_t n,
    struct embed_http_res *res, struct err *err)
{
	struct service *s = ctx;
	size_t i;

	(void)err;
	if (n > s->most_at_once)
		s->most_at_once = n;
	for (i = 0; i < n; i++) {
		s->posts++;
		one(s, &req[i], &res[i]);
	}
	return RC_OK;
}

#define N 10
static const struct embed_str texts[N] = {
	{ "a", 1 }, { "bb", 2 }, { "ccc", 3 }, { "", 0 }, { "\xFF", 1 },
	{ "dddd", 4 }, { "eeeee", 5 }, { "a \"quoted\"\ntext", 15 },
	{ "this one is longer than twenty bytes", 36 }, { "f", 1 },
};

struct outcome {
	struct embed_usage usage;
	size_t ok, failed;
	int right;		/* every vector belongs to its text */
	char trouble[128];
};

static struct outcome
ask(struct service *s, int64_t deadline_ns)
{
	struct embed_opts o = { .spec = "openai:http://h/#m", .post = post,
	    .post_ctx = s, .api_key = "secret", .batch = 3, .in_flight = 2,
	    .deadline_ns = deadline_ns };
	enum embed_missing why[N];
	struct outcome r = { .right = 1 };
	struct embed_vec *v[N];
	struct embedder *e;
	struct err err = ERR_INIT;
	float x[4];
	size_t i;

	assert_int_equal(embedder_open(&o, &e, &err), RC_OK);
	assert_true(embedder_info(e)->curve.identity);
	assert_int_equal(embedder_embed(e, texts, N, v, why, &err), RC_OK);
	assert_int_equal(why[3], EMBED_EMPTY);
	assert_int_equal(why[4], EMBED_BAD_UTF8);
	for (i = 0; i < N; i++) {
		r.ok += v[i] != NULL;
		r.failed += why[i] == EMBED_FAILED;
		assert_true((v[i] == NULL) == (why[i] != EMBED_OK));
		if (v[i] != NULL && (embed_vec_dense(v[i], x, 4) != 3 ||
		    fabsf(x[1] / x[2] - (float)texts[i].s[0]) > 1e-2f))
			r.right = 0;
		free(v[i]);
	}
	r.usage = embedder_usage(e);
	(void)snprintf(r.trouble, sizeof(r.trouble), "%s",
	    embedder_trouble(e));
	embedder_close(&e);
	return r;
}

static void
test_moods(void **state)
{
	static const struct {
		enum mood mood;
		size_t ok, failed;
		int64_t deadline_ns;
		const char *trouble;	/* part of it, or NULL */
	} c[] = {
		{ FINE, 8, 0, 0, NULL },
		{ BUSY_TWICE, 8, 0, 0, "429" },
		{ DOWN, 0, 8, MONO_S / 5, "refused" },
		{ REFUSED, 0, 8, 0, "401" },
		{ SHORT, 0, 8, 0, "not a vector for each" },
		{ LONG_ONE, 7, 1, 0, "400" },
		{ DIMENSIONS, 0, 8, 0, "dimensions" },
		{ NOT_JSON, 0, 8, 0, "not JSON" },
		{ NOT_NUMBERS, 0, 8, 0, "without numbers" },
		{ TWICE, 0, 8, 0, "two vectors" },
		{ BEYOND, 0, 8, 0, "beyond" },
		{ ZERO, 0, 0, 0, NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		struct service s = { .mood = c[i].mood };
		struct outcome r = ask(&s, c[i].deadline_ns);

		if (r.ok != c[i].ok || r.failed != c[i].failed || !r.right)
			fail_msg("mood %d: %zu vectors, %zu failed, right %d",
			    (int)c[i].mood, r.ok, r.failed, r.right);
		if (c[i].trouble != NULL &&
		    strstr(r.trouble, c[i].trouble) == NULL)
			fail_msg("mood %d: \"%s\"", (int)c[i].mood, r.trouble);
		assert_true(s.most_texts <= 3);
		assert_true(s.most_at_once <= 2);
		assert_string_equal(s.auth, "Authorization: Bearer secret");
	}
}

/* A refusal is not repeated; a busy service is; usage is counted. */
static void
test_counts(void **state)
{
	struct service refused = { .mood = REFUSED };
	struct service busy = { .mood = BUSY_TWICE };
	struct outcome r;

	(void)state;
	r = ask(&refused, 0);
	assert_true(refused.posts <= 2);
	assert_int_equal(r.usage.retries, 0);
	r = ask(&busy, 0);
	assert_int_equal(r.usage.retries, 2);
	assert_int_equal(r.usage.requests, 5);
	assert_int_equal(r.usage.tokens, 8);
	assert_int_equal(r.usage.failures, 0);
}

static void
test_specs(void **state)
{
	static const struct {
		const char *spec;
		int rc;
	} c[] = {
		{ "openai:http://h", RC_OK },
		{ "openai:https://h/v1#m", RC_OK },
		{ "openai:h", RC_USAGE }, { "openai:http://", RC_USAGE },
		{ "openai:http://u:p@h/v1", RC_USAGE },
		{ "openai:ftp://h", RC_USAGE },
	};
	struct embedder *e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		struct service s = { .mood = FINE };
		struct embed_opts o = { .spec = c[i].spec, .post = post,
		    .post_ctx = &s };

		assert_int_equal(embedder_open(&o, &e, NULL), c[i].rc);
		embedder_close(&e);
	}
	{
		struct embed_opts o = { .post = post,
		    .spec = "openai:http://h/embeddings?key=secret#m" };

		assert_int_equal(embedder_open(&o, &e, NULL), RC_OK);
		assert_string_equal(embedder_info(e)->name,
		    "openai:http://h/embeddings#m");
		embedder_close(&e);
	}
}

static void
test_retry(void **state)
{
	static const struct {
		const char *value;
		int64_t ns;
	} after[] = {
		{ "", -1 }, { "3", 3 * MONO_S }, { "0", 0 }, { "-1", -1 },
		{ "soon", -1 }, { "3x", -1 },
		{ "99999999999999999999", 86400 * MONO_S },
		/* 784111777 s after the epoch */
		{ "Sun, 06 Nov 1994 08:49:37 GMT", 7 * MONO_S },
		{ "Sun, 06 Nov 1994 08:49:00 GMT", 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(after) / sizeof(after[0]); i++)
		assert_int_equal(retry_after_ns(after[i].value,
		    784111770 * MONO_S), after[i].ns);
	assert_int_equal(retry_wait_ns(1, 0.5, -1), MONO_S / 8);
	assert_int_equal(retry_wait_ns(3, 0.5, -1), MONO_S / 2);
	assert_int_equal(retry_wait_ns(60, 0.5, -1), 5 * MONO_S);
	assert_int_equal(retry_wait_ns(1, 0.5, 7 * MONO_S), 7 * MONO_S);
	assert_true(retry_worth(0) && retry_worth(429) && retry_worth(503));
	assert_false(retry_worth(400) || retry_worth(401) ||
	    retry_worth(404) || retry_worth(200));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moods),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_specs),
		cmocka_unit_test(test_retry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
