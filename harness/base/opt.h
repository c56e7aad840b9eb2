/*
 * Command-line options from a table: one row is parser, default, bounds and
 * help.  Used by cmd_*.c only.
 */
#ifndef LOCKSTEP_OPT_H
#define LOCKSTEP_OPT_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"

enum opt_kind {
	OPT_FLAG,	/* int, set to 1 */
	OPT_STR,	/* const char *, points into argv */
	OPT_INT,	/* int64_t within [min,max] */
	OPT_NUM,	/* double within [min,max] */
	OPT_TIME,	/* int64_t nanoseconds; "4m", "250ms" */
	OPT_BYTES,	/* int64_t within [min,max]; "1048576", "64K", "1.5G":
			   powers of 1024 */
	OPT_LIST	/* struct opt_list, may be given several times */
};

#define OPT_LIST_MAX 256

struct opt_list {
	const char *v[OPT_LIST_MAX];
	size_t n;
};

struct opt {
	const char *name;	/* long name, without the dashes */
	char letter;		/* one-letter form, or 0 */
	enum opt_kind kind;
	size_t offset;		/* of the field in the caller's struct */
	double min, max;	/* OPT_INT and OPT_NUM; both 0: unbounded */
	const char *arg;	/* what the argument is called; NULL: flag */
	const char *help;	/* lines; no newline at the end */
};

struct opt_cmd {
	const char *name;	/* of the command */
	const char *usage;	/* what follows the name */
	const char *about;	/* for --help; may hold examples */
	const struct opt *opts;	/* ends with a row whose name is NULL */
};

/* What opt_parse() answers beside an enum rc. */
enum { OPT_HELP = 1 };

/*
 * Parses argv[1..argc-1] into *into (which holds the defaults); options and
 * operands may be mixed, `--` ends the options.
 * rest    takes the operands; at least argc entries
 * *n_rest how many
 * returns RC_OK; OPT_HELP when --help was asked for (it has been printed to
 *         stdout); RC_USAGE with a message that names the nearest option
 */
int opt_parse(const struct opt_cmd *cmd, int argc, char **argv, void *into,
    const char **rest, size_t *n_rest, struct err *err);

/* Prints the help of a command to stdout. */
void opt_help(const struct opt_cmd *cmd);

/* Edit distance of two words, neighbours changing places counting as one
 * (restricted Damerau-Levenshtein); of long words 64 or so. */
size_t opt_distance(const char *a, const char *b);

/*
 * The entry of a list that is nearest to word (Damerau-Levenshtein distance
 * at most a third of its length + 1), or NULL.
 */
const char *opt_nearest(const char *word, const char *const *names, size_t n);

#endif
