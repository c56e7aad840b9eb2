/* The definitions as text and JSON, for `lockstep metrics`. */
#include <math.h>
#include <string.h>

#include "harness/base/json.h"
#include "harness/score/measure.h"
#include "harness/stat/stat.h"
#include "harness/suite/suite.h"

static const char *
direction_name(enum metric_direction d)
{
	static const char *const name[] = {
		[LOWER_IS_BETTER] = "lower is better",
		[HIGHER_IS_BETTER] = "higher is better",
		[INFORMATION] = "information",
	};

	return name[d];
}

/* Fills lines of at most 76 columns behind an indent. */
static void
put_wrapped(struct buf *out, const char *text)
{
	size_t col = 0, len;
	const char *p = text;

	while (*p != '\0') {
		len = strcspn(p, " ");
		if (col == 0 || col + 1 + len > 70) {
			buf_puts(out, col == 0 ? "      " : "\n      ");
			col = 0;
		} else {
			buf_putc(out, ' ');
			col++;
		}
		buf_add(out, p, len);
		col += len;
		p += len;
		p += strspn(p, " ");
	}
	buf_putc(out, '\n');
}

static void
put_metric(struct buf *out, const struct metric *m)
{
	buf_printf(out, "  %s (%s, %s)\n", m->name, m->unit,
	    direction_name(m->direction));
	put_wrapped(out, m->help);
	buf_puts(out, "      source:\n");
	put_wrapped(out, m->source);
}

static void
put_method(struct buf *out, const struct stat_method *s)
{
	buf_printf(out, "  %s: %s\n", s->name, s->title);
	put_wrapped(out, s->when);
	put_wrapped(out, s->assumptions);
	put_wrapped(out, s->source);
}

static void
json_metric(struct json_out *o, const struct metric *m, const char *of)
{
	json_out_obj(o);
	json_put_str(o, "name", m->name);
	json_put_str(o, "of", of);
	json_put_str(o, "unit", m->unit);
	json_put_str(o, "direction", direction_name(m->direction));
	json_put_str(o, "help", m->help);
	json_put_str(o, "source", m->source);
	json_out_end(o, '}');
}

static void
json_method(struct json_out *o, const struct stat_method *s)
{
	json_out_obj(o);
	json_put_str(o, "name", s->name);
	json_put_str(o, "title", s->title);
	json_put_str(o, "when", s->when);
	json_put_str(o, "assumptions", s->assumptions);
	json_put_str(o, "source", s->source);
	json_out_end(o, '}');
}

static void
print_text(struct buf *out)
{
	const struct metric *m;
	size_t i;

	buf_puts(out, "Metrics of one observation:\n");
	for (i = 0; i < METRIC_N; i++)
		put_metric(out, &metrics[i]);
	buf_puts(out, "\nMetrics of a case over its variants, or of a run:\n");
	for (m = metrics_of_case; m->name != NULL; m++)
		put_metric(out, m);
	buf_puts(out, "\nStatistical methods of the comparison:\n");
	for (i = 0; i < stat_methods_n; i++)
		put_method(out, stat_methods[i]);
}

static void
print_json(struct buf *out)
{
	const struct metric *m;
	struct json_out o;
	size_t i;

	json_out_init(&o, out, 1);
	json_out_obj(&o);
	json_out_key(&o, "metrics");
	json_out_arr(&o);
	for (i = 0; i < METRIC_N; i++)
		json_metric(&o, &metrics[i], "observation");
	for (m = metrics_of_case; m->name != NULL; m++)
		json_metric(&o, m, "case");
	json_out_end(&o, ']');
	json_out_key(&o, "methods");
	json_out_arr(&o);
	for (i = 0; i < stat_methods_n; i++)
		json_method(&o, stat_methods[i]);
	json_out_end(&o, ']');
	json_out_end(&o, '}');
	buf_putc(out, '\n');
}

int
metrics_print(struct buf *out, const char *name, int json)
{
	const struct metric *m = name == NULL ? NULL : metric_find(name);
	const struct stat_method *s =
	    name == NULL ? NULL : stat_method_find(name);
	struct json_out o;

	if (name != NULL && m == NULL && s == NULL)
		return -1;
	if (name == NULL && json)
		print_json(out);
	else if (name == NULL)
		print_text(out);
	else if (json) {
		json_out_init(&o, out, 1);
		if (m != NULL)
			json_metric(&o, m, m->id != METRIC_N ? "observation" :
			    "case");
		else
			json_method(&o, s);
		buf_putc(out, '\n');
	} else if (m != NULL)
		put_metric(out, m);
	else
		put_method(out, s);
	return 0;
}

/* ---- a suite's own ------------------------------------------------------- */

static void
scorer_help(const struct suite *s, const struct scorer_metric *m,
    struct buf *out)
{
	static const char *const classes[] = {
		[SCORER_GATE] = "gated", [SCORER_HARD] = "a hard stop",
		[SCORER_INFO] = "information"
	};

	buf_printf(out, "value that the scorer %s gives an answer; a case has "
	    "the mean over its variants. %s of the mean by more than %g: %s",
	    s->scorer[m->scorer].name, m->higher_is_better ? "A drop" :
	    "A rise", m->margin, classes[m->class]);
	if (isfinite(m->limit))
		buf_printf(out, ". Limit of the candidate's mean: %s %g",
		    m->higher_is_better ? "at least" : "at most", m->limit);
}

int
metrics_print_scorers(struct buf *out, const struct suite *s, const char *name,
    int json)
{
	struct json_out o;
	struct buf help;
	size_t i, n = 0;

	buf_init(&help, 1 << 16);
	json_out_init(&o, out, 1);
	if (json)
		json_out_arr(&o);
	for (i = 0; i < s->n_scored; i++) {
		const struct scorer_metric *scored = &s->scored[i];
		struct metric m = { .name = scored->name, .unit = "score",
			.direction = scored->higher_is_better ?
			    HIGHER_IS_BETTER : LOWER_IS_BETTER,
			.source = s->scorer[scored->scorer].exec };

		if (name != NULL && strcmp(name, scored->name) != 0)
			continue;
		n++;
		buf_reset(&help);
		scorer_help(s, scored, &help);
		m.help = buf_str(&help);
		if (json)
			json_metric(&o, &m, "observation");
		else
			put_metric(out, &m);
	}
	if (json) {
		json_out_end(&o, ']');
		buf_putc(out, '\n');
	}
	buf_fini(&help);
	return name != NULL && n == 0 ? -1 : 0;
}
