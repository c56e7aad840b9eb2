/*
 * The report for a terminal: the first screen, then the arithmetic behind
 * it.  No line is wider than the terminal; colour only when asked for.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/firstscreen.h"
#include "reports/format.h"
#include "reports/glyph.h"
#include "reports/reports.h"

enum { LABEL = 14, WIDTH_MIN = 60, WIDTH_MAX = 200, LISTED_MAX = 200 };

#define RED "\033[31m"
#define GREEN "\033[32m"
#define YELLOW "\033[33m"
#define DIM "\033[2m"
#define BOLD "\033[1m"
#define PLAIN ""

struct page {
	const struct result *r;
	struct buf *out;
	struct buf t;		/* a sentence being made */
	size_t width;
	int color;
};

static void
ink(struct page *pg, const char *code)
{
	if (pg->color && *code != '\0')
		buf_puts(pg->out, code);
}

static void
ink_off(struct page *pg, const char *code)
{
	if (pg->color && *code != '\0')
		buf_puts(pg->out, "\033[0m");
}

static void
spaces(struct page *pg, size_t n)
{
	while (n-- > 0)
		buf_putc(pg->out, ' ');
}

/*
 * Clean text, wrapped, from column `at` on; the cursor is there already.
 * Continuation lines begin at the same column; `more` ends every line but
 * the last.
 */
static void
wrap_more(struct page *pg, size_t at, const char *text, const char *code,
    const char *more)
{
	size_t max = pg->width - at - strlen(more), n;
	const char *s = text;

	for (;;) {
		n = glyph_line(s, max);
		ink(pg, code);
		buf_add(pg->out, s, n);
		s += n;
		if (*s == ' ' || *s == '\n')
			s++;
		if (*s != '\0')
			buf_puts(pg->out, more);
		ink_off(pg, code);
		buf_putc(pg->out, '\n');
		if (*s == '\0')
			return;
		spaces(pg, at);
	}
}

static void
wrap(struct page *pg, size_t at, const char *text, const char *code)
{
	wrap_more(pg, at, text, code, "");
}

/* Makes room for the next sentence. */
static struct buf *
fresh(struct page *pg)
{
	buf_reset(&pg->t);
	return &pg->t;
}

static void
say(struct page *pg, size_t at, const char *code)
{
	wrap(pg, at, buf_str(&pg->t), code);
}

/* "label         " in front of what follows. */
static void
label(struct page *pg, const char *s)
{
	ink(pg, BOLD);
	buf_puts(pg->out, s);
	ink_off(pg, BOLD);
	spaces(pg, strlen(s) < LABEL ? LABEL - strlen(s) : 1);
}

static const char *
verdict_ink(enum verdict v)
{
	switch (v) {
	case VERDICT_PASS:
		return "\033[1;32m";
	case VERDICT_FAIL:
	case VERDICT_INVALID:
	case VERDICT_CANNOT_RUN:
		return "\033[1;31m";
	default:
		return "\033[1;33m";
	}
}

static const char *
gate_ink(const struct result_gate *g)
{
	switch (g->verdict) {
	case GATE_PASS:
		return GREEN;
	case GATE_FAIL:
		return RED;
	case GATE_NOT_JUDGED:
		return DIM;
	default:
		return YELLOW;
	}
}

static void
put_verdict(struct page *pg)
{
	const struct result *r = pg->r;
	struct buf *t = fresh(pg);

	buf_printf(t, "%s %s: ", verdict_symbol(r->verdict),
	    verdict_name(r->verdict));
	first_headline(r, t);
	say(pg, 0, verdict_ink(r->verdict));
	t = fresh(pg);
	if (r->run.suite_name != NULL)
		glyph_clean(t, r->run.suite_name);
	if (r->run.id != NULL) {
		buf_puts(t, t->len > 0 ? ", run " : "run ");
		glyph_clean(t, r->run.id);
	}
	if (r->run.started != NULL) {
		buf_puts(t, t->len > 0 ? ", " : "");
		glyph_clean(t, r->run.started);
	}
	if (t->len > 0)
		say(pg, 0, DIM);
	buf_putc(pg->out, '\n');
}

/* ---- the worst cases ---------------------------------------------------- */

/* Two lines' worth of an excerpt; a word that moves to the next line leaves
 * some columns empty. */
static size_t
excerpt_columns(const struct page *pg)
{
	return 2 * (pg->width - LABEL - 11) - 12;
}

static void
put_excerpt(struct page *pg, const char *name, const char *clean, size_t from)
{
	struct buf *t = fresh(pg);

	spaces(pg, LABEL + 3);
	ink(pg, DIM);
	buf_printf(pg->out, "%-8s", name);
	ink_off(pg, DIM);
	glyph_clip(t, clean, from, excerpt_columns(pg));
	say(pg, LABEL + 11, PLAIN);
}

static void
put_answers(struct page *pg, const struct result_case *c)
{
	size_t max = excerpt_columns(pg);
	struct buf a, b;

	buf_init(&a, SIZE_MAX / 4);
	buf_init(&b, SIZE_MAX / 4);
	first_side(c, ARM_BASELINE, &a);
	first_side(c, ARM_CANDIDATE, &b);
	if (first_two_armed(pg->r)) {
		put_excerpt(pg, "before", buf_str(&a),
		    glyph_differ(buf_str(&a), buf_str(&b), max));
		put_excerpt(pg, "after", buf_str(&b),
		    glyph_differ(buf_str(&b), buf_str(&a), max));
	} else {
		put_excerpt(pg, "answer", buf_str(&b), 0);
	}
	buf_fini(&a);
	buf_fini(&b);
}

static void
put_worst_case(struct page *pg, const struct result_case *c, size_t k)
{
	struct buf *t = fresh(pg), question;

	if (k > 0)
		spaces(pg, LABEL);
	buf_printf(pg->out, "%zu. ", k + 1);
	glyph_clean(t, c->id);
	buf_printf(t, " %s %s%s", format_case_sign(c),
	    format_case_label(c), c->critical ? ", critical" : "");
	if (c->n_why > 0) {
		buf_puts(t, ": ");
		glyph_clean(t, c->why[0]);
	}
	say(pg, LABEL + 3, BOLD);
	buf_init(&question, SIZE_MAX / 4);
	glyph_clean(&question, c->question);
	put_excerpt(pg, "asked", buf_str(&question), 0);
	buf_fini(&question);
	if (c->has_sides)
		put_answers(pg, c);
}

static void
put_worst(struct page *pg, const char *name)
{
	const struct result_case *c;
	struct result_reader rd;
	size_t k;

	if (pg->r->n_worst == 0)
		return;
	label(pg, name);
	result_reader_init(&rd, pg->r);
	for (k = 0; k < pg->r->n_worst; k++) {
		c = result_case_at(&rd, pg->r->worst[k]);
		if (c != NULL)
			put_worst_case(pg, c, k);
	}
	buf_fail(pg->out, result_reader_fini(&rd));
}

/* ---- the gates ---------------------------------------------------------- */

/* Text, then blanks up to `columns`; right-aligned when columns < 0. */
static void
cell(struct page *pg, const char *s, int columns)
{
	size_t want = (size_t)abs(columns), have = glyph_columns(s);

	if (columns < 0 && have < want)
		spaces(pg, want - have);
	buf_puts(pg->out, s);
	if (columns > 0 && have < want)
		spaces(pg, want - have);
}

static void
put_gate(struct page *pg, const struct result_gate *g)
{
	size_t title = pg->width - 54;
	struct buf clean, *t;
	const char *sym = format_symbol(g->metric);

	ink(pg, gate_ink(g));
	buf_printf(pg->out, "  %s ", format_gate_mark(g->verdict));
	buf_init(&clean, SIZE_MAX / 4);
	glyph_clean(&clean, g->title);
	if (*sym != '\0' && strstr(buf_str(&clean), sym) == NULL)
		buf_printf(&clean, " %s", sym);
	t = fresh(pg);
	glyph_clip(t, buf_str(&clean), 0, title - 1);
	cell(pg, buf_str(t), (int)title);
	buf_fini(&clean);
	format_value(fresh(pg), g->unit, g->value);
	cell(pg, buf_str(t), -9);
	format_limit(fresh(pg), g);
	cell(pg, buf_str(t), -11);
	format_value(fresh(pg), g->unit, g->noise);
	cell(pg, buf_str(t), -9);
	format_p(fresh(pg), g->p);
	cell(pg, buf_str(t), -7);
	buf_puts(pg->out, "  ");
	buf_puts(pg->out, format_gate_outcome(g));
	/* No room behind the longest word; its row says it below. */
	if (g->class != GATE_GATE && g->verdict != GATE_INCONCLUSIVE)
		buf_printf(pg->out, " %s", gate_class_name(g->class));
	ink_off(pg, gate_ink(g));
	buf_putc(pg->out, '\n');
}

static void
put_gates(struct page *pg, const char *name)
{
	size_t *order, n, i;

	order = calloc(pg->r->n_gates + 1, sizeof(*order));
	if (order == NULL) {
		pg->out->bad = RC_NOMEM;
		return;
	}
	n = first_gates(pg->r, order);
	if (n == 0) {
		free(order);
		return;
	}
	ink(pg, BOLD);
	cell(pg, name, (int)(pg->width - 50));
	ink_off(pg, BOLD);
	ink(pg, DIM);
	buf_puts(pg->out, "    value      limit    noise      p  verdict");
	ink_off(pg, DIM);
	buf_putc(pg->out, '\n');
	for (i = 0; i < n; i++)
		put_gate(pg, &pg->r->gates[order[i]]);
	free(order);
}

static void
put_first_screen(struct page *pg)
{
	const struct first_row *row;

	put_verdict(pg);
	for (row = first_rows; row->label != NULL; row++) {
		if (row->kind == FIRST_WORST) {
			put_worst(pg, row->label);
			continue;
		}
		if (row->kind == FIRST_GATES) {
			put_gates(pg, row->label);
			continue;
		}
		row->write(pg->r, fresh(pg));
		if (pg->t.len == 0)
			continue;
		label(pg, row->label);
		/* A command that is cut stays one that a shell accepts. */
		if (row->kind == FIRST_COMMAND)
			wrap_more(pg, LABEL, buf_str(&pg->t), BOLD, " \\");
		else
			say(pg, LABEL, PLAIN);
	}
}

/* ---- behind the first screen -------------------------------------------- */

static void
heading(struct page *pg, const char *s)
{
	buf_putc(pg->out, '\n');
	ink(pg, BOLD);
	buf_puts(pg->out, s);
	ink_off(pg, BOLD);
	buf_putc(pg->out, '\n');
}

static void
interval(struct buf *t, const struct result_gate *g)
{
	if (isfinite(g->ci[0]) && isfinite(g->ci[1])) {
		buf_puts(t, "; 95 % interval ");
		format_value(t, g->unit, g->ci[0]);
		buf_puts(t, " to ");
		format_value(t, g->unit, g->ci[1]);
	}
	if (isfinite(g->base) || isfinite(g->cand)) {
		buf_puts(t, "; baseline ");
		format_level(t, g, g->base);
		buf_puts(t, ", candidate ");
		format_level(t, g, g->cand);
	}
}

static void
put_gate_detail(struct page *pg, const struct result_gate *g)
{
	struct buf *t = fresh(pg);

	buf_printf(t, "%s ", format_gate_mark(g->verdict));
	glyph_clean(t, g->title);
	buf_puts(t, ": ");
	glyph_clean(t, g->why);
	spaces(pg, 2);
	say(pg, 4, gate_ink(g));
	t = fresh(pg);
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
	interval(t, g);
	if (isfinite(g->visible)) {
		buf_puts(t, "; could see ");
		format_value(t, g->unit, g->visible);
	}
	if (isfinite(g->n_needed)) {
		buf_puts(t, "; to decide it needs n ");
		format_count(t, (uint64_t)fmin(fmax(g->n_needed, 0), 1e15));
	}
	spaces(pg, 4);
	say(pg, 4, DIM);
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
	struct buf *t = fresh(pg);
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
		buf_puts(t, " sent again, no error, because a kept "
		    "connection was stale (closed already)");
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
	say(pg, 14, PLAIN);
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

static void
put_cases(struct page *pg)
{
	size_t n = pg->r->n_cases - pg->r->tally.verdict[CASE_V_PASS];
	size_t k, shown = 0;
	const struct result_case *c;
	struct result_reader rd;
	struct buf *t;

	if (n > 0)
		heading(pg, "Cases that did not simply pass");
	result_reader_init(&rd, pg->r);
	while (shown < n && shown < LISTED_MAX &&
	    (c = result_case_next(&rd)) != NULL) {
		if (c->verdict == CASE_V_PASS)
			continue;
		shown++;
		t = fresh(pg);
		buf_printf(t, "%s ", format_case_sign(c));
		glyph_clean(t, c->id);
		buf_printf(t, " %s%s", format_case_label(c),
		    c->critical ? ", critical" : "");
		for (k = 0; k < c->n_why; k++) {
			buf_puts(t, k == 0 ? ": " : "; ");
			glyph_clean(t, c->why[k]);
		}
		spaces(pg, 2);
		say(pg, 4, PLAIN);
	}
	buf_fail(pg->out, result_reader_fini(&rd));
	if (n > LISTED_MAX) {
		t = fresh(pg);
		buf_puts(t, "and ");
		format_count(t, n - LISTED_MAX);
		buf_puts(t, " more: see metrics.csv or report.json");
		spaces(pg, 2);
		say(pg, 2, DIM);
	}
}

static void
put_notes(struct page *pg)
{
	size_t i;

	if (pg->r->n_notes == 0)
		return;
	heading(pg, "Notes");
	for (i = 0; i < pg->r->n_notes; i++) {
		glyph_clean(fresh(pg), pg->r->notes[i]);
		buf_puts(pg->out, "  - ");
		say(pg, 4, PLAIN);
	}
}

static void
put_trust(struct page *pg)
{
	const struct result *r = pg->r;
	struct buf *t = fresh(pg);

	heading(pg, "Trust");
	buf_puts(t, "lateness p99 ");
	if (isnan(r->trust.late_p99_ns))
		buf_puts(t, "not applicable (not paced)");
	else
		format_ns(t, r->trust.late_p99_ns);
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
	spaces(pg, 2);
	say(pg, 2, PLAIN);
}

static void
fact(struct page *pg, const char *name, const char *value)
{
	struct buf *t;

	if (value == NULL || *value == '\0')
		return;
	t = fresh(pg);
	glyph_clean(t, value);
	spaces(pg, 2);
	cell(pg, name, 14);
	say(pg, 16, PLAIN);
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

static void
write_text(const struct result *r, const struct report_opts *o,
    struct buf *out)
{
	size_t width = o == NULL || o->width <= 0 ? 80 : (size_t)o->width;
	struct page pg = { .r = r, .out = out };

	if (width < WIDTH_MIN)
		width = WIDTH_MIN;
	pg.width = width > WIDTH_MAX ? WIDTH_MAX : width;
	pg.color = o != NULL && o->color;
	buf_init(&pg.t, SIZE_MAX / 4);
	put_first_screen(&pg);
	if (o != NULL && o->brief) {
		put_notes(&pg);
	} else {
		put_cases(&pg);
		put_gate_details(&pg);
		put_arms(&pg);
		put_notes(&pg);
		put_trust(&pg);
		put_run(&pg);
	}
	if (pg.t.bad != RC_OK)
		out->bad = pg.t.bad;
	buf_fini(&pg.t);
}

const struct report_format report_text = {
	"text", "report.txt", write_text,
	"for a terminal; opens with the first screen"
};
