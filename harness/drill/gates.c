/* The suite's own gates; see gates.h. */
#include "harness/drill/gates.h"

#include <string.h>

int
gates_check(struct drill *d, const char *name, struct err *err)
{
	const struct suite *s = d->suite;
	struct drill_gates g;
	int rc;

	if (s->cases_file == NULL && s->cases_trace == NULL &&
	    s->cases_inline == NULL) {
		drill_needs(d, "needs questions, and how they are asked: "
		    "--with SUITE (cases, sections, request, extract)");
		return RC_OK;
	}
	if (d->o->gates == NULL)
		return err_set(err, RC_USAGE, "nothing runs the gates here");
	memset(&g, 0, sizeof(g));
	rc = d->o->gates(d->o->ctx, d->stack[ARM_BASELINE].url,
	    d->stack[ARM_CANDIDATE].url, &g, err);
	if (rc == RC_OK)
		(void)drill_check(d, name, strcmp(g.verdict, "PASS") == 0,
		    g.cause[0] == '\0' ? NULL : g.cause, "%s, %s; lockstep "
		    "show %s", g.verdict, g.headline, g.run);
	if (rc == RC_OK)
		(void)json_set(d->out, "run", json_new_str(g.run));
	if (g.gates != NULL)
		(void)json_set(d->out, "gates", g.gates);
	return rc;
}
