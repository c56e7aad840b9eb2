/* A stream of many events: what each of them tells stays. */
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/json.h"
#include "harness/traffic/extract.h"
#include "tests/lib/check.h"

#define SSE "text/event-stream"

/* What stands in an event stays when the event goes, however many came. */
static void
test_many_events(void **state)
{
	static const char extract[] = "{\"preset\":\"cohere\","
	    "\"effect_id\":\"/effect\",\"pins\":\"/pins\"}";
	struct json *j = json_parse(extract, sizeof(extract) - 1, NULL);
	struct extract_spec *spec = extract_new(j, NULL);
	struct ex_header h = { "Content-Type", SSE };
	struct exchange ex;
	struct answer a;
	struct buf b;

	(void)state;
	answer_init(&a);
	buf_init(&b, 4 << 20);
	for (int i = 0; i < 5000; i++)
		buf_printf(&b, "data: {\"type\":\"citation-start\",\"delta\":{"
		    "\"message\":{\"citations\":{\"sources\":[{\"id\":\"d%d\"}]"
		    "}}}}\n\n", i);
	buf_puts(&b, "data: {\"message\":{\"content\":[{\"text\":\"It is 14 "
	    "days.\"}]}}\n\ndata: {\"pins\":{\"M\":\"m-1\"}}\n\n"
	    "data: {\"effect\":\"e-17\"}\n\n"
	    "data: {\"type\":\"message-end\"}\n\n");
	exchange_init(&ex);
	ex.status = 200;
	ex.res_headers = &h;
	ex.n_res_headers = 1;
	ex.res_body.p = buf_str(&b);
	ex.res_body.n = b.len;
	assert_int_equal(extract_answer(spec, &ex, &a, NULL), RC_OK);
	assert_int_equal(a.n_cited, 1000);
	assert_string_equal(a.cited[999].snippet_id, "d999");
	assert_string_equal(a.text, "It is 14 days.");
	assert_string_equal(a.pins[0].value, "m-1");
	assert_string_equal(a.effect_id, "e-17");
	buf_fini(&b);
	answer_fini(&a);
	extract_free(spec);
	json_free(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
