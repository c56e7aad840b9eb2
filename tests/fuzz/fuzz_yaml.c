/* Fuzzes the YAML reader, and the places of JSON texts. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/yaml.h"

static void
all_placed(const struct srcmap *m, const struct json *j)
{
	const struct src_pos *pos = srcmap_get(m, j);

	if (pos == NULL || pos->line == 0 || pos->column == 0)
		abort();
	for (j = json_first(j); j != NULL; j = json_next(j))
		all_placed(m, j);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *text = (const char *)data;
	struct err err = ERR_INIT;
	struct srcmap *m = srcmap_new();
	struct json *j;

	if (m == NULL || srcmap_file(m, "f") != 0)
		abort();
	j = yaml_parse(text, n, m, 0, &err);
	if ((j == NULL) != (err.code != RC_OK))
		abort();
	if (j != NULL)
		all_placed(m, j);
	json_free(j);
	j = json_pos_parse(m, 0, text, n, NULL);
	if (j != NULL)
		all_placed(m, j);
	json_free(j);
	srcmap_free(m);
	return 0;
}
