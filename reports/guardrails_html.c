/* The seventeen guardrails as a page; see drill_report.h. */
#include "reports/drill_report.h"
#include "reports/drill_words.h"
#include "reports/escape.h"
#include "reports/html_page.h"

static void
put_proof(const struct json *row, struct buf *out)
{
	const struct json *held = json_get(row, "held");

	buf_puts(out, "<td class=\"wide\">");
	if (*word_of(row, "verdict") == '\0') {
		buf_puts(out, "<span class=\"dim\">nothing was tried</span>"
		    "</td>");
		return;
	}
	escape_xml_line(out, word_of(row, "what"));
	buf_puts(out, "<p class=\"dim small\">");
	escape_xml_line(out, word_of(row, "when"));
	if (*word_of(row, "build") != '\0') {
		buf_puts(out, "Z, on ");
		escape_xml_line(out, word_of(row, "build"));
	} else {
		buf_putc(out, 'Z');
	}
	buf_puts(out, "</p>");
	if (held != NULL && json_kind(held) == JSON_OBJECT) {
		buf_puts(out, "<p class=\"dim small\">it last held ");
		escape_xml_line(out, word_of(held, "when"));
		buf_puts(out, "Z, on ");
		escape_xml_line(out, word_of(held, "build"));
		buf_puts(out, "</p>");
	}
	buf_puts(out, "</td>");
}

static void
put_missing(const struct json *row, struct buf *out)
{
	const struct json *m = json_first(json_get(row, "missing"));

	buf_puts(out, "<td class=\"wide small\">");
	if (m != NULL) {
		buf_puts(out, "<ul>");
		for (; m != NULL; m = json_next(m)) {
			buf_puts(out, "<li><bdi>");
			escape_xml_line(out, json_str(m) == NULL ? "" :
			    json_str(m));
			buf_puts(out, "</bdi></li>");
		}
		buf_puts(out, "</ul>");
	}
	if (!has_verdict(row, "PASS") && *word_of(row, "command") != '\0') {
		buf_puts(out, "<code>");
		escape_xml_line(out, word_of(row, "command"));
		buf_puts(out, "</code>");
	}
	buf_puts(out, "</td>");
}

static void
put_row(const struct json *row, struct buf *out)
{
	const char *verdict = word_of(row, "verdict");

	buf_printf(out, "<tr><td class=\"r\">%d</td><td><span class=\"chip "
	    "%s\">%s ", (int)json_get_int(row, "guardrail", 0),
	    class_of(row), symbol_of(row));
	escape_xml_line(out, *verdict == '\0' ? "not tried" : verdict);
	buf_puts(out, "</span></td><td class=\"wide\"><strong>");
	escape_xml_line(out, word_of(row, "title"));
	buf_puts(out, "</strong><p class=\"dim small\">");
	escape_xml_line(out, word_of(row, "proves"));
	buf_puts(out, "</p></td>");
	put_proof(row, out);
	put_missing(row, out);
	buf_puts(out, "</tr>\n");
}

void
guardrails_html_section(const struct json *rows, struct buf *out)
{
	const struct json *row;

	buf_puts(out, "<section id=\"guardrails\"><h2>The seventeen "
	    "guardrails</h2><div class=\"card flush\"><table class=\"fold\">"
	    "<thead><tr><th></th><th>state</th><th>guardrail</th>"
	    "<th>last proven</th><th>missing</th></tr></thead><tbody>\n");
	for (row = json_first(rows); row != NULL; row = json_next(row))
		put_row(row, out);
	buf_puts(out, "</tbody></table></div></section>\n");
}

void
guardrails_html(const struct json *rows, const char *version,
    struct buf *out)
{
	const struct json *row;
	int n = 0, held = 0, tried = 0;

	for (row = json_first(rows); row != NULL; row = json_next(row)) {
		n++;
		tried += *word_of(row, "verdict") != '\0';
		held += has_verdict(row, "PASS");
	}
	html_begin(out, "Guardrails", "what was last proven");
	buf_printf(out, "<header class=\"banner %s\"><div><h1>%d of %d "
	    "guardrails hold</h1><p>%d do%s not, %d w%s not tried</p></div>"
	    "</header>\n<main>\n", held == n ? "good" : tried > held ? "bad" :
	    "warn", held, n, tried - held, tried - held == 1 ? "es" : "",
	    n - tried, n - tried == 1 ? "as" : "ere");
	guardrails_html_section(rows, out);
	html_end(out, version);
}
