/* A shadow as a run; see cmd_shadow_run.h. */
#include "harness/cmd/cmd_shadow_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/log.h"
#include "harness/base/mono.h"
#include "harness/base/replace.h"
#include "harness/cmd/cmd_shadow_gold.h"

enum { SUITE_MAX = 1 << 20, ROUTE_MAX = 1024 };

/* ---- the run's own suite ----------------------------------------------- */

static void
put_targets(struct json_out *o, const struct shadow_run *r)
{
	int a;

	json_out_key(o, "targets");
	json_out_obj(o);
	for (a = 0; a < ARM_N; a++) {
		if (r->url[a] == NULL)
			continue;
		json_out_key(o, arm_name((enum arm)a));
		json_out_obj(o);
		json_out_key(o, "url");
		json_out_str(o, r->url[a]);
		json_out_end(o, '}');
	}
	json_out_end(o, '}');
}

static void
put_null(struct json_out *o, const char *key)
{
	json_out_key(o, key);
	json_out_null(o);
}

/* Each pair of the trace is a case. */
static void
put_trace_cases(struct json_out *o)
{
	json_out_obj(o);
	json_out_key(o, "trace");
	json_out_str(o, "obs.jsonl.zst");
	json_out_key(o, "where");
	json_out_obj(o);
	json_out_key(o, "case");
	json_out_str(o, "~ .");
	json_out_end(o, '}');
	put_null(o, "sample");
	put_null(o, "stratify");
	put_null(o, "batch");
	json_out_end(o, '}');
}

/* Cases are the pairs; what the user's suite says of cases, variants and
 * asking again is not of them. */
static void
put_cases(struct json_out *o, int extends, int gold)
{
	json_out_key(o, "cases");
	if (gold)
		json_out_str(o, "cases.jsonl");
	else
		put_trace_cases(o);
	json_out_key(o, "variants");
	json_out_obj(o);
	json_out_key(o, "paraphrases");
	json_out_int(o, 1);
	json_out_key(o, "repeats");
	json_out_int(o, 1);
	json_out_end(o, '}');
	json_out_key(o, "confirm");
	json_out_bool(o, 0);
	if (extends) {
		put_null(o, "request");
		put_null(o, "setup");
		put_null(o, "warmup");
	}
}

/* gold  its cases are in a file */
static int
make_suite(const struct shadow_run *r, const char *extends, int gold,
    struct buf *b, struct err *err)
{
	char *path = extends == NULL ? NULL : realpath(extends, NULL);
	struct json_out o;

	if (extends != NULL && path == NULL)
		return err_errno(err, RC_IO, "%s", extends);
	json_out_init(&o, b, 1);
	json_out_obj(&o);
	json_out_key(&o, "lockstep");
	json_out_int(&o, 1);
	if (path != NULL) {
		json_out_key(&o, "extends");
		json_out_str(&o, path);
	} else {
		json_out_key(&o, "name");
		json_out_str(&o, "shadow");
	}
	put_cases(&o, path != NULL, gold);
	put_targets(&o, r);
	json_out_end(&o, '}');
	buf_putc(b, '\n');
	free(path);
	return buf_check(b, "the run's suite", err);
}

/* ---- opening ----------------------------------------------------------- */

static int
load_user(struct shadow_run *r, const struct shadow_run_opts *o,
    struct err *err)
{
	struct suite_over over = { 0 };
	const struct suite_target *t;
	int a, rc = RC_OK;

	memcpy(over.arm, o->url, sizeof(over.arm));
	over.set = o->set->v;
	over.n_set = o->set->n;
	if (o->suite != NULL)
		rc = suite_load(o->suite, &over, &r->user, err);
	for (a = 0; a < ARM_N && rc == RC_OK; a++) {
		t = r->user == NULL ? NULL : &r->user->target[a];
		r->url[a] = o->url[a] != NULL ? o->url[a] :
		    t != NULL && t->present ? t->url : NULL;
		if (r->url[a] != NULL && strstr(r->url[a], "{{") != NULL)
			rc = err_set(err, RC_USAGE, "shadow starts no stack: "
			    "give --%s URL", arm_name((enum arm)a));
	}
	return rc;
}

static int
load_own(struct shadow_run *r, const struct shadow_run_opts *o,
    const char *path, const char *text, struct err *err)
{
	struct suite_over over = { .text = text };

	over.set = o->set->v;
	over.n_set = o->set->n;
	suite_free(r->own);
	r->own = NULL;
	return suite_load(path, &over, &r->own, err);
}

/* What there is to know of the run before it is there. */
static void
describe(struct shadow_run *r, const struct shadow_run_opts *o)
{
	struct store_run *run = &r->run;
	char text[2200];
	int a;
	size_t n = 0;

	(void)snprintf(run->suite_name, sizeof(run->suite_name), "%s",
	    r->own->name);
	(void)snprintf(run->suite_path, sizeof(run->suite_path), "%s",
	    o->suite != NULL ? o->suite : "shadow");
	(void)snprintf(run->suite_hash, sizeof(run->suite_hash), "%s",
	    r->own->hash);
	for (a = 0; a < ARM_N; a++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s=%.500s;",
		    arm_name((enum arm)a), r->url[a] == NULL ? "" :
		    r->url[a]);
	hash_hex(text, n, run->stacks);
}

/* A new one, or the one that a kill left. */
static int
begin(struct shadow_run *r, const struct shadow_run_opts *o, struct err *err)
{
	struct store_run was;
	int rc = 0;

	describe(r, o);
	if (o->state != NULL)
		rc = shadow_again_find(r->store, o->state, &r->run, &was,
		    err);
	if (rc < 0)
		return rc;
	r->again = rc == 1;
	if (r->again)
		r->run = was;
	else
		rc = store_run_new(r->store, r->home, &r->run, err);
	(void)snprintf(r->trace_path, sizeof(r->trace_path),
	    "%.1000s/obs.jsonl.zst", r->run.dir);
	if (r->again)
		rc = shadow_again_read(r->trace_path, &r->was, err);
	if (rc == RC_OK && o->state != NULL)
		rc = shadow_again_note(o->state, r->run.id, err);
	return rc;
}

int
shadow_run_open(struct shadow_run *r, const struct shadow_run_opts *o,
    struct err *err)
{
	char path[1100];
	int rc;

	memset(r, 0, sizeof(*r));
	r->home = store_home(o->home);
	r->set = o->set;
	buf_init(&r->text, SUITE_MAX);
	rc = load_user(r, o, err);
	if (rc == RC_OK)
		rc = make_suite(r, o->suite, 0, &r->text, err);
	(void)snprintf(path, sizeof(path), "%.900s/shadow.yml", r->home);
	return rc == RC_OK ? load_own(r, o, path, buf_str(&r->text), err) :
	    rc;
}

/* Into the folder, and loaded anew: from there its trace is found. */
static int
put_suite(struct shadow_run *r, const struct shadow_run_opts *o,
    struct err *err)
{
	char path[1100];
	int rc;

	(void)snprintf(path, sizeof(path), "%.1000s/shadow.yml", r->run.dir);
	rc = replace_file(path, REPLACE_OWN, r->text.p, r->text.len, err);
	return rc == RC_OK ? load_own(r, o, path, NULL, err) : rc;
}

void
shadow_run_close(struct shadow_run *r)
{
	suite_free(r->user);
	suite_free(r->own);
	store_close(&r->store);
	buf_fini(&r->text);
}

/* ---- routes ------------------------------------------------------------ */

/* A path of the suite as a rule's: without query, placeholders as stars. */
static void
route_path(const char *path, char *out, size_t cap)
{
	const char *end;
	size_t n = 0;

	for (; *path != '\0' && *path != '?' && *path != '#' && n + 2 < cap;
	    path++) {
		end = strncmp(path, "{{", 2) == 0 ? strstr(path, "}}") : NULL;
		if (end == NULL) {
			out[n++] = *path;
			continue;
		}
		if (n == 0)
			out[n++] = '/';	/* {{target}}: any path */
		out[n++] = '*';
		path = end + 1;
	}
	out[n] = '\0';
}

static int
is_there(char *const *v, size_t n, const char *rule)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcmp(v[i], rule) == 0)
			return 1;
	}
	return 0;
}

size_t
shadow_run_routes(const struct shadow_run *r, char **out, size_t max)
{
	static const char *const methods[] = { "GET", "POST" };
	const struct suite *s = r->user;
	char path[ROUTE_MAX], rule[ROUTE_MAX + 8];
	const char *p;
	size_t n = 0, m;
	int a;

	for (a = 0; s != NULL && a < ARM_N; a++) {
		p = s->target[a].present && s->target[a].path != NULL ?
		    s->target[a].path : s->request_path;
		if (p == NULL)
			continue;
		route_path(p, path, sizeof(path));
		for (m = 0; m < 2 && n < max; m++) {
			(void)snprintf(rule, sizeof(rule), "%s %s",
			    methods[m], path);
			if (!is_there(out, n, rule) &&
			    (out[n] = strdup(rule)) != NULL)
				n++;
		}
	}
	return n;
}

/* ---- job.json ---------------------------------------------------------- */

int
shadow_run_note(struct shadow_run *r, const struct shadow_stats *st,
    struct err *err)
{
	struct job j;
	int a;

	memset(&j, 0, sizeof(j));
	job_opts_init(&j.opts);
	j.opts.set = *r->set;
	j.suite = r->own;
	j.run = r->run;
	for (a = 0; a < ARM_N; a++) {
		if (r->url[a] != NULL)
			(void)snprintf(j.label[a], sizeof(j.label[a]), "%s",
			    r->url[a]);
	}
	for (a = 0; a < ARM_N; a++)
		j.stats.sent += st->asked[a];
	j.stats.stop = ENGINE_DONE;
	j.stats.written = j.stats.observations = st->written;
	j.stats.planned = st->written;
	j.stats.elapsed_ns = mono_now_ns() - r->started_ns;
	return job_write_file(&j, err);
}

int
shadow_run_begin(struct shadow_run *r, const struct shadow_run_opts *o,
    struct err *err)
{
	const struct shadow_stats none = { 0 };
	int rc = store_open(r->home, &r->store, err);

	if (rc == RC_OK)
		rc = begin(r, o, err);
	if (rc == RC_OK)
		rc = put_suite(r, o, err);
	r->started_ns = mono_now_ns();
	/* a kill may come before the first second is over */
	return rc == RC_OK && !r->again ? shadow_run_note(r, &none, err) : rc;
}

/* The pairs whose questions are in the user's gold are judged by it, too. */
static int
join_gold(struct shadow_run *r, const struct shadow_run_opts *o,
    struct err *err)
{
	char path[1100];
	uint64_t known;
	int rc;

	if (r->user == NULL || r->user->cases_trace != NULL)
		return RC_OK;
	(void)snprintf(path, sizeof(path), "%.1000s/cases.jsonl", r->run.dir);
	rc = shadow_gold_write(r->own, r->user, path, &known, err);
	if (rc != RC_OK || known == 0)
		return rc;
	log_msg(LOG_INFO, "shadow", "%llu of the pairs ask what the suite's "
	    "cases ask and are judged by them", (unsigned long long)known);
	buf_reset(&r->text);
	rc = make_suite(r, o->suite, 1, &r->text, err);
	if (rc == RC_OK)
		rc = put_suite(r, o, err);
	return rc == RC_OK ? store_run_suite(r->store, r->run.id,
	    r->own->hash, err) : rc;
}

int
shadow_run_done(struct shadow_run *r, const struct shadow_run_opts *o,
    const struct shadow_stats *st, struct err *err)
{
	int rc = join_gold(r, o, err);

	if (rc == RC_OK)
		rc = shadow_run_note(r, st, err);

	return rc != RC_OK ? rc : store_run_state(r->store, r->run.id,
	    "replayed", err);
}
