/* Makes an exchange from what is known about a request; see import_part.h. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/import/import_part.h"

void
import_item_init(struct import_item *it)
{
	memset(it, 0, sizeof(*it));
	it->at_ns = it->total_ns = it->ttft_ns = -1;
	it->tokens_in = it->tokens_out = it->cost = NAN;
}

/* ---- small things ------------------------------------------------------ */

/* Digits of exactly n characters, or -1. */
static int
digits(const char *s, int n)
{
	int v = 0;

	while (n-- > 0) {
		if (!isdigit((unsigned char)*s))
			return -1;
		v = v * 10 + (*s++ - '0');
	}
	return v;
}

/* Days since 1970-01-01 of a date of the Gregorian calendar. */
static int64_t
days_of(int y, int m, int d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

/* Minutes of "Z", "+02:00", "-0530" or nothing (UTC); -1000: none of them */
static int
zone(const char *s)
{
	int h, m, sign = *s == '-' ? -1 : 1;

	if (*s == '\0' || strcmp(s, "Z") == 0 || strcmp(s, "z") == 0)
		return 0;
	if (*s != '+' && *s != '-')
		return -1000;
	h = digits(s + 1, 2);
	m = h < 0 ? -1 : digits(s + 3 + (s[3] == ':'), 2);
	return h < 0 || m < 0 ? -1000 : sign * (h * 60 + m);
}

int64_t
import_time(const char *s)
{
	int y, mo, d, h = 0, mi = 0, sec = 0, off = 0;
	int64_t frac = 0, unit = 100000000;

	if (s == NULL || (y = digits(s, 4)) < 0 || s[4] != '-' ||
	    (mo = digits(s + 5, 2)) < 1 || mo > 12 || s[7] != '-' ||
	    (d = digits(s + 8, 2)) < 1 || d > 31 || y < 1970 || y > 2260)
		return -1;	/* 2262 is where nanoseconds end */
	s += 10;
	if (*s == 'T' || *s == 't' || *s == ' ') {
		if ((h = digits(s + 1, 2)) < 0 || s[3] != ':' ||
		    (mi = digits(s + 4, 2)) < 0)
			return -1;
		s += 6;
		if (*s == ':') {
			if ((sec = digits(s + 1, 2)) < 0)
				return -1;
			s += 3;
		}
		if (*s == '.' || *s == ',') {
			for (s++; isdigit((unsigned char)*s); s++) {
				frac += (*s - '0') * unit;
				unit /= 10;
			}
		}
		off = zone(s);
		if (off == -1000)
			return -1;
	}
	return ((days_of(y, mo, d) * 24 + h) * 60 + mi - off) * 60000000000 +
	    sec * 1000000000LL + frac;
}

double
import_num(const struct json *j)
{
	const char *s = json_str(j);
	char *end;
	double v;

	if (json_kind(j) == JSON_NUMBER)
		return json_num(j, NAN);
	if (s == NULL || *s == '\0')
		return NAN;
	v = strtod(s, &end);
	return *end == '\0' ? v : NAN;
}

const char *
import_text(struct arena *a, const struct json *j)
{
	struct buf b;
	const char *s = json_str(j);

	if (s != NULL || json_kind(j) == JSON_NONE ||
	    json_kind(j) == JSON_NULL)
		return s;
	buf_init(&b, IMPORT_VALUE_MAX);
	json_write(&b, j);
	s = buf_check(&b, "a value", NULL) == RC_OK ?
	    arena_strn(a, buf_str(&b), b.len) : NULL;
	buf_fini(&b);
	return s;
}

const char *
import_content(struct arena *a, const struct json *content)
{
	const struct json *part;
	const char *text, *s;
	struct buf b;

	if (json_kind(content) != JSON_ARRAY)
		return json_str(content);
	buf_init(&b, IMPORT_VALUE_MAX);
	for (part = json_first(content); part != NULL;
	    part = json_next(part)) {
		text = json_str(part);
		if (text == NULL)
			text = json_get_str(part, "text");
		if (text == NULL)
			text = json_get_str(part, "content");
		if (text == NULL)
			continue;
		if (b.len > 0)
			buf_putc(&b, '\n');
		buf_puts(&b, text);
	}
	s = b.len > 0 && b.bad == RC_OK ?
	    arena_strn(a, buf_str(&b), b.len) : NULL;
	buf_fini(&b);
	return s;
}

const char *
import_user_message(struct arena *a, const struct json *messages)
{
	const struct json *m, *content;
	const char *role, *text, *last = NULL;

	for (m = json_kind(messages) == JSON_ARRAY ? json_first(messages) :
	    NULL; m != NULL; m = json_next(m)) {
		role = json_get_str(m, "role");
		if (role == NULL || (strcmp(role, "user") != 0 &&
		    strcmp(role, "human") != 0))
			continue;
		content = json_get(m, "content");
		if (content == NULL)
			content = json_get(m, "parts");
		text = import_content(a, content);
		if (text != NULL)
			last = text;
	}
	return last;
}

struct json *
import_find(const char *pointer, const struct json *j)
{
	struct json_ptr *p = pointer == NULL ? NULL :
	    json_ptr_new(pointer, NULL);
	struct json *v = p == NULL ? NULL : json_ptr_find(p, j);

	json_ptr_free(p);
	return v;
}

/* ---- the exchange ------------------------------------------------------ */

static void
put_text(struct json_out *o, const char *key, const char *text)
{
	if (text == NULL)
		return;
	json_out_key(o, key);
	json_out_str(o, text);
}

static void
put_num(struct json_out *o, const char *key, double v)
{
	if (!isfinite(v))
		return;
	json_out_key(o, key);
	json_out_num(o, v);
}

static void
put_json(struct json_out *o, const char *key, const struct json *v)
{
	if (v == NULL)
		return;
	json_out_key(o, key);
	json_out_json(o, v);
}

static void
write_request(struct buf *b, const struct import_item *it)
{
	struct json_out o;

	json_out_init(&o, b, 0);
	json_out_obj(&o);
	put_text(&o, "question", it->question);
	put_json(&o, "messages", it->messages);
	put_text(&o, "model", it->model);
	put_text(&o, "user", it->user);
	put_text(&o, "tenant", it->tenant);
	put_json(&o, "tags", it->tags);
	json_out_end(&o, '}');
}

static void
write_docs(struct json_out *o, const struct import_item *it)
{
	size_t i;

	json_out_key(o, "retrieved");
	json_out_arr(o);
	for (i = 0; i < it->n_docs; i++) {
		json_out_obj(o);
		put_text(o, "snippet_id", it->docs[i].id);
		put_text(o, "text", it->docs[i].text);
		put_text(o, "source_url", it->docs[i].source);
		put_num(o, "score", it->docs[i].score);
		json_out_end(o, '}');
	}
	json_out_end(o, ']');
}

static void
write_response(struct buf *b, const struct import_item *it)
{
	struct json_out o;

	json_out_init(&o, b, 0);
	json_out_obj(&o);
	if (!it->answer_cut)
		put_text(&o, "answer", it->answer);
	if (it->has_docs)
		write_docs(&o, it);
	put_json(&o, "tool_calls", it->tool_calls);
	json_out_key(&o, "usage");
	json_out_obj(&o);
	put_num(&o, "tokens_in", it->tokens_in);
	put_num(&o, "tokens_out", it->tokens_out);
	put_num(&o, "cost", it->cost);
	json_out_end(&o, '}');
	put_text(&o, "model", it->model);
	put_text(&o, "error", it->error);
	json_out_end(&o, '}');
}

static void
fill(struct exchange *ex, const struct import_item *it, const struct buf *req,
    const struct buf *res)
{
	exchange_init(ex);
	ex->id = it->id;
	ex->session = it->session;
	ex->sent_ns = it->at_ns;
	ex->total_ns = it->total_ns;
	ex->ttft_ns = it->ttft_ns;
	ex->method = "POST";
	ex->target = "/query";
	ex->req_body.p = buf_str(req);
	ex->req_body.n = req->len;
	ex->res_body.p = buf_str(res);
	ex->res_body.n = res->len;
	ex->status = it->status != 0 ? it->status :
	    it->error != NULL ? 500 : 200;
	ex->outcome = ex->status >= 500 ? OUTCOME_HTTP_5XX :
	    ex->status == 429 ? OUTCOME_HTTP_429 :
	    ex->status >= 400 ? OUTCOME_HTTP_4XX : OUTCOME_OK;
	if (it->answer_cut)
		ex->why = "the answer was cut short at the source";
	else
		ex->why = it->error;
}

int
import_item(struct import *im, const struct import_src *src,
    const struct import_item *it, struct err *err)
{
	struct ex_header req[1] = { { "Content-Type", "application/json" } };
	struct ex_header res[1] = { { "Content-Type", "application/json" } };
	struct exchange ex;
	struct buf a, b;
	int rc;

	if (it->question == NULL || *it->question == '\0') {
		import_unusable(im, src, "a record without a question");
		return RC_OK;
	}
	buf_init(&a, IMPORT_VALUE_MAX);
	buf_init(&b, IMPORT_VALUE_MAX);
	write_request(&a, it);
	write_response(&b, it);
	rc = buf_check(&a, "a request", err);
	if (rc == RC_OK)
		rc = buf_check(&b, "an answer", err);
	if (rc == RC_OK) {
		import_truncated(im, it->answer_cut != 0);
		fill(&ex, it, &a, &b);
		ex.req_headers = req;
		ex.res_headers = res;
		ex.n_req_headers = ex.n_res_headers = 1;
		rc = import_exchange(im, &ex, req, res, err);
	}
	buf_fini(&a);
	buf_fini(&b);
	return rc;
}
