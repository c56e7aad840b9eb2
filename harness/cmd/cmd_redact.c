/* lockstep trace redact, and the options that all redacting commands share. */
#include "harness/cmd/cmd_redact.h"

#include <stdio.h>
#include <stdlib.h>

#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_trace.h"

int
redact_args(const struct redact_args *a, struct redact **out,
    struct err *err)
{
	unsigned char key[REDACT_KEY_BYTES];
	int rc = RC_OK;

	*out = NULL;
	if (a->rules.n == 0)
		return RC_OK;
	if (a->key != NULL)
		rc = redact_key_load(a->key, key, err);
	return rc != RC_OK ? rc : redact_new(a->rules.v, a->rules.n,
	    a->key != NULL ? key : NULL, out, err);
}

struct args {
	const char *out;
	struct redact_args redact;
};

static const struct opt opts[] = {
	{ "out", 'o', OPT_STR, offsetof(struct args, out), 0, 0, "FILE",
	    "the new trace; must not exist" },
	REDACT_OPTS(struct args),
	CMD_OPT_END
};

static const struct opt_cmd cmd = {
	.name = "trace redact",
	.usage = "FILE --out FILE --redact RULE...",
	.about = "Copies a trace without credentials and without what the "
	    "rules find: in targets,\n"
	    "headers and bodies, in escaped and packed text, in tokens of a "
	    "stream. The head\n"
	    "of the new trace counts the matches of each rule. Remove the old "
	    "trace yourself.\n\n"
	    "  lockstep trace redact t.jsonl.zst --out clean.jsonl.zst "
	    "--redact all",
	.opts = opts,
};

static void
tick(void *ctx, uint64_t exchanges)
{
	(void)ctx;
	trace_progress("redacting", exchanges);
}

static int
run(const struct args *a, const char *in, const struct redact *r,
    struct err *err)
{
	struct trace_redact_opts o = { .trace = { .kind = "redacted",
	    .argc = cmd_main_argc, .argv = cmd_main_argv }, .tick = tick };
	uint64_t hits[REDACT_RULES_MAX];
	struct trace_cut cut;
	size_t i;
	int rc;

	rc = trace_redact(in, a->out, r, &o, &cut, hits, err);
	trace_progress_done();
	if (rc != RC_OK)
		return rc;
	(void)printf("%s: %llu exchanges\n", a->out,
	    (unsigned long long)cut.written);
	for (i = 0; i < redact_n(r); i++)
		(void)printf("  %-12s %llu\n", redact_name(r, i),
		    (unsigned long long)hits[i]);
	return RC_OK;
}

int
cmd_trace_redact(int argc, char **argv)
{
	struct args a = { .out = NULL };
	struct err err = ERR_INIT;
	struct cmd_line line;
	struct redact *r = NULL;
	int rc;

	rc = cmd_begin(&cmd, argc, argv, &a, &line, &err);
	if (rc == RC_OK && (line.n != 1 || a.out == NULL ||
	    a.redact.rules.n == 0))
		rc = err_set(&err, RC_USAGE, "give one FILE, --out FILE and "
		    "--redact RULE; see lockstep trace redact --help");
	if (rc == RC_OK)
		rc = redact_args(&a.redact, &r, &err);
	if (rc == RC_OK)
		rc = run(&a, line.rest[0], r, &err);
	redact_free(r);
	return cmd_end("trace redact", &line, rc, 0, &err);
}
