/*
 * What the proxy uses again, with its buffers; see proxy_part.h.  malloc()
 * keeps seven blocks of a size at hand, and joins and splits the others.
 */
#include "replay/proxy_part.h"

#include <stdlib.h>
#include <string.h>

struct h1_head *
head_new(struct proxy *p)
{
	struct h1_head *h;

	if (p->n_heads > 0)
		return p->heads[--p->n_heads];
	h = malloc(sizeof(*h));
	if (h != NULL)
		h1_head_init(h, 1);
	return h;
}

void
head_free(struct proxy *p, struct h1_head *h)
{
	if (h == NULL)
		return;
	if (p->n_heads < SPARE_MAX) {
		h1_head_reset(h);
		p->heads[p->n_heads++] = h;
		return;
	}
	h1_head_fini(h);
	free(h);
}

struct pass *
pass_new(struct proxy *p)
{
	struct h1_head req, ans;
	struct pass *x;
	struct out up;

	if (p->n_passes == 0) {
		x = malloc(sizeof(*x));	/* calloc() knows no cache */
		if (x == NULL)
			return NULL;
		h1_head_init(&x->req, 1);
		h1_head_init(&x->ans, 0);
		out_init(&x->up);
	} else {
		x = p->passes[--p->n_passes];
	}
	req = x->req;
	ans = x->ans;
	up = x->up;
	memset(x, 0, sizeof(*x));
	x->req = req;
	x->ans = ans;
	x->up = up;
	return x;
}

static void
destroy(struct pass *x)
{
	h1_head_fini(&x->req);
	h1_head_fini(&x->ans);
	out_fini(&x->up);
	free(x);
}

void
pass_free(struct proxy *p, struct pass *x)
{
	h1_body_fini(&x->req_body);
	h1_body_fini(&x->ans_body);
	if (p->n_passes == SPARE_MAX) {
		destroy(x);
		return;
	}
	h1_head_reset(&x->req);
	h1_head_reset(&x->ans);
	if (x->up.b.bad != RC_OK || x->up.b.cap > SMALL_BYTES)
		out_fini(&x->up);
	buf_reset(&x->up.b);
	x->up.at = 0;
	p->passes[p->n_passes++] = x;
}

void
pass_free_spare(struct proxy *p)
{
	while (p->n_heads > 0) {
		h1_head_fini(p->heads[--p->n_heads]);
		free(p->heads[p->n_heads]);
	}
	while (p->n_passes > 0)
		destroy(p->passes[--p->n_passes]);
	free(p->headers);
	p->headers = NULL;
	p->cap_headers = 0;
}

struct ex_header *
header_room(struct proxy *p, size_t n)
{
	struct ex_header *grown;

	if (n < p->cap_headers)
		return p->headers;
	grown = realloc(p->headers, (n + 1) * sizeof(*grown));
	if (grown == NULL)
		return NULL;
	p->headers = grown;
	p->cap_headers = n + 1;
	return grown;
}
