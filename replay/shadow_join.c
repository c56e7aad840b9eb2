/* Who waits for whom by a key; see shadow_part.h. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/hash.h"
#include "replay/shadow_part.h"

/* Users choose the keys. */
static struct shadow_link **
bucket_of(struct shadow_links *l, const char *key)
{
	return &l->bucket[hash_table(key, strlen(key)) % SHADOW_BUCKETS];
}

void
shadow_links_init(struct shadow_links *l)
{
	memset(l, 0, sizeof(*l));
	l->head.prev = l->head.next = &l->head;
}

void
shadow_links_put(struct shadow_links *l, struct shadow_link *x,
    int64_t now_ns)
{
	struct shadow_link **b = bucket_of(l, x->key);

	x->since_ns = now_ns;
	x->chain = *b;
	x->at = b;
	if (x->chain != NULL)
		x->chain->at = &x->chain;
	*b = x;
	x->prev = l->head.prev;
	x->next = &l->head;
	x->prev->next = x;
	l->head.prev = x;
	l->n++;
}

static void
take_out(struct shadow_links *l, struct shadow_link *x)
{
	*x->at = x->chain;
	if (x->chain != NULL)
		x->chain->at = x->at;
	x->prev->next = x->next;
	x->next->prev = x->prev;
	x->prev = x->next = x->chain = NULL;
	x->at = NULL;
	l->n--;
}

struct shadow_link *
shadow_links_take(struct shadow_links *l, const char *key)
{
	struct shadow_link *x = *bucket_of(l, key);

	for (; x != NULL; x = x->chain) {
		if (strcmp(x->key, key) == 0) {
			take_out(l, x);
			return x;
		}
	}
	return NULL;
}

struct shadow_link *
shadow_links_late(struct shadow_links *l, int64_t before_ns)
{
	struct shadow_link *x = l->head.next;

	if (x == &l->head || x->since_ns > before_ns)
		return NULL;
	take_out(l, x);
	return x;
}

/* ---- keys --------------------------------------------------------------- */

int
shadow_key_of(const char *name, const char *value, char key[SHADOW_KEY_BYTES])
{
	size_t n, i;

	key[0] = '\0';
	/* 00-TRACE-PARENT-FLAGS: the spans of one request share the trace */
	if (strcasecmp(name, "traceparent") == 0 && strlen(value) >= 35 &&
	    value[2] == '-' && value[35] == '-')
		value += 3;
	n = strcasecmp(name, "traceparent") == 0 ? strcspn(value, "- ") :
	    strlen(value);
	if (n == 0 || n >= SHADOW_KEY_BYTES)
		return 0;
	for (i = 0; i < n; i++)
		key[i] = (char)tolower((unsigned char)value[i]);
	key[n] = '\0';
	return 1;
}

int
shadow_key(const char *name, const struct exchange *ex,
    char key[SHADOW_KEY_BYTES])
{
	size_t i;

	key[0] = '\0';
	for (i = 0; i < ex->n_req_headers; i++) {
		if (strcasecmp(ex->req_headers[i].name, name) == 0)
			return shadow_key_of(name, ex->req_headers[i].value,
			    key);
	}
	return 0;
}

/* ---- partners ------------------------------------------------------------ */

void
shadow_partner_free(struct shadow_partner *s)
{
	if (s == NULL)
		return;
	record_item_free(s->item);
	free(s);
}

struct shadow_partner *
shadow_partner_new(struct record_pool *pool, size_t body_max,
    const char *key, const struct exchange *ex)
{
	struct shadow_partner *s = calloc(1, sizeof(*s));
	struct record_item *it;

	if (s == NULL)
		return NULL;
	(void)snprintf(s->link.key, sizeof(s->link.key), "%s", key);
	it = s->item = record_item_new(pool, body_max);
	if (it == NULL || record_item_answer(it, ex->res_headers,
	    ex->n_res_headers) != RC_OK || (ex->res_body.p != NULL &&
	    record_item_add(it, &it->body, ex->res_body.p,
	    ex->res_body.n) != RC_OK)) {
		shadow_partner_free(s);
		return NULL;
	}
	it->has_body = ex->res_body.p != NULL;
	it->ex.status = ex->status;
	it->ex.outcome = ex->outcome;
	it->ex.total_ns = ex->total_ns;
	it->ex.ttft_ns = ex->ttft_ns;
	it->ex.generic = ex->generic;
	(void)snprintf(it->why, sizeof(it->why), "%s", ex->why == NULL ? "" :
	    ex->why);
	return s;
}

/* The answer behind the request that it belongs to. */
int
shadow_partner_join(struct record_item *to, const struct shadow_partner *s)
{
	const struct record_item *it = s->item;

	if (record_item_answer(to, it->ex.res_headers,
	    it->ex.n_res_headers) != RC_OK || (it->has_body &&
	    record_item_add(to, &to->body, buf_str(&it->body),
	    it->body.len) != RC_OK))
		return RC_NOMEM;
	to->has_body = it->has_body;
	to->ex.res_body = (struct ex_bytes){ it->has_body ?
	    buf_str(&to->body) : NULL, it->has_body ? to->body.len : 0, NULL };
	to->ex.status = it->ex.status;
	to->ex.outcome = it->ex.outcome;
	to->ex.total_ns = it->ex.total_ns;
	to->ex.ttft_ns = it->ex.ttft_ns;
	to->ex.ttfb_ns = -1;
	to->ex.generic = it->ex.generic;
	memcpy(to->why, it->why, sizeof(to->why));
	to->ex.why = to->why[0] == '\0' ? NULL : to->why;
	return RC_OK;
}
