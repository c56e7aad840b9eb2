/* Answers that are JSON, member by member; see json_apart.h. */
#include "harness/score/json_apart.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/hash.h"
#include "harness/base/json.h"

enum { PATH_MAX_BYTES = 64 << 10, VALUE_LONG = 64 };

/* The members of one answer, each as the hash of its place and value. */
struct members {
	uint64_t *v;
	size_t n;
};

/* A value as it counts: 1.0 is 1, and prose is prose. */
static void
put_value(struct buf *b, const struct json *j)
{
	size_t n = 0;
	const char *s = json_text(j, &n);
	double x = json_num(j, NAN);

	if (s != NULL && strpbrk(s, " \t\r\n") != NULL)
		buf_puts(b, "~");
	else if (s != NULL && n > VALUE_LONG)
		buf_printf(b, "#%zu,%016llx", n,
		    (unsigned long long)hash_u64(s, n));
	else if (json_kind(j) == JSON_NUMBER && fabs(x) < 9e15)
		buf_printf(b, "=%.17g", x);
	else {
		buf_putc(b, '=');
		json_write(b, j);
	}
}

static void
cut(struct buf *path, size_t n)
{
	if (path->len > n)
		path->p[path->len = n] = '\0';
}

static void
walk(const struct json *j, struct buf *path, struct members *m)
{
	const struct json *c = json_first(j);
	const size_t here = path->len;
	size_t i = 0;

	if (m->n == JSON_APART_MAX)
		return;
	if (c == NULL) {
		put_value(path, j);
		m->v[m->n++] = hash_u64(buf_str(path), path->len);
		cut(path, here);
		return;
	}
	for (; c != NULL; c = json_next(c), i++) {
		if (json_kind(j) == JSON_OBJECT)
			buf_printf(path, "/%s", json_key(c));
		else
			buf_printf(path, "/%zu", i);
		walk(c, path, m);
		cut(path, here);
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
	struct buf path;
	int bad;

	m->n = 0;
	m->v = j == NULL ? NULL : malloc(JSON_APART_MAX * sizeof(*m->v));
	if (m->v == NULL) {
		bad = j != NULL;
		json_free(j);
		return bad ? -1 : 0;
	}
	buf_init(&path, PATH_MAX_BYTES);
	walk(j, &path, m);
	bad = path.bad != RC_OK;
	buf_fini(&path);
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
