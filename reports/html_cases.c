/* The cases of report.html: the worst side by side, and a table of all. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/firstscreen.h"
#include "reports/format.h"
#include "reports/glyph.h"
#include "reports/html_part.h"
#include "reports/worddiff.h"

/*
 * What a browser still opens at once: rows beyond the first are left to
 * report.json, passing cases first; answers beyond a length are cut.
 */
enum { ROWS_MAX = 5000, SIDES_MAX = 500, ANSWER_COLUMNS = 12000 };

/* ---- before and after --------------------------------------------------- */

/* Words, those that the other side lacks marked; white space between two
 * marked words belongs to the mark. */
static void
put_words(struct html *h, const struct worddiff_word *w, size_t n,
    const char *tag)
{
	size_t i, k;
	char *word;
	struct buf t;

	for (i = 0; i < n; i++) {
		int first = !w[i].shared && (i == 0 || w[i - 1].shared);
		int last = !w[i].shared && (i + 1 == n || w[i + 1].shared);

		if (first)
			buf_printf(h->out, "<%s>", tag);
		k = last ? w[i].core : w[i].n;
		buf_init(&t, w[i].n + 2);
		buf_add(&t, w[i].p, k);
		word = buf_steal(&t);
		escape_xml(h->out, word == NULL ? "" : word);
		free(word);
		if (last)
			buf_printf(h->out, "</%s>%s", tag,
			    w[i].n > k ? " " : "");
	}
}

static void
open_side(struct html *h, const struct result_case *c, int arm, int one)
{
	const struct result_side *s = &c->side[arm];

	buf_printf(h->out, "<div class=\"side%s\"><h4>%s",
	    one ? " one" : "", one ? "answer" : arm == 0 ? "before" : "after");
	if (s->lambda != NULL && *s->lambda != '\0') {
		buf_puts(h->out, " \xc2\xb7 \xce\xbb <span class=\"lam\" "
		    "title=\"one symbol a variant: \xe2\x86\x92 convergent, "
		    "&lt;&gt; split, \xe2\x86\x90 collapsed, \xc3\x97 "
		    "chaos\">");
		html_line(h, s->lambda);
		buf_puts(h->out, "</span>");
	}
	buf_puts(h->out, "</h4><p dir=\"auto\">");
}

static void
put_line(struct html *h, const char *name, const char *text)
{
	if (text == NULL)
		return;
	buf_printf(h->out, "<p class=\"small dim\">%s: <bdi>", name);
	html_line(h, text);
	buf_puts(h->out, "</bdi></p>");
}

static void
close_side(struct html *h, const struct result_case *c, int arm)
{
	const struct result_side *s = &c->side[arm];

	buf_puts(h->out, "</p>");
	if (s->top != NULL) {
		buf_puts(h->out, "<p class=\"small dim\">first passage: "
		    "<bdi>");
		html_line(h, s->top);
		buf_puts(h->out, "</bdi></p>");
	}
	if (s->retrieved != NULL) {
		buf_puts(h->out, "<p class=\"small dim\">retrieved: "
		    "<span class=\"id\">");
		html_line(h, s->retrieved);
		buf_puts(h->out, "</span></p>");
	}
	put_line(h, "failed", s->failed);
	put_line(h, "lost", s->lost);
	put_line(h, "sent", s->sent);
	buf_puts(h->out, "</div>");
}

static void
put_pair(struct html *h, const struct result_case *c, const char *before,
    const char *after)
{
	struct worddiff d;

	if (worddiff_init(&d, before, after) != RC_OK) {
		h->out->bad = RC_NOMEM;
		return;
	}
	open_side(h, c, 0, 0);
	put_words(h, d.a, d.na, "del");
	close_side(h, c, 0);
	open_side(h, c, 1, 0);
	put_words(h, d.b, d.nb, "ins");
	close_side(h, c, 1);
	worddiff_fini(&d);
}

static void
clipped_side(const struct result_case *c, int arm, struct buf *out)
{
	struct buf all;

	buf_init(&all, SIZE_MAX / 4);
	buf_init(out, SIZE_MAX / 4);
	first_side(c, arm, &all);
	glyph_clip(out, buf_str(&all), 0, ANSWER_COLUMNS);
	buf_fini(&all);
}

static void
put_sides(struct html *h, const struct result_case *c)
{
	struct buf before, after;

	clipped_side(c, 0, &before);
	clipped_side(c, 1, &after);
	buf_puts(h->out, "<div class=\"sides\">");
	if (first_two_armed(h->r)) {
		put_pair(h, c, buf_str(&before), buf_str(&after));
	} else {
		open_side(h, c, 1, 1);
		html_line(h, buf_str(&after));
		close_side(h, c, 1);
	}
	buf_puts(h->out, "</div>");
	buf_fini(&before);
	buf_fini(&after);
}

static void
put_whys(struct html *h, const struct result_case *c)
{
	struct buf again;
	size_t i;

	if (c->n_why == 0)
		return;
	buf_puts(h->out, "<ul class=\"small\">");
	for (i = 0; i < c->n_why; i++) {
		buf_puts(h->out, "<li><bdi>");
		html_line(h, c->why[i]);
		buf_puts(h->out, "</bdi></li>");
	}
	buf_init(&again, SIZE_MAX / 4);
	format_again(&again, h->r, c);
	if (again.len > 0)
		buf_printf(h->out, "<li>asked again: %s</li>",
		    buf_str(&again));
	buf_fini(&again);
	buf_puts(h->out, "</ul>");
	if (c->expected != NULL) {
		buf_puts(h->out, "<p class=\"small dim\">expected: <bdi>");
		html_line(h, c->expected);
		buf_puts(h->out, "</bdi></p>");
	}
}

static void
put_chip(struct html *h, const struct result_case *c)
{
	buf_printf(h->out, "<span class=\"chip %s\">%s %s</span>",
	    html_case_class(c->verdict), format_case_sign(c),
	    format_case_label(c));
	if (c->critical)
		buf_puts(h->out, " <span class=\"chip bad\">critical</span>");
}

static void
put_worst_case(struct html *h, const struct result_case *c)
{
	buf_puts(h->out, "<article class=\"card case\" id=\"");
	html_id(h, "worst-", c->id);
	buf_puts(h->out, "\"><header>");
	put_chip(h, c);
	buf_puts(h->out, "<a class=\"id\" href=\"#");
	html_id(h, "case-", c->id);
	buf_puts(h->out, "\">");
	html_line(h, c->id);
	buf_puts(h->out, "</a></header><p class=\"ask\" dir=\"auto\">");
	html_line(h, c->question);
	buf_puts(h->out, "</p>");
	put_whys(h, c);
	if (c->has_sides)
		put_sides(h, c);
	buf_puts(h->out, "</article>\n");
}

void
html_worst(struct html *h)
{
	const struct result *r = h->r;
	const struct result_case *c;
	struct result_reader rd;
	size_t i;

	if (r->n_worst == 0)
		return;
	buf_puts(h->out, "<section id=\"worst\"><h2>Worst cases</h2>\n");
	result_reader_init(&rd, r);
	for (i = 0; i < r->n_worst; i++) {
		c = result_case_at(&rd, r->worst[i]);
		if (c != NULL)
			put_worst_case(h, c);
	}
	buf_fail(h->out, result_reader_fini(&rd));
	buf_puts(h->out, "</section>\n");
}

/* ---- all cases ---------------------------------------------------------- */

/* A number on both arms: "0.21", or "0.21 → 0.61" when they differ. */
static void
put_change(struct html *h, const char *label, double b, double c)
{
	buf_printf(h->out, "<td class=\"r\" data-l=\"%s\">", label);
	if (isfinite(b) && isfinite(c) && fabs(b - c) >= .0005)
		buf_printf(h->out, "%.3f \xe2\x86\x92 %.3f", b, c);
	else if (isfinite(c))
		buf_printf(h->out, "%.3f", c);
	else if (isfinite(b))
		buf_printf(h->out, "%.3f \xe2\x86\x92 -", b);
	buf_puts(h->out, "</td>");
}

static void
put_metric(struct html *h, const char *name, const struct metric *m,
    const float v[2])
{
	int a;

	if (isnan(v[0]) && isnan(v[1]))
		return;
	buf_printf(h->out, "<tr><td>%s</td>", name);
	for (a = 0; a < 2; a++) {
		buf_puts(h->out, "<td class=\"r\">");
		if (m != NULL)
			format_metric(h->out, m, (double)v[a]);
		else
			format_value(h->out, "", (double)v[a]);
		buf_puts(h->out, "</td>");
	}
	buf_puts(h->out, "</tr>");
}

static void
put_metrics(struct html *h, const struct result_case *c)
{
	const char *name;
	size_t i, slot;
	float v[2];
	int k;

	buf_puts(h->out, "<table class=\"small\"><thead><tr><th>metric</th>"
	    "<th class=\"r\">baseline</th><th class=\"r\">candidate</th>"
	    "</tr></thead><tbody>");
	for (i = 0; i < METRIC_N; i++) {
		v[0] = c->m[0][i];
		v[1] = c->m[1][i];
		put_metric(h, metrics[i].name, &metrics[i], v);
	}
	for (i = 0; i < h->r->n_scored; i++) {
		slot = h->r->scored[i].slot;
		put_metric(h, h->r->scored[i].name, NULL, (const float[2]){
		    c->scored[0][slot], c->scored[1][slot] });
	}
	for (k = 0; (name = result_case_stability(c, k, v)) != NULL; k++)
		put_metric(h, name, NULL, v);
	buf_puts(h->out, "</tbody></table>");
}

static void
put_question(struct html *h, const struct result_case *c, int sides)
{
	if (c->verdict == CASE_V_PASS && !c->has_sides) {
		buf_puts(h->out, "<bdi>");
		html_line(h, c->question);
		buf_puts(h->out, "</bdi>");
		return;
	}
	buf_puts(h->out, "<details><summary><bdi>");
	html_line(h, c->question);
	buf_puts(h->out, "</bdi></summary>");
	put_whys(h, c);
	if (c->has_sides && sides)
		put_sides(h, c);
	put_metrics(h, c);
	buf_puts(h->out, "</details>");
}

static void
put_row(struct html *h, const struct result_case *c, int sides)
{
	buf_printf(h->out, "<tr data-v=\"%s\" id=\"",
	    case_verdict_name(c->verdict));
	html_id(h, "case-", c->id);
	buf_puts(h->out, "\"><td>");
	put_chip(h, c);
	buf_puts(h->out, "</td><td class=\"id\">");
	html_line(h, c->id);
	buf_puts(h->out, "</td><td class=\"wide\">");
	put_question(h, c, sides);
	buf_puts(h->out, "</td>");
	put_change(h, "\xce\x94S question",
	    (double)c->m[0][M_DS_QUESTION_RETRIEVED],
	    (double)c->m[1][M_DS_QUESTION_RETRIEVED]);
	put_change(h, "coverage", (double)c->m[0][M_COVERAGE],
	    (double)c->m[1][M_COVERAGE]);
	put_change(h, "\xce\xbb convergence", (double)c->convergence[0],
	    (double)c->convergence[1]);
	put_change(h, "answer drift \xce\x94S", NAN, (double)c->drift);
	buf_puts(h->out, "</tr>\n");
}

static void
put_filter(struct html *h)
{
	int v;

	buf_puts(h->out, "<div class=\"filter\" id=\"filter\" hidden>"
	    "<input id=\"filter-text\" type=\"search\" placeholder=\"Search "
	    "questions, ids and reasons\" aria-label=\"Search cases\">"
	    "<select id=\"filter-verdict\" aria-label=\"Verdict\">"
	    "<option value=\"\">all verdicts</option>"
	    "<option value=\"!\">did not simply pass</option>");
	for (v = 0; v < CASE_V_N; v++) {
		buf_printf(h->out, "<option value=\"%s\">%s</option>",
		    case_verdict_name((enum case_verdict)v),
		    format_case_word((enum case_verdict)v));
	}
	buf_puts(h->out, "</select><span class=\"dim small\" "
	    "id=\"filter-count\" role=\"status\"></span></div>\n");
}

static void
put_rows(struct html *h, size_t passes)
{
	const struct result_case *c;
	struct result_reader rd;
	size_t sides = 0, rows = 0;

	result_reader_init(&rd, h->r);
	while (rows < ROWS_MAX && (c = result_case_next(&rd)) != NULL) {
		if (c->verdict == CASE_V_PASS && passes-- == 0) {
			passes = 0;
			continue;
		}
		sides += c->has_sides != 0;
		rows++;
		put_row(h, c, sides <= SIDES_MAX);
		buf_drain(h->out);
	}
	buf_fail(h->out, result_reader_fini(&rd));
}

void
html_cases(struct html *h)
{
	const struct result *r = h->r;
	size_t pass = r->count.of[CASE_V_PASS], shown;

	if (r->n_cases == 0)
		return;
	shown = r->n_cases - pass < ROWS_MAX ? ROWS_MAX - (r->n_cases - pass) :
	    0;
	shown = shown < pass ? shown : pass;
	buf_puts(h->out, "<section id=\"cases\"><h2>All cases</h2>\n");
	put_filter(h);
	buf_puts(h->out, "<div class=\"card flush\"><table class=\"fold\">"
	    "<thead><tr><th>verdict</th><th>case</th><th>question</th>"
	    "<th class=\"r\">question \xce\x94S</th>"
	    "<th class=\"r\">coverage</th>"
	    "<th class=\"r\">convergence \xce\xbb</th>"
	    "<th class=\"r\">drift \xce\x94S</th></tr></thead>"
	    "<tbody id=\"cases-body\">\n");
	put_rows(h, shown);
	buf_puts(h->out, "</tbody></table></div>\n");
	if (r->n_cases > ROWS_MAX) {
		buf_puts(h->out, "<p class=\"dim\">");
		format_count(h->out, r->n_cases - ROWS_MAX);
		buf_puts(h->out, " more cases are in report.json and "
		    "metrics.csv.</p>\n");
	}
	buf_puts(h->out, "</section>\n");
}
