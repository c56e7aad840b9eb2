/* Sentences and windows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "harness/base/buf.h"
#include "harness/base/text.h"
#include "harness/meaning/window.h"

static const struct {
	const char *text, *sentences;	/* joined by '|' */
} cases[] = {
	{ "", "" },
	{ "  \n\t ", "" },
	{ "One. Two! Three?", "One.|Two!|Three?" },
	{ "No final mark", "No final mark" },
	{ "It costs 3.5 dollars. OK.", "It costs 3.5 dollars.|OK." },
	{ "Dr. Smith met J. R. Jones. They left.",
	    "Dr. Smith met J. R. Jones.|They left." },
	{ "See e.g. Paris. Or Rome.", "See e.g. Paris.|Or Rome." },
	{ "He said \"Go.\" Then he left.", "He said \"Go.\"|Then he left." },
	{ "Wait... what? Yes.", "Wait... what?|Yes." },
	{ "Visit example.com today.", "Visit example.com today." },
	{ "A title\n\nA paragraph.", "A title|A paragraph." },
	{ "One line\nwraps here.", "One line\nwraps here." },
	{ "\xE6\x9D\xB1\xE4\xBA\xAC\xE3\x80\x82\xE4\xBA\xAC\xEF\xBC\x81x",
	    "\xE6\x9D\xB1\xE4\xBA\xAC\xE3\x80\x82|\xE4\xBA\xAC\xEF\xBC\x81|x" },
	{ "In 1999. 42 people came.", "In 1999.|42 people came." },
	{ "\xD9\x86\xD8\xB9\xD9\x85\xD8\x9F \xD9\x84\xD8\xA7.",
	    "\xD9\x86\xD8\xB9\xD9\x85\xD8\x9F|\xD9\x84\xD8\xA7." },
	{ "a\xFF. B", "a\xFF.|B" },
	{ ". . .", ".|.|." },
};

static void
test_sentences(void **state)
{
	struct window_iter it;
	struct embed_str s;
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 1 << 12);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&b);
		window_init(&it, cases[i].text, strlen(cases[i].text));
		while (sentence_next(&it, &s)) {
			if (b.len > 0)
				buf_putc(&b, '|');
			buf_add(&b, s.s, s.n);
		}
		assert_string_equal(buf_str(&b), cases[i].sentences);
	}
	buf_fini(&b);
}

/* Windows hold whole sentences, in order, and no character is lost. */
static void
check_windows(const char *text, size_t n, size_t least, size_t most)
{
	struct window_iter it;
	struct embed_str w;
	size_t count = 0, seen = 0, all = 0, i;

	window_init(&it, text, n);
	while (window_next(&it, &w)) {
		assert_in_range(text_length(w.s, w.n), 1, WINDOW_CHARS);
		for (i = 0; i < w.n; i++)
			seen += w.s[i] != ' ' && w.s[i] != '\n';
		count++;
	}
	for (i = 0; i < n; i++)
		all += text[i] != ' ' && text[i] != '\n';
	assert_int_equal(seen, all);
	assert_in_range(count, least, most);
}

static void
test_windows(void **state)
{
	static const char sentence[] =
	    "This sentence has exactly sixty characters, spaces included. ";
	struct buf b;
	size_t i;

	(void)state;
	check_windows("Short.", 6, 1, 1);
	check_windows("", 0, 0, 0);
	buf_init(&b, 1 << 22);
	for (i = 0; i < 14; i++)
		buf_puts(&b, sentence);
	check_windows(b.p, b.len, 3, 3);	/* six of 61 fit into 420 */
	buf_reset(&b);
	for (i = 0; i < 1000000; i++)
		buf_putc(&b, 'x');
	check_windows(b.p, b.len, 2381, 2381);
	buf_reset(&b);
	for (i = 0; i < 200000; i++)
		buf_puts(&b, "word ");
	check_windows(b.p, b.len, 2381, 2400);
	buf_reset(&b);
	for (i = 0; i < 300000; i++)
		buf_puts(&b, "\xE6\x9D\xB1");
	check_windows(b.p, b.len, 715, 715);
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_windows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
