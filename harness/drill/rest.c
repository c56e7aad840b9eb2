/* A stack at rest; see rest.h. */
#include "harness/drill/rest.h"

#include <stdio.h>
#include <string.h>

#include "harness/drill/steps.h"

int
rest_look(struct questions *q, struct rest *r, struct err *err)
{
	enum arm arm = drill_arm(q->d);
	int rc = phase_run(q, arm, q->n, 0, &r->once, err);

	return rc == RC_OK ? phase_run(q, arm, q->n, 0, &r->twice, err) : rc;
}

void
rest_fini(struct rest *r)
{
	phase_fini(&r->once);
	phase_fini(&r->twice);
}

int
rest_gives(const struct rest *r, const struct seen *v)
{
	const struct seen *a = &r->once.v[v->question];
	const struct seen *b = &r->twice.v[v->question];

	if (!a->usable || !b->usable || strcmp(a->ranking, b->ranking) != 0)
		return 1;
	return strcmp(a->ranking, v->ranking) == 0;
}

void
rest_answers(struct drill *d, const char *name, const struct rest *r,
    const char *cause)
{
	const struct phase *p = &r->once;

	(void)drill_check(d, name, (double)p->failed <=
	    d->suite->limits.errors * (double)p->n, cause, p->failed == 0 ?
	    "%zu of %zu questions" : "%zu of %zu questions; else %s",
	    p->n - p->failed, p->n, p->why);
}

void
rest_put(struct json *data, const char *name, const struct rest *r)
{
	char again[40];

	(void)snprintf(again, sizeof(again), "%.30s again", name);
	step_put_phase(data, name, &r->once);
	step_put_phase(data, again, &r->twice);
}

static int
rest_get(const struct json *data, const char *name, struct rest *r,
    struct err *err)
{
	char again[40];
	int rc = step_get_phase(data, name, &r->once, err);

	(void)snprintf(again, sizeof(again), "%.30s again", name);
	return rc == RC_OK ? step_get_phase(data, again, &r->twice, err) : rc;
}

int
rest_get_both(const struct json *data, struct rest *blue,
    struct rest *green, struct err *err)
{
	int rc = rest_get(data, "blue", blue, err);

	if (rc == RC_OK)
		rc = rest_get(data, "green", green, err);
	if (rc != RC_OK) {
		rest_fini(blue);
		rest_fini(green);
	}
	return rc;
}
