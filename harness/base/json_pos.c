/* Places of the nodes of a JSON text: a second walk over text that has been
 * parsed already, in step with its tree; see srcmap.h. */
#include <string.h>

#include "harness/base/srcmap.h"

enum { DEPTH_MAX = 1000 };

struct scan {
	struct srcmap *map;
	int file;
	const char *p, *end;
	uint32_t line, column;
	int depth;
	struct err *err;
};

static void
step(struct scan *s)
{
	if (*s->p == '\n') {
		s->line++;
		s->column = 1;
	} else if (((unsigned char)*s->p & 0xc0) != 0x80) {
		s->column++;
	}
	s->p++;
}

static void
blanks(struct scan *s)
{
	while (s->p < s->end && (unsigned char)*s->p <= ' ')
		step(s);
}

static void
string(struct scan *s)
{
	step(s);
	while (s->p < s->end && *s->p != '"') {
		if (*s->p == '\\')
			step(s);
		if (s->p < s->end)
			step(s);
	}
	if (s->p < s->end)
		step(s);
}

static int
duplicate(struct scan *s, const struct json *obj, const struct json *m,
    const struct src_pos *pos)
{
	const struct src_pos *first;
	const struct json *o = json_first(obj);

	while (o != m && strcmp(json_key(o), json_key(m)) != 0)
		o = json_next(o);
	if (o == m)
		return RC_OK;
	first = srcmap_get(s->map, o);
	return err_set(s->err, RC_FORMAT,
	    "%s:%u:%u: key \"%s\" is there twice, first in line %u",
	    srcmap_name(s->map, s->file), pos->key_line, pos->key_column,
	    json_key(m), first != NULL ? first->key_line : 0);
}

static int value(struct scan *s, const struct json *j,
    const struct src_pos *key);

static int
members(struct scan *s, const struct json *j)
{
	int object = json_kind(j) == JSON_OBJECT, rc = RC_OK;
	const struct json *m;
	struct src_pos pos;

	step(s);
	for (m = json_first(j); m != NULL && rc == RC_OK; m = json_next(m)) {
		memset(&pos, 0, sizeof(pos));
		blanks(s);
		if (object) {
			pos.key_line = s->line;
			pos.key_column = s->column;
			string(s);
			blanks(s);
			if (s->p < s->end)
				step(s);
			rc = duplicate(s, j, m, &pos);
		}
		if (rc == RC_OK)
			rc = value(s, m, &pos);
		blanks(s);
		if (s->p < s->end)
			step(s);
	}
	if (json_first(j) == NULL) {
		blanks(s);
		if (s->p < s->end)
			step(s);
	}
	return rc;
}

static int
value(struct scan *s, const struct json *j, const struct src_pos *key)
{
	struct src_pos pos = *key;
	enum json_kind kind = json_kind(j);
	int rc = RC_OK;

	blanks(s);
	pos.file = s->file;
	pos.line = s->line;
	pos.column = s->column;
	if (srcmap_put(s->map, j, &pos) != RC_OK)
		return err_set(s->err, RC_NOMEM, "out of memory");
	if (s->p >= s->end)
		return RC_OK;
	if (kind == JSON_OBJECT || kind == JSON_ARRAY) {
		if (++s->depth > DEPTH_MAX)
			return err_set(s->err, RC_FORMAT,
			    "%s: nested more than %d deep",
			    srcmap_name(s->map, s->file), DEPTH_MAX);
		rc = members(s, j);
		s->depth--;
	} else if (kind == JSON_STRING) {
		string(s);
	} else {
		while (s->p < s->end && strchr(",]} \t\r\n", *s->p) == NULL)
			step(s);
	}
	return rc;
}

int
json_pos_scan(struct srcmap *m, int file, const char *text, size_t n,
    const struct json *root, struct err *err)
{
	struct scan s = { m, file, text, text + n, 1, 1, 0, err };
	struct src_pos none;

	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		s.p += 3;
	memset(&none, 0, sizeof(none));
	return value(&s, root, &none);
}
