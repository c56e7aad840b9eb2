/* The page of a live comparison in a browser; see live.h. */
#include <math.h>
#include <string.h>

#include "harness/base/mono.h"
#include "reports/escape.h"
#include "reports/format.h"
#include "reports/live.h"

enum { BAR = 120 };		/* pixels of whole evidence */

static const char head[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<meta http-equiv=\"refresh\" content=\"2\">\n"
    "<style>\n"
    ":root{color-scheme:light dark}\n"
    "body{font:15px/1.45 system-ui,sans-serif;margin:1.5rem auto;"
    "max-width:60rem;padding:0 1rem}\n"
    "h1{font-size:1.35rem;margin:0;padding:.7rem 1rem;border-radius:.4rem;"
    "color:#fff}\n"
    ".v0{background:#555}.v1{background:#17693a}.v2{background:#8a5a00}"
    ".v3{background:#a4161a}\n"
    "h2{font-size:1rem;margin:1.4rem 0 .3rem}\n"
    "table{border-collapse:collapse;width:100%}\n"
    "th,td{padding:.2rem .6rem;text-align:right;white-space:nowrap;"
    "border-bottom:1px solid #8884}\n"
    "th:first-child,td:first-child{text-align:left}\n"
    ".l{text-align:left}code{overflow-wrap:anywhere}\n"
    ".bar{display:inline-block;width:120px;height:.6rem;background:#8883;"
    "vertical-align:middle}\n"
    ".bar i{display:block;height:100%;background:#567}\n"
    ".stop .bar i{background:#c1272d}.wide{overflow-x:auto}\n"
    "footer{margin-top:1.5rem;opacity:.75}\n"
    "</style>\n<title>";

static void
say(struct buf *out, const char *text)
{
	escape_xml_line(out, text);
}

/* ---- the verdict ------------------------------------------------------- */

static void
put_top(const struct live_status *s, struct buf *out)
{
	static const char *const words[LIVE_VERDICTS] = { "… Watching",
		"✓ Healthy", "! Soft stop: a person decides",
		"✗ Hard stop: the candidate must get no more traffic" };

	buf_puts(out, head);
	buf_puts(out, words[s->verdict]);
	buf_puts(out, " – ");
	say(out, s->suite);
	buf_printf(out, "</title></head><body>\n<h1 class=\"v%d\" "
	    "role=\"status\">%s</h1>\n<p>", (int)s->verdict, words[s->verdict]);
	say(out, s->reason);
	buf_puts(out, "</p>\n");
}

static void
put_count(struct buf *out, const char *what, uint64_t n)
{
	buf_printf(out, "%s <b>", what);
	format_count(out, n);
	buf_puts(out, "</b>");
}

static void
put_counts(const struct live_status *s, struct buf *out)
{
	buf_puts(out, "<p>");
	put_count(out, "Pairs", s->pairs);
	put_count(out, ", window", s->windows + 1);
	buf_puts(out, " (");
	format_count(out, s->window_pairs);
	buf_puts(out, " of ");
	format_count(out, s->window_length);
	buf_puts(out, ")");
	put_count(out, ", answers that differ", s->differ);
	put_count(out, ", asked again", s->echoes);
	put_count(out, ", without a partner", s->alone);
	buf_puts(out, "</p>\n");
}

/* ---- tables ------------------------------------------------------------ */

static void
put_ns(struct buf *out, double ns)
{
	buf_puts(out, "<td>");
	format_ns(out, ns);
	buf_puts(out, "</td>");
}

static void
put_arms(const struct live_status *s, struct buf *out)
{
	static const char *const names[3] = { "primary", "candidate", "echo" };
	const struct live_arm_status *a;
	uint64_t errors;
	int i, k;

	buf_puts(out, "<div class=\"wide\"><table><tr><th></th><th>sent</th>"
	    "<th>errors</th><th>p50</th><th>p95</th><th>p99</th></tr>\n");
	for (i = 0; i < 3; i++) {
		a = &s->arm[i];
		for (errors = 0, k = 0; k < OUTCOME_N; k++)
			errors += outcome_is_error((enum outcome)k) ?
			    a->outcomes[k] : 0;
		buf_printf(out, "<tr><td>%s</td><td>", names[i]);
		format_count(out, a->sent);
		buf_puts(out, "</td><td>");
		format_count(out, errors);
		buf_puts(out, "</td>");
		put_ns(out, a->p50_ns);
		put_ns(out, a->p95_ns);
		put_ns(out, a->p99_ns);
		buf_puts(out, "</tr>\n");
	}
	buf_puts(out, "</table></div>\n");
}

static void
put_test(const struct live_test_status *t, struct buf *out)
{
	double share = fmin(1, fmax(0, t->evidence));

	buf_printf(out, "<tr%s><td>", t->stopped ? " class=\"stop\"" : "");
	say(out, t->title);
	if (!t->judged) {
		buf_puts(out, "</td><td>–</td><td></td><td class=\"l\"></td>"
		    "<td></td></tr>\n");
		return;
	}
	buf_puts(out, "</td><td>");
	format_value(out, t->unit, t->value);
	buf_puts(out, "</td><td>");
	format_value(out, t->unit, t->limit);
	buf_printf(out, "</td><td class=\"l\"><span class=\"bar\" title=\"%.2f "
	    "of what stops\"><i style=\"width:%dpx\"></i></span></td>"
	    "<td>%s%s</td></tr>\n", share, (int)(share * BAR + .5),
	    t->hard ? "hard" : "soft", t->stopped ? ", stopped" : "");
}

static void
put_tests(const struct live_status *s, struct buf *out)
{
	size_t i;

	buf_puts(out, "<h2>Tests</h2>\n<div class=\"wide\"><table><tr><th></th>"
	    "<th>effect</th><th>limit</th><th class=\"l\">evidence</th>"
	    "<th>stop</th></tr>\n");
	for (i = 0; i < s->n_tests; i++)
		put_test(&s->test[i], out);
	buf_puts(out, "</table></div>\n");
}

static void
put_stops(const struct live_status *s, struct buf *out)
{
	char utc[MONO_UTC_MAX];
	size_t i;

	if (s->n_stops > 0)
		buf_puts(out, "<h2>Stops</h2>\n<ul>\n");
	for (i = 0; i < s->n_stops; i++) {
		mono_utc(s->stop[i].wall_ns, utc);
		buf_printf(out, "<li>%s stop at pair %llu, %.19sZ: ",
		    s->stop[i].hard ? "hard" : "soft",
		    (unsigned long long)s->stop[i].pair, utc);
		say(out, s->stop[i].why);
		buf_puts(out, "</li>\n");
	}
	if (s->n_stops > 0)
		buf_puts(out, "</ul>\n");
}

static void
put_examples(const struct live_status *s, struct buf *out)
{
	const struct live_example *e;
	size_t i;

	if (s->n_examples == 0)
		return;
	buf_puts(out, "<h2>Worst requests</h2>\n<div class=\"wide\"><table>"
	    "<tr><th>worst pair</th><th>of</th><th>harm</th><th>pairs</th>"
	    "</tr>\n");
	for (i = 0; i < s->n_examples; i++) {
		e = &s->example[i];
		buf_puts(out, "<tr><td><code>");
		say(out, e->id);
		buf_puts(out, "</code></td><td>");
		say(out, e->test < 0 || (size_t)e->test >= s->n_tests ?
		    "pins" : s->test[e->test].title);
		buf_printf(out, "</td><td>%.3g</td><td>", e->harm);
		format_count(out, e->n);
		buf_puts(out, "</td></tr>\n");
	}
	buf_puts(out, "</table></div>\n");
}

static void
put_pins(const struct live_status *s, struct buf *out)
{
	const struct live_pin_status *p;
	size_t i;

	if (s->n_pins == 0)
		return;
	buf_puts(out, "<h2>Pins</h2>\n<div class=\"wide\"><table><tr><th></th>"
	    "<th>primary</th><th>candidate</th><th></th></tr>\n");
	for (i = 0; i < s->n_pins; i++) {
		p = &s->pin[i];
		buf_puts(out, "<tr><td>");
		say(out, p->name);
		buf_puts(out, "</td><td><code>");
		say(out, p->baseline);
		buf_puts(out, "</code></td><td><code>");
		say(out, p->candidate);
		buf_printf(out, "</code></td><td>%s</td></tr>\n", p->drifted ?
		    "changed" : p->differs ? "differs" : "");
	}
	buf_puts(out, "</table></div>\n");
}

void
live_html(const struct live_status *s, const char *note, struct buf *out)
{
	put_top(s, out);
	put_counts(s, out);
	put_arms(s, out);
	put_stops(s, out);
	put_tests(s, out);
	put_examples(s, out);
	put_pins(s, out);
	buf_puts(out, "<footer>");
	if (note != NULL)
		say(out, note);
	buf_puts(out, "</footer>\n</body></html>\n");
}
