/*
 * What commands print for a terminal: text of any length within 80 columns.
 */
#ifndef LOCKSTEP_CMD_PAGE_H
#define LOCKSTEP_CMD_PAGE_H

#include <stddef.h>
#include <stdint.h>

#include "harness/result/result.h"

/* Prints text, cleaned, and a line end; the cursor is at column `at`, where
 * further lines begin, too. */
void cmd_wrap(size_t at, const char *text);
/* A reason, the same way. */
void cmd_wrap_reason(size_t at, const struct result_reason *why);

/* The same of a text to be formatted. */
void cmd_wrapf(size_t at, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* "3 wordings", "1 wording" */
const char *cmd_many(uint64_t n, const char *noun, char out[64]);

/* Prints as much of it as fits the line, and a line end. */
void cmd_clip(size_t at, const char *text);

/*
 * Prints text, cleaned, padded with blanks to so many columns; a negative
 * width: from the left. Longer text is printed whole. returns its columns
 */
size_t cmd_put(int width, const char *text);

/* A number in a gate's unit, and a level of its metric, as reports have it. */
enum { CMD_NUM = 48 };
const char *cmd_value(const struct result_gate *g, double v,
    char out[CMD_NUM]);
const char *cmd_level(const struct result_gate *g, double v,
    char out[CMD_NUM]);
/* The same of a unit by itself. */
const char *cmd_unit(const char *unit, double v, char out[CMD_NUM]);

#endif
