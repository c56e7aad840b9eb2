/* Private to cause*.c: what the rules look at, counted once. */
#ifndef LOCKSTEP_CAUSE_PART_H
#define LOCKSTEP_CAUSE_PART_H

#include <stddef.h>

#include "harness/result/result.h"

struct evidence {
	struct result *r;
	size_t regressions;
	size_t lost;		/* expected section gone from the retrieved */
	size_t partly;		/* of them, with some of it left */
	size_t outranked;	/* found, but not first any more */
	size_t refused;
	size_t mute;		/* no answer, the passages being there */
	size_t cited_wrong;	/* citations worse, retrieval as before */
	size_t uncited_fields;	/* citations lack fields */
	size_t shown;		/* the candidate's passages can be seen */
	size_t empty;
	size_t unstable;	/* states split or chaotic on the candidate */
	/* of the worst cases, whose texts are kept */
	size_t seen;
	size_t fewer, none;	/* fewer passages than before; none at all */
	size_t thinned;		/* the first one is gone, and the rest moved
				   up in its old order */
	size_t left;		/* of them, with any of the old passages */
	size_t lists, gone;	/* both arms' passages can be seen; some of
				   the baseline's are gone, first_gone: which */
	const char *first_gone;
	size_t same_top;	/* the passage that comes first most often */
	const char *top;
};

/* Counts what the passages of the worst cases show; r is filled. */
void cause_worst(struct evidence *e);

#endif
