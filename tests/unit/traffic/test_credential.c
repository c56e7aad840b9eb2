/* Credentials: what is one, what only looks like one, and what stays. */
#include "tests/lib/check.h"

#include "harness/traffic/credential.h"

static void
headers(void **state)
{
	static const struct {
		const char *name;
		enum credential want;
	} rows[] = {
		{ "Authorization", CREDENTIAL_SURE },
		{ "authorization", CREDENTIAL_SURE },
		{ "Proxy-Authorization", CREDENTIAL_SURE },
		{ "Cookie", CREDENTIAL_SURE },
		{ "SET-COOKIE", CREDENTIAL_SURE },
		{ "X-Api-Key", CREDENTIAL_SURE },
		{ "api-key", CREDENTIAL_SURE },
		{ "X-Auth-Token", CREDENTIAL_LIKELY },
		{ "X-Amz-Security-Token", CREDENTIAL_LIKELY },
		{ "X-Client-Secret", CREDENTIAL_LIKELY },
		{ "Ocp-Apim-Subscription-Key", CREDENTIAL_LIKELY },
		{ "xapikey", CREDENTIAL_LIKELY },
		{ "accessToken", CREDENTIAL_LIKELY },
		{ "X_SESSION", CREDENTIAL_LIKELY },
		{ "X-Hub-Signature", CREDENTIAL_LIKELY },
		{ "X-CSRF", CREDENTIAL_LIKELY },
		{ "DB-Password", CREDENTIAL_LIKELY },
		{ "Idempotency-Key", CREDENTIAL_NO },
		{ "Content-Type", CREDENTIAL_NO },
		{ "X-Pins", CREDENTIAL_NO },
		{ "Keep-Alive", CREDENTIAL_NO },
		{ "X-RateLimit-Remaining-Tokens", CREDENTIAL_NO },
		{ "X-Keyboard", CREDENTIAL_NO },
		{ "X-Author", CREDENTIAL_NO },
		{ "X-Lockstep-Run", CREDENTIAL_NO },
		{ "X-CSRFToken", CREDENTIAL_LIKELY },
		{ "x-csrftoken", CREDENTIAL_LIKELY },
		{ "x-apitoken", CREDENTIAL_LIKELY },
		{ "X-Sessid", CREDENTIAL_LIKELY },
		{ "PHPSESSID", CREDENTIAL_LIKELY },
		{ "ASPSESSIONIDQQABCD", CREDENTIAL_LIKELY },
		{ "authkey", CREDENTIAL_LIKELY },
		{ "pw", CREDENTIAL_LIKELY },
		{ "client_assertion", CREDENTIAL_LIKELY },
		{ "DPoP", CREDENTIAL_SURE },
		{ "id_token", CREDENTIAL_LIKELY },
		{ "x-aMz-sEcUrItY-tOkEn", CREDENTIAL_LIKELY },
		{ "X-Amzn-Oidc-Identity", CREDENTIAL_LIKELY },
		{ "CF-Access-Client-Id", CREDENTIAL_LIKELY },
		{ "X-Forwarded-User", CREDENTIAL_LIKELY },
		{ "Client-Cert", CREDENTIAL_LIKELY },
		{ "X-Forwarded-For", CREDENTIAL_NO },
		{ "X-Forwarded-Proto", CREDENTIAL_NO },
		{ "max_tokens", CREDENTIAL_NO },
		{ "maxTokens", CREDENTIAL_NO },
		{ "token_count", CREDENTIAL_NO },
		{ "tokenCount", CREDENTIAL_NO },
		{ "token-limit", CREDENTIAL_NO },
		{ "token_type", CREDENTIAL_NO },
		{ "next_page_token", CREDENTIAL_NO },
		{ "nextPageToken", CREDENTIAL_NO },
		{ "pageToken", CREDENTIAL_NO },
		{ "nexttoken", CREDENTIAL_NO },
		{ "continuation-token", CREDENTIAL_NO },
		{ "tokenizer", CREDENTIAL_NO },
		{ "X-First-Token-Latency", CREDENTIAL_NO },
		{ "sort_key", CREDENTIAL_NO },
		{ "partitionKey", CREDENTIAL_NO },
		{ "keywords", CREDENTIAL_NO },
		{ "author", CREDENTIAL_NO },
		{ "authority", CREDENTIAL_NO },
		{ "secretary", CREDENTIAL_NO },
		{ "X-Pass-Through", CREDENTIAL_NO },
		{ "passage_id", CREDENTIAL_NO },
		{ "design", CREDENTIAL_NO },
		{ "section_id", CREDENTIAL_NO },
		{ "", CREDENTIAL_NO },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (credential_header(rows[i].name) != rows[i].want)
			fail_msg("%s: %d", rows[i].name,
			    credential_header(rows[i].name));
	}
}

static void
targets(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "/q", "/q" },
		{ "", "" },
		{ "/q?", "/q?" },
		{ "/q?a=1&b", "/q?a=1&b" },
		{ "/q?key=abc&k=5", "/q?key=REDACTED&k=5" },
		{ "/q?api_key=a&token=b&apiKey=c",
		    "/q?api_key=REDACTED&token=REDACTED&apiKey=REDACTED" },
		{ "/q?api%5Fkey=a;%74oken=b",
		    "/q?api%5Fkey=REDACTED;%74oken=REDACTED" },
		{ "/q?monkey=1&tokens=9&keyword=x",
		    "/q?monkey=1&tokens=9&keyword=x" },
		{ "/q?key=", "/q?key=" },
		{ "/q?X-Amz-Signature=ab%3D=cd&x=1",
		    "/q?X-Amz-Signature=REDACTED&x=1" },
		{ "/cb#access_token=abc&state=1",
		    "/cb#access_token=REDACTED&state=1" },
		{ "http://user:pw@h:1/x?sig=1", "http://h:1/x?sig=REDACTED" },
		{ "http://u@v:pw@h/", "http://h/" },
		{ "http://h/x@y", "http://h/x@y" },
		{ "/x?u=http://a@b/", "/x?u=http://b/" },
		{ "/x?u=http%3A%2F%2Fa%3Ap%40b%2F%3Fk%3D1",
		    "/x?u=http%3A%2F%2Fb%2F%3Fk%3D1" },
		{ "/x?u=http%253A%252F%252Fa%253Ap%2540b%252F",
		    "/x?u=http%253A%252F%252Fb%252F" },
		{ "/x?u=%2Flogin%3Fpw%3Dx", "/x?u=%2Flogin%3Fpw%3DREDACTED" },
		{ "/x?u=a%20b%2Fc", "/x?u=a%20b%2Fc" },
		{ "/a;jsessionid=x/b;v=1?q=2",
		    "/a;jsessionid=REDACTED/b;v=1?q=2" },
		{ "/fetch/https://u:p@h/x?sig=1",
		    "/fetch/https://h/x?sig=REDACTED" },
		{ "//u:p@h/x", "//h/x" },
		{ "/#/route?token=x", "/#/route?token=REDACTED" },
		{ "/q?a=Bearer%20abcdef1", "/q?a=REDACTED" },
		{ "/q?next_page_token=x&max_tokens=5",
		    "/q?next_page_token=x&max_tokens=5" },
		{ "/q?a=b%zz&c=%", "/q?a=b%zz&c=%" },
		{ "/q?&&=&;=x", "/q?&&=&;=x" },
		{ "/q?email=a@b.c", "/q?email=a@b.c" },
		{ "--upstream=https://me:secret@h", "--upstream=https://h" },
		{ "/reset-password/9f86d081884c7d659a2feaa0c55ad015?x=1",
		    "/reset-password/REDACTED?x=1" },
		{ "/v1/token/Zm9vYmFyMTIzNDU2Nzg5/use",
		    "/v1/token/REDACTED/use" },
		{ "/bot1234567:AAEabcdefghijklmnopqrstuvwxyz0123/getMe",
		    "/REDACTED/getMe" },
		{ "/docs/9f86d081884c7d659a2feaa0c55ad015",
		    "/docs/9f86d081884c7d659a2feaa0c55ad015" },
		{ "/token/refresh", "/token/refresh" },
		/* an authorization code; another code */
		{ "/cb?code=SplxlOBeZQQYbYS6&state=x",
		    "/cb?code=REDACTED&state=x" },
		{ "/cb?state=x&CODE=4/0AbUR2V",
		    "/cb?state=x&CODE=4/0AbUR2V" },
		{ "/cb?state=x&code=abcde-12345",
		    "/cb?state=x&code=REDACTED" },
		{ "/cb?code=4f0AbUR2VMeHpZ98sQ", "/cb?code=REDACTED" },
		{ "/q?code=E11000&state=open", "/q?code=E11000&state=open" },
		{ "/q?code=abcde-12345", "/q?code=abcde-12345" },
		{ "/q?postcode=4f0AbUR2VMeHpZ98sQ",
		    "/q?postcode=4f0AbUR2VMeHpZ98sQ" },
		{ "/q?a=Bearer+abcdef1", "/q?a=REDACTED" },
		{ "/q?q=basic+income", "/q?q=basic+income" },
		{ "/q?q=basic%20income", "/q?q=basic%20income" },
		{ "/q?q=token+of+love", "/q?q=token+of+love" },
		{ "/q?next=/login%3Fsid%3Dabc",
		    "/q?next=/login%3Fsid%3DREDACTED" },
		{ "/q?next=login%3Fsid%3Dabc%26q%3D1",
		    "/q?next=login%3Fsid%3DREDACTED%26q%3D1" },
		{ "/q?q=is+it%3Fsid%3D1", "/q?q=is+it%3Fsid%3D1" },
	};
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_init(&b, 4096);
		credential_target(&b, rows[i].in);
		assert_string_equal(buf_str(&b), rows[i].out);
		buf_fini(&b);
	}
}

static void
values(void **state)
{
	static const char jwt[] = "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.sig";
	static const struct {
		const char *value;
		int want;
	} rows[] = {
		{ "Bearer abcdefg", 1 }, { "bearer abcdefg", 1 },
		{ "Basic dXNlcjpwdw==", 1 }, { "Basic plan of care", 0 },
		{ "Digest username=\"u\", realm=\"r\"", 1 },
		{ "Digest of the day", 0 }, { jwt, 1 },
		{ "x eyJhbGciOiJub25lIn0.eyJhIjoxfQ.sig y", 1 },
		{ "eyJust a text. And more of it.", 0 },
		{ "heyJoe.likes.dots.and.more.dots", 0 },
		{ "application/json; charset=utf-8", 0 },
		{ "basic income", 0 }, { "Basic Income", 0 },
		{ "token hush4you", 1 },
		{ "Bearer", 0 }, { "", 0 }, { "token of love is it", 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (credential_value(rows[i].value, strlen(rows[i].value)) !=
		    rows[i].want)
			fail_msg("%s", rows[i].value);
	}
}

static void
subprotocols(void **state)
{
	static const char name[] = "sec-websocket-protocol";

	(void)state;
	assert_true(credential_subprotocol(name, "v4.channel.k8s.io, "
	    "base64url.bearer.authorization.k8s.io.YWJj"));
	assert_true(credential_subprotocol(name, "realtime, "
	    "openai-insecure-api-key.abc"));
	assert_false(credential_subprotocol(name, "graphql-ws, mqtt"));
	assert_false(credential_subprotocol(name, NULL));
	assert_false(credential_subprotocol("X-Said", "the bearer of news"));
}

static void
pairs(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "userId=1,token=CANARY,x=2", "userId=1,token=REDACTED,x=2" },
		{ "a; sid = x; pw=abcdef", "a; sid = x; pw=REDACTED" },
		{ "session=abcd", "session=REDACTED" },
		{ "auth=1", "auth=1" },
		{ "text/html; charset=utf-8", "text/html; charset=utf-8" },
		{ "max-age=3600, s-maxage=60", "max-age=3600, s-maxage=60" },
		{ "===", "===" }, { "", "" }, { "token=", "token=" },
	};
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 4096);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&b);
		assert_int_equal(credential_pairs(&b, rows[i].in),
		    strcmp(rows[i].in, rows[i].out) != 0);
		assert_string_equal(buf_str(&b), rows[i].out);
	}
	buf_fini(&b);
}

/* JSON as a parameter, and as a header's value. */
static void
json_values(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "/q?f=%7B%22password%22%3A%22x%22%7D&k=1",
		    "/q?f=REDACTED&k=1" },
		{ "/q?f=%257B%2522password%2522%253A%2522x%2522%257D#a=1",
		    "/q?f=REDACTED#a=1" },
		{ "/q?a={\"pwd\":\"x\"};b=2", "/q?a=REDACTED;b=2" },
		{ "/q?a=eyJwd2QiOiJhYmMifQ", "/q?a=REDACTED" },
		{ "/q?f=%7B%22k%22%3A%22x%22%7D",
		    "/q?f=%7B%22k%22%3A%22x%22%7D" },
		{ "/q?a=&b=%&=c", "/q?a=&b=%&=c" }, { "/q", "/q" },
	};
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 4096);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&b);
		assert_int_equal(credential_query(&b, rows[i].in),
		    strcmp(rows[i].in, rows[i].out) != 0);
		assert_string_equal(buf_str(&b), rows[i].out);
	}
	buf_fini(&b);
	assert_true(credential_json("[{\"password\":\"x\"}]", 18));
	assert_true(credential_json("eyJwd2QiOiJhYmMifQ==", 20));
	assert_false(credential_json("eyJxIjoiYWJjZCJ9", 16));
	assert_false(credential_json("{\"q\":\"abc\"}", 11));
	assert_false(credential_json("", 0));
}

/* Asterisks in place, and the rest byte for byte. */
static void
bodies(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "{\"password\":\"abc\",\"q\":\"x\"}",
		    "{\"password\":\"***\",\"q\":\"x\"}" },
		{ "{\"apiKey\" : \"a\\\"b\"}", "{\"apiKey\" : \"****\"}" },
		{ "{\"client-secret\":[\"a\",\"bc\"],\"z\":\"bc\"}",
		    "{\"client-secret\":[\"*\",\"**\"],\"z\":\"bc\"}" },
		{ "{\"credentials\":{\"user\":\"u\",\"pwd\":\"p\"}}",
		    "{\"credentials\":{\"user\":\"u\",\"pwd\":\"*\"}}" },
		{ "{\"otp\":123456,\"n\":1}", "{\"otp\":000000,\"n\":1}" },
		{ "{\"otp\":null,\"pw\":true}", "{\"otp\":null,\"pw\":true}" },
		{ "data: {\"access_token\":\"ab\"}\n\n",
		    "data: {\"access_token\":\"**\"}\n\n" },
		{ "{\"a\":\"Bearer abc123\"}", "{\"a\":\"*************\"}" },
		{ "{\"a\":\"Basic subscription\"}",
		    "{\"a\":\"Basic subscription\"}" },
		{ "{\"u\":\"https://a:b@h/x?X-Amz-Signature=cd&q=1\"}",
		    "{\"u\":\"https://***@h/x?X-Amz-Signature=**&q=1\"}" },
		{ "{\"u\":\"https://h/x?key=ch1&sid=2\"}",
		    "{\"u\":\"https://h/x?key=ch1&sid=2\"}" },
		{ "{\"token\":\"Hello\",\"session_id\":\"s\"}",
		    "{\"token\":\"Hello\",\"session_id\":\"s\"}" },
		{ "{\"answer\":\"the \\\"password\\\": 1234\"}",
		    "{\"answer\":\"the \\\"password\\\": 1234\"}" },
		{ "user=me&password=abc&token=d&q=1",
		    "user=me&password=***&token=*&q=1" },
		{ "pass%77ord=abc", "pass%77ord=***" },
		{ "--b\r\nContent-Disposition: form-data; name=\"pwd\"\r\n\r\n"
		    "abc\r\n--b--\r\n", "--b\r\nContent-Disposition: "
		    "form-data; name=\"pwd\"\r\n\r\n***\r\n--b--\r\n" },
		{ "--b\r\nContent-Disposition: form-data; filename=a; "
		    "name=pwd\r\n\r\nabc\r\n--b--\r\n", "--b\r\nContent-"
		    "Disposition: form-data; filename=a; name=pwd\r\n\r\n***"
		    "\r\n--b--\r\n" },
		{ "{\"OPENAI_API_KEY\":\"ab\",\"dbPassword\":\"c\"}",
		    "{\"OPENAI_API_KEY\":\"**\",\"dbPassword\":\"*\"}" },
		/* what holds credentials, and what is beside a grant */
		{ "{\"auth\":{\"type\":\"x\",\"token\":\"ab\"},\"token\":"
		    "\"c\"}",
		    "{\"auth\":{\"type\":\"x\",\"token\":\"**\"},"
		    "\"token\":\"c\"}" },
		{ "{\"authentication\" : {\"a\":{\"b}\":\"}\"},\"key\":\"ab\"}"
		    ",\"key\":\"c\"}", "{\"authentication\" : {\"a\":{"
		    "\"b}\":\"}\"},\"key\":\"**\"},\"key\":\"c\"}" },
		{ "{\"credentials\":{\"token\":\"ab\",\"user\":\"u\"}}",
		    "{\"credentials\":{\"token\":\"**\",\"user\":\"u\"}}" },
		{ "{\"authorization_token\":\"ab\",\"device_code\":\"c\"}",
		    "{\"authorization_token\":\"**\",\"device_code\":\"*\"}" },
		{ "{\"auth\":\"none\",\"token\":\"c\"}", NULL },
		{ "{\"auth\":{\"token\":\"ab", "{\"auth\":{\"token\":\"**" },
		{ "{\"grant_type\":\"x\",\"code\":\"ab\"}",
		    "{\"grant_type\":\"x\",\"code\":\"**\"}" },
		{ "{\"code\":\"ab\"}", NULL },
		{ "grant_type=x&code=ab&subject_token=c&q=1",
		    "grant_type=x&code=**&subject_token=*&q=1" },
		{ "q=1&code=ab", NULL },
		{ "{\"monkey\":\"ab\",\"max_tokens\":5,\"key\":\"c\"}",
		    NULL },
		/* names beside their values */
		{ "[{\"name\": \"X-Api-Key\", \"value\": \"ab\"},{\"name\":"
		    "\"Accept\",\"value\":\"cd\"}]", "[{\"name\": "
		    "\"X-Api-Key\", \"value\": \"**\"},{\"name\":\"Accept\","
		    "\"value\":\"cd\"}]" },
		{ "{\"Key\":\"password\",\"Value\":12}",
		    "{\"Key\":\"password\",\"Value\":00}" },
		/* what stands beside a secret stays */
		{ "{\"a\":\"https://h/ is it, sk-abcdef0123456789 is not\"}",
		    "{\"a\":\"https://h/ is it, ******************* is not"
		    "\"}" },
		{ "{\"password\":\"abc", "{\"password\":\"***" },
		{ "{\"password\":", "{\"password\":" },
		{ "{\"password\":[\"a\",", "{\"password\":[\"*\"," },
		/* a name in escapes */
		{ "{\"pass\\u0077ord\":\"abc\"}",
		    "{\"pass\\u0077ord\":\"***\"}" },
		{ "{\"\\u0070\\u0077\\u0064\":1}",
		    "{\"\\u0070\\u0077\\u0064\":0}" },
		{ "{\"pass\\u00fford\":\"abc\"}", NULL },
		/* JSON within a string, once and twice */
		{ "{\"a\":\"{\\\"password\\\":\\\"abc\\\",\\\"q\\\":1}\"}",
		    "{\"a\":\"{\\\"password\\\":\\\"***\\\",\\\"q\\\":1}\"}" },
		{ "{\"a\":\" [{\\u0022pwd\\u0022:\\u0022\\u0061b\\u0022}]\"}",
		    "{\"a\":\" [{\\u0022pwd\\u0022"
		    ":\\u0022*******\\u0022}]\"}" },
		{ "{\"a\":\"\\n{\\\"otp\\\":123,\\\"u\\\":\\\"https:"
		    "\\\\/\\\\/a:b@h\\\\/x\\\"}\"}",
		    "{\"a\":\"\\n{\\\"otp\\\":000,\\\"u\\\":\\\"https:"
		    "\\\\/\\\\/***@h\\\\/x\\\"}\"}" },
		{ "{\"a\":\"{\\\"b\\\":\\\"{\\\\\\\"pw\\\\\\\":"
		    "\\\\\\\"x\\\\\\\"}\\\"}\"}",
		    "{\"a\":\"{\\\"b\\\":\\\"{\\\\\\\"pw\\\\\\\":"
		    "\\\\\\\"*\\\\\\\"}\\\"}\"}" },
		{ "[\"\\\"{\\\\\\\"pw\\\\\\\":\\\\\\\"x\\\\\\\"}\\\"\"]",
		    "[\"\\\"{\\\\\\\"pw\\\\\\\":\\\\\\\"*\\\\\\\"}\\\"\"]" },
		{ "{\"a\":\"{\\\"password\\\":\\\"ab",
		    "{\"a\":\"{\\\"password\\\":\\\"**" },
		{ "{\"a\":\"\\\"password\\\": 1234 is bad\"}", NULL },
		{ "{\"a\":\"{\\\"answer\\\":\\\"yes\\\"}\"}", NULL },
		{ "{\"u\":\"https:\\/\\/a:b@h\\/x?sig=1\"}",
		    "{\"u\":\"https:\\/\\/***@h\\/x?sig=*\"}" },
		{ "p=%7B%22pwd%22%3A%22ab%22%2C%22q%22%3A1%7D&q=1",
		    "p=%7B%22pwd%22%3A%22**%22%2C%22q%22%3A1%7D&q=1" },
		{ "p=%7B%22q%22%3A%22ab%22%7D&q=1", NULL },
		{ "--b\r\nContent-Disposition: form-data; name=\"j\"\r\n\r\n"
		    "{\"pwd\":\"ab\"}\r\n--b--\r\n", "--b\r\nContent-"
		    "Disposition: form-data; name=\"j\"\r\n\r\n"
		    "{\"pwd\":\"**\"}\r\n--b--\r\n" },
		/* in base64: {"pwd":"abc"} and its kin */
		{ "{\"a\":\"eyJwd2QiOiJhYmMifQ==\"}",
		    "{\"a\":\"eyJwd2QiOiIqKioifQ==\"}" },
		{ "{\"a\":\"eyJwd2QiOiJhYmNkP34iLCJxIjoiPz5-In0\"}",
		    "{\"a\":\"eyJwd2QiOiIqKioqKioiLCJxIjoiPz5-In0\"}" },
		{ "{\"a\":\"eyJxIjoiYWJjZCJ9\"}", NULL },
		{ "{\"a\":\"eyJwd2QiOiJhYiIsInEiOiI\\/Pz4ifQ==\"}",
		    "{\"a\":\"*********************************\"}" },
		{ "{\"a\":\"every word that begins so\"}", NULL },
		{ "a plain text with password: abc", NULL },
		{ "", NULL }, { "\"", NULL }, { "--", NULL }, { "=", NULL },
	};
	char copy[400];
	size_t i, n, found;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *out = rows[i].out != NULL ? rows[i].out :
		    rows[i].in;

		n = strlen(rows[i].in);
		memcpy(copy, rows[i].in, n + 1);
		found = credential_body(rows[i].in, n, NULL, NULL);
		assert_int_equal(credential_body(rows[i].in, n, copy, NULL),
		    found);
		assert_string_equal(copy, out);
		assert_int_equal(found > 0, strcmp(rows[i].in, out) != 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers),
		cmocka_unit_test(targets),
		cmocka_unit_test(values),
		cmocka_unit_test(subprotocols),
		cmocka_unit_test(pairs),
		cmocka_unit_test(json_values),
		cmocka_unit_test(bodies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
