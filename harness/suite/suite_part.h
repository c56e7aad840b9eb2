/*
 * Private to suite*.c: the suite under construction.
 */
#ifndef LOCKSTEP_SUITE_PART_H
#define LOCKSTEP_SUITE_PART_H

#include "harness/base/srcmap.h"
#include "harness/suite/suite.h"
#include "harness/suite/suite_keys.h"

/* What the suite owns beside its fields. */
struct suite_mem {
	struct json *doc;
	struct json *expanded;	/* array: bodies with ${NAME} resolved */
	struct json *notes;	/* array of texts */
	struct json *words;	/* array: lists made from others' words */
	char *path, *dir;
	char **pool;		/* strings */
	size_t n_pool, cap_pool;
	struct extract_spec *spec[ARM_N + 1];	/* the last: the suite's */
};

struct suite_load {
	const struct suite_over *over;
	struct suite *s;
	struct suite_mem *mem;
	struct srcmap *map;
	struct err *err;
	size_t n_errors;
	int nomem;
};

/*
 * Tells an error at a node (NULL: of the file as a whole); the first is kept
 * in ld->err, all go to over->on_error.
 * at_key  point at the key instead of the value
 */
void suite_error(struct suite_load *ld, const struct json *node, int at_key,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void suite_nomem(struct suite_load *ld);
void suite_note(struct suite_load *ld, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Copies a string into the suite; NULL (and ld->nomem) when memory is out. */
const char *suite_keep(struct suite_load *ld, const char *s);

/* ---- suite_read.c: file, extends, --set -------------------------------- */

int suite_read(struct suite_load *ld, const char *path);

/* ---- suite_check.c: the document against the table --------------------- */

void suite_check(struct suite_load *ld, const struct json *doc);

/* ---- suite_get.c: typed values with the table's defaults --------------- */

/* obj may be NULL; row is the table's row of the key. All return the default
 * when the key is absent. */
const struct json *suite_get(const struct json *obj, const char *key);
double suite_num(const struct json *obj, const char *group, const char *key);
int64_t suite_int(const struct json *obj, const char *group,
    const char *key);
int suite_bool(const struct json *obj, const char *group, const char *key);
/* Nanoseconds. */
int64_t suite_time(const struct json *obj, const char *group,
    const char *key);
int64_t suite_time_of(const struct json *j);
/* Text with ${NAME} resolved; NULL when absent. *secret may be NULL */
const char *suite_text(struct suite_load *ld, const struct json *obj,
    const char *key, int *secret);
/* The same of a node. */
const char *suite_expand(struct suite_load *ld, const struct json *j,
    int *secret);
/* A copy of a value with every ${NAME} in it resolved, but in members of the
 * name raw_key (NULL: in all); caller frees. NULL when memory is out. */
struct json *suite_expand_all(struct suite_load *ld, const struct json *j,
    const char *raw_key);
/* Text as it stands (commands: the shell resolves its own names). */
const char *suite_raw(const struct json *obj, const char *key);
/* A file's path, made absolute when the manifest that names it is in another
 * folder than the suite. */
const char *suite_file(struct suite_load *ld, const struct json *obj,
    const char *key);
const char *suite_file_of(struct suite_load *ld, const struct json *j);
/* Bytes of KEY_SIZE; -1 when it is none. */
int64_t suite_size_of(const struct json *j);
/* A copy of a body with every ${NAME} resolved; belongs to the suite. */
const struct json *suite_body(struct suite_load *ld, const struct json *j);

/* ---- the parts ---------------------------------------------------------- */

void suite_targets(struct suite_load *ld);	/* suite_target.c */
void suite_request(struct suite_load *ld);	/* suite_target.c */
void suite_gates(struct suite_load *ld);	/* suite_gates.c */
void suite_apply_words(struct suite_load *ld);	/* suite_apply_words.c */
void suite_cases(struct suite_load *ld);	/* suite_cases.c */
/* suite_identity.c: hash and seed of the document. RC_OK or RC_NOMEM */
int suite_identity(struct suite_load *ld);
void suite_scorers(struct suite_load *ld);	/* suite_scorers.c */
void suite_drills(struct suite_load *ld);	/* suite_drills.c */

#endif
