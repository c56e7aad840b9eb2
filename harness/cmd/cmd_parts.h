/* A trace in parts: options of `record` and of `import kafka`. */
#ifndef LOCKSTEP_CMD_PARTS_H
#define LOCKSTEP_CMD_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/traffic/trace_parts.h"

struct parts_args {
	int64_t rotate_bytes, rotate_ns;
	int64_t keep_bytes, keep_ns, keep_files;
};

/* only: words before the help, "kafka: " */
#define PARTS_OPTS(type, field, only) \
	{ "rotate-size", 0, OPT_BYTES, offsetof(type, field.rotate_bytes), \
	    4096, 1e15, "SIZE", only "begin a new trace when one reaches\n" \
	    "SIZE (64M, 1G), bodies beside it included;\n" \
	    "TRACE.jsonl.zst is then called\n" \
	    "TRACE-20260131T120000.000Z.jsonl.zst,\n" \
	    "by the time when it began" }, \
	{ "rotate-age", 0, OPT_TIME, offsetof(type, field.rotate_ns), 0, 0, \
	    "TIME", only "begin a new trace this long after the first\n" \
	    "exchange of one (1h)" }, \
	{ "keep-size", 0, OPT_BYTES, offsetof(type, field.keep_bytes), 4096, \
	    1e15, "SIZE", "with --rotate-...: delete the oldest traces " \
	    "beyond\nSIZE together" }, \
	{ "keep-age", 0, OPT_TIME, offsetof(type, field.keep_ns), 0, 0, \
	    "TIME", "the same of those that ended longer ago" }, \
	{ "keep-files", 0, OPT_INT, offsetof(type, field.keep_files), 1, \
	    1e6, "N", "the same of all but the last N" }

/* Whether any of them was given. */
int parts_asked(const struct parts_args *a);

/*
 * What they ask for.
 * returns RC_OK; RC_USAGE: they do not fit together
 */
int parts_limits(const struct parts_args *a, struct trace_limits *out,
    struct err *err);

/* Says how many there were, and how many are deleted, on stderr. */
void parts_say(const char *out, uint64_t parts,
    const struct trace_tidied *tidied);

#endif
