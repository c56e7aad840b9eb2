/* A service's own queue wait; see queue_wait.h. */
#include "harness/drill/queue_wait.h"

#include <math.h>
#include <stdlib.h>

#include "harness/drill/quantiles.h"

/* What is longer than a day is no wait. */
#define MS_MAX 86400e3

int
queue_wait_named(const struct drill *d)
{
	return drill_word(d, "queue_wait.header") != NULL ||
	    drill_word(d, "queue_wait.at") != NULL;
}

/* NaN: it does not say. */
static double
in_header(const struct drill *d, const struct ask *a)
{
	const char *name = json_str(drill_word(d, "queue_wait.header"));
	const char *v = name == NULL ? NULL : ask_answer_header(a, name);
	char *end;
	double ms = v == NULL ? NAN : strtod(v, &end);

	return v == NULL || end == v || !isfinite(ms) || ms < 0 ? NAN : ms;
}

static double
in_body(const struct json_ptr *at, const struct ask *a)
{
	struct json *j = at == NULL ? NULL : ask_json(a);
	double ms = json_num(json_ptr_find(at, j), NAN);

	json_free(j);
	return ms >= 0 ? ms : NAN;
}

size_t
queue_wait_p95(const struct drill *d, const struct wave *w, double *ms)
{
	const char *text = json_str(drill_word(d, "queue_wait.at"));
	struct json_ptr *at = text == NULL ? NULL : json_ptr_new(text, NULL);
	int64_t *v = calloc(w->n + 1, sizeof(*v)), p50, p95;
	double one;
	const struct ask *a;
	size_t i, n = 0;

	for (i = 0; v != NULL && i < w->n; i++) {
		a = w->v[i];
		if (a->status < 200 || a->status >= 300)
			continue;
		one = text == NULL ? in_header(d, a) : in_body(at, a);
		if (one >= 0 && one < MS_MAX)
			v[n++] = (int64_t)(one * 1e6);
	}
	quantiles(v, n, &p50, &p95);
	*ms = (double)p95 / 1e6;
	json_ptr_free(at);
	free(v);
	return n;
}
