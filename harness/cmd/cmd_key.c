/* The key of encrypted traces; see cmd_key.h. */
#include "harness/cmd/cmd_key.h"

#include <stdlib.h>
#include <string.h>

#include "harness/traffic/trace.h"

/* *file becomes what --key-file says, or stays. */
static int
take_option(int *argc, char **argv, const char **file, struct err *err)
{
	static const char option[] = "--key-file";
	const size_t n = sizeof(option) - 1;
	int i, to = 1, operands = 0;

	for (i = 1; i < *argc; i++) {
		operands |= strcmp(argv[i], "--") == 0;
		if (operands || strncmp(argv[i], option, n) != 0 ||
		    (argv[i][n] != '=' && argv[i][n] != '\0'))
			argv[to++] = argv[i];
		else if (argv[i][n] == '=')
			*file = argv[i] + n + 1;
		else if (i + 1 < *argc)
			*file = argv[++i];
		else
			return err_set(err, RC_USAGE, "--key-file needs an "
			    "argument: FILE");
	}
	argv[to] = NULL;
	*argc = to;
	return RC_OK;
}

int
cmd_key_take(int *argc, char **argv, struct err *err)
{
	const char *file = NULL, *hex;
	struct seal_key key;
	int rc;

	rc = take_option(argc, argv, &file, err);
	/* one thread as yet. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	hex = getenv("LOCKSTEP_KEY");
	if (rc != RC_OK || (file == NULL && (hex == NULL || hex[0] == '\0')))
		return rc;
	rc = file != NULL ? seal_key_load(file, &key, err) :
	    seal_key_parse(hex, "LOCKSTEP_KEY", &key, err);
	/* stacks and scorers that we start need not have it; one thread.
	 * NOLINTNEXTLINE(concurrency-mt-unsafe) */
	(void)unsetenv("LOCKSTEP_KEY");
	if (rc == RC_OK)
		trace_key_use(&key);
	seal_key_wipe(&key);
	return rc;
}
