/* The gates of report.html: a row each, its numbers drawn to scale. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/firstscreen.h"
#include "reports/format.h"
#include "reports/html_part.h"

/* A bar's drawing, in SVG units. */
enum { BAR_W = 200, BAR_H = 26, BAR_PAD = 6 };

struct scale {
	double lo, hi;
};

/* "No change": 1 for a ratio, else 0; a level's scale begins there too. */
static double
origin_of(const struct result_gate *g)
{
	return strcmp(g->unit, "ratio") == 0 ? 1 : 0;
}

static void
stretch(struct scale *s, double v)
{
	if (!isfinite(v))
		return;
	s->lo = fmin(s->lo, v);
	s->hi = fmax(s->hi, v);
}

/* Room for value, limit and noise; an interval far wider than these is cut
 * off at the edge rather than making the rest invisible. */
static struct scale
scale_of(const struct result_gate *g)
{
	double origin = origin_of(g), span;
	struct scale s = { origin, origin };

	stretch(&s, g->limit);
	stretch(&s, g->value);
	stretch(&s, g->noise);
	span = s.hi - s.lo;
	if (isfinite(g->ci[0]))
		stretch(&s, fmax(g->ci[0], s.lo - span));
	if (isfinite(g->ci[1]))
		stretch(&s, fmin(g->ci[1], s.hi + span));
	span = s.hi > s.lo ? s.hi - s.lo : 1;
	s.lo -= span * .06;
	s.hi += span * .12;
	return s;
}

static double
at(const struct scale *s, double v)
{
	double f = (v - s->lo) / (s->hi - s->lo);

	return BAR_PAD + fmin(fmax(f, 0), 1) * (BAR_W - 2 * BAR_PAD);
}

static void
rect(struct html *h, const char *class, double x0, double x1, double y,
    double height)
{
	buf_printf(h->out, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" "
	    "width=\"%.1f\" height=\"%.1f\"/>", class, fmin(x0, x1), y,
	    fabs(x1 - x0), height);
}

static void
line(struct html *h, const char *class, double x0, double y0, double x1,
    double y1)
{
	buf_printf(h->out, "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" "
	    "x2=\"%.1f\" y2=\"%.1f\"/>", class, x0, y0, x1, y1);
}

static void
dot(struct html *h, const struct result_gate *g, double x)
{
	const char *class = html_gate_class(g);

	buf_printf(h->out, "<circle class=\"s-%s\" cx=\"%.1f\" cy=\"13\" "
	    "r=\"4.5\"/>", *class == '\0' ? "mute" : class, x);
}

static void
put_bar(struct html *h, const struct result_gate *g)
{
	struct scale s;
	double edge;

	if (!isfinite(g->value) || !isfinite(g->limit))
		return;
	s = scale_of(g);
	edge = g->higher_is_worse ? s.hi : s.lo;
	buf_printf(h->out, "<svg class=\"bar\" width=\"%d\" height=\"%d\" "
	    "viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"value ",
	    BAR_W, BAR_H, BAR_W, BAR_H);
	format_value(h->out, g->unit, g->value);
	buf_puts(h->out, ", limit ");
	format_limit(h->out, g);
	buf_puts(h->out, "\">");
	line(h, "g-track", BAR_PAD, 13, BAR_W - BAR_PAD, 13);
	rect(h, "g-harm", at(&s, g->limit), at(&s, edge), 3, 20);
	if (isfinite(g->noise))
		rect(h, "g-noise", at(&s, origin_of(g)), at(&s, g->noise), 9,
		    8);
	line(h, "g-zero", at(&s, origin_of(g)), 5, at(&s, origin_of(g)), 21);
	line(h, "g-limit", at(&s, g->limit), 2, at(&s, g->limit), 24);
	if (isfinite(g->ci[0]) && isfinite(g->ci[1])) {
		line(h, "g-ci", at(&s, g->ci[0]), 13, at(&s, g->ci[1]), 13);
		line(h, "g-ci", at(&s, g->ci[0]), 9, at(&s, g->ci[0]), 17);
		line(h, "g-ci", at(&s, g->ci[1]), 9, at(&s, g->ci[1]), 17);
	}
	dot(h, g, at(&s, g->value));
	buf_puts(h->out, "</svg>");
}

static void
open_number(struct html *h, const char *label)
{
	buf_printf(h->out, "<td class=\"r\" data-l=\"%s\">", label);
}

static void
put_numbers(struct html *h, const struct result_gate *g)
{
	open_number(h, "value");
	format_value(h->out, g->unit, g->value);
	buf_puts(h->out, "</td>");
	open_number(h, "limit");
	format_limit(h->out, g);
	buf_puts(h->out, "</td>");
	open_number(h, "noise");
	format_value(h->out, g->unit, g->noise);
	buf_puts(h->out, "</td>");
	open_number(h, "p");
	format_p(html_fresh(h), g->p);
	html_say(h);
	buf_puts(h->out, "</td>");
	open_number(h, "n");
	format_count(h->out, g->n);
	buf_puts(h->out, "</td>");
}

/* "; name value" */
static void
add_value(struct buf *t, const char *name, const char *unit, double v)
{
	if (!isfinite(v))
		return;
	buf_printf(t, "; %s ", name);
	format_value(t, unit, v);
}

static void
put_arithmetic(struct html *h, const struct result_gate *g)
{
	struct buf *t = html_fresh(h);

	buf_puts(t, g->class == GATE_HARD ? "hard stop" : g->class ==
	    GATE_INFO ? "information" : "gate");
	buf_printf(t, " %s on %s", g->name, g->metric);
	if (*g->test != '\0')
		buf_printf(t, "; %s", g->test);
	if (isfinite(g->p_holm)) {
		buf_puts(t, "; p after Holm ");
		format_p(t, g->p_holm);
	}
	format_sides(t, g);
	add_value(t, "a PASS can hide", g->unit, g->hides);
	add_value(t, "surely seen", g->unit, g->visible);
	if (isfinite(g->n_needed)) {
		buf_puts(t, "; n to decide: ");
		format_count(t, (uint64_t)fmin(fmax(g->n_needed, 0), 1e15));
	}
	buf_puts(h->out, "<p class=\"small dim\">");
	html_say(h);
	buf_puts(h->out, "</p>");
}

static void
put_gate(struct html *h, const struct result_gate *g)
{
	const char *sym = format_symbol(g->metric);

	buf_puts(h->out, "<tr id=\"");
	html_id(h, "gate-", g->name);
	buf_printf(h->out, "\"><td><span class=\"chip %s\">%s %s%s</span>"
	    "</td><td class=\"wide\"><details><summary>",
	    html_gate_class(g), format_gate_mark(g->verdict),
	    format_gate_outcome(g),
	    g->class == GATE_HARD ? ", hard" : "");
	html_line(h, g->title);
	if (*sym != '\0' && strstr(g->title, sym) == NULL)
		buf_printf(h->out, " <span class=\"sym\">%s</span>", sym);
	buf_puts(h->out, "</summary>");
	put_arithmetic(h, g);
	buf_puts(h->out, "</details>");
	if (g->verdict != GATE_PASS) {
		buf_puts(h->out, "<p class=\"small\"><bdi>");
		html_line(h, g->why);
		buf_puts(h->out, "</bdi></p>");
	}
	buf_puts(h->out, "</td><td>");
	put_bar(h, g);
	buf_puts(h->out, "</td>");
	put_numbers(h, g);
	buf_puts(h->out, "</tr>\n");
}

static void
put_legend(struct html *h)
{
	buf_puts(h->out, "<p class=\"legend\"><span>"
	    "<svg width=\"12\" height=\"18\" viewBox=\"0 0 12 18\">"
	    "<circle class=\"s-mute\" cx=\"6\" cy=\"9\" r=\"4.5\"/></svg>"
	    "candidate against baseline</span><span>"
	    "<svg width=\"24\" height=\"18\" viewBox=\"0 0 24 18\">"
	    "<line class=\"g-ci\" x1=\"2\" y1=\"9\" x2=\"22\" y2=\"9\"/>"
	    "<line class=\"g-ci\" x1=\"2\" y1=\"5\" x2=\"2\" y2=\"13\"/>"
	    "<line class=\"g-ci\" x1=\"22\" y1=\"5\" x2=\"22\" y2=\"13\"/>"
	    "</svg>95 % interval</span><span>"
	    "<svg width=\"24\" height=\"18\" viewBox=\"0 0 24 18\">"
	    "<rect class=\"g-noise\" x=\"2\" y=\"5\" width=\"20\" "
	    "height=\"8\"/></svg>what chance does</span><span>"
	    "<svg width=\"24\" height=\"18\" viewBox=\"0 0 24 18\">"
	    "<rect class=\"g-harm\" x=\"8\" y=\"1\" width=\"16\" "
	    "height=\"16\"/><line class=\"g-limit\" x1=\"8\" y1=\"0\" "
	    "x2=\"8\" y2=\"18\"/></svg>limit, and harm beyond it</span>"
	    "</p>");
}

void
html_gates(struct html *h)
{
	const struct result *r = h->r;
	size_t *order, n, i;

	if (r->n_gates == 0)
		return;
	order = calloc(r->n_gates, sizeof(*order));
	if (order == NULL) {
		h->out->bad = RC_NOMEM;
		return;
	}
	n = first_gates(r, order);
	buf_puts(h->out, "<section id=\"gates\"><h2>Gates</h2>\n"
	    "<div class=\"card flush\"><table class=\"fold\"><thead><tr>"
	    "<th>verdict</th><th>gate</th><th></th><th class=\"r\">value</th>"
	    "<th class=\"r\">limit</th><th class=\"r\">noise</th>"
	    "<th class=\"r\">p</th><th class=\"r\">n</th></tr></thead>"
	    "<tbody>\n");
	for (i = 0; i < n; i++)
		put_gate(h, &r->gates[order[i]]);
	buf_puts(h->out, "</tbody></table>");
	put_legend(h);
	buf_puts(h->out, "</div></section>\n");
	free(order);
}
