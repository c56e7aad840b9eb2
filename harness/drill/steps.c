/* A scenario in steps; see steps.h. */
#include "harness/drill/steps.h"

#include <stdio.h>
#include <string.h>

/* What the outcome has before a step, to tell what the step adds. */
struct mark {
	size_t checks, levers;
	uint64_t requests;
};

/* ---- what a step found, for the next time ------------------------------- */

static struct json *
tail_of(const struct json *list, size_t from)
{
	struct json *out = json_new(JSON_ARRAY);
	const struct json *m;
	size_t i = 0;

	for (m = json_first(list); m != NULL; m = json_next(m)) {
		if (i++ >= from)
			(void)json_push(out, json_copy(m));
	}
	return out;
}

static const char *const of_outcome[] = { "cause", "build", "pins",
	"gates", "run" };

enum { OF_OUTCOME = sizeof(of_outcome) / sizeof(of_outcome[0]) };

/* data  taken */
static int
keep(struct drill *d, const char *name, const struct mark *was, int last,
    struct json *data, struct err *err)
{
	struct json *line = json_new(JSON_OBJECT);
	size_t i;
	int rc;

	(void)json_set(line, "step", json_new_str(name));
	(void)json_set(line, "scenario",
	    json_copy(json_get(d->out, "name")));
	(void)json_set(line, "checks", tail_of(d->checks, was->checks));
	(void)json_set(line, "levers", tail_of(d->levers, was->levers));
	(void)json_set(line, "requests",
	    json_new_num((double)(d->requests - was->requests)));
	(void)json_set(line, "failed", json_new_bool(d->failed));
	(void)json_set(line, "last", json_new_bool(last));
	for (i = 0; i < OF_OUTCOME; i++) {
		if (json_get(d->out, of_outcome[i]) != NULL)
			(void)json_set(line, of_outcome[i],
			    json_copy(json_get(d->out, of_outcome[i])));
	}
	rc = json_set(line, "data", data);
	if (rc == RC_OK)
		rc = d->o->step(d->o->ctx, line, err);
	json_free(line);
	return rc;
}

static int
measure(struct drill *d, const struct step *s, void *ctx, struct err *err)
{
	const struct mark was = { json_size(d->checks), json_size(d->levers),
		d->requests };
	struct json *data = json_new(JSON_OBJECT);
	int rc = s->measure(ctx, data, err);
	int kept = RC_OK;

	/* what was stopped is not whole */
	if (rc >= RC_OK && !d->cannot && !drill_stopped(d) &&
	    d->o->step != NULL)
		kept = keep(d, s->name, &was, rc == STEP_LAST, data, err);
	else
		json_free(data);
	return kept == RC_OK ? rc : kept;
}

/* ---- what an interrupted drill found ------------------------------------ */

static void
add_all(struct json *to, const struct json *list)
{
	const struct json *m;

	for (m = json_first(list); m != NULL; m = json_next(m))
		(void)json_push(to, json_copy(m));
}

/* returns 1: the step was had, as it was left; 0: it has to be tried */
static int
take(struct drill *d, const struct step *s, void *ctx, int *last)
{
	const struct json *had = d->had_step;
	const char *name = json_get_str(had, "step");
	struct err why = ERR_INIT;
	size_t i;

	if (name == NULL || strcmp(name, s->name) != 0 ||
	    (s->restore != NULL && s->restore(ctx, json_get(had, "data"),
	    &why) != RC_OK)) {
		d->had_step = NULL;
		return 0;
	}
	add_all(d->checks, json_get(had, "checks"));
	add_all(d->levers, json_get(had, "levers"));
	atomic_fetch_add(&d->requests, (uint64_t)json_get_int(had,
	    "requests", 0));
	d->failed |= json_get_bool(had, "failed", 0);
	for (i = 0; i < OF_OUTCOME; i++) {
		if (json_get(had, of_outcome[i]) != NULL)
			(void)json_set(d->out, of_outcome[i],
			    json_copy(json_get(had, of_outcome[i])));
	}
	*last = json_get_bool(had, "last", 0);
	d->had_step = json_next(had);
	return 1;
}

/* The pins of the last step that saw any, or NULL. */
static const struct json *
pins_had(const struct drill *d)
{
	const struct json *m, *pins = NULL;

	for (m = d->had_step; m != NULL; m = json_next(m)) {
		if (json_get(m, "pins") != NULL)
			pins = json_get(m, "pins");
	}
	return pins;
}

/* Whether the stack has the pins that it had; one question tells. */
static int
same_stack(struct drill *d, int *same, struct err *err)
{
	const struct json *was = pins_had(d);
	struct questions q;
	struct reading r = { .pins = NULL };
	struct wave w;
	struct ask *a;
	int rc;

	*same = 1;
	if (was == NULL)
		return RC_OK;
	wave_init(&w, 1);
	rc = questions_init(&q, d, 1, err);
	if (rc == RC_OK) {
		a = wave_one(d, &w, questions_add(&q, &w, drill_arm(d), 0,
		    err), err);
		rc = a == NULL ? (int)err->code : reading_of(&q, a, &r, err);
		if (rc == RC_OK) {
			*same = json_equal(r.pins, was);
			reading_fini(&r);
		}
	}
	questions_fini(&q);
	wave_fini(&w);
	/* they are the outcome's once a step is taken or tried */
	json_free(json_take(d->out, "pins"));
	json_free(json_take(d->out, "build"));
	return rc;
}

/* An interrupted drill's steps are this scenario's, and of this stack. */
static int
begin(struct drill *d, int *other, struct err *err)
{
	const char *of = json_get_str(d->had_step, "scenario");
	const char *name = json_get_str(d->out, "name");
	int same = 1, rc = RC_OK;

	*other = 0;
	if (of == NULL || name == NULL || strcmp(of, name) != 0)
		d->had_step = NULL;
	if (d->had_step != NULL)
		rc = same_stack(d, &same, err);
	if (rc == RC_OK && !same) {
		*other = 1;
		d->had_step = NULL;
	}
	return rc;
}

/* ---- saying so ---------------------------------------------------------- */

void
steps_say_over(struct drill *d)
{
	if (!d->resumed)
		return;
	d->resumed = 0;
	(void)drill_check(d, "resumed", 1, NULL, "it was started over");
}

/* taken  names of steps, ", " between them; next: the first that was not */
static void
say(struct drill *d, const char *taken, const char *next, int other)
{
	if (!d->resumed)
		return;
	if (*taken == '\0' && !other) {
		steps_say_over(d);
		return;
	}
	d->resumed = 0;
	if (other)
		(void)drill_check(d, "resumed", 1, NULL, "it was started "
		    "over: the stack has other pins than when it was "
		    "interrupted");
	else if (next == NULL)
		(void)drill_check(d, "resumed", 1, NULL, "as measured before "
		    "it was interrupted: %s", taken);
	else
		(void)drill_check(d, "resumed", 1, NULL, "as measured before "
		    "it was interrupted: %s; started over from: %s", taken,
		    next);
}

int
steps_run(struct drill *d, const struct step *v, size_t n, void *ctx,
    struct err *err)
{
	struct buf taken;
	size_t i;
	int last = 0, other = 0, rc = begin(d, &other, err);

	buf_init(&taken, 1 << 16);
	for (i = 0; rc == RC_OK && i < n && !last && take(d, &v[i], ctx,
	    &last); i++)
		buf_printf(&taken, "%s%s", taken.len > 0 ? ", " : "",
		    v[i].name);
	if (rc == RC_OK)
		say(d, buf_str(&taken), i < n && !last ? v[i].name : NULL,
		    other);
	buf_fini(&taken);
	for (; rc == RC_OK && i < n && !last && !d->cannot; i++)
		rc = measure(d, &v[i], ctx, err);
	return rc == STEP_LAST ? RC_OK : rc;
}

int
steps_ask(struct drill *d, struct questions *q, const struct step *v,
    size_t n, void *ctx, struct err *err)
{
	int rc = questions_init(q, d, (size_t)drill_int(d, "requests"), err);

	if (rc == RC_OK)
		rc = steps_run(d, v, n, ctx, err);
	questions_fini(q);
	return rc;
}
