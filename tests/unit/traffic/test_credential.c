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
		{ "/x?u=http://a@b/", "/x?u=http://a@b/" },
		{ "--upstream=https://me:secret@h", "--upstream=https://h" },
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers),
		cmocka_unit_test(targets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
