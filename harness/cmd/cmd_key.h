/* The key of encrypted traces, which every command takes alike. */
#ifndef LOCKSTEP_CMD_KEY_H
#define LOCKSTEP_CMD_KEY_H

#include "harness/base/err.h"

/*
 * Takes --key-file FILE out of argv, where what follows moves up, and uses
 * that key for all traces; without it the one of LOCKSTEP_KEY, if it is set.
 * returns RC_OK, RC_USAGE, RC_IO
 */
int cmd_key_take(int *argc, char **argv, struct err *err);

#endif
