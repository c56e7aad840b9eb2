/*
 * Latency by blocks of time (METRICS 4, "Blocks of time"): a busy machine
 * delays everything in flight for tenths of a second, so pairs close in time
 * are not independent. Signs and swaps are per block.
 *
 * A block starts at max(0.5 s, 4 times the median latency) and grows by half
 * until the correlation of neighbouring blocks' sums, held within BLOCK_HELD a
 * pair, is below 1/sqrt(n).  A gate needs BLOCKS_MIN of them, of grown ones
 * BLOCKS_GROWN_MIN.
 *
 * Two equal processes on one machine differ for as long as they live, by where
 * they are placed and what they share: no length of a run makes that go away.
 * So what is tested is not "no difference" but "no more than a floor".
 *
 * Thread rule: pure functions but for the memory that they return.
 */
#ifndef LOCKSTEP_STAT_BLOCKS_H
#define LOCKSTEP_STAT_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

#include "harness/stat/stat_replicate.h"

enum { STAT_BLOCKS_MIN = 16, STAT_BLOCKS_GROWN_MIN = 12 };
#define STAT_BLOCK_NS 500000000.0
#define STAT_BLOCK_CLIP 1.5	/* of ln ratios: one request cannot decide */

#define STAT_BLOCK_HELD .2	/* of a block's mean ln ratio, where neighbours
				   are compared */

/* Paired latencies with their times, in any order. Pairs whose values are
 * not finite and above 0 are left out. */
struct stat_timed {
	const float *base, *cand;
	const int64_t *at_ns;
	size_t n;
};

/* Pairs cut into blocks. Members may be read. */
struct stat_blocks {
	size_t n;		/* pairs kept, in the order of time */
	double *base, *cand;
	uint32_t *block;	/* of each */
	size_t n_blocks;	/* none empty */
	double *sum;		/* of a block's clipped ln ratios */
	uint32_t *size;		/* pairs of a block */
	double width_ns, start_ns;	/* and before they grew */
	double correlation;	/* of neighbouring blocks' sums; NaN below 3 */
	double jump;		/* median factor, at least 1, between the mean
				   ratios of neighbouring blocks; NaN below 2 */
	double floor;		/* ln of the ratio that the tests are of; 0
				   from stat_blocks_cut(), may be set */
};

/* returns RC_OK, caller frees with stat_blocks_free(); RC_NOMEM */
int stat_blocks_cut(const struct stat_timed *t, struct stat_blocks **out);
void stat_blocks_free(struct stat_blocks *b);

/* A test by blocks. */
struct stat_block_test {
	struct stat_test t;	/* estimate: ratio, candidate to baseline; stat:
				   its ln, which se is of; interval by blocks;
				   n: pairs */
	double look_p[STAT_LOOKS];	/* p under the first relabelings */
	double look[STAT_LOOKS];	/* the ratio under them where its p is
				   .02 or less, else NaN */
};

/*
 * How many a gate needs to be judged by them: BLOCKS_MIN, or BLOCKS_GROWN_MIN
 * where they grew and it was measured for as long as BLOCKS_MIN would have
 * taken: signs that all agree then reject at .0003.
 */
size_t stat_blocks_least(const struct stat_blocks *b);

/*
 * Hodges-Lehmann ratio of all pairs; the test is that of the sum of clipped
 * ln ratios less the floor, whose signs turn by block.
 * side of the test: the candidate is slower
 * returns RC_OK or RC_NOMEM
 */
int stat_blocks_body(const struct stat_blocks *b,
    const struct stat_draw *draw, struct stat_block_test *out);

/* Ratio of the q-quantiles; pairs, the candidate's less the floor, are swapped
 * by block. q in [.5,1). */
int stat_blocks_quantile(const struct stat_blocks *b, double q,
    const struct stat_draw *draw, struct stat_block_test *out);

/*
 * The smallest ratio that a gate surely FAILs on this machine, as noisy as it
 * was here: 49 times in 50 the estimate is beyond its margin and the test
 * rejects.  INFINITY where there are not enough.
 * margin  a ratio, 1.10
 */
double stat_blocks_seen(const struct stat_blocks *b,
    const struct stat_block_test *t, double margin, double alpha);

/* The same before a run. */
struct stat_blocks_design {
	size_t n_blocks;
	double se;		/* of ln of the ratio */
	double margin;		/* a ratio */
	double floor;		/* as of struct stat_blocks */
	double alpha;		/* of the test */
};
/* The smallest ratio that FAILs with this power; INFINITY below
 * STAT_BLOCKS_MIN. And how often a ratio FAILs. */
double stat_blocks_visible(const struct stat_blocks_design *d, double power);
double stat_blocks_power(const struct stat_blocks_design *d, double effect);

/* ---- errors -------------------------------------------------------------- */

/* A failed request of one arm. */
struct stat_span {
	int64_t from_ns, to_ns;
	uint32_t arm, cause;
	int each;		/* the service turned away this one alone */
};

/*
 * Errors of one arm that overlap in time and carry one cause are one event: a
 * restart is not a hundred errors.
 * event   one each: the index of the first of its event in time, equal times
 *         by their place in v
 * returns how many events there are, or RC_NOMEM
 */
int stat_events(const struct stat_span *v, size_t n, uint32_t *event);

/* When requests were sent that were answered well. */
struct stat_answered {
	const int64_t *at_ns;	/* ascending */
	size_t n;
	double stand_for;	/* so many each: of many a sample is kept */
	int64_t span_ns;	/* from the first request to the last */
};
/*
 * The same, and errors, but for `each`, between which nothing was answered;
 * less what is no outage: where more than half of what was sent
 * during an event was answered well, or where it lasts for more than half of
 * the run, slow errors overlap at a steady rate, and each counts.
 * returns how many events there are, or RC_NOMEM
 */
int stat_outages(const struct stat_span *v, size_t n,
    const struct stat_answered *good, uint32_t *event);

extern const struct stat_method stat_method_blocks;

#endif
