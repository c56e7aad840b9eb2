/* Putting a value by pointer; see extract_part.h. */
#include <stdlib.h>
#include <string.h>

#include "harness/traffic/extract_part.h"

static int
is_index(const char *s)
{
	size_t n = strcspn(s, "/");

	return n > 0 && n < 4 && (strspn(s, "0123456789") == n ||
	    (n == 1 && *s == '*'));
}

static struct json *
child(struct json *at, const char *name, int list)
{
	struct json *j;
	size_t i;

	if (json_kind(at) == JSON_OBJECT) {
		j = json_get(at, name);
		if (json_kind(j) == (list ? JSON_ARRAY : JSON_OBJECT))
			return j;
		j = json_new(list ? JSON_ARRAY : JSON_OBJECT);
		return json_set(at, name, j) == RC_OK ? j : NULL;
	}
	i = (size_t)strtoul(name, NULL, 10);
	j = json_at(at, i);
	if (j != NULL || json_kind(at) != JSON_ARRAY || i != json_size(at))
		return j;
	j = json_new(list ? JSON_ARRAY : JSON_OBJECT);
	return json_push(at, j) == RC_OK ? j : NULL;
}

int
extract_put(struct json *root, const char *ptr, struct json *v)
{
	char part[256];
	size_t n;

	while (root != NULL && *ptr == '/') {
		n = strcspn(++ptr, "/");
		if (n >= sizeof(part) || memchr(ptr, '~', n) != NULL)
			break;
		memcpy(part, ptr, n);
		part[n] = '\0';
		ptr += n;
		if (strcmp(part, "*") == 0)
			part[0] = '0';
		if (*ptr == '\0' && json_kind(root) == JSON_OBJECT)
			return json_set(root, part, v);
		if (*ptr == '/')
			root = child(root, part, is_index(ptr + 1));
	}
	json_free(v);
	return RC_FORMAT;
}
