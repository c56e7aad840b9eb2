/*
 * One array out of a JSON document; see json_split.h.
 *
 * The file passes through a window that holds one member, or one element, at
 * a time: the scanner looks whether it is whole, and where it is not, more is
 * read.  The window doubles, so that a long value is looked at a few times at
 * most.
 */
#include "harness/base/json_split.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/jscan.h"
#include "harness/base/json_part.h"

enum { CHUNK_BYTES = 1 << 16 };

struct split {
	const char *path, *key;
	json_element_fn *fn;
	void *ctx;
	struct err *err;
	int rc;
	int fd, eof;
	size_t max;
	struct buf b;		/* the window */
	size_t at;		/* what of it has been taken */
	size_t line, column;	/* of that place */
	struct buf rest;
};

/* ---- the window ---------------------------------------------------------- */

static int
refill(struct split *s)
{
	size_t left = s->b.len - s->at, room;
	char *to;
	ssize_t n;

	if (left > 0)
		memmove(s->b.p, s->b.p + s->at, left);
	s->b.len = left;
	s->at = 0;
	if (left > s->max)
		return err_set(s->err, RC_FORMAT, "%s: larger than %zu bytes",
		    s->path, s->max);
	room = left > CHUNK_BYTES ? left : CHUNK_BYTES;
	to = buf_reserve(&s->b, room);
	if (to == NULL)
		return err_set(s->err, RC_NOMEM, "out of memory");
	do
		n = read(s->fd, to, room);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_errno(s->err, RC_IO, "%s: cannot read", s->path);
	s->b.len += (size_t)n;
	s->eof = n == 0;
	return RC_OK;
}

static void
cursor(const struct split *s, struct jscan *c)
{
	jscan_init(c, s->b.p + s->at, s->b.len - s->at);
}

/* Takes what the cursor has passed. */
static void
take_element(struct split *s, const struct jscan *c)
{
	size_t n = (size_t)(c->p - (s->b.p + s->at));

	json_place(s->b.p + s->at, n, &s->line, &s->column);
	s->at += n;
}

static int
broken(struct split *s, const struct jscan *c, const char *why)
{
	take_element(s, c);
	s->rc = json_err(s->err, s->line, s->column, c->bad != NULL ? c->bad :
	    why);
	err_prefix(s->err, "%s", s->path);
	return 0;
}

/*
 * What stands at the window's beginning: a bracket, comma or colon, that is
 * taken, or any value, that is not.
 * returns its first byte; 0 at the end, or when s->rc is set
 */
static char
next_byte(struct split *s)
{
	struct jscan c;
	char byte;

	for (;;) {
		cursor(s, &c);
		byte = jscan_peek(&c);
		if (byte != '\0' || c.p < c.end || s->eof)
			break;
		s->rc = refill(s);
		if (s->rc != RC_OK)
			return '\0';
	}
	take_element(s, &c);
	return byte;
}

static char
take_byte(struct split *s)
{
	char byte = next_byte(s);

	if (byte != '\0') {
		s->at++;
		s->column++;
	}
	return byte;
}

/*
 * A whole value, which is not taken: c is behind it.
 * returns 1; 0 when s->rc is set
 */
static int
whole_value(struct split *s, struct jscan *c)
{
	if (next_byte(s) == '\0' && s->rc != RC_OK)
		return 0;
	for (;;) {
		cursor(s, c);
		jscan_skip(c);
		/* a number that ends with the window may have more digits */
		if (c->bad == NULL && (c->p < s->b.p + s->b.len || s->eof))
			return 1;
		if ((c->bad != NULL && !c->cut) || s->eof)
			return broken(s, c, "");
		s->rc = refill(s);
		if (s->rc != RC_OK)
			return 0;
	}
}

/* ---- the document -------------------------------------------------------- */

static int
expect(struct split *s, char byte, const char *why)
{
	struct jscan c;

	if (next_byte(s) == byte) {
		(void)take_byte(s);
		return 1;
	}
	cursor(s, &c);
	return s->rc == RC_OK ? broken(s, &c, why) : 0;
}

/* Behind a member or element. returns 1: there is another one */
static int
another(struct split *s, char close)
{
	char byte = next_byte(s);
	struct jscan c;

	if (byte == ',' || byte == close) {
		(void)take_byte(s);
		return byte == ',';
	}
	cursor(s, &c);
	return s->rc == RC_OK ? broken(s, &c,
	    "a comma or a closing bracket is missing") : 0;
}

static int
element(struct split *s)
{
	struct json *j;
	struct jscan c;
	size_t n;

	if (!whole_value(s, &c))
		return 0;
	n = (size_t)(c.p - (s->b.p + s->at));
	if (n > s->max) {
		s->rc = err_set(s->err, RC_FORMAT, "%s: larger than %zu bytes",
		    s->path, s->max);
		return 0;
	}
	j = json_parse(s->b.p + s->at, n, s->err);
	s->rc = j == NULL ? RC_NOMEM : s->fn(s->ctx, j, s->err);
	json_free(j);
	take_element(s, &c);
	return s->rc == RC_OK;
}

static void
elements(struct split *s)
{
	(void)take_byte(s);
	if (next_byte(s) == ']') {
		(void)take_byte(s);
		return;
	}
	while (s->rc == RC_OK && element(s) && another(s, ']'))
		continue;
}

/* Copies what the cursor has passed. */
static void
copy(struct split *s, const struct jscan *c)
{
	buf_add(&s->rest, s->b.p + s->at,
	    (size_t)(c->p - (s->b.p + s->at)));
	take_element(s, c);
}

/* *found  the array has been there */
static void
member(struct split *s, int *found)
{
	size_t key_n = strlen(s->key), n;
	struct jscan c;
	int ours;

	if (next_byte(s) != '"' && s->rc == RC_OK) {
		cursor(s, &c);
		(void)broken(s, &c, "a string is missing");
	}
	if (s->rc != RC_OK || !whole_value(s, &c))
		return;
	n = (size_t)(c.p - (s->b.p + s->at));
	ours = !*found && n == key_n + 2 &&
	    memcmp(s->b.p + s->at + 1, s->key, key_n) == 0;
	copy(s, &c);
	if (!expect(s, ':', "a colon is missing"))
		return;
	buf_putc(&s->rest, ':');
	*found |= ours;
	if (ours && next_byte(s) == '[') {
		buf_puts(&s->rest, "[]");
		elements(s);
	} else if (s->rc == RC_OK && whole_value(s, &c)) {
		copy(s, &c);
	}
}

/* The members of an object; another document is one value. */
static int
document(struct split *s)
{
	struct jscan c;
	int found = 0;

	if (next_byte(s) != '{') {
		if (s->rc == RC_OK && whole_value(s, &c))
			copy(s, &c);
	} else {
		buf_putc(&s->rest, take_byte(s));
		if (next_byte(s) == '}')
			(void)take_byte(s);
		else
			for (member(s, &found); s->rc == RC_OK &&
			    another(s, '}'); member(s, &found))
				buf_putc(&s->rest, ',');
		buf_putc(&s->rest, '}');
	}
	if (s->rc == RC_OK && next_byte(s) != '\0') {
		cursor(s, &c);
		(void)broken(s, &c, "there is more after the value");
	}
	return s->rc;
}

static struct json *
parse_rest(struct split *s)
{
	struct json *j;

	if (s->rest.bad != RC_OK) {
		(void)err_set(s->err, RC_FORMAT, "%s: larger than %zu bytes",
		    s->path, s->max);
		return NULL;
	}
	j = json_parse(s->rest.p, s->rest.len, s->err);
	if (j == NULL)
		err_prefix(s->err, "%s", s->path);
	return j;
}

struct json *
json_split(const char *path, const char *key, size_t max_bytes,
    json_element_fn *fn, void *ctx, struct err *err)
{
	struct split s = { .path = path, .key = key, .fn = fn, .ctx = ctx,
	    .err = err, .line = 1, .column = 1, .max = max_bytes };
	struct json *j = NULL;

	s.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (s.fd < 0) {
		(void)err_errno(err, RC_IO, "%s: cannot open", path);
		return NULL;
	}
	buf_init(&s.b, 2 * (max_bytes + CHUNK_BYTES));
	buf_init(&s.rest, max_bytes);
	if (document(&s) == RC_OK)
		j = parse_rest(&s);
	(void)close(s.fd);
	buf_fini(&s.b);
	buf_fini(&s.rest);
	return j;
}
