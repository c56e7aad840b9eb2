/*
 * Fuzzing of conditions on exchanges: lines up to an empty one are conditions,
 * or one object of them, those behind it records.  Those that are refused say
 * why.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "harness/traffic/where.h"
#include "tests/fuzz/fuzz.h"

static int
count(void *ctx, const struct json *value)
{
	size_t *n = ctx;

	(void)value;
	++*n;
	return 0;
}

static void
condition(struct where *w, struct where_ptr **ptr, char *text)
{
	struct err err = ERR_INIT;
	struct json *map = json_parse(text, strlen(text), NULL);

	if (map != NULL)
		assert(where_add_map(w, map, &err) == RC_OK ||
		    err.msg[0] != '\0');
	else
		assert(where_add(w, text, &err) == RC_OK ||
		    err.msg[0] != '\0');
	json_free(map);
	if (*ptr == NULL)
		*ptr = where_ptr_new(text, NULL);
}

static void
record(struct where *w, struct where_ptr *ptr, struct exchange_rec *rec,
    const char *line, size_t n)
{
	struct exchange ex;
	size_t values = 0;
	int holds;

	if (exchange_parse(rec, line, n, &ex, NULL) != 1)
		return;
	holds = where_holds(w, &ex, line, n);
	assert(holds == 0 || holds == 1);
	if (ptr != NULL)
		(void)where_ptr_each(w, ptr, &ex, line, n, count, &values);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = malloc(n + 1), *p, *nl;
	struct exchange_rec *rec = exchange_rec_new();
	struct where_ptr *ptr = NULL;
	struct where *w = where_new();
	int conditions = 1;

	if (text == NULL || rec == NULL || w == NULL)
		abort();
	memcpy(text, data, n);
	text[n] = '\0';
	for (p = text; p < text + n; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(text + n - p));
		nl = nl == NULL ? text + n : nl;
		*nl = '\0';
		if (p == nl)
			conditions = 0;
		else if (conditions)
			condition(w, &ptr, p);
		else
			record(w, ptr, rec, p, (size_t)(nl - p));
	}
	where_ptr_free(ptr);
	where_free(w);
	exchange_rec_free(rec);
	free(text);
	return 0;
}
