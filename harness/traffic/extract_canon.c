/* JSON as text that does not depend on the order of keys. */
#include <stdlib.h>
#include <string.h>

#include "harness/traffic/extract_part.h"

static int
by_name(const void *a, const void *b)
{
	const struct json *const *x = a, *const *y = b;

	return strcmp(json_key(*x), json_key(*y));
}

static int
write_object(struct buf *out, const struct json *j)
{
	size_t n = json_size(j), i;
	const struct json **m = malloc((n + 1) * sizeof(*m));
	int rc = RC_OK;

	if (m == NULL)
		return RC_NOMEM;
	m[0] = json_first(j);
	for (i = 1; i < n; i++)
		m[i] = json_next(m[i - 1]);
	qsort((void *)m, n, sizeof(*m), by_name);
	buf_putc(out, '{');
	for (i = 0; i < n && rc == RC_OK; i++) {
		if (i > 0)
			buf_putc(out, ',');
		json_write_str(out, json_key(m[i]), strlen(json_key(m[i])));
		buf_putc(out, ':');
		rc = extract_canon(out, m[i]);
	}
	buf_putc(out, '}');
	free((void *)m);
	return rc;
}

int
extract_canon(struct buf *out, const struct json *j)
{
	const struct json *m;
	int rc = RC_OK;

	if (json_kind(j) == JSON_OBJECT)
		return write_object(out, j);
	if (json_kind(j) != JSON_ARRAY) {
		json_write_alike(out, j);
		return RC_OK;
	}
	buf_putc(out, '[');
	for (m = json_first(j); m != NULL && rc == RC_OK; m = json_next(m)) {
		if (m != json_first(j))
			buf_putc(out, ',');
		rc = extract_canon(out, m);
	}
	buf_putc(out, ']');
	return rc;
}
