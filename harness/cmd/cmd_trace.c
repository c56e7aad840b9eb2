/* lockstep trace: the table of its subcommands, and what they share. */
#include "harness/cmd/cmd_trace.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/mono.h"
#include "harness/cmd/cmd.h"

static const struct {
	const char *name;
	cmd_fn *fn;
	const char *help;
} subs[] = {
	{ "info", cmd_trace_info, "what is in a trace" },
	{ "cat", cmd_trace_cat, "its records as JSON lines, chosen ones only "
	    "if told" },
	{ "slice", cmd_trace_slice, "chosen exchanges into a trace of their "
	    "own" },
	{ "verify", cmd_trace_verify, "checks every byte; exit status 1 when "
	    "damaged" },
	{ "repair", cmd_trace_repair, "mends a torn or damaged trace" },
	{ "merge", cmd_trace_merge, "joins traces in the order of time" },
};
enum { SUBS = sizeof(subs) / sizeof(subs[0]) };

static void
usage(void)
{
	size_t i;

	(void)printf("usage: lockstep trace SUBCOMMAND [OPTION...] FILE...\n\n"
	    "A trace is JSON lines in zstd frames: `zstd -dc FILE | jq .` "
	    "reads it.\n\nsubcommands:\n");
	for (i = 0; i < SUBS; i++)
		(void)printf("  %-8s %s\n", subs[i].name, subs[i].help);
	(void)printf("\n`lockstep trace SUBCOMMAND --help` teaches one.\n");
}

int
cmd_trace(int argc, char **argv)
{
	const char *names[SUBS];
	const char *near;
	size_t i;

	if (argc < 2 || strcmp(argv[1], "--help") == 0 ||
	    strcmp(argv[1], "-h") == 0) {
		usage();
		return argc < 2 ? EXIT_CANNOT_RUN : 0;
	}
	for (i = 0; i < SUBS; i++) {
		names[i] = subs[i].name;
		if (strcmp(argv[1], subs[i].name) == 0)
			return subs[i].fn(argc - 1, argv + 1);
	}
	near = opt_nearest(argv[1], names, SUBS);
	(void)fprintf(stderr, "lockstep trace: no subcommand \"%s\"%s%s%s; "
	    "see lockstep trace --help\n", argv[1],
	    near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
	return EXIT_CANNOT_RUN;
}

int
trace_fail(const char *name, const struct err *err)
{
	char full[32];

	(void)snprintf(full, sizeof(full), "trace %s", name);
	return cmd_fail(full, err);
}

/* ---- choosing --------------------------------------------------------- */

int
trace_choice_given(const struct trace_choice *c)
{
	return c->from_ns >= 0 || c->to_ns >= 0 || c->ids.n > 0 ||
	    c->cases.n > 0 || c->arms.n > 0 || c->outcomes.n > 0;
}

int
trace_choice_pick(const struct trace_choice *c, struct trace_pick *p,
    struct err *err)
{
	size_t i;

	trace_pick_init(p);
	p->from_ns = c->from_ns;
	p->to_ns = c->to_ns;
	p->ids = c->ids.v;
	p->n_ids = c->ids.n;
	p->cases = c->cases.v;
	p->n_cases = c->cases.n;
	for (i = 0; i < c->arms.n; i++) {
		enum arm a = arm_of(c->arms.v[i]);

		if (a == ARM_N)
			return err_set(err, RC_USAGE, "--arm: \"%s\" is none "
			    "of baseline, candidate, baseline2, candidate2",
			    c->arms.v[i]);
		p->arms |= 1u << a;
	}
	for (i = 0; i < c->outcomes.n; i++) {
		enum outcome o = outcome_of(c->outcomes.v[i]);

		if (o == OUTCOME_N)
			return err_set(err, RC_USAGE, "--outcome: no outcome "
			    "is called \"%s\"; `lockstep trace info` counts "
			    "those that occur", c->outcomes.v[i]);
		p->outcomes |= 1u << o;
	}
	return RC_OK;
}

/* ---- progress --------------------------------------------------------- */

static int shown;

void
trace_progress(const char *what, uint64_t exchanges)
{
	static int64_t last_ns;
	int64_t now = mono_now_ns();

	if (now - last_ns < MONO_S / 4 || !isatty(STDERR_FILENO))
		return;
	last_ns = now;
	shown = 1;
	(void)fprintf(stderr, "\r%s: %llu exchanges ", what,
	    (unsigned long long)exchanges);
}

void
trace_progress_done(void)
{
	if (shown)
		(void)fprintf(stderr, "\r\033[K");
	shown = 0;
}
