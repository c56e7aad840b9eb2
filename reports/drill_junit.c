/*
 * A drill as JUnit XML: each scenario is a test suite, each check a test case.
 * A check that could not be judged says so in its output; it is no skip, and no
 * failure. A scenario that could not run is an error.
 */
#include <stdio.h>

#include "reports/drill_report.h"
#include "reports/drill_words.h"
#include "reports/escape.h"

struct tally {
	size_t tests, failures, errors;
};

static int
could_not_run(const struct json *s)
{
	return has_verdict(s, "COULD NOT RUN");
}

static void
count(const struct json *s, struct tally *t)
{
	const struct json *c = json_first(json_get(s, "checks"));

	for (; c != NULL; c = json_next(c)) {
		t->tests++;
		t->failures += has_verdict(c, "FAIL");
	}
	t->tests += could_not_run(s);
	t->errors += could_not_run(s);
}

static void
put_tally(const struct tally *t, struct buf *out)
{
	buf_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"",
	    t->tests, t->failures, t->errors);
}

static void
put_name(const struct json *doc, const struct json *s, struct buf *out)
{
	const char *suite = word_of(doc, "suite");

	escape_xml_line(out, *suite == '\0' ? "drill" : suite);
	buf_putc(out, '.');
	escape_xml_line(out, word_of(s, "name"));
}

static void
open_case(const struct json *doc, const struct json *s, const char *name,
    struct buf *out)
{
	buf_puts(out, "    <testcase classname=\"");
	put_name(doc, s, out);
	buf_puts(out, "\" name=\"");
	escape_xml_line(out, *name == '\0' ? "check" : name);
	buf_puts(out, "\">\n");
}

static void
put_trouble(const char *tag, const char *type, const char *message,
    const char *body, struct buf *out)
{
	buf_printf(out, "      <%s type=\"", tag);
	escape_xml_line(out, *type == '\0' ? "drill" : type);
	buf_puts(out, "\" message=\"");
	escape_xml_line(out, message);
	buf_puts(out, "\">");
	escape_xml(out, body);
	buf_printf(out, "</%s>\n    </testcase>\n", tag);
}

static void
put_check(const struct json *doc, const struct json *s, const struct json *c,
    struct buf *out)
{
	open_case(doc, s, word_of(c, "name"), out);
	if (has_verdict(c, "FAIL")) {
		put_trouble("failure", word_of(s, "cause"),
		    word_of(c, "says"), word_of(s, "prevented_by"), out);
		return;
	}
	buf_puts(out, "      <system-out>");
	if (has_verdict(c, "NOT_JUDGED"))
		buf_puts(out, "not judged: ");
	escape_xml(out, word_of(c, "says"));
	buf_puts(out, "</system-out>\n    </testcase>\n");
}

/* The schema wants a date and time without a zone; it is UTC. */
static void
put_timestamp(const char *s, struct buf *out)
{
	static const char shape[] = "dddd-dd-ddTdd:dd:dd";
	size_t i;

	for (i = 0; shape[i] != '\0'; i++) {
		if (shape[i] == 'd' ? s[i] < '0' || s[i] > '9' :
		    s[i] != shape[i])
			return;
	}
	buf_printf(out, " timestamp=\"%.19s\"", s);
}

static void
put_scenario(const struct json *doc, const struct json *s, struct buf *out)
{
	const struct json *c = json_first(json_get(s, "checks"));
	struct tally t = { 0, 0, 0 };

	count(s, &t);
	buf_puts(out, "  <testsuite name=\"");
	put_name(doc, s, out);
	buf_putc(out, '"');
	put_tally(&t, out);
	buf_printf(out, " skipped=\"0\" time=\"%.3f\"",
	    json_get_num(s, "seconds", 0));
	put_timestamp(word_of(doc, "started"), out);
	buf_puts(out, ">\n");
	for (; c != NULL; c = json_next(c))
		put_check(doc, s, c, out);
	if (could_not_run(s)) {
		open_case(doc, s, "scenario", out);
		put_trouble("error", "COULD NOT RUN", word_of(s, "headline"),
		    "", out);
	}
	buf_puts(out, "  </testsuite>\n");
}

void
drill_junit(const struct json *doc, struct buf *out)
{
	const struct json *list = json_get(doc, "scenarios"), *s;
	struct tally t = { 0, 0, 0 };

	for (s = json_first(list); s != NULL; s = json_next(s))
		count(s, &t);
	buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<testsuites name=\"lockstep drill\"");
	put_tally(&t, out);
	buf_puts(out, ">\n");
	for (s = json_first(list); s != NULL; s = json_next(s))
		put_scenario(doc, s, out);
	buf_puts(out, "</testsuites>\n");
}
