/* RFC 7396 over a text whose bytes stay; see json.h. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/json_part.h"
#include "harness/base/jscan.h"

struct patcher {
	struct jscan s;
	struct buf *out;
	struct buf key;		/* scratch */
};

/* The patch where there was nothing: its nulls remove. */
static void
put_new(struct buf *out, const struct json *patch)
{
	const struct json *m;
	int n = 0;

	if (json_kind(patch) != JSON_OBJECT) {
		json_write(out, patch);
		return;
	}
	buf_putc(out, '{');
	for (m = json_first(patch); m != NULL; m = json_next(m)) {
		if (json_kind(m) == JSON_NULL)
			continue;
		if (n++ > 0)
			buf_putc(out, ',');
		json_write_key(out, m);
		put_new(out, m);
	}
	buf_putc(out, '}');
}

/* The member of the patch that a key names; the cursor is before the key. */
static const struct json *
named(struct patcher *p, const struct json *patch)
{
	const struct json *m;
	struct jscan at = p->s;
	const char *raw;
	size_t n;
	char *to;

	if (!jscan_raw(&p->s, &raw, &n))
		return NULL;
	buf_reset(&p->key);
	to = buf_reserve(&p->key, n + JSCAN_SLACK);
	if (to == NULL) {
		p->out->bad = RC_NOMEM;
		return NULL;
	}
	n = jscan_copy(&at, to);
	for (m = json_first(patch); m != NULL; m = json_next(m)) {
		if (m->key_n == n && memcmp(m->key, to, n) == 0)
			break;
	}
	return m;
}

static void put_value(struct patcher *p, const struct json *patch);

/* Those members of the patch that the object does not have. */
static void
put_missing(struct patcher *p, const struct json *patch,
    const unsigned char *met, int n)
{
	const struct json *m;

	for (m = json_first(patch); m != NULL; m = json_next(m), met++) {
		if (*met || json_kind(m) == JSON_NULL)
			continue;
		if (n++ > 0)
			buf_putc(p->out, ',');
		json_write_key(p->out, m);
		put_new(p->out, m);
	}
}

static size_t
place_of(const struct json *patch, const struct json *m)
{
	const struct json *c;
	size_t i = 0;

	for (c = json_first(patch); c != m; c = json_next(c))
		i++;
	return i;
}

/*
 * The members of an object.  Blanks go with the member that they stand before
 * or behind; commas are between those that stay.
 * met     set for each member of the patch that is there
 */
static void
put_members(struct patcher *p, const struct json *patch, unsigned char *met)
{
	const char *tail = p->s.p + 1, *from;
	const struct json *m;
	int first = 1, n = 0;

	for (;;) {
		from = p->s.p + 1;	/* behind the bracket or comma */
		if (!jscan_member(&p->s, &first))
			break;
		(void)jscan_peek(&p->s);
		m = named(p, patch);
		if (m != NULL)
			met[place_of(patch, m)] = 1;
		if (!jscan_colon(&p->s))
			return;
		(void)jscan_peek(&p->s);
		if (json_kind(m) == JSON_NULL) {
			jscan_skip(&p->s);
		} else {
			if (n++ > 0)
				buf_putc(p->out, ',');
			buf_add(p->out, from, (size_t)(p->s.p - from));
			put_value(p, m);
		}
		tail = p->s.p;
		if (jscan_peek(&p->s) == ',' && json_kind(m) != JSON_NULL)
			buf_add(p->out, tail, (size_t)(p->s.p - tail));
	}
	if (p->s.bad != NULL)
		return;
	put_missing(p, patch, met, n);
	buf_add(p->out, tail, (size_t)(p->s.p - tail));
}

/* The value at the cursor; patch NULL: as it is. */
static void
put_value(struct patcher *p, const struct json *patch)
{
	const char *from;
	unsigned char *met;
	char c = jscan_peek(&p->s);

	from = p->s.p;
	if (patch == NULL) {
		jscan_skip(&p->s);
		buf_add(p->out, from, (size_t)(p->s.p - from));
	} else if (json_kind(patch) != JSON_OBJECT || c != '{') {
		jscan_skip(&p->s);
		put_new(p->out, patch);
	} else {
		met = calloc(json_size(patch) + 1, 1);
		if (met == NULL) {
			p->out->bad = RC_NOMEM;
			jscan_skip(&p->s);
			return;
		}
		buf_putc(p->out, '{');
		put_members(p, patch, met);
		free(met);
	}
}

int
json_patch(struct buf *out, const char *text, size_t n,
    const struct json *patch, struct err *err)
{
	struct patcher p = { .out = out };
	size_t line = 1, column = 1;
	const char *from;

	buf_init(&p.key, n + (size_t)2 * JSCAN_SLACK);
	jscan_init(&p.s, text, n);
	p.s.keep_lone = 1;
	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		p.s.p += 3;
	(void)jscan_peek(&p.s);
	buf_add(out, text, (size_t)(p.s.p - text));
	put_value(&p, patch);
	from = p.s.p;
	buf_fini(&p.key);
	if (jscan_end(&p.s)) {
		buf_add(out, from, (size_t)(p.s.p - from));
		return RC_OK;
	}
	json_place(text, (size_t)(p.s.p - text), &line, &column);
	return json_err(err, line, column, p.s.bad != NULL ? p.s.bad :
	    "there is more after the value");
}
