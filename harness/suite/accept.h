/*
 * Intended changes: answers that a person has checked and accepted, in a file
 * beside the suite that is reviewed with the change.
 *
 * SUITE.accepted.jsonl holds one line a case, in order of their ids:
 * {"case", "reason", "by", "at", "run", "answers": [{"wording", "hash",
 * "text"}]}.  From then on the candidate's answers of that case are compared
 * with these instead of the baseline's, until the next `bless`.
 */
#ifndef LOCKSTEP_ACCEPT_H
#define LOCKSTEP_ACCEPT_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"

#define ACCEPT_FILE_MAX ((size_t)64 << 20)

struct accept_answer {
	uint32_t wording;	/* 0 the original, as in struct ex_key */
	const char *text;	/* may hold a NUL; NULL: none */
	size_t text_n;
};

struct accept_case {
	const char *id, *reason, *by, *at, *run;
	struct accept_answer *answers;
	size_t n_answers;
};

struct accepted;

/* "dir/name.yml" with another end: "dir/name.accepted.jsonl". caller frees;
 * NULL when memory is out */
char *accept_path(const char *suite_path, const char *end);

/*
 * Reads the acceptances of a suite; a file that is not there holds none.
 * returns RC_OK, caller frees; RC_FORMAT with the line (not JSON, a member
 *         missing, a case twice, a text that is not the one whose hash was
 *         accepted), RC_IO, RC_NOMEM
 */
int accepted_open(const char *suite_path, struct accepted **out,
    struct err *err);
void accepted_free(struct accepted *a);

/* NULL is safe and holds none. Safe from any thread. */
size_t accepted_n(const struct accepted *a);
const struct accept_case *accepted_at(const struct accepted *a, size_t i);
const struct accept_case *accepted_find(const struct accepted *a,
    const char *case_id);
/* The answer accepted for a wording of a case, *n bytes, or NULL. */
const char *accepted_text(const struct accepted *a, const char *case_id,
    uint32_t wording, size_t *n);

/* Adds a case or replaces it, in the file: written beside it and renamed.
 * Answers without a text are left out. */
int accepted_put(const char *suite_path, const struct accept_case *c,
    struct err *err);

#endif
