/*
 * Child processes: scorers, stacks that a suite starts, commands that print a
 * token. The rules for all of them:
 *
 *   - `/bin/sh -c COMMAND`, in a process group of its own that can be ended
 *     whole;
 *   - SIGTERM when the thread that started it ends, so that a harness that is
 *     killed leaves nothing behind;
 *   - SIGPIPE as the system has it and no signal blocked, whatever we do;
 *   - 0, 1 and 2 as given, even where one of ours is closed; no other
 *     descriptor of ours (all are opened with O_CLOEXEC).
 *
 * Safe from any thread; the thread has to live as long as the child.
 */
#ifndef LOCKSTEP_CHILD_H
#define LOCKSTEP_CHILD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/base/buf.h"
#include "harness/base/err.h"

/*
 * Starts a command.
 * env     its environment; NULL: ours
 * fd      what becomes its 0, 1 and 2; borrowed, and still the caller's
 * *pid    its process and its group: the caller ends and reaps it
 * returns RC_OK or RC_IO, *pid then 0; a command that is not there ends with
 *         status 127
 */
int child_start(const char *command, char *const *env, const int fd[3],
    pid_t *pid, struct err *err);

/*
 * Runs a command, with our 0 and 2, until it closes its output.
 * limit_ns for all of it; then its group is killed
 * out      what it printed is appended, up to the maximum of out; more is
 *          an error
 * *status  of waitpid(); only with RC_OK
 * returns  RC_OK, RC_IO (not started), or RC_USAGE (too slow, too much)
 */
int child_output(const char *command, int64_t limit_ns, struct buf *out,
    int *status, struct err *err);

/* "ended with status 1", "was killed by signal 9" */
void child_say_status(int status, char *out, size_t cap);

#endif
