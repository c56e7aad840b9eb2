/*
 * What is shown of a live comparison: a terminal's page, /status and /metrics,
 * each from one snapshot (LIVE.md says what is in them).  Ids and pins come
 * from traffic and are escaped.  Safe from any thread; failures stick to out.
 */
#ifndef LOCKSTEP_REPORTS_LIVE_H
#define LOCKSTEP_REPORTS_LIVE_H

#include "harness/base/buf.h"
#include "harness/result/live_status.h"

/* At most 80 columns and 24 lines or so; colour by ANSI codes. */
void live_text(const struct live_status *s, int color, struct buf *out);

/*
 * A page of HTML that asks for itself anew every two seconds, without script
 * and without anything from elsewhere.
 * note    a line of who serves it ("run 2026..., 57 seen"), or NULL
 */
void live_html(const struct live_status *s, const char *note,
    struct buf *out);

/* One JSON document of a stable shape, for /status. */
void live_json(const struct live_status *s, struct buf *out);

/* OpenMetrics 1.0, for /metrics; ends with # EOF. */
void live_openmetrics(const struct live_status *s, struct buf *out);
#define LIVE_OPENMETRICS_TYPE \
    "application/openmetrics-text; version=1.0.0; charset=utf-8"

/* What /gate answers, for hooks that read a status alone: 200 healthy, 503
 * watching, 409 soft stop, 403 hard stop. */
int live_gate_status(const struct live_status *s);

#endif
