/*
 * Normalised edit distance of two texts: Levenshtein distance in code points
 * over the longer length, of their first NED_MAX code points each.
 * Texts are compared as they come; normalise them before (text.h).
 * Pure, safe from any thread.
 * source  Myers, JACM 46(3) 1999, in blocks (Hyyro 2003)
 */
#ifndef LOCKSTEP_NED_H
#define LOCKSTEP_NED_H

#include <stddef.h>
#include <stdint.h>

enum { NED_MAX = 1024 };

/* Distance of two sequences of code points, na and nb at most NED_MAX. */
size_t ned_distance(const uint32_t *a, size_t na, const uint32_t *b,
    size_t nb);

/* In [0,1]; two empty texts are equal (0). Bytes that are no UTF-8 count as
 * one code point each. */
double ned(const char *a, size_t na, const char *b, size_t nb);

#endif
