/*
 * Markdown for a comment on a pull request: at most 65,000 characters, which
 * is less than GitHub's and GitLab's limits; what does not fit is counted.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/firstscreen.h"
#include "reports/format.h"
#include "reports/glyph.h"
#include "reports/reports.h"

/*
 * Bytes, which are never fewer than characters.  Each part may fill the
 * document up to its mark; the rest is kept for the parts behind it.
 */
enum {
	LINES_END = 14000, GATES_END = 26000, CASES_END = 44000,
	DETAILS_END = 58000, ALL_END = 63000,
	LINE_COLUMNS = 400, CELL_COLUMNS = 240, ID_COLUMNS = 60
};

struct doc {
	const struct result *r;
	struct buf *out;
	size_t start;		/* where the document began in out */
	struct buf t;
};

/* One row or line, kept only when it ends before the mark. */
struct row {
	size_t at;
	size_t end;
};

static struct row
row_begin(const struct doc *d, size_t end)
{
	return (struct row){ d->out->len, d->start + end };
}

/* returns 1 when the row was kept */
static int
row_end(struct doc *d, struct row row)
{
	if (d->out->bad != RC_OK || d->out->len <= row.end)
		return 1;
	d->out->len = row.at;
	d->out->p[row.at] = '\0';
	return 0;
}

static struct buf *
fresh(struct doc *d)
{
	buf_reset(&d->t);
	return &d->t;
}

static void
left_out(struct doc *d, size_t n, const char *what)
{
	if (n == 0)
		return;
	buf_puts(d->out, "\n…and ");
	format_plural(d->out, n, what);
	buf_puts(d->out, " more: see report.html or report.json.\n");
}

static void
put_verdict(struct doc *d)
{
	const struct result *r = d->r;
	struct buf *t = fresh(d);

	buf_printf(d->out, "## %s %s: ", verdict_symbol(r->verdict),
	    verdict_name(r->verdict));
	first_headline(r, t);
	escape_md(d->out, buf_str(t), LINE_COLUMNS);
	buf_puts(d->out, "\n\n");
	if (r->run.suite_name != NULL) {
		buf_puts(d->out, "**");
		escape_md(d->out, r->run.suite_name, ID_COLUMNS);
		buf_puts(d->out, "** ");
	}
	if (r->run.id != NULL) {
		buf_puts(d->out, "run ");
		escape_md(d->out, r->run.id, ID_COLUMNS);
	}
	buf_puts(d->out, "\n\n");
}

/* Several lines of the first screen, in one cell. */
static void
put_lines(struct doc *d, const char *label, char *lines)
{
	struct row row = row_begin(d, LINES_END);
	char *line, *rest = lines;
	int n = 0;

	buf_printf(d->out, "| **%s** | ", label);
	while ((line = strsep(&rest, "\n")) != NULL) {
		buf_puts(d->out, n++ > 0 ? "<br>" : "");
		escape_md(d->out, line, LINE_COLUMNS);
	}
	buf_puts(d->out, " |\n");
	if (!row_end(d, row)) {
		buf_printf(d->out, "| **%s** | ", label);
		escape_md(d->out, lines, LINE_COLUMNS);
		buf_puts(d->out, "<br>… |\n");
	}
}

/* The rows of the first screen that are sentences; before or after the
 * tables of worst cases and gates. */
static void
put_sentences(struct doc *d, int before)
{
	const struct first_row *row;
	int seen = 0, n = 0;

	for (row = first_rows; row->label != NULL; row++) {
		seen |= row->kind == FIRST_WORST || row->kind == FIRST_GATES;
		if (row->kind != FIRST_LINES || seen == before)
			continue;
		row->write(d->r, fresh(d));
		if (d->t.len == 0)
			continue;
		if (n++ == 0)
			buf_puts(d->out, "| | |\n|:--|:--|\n");
		put_lines(d, row->label, d->t.p);
	}
	buf_putc(d->out, '\n');
}

static void
cell(struct doc *d, const char *s, size_t max)
{
	escape_md(d->out, s, max);
	buf_puts(d->out, " | ");
}

/* Of a case that was undecided: what fresh answers say. */
static void
put_again(struct doc *d, const struct result_case *c)
{
	struct buf said;

	buf_init(&said, SIZE_MAX / 4);
	format_again(&said, d->r, c);
	if (said.len > 0)
		buf_printf(d->out, "<br>asked again: %s", buf_str(&said));
	buf_fini(&said);
}

static void
put_worst_case(struct doc *d, const struct result_case *c)
{
	struct buf a, b;

	buf_init(&a, SIZE_MAX / 4);
	buf_init(&b, SIZE_MAX / 4);
	buf_printf(d->out, "| %s ", format_case_sign(c));
	escape_md(d->out, c->id, ID_COLUMNS);
	if (c->critical)
		buf_puts(d->out, "<br>**critical**");
	if (c->n_why > 0) {
		buf_puts(d->out, "<br>");
		escape_md(d->out, c->why[0], CELL_COLUMNS);
	}
	put_again(d, c);
	if (c->has_sides && c->side[1].failed != NULL) {
		buf_puts(d->out, "<br>failed: ");
		escape_md(d->out, c->side[1].failed, CELL_COLUMNS);
	}
	if (c->has_sides && c->side[1].lost != NULL) {
		buf_puts(d->out, "<br>lost: ");
		escape_md(d->out, c->side[1].lost, CELL_COLUMNS);
	}
	buf_puts(d->out, " | ");
	cell(d, c->question, CELL_COLUMNS);
	if (c->has_sides) {
		first_side(c, 0, &a);
		first_side(c, 1, &b);
	}
	if (first_two_armed(d->r)) {
		glyph_clip(fresh(d), buf_str(&a), glyph_differ(buf_str(&a),
		    buf_str(&b), CELL_COLUMNS), CELL_COLUMNS);
		cell(d, buf_str(&d->t), CELL_COLUMNS);
	}
	glyph_clip(fresh(d), buf_str(&b), glyph_differ(buf_str(&b),
	    buf_str(&a), CELL_COLUMNS), CELL_COLUMNS);
	cell(d, buf_str(&d->t), CELL_COLUMNS);
	d->out->len--;
	buf_putc(d->out, '\n');
	buf_fini(&a);
	buf_fini(&b);
}

static void
put_worst(struct doc *d)
{
	const struct result *r = d->r;
	const struct result_case *c;
	struct result_reader rd;
	size_t i;

	if (r->n_worst == 0)
		return;
	buf_puts(d->out, first_two_armed(r) ?
	    "### Worst cases\n\n| case | question | before | after |\n"
	    "|:--|:--|:--|:--|\n" :
	    "### Worst cases\n\n| case | question | answer |\n"
	    "|:--|:--|:--|\n");
	result_reader_init(&rd, r);
	for (i = 0; i < r->n_worst; i++) {
		struct row row = row_begin(d, GATES_END);

		c = result_case_at(&rd, r->worst[i]);
		if (c != NULL)
			put_worst_case(d, c);
		(void)row_end(d, row);
	}
	buf_fail(d->out, result_reader_fini(&rd));
	buf_putc(d->out, '\n');
}

static void
put_gate(struct doc *d, const struct result_gate *g)
{
	const char *sym = format_symbol(g->metric);
	int has_symbol = *sym == '\0' || strstr(g->title, sym) != NULL;

	buf_printf(d->out, "| %s %s%s | ", format_gate_mark(g->verdict),
	    format_gate_outcome(g),
	    g->class == GATE_GATE ? "" : g->class == GATE_HARD ? " (hard)" :
	    " (info)");
	escape_md(d->out, g->title, ID_COLUMNS);
	buf_printf(d->out, "%s%s | ", has_symbol ? "" : " ",
	    has_symbol ? "" : sym);
	format_value(d->out, g->unit, g->value);
	buf_puts(d->out, " | ");
	format_limit(d->out, g);
	buf_puts(d->out, " | ");
	format_value(d->out, g->unit, g->noise);
	buf_puts(d->out, " | ");
	format_p(fresh(d), g->p);
	escape_md(d->out, buf_str(&d->t), 0);
	buf_puts(d->out, " | ");
	format_count(d->out, g->n);
	buf_puts(d->out, " |\n");
}

/* The judged gates in the order of the first screen; caller frees. */
static size_t *
gate_order(struct doc *d, size_t *n)
{
	size_t *order = calloc(d->r->n_gates + 1, sizeof(*order));

	*n = 0;
	if (order == NULL)
		d->out->bad = RC_NOMEM;
	else
		*n = first_gates(d->r, order);
	return order;
}

static void
put_gates(struct doc *d)
{
	size_t *order, n, i, lost = 0;

	order = gate_order(d, &n);
	if (order == NULL || n == 0) {
		free(order);
		return;
	}
	buf_puts(d->out, "### Gates\n\n| | gate | value | limit | noise | p "
	    "| n |\n|:--|:--|--:|--:|--:|--:|--:|\n");
	for (i = 0; i < n; i++) {
		struct row row = row_begin(d, GATES_END);

		put_gate(d, &d->r->gates[order[i]]);
		lost += !row_end(d, row);
	}
	left_out(d, lost, "gate");
	buf_putc(d->out, '\n');
	free(order);
}

/* A fence longer than any run of backticks inside. */
static void
put_next(struct doc *d)
{
	size_t run = 0, most = 2, i;
	const char *s;

	if (d->r->next == NULL || *d->r->next == '\0')
		return;
	glyph_clean(fresh(d), d->r->next);
	for (s = buf_str(&d->t); *s != '\0'; s++) {
		run = *s == '`' ? run + 1 : 0;
		most = run > most ? run : most;
	}
	buf_puts(d->out, "Next:\n\n");
	for (i = 0; i <= most; i++)
		buf_putc(d->out, '`');
	buf_printf(d->out, "sh\n%s\n", buf_str(&d->t));
	for (i = 0; i <= most; i++)
		buf_putc(d->out, '`');
	buf_puts(d->out, "\n\n");
}

/* ---- collapsed ---------------------------------------------------------- */

static void
open_details(struct doc *d, const char *title, size_t n)
{
	buf_printf(d->out, "<details><summary>%s", title);
	if (n > 0)
		buf_printf(d->out, " (%zu)", n);
	buf_puts(d->out, "</summary>\n\n");
}

static void
put_case(struct doc *d, const struct result_case *c)
{
	size_t k;

	buf_printf(d->out, "| %s %s%s | ", format_case_sign(c),
	    format_case_label(c), c->critical ? ", critical" : "");
	cell(d, c->id, ID_COLUMNS);
	cell(d, c->question, 120);
	for (k = 0; k < c->n_why && k < 3; k++) {
		buf_puts(d->out, k > 0 ? "<br>" : "");
		escape_md(d->out, c->why[k], 100);
	}
	put_again(d, c);
	buf_puts(d->out, " |\n");
}

static void
put_cases(struct doc *d)
{
	const struct result *r = d->r;
	const struct result_case *c;
	size_t n = r->n_cases - r->count.of[CASE_V_PASS], kept = 0;
	struct result_reader rd;

	if (n == 0)
		return;
	open_details(d, "Cases that did not simply pass", n);
	buf_puts(d->out, "| | case | question | why |\n|:--|:--|:--|:--|\n");
	result_reader_init(&rd, r);
	while ((c = result_case_next(&rd)) != NULL) {
		struct row row = row_begin(d, CASES_END);

		if (c->verdict == CASE_V_PASS)
			continue;
		put_case(d, c);
		if (!row_end(d, row))
			break;
		kept++;
	}
	buf_fail(d->out, result_reader_fini(&rd));
	left_out(d, n - kept, "case");
	buf_puts(d->out, "\n</details>\n\n");
}

static void
put_gate_details(struct doc *d)
{
	const struct result *r = d->r;
	const struct result_gate *g;
	size_t i, lost = 0;

	if (r->n_gates == 0)
		return;
	open_details(d, "The gates' arithmetic", 0);
	for (i = 0; i < r->n_gates; i++) {
		struct row row = row_begin(d, DETAILS_END);

		g = &r->gates[i];
		if (g->verdict == GATE_NOT_JUDGED)
			continue;
		buf_printf(d->out, "- %s **", format_gate_mark(g->verdict));
		escape_md(d->out, g->title, ID_COLUMNS);
		buf_puts(d->out, "**: ");
		escape_md(d->out, g->why, LINE_COLUMNS);
		if (isfinite(g->ci[0]) && isfinite(g->ci[1])) {
			buf_puts(d->out, " (95 % interval ");
			format_value(d->out, g->unit, g->ci[0]);
			buf_puts(d->out, " to ");
			format_value(d->out, g->unit, g->ci[1]);
			buf_putc(d->out, ')');
		}
		buf_putc(d->out, '\n');
		lost += !row_end(d, row);
	}
	left_out(d, lost, "gate");
	buf_puts(d->out, "\n</details>\n\n");
}

static void
put_arm(struct doc *d, const struct result_arm *a)
{
	uint64_t bad = a->sent - (a->outcomes[OUTCOME_OK] < a->sent ?
	    a->outcomes[OUTCOME_OK] : a->sent);

	buf_printf(d->out, "| %s | ", a->name);
	cell(d, a->url == NULL ? "" : a->url, 80);
	format_count(d->out, a->sent);
	if (a->stale > 0) {
		buf_puts(d->out, " (");
		format_count(d->out, a->stale);
		buf_puts(d->out, " stale)");
	}
	buf_puts(d->out, " | ");
	format_count(d->out, bad);
	buf_puts(d->out, " | ");
	format_ns(d->out, a->p50_ns);
	buf_puts(d->out, " | ");
	format_ns(d->out, a->p95_ns);
	buf_puts(d->out, " | ");
	format_ns(d->out, a->p99_ns);
	buf_puts(d->out, " |\n");
}

static void
put_arms(struct doc *d)
{
	size_t i, n = 0;

	for (i = 0; i < ARM_N; i++) {
		if (!d->r->arm[i].present)
			continue;
		if (n++ == 0) {
			open_details(d, "Stacks", 0);
			buf_puts(d->out, "| | url | requests | not ok | p50 |"
			    " p95 | p99 |\n|:--|:--|--:|--:|--:|--:|--:|\n");
		}
		put_arm(d, &d->r->arm[i]);
	}
	if (n > 0)
		buf_puts(d->out, "\n</details>\n\n");
}

static void
item(struct doc *d, const char *name, const char *value)
{
	struct row row = row_begin(d, ALL_END);

	if (value == NULL || *value == '\0')
		return;
	buf_printf(d->out, "- %s%s", name, *name == '\0' ? "" : ": ");
	escape_md(d->out, value, LINE_COLUMNS);
	buf_putc(d->out, '\n');
	(void)row_end(d, row);
}

static void
put_rest(struct doc *d)
{
	const struct result *r = d->r;
	size_t i;

	open_details(d, "Notes, trust and run", 0);
	for (i = 0; i < r->n_notes; i++)
		item(d, "", r->notes[i]);
	buf_printf(d->out, "- records lost %llu, doubled %llu; baseline pins "
	    "%s\n", (unsigned long long)r->trust.lost,
	    (unsigned long long)r->trust.duplicates,
	    r->trust.pins_changed ? "changed" : "steady");
	if (isfinite(r->run.cpu_idle)) {
		buf_puts(d->out, "- this machine's CPU while sending: ");
		format_value(d->out, "rate", r->run.cpu_idle);
		buf_puts(d->out, " idle\n");
	}
	if (isfinite(r->trust.aa_false_alarm)) {
		buf_puts(d->out, "- own false alarms ");
		format_value(d->out, "rate", r->trust.aa_false_alarm);
		buf_putc(d->out, '\n');
	}
	fresh(d);
	for (i = 0; i < r->run.n_argv; i++) {
		buf_puts(&d->t, i > 0 ? " " : "");
		buf_puts(&d->t, r->run.argv[i]);
	}
	item(d, "command", buf_str(&d->t));
	item(d, "lockstep", r->version);
	item(d, "started", r->run.started);
	item(d, "suite", r->run.hash_suite);
	item(d, "trace", r->run.hash_trace);
	item(d, "embedder", r->run.embedder);
	item(d, "weights", r->run.embedder_hash);
	buf_puts(d->out, "\n</details>\n");
}

static void
write_md(const struct result *r, const struct report_opts *o,
    struct buf *out)
{
	struct doc d = { .r = r, .out = out, .start = out->len };

	(void)o;
	buf_init(&d.t, SIZE_MAX / 4);
	put_verdict(&d);
	put_sentences(&d, 1);
	put_worst(&d);
	put_gates(&d);
	put_sentences(&d, 0);
	put_next(&d);
	put_cases(&d);
	put_gate_details(&d);
	put_arms(&d);
	put_rest(&d);
	if (d.t.bad != RC_OK)
		out->bad = d.t.bad;
	buf_fini(&d.t);
}

const struct report_format report_md = {
	.name = "md", .file = "report.md", .write = write_md,
	.help = "Markdown that fits a comment on a pull request",
};
