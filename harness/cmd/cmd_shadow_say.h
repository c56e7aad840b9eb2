/* What a shadow says of itself: the account in words, as JSON, as metrics. */
#ifndef LOCKSTEP_CMD_SHADOW_SAY_H
#define LOCKSTEP_CMD_SHADOW_SAY_H

#include "harness/base/buf.h"
#include "harness/base/json.h"
#include "replay/shadow.h"

/* "seen 20 = mirrored 18 + not allowed 2 + dropped 0 + refused 0", and what
 * became of the mirrored; several lines. */
void shadow_say_account(const struct shadow_stats *st, struct buf *out);

/* Members of an open object: counts, outcomes, caps. */
void shadow_say_json(const struct shadow_stats *st, struct json_out *o);

/* Lines of OpenMetrics. */
void shadow_say_metrics(const struct shadow_stats *st, struct buf *out);

#endif
