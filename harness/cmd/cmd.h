/*
 * The commands of the program. Each is a function of one cmd_*.c file and a
 * row of the table in main.c; only these files print and only they know all
 * archives.
 */
#ifndef LOCKSTEP_CMD_H
#define LOCKSTEP_CMD_H

#include "harness/base/err.h"
#include "harness/base/version.h"

/* argv[0] is the command's name; returns the exit status. */
typedef int cmd_fn(int argc, char **argv);

/* cmd_run(), ...: one row of commands.h each. */
#define COMMAND(name, help) cmd_fn cmd_##name;
#include "harness/cmd/commands.h"
#undef COMMAND

struct cmd {
	const char *name;
	cmd_fn *fn;
	const char *help;	/* one line */
};

/* Exit statuses, METRICS "Verdict of a run". */
enum {
	EXIT_PASS = 0,
	EXIT_FAIL = 1,
	EXIT_CANNOT_RUN = 2,
	EXIT_REVIEW = 3,
	EXIT_INCONCLUSIVE = 4,
	EXIT_INVALID = 5
};

/* Prints "lockstep NAME: message" to stderr; returns EXIT_CANNOT_RUN. */
int cmd_fail(const char *name, const struct err *err);

/* The whole command line as it was given, for reports. */
extern int cmd_main_argc;
extern char **cmd_main_argv;

#endif
