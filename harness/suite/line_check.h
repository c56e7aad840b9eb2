/*
 * A line of a gold or sections file, as strictly as a manifest: its bytes,
 * its names and kinds by the table of keys, no name twice.
 * Safe from any thread.
 */
#ifndef LOCKSTEP_LINE_CHECK_H
#define LOCKSTEP_LINE_CHECK_H

#include <stddef.h>

#include "harness/base/err.h"
#include "harness/base/json.h"

/* returns RC_OK, or RC_FORMAT when the bytes are not UTF-8. The caller puts
 * FILE:LINE before the message. */
int line_check_bytes(const char *line, size_t n, struct err *err);

/*
 * parent  the table's group: "@case" or "@section"
 * doc     an object
 * returns RC_OK, or RC_FORMAT with the first fault; RC_NOMEM
 */
int line_check(const struct json *doc, const char *parent, struct err *err);

#endif
