/* How every command begins and ends: its options, its operands, its status. */
#ifndef LOCKSTEP_CMD_LINE_H
#define LOCKSTEP_CMD_LINE_H

#include <stddef.h>

#include "harness/base/err.h"
#include "harness/base/opt.h"

/* The operands of a command line; they live in argv. */
struct cmd_line {
	const char **rest;	/* n of them; NULL behind the last */
	size_t n;
};

/*
 * Reads options into *into, which holds the defaults.
 * returns as opt_parse(), or RC_NOMEM; cmd_end() whatever it is
 */
int cmd_begin(const struct opt_cmd *cmd, int argc, char **argv, void *into,
    struct cmd_line *line, struct err *err);

/*
 * Frees what cmd_begin() made.
 * name    of the command, for its error
 * rc      what became of it; an error is printed
 * status  what it exits with when rc is RC_OK
 * returns the exit status: 0 behind --help
 */
int cmd_end(const char *name, struct cmd_line *line, int rc, int status,
    const struct err *err);

#endif
