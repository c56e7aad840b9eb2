/* The first good answer after a lever; see first_good.h. */
#include "harness/drill/first_good.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/mono.h"

#define PAUSE_NS (50 * MONO_MS)

static int
is_good(struct first_good *f, const struct reading *r)
{
	int same = strcmp(reading_pin(r, "INDEX_HASH"), f->index) == 0;

	if (!r->usable)
		(void)snprintf(f->why, sizeof(f->why), "%.150s", r->why);
	else if (r->covered < r->expected)
		(void)snprintf(f->why, sizeof(f->why), "%d of %d expected "
		    "sections", r->covered, r->expected);
	else if (*f->index != '\0' && same == f->other)
		(void)snprintf(f->why, sizeof(f->why), "INDEX_HASH is %s "
		    "%.60s", f->other ? "still" : "not", f->index);
	else
		return 1;
	return 0;
}

/* One question, at most left_ns long. *usable: whether its answer is */
static int
try(struct questions *q, struct first_good *f, size_t i, int64_t left_ns,
    int fresh, int *usable, struct err *err)
{
	struct reading r;
	struct wave w;
	struct ask *a;
	int rc;

	wave_init(&w, 1);
	a = questions_add(q, &w, drill_arm(q->d), i % q->n, err);
	if (a != NULL) {
		ask_header(&w, a, "Cache-Control", fresh ? "no-cache" : NULL);
		a->deadline_ns = left_ns;
		a = wave_one(q->d, &w, a, err);
	}
	rc = a == NULL ? (int)err->code : reading_of(q, a, &r, err);
	f->took_ns = mono_now_ns() - f->begun_ns;
	if (a != NULL) {
		*usable = r.usable;
		f->good = rc == RC_OK && is_good(f, &r);
		reading_fini(&r);
	}
	wave_fini(&w);
	return rc;
}

/* fresh  1: past the cache, until one is good; 0: until one is usable */
static int
poll(struct questions *q, struct first_good *f, int fresh, struct err *err)
{
	int64_t limit = drill_time(q->d, "first_good_within");
	int usable = 0, rc = RC_OK;
	size_t i;

	f->took_ns = mono_now_ns() - f->begun_ns;
	for (i = 0; rc == RC_OK && !f->good && (fresh || !usable) &&
	    f->took_ns < limit && !drill_stopped(q->d); i++) {
		if (i > 0)
			mono_sleep_until_ns(mono_now_ns() + PAUSE_NS);
		rc = try(q, f, i, limit - f->took_ns, fresh, &usable, err);
	}
	return rc;
}

int
first_good_wait(struct questions *q, struct first_good *f, struct err *err)
{
	return poll(q, f, 0, err);
}

int
first_good_tell(struct questions *q, struct first_good *f, struct err *err)
{
	double limit_s = (double)drill_time(q->d, "first_good_within") / 1e9;
	double s;
	char name[80];
	int rc = f->good ? RC_OK : poll(q, f, 1, err);

	if (rc != RC_OK || drill_stopped(q->d))
		return rc;
	s = (double)f->took_ns / 1e9;
	(void)snprintf(name, sizeof(name), "first good answer after %.40s",
	    f->after);
	if (f->good && s <= limit_s)
		(void)drill_check(q->d, name, 1, NULL, "%.3f s; limit %.3g s",
		    s, limit_s);
	else
		(void)drill_check(q->d, name, 0, "boot ordering", "none "
		    "within %.3g s: %s", limit_s, f->good ? "it came later" :
		    *f->why == '\0' ? "none was asked for" : f->why);
	return RC_OK;
}
