/* Reading JSON values; see json.h. They are made in json_parse.c and
 * json_build.c; pointers are in json_ptr.c, the writer in json_out.c. */
#include <math.h>
#include <string.h>

#include "harness/base/json_part.h"
#include "harness/base/number.h"

enum json_kind
json_kind(const struct json *j)
{
	return j == NULL ? JSON_NONE : (enum json_kind)j->kind;
}

const char *
json_str(const struct json *j)
{
	return json_kind(j) == JSON_STRING ? j->text : NULL;
}

const char *
json_text(const struct json *j, size_t *n)
{
	const char *s = json_str(j);

	*n = s == NULL ? 0 : j->n;
	return s;
}

const char *
json_digits(const struct json *j)
{
	return json_kind(j) == JSON_NUMBER ? j->text : NULL;
}

double
json_num(const struct json *j, double dflt)
{
	return json_kind(j) == JSON_NUMBER ? number_double(j->text, j->n) :
	    dflt;
}

int64_t
json_int(const struct json *j, int64_t dflt)
{
	return json_kind(j) == JSON_NUMBER ? number_i64(j->text, j->n, 1) :
	    dflt;
}

int
json_bool(const struct json *j, int dflt)
{
	return json_kind(j) == JSON_BOOL ? j->n != 0 : dflt;
}

static int
holds_others(const struct json *j)
{
	return json_kind(j) == JSON_ARRAY || json_kind(j) == JSON_OBJECT;
}

size_t
json_size(const struct json *j)
{
	return holds_others(j) ? j->n : 0;
}

/* The first that counts, from j on. */
static struct json *
counting(struct json *j)
{
	while (j != NULL && (j->flags & NODE_OUTDONE))
		j = j->next;
	return j;
}

struct json *
json_first(const struct json *j)
{
	return holds_others(j) ? counting(j->first) : NULL;
}

struct json *
json_next(const struct json *j)
{
	return j == NULL ? NULL : counting(j->next);
}

const char *
json_key(const struct json *j)
{
	return j == NULL ? NULL : j->key;
}

struct json *
json_get(const struct json *j, const char *key)
{
	size_t n = strlen(key);
	struct json *c = json_kind(j) == JSON_OBJECT ? j->first : NULL;

	while (c != NULL && (c->key_n != n || (c->flags & NODE_OUTDONE) ||
	    memcmp(c->key, key, n) != 0))
		c = c->next;
	return c;
}

struct json *
json_get_any(const struct json *j, const char *const *keys)
{
	struct json *c = NULL;

	for (; c == NULL && *keys != NULL; keys++)
		c = json_get(j, *keys);
	return c;
}

struct json *
json_at(const struct json *j, size_t i)
{
	struct json *c = json_kind(j) == JSON_ARRAY ? j->first : NULL;

	for (; c != NULL && i > 0; i--)
		c = c->next;
	return c;
}

const char *
json_get_str(const struct json *j, const char *key)
{
	return json_str(json_get(j, key));
}

double
json_get_num(const struct json *j, const char *key, double dflt)
{
	return json_num(json_get(j, key), dflt);
}

int64_t
json_get_int(const struct json *j, const char *key, int64_t dflt)
{
	return json_int(json_get(j, key), dflt);
}

int
json_get_bool(const struct json *j, const char *key, int dflt)
{
	return json_bool(json_get(j, key), dflt);
}

const char *
json_twice(const struct json *j, const char **in)
{
	const struct json *c;
	const char *key = NULL;

	*in = NULL;
	if (!holds_others(j))
		return NULL;
	for (c = j->first; c != NULL && key == NULL; c = c->next) {
		key = c->flags & NODE_OUTDONE ? c->key : json_twice(c, in);
		if (key != NULL && !(c->flags & NODE_OUTDONE) && *in == NULL)
			*in = c->key;
	}
	return key;
}

int
json_order(const struct json *a, const struct json *b, int *order)
{
	if (json_kind(a) != JSON_NUMBER || json_kind(b) != JSON_NUMBER)
		return 0;
	*order = number_compare(a->text, a->n, b->text, b->n);
	return 1;
}

static const struct json *
member_like(const struct json *object, const struct json *m)
{
	const struct json *c;

	for (c = json_first(object); c != NULL; c = json_next(c)) {
		if (c->key_n == m->key_n &&
		    memcmp(c->key, m->key, m->key_n) == 0)
			break;
	}
	return c;
}

int
json_equal(const struct json *a, const struct json *b)
{
	const struct json *x, *y;
	int order;

	if (a == NULL || b == NULL || a->kind != b->kind)
		return 0;
	switch (json_kind(a)) {
	case JSON_NULL:
		return 1;
	case JSON_NUMBER:
		return json_order(a, b, &order) && order == 0;
	case JSON_STRING:
		return a->n == b->n && memcmp(a->text, b->text, a->n) == 0;
	case JSON_BOOL:
		return a->n == b->n;
	default:
		break;
	}
	if (a->n != b->n)
		return 0;
	y = json_first(b);
	for (x = json_first(a); x != NULL; x = json_next(x)) {
		if (!json_equal(x, a->kind == JSON_OBJECT ?
		    member_like(b, x) : y))
			return 0;
		y = json_next(y);
	}
	return 1;
}
