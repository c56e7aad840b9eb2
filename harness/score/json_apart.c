/* Answers that are JSON, member by member; see json_apart.h. */
#include "harness/score/json_apart.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/hash.h"
#include "harness/base/json.h"

enum { SCRATCH_MAX = 1 << 20 };	/* of a number: texts are not copied */

/* The members of one answer, each as the hash of its place and value. */
struct members {
	uint64_t *v;
	size_t n;
};

/*
 * What stands within a place, as a hash of both; which hash is no matter, as
 * only equal ones are counted.
 * sort    of what it is: the text "1" is not the number 1
 */
static uint64_t
within(uint64_t place, char sort, const void *p, size_t n)
{
	const uint64_t v[3] = { place, (unsigned char)sort,
		hash_table(p, n) };

	return hash_table(v, sizeof(v));
}

/* A value as it counts: 1.0 is 1, and prose is prose. */
static uint64_t
value_within(uint64_t place, const struct json *j, struct buf *scratch)
{
	size_t n = 0;
	const char *s = json_text(j, &n);
	double x = json_num(j, NAN);

	if (s != NULL && strpbrk(s, " \t\r\n") != NULL)
		return within(place, '~', "", 0);
	if (s != NULL)
		return within(place, '"', s, n);
	buf_reset(scratch);
	if (json_kind(j) == JSON_NUMBER && fabs(x) < 9e15)
		buf_printf(scratch, "%.17g", x);
	else
		json_write(scratch, j);
	return within(place, '=', buf_str(scratch), scratch->len);
}

static void
walk(const struct json *j, uint64_t place, struct members *m,
    struct buf *scratch)
{
	const struct json *c = json_first(j);
	const char *key;
	size_t i = 0;

	if (c == NULL)
		m->v[m->n++] = value_within(place, j, scratch);
	for (; c != NULL && m->n < JSON_APART_MAX; c = json_next(c), i++) {
		key = json_kind(j) == JSON_OBJECT ? json_key(c) : NULL;
		walk(c, key != NULL ? within(place, '{', key, strlen(key)) :
		    within(place, '[', &i, sizeof(i)), m, scratch);
	}
}

/* The JSON of an answer: the whole of it, or tool calls in its last line. */
static struct json *
parse(const char *p, size_t n)
{
	struct err err = ERR_INIT;
	const char *line = p;
	size_t i;

	if (n > 0 && (*p == '{' || *p == '['))
		return json_parse(p, n, &err);
	for (i = n; i > 0 && line == p; i--)
		line = p[i - 1] == '\n' ? p + i : p;
	n -= (size_t)(line - p);
	return n > 2 && line[0] == '[' && line[1] == '{' ? json_parse(line, n,
	    &err) : NULL;
}

static int
by_hash(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* returns 1 when it holds any, 0 not, -1 without memory */
static int
gather(const char *p, size_t n, struct members *m)
{
	struct json *j = parse(p, n);
	struct buf scratch;
	int bad;

	m->n = 0;
	m->v = j == NULL ? NULL : malloc(JSON_APART_MAX * sizeof(*m->v));
	if (m->v == NULL) {
		bad = j != NULL;
		json_free(j);
		return bad ? -1 : 0;
	}
	buf_init(&scratch, SCRATCH_MAX);
	walk(j, 0, m, &scratch);
	bad = scratch.bad != RC_OK;
	buf_fini(&scratch);
	json_free(j);
	qsort(m->v, m->n, sizeof(*m->v), by_hash);
	return bad ? -1 : 1;
}

static double
differ(const struct members *a, const struct members *b)
{
	size_t i = 0, k = 0, same = 0;

	while (i < a->n && k < b->n) {
		if (a->v[i] == b->v[k]) {
			same++;
			i++;
			k++;
		} else if (a->v[i] < b->v[k]) {
			i++;
		} else {
			k++;
		}
	}
	return a->n + b->n == 0 ? 0 : 1 - 2 * (double)same /
	    (double)(a->n + b->n);
}

double
json_apart(const char *a, size_t a_n, const char *b, size_t b_n)
{
	struct members x, y;
	int has_a = gather(a, a_n, &x), has_b = gather(b, b_n, &y);
	double out = NAN;

	if (has_a >= 0 && has_b >= 0 && has_a + has_b > 0)
		out = differ(&x, &y);
	free(x.v);
	free(y.v);
	return out;
}
