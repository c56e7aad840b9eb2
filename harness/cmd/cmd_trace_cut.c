/* lockstep trace cat and merge. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_trace.h"

/* ---- cat -------------------------------------------------------------- */

struct cat_args {
	struct trace_choice choice;
};

static const struct opt cat_opts[] = {
	TRACE_CHOICE_OPTS(struct cat_args),
	CMD_OPT_END
};

static const struct opt_cmd cat_cmd = {
	.name = "trace cat",
	.usage = "[OPTION...] FILE...",
	.about = "Prints records as JSON lines. With options, prints the "
	    "chosen exchanges.\n"
	    "Without, prints everything, head and account included, as `zstd "
	    "-dc` does, but\n"
	    "on all processors and past damage. Exit status 1 when something "
	    "is damaged.\n\n"
	    "  lockstep trace cat --outcome http_5xx t.jsonl.zst | jq "
	    ".response.body",
	.opts = cat_opts,
};

struct cat {
	const struct trace_pick *pick;	/* NULL: everything */
	struct exchange_rec *rec;
	uint64_t damaged;
};

static int
cat_line(struct cat *c, const struct trace_rec *line, struct err *err)
{
	struct exchange ex;
	int rc;

	if (c->pick != NULL) {
		if (!line->is_exchange)
			return RC_OK;
		rc = trace_pick_line(c->pick, c->rec, line->line, line->n,
		    &ex, err);
		if (rc <= 0)
			return rc;
	}
	if (fwrite(line->line, 1, line->n, stdout) != line->n ||
	    putc('\n', stdout) == EOF)
		return err_errno(err, RC_IO, "standard output");
	return RC_OK;
}

static int
cat_file(struct cat *c, const char *path, struct err *err)
{
	struct trace_reader *r;
	struct trace_rec line;
	struct trace_info info;
	struct err bad = ERR_INIT;
	int rc;

	rc = trace_reader_open(path, 0, &r, err);
	if (rc != RC_OK)
		return rc;
	while ((rc = trace_next(r, &line, &bad)) != 0) {
		if (rc == 1)
			rc = cat_line(c, &line, &bad);
		if (rc == RC_FORMAT) {
			(void)fprintf(stderr, "lockstep trace cat: %s\n",
			    bad.msg);
			memset(&bad, 0, sizeof(bad));
			c->damaged++;
			continue;
		}
		if (rc < 0)
			break;
	}
	trace_reader_info(r, &info);
	if (info.torn) {
		(void)fprintf(stderr, "lockstep trace cat: %s: %s\n", path,
		    info.why);
		c->damaged++;
	}
	trace_reader_close(&r);
	return rc < 0 ? err_set(err, (enum rc)rc, "%s", bad.msg) : RC_OK;
}

int
cmd_trace_cat(int argc, char **argv)
{
	struct cat_args a = { TRACE_CHOICE_INIT };
	struct err err = ERR_INIT;
	struct cmd_line line;
	struct trace_pick pick;
	struct cat c = { NULL, exchange_rec_new(), 0 };
	size_t i;
	int rc;

	rc = cmd_begin(&cat_cmd, argc, argv, &a, &line, &err);
	if (rc == RC_OK && c.rec == NULL)
		rc = err_set(&err, RC_NOMEM, "out of memory");
	if (rc == RC_OK && line.n == 0)
		rc = err_set(&err, RC_USAGE, "no FILE given; see lockstep "
		    "trace cat --help");
	if (rc == RC_OK)
		rc = trace_choice_pick(&a.choice, &pick, &err);
	if (rc == RC_OK && trace_choice_given(&a.choice))
		c.pick = &pick;
	for (i = 0; rc == RC_OK && i < line.n; i++)
		rc = cat_file(&c, line.rest[i], &err);
	if (rc == RC_OK && fflush(stdout) != 0)
		rc = err_errno(&err, RC_IO, "standard output");
	exchange_rec_free(c.rec);
	trace_choice_fini(&a.choice);
	return cmd_end("trace cat", &line, rc, c.damaged > 0 ? EXIT_FAIL : 0,
	    &err);
}

/* ---- merge ------------------------------------------------------------ */

struct merge_args {
	const char *out;
};

static const struct opt merge_opts[] = {
	{ "out", 'o', OPT_STR, offsetof(struct merge_args, out), 0, 0,
	    "FILE", "the new trace; must not exist" },
	CMD_OPT_END
};

static const struct opt_cmd merge_cmd = {
	.name = "trace merge",
	.usage = "FILE... --out FILE",
	.about = "Joins traces into one, in the order of sending by the wall "
	    "clocks of their\n"
	    "heads. Times become relative to the earliest start.",
	.opts = merge_opts,
};

int
cmd_trace_merge(int argc, char **argv)
{
	struct merge_args a = { NULL };
	struct trace_opts o = { .kind = "merged", .argc = cmd_main_argc,
	    .argv = cmd_main_argv };
	struct err err = ERR_INIT;
	struct cmd_line line;
	struct trace_cut cut;
	int rc;

	rc = cmd_begin(&merge_cmd, argc, argv, &a, &line, &err);
	if (rc == RC_OK && (line.n == 0 || a.out == NULL))
		rc = err_set(&err, RC_USAGE, "give FILEs and --out FILE; see "
		    "lockstep trace merge --help");
	if (rc == RC_OK)
		rc = trace_merge(line.rest, line.n, a.out, &o, &cut, &err);
	if (rc == RC_OK)
		(void)fprintf(stderr, "%s: %llu exchanges of %zu traces\n",
		    a.out, (unsigned long long)cut.written, line.n);
	return cmd_end("trace merge", &line, rc, 0, &err);
}
