/* What the files of `lockstep init` share. */
#ifndef LOCKSTEP_CMD_INIT_PART_H
#define LOCKSTEP_CMD_INIT_PART_H

#include "harness/base/buf.h"
#include "harness/base/opt.h"
#include "harness/suite/guess.h"
#include "harness/traffic/routes.h"

struct init_args {
	const char *trace, *out, *name, *route;
	const char *url;	/* the operand, or --url */
	struct opt_list questions, headers;
	int replace;
};

/* What is known of a service. */
struct init {
	const struct init_args *args;
	struct guess guess;
	struct routes routes;	/* of the trace */
	struct route *route;	/* the one that is asked; NULL: none */
	uint64_t exchanges;
	char url[512];		/* of the service, or "" */
	char name[256];		/* of the suite, from its file's */
	char api[160];		/* what it says it is, or "" */
	char method[16], path[1024];	/* how it is asked, with the query */
	/* the call whose answer names an id of the path, or "" */
	char setup_method[16], setup_path[1024], setup_ids[256];
	int targets_differ;	/* of the recorded requests */
};

/* cmd_init_trace.c, cmd_init_url.c: fill *in. returns RC_OK or an error */
int init_from_trace(struct init *in, struct err *err);
/* cmd_init_setup.c: the call that comes first. */
int init_find_setup(struct init *in, struct err *err);
int init_from_url(struct init *in, struct err *err);

/* cmd_init_write.c: the suite as YAML. */
void init_suite(const struct init *in, const char *out, struct buf *b);
/* What was found, for the terminal: lines behind prefix. */
void init_notes(const struct init *in, const char *prefix, struct buf *b);

#endif
