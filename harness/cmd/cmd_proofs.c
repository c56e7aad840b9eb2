/* What was last proven of the guardrails; see cmd_proofs.h. */
#include "harness/cmd/cmd_proofs.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/mono.h"
#include "harness/cmd/cmd_drill_keep.h"
#include "harness/drill/drill.h"
#include "harness/result/result.h"
#include "harness/result/store.h"
#include "harness/terms/guardrail.h"

enum { PATH_BYTES = 1200, JOB_MAX = 1 << 20, CANARY = 2, SHADOW = 15 };

/* What a guardrail needs beside the drill of its own. */
static const struct {
	int guardrail;
	const char *kind;	/* the first word of what was tried */
	const char *missing;	/* as long as it never was */
} kinds[] = {
	{ CANARY, "run", "a comparison under the limits of a canary: lockstep "
	    "run suites/canary.yml --baseline URL --candidate URL" },
	{ CANARY, "ramp", "the steps and the way back: lockstep ramp --status "
	    "URL --set-weight CMD" },
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

struct proof {
	char verdict[24];	/* "": nothing was tried */
	char when[32], what[400], build[160];
	struct json *missing;	/* sentences, or NULL */
};

struct row {
	struct proof last, held;	/* held: the last that was a PASS */
	unsigned seen;			/* kinds, a bit each */
};

struct proofs {
	struct row of[GUARDRAIL_N];
	int runs;		/* that were looked at */
};

/* ---- one piece of evidence ---------------------------------------------- */

static void
proof_fini(struct proof *p)
{
	json_free(p->missing);
	p->missing = NULL;
}

static void
keep(struct proof *at, const struct proof *p)
{
	if (strcmp(p->when, at->when) < 0)
		return;
	proof_fini(at);
	*at = *p;
	at->missing = p->missing == NULL ? NULL : json_copy(p->missing);
}

static void
take(struct row *r, const struct proof *p)
{
	size_t i;

	for (i = 0; i < KINDS; i++) {
		if (strncmp(p->what, kinds[i].kind,
		    strlen(kinds[i].kind)) == 0)
			r->seen |= 1U << i;
	}
	keep(&r->last, p);
	if (strcmp(p->verdict, "PASS") == 0)
		keep(&r->held, p);
}

/* ---- drills and other commands ------------------------------------------ */

/* Which versions answered: what a drill saw of them, else the address. */
static const char *
build_of(const struct json *line)
{
	const char *build = json_get_str(line, "build");
	const char *url = json_get_str(json_get(line, "targets"),
	    "candidate");

	return build != NULL ? build : url != NULL ? url : "";
}

/* What of a drill does not hold, and what it could not judge. */
static struct json *
lacks(const struct json *line)
{
	struct json *list = json_new(JSON_ARRAY);
	const struct json *c = json_first(json_get(line, "checks"));
	const char *verdict, *says;
	char text[400];

	for (; c != NULL; c = json_next(c)) {
		verdict = json_get_str(c, "verdict");
		says = json_get_str(c, "says");
		if (verdict == NULL || strcmp(verdict, "PASS") == 0)
			continue;
		(void)snprintf(text, sizeof(text), "%.100s: %.280s",
		    json_get_str(c, "name"), says == NULL ? "" : says);
		(void)json_push(list, json_new_str(text));
	}
	return list;
}

static void
of_lines(struct proofs *all, const struct json *kept)
{
	const char *verdict, *when, *name, *head;
	const struct json *l;
	struct proof p;
	int64_t n;

	for (l = json_first(kept); l != NULL; l = json_next(l)) {
		n = json_get_int(l, "guardrail", 0);
		verdict = json_get_str(l, "verdict");
		when = json_get_str(l, "started");
		if (n < 1 || n > GUARDRAIL_N || verdict == NULL ||
		    when == NULL)
			continue;
		name = json_get_str(l, "name");
		head = json_get_str(l, "headline");
		memset(&p, 0, sizeof(p));
		(void)snprintf(p.verdict, sizeof(p.verdict), "%s", verdict);
		(void)snprintf(p.when, sizeof(p.when), "%.19s", when);
		(void)snprintf(p.what, sizeof(p.what), "%s%.100s: %.240s",
		    json_get(l, "drill") != NULL ? "drill " : "",
		    name == NULL ? "?" : name, head == NULL ? "" : head);
		(void)snprintf(p.build, sizeof(p.build), "%s", build_of(l));
		p.missing = lacks(l);
		take(&all->of[n - 1], &p);
		proof_fini(&p);
	}
}

/* ---- runs --------------------------------------------------------------- */

/* The candidate's versions, where its answers had any, else its address. */
static void
build_of_run(const char *dir, struct proof *p)
{
	struct err own = ERR_INIT;
	const char *model = NULL, *index = NULL;
	const struct result_arm *a;
	struct result *r = NULL;
	char path[PATH_BYTES];
	size_t i;

	(void)snprintf(path, sizeof(path), "%.1024s/report.json", dir);
	if (result_read(path, &r, &own) != RC_OK)
		return;
	a = &r->arm[ARM_CANDIDATE];
	for (i = 0; i < a->n_pins; i++) {
		if (strcmp(a->pins[i].name, "MODEL_VER") == 0)
			model = a->pins[i].value;
		else if (strcmp(a->pins[i].name, "INDEX_HASH") == 0)
			index = a->pins[i].value;
	}
	if (model != NULL || index != NULL)
		(void)snprintf(p->build, sizeof(p->build),
		    "%s%.60s%s%s%.12s", model == NULL ? "" : "MODEL_VER ",
		    model == NULL ? "" : model, model == NULL ||
		    index == NULL ? "" : ", ", index == NULL ? "" :
		    "INDEX_HASH ", index == NULL ? "" : index);
	else
		(void)snprintf(p->build, sizeof(p->build), "%.150s",
		    a->url == NULL ? "" : a->url);
	result_free(r);
}

/* Which guardrail a run is about: 2 a canary of two arms, 15 a shadow, 0. */
static int
about(const struct store_run *run)
{
	char path[PATH_BYTES];
	const char *profile;
	struct json *job;
	int n = 0;

	(void)snprintf(path, sizeof(path), "%.1024s/shadow.yml", run->dir);
	if (access(path, F_OK) == 0)
		return SHADOW;
	(void)snprintf(path, sizeof(path), "%.1024s/job.json", run->dir);
	job = json_load(path, JOB_MAX, NULL);
	profile = json_get_str(job, "profile");
	if (profile != NULL && strcmp(profile, "canary") == 0 &&
	    json_get_str(json_get(job, "labels"), "baseline") != NULL)
		n = CANARY;
	json_free(job);
	return n;
}

/* From the newest run on. */
static int
of_run(void *ctx, const struct store_run *run)
{
	enum { LOOKED_AT = 500 };
	struct proofs *all = ctx;
	char at[MONO_UTC_MAX];
	struct proof p;
	struct row *row;
	int n;

	if (++all->runs > LOOKED_AT)
		return 1;
	if (*run->verdict == '\0' || (n = about(run)) == 0)
		return 0;
	row = &all->of[n - 1];
	memset(&p, 0, sizeof(p));
	mono_utc(run->started_ns, at);
	(void)snprintf(p.verdict, sizeof(p.verdict), "%s", run->verdict);
	(void)snprintf(p.when, sizeof(p.when), "%.19s", at);
	(void)snprintf(p.what, sizeof(p.what), "%s %.80s: %.200s; lockstep "
	    "show %.40s", n == SHADOW ? "shadow" : "run", run->suite_name,
	    run->headline, run->id);
	if (strcmp(p.when, row->last.when) >= 0 || (strcmp(p.verdict,
	    "PASS") == 0 && strcmp(p.when, row->held.when) >= 0))
		build_of_run(run->dir, &p);
	take(row, &p);
	return 0;
}

static int
of_runs(struct proofs *all, const char *home, struct err *err)
{
	struct store *store = NULL;
	char path[PATH_BYTES];
	int rc;

	(void)snprintf(path, sizeof(path), "%.1024s/store.db", home);
	if (access(path, F_OK) != 0)
		return RC_OK;
	rc = store_open(home, &store, err);
	if (rc == RC_OK)
		rc = store_runs(store, NULL, of_run, all, err);
	store_close(&store);
	return rc;
}

/* ---- the document ------------------------------------------------------- */

static int
has_drill(int n)
{
	const char *help;
	size_t i;
	int g;

	for (i = 0; drill_name_at(i, &g, &help) != NULL; i++) {
		if (g == n)
			return 1;
	}
	return 0;
}

static void
put(struct json *o, const char *key, const char *value)
{
	(void)json_set(o, key, *value == '\0' ? json_new(JSON_NULL) :
	    json_new_str(value));
}

static struct json *
missing_of(int n, const struct row *r)
{
	struct json *list = r->last.missing == NULL ?
	    json_new(JSON_ARRAY) : json_copy(r->last.missing);
	size_t i;

	for (i = 0; i < KINDS; i++) {
		if (kinds[i].guardrail == n && (r->seen & 1U << i) == 0)
			(void)json_push(list, json_new_str(kinds[i].missing));
	}
	return list;
}

static struct json *
row_of(int n, const struct row *r)
{
	const struct guardrail *g = guardrail_at(n);
	struct json *o = json_new(JSON_OBJECT), *held = NULL;

	(void)json_set(o, "guardrail", json_new_num(n));
	put(o, "title", g->title);
	put(o, "proves", g->proves);
	put(o, "command", g->command);
	(void)json_set(o, "drill", json_new_bool(has_drill(n)));
	put(o, "verdict", r->last.verdict);
	put(o, "when", r->last.when);
	put(o, "what", r->last.what);
	put(o, "build", r->last.build);
	if (*r->held.verdict != '\0' &&
	    strcmp(r->last.verdict, "PASS") != 0) {
		held = json_new(JSON_OBJECT);
		put(held, "when", r->held.when);
		put(held, "what", r->held.what);
		put(held, "build", r->held.build);
	}
	(void)json_set(o, "held", held == NULL ? json_new(JSON_NULL) : held);
	(void)json_set(o, "missing", missing_of(n, r));
	return o;
}

struct json *
cmd_proofs(const char *home, struct err *err)
{
	struct json *kept = drill_kept(home, err), *list = NULL;
	struct proofs all;
	int i, rc;

	memset(&all, 0, sizeof(all));
	of_lines(&all, kept);
	json_free(kept);
	rc = err->code != RC_OK ? (int)err->code : of_runs(&all, home, err);
	if (rc == RC_OK)
		list = json_new(JSON_ARRAY);
	for (i = 1; i <= GUARDRAIL_N && rc == RC_OK; i++)
		rc = json_push(list, row_of(i, &all.of[i - 1]));
	for (i = 0; i < GUARDRAIL_N; i++) {
		proof_fini(&all.of[i].last);
		proof_fini(&all.of[i].held);
	}
	if (rc != RC_OK) {
		json_free(list);
		list = NULL;
		(void)err_set(err, RC_NOMEM, "out of memory");
	}
	return list;
}
