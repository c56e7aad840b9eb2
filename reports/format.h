/*
 * Numbers in words, the same in every human report: units, signs, digits.
 * Pure functions, safe from any thread.
 */
#ifndef LOCKSTEP_FORMAT_H
#define LOCKSTEP_FORMAT_H

#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/result/result.h"

/* "1,234,567" */
void format_count(struct buf *out, uint64_t n);

/* "7 questions", "1 question": s is appended unless n is 1. */
void format_plural(struct buf *out, uint64_t n, const char *noun);

/* "842 µs", "12.3 ms", "1.25 s", "4 min 10 s"; "-" of NaN. */
void format_ns(struct buf *out, double ns);

/* A value in a gate's unit (result.h): "0.083", "7.0 %", "+25 %", "31 ms";
 * "-" of NaN. */
void format_value(struct buf *out, const char *unit, double v);

/* What the gate's metric was on one arm, in the metric's unit. */
void format_level(struct buf *out, const struct result_gate *g, double v);

/* "; 95 % interval … to …; baseline …, candidate …", what is known of it. */
void format_sides(struct buf *out, const struct result_gate *g);

/* A gate's limit with its direction: "≤ 0.03", "≥ 70 %"; "-" of NaN. */
void format_limit(struct buf *out, const struct result_gate *g);

/* ".012", "<.001"; "-" of NaN. */
void format_p(struct buf *out, double p);

/* What fresh answers say of a case: "noise, 8 of 8 answers good, baseline 8 of
 * 8 (p 1.0)"; nothing of one that was not undecided. */
void format_again(struct buf *out, const struct result *r,
    const struct result_case *c);

/* A metric's value of a case: "0.412", "87.1 %", "37.2 ms"; "-" of NaN. */
void format_metric(struct buf *out, const struct metric *m, double v);

/* "ΔS" or "λ" for a metric's name, else "". */
const char *format_symbol(const char *metric);

/* Verdicts in plain words ("not judged", "already broken"), and the character
 * that stands beside each. */
const char *format_gate_word(enum gate_verdict v);
/* The same of a whole gate: one that passes beyond its limit does so "by
 * chance". */
const char *format_gate_outcome(const struct result_gate *g);
const char *format_gate_mark(enum gate_verdict v);
const char *format_case_word(enum case_verdict v);
const char *format_case_mark(enum case_verdict v);
/* The same of one case: that its answer moved is said before that it passes. */
const char *format_case_label(const struct result_case *c);
const char *format_case_sign(const struct result_case *c);

#endif
