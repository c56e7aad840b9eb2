/*
 * Stopping a command: SIGINT and SIGTERM. Two signals within STOP_SAME_MS
 * count as one: timeout(1) and supervisors signal the process, then its group,
 * for one request.
 */
#ifndef LOCKSTEP_CMD_STOP_H
#define LOCKSTEP_CMD_STOP_H

#include <signal.h>

enum { STOP_SAME_MS = 200 };

/*
 * From now on the first request sets *stop_catch() and says so on stderr;
 * the second ends the process with 128 + its signal. SIGPIPE is ignored.
 * May be called again; what was asked stays asked.
 */
volatile sig_atomic_t *stop_catch(void);

/* As stop_catch(), in silence; the second request sets *again instead. */
volatile sig_atomic_t *stop_catch_twice(volatile sig_atomic_t **again);

#endif
