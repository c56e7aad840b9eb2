/* Unicode text: validity, forms, words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "harness/base/text.h"

struct words_case {
	const char *text;
	size_t n;		/* 0: strlen */
	const char *words;	/* joined by '|' */
};

static const struct words_case words_cases[] = {
	{ "", 0, "" },
	{ "Hello, World!", 0, "hello|world" },
	{ "It's 3.5 km", 0, "it|s|3|5|km" },
	{ "costs $5 or \xE2\x82\xAC" "5", 0,
	    "costs|$|5|or|\xE2\x82\xAC|5" },
	{ "Caf\xC3\xA9 CAFE\xCC\x81", 0, "caf\xC3\xA9|caf\xC3\xA9" },
	{ "\xEF\xBC\xA1\xEF\xBC\xA2\xEF\xBC\x91", 0, "ab1" },	/* full width */
	{ "\xEF\xAC\x81x", 0, "fix" },		/* fi ligature */
	{ "Stra\xC3\x9F" "e", 0, "strasse" },
	{ "\xE6\x9D\xB1\xE4\xBA\xAC tower", 0,
	    "\xE6\x9D\xB1|\xE4\xBA\xAC|tower" },
	{ "a\xE6\x9D\xB1" "b", 0, "a|\xE6\x9D\xB1|b" },
	{ "\xED\x95\x9C\xEA\xB5\xAD", 0, "\xED\x95\x9C\xEA\xB5\xAD" },
	{ "ok \xF0\x9F\x91\x8D", 0, "ok|\xF0\x9F\x91\x8D" },
	{ "a\xFF" "b", 0, "a|b" },		/* malformed separates */
	{ "a\0b", 3, "a|b" },
	{ "x\xC2\xA0y", 0, "x|y" },		/* no-break space */
	{ "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D", 0,
	    "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D" },
	{ "...---!!!", 0, "" },
	/* a soft hyphen, a zero-width space and joiner, a byte order mark */
	{ "war\xC2\xADranty a\xE2\x80\x8B" "b c\xE2\x80\x8D" "d "
	    "\xEF\xBB\xBF" "e", 0, "warranty|ab|cd|e" },
};

static void
test_words(void **state)
{
	struct text_words it;
	struct buf b;
	const char *w;
	size_t i, n;

	(void)state;
	buf_init(&b, 1 << 16);
	for (i = 0; i < sizeof(words_cases) / sizeof(words_cases[0]); i++) {
		const struct words_case *c = &words_cases[i];

		buf_reset(&b);
		text_words_init(&it, c->text, c->n ? c->n : strlen(c->text));
		while (text_words_next(&it, &w, &n)) {
			if (b.len > 0)
				buf_putc(&b, '|');
			buf_add(&b, w, n);
		}
		assert_string_equal(buf_str(&b), c->words);
	}
	buf_fini(&b);
}

/* A megabyte without a space, and one of long decompositions. */
static void
test_words_long(void **state)
{
	static const char *const unit[] = { "a", "\xEF\xB7\xBA", "\xCC\x81" };
	struct text_words it;
	struct buf b;
	const char *w;
	size_t i, k, n, total;

	(void)state;
	for (i = 0; i < 3; i++) {
		buf_init(&b, 1 << 22);
		for (k = 0; k < 300000; k++)
			buf_puts(&b, unit[i]);
		text_words_init(&it, b.p, b.len);
		for (total = 0; text_words_next(&it, &w, &n); total += n)
			assert_in_range(n, 1, TEXT_WORD_BYTES);
		assert_true(total >= 300000);
		buf_fini(&b);
	}
}

static void
test_valid(void **state)
{
	static const struct {
		const char *s;
		size_t n;
		int valid;
	} c[] = {
		{ "", 0, 1 }, { "abc", 3, 1 }, { "\0", 1, 1 },
		{ "\xC3\xA9", 2, 1 }, { "\xC3", 1, 0 },
		{ "\xC0\x80", 2, 0 },			/* overlong NUL */
		{ "\xED\xA0\x80", 3, 0 },		/* surrogate */
		{ "\xF4\x90\x80\x80", 4, 0 },		/* past U+10FFFF */
		{ "\xF0\x9F\x91\x8D", 4, 1 }, { "\xF0\x9F\x91", 3, 0 },
		{ "\x80", 1, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++)
		assert_int_equal(text_valid(c[i].s, c[i].n), c[i].valid);
	assert_int_equal(text_length("a\xC3\xA9\xFF", 4), 3);
}

static void
test_forms(void **state)
{
	static const struct {
		enum text_form form;
		const char *in, *out;
	} c[] = {
		{ TEXT_NFC, "e\xCC\x81", "\xC3\xA9" },
		{ TEXT_NFD, "\xC3\xA9", "e\xCC\x81" },
		{ TEXT_NFKC, "\xEF\xBC\xA1", "A" },
		{ TEXT_NFKC_FOLD, "\xEF\xBC\xA1", "a" },
		{ TEXT_NFC, "", "" },
	};
	struct err err = ERR_INIT;
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 64);
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		buf_reset(&b);
		assert_int_equal(text_normalise(c[i].in, strlen(c[i].in),
		    c[i].form, &b, &err), RC_OK);
		assert_string_equal(buf_str(&b), c[i].out);
	}
	assert_int_equal(text_normalise("\xFF", 1, TEXT_NFC, &b, &err),
	    RC_FORMAT);
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_words_long),
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
