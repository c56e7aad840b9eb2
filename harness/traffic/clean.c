/* Exchanges without credentials; see clean.h. */
#include "harness/traffic/clean.h"

#include <string.h>
#include <strings.h>

#include "harness/traffic/coding.h"
#include "harness/traffic/credential.h"

#define TEXTS_MAX ((size_t)1 << 30)
enum { WORK_MAX = 512 << 20 };

void
clean_init(struct clean *c)
{
	memset(c, 0, sizeof(*c));
	arena_init(&c->texts, TEXTS_MAX);
	buf_init(&c->work, WORK_MAX);
}

void
clean_fini(struct clean *c)
{
	arena_fini(&c->texts);
	buf_fini(&c->work);
}

/* once  holds the answer for a name that is too long to be kept */
static struct clean_name *
look_up(struct clean *c, const char *name, struct clean_name *once)
{
	size_t n = strlen(name);
	struct clean_name *k;

	if (n == 0 || n >= sizeof(k->name)) {
		once->credential = (unsigned char)credential_header(name);
		return once;
	}
	k = &c->known[(n * 31 + (size_t)(unsigned char)name[0] * 5 +
	    (unsigned char)name[n - 1]) % 64];
	if (strcmp(k->name, name) != 0) {
		memcpy(k->name, name, n + 1);
		k->value[0] = '\0';
		k->credential = (unsigned char)credential_header(name);
	}
	return k;
}

static int
is_kept(const char *const *keep, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (keep[i] != NULL && strcasecmp(keep[i], name) == 0)
			return 1;
	}
	return 0;
}

/* Whether a value may hold an address or a token: most hold neither. */
static int
may_hold(const char *v)
{
	return v != NULL && (*v == '/' || strpbrk(v, "?@%#;") != NULL ||
	    strstr(v, "://") != NULL);
}

/* Where a text of such bytes is kept when there is nothing in it. */
static struct clean_seen *
seen_of(struct clean_seen *v, const char *text)
{
	size_t n = strlen(text);

	return n == 0 || n >= sizeof(v->text) ? NULL :
	    &v[(n * 7 + (size_t)(unsigned char)text[n - 1] * 3 +
	    (unsigned char)text[n / 2]) % CLEAN_SEEN];
}

static void
keep_text(char *to, size_t size, const char *text)
{
	size_t n = strlen(text);

	if (n < size)
		memcpy(to, text, n + 1);
}

/* A text in place of another, when something in it was replaced. */
static int
clean_text(struct clean *c, const char **v)
{
	char *kept;

	if (!may_hold(*v) && (*v == NULL ||
	    !credential_value(*v, strlen(*v))))
		return 0;
	buf_reset(&c->work);
	if (!credential_text(&c->work, *v) && c->work.bad == RC_OK)
		return 0;
	kept = arena_strn(&c->texts, buf_str(&c->work), c->work.len);
	*v = kept == NULL || c->work.bad != RC_OK ? "" : kept;
	return 1;
}

/* What a function that looks at NAME=VALUE makes of a text. */
static int
clean_pairs(struct clean *c, const char **v,
    int (*clean)(struct buf *out, const char *text))
{
	const char *kept;

	if (*v == NULL || strchr(*v, '=') == NULL)
		return 0;
	buf_reset(&c->work);
	if (!clean(&c->work, *v) && c->work.bad == RC_OK)
		return 0;
	kept = arena_strn(&c->texts, buf_str(&c->work), c->work.len);
	*v = kept == NULL || c->work.bad != RC_OK ? "" : kept;
	return 1;
}

static int
is_secret(const char *v)
{
	size_t n = v == NULL ? 0 : strlen(v);

	return n > 0 && (credential_value(v, n) || credential_json(v, n));
}

/* Leaves headers out, and cleans what stays. */
static size_t
drop(struct clean *c, const char *const *keep, size_t n_keep,
    struct ex_header *h, size_t n)
{
	struct clean_name *k, once;
	size_t i, left = 0;
	int changed;

	once.value[0] = '\0';
	for (i = 0; i < n; i++) {
		k = look_up(c, h[i].name, &once);
		if ((k->credential != CREDENTIAL_SURE &&
		    is_kept(keep, n_keep, h[i].name)) ||
		    (k->credential == CREDENTIAL_NO && h[i].value != NULL &&
		    strcmp(h[i].value, k->value) == 0)) {
			h[left++] = h[i];
			continue;
		}
		if (k->credential != CREDENTIAL_NO ||
		    credential_subprotocol(h[i].name, h[i].value) ||
		    is_secret(h[i].value))
			continue;
		h[left] = h[i];
		changed = clean_pairs(c, &h[left].value, credential_pairs);
		changed |= clean_text(c, &h[left].value);
		if (!changed && h[left].value != NULL)
			keep_text(k->value, sizeof(k->value), h[left].value);
		left++;
	}
	return left;
}

/* ---- bodies ------------------------------------------------------------- */

/* Without its codings: the header that tells of them goes, too. */
static size_t
drop_coding(struct ex_header *h, size_t n)
{
	size_t i, left = 0;

	for (i = 0; i < n; i++) {
		if (strcasecmp(h[i].name, "Content-Encoding") != 0)
			h[left++] = h[i];
	}
	return left;
}

static int
clean_plain(struct clean *c, struct ex_bytes *b)
{
	char *copy;

	if (b->p == NULL || credential_body(b->p, b->n, NULL,
	    &c->strings) == 0)
		return RC_OK;
	copy = arena_strn(&c->texts, b->p, b->n);
	if (copy == NULL)
		return RC_NOMEM;
	(void)credential_body(b->p, b->n, copy, NULL);
	b->p = copy;
	return RC_OK;
}

/* returns 1 when the body is another now, whose chunks are not known */
static int
clean_packed(struct clean *c, const char *codings, struct ex_bytes *b)
{
	char *copy;

	buf_reset(&c->work);
	(void)coding_undo(codings, b->p, b->n, CODING_TEXT_MAX, &c->work,
	    NULL);
	if (credential_body(buf_str(&c->work), c->work.len, NULL,
	    &c->strings) == 0)
		return 0;
	copy = arena_strn(&c->texts, buf_str(&c->work), c->work.len);
	if (copy == NULL)
		return RC_NOMEM;
	(void)credential_body(buf_str(&c->work), c->work.len, copy, NULL);
	b->p = copy;
	b->n = c->work.len;
	return 1;
}

static int
clean_bodies(struct clean *c, struct exchange *ex, struct ex_header *req,
    struct ex_header *res)
{
	char list[128];
	const char *codings;
	int rc;

	codings = coding_of(req, ex->n_req_headers, list);
	rc = codings == NULL || ex->req_body.p == NULL ?
	    clean_plain(c, &ex->req_body) :
	    clean_packed(c, codings, &ex->req_body);
	if (rc == 1)
		ex->n_req_headers = drop_coding(req, ex->n_req_headers);
	if (rc < 0)
		return rc;
	codings = coding_of(res, ex->n_res_headers, list);
	rc = codings == NULL || ex->res_body.p == NULL ?
	    clean_plain(c, &ex->res_body) :
	    clean_packed(c, codings, &ex->res_body);
	if (rc == 1) {
		ex->n_res_headers = drop_coding(res, ex->n_res_headers);
		ex->n_chunks = 0;
	}
	return rc < 0 ? rc : RC_OK;
}

/* ---- exchanges ----------------------------------------------------------- */

static void
clean_url(struct clean *c, const char **v)
{
	struct clean_seen *s = *v == NULL ? NULL : seen_of(c->urls, *v);

	if (s != NULL && strcmp(*v, s->text) == 0)
		return;
	if (!clean_text(c, v) && s != NULL && *v != NULL)
		keep_text(s->text, sizeof(s->text), *v);
}

static void
clean_target(struct clean *c, const char **v)
{
	struct clean_seen *s = *v == NULL ? NULL : seen_of(c->targets, *v);
	int changed;

	if (s != NULL && strcmp(*v, s->text) == 0)
		return;
	changed = clean_text(c, v);
	changed |= clean_pairs(c, v, credential_query);
	if (!changed && s != NULL && *v != NULL)
		keep_text(s->text, sizeof(s->text), *v);
}

int
clean_exchange(struct clean *c, const char *const *keep, size_t n_keep,
    struct exchange *ex, struct ex_header *req, struct ex_header *res)
{
	int rc;

	arena_reset(&c->texts);
	ex->n_req_headers = drop(c, keep, n_keep, req, ex->n_req_headers);
	ex->n_res_headers = drop(c, keep, n_keep, res, ex->n_res_headers);
	ex->n_req_trailers = drop(c, keep, n_keep, ex->req_trailers,
	    ex->n_req_trailers);
	ex->n_res_trailers = drop(c, keep, n_keep, ex->res_trailers,
	    ex->n_res_trailers);
	clean_url(c, &ex->url);
	clean_target(c, &ex->target);
	(void)clean_text(c, &ex->why);
	rc = clean_bodies(c, ex, req, res);
	return rc != RC_OK || c->texts.bad ? RC_NOMEM : RC_OK;
}
