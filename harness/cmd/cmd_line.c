/* How every command begins and ends; see cmd_line.h. */
#include "harness/cmd/cmd_line.h"

#include <stdlib.h>

#include "harness/cmd/cmd.h"

int
cmd_begin(const struct opt_cmd *cmd, int argc, char **argv, void *into,
    struct cmd_line *line, struct err *err)
{
	line->n = 0;
	line->rest = calloc((size_t)argc + 1, sizeof(*line->rest));
	if (line->rest == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	return opt_parse(cmd, argc, argv, into, line->rest, &line->n, err);
}

int
cmd_end(const char *name, struct cmd_line *line, int rc, int status,
    const struct err *err)
{
	free(line->rest);
	line->rest = NULL;
	line->n = 0;
	if (rc == OPT_HELP)
		return 0;
	return rc == RC_OK ? status : cmd_fail(name, err);
}
