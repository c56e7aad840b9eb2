/* JSON values over cJSON; see json.h. Pointers are in json_ptr.c, the writer
 * in json_out.c. */
#include "harness/base/json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/jscan.h"

/* cJSON takes what it only reads without a const. */
static cJSON *
un(const struct json *j)
{
	cJSON *c;

	memcpy(&c, &j, sizeof(c));
	return c;
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
		while (at < n && (text[at] == ' ' || text[at] == '\t' ||
		    text[at] == '\r' || text[at] == '\n'))
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

/* ---- documents -------------------------------------------------------- */

/* cJSON's own nodes, but in memory that is given back at once: a tree of the
 * same shape in a fifth of the time, and none to take down. */
struct json_doc {
	struct jscan_mem mem;
	struct json *slow;	/* what only cJSON's parser takes */
};

struct json_doc *
json_doc_new(void)
{
	struct json_doc *d = calloc(1, sizeof(*d));

	if (d != NULL)
		jscan_mem_init(&d->mem);
	return d;
}

void
json_doc_reset(struct json_doc *d)
{
	json_free(d->slow);
	d->slow = NULL;
	jscan_mem_reset(&d->mem);
}

void
json_doc_free(struct json_doc *d)
{
	if (d == NULL)
		return;
	json_free(d->slow);
	jscan_mem_fini(&d->mem);
	free(d);
}

static int
digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * A number of JSON's grammar with at most 15 digits: digits and power of ten
 * are exact doubles, so that one division rounds as strtod() does.
 * returns the end, or NULL: another number, which strtod() reads
 */
static const char *
plain_number(const char *p, const char *end, double *out)
{
	static const double power[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7,
	    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };
	int minus = p < end && *p == '-', n, frac = 0;
	const char *from = p += minus;
	uint64_t v = 0;		/* wraps where it will not be used */

	for (; p < end && digit(*p) && p - from < 16; p++)
		v = v * 10 + (unsigned)(*p - '0');
	n = (int)(p - from);
	if (n == 0 || (n > 1 && *from == '0'))
		return NULL;
	if (p < end && *p == '.') {
		for (p++; p < end && digit(*p) && frac < 16; p++, frac++)
			v = v * 10 + (unsigned)(*p - '0');
		if (frac == 0)
			return NULL;
	}
	if (n + frac > 15 || (p < end && (digit(*p) || *p == 'e' ||
	    *p == 'E' || *p == '.')))
		return NULL;
	*out = (double)v / power[frac];
	if (minus)
		*out = -*out;
	return p;
}

static int
doc_number(struct jscan *s, cJSON *to)
{
	const char *end = plain_number(s->p, s->end, &to->valuedouble);

	if (end == NULL)
		return 0;
	s->p = end;
	to->type = cJSON_Number;
	to->valueint = to->valuedouble >= INT32_MAX ? INT32_MAX :
	    to->valuedouble <= INT32_MIN ? INT32_MIN : (int)to->valuedouble;
	return 1;
}

static int
doc_word(struct jscan *s, const char *word, int type, cJSON *to)
{
	size_t n = strlen(word);

	if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n) != 0)
		return 0;
	s->p += n;
	to->type = type;
	return 1;
}

static char *
doc_string(struct jscan *s, struct jscan_mem *mem)
{
	const char *read;
	char *own;
	size_t n;

	if (jscan_peek(s) != '"')
		return NULL;
	read = jscan_str(s, mem, &n);
	memcpy(&own, &read, sizeof(own));
	return own;
}

static int doc_value(struct jscan *s, struct jscan_mem *mem, int depth,
    cJSON *to);

/* The members of an object or the elements of an array, as cJSON links them:
 * the first one's prev is the last. */
static int
doc_children(struct jscan *s, struct jscan_mem *mem, int depth, cJSON *to)
{
	int object = to->type == cJSON_Object, first = 1;
	cJSON *last = NULL, *c;

	if (depth == JSCAN_DEPTH_MAX)
		return 0;
	while (object ? jscan_member(s, &first) : jscan_item(s, &first)) {
		c = jscan_mem_get(mem, sizeof(*c));
		if (c == NULL)
			return 0;
		memset(c, 0, sizeof(*c));
		if (object && ((c->string = doc_string(s, mem)) == NULL ||
		    !jscan_colon(s)))
			return 0;
		if (!doc_value(s, mem, depth + 1, c))
			return 0;
		c->prev = last;
		if (last == NULL)
			to->child = c;
		else
			last->next = c;
		last = c;
	}
	if (last != NULL)
		to->child->prev = last;
	return s->bad == NULL;
}

static int
doc_value(struct jscan *s, struct jscan_mem *mem, int depth, cJSON *to)
{
	switch (jscan_peek(s)) {
	case '{':
		to->type = cJSON_Object;
		return doc_children(s, mem, depth, to);
	case '[':
		to->type = cJSON_Array;
		return doc_children(s, mem, depth, to);
	case '"':
		to->type = cJSON_String;
		to->valuestring = doc_string(s, mem);
		return to->valuestring != NULL;
	case 't':
		return doc_word(s, "true", cJSON_True, to);
	case 'f':
		return doc_word(s, "false", cJSON_False, to);
	case 'n':
		return doc_word(s, "null", cJSON_NULL, to);
	default:
		return doc_number(s, to);
	}
}

/*
 * Whatever is out of the ordinary (an error, a number of many digits, a lone
 * surrogate, a NUL, memory) is left to cJSON's parser, so that both accept
 * the same texts and an error reads the same.
 */
const struct json *
json_doc_parse(struct json_doc *d, const char *text, size_t n,
    struct err *err)
{
	struct jscan s;
	cJSON *root;

	json_doc_reset(d);
	jscan_init(&s, text, n);
	root = jscan_mem_get(&d->mem, sizeof(*root));
	if (root != NULL) {
		memset(root, 0, sizeof(*root));
		if (doc_value(&s, &d->mem, 0, root) && jscan_end(&s) &&
		    !s.lone)
			return wrap(root);
	}
	d->slow = json_parse(text, n, err);
	return d->slow;
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
	cJSON *c = j == NULL ? NULL : un(j)->child;

	while (c != NULL && (c->string == NULL || *c->string != *key ||
	    strcmp(c->string, key) != 0))
		c = c->next;
	return wrap(c);
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
