/* A service's own queue wait; see queue_wait.h. */
#include "harness/drill/queue_wait.h"

#include <math.h>
#include <stdlib.h>

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

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

size_t
queue_wait_p95(const struct drill *d, const struct wave *w, double *ms)
{
	const char *text = json_str(drill_word(d, "queue_wait.at"));
	struct json_ptr *at = text == NULL ? NULL : json_ptr_new(text, NULL);
	double *v = calloc(w->n + 1, sizeof(*v)), one;
	const struct ask *a;
	size_t i, n = 0;

	*ms = 0;
	for (i = 0; v != NULL && i < w->n; i++) {
		a = w->v[i];
		if (a->status < 200 || a->status >= 300)
			continue;
		one = text == NULL ? in_header(d, a) : in_body(at, a);
		if (!isnan(one))
			v[n++] = one;
	}
	if (n > 0) {
		qsort(v, n, sizeof(*v), by_size);
		*ms = v[(n * 95 + 99) / 100 - 1];
	}
	json_ptr_free(at);
	free(v);
	return n;
}
