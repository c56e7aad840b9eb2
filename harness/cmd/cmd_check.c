/* lockstep check: find errors of a manifest, or show what it does. */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/json.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_check_case.h"
#include "harness/cmd/cmd_check_gold.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_page.h"
#include "harness/score/scorer.h"
#include "harness/suite/caseset.h"
#include "harness/suite/plan.h"
#include "harness/suite/suite.h"
#include "harness/suite/suite_keys.h"
#include "harness/traffic/credential.h"

struct options {
	int json, keys, schema;
	struct opt_list set, case_ids;
};

static const struct opt opts[] = {
	{ "set", 0, OPT_LIST, offsetof(struct options, set), 0, 0,
	    "KEY=VALUE", "override a key, such as variants.repeats=2" },
	{ "case", 0, OPT_LIST, offsetof(struct options, case_ids), 0, 0,
	    "ID", "print this case's requests as a run sends them" },
	CMD_OPT_JSON(offsetof(struct options, json)),
	{ "keys", 0, OPT_FLAG, offsetof(struct options, keys), 0, 0, NULL,
	    "print every key that a suite can have, and exit" },
	{ "schema", 0, OPT_FLAG, offsetof(struct options, schema), 0, 0, NULL,
	    "print the JSON Schema of suites, and exit" },
	CMD_OPT_END
};

static const struct opt_cmd check_cmd = {
	"check", "SUITE...",
	"Reads suites (YAML or JSON). Prints their errors with line and\n"
	"column, or else what each suite does. Sends nothing. An unset\n"
	"environment variable is a note, not an error.\n\n"
	"  lockstep check suites/release.yml\n"
	"  lockstep check --json suites/release.yml | jq .requests\n"
	"  lockstep check suites/release.yml --case q17\n\n"
	"Exit status: 0 no suite has an error, 2 some suite has.", opts
};

/* What one suite comes to. */
struct finding {
	const char *path;
	struct json *errors, *notes, *sent;
	struct suite *suite;
	struct caseset *cases;
	struct sections *sections;
	struct check_gold named;
	struct plan plan;
	uint64_t critical, gold, unanswerable, expects;
	uint64_t lacking;	/* cases with fewer wordings than asked for */
};

static void
take_error(void *ctx, const char *text)
{
	(void)json_push(ctx, json_new_str(text));
}

static void
take_printf(struct json *list, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
take_printf(struct json *list, const char *fmt, ...)
{
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	take_error(list, text);
}

/* Whether the last wording that is asked for is the case's own. */
static int
lacks_wordings(struct gold *g, const struct suite *s)
{
	int made;
	size_t n;
	uint32_t last = s->paraphrases - 1;

	return last > 0 && (gold_wording(g, s, last, &n, &made) ==
	    g->question || made);
}

static int
look_at_cases(struct finding *f, struct err *err)
{
	struct gold g;
	uint64_t i;
	int rc = RC_OK;

	f->named.sections = f->sections;
	rc = check_gold_init(&f->named, err);
	gold_init(&g);
	for (i = 0; i < caseset_n(f->cases) && rc == RC_OK; i++) {
		rc = caseset_get(f->cases, i, &g, err);
		if (rc != RC_OK)
			break;
		f->critical += g.critical != 0;
		f->gold += g.section_ids.n > 0 || g.snippet_ids.n > 0;
		f->unanswerable += g.unanswerable != 0;
		f->expects += g.n_expect > 0;
		f->lacking += lacks_wordings(&g, f->suite) != 0;
		rc = check_gold_case(&f->named, &g, err);
	}
	gold_fini(&g);
	return rc;
}

static void
notes_on_cases(struct finding *f)
{
	const struct suite *s = f->suite;
	uint64_t n = caseset_n(f->cases);

	if (f->lacking > 0)
		take_printf(f->notes, "cases: %llu of %llu have fewer than "
		    "%u wordings; %s", (unsigned long long)f->lacking,
		    (unsigned long long)n, s->paraphrases, s->n_perturb > 0 ?
		    "harmless perturbations replace them" :
		    "the rest count as repeats");
	if (f->gold == 0)
		take_printf(f->notes, "cases: none expects sections; the arms "
		    "are only compared with each other");
	check_gold_notes(&f->named, s, f->notes);
	if (caseset_skipped(f->cases) > 0)
		take_printf(f->notes, "cases: exchanges of the trace without a "
		    "question, left out: %llu; `where` sends them as recorded",
		    (unsigned long long)caseset_skipped(f->cases));
}

/* The sections, as strictly as a run reads them. */
static int
check_sections(struct finding *f, struct err *err)
{
	char *path;
	int rc;

	if (f->suite->sections_file == NULL || json_size(f->errors) > 0)
		return RC_OK;
	path = suite_resolve(f->suite, f->suite->sections_file);
	rc = path == NULL ? err_set(err, RC_NOMEM, "out of memory") :
	    sections_open(path, &f->sections, err);
	free(path);
	return rc;
}

/* The files that the suite names, so that a typo shows now. */
static int
check_file(struct finding *f, const char *what, const char *name)
{
	char *path = name == NULL ? NULL : suite_resolve(f->suite, name);
	FILE *file = path == NULL ? NULL : fopen(path, "rb");
	struct err e = ERR_INIT;

	if (path != NULL && file == NULL) {
		(void)err_errno(&e, RC_IO, "cannot open %s", path);
		take_printf(f->errors, "%s: %s: %s; paths are relative to the "
		    "suite's folder", f->path, what, e.msg);
	}
	if (file != NULL)
		(void)fclose(file);
	free(path);
	return 0;
}

static void
check_scorers(struct finding *f)
{
	const struct suite *s = f->suite;
	char word[256];
	size_t i;

	for (i = 0; i < s->n_scorers; i++) {
		if (scorer_lacks_program(s->scorer[i].exec, word,
		    sizeof(word)))
			take_printf(f->notes, "scorer %.60s: program %s is not "
			    "on this machine; a run needs it",
			    s->scorer[i].name, word);
	}
}

static int
show_cases(struct finding *f, const struct options *o, struct err *err)
{
	size_t i;
	int rc = RC_OK;

	for (i = 0; i < o->case_ids.n && rc == RC_OK; i++)
		rc = f->cases == NULL ? err_set(err, RC_USAGE, "%s: no case is "
		    "named \"%s\"", f->path, o->case_ids.v[i]) :
		    check_case(f->suite, f->cases, o->case_ids.v[i], f->sent,
		    err);
	return rc;
}

static void
examine(struct finding *f, const struct options *o)
{
	struct suite_over over;
	struct err err = ERR_INIT;
	int rc;

	memset(&over, 0, sizeof(over));
	over.set = o->set.v;
	over.n_set = o->set.n;
	over.no_env = 1;
	over.on_error = take_error;
	over.on_error_ctx = f->errors;
	rc = suite_load(f->path, &over, &f->suite, &err);
	if (rc == RC_OK) {
		suite_notes(f->suite, take_error, f->notes);
		check_file(f, "sections", f->suite->sections_file);
		check_file(f, "recorded", f->suite->recorded_file);
		check_scorers(f);
		rc = check_sections(f, &err);
	}
	if (rc == RC_OK && (f->suite->cases_file != NULL ||
	    f->suite->cases_trace != NULL || f->suite->cases_inline != NULL))
		rc = caseset_open(f->suite, NULL, &f->cases, &err);
	if (rc == RC_OK && f->cases != NULL)
		rc = look_at_cases(f, &err);
	if (rc == RC_OK && f->cases != NULL)
		notes_on_cases(f);
	if (rc == RC_OK)
		rc = show_cases(f, o, &err);
	if (rc != RC_OK && json_size(f->errors) == 0)
		take_error(f->errors, err.msg);
	if (f->suite != NULL)
		plan_init(&f->plan, f->suite, f->cases == NULL ? 0 :
		    caseset_n(f->cases));
}

/* ---- printing ---------------------------------------------------------- */

static void
print_target(const struct suite *s, enum arm a)
{
	const struct suite_target *t = &s->target[a];
	struct buf path;

	if (!t->present)
		return;
	(void)printf("  %-10s %s", arm_name(a), t->arm);
	if (t->start != NULL) {
		(void)printf("\n             started by ");
		cmd_wrap(24, t->start);
	}
	buf_init(&path, 1 << 20);
	credential_target(&path, t->path != NULL ? t->path :
	    s->request_path);
	(void)printf("%s             %s %s\n", t->start != NULL ? "" : "\n",
	    t->method != NULL ? t->method : s->method, buf_str(&path));
	buf_fini(&path);
}

/* A limit, unless the suite switched its gate off. */
static void
put_limit(const struct suite *s, const char *gate, const char *what,
    double limit, const char *unit, struct buf *b)
{
	if ((s->limits.off >> limits_gate_of(gate) & 1) == 0)
		buf_printf(b, "%s%s%g%s", b->len > 0 ? ", " : "", what, limit,
		    unit);
}

static void
print_gates(const struct suite *s)
{
	const struct limits *l = &s->limits;
	struct buf b;
	int i;

	buf_init(&b, 1 << 16);
	put_limit(s, "ds_max", "ΔS ≤ ", l->ds_max, "", &b);
	put_limit(s, "coverage_min", "coverage ≥ ", l->coverage_min, "", &b);
	put_limit(s, "lambda_convergent", "λ ≥ ", l->lambda_convergent, "",
	    &b);
	put_limit(s, "errors", "errors ≤ ", l->errors, "", &b);
	put_limit(s, "latency_p95", "p95 +", l->latency_p95 * 100, " %", &b);
	if (l->strict)
		buf_puts(&b, ", strict: a PASS proves no harm");
	(void)printf("  gates      ");
	cmd_wrap(13, buf_str(&b));
	buf_reset(&b);
	for (i = 0; limits_gates[i] != NULL; i++) {
		if ((l->off >> i & 1) != 0)
			buf_printf(&b, "%s%s", b.len == 0 ? "" : ", ",
			    limits_gates[i]);
	}
	if (b.len > 0) {
		(void)printf("  off        ");
		cmd_wrap(13, buf_str(&b));
	}
	buf_fini(&b);
}

static void
print_scorers(const struct suite *s)
{
	struct buf b;
	size_t i, k;

	buf_init(&b, 1 << 16);
	for (i = 0; i < s->n_scorers; i++) {
		buf_reset(&b);
		buf_printf(&b, "%s: ", s->scorer[i].name);
		for (k = 0; k < s->scorer[i].n; k++)
			buf_printf(&b, "%s%s", k == 0 ? "" : ", ",
			    s->scored[s->scorer[i].first + k].name);
		buf_printf(&b, " (asks: %s)", s->scorer[i].exec);
		(void)printf("  %-10s ", i == 0 ? "scorers" : "");
		cmd_wrap(13, buf_str(&b));
	}
	buf_fini(&b);
}

static void
print_suite(const struct finding *f)
{
	const struct suite *s = f->suite;
	const struct plan *p = &f->plan;
	char n[3][64];

	cmd_wrapf(0, "%s: %s, profile %s, hash %.12s", f->path, s->name,
	    s->profile, s->hash);
	(void)printf("  cases      ");
	if (f->cases == NULL)
		(void)printf("none\n");
	else
		cmd_wrapf(13, "%llu (%llu critical, %llu with "
		    "gold, %llu unanswerable, %llu with expectations)",
		    (unsigned long long)p->n_cases,
		    (unsigned long long)f->critical,
		    (unsigned long long)f->gold,
		    (unsigned long long)f->unanswerable,
		    (unsigned long long)f->expects);
	(void)printf("  variants   %s x %s x %s = %u a case\n",
	    cmd_many(p->paraphrases, "wording", n[0]),
	    cmd_many(p->seeds, "seed", n[1]),
	    cmd_many(p->repeats, "repeat", n[2]), p->per_case);
	print_target(s, ARM_BASELINE);
	print_target(s, ARM_CANDIDATE);
	print_target(s, ARM_BASELINE2);
	if (f->cases != NULL && plan_requests(p) > 0)
		(void)printf("  requests   %llu, and those to warm up\n",
		    (unsigned long long)plan_requests(p));
	print_gates(s);
	print_scorers(s);
}

/* An error is one line, whatever its length: it is for tools, too. */
static void
print_errors(const struct json *list)
{
	const struct json *j;

	for (j = json_first(list); j != NULL; j = json_next(j))
		(void)fprintf(stderr, "%s\n", json_str(j));
}

static void
print_notes(const struct json *list)
{
	const struct json *j;

	for (j = json_first(list); j != NULL; j = json_next(j)) {
		(void)printf("  note: ");
		cmd_wrap(8, json_str(j));
	}
}

static void
print_text(const struct finding *f)
{
	if (json_size(f->errors) > 0) {
		print_errors(f->errors);
		return;
	}
	print_suite(f);
	print_notes(f->notes);
	check_case_print(f->sent);
}

static void
write_arms(struct json_out *o, const struct suite *s)
{
	int a;

	json_out_key(o, "arms");
	json_out_obj(o);
	for (a = 0; a < ARM_N; a++) {
		if (!s->target[a].present)
			continue;
		json_put_str(o, arm_name((enum arm)a), s->target[a].arm);
	}
	json_out_end(o, '}');
}

static void
write_json(struct json_out *o, const struct finding *f)
{
	const struct suite *s = f->suite;

	json_out_obj(o);
	json_put_str(o, "path", f->path);
	json_put_bool(o, "ok", json_size(f->errors) == 0);
	json_put_json(o, "errors", f->errors);
	json_put_json(o, "notes", f->notes);
	if (s != NULL) {
		json_put_str(o, "name", s->name);
		json_put_str(o, "profile", s->profile);
		json_put_str(o, "hash", s->hash);
		json_put_int(o, "cases", (int64_t)f->plan.n_cases);
		json_put_int(o, "variants_per_case", f->plan.per_case);
		json_put_int(o, "requests", (int64_t)plan_requests(&f->plan));
		write_arms(o, s);
		if (json_first(f->sent) != NULL)
			json_put_json(o, "sent", f->sent);
	}
	json_out_end(o, '}');
}

static void
finding_free(struct finding *f)
{
	caseset_close(&f->cases);
	sections_close(&f->sections);
	check_gold_fini(&f->named);
	suite_free(f->suite);
	json_free(f->errors);
	json_free(f->notes);
	json_free(f->sent);
}

/* Checks each suite; returns how many are wrong. */
static int
check_all(const struct options *o, const char **paths, size_t n,
    struct json_out *out)
{
	struct finding f;
	size_t i;
	int bad = 0;

	for (i = 0; i < n; i++) {
		memset(&f, 0, sizeof(f));
		f.path = paths[i];
		f.errors = json_new(JSON_ARRAY);
		f.notes = json_new(JSON_ARRAY);
		f.sent = json_new(JSON_ARRAY);
		examine(&f, o);
		bad += json_size(f.errors) > 0;
		if (o->json)
			write_json(out, &f);
		else
			print_text(&f);
		finding_free(&f);
	}
	return bad;
}

static int
print_table(const struct options *o)
{
	struct buf b;

	buf_init(&b, 4 << 20);
	if (o->schema)
		suite_keys_schema(&b);
	else
		suite_keys_markdown(&b);
	(void)fputs(buf_str(&b), stdout);
	buf_fini(&b);
	return 0;
}

int
cmd_check(int argc, char **argv)
{
	struct cmd_line line;
	struct err err = ERR_INIT;
	struct json_out out;
	struct options o;
	struct buf b;
	int rc, status;

	memset(&o, 0, sizeof(o));
	rc = cmd_begin(&check_cmd, argc, argv, &o, &line, &err);
	if (rc == RC_OK && line.n == 0 && !o.keys && !o.schema)
		rc = err_set(&err, RC_USAGE, "no SUITE given; see lockstep "
		    "check --help");
	if (rc != RC_OK || o.keys || o.schema) {
		status = rc == RC_OK ? print_table(&o) : 0;
		return cmd_end("check", &line, rc, status, &err);
	}
	buf_init(&b, 256 << 20);
	json_out_init(&out, &b, 1);
	json_out_arr(&out);
	status = check_all(&o, line.rest, line.n, &out) > 0 ?
	    EXIT_CANNOT_RUN : 0;
	json_out_end(&out, ']');
	if (o.json)
		(void)printf("%s\n", buf_str(&b));
	buf_fini(&b);
	return cmd_end("check", &line, RC_OK, status, &err);
}
