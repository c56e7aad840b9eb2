/* Outcomes of requests. See gate_how.h. */
#include "harness/judge/gate_kind.h"
#include "harness/traffic/exchange.h"

static void
bad_errors(const struct cell *c, const uint16_t **pairs, uint16_t bad[2])
{
	*pairs = c->err;
	bad[0] = c->arm[0].n_error;
	bad[1] = c->arm[1].n_error;
}

static void
bad_429(const struct cell *c, const uint16_t **pairs, uint16_t bad[2])
{
	*pairs = c->http_429;
	bad[0] = c->arm[0].n_429;
	bad[1] = c->arm[1].n_429;
}

static void
bad_5xx(const struct cell *c, const uint16_t **pairs, uint16_t bad[2])
{
	*pairs = c->http_5xx;
	bad[0] = c->arm[0].n_5xx;
	bad[1] = c->arm[1].n_5xx;
}

const struct gate_how gate_errors = {
	.kind = &gate_kind_rate, .bad = bad_errors,
};

const struct gate_how gate_http_429 = {
	.kind = &gate_kind_rate, .bad = bad_429, .cause = OUTCOME_HTTP_429,
};

const struct gate_how gate_http_5xx = {
	.kind = &gate_kind_rate, .bad = bad_5xx, .cause = OUTCOME_HTTP_5XX,
};
