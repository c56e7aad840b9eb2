/* Reading exchanges; see exchange.h. */
#include "harness/traffic/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/jscan.h"

struct exchange_rec {
	struct arena mem;
};

/* One parse: the cursor, where strings go, and what is being filled in. */
struct exchange_job {
	struct jscan s;
	struct arena *mem;
	struct exchange *ex;
	const char *bad;	/* beyond what the cursor finds */
	int kind;		/* 1 exchange, 0 another, -1 not told yet */
	enum outcome exact;	/* OUTCOME_N: not given */
	enum { WHOLE, ANSWER, PEEK } part;	/* wanted */
};

struct exchange_rec *
exchange_rec_new(void)
{
	struct exchange_rec *rec = malloc(sizeof(*rec));

	if (rec != NULL)
		arena_init(&rec->mem, SIZE_MAX);
	return rec;
}

void
exchange_rec_free(struct exchange_rec *rec)
{
	if (rec == NULL)
		return;
	arena_fini(&rec->mem);
	free(rec);
}

static int
is(const char *key, size_t n, const char *name)
{
	return strlen(name) == n && memcmp(key, name, n) == 0;
}

static void
bad(struct exchange_job *j, const char *why)
{
	if (j->bad == NULL)
		j->bad = why;
}

/* A text, which ends at its NUL. */
static const char *
str(struct exchange_job *j)
{
	const char *s;
	size_t n;

	j->s.nul = 0;
	s = jscan_str(&j->s, j->mem, &n);
	if (j->s.nul)
		bad(j, "a text has a NUL; such bytes must be base64");
	return s;
}

static void *
get(struct exchange_job *j, size_t count, size_t size)
{
	void *p = arena_get(j->mem, count * size + 1);

	if (p == NULL) {
		j->s.nomem = 1;
		bad(j, "out of memory");
	}
	return p;
}

static void
read_outcome(struct exchange_job *j, enum outcome *out)
{
	const char *name = str(j);

	*out = name == NULL ? OUTCOME_N : outcome_of(name);
	if (*out == OUTCOME_N) {
		bad(j, "\"outcome\" is unknown");
		*out = OUTCOME_PROTOCOL;
	}
}

/* What `outcome` stands for; a name of a later version says nothing. */
static void
read_exact(struct exchange_job *j, enum outcome *out)
{
	const char *name = str(j);

	*out = name == NULL ? OUTCOME_N : outcome_of(name);
}

/* A base64 string as bytes, followed by a NUL. */
static const char *
read_base64(struct exchange_job *j, size_t *n)
{
	size_t text_n;
	const char *text = jscan_str(&j->s, j->mem, &text_n);
	char *out = text == NULL ? NULL : get(j, text_n, 1);

	*n = 0;
	if (out == NULL)
		return NULL;
	if (hash_unb64(text, text_n, out, text_n, n) != 0) {
		bad(j, "a body is not valid base64");
		return NULL;
	}
	out[*n] = '\0';
	return out;
}

/* Bytes that have no NUL among them, of a text that stands beside. */
static const char *
bytes_or(struct exchange_job *j, const char *text)
{
	size_t n;
	const char *bytes = read_base64(j, &n);

	if (bytes != NULL && memchr(bytes, '\0', n) != NULL)
		bad(j, "a name or target has a NUL");
	return bytes != NULL ? bytes : text;
}

static uint32_t
read_index(struct exchange_job *j)
{
	int64_t v = jscan_i64(&j->s, 0);

	return v < 0 || v > UINT32_MAX ? 0 : (uint32_t)v;
}

static void
read_key(struct exchange_job *j)
{
	struct ex_key *key = &j->ex->key;
	const char *k, *name;
	size_t n;
	int first = 1;

	while (jscan_key(&j->s, &first, &k, &n)) {
		if (is(k, n, "case")) {
			key->case_id = str(j);
		} else if (is(k, n, "p")) {
			key->p = read_index(j);
		} else if (is(k, n, "s")) {
			key->s = read_index(j);
		} else if (is(k, n, "r")) {
			key->r = read_index(j);
		} else if (is(k, n, "arm")) {
			name = str(j);
			key->arm = name == NULL ? ARM_N : arm_of(name);
			if (key->arm == ARM_N) {
				bad(j, "\"arm\" is unknown");
				key->arm = ARM_BASELINE;
			}
		} else if (is(k, n, "round")) {
			name = str(j);
			key->round = name == NULL ? ROUND_N : round_of(name);
		} else if (is(k, n, "n")) {
			key->n = read_index(j);
		} else {
			jscan_skip(&j->s);
		}
	}
}

/* ["name","value"] or ["name",null,"base64"], with base64 of the name as a
 * fourth; more elements are ignored. */
static void
read_header(struct exchange_job *j, struct ex_header *h)
{
	size_t i, n;
	int first = 1;

	h->name = h->value = NULL;
	for (i = 0; jscan_item(&j->s, &first); i++) {
		if (i == 0)
			h->name = str(j);
		else if (i == 1)
			h->value = str(j);
		else if (i == 2 && h->value == NULL)
			h->value = read_base64(j, &n);
		else if (i == 3)
			h->name = bytes_or(j, h->name);
		else
			jscan_skip(&j->s);
	}
	if (h->name == NULL)
		h->name = "";
	if (h->value == NULL)
		h->value = "";
}

/* Twice the room of a list of n elements that is full; NULL: no memory. */
static void *
more(struct exchange_job *j, const void *list, size_t n, size_t size)
{
	void *p = get(j, n == 0 ? 16 : n * 2, size);

	if (p != NULL && n > 0)
		memcpy(p, list, n * size);
	return p;
}

static int
full(size_t n)
{
	return n == 0 || (n >= 16 && (n & (n - 1)) == 0);
}

/* returns NULL when there are none, or no memory */
static struct ex_header *
read_headers(struct exchange_job *j, size_t *out_n)
{
	struct ex_header *h = NULL;
	size_t n = 0;
	int first = 1;

	while (jscan_item(&j->s, &first)) {
		if (full(n))
			h = more(j, h, n, sizeof(*h));
		if (h == NULL)
			return NULL;
		read_header(j, &h[n++]);
	}
	*out_n = n;
	return h;
}

/* The name of a body file: a hash in hex, so that it cannot lead away. */
static const char *
read_spill(struct exchange_job *j)
{
	const char *name = str(j);

	if (name == NULL || (strlen(name) == HASH_HEX - 1 &&
	    strspn(name, "0123456789abcdef") == HASH_HEX - 1))
		return name;
	bad(j, "\"body_file\" is not the name of a body file");
	return NULL;
}

/* Takes a member that is part of a body. returns 0 when it is none */
static int
read_body(struct exchange_job *j, const char *k, size_t n,
    struct ex_bytes *body)
{
	int64_t bytes;

	if (is(k, n, "body")) {
		body->p = jscan_str(&j->s, j->mem, &body->n);
	} else if (is(k, n, "body_b64")) {
		body->p = read_base64(j, &body->n);
	} else if (is(k, n, "body_file")) {
		body->spill = read_spill(j);
	} else if (is(k, n, "body_bytes")) {
		bytes = jscan_i64(&j->s, 0);
		if (body->p == NULL)
			body->n = bytes < 0 ? 0 : (size_t)bytes;
	} else {
		return 0;
	}
	return 1;
}

static void
read_request(struct exchange_job *j)
{
	struct exchange *ex = j->ex;
	const char *k, *method = NULL, *target = NULL;
	size_t n;
	int first = 1;

	while (jscan_key(&j->s, &first, &k, &n)) {
		if (is(k, n, "method"))
			method = str(j);
		else if (is(k, n, "target"))
			target = str(j);
		else if (is(k, n, "method_b64"))
			ex->method = bytes_or(j, ex->method);
		else if (is(k, n, "target_b64"))
			ex->target = bytes_or(j, ex->target);
		else if (is(k, n, "headers"))
			ex->req_headers = read_headers(j,
			    &ex->n_req_headers);
		else if (is(k, n, "trailers"))
			ex->req_trailers = read_headers(j,
			    &ex->n_req_trailers);
		else if (!read_body(j, k, n, &ex->req_body))
			jscan_skip(&j->s);
	}
	if (ex->method == NULL)
		ex->method = method;
	if (ex->target == NULL)
		ex->target = target;
}

static void
read_chunks(struct exchange_job *j)
{
	struct ex_chunk *c = NULL;
	int64_t v;
	size_t n = 0, i;
	int first = 1, inner;

	while (jscan_item(&j->s, &first)) {
		if (full(n))
			c = more(j, c, n, sizeof(*c));
		if (c == NULL)
			return;
		c[n].at_ns = -1;
		c[n].n = 0;
		for (i = 0, inner = 1; jscan_item(&j->s, &inner); i++) {
			v = jscan_i64(&j->s, 0);
			if (i == 0)
				c[n].at_ns = v;
			else if (i == 1 && v > 0)
				c[n].n = (size_t)v;
		}
		n++;
	}
	j->ex->chunks = c;
	j->ex->n_chunks = n;
}

static void
read_response(struct exchange_job *j)
{
	struct exchange *ex = j->ex;
	const char *k;
	size_t n;
	int first = 1;
	int64_t v;

	while (jscan_key(&j->s, &first, &k, &n)) {
		if (is(k, n, "status")) {
			v = jscan_i64(&j->s, 0);
			ex->status = v < 0 || v > 999 ? 0 : (int)v;
		} else if (is(k, n, "headers")) {
			ex->res_headers = read_headers(j,
			    &ex->n_res_headers);
		} else if (is(k, n, "trailers")) {
			ex->res_trailers = read_headers(j,
			    &ex->n_res_trailers);
		} else if (is(k, n, "chunks")) {
			read_chunks(j);
		} else if (!read_body(j, k, n, &ex->res_body)) {
			jscan_skip(&j->s);
		}
	}
}

static void
read_attempt(struct exchange_job *j, struct ex_attempt *a)
{
	enum outcome exact = OUTCOME_N;
	const char *k;
	size_t n;
	int first = 1;
	int64_t v;

	a->outcome = OUTCOME_OK;
	a->status = 0;
	a->sent_ns = a->total_ns = -1;
	while (jscan_key(&j->s, &first, &k, &n)) {
		if (is(k, n, "outcome")) {
			read_outcome(j, &a->outcome);
		} else if (is(k, n, "exact")) {
			read_exact(j, &exact);
		} else if (is(k, n, "status")) {
			v = jscan_i64(&j->s, 0);
			a->status = v < 0 || v > 999 ? 0 : (int)v;
		} else if (is(k, n, "sent")) {
			a->sent_ns = jscan_i64(&j->s, -1);
		} else if (is(k, n, "total")) {
			a->total_ns = jscan_i64(&j->s, -1);
		} else {
			jscan_skip(&j->s);
		}
	}
	if (exact != OUTCOME_N)
		a->outcome = exact;
}

static void
read_attempts(struct exchange_job *j)
{
	struct ex_attempt *a = NULL;
	size_t n = 0;
	int first = 1;

	while (jscan_item(&j->s, &first)) {
		if (full(n))
			a = more(j, a, n, sizeof(*a));
		if (a == NULL)
			return;
		read_attempt(j, &a[n++]);
	}
	j->ex->attempts = a;
	j->ex->n_attempts = n;
}

/* Times of the record; returns 0 when the member is none of them. */
static int
read_time(struct exchange_job *j, const char *k, size_t n)
{
	struct exchange *ex = j->ex;
	int64_t *to;

	if (is(k, n, "sent"))
		to = &ex->sent_ns;
	else if (is(k, n, "due"))
		to = &ex->due_ns;
	else if (is(k, n, "ttfb"))
		to = &ex->ttfb_ns;
	else if (is(k, n, "ttft"))
		to = &ex->ttft_ns;
	else if (is(k, n, "total"))
		to = &ex->total_ns;
	else
		return 0;
	*to = jscan_i64(&j->s, -1);
	return 1;
}

static void
read_type(struct exchange_job *j)
{
	const char *type = str(j);

	j->kind = type != NULL && strcmp(type, "exchange") == 0;
}

static void
read_shape(struct exchange_job *j)
{
	const char *shape = str(j);

	j->ex->generic = shape != NULL && strcmp(shape, "generic") == 0;
}

static void
read_member(struct exchange_job *j, const char *k, size_t n)
{
	struct exchange *ex = j->ex;

	if (is(k, n, "type"))
		read_type(j);
	else if (is(k, n, "id"))
		ex->id = str(j);
	else if (is(k, n, "key"))
		read_key(j);
	else if (is(k, n, "session"))
		ex->session = str(j);
	else if (is(k, n, "outcome"))
		read_outcome(j, &ex->outcome);
	else if (is(k, n, "exact"))
		read_exact(j, &j->exact);
	else if (is(k, n, "why"))
		ex->why = str(j);
	else if (is(k, n, "url"))
		ex->url = str(j);
	else if (is(k, n, "request") && j->part == WHOLE)
		read_request(j);
	else if (is(k, n, "response"))
		read_response(j);
	else if (is(k, n, "attempts"))
		read_attempts(j);
	else if (is(k, n, "stale"))
		ex->stale = read_index(j);
	else if (is(k, n, "shape"))
		read_shape(j);
	else if (!read_time(j, k, n))
		jscan_skip(&j->s);
}

/* In the writer's order the big members begin behind this one. */
static int
is_last_small(const struct exchange_job *j, const char *k, size_t n)
{
	static const char why[] = ",\"why\":";

	if (!is(k, n, "outcome") && !is(k, n, "why"))
		return 0;
	return (size_t)(j->s.end - j->s.p) >= sizeof(why) &&
	    memcmp(j->s.p, why, sizeof(why) - 1) != 0;
}

static int
verdict(struct exchange_job *j, int stopped, struct err *err)
{
	if (j->s.nomem)
		return err_set(err, RC_NOMEM, "out of memory");
	if (j->s.bad != NULL || (!stopped && !jscan_end(&j->s)))
		return err_set(err, RC_FORMAT, "the record is not valid "
		    "JSON: %s", j->s.bad != NULL ? j->s.bad :
		    "there is more after it");
	if (j->kind == 1 && j->bad != NULL)
		return err_set(err, RC_FORMAT, "the record is not an exchange "
		    "as TRACE.md describes it: %s", j->bad);
	if (j->kind == 1 && j->ex->id == NULL)
		return err_set(err, RC_FORMAT, "the exchange has no \"id\"");
	return j->kind == 1;
}

static int
parse(struct exchange_job *j, struct err *err)
{
	const char *k;
	size_t n;
	int first = 1, stopped = 0;

	while (!stopped && jscan_key(&j->s, &first, &k, &n)) {
		read_member(j, k, n);
		if (j->kind == 0)
			return 0;
		stopped = j->part == PEEK && j->kind == 1 &&
		    is_last_small(j, k, n);
	}
	return verdict(j, stopped, err);
}

/* What callers may rely on, whatever the record left out. */
static void
settle(struct exchange *ex)
{
	struct ex_bytes *bodies[] = { &ex->req_body, &ex->res_body };
	size_t i;

	if (ex->method == NULL)
		ex->method = "";
	if (ex->target == NULL)
		ex->target = "";
	for (i = 0; i < 2; i++) {
		if (bodies[i]->p != NULL)
			bodies[i]->spill = NULL;
		else if (bodies[i]->spill == NULL)
			bodies[i]->n = 0;
	}
}

static int
run(struct exchange_rec *rec, const char *line, size_t n, int part,
    struct exchange *out, struct err *err)
{
	struct exchange_job j;
	int rc;

	memset(&j, 0, sizeof(j));
	arena_reset(&rec->mem);
	exchange_init(out);
	jscan_init(&j.s, line, n);
	j.mem = &rec->mem;
	j.ex = out;
	j.kind = -1;
	j.exact = OUTCOME_N;
	j.part = part;
	rc = parse(&j, err);
	if (j.exact != OUTCOME_N)
		out->outcome = j.exact;
	settle(out);
	return rc;
}

int
exchange_parse(struct exchange_rec *rec, const char *line, size_t n,
    struct exchange *out, struct err *err)
{
	return run(rec, line, n, WHOLE, out, err);
}

int
exchange_parse_answer(struct exchange_rec *rec, const char *line, size_t n,
    struct exchange *out, struct err *err)
{
	return run(rec, line, n, ANSWER, out, err);
}

int
exchange_peek(struct exchange_rec *rec, const char *line, size_t n,
    struct exchange *out, struct err *err)
{
	return run(rec, line, n, PEEK, out, err);
}

int
exchange_peek_key(const char *line, size_t n, struct buf *scratch,
    struct ex_key *key, struct err *err)
{
	struct exchange_rec rec;
	struct exchange ex;
	int rc;

	arena_init(&rec.mem, SIZE_MAX);
	rc = exchange_peek(&rec, line, n, &ex, err);
	if (rc == 1) {
		*key = ex.key;
		buf_reset(scratch);
		if (key->case_id != NULL) {
			buf_puts(scratch, key->case_id);
			key->case_id = buf_str(scratch);
			rc = buf_check(scratch, "a case's id", err);
			if (rc == RC_OK)
				rc = 1;
		}
	}
	arena_fini(&rec.mem);
	return rc;
}
