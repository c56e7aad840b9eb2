/* A line of a gold or sections file; see line_check.h. */
#include "harness/suite/line_check.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/utf8.h"
#include "harness/suite/key_check.h"

enum { FEW = 12 };	/* names: each is compared with each */

int
line_check_bytes(const char *line, size_t n, struct err *err)
{
	size_t i = 0, len;

	while (i < n) {
		len = (unsigned char)line[i] < 0x80 ? 1 :
		    utf8_len(line + i, n - i);
		if (len == 0)
			return err_set(err, RC_FORMAT, "byte %zu (0x%02x) "
			    "is not UTF-8; save the file as UTF-8", i + 1,
			    (unsigned char)line[i]);
		i += len;
	}
	return RC_OK;
}

/* ---- names that are there twice ---------------------------------------- */

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A name that an object of many members has twice, or NULL; *nomem */
static const char *
twice_of_many(const struct json *obj, size_t n, int *nomem)
{
	const char **v = calloc(n, sizeof(*v)), *found = NULL;
	const struct json *m;
	size_t i = 0;

	if (v == NULL) {
		*nomem = 1;
		return NULL;
	}
	for (m = json_first(obj); m != NULL && i < n; m = json_next(m))
		v[i++] = json_key(m);
	qsort(v, n, sizeof(*v), by_name);
	for (i = 1; i < n && found == NULL; i++) {
		if (strcmp(v[i - 1], v[i]) == 0)
			found = v[i];
	}
	free(v);
	return found;
}

static const char *
twice_of_few(const struct json *obj)
{
	const struct json *a, *b;

	for (a = json_first(obj); a != NULL; a = json_next(a)) {
		for (b = json_next(a); b != NULL; b = json_next(b)) {
			if (strcmp(json_key(a), json_key(b)) == 0)
				return json_key(a);
		}
	}
	return NULL;
}

/* in  the member that j is within, or NULL */
static int
no_name_twice(const struct json *j, const char *in, struct err *err)
{
	const struct json *m;
	const char *name = NULL;
	size_t n;
	int nomem = 0, rc = RC_OK;

	if (json_kind(j) != JSON_OBJECT && json_kind(j) != JSON_ARRAY)
		return RC_OK;
	if (json_kind(j) == JSON_OBJECT) {
		n = json_size(j);
		name = n <= FEW ? twice_of_few(j) :
		    twice_of_many(j, n, &nomem);
	}
	if (nomem)
		return err_set(err, RC_NOMEM, "out of memory");
	if (name != NULL)
		return err_set(err, RC_FORMAT, "\"%.80s\" is there twice"
		    "%s%.80s%s", name, in == NULL ? "" :
		    " in \"", in == NULL ? "" : in, in == NULL ? "" : "\"");
	for (m = json_first(j); m != NULL && rc == RC_OK; m = json_next(m))
		rc = no_name_twice(m, json_key(m) != NULL ? json_key(m) : in,
		    err);
	return rc;
}

/* ---- the table --------------------------------------------------------- */

struct first_fault {
	struct err *err;
	int rc;
};

static void
keep_first(void *ctx, const struct json *node, int at_key, const char *what)
{
	struct first_fault *f = ctx;

	(void)node;
	(void)at_key;
	if (f->rc == RC_OK)
		f->rc = err_set(f->err, RC_FORMAT, "%s", what);
}

int
line_check(const struct json *doc, const char *parent, struct err *err)
{
	struct first_fault f = { err, RC_OK };
	struct key_check c = { keep_first, &f };
	int rc = no_name_twice(doc, NULL, err);

	if (rc != RC_OK)
		return rc;
	key_check(&c, parent, doc);
	return f.rc;
}
