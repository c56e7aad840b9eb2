/* What every command uses; see cmd.h. */
#include "harness/cmd/cmd.h"

#include <stdio.h>

int cmd_main_argc;
char **cmd_main_argv;

int
cmd_fail(const char *name, const struct err *err)
{
	(void)fprintf(stderr, "lockstep %s: %s\n", name, err->msg);
	return EXIT_CANNOT_RUN;
}
