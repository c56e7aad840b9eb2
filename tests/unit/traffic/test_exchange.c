/* Exchanges: what is written reads back as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/base/hash.h"
#include "harness/base/utf8.h"
#include "harness/traffic/exchange.h"
#include "tests/lib/random_json.h"

enum { LINE_MAX_BYTES = 64 << 20 };

static void
write_one(struct buf *b, const struct exchange *ex)
{
	buf_init(b, LINE_MAX_BYTES);
	exchange_write(b, ex);
	assert_int_equal(b->bad, RC_OK);
	assert_null(memchr(b->p, '\n', b->len));
}

static void
full_round_trip(void **state)
{
	static const struct ex_header req[] = {
		{ "Content-Type", "application/json" },
		{ "X-Odd", "caf\xe9 \"quoted\"" },
	};
	static const struct ex_header res[] = {
		{ "x-pins", "{\"MODEL_VER\":\"7\"}" }, { "Empty", "" },
	};
	static const struct ex_chunk chunks[] = { { 10, 5 }, { 900, 7 } };
	static const struct ex_attempt attempts[] = {
		{ OUTCOME_HTTP_5XX, 503, 5, 6 },
		{ OUTCOME_UNREACHABLE, 0, 9, -1 },
	};
	struct ex_header trailers[] = { { "X-Sum", "1" },
	    { "X-Odd", "caf\xe9" } };
	struct exchange ex, got;
	struct exchange_rec *rec = exchange_rec_new();
	struct err err = ERR_INIT;
	struct buf b;
	size_t i;

	(void)state;
	exchange_init(&ex);
	ex.id = "run/\"1\"";
	ex.key.case_id = "q\\1";
	ex.key.p = 2;
	ex.key.s = 1;
	ex.key.r = 4000000000u;
	ex.key.arm = ARM_CANDIDATE2;
	ex.session = "s";
	/* Beyond 2^53: doubles would round it. */
	ex.sent_ns = 9007199254740993;
	ex.due_ns = 0;
	ex.ttfb_ns = 11;
	ex.ttft_ns = 12;
	ex.total_ns = 13;
	ex.outcome = OUTCOME_PROTOCOL;
	ex.why = "no end mark";
	ex.url = "http://127.0.0.1:1";
	ex.method = "POST";
	ex.target = "/q?a=b";
	ex.req_headers = req;
	ex.n_req_headers = 2;
	ex.res_headers = res;
	ex.n_res_headers = 2;
	ex.req_trailers = trailers;
	ex.n_req_trailers = 1;
	ex.res_trailers = trailers;
	ex.n_res_trailers = 2;
	ex.req_body.p = "{\"q\":\"\xc3\xa4\\u0000\"}";
	ex.req_body.n = strlen(ex.req_body.p);
	ex.res_body.p = "\x1f\x8b\0\xff";
	ex.res_body.n = 4;
	ex.status = 200;
	ex.chunks = chunks;
	ex.n_chunks = 2;
	ex.attempts = attempts;
	ex.n_attempts = 2;
	ex.stale = 3;
	ex.generic = 1;
	write_one(&b, &ex);
	assert_int_equal(exchange_parse(rec, b.p, b.len, &got, &err), 1);
	assert_string_equal(got.id, ex.id);
	assert_string_equal(got.key.case_id, ex.key.case_id);
	assert_int_equal(got.key.p, 2);
	assert_int_equal(got.key.s, 1);
	assert_int_equal(got.key.r, 4000000000u);
	assert_int_equal(got.key.arm, ARM_CANDIDATE2);
	assert_string_equal(got.session, "s");
	assert_true(got.sent_ns == 9007199254740993);
	assert_true(got.due_ns == 0 && got.ttfb_ns == 11);
	assert_true(got.ttft_ns == 12 && got.total_ns == 13);
	assert_int_equal(got.outcome, OUTCOME_PROTOCOL);
	assert_string_equal(got.why, ex.why);
	assert_string_equal(got.url, ex.url);
	assert_string_equal(got.method, "POST");
	assert_string_equal(got.target, ex.target);
	assert_int_equal(got.n_req_headers, 2);
	for (i = 0; i < 2; i++) {
		assert_string_equal(got.req_headers[i].name, req[i].name);
		assert_string_equal(got.req_headers[i].value, req[i].value);
		assert_string_equal(got.res_headers[i].value, res[i].value);
		assert_true(got.chunks[i].at_ns == chunks[i].at_ns);
		assert_int_equal(got.chunks[i].n, chunks[i].n);
		assert_int_equal(got.attempts[i].outcome,
		    attempts[i].outcome);
		assert_int_equal(got.attempts[i].status, attempts[i].status);
		assert_true(got.attempts[i].sent_ns == attempts[i].sent_ns);
		assert_true(got.attempts[i].total_ns ==
		    attempts[i].total_ns);
	}
	assert_int_equal(got.n_req_trailers, 1);
	assert_int_equal(got.n_res_trailers, 2);
	assert_string_equal(got.req_trailers[0].name, "X-Sum");
	assert_string_equal(got.res_trailers[1].value, "caf\xe9");
	assert_string_equal(exchange_header(&got, "X-PINS"), res[0].value);
	assert_null(exchange_header(&got, "absent"));
	assert_int_equal(got.req_body.n, ex.req_body.n);
	assert_memory_equal(got.req_body.p, ex.req_body.p, ex.req_body.n);
	assert_int_equal(got.res_body.n, 4);
	assert_memory_equal(got.res_body.p, ex.res_body.p, 4);
	assert_int_equal(got.status, 200);
	assert_int_equal(got.stale, 3);
	assert_int_equal(got.generic, 1);
	buf_fini(&b);
	exchange_rec_free(rec);
}

/* A byte form wherever text cannot hold it: nothing is lost. */
static void
bytes_stay_bytes(void **state)
{
	static const struct ex_header t[] = {
		{ "X-Plain", "text" }, { "X-Value", "caf\xe9" },
		{ "X-N\xe4me", "text \"quoted\"" }, { "\xff", "\xfe" },
		{ "X-\xc3\xa4", "\xc3\xa4" }, { "Empty", "" }, { "", "\x80" },
	};
	struct exchange_rec *rec = exchange_rec_new();
	struct exchange ex, got;
	struct buf b;
	size_t i;

	(void)state;
	exchange_init(&ex);
	ex.id = "1";
	ex.method = "G\xcbT";
	ex.target = "/caf\xe9?q=\xe9t\xe9&ok=\xc3\xa9";
	ex.req_headers = ex.res_headers = t;
	ex.n_req_headers = ex.n_res_headers = sizeof(t) / sizeof(t[0]);
	ex.status = 200;
	write_one(&b, &ex);
	assert_int_equal(exchange_parse(rec, b.p, b.len, &got, NULL), 1);
	assert_string_equal(got.method, ex.method);
	assert_string_equal(got.target, ex.target);
	for (i = 0; i < got.n_req_headers; i++) {
		assert_string_equal(got.req_headers[i].name, t[i].name);
		assert_string_equal(got.req_headers[i].value, t[i].value);
		assert_string_equal(got.res_headers[i].name, t[i].name);
		assert_string_equal(got.res_headers[i].value, t[i].value);
	}
	assert_int_equal(i, ex.n_req_headers);
	/* a NUL cannot be in any of them: it would cut them short */
	buf_reset(&b);
	buf_puts(&b, "{\"type\":\"exchange\",\"id\":\"1\",\"request\":"
	    "{\"target\":\"/\",\"target_b64\":\"L2EAYg==\"}}");
	assert_int_equal(exchange_parse(rec, b.p, b.len, &got, NULL),
	    RC_FORMAT);
	buf_fini(&b);
	exchange_rec_free(rec);
}

/* Bodies of any bytes, 100,000 of them JSON of every spelling. */
static void
bodies_stay(void **state)
{
	struct exchange_rec *rec = exchange_rec_new();
	struct exchange ex, got;
	struct buf body, b;
	uint64_t i;
	size_t k;

	(void)state;
	buf_init(&body, 1 << 20);
	write_one(&b, &(struct exchange){ .id = "" });
	for (i = 0; i < 100000; i++) {
		random_doc(i, 1, &body);
		for (k = 0; i % 4 == 0 && k < body.len; k += 7)
			body.p[k] = (char)rng_below(1, i, k, 256);
		exchange_init(&ex);
		ex.id = "1";
		ex.req_body.p = ex.res_body.p = buf_str(&body);
		ex.req_body.n = ex.res_body.n = body.len;
		ex.status = 200;
		buf_reset(&b);
		exchange_write(&b, &ex);
		if (exchange_parse(rec, b.p, b.len, &got, NULL) != 1 ||
		    got.req_body.n != body.len || got.res_body.n != body.len ||
		    memcmp(got.req_body.p, body.p, body.len) != 0 ||
		    memcmp(got.res_body.p, body.p, body.len) != 0)
			fail_msg("body %llu changed", (unsigned long long)i);
	}
	buf_fini(&body);
	buf_fini(&b);
	exchange_rec_free(rec);
}

/* A reader that looks only, and one that knows the names of format 1. */
static void
later_outcomes(void **state)
{
	struct exchange ex, got;
	struct exchange_rec *rec = exchange_rec_new();
	struct err err = ERR_INIT;
	struct buf b;

	(void)state;
	exchange_init(&ex);
	ex.id = "1";
	ex.outcome = OUTCOME_UNREACHABLE;
	ex.why = "cannot connect: Connection refused";
	write_one(&b, &ex);
	assert_non_null(strstr(b.p, "\"outcome\":\"reset\""));
	assert_int_equal(exchange_peek(rec, b.p, b.len, &got, &err), 1);
	assert_int_equal(got.outcome, OUTCOME_UNREACHABLE);
	assert_string_equal(got.why, ex.why);
	buf_reset(&b);
	buf_puts(&b, "{\"type\":\"exchange\",\"id\":\"2\",\"exact\":"
	    "\"of next year\",\"outcome\":\"timeout\"}");
	assert_int_equal(exchange_parse(rec, b.p, b.len, &got, &err), 1);
	assert_int_equal(got.outcome, OUTCOME_TIMEOUT);
	buf_fini(&b);
	exchange_rec_free(rec);
}

/* Every body comes back byte for byte, whatever is in it. */
static void
bodies(void **state)
{
	static const struct {
		const char *p;
		size_t n;
		const char *under;	/* the key it stands under */
	} rows[] = {
		{ "", 0, "\"body\":\"\"" },
		{ "plain", 5, "\"body\":\"plain\"" },
		{ "q\"b\\s/\b\f\n\r\t\x01\x7f", 13,
		    "\"body\":\"q\\\"b\\\\s/\\b\\f\\n\\r\\t\\u0001\x7f\"" },
		{ "a\0b", 3, "\"body_b64\":\"YQBi\"" },
		{ "\xff", 1, "\"body_b64\"" },
		{ "\xc0\x80", 2, "\"body_b64\"" },
		{ "\xed\xa0\x80", 3, "\"body_b64\"" },
		{ "\xf4\x90\x80\x80", 4, "\"body_b64\"" },
		{ "0123456\xf0\x9f\x98\x80" "x", 12,
		    "\"body\":\"0123456\xf0\x9f\x98\x80x\"" },
		{ "1234567\xe2\x82", 9, "\"body_b64\"" },
	};
	struct exchange_rec *rec = exchange_rec_new();
	struct exchange ex, got;
	struct err err = ERR_INIT;
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		exchange_init(&ex);
		ex.id = "1";
		ex.status = 200;
		ex.res_body.p = rows[i].p;
		ex.res_body.n = rows[i].n;
		write_one(&b, &ex);
		assert_non_null(strstr(b.p, rows[i].under));
		assert_int_equal(exchange_parse(rec, b.p, b.len, &got, &err),
		    1);
		assert_non_null(got.res_body.p);
		assert_int_equal(got.res_body.n, rows[i].n);
		assert_memory_equal(got.res_body.p, rows[i].p, rows[i].n);
		assert_null(got.req_body.p);
		buf_fini(&b);
	}
	exchange_rec_free(rec);
}

/* Pseudo-random bytes and text of every length round word boundaries. */
static void
random_bodies(void **state)
{
	struct exchange_rec *rec = exchange_rec_new();
	struct exchange ex, got;
	struct err err = ERR_INIT;
	unsigned char raw[9000];
	struct buf b;
	uint32_t x = 1;
	size_t n, i;

	(void)state;
	for (n = 0; n < sizeof(raw); n = n < 70 ? n + 1 : n * 2 + 1) {
		for (i = 0; i < n; i++) {
			x = x * 1664525u + 1013904223u;
			/* every other length is printable with escapes */
			raw[i] = (unsigned char)(n & 1 ? x >> 24 :
			    (x >> 24) % 96 + 32);
		}
		exchange_init(&ex);
		ex.id = "1";
		ex.req_body.p = (const char *)raw;
		ex.req_body.n = n;
		write_one(&b, &ex);
		assert_int_equal(exchange_parse(rec, b.p, b.len, &got, &err),
		    1);
		assert_int_equal(got.req_body.n, n);
		assert_memory_equal(got.req_body.p, raw, n);
		buf_fini(&b);
	}
	exchange_rec_free(rec);
}

static void
parse_rows(void **state)
{
	static const struct {
		const char *line;
		int rc;
	} rows[] = {
		{ "{\"type\":\"exchange\",\"id\":\"1\"}", 1 },
		{ " { \"new\" : [ {} , [ ] ] , \"id\" : \"1\" , "
		    "\"type\" : \"exchange\" } ", 1 },
		{ "{\"type\":\"head\",\"lockstep_trace\":1}", 0 },
		{ "{\"type\":\"from the future\",\"id\":7}", 0 },
		{ "{\"id\":\"1\"}", 0 },
		{ "{}", 0 },
		{ "", RC_FORMAT },
		{ "[]", RC_FORMAT },
		{ "{\"type\":\"exchange\"}", RC_FORMAT },
		{ "{\"type\":\"exchange\",\"id\":\"1\"", RC_FORMAT },
		{ "{\"type\":\"exchange\",\"id\":\"1\"}}", RC_FORMAT },
		{ "{\"type\":\"exchange\",\"id\":\"1\"} x", RC_FORMAT },
		{ "{\"type\":\"exchange\",\"id\":\"1}", RC_FORMAT },
		{ "{\"type\":\"exchange\",\"id\":\"1\\\"}", RC_FORMAT },
		{ "{\"type\":\"exchange\",\"id\":\"\\u0000\"}", RC_FORMAT },
		{ "{\"type\":\"exchange\",\"id\":\"\\x\"}", RC_FORMAT },
		{ "{\"type\":\"exchange\",\"id\":\"\\u12\"}", RC_FORMAT },
		{ "{\"type\":\"exchange\",\"id\":\"1\",\"sent\":\"2\"}",
		    RC_FORMAT },
		{ "{\"type\":\"exchange\",\"id\":\"1\",\"sent\":1.5e3}", 1 },
		{ "{\"type\":\"exchange\",\"id\":\"1\",\"sent\":-}",
		    RC_FORMAT },
		{ "{\"type\":\"exchange\",\"id\":\"1\",\"sent\":null}", 1 },
		{ "{\"type\":\"exchange\",\"id\":\"1\",\"outcome\":\"?\"}",
		    RC_FORMAT },
		{ "{\"type\":\"exchange\",\"id\":\"1\",\"key\":"
		    "{\"arm\":\"third\"}}", RC_FORMAT },
		{ "{\"type\":\"exchange\",\"id\":\"1\",\"request\":"
		    "{\"body_b64\":\"?\"}}", RC_FORMAT },
		{ "{\"type\":\"exchange\",\"id\":\"1\",\"request\":"
		    "{\"body_file\":\"../../etc/passwd\"}}", RC_FORMAT },
		{ "{\"type\":\"exchange\",\"id\":\"1\",\"response\":"
		    "{\"status\":99999,\"chunks\":[[1],[],[1,2,3]],"
		    "\"headers\":[[],[\"a\"],[\"a\",\"b\",1]]}}", 1 },
		{ "{\"type\":\"exchange\",\"id\":\"1\",\"x\":tru}",
		    RC_FORMAT },
		{ "{\"type\":\"exchange\",\"id\":\"1\",\"x\":[1,]}",
		    RC_FORMAT },
		{ "{\"type\":\"exchange\",\"id\":\"1\",\"x\":[1}",
		    RC_FORMAT },
	};
	struct exchange_rec *rec = exchange_rec_new();
	struct exchange got;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;
		int rc = exchange_parse(rec, rows[i].line,
		    strlen(rows[i].line), &got, &err);

		if (rc != rows[i].rc)
			print_message("row %zu: %s\n", i, rows[i].line);
		assert_int_equal(rc, rows[i].rc);
		assert_int_equal(err.code, rc < 0 ? rc : RC_OK);
		assert_non_null(got.method);
		assert_non_null(got.target);
	}
	exchange_rec_free(rec);
}

static void
strings(void **state)
{
	static const char line[] = "{\"type\":\"exchange\",\"id\":"
	    "\"\\ud83d\\ude00 \\u00e4 \\ud83d. \\udc00 \\/ \\u20ac\"}";
	struct exchange_rec *rec = exchange_rec_new();
	struct exchange got;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(exchange_parse(rec, line, sizeof(line) - 1, &got,
	    &err), 1);
	assert_string_equal(got.id, "\xf0\x9f\x98\x80 \xc3\xa4 "
	    "\xef\xbf\xbd. \xef\xbf\xbd / \xe2\x82\xac");
	exchange_rec_free(rec);
}

/* No depth and no length of nonsense may cost stack or time. */
static void
hostile(void **state)
{
	static const char *const heads[] = {
		"{\"type\":\"exchange\",\"id\":\"1\",\"x\":",
		"{\"type\":\"exchange\",\"id\":\"1\",\"request\":{\"headers\":",
	};
	struct exchange_rec *rec = exchange_rec_new();
	struct exchange got;
	struct buf b;
	size_t i, k;

	(void)state;
	buf_init(&b, LINE_MAX_BYTES);
	for (k = 0; k < 2; k++) {
		struct err err = ERR_INIT;

		buf_reset(&b);
		buf_puts(&b, heads[k]);
		for (i = 0; i < 100000; i++)
			buf_putc(&b, '[');
		assert_int_equal(exchange_parse(rec, b.p, b.len, &got, &err),
		    RC_FORMAT);
	}
	/* 8 MB of escapes and no quote: must stay linear */
	buf_reset(&b);
	buf_puts(&b, "{\"type\":\"exchange\",\"id\":\"");
	for (i = 0; i < 4000000; i++)
		buf_puts(&b, "\\n");
	buf_puts(&b, "\"}");
	assert_int_equal(exchange_parse(rec, b.p, b.len, &got, NULL), 1);
	assert_int_equal(strlen(got.id), 4000000);
	buf_fini(&b);
	exchange_rec_free(rec);
}

static void
peek(void **state)
{
	struct exchange ex, got;
	struct exchange_rec *rec = exchange_rec_new();
	struct err err = ERR_INIT;
	struct ex_key key;
	struct buf b, scratch;
	static const char odd[] = "{\"key\":{\"arm\":\"baseline2\",\"s\":3,"
	    "\"case\":\"c\"},\"id\":\"9\",\"type\":\"exchange\"}";

	(void)state;
	exchange_init(&ex);
	ex.id = "7";
	ex.key.case_id = "case \"one\"";
	ex.key.p = 1;
	ex.key.arm = ARM_CANDIDATE;
	ex.sent_ns = 5;
	ex.outcome = OUTCOME_TIMEOUT;
	ex.why = "later";
	ex.url = "http://x";
	ex.method = "GET";
	write_one(&b, &ex);
	assert_int_equal(exchange_peek(rec, b.p, b.len, &got, &err), 1);
	assert_string_equal(got.why, "later");
	assert_true(got.sent_ns == 5);
	assert_int_equal(got.outcome, OUTCOME_TIMEOUT);
	assert_null(got.url);
	buf_init(&scratch, 1000);
	assert_int_equal(exchange_peek_key(b.p, b.len, &scratch, &key, &err),
	    1);
	assert_string_equal(key.case_id, "case \"one\"");
	assert_int_equal(key.p, 1);
	assert_int_equal(key.arm, ARM_CANDIDATE);
	assert_int_equal(exchange_peek_key(odd, sizeof(odd) - 1, &scratch,
	    &key, &err), 1);
	assert_string_equal(key.case_id, "c");
	assert_int_equal(key.s, 3);
	assert_int_equal(key.arm, ARM_BASELINE2);
	assert_int_equal(exchange_peek_key("{\"type\":\"tail\"}", 15,
	    &scratch, &key, &err), 0);
	buf_fini(&scratch);
	buf_fini(&b);
	exchange_rec_free(rec);
}

static void
names(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < OUTCOME_N; i++)
		assert_int_equal(outcome_of(outcome_name((enum outcome)i)), i);
	for (i = 0; i < ARM_N; i++)
		assert_int_equal(arm_of(arm_name((enum arm)i)), i);
	assert_int_equal(outcome_of("?"), OUTCOME_N);
	assert_int_equal(arm_of(""), ARM_N);
	assert_false(outcome_is_error(OUTCOME_OK));
	assert_false(outcome_is_error(OUTCOME_REFUSED));
	assert_true(outcome_is_error(OUTCOME_SHED));
}

static void
utf8(void **state)
{
	static const struct {
		const char *s;
		size_t n, want;
	} rows[] = {
		{ "a", 1, 1 }, { "\xc2\x80", 2, 2 }, { "\xc1\x80", 2, 0 },
		{ "\xc2", 1, 0 }, { "\xe0\x9f\x80", 3, 0 },
		{ "\xe0\xa0\x80", 3, 3 }, { "\xed\x9f\xbf", 3, 3 },
		{ "\xed\xa0\x80", 3, 0 }, { "\xef\xbf\xbf", 3, 3 },
		{ "\xf0\x8f\x80\x80", 4, 0 }, { "\xf0\x90\x80\x80", 4, 4 },
		{ "\xf4\x8f\xbf\xbf", 4, 4 }, { "\xf4\x90\x80\x80", 4, 0 },
		{ "\xf5\x80\x80\x80", 4, 0 }, { "\x80", 1, 0 },
		{ "\xe2\x82\xac", 2, 0 },
	};
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(utf8_len(rows[i].s, rows[i].n),
		    rows[i].want);
	buf_init(&b, 100);
	assert_int_equal(utf8_json(&b, "a\xff\0b", 4, 1), 0);
	assert_string_equal(buf_str(&b), "a\xef\xbf\xbd\\u0000b");
	buf_fini(&b);
}

static const char line_of_text[] =
    "0123456789 abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQ~";

/* The text before and behind one special byte, at every place. */
static void
json_anywhere(void **state)
{
	static const struct {
		const char *raw, *want;
	} rows[] = {
		{ "\"", "\\\"" }, { "\\", "\\\\" }, { "\n", "\\n" },
		{ "\x1f", "\\u001f" }, { " ", " " }, { "\x7f", "\x7f" },
		{ "\xc3\xa9", "\xc3\xa9" },
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
		{ "\x80", "\xef\xbf\xbd" },
	};
	char in[128], want[160];
	size_t i, before, n;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (n = 0; n < 50; n++) {
			for (before = 0; before <= n; before++) {
				(void)snprintf(in, sizeof(in), "%.*s%s%.*s",
				    (int)before, line_of_text, rows[i].raw,
				    (int)(n - before), line_of_text);
				(void)snprintf(want, sizeof(want),
				    "%.*s%s%.*s", (int)before, line_of_text,
				    rows[i].want, (int)(n - before),
				    line_of_text);
				buf_reset(&b);
				assert_int_equal(utf8_json(&b, in,
				    strlen(in), 1), 0);
				assert_string_equal(buf_str(&b), want);
			}
		}
	}
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(full_round_trip),
		cmocka_unit_test(bytes_stay_bytes),
		cmocka_unit_test(bodies_stay),
		cmocka_unit_test(later_outcomes),
		cmocka_unit_test(bodies),
		cmocka_unit_test(random_bodies),
		cmocka_unit_test(parse_rows),
		cmocka_unit_test(strings),
		cmocka_unit_test(hostile),
		cmocka_unit_test(peek),
		cmocka_unit_test(names),
		cmocka_unit_test(utf8),
		cmocka_unit_test(json_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
