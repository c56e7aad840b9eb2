/* lockstep drill: scenarios of the guardrails, on real stacks. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/log.h"
#include "harness/base/mono.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_drill_artifacts.h"
#include "harness/cmd/cmd_drill_gates.h"
#include "harness/cmd/cmd_drill_keep.h"
#include "harness/cmd/cmd_drill_tell.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_stop.h"
#include "harness/drill/drill.h"
#include "harness/drill/drill_load.h"
#include "harness/result/store.h"

struct drill_options {
	const char *arm[ARM_N], *with, *home, *now;
	struct opt_list only, set;
	int json;
	int64_t seed;
};

#define O(field) offsetof(struct drill_options, field)

static const struct opt drill_table[] = {
	{ "candidate", 0, OPT_STR, O(arm[ARM_CANDIDATE]), 0, 0, "URL",
	    "the stack to drill" },
	{ "baseline", 0, OPT_STR, O(arm[ARM_BASELINE]), 0, 0, "URL",
	    "the stack in service, where a drill compares" },
	{ "only", 0, OPT_LIST, O(only), 0, 0, "NAME",
	    "only this scenario or drill (repeat for more)" },
	{ "with", 0, OPT_STR, O(with), 0, 0, "SUITE",
	    "merge this manifest over the first: targets, write,\n"
	    "audit and levers of your service" },
	{ "set", 0, OPT_LIST, O(set), 0, 0, "KEY=VALUE",
	    "override a key, e.g. write.path=/orders" },
	{ "now", 0, OPT_STR, O(now), 0, 0, "TIME",
	    "for calendars: 2026-01-31T12:00:00Z (the clock)" },
	{ "seed", 0, OPT_INT, O(seed), 0, 9e15, "N",
	    "seed of every random choice (from the suite's hash)" },
	CMD_OPT_HOME(O(home)), CMD_OPT_JSON(O(json)), CMD_OPT_END
};

static const char about[] =
	"Tries the scenarios of a suite on the stacks that it names, and says\n"
	"of each what held, what did not, and the likely root cause. Levers\n"
	"that it pulls are taken back at the end, on Ctrl-C, and, if it was\n"
	"killed, before the next drill. A manifest without `scenarios` is\n"
	"drilled by what its words ask for.\n\n"
	"  lockstep drill suites/guardrails/idempotency.yml --candidate URL\n"
	"  lockstep drill their.yml --with my-service.yml --only swap\n\n"
	"Drills:\n"
#define DRILL(name, guardrail, aliases, help) \
	"  " #name ":\n    " help "\n"
#include "harness/terms/drill_rows.h"
	"\nExit status: 0 all hold, 1 a required one failed, 2 one could not "
	"run,\n3 one that is not required failed.";

static const struct opt_cmd drill_cmd = {
	"drill", "SUITE [--candidate URL]", about, drill_table
};

static int
recover(const char *home, struct err *err)
{
	size_t n;
	int rc = drill_recover(home, &n, err);

	if (rc == RC_OK && n > 0)
		log_msg(LOG_WARN, "drill", "took back %zu lever%s of a drill "
		    "that was killed", n, n == 1 ? "" : "s");
	return rc;
}

/* Whether a guardrail held when it was last drilled. */
static int
proven(void *ctx, int guardrail)
{
	struct err err = ERR_INIT;
	const struct gates_ctx *c = ctx;
	struct json *kept = drill_kept(c->home, &err), *l;
	const char *last = "";
	int held;

	for (l = json_first(kept); l != NULL; l = json_next(l)) {
		if (json_get_int(l, "guardrail", 0) == guardrail)
			last = json_get_str(l, "verdict");
	}
	held = last != NULL && strcmp(last, "PASS") == 0;
	json_free(kept);
	return held;
}

static int
run(const struct drill_options *o, const char *path, int *status,
    struct err *err)
{
	struct suite_over over = { .seed = o->seed };
	struct drill_opts d = { .path = path, .home = store_home(o->home),
		.only = o->only.v, .n_only = o->only.n, .set = o->set.v,
		.n_set = o->set.n, .with = o->with, .now = o->now,
		.proven = proven, .gates = drill_gates_run,
		.stop = stop_catch() };
	struct gates_ctx gates = { .path = path, .with = o->with,
		.set = &o->set, .seed = o->seed };
	int64_t began = mono_wall_ns();
	struct suite *suite = NULL;
	struct json *doc = NULL;
	int rc;

	d.ctx = &gates;
	gates.home = d.home;
	gates.stop = d.stop;
	memcpy(over.arm, o->arm, sizeof(over.arm));
	over.set = o->set.v;
	over.n_set = o->set.n;
	rc = drill_load(path, o->with, &over, &suite, err);
	if (rc == RC_OK)
		rc = recover(d.home, err);
	d.suite = suite;
	if (rc == RC_OK)
		rc = drill_run(&d, &doc, err);
	if (rc == RC_OK)
		rc = drill_keep(d.home, suite, path, began, doc, err);
	if (rc == RC_OK)
		rc = drill_artifacts(suite, doc, err);
	if (rc == RC_OK) {
		*status = (int)json_get_int(doc, "exit_status", 2);
		if (o->json)
			drill_tell_json(doc);
		else
			drill_tell(suite, path, doc);
	}
	json_free(doc);
	suite_free(suite);
	return rc;
}

int
cmd_drill(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct drill_options o;
	struct cmd_line line;
	int rc, status = 0;

	memset(&o, 0, sizeof(o));
	o.seed = -1;
	rc = cmd_begin(&drill_cmd, argc, argv, &o, &line, &err);
	if (rc == RC_OK && line.n != 1)
		rc = err_set(&err, RC_USAGE, "give one SUITE or manifest; see "
		    "lockstep drill --help");
	if (rc == RC_OK)
		rc = run(&o, line.rest[0], &status, &err);
	return cmd_end("drill", &line, rc, status, &err);
}
