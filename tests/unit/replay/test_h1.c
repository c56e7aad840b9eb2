/* Heads and bodies of HTTP/1.1: what is taken, what is refused, what is left
 * as it was. */
#include "tests/lib/check.h"

#include "replay/h1_body.h"
#include "replay/h1_head.h"

#define H "Host: x\r\n"
#define HOPS8 "a,b,c,d,e,f,g,h,"
#define HOPS64 HOPS8 HOPS8 HOPS8 HOPS8 HOPS8 HOPS8 HOPS8 HOPS8
/* 2,480 bytes of names that are no headers, and of none */
#define LONG5 ",keep-alive,     keep-alive,,,,"
#define LONG80 LONG5 LONG5 LONG5 LONG5 LONG5 LONG5 LONG5 LONG5
#define LONG LONG80 LONG80 LONG80 LONG80 LONG80 LONG80 LONG80 LONG80 LONG80 \
	LONG80

/* Feeds a text in pieces of step bytes. returns what h1_head_take() says */
static int
take(struct h1_head *h, const char *s, size_t n, size_t step, size_t *used,
    struct h1_refusal *no)
{
	size_t part, took;
	int rc = 0;

	for (*used = 0; *used < n && rc == 0; *used += took) {
		part = n - *used < step ? n - *used : step;
		rc = h1_head_take(h, s + *used, part, &took, no);
	}
	return rc;
}

struct request_row {
	const char *s;
	int status;		/* 0: taken */
	const char *reason;
	enum h1_framing framing;
	int keep;
	const char *target;
};

static const struct request_row requests[] = {
	/* ---- taken ---- */
	{ "GET / HTTP/1.1\r\n" H "\r\n", 0, "", H1_BODY_NONE, 1, "/" },
	{ "\r\n\r\nGET / HTTP/1.1\r\n" H "\r\n", 0, "", H1_BODY_NONE, 1, "/" },
	{ "GET / HTTP/1.0\r\n\r\n", 0, "", H1_BODY_NONE, 0, "/" },
	{ "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", 0, "",
	    H1_BODY_NONE, 1, "/" },
	{ "GET / HTTP/1.2\r\n" H "\r\n", 0, "", H1_BODY_NONE, 1, "/" },
	{ "GET / HTTP/1.1\r\n" H "Connection: x, close\r\n\r\n", 0, "",
	    H1_BODY_NONE, 0, "/" },
	{ "GET / HTTP/1.1\r\nHost:\r\n\r\n", 0, "", H1_BODY_NONE, 1, "/" },
	{ "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", 0, "", H1_BODY_NONE, 1,
	    "/" },
	{ "POST /a HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n", 0, "",
	    H1_BODY_LENGTH, 1, "/a" },
	{ "POST /a HTTP/1.1\r\n" H "content-length:  12 \r\n\r\n", 0, "",
	    H1_BODY_LENGTH, 1, "/a" },
	{ "POST /a HTTP/1.1\r\n" H "Transfer-Encoding: Chunked\r\n\r\n", 0, "",
	    H1_BODY_CHUNKED, 1, "/a" },
	{ "GET /caf\xe9?q=\xff HTTP/1.1\r\n" H "\r\n", 0, "", H1_BODY_NONE, 1,
	    "/caf\xe9?q=\xff" },
	{ "OPTIONS * HTTP/1.1\r\n" H "\r\n", 0, "", H1_BODY_NONE, 1, "*" },
	{ "GET http://h:1/p?q HTTP/1.1\r\n" H "\r\n", 0, "", H1_BODY_NONE, 1,
	    "/p?q" },
	{ "GET HTTPS://h?q HTTP/1.1\r\n" H "\r\n", 0, "", H1_BODY_NONE, 1,
	    "/?q" },
	{ "GET http://h HTTP/1.1\r\n" H "\r\n", 0, "", H1_BODY_NONE, 1, "/" },
	{ "OPTIONS http://h HTTP/1.1\r\n" H "\r\n", 0, "", H1_BODY_NONE, 1,
	    "*" },
	{ "BREW /pot HTTP/1.1\r\n" H "X-Empty:\r\nX-Tab: a\tb\r\n\r\n", 0, "",
	    H1_BODY_NONE, 1, "/pot" },
	/* ---- two readers, two meanings ---- */
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 3\r\nContent-Length: 4"
	    "\r\n\r\n", 400, "two Content-Lengths", 0, 0, NULL },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 3\r\nContent-Length: 3"
	    "\r\n\r\n", 400, "two Content-Lengths", 0, 0, NULL },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 5, 5\r\n\r\n", 400,
	    "two Content-Lengths", 0, 0, NULL },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 3\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n", 400,
	    "Content-Length and Transfer-Encoding", 0, 0, NULL },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n"
	    "Content-Length:\r\n\r\n", 400,
	    "Content-Length and Transfer-Encoding", 0, 0, NULL },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 5,\r\n\r\n", 400,
	    "bad Content-Length", 0, 0, NULL },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: , 5\r\n\r\n", 400,
	    "bad Content-Length", 0, 0, NULL },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: -1\r\n\r\n", 400,
	    "bad Content-Length", 0, 0, NULL },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: +5\r\n\r\n", 400,
	    "bad Content-Length", 0, 0, NULL },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 0x5\r\n\r\n", 400,
	    "bad Content-Length", 0, 0, NULL },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 5 5\r\n\r\n", 400,
	    "bad Content-Length", 0, 0, NULL },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 99999999999999999999\r\n"
	    "\r\n", 400, "bad Content-Length", 0, 0, NULL },
	{ "POST / HTTP/1.1\r\n" H "Content-Length:\r\n\r\n", 400,
	    "bad Content-Length", 0, 0, NULL },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: gzip, chunked\r\n\r\n",
	    501, "unknown transfer coding", 0, 0, NULL },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: xchunked\r\n\r\n", 501,
	    "unknown transfer coding", 0, 0, NULL },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked, chunked\r\n\r\n",
	    400, "bad Transfer-Encoding", 0, 0, NULL },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: ,chunked\r\n\r\n",
	    400, "bad Transfer-Encoding", 0, 0, NULL },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked ,\r\n\r\n",
	    400, "bad Transfer-Encoding", 0, 0, NULL },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked, gzip\r\n\r\n",
	    400, "bad Transfer-Encoding", 0, 0, NULL },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding:\r\n\r\n", 400,
	    "bad Transfer-Encoding", 0, 0, NULL },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: identity\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n", 400,
	    "bad Transfer-Encoding", 0, 0, NULL },
	{ "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
	    "Transfer-Encoding in HTTP/1.0", 0, 0, NULL },
	{ "GET / HTTP/1.1\r\n\r\n", 400, "no Host", 0, 0, NULL },
	{ "GET / HTTP/1.1\r\n" H "host: y\r\n\r\n", 400, "two Hosts", 0, 0,
	    NULL },
	{ "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "bad Host", 0, 0, NULL },
	{ "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "bad Host", 0, 0, NULL },
	{ "GET / HTTP/1.1\r\n" H "Connection: " HOPS64 "\r\n\r\n", 0, "",
	    H1_BODY_NONE, 1, "/" },
	{ "GET / HTTP/1.1\r\n" H "Connection: a\r\nConnection: " HOPS64
	    "\r\n\r\n", 400, "too much in Connection", 0, 0, NULL },
	{ "GET / HTTP/1.1\r\n" H "Connection: a" LONG "\r\n\r\n", 0, "",
	    H1_BODY_NONE, 1, "/" },
	{ "GET / HTTP/1.1\r\n" H "Connection: a\r\nConnection: " LONG LONG
	    "\r\n\r\n", 400, "too much in Connection", 0, 0, NULL },
	{ "GET / HTTP/1.1\r\nHost: u@h\r\n\r\n", 400, "bad Host", 0, 0, NULL },
	/* ---- lines ---- */
	{ "GET / HTTP/1.1\r\n" H "Transfer-Encoding : chunked\r\n\r\n", 400,
	    "bad header name", 0, 0, NULL },
	{ "GET / HTTP/1.1\r\n" H "\x0bTransfer-Encoding: chunked\r\n\r\n", 400,
	    "bad header name", 0, 0, NULL },
	{ "GET / HTTP/1.1\r\n" H "X(a): b\r\n\r\n", 400, "bad header name", 0,
	    0, NULL },
	{ "GET / HTTP/1.1\r\n" H "caf\xe9: b\r\n\r\n", 400, "bad header name",
	    0, 0, NULL },
	{ "GET / HTTP/1.1\r\n" H ": b\r\n\r\n", 400, "a header without a name",
	    0, 0, NULL },
	{ "GET / HTTP/1.1\r\n" H "garbage\r\n\r\n", 400,
	    "a header without a name", 0, 0, NULL },
	{ "GET / HTTP/1.1\r\n" H "X-A: one\r\n two\r\n\r\n", 400,
	    "folded header", 0, 0, NULL },
	{ "GET / HTTP/1.1\r\n Host: x\r\n\r\n", 400, "folded header", 0, 0,
	    NULL },
	{ "GET / HTTP/1.1\r\n" H "X-A: b\rX: y\r\n\r\n", 400,
	    "bad header value", 0, 0, NULL },
	{ "GET / HTTP/1.1\r\n" H "X-A: b\x01\r\n\r\n", 400, "bad header value",
	    0, 0, NULL },
	{ "GET / HTTP/1.1\r\n" H "X-A: b\x7f\r\n\r\n", 400, "bad header value",
	    0, 0, NULL },
	{ "GET / HTTP/1.1\nHost: x\n\n", 400, "a line that ends without CR", 0,
	    0, NULL },
	{ "GET / HTTP/1.1\r\nHost: x\n\r\n", 400,
	    "a line that ends without CR", 0, 0, NULL },
	/* ---- request lines ---- */
	{ "GET /a HTTP/1.1 b HTTP/1.1\r\n" H "\r\n", 400, "bad target", 0, 0,
	    NULL },
	{ "GET  / HTTP/1.1\r\n" H "\r\n", 400, "bad target", 0, 0, NULL },
	{ "GET /\x01 HTTP/1.1\r\n" H "\r\n", 400, "bad target", 0, 0, NULL },
	{ "GET /\t HTTP/1.1\r\n" H "\r\n", 400, "bad target", 0, 0, NULL },
	{ "GET a HTTP/1.1\r\n" H "\r\n", 400, "bad target", 0, 0, NULL },
	{ "GET * HTTP/1.1\r\n" H "\r\n", 400, "bad target", 0, 0, NULL },
	{ "GET @e/x HTTP/1.1\r\n" H "\r\n", 400, "bad target", 0, 0, NULL },
	{ "GET http:///x HTTP/1.1\r\n" H "\r\n", 400, "bad target", 0, 0,
	    NULL },
	{ "GET http://u:p@h/x HTTP/1.1\r\n" H "\r\n", 400, "bad target", 0, 0,
	    NULL },
	{ "GET ftp://h/x HTTP/1.1\r\n" H "\r\n", 400, "bad target", 0, 0,
	    NULL },
	{ "CONNECT h:1 HTTP/1.1\r\n" H "\r\n", 501, "CONNECT or TRACE", 0, 0,
	    NULL },
	{ "TRACE / HTTP/1.1\r\n" H "\r\n", 501, "CONNECT or TRACE", 0, 0,
	    NULL },
	{ "GET /\r\n\r\n", 400, "bad request line", 0, 0, NULL },
	{ "GET\r\n\r\n", 400, "bad request line", 0, 0, NULL },
	{ " GET / HTTP/1.1\r\n" H "\r\n", 400, "bad request line", 0, 0, NULL },
	{ "G(T / HTTP/1.1\r\n" H "\r\n", 400, "bad request line", 0, 0, NULL },
	{ "GET / http/1.1\r\n" H "\r\n", 400, "bad request line", 0, 0, NULL },
	{ "GET / HTTP/1.1x\r\n" H "\r\n", 400, "bad request line", 0, 0, NULL },
	{ "GET / HTTP/11\r\n" H "\r\n", 400, "bad request line", 0, 0, NULL },
	{ "PRI * HTTP/2.0\r\n\r\n", 505, "not HTTP/1", 0, 0, NULL },
	{ "GET / HTTP/3.7\r\n" H "\r\n", 505, "not HTTP/1", 0, 0, NULL },
};

static void
check_request(const struct request_row *row, size_t step)
{
	struct h1_refusal no = { 0, "" };
	struct h1_head h;
	size_t used, n = strlen(row->s);
	int rc;

	h1_head_init(&h, 1);
	rc = take(&h, row->s, n, step, &used, &no);
	if (rc == 1)
		rc = h1_head_request(&h, &no) == RC_OK ? 1 : -1;
	if (rc != (row->status == 0 ? 1 : -1) || no.status != row->status ||
	    strcmp(no.reason, row->reason) != 0)
		fail_msg("%.60s: %d %s, not %d %s", row->s, no.status,
		    no.reason, row->status, row->reason);
	assert_int_equal(used, n);
	if (row->status == 0) {
		assert_int_equal(h.framing, row->framing);
		assert_int_equal(h.keep, row->keep);
		assert_int_equal(h.target.n, strlen(row->target));
		assert_memory_equal(h.target.p, row->target, h.target.n);
	}
	h1_head_fini(&h);
}

static void
requests_are_judged(void **state)
{
	size_t i, step;

	(void)state;
	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		for (step = 1; step < 40; step += 13)
			check_request(&requests[i], step);
		check_request(&requests[i], 1 << 20);
	}
}

/* A NUL in a value, which the table cannot hold. */
static void
nul_is_refused(void **state)
{
	static const char s[] = "GET / HTTP/1.1\r\n" H "X: a\0b\r\n\r\n";
	struct h1_refusal no;
	struct h1_head h;
	size_t used;

	(void)state;
	h1_head_init(&h, 1);
	assert_int_equal(take(&h, s, sizeof(s) - 1, 1000, &used, &no), 1);
	assert_int_equal(h1_head_request(&h, &no), RC_FORMAT);
	assert_string_equal(no.reason, "bad header value");
	h1_head_fini(&h);
}

/* Bounds: target, bytes, fields. What comes after is not read. */
static void
too_long(void **state)
{
	struct h1_refusal no = { 0, "" };
	struct h1_head h;
	struct buf b;
	size_t used, i;
	int what;

	(void)state;
	for (what = 0; what < 3; what++) {
		buf_init(&b, 1 << 22);
		buf_puts(&b, "GET /");
		for (i = 0; what == 0 && i < H1_TARGET_MAX; i++)
			buf_putc(&b, 'a');
		buf_puts(&b, " HTTP/1.1\r\n" H);
		for (i = 0; what == 1 && i < 5000; i++)
			buf_puts(&b, "X-Long: 12345678901234567890123\r\n");
		for (i = 0; what == 2 && i < H1_FIELDS_MAX; i++)
			buf_puts(&b, "X: 1\r\n");
		buf_puts(&b, "\r\n");
		h1_head_init(&h, 1);
		if (take(&h, b.p, b.len, 1000, &used, &no) == 1)
			assert_int_equal(h1_head_request(&h, &no),
			    RC_FORMAT);
		assert_int_equal(no.status, what == 0 ? 414 : 431);
		assert_string_equal(no.reason, what == 0 ? "target too long" :
		    what == 1 ? "head too long" : "too many headers");
		h1_head_fini(&h);
		buf_fini(&b);
	}
}

struct answer_row {
	const char *s;
	int to_head;
	const char *why;	/* NULL: taken */
	int status;
	enum h1_framing framing;
	int keep, drop_length;
};

static const struct answer_row answers[] = {
	{ "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", 0, NULL, 200,
	    H1_BODY_LENGTH, 1, 0 },
	{ "HTTP/1.1 200\r\n\r\n", 0, NULL, 200, H1_BODY_TO_END, 0, 0 },
	{ "HTTP/1.1 200 \r\nContent-Length: 2, 2\r\n\r\n", 0, NULL, 200,
	    H1_BODY_LENGTH, 1, 0 },
	{ "HTTP/1.0 200 OK\nContent-Length: 2\n\n", 0, NULL, 200,
	    H1_BODY_LENGTH, 0, 0 },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked"
	    "\r\n\r\n", 0, NULL, 200, H1_BODY_CHUNKED, 0, 1 },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", 0, NULL, 200,
	    H1_BODY_TO_END, 0, 0 },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 1, NULL,
	    200, H1_BODY_NONE, 1, 0 },
	{ "HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n", 0, NULL, 204,
	    H1_BODY_NONE, 1, 0 },
	{ "HTTP/1.1 304 No\r\nContent-Length: 5\r\n\r\n", 0, NULL, 304,
	    H1_BODY_NONE, 1, 0 },
	{ "HTTP/1.1 599 Odd\r\nContent-Length: 0\r\n\r\n", 0, NULL, 599,
	    H1_BODY_LENGTH, 1, 0 },
	{ "HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n", 0, NULL, 103, H1_BODY_NONE,
	    1, 0 },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n",
	    0, "bad Content-Length", 0, 0, 0, 0 },
	{ "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", 0,
	    "bad Content-Length", 0, 0, 0, 0 },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 2,\r\n\r\n", 0,
	    "bad Content-Length", 0, 0, 0, 0 },
	{ "HTTP/1.1 101 Up\r\n\r\n", 0, "status 101, nobody asked to switch", 0,
	    0, 0, 0 },
	{ "HTTP/1.1 200 OK\r\nConnection: a" LONG LONG "\r\n\r\n", 0,
	    "too much in Connection", 0, 0, 0, 0 },
	{ "HTTP/1.1 200 OK\r\nConnection: " HOPS64 "i\r\n\r\n", 0,
	    "too much in Connection", 0, 0, 0, 0 },
	{ "HTTP/2 200 OK\r\n\r\n", 0, "not an HTTP/1.1 answer", 0, 0, 0, 0 },
	{ "HTTP/1.1 20 OK\r\n\r\n", 0, "not an HTTP/1.1 answer", 0, 0, 0, 0 },
	{ "HTTP/1.1 2000 OK\r\n\r\n", 0, "not an HTTP/1.1 answer", 0, 0, 0,
	    0 },
	{ "220 ftp ready\r\n\r\n", 0, "not an HTTP/1.1 answer", 0, 0, 0, 0 },
	{ "HTTP/1.1 200 OK\r\nX y: z\r\n\r\n", 0, "bad header name", 0, 0, 0,
	    0 },
	{ "HTTP/1.1 200 OK\r\nX: y\rz\r\n\r\n", 0, "bad header value", 0, 0, 0,
	    0 },
};

static void
answers_are_judged(void **state)
{
	const struct answer_row *row;
	struct h1_refusal no;
	struct h1_head h;
	const char *why;
	size_t i, used;
	int rc;

	(void)state;
	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		row = &answers[i];
		h1_head_init(&h, 0);
		assert_int_equal(take(&h, row->s, strlen(row->s), 3, &used,
		    &no), 1);
		rc = h1_head_answer(&h, row->to_head, 0, &why);
		if ((row->why == NULL) != (rc == RC_OK) ||
		    (why != NULL && strcmp(why, row->why) != 0))
			fail_msg("%.60s: %s", row->s, why == NULL ? "taken" :
			    why);
		if (rc == RC_OK) {
			assert_int_equal(h.status, row->status);
			assert_int_equal(h.framing, row->framing);
			assert_int_equal(h.keep, row->keep);
			assert_int_equal(h.drop_length, row->drop_length);
		}
		h1_head_fini(&h);
	}
}

/* A fold becomes one blank, a blank before the colon goes; the rest stays. */
static void
lines_stay(void **state)
{
	static const char s[] = "HTTP/1.1 200 OK\r\nX-Fold: one\r\n  two\r\n"
	    "\tthree\r\nX-Space : odd\r\nx-eMpTy:\r\nX-Pad:  a \r\n\r\n";
	static const char *const want[][2] = {
		{ "X-Fold", "one two three" }, { "X-Space", "odd" },
		{ "x-eMpTy", "" }, { "X-Pad", "a" },
	};
	struct ex_header out[8];
	struct h1_refusal no;
	struct h1_head h;
	const char *why;
	size_t i, used;

	(void)state;
	h1_head_init(&h, 0);
	assert_int_equal(take(&h, s, sizeof(s) - 1, 7, &used, &no), 1);
	assert_int_equal(h1_head_answer(&h, 0, 0, &why), RC_OK);
	assert_int_equal(h.n_fields, 4);
	assert_int_equal(h.fields[3].line_n, strlen("X-Pad:  a "));
	assert_memory_equal(h.fields[3].line, "X-Pad:  a ", 10);
	h1_head_seal(&h, out);
	for (i = 0; i < 4; i++) {
		assert_string_equal(out[i].name, want[i][0]);
		assert_string_equal(out[i].value, want[i][1]);
	}
	h1_head_fini(&h);
}

static void
hops_are_known(void **state)
{
	static const char s[] = "GET / HTTP/1.1\r\n" H "Connection: close, "
	    "X-Hop , Host\r\nx-hop: 1\r\nX-End: 2\r\nTE: trailers\r\n"
	    "Content-Length: 1\r\nKeep-Alive: 5\r\n\r\n";
	static const int want[] = { 0, 1, 1, 0, 1, 0, 1 };
	struct h1_refusal no;
	struct h1_head h;
	size_t i, used;

	(void)state;
	h1_head_init(&h, 1);
	assert_int_equal(take(&h, s, sizeof(s) - 1, 1000, &used, &no), 1);
	assert_int_equal(h1_head_request(&h, &no), RC_OK);
	for (i = 0; i < h.n_fields; i++)
		assert_int_equal(h1_head_is_hop(&h, &h.fields[i]), want[i]);
	assert_true(h.te_trailers);
	h1_head_fini(&h);
}

/* ---- bodies ----------------------------------------------------------- */

struct body_row {
	const char *s, *content;
	const char *bad[2];	/* of an answer, of a request; NULL: right */
	size_t rest;		/* bytes behind it */
};

static const struct body_row bodies[] = {
	{ "0\r\n\r\n", "", { NULL, NULL }, 0 },
	{ "5\r\nhello\r\n0\r\n\r\n", "hello", { NULL, NULL }, 0 },
	{ "5\r\nhello\r\n000\r\n\r\nGET", "hello", { NULL, NULL }, 3 },
	{ "1\r\na\r\n1\r\nb\r\nA\r\n0123456789\r\n0\r\n\r\n", "ab0123456789",
	    { NULL, NULL }, 0 },
	{ "2;a=\"b\"\r\nhi\r\n0\r\n\r\n", "hi", { NULL, NULL }, 0 },
	{ "2\r\nhi\r\n0\r\nX-T: 1\r\nY:\r\n\r\n", "hi", { NULL, NULL }, 0 },
	{ "2\nhi\n0\n\n", "hi", { NULL, "bad chunk size" }, 0 },
	{ "2  \r\nhi\r\n0\r\n\r\n", "hi", { NULL, "bad chunk size" }, 0 },
	{ "2\r\nhi\r\n0\r\nContent-Length: 1\r\n\r\n", "hi",
	    { NULL, "bad trailer" }, 0 },
	{ "\r\n", "", { "bad chunk size", "bad chunk size" }, 0 },
	{ "x\r\n", "", { "bad chunk size", "bad chunk size" }, 0 },
	{ "-5\r\n", "", { "bad chunk size", "bad chunk size" }, 0 },
	{ "0x5\r\n", "", { "bad chunk size", "bad chunk size" }, 0 },
	{ " 5\r\n", "", { "bad chunk size", "bad chunk size" }, 0 },
	{ "5 5\r\n", "", { "bad chunk size", "bad chunk size" }, 0 },
	{ "5\r5\r\n", "", { "bad chunk size", "bad chunk size" }, 0 },
	{ "ffffffffffffffff\r\n", "", { "bad chunk size", "bad chunk size" },
	    0 },
	{ "10000000000000005\r\n", "", { "bad chunk size", "bad chunk size" },
	    0 },
	{ "2;\x01\r\n", "", { "bad chunk extension", "bad chunk extension" },
	    0 },
	{ "2\r\nhix", "hi", { "bad chunk", "bad chunk" }, 0 },
	{ "2\r\nhi\rx", "hi", { "bad chunk", "bad chunk" }, 0 },
	{ "0\r\n X: 1\r\n", "", { "bad trailer", "bad trailer" }, 0 },
	{ "0\r\nX : 1\r\n", "", { "bad trailer", "bad trailer" }, 0 },
	{ "0\r\nX: 1\x02\r\n", "", { "bad trailer", "bad trailer" }, 0 },
	{ "0\r\nX: 1\rX", "", { "bad trailer", "bad trailer" }, 0 },
	{ "0\r\n\rX", "", { "bad trailer", "bad trailer" }, 0 },
};

static void
add_piece(void *ctx, const char *p, size_t n)
{
	buf_add(ctx, p, n);
}

static void
check_body(const struct body_row *row, int strict, size_t step)
{
	const char *bad = row->bad[strict];
	struct h1_body b;
	struct buf got;
	size_t n = strlen(row->s), at = 0, part;

	h1_body_init(&b, H1_BODY_CHUNKED, 0, strict);
	buf_init(&got, 1 << 16);
	while (at < n && !b.done && b.bad == NULL) {
		part = n - at < step ? n - at : step;
		at += h1_body_feed(&b, row->s + at, part, add_piece, &got);
	}
	if ((bad == NULL) != (b.bad == NULL) ||
	    (bad != NULL && strcmp(bad, b.bad) != 0))
		fail_msg("%s (%d): %s", row->s, strict, b.bad == NULL ?
		    "taken" : b.bad);
	if (bad == NULL) {
		assert_true(b.done);
		assert_int_equal(n - at, row->rest);
		assert_string_equal(buf_str(&got), row->content);
	}
	h1_body_fini(&b);
	buf_fini(&got);
}

static void
chunks_are_judged(void **state)
{
	size_t i, step;

	(void)state;
	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		for (step = 1; step < 30; step += 2) {
			check_body(&bodies[i], 0, step);
			check_body(&bodies[i], 1, step);
		}
	}
}

static void
lengths_and_ends(void **state)
{
	struct h1_body b;

	(void)state;
	h1_body_init(&b, H1_BODY_LENGTH, 5, 1);
	assert_int_equal(h1_body_feed(&b, "hel", 3, NULL, NULL), 3);
	assert_int_equal(h1_body_eof(&b), -1);
	assert_int_equal(h1_body_feed(&b, "loGET", 5, NULL, NULL), 2);
	assert_true(b.done);
	h1_body_init(&b, H1_BODY_LENGTH, 0, 1);
	assert_true(b.done);
	h1_body_init(&b, H1_BODY_TO_END, 0, 0);
	assert_int_equal(h1_body_feed(&b, "all", 3, NULL, NULL), 3);
	assert_false(b.done);
	assert_int_equal(h1_body_eof(&b), 0);
	assert_int_equal(b.content, 3);
}

/* Lines that never end are bounded. */
static void
endless_lines(void **state)
{
	static const char *const starts[] = { "5;", "0\r\nX: " };
	struct h1_body b;
	size_t i, n;

	(void)state;
	for (i = 0; i < 2; i++) {
		h1_body_init(&b, H1_BODY_CHUNKED, 0, 0);
		(void)h1_body_feed(&b, starts[i], strlen(starts[i]), NULL,
		    NULL);
		for (n = 0; b.bad == NULL && n < 100000; n++)
			(void)h1_body_feed(&b, "aaaaaaaa", 8, NULL, NULL);
		assert_non_null(b.bad);
		assert_in_range(n, 1, 5000);
		h1_body_fini(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_judged),
		cmocka_unit_test(nul_is_refused),
		cmocka_unit_test(too_long),
		cmocka_unit_test(answers_are_judged),
		cmocka_unit_test(lines_stay),
		cmocka_unit_test(hops_are_known),
		cmocka_unit_test(chunks_are_judged),
		cmocka_unit_test(lengths_and_ends),
		cmocka_unit_test(endless_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
