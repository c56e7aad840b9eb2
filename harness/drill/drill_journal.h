/*
 * Which levers are pulled, on disk: HOME/drill.journal, synced before a lever
 * is pulled, so that a drill that was killed can be taken back. HOME/drill.lock
 * keeps a second drill out.
 */
#ifndef LOCKSTEP_DRILL_JOURNAL_H
#define LOCKSTEP_DRILL_JOURNAL_H

#include <stddef.h>

#include "harness/base/err.h"
#include "harness/base/json.h"

struct journal;

/*
 * Takes the lock and reads what an earlier drill left.
 * how      {suite, with, set, urls}: with which drill_load() finds a lever
 *          again; copied; NULL: to recover alone
 * returns RC_OK, caller closes; RC_USAGE: another drill is running; RC_IO,
 *         RC_NOMEM
 */
int journal_open(const char *home, const struct json *how,
    struct journal **out, struct err *err);
void journal_close(struct journal **j);

/* What an earlier drill left: [{lever, how}], the last pulled last. */
const struct json *journal_left(const struct journal *j);
/* Forgets the last of them. */
int journal_drop_left(struct journal *j, struct err *err);
const char *journal_path(const struct journal *j);

/* Levers of this drill. on_disk 0: known to this process alone. */
int journal_add(struct journal *j, const char *lever, int on_disk,
    struct err *err);
int journal_drop(struct journal *j, const char *lever, struct err *err);
int journal_has(const struct journal *j, const char *lever);
size_t journal_n(const struct journal *j);
const char *journal_at(const struct journal *j, size_t i);

#endif
