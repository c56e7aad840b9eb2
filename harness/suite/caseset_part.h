/*
 * Private to caseset*.c and gold.c: the index, and one parsed case.
 */
#ifndef LOCKSTEP_CASESET_PART_H
#define LOCKSTEP_CASESET_PART_H

#include "harness/base/ids.h"
#include "harness/base/table.h"
#include "harness/suite/caseset.h"

enum {
	CASE_LINE_MAX = 8 << 20,
	GOLD_LIST_MAX = 4096,
	EXPECT_MAX = 256,
	WHERE_MAX = 512		/* of "FILE:LINE" */
};

struct case_entry {
	uint64_t at;		/* byte offset of its line */
	uint32_t n;		/* length of its line */
	uint32_t line;		/* number in its file, from 1 */
	uint64_t id;		/* hash of its id */
};

struct caseset {
	int fd;			/* the gold file, or a file of our own */
	char *path;		/* what messages call it */
	int of_trace;		/* lines of our own making: not checked */
	int critical;		/* every case */
	struct case_entry *v;
	size_t n, cap;
	uint64_t *strata;	/* hash of the stratum, one a case; or NULL */
	uint64_t *draw;		/* of the sample, one a case; or NULL */
	struct id_set shown;	/* of ids that are not plain, while loading */
	struct table table;	/* of v, by id */
	uint64_t skipped;
	uint64_t end;		/* bytes written to a file of our own */
	char hash[33];
};

/*
 * A piece of the cases' file, read ahead of who takes one case after the
 * other; others read their lines alone.
 */
struct case_ahead {
	char *p;
	uint64_t at, next;	/* where p begins; where the last line ended */
	size_t n;
};

/* Parsed case: everything that struct gold points to. */
struct gold_mem {
	struct buf line;
	struct case_ahead ahead;
	struct json_doc *doc;
	const char *source;	/* the line that doc was read from */
	size_t source_n;
	char **text;		/* strings made here */
	size_t n_text, cap_text;
	const char **list[6];
	size_t *len[6];		/* of the texts in them */
	struct expect *expect;
	struct json_ptr **at;
	struct regex **re;
	size_t n_expect;
};

/*
 * Fills g from a line. where: "FILE:LINE", for errors.
 * returns RC_OK, RC_FORMAT or RC_NOMEM
 */
int gold_parse(struct gold *g, const char *line, size_t n, const char *where,
    struct err *err);

/* The same of a line that is new: checked by the table of keys first. */
int gold_parse_new(struct gold *g, const char *line, size_t n,
    const char *where, struct err *err);
/* gold_expect.c: the list `expect`; j may be NULL. */
int gold_expectations(struct gold *g, const struct json *j,
    const char *where, struct err *err);
/* Takes s, which then lives as long as the case. returns it, or NULL when
 * memory is out */
const char *gold_keep(struct gold_mem *m, char *s);

void case_ahead_init(struct case_ahead *a);
void case_ahead_fini(struct case_ahead *a);

/* Copies a case's line into b. returns RC_OK, RC_IO or RC_NOMEM */
int case_read(const struct caseset *cs, const struct case_entry *e,
    struct case_ahead *a, struct buf *b, struct err *err);

/* A buffer of the case's own for its line; NULL when memory is out. */
struct buf *gold_line(struct gold *g);

/* Where a case is. */
struct case_line {
	const char *p;		/* its n bytes */
	size_t n;
	uint64_t at;		/* offset in the file */
	uint32_t number;	/* line, or place in the list, from 1 */
};

/* Adds a case; checks it and its id. */
int caseset_add(struct caseset *cs, const struct suite *s, struct gold *g,
    const struct case_line *line, struct err *err);
/* Appends a line to the file of our own, then adds it. */
int caseset_spool(struct caseset *cs, const struct suite *s, struct gold *g,
    const struct buf *line, uint32_t number, struct err *err);
/* The table of ids anew. returns RC_OK or RC_NOMEM */
int caseset_index(struct caseset *cs);
/* Whether a case of that id is there already. */
int caseset_has(const struct caseset *cs, const char *id);

/* caseset_trace.c: every exchange of a trace as a case. */
int caseset_from_trace(struct caseset *cs, const struct suite *s,
    const char *path, struct err *err);

/* caseset_pick.c: the sample, then the filter. */
int caseset_sample(struct caseset *cs, const struct suite *s,
    struct err *err);
int caseset_filter(struct caseset *cs, const struct caseset_filter *f,
    struct err *err);

#endif
