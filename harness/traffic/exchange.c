/* Writing exchanges, and their names; see exchange.h. Reading is in
 * exchange_read.c. */
#include "harness/traffic/exchange.h"

#include <string.h>
#include <strings.h>

#include "harness/base/hash.h"
#include "harness/base/utf8.h"

static const char *const outcome_names[OUTCOME_N] = {
	[OUTCOME_OK] = "ok",
	[OUTCOME_HTTP_4XX] = "http_4xx",
	[OUTCOME_HTTP_429] = "http_429",
	[OUTCOME_HTTP_5XX] = "http_5xx",
	[OUTCOME_TIMEOUT] = "timeout",
	[OUTCOME_RESET] = "reset",
	[OUTCOME_TLS] = "tls",
	[OUTCOME_PROTOCOL] = "protocol",
	[OUTCOME_TOO_LARGE] = "too_large",
	[OUTCOME_UNDECODABLE] = "undecodable",
	[OUTCOME_BAD_JSON] = "bad_json",
	[OUTCOME_EXTRACT_FAILED] = "extract_failed",
	[OUTCOME_SERVICE_ERROR] = "service_error",
	[OUTCOME_FILTERED] = "filtered",
	[OUTCOME_CUT] = "cut",
	[OUTCOME_REFUSED] = "refused",
	[OUTCOME_SHED] = "shed",
	[OUTCOME_UNREACHABLE] = "unreachable",
};

static const char *const arm_names[ARM_N] = {
	[ARM_BASELINE] = "baseline",
	[ARM_CANDIDATE] = "candidate",
	[ARM_BASELINE2] = "baseline2",
	[ARM_CANDIDATE2] = "candidate2",
};

static const char *const round_names[ROUND_N] = {
	[ROUND_PLAN] = "plan",
	[ROUND_CONFIRM] = "confirm",
	[ROUND_LATENCY] = "latency",
	[ROUND_LATENCY_AGAIN] = "latency_again",
};

const char *
round_name(enum ex_round r)
{
	return round_names[r];
}

enum ex_round
round_of(const char *name)
{
	int i;

	for (i = 0; i < ROUND_N; i++) {
		if (strcmp(name, round_names[i]) == 0)
			break;
	}
	return (enum ex_round)i;
}

const char *
outcome_name(enum outcome o)
{
	return outcome_names[o];
}

enum outcome
outcome_of(const char *name)
{
	int i;

	for (i = 0; i < OUTCOME_N; i++) {
		if (strcmp(name, outcome_names[i]) == 0)
			break;
	}
	return (enum outcome)i;
}

int
outcome_is_error(enum outcome o)
{
	return !outcome_is_answer(o);
}

int
outcome_is_answer(enum outcome o)
{
	return o == OUTCOME_OK || o == OUTCOME_REFUSED ||
	    o == OUTCOME_FILTERED || o == OUTCOME_CUT;
}

const char *
arm_name(enum arm a)
{
	return arm_names[a];
}

enum arm
arm_of(const char *name)
{
	int i;

	for (i = 0; i < ARM_N; i++) {
		if (strcmp(name, arm_names[i]) == 0)
			break;
	}
	return (enum arm)i;
}

void
exchange_init(struct exchange *ex)
{
	memset(ex, 0, sizeof(*ex));
	ex->sent_ns = ex->due_ns = -1;
	ex->ttfb_ns = ex->ttft_ns = ex->total_ns = -1;
}

const char *
exchange_header(const struct exchange *ex, const char *name)
{
	size_t i;

	for (i = 0; i < ex->n_res_headers; i++) {
		if (strcasecmp(ex->res_headers[i].name, name) == 0)
			return ex->res_headers[i].value;
	}
	return NULL;
}

/* ---- writing ---------------------------------------------------------- */

#define LIT(b, s) buf_add((b), "" s, sizeof(s) - 1)

/* A string that is text by its nature; other bytes become U+FFFD. */
static void
put_str(struct buf *b, const char *s)
{
	buf_putc(b, '"');
	(void)utf8_json(b, s, strlen(s), 1);
	buf_putc(b, '"');
}

static void
put_base64(struct buf *b, const char *p, size_t n)
{
	char *to;

	buf_putc(b, '"');
	to = buf_reserve(b, HASH_B64_LEN(n));
	if (to == NULL)
		return;
	hash_b64(p, n, to, HASH_B64_LEN(n));
	b->len += strlen(to);
	buf_putc(b, '"');
}

static void
put_time(struct buf *b, const char *name, int64_t ns)
{
	if (ns < 0)
		return;
	buf_puts(b, name);
	buf_i64(b, ns);
}

static void
put_opt(struct buf *b, const char *name, const char *s)
{
	if (s == NULL)
		return;
	buf_puts(b, name);
	put_str(b, s);
}

/* Takes back what was written since at. */
static void
rewind_to(struct buf *b, size_t at)
{
	if (b->bad == RC_OK)
		b->len = at;
}

/* A member that is text by its nature; the bytes of one that is none stand
 * beside it. */
static void
put_exact(struct buf *b, const char *name, const char *s)
{
	size_t at;

	buf_putc(b, '"');
	buf_puts(b, name);
	LIT(b, "\":\"");
	at = b->len;
	if (utf8_json(b, s, strlen(s), 0) == 0) {
		buf_putc(b, '"');
		return;
	}
	rewind_to(b, at);
	(void)utf8_json(b, s, strlen(s), 1);
	buf_printf(b, "\",\"%s_b64\":", name);
	put_base64(b, s, strlen(s));
}

/* [name, value]; what is no UTF-8 as base64 behind: [name, null, value], or
 * [name, value or null, value or null, name]. */
static void
put_header(struct buf *b, const struct ex_header *h)
{
	size_t at, name_n = strlen(h->name), n = strlen(h->value);
	int odd;

	LIT(b, "[\"");
	at = b->len;
	odd = utf8_json(b, h->name, name_n, 0) != 0;
	if (odd) {
		rewind_to(b, at);
		(void)utf8_json(b, h->name, name_n, 1);
	}
	at = b->len;
	LIT(b, "\",\"");
	if (utf8_json(b, h->value, n, 0) == 0) {
		buf_puts(b, odd ? "\",null" : "\"");
	} else {
		rewind_to(b, at);
		LIT(b, "\",null,");
		put_base64(b, h->value, n);
	}
	if (odd) {
		buf_putc(b, ',');
		put_base64(b, h->name, name_n);
	}
	buf_putc(b, ']');
}

static void
put_headers(struct buf *b, const char *key, const struct ex_header *h,
    size_t n)
{
	size_t i;

	if (n == 0)
		return;
	buf_puts(b, key);
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_putc(b, ',');
		put_header(b, &h[i]);
	}
	buf_putc(b, ']');
}

static void
put_body(struct buf *b, const struct ex_bytes *body)
{
	size_t at = b->len;

	if (body->spill != NULL) {
		LIT(b, ",\"body_file\":");
		put_str(b, body->spill);
		LIT(b, ",\"body_bytes\":");
		buf_u64(b, body->n);
		return;
	}
	if (body->p == NULL)
		return;
	LIT(b, ",\"body\":\"");
	/* Text of mostly control characters is shorter as base64, and a
	 * record has a maximum. */
	if (utf8_json(b, body->p, body->n, 0) == 0 &&
	    b->len - at <= 2 * body->n + 64) {
		buf_putc(b, '"');
		return;
	}
	rewind_to(b, at);
	LIT(b, ",\"body_b64\":");
	put_base64(b, body->p, body->n);
}

/*
 * Readers of format 1 refuse outcomes that they do not know: one that came
 * later stands as the nearest of theirs, and by name in a member of its own.
 */
static void
put_outcome(struct buf *b, enum outcome o)
{
	if (o == OUTCOME_UNREACHABLE) {
		LIT(b, "\"exact\":\"unreachable\",");
		o = OUTCOME_RESET;
	}
	LIT(b, "\"outcome\":\"");
	buf_puts(b, outcome_name(o));
	buf_putc(b, '"');
}

static void
put_request(struct buf *b, const struct exchange *ex)
{
	LIT(b, ",\"request\":{");
	put_exact(b, "method", ex->method == NULL ? "" : ex->method);
	if (ex->target != NULL) {
		buf_putc(b, ',');
		put_exact(b, "target", ex->target);
	}
	put_headers(b, ",\"headers\":[", ex->req_headers,
	    ex->n_req_headers);
	put_body(b, &ex->req_body);
	put_headers(b, ",\"trailers\":[", ex->req_trailers,
	    ex->n_req_trailers);
	buf_putc(b, '}');
}

static void
put_response(struct buf *b, const struct exchange *ex)
{
	size_t i;

	if (ex->status == 0 && ex->res_body.p == NULL)
		return;
	LIT(b, ",\"response\":{\"status\":");
	buf_i64(b, ex->status);
	put_headers(b, ",\"headers\":[", ex->res_headers,
	    ex->n_res_headers);
	put_body(b, &ex->res_body);
	put_headers(b, ",\"trailers\":[", ex->res_trailers,
	    ex->n_res_trailers);
	if (ex->n_chunks > 0)
		LIT(b, ",\"chunks\":[");
	for (i = 0; i < ex->n_chunks; i++) {
		buf_puts(b, i > 0 ? ",[" : "[");
		buf_i64(b, ex->chunks[i].at_ns);
		buf_putc(b, ',');
		buf_u64(b, ex->chunks[i].n);
		buf_putc(b, ']');
	}
	if (ex->n_chunks > 0)
		buf_putc(b, ']');
	buf_putc(b, '}');
}

static void
put_attempts(struct buf *b, const struct exchange *ex)
{
	const struct ex_attempt *a;
	size_t i;

	if (ex->n_attempts == 0)
		return;
	LIT(b, ",\"attempts\":[");
	for (i = 0; i < ex->n_attempts; i++) {
		a = &ex->attempts[i];
		buf_puts(b, i > 0 ? ",{" : "{");
		put_outcome(b, a->outcome);
		LIT(b, ",\"status\":");
		buf_i64(b, a->status);
		put_time(b, ",\"sent\":", a->sent_ns);
		put_time(b, ",\"total\":", a->total_ns);
		buf_putc(b, '}');
	}
	buf_putc(b, ']');
}

static void
put_key(struct buf *b, const struct ex_key *key)
{
	if (key->case_id == NULL)
		return;
	LIT(b, ",\"key\":{\"case\":");
	put_str(b, key->case_id);
	LIT(b, ",\"p\":");
	buf_u64(b, key->p);
	LIT(b, ",\"s\":");
	buf_u64(b, key->s);
	LIT(b, ",\"r\":");
	buf_u64(b, key->r);
	LIT(b, ",\"arm\":\"");
	buf_puts(b, arm_name(key->arm));
	buf_putc(b, '"');
	if (key->round != ROUND_PLAN) {
		LIT(b, ",\"round\":\"");
		buf_puts(b, round_name(key->round));
		LIT(b, "\",\"n\":");
		buf_u64(b, key->n);
	}
	buf_putc(b, '}');
}

void
exchange_write(struct buf *b, const struct exchange *ex)
{
	LIT(b, "{\"type\":\"exchange\",\"id\":");
	put_str(b, ex->id == NULL ? "" : ex->id);
	put_key(b, &ex->key);
	put_opt(b, ",\"session\":", ex->session);
	put_time(b, ",\"sent\":", ex->sent_ns);
	put_time(b, ",\"due\":", ex->due_ns);
	put_time(b, ",\"ttfb\":", ex->ttfb_ns);
	put_time(b, ",\"ttft\":", ex->ttft_ns);
	put_time(b, ",\"total\":", ex->total_ns);
	buf_putc(b, ',');
	put_outcome(b, ex->outcome);
	put_opt(b, ",\"why\":", ex->why);
	put_opt(b, ",\"url\":", ex->url);
	put_request(b, ex);
	put_response(b, ex);
	put_attempts(b, ex);
	if (ex->stale > 0) {
		LIT(b, ",\"stale\":");
		buf_u64(b, ex->stale);
	}
	if (ex->generic)
		LIT(b, ",\"shape\":\"generic\"");
	buf_putc(b, '}');
}
