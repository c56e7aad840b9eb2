/* Expected answers within other amounts, and those that stay found. */
#include "harness/base/arena.h"
#include "harness/score/ctext.h"
#include "harness/score/phrase.h"
#include "tests/lib/check.h"

#define LEN(a) (sizeof(a) / sizeof *(a))

struct pair {
	const char *expected, *answer;
};

static int
stands(const char *expected, size_t n, const char *answer, size_t answer_n)
{
	struct ctext e = { .p = expected, .n = n };
	struct ctext x = { .p = answer, .n = answer_n };
	struct arena a;
	int yes;

	arena_init(&a, 1 << 16);	/* for the expected alone */
	yes = phrase_stands(&e, &x, &a);
	assert_int_equal(phrase_stands(&e, &x, &a), yes);
	assert_int_equal(a.bad, 0);
	arena_fini(&a);
	return yes;
}

/* Each as it is, within a sentence, and after itself. */
static void
check_pairs(const struct pair *t, size_t n, int want)
{
	char text[512];
	size_t i, k;

	for (i = 0; i < n; i++) {
		static const struct {
			const char *before, *after;
		} forms[] = {
			{ "", "" }, { "The value of it is ", "." },
			{ "It is (", "), they say" }, { "Zero ", "; or so\n" },
		};

		for (k = 0; k < LEN(forms); k++) {
			(void)snprintf(text, sizeof(text), "%s%s%s",
			    forms[k].before, t[i].answer, forms[k].after);
			if (stands(t[i].expected, strlen(t[i].expected), text,
			    strlen(text)) != want)
				fail_msg("'%s' in '%s': not %d", t[i].expected,
				    text, want);
		}
	}
}

static void
test_other_amounts(void **state)
{
	static const struct pair t[] = {
		/* a part of a longer number */
		{ "5 mg", "0.5 mg" }, { "5 mg", "2.5 mg" },
		{ "5 mg", ".5 mg" }, { "5 mg", "-.5 mg" },
		{ "5 mg", "0,5 mg" }, { "10", "10,000" },
		{ "14 days", "1.14 days" }, { "20", "20.5" },
		{ "500 EUR", "1,500 EUR" }, { "500 EUR", "1.500 EUR" },
		{ "500 EUR", "1'500 EUR" },
		{ "500 EUR", "1\xe2\x80\x99""500 EUR" },
		{ "500 EUR", "1\xc2\xa0""500 EUR" },
		{ "500 EUR", "1\xe2\x80\xaf""500 EUR" },
		{ "10", "10 000" }, { "10", "10\xc2\xa0""500" },
		{ "3", "3/4" }, { "4", "3/4" }, { "2", "1\xc2\xbd" },
		{ "1", "\xc2\xbd" }, { "1", "1\xe2\x81\x84""2" },
		{ "10", "10:30" }, { "30", "10:30" }, { "v2", "v2.1" },
		{ "version 2", "version 2.1.0" }, { "2", "2.0.1" },
		{ "2 MB", "2^2 MB" }, { "10", "10^6" }, { "10", "10^-6" },
		{ "10", "10\xe2\x81\xbb\xc2\xb3" },
		{ "10\xe2\x81\xb5", "105" }, { "105", "10\xe2\x81\xb5" },
		{ "10\xe2\x81\xb5", "10\xe2\x81\xb6" },
		{ "5", "5\xef\xbc\x8e""5" },		/* full width */
		{ ".5", "1.5" }, { ".5", "5" }, { "1,5", "11,5" },
		{ "2019", "2019.5" }, { "2019", "1.2019" },
		/* another sign */
		{ "40 degrees", "-40 degrees" },
		{ "40 degrees", "\xe2\x88\x92""40 degrees" },
		{ "40 degrees", "**-40 degrees**" },
		{ "40 degrees", "\"-40 degrees\"" },
		{ "40", "{\"t\":-40}" }, { "$5", "-$5" }, { "$5", "$-5" },
		{ "+5", "-5" }, { "-5", "5" }, { "-5", "10-5" },
		{ "40 to 20", "-40 to 20" }, { "40 to 20", "40 to -20" },
		{ "<5", ">5" }, { "<5", "5" }, { "<5", "more than 5" },
		{ ">= 18", "< 18" }, { ">= 18", "18" }, { ">= 18", "> 18" },
		{ "\xe2\x89\xa5 18", "<= 18" }, { ">5", "no more than 5" },
		{ "18+", "18" }, { "x != 1", "x == 1" },
		{ "x > 1", "x < 1" }, { "\xc2\xb1""5", "5" },
		{ "5 %", "5" }, { "5%", "5 mg" }, { "5%", "5\xe2\x80\xb0" },
		{ "5\xe2\x80\xb0", "5%" },
		/* other names */
		{ "C", "C++" }, { "C", "C#" }, { "C#", "C" }, { "C++", "C" },
		{ "C++", "C+" }, { "C#", "C++" }, { "A+", "A-" },
		{ "A+", "A" }, { "A-", "A" }, { "A", "A+" }, { "A-", "A+" },
		{ "Sky", "Sky+" }, { "Na\xe2\x81\xba", "Na\xe2\x81\xbb" },
		{ "Na\xe2\x81\xbb", "Na\xe2\x81\xba" },
		/* joined otherwise */
		{ "10:30", "10-30" }, { "10-30", "10:30" },
		{ "3/4", "3-4" }, { "3/4", "3 4" }, { "3/4", "3.4" },
		{ "1.5", "1-5" }, { "2^2", "2 2" }, { "10:30", "10/30" },
		{ "5", "-$5" },
	};

	(void)state;
	check_pairs(t, LEN(t), 0);
}

static void
test_same_amounts(void **state)
{
	static const struct pair t[] = {
		{ "5 mg", "5 mg" }, { "5 mg", "5  MG" },
		{ "5 mg", "5\xc2\xa0mg" },
		{ "5 mg", "0.5 mg, later 5 mg" }, { "0.5", "0.5" },
		{ ".5", "0.5" }, { ".5", ".5" }, { "5mg", "5mg" },
		/* the ends of sentences, lists, ranges, hyphens */
		{ "20", "20." }, { "20", "20, 30" }, { "30", "20, 30" },
		{ "20", "20: 30 of them" }, { "20", "20\xe2\x80\xa6" },
		{ "20", "...20" }, { "20", "20/month" }, { "20", "\"20\"" },
		{ "40 degrees", "10-40 degrees" },
		{ "40 degrees", "10\xe2\x80\x93""40 degrees" },
		{ "10", "10-40 degrees" }, { "19", "COVID-19" },
		{ "1990", "pre-1990" }, { "40", "(555) 010-40" },
		{ "40", "\n- 40" }, { "40", "5%-40%" }, { "40", "$30-$40" },
		{ "7", "5\"-7\" long" },
		{ "40", "word \xe2\x80\x94""40 of it" },
		{ "No.5", "No.5" }, { "5", "No.5" },
		{ "500", "in 2019 500 men" },
		{ "2019", "in 2019 500 men" }, { "5", "page 5 000123" },
		/* parts of a date; a nought that says nothing */
		{ "2019", "5/12/2019" }, { "2019", "05.12.2019" },
		{ "2019", "2019/05/12" }, { "2019", "2019-05-12" },
		{ "2019", "2019/20" }, { "2019", "12/2019" },
		{ "1994", "(Rhoda 1994:148)" },
		{ "$20", "$20.00" }, { "5", "5.0" }, { "12", "12:00 noon" },
		{ "v2", "v2.0" },
		/* one number in the ways of several countries */
		{ "10,000", "10.000" }, { "10,000", "10 000" },
		{ "10,000", "10\xe2\x80\xaf""000" }, { "10,000", "10'000" },
		{ "1.5", "1,5" }, { "10:30", "10.30" }, { "10:30", "10 30" },
		{ "2019-20", "2019\xe2\x80\x93""20" }, { "2019-20", "2019/20" },
		{ "2019-05-12", "2019/05/12" }, { "5/12/2019", "5.12.2019" },
		{ "555-123-4567", "555 123 4567" },
		{ "555-123-4567", "(555) 123-4567" },
		{ "555-123-4567", "555.123.4567" }, { "10-40", "10 -40" },
		{ "COVID-19", "COVID 19" }, { "May 5, 2019", "May 5 2019" },
		{ "1\xc2\xbd", "1\xc2\xbd" }, { "3/4", "3\xe2\x81\x84""4" },
		/* signs, and the words for them */
		{ "5 %", "5%" }, { "5%", "5 %" }, { "5 %", "5 percent" },
		{ "5 %", "5 per cent" }, { "5 %", "**5** %" },
		{ "5 %", "5\xc2\xa0%" }, { "5%", "5\xef\xbc\x85" },
		{ "5", "5 %" }, { "%5", "5%" }, { "5%-10%", "5-10%" },
		{ "5-10%", "5%-10%" }, { "10%", "5-10%" },
		{ "-40", "-40" }, { "-40", "\xe2\x88\x92""40" },
		{ "-40", "minus 40" }, { "-40", "40 below zero" },
		{ "-40", "- 40" }, { "+5", "5" }, { "5", "+5" },
		{ "-$5", "$-5" }, { "5", "5+3" },
		{ "<5", "< 5" }, { "<5", "less than 5" }, { "<5", "&lt;5" },
		{ "<5", "fewer than 5" }, { "< $5", "under $5" },
		{ ">= 18", "\xe2\x89\xa5""18" }, { ">= 18", "at least 18" },
		{ ">= 18", "18 or older" }, { ">= 18", "18+" },
		{ "18+", "at least 18" }, { "18+", "18+" },
		{ "<= 3", "no more than 3" }, { "5", "<b>5</b>" },
		{ "5", "> 5" }, { "5", "x=5" }, { "x = 5", "x: 5" },
		{ "\xc2\xb1""5", "+/-5" }, { "\xc2\xb1""5", "plus or minus 5" },
		{ "C", "C" }, { "C", "A, B, C, D" }, { "C", "C/C" },
		{ "C++", "C++" }, { "C++", "C++11" }, { "C#", "C\\#" },
		{ "C#", "C#," }, { "A+", "A+" }, { "A-", "A-" },
		{ "A", "A+B" }, { "page", "page#top" },
		{ "short", "short- and long-term" }, { "Ctrl", "Ctrl+C" },
		{ "<br>", "br" }, { "Zero", "zero" },
		{ "10\xe2\x81\xb5", "10\xe2\x81\xb5" },
		{ "Na\xe2\x81\xba", "Na+" }, { "Na+", "Na\xe2\x81\xba" },
		{ "m2", "m\xc2\xb2" },
		{ "warranty", "war\xc2\xadranty" },
		{ "warranty", "war\xe2\x80\x8branty" },
	};

	(void)state;
	check_pairs(t, LEN(t), 1);
}

/* Bytes that are no UTF-8, NUL and signs at both ends: nothing is read beyond
 * what there is. */
static void
test_bounds(void **state)
{
	static const char signs[] = "-+%#<>=.,:/^'\"*(\\$ \0\xe2\x88\xff\xc2"
	    "5A";
	char text[8], *p;
	uint32_t r = 1;
	size_t i, k, n;

	(void)state;
	for (i = 0; i < 200000; i++) {
		n = 1 + i % sizeof(text);
		for (k = 0; k < n; k++) {
			r = r * 1664525 + 1013904223;
			text[k] = signs[(r >> 16) % (sizeof(signs) - 1)];
		}
		p = malloc(n);	/* of its own, for the sanitizers */
		assert_non_null(p);
		memcpy(p, text, n);
		(void)stands("5", 1, p, n);
		free(p);
	}
}

/* Long runs of what is looked through, by many places that do not hold. */
static void
test_long(void **state)
{
	static const struct {
		const char *expected, *unit, *last;
		int want;
	} t[] = {
		{ "5 5 5 5 5 5 5 6", "5 ", "6", 1 }, { "5", "0.5 ", "", 0 },
		{ "5", "-5 ", "5", 1 }, { "<5", " ", "5", 0 },
		{ "5", "*", "-5", 0 }, { "C", "C++ ", "", 0 },
		{ "C", "+", "", 0 }, { "-5", "'-'-", "5", 0 },
		{ "5 %", "5 (((((((", "%", 1 }, { "5", "5,", "", 0 },
		{ "1", "1", "", 0 }, { "b", "b c ", "", 1 },
		{ "5 6", "5 / ", "6", 0 },
	};
	enum { MB = 1 << 20 };
	char *p = malloc(MB + 64);
	size_t i, n, unit;

	(void)state;
	assert_non_null(p);
	for (i = 0; i < LEN(t); i++) {
		unit = strlen(t[i].unit);
		for (n = 0; n + unit <= MB; n += unit)
			memcpy(p + n, t[i].unit, unit);
		memcpy(p + n, t[i].last, strlen(t[i].last));
		n += strlen(t[i].last);
		if (stands(t[i].expected, strlen(t[i].expected), p, n) !=
		    t[i].want)
			fail_msg("row %zu: not %d", i, t[i].want);
	}
	free(p);
}

/* Wherever it stands among many words, with what is before and after. */
static void
test_windows(void **state)
{
	char text[4096];
	size_t before, i, n;

	(void)state;
	for (before = 0; before < 600; before++) {
		for (n = i = 0; i < before; i++) {
			text[n++] = 'a';
			text[n++] = ' ';
		}
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "0.5 mg, less than 7 b c d e f g h per cent; 9 or more "
		    "and -8 a a a a a");
		assert_false(stands("5 mg", 4, text, n));
		assert_true(stands("<7 b c d e f g h %", 18, text, n));
		assert_false(stands(">7 b c d e f g h %", 18, text, n));
		assert_true(stands("9+", 2, text, n));
		assert_true(stands("-8", 2, text, n));
		assert_false(stands("8", 1, text, n));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_other_amounts),
		cmocka_unit_test(test_same_amounts),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_windows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
