/* The parts of the verdict; internal to verdict*.c. */
#ifndef LOCKSTEP_VERDICT_PART_H
#define LOCKSTEP_VERDICT_PART_H

#include "harness/judge/gate.h"
#include "harness/judge/verdict.h"
#include "harness/judge/verdict_write.h"

/* The value of a pin that most answers of an arm had, or NULL. */
const char *verdict_pin(const struct result_arm *arm, const char *name);

/* Finds what makes a run INVALID or unable to run; fills r->trust. */
void verdict_run(const struct verdict_in *in, struct result *r);

/* The pins that the suite names. */
void verdict_pins(const struct verdict_in *in, struct result *r);

/*
 * Builds the cases and their consequences: regressions of critical cases,
 * moves into the review band, the worst five.
 * *has_gold   whether any case carries an expectation
 */
int verdict_cases(const struct verdict_in *in, struct result *r,
    int *has_gold, struct err *err);

/* Judges critical cases, after all cases are in r and counted; RC_NOMEM or
 * RC_IO. */
int verdict_critical(const struct verdict_in *in, struct result *r,
    struct err *err);

/*
 * Appends the gates of the suite's slices to r->gates, which has room for
 * SLICE_GATES a key, and names what is too small.
 */
int verdict_slices(const struct verdict_in *in, const struct gate_in *g,
    struct result *r, struct err *err);

/*
 * Excludes quarantined cases from the counts. A quarantine whose date has
 * passed is a FAIL.
 * *only   the cases that count, a bit each, for struct gate_in; r owns it.
 *         NULL: all
 */
int verdict_quarantine(const struct verdict_in *in, struct result *r,
    uint32_t **only, struct err *err);
/* "in quarantine until ... (owner)", or NULL when the case is not. */
const char *verdict_quarantined(const struct verdict_in *in,
    struct result *r, const char *id);

/* e_resonance, for information. returns RC_OK or RC_NOMEM */
int verdict_resonance(const struct verdict_in *in, struct result *r,
    struct err *err);

/* The metrics of the suite's scorers, and the answers they did not judge. */
void verdict_scorer(const struct verdict_in *in, struct result *r);

/* Errors that answers report, in the services' words; a candidate with only
 * blank answers is never PASS, nor one that alone says not why they ended. */
void verdict_said(const struct verdict_in *in, struct result *r);

/* The answers of both arms in the worst cases. returns as score_details() */
int verdict_texts(const struct verdict_in *in, struct result *r,
    struct err *err);

/* Notes on the run as a whole. */
void verdict_notes(const struct verdict_in *in, struct result *r);

/*
 * Exit status, headline, blind spot and next command, once the verdict is
 * final.
 * fail_on  as in struct verdict_in
 */
void verdict_settle(struct result *r, unsigned fail_on);

#endif
