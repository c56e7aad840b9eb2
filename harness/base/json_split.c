/*
 * One array out of a JSON document; see json_split.h.
 *
 * What is not of the array is copied; for each line break of the array one is
 * copied too, so that an error in the copy is found in the line it has in
 * the file.  Text that is no JSON is copied as it is and ends the array: the
 * parser then says what is wrong with it, and where.
 */
#include "harness/base/json_split.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK_BYTES = 1 << 16 };

enum place {
	PLACE_OUTSIDE,		/* before the array */
	PLACE_COLON, PLACE_VALUE,	/* behind its key */
	PLACE_GAP,		/* in the array, between elements */
	PLACE_ELEMENT,
	PLACE_BEHIND		/* the array, or the search for it, is over */
};

struct split {
	const char *key;
	json_element_fn *fn;
	void *ctx;
	struct err *err;
	int rc;
	struct buf rest, one;
	enum place place;
	int depth;		/* of the document, or of an element */
	int in_string, escaped;
	int key_next;		/* the next string of the object is a key */
	size_t key_at;		/* where it begins in the rest */
	int scalar;		/* the element is no object, array or string */
	int n, comma;		/* elements; a comma behind the last one */
	size_t column, column_at;	/* bytes before here on this line, and
				   before the element */
	size_t line;		/* where the rest's last line begins */
};

static int
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Follows strings and brackets; returns 1 when c ends a string. */
static int
follow(struct split *s, char c)
{
	if (s->in_string) {
		if (s->escaped)
			s->escaped = 0;
		else if (c == '\\')
			s->escaped = 1;
		else if (c == '"')
			s->in_string = 0;
		return !s->in_string;
	}
	s->in_string = c == '"';
	if (c == '{' || c == '[')
		s->depth++;
	else if (c == '}' || c == ']')
		s->depth--;
	return 0;
}

static void
step_column(struct split *s, char c)
{
	s->column = c == '\n' ? 0 : s->column + 1;
}

/* Copies what the array must not swallow, in its column. */
static void
give_up(struct split *s, const char *p, size_t n)
{
	size_t have = s->rest.len - s->line;

	for (; have < s->column_at; have++)
		buf_putc(&s->rest, ' ');
	buf_add(&s->rest, p, n);
	s->place = PLACE_BEHIND;
}

static size_t
outside(struct split *s, const char *p, size_t n)
{
	size_t i, key = strlen(s->key);
	int ends;

	for (i = 0; i < n; i++) {
		char c = p[i];

		step_column(s, c);
		if (!s->in_string && s->depth == 1 && c == '"' && s->key_next)
			s->key_at = s->rest.len + i + 1;
		ends = follow(s, c);
		if (s->in_string || is_blank(c))
			continue;
		if (ends && s->depth == 1 && s->key_next &&
		    s->rest.len + i - s->key_at == key) {
			buf_add(&s->rest, p, i + 1);
			if (s->rest.bad == RC_OK && memcmp(s->rest.p +
			    s->key_at, s->key, key) == 0)
				s->place = PLACE_COLON;
			s->key_next = 0;
			return i + 1;
		}
		if (s->depth == 1 || ends)
			s->key_next = !ends && (c == '{' || c == ',');
	}
	buf_add(&s->rest, p, n);
	return n;
}

/* Behind the key: a colon, then a bracket that opens the array. */
static size_t
approach(struct split *s, const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (is_blank(p[i])) {
			step_column(s, p[i]);
			continue;
		}
		if (s->place == PLACE_COLON && p[i] == ':') {
			step_column(s, p[i]);
			s->place = PLACE_VALUE;
			continue;
		}
		buf_add(&s->rest, p, i);
		if (s->place != PLACE_VALUE || p[i] != '[') {
			s->place = PLACE_BEHIND;
			return i;
		}
		step_column(s, '[');
		buf_putc(&s->rest, '[');
		s->line = s->rest.len - s->column;
		s->place = PLACE_GAP;
		s->depth = 0;
		return i + 1;
	}
	buf_add(&s->rest, p, n);
	return n;
}

static void
line_break(struct split *s)
{
	buf_putc(&s->rest, '\n');
	s->line = s->rest.len;
}

static size_t
gap(struct split *s, const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		char c = p[i];

		s->column_at = s->column;
		step_column(s, c);
		if (c == '\n')
			line_break(s);
		if (is_blank(c))
			continue;
		if (c == ',' && s->n > 0 && !s->comma) {
			s->comma = 1;
		} else if (c == ']' && !s->comma) {
			s->column_at = 0;
			give_up(s, p + i, 1);
			return i + 1;
		} else if (c == ',' || c == ']' || (s->n > 0 && !s->comma)) {
			/* a comma too few or too many */
			give_up(s, ",,", 2);
			return i;
		} else {
			s->place = PLACE_ELEMENT;
			s->scalar = c != '{' && c != '[' && c != '"';
			s->comma = 0;
			s->column = s->column_at;
			buf_reset(&s->one);
			return i;
		}
	}
	return n;
}

static void
element_done(struct split *s)
{
	struct json *j = json_parse(s->one.p, s->one.len, NULL);
	const char *p, *nl;

	if (j == NULL) {
		give_up(s, s->one.p, s->one.len);
		return;
	}
	s->n++;
	s->place = PLACE_GAP;
	s->rc = s->fn(s->ctx, j, s->err);
	json_free(j);
	p = s->one.p;
	while ((nl = memchr(p, '\n', s->one.len - (size_t)(p - s->one.p))) !=
	    NULL) {
		line_break(s);
		p = nl + 1;
	}
}

static size_t
element(struct split *s, const char *p, size_t n)
{
	size_t i;
	int ends = 0;

	for (i = 0; i < n && !ends; i++) {
		char c = p[i];

		if (s->scalar && (c == ',' || c == ']' || is_blank(c)))
			break;
		step_column(s, c);
		(void)follow(s, c);
		ends = !s->scalar && !s->in_string && s->depth <= 0;
	}
	buf_add(&s->one, p, i);
	if ((ends || i < n) && s->one.bad == RC_OK)
		element_done(s);
	return i;
}

static void
take(struct split *s, const char *p, size_t n)
{
	size_t k;

	while (n > 0 && s->rc == RC_OK && s->one.bad == RC_OK &&
	    s->rest.bad == RC_OK) {
		switch (s->place) {
		case PLACE_OUTSIDE:
			k = outside(s, p, n);
			break;
		case PLACE_COLON:
		case PLACE_VALUE:
			k = approach(s, p, n);
			break;
		case PLACE_GAP:
			k = gap(s, p, n);
			break;
		case PLACE_ELEMENT:
			k = element(s, p, n);
			break;
		default:
			buf_add(&s->rest, p, n);
			k = n;
		}
		p += k;
		n -= k;
	}
}

/* The file ends too soon: the parser is to see where. */
static void
tear(struct split *s)
{
	if (s->place == PLACE_ELEMENT) {
		give_up(s, s->one.p, s->one.len);
	} else if (s->place == PLACE_GAP) {
		s->column_at = s->column > 0 ? s->column - 1 : 0;
		give_up(s, ",", 1);
	}
}

static int
read_all(struct split *s, int fd, const char *path)
{
	char chunk[CHUNK_BYTES];
	ssize_t n;

	do {
		n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno != EINTR)
			return err_errno(s->err, RC_IO, "%s: cannot read",
			    path);
		if (n > 0)
			take(s, chunk, (size_t)n);
	} while (n != 0 && s->rc == RC_OK && s->one.bad == RC_OK &&
	    s->rest.bad == RC_OK);
	if (n == 0)
		tear(s);
	if (s->rc != RC_OK)
		return s->rc;
	if (s->one.bad != RC_OK || s->rest.bad != RC_OK)
		return err_set(s->err, RC_FORMAT, "%s: larger than %zu bytes",
		    path, s->rest.max);
	return RC_OK;
}

struct json *
json_split(const char *path, const char *key, size_t max_bytes,
    json_element_fn *fn, void *ctx, struct err *err)
{
	struct split s = { .key = key, .fn = fn, .ctx = ctx, .err = err };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct json *j = NULL;

	if (fd < 0) {
		(void)err_errno(err, RC_IO, "%s: cannot open", path);
		return NULL;
	}
	buf_init(&s.rest, max_bytes);
	buf_init(&s.one, max_bytes);
	if (read_all(&s, fd, path) == RC_OK) {
		j = json_parse(s.rest.p, s.rest.len, err);
		if (j == NULL)
			err_prefix(err, "%s", path);
	}
	(void)close(fd);
	buf_fini(&s.rest);
	buf_fini(&s.one);
	return j;
}
