/* The outcome of a drill; see cmd_drill_tell.h. */
#include "harness/cmd/cmd_drill_tell.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/cmd/cmd_page.h"
#include "harness/result/result.h"
#include "reports/drill_report.h"

enum { NAME_COLUMN = 4, SAYS_COLUMN = 35 };

static const char *
symbol(const char *verdict)
{
	enum verdict v = verdict_of(verdict == NULL ? "" : verdict);

	return v == VERDICT_N ? "–" : verdict_symbol(v);
}

static void
tell_check(const struct json *c)
{
	const char *name = json_get_str(c, "name");

	(void)printf("  %s ", symbol(json_get_str(c, "verdict")));
	if (cmd_put(-(SAYS_COLUMN - NAME_COLUMN - 1), name) >
	    SAYS_COLUMN - NAME_COLUMN - 1)
		(void)printf("\n%*s", SAYS_COLUMN - 1, "");
	(void)printf(" ");
	cmd_wrap(SAYS_COLUMN, json_get_str(c, "says"));
}

static void
tell_levers(const struct json *levers)
{
	const struct json *l;
	struct buf b;

	buf_init(&b, 1 << 20);
	for (l = json_first(levers); l != NULL; l = json_next(l))
		buf_printf(&b, "%s%s %s in %.1f ms%s", b.len == 0 ? "" : ", ",
		    json_get_str(l, "lever"), json_get_str(l, "did"),
		    json_get_num(l, "ms", 0), json_get(l, "error") == NULL ?
		    "" : " and failed");
	if (b.len > 0) {
		(void)printf("    levers        ");
		cmd_wrap(18, buf_str(&b));
	}
	buf_fini(&b);
}

static void
tell_scenario(const struct json *s)
{
	const char *verdict = json_get_str(s, "verdict");
	const char *cause = json_get_str(s, "cause");
	const struct json *c;
	struct buf b;

	buf_init(&b, 1 << 20);
	(void)printf("\n%s ", symbol(verdict));
	if (json_get_int(s, "guardrail", 0) > 0)
		buf_printf(&b, "%lld ", (long long)json_get_int(s,
		    "guardrail", 0));
	buf_printf(&b, "%s: %s%s, %s", json_get_str(s, "name"), verdict,
	    json_get_bool(s, "required", 1) ? "" : " (not required)",
	    json_get_str(s, "headline"));
	cmd_wrap(2, buf_str(&b));
	for (c = json_first(json_get(s, "checks")); c != NULL;
	    c = json_next(c))
		tell_check(c);
	tell_levers(json_get(s, "levers"));
	if (cause != NULL)
		(void)printf("    likely cause  %s\n", cause);
	if (json_get_str(s, "prevented_by") != NULL)
		(void)printf("                  prevented by guardrail %s\n",
		    json_get_str(s, "prevented_by"));
	buf_fini(&b);
}

void
drill_tell(const struct suite *s, const char *path, const struct json *doc)
{
	const struct json *list = json_get(doc, "scenarios"), *j;
	const char *verdict = json_get_str(doc, "verdict");
	const char *decision;
	struct buf b;

	buf_init(&b, 1 << 20);
	(void)printf("drill       ");
	buf_printf(&b, "%s", path);
	for (j = json_first(json_get(doc, "targets")); j != NULL;
	    j = json_next(j))
		buf_printf(&b, ", %s %s", json_key(j), json_str(j));
	cmd_wrap(12, buf_str(&b));
	for (j = json_first(list); j != NULL; j = json_next(j))
		tell_scenario(j);
	buf_reset(&b);
	drill_sentence(doc, &b);
	(void)printf("\n%s %s: %s\n", symbol(verdict), verdict, buf_str(&b));
	decision = json_get_str(doc, "decision");
	if (decision != NULL)
		(void)printf("decision    %s\n", decision);
	buf_reset(&b);
	for (j = json_first(json_get(s->doc, "artifacts")); j != NULL;
	    j = json_next(j))
		buf_printf(&b, "%s%s", b.len == 0 ? "" : ", ", json_str(j));
	if (b.len > 0) {
		(void)printf("artifacts   ");
		cmd_wrap(12, buf_str(&b));
	}
	buf_fini(&b);
}

void
drill_tell_json(const struct json *doc)
{
	struct json_out o;
	struct buf b;

	buf_init(&b, 256 << 20);
	json_out_init(&o, &b, 1);
	json_out_json(&o, doc);
	(void)printf("%s\n", buf_str(&b));
	buf_fini(&b);
}
