/* Words of a text, unions of spans, clipped unigrams. */
#include "harness/score/cover.h"
#include "harness/score/ctext.h"
#include "tests/lib/check.h"

#define LEN(a) (sizeof(a) / sizeof *(a))

static void
test_intervals(void **state)
{
	/* a section at [100,200) of its document; chunks within it */
	struct cover_span v[] = {
		{ 50 - 100, 130 - 100 }, { 120 - 100, 150 - 100 },
		{ 190 - 100, 400 - 100 },
	};
	struct cover_span odd[] = {
		{ 5, 5 }, { 9, 3 }, { -8, -2 }, { 100, 200 }, { 2, 4 },
		{ 4, 6 },
	};
	size_t n;

	(void)state;
	n = cover_merge(v, LEN(v), 100);
	assert_int_equal(n, 2);
	assert_near((double)cover_length(v, n) / 100, .60, 1e-12);
	n = cover_merge(odd, LEN(odd), 100);
	assert_int_equal(n, 1);
	assert_int_equal(cover_length(odd, n), 4);
	assert_int_equal(cover_merge(odd, 0, 100), 0);
}

static const struct ctext_words *
words_of(const char *s, struct arena *a)
{
	struct ctext *x = arena_alloc(a, sizeof(*x));

	assert_non_null(x);
	x->p = s;
	x->n = strlen(s);
	return ctext_words(x, a);
}

static void
test_words(void **state)
{
	static const struct {
		const char *text, *norm;
		size_t n;
	} t[] = {
		{ "", " ", 0 },
		{ "...!?", " ", 0 },
		{ "The refund, 90-day: $5!", " the refund 90 day $ 5 ", 6 },
		{ "Gr\xc3\x96\xc3\x9f""E  x", " gr\xc3\xb6sse x ", 2 },
		{ "\xef\xbc\xa1\xef\xbc\xa2", " ab ", 1 },	/* full width */
		{ "\xe6\x9d\xb1\xe4\xba\xac 2020",
		    " \xe6\x9d\xb1 \xe4\xba\xac 2020 ", 3 },
		{ "a\xff""b", " a b ", 2 },
	};
	struct arena a;
	struct ctext x;
	size_t i;

	(void)state;
	arena_init(&a, 1 << 20);
	for (i = 0; i < LEN(t); i++) {
		memset(&x, 0, sizeof(x));
		x.p = t[i].text;
		x.n = strlen(t[i].text);
		assert_string_equal(ctext_norm(&x, &a), t[i].norm);
		assert_int_equal(x.norm_n, strlen(t[i].norm));
		assert_int_equal(ctext_words(&x, &a)->n, t[i].n);
	}
	arena_fini(&a);
}

static void
test_covered_words(void **state)
{
	static const char text[] = "one two three four";
	struct cover_span v[] = { { 0, 3 }, { 4, 6 }, { 6, 7 }, { 9, 18 } };
	const struct ctext_words *w;
	struct arena a;
	size_t n;

	(void)state;
	arena_init(&a, 1 << 20);
	w = words_of(text, &a);
	assert_int_equal(w->n, 4);
	assert_int_equal(w->from[2], 8);
	assert_int_equal(w->to[2], 13);
	/* "two" is covered by two spans that touch, "three" only in part */
	n = cover_merge(v, LEN(v), (int64_t)strlen(text));
	assert_int_equal(cover_words(w, v, n), 3);
	assert_int_equal(cover_words(w, v, 0), 0);
	arena_fini(&a);
}

static void
test_unigrams(void **state)
{
	const struct ctext_words *section, *texts[2];
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	section = words_of("the cat and the dog and the bird", &a);
	texts[0] = words_of("The THE the the cat", &a);
	texts[1] = words_of("and a fox", &a);
	assert_int_equal(cover_unigrams(section, texts, 0, &a), 0);
	/* "the" is there three times and counts three times at most */
	assert_int_equal(cover_unigrams(section, texts, 1, &a), 4);
	assert_int_equal(cover_unigrams(section, texts, 2, &a), 5);
	assert_int_equal(cover_unigrams(words_of("", &a), texts, 2, &a), 0);
	arena_fini(&a);
}

static void
test_code_points(void **state)
{
	static const char s[] = "a\xc3\xa4\xe6\x9d\xb1z";

	(void)state;
	assert_int_equal(cover_byte_of(s, strlen(s), 0), 0);
	assert_int_equal(cover_byte_of(s, strlen(s), 2), 3);
	assert_int_equal(cover_byte_of(s, strlen(s), 3), 6);
	assert_int_equal(cover_byte_of(s, strlen(s), 4), 7);
	assert_int_equal(cover_byte_of(s, strlen(s), 5), -1);
}

static void
test_texts_once(void **state)
{
	char text[64];
	struct ctexts t;
	struct ctext *first[200], *again;
	struct arena a;
	size_t i;

	(void)state;
	arena_init(&a, 1 << 22);
	ctexts_init(&t, &a);
	for (i = 0; i < LEN(first); i++) {
		(void)snprintf(text, sizeof(text), "text number %zu", i);
		first[i] = ctexts_add(&t, arena_strn(&a, text, strlen(text)),
		    strlen(text));
		assert_non_null(first[i]);
	}
	for (i = 0; i < LEN(first); i++) {
		(void)snprintf(text, sizeof(text), "text number %zu", i);
		again = ctexts_add(&t, text, strlen(text));
		assert_ptr_equal(again, first[i]);
	}
	assert_int_equal(t.table.n, LEN(first));
	assert_null(ctexts_add(&t, NULL, 0));
	arena_fini(&a);
}

/* Beyond its maximum an arena says so, once and for all. */
static void
test_arena_bounded(void **state)
{
	struct arena a;
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	arena_init(&a, 1 << 18);
	for (i = 0; i < 100 && arena_alloc(&a, 10000) != NULL; i++)
		continue;
	assert_true(i >= 10 && i <= 26);
	assert_null(arena_alloc(&a, 1));
	assert_int_equal(arena_check(&a, "a test", &err), RC_NOMEM);
	arena_reset(&a);
	assert_non_null(arena_alloc(&a, 1));
	assert_null(arena_calloc(&a, SIZE_MAX / 2, 4));
	arena_fini(&a);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_intervals),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_covered_words),
		cmocka_unit_test(test_unigrams),
		cmocka_unit_test(test_code_points),
		cmocka_unit_test(test_texts_once),
		cmocka_unit_test(test_arena_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
