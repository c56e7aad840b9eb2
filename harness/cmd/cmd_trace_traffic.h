/* What `lockstep trace info` tells of the traffic: rates, routes, latency,
 * questions. */
#ifndef LOCKSTEP_CMD_TRACE_TRAFFIC_H
#define LOCKSTEP_CMD_TRACE_TRAFFIC_H

#include "harness/base/json.h"
#include "harness/traffic/exchange.h"

struct trace_traffic;

struct trace_traffic *trace_traffic_new(void);	/* NULL: out of memory */
void trace_traffic_free(struct trace_traffic *t);

/* Counts an exchange. returns RC_OK or RC_NOMEM */
int trace_traffic_add(struct trace_traffic *t, const struct exchange *ex);

void trace_traffic_print(const struct trace_traffic *t);
/* The members "rate", "routes" and "questions" of an object. */
void trace_traffic_json(const struct trace_traffic *t, struct json_out *o);

#endif
