/*
 * Fuzzing of what `init URL` reads of a service's OpenAPI description.  What it
 * finds can be sent: a method, a path without parameters, the question in it.
 */
#include <assert.h>
#include <string.h>

#include "harness/suite/openapi.h"
#include "tests/fuzz/fuzz.h"

static void
ask(const struct json *doc, const char *only)
{
	struct openapi_ask a;
	struct buf b;

	memset(&a, 0, sizeof(a));
	if (openapi_find(doc, only, &a, NULL) == 1) {
		assert(a.method[0] != '\0' && a.path[0] == '/');
		buf_init(&b, 1 << 26);
		if (a.body != NULL)
			json_write(&b, a.body);
		assert(strstr(a.path, "{{question}}") != NULL ||
		    strstr(buf_str(&b), "{{question}}") != NULL);
		buf_fini(&b);
	}
	json_free(a.body);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct json *doc = json_parse((const char *)data, n, NULL);

	if (doc == NULL)
		return 0;
	ask(doc, NULL);
	ask(doc, "/ask");
	json_free(doc);
	return 0;
}
