/* Benign perturbations: what each does, that words stay, that bytes of any
 * kind do no harm; regular expressions and their limits. */
#include "tests/lib/check.h"

#include "harness/base/regex.h"
#include "harness/base/rng.h"
#include "harness/base/text.h"
#include "harness/suite/perturb.h"

static const struct {
	const char *kind;
	uint32_t round;
	const char *text, *want;	/* want NULL: nothing to change */
} rows[] = {
	{ "whitespace", 0, "How long?", " How  long? " },
	{ "whitespace", 1, "How long?", "How\tlong?" },
	{ "whitespace", 2, "How long?", "How\xc2\xa0long?" },
	{ "whitespace", 1, "How?", NULL },
	{ "whitespace", 3, "How long?", NULL },
	{ "punctuation", 0, "How long?", "How long" },
	{ "punctuation", 0, "How long", "How long?" },
	{ "punctuation", 1, "How long? ", "How long??" },
	{ "punctuation", 2, "How long?", "How long ?" },
	{ "case", 0, "How Do \xc3\x9c I?", "how do \xc3\xbc i?" },
	{ "case", 0, "how?", NULL },
	{ "case", 1, "How?", "how?" },
	{ "case", 1, "how?", "How?" },
	{ "case", 1, "SQL?", NULL },
	{ "case", 2, "How?", NULL },
	{ "unicode", 0, "caf\xc3\xa9?", "cafe\xcc\x81?" },
	{ "unicode", 1, "cafe\xcc\x81?", "caf\xc3\xa9?" },
	{ "unicode", 0, "cafe?", NULL },
	{ "width", 0, "in 10 days", "in \xef\xbc\x91\xef\xbc\x90 days" },
	{ "width", 0, "\xef\xbc\x91 day", "1 day" },
	{ "width", 0, "ten days", NULL },
	{ "width", 1, "a b", "\xef\xbd\x81 \xef\xbd\x82" },
	{ "synonyms", 0, "What is the limit?", "What's the limit?" },
	{ "synonyms", 0, "Whatever island?", NULL },
	{ "synonyms", 0, "How can I buy it?", "How do I buy it?" },
	{ "synonyms", 1, "How can I buy it?", "How can I purchase it?" },
	{ "clauses", 0, "If I leave early, what is paid?",
	    "What is paid if I leave early?" },
	{ "clauses", 0, "After May 1, 2020, what changed?", NULL },
	{ "clauses", 0, "What changed, and why?", NULL },
	{ "unknown", 0, "How long?", NULL },
};

static void
test_rows(void **state)
{
	struct buf b;
	size_t i;
	int made;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_init(&b, 4096);
		buf_puts(&b, "x");
		made = perturb(rows[i].kind, rows[i].text, rows[i].round, &b);
		if (made != (rows[i].want != NULL) ||
		    strcmp(buf_str(&b) + 1, rows[i].want != NULL ?
		    rows[i].want : "") != 0)
			fail_msg("%s %u of \"%s\": %d \"%s\"", rows[i].kind,
			    rows[i].round, rows[i].text, made, buf_str(&b));
		buf_fini(&b);
	}
}

static void
words(const char *s, struct buf *out)
{
	struct text_words it;
	const char *w;
	size_t n;

	text_words_init(&it, s, strlen(s));
	while (text_words_next(&it, &w, &n)) {
		buf_add(out, w, n);
		buf_putc(out, ' ');
	}
}

/* All kinds but synonyms and clauses leave the normalised words alone. */
static void
test_words_stay(void **state)
{
	static const char text[] = "When does the Z\xc3\xbcrich office close "
	    "on 24 December, and who\xe2\x80\x99s on call?";
	struct buf want, got, b;
	uint32_t round;
	size_t i;
	int n = 0;

	(void)state;
	buf_init(&want, 4096);
	words(text, &want);
	for (i = 0; i < 5; i++) {
		for (round = 0; round < 4; round++) {
			buf_init(&b, 4096);
			buf_init(&got, 4096);
			if (perturb(perturb_names[i], text, round, &b)) {
				words(buf_str(&b), &got);
				assert_string_equal(buf_str(&got),
				    buf_str(&want));
				n++;
			}
			buf_fini(&b);
			buf_fini(&got);
		}
	}
	assert_true(n >= 9);
	buf_fini(&want);
}

/* Any bytes, any kind, buffers that are too small: no crash, and what it
 * says it made differs. */
static void
test_any_bytes(void **state)
{
	char text[40];
	struct buf b;
	uint64_t i;
	size_t n, k;
	int made;

	(void)state;
	for (i = 0; i < 20000; i++) {
		n = (size_t)rng_below(1, i, 0, sizeof(text));
		for (k = 0; k < n; k++)
			text[k] = (char)(1 + rng_below(1, i, k + 1, 255));
		text[n] = '\0';
		buf_init(&b, 1 + (size_t)rng_below(2, i, 0, 120));
		made = perturb(perturb_names[i % 7], text,
		    (uint32_t)(i / 7 % 4), &b);
		if (made)
			assert_string_not_equal(buf_str(&b), text);
		buf_fini(&b);
	}
}

static void
test_regex(void **state)
{
	static const struct {
		const char *pattern, *text;
		int found;
		size_t from, to;
	} cases[] = {
		{ "9[0-9] days", "in 90 days", 1, 3, 10 },
		{ "(?i)DAYS", "in 90 days", 1, 6, 10 },
		{ "^x", "in", 0, 0, 0 },
		{ "\\w+$", "z \xc3\xbc", 1, 2, 4 },
		{ "b", "a\xff" "b", 1, 2, 3 },
	};
	char long_text[64];
	struct err err = ERR_INIT;
	struct regex *re;
	size_t i, from, to;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		re = regex_new(cases[i].pattern, NULL);
		assert_non_null(re);
		from = to = 0;
		assert_int_equal(regex_find(re, cases[i].text,
		    strlen(cases[i].text), 0, &from, &to), cases[i].found);
		assert_int_equal(from, cases[i].from);
		assert_int_equal(to, cases[i].to);
		regex_free(re);
	}
	/* a pattern that doubles its work with every letter */
	re = regex_new("^(a+)+$", NULL);
	memset(long_text, 'a', sizeof(long_text));
	long_text[sizeof(long_text) - 1] = 'b';
	assert_int_equal(regex_find(re, long_text, sizeof(long_text), 0,
	    NULL, NULL), REGEX_LIMIT);
	regex_free(re);
	assert_null(regex_new("a(b", &err));
	assert_int_equal(err.code, RC_FORMAT);
	assert_non_null(strstr(err.msg, "at character 4"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_words_stay),
		cmocka_unit_test(test_any_bytes),
		cmocka_unit_test(test_regex),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
