/*
 * Numbers as decimal text, fast: reports hold dozens for every case.
 */
#ifndef LOCKSTEP_DECIMAL_H
#define LOCKSTEP_DECIMAL_H

enum { DECIMAL_MAX = 40 };

/*
 * Writes v as "%.Ng" does, N being the fewest digits, at least 6, that read
 * back as v; v is finite.  Safe from any thread.
 * out     DECIMAL_MAX bytes
 */
void decimal_float(float v, char *out);

/* As "%.6g" does; v is finite. */
void decimal_six(float v, char *out);

#endif
