/* A run as one page; see html_page.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/firstscreen.h"
#include "reports/format.h"
#include "reports/glyph.h"
#include "reports/html_part.h"
#include "reports/html_page.h"
#include "reports/reports.h"

static void
put_banner(struct html *h)
{
	const struct result *r = h->r;

	buf_printf(h->out, "<header class=\"banner %s\"><div><h1>"
	    "<span class=\"v\">%s %s:</span> ", html_verdict_class(r->verdict),
	    verdict_symbol(r->verdict), verdict_name(r->verdict));
	first_headline(r, html_fresh(h));
	html_say(h);
	buf_puts(h->out, "</h1><p>");
	html_line(h, r->run.suite_name);
	if (r->run.id != NULL) {
		buf_puts(h->out, " \xc2\xb7 run <span class=\"id\">");
		html_line(h, r->run.id);
		buf_puts(h->out, "</span>");
	}
	if (r->run.started != NULL) {
		buf_puts(h->out, " \xc2\xb7 ");
		html_line(h, r->run.started);
	}
	buf_printf(h->out, " \xc2\xb7 exit status %d</p></div></header>\n",
	    r->exit_status);
}

static void
put_nav(struct html *h)
{
	const struct result *r = h->r;

	buf_puts(h->out, "<nav aria-label=\"Sections\"><div>"
	    "<a href=\"#first\">Summary</a>");
	if (r->n_worst > 0)
		buf_puts(h->out, "<a href=\"#worst\">Worst cases</a>");
	if (r->n_gates > 0)
		buf_puts(h->out, "<a href=\"#gates\">Gates</a>");
	if (r->arm[ARM_BASELINE].present || r->arm[ARM_CANDIDATE].present)
		buf_puts(h->out, "<a href=\"#stacks\">Stacks</a>");
	if (r->n_cases > 0)
		buf_puts(h->out, "<a href=\"#cases\">All cases</a>");
	buf_puts(h->out, "<a href=\"#run\">Run</a></div></nav>\n");
}

/* ---- first screen ------------------------------------------------------- */

/* The cases as one bar: what changed stands out, what passed is pale. */
static void
put_stack(struct html *h)
{
	const struct result *r = h->r;
	const struct {
		const char *class;
		uint64_t n;
	} part[] = {
		{ "s-bad", r->count.worse },
		{ "s-warn", r->count.of[CASE_V_UNJUDGED] },
		{ "s-mute", r->count.of[CASE_V_DEFECT] },
		{ "s-good", r->count.of[CASE_V_FIX] },
		{ "s-pass", r->count.of[CASE_V_PASS] },
	};
	uint64_t total = 0;
	double x = 0, w;
	size_t i;

	for (i = 0; i < sizeof(part) / sizeof(part[0]); i++)
		total += part[i].n;
	if (total == 0)
		return;
	buf_puts(h->out, "<svg class=\"stack\" viewBox=\"0 0 1000 12\" "
	    "preserveAspectRatio=\"none\" aria-hidden=\"true\">");
	for (i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		w = 1000.0 * (double)part[i].n / (double)total;
		if (part[i].n > 0)
			buf_printf(h->out, "<rect class=\"%s\" x=\"%.1f\" "
			    "y=\"0\" width=\"%.1f\" height=\"12\"/>",
			    part[i].class, x, w);
		x += w;
	}
	buf_puts(h->out, "</svg>");
}

static void
put_row(struct html *h, const struct first_row *row)
{
	char *line, *rest;

	row->write(h->r, html_fresh(h));
	if (h->t.len == 0)
		return;
	buf_printf(h->out, "<dt>%s</dt><dd>", row->label);
	if (row->kind == FIRST_COMMAND) {
		buf_puts(h->out, "<pre>");
		html_say(h);
		buf_puts(h->out, "</pre></dd>\n");
		return;
	}
	for (rest = h->t.p; (line = strsep(&rest, "\n")) != NULL;) {
		buf_puts(h->out, "<p><bdi>");
		escape_xml_line(h->out, line);
		buf_puts(h->out, "</bdi></p>");
	}
	if (strcmp(row->label, "cases") == 0)
		put_stack(h);
	buf_puts(h->out, "</dd>\n");
}

/* Sentences in one card; the worst cases and the gates have sections of
 * their own, right behind it. */
static void
put_first_screen(struct html *h)
{
	const struct first_row *row;

	buf_puts(h->out, "<section id=\"first\"><h2>Summary</h2>"
	    "<div class=\"card\"><dl>\n");
	for (row = first_rows; row->label != NULL; row++) {
		if (row->write != NULL)
			put_row(h, row);
	}
	buf_puts(h->out, "</dl></div></section>\n");
	html_worst(h);
	html_gates(h);
}

/* ---- notes, trust, run -------------------------------------------------- */

static void
put_list(struct html *h, const char *title, const char *const *v, size_t n)
{
	size_t i;

	if (n == 0)
		return;
	buf_printf(h->out, "<section><h2>%s</h2><div class=\"card\"><ul>\n",
	    title);
	for (i = 0; i < n; i++) {
		buf_puts(h->out, "<li><bdi>");
		html_line(h, v[i]);
		buf_puts(h->out, "</bdi></li>\n");
	}
	buf_puts(h->out, "</ul></div></section>\n");
}

static void
put_causes(struct html *h)
{
	const struct result *r = h->r;
	const struct result_cause *c;
	size_t i, k;

	if (r->n_causes == 0)
		return;
	buf_puts(h->out, "<section id=\"causes\"><h2>Likely causes</h2>\n");
	for (i = 0; i < r->n_causes; i++) {
		c = &r->causes[i];
		buf_puts(h->out, "<div class=\"card\"><h3>");
		html_line(h, c->class);
		if (isfinite(c->confidence))
			buf_printf(h->out, " <span class=\"dim\">%.0f %%"
			    "</span>", 100 * c->confidence);
		buf_puts(h->out, "</h3><ul>");
		for (k = 0; k < c->n_evidence; k++) {
			buf_puts(h->out, "<li><bdi>");
			html_line(h, c->evidence[k]);
			buf_puts(h->out, "</bdi></li>");
		}
		buf_puts(h->out, "</ul><p class=\"dim small\">guardrail ");
		html_line(h, c->guardrail);
		buf_puts(h->out, "</p></div>\n");
	}
	buf_puts(h->out, "</section>\n");
}

static void
fact(struct html *h, const char *name, const char *value)
{
	if (value == NULL || *value == '\0')
		return;
	buf_printf(h->out, "<dt>%s</dt><dd class=\"id\">", name);
	html_line(h, value);
	buf_puts(h->out, "</dd>\n");
}

static void
put_trust(struct html *h)
{
	const struct result *r = h->r;

	buf_puts(h->out, "<section id=\"trust\"><h2>Trust</h2>"
	    "<div class=\"card\"><dl class=\"tight\">\n");
	format_ns(html_fresh(h), r->trust.late_p99_ns);
	fact(h, "lateness p99", isnan(r->trust.late_p99_ns) ?
	    "not applicable (not paced)" : buf_str(&h->t));
	format_value(html_fresh(h), "rate", r->run.cpu_idle);
	fact(h, "idle CPU", isnan(r->run.cpu_idle) ?
	    "not measured (no live stack on this machine)" :
	    buf_str(&h->t));
	format_count(html_fresh(h), r->trust.lost);
	fact(h, "records lost", buf_str(&h->t));
	format_count(html_fresh(h), r->trust.duplicates);
	fact(h, "doubled", buf_str(&h->t));
	fact(h, "baseline pins", r->trust.pins_changed ?
	    "changed during the run" : "steady");
	fact(h, "echoes", r->trust.cached_echoes ? "came from a cache" :
	    "not cached");
	format_value(html_fresh(h), "rate", r->trust.aa_false_alarm);
	fact(h, "own false alarms", isnan(r->trust.aa_false_alarm) ?
	    "not measured" : buf_str(&h->t));
	if (r->resonance.known) {
		buf_printf(html_fresh(h), "%s; largest mean of 50 cases %.3f, "
		    "median %.3f", r->resonance.flat ? "flat" : "not flat",
		    r->resonance.max, r->resonance.median);
		fact(h, "e_resonance", buf_str(&h->t));
	}
	buf_puts(h->out, "</dl></div></section>\n");
}

static void
put_run(struct html *h)
{
	const struct result *r = h->r;
	size_t i;

	buf_puts(h->out, "<section id=\"run\"><h2>Run</h2>"
	    "<div class=\"card\"><dl class=\"tight\">\n");
	html_fresh(h);
	for (i = 0; i < r->run.n_argv; i++) {
		buf_puts(&h->t, i > 0 ? " " : "");
		buf_puts(&h->t, r->run.argv[i]);
	}
	fact(h, "command", buf_str(&h->t));
	fact(h, "lockstep", r->version);
	fact(h, "suite", r->run.suite_path);
	fact(h, "profile", r->run.profile);
	fact(h, "owner", r->run.owner);
	fact(h, "incident", r->run.incident);
	fact(h, "suite hash", r->run.hash_suite);
	fact(h, "cases hash", r->run.hash_cases);
	fact(h, "sections hash", r->run.hash_sections);
	fact(h, "trace hash", r->run.hash_trace);
	fact(h, "embedder", r->run.embedder);
	fact(h, "weights hash", r->run.embedder_hash);
	if (isfinite(r->run.curve_t)) {
		buf_printf(html_fresh(h), "0.45 at raw distance %.4f",
		    r->run.curve_t);
		fact(h, "\xce\x94S curve", buf_str(&h->t));
	}
	buf_printf(html_fresh(h), "%d", r->run.threads);
	fact(h, "threads", buf_str(&h->t));
	buf_printf(html_fresh(h), "%llu", (unsigned long long)r->run.seed);
	fact(h, "seed", buf_str(&h->t));
	fact(h, "stopped", r->run.stop_reason);
	buf_puts(h->out, "</dl></div></section>\n");
}

static void
write_html(const struct result *r, const struct report_opts *o,
    struct buf *out)
{
	struct html h = { .r = r, .out = out };

	(void)o;
	buf_init(&h.t, SIZE_MAX / 4);
	html_begin(out, verdict_name(r->verdict), r->run.suite_name);
	put_banner(&h);
	put_nav(&h);
	buf_puts(out, "<main>\n");
	put_first_screen(&h);
	html_arms(&h);
	put_causes(&h);
	html_cases(&h);
	put_list(&h, "Notes", r->notes, r->n_notes);
	put_trust(&h);
	put_run(&h);
	html_end(out, r->version);
	if (h.t.bad != RC_OK)
		out->bad = h.t.bad;
	buf_fini(&h.t);
}

const struct report_format report_html = {
	.name = "html", .file = "report.html", .write = write_html,
	.help = "one page that needs no other file",
};
