/* The program: a table of commands. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/log.h"
#include "harness/base/opt.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_argv.h"
#include "harness/cmd/cmd_key.h"

static const struct cmd commands[] = {
#define COMMAND(name, help) { #name, cmd_##name, help },
#include "harness/cmd/commands.h"
#undef COMMAND
	{ NULL, NULL, NULL }
};

static void
usage(void)
{
	const struct cmd *c;

	(void)printf(
	    "usage: lockstep COMMAND [OPTION...] [OPERAND...]\n\n"
	    "Runs two versions of a RAG/LLM query service in lockstep over\n"
	    "real recorded traffic and says, with evidence, whether the new\n"
	    "one may ship.\n\ncommands:\n");
	for (c = commands; c->name != NULL; c++)
		(void)printf("  %-11s %s\n", c->name, c->help);
	(void)printf(
	    "\n`lockstep COMMAND --help` explains one command.\n"
	    "With --key-file FILE, or LOCKSTEP_KEY in the environment, every\n"
	    "command encrypts the traces that it writes and reads encrypted\n"
	    "ones; the key is 64 hex digits (openssl rand -hex 32).\n"
	    "Exit status: 0 PASS, 1 FAIL, 2 could not run, 3 REVIEW,\n"
	    "4 INCONCLUSIVE, 5 INVALID.\n");
}

static int
unknown(const char *word)
{
	const char *names[sizeof(commands) / sizeof(commands[0])] = { NULL };
	const char *near;
	size_t n = 0;

	while (commands[n].name != NULL) {
		names[n] = commands[n].name;
		n++;
	}
	near = opt_nearest(word, names, n);
	(void)fprintf(stderr, "lockstep: no command \"%s\"%s%s%s; "
	    "see lockstep --help\n", word, near ? "; did you mean " : "",
	    near ? near : "", near ? "?" : "");
	return EXIT_CANNOT_RUN;
}

int
main(int argc, char **argv)
{
	static char ask[] = "--help";
	const struct cmd *c;
	struct err err = ERR_INIT;
	int help;

	log_start();
	cmd_argv_keep(argc, argv);
	if (cmd_key_take(&argc, argv, &err) != RC_OK) {
		(void)fprintf(stderr, "lockstep: %s\n", err.msg);
		return EXIT_CANNOT_RUN;
	}
	help = argc > 1 && strcmp(argv[1], "help") == 0;
	/* A file size limit is a full disk: an error, not a death. */
	(void)signal(SIGXFSZ, SIG_IGN);
	if (argc < 2 || strcmp(argv[1], "--help") == 0 ||
	    strcmp(argv[1], "-h") == 0 || (help && argc == 2)) {
		usage();
		return argc < 2 ? EXIT_CANNOT_RUN : 0;
	}
	if (strcmp(argv[1], "--version") == 0) {
		(void)printf("lockstep %s\n", LOCKSTEP_VERSION);
		return 0;
	}
	if (help && argc > 2) {
		argv[1] = argv[2];
		argv[2] = ask;
	}
	for (c = commands; c->name != NULL; c++) {
		if (strcmp(argv[1], c->name) == 0)
			return c->fn(argc - 1, argv + 1);
	}
	return unknown(argv[1]);
}
