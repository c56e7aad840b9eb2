/*
 * Guardrail 17: nothing is lost on the way to a new store. Counts and
 * checksums of every table or collection are equal on both, the suite's gates
 * (profile: migration) see no drift, and the way back loses nothing either.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/child.h"
#include "harness/base/mono.h"
#include "harness/drill/gates.h"
#include "harness/drill/steps.h"

static const char loss[] = "data loss";

enum { OUTPUT_MAX = 16 << 20 };
#define LIMIT_NS (600 * MONO_S)

/* What a store says of itself: an object of tables; NULL with an error. */
static struct json *
by_request(struct drill *d, enum arm arm, const char *path, struct err *err)
{
	struct json *j = NULL;
	char say[160];
	struct wave w;
	struct ask *a;

	wave_init(&w, 1);
	a = wave_one(d, &w, wave_add(d, &w, arm, "GET", path, NULL), err);
	if (a != NULL && a->status == 200)
		j = ask_json(a);
	if (a != NULL && j == NULL)
		(void)err_set(err, RC_USAGE, "%s: %s answered %s, not 200 "
		    "with JSON", arm_name(arm), path, ask_say(a, say));
	wave_fini(&w);
	return j;
}

static struct json *
by_command(const struct drill *d, enum arm arm, const char *command,
    struct err *err)
{
	struct json *j = NULL;
	struct buf out;
	int status = 0;

	/* one thread. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	(void)setenv("LOCKSTEP_STACK", d->stack[arm].url, 1);
	buf_init(&out, OUTPUT_MAX);
	if (child_output(command, LIMIT_NS, &out, &status, err) == RC_OK) {
		j = status == 0 ? json_parse(buf_str(&out), out.len, NULL) :
		    NULL;
		if (j == NULL)
			(void)err_set(err, RC_USAGE, "%s: `%.120s` printed no "
			    "JSON", arm_name(arm), command);
	}
	buf_fini(&out);
	return j;
}

static struct json *
tables_of(struct drill *d, enum arm arm, const struct json *t,
    struct err *err)
{
	const char *command = json_get_str(t, "exec");
	const char *path = json_get_str(t, "path");
	const char *at = json_get_str(t, "at");
	struct json *all = command != NULL ?
	    by_command(d, arm, command, err) : path != NULL ?
	    by_request(d, arm, path, err) : NULL, *part;
	struct json_ptr *p;

	if (all == NULL) {
		(void)err_set(err, RC_USAGE, "a table has neither exec nor "
		    "path");
		return NULL;
	}
	if (at == NULL)
		return all;
	p = json_ptr_new(at, err);
	part = json_copy(json_ptr_find(p, all));
	json_ptr_free(p);
	json_free(all);
	if (part == NULL || json_kind(part) == JSON_NONE)
		(void)err_set(err, RC_USAGE, "%s: nothing at %s",
		    arm_name(arm), at);
	return part;
}

static void
word(const struct json *j, char out[80])
{
	struct buf b;

	buf_init(&b, 1 << 20);
	if (j != NULL)
		json_write(&b, j);
	(void)snprintf(out, 80, "%.70s", j == NULL ? "none" : buf_str(&b));
	buf_fini(&b);
}

/* Every table of the old store in the new one. */
static void
compare(struct drill *d, const char *name, const struct json *from,
    const struct json *to)
{
	const struct json *m;
	size_t n = 0, differ = 0;
	double had = 0, has = 0;
	char seen[300] = "", a[80], b[80];

	if (json_kind(from) != JSON_OBJECT) {
		word(from, a);
		word(to, b);
		(void)drill_check(d, name, json_equal(from, to), loss, "%s, "
		    "then %s", a, b);
		return;
	}
	for (m = json_first(from); m != NULL; m = json_next(m), n++) {
		had += json_num(m, 0);
		has += json_num(json_get(to, json_key(m)), 0);
		if (json_equal(m, json_get(to, json_key(m))) ||
		    differ++ > 0)
			continue;
		word(m, a);
		word(json_get(to, json_key(m)), b);
		(void)snprintf(seen, sizeof(seen), "; %.100s: %s, then %s",
		    json_key(m), a, b);
	}
	if (had > 0)
		(void)drill_check(d, name, differ == 0 && n > 0, loss,
		    "%zu of %zu differ, %.4g %% are there%s", differ, n,
		    has / had * 100, seen);
	else
		(void)drill_check(d, name, differ == 0 && n > 0, loss,
		    "%zu of %zu differ%s", differ, n, seen);
}

/* One table on both. *was: of the old store, caller frees; or NULL */
static int
table(struct drill *d, const struct json *t, struct json **was,
    struct err *err)
{
	const char *name = json_get_str(t, "name");
	struct json *to;

	*was = tables_of(d, ARM_BASELINE, t, err);
	to = *was == NULL ? NULL : tables_of(d, ARM_CANDIDATE, t, err);
	if (to != NULL)
		compare(d, name == NULL ? "table" : name, *was, to);
	json_free(to);
	return to == NULL ? (int)err->code : RC_OK;
}

/* was  takes what the old store had, a table each; caller frees */
static int
tables(struct drill *d, struct json *was, struct err *err)
{
	const struct json *t = json_first(drill_word(d, "tables"));
	struct json *one;
	int rc = RC_OK;

	if (t == NULL)
		drill_skip(d, "counts and checksums", "needs how to count: "
		    "tables: [{name: documents, path: /PATH, at: POINTER}], "
		    "or {exec: COMMAND} with $LOCKSTEP_STACK");
	for (; t != NULL && rc == RC_OK; t = json_next(t)) {
		rc = table(d, t, &one, err);
		if (one != NULL && json_push(was, one) != RC_OK)
			rc = err_set(err, RC_NOMEM, "out of memory");
	}
	return rc;
}

/* ---- the way back ------------------------------------------------------- */

static int
tables_again(struct drill *d, const struct json *was, struct err *err)
{
	const struct json *t = json_first(drill_word(d, "tables"));
	const struct json *w = json_first(was);
	struct json *now;
	char name[120];

	for (; t != NULL && w != NULL; t = json_next(t), w = json_next(w)) {
		now = tables_of(d, ARM_BASELINE, t, err);
		if (now == NULL)
			return err->code;
		(void)snprintf(name, sizeof(name), "%.80s, taken back",
		    json_get_str(t, "name") == NULL ? "table" :
		    json_get_str(t, "name"));
		compare(d, name, w, now);
		json_free(now);
	}
	return RC_OK;
}

/* The old store after the way back: its tables and its answers. */
static int
after_back(struct drill *d, struct questions *q, const struct phase *before,
    const struct json *was, struct err *err)
{
	struct phase after = { .n = 0 };
	size_t n = 0, first = 0;
	int rc = tables_again(d, was, err);

	if (rc == RC_OK)
		rc = phase_run(q, ARM_BASELINE, q->n, 0, &after, err);
	if (rc == RC_OK) {
		phase_differ(before, &after, &n, &first);
		(void)drill_check(d, "answers, taken back", n == 0 &&
		    after.failed <= before->failed, loss, "%zu of %zu "
		    "questions have other passages than before, %zu fail", n,
		    after.n, after.failed);
	}
	phase_fini(&after);
	return rc;
}

static int
and_back(struct drill *d, const struct json *was, struct err *err)
{
	struct phase before = { .n = 0 };
	struct questions q;
	int rc;

	if (!lever_has(d, "migrate_back")) {
		drill_skip(d, "the way back", "needs levers.migrate_back, "
		    "which brings the new store's data to the old one");
		return RC_OK;
	}
	rc = questions_init(&q, d, (size_t)drill_int(d, "requests"), err);
	if (rc == RC_OK)
		rc = phase_run(&q, ARM_BASELINE, q.n, 0, &before, err);
	if (rc == RC_OK)
		rc = lever_pull(d, "migrate_back", err);
	if (rc == RC_OK)
		rc = after_back(d, &q, &before, was, err);
	if (rc == RC_OK)
		rc = lever_undo(d, "migrate_back", err);
	phase_fini(&before);
	questions_fini(&q);
	return rc;
}

/* ---- its steps ---------------------------------------------------------- */

struct migration {
	struct drill *d;
	struct json *was;	/* what the old store had, a table each */
};

static int
counts(void *ctx, struct json *data, struct err *err)
{
	struct migration *m = ctx;
	int rc = tables(m->d, m->was, err);

	if (rc == RC_OK)
		(void)json_set(data, "was", json_copy(m->was));
	return rc;
}

static int
counts_had(void *ctx, const struct json *data, struct err *err)
{
	struct migration *m = ctx;

	if (json_kind(json_get(data, "was")) != JSON_ARRAY)
		return err_set(err, RC_FORMAT, "counts were not kept");
	json_free(m->was);
	m->was = json_copy(json_get(data, "was"));
	return RC_OK;
}

static int
gates(void *ctx, struct json *data, struct err *err)
{
	struct migration *m = ctx;

	(void)data;
	return gates_check(m->d, "answers drift no more than allowed", err);
}

static int
way_back(void *ctx, struct json *data, struct err *err)
{
	struct migration *m = ctx;

	(void)data;
	return and_back(m->d, m->was, err);
}

static const struct step steps[] = {
	{ "counts and checksums", counts, counts_had },
	{ "the gates", gates, NULL },
	{ "the way back", way_back, NULL },
};

int
drill_migration(struct drill *d, struct err *err)
{
	struct migration m = { .d = d };
	int rc;

	if (d->stack[ARM_BASELINE].url == NULL ||
	    d->stack[ARM_CANDIDATE].url == NULL)
		return err_set(err, RC_USAGE, "needs the old store and the "
		    "new one: --baseline URL --candidate URL");
	m.was = json_new(JSON_ARRAY);
	rc = steps_run(d, steps, sizeof(steps) / sizeof(steps[0]), &m, err);
	json_free(m.was);
	return rc;
}
