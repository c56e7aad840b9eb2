/* What a text that may be JSON has between two strings. */
#ifndef LOCKSTEP_JSON_BETWEEN_H
#define LOCKSTEP_JSON_BETWEEN_H

#include <stddef.h>

/* Whether nothing but JSON stands in these bytes: brackets, commas, colons,
 * blanks, numbers, true, false and null, in whatever order. */
int json_between(const char *p, size_t n);

#endif
