/* The table of commands: COMMAND(name, one line), in the order of --help.
 * Included by cmd.h and main.c, hence without a guard. */
COMMAND(trace,
    "everything about a trace: info, cat, slice, verify, repair, merge")
