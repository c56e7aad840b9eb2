/*
 * JUnit XML, as Jenkins, GitLab and GitHub's actions read it.
 *
 * The verdict, every judged gate and every case is a test case. A regression
 * is a failure if the run is one. A case that could not be judged is an error,
 * never a skip, because skipped tests leave a job green.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/ids.h"
#include "reports/escape.h"
#include "reports/firstscreen.h"
#include "reports/format.h"
#include "reports/reports.h"

/* What a test case came to. */
enum mark { MARK_OK, MARK_FAILURE, MARK_ERROR };

struct tally {
	size_t tests, failures, errors;
};

/* A job that passes, also by --fail-on, has no failure in its tests: what got
 * worse by chance is told beside them. */
static enum mark
failure(const struct result *r)
{
	return r->verdict == VERDICT_PASS || r->exit_status == 0 ? MARK_OK :
	    MARK_FAILURE;
}

static enum mark
mark_verdict(const struct result *r)
{
	if (failure(r) == MARK_OK)
		return MARK_OK;
	return r->verdict == VERDICT_FAIL ? MARK_FAILURE : MARK_ERROR;
}

static enum mark
mark_gate(const struct result *r, const struct result_gate *g)
{
	if (g->class == GATE_INFO || failure(r) == MARK_OK)
		return MARK_OK;
	if (g->verdict == GATE_FAIL)
		return MARK_FAILURE;
	return g->verdict == GATE_INCONCLUSIVE ? MARK_ERROR : MARK_OK;
}

static enum mark
mark_case(const struct result *r, enum case_verdict v, int quarantined)
{
	if (v == CASE_V_REGRESSION || v == CASE_V_FAIL)
		return failure(r);
	return v == CASE_V_UNJUDGED && !quarantined ? MARK_ERROR : MARK_OK;
}

static void
count(struct tally *t, enum mark m, size_t n)
{
	t->tests += n;
	t->failures += m == MARK_FAILURE ? n : 0;
	t->errors += m == MARK_ERROR ? n : 0;
}

static struct tally
tally_gates(const struct result *r)
{
	struct tally t = { 0, 0, 0 };
	size_t i;

	count(&t, mark_verdict(r), 1);
	for (i = 0; i < r->n_gates; i++) {
		if (r->gates[i].verdict != GATE_NOT_JUDGED)
			count(&t, mark_gate(r, &r->gates[i]), 1);
	}
	return t;
}

static struct tally
tally_cases(const struct result *r)
{
	struct tally t = { 0, 0, 0 };
	int v;

	for (v = 0; v < CASE_V_N; v++)
		count(&t, mark_case(r, (enum case_verdict)v, 0),
		    r->count.of[v] - (v == CASE_V_UNJUDGED ?
		    r->count.quarantined : 0));
	count(&t, MARK_OK, r->count.quarantined);
	return t;
}

static const char *
suite_name(const struct result *r)
{
	return r->run.suite_name != NULL && *r->run.suite_name != '\0' ?
	    r->run.suite_name : "lockstep";
}

static void
attr(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, " %s=\"", name);
	escape_xml_line(out, value);
	buf_putc(out, '"');
}

static void
put_tally(struct buf *out, const struct tally *t)
{
	buf_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"",
	    t->tests, t->failures, t->errors);
}

/* The schema wants a date and time without a zone; it is UTC. */
static void
put_timestamp(struct buf *out, const char *s)
{
	static const char shape[] = "dddd-dd-ddTdd:dd:dd";
	size_t i;

	for (i = 0; s != NULL && shape[i] != '\0'; i++) {
		if (shape[i] == 'd' ? s[i] < '0' || s[i] > '9' :
		    s[i] != shape[i])
			return;
	}
	if (s != NULL)
		buf_printf(out, " timestamp=\"%.19s\"", s);
}

static void
open_suite(struct buf *out, const struct result *r, const char *part,
    const struct tally *t)
{
	double s = isfinite(r->run.elapsed_s) && *part == 'g' ?
	    r->run.elapsed_s : 0;

	buf_puts(out, "  <testsuite name=\"");
	escape_xml_line(out, suite_name(r));
	buf_putc(out, '.');
	buf_puts(out, part);
	buf_putc(out, '"');
	put_tally(out, t);
	buf_printf(out, " skipped=\"0\" time=\"%.3f\"", s);
	put_timestamp(out, r->run.started);
	buf_puts(out, ">\n");
}

static void
property(struct buf *out, const char *name, const char *value)
{
	if (value == NULL)
		return;
	buf_printf(out, "      <property name=\"%s\"", name);
	attr(out, "value", value);
	buf_puts(out, "/>\n");
}

static void
put_properties(struct buf *out, const struct result *r)
{
	struct buf t;
	size_t i;

	buf_puts(out, "    <properties>\n");
	property(out, "lockstep", r->version);
	property(out, "verdict", verdict_name(r->verdict));
	property(out, "run", r->run.id);
	property(out, "profile", r->run.profile);
	property(out, "owner", r->run.owner);
	property(out, "incident", r->run.incident);
	property(out, "suite_hash", r->run.hash_suite);
	property(out, "asked_again", r->again.say);
	property(out, "embedder", r->run.embedder);
	buf_init(&t, SIZE_MAX / 4);
	for (i = 0; i < r->run.n_argv; i++) {
		buf_puts(&t, i > 0 ? " " : "");
		buf_puts(&t, r->run.argv[i]);
	}
	property(out, "command", buf_str(&t));
	buf_fini(&t);
	buf_puts(out, "    </properties>\n");
}

static void
open_case(struct buf *out, const struct result *r, const char *part,
    const char *name)
{
	buf_puts(out, "    <testcase classname=\"");
	escape_xml_line(out, suite_name(r));
	buf_printf(out, ".%s\"", part);
	attr(out, "name", name);
}

/*
 * The rest of a test case.
 * type    of a failure or error
 * body    free text; may be empty
 */
static void
close_case(struct buf *out, enum mark m, const char *type,
    const char *message, const char *body)
{
	static const char *const tags[] = {
		[MARK_OK] = "system-out", [MARK_FAILURE] = "failure",
		[MARK_ERROR] = "error",
	};

	if (m == MARK_OK && *body == '\0') {
		buf_puts(out, "/>\n");
		return;
	}
	buf_puts(out, ">\n      <");
	buf_puts(out, tags[m]);
	if (m != MARK_OK) {
		attr(out, "type", type);
		attr(out, "message", message);
	}
	buf_putc(out, '>');
	escape_xml(out, body);
	buf_puts(out, "</");
	buf_puts(out, tags[m]);
	buf_puts(out, ">\n    </testcase>\n");
}

/* The first screen, without worst cases and gates: these have test cases of
 * their own. */
static void
put_verdict(struct buf *out, const struct result *r)
{
	const struct first_row *row;
	struct buf head, body, t;

	buf_init(&head, SIZE_MAX / 4);
	buf_init(&body, SIZE_MAX / 4);
	buf_init(&t, SIZE_MAX / 4);
	buf_printf(&head, "%s: ", verdict_name(r->verdict));
	first_headline(r, &head);
	buf_printf(&body, "%s\n", buf_str(&head));
	for (row = first_rows; row->label != NULL; row++) {
		if (row->write == NULL)
			continue;
		buf_reset(&t);
		row->write(r, &t);
		if (t.len > 0)
			buf_printf(&body, "%s: %s\n", row->label,
			    buf_str(&t));
	}
	open_case(out, r, "gates", "verdict");
	close_case(out, mark_verdict(r), verdict_name(r->verdict),
	    buf_str(&head), buf_str(&body));
	buf_fini(&head);
	buf_fini(&body);
	buf_fini(&t);
}

static void
put_gate(struct buf *out, const struct result *r, const struct result_gate *g)
{
	struct buf t;

	buf_init(&t, SIZE_MAX / 4);
	buf_printf(&t, "%s: value ", g->title);
	format_value(&t, g->unit, g->value);
	buf_puts(&t, ", limit ");
	format_limit(&t, g);
	buf_puts(&t, ", noise ");
	format_value(&t, g->unit, g->noise);
	buf_puts(&t, ", p ");
	format_p(&t, g->p);
	buf_puts(&t, ", n ");
	format_count(&t, g->n);
	buf_printf(&t, "\n%s\n%s\n", format_gate_word(g->verdict), g->why);
	/* a metric of the suite's own may have any name */
	open_case(out, r, "gates", strcmp(g->name, "verdict") == 0 ?
	    "gate verdict" : g->name);
	close_case(out, mark_gate(r, g), gate_verdict_name(g->verdict), g->why,
	    buf_str(&t));
	buf_fini(&t);
}

static void
add_line(struct buf *t, const char *name, const char *value)
{
	if (value == NULL || *value == '\0')
		return;
	buf_puts(t, name);
	buf_puts(t, ": ");
	buf_puts(t, value);
	buf_putc(t, '\n');
}

/* Of a case that was undecided: what fresh answers say. */
static void
add_again(struct buf *t, const struct result *r, const struct result_case *c)
{
	struct buf said;

	buf_init(&said, SIZE_MAX / 4);
	format_again(&said, r, c);
	add_line(t, "asked again", buf_str(&said));
	buf_fini(&said);
}

static void
case_body(struct buf *t, const struct result *r, const struct result_case *c)
{
	struct buf side;
	size_t i;
	int a;

	if (c->verdict == CASE_V_PASS) {
		add_again(t, r, c);
		return;
	}
	buf_puts(t, case_verdict_name(c->verdict));
	buf_puts(t, c->critical ? ", critical\n" : "\n");
	for (i = 0; i < c->n_why; i++) {
		buf_puts(t, "- ");
		buf_puts(t, c->why[i]);
		buf_putc(t, '\n');
	}
	add_again(t, r, c);
	add_line(t, "question", c->question);
	add_line(t, "expected", c->expected);
	for (a = first_two_armed(r) ? 0 : 1; c->has_sides && a < 2; a++) {
		buf_init(&side, SIZE_MAX / 4);
		first_side(c, a, &side);
		add_line(t, a == 0 ? "before" : "after", buf_str(&side));
		add_line(t, "retrieved", c->side[a].retrieved);
		add_line(t, "sent", c->side[a].sent);
		add_line(t, "failed", c->side[a].failed);
		add_line(t, "lost", c->side[a].lost);
		buf_fini(&side);
	}
}

/*
 * What a case is called: its id, and where not all of it shows (blanks,
 * characters without a shape, Unicode form) a few digits that follow from it
 * alone, for readers of JUnit take names that look alike for one test.
 */
static void
case_name(const char *id, struct buf *out)
{
	char hash[HASH_HEX];
	struct buf shown;

	buf_puts(out, id);
	if (id_is_plain(id))
		return;
	buf_init(&shown, SIZE_MAX / 4);
	id_shown(id, &shown);
	if (strcmp(buf_str(&shown), id) != 0) {
		hash_hex(id, strlen(id), hash);
		buf_printf(out, " #%.8s", hash);
	}
	buf_fini(&shown);
}

static void
put_case(struct buf *out, const struct result *r, const struct result_case *c)
{
	const char *why = c->n_why > 0 ? c->why[0] :
	    case_verdict_name(c->verdict);
	struct buf t;

	buf_init(&t, SIZE_MAX / 4);
	case_name(c->id, &t);
	open_case(out, r, "cases", buf_str(&t));
	buf_reset(&t);
	case_body(&t, r, c);
	close_case(out, mark_case(r, c->verdict, c->quarantined),
	    case_verdict_name(c->verdict), why, buf_str(&t));
	buf_fini(&t);
}

static void
put_not_judged(struct buf *out, const struct result *r)
{
	size_t i, n = 0;

	for (i = 0; i < r->n_gates; i++) {
		if (r->gates[i].verdict != GATE_NOT_JUDGED)
			continue;
		buf_puts(out, n++ == 0 ? "    <system-out>" : "");
		buf_puts(out, "gate not judged: ");
		escape_xml_line(out, r->gates[i].name);
		buf_puts(out, ": ");
		escape_xml_line(out, r->gates[i].why);
		buf_putc(out, '\n');
	}
	if (n > 0)
		buf_puts(out, "</system-out>\n");
}

static void
write_junit(const struct result *r, const struct report_opts *o,
    struct buf *out)
{
	struct tally g = tally_gates(r), c = tally_cases(r);
	struct tally all = { g.tests + c.tests, g.failures + c.failures,
	    g.errors + c.errors };
	const struct result_case *k;
	struct result_reader rd;
	size_t i;

	(void)o;
	buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<testsuites name=\"lockstep\"");
	put_tally(out, &all);
	if (isfinite(r->run.elapsed_s))
		buf_printf(out, " time=\"%.3f\"", r->run.elapsed_s);
	buf_puts(out, ">\n");
	open_suite(out, r, "gates", &g);
	put_properties(out, r);
	put_verdict(out, r);
	for (i = 0; i < r->n_gates; i++) {
		if (r->gates[i].verdict != GATE_NOT_JUDGED)
			put_gate(out, r, &r->gates[i]);
	}
	put_not_judged(out, r);
	buf_puts(out, "  </testsuite>\n");
	open_suite(out, r, "cases", &c);
	result_reader_init(&rd, r);
	while ((k = result_case_next(&rd)) != NULL) {
		put_case(out, r, k);
		buf_drain(out);
	}
	buf_fail(out, result_reader_fini(&rd));
	buf_puts(out, "  </testsuite>\n</testsuites>\n");
}

const struct report_format report_junit = {
	.name = "junit", .file = "junit.xml", .write = write_junit,
	.help = "JUnit XML: the verdict, gates and cases as test cases",
};
