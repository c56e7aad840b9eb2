/*
 * What commands print for a terminal: text of any length within 80 columns.
 */
#ifndef LOCKSTEP_CMD_PAGE_H
#define LOCKSTEP_CMD_PAGE_H

#include <stddef.h>

/* Prints text, cleaned, and a line end; the cursor is at column `at`, where
 * further lines begin, too. */
void cmd_wrap(size_t at, const char *text);

/* Prints as much of it as fits the line, and a line end. */
void cmd_clip(size_t at, const char *text);

#endif
