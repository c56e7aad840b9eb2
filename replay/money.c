/* What a request cost; see money.h. */
#include "replay/money.h"

#include <math.h>

enum { BYTES_PER_TOKEN = 2 };

static void
view(const struct http_call *c, struct exchange *ex)
{
	exchange_init(ex);
	ex->outcome = c->outcome;
	ex->status = c->status;
	ex->res_headers = c->res_headers;
	ex->n_res_headers = c->n_res_headers;
	ex->res_body.p = c->res_body;
	ex->res_body.n = c->res_body_n;
	ex->chunks = c->chunks;
	ex->n_chunks = c->n_chunks;
}

double
money_of(const struct suite_target *t, const struct extract_spec *spec,
    const struct http_call *c, struct answer *scratch)
{
	double in = NAN, out = NAN;
	struct exchange ex;

	if (!(t->price_in >= 0 && t->price_out >= 0))
		return 0;
	view(c, &ex);
	if (c->outcome == OUTCOME_OK && spec != NULL &&
	    extract_answer(spec, &ex, scratch, NULL) == RC_OK) {
		if (isfinite(scratch->cost))
			return scratch->cost;
		in = scratch->tokens_in;
		out = scratch->tokens_out;
	}
	if (!isfinite(in))
		in = (double)c->body_n / BYTES_PER_TOKEN + 1;
	if (!isfinite(out))
		out = (double)c->res_body_n / BYTES_PER_TOKEN;
	return in * t->price_in + out * t->price_out;
}
