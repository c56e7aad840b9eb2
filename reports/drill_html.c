/* A drill as a page; see drill_report.h. */
#include <math.h>

#include "reports/drill_report.h"
#include "reports/drill_words.h"
#include "reports/escape.h"
#include "reports/html_page.h"

static void
put_chip(const struct json *j, struct buf *out)
{
	buf_printf(out, "<span class=\"chip %s\">%s ", class_of(j),
	    symbol_of(j));
	escape_xml_line(out, has_verdict(j, "NOT_JUDGED") ? "not judged" :
	    word_of(j, "verdict"));
	buf_puts(out, "</span>");
}

static void
put_banner(const struct json *doc, struct buf *out)
{
	buf_printf(out, "<header class=\"banner %s\"><div><h1>"
	    "<span class=\"v\">%s ", class_of(doc), symbol_of(doc));
	escape_xml_line(out, word_of(doc, "verdict"));
	buf_puts(out, ":</span> ");
	drill_sentence(doc, out);
	buf_puts(out, "</h1><p>");
	escape_xml_line(out, word_of(doc, "suite"));
	buf_puts(out, " \xc2\xb7 <span class=\"id\">");
	escape_xml_line(out, word_of(doc, "id"));
	buf_puts(out, "</span> \xc2\xb7 ");
	escape_xml_line(out, word_of(doc, "started"));
	buf_printf(out, " \xc2\xb7 exit status %d",
	    (int)json_get_int(doc, "exit_status", 2));
	if (*word_of(doc, "decision") != '\0') {
		buf_puts(out, " \xc2\xb7 decision: ");
		escape_xml_line(out, word_of(doc, "decision"));
	}
	buf_puts(out, "</p></div></header>\n");
}

static void
put_nav(const struct json *doc, const struct json *rows, struct buf *out)
{
	const struct json *s = json_first(json_get(doc, "scenarios"));
	int i;

	buf_puts(out, "<nav aria-label=\"Sections\"><div>");
	for (i = 1; s != NULL; s = json_next(s), i++) {
		buf_printf(out, "<a href=\"#s%d\">", i);
		escape_xml_line(out, word_of(s, "name"));
		buf_puts(out, "</a>");
	}
	if (rows != NULL)
		buf_puts(out, "<a href=\"#guardrails\">The seventeen</a>");
	buf_puts(out, "<a href=\"#drill\">Drill</a></div></nav>\n");
}

static void
put_checks(const struct json *checks, struct buf *out)
{
	const struct json *c = json_first(checks);

	if (c == NULL)
		return;
	buf_puts(out, "<div class=\"card flush\"><table class=\"fold\"><thead>"
	    "<tr><th>verdict</th><th>check</th><th>what was seen</th></tr>"
	    "</thead><tbody>\n");
	for (; c != NULL; c = json_next(c)) {
		buf_puts(out, "<tr><td>");
		put_chip(c, out);
		buf_puts(out, "</td><td class=\"wide\"><strong>");
		escape_xml_line(out, word_of(c, "name"));
		buf_puts(out, "</strong></td><td class=\"wide\"><bdi>");
		escape_xml_line(out, word_of(c, "says"));
		buf_puts(out, "</bdi></td></tr>\n");
	}
	buf_puts(out, "</tbody></table></div>\n");
}

static void
put_gate(const struct json *g, struct buf *out)
{
	buf_puts(out, "<tr><td>");
	put_chip(g, out);
	buf_puts(out, "</td><td class=\"wide\"><strong>");
	escape_xml_line(out, word_of(g, "name"));
	buf_puts(out, "</strong>");
	if (has_verdict(g, "NOT_JUDGED") && *word_of(g, "why") != '\0') {
		buf_puts(out, "<p class=\"dim small\"><bdi>");
		escape_xml_line(out, word_of(g, "why"));
		buf_puts(out, "</bdi></p>");
	}
	buf_puts(out, "</td><td class=\"r\" data-l=\"value\">");
	if (isfinite(json_get_num(g, "value", NAN)))
		buf_printf(out, "%.4g", json_get_num(g, "value", 0));
	buf_puts(out, "</td><td class=\"r\" data-l=\"limit\">");
	if (isfinite(json_get_num(g, "limit", NAN)))
		buf_printf(out, "%.4g", json_get_num(g, "limit", 0));
	buf_puts(out, "</td></tr>\n");
}

/* What was judged comes first. */
static void
put_gates(const struct json *gates, struct buf *out)
{
	const struct json *g;
	int judged;

	if (json_first(gates) == NULL)
		return;
	buf_puts(out, "<div class=\"card flush\"><table class=\"fold\"><thead>"
	    "<tr><th>verdict</th><th>gate</th><th class=\"r\">value</th>"
	    "<th class=\"r\">limit</th></tr></thead><tbody>\n");
	for (judged = 1; judged >= 0; judged--)
		for (g = json_first(gates); g != NULL; g = json_next(g))
			if (has_verdict(g, "NOT_JUDGED") != judged)
				put_gate(g, out);
	buf_puts(out, "</tbody></table></div>\n");
}

static void
put_facts(const struct json *s, struct buf *out)
{
	const struct json *l = json_first(json_get(s, "levers"));

	buf_puts(out, "<div class=\"card\"><dl class=\"tight\">\n");
	if (*word_of(s, "cause") != '\0') {
		buf_puts(out, "<dt>likely cause</dt><dd><strong>");
		escape_xml_line(out, word_of(s, "cause"));
		buf_puts(out, "</strong>; guardrail ");
		escape_xml_line(out, word_of(s, "prevented_by"));
		buf_puts(out, " prevents it</dd>\n");
	}
	if (l != NULL)
		buf_puts(out, "<dt>levers</dt><dd>");
	for (; l != NULL; l = json_next(l)) {
		buf_puts(out, "<p>");
		escape_xml_line(out, word_of(l, "lever"));
		buf_putc(out, ' ');
		escape_xml_line(out, word_of(l, "did"));
		buf_printf(out, " in %.1f ms", json_get_num(l, "ms", 0));
		if (json_get(l, "error") != NULL) {
			buf_puts(out, " and failed: ");
			escape_xml_line(out, word_of(l, "error"));
		}
		buf_puts(out, "</p>");
	}
	if (json_first(json_get(s, "levers")) != NULL)
		buf_puts(out, "</dd>\n");
	buf_printf(out, "<dt>requests</dt><dd>%lld in %.1f s</dd>\n",
	    (long long)json_get_int(s, "requests", 0),
	    json_get_num(s, "seconds", 0));
	if (*word_of(s, "build") != '\0') {
		buf_puts(out, "<dt>build</dt><dd class=\"id\">");
		escape_xml_line(out, word_of(s, "build"));
		buf_puts(out, "</dd>\n");
	}
	buf_puts(out, "</dl></div>\n");
}

static void
put_scenario(const struct json *s, int i, struct buf *out)
{
	buf_printf(out, "<section id=\"s%d\"><h2>", i);
	put_chip(s, out);
	buf_putc(out, ' ');
	if (json_get_int(s, "guardrail", 0) > 0)
		buf_printf(out, "%d ", (int)json_get_int(s, "guardrail", 0));
	escape_xml_line(out, word_of(s, "name"));
	buf_puts(out, " <span class=\"dim small\">");
	escape_xml_line(out, word_of(s, "headline"));
	if (!json_get_bool(s, "required", 1))
		buf_puts(out, ", not required");
	buf_puts(out, "</span></h2>\n");
	put_checks(json_get(s, "checks"), out);
	put_gates(json_get(s, "gates"), out);
	put_facts(s, out);
	buf_puts(out, "</section>\n");
}

static void
put_drill(const struct json *doc, struct buf *out)
{
	const struct json *t = json_first(json_get(doc, "targets"));

	buf_puts(out, "<section id=\"drill\"><h2>Drill</h2><div class=\"card\">"
	    "<dl class=\"tight\">\n<dt>suite</dt><dd class=\"id\">");
	escape_xml_line(out, word_of(doc, "path"));
	buf_puts(out, "</dd>\n");
	for (; t != NULL; t = json_next(t)) {
		buf_puts(out, "<dt>");
		escape_xml_line(out, json_key(t));
		buf_puts(out, "</dt><dd class=\"id\">");
		escape_xml_line(out, json_str(t) == NULL ? "" : json_str(t));
		buf_puts(out, "</dd>\n");
	}
	buf_puts(out, "</dl></div></section>\n");
}

void
drill_html(const struct json *doc, const struct json *rows, struct buf *out)
{
	const struct json *s = json_first(json_get(doc, "scenarios"));
	int i;

	html_begin(out, word_of(doc, "verdict"), word_of(doc, "suite"));
	put_banner(doc, out);
	put_nav(doc, rows, out);
	buf_puts(out, "<main>\n");
	for (i = 1; s != NULL; s = json_next(s), i++)
		put_scenario(s, i, out);
	if (rows != NULL)
		guardrails_html_section(rows, out);
	put_drill(doc, out);
	html_end(out, word_of(doc, "lockstep"));
}
