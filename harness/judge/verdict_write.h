/*
 * Verdict, reasons and notes of a result under construction. It is below all
 * judging files, so gates, cases and pins can report their findings.
 */
#ifndef LOCKSTEP_VERDICT_WRITE_H
#define LOCKSTEP_VERDICT_WRITE_H

#include "harness/result/result.h"

/* METRICS' precedence as a number: PASS is 0, could not run the highest. */
int verdict_gravity(enum verdict v);

/* Raises the verdict to v if that is graver, and keeps the reason. */
void verdict_raise(struct result *r, enum verdict v, const char *why);

/* Keeps something that should be known. NULL is ignored. */
void verdict_note(struct result *r, const char *text);

#endif
