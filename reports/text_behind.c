/* report.txt after its first screen: cases, arithmetic, stacks, the run. */
#include <math.h>
#include <stdio.h>

#include "reports/format.h"
#include "reports/glyph.h"
#include "reports/text_part.h"

static void
heading(struct page *pg, const char *s)
{
	buf_putc(pg->out, '\n');
	text_ink(pg, TEXT_BOLD);
	buf_puts(pg->out, s);
	text_ink_off(pg, TEXT_BOLD);
	buf_putc(pg->out, '\n');
}

static void
put_gate_detail(struct page *pg, const struct result_gate *g)
{
	struct buf *t = text_fresh(pg);

	buf_printf(t, "%s ", format_gate_mark(g->verdict));
	glyph_clean(t, g->title);
	buf_puts(t, ": ");
	glyph_clean(t, g->why);
	text_spaces(pg, 2);
	text_say(pg, 4, text_gate_ink(g));
	t = text_fresh(pg);
	buf_puts(t, "n ");
	format_count(t, g->n);
	if (*g->test != '\0') {
		buf_puts(t, "; ");
		glyph_clean(t, g->test);
	}
	if (isfinite(g->p)) {
		buf_puts(t, ", p ");
		format_p(t, g->p);
	}
	if (isfinite(g->p_holm)) {
		buf_puts(t, ", after Holm ");
		format_p(t, g->p_holm);
	}
	format_sides(t, g);
	if (isfinite(g->hides)) {
		buf_puts(t, "; a PASS can hide ");
		format_value(t, g->unit, g->hides);
	}
	if (isfinite(g->visible)) {
		buf_puts(t, "; surely seen ");
		format_value(t, g->unit, g->visible);
	}
	if (isfinite(g->n_needed)) {
		buf_puts(t, "; n to decide: ");
		format_count(t, (uint64_t)fmin(fmax(g->n_needed, 0), 1e15));
	}
	text_spaces(pg, 4);
	text_say(pg, 4, TEXT_DIM);
}

static void
put_gate_details(struct page *pg)
{
	size_t i;

	if (pg->r->n_gates == 0)
		return;
	heading(pg, "Gates, one by one");
	for (i = 0; i < pg->r->n_gates; i++) {
		if (pg->r->gates[i].verdict != GATE_NOT_JUDGED)
			put_gate_detail(pg, &pg->r->gates[i]);
	}
}

static void
put_arm(struct page *pg, const struct result_arm *a)
{
	struct buf *t = text_fresh(pg);
	int i;

	buf_printf(pg->out, "  %-12s", a->name);
	glyph_clean(t, a->url == NULL ? "" : a->url);
	buf_puts(t, ": ");
	format_plural(t, a->sent, "request");
	for (i = 0; i < OUTCOME_N; i++) {
		if (a->outcomes[i] == 0)
			continue;
		buf_puts(t, ", ");
		format_count(t, a->outcomes[i]);
		buf_printf(t, " %s", outcome_name((enum outcome)i));
	}
	if (a->stale > 0) {
		buf_puts(t, "; ");
		format_count(t, a->stale);
		buf_puts(t, " sent again, not errors: the kept connection was "
		    "stale (already closed)");
	}
	if (isfinite(a->p50_ns)) {
		buf_puts(t, "; latency p50 ");
		format_ns(t, a->p50_ns);
		buf_puts(t, ", p95 ");
		format_ns(t, a->p95_ns);
		buf_puts(t, ", p99 ");
		format_ns(t, a->p99_ns);
		buf_puts(t, ", max ");
		format_ns(t, a->max_ns);
	}
	if (isfinite(a->ttft_p50_ns)) {
		buf_puts(t, "; first token p50 ");
		format_ns(t, a->ttft_p50_ns);
		buf_puts(t, ", p95 ");
		format_ns(t, a->ttft_p95_ns);
	}
	text_say(pg, 14, TEXT_PLAIN);
}

static void
put_arms(struct page *pg)
{
	size_t i, n = 0;

	for (i = 0; i < ARM_N; i++) {
		if (!pg->r->arm[i].present)
			continue;
		if (n++ == 0)
			heading(pg, "Stacks");
		put_arm(pg, &pg->r->arm[i]);
	}
}

/* Of a case that was undecided: what fresh answers say. */
static void
add_again(const struct result *r, const struct result_case *c, struct buf *t)
{
	struct buf said;

	buf_init(&said, SIZE_MAX / 4);
	format_again(&said, r, c);
	if (said.len > 0)
		buf_printf(t, "; asked again: %s", buf_str(&said));
	buf_fini(&said);
}

static void
put_cases(struct page *pg)
{
	size_t n = pg->r->n_cases - pg->r->count.of[CASE_V_PASS];
	size_t k, shown = 0;
	const struct result_case *c;
	struct result_reader rd;
	struct buf *t;

	if (n > 0)
		heading(pg, "Cases that did not simply pass");
	result_reader_init(&rd, pg->r);
	while (shown < n && shown < TEXT_LISTED_MAX &&
	    (c = result_case_next(&rd)) != NULL) {
		if (c->verdict == CASE_V_PASS)
			continue;
		shown++;
		t = text_fresh(pg);
		buf_printf(t, "%s ", format_case_sign(c));
		glyph_clean(t, c->id);
		buf_printf(t, " %s%s", format_case_label(c),
		    c->critical ? ", critical" : "");
		for (k = 0; k < c->n_why; k++) {
			buf_puts(t, k == 0 ? ": " : "; ");
			glyph_clean(t, c->why[k]);
		}
		add_again(pg->r, c, t);
		text_spaces(pg, 2);
		text_say(pg, 4, TEXT_PLAIN);
	}
	buf_fail(pg->out, result_reader_fini(&rd));
	if (n > TEXT_LISTED_MAX) {
		t = text_fresh(pg);
		buf_puts(t, "and ");
		format_count(t, n - TEXT_LISTED_MAX);
		buf_puts(t, " more: see metrics.csv or report.json");
		text_spaces(pg, 2);
		text_say(pg, 2, TEXT_DIM);
	}
}

void
text_notes(struct page *pg)
{
	size_t i;

	if (pg->r->n_notes == 0)
		return;
	heading(pg, "Notes");
	for (i = 0; i < pg->r->n_notes; i++) {
		glyph_clean(text_fresh(pg), pg->r->notes[i]);
		buf_puts(pg->out, "  - ");
		text_say(pg, 4, TEXT_PLAIN);
	}
}

static void
put_trust(struct page *pg)
{
	const struct result *r = pg->r;
	struct buf *t = text_fresh(pg);

	heading(pg, "Trust");
	buf_puts(t, "lateness p99 ");
	if (isnan(r->trust.late_p99_ns))
		buf_puts(t, "not applicable (not paced)");
	else
		format_ns(t, r->trust.late_p99_ns);
	if (isfinite(r->run.cpu_idle)) {
		buf_puts(t, "; this machine's CPU ");
		format_value(t, "rate", r->run.cpu_idle);
		buf_puts(t, " idle");
	}
	buf_puts(t, "; records lost ");
	format_count(t, r->trust.lost);
	buf_puts(t, ", doubled ");
	format_count(t, r->trust.duplicates);
	buf_printf(t, "; baseline pins %s; echoes %s; own false alarms ",
	    r->trust.pins_changed ? "changed during the run" : "steady",
	    r->trust.cached_echoes ? "came from a cache" : "not cached");
	if (isnan(r->trust.aa_false_alarm))
		buf_puts(t, "not measured");
	else
		format_value(t, "rate", r->trust.aa_false_alarm);
	if (r->resonance.known)
		buf_printf(t, "; e_resonance %s (largest %.3f, median %.3f)",
		    r->resonance.flat ? "flat" : "not flat", r->resonance.max,
		    r->resonance.median);
	text_spaces(pg, 2);
	text_say(pg, 2, TEXT_PLAIN);
}

static void
fact(struct page *pg, const char *name, const char *value)
{
	struct buf *t;

	if (value == NULL || *value == '\0')
		return;
	t = text_fresh(pg);
	glyph_clean(t, value);
	text_spaces(pg, 2);
	text_cell(pg, name, 14);
	text_say(pg, 16, TEXT_PLAIN);
}

static void
put_argv(struct page *pg)
{
	struct buf all;
	size_t i;

	buf_init(&all, SIZE_MAX / 4);
	for (i = 0; i < pg->r->run.n_argv; i++) {
		buf_puts(&all, i > 0 ? " " : "");
		buf_puts(&all, pg->r->run.argv[i]);
	}
	fact(pg, "command", buf_str(&all));
	buf_fini(&all);
}

static void
put_run(struct page *pg)
{
	const struct result *r = pg->r;
	char s[80];

	heading(pg, "Run");
	put_argv(pg);
	fact(pg, "version", r->version);
	fact(pg, "suite", r->run.suite_path);
	fact(pg, "profile", r->run.profile);
	fact(pg, "owner", r->run.owner);
	fact(pg, "incident", r->run.incident);
	fact(pg, "suite hash", r->run.hash_suite);
	fact(pg, "cases hash", r->run.hash_cases);
	fact(pg, "text hash", r->run.hash_sections);
	fact(pg, "trace hash", r->run.hash_trace);
	fact(pg, "embedder", r->run.embedder);
	fact(pg, "weights hash", r->run.embedder_hash);
	if (isfinite(r->run.curve_t)) {
		(void)snprintf(s, sizeof(s), "0.45 at raw distance %.4f",
		    r->run.curve_t);
		fact(pg, "\xce\x94S curve", s);
	}
	(void)snprintf(s, sizeof(s), "%d; seed %llu", r->run.threads,
	    (unsigned long long)r->run.seed);
	fact(pg, "threads", s);
	fact(pg, "reports in", r->run.report_dir);
}

void
text_behind(struct page *pg)
{
	put_cases(pg);
	put_gate_details(pg);
	put_arms(pg);
	text_notes(pg);
	put_trust(pg);
	put_run(pg);
}
