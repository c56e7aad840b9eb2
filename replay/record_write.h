/*
 * One exchange of a recording into its file, large bodies beside it, or into
 * a line: without credentials and personal data. One thread at a time.
 */
#ifndef LOCKSTEP_RECORD_WRITE_H
#define LOCKSTEP_RECORD_WRITE_H

#include "harness/traffic/clean.h"
#include "harness/traffic/redact.h"
#include "replay/record_item.h"
#include "harness/traffic/trace_parts.h"

/* Headers that are kept though they look like credentials, and what is
 * redacted. */
struct record_keep {
	const char *const *v;
	size_t n;
	const struct redact *redact;	/* or NULL */
};

struct record_write {
	const struct record_keep *keep;	/* borrowed */
	struct buf line;
	struct clean clean;
	struct redact_work *redact;	/* or NULL */
};

/* returns RC_OK, caller ends with record_write_fini(), after a failure too;
 * RC_NOMEM */
int record_write_init(struct record_write *w, const struct record_keep *keep,
    struct err *err);
void record_write_fini(struct record_write *w);

/* The exchange as w->line, its bodies within. returns RC_OK; RC_NOMEM: or too
 * long for a record */
int record_write_line(struct record_write *w, struct record_item *it,
    struct err *err);

/* returns RC_OK; RC_IO; RC_USAGE: too long for a record; RC_NOMEM */
int record_write_item(struct record_write *w, struct trace_part *part,
    struct record_item *it, struct err *err);

#endif
