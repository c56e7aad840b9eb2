/* The reader of event streams: what the HTML standard says, however the bytes
 * are cut, and within bounds. */
#include "tests/lib/check.h"

#include "harness/traffic/sse.h"

/* name|data for each event, "!" in front of a cut one, "-" for no data. */
static const struct row {
	const char *what;
	char format;
	const char *text, *events;
} rows[] = {
	{ "LF", 's', "data: a\n\ndata: b\n\n", "|a;|b;" },
	{ "CRLF", 's', "data: a\r\n\r\ndata: b\r\n\r\n", "|a;|b;" },
	{ "CR", 's', "data: a\r\rdata: b\r\r", "|a;|b;" },
	{ "all kinds mixed", 's', "data: a\r\n\ndata: b\n\r\ndata: c\r\r\n",
	    "|a;|b;|c;" },
	{ "CR, then an event's LF", 's', "data: a\r\n\r\n\ndata: b\n\n",
	    "|a;|b;" },
	{ "no blank behind the colon", 's', "data:a\n\n", "|a;" },
	{ "one blank is taken off", 's', "data:  a\n\n", "| a;" },
	{ "a tab is none", 's', "data:\ta\n\n", "|\ta;" },
	{ "byte order mark", 's', "\xef\xbb\xbf" "data: a\n\n", "|a;" },
	{ "a mark later on is text", 's', "data: \xef\xbb\xbf" "a\n\n",
	    "|\xef\xbb\xbf" "a;" },
	{ "half a mark is a field", 's', "\xef\xbb" "data: x\n\ndata: a\n\n",
	    "|a;" },
	{ "several data lines", 's', "data: {\ndata: \"a\": 1\ndata: }\n\n",
	    "|{\n\"a\": 1\n};" },
	{ "an empty data line counts", 's', "data:\ndata: a\ndata\n\n",
	    "|\na\n;" },
	{ "data without a value", 's', "data\n\ndata:\n\n", "|;|;" },
	{ "comments", 's', ": hello\n\n:\ndata: a\n: in between\ndata: b\n\n",
	    "|a\nb;" },
	{ "names", 's', "event: x\ndata: a\n\ndata: b\n\n", "x|a;|b;" },
	{ "the last name counts", 's', "event: x\nevent:y\ndata: a\n\n",
	    "y|a;" },
	{ "a name behind the data", 's', "data: a\nevent: x\n\n", "x|a;" },
	{ "a name alone", 's', "event: end\n\ndata: a\n\n", "end-;|a;" },
	{ "id and retry", 's', "id: 7\nretry: 100\n\nid\ndata: a\nretry\n\n",
	    "|a;" },
	{ "names of fields are exact", 's',
	    "datax: a\n data: b\nDATA: c\nEvent: d\ndata: e\n\n", "|e;" },
	{ "the colon may stand in the value", 's', "data: a: b:c\n\n",
	    "|a: b:c;" },
	{ "blank lines alone", 's', "\n\r\n\r\n\n", "" },
	{ "nothing", 's', "", "" },
	{ "no blank line at the end", 's', "data: a\n\ndata: b\n", "|a;!|b;" },
	{ "no end of line at the end", 's', "data: a\n\ndata: b", "|a;!|b;" },
	{ "cut within a field", 's', "data: a\n\nda", "|a;" },
	{ "lines", 'n', "{\"a\":1}\n{\"b\":2}\n", "|{\"a\":1};|{\"b\":2};" },
	{ "lines with CRLF", 'n', "1\r\n2\r\n", "|1;|2;" },
	{ "lines with CR", 'n', "1\r2\r", "|1;|2;" },
	{ "blank lines between", 'n', "\n1\n\n\n2\n\n", "|1;|2;" },
	{ "the last line without its end", 'n', "1\n2", "|1;!|2;" },
	{ "a mark in front of lines", 'n', "\xef\xbb\xbf" "1\n", "|1;" },
	{ "RFC 7464", 'n', "\x1e{\"a\":1}\n\x1e{\"b\":2}\n",
	    "|{\"a\":1};|{\"b\":2};" },
	{ "data: means nothing to lines", 'n', "data: 1\n", "|data: 1;" },
};

static int
note(void *ctx, const struct sse_event *e)
{
	struct buf *out = ctx;

	buf_printf(out, "%s%s%s", e->cut ? "!" : "", e->name,
	    e->has_data ? "|" : "-");
	buf_add(out, e->data, e->n);
	buf_putc(out, ';');
	return 0;
}

/* From memory of the exact size, so that reading beyond it shows. */
static void
read_pieces(struct sse *s, const char *text, size_t n, size_t first,
    size_t piece, struct buf *out)
{
	size_t i = 0, k = first;
	char *p;

	buf_reset(out);
	while (i < n) {
		k = k < n - i ? k : n - i;
		p = malloc(k > 0 ? k : 1);
		assert_non_null(p);
		memcpy(p, text + i, k);
		assert_int_equal(sse_feed(s, p, k, note, out), 0);
		free(p);
		i += k;
		k = piece;
	}
	assert_int_equal(sse_end(s, note, out), 0);
}

static void
test_rows(void **state)
{
	struct sse s;
	struct buf out;
	size_t i, k, n;

	(void)state;
	buf_init(&out, 1 << 20);
	sse_init(&s, SSE_EVENTS, 1 << 20);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		n = strlen(rows[i].text);
		/* whole, in two at any place, in pieces of any size */
		for (k = 0; k <= 2 * n + 1; k++) {
			sse_reset(&s, (enum sse_format)rows[i].format);
			read_pieces(&s, rows[i].text, n, k <= n ? k :
			    k - n, k <= n ? n + 1 : k - n, &out);
			if (strcmp(buf_str(&out), rows[i].events) != 0)
				fail_msg("%s, cut %zu: %s", rows[i].what, k,
				    buf_str(&out));
		}
	}
	sse_fini(&s);
	buf_fini(&out);
}

/* What is too large is left out and counted; what follows is read. */
static void
test_bounds(void **state)
{
	static const struct {
		char format;
		const char *head, *end;
	} kinds[] = {
		{ 's', "data: ", "\n\n" }, { 's', "data: ", "\r\r" },
		{ 'n', "", "\n" },
	};
	enum { MAX = 1000, HUGE = 100000 };
	struct buf text, out;
	struct sse s;
	size_t i, k, piece;

	(void)state;
	buf_init(&text, 1 << 20);
	buf_init(&out, 1 << 20);
	sse_init(&s, SSE_EVENTS, MAX);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		buf_reset(&text);
		buf_puts(&text, kinds[i].head);
		for (k = 0; k < HUGE; k++)
			buf_putc(&text, 'x');
		buf_printf(&text, "%s%sok%s", kinds[i].end, kinds[i].head,
		    kinds[i].end);
		for (piece = 1; piece <= text.len; piece *= 7) {
			sse_reset(&s, (enum sse_format)kinds[i].format);
			read_pieces(&s, text.p, text.len, piece, piece, &out);
			assert_string_equal(buf_str(&out), "|ok;");
			assert_int_equal(s.too_large, 1);
			assert_true(s.line.cap + s.data.cap < 10 * MAX);
		}
	}
	/* many lines of one event */
	buf_reset(&text);
	for (k = 0; k < 500; k++)
		buf_puts(&text, "data: 0123456789\n");
	buf_puts(&text, "\ndata: ok\n\n");
	sse_reset(&s, SSE_EVENTS);
	read_pieces(&s, text.p, text.len, 50, 50, &out);
	assert_string_equal(buf_str(&out), "|ok;");
	assert_int_equal(s.too_large, 1);
	/* a long comment is no loss */
	buf_reset(&text);
	buf_puts(&text, ":");
	for (k = 0; k < HUGE; k++)
		buf_putc(&text, 'x');
	buf_puts(&text, "\ndata: ok\n\n");
	sse_reset(&s, SSE_EVENTS);
	read_pieces(&s, text.p, text.len, 77, 77, &out);
	assert_string_equal(buf_str(&out), "|ok;");
	assert_int_equal(s.too_large, 0);
	sse_fini(&s);
	buf_fini(&text);
	buf_fini(&out);
}

static int
stop(void *ctx, const struct sse_event *e)
{
	(void)e;
	return ++*(int *)ctx == 2 ? 77 : 0;
}

static void
test_stops(void **state)
{
	static const char text[] = "data: a\n\ndata: b\n\ndata: c\n\n";
	struct sse s;
	int n = 0;

	(void)state;
	sse_init(&s, SSE_EVENTS, 100);
	assert_int_equal(sse_feed(&s, text, sizeof(text) - 1, stop, &n), 77);
	assert_int_equal(n, 2);
	sse_fini(&s);
}

static void
test_types(void **state)
{
	static const struct {
		const char *type;
		enum sse_format format;
	} types[] = {
		{ NULL, SSE_NONE }, { "", SSE_NONE },
		{ "application/json", SSE_NONE },
		{ "text/event-stream", SSE_EVENTS },
		{ "Text/Event-Stream; charset=utf-8", SSE_EVENTS },
		{ "application/x-ndjson", SSE_LINES },
		{ "application/jsonl", SSE_LINES },
		{ "application/stream+json", SSE_LINES },
		{ "application/json-seq", SSE_LINES },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		assert_int_equal(sse_of_type(types[i].type), types[i].format);
	assert_true(sse_begins("data: x", 7));
	assert_true(sse_begins("\xef\xbb\xbf: x", 6));
	assert_true(sse_begins("event:x", 7));
	assert_true(sse_begins("\n\r\ndata: x", 10));
	assert_false(sse_begins("dat", 3));
	assert_false(sse_begins("{\"data\":1}", 10));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_stops),
		cmocka_unit_test(test_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
