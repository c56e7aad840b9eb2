/* Exchanges without credentials; see clean.h. */
#include "harness/traffic/clean.h"

#include <string.h>
#include <strings.h>

#include "harness/traffic/credential.h"

enum { TEXT_BYTES = 512 << 20 };

void
clean_init(struct clean *c)
{
	memset(c, 0, sizeof(*c));
	buf_init(&c->text, TEXT_BYTES);
}

void
clean_fini(struct clean *c)
{
	buf_fini(&c->text);
}

static void
judge(struct clean_name *k, const char *name)
{
	k->credential = (unsigned char)credential_header(name);
	k->is_url = credential_is_url(name) != 0;
}

/* once  holds the answer for a name that is too long to be kept */
static const struct clean_name *
look_up(struct clean *c, const char *name, struct clean_name *once)
{
	size_t n = strlen(name);
	struct clean_name *k;

	if (n == 0 || n >= sizeof(k->name)) {
		judge(once, name);
		return once;
	}
	k = &c->known[(n * 31 + (size_t)(unsigned char)name[0] * 5 +
	    (unsigned char)name[n - 1]) % 64];
	if (strcmp(k->name, name) != 0) {
		memcpy(k->name, name, n + 1);
		judge(k, name);
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

/* Only what follows a '?' or stands before an '@' can be one. */
static int
may_hold(const char *url)
{
	return url != NULL && strpbrk(url, "?@#") != NULL;
}

static size_t
room(const char *url)
{
	return may_hold(url) ? strlen(url) * 3 + 64 : 0;
}

static void
clean_url(struct clean *c, const char **url)
{
	size_t at = c->text.len;

	if (!may_hold(*url))
		return;
	credential_target(&c->text, *url);
	buf_putc(&c->text, '\0');
	*url = c->text.p + at;
}

/* Leaves headers out; *bytes grows by what cleaning the addresses among the
 * rest may take. */
static size_t
drop(struct clean *c, const char *const *keep, size_t n_keep,
    struct ex_header *h, size_t n, size_t *bytes)
{
	const struct clean_name *k;
	struct clean_name once;
	size_t i, left = 0;

	for (i = 0; i < n; i++) {
		k = look_up(c, h[i].name, &once);
		if (k->credential == CREDENTIAL_SURE ||
		    (k->credential == CREDENTIAL_LIKELY &&
		    !is_kept(keep, n_keep, h[i].name)))
			continue;
		if (k->is_url)
			*bytes += room(h[i].value);
		h[left++] = h[i];
	}
	return left;
}

static void
clean_values(struct clean *c, struct ex_header *h, size_t n)
{
	struct clean_name once;
	size_t i;

	for (i = 0; i < n; i++) {
		if (look_up(c, h[i].name, &once)->is_url)
			clean_url(c, &h[i].value);
	}
}

int
clean_exchange(struct clean *c, const char *const *keep, size_t n_keep,
    struct exchange *ex, struct ex_header *req, struct ex_header *res)
{
	size_t bytes = room(ex->target) + room(ex->url), urls = 0;

	ex->n_req_headers = drop(c, keep, n_keep, req, ex->n_req_headers,
	    &urls);
	ex->n_res_headers = drop(c, keep, n_keep, res, ex->n_res_headers,
	    &urls);
	if (bytes + urls == 0)
		return RC_OK;
	/* Room for everything first: the buffer must not move later. */
	buf_reset(&c->text);
	if (buf_reserve(&c->text, bytes + urls) == NULL)
		return RC_NOMEM;
	clean_url(c, &ex->url);
	clean_url(c, &ex->target);
	if (urls > 0) {
		clean_values(c, req, ex->n_req_headers);
		clean_values(c, res, ex->n_res_headers);
	}
	return RC_OK;
}
