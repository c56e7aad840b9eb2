/* lockstep guardrails: what was last proven of the seventeen. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/json.h"
#include "harness/base/replace.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_page.h"
#include "harness/cmd/cmd_proofs.h"
#include "harness/result/result.h"
#include "harness/result/store.h"
#include "reports/drill_report.h"

enum { PAGE_MAX = 64 << 20 };

struct guardrail_options {
	const char *home, *html;
	int json;
};

static const struct opt guardrail_table[] = {
	{ "html", 0, OPT_STR, offsetof(struct guardrail_options, html), 0, 0,
	    "FILE", "write the list as a page that needs no other file" },
	CMD_OPT_HOME(offsetof(struct guardrail_options, home)),
	CMD_OPT_JSON(offsetof(struct guardrail_options, json)), CMD_OPT_END
};

static const struct opt_cmd guardrail_cmd = {
	"guardrails", "",
	"Lists the seventeen guardrails of a safe rollout: what each proves,\n"
	"what was last proven of it, when and on which build, what is missing,"
	"\nand what to type. It reads the outcomes of `drill`, `run`, `ramp`,"
	"\n`shadow` and `prove` that the home keeps.\n\n"
	"  lockstep guardrails\n"
	"  lockstep guardrails --html readiness.html\n"
	"  lockstep guardrails --json | jq '.[] | select(.verdict != "
	"\"PASS\")'\n\n"
	"Exit status: 0.", guardrail_table
};

static const char *
word_of(const struct json *row, const char *key)
{
	const char *s = json_get_str(row, key);

	return s == NULL ? "" : s;
}

static void
tell_proof(const char *word, const struct json *p)
{
	const char *build = word_of(p, "build");

	(void)printf("     ");
	cmd_wrapf(5, "%s %sZ, %s%s%s", word, word_of(p, "when"),
	    word_of(p, "what"), *build == '\0' ? "" : "; on ", build);
}

static void
tell_row(const struct json *row)
{
	const char *verdict = word_of(row, "verdict");
	const char *command = word_of(row, "command");
	const struct json *held = json_get(row, "held"), *m;
	enum verdict v = verdict_of(verdict);

	(void)printf("%s %2d ", v == VERDICT_N ? "–" :
	    verdict_symbol(v), (int)json_get_int(row, "guardrail", 0));
	cmd_wrapf(5, "%s: %s", word_of(row, "title"), word_of(row, "proves"));
	if (*verdict != '\0')
		tell_proof(verdict, row);
	if (json_kind(held) == JSON_OBJECT)
		tell_proof("it last held", held);
	for (m = json_first(json_get(row, "missing")); m != NULL;
	    m = json_next(m)) {
		(void)printf("     missing: ");
		cmd_wrap(14, json_str(m));
	}
	if (v == VERDICT_PASS || *command == '\0')
		return;
	(void)printf("     ");
	cmd_wrapf(5, "%s%s", *verdict == '\0' ? "not tried: " : "again: ",
	    command);
}

static void
tell(const struct json *rows)
{
	const struct json *row;
	int n = 0, tried = 0, held = 0;

	for (row = json_first(rows); row != NULL; row = json_next(row)) {
		tell_row(row);
		n++;
		tried += *word_of(row, "verdict") != '\0';
		held += strcmp(word_of(row, "verdict"), "PASS") == 0;
	}
	(void)printf("\n%d of %d guardrails hold, %d do%s not, %d w%s not "
	    "tried\n", held, n, tried - held, tried - held == 1 ? "es" : "",
	    n - tried, n - tried == 1 ? "as" : "ere");
}

static void
tell_json(const struct json *rows)
{
	struct json_out o;
	struct buf b;

	buf_init(&b, PAGE_MAX);
	json_out_init(&o, &b, 1);
	json_out_json(&o, rows);
	(void)printf("%s\n", buf_str(&b));
	buf_fini(&b);
}

static int
write_page(const struct json *rows, const char *path, struct err *err)
{
	struct buf b;
	int rc;

	buf_init(&b, PAGE_MAX);
	guardrails_html(rows, LOCKSTEP_VERSION, &b);
	rc = buf_check(&b, path, err);
	if (rc == RC_OK)
		rc = replace_file(path, REPLACE_SHARED, b.p, b.len, err);
	buf_fini(&b);
	return rc;
}

int
cmd_guardrails(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct guardrail_options o;
	struct json *rows = NULL;
	struct cmd_line line;
	int rc;

	memset(&o, 0, sizeof(o));
	rc = cmd_begin(&guardrail_cmd, argc, argv, &o, &line, &err);
	if (rc == RC_OK) {
		rows = cmd_proofs(store_home(o.home), &err);
		rc = (int)err.code;
	}
	if (rc == RC_OK && o.html != NULL)
		rc = write_page(rows, o.html, &err);
	if (rc == RC_OK && o.json)
		tell_json(rows);
	else if (rc == RC_OK && o.html == NULL)
		tell(rows);
	json_free(rows);
	return cmd_end("guardrails", &line, rc, 0, &err);
}
