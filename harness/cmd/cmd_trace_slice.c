/* lockstep trace slice: chosen exchanges, all or a sample of them. */
#include <stdio.h>

#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_trace.h"
#include "harness/cmd/cmd_trace_slice_part.h"

struct slice_args {
	struct trace_choice choice;
	const char *out;
	const char *stratify, *embedder;
	int64_t sample, seed, different;
};

static const struct opt slice_opts[] = {
	{ "out", 'o', OPT_STR, offsetof(struct slice_args, out), 0, 0,
	    "FILE", "the new trace; must not exist" },
	TRACE_CHOICE_OPTS(struct slice_args),
	{ "sample", 0, OPT_INT, offsetof(struct slice_args, sample), 0, 1e15,
	    "N", "of the chosen exchanges, take N cases (of a run),\n"
	    "sessions or single exchanges at random; 0: all" },
	{ "stratify", 0, OPT_STR, offsetof(struct slice_args, stratify), 0, 0,
	    "BY", "give each path its share of the sample; or each hour\n"
	    "(of the day, UTC), status, outcome, or value at a\n"
	    "pointer such as /request/body/user" },
	{ "most-different", 0, OPT_INT, offsetof(struct slice_args, different),
	    1, DIFFERENT_MAX, "N", "take the N whose questions differ most "
	    "instead" },
	{ "embedder", 0, OPT_STR, offsetof(struct slice_args, embedder), 0, 0,
	    "SPEC", "for this: builtin, lexical, model2vec:DIR, openai:URL" },
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
	    "--from 2h --to 3h\n"
	    "  lockstep trace slice day.jsonl.zst --out some.jsonl.zst \\\n"
	    "      --sample 200 --stratify path\n"
	    "  lockstep trace slice day.jsonl.zst --out varied.jsonl.zst \\\n"
	    "      --most-different 50",
	.opts = slice_opts,
};

static void
slice_tick(void *ctx, uint64_t exchanges)
{
	(void)ctx;
	trace_progress("slicing", exchanges);
}

/* What is taken of the chosen ones, besides by a plain sample. */
static int
refine(const struct slice_args *a, const char *in, struct stratum *by,
    struct different *d, struct trace_pick *pick, struct err *err)
{
	if (a->different > 0 && (a->sample > 0 || a->stratify != NULL))
		return err_set(err, RC_USAGE, "--most-different excludes "
		    "--sample and --stratify");
	if (a->stratify != NULL && a->sample == 0)
		return err_set(err, RC_USAGE, "--stratify needs --sample N");
	if (a->embedder != NULL && a->different == 0)
		return err_set(err, RC_USAGE, "--embedder needs "
		    "--most-different N");
	if (a->stratify != NULL)
		return stratum_open(by, a->stratify, in, pick, err);
	if (a->different > 0)
		return different_choose(d, in, (size_t)a->different,
		    a->embedder, pick, err);
	return RC_OK;
}

static void
say(const struct slice_args *a, const struct trace_cut *cut,
    const struct different *d)
{
	(void)fprintf(stderr, "%s: %llu of %llu exchanges", a->out,
	    (unsigned long long)cut->written, (unsigned long long)cut->seen);
	if (cut->strata > 0)
		(void)fprintf(stderr, ", a share of each of %llu kinds",
		    (unsigned long long)cut->strata);
	if (a->different > 0)
		(void)fprintf(stderr, ", of %llu different questions",
		    (unsigned long long)d->wordings);
	(void)fputc('\n', stderr);
	if (d->without > 0)
		(void)fprintf(stderr, "  without a question, left out: %llu\n",
		    (unsigned long long)d->without);
	if (d->beyond > 0)
		(void)fprintf(stderr, "  beyond the first %d different "
		    "questions, not compared: %llu\n", DIFFERENT_MAX,
		    (unsigned long long)d->beyond);
}

static int
run_slice(struct slice_args *a, const char *in, struct err *err)
{
	struct trace_opts o = { .kind = "slice", .argc = cmd_main_argc,
	    .argv = cmd_main_argv };
	struct stratum by = { .ptr = NULL };
	struct different d = { .draws = NULL };
	struct trace_pick pick;
	struct trace_cut cut;
	int rc;

	rc = trace_choice_pick(&a->choice, &pick, err);
	if (rc != RC_OK)
		return rc;
	pick.sample = (uint64_t)a->sample;
	pick.seed = (uint64_t)a->seed;
	pick.tick = slice_tick;
	rc = refine(a, in, &by, &d, &pick, err);
	if (rc == RC_OK)
		rc = trace_slice(in, a->out, &pick, &o, &cut, err);
	trace_progress_done();
	if (rc == RC_OK)
		say(a, &cut, &d);
	different_fini(&d);
	stratum_close(&by);
	trace_choice_fini(&a->choice);
	return rc;
}

int
cmd_trace_slice(int argc, char **argv)
{
	struct slice_args a = { .choice = TRACE_CHOICE_INIT };
	struct err err = ERR_INIT;
	struct cmd_line line;
	int rc;

	rc = cmd_begin(&slice_cmd, argc, argv, &a, &line, &err);
	if (rc == RC_OK && (line.n != 1 || a.out == NULL))
		rc = err_set(&err, RC_USAGE, "give one FILE and --out FILE; "
		    "see lockstep trace slice --help");
	if (rc == RC_OK)
		rc = run_slice(&a, line.rest[0], &err);
	return cmd_end("trace slice", &line, rc, 0, &err);
}
