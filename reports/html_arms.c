/* The stacks of report.html: latency, outcomes and pins of each arm. */
#include <math.h>
#include <stdint.h>

#include "reports/format.h"
#include "reports/html_part.h"

enum { BARS_W = 560, BAR_H = 12, GROUP_H = 36, LABEL_W = 44, VALUE_W = 60 };

static double
longest_ns(const struct result *r)
{
	double most = 0;
	int a;

	for (a = 0; a < ARM_N; a++) {
		if (r->arm[a].present && r->arm[a].p99_ns > most)
			most = r->arm[a].p99_ns;
	}
	return most;
}

static double
quantile(const struct result_arm *a, int q)
{
	return q == 0 ? a->p50_ns : q == 1 ? a->p95_ns : a->p99_ns;
}

static void
put_bar(struct html *h, const char *class, double y, double ns, double most)
{
	double width = fmax(1, ns / most * (BARS_W - LABEL_W - VALUE_W));

	if (!isfinite(ns))
		return;
	buf_printf(h->out, "<rect class=\"%s\" x=\"%d\" y=\"%.0f\" "
	    "width=\"%.1f\" height=\"%d\" rx=\"2\"/><text class=\"s-mute\" "
	    "x=\"%.1f\" y=\"%.1f\" font-size=\"11\">", class, LABEL_W, y,
	    width, BAR_H, LABEL_W + width + 6, y + BAR_H - 1.5);
	format_ns(h->out, ns);
	buf_puts(h->out, "</text>");
}

/* p50, p95 and p99 of both arms to one scale; the maximum is one request and
 * would flatten the rest. */
static void
put_latency(struct html *h)
{
	static const char *const names[] = { "p50", "p95", "p99" };
	const struct result_arm *arm = h->r->arm;
	double most = longest_ns(h->r);
	int q;

	if (most <= 0)
		return;
	buf_printf(h->out, "<svg width=\"%d\" height=\"%d\" viewBox=\"0 0 %d "
	    "%d\" role=\"img\" aria-label=\"latency of baseline and "
	    "candidate\">", BARS_W, 3 * GROUP_H, BARS_W, 3 * GROUP_H);
	for (q = 0; q < 3; q++) {
		double y = q * GROUP_H + 4;

		buf_printf(h->out, "<text class=\"s-mute\" x=\"0\" "
		    "y=\"%.0f\" font-size=\"13\">%s</text>", y + 16,
		    names[q]);
		put_bar(h, "b-base", y,
		    quantile(&arm[ARM_BASELINE], q), most);
		put_bar(h, "b-cand", y + BAR_H + 2,
		    quantile(&arm[ARM_CANDIDATE], q), most);
	}
	buf_puts(h->out, "</svg><p class=\"legend\"><span><svg width=\"12\" "
	    "height=\"12\" viewBox=\"0 0 12 12\"><rect class=\"b-base\" "
	    "width=\"12\" height=\"12\" rx=\"2\"/></svg>baseline</span>"
	    "<span><svg width=\"12\" height=\"12\" viewBox=\"0 0 12 12\">"
	    "<rect class=\"b-cand\" width=\"12\" height=\"12\" rx=\"2\"/>"
	    "</svg>candidate</span></p>");
}

static void
put_ns(struct html *h, const char *label, double ns)
{
	buf_printf(h->out, "<td class=\"r\" data-l=\"%s\">", label);
	format_ns(h->out, ns);
	buf_puts(h->out, "</td>");
}

static void
put_outcomes(struct html *h, const struct result_arm *a)
{
	int i, n = 0;

	buf_puts(h->out, "<td data-l=\"outcomes\">");
	for (i = 0; i < OUTCOME_N; i++) {
		if (a->outcomes[i] == 0)
			continue;
		buf_puts(h->out, n++ > 0 ? ", " : "");
		format_count(h->out, a->outcomes[i]);
		buf_printf(h->out, " %s", outcome_name((enum outcome)i));
	}
	if (a->stale > 0) {
		buf_puts(h->out, "; ");
		format_count(h->out, a->stale);
		buf_puts(h->out, " sent again: stale connection");
	}
	buf_puts(h->out, "</td>");
}

static void
put_arm(struct html *h, const struct result_arm *a)
{
	buf_printf(h->out, "<tr><td><strong>%s</strong></td>"
	    "<td class=\"wide id\">", a->name);
	html_line(h, a->url);
	buf_puts(h->out, "</td><td class=\"r\" data-l=\"requests\">");
	format_count(h->out, a->sent);
	buf_puts(h->out, "</td>");
	put_outcomes(h, a);
	put_ns(h, "p50", a->p50_ns);
	put_ns(h, "p95", a->p95_ns);
	put_ns(h, "p99", a->p99_ns);
	put_ns(h, "max", a->max_ns);
	put_ns(h, "first token p95", a->ttft_p95_ns);
	buf_puts(h->out, "</tr>\n");
}

static void
put_arm_pins(struct html *h, const struct result_arm *a)
{
	size_t i;

	for (i = 0; i < a->n_pins; i++) {
		buf_printf(h->out, "<tr><td data-l=\"stack\">%s</td>"
		    "<td class=\"id\" data-l=\"pin\">", a->name);
		html_line(h, a->pins[i].name);
		buf_puts(h->out, "</td><td class=\"id\" data-l=\"value\">");
		html_line(h, a->pins[i].value);
		buf_puts(h->out, "</td><td class=\"r\" data-l=\"answers\">");
		format_count(h->out, a->pins[i].n);
		buf_puts(h->out, "</td></tr>\n");
	}
}

static void
put_pins(struct html *h)
{
	size_t i, n = 0;

	for (i = 0; i < ARM_N; i++)
		n += h->r->arm[i].present ? h->r->arm[i].n_pins : 0;
	if (n == 0)
		return;
	buf_printf(h->out, "<details class=\"card\"><summary>Pins as sent "
	    "(%zu)</summary><table class=\"fold small\"><thead><tr>"
	    "<th>stack</th><th>pin</th><th>value</th>"
	    "<th class=\"r\">answers</th></tr></thead><tbody>\n", n);
	for (i = 0; i < ARM_N; i++) {
		if (h->r->arm[i].present)
			put_arm_pins(h, &h->r->arm[i]);
	}
	buf_puts(h->out, "</tbody></table></details>\n");
}

void
html_arms(struct html *h)
{
	const struct result *r = h->r;
	size_t i, n = 0;

	for (i = 0; i < ARM_N; i++)
		n += r->arm[i].present != 0;
	if (n == 0)
		return;
	buf_puts(h->out, "<section id=\"stacks\"><h2>Stacks</h2>\n"
	    "<div class=\"card\">");
	put_latency(h);
	buf_puts(h->out, "</div>\n<div class=\"card flush\">"
	    "<table class=\"fold\"><thead><tr><th></th><th>address</th>"
	    "<th class=\"r\">requests</th><th>outcomes</th>"
	    "<th class=\"r\">p50</th><th class=\"r\">p95</th>"
	    "<th class=\"r\">p99</th><th class=\"r\">max</th>"
	    "<th class=\"r\">first token p95</th></tr></thead><tbody>\n");
	for (i = 0; i < ARM_N; i++) {
		if (r->arm[i].present)
			put_arm(h, &r->arm[i]);
	}
	buf_puts(h->out, "</tbody></table></div>\n");
	put_pins(h);
	buf_puts(h->out, "</section>\n");
}
