/* An exchange without the findings of rules; see redact.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/traffic/coding.h"
#include "harness/traffic/redact_part.h"

static void
percent_decode(const char *p, size_t n, struct buf *out)
{
	size_t i;
	int c;

	for (i = 0; i < n; i++) {
		c = p[i] == '%' ? redact_hex(p + i + 1, n - i - 1, 2) : -1;
		if (c >= 0) {
			buf_putc(out, (char)c);
			i += 2;
		} else {
			buf_putc(out, (char)(p[i] == '+' ? ' ' : p[i]));
		}
	}
}

static void
percent_encode(const char *p, size_t n, struct buf *out)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (redact_is_digit(p[i]) || ((unsigned char)p[i] < 0x80 &&
		    (redact_is_word(p[i]) || strchr("-._~[]:@", p[i]) !=
		    NULL)))
			buf_putc(out, p[i]);
		else
			buf_printf(out, "%%%02X", (unsigned char)p[i]);
	}
}

/* A path or a form: what stands between / ? & = ; is a text each. */
static int
redact_form(struct redact_work *w, const char *p, size_t n, struct buf *out)
{
	struct buf plain, clean;
	size_t i, from = 0;
	int changed = 0;

	buf_init(&plain, n + 64);
	buf_init(&clean, (size_t)64 << 20);
	for (i = 0; i <= n; i++) {
		if (i < n && strchr("/?&=;#", p[i]) == NULL)
			continue;
		buf_reset(&plain);
		buf_reset(&clean);
		percent_decode(p + from, i - from, &plain);
		if (redact_text(w, buf_str(&plain), plain.len, &clean) > 0) {
			percent_encode(buf_str(&clean), clean.len, out);
			changed = 1;
		} else {
			buf_add(out, p + from, i - from);
		}
		if (i < n)
			buf_putc(out, p[i]);
		from = i + 1;
	}
	w->bad |= plain.bad != RC_OK || clean.bad != RC_OK;
	buf_fini(&plain);
	buf_fini(&clean);
	return changed;
}

/* Where a piece of w->text begins is known before what it points to is: the
 * text may move while it grows. */
struct place {
	size_t at;
	const char **to;
};

static void
take_headers(struct redact_work *w, struct ex_header *v, size_t *n,
    struct place *place, size_t *n_places)
{
	const struct redact *r = w->r;
	size_t i, k, kept = 0, at;
	int drop;

	for (i = 0; i < *n; i++) {
		drop = 0;
		at = w->text.len;
		for (k = 0; k < r->n; k++) {
			if (r->rule[k].how == RULE_HEADER &&
			    strcasecmp(r->rule[k].arg, v[i].name) == 0)
				break;
		}
		v[kept] = v[i];
		if (k < r->n) {
			drop = r->rule[k].action == REDACT_DROP;
			redact_put(w, k, v[i].value, strlen(v[i].value),
			    &w->text);
		} else if (redact_text(w, v[i].value, strlen(v[i].value),
		    &w->text) == 0) {
			w->text.len = at;
			kept++;
			continue;
		}
		if (drop)
			continue;
		buf_putc(&w->text, '\0');
		place[*n_places].at = at;
		place[(*n_places)++].to = &v[kept++].value;
	}
	*n = kept;
}

/* Form fields are known by their type. */
static int
is_form(const struct ex_header *v, size_t n)
{
	static const char form[] = "application/x-www-form-urlencoded";

	for (; n-- > 0; v++) {
		if (strcasecmp(v->name, "Content-Type") == 0)
			return strncasecmp(v->value, form,
			    sizeof(form) - 1) == 0;
	}
	return 0;
}

static void
move_chunks(struct redact_work *w, struct exchange *ex,
    const struct redact_moves *m)
{
	struct ex_chunk *v = realloc(w->chunks,
	    (ex->n_chunks + 1) * sizeof(*v));
	size_t i, k = 0, old = 0, was = 0, now, last = 0;

	if (v == NULL) {
		w->bad = 1;
		return;
	}
	w->chunks = v;
	for (i = 0; i < ex->n_chunks; i++) {
		old += ex->chunks[i].n;
		/* `was` old bytes before move k became `last` + … new ones */
		while (k < m->n && m->v[k].to <= old) {
			was += m->v[k].to - m->v[k].from;
			last += m->v[k].len;
			k++;
		}
		now = old - was + last;
		/* within what was replaced: behind its replacement */
		if (k < m->n && m->v[k].from < old)
			now = m->v[k].from - was + last + m->v[k].len;
		v[i] = ex->chunks[i];
		v[i].n = now;
	}
	for (i = ex->n_chunks; i-- > 1;)
		v[i].n = v[i].n > v[i - 1].n ? v[i].n - v[i - 1].n : 0;
	ex->chunks = v;
}

/* What is packed cannot be looked into: it is kept unpacked when something
 * is found, and not at all when it cannot be unpacked. */
static int
unpack(struct redact_work *w, int response, struct ex_bytes *b,
    const struct ex_header *h, size_t n_h)
{
	char list[128];
	const char *coding = coding_of(h, n_h, list);
	struct buf *plain = &w->plain[response];

	if (coding == NULL)
		return 0;
	buf_reset(plain);
	if (coding_undo(coding, b->p, b->n, CODING_TEXT_MAX, plain, NULL) !=
	    RC_OK) {
		*b = (struct ex_bytes){ NULL, 0, NULL };
		return 0;
	}
	b->p = buf_str(plain);
	b->n = plain->len;
	return 1;
}

static void
drop_coding(struct ex_header *v, size_t *n)
{
	size_t i, kept = 0;

	for (i = 0; i < *n; i++) {
		if (strcasecmp(v[i].name, "Content-Encoding") != 0)
			v[kept++] = v[i];
	}
	*n = kept;
}

static void
take_body(struct redact_work *w, struct exchange *ex, struct ex_header *h,
    int response, struct place *place, size_t *n_places)
{
	struct ex_bytes *b = response ? &ex->res_body : &ex->req_body;
	size_t *n_all = response ? &ex->n_res_headers : &ex->n_req_headers;
	size_t n_h = *n_all;
	struct ex_bytes packed = *b;
	struct redact_moves moves = { NULL, 0, 0, 0 };
	size_t at = w->text.len;
	int changed, was_packed;

	if (b->p == NULL || b->n == 0)
		return;
	was_packed = unpack(w, response, b, h, n_h);
	if (b->p == NULL) {	/* nor can its pieces be told apart */
		if (response)
			ex->n_chunks = 0;
		return;
	}
	changed = is_form(h, n_h) ? redact_form(w, b->p, b->n, &w->text) :
	    redact_body(w, b->p, b->n, &w->text, &moves);
	if (!changed) {
		w->text.len = at;
		*b = packed;
	} else {
		if (was_packed)
			drop_coding(h, n_all);
		b->n = w->text.len - at;
		buf_putc(&w->text, '\0');
		place[*n_places].at = at;
		place[(*n_places)++].to = &b->p;
		if (response && was_packed)
			ex->n_chunks = 0;	/* marks of packed bytes */
		else if (response && ex->n_chunks > 0)
			move_chunks(w, ex, &moves);
	}
	w->bad |= moves.bad;
	free(moves.v);
}

/* A text by itself, or NULL. */
static void
take_text(struct redact_work *w, const char **text, struct place *place,
    size_t *n_places)
{
	size_t at = w->text.len;

	if (*text == NULL)
		return;
	if (redact_text(w, *text, strlen(*text), &w->text) == 0) {
		w->text.len = at;
		return;
	}
	buf_putc(&w->text, '\0');
	place[*n_places].at = at;
	place[(*n_places)++].to = text;
}

int
redact_exchange(struct redact_work *w, struct exchange *ex,
    struct ex_header *req, struct ex_header *res)
{
	struct place *place = calloc(ex->n_req_headers + ex->n_res_headers +
	    ex->n_req_trailers + ex->n_res_trailers + 5, sizeof(*place));
	size_t n = 0, at;

	if (place == NULL)
		return RC_NOMEM;
	w->bad = 0;
	buf_reset(&w->text);
	if (ex->target != NULL) {
		if (redact_form(w, ex->target, strlen(ex->target), &w->text)) {
			buf_putc(&w->text, '\0');
			place[n].at = 0;
			place[n++].to = &ex->target;
		} else {
			w->text.len = 0;
		}
	}
	ex->req_headers = req;
	ex->res_headers = res;
	/* bodies first: theirs may be the header that goes */
	take_body(w, ex, req, 0, place, &n);
	take_body(w, ex, res, 1, place, &n);
	take_headers(w, req, &ex->n_req_headers, place, &n);
	take_headers(w, res, &ex->n_res_headers, place, &n);
	take_headers(w, ex->req_trailers, &ex->n_req_trailers, place, &n);
	take_headers(w, ex->res_trailers, &ex->n_res_trailers, place, &n);
	/* what a service said of an error, and who asked */
	take_text(w, &ex->why, place, &n);
	take_text(w, &ex->session, place, &n);
	for (at = 0; at < n; at++)
		*place[at].to = w->text.p + place[at].at;
	free(place);
	return w->bad || w->text.bad != RC_OK ? RC_NOMEM : RC_OK;
}
