/*
 * The result of a judged run, wherever it is.
 */
#ifndef LOCKSTEP_CMD_RESULT_H
#define LOCKSTEP_CMD_RESULT_H

#include "harness/base/err.h"
#include "harness/result/result.h"

/*
 * word  a folder that holds a report.json, or such a file; else a run as the
 *       store of `home` (NULL: the default) knows it
 * returns RC_OK, caller frees with result_free(); RC_USAGE when there is no
 * such run or it is not judged, else as store_open() and result_read()
 */
int cmd_result_open(const char *home, const char *word, struct result **out,
    struct err *err);

#endif
