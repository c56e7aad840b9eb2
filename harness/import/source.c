/* The bytes of an input, its lines, and its JSON values one by one. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/import/import_part.h"
#include "harness/traffic/zst.h"

enum { SRC_CHUNK = 1 << 18 };

struct import_src {
	const char *const *paths;	/* one after the other */
	size_t n_paths, at_path;	/* n_paths: all are read */
	struct import_at place;	/* in the one under way */
	import_feed_fn *feed;	/* instead of files, or NULL: no more */
	void *feed_ctx;
	int fd;			/* -1: between two */
	struct zst_dec *dec;	/* NULL: plain */
	char *raw;		/* what was read of the file */
	size_t raw_at, raw_n;
	int whole;		/* a frame of dec has ended, and none begun */
	struct buf text;	/* bytes of the input, from `at` on unread */
	size_t at;
	struct buf one;		/* the line or value under way */
};

int
import_src_open(const char *const *paths, size_t n, struct import_src **out,
    struct err *err)
{
	struct import_src *s = calloc(1, sizeof(*s));

	*out = s;
	if (s == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	s->paths = paths;
	s->n_paths = n;
	s->place.path = n > 0 ? paths[0] : "";
	s->fd = -1;
	s->raw = malloc(SRC_CHUNK);
	buf_init(&s->text, (size_t)64 << 20);
	buf_init(&s->one, IMPORT_VALUE_MAX + 1);
	return s->raw == NULL ? err_set(err, RC_NOMEM, "out of memory") :
	    RC_OK;
}

void
import_src_feed(struct import_src *src, const struct import_opts *o)
{
	src->feed = o->feed;
	src->feed_ctx = o->feed_ctx;
	src->place.path = o->feed_name;
}

void
import_src_at(struct import_src *src, const struct import_at *at)
{
	src->place = *at;
}

void
import_src_close(struct import_src **src)
{
	struct import_src *s = *src;

	if (s == NULL)
		return;
	*src = NULL;
	if (s->fd >= 0)
		(void)close(s->fd);
	zst_dec_free(s->dec);
	buf_fini(&s->text);
	buf_fini(&s->one);
	free(s->raw);
	free(s);
}

void
import_unusable(struct import *im, const struct import_src *src,
    const char *what)
{
	import_unusable_at(im, &src->place, what);
}

/* Reads a piece of the file; raw_n 0 is its end. */
static int
read_raw(struct import_src *s, struct err *err)
{
	ssize_t n;

	do {
		n = read(s->fd, s->raw, SRC_CHUNK);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_errno(err, RC_IO, "%s", s->place.path);
	s->raw_at = 0;
	s->raw_n = (size_t)n;
	return RC_OK;
}

/* Opens the next file; the first bytes tell whether it is compressed. */
static int
begin(struct import_src *s, struct err *err)
{
	static const unsigned char zstd[4] = { 0x28, 0xb5, 0x2f, 0xfd };
	static const unsigned char gzip[2] = { 0x1f, 0x8b };
	int rc;

	s->place.path = s->paths[s->at_path];
	s->place.line = 0;
	s->fd = strcmp(s->place.path, "-") == 0 ? dup(STDIN_FILENO) :
	    open(s->place.path, O_RDONLY | O_CLOEXEC);
	if (s->fd < 0)
		return err_errno(err, RC_IO, "%s", s->place.path);
	rc = read_raw(s, err);
	if (rc != RC_OK)
		return rc;
	if (s->raw_n >= 4 && memcmp(s->raw, zstd, 4) == 0)
		return zst_dec_new(&s->dec, err);
	if (s->raw_n >= 2 && memcmp(s->raw, gzip, 2) == 0)
		return err_set(err, RC_FORMAT, "%s: compressed with gzip; "
		    "give its text: gzip -dc FILE | lockstep import FORMAT "
		    "- --out TRACE", s->place.path);
	return RC_OK;
}

/* A line break parts it from the next one. */
static int
end(struct import_src *s, struct err *err)
{
	if (s->dec != NULL && !s->whole)
		return err_set(err, RC_FORMAT, "%s: its end is missing: it "
		    "was cut off while it was compressed or copied. To take "
		    "what is there: zstd -dc FILE | lockstep import FORMAT - "
		    "--out TRACE", s->place.path);
	(void)close(s->fd);
	s->fd = -1;
	zst_dec_free(s->dec);
	s->dec = NULL;
	s->at_path++;
	buf_putc(&s->text, '\n');
	return RC_OK;
}

/* Decompresses or copies what was read. */
static int
take_raw(struct import_src *s, struct err *err)
{
	struct zst_in in = { s->raw + s->raw_at, s->raw_n - s->raw_at, 0 };
	int frame_end, rc;

	if (s->dec == NULL) {
		buf_add(&s->text, in.p, in.n);
		s->raw_at = s->raw_n;
		return RC_OK;
	}
	rc = zst_dec_add(s->dec, &in, &s->text, SRC_CHUNK, &frame_end, err);
	s->raw_at += in.used;
	s->whole = frame_end;
	return rc;
}

/* One document of the feed, or its end. */
static int
take_feed(struct import_src *s, struct err *err)
{
	int rc = s->feed(s->feed_ctx, &s->text, err);

	if (rc == 0)
		s->feed = NULL;
	else if (rc == 1)
		buf_putc(&s->text, '\n');
	return rc == 1 ? RC_OK : rc;
}

/* Makes at least one more byte of text available; none at the end. */
static int
fill(struct import_src *s, struct err *err)
{
	int rc = RC_OK;

	buf_reset(&s->text);
	s->at = 0;
	while (rc == RC_OK && s->text.len == 0 && s->feed != NULL)
		rc = take_feed(s, err);
	while (rc == RC_OK && s->text.len == 0 && s->at_path < s->n_paths) {
		if (s->fd < 0)
			rc = begin(s, err);
		else if (s->raw_at < s->raw_n || (s->dec != NULL &&
		    zst_dec_more(s->dec)))
			rc = take_raw(s, err);
		else if (s->raw_n == 0)
			rc = end(s, err);
		else
			rc = read_raw(s, err);
	}
	if (rc == RC_OK)
		rc = buf_check(&s->text, s->place.path, err);
	return rc;
}

int
import_read(struct import_src *src, char *p, size_t n, size_t *got,
    struct err *err)
{
	size_t k;
	int rc;

	*got = 0;
	while (*got < n) {
		if (src->at == src->text.len) {
			rc = fill(src, err);
			if (rc != RC_OK)
				return rc;
			if (src->text.len == 0)
				return RC_OK;
		}
		k = src->text.len - src->at;
		if (k > n - *got)
			k = n - *got;
		memcpy(p + *got, src->text.p + src->at, k);
		src->at += k;
		*got += k;
	}
	return RC_OK;
}

/* ---- lines ------------------------------------------------------------- */

static void
trim(const struct import_src *s, const char **line, size_t *n)
{
	*line = buf_str(&s->one);
	*n = s->one.len;
	while (*n > 0 && (*line)[*n - 1] == '\r')
		(*n)--;
}

int
import_line(struct import *im, struct import_src *src, const char **line,
    size_t *n, struct err *err)
{
	const char *from, *end;
	int rc, some = 0;

	if (src->one.len > 0 || src->one.bad != RC_OK)
		src->place.line++;
	buf_reset(&src->one);
	for (;;) {
		if (src->at == src->text.len) {
			rc = fill(src, err);
			if (rc != RC_OK)
				return rc;
			if (src->text.len == 0)
				break;
		}
		some = 1;
		from = src->text.p + src->at;
		end = memchr(from, '\n', src->text.len - src->at);
		buf_add(&src->one, from, end == NULL ?
		    src->text.len - src->at : (size_t)(end - from));
		src->at = end == NULL ? src->text.len :
		    (size_t)(end + 1 - src->text.p);
		if (end == NULL)
			continue;
		if (src->one.bad != RC_OK) {
			import_unusable(im, src, "a line that is too long");
			src->place.line++;
			buf_reset(&src->one);
			continue;
		}
		trim(src, line, n);
		if (*n > 0)
			return 1;
		src->place.line++;
		buf_reset(&src->one);
		some = 0;
	}
	if (some && src->one.bad != RC_OK)
		import_unusable(im, src, "a line that is too long");
	else if (some && src->one.len > 0) {
		trim(src, line, n);
		return *n > 0;
	}
	return 0;
}

/* ---- values ------------------------------------------------------------ */

/*
 * Slices values without parsing: brackets and strings are enough to find
 * where one ends.  What is inside is json_doc_parse()'s to check.
 */
struct slicer {
	struct import *im;
	struct import_src *src;
	const char *path;	/* what is left of it to be found, or NULL */
	import_value_fn *fn;
	void *ctx;
	struct json_doc *doc;
	uint64_t found;		/* arrays at the path */
};

/* The next byte, which stays; 0 at the end. */
static int
peek(struct import_src *s, char *c, struct err *err)
{
	int rc = RC_OK;

	*c = '\0';
	if (s->at == s->text.len)
		rc = fill(s, err);
	if (rc == RC_OK && s->at < s->text.len)
		*c = s->text.p[s->at];
	return rc;
}

static void
take_byte(struct import_src *s)
{
	s->place.line += s->text.p[s->at] == '\n';
	s->at++;
}

/* Passes blanks and separators. */
static int
next_byte(struct import_src *s, char *c, struct err *err)
{
	int rc;

	while ((rc = peek(s, c, err)) == RC_OK && *c != '\0' &&
	    strchr(" \t\r\n,:\x1e\xef\xbb\xbf", *c) != NULL)
		take_byte(s);
	return rc;
}

/*
 * No second scanner of JSON: it only finds where a value ends by its quotes
 * and brackets, across windows and past values that are too large to hold.
 * What is kept is read by json_parse().
 */

/* Where a run of bytes that mean nothing here ends. */
static size_t
plain_run(const char *p, size_t n, int in_string)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (in_string ? p[i] == '"' || p[i] == '\\' :
		    p[i] == '"' || p[i] == '{' || p[i] == '}' ||
		    p[i] == '[' || p[i] == ']' || p[i] == '\n')
			break;
	}
	return i;
}

/* A string from its quote to its quote. */
static int
slice_string(struct import_src *s, int keep, struct err *err)
{
	char c;
	size_t n;
	int rc, escaped = 0, quotes = 0;

	while ((rc = peek(s, &c, err)) == RC_OK && s->at < s->text.len) {
		n = !escaped && quotes > 0 ? plain_run(s->text.p + s->at,
		    s->text.len - s->at, 1) : 0;
		if (n == 0)
			n = 1;
		else
			c = '.';
		if (keep)
			buf_add(&s->one, s->text.p + s->at, n);
		s->at += n;
		if (escaped)
			escaped = 0;
		else if (c == '\\')
			escaped = 1;
		else if (c == '"' && ++quotes == 2)
			break;
	}
	return rc;
}

/* Anything that stands alone: a number, true, or what is no JSON. */
static int
slice_word(struct import_src *s, struct err *err)
{
	char c;
	int rc;

	while ((rc = peek(s, &c, err)) == RC_OK && s->at < s->text.len &&
	    (c == '\0' || strchr(" \t\r\n,:[]{}\"", c) == NULL)) {
		buf_putc(&s->one, c);
		take_byte(s);
	}
	return rc;
}

/* One whole value into s->one (keep) or nowhere. */
static int
slice(struct import_src *s, int keep, struct err *err)
{
	size_t depth = 0, n;
	char c;
	int rc = RC_OK;

	do {
		rc = peek(s, &c, err);
		if (rc != RC_OK || s->at == s->text.len)
			break;
		if (c == '"') {
			rc = slice_string(s, keep, err);
			continue;
		}
		if (depth == 0 && c != '{' && c != '[') {
			rc = slice_word(s, err);
			break;
		}
		n = plain_run(s->text.p + s->at, s->text.len - s->at, 0);
		if (n == 0) {
			n = 1;
			s->place.line += c == '\n';
			depth += c == '{' || c == '[';
			depth -= c == '}' || c == ']';
		}
		if (keep)
			buf_add(&s->one, s->text.p + s->at, n);
		s->at += n;
	} while (rc == RC_OK && depth > 0);
	return rc;
}

static int
give(struct slicer *sl, struct err *err)
{
	struct import_src *s = sl->src;
	const struct json *v;
	struct err bad = ERR_INIT;

	if (s->one.bad != RC_OK) {
		import_seen(sl->im);
		import_unusable(sl->im, s, "a record of more than 64 MB");
		return RC_OK;
	}
	v = json_doc_parse(sl->doc, buf_str(&s->one), s->one.len, &bad);
	if (v == NULL && bad.code == RC_NOMEM)
		return err_set(err, RC_NOMEM, "out of memory");
	if (v == NULL) {
		import_seen(sl->im);
		import_unusable(sl->im, s, "a record that is not JSON");
		return RC_OK;
	}
	return sl->fn(sl->ctx, v, err);
}

static int
slice_and_give(struct slicer *sl, struct err *err)
{
	struct import_src *s = sl->src;
	size_t before = s->at;
	int rc;

	buf_reset(&s->one);
	rc = slice(s, 1, err);
	if (rc == RC_OK && s->one.len == 0 && s->at == before)
		take_byte(s);	/* a stray bracket */
	if (rc != RC_OK || s->one.len == 0)
		return rc;
	return give(sl, err);
}

/* The elements of an array whose bracket is next. */
static int
each_element(struct slicer *sl, struct err *err)
{
	char c;
	int rc = RC_OK;

	take_byte(sl->src);
	while (rc == RC_OK) {
		rc = next_byte(sl->src, &c, err);
		if (rc != RC_OK || sl->src->at == sl->src->text.len)
			break;
		if (c == ']') {
			take_byte(sl->src);
			break;
		}
		rc = slice_and_give(sl, err);
	}
	return rc;
}

/* Whether the key in s->one is the path's next; *rest what is behind it. */
static int
key_is(const struct import_src *s, const char *path, const char **rest)
{
	size_t n = strcspn(path, ".");

	*rest = path[n] == '.' ? path + n + 1 : NULL;
	return s->one.len == n + 2 && s->one.bad == RC_OK &&
	    memcmp(s->one.p + 1, path, n) == 0;
}

/* The members of an object whose brace is next, down the path. */
static int
descend(struct slicer *sl, const char *path, struct err *err)
{
	struct import_src *s = sl->src;
	const char *rest;
	char c;
	int rc = RC_OK, hit;

	take_byte(s);
	while (rc == RC_OK) {
		rc = next_byte(s, &c, err);
		if (rc != RC_OK || s->at == s->text.len)
			break;
		if (c == '}' || c == ']') {
			take_byte(s);
			break;
		}
		buf_reset(&s->one);
		rc = slice(s, 1, err);		/* the key */
		hit = rc == RC_OK && key_is(s, path, &rest);
		if (rc == RC_OK)
			rc = next_byte(s, &c, err);
		if (rc != RC_OK)
			break;
		if (hit && rest == NULL && c == '[') {
			sl->found++;
			rc = each_element(sl, err);
		} else if (hit && rest != NULL && c == '{')
			rc = descend(sl, rest, err);
		else
			rc = slice(s, 0, err);
	}
	return rc;
}

int
import_values(struct import *im, struct import_src *src, const char *path,
    import_value_fn *fn, void *ctx, struct err *err)
{
	struct slicer sl = { im, src, path, fn, ctx, json_doc_new(), 0 };
	char c;
	int rc = RC_OK;

	if (sl.doc == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	while (rc == RC_OK) {
		rc = next_byte(src, &c, err);
		if (rc != RC_OK || src->at == src->text.len)
			break;
		if (path != NULL && c == '{')
			rc = descend(&sl, path, err);
		else if (path == NULL && c == '[')
			rc = each_element(&sl, err);
		else
			rc = slice_and_give(&sl, err);
	}
	json_doc_free(sl.doc);
	if (rc == RC_OK && path != NULL && sl.found == 0)
		rc = err_set(err, RC_FORMAT, "%s: it has no list \"%s\"; check "
		    "that the file has this format", src->place.path, path);
	return rc;
}

int
import_page(const struct json *v, import_value_fn *fn, void *ctx,
    struct err *err)
{
	const struct json *data = json_get(v, "data"), *e;
	int rc = RC_OK;

	if (json_kind(data) != JSON_ARRAY)
		return fn(ctx, v, err);
	for (e = json_first(data); e != NULL && rc == RC_OK; e = json_next(e))
		rc = fn(ctx, e, err);
	return rc;
}
