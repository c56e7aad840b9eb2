/*
 * What the parts of a recording add up to, with the reasons of what is not in
 * them. One thread at a time.
 */
#ifndef LOCKSTEP_RECORD_SUM_H
#define LOCKSTEP_RECORD_SUM_H

#include "harness/traffic/trace.h"

enum { RECORD_REASONS_MAX = 128 };

struct record_reason {
	char text[48];
	int refused;
	uint64_t n;
};

/* Zeroed at first. */
struct record_sum {
	struct trace_account acc;
	struct record_reason reasons[RECORD_REASONS_MAX];
	size_t n_reasons;
	unsigned parts;
};

/* A trace_drop_fn; ctx is a struct record_sum. */
void record_sum_reason(void *ctx, int refused, const char *reason,
    uint64_t n);
/* Adds one part. */
void record_sum_add(struct record_sum *sum, const struct trace_account *acc);
/* Calls fn, if there is one, for each reason. */
void record_sum_each(const struct record_sum *sum, trace_drop_fn *fn,
    void *ctx);

#endif
