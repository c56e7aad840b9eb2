/* Text to values, over the scanner of jscan.h; see json.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/json_part.h"
#include "harness/base/jscan.h"

enum { FEW = 24 };	/* members that are compared each with each */

/* A parse: into the memory of a document, or, without, node by node. */
struct build {
	struct jscan s;
	struct arena *mem;
	json_seen_fn *seen;
	void *ctx;
	const char *text;
	int rc;			/* of seen */
};

/* A key as it is written, and where it begins. */
struct raw_key {
	const char *from;
	size_t n, at;
	int escaped;
};

void
json_place(const char *text, size_t at, size_t *line, size_t *column)
{
	const char *p = text, *nl;

	while ((nl = memchr(p, '\n', at - (size_t)(p - text))) != NULL) {
		++*line;
		*column = 1;
		p = nl + 1;
	}
	*column += at - (size_t)(p - text);
}

int
json_err(struct err *err, size_t line, size_t column, const char *why)
{
	return err_set(err, RC_FORMAT, "line %zu, column %zu: not valid JSON: "
	    "%s", line, column, why);
}

/* ---- keys that are there twice ----------------------------------------- */

static int
same_key(const struct json *a, const struct json *b)
{
	return a->key_hash == b->key_hash && a->key_n == b->key_n &&
	    memcmp(a->key, b->key, a->key_n) == 0;
}

static void
outdo(struct json *object, struct json *earlier)
{
	if (earlier->flags & NODE_OUTDONE)
		return;
	earlier->flags |= NODE_OUTDONE;
	object->flags |= NODE_TWICE;
	object->n--;
}

/* A member, and its place among the others. */
struct placed {
	struct json *j;
	size_t i;
};

static int
by_key(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;
	int c;

	if (x->j->key_hash != y->j->key_hash)
		return x->j->key_hash < y->j->key_hash ? -1 : 1;
	if (x->j->key_n != y->j->key_n)
		return x->j->key_n < y->j->key_n ? -1 : 1;
	c = memcmp(x->j->key, y->j->key, x->j->key_n);
	return c != 0 ? c : x->i < y->i ? -1 : 1;
}

/* returns RC_OK or RC_NOMEM */
static int
outdo_many(struct json *object)
{
	struct placed *v = malloc((size_t)object->n * sizeof(*v));
	struct json *m;
	size_t n = 0, i;

	if (v == NULL)
		return RC_NOMEM;
	for (m = object->first; m != NULL; m = m->next, n++)
		v[n] = (struct placed){ m, n };
	qsort(v, n, sizeof(*v), by_key);
	for (i = 1; i < n; i++) {
		if (same_key(v[i - 1].j, v[i].j))
			outdo(object, v[i - 1].j);
	}
	free(v);
	return RC_OK;
}

/*
 * The last of several members of one name counts.
 * met     two may be of one name: of 64 buckets, one took two keys
 */
static int
settle_keys(struct json *object, int met)
{
	struct json *a, *b;

	if (!met)
		return RC_OK;
	if (object->n > FEW)
		return outdo_many(object);
	for (a = object->first; a != NULL; a = a->next) {
		for (b = a->next; b != NULL && !same_key(a, b); b = b->next)
			continue;
		if (b != NULL)
			outdo(object, a);
	}
	return RC_OK;
}

/* ---- nodes --------------------------------------------------------------- */

static void *
get(struct build *b, size_t n)
{
	void *p = b->mem != NULL ? arena_get(b->mem, n) : malloc(n);

	if (p == NULL) {
		b->s.nomem = 1;
		b->s.bad = "out of memory";
		b->s.end = b->s.p;
	}
	return p;
}

/* The inside of a string that has been stepped over. returns its length */
static size_t
undo(const char *from, size_t n, int escaped, char *to)
{
	struct jscan s;

	if (!escaped) {
		memcpy(to, from, n);
		to[n] = '\0';
		return n;
	}
	jscan_init(&s, from - 1, n + 2);	/* quotes about it */
	s.keep_lone = 1;
	return jscan_copy(&s, to);
}

/* A value with room for its key and `extra` bytes, to which *to points. */
static struct json *
node(struct build *b, enum json_kind kind, const struct raw_key *key,
    size_t extra, char **to)
{
	size_t key_room = key == NULL ? 0 : key->n + JSCAN_SLACK;
	struct json *j = get(b, sizeof(*j) + key_room + extra);
	char *p;

	if (j == NULL)
		return NULL;
	memset(j, 0, sizeof(*j));
	j->kind = (uint8_t)kind;
	p = (char *)(j + 1);
	*to = p + key_room;
	if (key == NULL)
		return j;
	j->key = p;
	j->key_n = (uint32_t)undo(key->from, key->n, key->escaped, p);
	j->key_hash = json_key_hash(p, j->key_n);
	return j;
}

static struct json *
number(struct build *b, const struct raw_key *key)
{
	const char *from;
	struct json *j;
	char *to;
	size_t n;

	if (!jscan_number(&b->s, &from, &n))
		return NULL;
	j = node(b, JSON_NUMBER, key, n + 1, &to);
	if (j == NULL)
		return NULL;
	memcpy(to, from, n);
	to[n] = '\0';
	j->text = to;
	j->n = (uint32_t)n;
	return j;
}

static struct json *
string(struct build *b, const struct raw_key *key)
{
	const char *from;
	struct json *j;
	char *to;
	size_t n;

	/* into the document's block, whatever its length, if that is sure */
	if (b->mem != NULL) {
		j = node(b, JSON_STRING, key, 0, &to);
		if (j == NULL)
			return NULL;
		j->text = jscan_str(&b->s, b->mem, &n);
		j->n = (uint32_t)n;
		return j->text == NULL ? NULL : j;
	}
	if (!jscan_raw(&b->s, &from, &n))
		return NULL;
	j = node(b, JSON_STRING, key, n + JSCAN_SLACK, &to);
	if (j == NULL)
		return NULL;
	j->text = to;
	j->n = (uint32_t)undo(from, n, b->s.escaped, to);
	return j;
}

static struct json *
word(struct build *b, const struct raw_key *key, char c)
{
	struct json *j;
	char *to;

	if (!jscan_word(&b->s, c == 't' ? "true" : c == 'f' ? "false" :
	    "null"))
		return NULL;
	j = node(b, c == 'n' ? JSON_NULL : JSON_BOOL, key, 0, &to);
	if (j != NULL)
		j->n = c == 't';
	return j;
}

/* ---- the tree ------------------------------------------------------------ */

static struct json *value(struct build *b, const struct raw_key *key,
    int depth);

static int
next_child(struct build *b, int object, int *first, struct raw_key *key)
{
	if (!object)
		return jscan_item(&b->s, first);
	if (!jscan_member(&b->s, first))
		return 0;
	(void)jscan_peek(&b->s);
	key->at = (size_t)(b->s.p - b->text);
	if (!jscan_raw(&b->s, &key->from, &key->n))
		return 0;
	key->escaped = b->s.escaped;
	return jscan_colon(&b->s);
}

static void
children(struct build *b, struct json *to, int depth)
{
	int object = to->kind == JSON_OBJECT, first = 1, met = 0;
	struct raw_key key;
	struct json *c;
	uint64_t buckets = 0, bit;

	if (depth == JSCAN_DEPTH_MAX) {
		b->s.bad = "nested too deep";
		return;
	}
	while (next_child(b, object, &first, &key)) {
		c = value(b, object ? &key : NULL, depth + 1);
		if (c == NULL)
			return;
		json_append(to, c);
		if (object) {
			bit = (uint64_t)1 << (c->key_hash & 63);
			met |= (buckets & bit) != 0;
			buckets |= bit;
		}
		if (b->s.bad != NULL)
			return;
	}
	if (b->s.bad == NULL && settle_keys(to, met) != RC_OK) {
		b->s.nomem = 1;
		b->s.bad = "out of memory";
	}
}

static struct json *
one(struct build *b, const struct raw_key *key, char c)
{
	char *to;

	switch (c) {
	case '{':
		return node(b, JSON_OBJECT, key, 0, &to);
	case '[':
		return node(b, JSON_ARRAY, key, 0, &to);
	case '"':
		return string(b, key);
	case 't':
	case 'f':
	case 'n':
		return word(b, key, c);
	default:
		return number(b, key);
	}
}

/* A value; what there is of one where something is wrong within it. */
static struct json *
value(struct build *b, const struct raw_key *key, int depth)
{
	char c = jscan_peek(&b->s);
	size_t at = (size_t)(b->s.p - b->text);
	struct json *j = one(b, key, c);

	if (j == NULL)
		return NULL;
	if (b->seen != NULL && b->rc == RC_OK) {
		b->rc = b->seen(b->ctx, j, key == NULL ? at : key->at, at);
		if (b->rc != RC_OK)
			b->s.bad = "stopped";
	}
	if (c == '{' || c == '[')
		children(b, j, depth);
	return j;
}

/* returns the value, or NULL with err set; then *part is what there is */
static struct json *
parse(struct build *b, const char *text, size_t n, struct json **part,
    struct err *err)
{
	static const char bom[] = "\xef\xbb\xbf";
	size_t line = 1, column = 1, skip;
	struct json *j;

	*part = NULL;
	b->text = text;
	if (n >= UINT32_MAX) {
		(void)err_set(err, RC_FORMAT, "JSON of 4 GiB or more");
		return NULL;
	}
	skip = n >= 3 && memcmp(text, bom, 3) == 0 ? 3 : 0;
	jscan_init(&b->s, text + skip, n - skip);
	b->s.keep_lone = 1;
	j = value(b, NULL, 0);
	if (j != NULL && b->s.bad == NULL && jscan_end(&b->s))
		return j;
	*part = j;
	if (b->rc != RC_OK)
		return NULL;	/* seen has said what is wrong */
	if (b->s.nomem) {
		(void)err_set(err, RC_NOMEM, "out of memory");
		return NULL;
	}
	json_place(text, (size_t)(b->s.p - text), &line, &column);
	(void)json_err(err, line, column, b->s.bad != NULL ? b->s.bad :
	    "there is more after the value");
	return NULL;
}

struct json *
json_parse_seen(const char *text, size_t n, json_seen_fn *seen, void *ctx,
    struct err *err)
{
	struct build b = { .seen = seen, .ctx = ctx };
	struct json *part, *j = parse(&b, text, n, &part, err);

	json_free(part);
	return j;
}

struct json *
json_parse(const char *text, size_t n, struct err *err)
{
	return json_parse_seen(text, n, NULL, NULL, err);
}

/* ---- documents ----------------------------------------------------------- */

struct json_doc {
	struct arena mem;
};

struct json_doc *
json_doc_new(void)
{
	struct json_doc *d = calloc(1, sizeof(*d));

	if (d != NULL)
		arena_init(&d->mem, SIZE_MAX);
	return d;
}

void
json_doc_reset(struct json_doc *d)
{
	arena_reset(&d->mem);
}

void
json_doc_free(struct json_doc *d)
{
	if (d == NULL)
		return;
	arena_fini(&d->mem);
	free(d);
}

const struct json *
json_doc_parse(struct json_doc *d, const char *text, size_t n,
    struct err *err)
{
	struct build b = { .mem = &d->mem };
	struct json *part;

	json_doc_reset(d);
	return parse(&b, text, n, &part, err);
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
