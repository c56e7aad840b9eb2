/*
 * How far two answers are apart that are JSON, or end in tool calls as JSON
 * (extract.h): words embed alike whether 20 or 2000 is refunded, and whether
 * once or twice.
 */
#ifndef LOCKSTEP_JSON_APART_H
#define LOCKSTEP_JSON_APART_H

#include <stddef.h>

/*
 * The share of their members that differ: one less the Dice coefficient of the
 * pairs of place and value, of objects by name and of lists by number. Of a
 * text that has a blank in it only its place counts: prose is compared by its
 * meaning. Of very large values the first JSON_APART_MAX members.
 * returns [0,1], or NaN where neither holds an object or a list, or memory is
 *         out
 */
enum { JSON_APART_MAX = 4096 };
double json_apart(const char *a, size_t a_n, const char *b, size_t b_n);

#endif
