/*
 * The state's file: one JSON document of all that the evidence is made of.
 * Numbers are written as the shortest decimals that read back the same, so a
 * run that was stopped and resumed goes on as if it had not been.  See
 * live_part.h.
 */
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/replace.h"
#include "harness/judge/live_part.h"

enum { STATE_VERSION = 2, STATE_MAX = 16 << 20 };

/* ---- fields ------------------------------------------------------------ */

/*
 * What a struct's numbers are: written and read by one table, in order, as an
 * array of them.
 */
enum kind { U64, I64, DBL, INT };
struct field {
	size_t at;
	enum kind kind;
	size_t n;
};
#define FIELD(type, member, kind, n) { offsetof(struct type, member), kind, n }

static const struct field of_proc[] = {
	FIELD(live_proc, pairs, U64, 1), FIELD(live_proc, differ, U64, 1),
	FIELD(live_proc, echoed, U64, 1), FIELD(live_proc, pos, U64, 1),
	FIELD(live_proc, neg, U64, 1), FIELD(live_proc, both, U64, 1),
	FIELD(live_proc, sum, DBL, 1), FIELD(live_proc, square, DBL, 1),
	FIELD(live_proc, base, DBL, 1), FIELD(live_proc, cand, DBL, 1),
	FIELD(live_proc, levels, U64, 1),
	FIELD(live_proc, alone, U64, 1), FIELD(live_proc, alone_bad, U64, 1),
	FIELD(live_proc, size, DBL, STAT_SYMMETRY_SCALES), { 0, U64, 0 } };
static const struct field of_series[] = {
	FIELD(live_series, life, DBL, STAT_SYMMETRY_SCALES),
	FIELD(live_series, window, DBL, STAT_SYMMETRY_SCALES),
	FIELD(live_series, of.n, U64, 1), FIELD(live_series, of.sum, DBL, 1),
	FIELD(live_series, of.square, DBL, 1),
	FIELD(live_series, of_window.n, U64, 1),
	FIELD(live_series, of_window.sum, DBL, 1),
	FIELD(live_series, of_window.square, DBL, 1), { 0, U64, 0 } };
static const struct field of_level[] = {
	FIELD(live_level, at, I64, 1), FIELD(live_level, open_n, U64, 1),
	FIELD(live_level, open_sum, DBL, 1),
	FIELD(live_level, open_net, DBL, 1), FIELD(live_level, n, U64, 1),
	FIELD(live_level, sum, DBL, 1), FIELD(live_level, square, DBL, 1),
	FIELD(live_level, cross, DBL, 1), FIELD(live_level, last, DBL, 1),
	FIELD(live_level, window_n, U64, 1),
	FIELD(live_level, windows, U64, 1), { 0, U64, 0 } };
static const struct field of_time[] = {
	FIELD(live_time, chosen, INT, 1), FIELD(live_time, grown, INT, 1),
	FIELD(live_time, closed, INT, 1), FIELD(live_time, pairs, U64, 1),
	{ 0, U64, 0 } };
static const struct field of_live[] = {
	FIELD(live, pairs, U64, 1), FIELD(live, alone, U64, 1),
	FIELD(live, compared, U64, 1), FIELD(live, differ, U64, 1),
	FIELD(live, echoes, U64, 1), FIELD(live, cached, U64, 1),
	FIELD(live, self_differ, U64, 1), FIELD(live, windows, U64, 1),
	FIELD(live, window_pairs, U64, 1), FIELD(live, resumed, U64, 1),
	FIELD(live, sent, U64, 3), FIELD(live, answered, U64, 3),
	FIELD(live, outcomes, U64, (size_t)3 * OUTCOME_N),
	FIELD(live, began_wall_ns, I64, 1), FIELD(live, last_ns, I64, 1),
	FIELD(live, window_at_ns, I64, 1), { 0, U64, 0 } };
static const struct field of_pin[] = {
	FIELD(live_pin, n, U64, 2), FIELD(live_pin, other, U64, 2),
	FIELD(live_pin, told, INT, 1), { 0, U64, 0 } };

static size_t
size_of(enum kind k)
{
	return k == INT ? sizeof(int) : 8;
}

static void
put_one(struct json_out *o, const void *p, enum kind k)
{
	uint64_t u;
	char text[24];

	switch (k) {
	case U64:
		memcpy(&u, p, sizeof(u));
		(void)snprintf(text, sizeof(text), "%llu",
		    (unsigned long long)u);
		json_out_raw(o, text, strlen(text));
		return;
	case I64:
		json_out_int(o, *(const int64_t *)p);
		return;
	case DBL:
		json_out_num(o, *(const double *)p);
		return;
	default:
		json_out_int(o, *(const int *)p);
	}
}

static void
put(struct json_out *o, const struct field *f, const void *from)
{
	size_t i;

	json_out_arr(o);
	for (; f->n > 0; f++) {
		for (i = 0; i < f->n; i++)
			put_one(o, (const char *)from + f->at +
			    i * size_of(f->kind), f->kind);
	}
	json_out_end(o, ']');
}

/* returns 0, or -1: the number is none that was written */
static int
get_one(const struct json *j, void *p, enum kind k)
{
	const char *digits = json_digits(j);
	int64_t i = json_int(j, 0);
	double d = json_num(j, NAN);
	uint64_t u;

	if (digits == NULL)
		return -1;
	switch (k) {
	case U64:
		errno = 0;
		u = strtoull(digits, NULL, 10);
		if (*digits == '-' || errno != 0)
			return -1;
		memcpy(p, &u, sizeof(u));
		return 0;
	case I64:
		memcpy(p, &i, sizeof(i));
		return 0;
	case DBL:
		memcpy(p, &d, sizeof(d));
		return isfinite(d) ? 0 : -1;
	default:
		if (i < 0 || i > 1 << 20)
			return -1;
		*(int *)p = (int)i;
		return 0;
	}
}

static int
get(const struct json *arr, const struct field *f, void *to)
{
	const struct json *j = json_first(arr);
	size_t i;

	for (; f->n > 0; f++) {
		for (i = 0; i < f->n; i++, j = json_next(j)) {
			if (get_one(j, (char *)to + f->at +
			    i * size_of(f->kind), f->kind) != 0)
				return -1;
		}
	}
	return j == NULL ? 0 : -1;
}

/* ---- writing ----------------------------------------------------------- */

static void
put_bucket(void *ctx, int64_t lowest, int64_t highest, uint64_t count)
{
	struct json_out *o = ctx;

	json_out_int(o, lowest + (highest - lowest) / 2);
	json_out_int(o, (int64_t)count);
}

/* The least and the greatest value, which bound all quantiles; then the
 * middle and the count of each bucket. */
static void
put_hist(struct json_out *o, const struct hist *h)
{
	json_out_arr(o);
	if (hist_n(h) > 0) {
		json_out_int(o, hist_min(h));
		json_out_int(o, hist_max(h));
	}
	hist_each(h, put_bucket, o);
	json_out_end(o, ']');
}

static void
put_time(struct json_out *o, const struct live_time *t)
{
	int i, k;

	json_out_key(o, "time");
	put(o, of_time, t);
	json_out_key(o, "levels");
	json_out_arr(o);
	for (i = 0; i < LIVE_LEVELS; i++) {
		put(o, of_level, &t->level[i]);
		for (k = 0; k < LIVE_SERIES; k++)
			put(o, of_series, &t->level[i].series[k]);
	}
	json_out_end(o, ']');
	json_out_key(o, "latencies");
	json_out_arr(o);
	for (i = 0; i < 5; i++)
		put_hist(o, i < 3 ? t->life[i] : t->window[i - 3]);
	json_out_end(o, ']');
}

static void
put_tests(struct json_out *o, const struct live *l)
{
	int i;

	json_out_key(o, "tests");
	json_out_obj(o);
	for (i = 0; i < LIVE_TESTS; i++) {
		json_out_key(o, live_rows[i].name);
		json_out_arr(o);
		json_out_bool(o, l->test[i].stopped);
		put(o, of_proc, &l->test[i].life);
		put(o, of_proc, &l->test[i].window);
		json_out_end(o, ']');
	}
	json_out_end(o, '}');
}

static void
put_pins(struct json_out *o, const struct live_pins *p)
{
	size_t i;
	int a;

	json_put_bool(o, "intended", p->intended);
	json_out_key(o, "pins");
	json_out_arr(o);
	for (i = 0; i < p->n; i++) {
		json_out_arr(o);
		json_out_str(o, p->v[i].name);
		for (a = 0; a < 2; a++) {
			json_out_str(o, p->v[i].value[a]);
			json_out_str(o, p->v[i].other_value[a]);
		}
		put(o, of_pin, &p->v[i]);
		json_out_end(o, ']');
	}
	json_out_end(o, ']');
}

static const char *
name_of(int test)
{
	return test < 0 ? "pins" : live_rows[test].name;
}

static void
put_found(struct json_out *o, const struct live *l)
{
	size_t i;

	json_out_key(o, "stops");
	json_out_arr(o);
	for (i = 0; i < l->n_stops; i++) {
		json_out_arr(o);
		json_out_str(o, name_of(l->stop[i].test));
		json_out_bool(o, l->stop[i].hard);
		json_out_int(o, (int64_t)l->stop[i].pair);
		json_out_int(o, l->stop[i].wall_ns);
		json_out_str(o, l->stop[i].why);
		json_out_end(o, ']');
	}
	json_out_end(o, ']');
	json_out_key(o, "examples");
	json_out_arr(o);
	for (i = 0; i < l->n_examples; i++) {
		json_out_arr(o);
		json_out_str(o, name_of(l->example[i].test));
		json_out_num(o, l->example[i].harm);
		json_out_str(o, l->example[i].id);
		json_out_int(o, (int64_t)l->example[i].n);
		json_out_end(o, ']');
	}
	json_out_end(o, ']');
}

static void
write_state(struct buf *b, const struct live *l)
{
	struct json_out o;

	json_out_init(&o, b, 0);
	json_out_obj(&o);
	json_put_int(&o, "lockstep_live", STATE_VERSION);
	json_put_str(&o, "suite", l->o.suite->name);
	json_put_str(&o, "shape", l->shape);
	json_out_key(&o, "counts");
	put(&o, of_live, l);
	put_tests(&o, l);
	put_time(&o, &l->time);
	put_pins(&o, &l->pins);
	put_found(&o, l);
	if (l->note != NULL)
		json_put_str(&o, "note", l->note);
	json_out_end(&o, '}');
	buf_putc(b, '\n');
}

int
live_set_note(struct live *l, const char *text, struct err *err)
{
	char *copy = strdup(text);

	if (copy == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	(void)pthread_mutex_lock(&l->lock);
	free(l->note);
	l->note = copy;
	(void)pthread_mutex_unlock(&l->lock);
	return RC_OK;
}

const char *
live_note(const struct live *l)
{
	return l->note;
}

int
live_save(struct live *l, const char *path, struct err *err)
{
	struct buf b;
	int rc;

	buf_init(&b, STATE_MAX);
	(void)pthread_mutex_lock(&l->lock);
	write_state(&b, l);
	(void)pthread_mutex_unlock(&l->lock);
	rc = buf_check(&b, "the live state", err);
	if (rc == RC_OK)
		rc = replace_file(path, REPLACE_OWN, buf_str(&b), b.len, err);
	buf_fini(&b);
	return rc;
}

/* ---- reading ----------------------------------------------------------- */

static int
test_of(const char *name)
{
	int i;

	for (i = 0; name != NULL && i < LIVE_TESTS; i++) {
		if (strcmp(live_rows[i].name, name) == 0)
			return i;
	}
	return -1;
}

static void
get_text(const struct json *j, char *out, size_t cap)
{
	const char *s = json_str(j);

	(void)snprintf(out, cap, "%s", s == NULL ? "" : s);
}

static int
get_tests(const struct json *tests, struct live *l)
{
	const struct json *j;
	int i;

	for (i = 0; i < LIVE_TESTS; i++) {
		j = json_get(tests, live_rows[i].name);
		l->test[i].stopped = json_bool(json_at(j, 0), 0);
		if (get(json_at(j, 1), of_proc, &l->test[i].life) != 0 ||
		    get(json_at(j, 2), of_proc, &l->test[i].window) != 0)
			return -1;
	}
	return 0;
}

/* The two ends stand for one value of their buckets each. */
static int
get_hist(const struct json *arr, struct hist *h)
{
	const struct json *least = json_first(arr), *most = json_next(least);
	const struct json *at = json_next(most), *n;
	int64_t count, ends;

	if (least == NULL)
		return 0;
	hist_add(h, json_int(least, 0));
	for (ends = 1; at != NULL; at = json_next(n)) {
		n = json_next(at);
		count = json_int(n, -1) - ends;
		ends = 0;
		if (n == NULL || count < 0)
			return -1;
		if (json_next(n) == NULL && count > 0) {
			hist_add(h, json_int(most, 0));
			count--;
		}
		if (count > 0)
			hist_add_n(h, json_int(at, 0), (uint64_t)count);
	}
	return 0;
}

static int
get_time(const struct json *doc, struct live_time *t)
{
	const struct json *levels = json_get(doc, "levels");
	const struct json *all = json_get(doc, "latencies");
	const struct json *j = json_first(levels);
	int i, k, bad = get(json_get(doc, "time"), of_time, t);

	for (i = 0; i < LIVE_LEVELS && bad == 0; i++) {
		bad = get(j, of_level, &t->level[i]);
		j = json_next(j);
		for (k = 0; k < LIVE_SERIES && bad == 0; k++) {
			bad = get(j, of_series, &t->level[i].series[k]);
			j = json_next(j);
		}
	}
	for (i = 0; i < 5 && bad == 0; i++)
		bad = get_hist(json_at(all, (size_t)i),
		    i < 3 ? t->life[i] : t->window[i - 3]);
	return bad != 0 || t->chosen >= LIVE_LEVELS || t->grown > 30 ? -1 : 0;
}

static int
get_pins(const struct json *doc, struct live_pins *p)
{
	const struct json *j = json_first(json_get(doc, "pins"));
	struct live_pin *x;
	size_t a;

	p->intended = json_get_bool(doc, "intended", 0);
	for (; j != NULL; j = json_next(j)) {
		if (p->n == LIVE_PINS_MAX)
			return -1;
		x = &p->v[p->n++];
		get_text(json_at(j, 0), x->name, sizeof(x->name));
		for (a = 0; a < 2; a++) {
			get_text(json_at(j, 1 + 2 * a), x->value[a],
			    sizeof(x->value[a]));
			get_text(json_at(j, 2 + 2 * a), x->other_value[a],
			    sizeof(x->other_value[a]));
		}
		if (get(json_at(j, 5), of_pin, x) != 0)
			return -1;
	}
	return 0;
}

static int
get_found(const struct json *doc, struct live *l)
{
	const struct json *j = json_first(json_get(doc, "stops"));
	struct live_stop *s;
	struct live_example *e;

	for (; j != NULL; j = json_next(j)) {
		if (l->n_stops == LIVE_TESTS_MAX)
			return -1;
		s = &l->stop[l->n_stops++];
		s->test = test_of(json_str(json_at(j, 0)));
		s->hard = json_bool(json_at(j, 1), 0);
		s->pair = (uint64_t)json_int(json_at(j, 2), 0);
		s->wall_ns = json_int(json_at(j, 3), 0);
		get_text(json_at(j, 4), s->why, sizeof(s->why));
	}
	j = json_first(json_get(doc, "examples"));
	for (; j != NULL; j = json_next(j)) {
		if (l->n_examples == LIVE_EXAMPLES_MAX)
			return -1;
		e = &l->example[l->n_examples++];
		e->test = test_of(json_str(json_at(j, 0)));
		e->harm = json_num(json_at(j, 1), 0);
		get_text(json_at(j, 2), e->id, sizeof(e->id));
		e->n = (uint64_t)json_int(json_at(j, 3), 0);
		if (e->test < 0)
			return -1;
	}
	return 0;
}

static int
read_state(struct live *l, const struct json *doc, const char *path,
    struct err *err)
{
	const char *shape = json_get_str(doc, "shape");

	if (json_get_int(doc, "lockstep_live", 0) != STATE_VERSION ||
	    shape == NULL)
		return err_set(err, RC_FORMAT, "%s is no live state of this "
		    "version: name another file, or remove it", path);
	if (strcmp(shape, l->shape) != 0)
		return err_set(err, RC_FORMAT, "%s was made with another "
		    "suite, embedder, alpha or window: name another file, or "
		    "remove it to start over", path);
	if (get(json_get(doc, "counts"), of_live, l) != 0 ||
	    get_tests(json_get(doc, "tests"), l) != 0 ||
	    get_time(doc, &l->time) != 0 || get_pins(doc, &l->pins) != 0 ||
	    get_found(doc, l) != 0)
		return err_set(err, RC_FORMAT, "%s is damaged: remove it to "
		    "start over", path);
	if (json_get_str(doc, "note") != NULL &&
	    (l->note = strdup(json_get_str(doc, "note"))) == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	l->resumed++;
	l->opened_at_ns = l->last_ns < 0 ? 0 : l->last_ns;
	return RC_OK;
}

int
live_load(struct live *l, const char *path, int *found, struct err *err)
{
	struct json *doc;
	int rc;

	*found = access(path, F_OK) == 0;
	if (!*found) {
		if (errno == ENOENT)
			return RC_OK;
		return err_errno(err, RC_IO, "%s", path);
	}
	doc = json_load(path, STATE_MAX, err);
	if (doc == NULL)
		return err == NULL ? RC_FORMAT : (int)err->code;
	(void)pthread_mutex_lock(&l->lock);
	rc = read_state(l, doc, path, err);
	(void)pthread_mutex_unlock(&l->lock);
	json_free(doc);
	return rc;
}
