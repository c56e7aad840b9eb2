/* Showing recorded text: columns, cleaning, escapes, numbers, word diff. */
#include "reports/escape.h"
#include "reports/format.h"
#include "reports/glyph.h"
#include "reports/worddiff.h"
#include "tests/lib/check.h"

static void
expect(struct buf *b, const char *want, const char *of)
{
	if (strcmp(buf_str(b), want) != 0)
		fail_msg("%s: expected \"%s\", got \"%s\"", of, want,
		    buf_str(b));
	buf_fini(b);
	buf_init(b, 1 << 20);
}

static void
test_columns(void **state)
{
	static const struct {
		const char *s;
		size_t n;
	} t[] = {
		{ "", 0 }, { "abc", 3 }, { "e\xcc\x81", 1 },
		{ "\xe4\xbd\xa0\xe5\xa5\xbd", 4 }, { "\xf0\x9f\x94\xa5", 2 },
		{ "\xef\xbc\xa1", 2 }, { "\xd7\xa9\xd7\x9c", 2 },
		{ "\xe2\x86\x92 <> \xc3\x97", 6 }, { "a\xe2\x80\x8b" "b", 2 },
		{ "\xff\xfe", 2 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		assert_int_equal(glyph_columns(t[i].s), t[i].n);
}

static void
test_clean(void **state)
{
	static const struct {
		const char *s, *line, *lines;
	} t[] = {
		{ "", "", "" },
		{ "  a \t\n b  ", "a b", "  a \t\n b  " },
		{ "a\x1b[31mb", "a\xef\xbf\xbd[31mb", "a\xef\xbf\xbd[31mb" },
		{ "a\r\nb", "a b", "a\nb" },
		{ "x\xe2\x80\xaey", "x\xef\xbf\xbdy", "x\xef\xbf\xbdy" },
		{ "x\xe2\x80\xa8y", "x y", "x\xef\xbf\xbdy" },
		{ "\xff", "\xef\xbf\xbd", "\xef\xbf\xbd" },
		{ "\xe4\xbd", "\xef\xbf\xbd\xef\xbf\xbd",
		    "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xc2\x9b" "0m", "\xef\xbf\xbd" "0m", "\xef\xbf\xbd" "0m" },
	};
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 1 << 20);
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		glyph_clean(&b, t[i].s);
		expect(&b, t[i].line, t[i].s);
		glyph_clean_lines(&b, t[i].s);
		expect(&b, t[i].lines, t[i].s);
	}
}

static void
test_clip(void **state)
{
	static const struct {
		const char *s;
		size_t from, max;
		const char *want;
	} t[] = {
		{ "abcdef", 0, 6, "abcdef" },
		{ "abcdefg", 0, 6, "abcde\xe2\x80\xa6" },
		{ "abcdef", 2, 5, "\xe2\x80\xa6" "cdef" },
		{ "abcdefgh", 2, 4, "\xe2\x80\xa6" "cd\xe2\x80\xa6" },
		{ "\xe4\xbd\xa0\xe5\xa5\xbd\xe5\xa5\xbd", 0, 5,
		    "\xe4\xbd\xa0\xe5\xa5\xbd\xe2\x80\xa6" },
		{ "\xe4\xbd\xa0\xe5\xa5\xbd\xe5\xa5\xbd", 0, 4,
		    "\xe4\xbd\xa0\xe2\x80\xa6" },
		{ "abc", 0, 1, "\xe2\x80\xa6" },
		{ "", 0, 3, "" },
	};
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 1 << 20);
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		glyph_clip(&b, t[i].s, t[i].from, t[i].max);
		expect(&b, t[i].want, t[i].s);
	}
	buf_fini(&b);
}

/* Marks without end are cut, though they take no column. */
static void
test_clip_marks(void **state)
{
	struct buf marks, b;
	int i;

	(void)state;
	buf_init(&marks, 1 << 20);
	buf_init(&b, 1 << 20);
	buf_putc(&marks, 'a');
	for (i = 0; i < 100000; i++)
		buf_puts(&marks, "\xcc\x81");
	glyph_clip(&b, buf_str(&marks), 0, 10);
	assert_true(b.len < 1000);
	buf_fini(&marks);
	buf_fini(&b);
}

/* An excerpt of two long answers must reach their first difference. */
static void
test_differ(void **state)
{
	const char *a = "one two three four five six seven eight nine ten A";
	const char *b = "one two three four five six seven eight nine ten B";
	size_t from;

	(void)state;
	assert_int_equal(glyph_differ(a, b, 200), 0);
	assert_int_equal(glyph_differ(a, a, 20), 0);
	assert_int_equal(glyph_differ("x", "y", 20), 0);
	from = glyph_differ(a, b, 20);
	assert_true(from > 20);
	assert_int_equal(a[from - 1], ' ');
}

static void
test_line(void **state)
{
	(void)state;
	assert_int_equal(glyph_line("one two", 7), 7);
	assert_int_equal(glyph_line("one two", 6), 3);
	assert_int_equal(glyph_line("onetwo", 4), 4);
	assert_int_equal(glyph_line("by 22 %.", 6), 2);
	assert_int_equal(glyph_line("by 22 %.", 8), 8);
}

static void
test_escape(void **state)
{
	static const struct {
		const char *s, *xml, *md, *csv;
	} t[] = {
		{ "a<b>&\"'", "a&lt;b&gt;&amp;&quot;&#39;",
		    "a&lt;b&gt;&amp;&quot;'", "\"a<b>&\"\"'\"" },
		{ "]]>", "]]&gt;", "&#93;&#93;&gt;", "\"]]>\"" },
		{ "\xef\xbf\xbf", "\xef\xbf\xbd", "\xef\xbf\xbf",
		    "\"\xef\xbf\xbf\"" },
		{ "=1+1", "=1+1", "&#61;1+1", "\"'=1+1\"" },
		{ "  @x", "@x", "&#64;\xe2\x80\x8bx", "\"'@x\"" },
		{ "\xef\xbc\x9d" "1", "\xef\xbc\x9d" "1",
		    "\xef\xbc\x9d" "1", "\"'\xef\xbc\x9d" "1\"" },
		{ "- x", "- x", "&#45; x", "\"'- x\"" },
		{ "-", "-", "-", "\"'-\"" },
		{ "12) x", "12) x", "12&#41; x", "\"12) x\"" },
		{ "(p 12) :tada:", "(p 12) :tada:", "(p 12) &#58;tada:",
		    "\"(p 12) :tada:\"" },
		{ "1. x_y _z_ 2:30", "1. x_y _z_ 2:30",
		    "1. x_y &#95;z&#95; 2:30", "\"1. x_y _z_ 2:30\"" },
		{ "http://h www.h", "http://h www.h",
		    "http&#58;//h www&#46;h", "\"http://h www.h\"" },
	};
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 1 << 20);
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		escape_xml_line(&b, t[i].s);
		expect(&b, t[i].xml, t[i].s);
		escape_md(&b, t[i].s, 0);
		expect(&b, t[i].md, t[i].s);
		escape_csv(&b, t[i].s);
		expect(&b, t[i].csv, t[i].s);
	}
}

static void
test_numbers(void **state)
{
	static const struct {
		const char *unit;
		double v;
		const char *want;
	} t[] = {
		{ "distance", .0831, "0.083" }, { "distance", -0., "0.000" },
		{ "share", .07, "7 %" }, { "share", .0683, "6.8 %" },
		{ "rate", .0017, "0.17 %" }, { "share", 1, "100 %" },
		{ "ratio", 1.25, "+25 %" }, { "ratio", .97, "-3 %" },
		{ "ratio", 1, "+0 %" }, { "ns", 842e3, "842 \xc2\xb5s" },
		{ "ns", 12.34e6, "12.3 ms" }, { "ns", 1.2345e9, "1.23 s" },
		{ "ns", 250e9, "4 min 10 s" }, { "ns", 0, "0 ms" },
		{ "ns", 119.96e9, "120 s" }, { "ns", 999.6e6, "1.00 s" },
		{ "usd", 1.5, "1.5 usd" }, { "ns", NAN, "-" },
		{ "share", INFINITY, "-" },
	};
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 1 << 20);
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		format_value(&b, t[i].unit, t[i].v);
		expect(&b, t[i].want, t[i].unit);
	}
	format_count(&b, 1234567);
	expect(&b, "1,234,567", "count");
	format_plural(&b, 1, "case");
	expect(&b, "1 case", "plural");
	format_p(&b, .0123);
	expect(&b, ".012", "p");
	format_p(&b, .0001);
	expect(&b, "<.001", "p");
}

/* Words in brackets are those that the other side lacks. */
static void
marked(const struct worddiff_word *w, size_t n, struct buf *b)
{
	size_t i;

	for (i = 0; i < n; i++) {
		buf_puts(b, i > 0 ? " " : "");
		buf_puts(b, w[i].shared ? "" : "[");
		buf_add(b, w[i].p, w[i].core);
		buf_puts(b, w[i].shared ? "" : "]");
	}
}

static void
test_worddiff(void **state)
{
	static const struct {
		const char *a, *b, *ma, *mb;
	} t[] = {
		{ "", "", "", "" },
		{ "a b", "", "[a] [b]", "" },
		{ "a b c", "a b c", "a b c", "a b c" },
		{ "a b c", "a x c", "a [b] c", "a [x] c" },
		{ "a b c d", "b c d e", "[a] b c d", "b c d [e]" },
		{ "at 9 on Monday", "at 10 on Friday",
		    "at [9] on [Monday]", "at [10] on [Friday]" },
		{ "\xe4\xbd\xa0\xe5\xa5\xbd", "\xe4\xbd\xa0\xe5\xa5\xb9",
		    "\xe4\xbd\xa0 [\xe5\xa5\xbd]",
		    "\xe4\xbd\xa0 [\xe5\xa5\xb9]" },
	};
	struct worddiff d;
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 1 << 20);
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_int_equal(worddiff_init(&d, t[i].a, t[i].b), RC_OK);
		marked(d.a, d.na, &b);
		expect(&b, t[i].ma, t[i].a);
		marked(d.b, d.nb, &b);
		expect(&b, t[i].mb, t[i].b);
		worddiff_fini(&d);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_clip),
		cmocka_unit_test(test_clip_marks),
		cmocka_unit_test(test_differ),
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_escape),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_worddiff),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
