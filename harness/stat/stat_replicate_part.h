/* How units are relabeled; what the files of the replicate test share. */
#ifndef LOCKSTEP_STAT_REPLICATE_PART_H
#define LOCKSTEP_STAT_REPLICATE_PART_H

#include "harness/base/rng.h"
#include "harness/stat/stat_replicate.h"

/*
 * Units are relabeled in blocks of six, which share a random word: its upper
 * half picks one of the 3^6 turns, its lower bits say which are swapped.
 */
enum { REP_UNITS = 6, REP_TURNS_ALL = 729, REP_SWAPS_ALL = 64 };

struct rep_place {
	uint64_t block;
	unsigned slot;		/* below REP_UNITS */
};

static inline struct rep_place
rep_place(uint32_t per_case, uint64_t case_index, uint32_t v)
{
	uint64_t cases = REP_UNITS / per_case;

	if (cases > 0)
		return (struct rep_place){ case_index / cases,
			(unsigned)(case_index % cases * per_case + v) };
	return (struct rep_place){ case_index * ((per_case + REP_UNITS - 1) /
		REP_UNITS) + v / REP_UNITS, v % REP_UNITS };
}

/* The word of relabeling b of a block. */
static inline uint64_t
rep_word(const struct stat_draw *draw, uint64_t block, uint64_t b)
{
	return rng_at(rng_key(draw->seed, draw->stream) ^ rng_mix(block), b);
}

static inline unsigned
rep_turns(uint64_t word)
{
	return (unsigned)((word >> 32) * REP_TURNS_ALL >> 32);
}

static inline unsigned
rep_swaps(uint64_t word)
{
	return (unsigned)(word & (REP_SWAPS_ALL - 1));
}

/* ---- blocks under way (stat_replicate_block.c) -------------------------- */

struct rep_blocks;

struct rep_blocks *rep_blocks_new(size_t n_stats, uint32_t per_case,
    const struct stat_draw *draw);
void rep_blocks_free(struct rep_blocks *s);
/* Each returns RC_OK or RC_NOMEM. */
int rep_blocks_turn(struct rep_blocks *s, size_t stat,
    const struct stat_unit *u, const double by[STAT_TURNS]);
int rep_blocks_swap(struct rep_blocks *s, size_t stat,
    const struct stat_unit *u, const double by[2]);
int rep_blocks_table(struct rep_blocks *s, size_t stat, uint64_t case_index,
    const struct stat_table *t);
int rep_blocks_finish(struct rep_blocks *s);
/* The statistic under each of draw->b relabelings. */
double *rep_blocks_sums(const struct rep_blocks *s, size_t stat);

#endif
