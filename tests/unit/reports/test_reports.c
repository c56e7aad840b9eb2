/* The report writers: goldens, hostile content, empty and large results. */
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/mono.h"
#include "reports/glyph.h"
#include "reports/reports.h"
#include "tests/lib/folder.h"
#include "tests/lib/sample.h"

#define EXPECTED "tests/e2e/expected/report/"

static void
slurp(const char *path, struct buf *b)
{
	FILE *f = fopen(path, "rb");
	char *to;
	size_t n = 0;

	if (f == NULL)
		fail_msg("%s: cannot open", path);
	buf_init(b, 1 << 30);
	while ((to = buf_reserve(b, 65536)) != NULL &&
	    (n = fread(to, 1, 65536, f)) > 0)
		b->len += n;
	(void)buf_reserve(b, 1);
	b->p[b->len] = '\0';
	(void)fclose(f);
}

static void
render(const struct report_format *f, const struct result *r, struct buf *b)
{
	buf_init(b, 1 << 30);
	f->write(r, NULL, b);
	assert_int_equal(b->bad, RC_OK);
}

/* UPDATE_EXPECTED=1 writes the goldens instead of comparing. */
static void
check_golden(const struct report_format *f, const struct result *r,
    const char *name)
{
	const char *ext = strrchr(f->file, '.');
	struct buf want, got;
	char path[160];
	size_t i;

	(void)snprintf(path, sizeof(path), EXPECTED "%s%s", name, ext);
	if (getenv("UPDATE_EXPECTED") != NULL) {
		struct err err = ERR_INIT;

		assert_int_equal(reports_write_file(r, f, path, &err), RC_OK);
		assert_int_equal(chmod(path, 0644), 0);
		return;
	}
	render(f, r, &got);
	slurp(path, &want);
	for (i = 0; i < got.len && i < want.len && got.p[i] == want.p[i]; i++)
		;
	if (got.len != want.len || i < got.len)
		fail_msg("%s: byte %zu: expected \"%.50s\", got \"%.50s\"",
		    path, i, want.p + i, buf_str(&got) + i);
	buf_fini(&got);
	buf_fini(&want);
}

static void
test_golden(void **state)
{
	struct result *fail = sample_fail(30), *none = sample_fail(0);
	struct result *attack = sample_attack();
	size_t i;

	(void)state;
	for (i = 0; report_formats[i] != NULL; i++)
		check_golden(report_formats[i], fail, "fail");
	none->verdict = VERDICT_CANNOT_RUN;
	none->exit_status = 2;
	none->headline = "";
	none->n_gates = 0;
	check_golden(&report_text, none, "empty");
	check_golden(&report_junit, none, "empty");
	check_golden(&report_json, attack, "attack");
	result_free(fail);
	result_free(none);
	result_free(attack);
}

/* A result of which nothing is known is written by all. */
static void
test_blank(void **state)
{
	struct result *r = result_new();
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; report_formats[i] != NULL; i++) {
		render(report_formats[i], r, &b);
		assert_true(b.len > 0);
		assert_null(strstr(buf_str(&b), "(null)"));
		buf_fini(&b);
	}
	result_free(r);
}

static void
assert_absent(const struct buf *b, const char *what, const char *where)
{
	if (strstr(buf_str(b), what) != NULL)
		fail_msg("%s holds %s", where, what);
}

static void
test_attack_html(void **state)
{
	static const char *const never[] = {
		"<script>document", "<img", "onmouseover=\"", "</style><style",
		"<details>#", "\x1b", "\x07", "\xe2\x80\xae", "style=\"",
		"<link", "@import", "<iframe",
	};
	struct result *r = sample_attack();
	struct buf b;
	size_t i;

	(void)state;
	render(&report_html, r, &b);
	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		assert_absent(&b, never[i], "report.html");
	assert_non_null(strstr(buf_str(&b), "&lt;script&gt;document"));
	buf_fini(&b);
	result_free(r);
}

static void
test_attack_text(void **state)
{
	struct result *r = sample_attack();
	const struct report_opts wide = { 0, 100, 0 };
	struct buf b;
	char *line, *rest;
	size_t max, k;

	(void)state;
	for (k = 0; k < 2; k++) {
		max = k == 0 ? 80 : 100;
		buf_init(&b, 1 << 24);
		report_text.write(r, k == 0 ? NULL : &wide, &b);
		assert_absent(&b, "\x1b", "report.txt");
		assert_absent(&b, "\xe2\x80\xae", "report.txt");
		for (rest = b.p; (line = strsep(&rest, "\n")) != NULL;) {
			if (glyph_columns(line) > max)
				fail_msg("%zu columns: %s",
				    glyph_columns(line), line);
			if (*line != '\0')
				assert_true(line[strlen(line) - 1] != ' ');
		}
		buf_fini(&b);
	}
	result_free(r);
}

static void
test_color(void **state)
{
	const struct report_opts color = { 1, 0, 0 };
	struct result *r = sample_attack();
	struct buf b;
	const char *p;

	(void)state;
	buf_init(&b, 1 << 24);
	report_text.write(r, &color, &b);
	/* Only our own sequences: ESC [ digits and ; m. */
	for (p = strchr(buf_str(&b), 27); p != NULL; p = strchr(p + 1, 27)) {
		assert_int_equal(p[1], '[');
		assert_int_equal(p[2 + strspn(p + 2, "0123456789;")], 'm');
	}
	assert_non_null(strchr(buf_str(&b), 27));
	buf_fini(&b);
	result_free(r);
}

static void
test_attack_md(void **state)
{
	static const char *const never[] = {
		"<script", "<img", "</style", "[x](", "@everyone", "#1 ",
		"http://evil", "**bold**", "`code`", "\x1b",
	};
	struct result *r = sample_attack();
	struct buf b;
	size_t i;

	(void)state;
	r->next = "lockstep run";
	render(&report_md, r, &b);
	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		assert_absent(&b, never[i], "report.md");
	buf_fini(&b);
	result_free(r);
}

static void
big_case(struct result *r, struct result_case *c, size_t i)
{
	static const char *big;

	if (i == 0)
		big = sample_long(r, "&<>|@#");
	c->id = c->question = big;
	if (c->n_why > 0)
		c->why = &big;
	c->n_why = c->n_why > 0;
}

/* However much there is to say, it fits a comment. */
static void
test_md_fits(void **state)
{
	struct result *r = sample_with(2000, big_case);
	const char *big = sample_long(r, "&<>|@#");
	const char **many;
	struct buf b;
	size_t i;

	(void)state;
	many = result_alloc(r, 500 * sizeof(*many));
	assert_non_null(many);
	for (i = 0; i < 500; i++)
		many[i] = big;
	sample_reasons(r, many, 500);
	r->notes = r->causes[0].evidence = many;
	r->n_notes = r->causes[0].n_evidence = 500;
	for (i = 0; i < r->n_gates; i++)
		r->gates[i].why = r->gates[i].title = big;
	r->headline = r->blind = big;
	render(&report_md, r, &b);
	assert_true(b.len < 65000);
	assert_non_null(strstr(buf_str(&b), " more: see report.html"));
	assert_non_null(strstr(buf_str(&b), "### Worst cases"));
	assert_non_null(strstr(buf_str(&b), "### Gates"));
	buf_fini(&b);
	result_free(r);
}

static void
test_csv(void **state)
{
	struct result *r = sample_attack();
	struct buf b;
	const char *p;
	size_t rows = 0, quoted = 0;

	(void)state;
	render(&report_csv, r, &b);
	for (p = buf_str(&b); *p != '\0'; p++) {
		int start = p == b.p || p[-1] == ',' || p[-1] == '\n';

		if (!quoted && start && *p == '"' && p[1] != '"')
			assert_null(strchr("=+-@\t\r", p[1]));
		if (*p == '"')
			quoted = !quoted;
		if (!quoted && *p == '\n') {
			assert_int_equal(p[-1], '\r');
			rows++;
		}
	}
	assert_int_equal(quoted, 0);
	assert_int_equal(rows, r->n_cases + 1);
	assert_non_null(strstr(buf_str(&b), "\"'=HYPERLINK("));
	buf_fini(&b);
	result_free(r);
}

/* What was asked again stands in the reports that machines read. */
static void
test_again(void **state)
{
	static const struct {
		const struct report_format *f;
		const char *says;
	} t[] = {
		{ &report_junit, "name=\"asked_again\" value=\"1 undecided "
		    "question asked again\"" },
		{ &report_junit, "asked again: lost, 1 of 8 answers good, "
		    "baseline 8 of 8 (p .012)" },
		{ &report_csv, ",\"lost\",8,8,1,8,0.012\r\n" },
		{ &report_csv, ",,,,,,\r\n" },
		{ &report_openmetrics, "asked_again_cases{suite=\"" },
		{ &report_openmetrics, "is=\"lost\"} 1\n" },
		{ &report_openmetrics, "of=\"undecided\"} 480\n" },
	};
	struct result *r = sample_fail(3);
	struct result_again a = { .good = { 8, 1 }, .answered = { 8, 8 },
		.p = .012, .is = AGAIN_LOST };
	struct result_reader rd;
	struct buf b;
	size_t i;

	(void)state;
	result_reader_init(&rd, r);
	a.id = result_str(r, result_case_at(&rd, 0)->id);
	(void)result_reader_fini(&rd);
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		if (t[i].f == &report_openmetrics) {
			render(t[i].f, r, &b);
			assert_absent(&b, "asked_again", "metrics.prom");
			buf_fini(&b);
		}
		r->again.known = 1;
		r->again.say = "1 undecided question asked again";
		r->again.cases = &a;
		r->again.n = r->again.lost = 1;
		r->again.pairs_again = 480;
		render(t[i].f, r, &b);
		if (strstr(buf_str(&b), t[i].says) == NULL)
			fail_msg("%s lacks %s", t[i].f->file, t[i].says);
		buf_fini(&b);
		r->again.known = 0;
	}
	result_free(r);
}

struct junit_case {
	enum verdict verdict;
	int exit_status;
	const char *says;
};

/* A job that reads only JUnit must not be green on anything but a PASS. */
static void
test_junit_verdicts(void **state)
{
	static const struct junit_case cases[] = {
		{ VERDICT_PASS, 0, "failures=\"0\" errors=\"0\"" },
		{ VERDICT_FAIL, 1, "failures=\"1\" errors=\"0\"" },
		{ VERDICT_CANNOT_RUN, 2, "failures=\"0\" errors=\"1\"" },
		{ VERDICT_REVIEW, 3, "failures=\"0\" errors=\"1\"" },
		{ VERDICT_INCONCLUSIVE, 4, "failures=\"0\" errors=\"1\"" },
		{ VERDICT_INVALID, 5, "failures=\"0\" errors=\"1\"" },
		{ VERDICT_REVIEW, 0, "failures=\"0\" errors=\"0\"" },
	};
	struct result *r = result_new();
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		r->verdict = cases[i].verdict;
		r->exit_status = cases[i].exit_status;
		render(&report_junit, r, &b);
		if (strstr(buf_str(&b), cases[i].says) == NULL)
			fail_msg("%s/%d: %.200s", verdict_name(r->verdict),
			    r->exit_status, buf_str(&b));
		assert_absent(&b, "<skipped", "junit.xml");
		buf_fini(&b);
	}
	result_free(r);
}

/* A case that got worse by chance is no failure of a run that passes, one in
 * quarantine no error; one that could not be judged is. */
static void
test_junit_cases(void **state)
{
	static const struct {
		enum verdict verdict;
		int exit_status;
		const char *says;
	} runs[] = {
		{ VERDICT_PASS, 0, "tests=\"4\" failures=\"0\" errors=\"1\"" },
		{ VERDICT_FAIL, 1, "tests=\"4\" failures=\"2\" errors=\"1\"" },
		{ VERDICT_FAIL, 0, "tests=\"4\" failures=\"0\" errors=\"1\"" },
	};
	struct result_case c;
	struct result *r;
	struct err err = ERR_INIT;
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		r = result_new();
		r->verdict = runs[i].verdict;
		r->exit_status = runs[i].exit_status;
		result_case_init(&c);
		c.id = "worse";
		c.verdict = CASE_V_REGRESSION;
		assert_int_equal(result_case_add(r, &c, &err), RC_OK);
		c.id = "unasked";
		c.verdict = CASE_V_UNJUDGED;
		assert_int_equal(result_case_add(r, &c, &err), RC_OK);
		c.id = "apart";
		c.quarantined = 1;
		assert_int_equal(result_case_add(r, &c, &err), RC_OK);
		render(&report_junit, r, &b);
		if (strstr(buf_str(&b), runs[i].says) == NULL)
			fail_msg("%zu: %s", i, buf_str(&b));
		buf_fini(&b);
		result_free(r);
	}
}

/* Each of n test cases has a name of its own. */
static void
assert_names_differ(const char *xml, size_t n)
{
	static const char begin[] = "<testcase classname=";
	const char *at[32], *p = xml;
	size_t len[32], i, k;

	for (i = 0; i < n; i++) {
		p = strstr(p, begin);
		assert_non_null(p);
		at[i] = p;
		len[i] = strcspn(p, ">");
		p += len[i];
		for (k = 0; k < i; k++)
			assert_false(len[k] == len[i] &&
			    memcmp(at[k], at[i], len[i]) == 0);
	}
	assert_null(strstr(p, begin));
}

/* No two cases have one name, also for who cannot see what differs. */
static void
test_junit_names(void **state)
{
	static const struct {
		const char *id, *name;
	} t[] = {
		{ "plain", "name=\"plain\"" },
		{ "two words", "name=\"two words\"" },
		{ "caf\xc3\xa9", "name=\"caf\xc3\xa9\"" },
		{ "plain ", "name=\"plain #" },
		{ " plain", "name=\"plain #" },
		{ "two  words", "name=\"two words #" },
		{ "cafe\xcc\x81", "name=\"cafe\xcc\x81 #" },
		{ "pl\xe2\x80\x8b""ain", " #" },
	};
	struct err err = ERR_INIT;
	struct result_case c;
	struct result *r = result_new();
	struct result_gate *g = result_alloc(r, sizeof(*g));
	struct buf b;
	size_t i;

	(void)state;
	*g = (struct result_gate){ .name = "verdict", .title = "own",
		.metric = "", .unit = "", .ci = { NAN, NAN },
		.why = "", .verdict = GATE_PASS };
	r->gates = g;
	r->n_gates = 1;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		result_case_init(&c);
		c.id = t[i].id;
		assert_int_equal(result_case_add(r, &c, &err), RC_OK);
	}
	render(&report_junit, r, &b);
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		if (strstr(buf_str(&b), t[i].name) == NULL)
			fail_msg("%s: %s", t[i].name, buf_str(&b));
	}
	assert_non_null(strstr(buf_str(&b), "name=\"gate verdict\""));
	assert_names_differ(buf_str(&b), 2 + sizeof(t) / sizeof(t[0]));
	buf_fini(&b);
	result_free(r);
}

static void
test_large(void **state)
{
	struct result *r = sample_fail(10000);
	int64_t t = mono_now_ns();
	struct err err = ERR_INIT;
	struct rusage use;

	(void)state;
	assert_int_equal(reports_write_all(r, dir, &err), RC_OK);
	assert_true(mono_now_ns() - t < 30 * MONO_S);
	assert_int_equal(getrusage(RUSAGE_SELF, &use), 0);
#ifndef __SANITIZE_ADDRESS__
	assert_true(use.ru_maxrss < 150 * 1024);
#endif
	result_free(r);
}

static void
test_write_all(void **state)
{
	struct result *r = sample_fail(3);
	struct err err = ERR_INIT;
	char path[160];
	struct stat st;
	size_t i, n = 0;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/a/b", dir);
	assert_int_equal(reports_write_all(r, path, &err), RC_OK);
	assert_int_equal(reports_write_all(r, path, &err), RC_OK);
	for (i = 0; report_formats[i] != NULL; i++) {
		(void)snprintf(path, sizeof(path), "%s/a/b/%s", dir,
		    report_formats[i]->file);
		if (stat(path, &st) == 0) {
			assert_int_equal(st.st_mode & 0777, 0600);
			n++;
		}
	}
	assert_int_equal(n, 6);
	(void)snprintf(path, sizeof(path), "ls -A %s/a/b | wc -l | grep -qx 6",
	    dir);
	assert_int_equal(system(path), 0);
	assert_int_equal(reports_write_all(r, "/proc/none", &err), RC_IO);
	assert_non_null(strstr(err.msg, "/proc/none"));
	result_free(r);
}

static void
test_formats(void **state)
{
	(void)state;
	assert_ptr_equal(report_format_of("html"), &report_html);
	assert_null(report_format_of("HTML5"));
	assert_null(report_format_of(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_blank),
		cmocka_unit_test(test_attack_html),
		cmocka_unit_test(test_attack_text),
		cmocka_unit_test(test_color),
		cmocka_unit_test(test_attack_md),
		cmocka_unit_test(test_csv),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_junit_verdicts),
		cmocka_unit_test(test_junit_cases),
		cmocka_unit_test(test_junit_names),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_md_fits),
		cmocka_unit_test(test_write_all),
		cmocka_unit_test(test_formats),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
