/*
 * Numbers of JSON as they were written: compared and read exactly, whatever
 * their length; no double in between.
 *
 * A number's text is JSON's grammar, -?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?
 * [0-9]+)?, and is not checked again here.  Exponents beyond a thousand
 * million million count as that many.  Safe from any thread.
 */
#ifndef LOCKSTEP_NUMBER_H
#define LOCKSTEP_NUMBER_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"

/*
 * The end of the number that begins at p, or NULL when there is none.
 * end     what p may not pass
 */
const char *number_end(const char *p, const char *end);

/* By value: 1.0 is 1, 1e2 is 100. returns < 0, 0 or > 0 */
int number_compare(const char *a, size_t a_n, const char *b, size_t b_n);

/* Appends it as digits and a power of ten, equal numbers in the same way. */
void number_alike(struct buf *b, const char *p, size_t n);

/* Towards zero, saturated. round: to the nearest, halves away from zero */
int64_t number_i64(const char *p, size_t n, int round);

/* The nearest double, perhaps infinite. p[n] is no part of a number. */
double number_double(const char *p, size_t n);

/* The greatest common divisor; of 0 and n it is n. */
uint64_t number_gcd(uint64_t a, uint64_t b);

#endif
