/* One critical case by its own answers; see critical.h. */
#include "harness/judge/critical.h"

/* The share of an arm's answers that are bad. */
static double
lost(const struct stat_replicate_good *e, int arm)
{
	return e->asked[arm] == 0 ? 0 :
	    1 - (double)e->good[arm] / e->asked[arm];
}

int
critical_half(const struct stat_replicate_good *e)
{
	/* variants: one with an echo counts once */
	double now = e->drop + lost(e, 0);

	return e->n > 0 && now >= .5 - 1e-9 && lost(e, 0) < now / 2;
}

/* A difference that equal stacks show every other time is not a loss. */
int
critical_loss(const struct stat_replicate_good *e)
{
	return e->n > 0 && e->drop > 0 && e->p <= .5;
}

int
critical_open(const struct limits *l, const struct stat_replicate_good *e,
    double p)
{
	return critical_loss(e) && p > l->alpha && !critical_half(e);
}
