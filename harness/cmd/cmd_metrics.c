/* lockstep metrics: what every number means. */
#include <stdio.h>
#include <string.h>

#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/score/measure.h"
#include "harness/stat/stat.h"
#include "harness/suite/suite.h"

struct args {
	const char *suite;
	int json;
};

static const struct opt options[] = {
	{ "suite", 0, OPT_STR, offsetof(struct args, suite), 0, 0, "FILE",
	  "define what this suite's scorers return" },
	CMD_OPT_JSON(offsetof(struct args, json)),
	{ 0 }
};

static const struct opt_cmd command = {
	"metrics", "[NAME] [OPTION...]",
	"Prints the definition of every metric and of every statistical\n"
	"method: name, unit, direction, formula in words, and source.\n\n"
	"  lockstep metrics\n"
	"  lockstep metrics coverage\n"
	"  lockstep metrics --suite release.yml",
	options
};

static void
unknown(const char *word, struct err *err)
{
	const char *names[256];
	const struct metric *m;
	const char *near;
	size_t i, n = 0;

	for (i = 0; i < METRIC_N; i++)
		names[n++] = metrics[i].name;
	for (m = metrics_of_case; m->name != NULL && n < 256; m++)
		names[n++] = m->name;
	for (i = 0; i < stat_methods_n && n < 256; i++)
		names[n++] = stat_methods[i]->name;
	near = opt_nearest(word, names, n);
	(void)err_set(err, RC_USAGE, "no metric or method \"%s\"%s%s%s; "
	    "lockstep metrics lists them", word, near ? "; did you mean " : "",
	    near ? near : "", near ? "?" : "");
}

static int
print_scorers(struct buf *out, const char *path, const char *name, int json,
    struct err *err)
{
	struct suite_over over = { .no_env = 1 };
	struct suite *s;
	int rc = suite_load(path, &over, &s, err);

	if (rc != RC_OK)
		return rc;
	if (metrics_print_scorers(out, s, name, json) != 0)
		rc = err_set(err, RC_USAGE, "no scorer of %s returns \"%s\"",
		    path, name);
	suite_free(s);
	return rc;
}

cmd_fn cmd_metrics;

int
cmd_metrics(int argc, char **argv)
{
	struct args args = { 0 };
	struct err err = ERR_INIT;
	struct cmd_line line;
	const char *name;
	struct buf out;
	int rc;

	rc = cmd_begin(&command, argc, argv, &args, &line, &err);
	if (rc == RC_OK && line.n > 1)
		rc = err_set(&err, RC_USAGE, "give one NAME at most");
	if (rc != RC_OK)
		return cmd_end("metrics", &line, rc, 0, &err);
	name = line.rest[0];
	buf_init(&out, 1 << 20);
	if (args.suite != NULL)
		(void)print_scorers(&out, args.suite, name, args.json, &err);
	else if (metrics_print(&out, name, args.json) != 0)
		unknown(name, &err);
	if (err.code == RC_OK &&
	    buf_check(&out, "the definitions", &err) == RC_OK)
		(void)fwrite(buf_str(&out), 1, out.len, stdout);
	buf_fini(&out);
	return cmd_end("metrics", &line, err.code, 0, &err);
}
