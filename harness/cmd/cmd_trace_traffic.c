/* The traffic in a trace; see cmd_trace_traffic.h. */
#include "harness/cmd/cmd_trace_traffic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/mono.h"
#include "harness/base/table.h"
#include "harness/cmd/cmd_page.h"
#include "harness/suite/question.h"
#include "harness/traffic/routes.h"

enum {
	SECONDS_MAX = 1 << 22,	/* of a trace, for its peak */
	TOP = 5, ROUTES_SHOWN = 12,
	QUESTIONS_MAX = 20000,	/* different ones */
	QUESTION_BYTES = 200
};

struct asked {
	uint64_t hash, n;
	char text[QUESTION_BYTES];
};

struct trace_traffic {
	struct routes routes;
	uint32_t *second;	/* exchanges sent in each */
	size_t n_seconds;
	uint64_t sent;
	int64_t first_ns, last_ns;
	struct asked *asked;
	size_t n_asked, cap_asked;
	struct table table;
	uint64_t questions, beyond;
	struct question_reader reader;
	struct extract_spec *spec;
};

struct trace_traffic *
trace_traffic_new(void)
{
	struct trace_traffic *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	routes_init(&t->routes);
	table_init(&t->table);
	question_reader_init(&t->reader);
	t->first_ns = t->last_ns = -1;
	t->spec = extract_new(NULL, NULL);
	if (t->spec != NULL)
		return t;
	trace_traffic_free(t);
	return NULL;
}

void
trace_traffic_free(struct trace_traffic *t)
{
	if (t == NULL)
		return;
	routes_fini(&t->routes);
	table_fini(&t->table);
	question_reader_fini(&t->reader);
	extract_free(t->spec);
	free(t->second);
	free(t->asked);
	free(t);
}

/* ---- counting ---- */

static int
add_second(struct trace_traffic *t, int64_t sent_ns)
{
	size_t s, n;
	uint32_t *v;

	if (sent_ns < 0)
		return RC_OK;
	t->sent++;
	if (t->first_ns < 0 || sent_ns < t->first_ns)
		t->first_ns = sent_ns;
	if (sent_ns > t->last_ns)
		t->last_ns = sent_ns;
	if (sent_ns / MONO_S >= SECONDS_MAX)
		return RC_OK;
	s = (size_t)(sent_ns / MONO_S);
	if (s >= t->n_seconds) {
		n = s < 64 ? 128 : s * 2;
		v = realloc(t->second, n * sizeof(*v));
		if (v == NULL)
			return RC_NOMEM;
		memset(v + t->n_seconds, 0, (n - t->n_seconds) * sizeof(*v));
		t->second = v;
		t->n_seconds = n;
	}
	t->second[s]++;
	return RC_OK;
}

static int
same(const void *ctx, const void *key, uint32_t at)
{
	return ((const struct trace_traffic *)ctx)->asked[at].hash ==
	    *(const uint64_t *)key;
}

static int
add_question(struct trace_traffic *t, const char *q, size_t n)
{
	uint64_t h = hash_table(q, n);
	uint32_t at = table_find(&t->table, h, same, t, &h);
	struct asked *v;

	t->questions++;
	if (at != TABLE_NONE) {
		t->asked[at].n++;
		return RC_OK;
	}
	if (t->n_asked == QUESTIONS_MAX) {
		t->beyond++;
		return RC_OK;
	}
	if (t->n_asked == t->cap_asked) {
		t->cap_asked = t->cap_asked == 0 ? 64 : t->cap_asked * 2;
		v = realloc(t->asked, t->cap_asked * sizeof(*v));
		if (v == NULL)
			return RC_NOMEM;
		t->asked = v;
	}
	if (table_room(&t->table, t->n_asked + 1) != 0)
		return RC_NOMEM;
	v = &t->asked[t->n_asked];
	v->hash = h;
	v->n = 1;
	(void)snprintf(v->text, sizeof(v->text), "%.*s",
	    (int)(n < QUESTION_BYTES ? n : QUESTION_BYTES - 1), q);
	table_put(&t->table, h, (uint32_t)t->n_asked++);
	return RC_OK;
}

int
trace_traffic_add(struct trace_traffic *t, const struct exchange *ex)
{
	struct route *r = routes_add(&t->routes, ex);
	struct json *body = NULL;
	const char *q;
	size_t n;
	int rc;

	if (r == NULL)
		return RC_NOMEM;
	rc = add_second(t, ex->sent_ns);
	q = question_of(&t->reader, t->spec, ex, &body, &n);
	if (rc == RC_OK && q != NULL) {
		r->questions++;
		rc = add_question(t, q, n);
	}
	json_free(body);
	return rc;
}

/* ---- telling ---- */

static uint32_t
peak(const struct trace_traffic *t)
{
	uint32_t most = 0;
	size_t i;

	for (i = 0; i < t->n_seconds; i++)
		most = t->second[i] > most ? t->second[i] : most;
	return most;
}

static double
rate(const struct trace_traffic *t)
{
	double s = (double)(t->last_ns - t->first_ns) / 1e9;

	return t->sent < 2 || s <= 0 ? 0 : (double)(t->sent - 1) / s;
}

static int
by_n(const void *a, const void *b)
{
	const struct route *x = *(const struct route *const *)a;
	const struct route *y = *(const struct route *const *)b;

	return x->n < y->n ? 1 : -(x->n > y->n);
}

/* The routes, the most used first; caller frees. */
static const struct route **
sorted(const struct trace_traffic *t)
{
	const struct route **v = calloc(t->routes.n + 1, sizeof(*v));
	size_t i;

	for (i = 0; v != NULL && i < t->routes.n; i++)
		v[i] = &t->routes.v[i];
	if (v != NULL && t->routes.n > 0)
		qsort(v, t->routes.n, sizeof(*v), by_n);
	return v;
}

static const struct asked *
nth(const struct trace_traffic *t, size_t k, const struct asked **before)
{
	const struct asked *best = NULL, *a;
	size_t i, m;

	for (i = 0; i < t->n_asked; i++) {
		a = &t->asked[i];
		for (m = 0; m < k && before[m] != a; m++)
			;
		if (m == k && (best == NULL || a->n > best->n))
			best = a;
	}
	return best;
}

static double
quantile_ms(const struct route *r, double q)
{
	return hist_n(r->total) == 0 ? 0 :
	    (double)hist_quantile(r->total, q) / 1e6;
}

static void
print_route(const struct route *r)
{
	char name[300];
	int i;

	(void)snprintf(name, sizeof(name), "%s %s", r->method, r->path);
	(void)printf("    %8llu  ", (unsigned long long)r->n);
	cmd_clip(14, name);
	(void)printf("             ");
	for (i = 0; i < 6; i++) {
		if (r->status[i] > 0 && i == 0)
			(void)printf(" none %llu",
			    (unsigned long long)r->status[i]);
		else if (r->status[i] > 0)
			(void)printf(" %dxx %llu", i,
			    (unsigned long long)r->status[i]);
	}
	if (hist_n(r->total) > 0)
		(void)printf("  p50 %.1f ms, p95 %.1f, p99 %.1f",
		    quantile_ms(r, .5), quantile_ms(r, .95),
		    quantile_ms(r, .99));
	(void)printf("\n");
}

void
trace_traffic_print(const struct trace_traffic *t)
{
	const struct asked *shown[TOP] = { NULL }, *a;
	const struct route **v = sorted(t);
	size_t i;

	if (t->sent > 1)
		(void)printf("  rate: %.2f a second in the mean, at most %u "
		    "in one\n", rate(t), peak(t));
	if (t->routes.n > 0 && v != NULL)
		(void)printf("  routes (ids within a path are *)\n");
	for (i = 0; v != NULL && i < t->routes.n && i < ROUTES_SHOWN; i++)
		print_route(v[i]);
	if (t->routes.n > ROUTES_SHOWN)
		(void)printf("    and %zu more\n", t->routes.n - ROUTES_SHOWN);
	free(v);
	if (t->questions > 0)
		(void)printf("  questions %llu, %zu different; most asked\n",
		    (unsigned long long)t->questions, t->n_asked);
	for (i = 0; i < TOP && (a = nth(t, i, shown)) != NULL; i++) {
		shown[i] = a;
		(void)printf("    %8llu  ", (unsigned long long)a->n);
		cmd_clip(14, a->text);
	}
}

static void
route_json(const struct route *r, struct json_out *o)
{
	char name[8];
	int i;

	json_out_obj(o);
	json_put_str(o, "method", r->method);
	json_put_str(o, "path", r->path);
	json_put_num(o, "exchanges", (double)r->n);
	json_put_num(o, "questions", (double)r->questions);
	json_out_key(o, "status");
	json_out_obj(o);
	for (i = 0; i < 6; i++) {
		(void)snprintf(name, sizeof(name), i == 0 ? "none" : "%dxx",
		    i);
		if (r->status[i] > 0)
			json_put_num(o, name, (double)r->status[i]);
	}
	json_out_end(o, '}');
	if (hist_n(r->total) > 0) {
		json_put_num(o, "p50_ms", quantile_ms(r, .5));
		json_put_num(o, "p95_ms", quantile_ms(r, .95));
		json_put_num(o, "p99_ms", quantile_ms(r, .99));
	}
	json_out_end(o, '}');
}

void
trace_traffic_json(const struct trace_traffic *t, struct json_out *o)
{
	const struct asked *shown[TOP] = { NULL }, *a;
	const struct route **v = sorted(t);
	size_t i;

	json_out_key(o, "rate");
	json_out_obj(o);
	json_put_num(o, "mean_per_s", rate(t));
	json_put_num(o, "peak_per_s", peak(t));
	json_out_end(o, '}');
	json_out_key(o, "routes");
	json_out_arr(o);
	for (i = 0; v != NULL && i < t->routes.n; i++)
		route_json(v[i], o);
	json_out_end(o, ']');
	free(v);
	json_out_key(o, "questions");
	json_out_obj(o);
	json_put_num(o, "exchanges", (double)t->questions);
	json_put_num(o, "different", (double)t->n_asked);
	json_out_key(o, "most_asked");
	json_out_arr(o);
	for (i = 0; i < TOP && (a = nth(t, i, shown)) != NULL; i++) {
		shown[i] = a;
		json_out_obj(o);
		json_put_str(o, "question", a->text);
		json_put_num(o, "asked", (double)a->n);
		json_out_end(o, '}');
	}
	json_out_end(o, ']');
	json_out_end(o, '}');
}
