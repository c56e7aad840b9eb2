/* Request templates, rendered; see template.h. */
#include <string.h>

#include "harness/suite/template_part.h"

/* A resolved placeholder. RAW is JSON as it was written. */
struct value {
	enum { MISSING, TEXT, INTEGER, JSON, RAW } kind;
	const char *text;	/* TEXT, RAW */
	size_t n;
	int64_t integer;
	const struct json *json;
};

static struct value
of_text(const char *s, size_t n)
{
	struct value v = { s == NULL ? MISSING : TEXT, s, n, 0, NULL };

	return v;
}

static struct value
of_word(const char *s)
{
	return of_text(s, s == NULL ? 0 : strlen(s));
}

static struct value
of_int(int64_t i)
{
	struct value v = { INTEGER, NULL, 0, i, NULL };

	return v;
}

static struct value
of_json(const struct json *j)
{
	struct value v = { j == NULL ? MISSING : JSON, NULL, 0, 0, j };

	if (json_kind(j) == JSON_STRING) {
		v.kind = TEXT;
		v.text = json_text(j, &v.n);
	}
	return v;
}

/* Within a JSON body: as JSON, or, where it is none, as text. */
static struct value
of_body(const struct template_vars *v, const struct json *parsed)
{
	const struct sent_request *was = v->was;
	struct value out;

	if (was == NULL || (was->body == NULL && !was->known))
		return of_json(parsed);
	out = of_text(was->body, was->body_n);
	if (out.kind == TEXT && parsed != NULL) {
		if (was->coding != NULL)
			return of_json(parsed);
		out.kind = RAW;
		if (out.n >= 3 && memcmp(out.text, "\xef\xbb\xbf", 3) == 0) {
			out.text += 3;
			out.n -= 3;
		}
	}
	return out;
}

static struct value
resolve(const struct seg *s, const struct template_vars *v)
{
	switch (s->var) {
	case VAR_QUESTION:
		return of_text(v->question, v->question_n);
	case VAR_SEED:
		return of_int(v->seed);
	case VAR_SESSION:
		return of_word(v->session);
	case VAR_RUN:
		return of_word(v->run);
	case VAR_ARM:
		return of_word(v->arm);
	case VAR_PARAPHRASE:
		return of_int(v->paraphrase);
	case VAR_REPEAT:
		return of_int(v->repeat);
	case VAR_TARGET:
		return of_word(v->was != NULL ? v->was->target :
		    json_get_str(v->doc, "target"));
	case VAR_BODY:
		return of_body(v, json_ptr_find(s->ptr, v->doc));
	default:
		return of_json(json_ptr_find(s->ptr, v->doc));
	}
}

static void
put_json(struct buf *out, const struct value *v)
{
	if (v->kind == JSON || (v->kind == TEXT && v->json != NULL))
		json_write(out, v->json);
	else if (v->kind == TEXT)
		json_write_str(out, v->text, v->n);
	else if (v->kind == INTEGER)
		buf_i64(out, v->integer);
	else if (v->kind == RAW)
		buf_add(out, v->text, v->n);
	else
		buf_puts(out, "null");
}

/* The value as text: a string's own characters, else compact JSON. */
static void
put_text(struct buf *out, const struct value *v)
{
	if (v->kind == MISSING || json_kind(v->json) == JSON_NULL)
		return;
	if (v->kind == TEXT)
		buf_add(out, v->text, v->n);
	else
		put_json(out, v);
}

/* A recorded target is encoded already. What cannot stand in a request's first
 * line is encoded still: a trace may come from anywhere. */
static void
put_target(struct buf *out, const struct value *v)
{
	size_t i;

	if (v->kind != TEXT || v->n == 0 ||
	    (*v->text != '/' && *v->text != '*'))
		buf_putc(out, '/');
	for (i = 0; i < v->n; i++) {
		if ((unsigned char)v->text[i] <= ' ' || v->text[i] == 0x7f)
			buf_printf(out, "%%%02X", (unsigned char)v->text[i]);
		else
			buf_putc(out, v->text[i]);
	}
}

static int
url_safe(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
	    c == '~';
}

/* Percent-encodes all that is not unreserved in RFC 3986. */
static void
url_encode(struct buf *out, size_t from)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t n = out->len - from, extra = 0, i;
	unsigned char c;
	char *p, *to;

	if (out->bad != RC_OK || n == 0)
		return;
	for (i = 0; i < n; i++)
		extra += !url_safe((unsigned char)out->p[from + i]) ? 2 : 0;
	if (buf_reserve(out, extra) == NULL)
		return;
	p = out->p + from;
	to = p + n + extra;
	out->len += extra;
	*to = '\0';
	for (i = n; i-- > 0;) {
		c = (unsigned char)p[i];
		if (url_safe(c)) {
			*--to = (char)c;
			continue;
		}
		*--to = hex[c & 15];
		*--to = hex[c >> 4];
		*--to = '%';
	}
}

/* A header value must not carry a line end of the case's making. */
static void
blank_controls(struct buf *out, size_t from)
{
	size_t i;

	for (i = from; out->bad == RC_OK && i < out->len; i++) {
		if ((unsigned char)out->p[i] < 0x20 || out->p[i] == 0x7f)
			out->p[i] = ' ';
	}
}

/* Appends a string's escaped characters without the quotes. */
static void
put_escaped(struct buf *out, const char *p, size_t n)
{
	size_t from = out->len;

	json_write_str(out, p, n);
	if (out->bad != RC_OK)
		return;
	out->len -= 2;
	memmove(out->p + from, out->p + from + 1, out->len - from);
	out->p[out->len] = '\0';
}

/* Text within a JSON string that is already open. */
static void
put_in_string(struct buf *out, const struct seg *s, const struct value *v)
{
	struct buf tmp;

	if (v->kind == TEXT && !s->url) {
		put_escaped(out, v->text, v->n);
		return;
	}
	buf_init(&tmp, out->max);
	put_text(&tmp, v);
	if (s->url)
		url_encode(&tmp, 0);
	put_escaped(out, buf_str(&tmp), tmp.len);
	if (tmp.bad != RC_OK)
		out->bad = tmp.bad;
	buf_fini(&tmp);
}

static void
put_comma(struct buf *out)
{
	if (out->len > 0 && out->p[out->len - 1] != '{' &&
	    out->p[out->len - 1] != '[')
		buf_putc(out, ',');
}

static void
put_seg(const struct template *t, const struct seg *s,
    const struct template_vars *vars, struct buf *out)
{
	struct value v = resolve(s, vars);
	size_t from = out->len;

	switch (s->kind) {
	case SEG_VALUE:
		put_json(out, &v);
		return;
	case SEG_MEMBER:
		if (v.kind == MISSING && !t->nulls)
			return;
		put_comma(out);
		buf_add(out, t->lit.p + s->from, s->n);
		put_json(out, &v);
		return;
	case SEG_IN_STRING:
		put_in_string(out, s, &v);
		return;
	default:
		if (s->kind == SEG_PATH && s->var == VAR_TARGET) {
			put_target(out, &v);
			return;
		}
		put_text(out, &v);
	}
	if (s->kind == SEG_PATH || s->url)
		url_encode(out, from);
	else if (s->kind == SEG_PLAIN)
		blank_controls(out, from);
}

static void
render(const struct template *t, const struct template_vars *v,
    struct buf *out)
{
	const struct seg *s;
	size_t i;

	for (i = 0; i < t->n; i++) {
		s = &t->seg[i];
		if (s->kind == SEG_LITERAL)
			buf_add(out, t->lit.p + s->from, s->n);
		else if (s->kind == SEG_COMMA)
			put_comma(out);
		else
			put_seg(t, s, v, out);
	}
}

/* ---- the recorded body, and a case's own request ------------------------ */

/* What a request says, its own placeholders filled in. */
static int
render_patch(const struct template_vars *v, struct json **out,
    struct err *err)
{
	struct template *t = template_new(v->request, err);
	struct buf b;
	int rc;

	if (t == NULL)
		return err != NULL ? (int)err->code : RC_FORMAT;
	buf_init(&b, TEMPLATE_MAX);
	t->nulls = 1;
	render(t, v, &b);
	template_free(t);
	rc = buf_check(&b, "a case's request", err);
	*out = rc == RC_OK ? json_parse(b.p, b.len, err) : NULL;
	buf_fini(&b);
	return *out != NULL || rc != RC_OK ? rc : RC_FORMAT;
}

/* Merges it over the recorded body, whose other bytes stay; one that is no
 * JSON gives way. */
static int
patch_recorded(const struct template_vars *v, struct buf *out,
    struct err *err)
{
	const struct sent_request *was = v->was;
	const struct json *body = json_get(v->doc, "body");
	struct json *patch = NULL;
	struct buf plain, base;
	const char *text = NULL;
	size_t n = 0;
	int rc = render_patch(v, &patch, err);

	buf_init(&plain, TEMPLATE_MAX);
	buf_init(&base, TEMPLATE_MAX);
	if (was != NULL && was->body != NULL) {
		text = sent_text(was, &plain, &n);
	} else if (json_kind(body) == JSON_OBJECT) {
		json_write(&base, body);
		text = buf_str(&base);
		n = base.len;
	}
	if (rc == RC_OK && (text == NULL || json_patch(out, text, n, patch,
	    NULL) != RC_OK)) {
		buf_reset(out);
		rc = json_patch(out, "{}", 2, patch, err);
	}
	buf_fini(&plain);
	buf_fini(&base);
	json_free(patch);
	return rc;
}

/* Over the suite's body, before either is rendered. */
static int
render_merged(const struct template *t, const struct template_vars *v,
    struct buf *out, struct err *err)
{
	struct template *merged = NULL;
	struct json *body = json_kind(t->body) != JSON_OBJECT ?
	    json_new(JSON_OBJECT) : json_copy(t->body);
	int rc = RC_OK;

	if (json_kind(v->request) != JSON_OBJECT) {
		json_free(body);
		body = json_copy(v->request);
	} else if (body == NULL || json_merge(body, v->request) != RC_OK) {
		rc = err_set(err, RC_NOMEM, "out of memory");
	}
	if (rc == RC_OK) {
		merged = template_new(body, err);
		if (merged != NULL)
			render(merged, v, out);
		else
			rc = err != NULL ? err->code : RC_FORMAT;
	}
	template_free(merged);
	json_free(body);
	return rc;
}

int
template_is_body(const struct template *t)
{
	return t != NULL && t->n == 1 && t->seg[0].kind == SEG_VALUE &&
	    t->seg[0].var == VAR_BODY && json_kind(t->body) == JSON_STRING;
}

int
template_render(const struct template *t, const struct template_vars *v,
    struct buf *out, struct err *err)
{
	int alone = template_is_body(t);

	if (v->request != NULL && t->json)
		return alone && json_kind(v->request) == JSON_OBJECT ?
		    patch_recorded(v, out, err) :
		    render_merged(t, v, out, err);
	if (alone && v->was != NULL && v->was->known)
		buf_add(out, v->was->body, v->was->body_n);
	else
		render(t, v, out);
	return RC_OK;
}
