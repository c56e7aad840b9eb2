/* Whose pointers an answer is read by: the suite's, whatever it says itself;
 * what is put together from spans has a shape of its own. */
#include <string.h>

#include "harness/traffic/extract.h"
#include "tests/lib/check.h"

static void
test_shape(void **state)
{
	static const char how[] = "{\"answer\":\"/said\"}";
	static const char body[] = "{\"said\":\"theirs\","
	    "\"answer\":\"generic\"}";
	static const struct ex_header h[] = {
		{ "Content-Type", "application/json" },
		{ "X-Lockstep-Shape", "generic" } };
	struct json *j = json_parse(how, strlen(how), NULL);
	struct extract_spec *spec = extract_new(j, NULL);
	struct exchange ex;
	struct answer a;

	(void)state;
	assert_non_null(spec);
	exchange_init(&ex);
	ex.status = 200;
	ex.res_headers = h;
	ex.n_res_headers = 2;
	ex.res_body = (struct ex_bytes){ body, strlen(body), NULL };
	answer_init(&a);
	assert_int_equal(extract_answer(spec, &ex, &a, NULL), RC_OK);
	assert_string_equal(a.text, "theirs");
	ex.generic = 1;
	assert_int_equal(extract_answer(spec, &ex, &a, NULL), RC_OK);
	assert_string_equal(a.text, "generic");
	answer_fini(&a);
	extract_free(spec);
	json_free(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_shape) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
