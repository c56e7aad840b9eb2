/* lockstep trace: the table of its subcommands. */
#include "harness/cmd/cmd_trace.h"

#include <stdio.h>
#include <string.h>

#include "harness/cmd/cmd.h"

static const struct {
	const char *name;
	cmd_fn *fn;
	const char *help;
} subs[] = {
	{ "info", cmd_trace_info, "show what is in a trace" },
	{ "cat", cmd_trace_cat, "print records as JSON lines, all or chosen "
	    "ones" },
	{ "grep", cmd_trace_grep, "list exchanges by conditions, or values "
	    "of them" },
	{ "slice", cmd_trace_slice, "copy chosen exchanges into a new trace" },
	{ "verify", cmd_trace_verify, "check every byte; exit status 1 when "
	    "damaged" },
	{ "repair", cmd_trace_repair, "repair a torn or damaged trace" },
	{ "redact", cmd_trace_redact, "copy a trace without personal data" },
	{ "drop", cmd_trace_drop, "erase exchanges by conditions" },
	{ "dedupe", cmd_trace_dedupe, "keep the first of equal requests" },
	{ "diff", cmd_trace_diff, "compare the answers of two traces to equal "
	    "requests" },
	{ "convert", cmd_trace_convert, "write HAR, .gor, JSON lines or CSV" },
	{ "merge", cmd_trace_merge, "join traces in the order of time" },
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
	(void)printf("\n`lockstep trace SUBCOMMAND --help` explains one "
	    "subcommand.\n");
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
