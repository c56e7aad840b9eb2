/* Redaction of what is written otherwise than it is read: percent signs,
 * entities, escapes, base64, wide digits, signs that nobody sees. */
#include "harness/traffic/redact.h"

#include "harness/base/buf.h"
#include "tests/lib/check.h"

#define LEN(a) (sizeof(a) / sizeof *(a))

static const unsigned char key[REDACT_KEY_BYTES] = "0123456789abcdef";

struct stage {
	struct redact *r;
	struct redact_work *w;
	struct buf out;
};

static void
begin(struct stage *s, const char *word)
{
	struct err err = ERR_INIT;

	if (redact_new(&word, 1, key, &s->r, &err) != RC_OK)
		fail_msg("%s", err.msg);
	s->w = redact_work_new(s->r);
	assert_non_null(s->w);
	buf_init(&s->out, 4 << 20);
}

static void
end(struct stage *s)
{
	buf_fini(&s->out);
	redact_work_free(s->w);
	redact_free(s->r);
}

static const struct {
	const char *text, *want;
} texts[] = {
	/* percent signs, once and more often */
	{ "see https://x.example/?to=ann%40mail.example&n=1",
	    "see https://x.example/?to=[EMAIL]&n=1" },
	{ "to=ann%2540mail.example", "to=[EMAIL]" },
	{ "to=ann%25252540mail.example", "to=[EMAIL]" },
	{ "card%3A4111%201111%201111%201111%2e", "card%3A[CARD]%2e" },
	{ "%34111111111111111", "[CARD]" },
	{ "%41NN%40MAIL.EXAMPLE", "[EMAIL]" },
	{ "50% of 100%, %zz and %4", "50% of 100%, %zz and %4" },
	{ "%25", "%25" }, { "%", "%" }, { "%25%2", "%25%2" },
	/* what stands before an address in a query is none of it */
	{ "m=ann@mail.example&n=bob@post.example",
	    "m=[EMAIL]&n=[EMAIL]" },
	{ "bounce+ann=mail.example@list.example", "[EMAIL]" },
	{ "x.example/?a+b=1&to=ann@mail.example",
	    "x.example/?a+b=1&to=[EMAIL]" },
	/* HTML */
	{ "<b>ann&#64;mail.example</b>", "<b>[EMAIL]</b>" },
	{ "ann&#x40;mail&period;example", "[EMAIL]" },
	{ "ann&#0064;mail.example", "[EMAIL]" },
	{ "ann&commat;mail.example", "[EMAIL]" },
	{ "4111&nbsp;1111&nbsp;1111&#160;1111", "[CARD]" },
	{ "a&amp;b &#; &#x; &#99999999999; &# &", "a&amp;b &#; &#x; "
	    "&#99999999999; &# &" },
	/* escapes of JSON within other text */
	{ "see {\"n\":\"a\\n4111111111111111\"}",
	    "see {\"n\":\"a\\n[CARD]\"}" },
	{ "see {\"n\":\"a\\t4111111111111111\\r\"}",
	    "see {\"n\":\"a\\t[CARD]\\r\"}" },
	{ "see {\"n\":\"\\u00e94111111111111111\"}",
	    "see {\"n\":\"\\u00e9[CARD]\"}" },
	{ "see {\"m\":\"ann\\u0040mail.example\"}",
	    "see {\"m\":\"[EMAIL]\"}" },
	{ "see {\"m\":\"\\\"ann\\\\u0040mail.example\\\"\"}",
	    "see {\"m\":\"\\\"[EMAIL]\\\"\"}" },
	{ "see {\"i\":\"\\n203.0.113.7\\b\"}", "see {\"i\":\"\\n[IP]\\b\"}" },
	{ "C:\\new\\users and \\", "C:\\new\\users and \\" },
	/* signs that nobody sees */
	{ "4111\xe2\x80\x8b 1111\xc2\xad 1111 1111", "[CARD]" },
	{ "4111\xe2\x80\x8b""1111\xc2\xad""1111\xe2\x81\xa0""1111",
	    "[CARD]" },
	{ "ann\xe2\x80\x8b@mail\xc2\xad.example", "[EMAIL]" },
	{ "\xe2\x80\xaa+49 30 1234567\xe2\x80\xac", "\xe2\x80\xaa[PHONE]"
	    "\xe2\x80\xac" },
	/* blanks and dashes of print */
	{ "4111\xc2\xa0""1111\xc2\xa0""1111\xe2\x80\xaf""1111", "[CARD]" },
	{ "4111\xe2\x80\x93""1111\xe2\x80\x93""1111\xe2\x80\x93""1111",
	    "[CARD]" },
	{ "555\xe2\x80\x91""123\xe2\x80\x91""4567", "[PHONE]" },
	{ "in 1998\xe2\x80\x93""2003", "in 1998\xe2\x80\x93""2003" },
	{ "DE89\xc2\xa0""3704\xc2\xa0""0044\xc2\xa0""0532\xc2\xa0""0130"
	    "\xc2\xa0""00", "[IBAN]" },
	/* quotes of print, and languages without blanks */
	{ "\xe2\x80\x9e""4111 1111 1111 1111\xe2\x80\x9c",
	    "\xe2\x80\x9e[CARD]\xe2\x80\x9c" },
	{ "\xe5\x8d\xa1\xe5\x8f\xb7""4111111111111111\xe3\x80\x82",
	    "\xe5\x8d\xa1\xe5\x8f\xb7[CARD]\xe3\x80\x82" },
	{ "\xe5\x8d\xa1\xef\xbc\x9a""4111111111111111",
	    "\xe5\x8d\xa1\xef\xbc\x9a[CARD]" },
	{ "\xd9\x87+49 30 1234567", "\xd9\x87[PHONE]" },
	{ "IP\xe5\x9c\xb0\xe5\x9d\x80""203.0.113.7",
	    "IP\xe5\x9c\xb0\xe5\x9d\x80[IP]" },
	/* wide and Arabic digits */
	{ "\xef\xbc\x94\xef\xbc\x91\xef\xbc\x91\xef\xbc\x91""1111"
	    "1111\xef\xbc\x91\xef\xbc\x91\xef\xbc\x91\xef\xbc\x91", "[CARD]" },
	{ "ann\xef\xbc\xa0mail.example", "[EMAIL]" },
	{ "ann@mail\xef\xbc\x8e""example", "[EMAIL]" },
	{ "\xd9\xa4\xd9\xa1\xd9\xa1\xd9\xa1""1111""11111111", "[CARD]" },
	/* base64 with and without padding, of URLs, over lines, in text */
	{ "Y2FuYXJ5IGFubkBtYWlsLmV4YW1wbGU=", "[EMAIL]" },
	{ "Y2FuYXJ5IGFubkBtYWlsLmV4YW1wbGU", "[EMAIL]" },
	{ "see data:text/plain;base64,YW5uQG1haWwuZXhhbXBsZT8/Pj4+.",
	    "see data:text/plain;base64,[EMAIL]." },
	{ "t=YW5uQG1haWwuZXhhbXBsZT8_Pj4-&n=1", "t=[EMAIL]&n=1" },
	{ "/u/YW5uQG1haWwuZXhhbXBsZQ/p", "/u/[EMAIL]" },
	{ "Basic b64 dXNlcjphbm5AbWFpbC5leGFtcGxl", "Basic b64 [EMAIL]" },
	{ "YWxsIG9mIHRoaXMgdGV4dCBpcyBvdmVyIHNldmVyYWwgbGluZXMgYW5kIHRo\r\n"
	    "ZSBhZGRyZXNzIGlzIGFubkBtYWlsLmV4YW1wbGU=\r\n--x",
	    "[EMAIL]\r\n--x" },
	/* {"a":"ann\u0040mail.example"} */
	{ "eyJhIjoiYW5uXHUwMDQwbWFpbC5leGFtcGxlIn0", "[EMAIL]" },
	/* base64 of base64 */
	{ "WVc1dVFHMWhhV3d1WlhoaGJYQnNaUT09", "[EMAIL]" },
	{ "understanding application/json encyclopedia",
	    "understanding application/json encyclopedia" },
	{ "3bd9672d355b9d723bd9672d355b9d72",
	    "3bd9672d355b9d723bd9672d355b9d72" },
	/* one in another */
	{ "%5Cu0061nn%5Cu0040mail.example", "[EMAIL]" },
	{ "ann%26%2364%3Bmail.example", "[EMAIL]" },
	/* beside what is not written otherwise */
	{ "bob@post.example, ann%40mail.example",
	    "[EMAIL], [EMAIL]" },
	{ "%61 bob@post.example%20ann%40mail.example.",
	    "%61 [EMAIL]%20[EMAIL]." },
};

static void
test_texts(void **state)
{
	struct stage s;
	size_t i;

	(void)state;
	begin(&s, "all");
	for (i = 0; i < LEN(texts); i++) {
		buf_reset(&s.out);
		(void)redact_text(s.w, texts[i].text, strlen(texts[i].text),
		    &s.out);
		if (strcmp(buf_str(&s.out), texts[i].want) != 0)
			fail_msg("%s became %s, not %s", texts[i].text,
			    buf_str(&s.out), texts[i].want);
	}
	end(&s);
}

/* Cut off anywhere, nothing is read behind the end, and each prefix of
 * what has none stays as it is. */
static void
test_cut(void **state)
{
	struct stage s;
	size_t i, n;
	char *copy;

	(void)state;
	begin(&s, "all");
	for (i = 0; i < LEN(texts); i++) {
		for (n = 0; n <= strlen(texts[i].text); n++) {
			copy = malloc(n + 1);
			assert_non_null(copy);
			memcpy(copy, texts[i].text, n);
			buf_reset(&s.out);
			(void)redact_text(s.w, copy, n, &s.out);
			assert_int_equal(s.out.bad, RC_OK);
			free(copy);
		}
	}
	end(&s);
}

/* However an address is written, it has one token. */
static void
test_tokens(void **state)
{
	static const char *const same[] = { "ann@mail.example",
	    "ann%40mail.example", "ann&#64;mail.example",
	    "ann\\u0040mail.example", "ann\xe2\x80\x8b@mail.example",
	    "YW5uQG1haWwuZXhhbXBsZQ==" };
	struct stage s;
	char first[64] = "";
	size_t i;

	(void)state;
	begin(&s, "pseudonym:email");
	for (i = 0; i < LEN(same); i++) {
		buf_reset(&s.out);
		assert_int_equal(redact_text(s.w, same[i], strlen(same[i]),
		    &s.out), 1);
		if (i == 0)
			(void)snprintf(first, sizeof(first), "%s",
			    buf_str(&s.out));
		assert_string_equal(buf_str(&s.out), first);
	}
	end(&s);
}

/* Patterns are asked of the text as it is read, too. */
static void
test_patterns(void **state)
{
	static const char text[] = "EMP%2D77, EMP-78, RU1QLTc5IGlzIGhlcmU=";
	struct stage s;

	(void)state;
	begin(&s, "pattern:EMP-[0-9]+");
	(void)redact_text(s.w, text, sizeof(text) - 1, &s.out);
	assert_string_equal(buf_str(&s.out),
	    "[PATTERN], [PATTERN], [PATTERN]");
	assert_int_equal(redact_hits(s.w, 0), 3);
	end(&s);
}

static const struct {
	const char *body, *want;
} bodies[] = {
	/* an event over several lines, its text over several events */
	{ "data: {\ndata:  \"t\": \"ann@\"\ndata: }\n\n"
	    "data: {\ndata:  \"t\": \"mail.example\"\ndata: }\n\n",
	    "data: {\ndata:  \"t\": \"[EMAIL]\"\ndata: }\n\n"
	    "data: {\ndata:  \"t\": \"\"\ndata: }\n\n" },
	{ "data: {\r\ndata: \"t\":\r\ndata: \"ann@mail.example\"}\r\n\r\n",
	    "data: {\r\ndata: \"t\":\r\ndata: \"[EMAIL]\"}\r\n\r\n" },
	{ ": ann@mail.example\ndata: x\n\n", ": [EMAIL]\ndata: x\n\n" },
	{ "event: ann%40mail.example\nid: 4111111111111111\ndata: x\n\n",
	    "event: [EMAIL]\nid: [CARD]\ndata: x\n\n" },
	{ "{\"t\":\"ann@\"}\n{\"t\":\"mail.example\"}\n",
	    "{\"t\":\"[EMAIL]\"}\n{\"t\":\"\"}\n" },
	/* escapes and percent signs that are cut */
	{ "data: {\"t\":\"so {\\\"m\\\":\\\"ann\\\\u00\"}\n\n"
	    "data: {\"t\":\"40mail.example\\\"}\"}\n\n",
	    "data: {\"t\":\"so {\\\"m\\\":\\\"[EMAIL]\"}\n\n"
	    "data: {\"t\":\"\\\"}\"}\n\n" },
	{ "data: {\"t\":\"/?m=ann%4\"}\n\ndata: {\"t\":\"0mail.example.\"}\n\n",
	    "data: {\"t\":\"/?m=[EMAIL]\"}\n\ndata: {\"t\":\".\"}\n\n" },
	{ "data: {\"t\":\"see Y2FuYXJ5IGFub\"}\n\n"
	    "data: {\"t\":\"kBtYWlsLmV4YW1wbGU=.\"}\n\n",
	    "data: {\"t\":\"see [EMAIL]\"}\n\ndata: {\"t\":\".\"}\n\n" },
	/* a form with files */
	{ "--b\r\nContent-Disposition: form-data; name=\"m\"\r\n\r\n"
	    "ann@mail.example\r\n--b\r\n\r\n{\"a\":\"ann\\u0040mail.example\"}"
	    "\r\n--b\r\n\r\nann%40mail.example\r\n--b--\r\n",
	    "--b\r\nContent-Disposition: form-data; name=\"m\"\r\n\r\n"
	    "[EMAIL]\r\n--b\r\n\r\n{\"a\":\"[EMAIL]\"}"
	    "\r\n--b\r\n\r\n[EMAIL]\r\n--b--\r\n" },
	{ ")]}',\n{\"a\":\"x\\n4111111111111111\"}",
	    ")]}',\n{\"a\":\"x\\n[CARD]\"}" },
	{ "{\"u\":\"https://ann%40mail.example:x@h.example/\"}",
	    "{\"u\":\"https://[EMAIL]:[EMAIL]/\"}" },
	{ "{\"ann%40mail.example\":1}", "{\"[EMAIL]\":1}" },
};

static void
test_bodies(void **state)
{
	struct ex_header req[1], res[1];
	struct exchange ex;
	struct stage s;
	size_t i;

	(void)state;
	begin(&s, "all");
	for (i = 0; i < LEN(bodies); i++) {
		exchange_init(&ex);
		ex.target = "/";
		ex.res_body.p = bodies[i].body;
		ex.res_body.n = strlen(bodies[i].body);
		assert_int_equal(redact_exchange(s.w, &ex, req, res), RC_OK);
		assert_string_equal(ex.res_body.p, bodies[i].want);
	}
	end(&s);
}

static void
test_places(void **state)
{
	struct ex_header req[] = { { "Content-Type",
	    "application/x-www-form-urlencoded" },
	    { "Cookie", "a=1; m=ann%40mail.example; t=YW5uQG1haWwuZXhhbXBsZQ" },
	    { "Referer", "https://h.example/?q=4111%201111%201111%201111" },
	    { "X-Meta", "{\"m\":\"ann\\u0040mail.example\"}" } };
	struct ex_header res[1];
	struct exchange ex;
	struct stage s;

	(void)state;
	begin(&s, "all");
	exchange_init(&ex);
	ex.target = "/u/ann%2540mail.example?t=YW5uQG1haWwuZXhhbXBsZQ&"
	    "f=%7B%22m%22%3A%22ann%5Cu0040mail.example%22%7D";
	ex.session = "ann%40mail.example";
	ex.why = "no such user: bob@post.example";
	ex.req_headers = req;
	ex.n_req_headers = LEN(req);
	ex.req_body.p = "mail=ann%2540mail.example&"
	    "t=YW5uQG1haWwuZXhhbXBsZQ&k=v";
	ex.req_body.n = strlen(ex.req_body.p);
	assert_int_equal(redact_exchange(s.w, &ex, req, res), RC_OK);
	assert_string_equal(ex.target, "/u/[EMAIL]?t=[EMAIL]&"
	    "f=%7B%22m%22:%22[EMAIL]%22%7D");
	assert_string_equal(ex.session, "[EMAIL]");
	assert_string_equal(ex.why, "no such user: [EMAIL]");
	assert_string_equal(req[1].value, "a=1; m=[EMAIL]; t=[EMAIL]");
	assert_string_equal(req[2].value, "https://h.example/?q=[CARD]");
	assert_string_equal(req[3].value, "{\"m\":\"[EMAIL]\"}");
	assert_string_equal(ex.req_body.p, "mail=[EMAIL]&t=[EMAIL]&k=v");
	end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
