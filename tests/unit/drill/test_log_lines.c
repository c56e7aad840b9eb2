/* Lines of logs and the fields that each must have. */
#include <string.h>

#include "harness/drill/log_lines.h"
#include "tests/lib/check.h"

static const struct {
	const char *text, *about;
	size_t n, bare;
	const char *lacks;
} rows[] = {
	{ "", NULL, 0, 0, "" },
	{ "\n\n", NULL, 0, 0, "" },
	{ "{\"key\":\"a\",\"id\":1}\n{\"key\":\"b\"}\n", NULL, 2, 1, "id" },
	{ "{\"key\":\"a\",\"id\":1}\n{\"key\":\"b\"}\n", "\"a\"", 1, 0, "" },
	/* null is there, and so is what is nested */
	{ "{\"key\":\"a\",\"id\":null}", NULL, 1, 0, "" },
	{ "{\"at\":[{\"key\":\"a\",\"more\":{\"id\":0}}]}", NULL, 1, 0, "" },
	/* a value is no field */
	{ "{\"key\":\"id\"}", NULL, 1, 1, "id" },
	{ "key=a id=1\n", NULL, 1, 1, "key" },
	{ "[\"key\",\"id\"]\n", NULL, 1, 1, "key" },
};

static void
test_log_lines(void **state)
{
	static const char fields[] = "[\"key\",\"id\"]";
	struct json *f = json_parse(fields, strlen(fields), NULL);
	struct log_lines l;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&l, 0, sizeof(l));
		log_lines_look(rows[i].text, strlen(rows[i].text),
		    rows[i].about, f, &l);
		assert_int_equal(l.n, rows[i].n);
		assert_int_equal(l.bare, rows[i].bare);
		assert_string_equal(l.lacks, rows[i].lacks);
	}
	json_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_log_lines) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
