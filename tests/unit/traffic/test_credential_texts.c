/*
 * Credentials within texts: in prose, spread over the events of a stream,
 * deep within other texts, in UTF-16. What is found is overwritten in place,
 * and every other byte stays.
 */
#include "tests/lib/check.h"

#include <stdlib.h>

#include "harness/base/buf.h"
#include "harness/traffic/credential.h"

/* What a body becomes; caller frees. */
static char *
cleaned(const char *p, size_t n)
{
	/* what one text leaves in it hides nothing of the next */
	static struct credential_known known;
	char *copy = malloc(n + 1);
	size_t found;
	int i;

	memcpy(copy, p, n);
	copy[n] = '\0';
	found = credential_body(p, n, NULL, NULL);
	assert_int_equal(credential_body(p, n, copy, NULL), found);
	for (i = 0; i < 2; i++)
		assert_int_equal(credential_body(p, n, NULL, &known), found);
	assert_int_equal(found > 0, memcmp(copy, p, n) != 0);
	return copy;
}

static void
prose(void **state)
{
	static const struct {
		const char *before, *secret, *after;
	} rows[] = {
		{ "my key is ", "sk-proj-abcDEF123456", ", use it" },
		{ "(", "sk-ant-api03-abcdefghijklmnop", ")" },
		{ "", "ghp_abcdefghijklmnopqrstuvwxyz0123456789", "" },
		{ "id ", "AKIAIOSFODNN7EXAMPLE", "." },
		{ "see ", "xoxb-1234567890-abc", "\n" },
		{ "x ", "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.sig", " y" },
		{ "Authorization: Bearer ", "abc123def456", " is sent" },
		{ "Authorization: Bearer ", "abcdefgh", "\r\n" },
		{ "curl -H 'Authorization: Basic ", "dXNlcjpwYXNzd29yZA==",
		    "'" },
		{ "db at postgres://", "me:pass", "@h/db is slow" },
		{ "get https://h/x?q=1&api_key=", "abc", " now" },
		{ "password: ", "hunter2abc", "." },
		{ "export DB_PASSWORD=", "hunter2abc", "\nX=1" },
		{ "**api_key**: `", "k1k2k3k4", "` they say" },
		{ "login(password: \"", "hunter2", "\")" },
		{ "<wsse:Password Type='x'>", "ab", "</wsse:Password>" },
		{ "<api_key>", "ab", "</api_key>" },
		{ "", "-----BEGIN PRIVATE KEY-----\nMIIEvgIBADANBgkqhkiG9w0"
		    "\nabc=\n-----END PRIVATE KEY-----", "\nthen" },
		{ "ends in ", "-----BEGIN RSA PRIVATE KEY-----\nMIIEvgIBADAN",
		    "" },
		{ "curl -u ", "me:pw", " https://h/x" },
		{ "$ curl -sSu ", "me:pw", " https://h/" },
		{ "curl -u", "me:pw", " h" },
		{ "curl https://h/ -X POST --proxy-user=", "me:pw", " x" },
		{ "curl --user '", "me:p w", "' h" },
		{ "curl -b ", "a=b", " h" },
		{ "curl --cookie ", "a=b;c=d", " h" },
		{ "Cookie: ", "a=b; c=d", "\r\nHost: h" },
		{ "Cookie: ", "a=b", " is sent" },
		{ "Set-Cookie: ", "sid=x; Path=/", "; HttpOnly" },
		{ "-H 'cookie: ", "k=v", "' h" },
		{ "at ", "me:hunter2", "@db.example.com it is" },
		{ "use ", "me:pw", "@db:5432/x" },
		{ "dsn=", "root:pw", "@tcp(127.0.0.1:3306)/db" },
		{ "use ", "me:p@ss:w", "@localhost" },
		{ "see https://hooks.slack.com/services/T01234567/B01234567/",
		    "abcdefGHIJKL0123456789ab", " now" },
		{ "https://api.telegram.org/",
		    "bot1234567:AAEabcdefghijklmnopqrstuvwxyz0123",
		    "/sendMessage" },
		{ "https://discord.com/api/webhooks/123456789012345678/",
		    "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTU"
		    "VWXYZ0123", "" },
		{ "https://h/reset-password/",
		    "9f86d081884c7d659a2feaa0c55ad015", "?x=1" },
		{ "https://h/a/token/", "Zm9vYmFyMTIzNDU2Nzg5", "/b" },
	};
	static const char *const around[][2] = {
		{ "", "" }, { "a text: ", "" }, { "<p>", "</p>" },
		{ "{\"a\":\"one \\\"two\\\"\\n", "\\n\"}" },
		{ "{\"a\":\"\\u00fc\\t", "\\n\"}" },
		{ "{\"a\":\"{\\\"b\\\":\\\"\\\\n", "\\\"}\"}" },
		{ "data: {\"a\":\"\\u00fc\\/ ", "\"}\n\n" },
	};
	struct buf in;
	size_t i, k;
	char *got;

	(void)state;
	buf_init(&in, 4096);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (k = 0; k < sizeof(around) / sizeof(around[0]); k++) {
			buf_reset(&in);
			buf_printf(&in, "%s%s%s%s%s", around[k][0],
			    rows[i].before, rows[i].secret, rows[i].after,
			    around[k][1]);
			got = cleaned(in.p, in.len);
			if (strstr(got, rows[i].secret) != NULL ||
			    strstr(got, rows[i].before) == NULL ||
			    strstr(got, rows[i].after) == NULL)
				fail_msg("%s: %s", in.p, got);
			free(got);
		}
	}
	buf_fini(&in);
}

static void
prose_stays(void **state)
{
	static const char *const rows[] = {
		"The password must have eight characters.",
		"<p>password</p><password></password><b>x</b>",
		"{\"name\":\"password\",\"type\":\"value\",\"value\":\"x\"}",
		"{\"name\":\"Accept\",\"value\":\"x\"}",
		"{\"key\":\"password\"}", "{\"name\":\"password\",\"value\"",
		"password: choose one that is long enough",
		"{\"a\":\"risk-averse sk-learn desk-top-publishing\"}",
		"{\"a\":\"locale sk-SK or sk-cluster-01\"}",
		"{\"a\":\"Basic subscription2024 and Bearer of news\"}",
		"{\"a\":\"\\\"password\\\": 1234 is bad\"}",
		"{\"a\":\"see https://h/x?page=2&q=refund%20period.\"}",
		"{\"a\":\"a token: 512 tokens, max_tokens=4096aaaa\"}",
		"{\"a\":\"-----BEGIN CERTIFICATE-----\\nMIIB\\n\"}",
		("{\"hash\":\"d41d8cd98f00b204e9800998ecf8427e\",\"id\":"
		    "\"550e8400-e29b-41d4-a716-446655440000\"}"),
		"{\"a\":\"secret: [REDACTED], password=$PASSWORD1\"}",
		"data: {\"t\":\"sk-\"}\n\ndata: {\"t\":\"learn\"}\n\n",
		"Cookie: a small cake. The cookie: it = sweet",
		"Cookie: name=", "cookie:a", "MyCookie: a=b", "Cookie:",
		"mailto:bob1984@example.com, Contact:bob@example.com",
		"at 10:30@room5.example.com, git@github.com:org/repo1.git",
		"app:v1.2@sha256:9f86d081, npm:react1@18.2.0, a:b@c, a:@h:1",
		"diff -u a:b c:d", "curl -u", "curl -u a:", "curl -u me h",
		"curl -H 'Accept: a/b' h; curl --users a:b",
		"https://h/token/0x52908400098527886E0F7030069857D2E4169EE7/",
		"https://h/reset-password/how-To-reset-a-password-2024",
		"https://h/passages/9f86d081884c7d659a2feaa0c55ad015",
		"{\"d\":\"abcdefghijklmnopqrstuvwxyz0123456789\"}",
		("{\"kty\":\"RSA\",\"n\":\"abcdefghijklmnopqrstuvwxyz\",\"e\":"
		    "\"AQAB\",\"d\":\"short\",\"k\":5,\"p\":\"a word, two, "
		    "three\",\"q\":"),
		"name,city\nann,rome\n", "password\nabc\ndef\n",
		"password: choose, well\nthen go, there\n",
		"password, user\nare asked for\n", "password,user\n",
		"--", "data:", "data: \n\n", "{\"index\":", "[", "]]]", "}",
	};
	char *got;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		got = cleaned(rows[i], strlen(rows[i]));
		assert_string_equal(got, rows[i]);
		free(got);
	}
}

/* ---- keys and tables ---------------------------------------------------- */

static void
keys_and_tables(void **state)
{
	static const char *const rows[][2] = {
		{ "{\"kty\":\"RSA\",\"n\":\"abcdefghijklmnop\",\"d\":"
		    "\"CANARY0123456789\",\"dp\" : \"CANARY012345678-\"}",
		    "{\"kty\":\"RSA\",\"n\":\"abcdefghijklmnop\",\"d\":"
		    "\"****************\",\"dp\" : \"****************\"}" },
		{ "{\"keys\":[{\"k\":\"CANARY0123456789\",\"kty\":\"oct\"}],"
		    "\"q\":\"how\"}",
		    "{\"keys\":[{\"k\":\"****************\",\"kty\":\"oct\"}],"
		    "\"q\":\"how\"}" },
		{ "name,password\nann,CANARY\nbob,\"CAN,ARY\"\n",
		    "name,password\nann,******\nbob,\"*******\"\n" },
		{ "\"api key\";id\r\nCANARY;1\r\n;2\r\nCANARY",
		    "\"api key\";id\r\n******;1\r\n;2\r\n******" },
		{ "id\tAPI_KEY\tx\n1\tCANARY\t2\n\n1\tC", "id\tAPI_KEY\tx\n1"
		    "\t******\t2\n\n1\t*" },
		{ "--b\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n"
		    "id,secret\n1,CANARY\r\n--b--\r\n",
		    "--b\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n"
		    "id,secret\n1,******\r\n--b--\r\n" },
	};
	char *got;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		got = cleaned(rows[i][0], strlen(rows[i][0]));
		assert_string_equal(got, rows[i][1]);
		free(got);
	}
}

/* ---- streams ------------------------------------------------------------ */

/* Each piece of a text in an event of its own: where it stands is @. */
struct framing {
	const char *name, *begin, *event, *other, *end;
};

static const struct framing framings[] = {
	{ "openai", "", "data: {\"id\":\"c\",\"choices\":[{\"index\":0,"
	    "\"delta\":{\"content\":\"@\"}}]}\n\n", "", "data: [DONE]\n\n" },
	{ "choices by turns", "", "data: {\"choices\":[{\"index\":0,"
	    "\"delta\":{\"content\":\"@\"}}]}\n\n",
	    "data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":"
	    "\"word\"}}]}\n\n", "data: [DONE]\n\n" },
	{ "choices in one", "", "data: {\"choices\":[{\"delta\":{\"content\":"
	    "\"@\"},\"index\":0},{\"delta\":{\"content\":\"w\"},"
	    "\"index\":1}]}\n\n", "", "" },
	{ "anthropic", "event: message_start\ndata: {\"type\":"
	    "\"message_start\"}\n\n", "event: content_block_delta\r\ndata: "
	    "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{"
	    "\"type\":\"text_delta\",\"text\":\"@\"}}\r\n\r\n",
	    "event: ping\ndata: {\"type\":\"ping\"}\n\n", "" },
	{ "responses", "", "event: response.output_text.delta\ndata: {"
	    "\"type\":\"response.output_text.delta\",\"output_index\":0,"
	    "\"delta\":\"@\"}\n\n", "", "" },
	{ "responses by turns", "", "data: {\"output_index\":0,"
	    "\"content_index\":0,\"delta\":\"@\"}\n\n",
	    "data: {\"output_index\":1,\"content_index\":0,\"delta\":"
	    "\"word\"}\n\n", "" },
	{ "counted tokens", "", "data:{\"index\":#,\"token\":{\"text\":"
	    "\"@\"}}\n\n", "data:{\"index\":7}\n\n", "" },
	{ "lines", "", "{\"response\":\"@\",\"done\":false}\n", "",
	    "{\"done\":true}\n" },
	{ "a list", "[", "{\"candidates\":[{\"content\":{\"parts\":[{"
	    "\"text\":\"@\"}]}}]}\n,", "", "{}]" },
	{ "strings", "", "data: \"@\"\n\n", "", "" },
	{ "plain", ": hello\n\n", "event: token\ndata: @\n\n", "", "" },
	{ "pretty", "", "data: {\ndata:  \"choices\": [\ndata:   {\"delta\":"
	    " {\"content\":\ndata:  \"@\"}}\ndata:  ]\ndata: }\n\n", "", "" },
	{ "bare CR", "", "data: {\"t\":\"@\"}\r\r", "", "" },
	{ "numbered lines", "f:{\"a\":1}\n", "0:\"@\"\n", "", "d:{}\n" },
	{ "sequence", "", "\x1e{\"t\":\"@\"}\n", "", "" },
	{ "logprobs", "{\"logprobs\":{\"content\":[", "{\"token\":\"@\"},",
	    "", "{}]}}" },
};

static void
put_event(struct buf *b, const char *event, const char *p, size_t n,
    size_t count)
{
	for (; *event != '\0'; event++) {
		if (*event == '@')
			buf_add(b, p, n);
		else if (*event == '#')
			buf_printf(b, "%zu", count);
		else
			buf_putc(b, *event);
	}
}

/* A text in pieces: the first one of `first` bytes, then `step` each. */
static void
put_stream(struct buf *b, const struct framing *f, const char *text,
    size_t first, size_t step)
{
	size_t i, k, n = strlen(text), count = 0;

	buf_puts(b, f->begin);
	for (i = 0; i < n; i += k) {
		k = i == 0 ? first : step;
		k = k > n - i ? n - i : k;
		/* services do not cut an escape, either */
		while (text[i + k - 1] == '\\' && i + k < n)
			k++;
		put_event(b, f->event, text + i, k, count++);
		buf_puts(b, f->other);
	}
	buf_puts(b, f->end);
}

/* No letter that only the secret has is left, however it was cut. */
static void
streams(void **state)
{
	static const struct {
		const char *text, *only;
		int plain;	/* also where there are no escapes */
	} rows[] = {
		{ "the key is sk-ZZZZXXXX0123456789 they said", "ZX", 1 },
		{ "use Bearer ZZZZXXXX0123456789xyz there", "ZX", 1 },
		{ "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.ZZZZ is one", "JGZ", 1 },
		{ "{\\\"password\\\":\\\"ZXZXZX\\\",\\\"q\\\":1}", "ZX", 0 },
		{ "at postgres://ZZ:XX@h/db it is", "ZX", 1 },
		{ "DB_PASSWORD=ZXhunter22 is set", "ZX", 1 },
		{ "try curl -u ZZ:XX and https", "ZX", 1 },
		{ "send Cookie: ZX=ZZ; XX=ZX then", "ZX", 1 },
		{ "at ZZ:ZX@db:5432/x it is", "ZX", 1 },
	};
	struct buf b;
	size_t f, r, first, n;
	char *got;

	(void)state;
	buf_init(&b, 1 << 16);
	for (f = 0; f < sizeof(framings) / sizeof(framings[0]); f++) {
		for (r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
			if (!rows[r].plain &&
			    strcmp(framings[f].name, "plain") == 0)
				continue;
			n = strlen(rows[r].text);
			for (first = 1; first < n; first++) {
				buf_reset(&b);
				put_stream(&b, &framings[f], rows[r].text,
				    first, first % 3 == 0 ? n : first % 7 + 1);
				got = cleaned(b.p, b.len);
				if (strpbrk(got, rows[r].only) != NULL)
					fail_msg("%s, first %zu: %s",
					    framings[f].name, first, got);
				free(got);
			}
		}
	}
	buf_fini(&b);
}

/* ---- within each other -------------------------------------------------- */

/* A JSON string of a text: quotes and backslashes as \u0022 and \u005c where
 * they would double, so that its length grows by five bytes a level. */
static void
wrap(struct buf *out, const char *p, size_t n, int classic)
{
	size_t i;

	buf_puts(out, "{\"a\":\"");
	for (i = 0; i < n; i++) {
		if (p[i] != '"' && p[i] != '\\')
			buf_putc(out, p[i]);
		else if (classic)
			buf_printf(out, "\\%c", p[i]);
		else
			buf_printf(out, "\\u%04x", (unsigned)p[i]);
	}
	buf_puts(out, "\"}");
}

static void
nested(void **state)
{
	static const char inner[] = "{\"password\":\"CANARY\",\"q\":\"all "
	    "well\",\"n\":\"key sk-CANARY0123456789\"}";
	struct buf a, b;
	int depth, classic;
	char *got;

	(void)state;
	for (classic = 0; classic < 2; classic++) {
		buf_init(&a, 8 << 20);
		buf_puts(&a, inner);
		for (depth = 0; depth < (classic ? 14 : 40); depth++) {
			got = cleaned(a.p, a.len);
			if (strstr(got, "CANARY") != NULL)
				fail_msg("%d deep: %s", depth, got);
			/* what is deeper than anyone goes is gone whole */
			if (depth < 30 && strstr(got, "all well") == NULL)
				fail_msg("%d deep: %s", depth, got);
			free(got);
			buf_init(&b, 8 << 20);
			wrap(&b, a.p, a.len, classic);
			buf_fini(&a);
			a = b;
		}
		buf_fini(&a);
	}
}

static void
wide(void **state)
{
	static const char text[] = "{\"password\":\"CANARY\",\"q\":\"\\u00e9 "
	    "Bearer abc123def456\",\"in\":\"{\\\"pwd\\\":\\\"CANARY\\\"}\"}";
	char p[2 * sizeof(text) + 2], *got, plain[sizeof(text) + 1];
	size_t i, n = sizeof(text) - 1, at;
	int big, mark;

	(void)state;
	for (big = 0; big < 2; big++) {
		for (mark = 0; mark < 2; mark++) {
			memcpy(p, big ? "\xfe\xff" : "\xff\xfe", 2);
			at = mark ? 2 : 0;
			for (i = 0; i < n; i++) {
				p[at + 2 * i + !big] = '\0';
				p[at + 2 * i + big] = text[i];
			}
			got = cleaned(p, at + 2 * n);
			for (i = 0; i < n; i++)
				plain[i] = got[at + 2 * i + big];
			plain[n] = '\0';
			if (strstr(plain, "CANARY") != NULL ||
			    strstr(plain, "abc123") != NULL)
				fail_msg("%d %d: %s", big, mark, plain);
			assert_non_null(strstr(plain, "\",\"in\":\"{\\\"pwd"));
			free(got);
		}
	}
}

/* Texts that are made to be slow are no slower than their length. */
static void
slow_texts(void **state)
{
	static const char *const rows[] = {
		"://", "a://", "eyJ-", "eyJa=", "password=a:", "sk-a",
		"Bearer a ", "-----BEGIN PRIVATE KEY-----", "pw=1a", "\"a\":",
		"{\"index\":1,\"a\":\"x\"}\n", "data: a\n\n",
		"data: a\r\r", "[", "{\"a\":", "\\\"", "x@://",
		"AccountKey=", "%2", "a=b&", " -u a:b", "curl -u a:b ",
		"curl -uuuu", "Cookie: a=b; ", "a:b@c", "@", "a:1@h:1 ",
		"https://h/token/", "/token/0123456789abcdef",
		"\"kty\":\"d\",\"d\":\"abcdefghijklmnopqrst\",",
		"password,a\n", "password,\"\n",
	};
	struct buf b;
	size_t i, n;

	(void)state;
	buf_init(&b, 4 << 20);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		n = strlen(rows[i]);
		buf_reset(&b);
		while (b.len < 1 << 20)
			buf_add(&b, rows[i], n);
		free(cleaned(b.p, b.len));
	}
	buf_fini(&b);
}

/* What begins as JSON and is none, and names that are secrets themselves. */
static void
nearly_json(void **state)
{
	static const struct {
		const char *text, *secret;
	} rows[] = {
		{ "{\"a\": \"x\", password: abc12345}", "abc12345" },
		{ "{\"a\": 1} then password=abc12345", "abc12345" },
		{ "{\"a\": \"an inch is \"\", \"b\": password: abc12345}",
		    "abc12345" },
		{ "{\"a\": \"b\", \"api_key\": a1a1a1a1a1}", "a1a1a1a1a1" },
		{ "[1, sk-proj-abcDEF123456]", "sk-proj-abcDEF123456" },
		{ "[true, null, false, sk-proj-abcDEF123456]",
		    "abcDEF123456" },
		{ "{\"sk-proj-abcDEF123456\": 1.5e3}",
		    "sk-proj-abcDEF123456" },
		{ "{\"http://me:pa@h/\": \"text\"}", "me:pa" },
		{ "[\"\", \"\"] \"password\": \"abc12345", "abc12345" },
	};
	char *got;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		got = cleaned(rows[i].text, strlen(rows[i].text));
		if (strstr(got, rows[i].secret) != NULL)
			fail_msg("%s", got);
		free(got);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prose),
		cmocka_unit_test(prose_stays),
		cmocka_unit_test(keys_and_tables),
		cmocka_unit_test(streams),
		cmocka_unit_test(nested),
		cmocka_unit_test(wide),
		cmocka_unit_test(slow_texts),
		cmocka_unit_test(nearly_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
