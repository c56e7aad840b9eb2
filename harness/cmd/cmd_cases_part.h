/* What the files of `lockstep cases` share. */
#ifndef LOCKSTEP_CMD_CASES_PART_H
#define LOCKSTEP_CMD_CASES_PART_H

#include "harness/base/table.h"
#include "harness/cmd/cmd_init_part.h"
#include "harness/meaning/embed.h"

enum { ASKED_MAX = 10000, VOTES_MAX = 8, ANSWER_KEPT = 16 << 10 };

/* A question as it was asked, however often. */
struct asked {
	char *text;
	size_t n;		/* bytes */
	char *id;		/* of the first exchange */
	char *members;		/* of a case whose request is sent as it was:
				   ,"target":…,"sent":…; or NULL */
	uint64_t count, answered, declined;
	char *answer;		/* the first whole one, or NULL */
	size_t answer_n;
	struct vote {
		char *id;
		uint64_t n;
	} vote[VOTES_MAX];	/* sections that answers cite or show first */
	size_t leader;		/* of its group; itself: it leads */
	double ds;		/* from it */
};

struct asked_set {
	struct asked *v;
	size_t n, cap;
	struct table table;
	uint64_t exchanges, without, beyond;	/* without a question; beyond
						   ASKED_MAX different ones */
	struct embed_vec **vec;
};

/* A group of questions that mean the same. */
struct group {
	size_t leader;		/* its most frequent wording */
	uint64_t count, answered, declined;
	size_t wordings;
	double spread;		/* ΔS of the wording that is farthest */
};

/* cmd_cases_read.c: the questions of a trace, the most frequent first. */
int cases_read(const struct init *in, const char *trace,
    struct asked_set *set, struct err *err);
void cases_fini(struct asked_set *set);

/* cmd_cases_gold.c: whether most answers of a group declined. */
int cases_declined(const struct group *g);

/* A group as a line of a gold file. */
void cases_gold(const struct asked_set *set, const struct group *g,
    size_t number, uint64_t all, struct buf *out);

#endif
