/* Single values: by alternative pointers, as text, as numbers. */
#include <math.h>
#include <stdlib.h>

#include "harness/traffic/extract_part.h"

const struct json *
alt_find(const struct ptr_alt *a, const struct json *j)
{
	const struct json *v;
	size_t i;

	for (i = 0; i < a->n; i++) {
		v = json_ptr_find(a->p[i], j);
		if (v != NULL && json_kind(v) != JSON_NULL)
			return v;
	}
	return NULL;
}

const char *
extract_as_text(struct answer_mem *mem, const struct json *j)
{
	const char *s = json_str(j);
	char storage[64];
	struct buf b;

	if (s != NULL)
		return *s == '\0' ? NULL : s;
	if (json_kind(j) != JSON_NUMBER && json_kind(j) != JSON_BOOL)
		return NULL;
	buf_init(&b, sizeof(storage));
	json_write(&b, j);
	s = extract_keep(mem, buf_str(&b), b.len);
	buf_fini(&b);
	return s;
}

double
extract_as_number(const struct json *j)
{
	const char *s = json_str(j);
	char *end;
	double v;

	if (s == NULL)
		return json_num(j, NAN);
	v = strtod(s, &end);
	return end == s || *end != '\0' || !isfinite(v) ? NAN : v;
}
