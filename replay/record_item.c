/* One exchange on its way into a trace; see record_item.h. */
#include "replay/record_item.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is kept of an item for the next exchange. */
enum { POOL_BYTES = 4 << 20, TEXT_KEPT = 4 << 10, BODY_KEPT = 16 << 10,
	HEADERS_KEPT = 64, CHUNKS_KEPT = 64 };

void
record_pool_init(struct record_pool *p, size_t memory_max)
{
	memset(p, 0, sizeof(*p));
	p->budget.max = memory_max;
	(void)pthread_mutex_init(&p->lock, NULL);
}

static void
destroy(struct record_item *it)
{
	buf_fini(&it->text);
	buf_fini(&it->sent);
	buf_fini(&it->body);
	free(it->headers);
	free(it->chunks);
	free(it);
}

void
record_pool_fini(struct record_pool *p)
{
	struct record_item *it, *next;

	for (it = p->first; it != NULL; it = next) {
		next = it->next;
		destroy(it);
	}
	(void)pthread_mutex_destroy(&p->lock);
}

static size_t
size_of(const struct record_item *it)
{
	return sizeof(*it) + it->text.cap + it->sent.cap + it->body.cap +
	    it->cap_headers * sizeof(*it->headers) +
	    it->cap_chunks * sizeof(*it->chunks);
}

/* One that waits, or NULL; who holds the lock is not waited for: it may be a
 * thread that gets the processor late. */
static struct record_item *
take(struct record_pool *p)
{
	struct record_item *it;

	if (pthread_mutex_trylock(&p->lock) != 0)
		return NULL;
	it = p->first;
	if (it != NULL) {
		p->first = it->next;
		p->bytes -= size_of(it);
	}
	(void)pthread_mutex_unlock(&p->lock);
	return it;
}

struct record_item *
record_item_new(struct record_pool *pool, size_t body_max)
{
	struct budget *b = &pool->budget;
	struct record_item *it = take(pool);

	if (it != NULL && budget_take(b, size_of(it)) != 0) {
		destroy(it);	/* it may do with less */
		it = NULL;
	}
	if (it == NULL) {
		if (budget_take(b, sizeof(*it)) != 0)
			return NULL;
		it = calloc(1, sizeof(*it));
		if (it == NULL) {
			budget_give(b, sizeof(*it));
			return NULL;
		}
		buf_init(&it->text, (size_t)4 << 20);
		buf_init(&it->sent, 0);
		buf_init(&it->body, 0);
	}
	it->sent.max = it->body.max = body_max + 2;
	exchange_init(&it->ex);
	it->ex.id = it->id;
	it->next = NULL;
	it->pool = pool;
	it->bytes = size_of(it);
	it->trailers = NULL;
	it->why[0] = '\0';
	it->has_sent = it->has_body = 0;
	it->length = -1;
	return it;
}

static int
keep_buf(struct buf *b, size_t most)
{
	if (b->cap > most || b->bad != RC_OK)
		return 0;
	buf_reset(b);
	return 1;
}

void
record_item_free(struct record_item *it)
{
	struct record_pool *p;
	int keep;

	if (it == NULL)
		return;
	p = it->pool;
	budget_give(&it->pool->budget, it->bytes);
	free(it->trailers);
	keep = keep_buf(&it->text, TEXT_KEPT) &&
	    keep_buf(&it->sent, TEXT_KEPT) &&
	    keep_buf(&it->body, BODY_KEPT) && it->cap_headers <= HEADERS_KEPT &&
	    it->cap_chunks <= CHUNKS_KEPT;
	if (!keep || pthread_mutex_trylock(&p->lock) != 0) {
		destroy(it);
		return;
	}
	keep = p->bytes < POOL_BYTES;
	if (keep) {
		it->next = p->first;
		p->first = it;
		p->bytes += size_of(it);
	}
	(void)pthread_mutex_unlock(&p->lock);
	if (!keep)
		destroy(it);
}

static int
charge(struct record_item *it, size_t n)
{
	if (budget_take(&it->pool->budget, n) != 0)
		return RC_NOMEM;
	it->bytes += n;
	return RC_OK;
}

/* Room for n more bytes, paid for; a buffer grows to twice its size. */
static int
reserve(struct record_item *it, struct buf *b, size_t n)
{
	size_t cap = b->cap, want = b->len + n + 1;

	if (want <= cap)
		return RC_OK;
	want = want < cap * 2 ? cap * 2 : want;
	if (charge(it, want - cap) != RC_OK)
		return RC_NOMEM;
	if (buf_reserve(b, n) == NULL)
		return RC_NOMEM;
	if (b->cap > want)
		return charge(it, b->cap - want);
	budget_give(&it->pool->budget, want - b->cap);
	it->bytes -= want - b->cap;
	return RC_OK;
}

static const char *
keep_text(struct record_item *it, const char *s, size_t n)
{
	size_t at = it->text.len;

	buf_add(&it->text, s, n);
	buf_putc(&it->text, '\0');
	return it->text.p + at;
}

static void
keep_headers(struct record_item *it, struct ex_header *to,
    const struct ex_header *h, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		to[i].name = keep_text(it, h[i].name, strlen(h[i].name));
		to[i].value = keep_text(it, h[i].value, strlen(h[i].value));
	}
}

/* Makes room in text first: pointers into it must stay. */
static int
reserve_text(struct record_item *it, const struct ex_header *h, size_t n,
    size_t more)
{
	size_t i;

	for (i = 0; i < n; i++)
		more += strlen(h[i].name) + strlen(h[i].value) + 2;
	return reserve(it, &it->text, more);
}

/* Room for n headers in all. */
static int
reserve_headers(struct record_item *it, size_t n)
{
	struct ex_header *grown;

	if (n <= it->cap_headers)
		return RC_OK;
	if (charge(it, (n - it->cap_headers) * sizeof(*grown)) != RC_OK)
		return RC_NOMEM;
	grown = realloc(it->headers, n * sizeof(*grown));
	if (grown == NULL)
		return RC_NOMEM;
	it->headers = grown;
	it->cap_headers = n;
	return RC_OK;
}

int
record_item_request(struct record_item *it, struct h1_str method,
    struct h1_str target, const struct ex_header *h, size_t n)
{
	if (reserve_headers(it, n + 1) != RC_OK ||
	    reserve_text(it, h, n, method.n + target.n + 2) != RC_OK)
		return RC_NOMEM;
	keep_headers(it, it->headers, h, n);
	it->ex.method = keep_text(it, method.p, method.n);
	it->ex.target = keep_text(it, target.p, target.n);
	it->ex.req_headers = it->headers;
	it->ex.n_req_headers = n;
	return RC_OK;
}

/* text may move when it grows; what pointed into it moves along. */
static void
rebase(struct record_item *it, const char *old)
{
	struct exchange *ex = &it->ex;
	size_t i;

	if (old == it->text.p)
		return;
	for (i = 0; i < ex->n_req_headers + ex->n_res_headers; i++) {
		it->headers[i].name = it->text.p +
		    (it->headers[i].name - old);
		it->headers[i].value = it->text.p +
		    (it->headers[i].value - old);
	}
	ex->method = it->text.p + (ex->method - old);
	ex->target = it->text.p + (ex->target - old);
}

int
record_item_answer(struct record_item *it, const struct ex_header *h,
    size_t n)
{
	const char *old = it->text.p;
	size_t before = it->ex.n_req_headers;

	if (reserve_text(it, h, n, 0) != RC_OK)
		return RC_NOMEM;
	rebase(it, old);
	if (reserve_headers(it, before + n + 1) != RC_OK)
		return RC_NOMEM;
	keep_headers(it, it->headers + before, h, n);
	it->ex.req_headers = it->headers;
	it->ex.res_headers = it->headers + before;
	it->ex.n_res_headers = n;
	return RC_OK;
}

static size_t
count_lines(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += *s == '\n';
	return n;
}

/* Splits lines in place. returns how many are kept */
static size_t
split_trailers(char *s, struct ex_header *out)
{
	char *end, *next, *value;
	size_t n = 0;

	for (; (end = strchr(s, '\n')) != NULL; s = next) {
		next = end + 1;
		*end = '\0';
		value = strchr(s, ':');
		if (value == NULL)
			continue;
		*value++ = '\0';
		value += strspn(value, " \t");
		while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
			*--end = '\0';
		out[n].name = s;
		out[n].value = value;
		n++;
	}
	return n;
}

int
record_item_trailers(struct record_item *it, const char *const lines[2])
{
	size_t n[2] = { count_lines(lines[0]), count_lines(lines[1]) };
	const char *old = it->text.p, *copy[2];
	struct exchange *ex = &it->ex;

	if (n[0] + n[1] == 0)
		return RC_OK;
	if (reserve(it, &it->text, strlen(lines[0]) + strlen(lines[1]) + 2) !=
	    RC_OK || charge(it, (n[0] + n[1]) * sizeof(*it->trailers)) !=
	    RC_OK)
		return RC_NOMEM;
	rebase(it, old);
	it->trailers = calloc(n[0] + n[1], sizeof(*it->trailers));
	if (it->trailers == NULL)
		return RC_NOMEM;
	copy[0] = keep_text(it, lines[0], strlen(lines[0]));
	copy[1] = keep_text(it, lines[1], strlen(lines[1]));
	ex->req_trailers = it->trailers;
	ex->n_req_trailers = split_trailers(it->text.p +
	    (copy[0] - it->text.p), it->trailers);
	ex->res_trailers = it->trailers + n[0];
	ex->n_res_trailers = split_trailers(it->text.p +
	    (copy[1] - it->text.p), it->trailers + n[0]);
	return RC_OK;
}

int
record_item_add(struct record_item *it, struct buf *to, const char *p,
    size_t n)
{
	if (reserve(it, to, n) != RC_OK)
		return RC_NOMEM;
	buf_add(to, p, n);
	return to->bad;
}

int
record_item_mark(struct record_item *it, int64_t at_ns, size_t n)
{
	struct exchange *ex = &it->ex;
	struct ex_chunk *grown;
	size_t cap;

	if (ex->n_chunks > 0 &&
	    it->chunks[ex->n_chunks - 1].at_ns == at_ns) {
		it->chunks[ex->n_chunks - 1].n += n;
		return RC_OK;
	}
	if (ex->n_chunks == it->cap_chunks) {
		cap = it->cap_chunks == 0 ? 16 : it->cap_chunks * 2;
		if (charge(it, (cap - it->cap_chunks) * sizeof(*grown)) !=
		    RC_OK)
			return RC_NOMEM;
		grown = realloc(it->chunks, cap * sizeof(*grown));
		if (grown == NULL)
			return RC_NOMEM;
		it->chunks = grown;
		it->cap_chunks = cap;
	}
	ex->chunks = it->chunks;
	it->chunks[ex->n_chunks].at_ns = at_ns;
	it->chunks[ex->n_chunks++].n = n;
	return RC_OK;
}

/* ---- copies ------------------------------------------------------------- */

static int
copy_parts(struct record_item *it, const struct exchange *ex)
{
	struct h1_str method = { ex->method, strlen(ex->method) };
	struct h1_str target = { ex->target, strlen(ex->target) };
	size_t i;
	int rc = record_item_request(it, method, target, ex->req_headers,
	    ex->n_req_headers);

	it->has_sent = ex->req_body.p != NULL;
	if (rc == RC_OK && it->has_sent)
		rc = record_item_add(it, &it->sent, ex->req_body.p,
		    ex->req_body.n);
	if (rc == RC_OK && ex->n_res_headers > 0)
		rc = record_item_answer(it, ex->res_headers,
		    ex->n_res_headers);
	it->has_body = ex->res_body.p != NULL;
	if (rc == RC_OK && it->has_body)
		rc = record_item_add(it, &it->body, ex->res_body.p,
		    ex->res_body.n);
	for (i = 0; i < ex->n_chunks && rc == RC_OK; i++)
		rc = record_item_mark(it, ex->chunks[i].at_ns,
		    ex->chunks[i].n);
	return rc;
}

struct record_item *
record_item_copy(struct record_pool *pool, size_t body_max,
    const struct exchange *ex)
{
	struct record_item *it = record_item_new(pool, body_max);

	if (it == NULL)
		return NULL;
	if (strlen(ex->id) >= sizeof(it->id) || (ex->key.case_id != NULL &&
	    strlen(ex->key.case_id) >= sizeof(it->case_id)) ||
	    copy_parts(it, ex) != RC_OK) {
		record_item_free(it);
		return NULL;
	}
	(void)snprintf(it->id, sizeof(it->id), "%s", ex->id);
	(void)snprintf(it->case_id, sizeof(it->case_id), "%s",
	    ex->key.case_id == NULL ? "" : ex->key.case_id);
	(void)snprintf(it->why, sizeof(it->why), "%s", ex->why == NULL ? "" :
	    ex->why);
	it->ex.key = ex->key;
	it->ex.key.case_id = ex->key.case_id == NULL ? NULL : it->case_id;
	it->ex.why = ex->why == NULL ? NULL : it->why;
	it->ex.sent_ns = ex->sent_ns;
	it->ex.ttfb_ns = ex->ttfb_ns;
	it->ex.ttft_ns = ex->ttft_ns;
	it->ex.total_ns = ex->total_ns;
	it->ex.outcome = ex->outcome;
	it->ex.status = ex->status;
	it->ex.stale = ex->stale;
	it->ex.generic = ex->generic;
	if (it->has_sent)
		it->ex.req_body = (struct ex_bytes){ buf_str(&it->sent),
			it->sent.len, NULL };
	if (it->has_body)
		it->ex.res_body = (struct ex_bytes){ buf_str(&it->body),
			it->body.len, NULL };
	return it;
}
