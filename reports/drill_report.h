/*
 * Reports of drills and of the seventeen guardrails, from two documents:
 *
 *   a drill's    as drill_run() makes it, with what `lockstep drill --json`
 *                adds (lockstep, suite, path, started, targets, decision)
 *   guardrails   the list of `lockstep guardrails --json`
 *
 * Members may be missing. Every byte is hostile, as in all reports.
 */
#ifndef LOCKSTEP_DRILL_REPORT_H
#define LOCKSTEP_DRILL_REPORT_H

#include "harness/base/buf.h"
#include "harness/base/err.h"
#include "harness/base/json.h"

/* The seventeen as a page, and as a section of another page. */
void guardrails_html(const struct json *rows, const char *version,
    struct buf *out);
void guardrails_html_section(const struct json *rows, struct buf *out);

/* "3 of 3 scenarios hold", "1 of 3 scenarios does not hold" */
void drill_sentence(const struct json *doc, struct buf *out);

/* A drill: a section for each scenario, then the seventeen; rows NULL:
 * without. */
void drill_html(const struct json *doc, const struct json *rows,
    struct buf *out);
/* Each scenario is a test suite, each check a test case. */
void drill_junit(const struct json *doc, struct buf *out);
void drill_md(const struct json *doc, struct buf *out);

/*
 * report.json, report.html, report.md and junit.xml into dir, which is made
 * with its parents.
 * returns RC_OK, RC_IO or RC_NOMEM
 */
int drill_report_all(const struct json *doc, const struct json *rows,
    const char *dir, struct err *err);

#endif
