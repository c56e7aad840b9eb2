/*
 * Private to cmd_job*.c: the file job.json of a run's folder, from which a
 * run is opened again.  What may be in no file (cmd_argv.h) is not in it.
 */
#ifndef LOCKSTEP_CMD_JOB_PART_H
#define LOCKSTEP_CMD_JOB_PART_H

#include "harness/base/json.h"
#include "harness/cmd/cmd_job.h"

enum { JOB_FILE_MAX = 1 << 20 };

/* The options; what o sets already comes behind and wins. The strings stay
 * the document's. */
void job_file_opts(const struct json *doc, struct job_opts *o);
/* How far replaying came. */
void job_file_stats(struct job *j, const struct json *doc);
/* Arms as they were called when they were asked. */
void job_file_labels(struct job *j, const struct json *doc);
/* returns RC_OK, or RC_USAGE: what no file keeps is to be given again */
int job_file_hidden(const struct job *j, struct err *err);

#endif
