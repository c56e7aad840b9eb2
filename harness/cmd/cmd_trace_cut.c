/* lockstep trace cat, slice and merge. */
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

/* ---- slice ------------------------------------------------------------ */

struct slice_args {
	struct trace_choice choice;
	const char *out;
	int64_t sample, seed;
};

static const struct opt slice_opts[] = {
	{ "out", 'o', OPT_STR, offsetof(struct slice_args, out), 0, 0,
	    "FILE", "the new trace; must not exist" },
	TRACE_CHOICE_OPTS(struct slice_args),
	{ "sample", 0, OPT_INT, offsetof(struct slice_args, sample), 0, 1e15,
	    "N", "of the chosen exchanges, take N cases (of a run),\n"
	    "sessions or single exchanges at random; 0: all" },
	{ "seed", 0, OPT_INT, offsetof(struct slice_args, seed), 0, 9e15,
	    "N", "seed of the sample; the same seed takes the same" },
	CMD_OPT_END
};

static const struct opt_cmd slice_cmd = {
	.name = "trace slice",
	.usage = "FILE --out FILE [OPTION...]",
	.about = "Copies the chosen exchanges, byte for byte and in their "
	    "order, into a new\n"
	    "trace, with their body files. Times stay relative to the source's "
	    "start.\n\n"
	    "  lockstep trace slice day.jsonl.zst --out incident.jsonl.zst "
	    "--from 2h --to 3h",
	.opts = slice_opts,
};

static void
slice_tick(void *ctx, uint64_t exchanges)
{
	(void)ctx;
	trace_progress("slicing", exchanges);
}

static int
run_slice(struct slice_args *a, const char *in, struct trace_cut *cut,
    struct err *err)
{
	struct trace_opts o = { .kind = "slice", .argc = cmd_main_argc,
	    .argv = cmd_main_argv };
	struct trace_pick pick;
	int rc;

	rc = trace_choice_pick(&a->choice, &pick, err);
	if (rc != RC_OK)
		return rc;
	pick.sample = (uint64_t)a->sample;
	pick.seed = (uint64_t)a->seed;
	pick.tick = slice_tick;
	rc = trace_slice(in, a->out, &pick, &o, cut, err);
	trace_progress_done();
	trace_choice_fini(&a->choice);
	return rc;
}

int
cmd_trace_slice(int argc, char **argv)
{
	struct slice_args a = { TRACE_CHOICE_INIT, NULL, 0, 0 };
	struct err err = ERR_INIT;
	struct cmd_line line;
	struct trace_cut cut;
	int rc;

	rc = cmd_begin(&slice_cmd, argc, argv, &a, &line, &err);
	if (rc == RC_OK && (line.n != 1 || a.out == NULL))
		rc = err_set(&err, RC_USAGE, "give one FILE and --out FILE; "
		    "see lockstep trace slice --help");
	if (rc == RC_OK)
		rc = run_slice(&a, line.rest[0], &cut, &err);
	if (rc == RC_OK)
		(void)fprintf(stderr, "%s: %llu of %llu exchanges\n", a.out,
		    (unsigned long long)cut.written,
		    (unsigned long long)cut.seen);
	return cmd_end("trace slice", &line, rc, 0, &err);
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
