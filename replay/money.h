/*
 * What a request cost, by its usage and the target's prices. If an answer does
 * not report its usage, the estimate is high, so that a cap on money is kept.
 */
#ifndef LOCKSTEP_MONEY_H
#define LOCKSTEP_MONEY_H

#include "harness/suite/suite.h"
#include "harness/traffic/extract.h"
#include "replay/http.h"

/*
 * scratch  an answer of the calling thread
 * returns the price of one answered request, in the prices' currency; 0
 *         for a target without prices
 * source   two bytes a token: English text has about four
 */
double money_of(const struct suite_target *t, const struct extract_spec *spec,
    const struct http_call *call, struct answer *scratch);

#endif
