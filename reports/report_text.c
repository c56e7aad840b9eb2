/*
 * The report for a terminal: the first screen, then what is behind it
 * (text_behind.c).  No line is wider than the terminal; colour only when
 * asked for.
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
#include "reports/text_part.h"

enum { WIDTH_MIN = 60, WIDTH_MAX = 200 };

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

static void
put_verdict(struct page *pg)
{
	const struct result *r = pg->r;
	struct buf *t = text_fresh(pg);

	buf_printf(t, "%s %s: ", verdict_symbol(r->verdict),
	    verdict_name(r->verdict));
	first_headline(r, t);
	text_say(pg, 0, verdict_ink(r->verdict));
	t = text_fresh(pg);
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
		text_say(pg, 0, TEXT_DIM);
	buf_putc(pg->out, '\n');
}

/* ---- the worst cases ---------------------------------------------------- */

/* Two lines' worth of an excerpt; a word that moves to the next line leaves
 * some columns empty. */
static size_t
excerpt_columns(const struct page *pg)
{
	return 2 * (pg->width - TEXT_LABEL - 11) - 12;
}

static void
put_excerpt(struct page *pg, const char *name, const char *clean, size_t from)
{
	struct buf *t = text_fresh(pg);

	text_spaces(pg, TEXT_LABEL + 3);
	text_ink(pg, TEXT_DIM);
	buf_printf(pg->out, "%-8s", name);
	text_ink_off(pg, TEXT_DIM);
	glyph_clip(t, clean, from, excerpt_columns(pg));
	text_say(pg, TEXT_LABEL + 11, TEXT_PLAIN);
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

/* What is wrong with the candidate's answer, by name. */
static void
put_wrong(struct page *pg, const char *name, const char *what)
{
	struct buf t;

	if (what == NULL)
		return;
	buf_init(&t, SIZE_MAX / 4);
	glyph_clean(&t, what);
	put_excerpt(pg, name, buf_str(&t), 0);
	buf_fini(&t);
}

static void
put_worst_case(struct page *pg, const struct result_case *c, size_t k)
{
	struct buf *t = text_fresh(pg), question, again;

	if (k > 0)
		text_spaces(pg, TEXT_LABEL);
	buf_printf(pg->out, "%zu. ", k + 1);
	glyph_clean(t, c->id);
	buf_printf(t, " %s %s%s", format_case_sign(c),
	    format_case_label(c), c->critical ? ", critical" : "");
	if (c->n_why > 0) {
		buf_puts(t, ": ");
		glyph_clean(t, c->why[0]);
	}
	text_say(pg, TEXT_LABEL + 3, TEXT_BOLD);
	buf_init(&question, SIZE_MAX / 4);
	glyph_clean(&question, c->question);
	put_excerpt(pg, "asked", buf_str(&question), 0);
	buf_fini(&question);
	buf_init(&again, SIZE_MAX / 4);
	format_again(&again, pg->r, c);
	if (again.len > 0)
		put_excerpt(pg, "again", buf_str(&again), 0);
	buf_fini(&again);
	if (!c->has_sides)
		return;
	put_answers(pg, c);
	put_wrong(pg, "failed", c->side[1].failed);
	put_wrong(pg, "lost", c->side[1].lost);
	if (c->side[1].said != NULL)
		put_wrong(pg, "sent", c->side[1].sent);
}

static void
put_worst(struct page *pg, const char *name)
{
	const struct result_case *c;
	struct result_reader rd;
	size_t k;

	if (pg->r->n_worst == 0)
		return;
	text_label(pg, name);
	result_reader_init(&rd, pg->r);
	for (k = 0; k < pg->r->n_worst; k++) {
		c = result_case_at(&rd, pg->r->worst[k]);
		if (c != NULL)
			put_worst_case(pg, c, k);
	}
	buf_fail(pg->out, result_reader_fini(&rd));
}

/* ---- the gates ---------------------------------------------------------- */

enum { VERDICT_WIDTH = 12 };	/* "inconclusive" */

static void
put_gate(struct page *pg, const struct result_gate *g)
{
	size_t title = pg->width - 54;
	struct buf clean, *t;
	const char *sym = format_symbol(g->metric);

	text_ink(pg, text_gate_ink(g));
	buf_printf(pg->out, "  %s ", format_gate_mark(g->verdict));
	buf_init(&clean, SIZE_MAX / 4);
	glyph_clean(&clean, g->title);
	if (*sym != '\0' && strstr(buf_str(&clean), sym) == NULL)
		buf_printf(&clean, " %s", sym);
	t = text_fresh(pg);
	glyph_clip(t, buf_str(&clean), 0, title - 1);
	text_cell(pg, buf_str(t), (int)title);
	buf_fini(&clean);
	format_value(text_fresh(pg), g->unit, g->value);
	text_cell(pg, buf_str(t), -9);
	format_limit(text_fresh(pg), g);
	text_cell(pg, buf_str(t), -11);
	format_value(text_fresh(pg), g->unit, g->noise);
	text_cell(pg, buf_str(t), -9);
	format_p(text_fresh(pg), g->p);
	text_cell(pg, buf_str(t), -7);
	buf_puts(pg->out, "  ");
	buf_puts(pg->out, format_gate_outcome(g));
	/* No room behind the longest words; the row says it below. */
	if (g->class != GATE_GATE && strlen(format_gate_outcome(g)) + 1 +
	    strlen(gate_class_name(g->class)) <= VERDICT_WIDTH)
		buf_printf(pg->out, " %s", gate_class_name(g->class));
	text_ink_off(pg, text_gate_ink(g));
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
	text_ink(pg, TEXT_BOLD);
	text_cell(pg, name, (int)(pg->width - 50));
	text_ink_off(pg, TEXT_BOLD);
	text_ink(pg, TEXT_DIM);
	buf_puts(pg->out, "    value      limit    noise      p  verdict");
	text_ink_off(pg, TEXT_DIM);
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
		row->write(pg->r, text_fresh(pg));
		if (pg->t.len == 0)
			continue;
		text_label(pg, row->label);
		/* A command that is cut stays one that a shell accepts. */
		if (row->kind == FIRST_COMMAND)
			text_wrap_more(pg, TEXT_LABEL, buf_str(&pg->t),
			    TEXT_BOLD, " \\");
		else
			text_say(pg, TEXT_LABEL, TEXT_PLAIN);
	}
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
		text_notes(&pg);
	} else {
		text_behind(&pg);
	}
	if (pg.t.bad != RC_OK)
		out->bad = pg.t.bad;
	buf_fini(&pg.t);
}

const struct report_format report_text = {
	.name = "text", .file = "report.txt", .write = write_text,
	.help = "for a terminal; opens with the first screen",
};
