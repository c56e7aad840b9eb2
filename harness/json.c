/* JSON values and pointers over cJSON; see json.h. The writer is in
 * json_out.c. */
#include "harness/json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static cJSON *
un(const struct json *j)
{
	return (cJSON *)(uintptr_t)j;
}

static struct json *
wrap(cJSON *c)
{
	return (struct json *)c;
}

static void
line_col(const char *text, size_t at, size_t *line, size_t *col)
{
	size_t i;

	*line = 1;
	*col = 1;
	for (i = 0; i < at; i++) {
		if (text[i] == '\n') {
			++*line;
			*col = 1;
		} else {
			++*col;
		}
	}
}

struct json *
json_parse(const char *text, size_t n, struct err *err)
{
	const char *end = NULL;
	cJSON *c;
	size_t at, line, col;

	c = n == 0 ? NULL : cJSON_ParseWithLengthOpts(text, n, &end, 0);
	at = end == NULL ? 0 : (size_t)(end - text);
	if (at > n)
		at = n;
	if (c != NULL) {
		while (at < n && memchr(" \t\r\n", text[at], 4) != NULL)
			at++;
		if (at == n)
			return wrap(c);
		cJSON_Delete(c);
	}
	line_col(text, at, &line, &col);
	(void)err_set(err, RC_FORMAT, "line %zu, column %zu: not valid JSON",
	    line, col);
	return NULL;
}

struct json *
json_load(const char *path, size_t max_bytes, struct err *err)
{
	FILE *f = fopen(path, "rb");
	struct json *j = NULL;
	struct buf b;
	char *to;
	size_t n = 0;

	if (f == NULL) {
		(void)err_errno(err, RC_IO, "%s: cannot open", path);
		return NULL;
	}
	buf_init(&b, max_bytes + 65537);
	while ((to = buf_reserve(&b, 65536)) != NULL &&
	    (n = fread(to, 1, 65536, f)) > 0)
		b.len += n;
	if (ferror(f))
		(void)err_errno(err, RC_IO, "%s: cannot read", path);
	else if (to == NULL || b.len > max_bytes)
		(void)err_set(err, RC_FORMAT, "%s: larger than %zu bytes",
		    path, max_bytes);
	else if ((j = json_parse(b.p, b.len, err)) == NULL)
		err_prefix(err, "%s", path);
	(void)fclose(f);
	buf_fini(&b);
	return j;
}

void
json_free(struct json *j)
{
	cJSON_Delete(un(j));
}

enum json_kind
json_kind(const struct json *j)
{
	if (j == NULL)
		return JSON_NONE;
	switch (un(j)->type & 0xff) {
	case cJSON_True:
	case cJSON_False:
		return JSON_BOOL;
	case cJSON_Number:
		return JSON_NUMBER;
	case cJSON_String:
		return JSON_STRING;
	case cJSON_Array:
		return JSON_ARRAY;
	case cJSON_Object:
		return JSON_OBJECT;
	default:
		return JSON_NULL;
	}
}

const char *
json_str(const struct json *j)
{
	return cJSON_GetStringValue(un(j));
}

double
json_num(const struct json *j, double dflt)
{
	return cJSON_IsNumber(un(j)) ? un(j)->valuedouble : dflt;
}

int64_t
json_int(const struct json *j, int64_t dflt)
{
	double v;

	if (!cJSON_IsNumber(un(j)))
		return dflt;
	v = un(j)->valuedouble;
	if (v >= 9.2233720368547748e18)
		return INT64_MAX;
	if (v <= -9.2233720368547748e18)
		return INT64_MIN;
	return (int64_t)llround(v);
}

int
json_bool(const struct json *j, int dflt)
{
	return cJSON_IsBool(un(j)) ? cJSON_IsTrue(un(j)) != 0 : dflt;
}

size_t
json_size(const struct json *j)
{
	return j == NULL ? 0 : (size_t)cJSON_GetArraySize(un(j));
}

struct json *
json_first(const struct json *j)
{
	return j == NULL ? NULL : wrap(un(j)->child);
}

struct json *
json_next(const struct json *j)
{
	return j == NULL ? NULL : wrap(un(j)->next);
}

const char *
json_key(const struct json *j)
{
	return j == NULL ? NULL : un(j)->string;
}

struct json *
json_get(const struct json *j, const char *key)
{
	return wrap(cJSON_GetObjectItemCaseSensitive(un(j), key));
}

struct json *
json_at(const struct json *j, size_t i)
{
	if (json_kind(j) != JSON_ARRAY || i > INT32_MAX)
		return NULL;
	return wrap(cJSON_GetArrayItem(un(j), (int)i));
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

int
json_equal(const struct json *a, const struct json *b)
{
	return cJSON_Compare(un(a), un(b), 1) != 0;
}

struct json *
json_new(enum json_kind kind)
{
	switch (kind) {
	case JSON_ARRAY:
		return wrap(cJSON_CreateArray());
	case JSON_OBJECT:
		return wrap(cJSON_CreateObject());
	case JSON_BOOL:
		return wrap(cJSON_CreateFalse());
	default:
		return wrap(cJSON_CreateNull());
	}
}

struct json *
json_new_str(const char *s)
{
	return wrap(cJSON_CreateString(s));
}

struct json *
json_new_num(double v)
{
	return wrap(cJSON_CreateNumber(v));
}

struct json *
json_new_bool(int v)
{
	return wrap(cJSON_CreateBool(v));
}

struct json *
json_copy(const struct json *j)
{
	return j == NULL ? NULL : wrap(cJSON_Duplicate(un(j), 1));
}

int
json_set(struct json *obj, const char *key, struct json *v)
{
	int ok;

	if (obj == NULL || v == NULL) {
		json_free(v);
		return RC_NOMEM;
	}
	if (cJSON_GetObjectItemCaseSensitive(un(obj), key) != NULL)
		ok = cJSON_ReplaceItemInObjectCaseSensitive(un(obj), key,
		    un(v));
	else
		ok = cJSON_AddItemToObject(un(obj), key, un(v));
	if (!ok)
		json_free(v);
	return ok ? RC_OK : RC_NOMEM;
}

int
json_push(struct json *arr, struct json *v)
{
	if (arr == NULL || v == NULL ||
	    !cJSON_AddItemToArray(un(arr), un(v))) {
		json_free(v);
		return RC_NOMEM;
	}
	return RC_OK;
}

struct json *
json_take(struct json *obj, const char *key)
{
	return wrap(cJSON_DetachItemFromObjectCaseSensitive(un(obj), key));
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
		mine = json_get(target, json_key(p));
		if (json_kind(p) == JSON_OBJECT &&
		    json_kind(mine) == JSON_OBJECT)
			rc = json_merge(mine, p);
		else
			rc = json_set(target, json_key(p), json_copy(p));
	}
	return rc;
}

/* ---- pointers --------------------------------------------------------- */

enum { PTR_TOKENS_MAX = 64 };

struct json_ptr {
	char *text;
	size_t n;
	struct {
		const char *key;	/* into keys */
		long index;		/* -1 when not an array index */
		int every;
	} tok[PTR_TOKENS_MAX];
	char keys[];
};

static long
array_index(const char *s)
{
	char *end;
	long v;

	if (*s < '0' || *s > '9' || (s[0] == '0' && s[1] != '\0') ||
	    strlen(s) > 9)
		return -1;
	v = strtol(s, &end, 10);
	return *end == '\0' ? v : -1;
}

static void
unescape(struct json_ptr *p, const char *text)
{
	char *to = p->keys;
	const char *s;

	p->n = 0;
	for (s = text; *s == '/';) {
		p->tok[p->n].key = to;
		for (s++; *s != '\0' && *s != '/'; s++) {
			if (*s == '~') {
				s++;
				*to++ = *s == '0' ? '~' : '/';
			} else {
				*to++ = *s;
			}
		}
		*to++ = '\0';
		p->tok[p->n].index = array_index(p->tok[p->n].key);
		p->tok[p->n].every = strcmp(p->tok[p->n].key, "*") == 0;
		p->n++;
	}
}

static int
ptr_check(const char *text, struct err *err)
{
	const char *s;
	size_t n = 0;

	if (*text != '\0' && *text != '/')
		return err_set(err, RC_FORMAT,
		    "\"%s\" is no JSON Pointer: it must begin with '/'", text);
	for (s = text; *s != '\0'; s++) {
		n += *s == '/';
		if (*s == '~' && s[1] != '0' && s[1] != '1')
			return err_set(err, RC_FORMAT, "\"%s\" is no JSON "
			    "Pointer: '~' must be followed by 0 or 1", text);
	}
	if (n > PTR_TOKENS_MAX)
		return err_set(err, RC_FORMAT,
		    "\"%.40s...\": a pointer has at most %d parts", text,
		    PTR_TOKENS_MAX);
	return RC_OK;
}

struct json_ptr *
json_ptr_new(const char *text, struct err *err)
{
	struct json_ptr *p;

	if (ptr_check(text, err) != RC_OK)
		return NULL;
	p = calloc(1, sizeof(*p) + strlen(text) + 1);
	if (p == NULL || (p->text = strdup(text)) == NULL) {
		free(p);
		(void)err_set(err, RC_NOMEM, "out of memory");
		return NULL;
	}
	unescape(p, text);
	return p;
}

void
json_ptr_free(struct json_ptr *p)
{
	if (p == NULL)
		return;
	free(p->text);
	free(p);
}

const char *
json_ptr_text(const struct json_ptr *p)
{
	return p->text;
}

static int
walk(const struct json_ptr *p, size_t i, const struct json *j,
    json_each_fn *fn, void *ctx)
{
	const struct json *c;
	int rc;

	if (j == NULL)
		return 0;
	if (i == p->n)
		return fn(ctx, j);
	if (p->tok[i].every) {
		for (c = json_first(j); c != NULL; c = json_next(c)) {
			rc = walk(p, i + 1, c, fn, ctx);
			if (rc != 0)
				return rc;
		}
		return 0;
	}
	if (json_kind(j) == JSON_OBJECT)
		return walk(p, i + 1, json_get(j, p->tok[i].key), fn, ctx);
	if (json_kind(j) == JSON_ARRAY && p->tok[i].index >= 0)
		return walk(p, i + 1, json_at(j, (size_t)p->tok[i].index), fn,
		    ctx);
	return 0;
}

int
json_ptr_each(const struct json_ptr *p, const struct json *j,
    json_each_fn *fn, void *ctx)
{
	return walk(p, 0, j, fn, ctx);
}

static int
keep_first(void *ctx, const struct json *value)
{
	*(const struct json **)ctx = value;
	return 1;
}

struct json *
json_ptr_find(const struct json_ptr *p, const struct json *j)
{
	const struct json *found = NULL;

	(void)walk(p, 0, j, keep_first, &found);
	return wrap(un(found));
}
