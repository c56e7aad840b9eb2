/* Single values: by alternative pointers, as text, as numbers. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/traffic/extract_part.h"

enum { WORD_MAX = 64 << 20 };

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
extract_as_word(struct answer_mem *mem, const struct json *j)
{
	const char *s;
	struct buf b;

	buf_init(&b, WORD_MAX);
	s = json_word(j, &b);
	if (s != NULL && s == b.p)
		s = extract_keep(mem, s, b.len);
	buf_fini(&b);
	return s == NULL || *s == '\0' ? NULL : s;
}

const char *
extract_as_text(const struct json *j, size_t *n)
{
	const char *s = json_text(j, n);

	if (s != NULL)
		return *n == 0 ? NULL : s;
	s = json_kind(j) == JSON_BOOL ? json_bool(j, 0) ? "true" : "false" :
	    json_digits(j);
	*n = s == NULL ? 0 : strlen(s);
	return s;
}

double
extract_as_number(const struct json *j)
{
	const char *s = json_str(j);
	char *end;
	double v;

	if (s == NULL) {
		v = json_num(j, NAN);
		return isfinite(v) ? v : NAN;
	}
	v = strtod(s, &end);
	return end == s || *end != '\0' || !isfinite(v) ? NAN : v;
}
