/* lockstep guardrails: what was last proven of the seventeen. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/json.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_drill_keep.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_page.h"
#include "harness/drill/drill.h"
#include "harness/result/result.h"
#include "harness/result/store.h"
#include "harness/terms/guardrail.h"

struct guardrail_options {
	const char *home;
	int json;
};

static const struct opt guardrail_table[] = {
	CMD_OPT_HOME(offsetof(struct guardrail_options, home)),
	CMD_OPT_JSON(offsetof(struct guardrail_options, json)), CMD_OPT_END
};

static const struct opt_cmd guardrail_cmd = {
	"guardrails", "",
	"Lists the seventeen guardrails of a safe rollout: what each proves,\n"
	"what `drill` and `run` last proved of it, when and on which build, "
	"and\nwhat to type.\n\n"
	"  lockstep guardrails\n"
	"  lockstep guardrails --json | jq '.[] | select(.verdict != "
	"\"PASS\")'\n\n"
	"Exit status: 0.", guardrail_table
};

/* What is known of one guardrail. */
struct proof {
	char verdict[24];	/* "": nothing was tried */
	char when[32], what[200], build[120];
};

struct proofs {
	struct proof of[GUARDRAIL_N];
};

static void
take(struct proof *p, const char *verdict, const char *when,
    const char *what, const char *build)
{
	if (when == NULL || strcmp(when, p->when) < 0)
		return;
	(void)snprintf(p->verdict, sizeof(p->verdict), "%s", verdict);
	(void)snprintf(p->when, sizeof(p->when), "%.19s", when);
	(void)snprintf(p->what, sizeof(p->what), "%s", what);
	(void)snprintf(p->build, sizeof(p->build), "%s", build);
}

/* Which versions answered: what a drill saw of them, else the address. */
static const char *
build_of(const struct json *line)
{
	const char *build = json_get_str(line, "build");
	const char *url = json_get_str(json_get(line, "targets"),
	    "candidate");

	return build != NULL ? build : url != NULL ? url : "";
}

static void
of_drills(struct proofs *all, const struct json *kept)
{
	const struct json *l;
	char what[200];
	int64_t n;

	for (l = json_first(kept); l != NULL; l = json_next(l)) {
		n = json_get_int(l, "guardrail", 0);
		if (n < 1 || n > GUARDRAIL_N ||
		    json_get_str(l, "verdict") == NULL)
			continue;
		(void)snprintf(what, sizeof(what), "drill %.60s: %.120s",
		    json_get_str(l, "name"), json_get_str(l, "headline"));
		take(&all->of[n - 1], json_get_str(l, "verdict"),
		    json_get_str(l, "started"), what, build_of(l));
	}
}

static int
has_drill(int n)
{
	const char *help;
	size_t i;
	int g;

	for (i = 0; drill_name_at(i, &g, &help) != NULL; i++) {
		if (g == n)
			return 1;
	}
	return 0;
}

static void
tell(const struct proofs *all)
{
	const struct guardrail *g;
	const struct proof *p;
	enum verdict v;
	char n[64];
	int i, tried = 0, held = 0;

	for (i = 1; i <= GUARDRAIL_N; i++) {
		p = &all->of[i - 1];
		g = guardrail_at(i);
		v = verdict_of(p->verdict);
		tried += *p->verdict != '\0';
		held += v == VERDICT_PASS && *p->verdict != '\0';
		(void)printf("%s %2d ", *p->verdict == '\0' ? "–" :
		    verdict_symbol(v), i);
		cmd_wrapf(5, "%s: %s", g->title, g->proves);
		if (*p->verdict != '\0') {
			(void)printf("     ");
			cmd_wrapf(5, "%s %sZ, %s%s%s", p->verdict, p->when,
			    p->what, *p->build == '\0' ? "" : "; ",
			    p->build);
		}
		if (*p->verdict != '\0' && v == VERDICT_PASS)
			continue;
		(void)printf("     ");
		cmd_wrapf(5, "%s%s", *g->command == '\0' ? "no command" :
		    *p->verdict == '\0' ? "not tried: " : "again: ",
		    g->command);
	}
	(void)printf("\n%s tried, %d hold\n", cmd_many((uint64_t)tried,
	    "guardrail", n), held);
}

static void
member(struct json_out *o, const char *key, const char *value)
{
	json_out_key(o, key);
	json_out_str(o, *value == '\0' ? NULL : value);
}

static void
tell_json(const struct proofs *all)
{
	const struct proof *p;
	struct json_out o;
	struct buf b;
	int i;

	buf_init(&b, 1 << 20);
	json_out_init(&o, &b, 1);
	json_out_arr(&o);
	for (i = 1; i <= GUARDRAIL_N; i++) {
		p = &all->of[i - 1];
		json_out_obj(&o);
		json_out_key(&o, "guardrail");
		json_out_int(&o, i);
		member(&o, "title", guardrail_at(i)->title);
		member(&o, "proves", guardrail_at(i)->proves);
		member(&o, "command", guardrail_at(i)->command);
		json_out_key(&o, "drill");
		json_out_bool(&o, has_drill(i));
		member(&o, "verdict", p->verdict);
		member(&o, "when", p->when);
		member(&o, "what", p->what);
		member(&o, "build", p->build);
		json_out_end(&o, '}');
	}
	json_out_end(&o, ']');
	(void)printf("%s\n", buf_str(&b));
	buf_fini(&b);
}

int
cmd_guardrails(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct guardrail_options o;
	struct proofs all;
	struct cmd_line line;
	struct json *kept;
	int rc;

	memset(&o, 0, sizeof(o));
	memset(&all, 0, sizeof(all));
	rc = cmd_begin(&guardrail_cmd, argc, argv, &o, &line, &err);
	if (rc == RC_OK) {
		kept = drill_kept(store_home(o.home), &err);
		rc = (int)err.code;
		of_drills(&all, kept);
		json_free(kept);
	}
	if (rc == RC_OK && o.json)
		tell_json(&all);
	else if (rc == RC_OK)
		tell(&all);
	return cmd_end("guardrails", &line, rc, 0, &err);
}
