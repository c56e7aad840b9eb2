/*
 * Texts and values as YAML reads them back, for suites that are written.
 * Pure functions; out is sticky.
 */
#ifndef LOCKSTEP_YAML_OUT_H
#define LOCKSTEP_YAML_OUT_H

#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/base/json.h"

/* A text in double quotes that a manifest reads back as it is: "${" is no
 * name. */
void yaml_quote(struct buf *b, const char *s, size_t n);
/* The same of a command, which is the shell's: no "$" in it is a name. */
void yaml_command(struct buf *b, const char *s, size_t n);
/* A value in flow form; its ${NAME} stay names. */
void yaml_value(struct buf *b, const struct json *v);
/* A comment's text: one line, whatever the text. */
void yaml_comment(struct buf *b, const char *s);

#endif
