/* What a shadow answers at --status. */
#ifndef LOCKSTEP_CMD_SHADOW_PAGE_H
#define LOCKSTEP_CMD_SHADOW_PAGE_H

#include "harness/cmd/cmd_shadow_join.h"
#include "harness/cmd/cmd_shadow_live.h"
#include "harness/cmd/cmd_shadow_member.h"
#include "harness/cmd/cmd_shadow_run.h"
#include "harness/cmd/cmd_shadow_scorer.h"
#include "replay/status.h"

/* What runs. */
struct shadow_running {
	struct shadow *shadow;
	struct shadow_live *live;
	struct shadow_run *run;
	struct shadow_alert *alert;	/* or NULL */
	struct shadow_join *join;	/* or NULL */
	struct shadow_member *member;	/* of another one's verdict, or NULL */
	struct shadow_scorer *scorer;	/* of others' pairs, or NULL */
};

/* Its pages; r outlives them. */
void shadow_page_source(struct shadow_running *r, struct status_source *out);

#endif
