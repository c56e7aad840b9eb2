/* The terminal's page of a live comparison, 80 columns; see live.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "reports/format.h"
#include "reports/glyph.h"
#include "reports/live.h"

enum { WIDTH = 80, TITLE = 24, BAR = 10 };

static const char *const arms[3] = { "primary", "candidate", "echo" };

static void
ink(struct buf *out, int color, const char *code)
{
	if (color)
		buf_printf(out, "\033[%sm", code);
}

/* ---- the verdict ------------------------------------------------------- */

static void
put_wrapped(struct buf *out, const char *text)
{
	const char *p;
	struct buf t;
	size_t n;

	buf_init(&t, 4096);
	glyph_clean(&t, text);
	for (p = buf_str(&t); *p != '\0'; p += n) {
		n = glyph_line(p, WIDTH - 2);
		buf_puts(out, "  ");
		buf_add(out, p, n);
		buf_putc(out, '\n');
		while (p[n] == ' ')
			n++;
	}
	buf_fini(&t);
}

static void
put_verdict(const struct live_status *s, int color, struct buf *out)
{
	static const struct { const char *mark, *word, *code; } says[] = {
		{ "…", "WATCHING", "0" }, { "✓", "HEALTHY", "32" },
		{ "!", "SOFT STOP: a person decides", "33" },
		{ "✗", "HARD STOP: the candidate must get no more traffic",
		    "31" },
	};
	char suite[4 * LIVE_ID_MAX];
	struct buf t;

	buf_init(&t, 4096);
	glyph_clean(&t, s->suite);
	(void)snprintf(suite, sizeof(suite), "%s", buf_str(&t));
	buf_reset(&t);
	glyph_clip(&t, suite, 0, 20);
	ink(out, color, says[s->verdict].code);
	buf_printf(out, "%s %s", says[s->verdict].mark,
	    says[s->verdict].word);
	ink(out, color, "0");
	buf_printf(out, "  %s\n", buf_str(&t));
	buf_fini(&t);
	put_wrapped(out, s->reason);
}

/* ---- counts ------------------------------------------------------------ */

static void
put_counts(const struct live_status *s, struct buf *out)
{
	const double differ = s->compared == 0 ? 0 :
	    100 * (double)s->differ / (double)s->compared;

	buf_puts(out, "\npairs ");
	format_count(out, s->pairs);
	buf_puts(out, "  window ");
	format_count(out, s->windows + 1);
	buf_puts(out, " (");
	format_count(out, s->window_pairs);
	buf_putc(out, '/');
	format_count(out, s->window_length);
	buf_printf(out, ")  differ %.1f %%", differ);
	buf_puts(out, "  asked again ");
	format_count(out, s->echoes);
	if (isfinite(s->floor))
		buf_printf(out, " (%.0f %% differ)", 100 * s->floor);
	buf_putc(out, '\n');
	if (s->alone > 0) {
		buf_puts(out, "without a partner ");
		format_count(out, s->alone);
		buf_putc(out, '\n');
	}
}

static void
put_arms(const struct live_status *s, struct buf *out)
{
	const struct live_arm_status *a;
	uint64_t errors;
	struct buf t;
	int i, k, n;

	buf_init(&t, 256);
	buf_printf(out, "%-12s %12s %10s %10s %10s %10s\n", "", "sent",
	    "errors", "p50", "p95", "p99");
	for (i = 0; i < 3; i++) {
		a = &s->arm[i];
		for (errors = 0, k = 0; k < OUTCOME_N; k++)
			errors += outcome_is_error((enum outcome)k) ?
			    a->outcomes[k] : 0;
		buf_printf(out, "%-12s %12llu %10llu", arms[i],
		    (unsigned long long)a->sent, (unsigned long long)errors);
		for (k = 0; k < 3; k++) {
			buf_reset(&t);
			format_ns(&t, k == 0 ? a->p50_ns : k == 1 ?
			    a->p95_ns : a->p99_ns);
			n = 10 - (int)glyph_columns(buf_str(&t));
			buf_printf(out, " %*s%s", n > 0 ? n : 0, "",
			    buf_str(&t));
		}
		buf_putc(out, '\n');
	}
	buf_fini(&t);
}

/* ---- tests ------------------------------------------------------------- */

static void
put_bar(const struct live_test_status *t, struct buf *out)
{
	double share = fmin(1, fmax(0, t->evidence));
	int i, full = (int)(share * BAR + .5);

	for (i = 0; i < BAR; i++)
		buf_puts(out, i < full ? "█" : "·");
}

static void
put_cell(struct buf *out, const char *unit, double v, int columns)
{
	struct buf t;
	int n;

	buf_init(&t, 256);
	format_value(&t, unit, v);
	n = columns - (int)glyph_columns(buf_str(&t));
	buf_printf(out, "%*s%s", n > 0 ? n : 0, "", buf_str(&t));
	buf_fini(&t);
}

static void
put_test(const struct live_test_status *t, int color, struct buf *out)
{
	int n = TITLE - (int)glyph_columns(t->title);

	buf_printf(out, "%s%*s", t->title, n > 0 ? n : 0, "");
	if (!t->judged) {
		buf_puts(out, "         -\n");
		return;
	}
	put_cell(out, t->unit, t->value, 10);
	put_cell(out, t->unit, t->limit, 10);
	buf_puts(out, "  ");
	ink(out, color, t->stopped ? (t->hard ? "31" : "33") : "0");
	put_bar(t, out);
	buf_printf(out, "  %s%s", t->hard ? "hard" : "soft",
	    t->stopped ? ", stopped" : "");
	ink(out, color, "0");
	buf_putc(out, '\n');
}

static void
put_stops(const struct live_status *s, struct buf *out)
{
	size_t i;

	for (i = 0; i < s->n_stops; i++) {
		if (strcmp(s->stop[i].why, s->reason) == 0)
			continue;
		buf_printf(out, "%s stop at pair %llu:\n",
		    s->stop[i].hard ? "hard" : "soft",
		    (unsigned long long)s->stop[i].pair);
		put_wrapped(out, s->stop[i].why);
	}
}

void
live_text(const struct live_status *s, int color, struct buf *out)
{
	size_t i;

	put_verdict(s, color, out);
	put_counts(s, out);
	put_arms(s, out);
	buf_printf(out, "\n%-*s%10s%10s  %s\n", TITLE, "", "effect", "limit",
	    "evidence");
	for (i = 0; i < s->n_tests; i++)
		put_test(&s->test[i], color, out);
	put_stops(s, out);
}
