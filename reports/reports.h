/*
 * Report writers: one file each, all from struct result alone.
 * Every recorded byte is hostile: each writer escapes for its own format.
 */
#ifndef LOCKSTEP_REPORTS_H
#define LOCKSTEP_REPORTS_H

#include "harness/base/buf.h"
#include "harness/base/err.h"
#include "harness/result/result.h"

/* How to write; NULL stands for the zero value. */
struct report_opts {
	int color;		/* ANSI colours (text only) */
	int width;		/* columns of the terminal, 0: 80 */
	int brief;		/* the first screen alone (text only) */
};
/* Appends the whole report; failures stick to out. An out with a sink is
 * drained on the way, case by case. */
typedef void report_write_fn(const struct result *r,
    const struct report_opts *o, struct buf *out);

struct report_format {
	const char *name;	/* "text", "json", "html", "md", "junit", ... */
	const char *file;	/* "report.txt", ... */
	report_write_fn *write;	/* safe from any thread */
	const char *help;
	int on_request;		/* no part of a report folder */
};
/* One a row, each defined in its own report_*.c. */
#define REPORT(name) extern const struct report_format report_##name;
#include "reports/report_rows.h"
extern const struct report_format *const report_formats[]; /* NULL ends it */

/* returns the format of a name, or NULL */
const struct report_format *report_format_of(const char *name);

/*
 * One report into an open file, as it is made.
 * o       NULL stands for the zero value
 * name    what messages call the file
 * returns RC_OK, RC_IO or RC_NOMEM
 */
int reports_write_fd(const struct result *r,
    const struct report_format *format, const struct report_opts *o, int fd,
    const char *name, struct err *err);

/*
 * One report as a file: written to a temporary name beside it, synced, then
 * renamed, so that a reader sees the old file or the whole new one.
 * returns RC_OK, RC_IO or RC_NOMEM
 */
int reports_write_file(const struct result *r,
    const struct report_format *format, const char *path, struct err *err);

/*
 * Makes a folder for reports, with its parents, so that a place that cannot
 * be written is known before a run is sent.
 * returns RC_OK, RC_IO or RC_NOMEM
 */
int reports_make_dir(const char *dir, struct err *err);

/*
 * Every format but those that are written on request only, into dir
 * (created with its parents if needed).
 * returns as reports_write_file()
 */
int reports_write_all(const struct result *r, const char *dir,
    struct err *err);

#endif
