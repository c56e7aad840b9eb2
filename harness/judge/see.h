/*
 * How kinds of gates predict what they can see, before a run: one function of
 * each is a member of struct gate_kind. See plan_see.h.
 */
#ifndef LOCKSTEP_SEE_H
#define LOCKSTEP_SEE_H

#include "harness/judge/plan_see.h"
#include "harness/stat/stat.h"

/* The spread of an earlier run; NaN: it does not tell. */
double see_spread_mean(const struct store_gate *g);
double see_spread_ratio(const struct store_gate *g);
double see_spread_rate(const struct store_gate *g);

/* The smallest change that FAILs with this power, from no change. */
double see_visible_replicate(const struct see_in *in,
    const struct see_gate *s, double power);
double see_visible_tail(const struct see_in *in, const struct see_gate *s,
    double power);
double see_visible_share(const struct see_in *in, const struct see_gate *s,
    double power);
double see_visible_rate(const struct see_in *in, const struct see_gate *s,
    double power);
double see_visible_level(const struct see_in *in, const struct see_gate *s,
    double power);
/* On the scale of the gate's kind. */
double see_visible_scaled(const struct see_in *in, const struct see_gate *s,
    double power);

/* By blocks of time. */
double see_visible_blocks(const struct see_in *in, const struct see_gate *s,
    double power);

/* The largest change that still PASSes with this chance; INFINITY: any. */
double see_hidden_replicate(const struct see_in *in,
    const struct see_gate *s, double chance);
double see_hidden_tail(const struct see_in *in, const struct see_gate *s,
    double chance);
double see_hidden_rate(const struct see_in *in, const struct see_gate *s,
    double chance);
double see_hidden_scaled(const struct see_in *in, const struct see_gate *s,
    double chance);
double see_hidden_blocks(const struct see_in *in, const struct see_gate *s,
    double chance);

/* How often a change FAILs. */
double see_power_replicate(const struct see_in *in, const struct see_gate *s,
    const struct see_harm *x);
double see_power_tail(const struct see_in *in, const struct see_gate *s,
    const struct see_harm *x);
double see_power_rate(const struct see_in *in, const struct see_gate *s,
    const struct see_harm *x);
double see_power_level(const struct see_in *in, const struct see_gate *s,
    const struct see_harm *x);
double see_power_scaled(const struct see_in *in, const struct see_gate *s,
    const struct see_harm *x);
double see_power_blocks(const struct see_in *in, const struct see_gate *s,
    const struct see_harm *x);
double see_power_p95(const struct see_in *in, const struct see_gate *s,
    const struct see_harm *x);

/* More than one in twenty must be beyond the limit: so many of n. */
uint64_t see_tail_rank(const struct see_gate *s);
/* The share of n that must be hit so that, with this power, k or more are,
 * and so many that signs alone reject at alpha. */
double see_hit_share(double alpha, uint64_t n, uint64_t k, double power);

#endif
