/* Making and changing JSON values; see json.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/json_part.h"
#include "harness/base/number.h"

/* A value with n bytes of text. */
static struct json *
new_text(enum json_kind kind, const char *s, size_t n)
{
	struct json *j;
	char *to;

	if (n >= UINT32_MAX)
		return NULL;
	j = calloc(1, sizeof(*j) + n + 1);
	if (j == NULL)
		return NULL;
	to = (char *)(j + 1);
	memcpy(to, s, n);
	j->kind = (uint8_t)kind;
	j->text = to;
	j->n = (uint32_t)n;
	return j;
}

struct json *
json_new(enum json_kind kind)
{
	struct json *j = calloc(1, sizeof(*j));

	if (j != NULL)
		j->kind = kind == JSON_ARRAY || kind == JSON_OBJECT ||
		    kind == JSON_BOOL ? (uint8_t)kind : JSON_NULL;
	return j;
}

struct json *
json_new_str(const char *s)
{
	return s == NULL ? NULL : new_text(JSON_STRING, s, strlen(s));
}

struct json *
json_new_strn(const char *s, size_t n)
{
	return new_text(JSON_STRING, s, n);
}

struct json *
json_new_num(double v)
{
	struct json *j;
	struct buf b;

	if (!isfinite(v))
		return json_new(JSON_NULL);
	buf_init(&b, 64);
	json_write_num(&b, v);
	j = new_text(JSON_NUMBER, buf_str(&b), b.len);
	buf_fini(&b);
	return j;
}

struct json *
json_new_digits(const char *s)
{
	size_t n = strlen(s);

	return number_end(s, s + n) != s + n ? NULL :
	    new_text(JSON_NUMBER, s, n);
}

struct json *
json_new_bool(int v)
{
	struct json *j = json_new(JSON_BOOL);

	if (j != NULL)
		j->n = v != 0;
	return j;
}

/* Gives j a key. returns RC_OK or RC_NOMEM */
static int
name(struct json *j, const char *key, size_t n)
{
	char *own = malloc(n + 1);

	if (own == NULL)
		return RC_NOMEM;
	memcpy(own, key, n);
	own[n] = '\0';
	if (j->flags & NODE_OWN_KEY)
		free((void *)(uintptr_t)j->key);
	j->key = own;
	j->key_n = (uint32_t)n;
	j->key_hash = json_key_hash(own, n);
	j->flags |= NODE_OWN_KEY;
	return RC_OK;
}

struct json *
json_copy(const struct json *j)
{
	const struct json *c;
	struct json *to, *own;

	if (j == NULL)
		return NULL;
	if (j->kind == JSON_STRING || j->kind == JSON_NUMBER)
		return new_text((enum json_kind)j->kind, j->text, j->n);
	to = json_new((enum json_kind)j->kind);
	if (to == NULL || j->kind == JSON_NULL)
		return to;
	if (j->kind == JSON_BOOL) {
		to->n = j->n;
		return to;
	}
	for (c = json_first(j); c != NULL; c = json_next(c)) {
		own = json_copy(c);
		if (own == NULL || (c->key != NULL &&
		    name(own, c->key, c->key_n) != RC_OK)) {
			json_free(own);
			json_free(to);
			return NULL;
		}
		json_append(to, own);
	}
	return to;
}

/* The link that points to child c of parent. */
static struct json **
link_to(struct json *parent, const struct json *c, struct json **before)
{
	struct json **at = &parent->first;

	*before = NULL;
	while (*at != c) {
		*before = *at;
		at = &(*at)->next;
	}
	return at;
}

/* Puts v where old is, or, v being NULL, takes old out. */
static void
replace(struct json *parent, struct json *old, struct json *v)
{
	struct json *before, **at = link_to(parent, old, &before);

	*at = v != NULL ? v : old->next;
	if (v != NULL)
		v->next = old->next;
	if (parent->last == old)
		parent->last = v != NULL ? v : before;
	parent->n -= v == NULL;
	old->next = NULL;
}

int
json_set(struct json *obj, const char *key, struct json *v)
{
	struct json *old;

	if (json_kind(obj) != JSON_OBJECT || v == NULL ||
	    name(v, key, strlen(key)) != RC_OK) {
		json_free(v);
		return RC_NOMEM;
	}
	old = json_get(obj, key);
	if (old == NULL) {
		json_append(obj, v);
		return RC_OK;
	}
	replace(obj, old, v);
	json_free(old);
	return RC_OK;
}

int
json_push(struct json *arr, struct json *v)
{
	if (json_kind(arr) != JSON_ARRAY || v == NULL) {
		json_free(v);
		return RC_NOMEM;
	}
	json_append(arr, v);
	return RC_OK;
}

struct json *
json_take(struct json *obj, const char *key)
{
	struct json *c = json_get(obj, key);

	if (c != NULL)
		replace(obj, c, NULL);
	return c;
}

int
json_merge(struct json *target, const struct json *patch)
{
	const struct json *p;
	struct json *mine;
	int rc = RC_OK;

	for (p = json_first(patch); p != NULL && rc == RC_OK;
	    p = json_next(p)) {
		if (json_kind(p) == JSON_NULL) {
			json_free(json_take(target, json_key(p)));
			continue;
		}
		if (json_kind(p) != JSON_OBJECT) {
			rc = json_set(target, json_key(p), json_copy(p));
			continue;
		}
		/* into an object, be it a new one: nulls within remove, too */
		mine = json_get(target, json_key(p));
		if (json_kind(mine) != JSON_OBJECT) {
			mine = json_new(JSON_OBJECT);
			rc = json_set(target, json_key(p), mine);
		}
		if (rc == RC_OK)
			rc = json_merge(mine, p);
	}
	return rc;
}
