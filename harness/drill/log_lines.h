/* Logs of JSON lines: whether each line about something has its fields. */
#ifndef LOCKSTEP_DRILL_LOG_LINES_H
#define LOCKSTEP_DRILL_LOG_LINES_H

#include <stddef.h>

#include "harness/base/json.h"

struct log_lines {
	size_t n;		/* lines about it */
	size_t bare;		/* those that lack a field, or are no JSON */
	char lacks[80];		/* the first field that one lacks, or "" */
};

/*
 * Adds to *out what a log says.
 * about   a text that the lines must hold; NULL: all that are not blank
 * fields  names; a member may be null, and may be nested
 */
void log_lines_look(const char *text, size_t n, const char *about,
    const struct json *fields, struct log_lines *out);

#endif
