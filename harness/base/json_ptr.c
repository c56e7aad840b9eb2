/* JSON Pointers (RFC 6901) in which `*` stands for every element; see
 * json.h. */
#include "harness/base/json.h"

#include <stdlib.h>
#include <string.h>

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
		    "\"%s\" is not a JSON Pointer: it must begin with "
		    "'/'", text);
	for (s = text; *s != '\0'; s++) {
		n += *s == '/';
		if (*s == '~' && s[1] != '0' && s[1] != '1')
			return err_set(err, RC_FORMAT, "\"%s\" is not a JSON "
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
	struct json *out;

	(void)walk(p, 0, j, keep_first, &found);
	/* the caller's tree may be changed where it is not const */
	memcpy(&out, &found, sizeof(out));
	return out;
}
