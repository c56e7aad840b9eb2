/* Shadow without a socket: routes, caps, pauses, the queue, what is sent. */
#include "tests/lib/check.h"

#include <pthread.h>

#include "harness/base/mono.h"
#include "replay/shadow_allow.h"
#include "replay/shadow_part.h"

/* ---- routes ------------------------------------------------------------- */

static void
test_rules(void **state)
{
	static const struct {
		const char *rule;
		int good;
	} t[] = {
		{ "POST /query", 1 }, { "GET /docs/*", 1 }, { "HEAD /", 1 },
		{ "PUT /query", 0 }, { "PATCH /query", 0 },
		{ "DELETE /query", 0 }, { "/query", 0 }, { "POST query", 0 },
		{ "post /query", 0 }, { "POST /query?x=1", 0 },
		{ "POST", 0 }, { "", 0 }, { "POST  /query", 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		if ((shadow_allow_check(t[i].rule, NULL) == RC_OK) !=
		    t[i].good)
			fail_msg("\"%s\"", t[i].rule);
	}
}

static void
test_allow(void **state)
{
	static const char *const rules[] = { "POST /query", "GET /docs/*",
		"POST /v*/ask*" };
	static const struct {
		const char *method, *target;
		int allowed;
	} t[] = {
		{ "POST", "/query", 1 }, { "POST", "/query?k=5", 1 },
		{ "GET", "/query", 0 }, { "POST", "/query/", 0 },
		{ "POST", "/queryx", 0 }, { "POST", "/q", 0 },
		{ "PUT", "/query", 0 }, { "POS", "/query", 0 },
		{ "GET", "/docs/", 1 }, { "GET", "/docs/a/b", 1 },
		{ "GET", "/docs", 0 }, { "GET", "/docs/a?b=/c", 1 },
		{ "POST", "/v1/ask", 1 }, { "POST", "/v1/v2/asked", 1 },
		{ "POST", "/v1/as", 0 }, { "POST", "/x?/v1/ask", 0 },
	};
	struct h1_str m, p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		m = (struct h1_str){ t[i].method, strlen(t[i].method) };
		p = (struct h1_str){ t[i].target, strlen(t[i].target) };
		if (shadow_allow(rules, 3, m, p) != t[i].allowed)
			fail_msg("%s %s", t[i].method, t[i].target);
		assert_int_equal(shadow_allow(rules, 0, m, p), 0);
	}
}

#define PART(name, value) "Content-Disposition: form-data; name=" name \
	"\r\n\r\n" value "\r\n--b\r\n"
#define QUERY(text, hides) { "X-Other", "", "/q?a=1&" text, NULL, hides }
#define FORM(body, hides) { "Content-Type", form, "/q", body, hides }
#define PARTS(body, hides) { "Content-Type", parts, "/q", body, hides }

/* A write that says it is a POST. */
static void
test_hides(void **state)
{
	static const char form[] = "application/x-www-form-urlencoded; "
	    "charset=utf-8", parts[] = "multipart/form-data; boundary=b";
	static const struct {
		const char *name, *value, *target, *body;
		int hides;
	} t[] = {
		{ "X-HTTP-Method-Override", "DELETE", "/q", NULL, 1 },
		{ "x-http-method-override", "put", "/q", NULL, 1 },
		{ "X-HTTP-Method", "MERGE", "/q", NULL, 1 },
		{ "X-Method-Override", "", "/q", NULL, 1 },
		{ "X-HTTP-Method-Override", "get", "/q", NULL, 0 },
		{ "X-Other", "DELETE", "/q", NULL, 0 },
		{ "X-Other", "", "/q?a=1&_method=PATCH", NULL, 1 },
		QUERY("_method=post", 0), QUERY("a_method=PUT", 0),
		{ "X-Other", "", "/q_method=PUT?", NULL, 0 },
		FORM("a=b&_method=delete", 1), FORM("_method=", 1),
		{ "Content-Type", "application/json", "/q",
		    "a=b&_method=delete", 0 },
		/* spelt with escapes */
		QUERY("%5Fmethod=PATCH", 1), QUERY("_metho%64=PATCH", 1),
		QUERY("%5fMETHOD=post", 0), QUERY("_method=p%4fst", 0),
		QUERY("a%26_method=PUT", 0), FORM("%5Fmethod=DELETE", 1),
		FORM("a=b&_metho%64=PUT", 1), FORM("_method=%50UT", 1),
		FORM("%5f%6D%65thod=%44ELETE", 1), FORM("_method=%47ET", 0),
		FORM("_method=+GET%20", 0), FORM("_method=PO%ST", 1),
		FORM("_method=GET%", 1), FORM("_method=GET%00", 1),
		FORM("+_method=PUT", 1), FORM("%20_method%20=PUT", 1),
		FORM("a=b;_method=PUT", 1), FORM("%255Fmethod=PUT", 0),
		FORM("_methods=PUT", 0), FORM("_metho%", 0),
		FORM("_method%3DPUT", 0), FORM("_metho", 0),
		PARTS(PART("\"_method\"", "PUT"), 1), PARTS("name=", 0),
		PARTS(PART("_Method", "delete"), 1),
		PARTS(PART("\"a\"", "1") PART("\"_method\"; x=y", "PUT"), 1),
		PARTS(PART("\"_method\"", "post"), 0),
		PARTS(PART("\"_method\"", "get") PART("_method", "put"), 1),
		PARTS(PART("\"a_method\"", "PUT"), 0),
		PARTS(PART("\"_methods\"", "PUT"), 0),
		PARTS(PART("\"_method", "PUT"), 0), PARTS("NAME = _method", 1),
		{ "Content-Type", "text/a", "/q", PART("_method", "PUT"), 0 },
	};
	struct ex_header h;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		h = (struct ex_header){ t[i].name, t[i].value };
		if (shadow_allow_hides(&h, 1, t[i].target,
		    strlen(t[i].target), t[i].body, t[i].body == NULL ? 0 :
		    strlen(t[i].body)) != t[i].hides)
			fail_msg("row %zu", i);
	}
}

/* ---- caps --------------------------------------------------------------- */

/* Asked as fast as possible for ten seconds: how often it may be. */
static void
test_rate(void **state)
{
	int64_t sent[100], now;
	struct shadow_gate g = { 0 };
	struct shadow_ask k = { .status = 200, .retry_after_ns = -1 };
	int full, n = 0, i;

	(void)state;
	assert_int_equal(shadow_gate_init(&g, 1000, 7, 0, NULL), RC_OK);
	for (now = 5 * MONO_S; now < 15 * MONO_S; now += 3 * MONO_MS) {
		if (shadow_gate_ask(&g, now, &full) != SHADOW_MIRRORED)
			continue;
		shadow_gate_sent(&g, now);
		shadow_gate_back(&g, &k, now);
		sent[n++] = now;
	}
	assert_in_range(n, 69, 70);
	for (i = 7; i < n; i++)
		assert_true(sent[i] - sent[i - 7] >= MONO_S);
	shadow_gate_fini(&g);
}

/* A part of a cap that several share; it changes. */
static void
test_part(void **state)
{
	static const struct { int64_t own, part; int min, max; } rows[] = {
		{ 0, -1, 1000, 1000 }, { 0, 0, 0, 0 }, { 0, 5, 50, 50 },
		{ 7, 5, 50, 50 }, { 7, 100, 69, 70 } };
	struct shadow_ask k = { .status = 200, .retry_after_ns = -1 };
	int64_t now;
	size_t i;
	int full, n;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct shadow_gate g = { 0 };

		assert_int_equal(shadow_gate_init(&g, 1000, rows[i].own, 1,
		    NULL), RC_OK);
		g.part.rps = rows[i].part;
		for (n = 0, now = 5 * MONO_S; now < 15 * MONO_S;
		    now += 10 * MONO_MS) {
			if (shadow_gate_ask(&g, now, &full) != SHADOW_MIRRORED)
				continue;
			shadow_gate_sent(&g, now);
			shadow_gate_back(&g, &k, now);
			n++;
		}
		assert_in_range(n, rows[i].min, rows[i].max);
		g.part.rps = -1;
		g.part.requests = n + 1;
		now += MONO_S;
		assert_int_equal(shadow_gate_ask(&g, now, &full),
		    SHADOW_MIRRORED);
		shadow_gate_sent(&g, now);
		assert_int_equal(shadow_gate_ask(&g, now + MONO_S, &full),
		    SHADOW_REQUESTS);
		shadow_gate_fini(&g);
	}
}

/* A part of a rate is used until it may be another's, and no longer. */
static void
test_lease(void **state)
{
	static const struct {
		int64_t rps, until_s, at_s;
		enum shadow_fate fate;
	} t[] = {
		{ 5, 0, 1000, SHADOW_MIRRORED }, { 5, 10, 9, SHADOW_MIRRORED },
		{ 5, 10, 10, SHADOW_RATE }, { 0, 10, 9, SHADOW_RATE },
		{ -1, 10, 11, SHADOW_MIRRORED },
	};
	struct shadow_gate g = { 0 };
	size_t i;
	int full;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_int_equal(shadow_gate_init(&g, 2, 0, 1, NULL), RC_OK);
		g.part.rps = t[i].rps;
		g.part.rps_until_ns = t[i].until_s * MONO_S;
		if (shadow_gate_ask(&g, t[i].at_s * MONO_S, &full) !=
		    t[i].fate)
			fail_msg("row %zu", i);
		shadow_gate_fini(&g);
	}
}

static void
test_caps(void **state)
{
	struct shadow_ask k = { .status = 200, .retry_after_ns = -1,
		.money = .4 };
	struct shadow_gate g = { 0 };
	int full;

	(void)state;
	assert_int_equal(shadow_gate_init(&g, 2, 0, 0, NULL), RC_OK);
	g.max = 3;
	assert_int_equal(shadow_gate_ask(&g, 0, &full), SHADOW_MIRRORED);
	assert_int_equal(full, 0);
	shadow_gate_sent(&g, 0);
	shadow_gate_sent(&g, 0);
	assert_int_equal(shadow_gate_ask(&g, 0, &full), SHADOW_MIRRORED);
	assert_int_equal(full, 1);
	shadow_gate_back(&g, &k, 0);
	shadow_gate_sent(&g, 0);
	assert_int_equal(shadow_gate_ask(&g, 0, &full), SHADOW_REQUESTS);
	shadow_gate_fini(&g);

	/* the first tells the price; then what is out is counted */
	memset(&g, 0, sizeof(g));
	assert_int_equal(shadow_gate_init(&g, 10, 0, 0, NULL), RC_OK);
	g.money_max = 1;
	shadow_gate_sent(&g, 0);
	assert_int_equal(shadow_gate_ask(&g, 0, &full), SHADOW_MIRRORED);
	assert_int_equal(full, 1);
	shadow_gate_back(&g, &k, 0);
	assert_int_equal(shadow_gate_ask(&g, 0, &full), SHADOW_MIRRORED);
	assert_int_equal(full, 0);
	shadow_gate_sent(&g, 0);
	assert_int_equal(shadow_gate_ask(&g, 0, &full), SHADOW_MONEY);
	shadow_gate_back(&g, &k, 0);
	assert_int_equal(shadow_gate_ask(&g, 0, &full), SHADOW_MONEY);
	assert_near(g.money, .8, 1e-12);
	shadow_gate_fini(&g);
}

/* Money that several share, of which this is one's part; another has told
 * what a request may cost. */
static void
test_money_part(void **state)
{
	static const struct { double own, part, dearest; int sent; } rows[] = {
		{ 0, 0, 0, 0 }, { 0, 0, .4, 0 }, { 0, 1, .4, 2 },
		{ 0, 1, .7, 1 }, { 0, .5, .6, 0 }, { .5, 1, .4, 1 },
		{ 1, .5, .4, 1 }, { 1, -1, .4, 2 }, { 0, -1, .4, 10 } };
	struct shadow_ask k = { .status = 200, .retry_after_ns = -1,
		.money = .4 };
	int full, n;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct shadow_gate g = { 0 };

		assert_int_equal(shadow_gate_init(&g, 10, 0, 1, NULL), RC_OK);
		g.money_max = rows[i].own;
		g.part.money = rows[i].part;
		g.part.dearest = rows[i].dearest;
		for (n = 0; n < 10 && shadow_gate_ask(&g, 0, &full) ==
		    SHADOW_MIRRORED; n++) {
			shadow_gate_sent(&g, 0);
			shadow_gate_back(&g, &k, 0);
		}
		if (n != rows[i].sent)
			fail_msg("row %zu: %d were sent", i, n);
		shadow_gate_fini(&g);
	}
}

static void
told(struct shadow_gate *g, int status, int64_t retry_ns, int64_t now)
{
	struct shadow_ask k = { .status = status, .retry_after_ns = retry_ns };

	g->out++;
	shadow_gate_back(g, &k, now);
}

static void
flooded(struct shadow_gate *g, int64_t now)
{
	struct shadow_ask k = { .status = 200, .retry_after_ns = -1,
		.outcome = OUTCOME_TOO_LARGE };

	g->out++;
	shadow_gate_back(g, &k, now);
}

static void
test_pauses(void **state)
{
	struct shadow_gate g = { .cap = 100, .part = { -1, -1, -1, 0 } };
	int full, i;

	(void)state;
	told(&g, 500, -1, 0);
	assert_int_equal(shadow_gate_ask(&g, 0, &full), SHADOW_MIRRORED);
	told(&g, 429, 60 * MONO_S, 0);
	assert_int_equal(shadow_gate_ask(&g, 60 * MONO_S - 1, &full),
	    SHADOW_HELD);
	/* an answer of one that was out already ends no pause */
	told(&g, 200, -1, MONO_S);
	assert_int_equal(shadow_gate_ask(&g, 2 * MONO_S, &full), SHADOW_HELD);
	assert_int_equal(shadow_gate_ask(&g, 60 * MONO_S, &full),
	    SHADOW_MIRRORED);
	told(&g, 200, -1, 61 * MONO_S);
	/* without a time it is a second, then twice that, up to 30 s; those
	 * that come back together are one pause */
	told(&g, 503, -1, 100 * MONO_S);
	told(&g, 503, -1, 100 * MONO_S);
	told(&g, 503, -1, 101 * MONO_S);
	assert_in_range(g.held_ns, 102 * MONO_S, 103 * MONO_S);
	told(&g, 503, -1, 200 * MONO_S);
	told(&g, 503, -1, 300 * MONO_S);
	told(&g, 503, -1, 400 * MONO_S);
	told(&g, 503, -1, 500 * MONO_S);
	told(&g, 503, -1, 600 * MONO_S);
	assert_int_equal(g.held_ns, 630 * MONO_S);
	/* a flood is cut off for a while, a long answer is none */
	for (i = 0; i < 7; i++)
		flooded(&g, 650 * MONO_S);
	told(&g, 200, -1, 650 * MONO_S);
	assert_int_equal(g.held_ns, 630 * MONO_S);
	for (i = 0; i < 8; i++)
		flooded(&g, 660 * MONO_S);
	assert_int_equal(g.held_ns, 661 * MONO_S);
	told(&g, 200, -1, 662 * MONO_S);
	/* nobody is left alone for ever */
	told(&g, 429, 1000000 * MONO_S, 700 * MONO_S);
	assert_int_equal(g.held_ns, 4300 * MONO_S);
	assert_int_equal(g.out, 0);
}

/* ---- the share ---------------------------------------------------------- */

static void
test_share(void **state)
{
	static const double shares[] = { .01, .05, .25, .5, .9, 1, 0 };
	struct record_share s;
	size_t i;
	int n, kept, run, longest;

	(void)state;
	for (i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
		assert_int_equal(record_share_init(&s, shares[i], NULL, NULL),
		    RC_OK);
		longest = run = kept = 0;
		for (n = 1; n <= 6400; n++) {
			int in = record_share_head(&s, NULL, 0);

			kept += in;
			run = in ? 0 : run + 1;
			longest = run > longest ? run : longest;
			/* exact at each block's end */
			if (n % RECORD_SHARE_BLOCK == 0)
				assert_true(fabs(kept - shares[i] * n) <=
				    1.0 + 1e-9);
		}
		/* and not every twentieth: by chance */
		if (shares[i] == .05)
			assert_true(longest > 25);
		record_share_fini(&s);
	}
}

/* ---- the queue ----------------------------------------------------------- */

enum { WRITERS = 4, EACH = 20000 };

struct numbered {
	struct shadow_node node;
	int n;
};

struct writer_of {
	struct shadow_queue *q;
	struct numbered v[EACH];
};

static void *
put_all(void *ctx)
{
	struct writer_of *w = ctx;
	int i;

	for (i = 0; i < EACH; i++) {
		w->v[i].node.kind = 1;
		w->v[i].n = i;
		shadow_queue_put(w->q, &w->v[i].node);
	}
	return NULL;
}

/* Nothing is lost or comes twice, and each thread's come in order. */
static void
test_queue(void **state)
{
	struct writer_of *w = calloc(WRITERS, sizeof(*w));
	pthread_t t[WRITERS];
	int next[WRITERS] = { 0 }, got = 0, i;
	struct shadow_node *n, *after;
	struct shadow_queue q;
	const struct numbered *x;

	(void)state;
	assert_non_null(w);
	assert_int_equal(shadow_queue_init(&q, NULL), RC_OK);
	for (i = 0; i < WRITERS; i++) {
		w[i].q = &q;
		assert_int_equal(pthread_create(&t[i], NULL, put_all, &w[i]),
		    0);
	}
	while (got < WRITERS * EACH) {
		for (n = shadow_queue_take(&q); n != NULL; n = after) {
			after = n->next;
			x = (const struct numbered *)n;
			for (i = 0; i < WRITERS - 1; i++) {
				if (x >= w[i].v && x < w[i].v + EACH)
					break;
			}
			assert_int_equal(x->n, next[i]);
			next[i]++;
			got++;
		}
		shadow_queue_wait(&q, mono_now_ns() + 20 * MONO_MS);
	}
	for (i = 0; i < WRITERS; i++)
		(void)pthread_join(t[i], NULL);
	assert_null(shadow_queue_take(&q));
	shadow_queue_fini(&q);
	free(w);
}

/* ---- what is sent ------------------------------------------------------ */

static const struct ex_header user[] = {
	{ "Host", "h" }, { "Connection", "close, X-Hop" }, { "X-Hop", "1" },
	{ "Content-Length", "9" }, { "Transfer-Encoding", "chunked" },
	{ "Authorization", "Bearer hush" }, { "Cookie", "sid=hush" },
	{ "X-Api-Key", "hush" }, { "Idempotency-Key", "hush" },
	{ "x-lockstep-shadow-id", "forged" }, { "Accept", "text/html" },
	{ "Content-Type", "application/json" },
};

static const char *
value_of(const struct shadow_ask *k, const char *name)
{
	const char *v = NULL;
	size_t i;

	for (i = 0; i < k->n_headers; i++) {
		if (strcmp(k->headers[i].name, name) == 0)
			v = k->headers[i].value;
	}
	return v;
}

static struct shadow_pair *
pair_of(struct record_pool *b, const char *target, const char *body)
{
	struct shadow_pair *p = calloc(1, sizeof(*p));
	struct h1_str m = { "POST", 4 }, t = { target, strlen(target) };

	assert_non_null(p);
	p->item = record_item_new(b, 1 << 20);
	assert_int_equal(record_item_request(p->item, m, t, user,
	    sizeof(user) / sizeof(user[0])), RC_OK);
	p->item->has_sent = 1;
	assert_int_equal(record_item_add(p->item, &p->item->sent, body,
	    strlen(body)), RC_OK);
	return p;
}

static void
test_sent(void **state)
{
	struct shadow_opts o = { .url = { "http://p", "http://c" },
		.answer_max = 1 << 20, .body_max = 1 << 20 };
	struct record_pool b;
	struct shadow_sender s;
	struct shadow_pair *p, *same;
	const struct shadow_ask *k;

	(void)state;
	record_pool_init(&b, 1 << 24);
	shadow_sender_init(&s, &o, &b);
	p = pair_of(&b, "/q?api_key=hush&x=1",
	    "{\"q\":1,\"password\":\"hush\"}");
	same = pair_of(&b, "/q?api_key=other&x=1",
	    "{\"q\":1,\"password\":\"blah\"}");
	assert_int_equal(shadow_send_name(&s, p, 7), RC_OK);
	assert_int_equal(shadow_send_name(&s, same, 8), RC_OK);
	/* equal requests of two users */
	assert_string_equal(p->hash, same->hash);
	assert_int_equal(strlen(p->hash), 16);
	assert_string_not_equal(p->id, same->id);

	assert_int_equal(shadow_send_make(&s, p, ARM_CANDIDATE), RC_OK);
	k = p->ask[ARM_CANDIDATE];
	assert_int_equal(k->n_headers, 6);
	assert_string_equal(value_of(k, "Accept"), "text/html");
	assert_string_equal(value_of(k, "X-Lockstep-Shadow"), "true");
	assert_string_equal(value_of(k, "X-Lockstep-Shadow-Id"), p->id);
	assert_string_equal(value_of(k, "X-Lockstep-Req-Hash"), p->hash);
	assert_string_equal(k->item->ex.target, "/q?api_key=REDACTED&x=1");
	assert_memory_equal(k->item->sent.p, "{\"q\":1,\"password\":\"****\"}",
	    24);

	/* with the user's credentials; the receipt stays his */
	o.forward_auth = 1;
	assert_int_equal(shadow_send_make(&s, p, ARM_BASELINE2), RC_OK);
	k = p->ask[ARM_BASELINE2];
	assert_string_equal(value_of(k, "Authorization"), "Bearer hush");
	assert_string_equal(value_of(k, "Cookie"), "sid=hush");
	assert_string_equal(k->item->ex.target, "/q?api_key=hush&x=1");
	assert_string_not_equal(value_of(k, "Idempotency-Key"), "hush");
	assert_null(value_of(k, "X-Hop"));
	assert_string_equal(k->item->ex.url, "http://p");

	/* no memory is no request, and all of it comes back */
	b.budget.max = atomic_load(&b.budget.used);
	assert_int_equal(shadow_send_make(&s, same, ARM_CANDIDATE), RC_NOMEM);
	assert_null(same->ask[ARM_CANDIDATE]);
	shadow_pair_free(p);
	shadow_pair_free(same);
	assert_int_equal(atomic_load(&b.budget.used), 0);
	shadow_sender_fini(&s);
	record_pool_fini(&b);
}

/* ---- who waits for whom ------------------------------------------------- */

static size_t
buckets_used(const struct shadow_links *l)
{
	size_t i, n = 0;

	for (i = 0; i < SHADOW_BUCKETS; i++)
		n += l->bucket[i] != NULL;
	return n;
}

/* Keys that users choose so that a hash without a key, FNV-1a, puts them all
 * into one bucket. */
static void
test_chosen_keys(void **state)
{
	enum { N = 64 };
	struct shadow_links *l = calloc(1, sizeof(*l));
	struct shadow_link *x = calloc(N, sizeof(*x));
	uint32_t h;
	unsigned i, n = 0;
	const char *p;

	(void)state;
	assert_non_null(l);
	assert_non_null(x);
	shadow_links_init(l);
	for (i = 0; n < N; i++) {
		(void)snprintf(x[n].key, sizeof(x[n].key), "key-%u", i);
		h = 2166136261U;
		for (p = x[n].key; *p != '\0'; p++)
			h = (h ^ (unsigned char)*p) * 16777619U;
		if (h % SHADOW_BUCKETS == 0)
			shadow_links_put(l, &x[n++], (int64_t)i);
	}
	assert_true(buckets_used(l) > N / 2);
	for (i = 0; i < N; i++)
		assert_ptr_equal(shadow_links_take(l, x[i].key), &x[i]);
	assert_int_equal(l->n, 0);
	assert_int_equal(buckets_used(l), 0);
	free(x);
	free(l);
}

/* One key of all: the oldest is taken without a walk past the others, so it
 * goes where nothing leads to it by its key. */
static void
test_one_key(void **state)
{
	enum { N = 5 };
	struct shadow_links *l = calloc(1, sizeof(*l));
	struct shadow_link x[N] = { 0 };
	int i;

	(void)state;
	assert_non_null(l);
	shadow_links_init(l);
	for (i = 0; i < N; i++) {
		(void)snprintf(x[i].key, sizeof(x[i].key), "same");
		shadow_links_put(l, &x[i], i);
	}
	assert_null(shadow_links_late(l, -1));
	x[0].key[0] = x[1].key[0] = '\0';
	for (i = 0; i < 2; i++)
		assert_ptr_equal(shadow_links_late(l, 1), &x[i]);
	assert_null(shadow_links_late(l, 1));
	/* the last one put is found first; one from the middle goes, too */
	assert_ptr_equal(shadow_links_take(l, "same"), &x[4]);
	assert_ptr_equal(shadow_links_late(l, 2), &x[2]);
	assert_ptr_equal(shadow_links_take(l, "same"), &x[3]);
	assert_null(shadow_links_take(l, "same"));
	assert_int_equal(l->n, 0);
	free(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules), cmocka_unit_test(test_allow),
		cmocka_unit_test(test_rate), cmocka_unit_test(test_part),
		cmocka_unit_test(test_hides), cmocka_unit_test(test_lease),
		cmocka_unit_test(test_caps), cmocka_unit_test(test_money_part),
		cmocka_unit_test(test_pauses), cmocka_unit_test(test_share),
		cmocka_unit_test(test_queue), cmocka_unit_test(test_sent),
		cmocka_unit_test(test_chosen_keys),
		cmocka_unit_test(test_one_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
