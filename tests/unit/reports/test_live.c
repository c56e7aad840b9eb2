/* What is shown of a live comparison: columns, JSON, the OpenMetrics format,
 * and that the samples shipped name only metrics that are there. */
#include "reports/live.h"

#include <ctype.h>
#include <dirent.h>

#include "harness/base/json.h"
#include "harness/base/yaml.h"
#include "reports/glyph.h"
#include "tests/lib/check.h"

static struct live_status
sample(enum live_verdict v)
{
	static const char *const units[] = { "rate", "share", "distance",
		"ratio" };
	struct live_status s;
	size_t i;

	memset(&s, 0, sizeof(s));
	s.verdict = v;
	(void)snprintf(s.suite, sizeof(s.suite), "hand\"book\\\n\033[31m");
	(void)snprintf(s.reason, sizeof(s.reason), "answer drift: 0.071 (limit "
	    "0.030); worse on the candidate alone in 13 pairs, on the primary "
	    "alone in 0, of 98 since the start");
	s.started_wall_ns = s.now_wall_ns = 1000000000;
	s.pairs = 1234567;
	s.compared = 1200000;
	s.differ = 40;
	s.floor = NAN;
	s.window_length = 500;
	s.alone = 3;
	s.n_tests = 16;
	for (i = 0; i < s.n_tests; i++) {
		s.test[i].name = i == 0 ? "errors" : "drift";
		s.test[i].title = "answer drift, worst 5 %";
		s.test[i].unit = units[i % 4];
		s.test[i].value = i == 3 ? NAN : .123456;
		s.test[i].limit = .03;
		s.test[i].evidence = i == 4 ? -INFINITY : .1 * (double)i;
		s.test[i].judged = i != 5;
		s.test[i].hard = i % 2 == 0;
		s.test[i].stopped = i == 2;
		s.test[i].base = s.test[i].lo = s.test[i].hi = NAN;
	}
	for (i = 0; i < 3; i++)
		s.arm[i].p50_ns = s.arm[i].p95_ns = s.arm[i].p99_ns =
		    i == 2 ? NAN : 123456789.0;
	s.n_stops = 2;
	s.stop[0] = (struct live_stop){ .test = -1, .hard = 1, .pair = 7 };
	(void)snprintf(s.stop[0].why, sizeof(s.stop[0].why), "MODEL_VER must "
	    "be equal: %s on the candidate", "\"<b>\\\033[2J");
	s.stop[1] = (struct live_stop){ .test = 1, .hard = 0, .pair = 9 };
	s.n_pins = 1;
	(void)snprintf(s.pin[0].name, sizeof(s.pin[0].name), "IN\"DEX\n");
	s.n_examples = 1;
	(void)snprintf(s.example[0].id, sizeof(s.example[0].id), "\"x\\");
	s.example[0].test = 1;
	return s;
}

/* ---- the page ---------------------------------------------------------- */

static void
test_text(void **state)
{
	struct buf b;
	char *line, *save = NULL;
	int v, lines;

	(void)state;
	for (v = 0; v < LIVE_VERDICTS; v++) {
		struct live_status s = sample((enum live_verdict)v);

		buf_init(&b, 1 << 20);
		live_text(&s, 0, &b);
		/* nothing that traffic sent moves the cursor */
		assert_null(strchr(buf_str(&b), '\033'));
		assert_non_null(strstr(buf_str(&b), "1,234,567"));
		lines = 0;
		for (line = strtok_r(b.p, "\n", &save); line != NULL;
		    line = strtok_r(NULL, "\n", &save), lines++) {
			if (glyph_columns(line) > 80)
				fail_msg("%zu columns: %s",
				    glyph_columns(line), line);
		}
		assert_true(lines < 36);
		buf_fini(&b);
	}
}

/* ---- JSON -------------------------------------------------------------- */

static void
test_json(void **state)
{
	static const char *const paths[] = { "/verdict", "/verdict_code",
		"/hard_stop", "/soft_stop", "/reason", "/pairs",
		"/window/full", "/window/pairs", "/window/pairs_needed",
		"/window/seconds", "/window/seconds_needed", "/seconds",
		"/arms/primary/sent", "/arms/candidate/p95_ms",
		"/tests/errors/value", "/tests/errors/limit",
		"/tests/errors/evidence", "/tests/errors/stopped",
		"/stops/0/test", "/stops/0/class", "/stops/0/why",
		"/examples/0/id", "/schema" };
	static const int codes[] = { 503, 200, 409, 403 };
	struct err err = ERR_INIT;
	size_t i;
	int v;

	(void)state;
	for (v = 0; v < LIVE_VERDICTS; v++) {
		struct live_status s = sample((enum live_verdict)v);
		struct json *j;
		struct buf b;

		buf_init(&b, 1 << 20);
		live_json(&s, &b);
		j = json_parse(buf_str(&b), b.len, &err);
		if (j == NULL)
			fail_msg("%s", err.msg);
		for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
			struct json_ptr *p = json_ptr_new(paths[i], &err);

			if (json_ptr_find(p, j) == NULL)
				fail_msg("no %s", paths[i]);
			json_ptr_free(p);
		}
		assert_int_equal(json_get_int(j, "verdict_code", -1), v);
		assert_int_equal(json_get_bool(j, "hard_stop", -1), v == 3);
		assert_string_equal(json_get_str(j, "suite"), s.suite);
		assert_int_equal(live_gate_status(&s), codes[v]);
		json_free(j);
		buf_fini(&b);
	}
}

/* ---- HTML -------------------------------------------------------------- */

/* Nothing of what traffic sent is markup; nothing comes from elsewhere. */
static void
test_html(void **state)
{
	static const char *const never[] = { "<b>\\", "<script", "http:",
		"https:", "href=", "url(", "\033", "hand\"book" };
	struct buf b;
	size_t i;
	int v;

	(void)state;
	for (v = 0; v < LIVE_VERDICTS; v++) {
		struct live_status s = sample((enum live_verdict)v);

		(void)snprintf(s.example[0].id, sizeof(s.example[0].id),
		    "<i>x");
		(void)snprintf(s.pin[0].candidate,
		    sizeof(s.pin[0].candidate), "<img src=x>");
		buf_init(&b, 1 << 20);
		live_html(&s, "run <1>", &b);
		assert_non_null(strstr(buf_str(&b), "1,234,567"));
		assert_non_null(strstr(buf_str(&b), "&lt;i&gt;x"));
		assert_non_null(strstr(buf_str(&b), "run &lt;1&gt;"));
		assert_non_null(strstr(buf_str(&b), "&lt;img "));
		for (i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
			if (strstr(buf_str(&b), never[i]) != NULL)
				fail_msg("%s in the page", never[i]);
		}
		buf_fini(&b);
	}
}

/* ---- OpenMetrics ------------------------------------------------------- */

enum { FAMILIES = 64 };
struct family {
	char name[80], type[20];
};

static struct family families[FAMILIES];
static size_t n_families;

static int
is_name(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!isalnum((unsigned char)s[i]) && s[i] != '_')
			return 0;
	}
	return n > 0 && !isdigit((unsigned char)s[0]);
}

/* {name="value",...} with \\, \" and \n alone escaped; behind it. */
static const char *
labels(const char *p)
{
	const char *at;

	if (*p++ != '{')
		return NULL;
	for (;;) {
		for (at = p; isalnum((unsigned char)*p) || *p == '_'; p++)
			continue;
		if (!is_name(at, (size_t)(p - at)) || *p++ != '=' ||
		    *p++ != '"')
			return NULL;
		for (; *p != '"'; p++) {
			if ((unsigned char)*p < ' ')
				return NULL;
			if (*p == '\\' && *++p != '\\' && *p != '"' &&
			    *p != 'n')
				return NULL;
		}
		p++;
		if (*p == '}')
			return p + 1;
		if (*p++ != ',')
			return NULL;
	}
}

/* A sample belongs to the family last declared, by the rules of its type. */
static int
is_sample(const char *line)
{
	const struct family *f = &families[n_families - 1];
	const char *end = strchr(line, '{'), *p;
	size_t n = strlen(f->name);
	char *stop;

	if (n_families == 0 || end == NULL || strncmp(line, f->name, n) != 0)
		return 0;
	if (strcmp(f->type, "counter") == 0) {
		if (strncmp(line + n, "_total", 6) != 0)
			return 0;
		n += 6;
	}
	p = line + n == end ? labels(end) : NULL;
	if (p == NULL || *p != ' ')
		return 0;
	(void)strtod(p + 1, &stop);
	return stop > p + 1 && *stop == '\0';
}

static int
is_declared(const char *name)
{
	size_t i;

	for (i = 0; i < n_families; i++) {
		if (strcmp(families[i].name, name) == 0)
			return 1;
	}
	return 0;
}

static void
declare(const char *line)
{
	struct family *f = &families[n_families];

	assert_true(n_families < FAMILIES);
	assert_int_equal(sscanf(line, "# TYPE %79s %19s", f->name, f->type),
	    2);
	/* one block a family, and no name that another's sample has */
	assert_false(is_declared(f->name));
	assert_true(is_name(f->name, strlen(f->name)));
	assert_true(strcmp(f->type, "gauge") == 0 ||
	    strcmp(f->type, "counter") == 0 ||
	    strcmp(f->type, "stateset") == 0);
	n_families++;
}

static void
test_openmetrics(void **state)
{
	struct live_status s = sample(LIVE_HEALTHY);
	char *line, *save = NULL, *last = NULL;
	struct buf b;

	(void)state;
	n_families = 0;
	buf_init(&b, 1 << 20);
	live_openmetrics(&s, &b);
	assert_int_equal(b.p[b.len - 1], '\n');
	for (line = strtok_r(b.p, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save)) {
		last = line;
		if (strncmp(line, "# TYPE ", 7) == 0)
			declare(line);
		else if (strncmp(line, "# HELP ", 7) != 0 &&
		    strcmp(line, "# EOF") != 0 && !is_sample(line))
			fail_msg("no sample: %s", line);
	}
	assert_string_equal(last, "# EOF");
	buf_fini(&b);
}

/* ---- samples ----------------------------------------------------------- */

static char *
read_file(const char *path)
{
	char *text = calloc(1, 1 << 20);
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	assert_true(fread(text, 1, (1 << 20) - 1, f) > 0);
	(void)fclose(f);
	return text;
}

/* Every lockstep_live_NAME in a text is one that /metrics prints. */
static unsigned
names_in(const char *path, const char *text)
{
	char name[100];
	unsigned found = 0;
	size_t n;

	while ((text = strstr(text, "lockstep_live_")) != NULL) {
		for (n = 0; is_name(text, n + 1) && n + 1 < sizeof(name); n++)
			name[n] = text[n];
		name[n] = '\0';
		text += n;
		found++;
		if (is_declared(name))
			continue;
		if (n > 6 && strcmp(name + n - 6, "_total") == 0)
			name[n - 6] = '\0';
		if (!is_declared(name))
			fail_msg("%s: %s is no metric", path, name);
	}
	return found;
}

/* Documents of one file, divided by ---. */
static void
parse_yaml(const char *path, char *text)
{
	struct srcmap *m = srcmap_new();
	char *next;

	do {
		struct err err = ERR_INIT;
		struct json *j;

		next = strstr(text, "\n---\n");
		if (next != NULL)
			*next = '\0';
		j = yaml_parse(text, strlen(text), m,
		    srcmap_file(m, path), &err);
		if (j == NULL)
			fail_msg("%s", err.msg);
		json_free(j);
		text = next == NULL ? NULL : next + 5;
	} while (text != NULL);
	srcmap_free(m);
}

static void
test_samples(void **state)
{
	static const char *const files[] = { "argo-analysis.yml",
		"flagger-webhook.yml", "prometheus-alerts.yml",
		"grafana-dashboard.json" };
	size_t i;

	(void)state;
	assert_true(n_families > 10);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char path[200];
		char *text;
		unsigned named;

		(void)snprintf(path, sizeof(path), "suites/live/%s",
		    files[i]);
		text = read_file(path);
		named = names_in(path, text);
		if (strstr(files[i], "prometheus") != NULL ||
		    strstr(files[i], "grafana") != NULL)
			assert_true(named > 3);
		parse_yaml(path, text);
		free(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_html),
		cmocka_unit_test(test_openmetrics),
		cmocka_unit_test(test_samples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
