/* The recorded request of a case; see sent.h. */
#include "harness/suite/sent.h"

#include <string.h>
#include <strings.h>

#include "harness/base/hash.h"
#include "harness/base/jscan.h"
#include "harness/base/utf8.h"
#include "harness/suite/caseset_part.h"
#include "harness/traffic/coding.h"

/* ---- reading ------------------------------------------------------------- */

/* Appends what a base64 text stands for, and a NUL.
 * returns its offset in b; SIZE_MAX: none, or not base64 */
static size_t
unpack(const struct json *j, struct buf *b, size_t *n)
{
	size_t text_n, at = b->len;
	const char *text = json_text(j, &text_n);
	char *to = text == NULL ? NULL : buf_reserve(b, text_n + 1);

	*n = 0;
	if (to == NULL || hash_unb64(text, text_n, to, text_n, n) != 0)
		return SIZE_MAX;
	to[*n] = '\0';
	b->len += *n + 1;
	return at;
}

static void
read_headers(const struct json *list, struct sent_request *r)
{
	const struct json *h;
	const char *name, *value;

	r->has_headers = json_kind(list) == JSON_ARRAY;
	for (h = json_first(list); h != NULL; h = json_next(h)) {
		name = json_str(json_at(h, 0));
		value = json_str(json_at(h, 1));
		if (name == NULL || value == NULL)
			continue;
		if (strcasecmp(name, "content-type") == 0)
			r->type = value;
		else if (strcasecmp(name, "content-encoding") == 0)
			r->coding = value;
	}
}

const char *
sent_line_body(const struct gold *g, size_t *n)
{
	const struct gold_mem *m = g->mem;
	const char *key, *from, *body = NULL;
	struct jscan s;
	size_t key_n;
	int first = 1;

	jscan_init(&s, m->source, m->source_n);
	while (jscan_key(&s, &first, &key, &key_n)) {
		(void)jscan_peek(&s);
		from = s.p;
		jscan_skip(&s);
		if (key_n == 4 && memcmp(key, "body", 4) == 0) {
			body = from;
			*n = (size_t)(s.p - from);
		}
	}
	return body;
}

static void
read_body(const struct gold *g, const struct json *sent, struct buf *scratch,
    size_t *at, struct sent_request *r)
{
	const struct json *text = json_get(sent, "body_text");
	const struct json *packed = json_get(sent, "body_b64");

	if (packed != NULL)
		*at = unpack(packed, scratch, &r->body_n);
	else if (json_str(text) != NULL)
		r->body = json_text(text, &r->body_n);
	else if (json_get(g->doc, "body") != NULL)
		r->body = sent_line_body(g, &r->body_n);
}

int
sent_of(const struct gold *g, struct buf *scratch,
    struct sent_request *r, struct err *err)
{
	const struct json *sent = json_get(g->doc, "sent");
	size_t target_at = SIZE_MAX, body_at = SIZE_MAX, n;

	memset(r, 0, sizeof(*r));
	buf_reset(scratch);
	r->known = json_kind(sent) == JSON_OBJECT;
	r->target = json_get_str(g->doc, "target");
	if (r->known) {
		r->method = json_get_str(sent, "method");
		read_headers(json_get(sent, "headers"), r);
		target_at = unpack(json_get(sent, "target_b64"), scratch, &n);
	}
	read_body(g, sent, scratch, &body_at, r);
	if (scratch->bad != RC_OK)
		return err_set(err, RC_NOMEM, "out of memory");
	if (target_at != SIZE_MAX)
		r->target = scratch->p + target_at;
	if (body_at != SIZE_MAX)
		r->body = scratch->p + body_at;
	return RC_OK;
}

const char *
sent_text(const struct sent_request *r, struct buf *out, size_t *n)
{
	const struct ex_header h = { "Content-Encoding", r->coding };
	char list[128];
	const char *codings = r->coding == NULL ? NULL :
	    coding_of(&h, 1, list);

	*n = r->body_n;
	if (codings == NULL || r->body == NULL)
		return r->body;
	buf_reset(out);
	if (coding_undo(codings, r->body, r->body_n, CODING_TEXT_MAX, out,
	    NULL) != RC_OK)
		return NULL;
	*n = out->len;
	return buf_str(out);
}

/* ---- sending it again ---------------------------------------------------- */

int
sent_is_recorded(const char *text, const char *name)
{
	size_t n = strlen(name);

	if (text == NULL || strncmp(text, "{{", 2) != 0)
		return 0;
	for (text += 2; *text == ' '; text++)
		;
	if (strncmp(text, name, n) != 0)
		return 0;
	for (text += n; *text == ' '; text++)
		;
	return strcmp(text, "}}") == 0;
}

int
sent_replays(const struct suite *s)
{
	return sent_is_recorded(json_str(s->body), "body") ||
	    (s->body == NULL && (sent_is_recorded(s->request_path,
	    "target") || sent_is_recorded(s->request_path, "path")));
}

/* Whether a request in the suite only repeats the recorded one. */
static int
is_open(const struct json *said, const char *key)
{
	const struct json *j = json_get(said, key);

	return j == NULL || (strcmp(key, "method") == 0 &&
	    sent_is_recorded(json_str(j), key));
}

struct sent_rule
sent_rule_of(const struct suite *s, const struct suite_target *t)
{
	const struct json *said = json_get(s->doc, "request");
	struct sent_rule rule = {
		t->method == NULL && is_open(said, "method"),
		t->path == NULL && is_open(said, "path") };

	return rule;
}

const char *
sent_method(const struct sent_rule *rule, const struct sent_request *r)
{
	return rule->any_method && r->known ? r->method : NULL;
}

const char *
sent_path(const struct sent_rule *rule, const struct sent_request *r,
    int has_body)
{
	return r->known && r->target != NULL && (rule->any_path || !has_body) ?
	    "{{target}}" : NULL;
}

/* ---- writing ------------------------------------------------------------- */

static int
is_utf8(const char *s, size_t n)
{
	size_t k;

	for (; n > 0; n -= k, s += k) {
		k = (unsigned char)*s < 0x80 ? 1 : utf8_len(s, n);
		if (k == 0 || *s == '\0')
			return 0;
	}
	return 1;
}

/*
 * Whether the body's bytes may stand in a case's line as they are: one value
 * on one line, without a key that is there twice, which a case may not have.
 */
static int
is_line(const struct ex_bytes *b, const struct json *parsed)
{
	const char *in;

	return parsed != NULL && b->n >= 2 && strchr("{[", b->p[0]) != NULL &&
	    strchr("}]", b->p[b->n - 1]) != NULL &&
	    memchr(b->p, '\n', b->n) == NULL &&
	    memchr(b->p, '\r', b->n) == NULL && is_utf8(b->p, b->n) &&
	    json_twice(parsed, &in) == NULL;
}

static void
write_base64(struct json_out *o, const char *key, const char *p, size_t n)
{
	struct buf b;
	char *to;

	json_out_key(o, key);
	buf_init(&b, o->b->max);
	to = buf_reserve(&b, HASH_B64_LEN(n));
	if (to == NULL) {
		o->b->bad = RC_NOMEM;
	} else {
		hash_b64(p, n, to, HASH_B64_LEN(n));
		json_out_str(o, to);
	}
	buf_fini(&b);
}

/* What says how the body is to be read. */
static void
write_headers(struct json_out *o, const struct exchange *ex)
{
	const struct ex_header *h;
	size_t i;

	if (ex->n_req_headers == 0)
		return;
	json_out_key(o, "headers");
	json_out_arr(o);
	for (i = 0; i < ex->n_req_headers; i++) {
		h = &ex->req_headers[i];
		if (strcasecmp(h->name, "content-type") != 0 &&
		    strcasecmp(h->name, "content-encoding") != 0)
			continue;
		json_out_arr(o);
		json_out_str(o, h->name);
		json_out_str(o, h->value);
		json_out_end(o, ']');
	}
	json_out_end(o, ']');
}

void
sent_write(struct json_out *o, const struct exchange *ex,
    const struct json *body)
{
	const struct ex_bytes *b = &ex->req_body;
	int line = b->p != NULL && is_line(b, body);

	json_put_str(o, "target", ex->target);
	json_out_key(o, "sent");
	json_out_obj(o);
	json_put_str(o, "method", ex->method);
	write_headers(o, ex);
	if (!is_utf8(ex->target, strlen(ex->target)))
		write_base64(o, "target_b64", ex->target,
		    strlen(ex->target));
	if (b->p != NULL && !line && is_utf8(b->p, b->n)) {
		json_out_key(o, "body_text");
		json_out_strn(o, b->p, b->n);
	} else if (b->p != NULL && !line) {
		write_base64(o, "body_b64", b->p, b->n);
	}
	json_out_end(o, '}');
	if (body == NULL)
		return;
	json_out_key(o, "body");
	if (line)
		json_out_raw(o, b->p, b->n);
	else
		json_out_json(o, body);
}
