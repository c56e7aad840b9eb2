/*
 * Fuzzes json_split(): a document is the same split and whole, or neither.
 */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/base/json.h"
#include "harness/base/json_split.h"

enum { BYTES_MAX = 1 << 22 };

static int
take(void *ctx, const struct json *j, struct err *err)
{
	struct json *list = ctx;

	(void)err;
	return json_push(list, json_copy(j));
}

/* The elements, put back where they were taken. */
static void
put_back(struct json *rest, struct json *list)
{
	if (json_size(list) > 0)
		(void)json_set(rest, "cases", list);
	else
		json_free(list);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct json *whole, *rest, *list = json_new(JSON_ARRAY);
	struct err err = ERR_INIT;
	const char *in;
	char path[64];
	int fd = memfd_create("split", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, n) != (ssize_t)n)
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	whole = n >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0 ? NULL :
	    json_parse((const char *)data, n, NULL);
	rest = json_split(path, "cases", BYTES_MAX, take, list, &err);
	if ((rest == NULL) != (err.code != RC_OK) ||
	    (rest == NULL) != (whole == NULL))
		abort();
	/* where the member is there twice, the last one counts */
	if (rest != NULL && json_twice(whole, &in) == NULL) {
		put_back(rest, list);
		if (!json_equal(whole, rest))
			abort();
	} else {
		json_free(list);
	}
	json_free(whole);
	json_free(rest);
	(void)close(fd);
	return 0;
}
