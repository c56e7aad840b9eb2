/*
 * Relabellings of the cases' arms, internal to the gates' false-alarm rate:
 * one key of random bits makes one of them.
 */
#ifndef LOCKSTEP_GATE_ALARM_H
#define LOCKSTEP_GATE_ALARM_H

#include "harness/judge/gate_test.h"

/* Room for one relabelling's bits, as struct gate_in's swap; NULL: no
 * memory. The caller frees it. */
uint32_t *alarm_swap_new(const struct gate_in *in);
void alarm_swap(const struct gate_in *in, uint64_t key, uint32_t *swap);

/*
 * Marks the relabellings in which a latency gate's estimate lies beyond its
 * margin.  The values are sorted once; a relabelling then walks over them.
 * row    of KIND_BODY or KIND_P95
 * key    n of them
 * maybe  n of them; 1 is left
 * returns RC_OK or RC_NOMEM
 */
int alarm_latency(const struct gate_in *in, const struct gate_row *row,
    const uint64_t *key, int n, unsigned char *maybe);

#endif
