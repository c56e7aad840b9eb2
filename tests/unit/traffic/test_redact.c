/* Redaction: what is found, what is left alone, in every place of an
 * exchange. */
#include "harness/traffic/redact.h"

#include "harness/base/hash.h"
#include "tests/lib/check.h"

#define LEN(a) (sizeof(a) / sizeof *(a))

static const unsigned char key[REDACT_KEY_BYTES] = "0123456789abcdef";

static struct redact *
rules(const char *word)
{
	struct redact *r;
	struct err err = ERR_INIT;

	if (redact_new(&word, 1, key, &r, &err) != RC_OK)
		fail_msg("%s", err.msg);
	return r;
}

static const char *
redacted(struct redact_work *w, const char *text, struct buf *out)
{
	buf_reset(out);
	(void)redact_text(w, text, strlen(text), out);
	return buf_str(out);
}

static void
test_kinds(void **state)
{
	static const struct {
		const char *text, *want;
	} t[] = {
		{ "write to ann.b+x@mail.example.com, please",
		    "write to [EMAIL], please" },
		{ "<\xc3\xbcte@exa-mple.de>", "<[EMAIL]>" },
		{ "a@b", "a@b" }, { "@home and x@1.2", "@home and x@1.2" },
		{ "git@github.com:x/y", "[EMAIL]:x/y" },
		{ "card 4111 1111 1111 1111.", "card [CARD]." },
		{ "4111-1111-1111-1112", "4111-1111-1111-1112" },
		{ "378282246310005", "[CARD]" },
		{ "order 1769860800000000000", "order 1769860800000000000" },
		{ "DE89 3704 0044 0532 0130 00 is ours", "[IBAN] is ours" },
		{ "GB82WEST12345698765432", "[IBAN]" },
		{ "GB82WEST12345698765433", "GB82WEST12345698765433" },
		{ "call +49 (0)30 1234567 now", "call [PHONE] now" },
		{ "(555) 123-4567", "[PHONE]" }, { "555-123-4567", "[PHONE]" },
		{ "in 2015-2016 and 10:30", "in 2015-2016 and 10:30" },
		{ "2026-11-29", "2026-11-29" }, { "1,234,567", "1,234,567" },
		{ "from 203.0.113.7:80", "from [IP]:80" },
		{ "version 1.2.3.4.5", "version 1.2.3.4.5" },
		{ "127.0.0.1", "127.0.0.1" },
		{ "2001:db8::8a2e:370:7334 said", "[IP] said" },
		{ "at 10:20:30", "at 10:20:30" },
		{ "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln ok",
		    "[JWT] ok" },
		{ "AKIAIOSFODNN7EXAMPLE", "[KEY]" },
		{ "key sk-abcdefghijklmnopqrstuvwx", "key [KEY]" },
		{ "risk-abcdefghijklmnopqrstuvwx",
		    "risk-abcdefghijklmnopqrstuvwx" },
		{ "DNI 12345678Z", "DNI [ID]" },
		{ "12345678A", "12345678A" },
		{ "RSSMRA85T10A562S", "[ID]" },
		{ "PESEL 44051401359", "PESEL [ID]" },
		{ "CPF 529.982.247-25", "CPF [ID]" },
		{ "11010519491231002X", "[ID]" },
		{ "811228-9874", "[ID]" },
		{ "2 84 05 88 221 123 86", "2 84 05 88 221 123 86" },
		{ "Super Bowl 50 in 2016", "Super Bowl 50 in 2016" },
	};
	struct redact *r = rules("all");
	struct redact_work *w = redact_work_new(r);
	struct buf out;
	size_t i;

	(void)state;
	buf_init(&out, 1 << 20);
	for (i = 0; i < LEN(t); i++)
		assert_string_equal(redacted(w, t[i].text, &out), t[i].want);
	buf_fini(&out);
	redact_work_free(w);
	redact_free(r);
}

/* ---- bodies ---------------------------------------------------------- */

static void
body(const char *word, const char *text, const char *want)
{
	struct redact *r = rules(word);
	struct redact_work *w = redact_work_new(r);
	struct ex_header req[1], res[1];
	struct exchange ex;

	exchange_init(&ex);
	ex.target = "/";
	ex.res_body.p = text;
	ex.res_body.n = strlen(text);
	assert_int_equal(redact_exchange(w, &ex, req, res), RC_OK);
	assert_string_equal(ex.res_body.p, want);
	assert_int_equal(ex.res_body.n, strlen(want));
	redact_work_free(w);
	redact_free(r);
}

static void
test_bodies(void **state)
{
	char b64[200], text[400], want[400];

	(void)state;
	body("all", "{\"a\": \"x@y.example\", \"n\" : 1.50}",
	    "{\"a\": \"[EMAIL]\", \"n\" : 1.50}");
	body("all", "{\"a\":\"x\\u0040y.example\"}", "{\"a\":\"[EMAIL]\"}");
	body("all", "{\"x@y.example\":1}", "{\"[EMAIL]\":1}");
	body("all", "{\"card\":4111111111111111,\"t\":1769860800123}",
	    "{\"card\":\"[CARD]\",\"t\":1769860800123}");
	body("all", "{\"a\":\"{\\\"b\\\":\\\"x@y.example\\\"}\"}",
	    "{\"a\":\"{\\\"b\\\":\\\"[EMAIL]\\\"}\"}");
	body("all", "plain x@y.example text", "plain [EMAIL] text");
	hash_b64("mail x@y.example", 16, b64, sizeof(b64));
	(void)snprintf(text, sizeof(text), "{\"a\":\"%s\"}", b64);
	hash_b64("mail [EMAIL]", 12, b64, sizeof(b64));
	(void)snprintf(want, sizeof(want), "{\"a\":\"%s\"}", b64);
	body("all", text, want);
	body("pointer:/user/name",
	    "{\"user\":{\"name\":\"Ann\",\"k\":\"Ann\"}}",
	    "{\"user\":{\"name\":\"[REDACTED]\",\"k\":\"Ann\"}}");
	body("pointer:/m/1/t", "{\"m\":[{\"t\":\"a\"},{\"t\":\"b\"}]}",
	    "{\"m\":[{\"t\":\"a\"},{\"t\":\"[REDACTED]\"}]}");
	body("drop:email", "{\"a\":\"to x@y.example!\"}", "{\"a\":\"to !\"}");
	body("pattern:EMP-[0-9]+", "{\"a\":\"EMP-77\"}",
	    "{\"a\":\"[PATTERN]\"}");
}

/* What begins as JSON does, or only looks like it, or goes on behind it. */
#define NESTED_8 "[[[[[[[["
#define NESTED NESTED_8 NESTED_8 NESTED_8 NESTED_8 NESTED_8 NESTED_8 NESTED_8 \
	NESTED_8 NESTED_8

static void
test_prose(void **state)
{
	static const struct {
		const char *text, *want;
	} t[] = {
		{ "[1] mail x@y.example", "[1] mail [EMAIL]" },
		{ "{see x@y.example}", "{see [EMAIL]}" },
		{ "\"Well,\" she told x@y.example, \"no.\"",
		    "\"Well,\" she told [EMAIL], \"no.\"" },
		{ "{\"a\":\"[1] mail x@y.example\"}",
		    "{\"a\":\"[1] mail [EMAIL]\"}" },
		{ "{\"a\":\"\\\"No,\\\" said x@y.example\"}",
		    "{\"a\":\"\\\"No,\\\" said [EMAIL]\"}" },
		{ "{\"a\":\" [\\\"x\\\\u0040y.example\\\"]\"}",
		    "{\"a\":\" [\\\"[EMAIL]\\\"]\"}" },
		{ "{\"a\":1} from x@y.example", "{\"a\":1} from [EMAIL]" },
		{ "{a: 'x@y.example', \"b\": \"x@y.example\"}",
		    "{a: '[EMAIL]', \"b\": \"[EMAIL]\"}" },
		{ "{\"a\":\"cut off at x@y.example",
		    "{\"a\":\"cut off at [EMAIL]" },
		{ NESTED "{\"a\":\"x@y.example\"",
		    NESTED "{\"a\":\"[EMAIL]\"" },
		{ "data: to x@y.example\n\n", "data: to [EMAIL]\n\n" },
		{ "data: to x@\n\ndata: y.example\n\n",
		    "data: to [EMAIL]\n\ndata: \n\n" },
		{ "id: x@y.example\ndata: {\"a\":1}\n\n",
		    "id: [EMAIL]\ndata: {\"a\":1}\n\n" },
		{ "data: {\"args\":\"{\\\"mail\\\": \\\"x@\"}\n\n"
		    "data: {\"args\":\"y.example\\\"}\"}\n\n",
		    "data: {\"args\":\"{\\\"mail\\\": \\\"[EMAIL]\"}\n\n"
		    "data: {\"args\":\"\\\"}\"}\n\n" },
		{ "data: {\"d\":\"[1] of x@\"}\n\ndata: {\"d\":\"y.example\"}"
		    "\n\n", "data: {\"d\":\"[1] of [EMAIL]\"}\n\n"
		    "data: {\"d\":\"\"}\n\n" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < LEN(t); i++)
		body("all", t[i].text, t[i].want);
}

enum wrapping { ESCAPES, POINTS, BASE64 };

/* {"a": TEXT as a string}, in place. */
static void
wrap(struct buf *b, enum wrapping how)
{
	char *was = buf_steal(b), *packed;
	size_t n = strlen(was), i;

	buf_puts(b, "{\"a\":\"");
	if (how == BASE64) {
		packed = malloc(HASH_B64_LEN(n));
		assert_non_null(packed);
		hash_b64(was, n, packed, HASH_B64_LEN(n));
		buf_puts(b, packed);
		free(packed);
	}
	for (i = 0; how != BASE64 && i < n; i++) {
		if (how == ESCAPES && (was[i] == '"' || was[i] == '\\'))
			buf_putc(b, '\\');
		if (how == ESCAPES || (was[i] != '"' && was[i] != '\\'))
			buf_putc(b, was[i]);
		else
			buf_printf(b, "\\u%04x", (unsigned)was[i]);
	}
	buf_puts(b, "\"}");
	free(was);
}

/* What is found is found as deep as anything is wrapped; what lies deeper does
 * not stay. */
static void
test_levels(void **state)
{
	static const struct {
		enum wrapping how;
		int most;	/* a text doubles at each level of escapes */
	} t[] = { { ESCAPES, 20 }, { POINTS, 8 }, { BASE64, 20 } };
	struct redact *r = rules("all");
	struct redact_work *w = redact_work_new(r);
	struct ex_header req[1], res[1];
	struct exchange ex;
	struct buf in, want;
	size_t i;
	int level;

	(void)state;
	buf_init(&in, 64 << 20);
	buf_init(&want, 64 << 20);
	for (i = 0; i < LEN(t); i++) {
		buf_reset(&in);
		buf_reset(&want);
		buf_puts(&in, "{\"m\":\"x\\u0040y.example\"}");
		buf_puts(&want, "{\"m\":\"[EMAIL]\"}");
		for (level = 1; level <= t[i].most; level++) {
			wrap(&in, t[i].how);
			wrap(&want, t[i].how == POINTS ? ESCAPES : t[i].how);
			exchange_init(&ex);
			ex.target = "/";
			ex.res_body.p = buf_str(&in);
			ex.res_body.n = in.len;
			assert_int_equal(redact_exchange(w, &ex, req, res),
			    RC_OK);
			if (ex.res_body.n != want.len || memcmp(ex.res_body.p,
			    buf_str(&want), want.len) != 0)
				fail_msg("wrapping %zu, level %d", i, level);
		}
	}
	for (i = 0; i < 3; i++) {
		buf_reset(&in);
		buf_puts(&in, "{\"m\":\"x\\u0040y.example\"}");
		for (level = 1; level <= (i == 2 ? 400 : 40); level++)
			wrap(&in, i == 1 ? BASE64 : POINTS);
		exchange_init(&ex);
		ex.target = "/";
		ex.res_body.p = buf_str(&in);
		ex.res_body.n = in.len;
		assert_int_equal(redact_exchange(w, &ex, req, res), RC_OK);
		assert_true(ex.res_body.n < 5 * in.len + 4096);
		assert_null(strstr(ex.res_body.p, "y.example"));
	}
	buf_fini(&in);
	buf_fini(&want);
	redact_work_free(w);
	redact_free(r);
}

/* An answer that comes token by token, cut anywhere. */
static void
test_streams(void **state)
{
	static const char mail[] = "write to ann@mail.example.com now";
	size_t cut, n = strlen(mail);
	struct redact *r = rules("email");
	struct redact_work *w = redact_work_new(r);

	(void)state;
	for (cut = 1; cut < n; cut++) {
		struct ex_header req[1], res[1];
		struct ex_chunk chunks[3];
		struct exchange ex;
		char text[400];
		size_t a;

		a = (size_t)snprintf(text, sizeof(text),
		    "data: {\"delta\":\"%.*s\"}\n\n", (int)cut, mail);
		(void)snprintf(text + a, sizeof(text) - a,
		    "data: {\"delta\":\"%s\"}\n\ndata: [DONE]\n\n",
		    mail + cut);
		exchange_init(&ex);
		ex.res_body.p = text;
		ex.res_body.n = strlen(text);
		chunks[0] = (struct ex_chunk){ 1, a };
		chunks[1] = (struct ex_chunk){ 2, 20 };
		chunks[2] = (struct ex_chunk){ 3, strlen(text) - a - 20 };
		ex.chunks = chunks;
		ex.n_chunks = 3;
		assert_int_equal(redact_exchange(w, &ex, req, res), RC_OK);
		assert_null(strstr(ex.res_body.p, "@"));
		assert_null(strstr(ex.res_body.p, "example.com"));
		assert_non_null(strstr(ex.res_body.p, "[EMAIL]"));
		assert_non_null(strstr(ex.res_body.p, "[DONE]"));
		assert_int_equal(ex.chunks[0].n + ex.chunks[1].n +
		    ex.chunks[2].n, ex.res_body.n);
		assert_int_equal(ex.chunks[0].at_ns, 1);
	}
	redact_work_free(w);
	redact_free(r);
}

static void
test_places(void **state)
{
	static const char *const words[] = { "pseudonym:email", "header:X-User",
	    "drop:header:X-Trace" };
	struct ex_header req[4] = { { "Content-Type",
	    "application/x-www-form-urlencoded" }, { "X-User", "ann" },
	    { "From", "x@y.example" }, { "X-Trace", "1" } };
	struct ex_header res[1], trailers[3] = { { "X-Sum", "1" },
	    { "X-Mail", "x@y.example" }, { "X-User", "ann" } };
	struct exchange ex;
	struct redact_work *w;
	struct redact *r;
	struct err err = ERR_INIT;
	char first[64];

	(void)state;
	assert_int_equal(redact_new(words, 3, key, &r, &err), RC_OK);
	w = redact_work_new(r);
	exchange_init(&ex);
	ex.target = "/u/x%40y.example/p?to=x@y.example&n=1";
	ex.req_headers = req;
	ex.n_req_headers = 4;
	ex.req_body.p = "mail=x%40y.example&k=v";
	ex.req_body.n = strlen(ex.req_body.p);
	ex.res_trailers = trailers;
	ex.n_res_trailers = 3;
	assert_int_equal(redact_exchange(w, &ex, req, res), RC_OK);
	assert_int_equal(ex.n_res_trailers, 3);
	assert_string_equal(trailers[0].value, "1");
	assert_null(strstr(trailers[1].value, "y.example"));
	assert_string_equal(trailers[2].value, "[REDACTED]");
	assert_null(strstr(ex.target, "y.example"));
	assert_non_null(strstr(ex.target, "/u/[EMAIL:"));
	assert_non_null(strstr(ex.target, "&n=1"));
	assert_int_equal(ex.n_req_headers, 3);
	assert_string_equal(req[1].value, "[REDACTED]");
	assert_null(strstr(ex.req_body.p, "y.example"));
	assert_non_null(strstr(ex.req_body.p, "&k=v"));
	/* the same text, the same token */
	(void)snprintf(first, sizeof(first), "%s", req[2].value);
	assert_non_null(strstr(ex.target, first));
	assert_int_equal(redact_hits(w, 0), 5);
	redact_work_free(w);
	redact_free(r);
}

static void
test_mistakes(void **state)
{
	static const struct {
		const char *word, *says;
	} t[] = {
		{ "emial", "did you mean \"email\"" },
		{ "pattern:(", "" }, { "pointer:x", "" },
		{ "pseudonym:all", "--redact-key" },
	};
	struct redact *r;
	size_t i;

	(void)state;
	for (i = 0; i < LEN(t); i++) {
		struct err err = ERR_INIT;

		assert_int_not_equal(redact_new(&t[i].word, 1, NULL, &r, &err),
		    RC_OK);
		assert_non_null(strstr(err.msg, t[i].says));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_prose),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_mistakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
