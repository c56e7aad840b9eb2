/* The scenarios of a suite, one after the other; see drill.h. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/mono.h"
#include "harness/drill/drill_journal.h"
#include "harness/drill/drill_rows.h"
#include "harness/drill/steps.h"
#include "harness/terms/guardrail.h"

enum { STATUS_PASS, STATUS_FAIL, STATUS_CANNOT, STATUS_REVIEW };

/* ---- one scenario ------------------------------------------------------- */

/* What a drill finds, its own guardrail prevents. */
static void
name_guardrail(struct drill *d)
{
	char text[120];

	if (json_get_str(d->out, "cause") == NULL || d->row == NULL)
		return;
	(void)snprintf(text, sizeof(text), "%d %s", d->row->guardrail,
	    guardrail_at(d->row->guardrail)->title);
	(void)json_set(d->out, "prevented_by", json_new_str(text));
}

static void
put_verdict(struct drill *d, int64_t begun_ns)
{
	size_t n = 0, failed = 0;
	const struct json *c;
	const char *v;
	char head[64];
	int64_t ms;

	for (c = json_first(d->checks); c != NULL; c = json_next(c)) {
		v = json_get_str(c, "verdict");
		n += strcmp(v, "NOT_JUDGED") != 0;
		failed += strcmp(v, "FAIL") == 0;
	}

	(void)json_set(d->out, "verdict", json_new_str(d->failed ? "FAIL" :
	    d->cannot ? "COULD NOT RUN" : "PASS"));
	if (failed > 0)
		(void)snprintf(head, sizeof(head), "%zu of %zu checks fail",
		    failed, n);
	else
		(void)snprintf(head, sizeof(head), "%zu check%s hold%s", n,
		    n == 1 ? "" : "s", n == 1 ? "s" : "");
	if (!d->cannot || d->failed)
		(void)json_set(d->out, "headline", json_new_str(head));
	name_guardrail(d);
	(void)json_set(d->out, "checks", d->checks);
	(void)json_set(d->out, "levers", d->levers);
	(void)json_set(d->out, "requests",
	    json_new_num((double)d->requests));
	ms = (mono_now_ns() - begun_ns) / MONO_MS;
	(void)json_set(d->out, "seconds", json_new_num((double)ms / 1e3));
	d->checks = d->levers = NULL;
}

static void
begin_scenario(struct drill *d, const char *name, const struct json *keys)
{
	d->scenario = keys;
	d->failed = d->cannot = 0;
	d->requests = 0;
	d->out = json_new(JSON_OBJECT);
	d->checks = json_new(JSON_ARRAY);
	d->levers = json_new(JSON_ARRAY);
	(void)json_set(d->out, "name", json_new_str(name));
	(void)json_set(d->out, "required",
	    json_new_bool(json_get_bool(keys, "required", 1)));
	if (d->row == NULL)
		return;
	(void)json_set(d->out, "drill", json_new_str(d->row->name));
	(void)json_set(d->out, "guardrail",
	    json_new_num(d->row->guardrail));
	(void)json_set(d->out, "title",
	    json_new_str(guardrail_at(d->row->guardrail)->title));
}

/* Whether an interrupted drill has finished it: then it is taken as it was. */
static int
was_had(struct drill *d, const char *name, struct json *list)
{
	const char *had = json_get_str(d->had, "name");

	if (had == NULL || strcmp(had, name) != 0)
		return 0;
	(void)json_push(list, json_copy(d->had));
	d->had = json_next(d->had);
	return 1;
}

static int
tell_done(struct drill *d, struct err *err)
{
	return drill_stopped(d) || d->o->done == NULL ? RC_OK :
	    d->o->done(d->o->ctx, d->out, err);
}

/* Tries one; an error of our own ends it, not the others. */
static int
scenario(struct drill *d, const char *name, const struct json *keys,
    struct json *list, struct err *err)
{
	const char *as = json_get_str(keys, "drill");
	int64_t begun = mono_now_ns();
	struct err own = ERR_INIT;
	int rc = RC_OK;

	if (was_had(d, name, list))
		return RC_OK;
	d->row = drill_find(as != NULL ? as : name);
	begin_scenario(d, name, keys);
	if (d->row == NULL)
		drill_needs(d, "no drill is called \"%.60s\"; lockstep drill "
		    "--help lists them", name);
	else if (d->row->fn != drill_calendar &&
	    d->row->fn != drill_communication &&
	    d->stack[drill_arm(d)].url == NULL)
		drill_needs(d, "needs a stack: --candidate URL");
	else
		rc = d->row->fn(d, &own);
	if (rc != RC_OK)
		drill_needs(d, "%s", own.msg);
	steps_say_over(d);
	d->had_step = NULL;
	lever_undo_all(d);
	put_verdict(d, begun);
	if (json_push(list, d->out) != RC_OK)
		return err_set(err, RC_NOMEM, "out of memory");
	return tell_done(d, err);
}

/* ---- all of them -------------------------------------------------------- */

static int
wanted(const struct drill *d, const char *name, const char *drill)
{
	size_t i;

	for (i = 0; i < d->o->n_only; i++) {
		if (strcmp(d->o->only[i], name) == 0 ||
		    (drill != NULL && strcmp(d->o->only[i], drill) == 0))
			return 1;
	}
	return d->o->n_only == 0;
}

static int
all(struct drill *d, struct json *list, struct err *err)
{
	const struct json *s = json_first(drill_word(d, "scenarios"));
	const struct drill_row *r;
	const char *name;
	size_t i;
	int rc = RC_OK;

	if (s == NULL) {
		for (i = 0; rc == RC_OK && !drill_stopped(d) &&
		    (r = drill_meant(d->suite, i)) != NULL; i++) {
			if (wanted(d, r->name, NULL))
				rc = scenario(d, r->name, NULL, list, err);
		}
		return rc;
	}
	for (; s != NULL && rc == RC_OK && !drill_stopped(d);
	    s = json_next(s)) {
		name = json_get_str(s, "name");
		if (name == NULL)
			name = json_get_str(s, "drill");
		if (name == NULL)
			name = "?";
		r = drill_find(name);
		if (wanted(d, name, r == NULL ? NULL : r->name))
			rc = scenario(d, name, s, list, err);
	}
	return rc;
}

static int
status_of(const struct json *list)
{
	const struct json *s;
	int failed = 0, cannot = 0, review = 0, required;
	const char *v;

	for (s = json_first(list); s != NULL; s = json_next(s)) {
		v = json_get_str(s, "verdict");
		required = json_get_bool(s, "required", 1);
		failed |= required && strcmp(v, "FAIL") == 0;
		cannot |= required && strcmp(v, "COULD NOT RUN") == 0;
		review |= !required && strcmp(v, "PASS") != 0;
	}
	return failed ? STATUS_FAIL : cannot ? STATUS_CANNOT :
	    review ? STATUS_REVIEW : STATUS_PASS;
}

static const char *const verdicts[] = { "PASS", "FAIL", "COULD NOT RUN",
	"REVIEW" };

/* A setting may hold a secret: the journal does not keep those. */
static int
is_secret(const char *set)
{
	return strstr(set, "header") != NULL || strstr(set, "auth") != NULL;
}

static struct json *
how_to_load(const struct drill_opts *o, const struct drill *d)
{
	struct json *how = json_new(JSON_OBJECT);
	struct json *set = json_new(JSON_ARRAY);
	struct json *urls = json_new(JSON_OBJECT);
	char real[PATH_MAX];
	size_t i;

	(void)json_set(how, "suite", json_new_str(
	    realpath(o->path, real) != NULL ? real : o->path));
	if (o->with != NULL)
		(void)json_set(how, "with", json_new_str(
		    realpath(o->with, real) != NULL ? real : o->with));
	for (i = 0; i < o->n_set; i++) {
		if (!is_secret(o->set[i]))
			(void)json_push(set, json_new_str(o->set[i]));
	}
	(void)json_set(how, "set", set);
	for (i = 0; i <= ARM_CANDIDATE; i++) {
		if (d->stack[i].url != NULL)
			(void)json_set(urls, arm_name((enum arm)i),
			    json_new_str(d->stack[i].url));
	}
	(void)json_set(how, "urls", urls);
	return how;
}

static int
finish(struct drill *d, struct json *list, struct json **out,
    struct err *err)
{
	struct json *doc;
	int status;

	if (json_first(list) == NULL) {
		json_free(list);
		return drill_stopped(d) ? err_set(err, RC_USAGE, "stopped") :
		    err_set(err, RC_USAGE, "%s: nothing to drill%s; a suite "
		    "names drills under `scenarios` (lockstep drill --help "
		    "lists them)", d->suite->path, d->o->n_only > 0 ?
		    " is called like that" : "");
	}
	status = drill_stopped(d) ? STATUS_CANNOT : status_of(list);
	doc = json_new(JSON_OBJECT);
	(void)json_set(doc, "id", json_new_str(d->id));
	(void)json_set(doc, "verdict", json_new_str(verdicts[status]));
	(void)json_set(doc, "exit_status", json_new_num(status));
	if (json_set(doc, "scenarios", list) != RC_OK) {
		json_free(doc);
		return err_set(err, RC_NOMEM, "out of memory");
	}
	*out = doc;
	return RC_OK;
}

int
drill_run(const struct drill_opts *o, struct json **out, struct err *err)
{
	struct json *list = json_new(JSON_ARRAY), *how = NULL;
	unsigned char r[6];
	struct drill d;
	int rc;

	*out = NULL;
	memset(&d, 0, sizeof(d));
	d.o = o;
	d.suite = o->suite;
	d.words = o->suite->drills;
	d.seed = o->suite->seed;
	d.had = json_first(o->had);
	d.had_step = json_first(o->had_steps);
	d.resumed = o->had != NULL;
	hash_random(r, sizeof(r));
	(void)snprintf(d.id, sizeof(d.id), "drill-%02x%02x%02x%02x%02x%02x",
	    r[0], r[1], r[2], r[3], r[4], r[5]);
	rc = stacks_open(&d, err);
	if (rc == RC_OK) {
		how = how_to_load(o, &d);
		rc = journal_open(o->home, how, &d.journal, err);
	}
	if (rc == RC_OK && o->begin != NULL)
		rc = o->begin(o->ctx, err);
	if (rc == RC_OK)
		rc = all(&d, list, err);
	if (rc == RC_OK)
		rc = finish(&d, list, out, err);
	else
		json_free(list);
	journal_close(&d.journal);
	stacks_close(&d);
	json_free(how);
	return rc;
}
