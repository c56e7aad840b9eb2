/* What was sent and said in a case; see cmd_sides.h. */
#include "harness/cmd/cmd_sides.h"

#include <stdlib.h>

#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_job.h"

static struct result_side
side_of(const struct score_side *s)
{
	return (struct result_side){ .answer = s->answer, .top = s->top,
		.retrieved = s->retrieved,
		.outcome = s->outcome, .lambda = s->lambda, .sent = s->sent,
		.said = s->said, .failed = s->failed, .lost = s->lost };
}

static int
read_trace(struct job *j, const char *home, const char *run, const char *id,
    struct score_details *out, struct err *err)
{
	struct store *store = NULL;
	struct job_opts o;
	uint64_t i;
	int rc;

	job_opts_init(&o);
	o.home = home;
	o.quiet = 1;
	rc = store_open(store_home(home), &store, err);
	if (rc == RC_OK)
		rc = job_reopen(j, store, run, &o, NULL, err);
	if (rc == RC_OK) {
		i = caseset_find(j->cases, id);
		rc = i == UINT64_MAX ? err_set(err, RC_USAGE, "the suite no "
		    "longer has this case") : job_details(j, &i, 1, out,
		    err);
	}
	job_close(j);
	store_close(&store);
	return rc;
}

int
cmd_sides_fill(const char *home, const struct result *r,
    struct result_case *c, struct cmd_sides *s, struct err *err)
{
	struct job *j;
	int a, rc;

	if (c->has_sides || c->verdict == CASE_V_PASS || r->run.id == NULL)
		return RC_OK;
	j = calloc(1, sizeof(*j));
	if (j == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	rc = read_trace(j, home, r->run.id, c->id, &s->details, err);
	free(j);
	if (rc != RC_OK || s->details.n == 0)
		return rc;
	for (a = 0; a < 2; a++)
		c->side[a] = side_of(&s->details.v[0].side[a]);
	c->has_sides = 1;
	return RC_OK;
}

void
cmd_sides_free(struct cmd_sides *s)
{
	score_details_free(&s->details);
}
