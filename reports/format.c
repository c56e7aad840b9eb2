/* Numbers in words; see format.h. */
#include "reports/format.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void
format_count(struct buf *out, uint64_t n)
{
	char s[24];
	size_t len, i;

	len = (size_t)snprintf(s, sizeof(s), "%llu", (unsigned long long)n);
	for (i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			buf_putc(out, ',');
		buf_putc(out, s[i]);
	}
}

void
format_plural(struct buf *out, uint64_t n, const char *noun)
{
	format_count(out, n);
	buf_printf(out, " %s%s", noun, n == 1 ? "" : "s");
}

/* Three digits that say something: 842, 12.3, 1.25. */
static void
three_digits(struct buf *out, double v)
{
	double a = fabs(v);

	buf_printf(out, "%.*f", a >= 99.95 ? 0 : a >= 9.995 ? 1 : 2, v);
}

void
format_ns(struct buf *out, double ns)
{
	double s = round(ns / 1e9);

	if (!isfinite(ns)) {
		buf_putc(out, '-');
	} else if (fabs(ns) >= 120e9) {
		buf_printf(out, "%.0f min", trunc(s / 60));
		if (fabs(s) < 3600 && fmod(s, 60) != 0)
			buf_printf(out, " %.0f s", fmod(fabs(s), 60));
	} else if (fabs(ns) >= 999.5e6) {
		three_digits(out, ns / 1e9);
		buf_puts(out, " s");
	} else if (fabs(ns) >= 999.5e3) {
		three_digits(out, ns / 1e6);
		buf_puts(out, " ms");
	} else if (ns == 0) {
		buf_puts(out, "0 ms");
	} else {
		three_digits(out, ns / 1e3);
		buf_puts(out, " \xc2\xb5s");
	}
}

/* A percentage that prints as a whole number is one: 0.07 * 100 is not
 * exactly 7. */
static double
tidy(double v)
{
	return round(v * 1e9) / 1e9;
}

static void
percent(struct buf *out, double v, int sign)
{
	double p = tidy(100 * v), a = fabs(p);
	int digits = a >= 99.95 || a == 0 || p == round(p) ? 0 :
	    a >= 0.995 ? 1 : 2;

	buf_printf(out, sign ? "%+.*f %%" : "%.*f %%", digits, p);
}

void
format_value(struct buf *out, const char *unit, double v)
{
	if (!isfinite(v))
		buf_putc(out, '-');
	else if (strcmp(unit, "share") == 0 || strcmp(unit, "rate") == 0)
		percent(out, v, 0);
	else if (strcmp(unit, "ratio") == 0)
		percent(out, v - 1, 1);
	else if (strcmp(unit, "ns") == 0)
		format_ns(out, v);
	else if (strcmp(unit, "distance") == 0 ||
	    strcmp(unit, "score") == 0 || *unit == '\0')
		buf_printf(out, "%.3f", v == 0 ? 0.0 : v);
	else
		buf_printf(out, "%.3g %s", v, unit);
}

void
format_level(struct buf *out, const struct result_gate *g, double v)
{
	int i;

	for (i = 0; i < METRIC_N; i++) {
		if (strcmp(metrics[i].name, g->metric) == 0) {
			format_metric(out, &metrics[i], v);
			return;
		}
	}
	format_value(out, strcmp(g->unit, "ratio") == 0 ? "" : g->unit, v);
}

void
format_sides(struct buf *out, const struct result_gate *g)
{
	if (isfinite(g->ci[0]) && isfinite(g->ci[1])) {
		buf_puts(out, "; 95 % interval ");
		format_value(out, g->unit, g->ci[0]);
		buf_puts(out, " to ");
		format_value(out, g->unit, g->ci[1]);
	}
	if (isfinite(g->base) || isfinite(g->cand)) {
		buf_puts(out, "; baseline ");
		format_level(out, g, g->base);
		buf_puts(out, ", candidate ");
		format_level(out, g, g->cand);
	}
}

void
format_limit(struct buf *out, const struct result_gate *g)
{
	if (!isfinite(g->limit)) {
		buf_putc(out, '-');
		return;
	}
	buf_puts(out, g->higher_is_worse ? "\xe2\x89\xa4 " : "\xe2\x89\xa5 ");
	if (strcmp(g->unit, "distance") == 0 ||
	    strcmp(g->unit, "score") == 0)
		buf_printf(out, "%.3g", g->limit);
	else
		format_value(out, g->unit, g->limit);
}

void
format_p(struct buf *out, double p)
{
	if (isnan(p))
		buf_putc(out, '-');
	else if (p < 0.001)
		buf_puts(out, "<.001");
	else if (p > 0.9995)
		buf_puts(out, "1.0");
	else
		buf_printf(out, ".%03.0f", p * 1000);
}

void
format_again(struct buf *out, const struct result *r,
    const struct result_case *c)
{
	const struct result_again *a = result_again_find(r, c->id);

	if (a == NULL)
		return;
	buf_puts(out, again_is_name(a->is));
	if (a->answered[0] + a->answered[1] == 0)
		return;
	if (a->unanswered && a->answered[1] + a->good[0] <=
	    a->answered[0] + a->good[1])
		buf_printf(out, ", %llu answers, baseline %llu (p ",
		    (unsigned long long)a->answered[1],
		    (unsigned long long)a->answered[0]);
	else
		buf_printf(out, ", %llu of %llu answers good, baseline %llu of "
		    "%llu (p ", (unsigned long long)a->good[1],
		    (unsigned long long)a->answered[1],
		    (unsigned long long)a->good[0],
		    (unsigned long long)a->answered[0]);
	format_p(out, a->p);
	buf_putc(out, ')');
}

void
format_metric(struct buf *out, const struct metric *m, double v)
{
	if (!isfinite(v))
		buf_putc(out, '-');
	else if (strcmp(m->unit, "share") == 0)
		format_value(out, m->unit, v);
	else if (strcmp(m->unit, "ns") == 0)
		format_ns(out, v);
	else
		buf_printf(out, "%.3f", v);
}

const char *
format_symbol(const char *metric)
{
	if (strncmp(metric, "ds_", 3) == 0)
		return "\xce\x94S";
	if (strncmp(metric, "lambda", 6) == 0)
		return "\xce\xbb";
	return "";
}

const char *
format_gate_word(enum gate_verdict v)
{
	static const char *const words[] = {
		"pass", "fail", "inconclusive", "review", "not judged"
	};

	return words[v];
}

const char *
format_gate_outcome(const struct result_gate *g)
{
	return g->verdict == GATE_PASS && result_gate_beyond(g) ?
	    "by chance" : format_gate_word(g->verdict);
}

const char *
format_gate_mark(enum gate_verdict v)
{
	static const char *const marks[] = {
		"\xe2\x9c\x93", "\xe2\x9c\x97", "~", "?", "\xc2\xb7"
	};

	return marks[v];
}

const char *
format_case_word(enum case_verdict v)
{
	if (v == CASE_V_DEFECT)
		return "already broken";
	return v == CASE_V_UNJUDGED ? "not judged" : case_verdict_name(v);
}

const char *
format_case_mark(enum case_verdict v)
{
	static const char *const marks[CASE_V_N] = {
		[CASE_V_PASS] = "\xe2\x9c\x93",
		[CASE_V_REGRESSION] = "\xe2\x9c\x97",
		[CASE_V_FIX] = "+",
		[CASE_V_DEFECT] = "=",
		[CASE_V_FAIL] = "\xe2\x9c\x97",
		[CASE_V_UNJUDGED] = "!",
	};

	return marks[v];
}

static int
moved(const struct result_case *c)
{
	return c->verdict == CASE_V_PASS && c->n_why > 0;
}

const char *
format_case_label(const struct result_case *c)
{
	return moved(c) ? "moved" : format_case_word(c->verdict);
}

const char *
format_case_sign(const struct result_case *c)
{
	return moved(c) ? "~" : format_case_mark(c->verdict);
}
