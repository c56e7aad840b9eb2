/* Levers: commands and requests of the user's own; see drill_part.h. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "harness/base/child.h"
#include "harness/base/mono.h"
#include "harness/drill/drill_journal.h"
#include "harness/drill/drill_part.h"
#include "harness/drill/lever_act.h"

enum { NAME_MAX_BYTES = 128 };

static const struct json *
lever_of(const struct drill *d, const char *name)
{
	return json_get(drill_word(d, "levers"), name);
}

int
lever_has(const struct drill *d, const char *name)
{
	return lever_of(d, name) != NULL;
}

int
lever_has_undo(const struct drill *d, const char *name)
{
	return json_get(lever_of(d, name), "undo") != NULL;
}

int
lever_must_undo(const struct drill *d, const char *name, struct err *err)
{
	return lever_has_undo(d, name) ? RC_OK : err_set(err, RC_USAGE,
	    "needs levers.%s with its undo: levers: {%s: {exec: COMMAND, "
	    "undo: {exec: COMMAND}}}", name, name);
}

static void
note(struct drill *d, const char *name, const char *what, int64_t ns,
    const char *why)
{
	struct json *j = json_new(JSON_OBJECT);

	(void)json_set(j, "lever", json_new_str(name));
	(void)json_set(j, "did", json_new_str(what));
	ns /= 1000;
	(void)json_set(j, "ms", json_new_num((double)ns / 1e3));
	if (why != NULL)
		(void)json_set(j, "error", json_new_str(why));
	(void)json_push(d->levers, j);
}

static int
timed(struct drill *d, const char *name, const char *what,
    const struct json *act, const struct json *lever, struct err *err)
{
	struct err own = ERR_INIT;
	int64_t begun = mono_now_ns();
	int rc = lever_act(d, act, lever, &own);

	note(d, name, what, mono_now_ns() - begun, rc == RC_OK ? NULL :
	    own.msg);
	return rc == RC_OK ? rc : err_set(err, rc, "lever %.60s, %s: "
	    "%.300s", name, what, own.msg);
}

/* Whether what was changed outlives this drill when it is killed: a stack
 * that the suite starts dies with it. */
static int
outlives(const struct drill *d, const struct json *undo)
{
	return json_get(undo, "exec") != NULL ||
	    d->stack[drill_arm(d)].t->start == NULL;
}

int
lever_pull(struct drill *d, const char *name, struct err *err)
{
	const struct json *lever = lever_of(d, name);
	const struct json *undo = json_get(lever, "undo");
	int rc = RC_OK;

	if (lever == NULL)
		return err_set(err, RC_USAGE, "the suite has no lever %s",
		    name);
	if (undo != NULL)
		rc = journal_add(d->journal, name, outlives(d, undo), err);
	if (rc != RC_OK)
		return rc;
	rc = timed(d, name, "pulled", lever, lever, err);
	/* what the service refuses has changed nothing */
	if (rc == RC_FORMAT)
		(void)journal_drop(d->journal, name, NULL);
	return rc;
}

int
lever_takes_weight(const struct drill *d, const char *name)
{
	return lever_act_has_weight(lever_of(d, name));
}

int
lever_pull_at(struct drill *d, const char *name, double weight,
    struct err *err)
{
	int rc;

	d->weight = weight;
	rc = lever_pull(d, name, err);
	d->weight = 0;
	return rc;
}

int
lever_undo(struct drill *d, const char *name, struct err *err)
{
	const struct json *lever = lever_of(d, name);
	const struct json *undo = json_get(lever, "undo");
	int rc;

	if (undo == NULL || !journal_has(d->journal, name))
		return RC_OK;
	rc = timed(d, name, "taken back", undo, lever, err);
	if (rc == RC_OK)
		rc = journal_drop(d->journal, name, err);
	return rc;
}

void
lever_undo_all(struct drill *d)
{
	char name[NAME_MAX_BYTES];
	struct err err = ERR_INIT;
	size_t i, n = journal_n(d->journal);

	for (i = n; i-- > 0;) {
		(void)snprintf(name, sizeof(name), "%s",
		    journal_at(d->journal, i));
		if (lever_undo(d, name, &err) != RC_OK)
			(void)drill_check(d, "the state it was in", 0, NULL,
			    "%s; the next drill tries again", err.msg);
		memset(&err, 0, sizeof(err));
	}
}
