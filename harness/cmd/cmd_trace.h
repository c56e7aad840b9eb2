/* The subcommands of `lockstep trace`, and what they share. */
#ifndef LOCKSTEP_CMD_TRACE_H
#define LOCKSTEP_CMD_TRACE_H

#include "harness/base/opt.h"
#include "harness/traffic/trace_cut.h"
#include "harness/traffic/where.h"

/* argv[0] is the subcommand's name; returns the exit status. */
int cmd_trace_info(int argc, char **argv);
int cmd_trace_cat(int argc, char **argv);
int cmd_trace_slice(int argc, char **argv);
int cmd_trace_verify(int argc, char **argv);
int cmd_trace_repair(int argc, char **argv);
int cmd_trace_merge(int argc, char **argv);
int cmd_trace_redact(int argc, char **argv);
int cmd_trace_grep(int argc, char **argv);
int cmd_trace_drop(int argc, char **argv);
int cmd_trace_dedupe(int argc, char **argv);
int cmd_trace_diff(int argc, char **argv);
int cmd_trace_convert(int argc, char **argv);

/* The options that choose exchanges, as opt.h rows store them. */
struct trace_choice {
	int64_t from_ns, to_ns;
	struct opt_list ids, cases, arms, outcomes, where;
	struct where *conditions;	/* made of where */
	int invert;		/* what the conditions do not hold for */
};
#define TRACE_CHOICE_INIT { .from_ns = -1, .to_ns = -1 }
/* Rows for a struct type with a member `choice`. */
#define TRACE_CHOICE_OPTS(type) \
	{ "from", 0, OPT_TIME, offsetof(type, choice.from_ns), 0, 0, "TIME", \
	    "exchanges sent at or after TIME since the trace's\n" \
	    "start (90s, 5m, 1.5h)" }, \
	{ "to", 0, OPT_TIME, offsetof(type, choice.to_ns), 0, 0, "TIME", \
	    "exchanges sent before TIME" }, \
	{ "id", 0, OPT_LIST, offsetof(type, choice.ids), 0, 0, "ID", \
	    "the exchange with this id; may be repeated" }, \
	{ "case", 0, OPT_LIST, offsetof(type, choice.cases), 0, 0, "ID", \
	    "observations of this case; may be repeated" }, \
	{ "arm", 0, OPT_LIST, offsetof(type, choice.arms), 0, 0, "ARM", \
	    "observations of this arm: baseline, candidate,\n" \
	    "baseline2 or candidate2; may be repeated" }, \
	{ "outcome", 0, OPT_LIST, offsetof(type, choice.outcomes), 0, 0, \
	    "NAME", "exchanges with this outcome (ok, http_5xx, timeout,\n" \
	    "...); may be repeated" }, \
	{ "where", 'w', OPT_LIST, offsetof(type, choice.where), 0, 0, \
	    "COND", "path=/api/*, method=GET,POST, status>=400,\n" \
	    "total_ms>500, header.NAME=V, /request/body/u=7;\n" \
	    "= != ~ !~ < <= > >=; several must all match" }

/* Turns options into a pick that borrows them, until trace_choice_fini().
 * returns RC_OK, RC_USAGE, RC_FORMAT (a condition), RC_NOMEM */
int trace_choice_pick(struct trace_choice *c, struct trace_pick *p,
    struct err *err);
void trace_choice_fini(struct trace_choice *c);
/* Whether any of them was given. */
int trace_choice_given(const struct trace_choice *c);

/* A line of progress on stderr when that is a terminal; done clears it. */
void trace_progress(const char *what, uint64_t exchanges);
void trace_progress_done(void);

#endif
