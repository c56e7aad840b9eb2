/* One row a case, for a spreadsheet: RFC 4180, UTF-8. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/decimal.h"
#include "reports/escape.h"
#include "reports/reports.h"

static void
number(struct buf *out, float v)
{
	char s[DECIMAL_MAX];

	buf_putc(out, ',');
	if (!isfinite(v))
		return;
	/* Six digits: a float holds hardly more, and the rows stay narrow;
	 * nanoseconds without an exponent. */
	if (fabsf(v) >= 1e6f)
		(void)snprintf(s, sizeof(s), "%.0f", (double)v);
	else
		decimal_six(v, s);
	buf_puts(out, s);
}

static void
text(struct buf *out, const char *s)
{
	buf_putc(out, ',');
	if (s != NULL)
		escape_csv(out, s);
}

static void
put_header(const struct result *r, struct buf *out)
{
	struct result_case none;
	const char *name;
	float v[2];
	size_t i;
	int k;

	result_case_init(&none);
	buf_puts(out, "id,question,verdict,critical,flipped,review,"
	    "fails_baseline,fails_candidate,drift,ds_answer");
	for (k = 0; (name = result_case_stability(&none, k, v)) != NULL; k++)
		buf_printf(out, ",%s_baseline,%s_candidate", name, name);
	for (i = 0; i < METRIC_N; i++)
		buf_printf(out, ",%s_baseline,%s_candidate", metrics[i].name,
		    metrics[i].name);
	for (i = 0; i < r->n_scored; i++)
		buf_printf(out, ",%s_baseline,%s_candidate", r->scored[i].name,
		    r->scored[i].name);
	buf_puts(out, ",reasons,asked_again,again_good_baseline,"
	    "again_answered_baseline,again_good_candidate,"
	    "again_answered_candidate,again_p\r\n");
}

static void
put_fails(struct buf *out, unsigned bits)
{
	int i, n = 0;

	buf_putc(out, ',');
	for (i = 0; i < CASE_REASONS; i++) {
		if ((bits & 1u << i) == 0)
			continue;
		buf_puts(out, n++ > 0 ? " " : "");
		buf_puts(out, case_reason_name(i));
	}
}

/* Empty where the case was not undecided. */
static void
put_again(const struct result_again *a, struct buf *out)
{
	int k;

	text(out, a == NULL ? NULL : again_is_name(a->is));
	for (k = 0; k < 2; k++) {
		number(out, a == NULL ? NAN : (float)a->good[k]);
		number(out, a == NULL ? NAN : (float)a->answered[k]);
	}
	number(out, a == NULL ? NAN : (float)a->p);
}

static void
put_case(const struct result *r, const struct result_case *c,
    struct buf *out)
{
	struct buf why;
	float v[2];
	size_t i;
	int m;

	escape_csv(out, c->id);
	text(out, c->question);
	buf_putc(out, ',');
	buf_puts(out, case_verdict_name(c->verdict));
	buf_puts(out, c->critical ? ",1" : ",0");
	buf_puts(out, c->flipped ? ",1" : ",0");
	buf_puts(out, c->review ? ",1" : ",0");
	put_fails(out, c->reasons[0]);
	put_fails(out, c->reasons[1]);
	number(out, c->drift);
	number(out, c->ds_answer);
	for (m = 0; result_case_stability(c, m, v) != NULL; m++) {
		number(out, v[0]);
		number(out, v[1]);
	}
	for (m = 0; m < METRIC_N; m++) {
		number(out, c->m[0][m]);
		number(out, c->m[1][m]);
	}
	for (i = 0; i < r->n_scored; i++) {
		number(out, c->scored[0][r->scored[i].slot]);
		number(out, c->scored[1][r->scored[i].slot]);
	}
	buf_init(&why, SIZE_MAX / 4);
	for (i = 0; i < c->n_why; i++) {
		buf_puts(&why, i > 0 ? "; " : "");
		buf_puts(&why, c->why[i]);
	}
	text(out, buf_str(&why));
	buf_fini(&why);
	put_again(result_again_find(r, c->id), out);
	buf_puts(out, "\r\n");
}

static void
write_csv(const struct result *r, const struct report_opts *o,
    struct buf *out)
{
	const struct result_case *c;
	struct result_reader rd;

	(void)o;
	put_header(r, out);
	result_reader_init(&rd, r);
	while ((c = result_case_next(&rd)) != NULL) {
		put_case(r, c, out);
		buf_drain(out);
	}
	buf_fail(out, result_reader_fini(&rd));
}

const struct report_format report_csv = {
	.name = "csv", .file = "metrics.csv", .write = write_csv,
	.help = "one row a case with every metric on both arms",
};
