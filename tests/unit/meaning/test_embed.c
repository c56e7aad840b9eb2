/* The embedders that need no files: distances, curves, hostile texts. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "harness/base/hash.h"
#include "harness/meaning/embed.h"

static const char *const local[] = { "builtin", "lexical" };

static void
assert_near(double a, double b, double eps)
{
	if (!(fabs(a - b) <= eps))
		fail_msg("%.9g is not near %.9g", a, b);
}

static struct embedder *
opened(const char *spec)
{
	struct embed_opts o = { .spec = spec };
	struct err err = ERR_INIT;
	struct embedder *e;

	if (embedder_open(&o, &e, &err) != RC_OK)
		fail_msg("%s", err.msg);
	return e;
}

static struct embed_vec *
vector(struct embedder *e, const char *s, size_t n, enum embed_missing *why)
{
	struct embed_str t = { s, n };
	struct embed_vec *v;

	assert_int_equal(embedder_embed(e, &t, 1, &v, why, NULL), RC_OK);
	assert_true((v == NULL) == (*why != EMBED_OK));
	return v;
}

static double
distance(struct embedder *e, const char *a, const char *b)
{
	enum embed_missing why;
	struct embed_vec *x = vector(e, a, strlen(a), &why);
	struct embed_vec *y = vector(e, b, strlen(b), &why);
	double raw = embed_raw(e, x, y);

	free(x);
	free(y);
	return raw;
}

static void
test_open(void **state)
{
	static const char *const bad[] = { "", "builtin2", "built", "lexical:",
	    "model2vec:", "model2vec", "openai:", "x" };
	struct err err = ERR_INIT;
	struct embedder *e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct embed_opts o = { .spec = bad[i] };

		assert_int_equal(embedder_open(&o, &e, &err), RC_USAGE);
		assert_null(e);
	}
	embedder_close(&e);
	e = opened("builtin");
	assert_int_equal(embedder_info(e)->dim, 256);
	assert_int_equal(strlen(embedder_info(e)->weights_hash), 32);
	assert_string_equal(embedder_info(e)->name, "builtin");
	embedder_close(&e);
	assert_null(e);
}

static void
test_curve(void **state)
{
	struct embed_curve c = { .t = 0.6 }, bad = { .t = 2 };
	struct embedder *e = opened("lexical");
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(embedder_set_curve(e, &bad, &err), RC_USAGE);
	assert_int_equal(embedder_set_curve(e, &c, NULL), RC_OK);
	assert_near(embed_ds(e, 0), 0, 0);
	assert_near(embed_ds(e, 0.6), 0.45, 1e-15);
	assert_near(embed_ds(e, 0.3), 0.225, 1e-15);
	assert_near(embed_ds(e, 2), 2, 1e-15);
	assert_near(embed_ds(e, 1.3), 1.225, 1e-15);
	assert_true(isnan(embed_ds(e, NAN)));
	c.identity = 1;
	assert_int_equal(embedder_set_curve(e, &c, NULL), RC_OK);
	assert_near(embed_ds(e, 0.7), 0.7, 0);
	embedder_close(&e);
}

/* The same text is at 0, a nearer meaning nearer than a farther one. */
static void
test_distances(void **state)
{
	static const char q[] = "How do I reset my password?";
	static const char near[] = "To reset the password, open settings.";
	static const char far[] = "The river floods the valley in spring.";
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct embedder *e = opened(local[i]);

		assert_near(distance(e, q, q), 0, 1e-12);
		assert_near(distance(e, q, near), distance(e, near, q), 0);
		assert_true(distance(e, q, near) < distance(e, q, far) - 0.1);
		assert_true(distance(e, q, far) <= 2);
		embedder_close(&e);
	}
}

struct hostile {
	const char *s;
	size_t n;
	enum embed_missing why;	/* of both embedders */
};

static void
test_hostile(void **state)
{
	static char huge[1 << 20], over[EMBED_TEXT_MAX + 1];
	const struct hostile cases[] = {
		{ "", 0, EMBED_EMPTY }, { " \n\t", 3, EMBED_EMPTY },
		{ "\0\0\0", 3, EMBED_EMPTY },
		{ "\xFF\xFE", 2, EMBED_BAD_UTF8 },
		{ "caf\xC3", 4, EMBED_BAD_UTF8 },
		{ "a\0b", 3, EMBED_OK },
		{ "\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD", 8, EMBED_OK },
		{ "\xE6\x9D\xB1\xE4\xBA\xAC\xE3\x81\xAF", 9, EMBED_OK },
		{ "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D", 8, EMBED_OK },
		{ "\xE2\x80\xAE" "abc", 6, EMBED_OK },	/* RTL override */
		{ "\xEF\xBF\xBD", 3, EMBED_OK },	/* U+FFFD */
		{ huge, sizeof(huge), EMBED_OK },
		{ over, sizeof(over), EMBED_TOO_LONG },
	};
	size_t i, k;

	(void)state;
	memset(huge, 'x', sizeof(huge));
	for (i = 0; i < sizeof(huge); i += 7)
		huge[i] = ' ';
	memset(over, 'y', sizeof(over));
	for (k = 0; k < 2; k++) {
		struct embedder *e = opened(local[k]);

		for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			enum embed_missing why;
			struct embed_vec *v = vector(e, cases[i].s,
			    cases[i].n, &why);

			if (why != cases[i].why)
				fail_msg("%s, case %zu: %s", local[k], i,
				    embed_missing_text(why));
			if (v != NULL)
				assert_near(embed_raw(e, v, v), 0, 1e-9);
			free(v);
		}
		assert_true(isnan(embed_raw(e, NULL, NULL)));
		embedder_close(&e);
	}
}

/* Thread counts and company change nothing. */
static void
test_same_bytes(void **state)
{
	enum { N = 500 };
	static char text[N][64];
	struct embed_str s[N];
	struct embed_vec *v[N], *w;
	enum embed_missing why[N], one;
	struct embedder *e = opened("builtin");
	size_t i;

	(void)state;
	for (i = 0; i < N; i++) {
		(void)snprintf(text[i], sizeof(text[i]),
		    "question %zu about part %zu of part %zu", i, i % 7,
		    i % 13);
		s[i] = (struct embed_str){ text[i], strlen(text[i]) };
	}
	assert_int_equal(embedder_embed(e, s, N, v, why, NULL), RC_OK);
	for (i = 0; i < N; i++) {
		w = vector(e, s[i].s, s[i].n, &one);
		assert_int_equal(embed_vec_bytes(w), embed_vec_bytes(v[i]));
		assert_memory_equal(w, v[i], embed_vec_bytes(w));
		free(w);
		free(v[i]);
	}
	embedder_close(&e);
}

/*
 * The same bytes whatever compiler and machine: a change of the table or of
 * the arithmetic shows here, and must be meant.
 */
static void
test_golden(void **state)
{
	static const struct {
		const char *spec, *text, *hash;
	} c[] = {
		{ "builtin", "How do I reset my password?",
		    "4d64a9f600d9813171a7394ae2ace137" },
		{ "builtin", "Caf\xC3\xA9 \xE6\x9D\xB1\xE4\xBA\xAC, the the "
		    "the: "
		    "9 of 10.", "a5b8bcf93b3938e549efbfc92f087a56" },
		{ "lexical", "How do I reset my password?",
		    "e8918a23cd05d1797483a5feb6d390e0" },
	};
	char hash[HASH_HEX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		struct embedder *e = opened(c[i].spec);
		enum embed_missing why;
		struct embed_vec *v = vector(e, c[i].text, strlen(c[i].text),
		    &why);

		hash_hex(v, embed_vec_bytes(v), hash);
		assert_string_equal(hash, c[i].hash);
		free(v);
		embedder_close(&e);
	}
}

/* A stored vector comes back equal; damaged bytes do not come back. */
static void
test_load(void **state)
{
	struct embedder *e = opened("builtin");
	enum embed_missing why;
	struct embed_vec *v = vector(e, "a stored text", 13, &why), *w;
	size_t n = embed_vec_bytes(v), i, refused = 0;
	unsigned char *p = malloc(n);

	(void)state;
	assert_non_null(p);
	memcpy(p, v, n);
	w = embed_vec_load(p, n);
	assert_non_null(w);
	assert_memory_equal(w, v, n);
	free(w);
	assert_null(embed_vec_load(p, n - 1));
	assert_null(embed_vec_load(p, 3));
	for (i = 0; i < n; i++) {
		p[i] ^= 0x80;
		w = embed_vec_load(p, n);
		refused += w == NULL;
		if (w != NULL)
			assert_false(embed_raw(e, v, w) < 0);
		free(w);
		p[i] ^= 0x80;
	}
	assert_true(refused > 16);
	free(p);
	free(v);
	embedder_close(&e);
}

/* ---- the set ----------------------------------------------------------- */

struct shelf {
	char key[64][33];
	void *blob[64];
	size_t len[64], n, puts, begun, ended;
};

static int
shelf_get(void *ctx, const char *weights, const char *text, void **blob,
    size_t *n, struct err *err)
{
	struct shelf *s = ctx;
	size_t i;

	(void)err;
	assert_int_equal(strlen(weights), 32);
	for (i = 0; i < s->n; i++) {
		if (strcmp(s->key[i], text) == 0) {
			*blob = malloc(s->len[i]);
			assert_non_null(*blob);
			memcpy(*blob, s->blob[i], s->len[i]);
			*n = s->len[i];
		}
	}
	return RC_OK;
}

static int
shelf_put(void *ctx, const char *weights, const char *text, const void *blob,
    size_t n, struct err *err)
{
	struct shelf *s = ctx;

	(void)weights;
	(void)err;
	assert_true(s->n < 64);
	(void)snprintf(s->key[s->n], sizeof(s->key[0]), "%s", text);
	s->blob[s->n] = malloc(n);
	assert_non_null(s->blob[s->n]);
	memcpy(s->blob[s->n], blob, n);
	s->len[s->n++] = n;
	s->puts++;
	return RC_OK;
}

static int
shelf_begin(void *ctx, struct err *err)
{
	(void)err;
	((struct shelf *)ctx)->begun++;
	return RC_OK;
}

static int
shelf_end(void *ctx, struct err *err)
{
	(void)err;
	((struct shelf *)ctx)->ended++;
	return RC_OK;
}

static const char long_text[] =
    "The first sentence tells where the harbour lies and how deep it is, so "
    "that a captain may judge it. The second tells of the pilots, who come "
    "aboard at the outer buoy in all weathers but fog. The third is about "
    "dues, which are paid by the ton and by the day, before leaving. The "
    "fourth gives the hours of the customs house, closed on Sundays. The "
    "fifth warns of a sandbank that moves after every storm. The sixth names "
    "the yard that repairs rudders and engines. The seventh ends the page.";

static void
test_set(void **state)
{
	struct shelf shelf = { .n = 0 };
	struct embed_store store = { &shelf, shelf_get, shelf_put,
	    shelf_begin, shelf_end };
	struct embedder *e = opened("builtin");
	const struct embed_want wants[] = {
		{ { "short", 5 }, EMBED_WHOLE | EMBED_WINDOWS },
		{ { long_text, sizeof(long_text) - 1 }, EMBED_WINDOWS },
		{ { "short", 5 }, EMBED_WHOLE },
		{ { "...", 3 }, EMBED_WHOLE },
		{ { "\xFF", 1 }, EMBED_WINDOWS },
		{ { long_text, sizeof(long_text) - 1 }, EMBED_WHOLE },
		{ { "", 0 }, EMBED_WINDOWS },
	};
	const struct embed_doc *d[7];
	struct embed_stats st;
	struct embed_set *set;
	size_t i;
	int round;

	(void)state;
	for (round = 0; round < 2; round++) {
		assert_int_equal(embed_set_open(e, 1 << 20, &store, &set,
		    NULL), RC_OK);
		assert_int_equal(embed_set_fetch(set, wants, 7, d, NULL),
		    RC_OK);
		assert_ptr_equal(d[0], d[2]);
		assert_ptr_equal(d[1], d[5]);
		assert_int_equal(d[0]->n_win, 1);
		assert_ptr_equal(d[0]->win[0], d[0]->whole);
		assert_int_equal(d[1]->n_win, 2);
		assert_non_null(d[1]->whole);
		assert_int_equal(d[4]->why, EMBED_BAD_UTF8);
		assert_int_equal(d[6]->why, EMBED_EMPTY);
		assert_true(isnan(embed_raw_windows(e, d[0]->whole, d[4])));
		assert_near(embed_raw_windows(e, d[1]->win[1], d[1]), 0,
		    1e-9);
		st = embed_set_stats(set);
		assert_int_equal(st.asked, 7);
		assert_int_equal(st.hits, 1);
		if (round == 1)
			assert_int_equal(st.stored, shelf.puts);
		assert_int_equal(shelf.begun, shelf.ended);
		embed_set_release(set);
		embed_set_close(&set);
		assert_null(set);
	}
	for (i = 0; i < shelf.n; i++)
		free(shelf.blob[i]);
	embedder_close(&e);
}

/* Memory stays bounded, and what is pinned stays. */
static void
test_evict(void **state)
{
	struct embedder *e = opened("lexical");
	struct embed_set *set;
	const struct embed_doc *d;
	struct embed_stats st;
	char text[64];
	int i;

	(void)state;
	assert_int_equal(embed_set_open(e, 64 << 10, NULL, &set, NULL),
	    RC_OK);
	for (i = 0; i < 3000; i++) {
		struct embed_want w = { { text, 0 }, EMBED_WHOLE };

		w.text.n = (size_t)snprintf(text, sizeof(text),
		    "text number %d of many", i);
		assert_int_equal(embed_set_fetch(set, &w, 1, &d, NULL),
		    RC_OK);
		assert_non_null(d->whole);
		if (i % 10 == 9)
			embed_set_release(set);
	}
	st = embed_set_stats(set);
	assert_true(st.evicted > 2000);
	assert_true(st.bytes <= 64 << 10);
	embed_set_close(&set);
	embedder_close(&e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_curve),
		cmocka_unit_test(test_distances),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_same_bytes),
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_load),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_evict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
