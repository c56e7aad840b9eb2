/* Where exchanges go, and what is counted; see import_part.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mono.h"
#include "harness/base/rng.h"
#include "harness/import/import_part.h"
#include "harness/traffic/trace.h"

/* Records may be up to a day older than the first one. */
#define SLACK_NS (24LL * 3600 * MONO_S)

struct import {
	const struct import_opts *o;
	struct import_account *account;
	struct trace_writer *writer;	/* from the first exchange on */
	int64_t start_ns;
	struct clean clean;
	struct redact_work *redact;	/* or NULL */
	struct buf line;
	char id[32];
	uint64_t seen;		/* exchanges that were offered */
};

const struct import_opts *
import_options(const struct import *im)
{
	return im->o;
}

void
import_seen(struct import *im)
{
	im->account->read++;
}

void
import_truncated(struct import *im, uint64_t n)
{
	im->account->truncated += n;
}

void
import_unusable_at(struct import *im, const struct import_at *at,
    const char *what)
{
	struct import_account *a = im->account;
	size_t i;

	for (i = 0; i < a->n_unusable; i++) {
		if (strcmp(a->unusable[i].what, what) == 0)
			break;
	}
	if (i == IMPORT_REASONS_MAX)
		i--;		/* the last one stands for the rest */
	else if (i == a->n_unusable) {
		a->n_unusable++;
		(void)snprintf(a->unusable[i].what,
		    sizeof(a->unusable[i].what), "%s", what);
		(void)snprintf(a->unusable[i].first,
		    sizeof(a->unusable[i].first), "%s:%llu",
		    strcmp(at->path, "-") == 0 ? "standard input" : at->path,
		    (unsigned long long)at->line + 1);
	}
	a->unusable[i].n++;
	if (im->writer != NULL)
		trace_drop(im->writer, what, 1);
}

/* The trace begins with the first exchange, whose time is its clock. */
static int
open_writer(struct import *im, int64_t at_ns, struct err *err)
{
	struct trace_opts o = { .kind = "imported", .argc = im->o->argc,
	    .argv = im->o->argv };
	size_t i;
	int rc;

	im->start_ns = at_ns < 0 ? mono_wall_ns() :
	    at_ns > SLACK_NS ? at_ns - SLACK_NS : 1;
	o.start_wall_ns = im->start_ns;
	rc = trace_writer_open(im->o->out, &o, 0, &im->writer, err);
	for (i = 0; rc == RC_OK && i < im->account->n_unusable; i++)
		trace_drop(im->writer, im->account->unusable[i].what,
		    im->account->unusable[i].n);
	return rc;
}

static int
is_wanted(const struct import *im, const struct exchange *ex)
{
	const struct import_opts *o = im->o;

	if (o->since_ns > 0 && ex->sent_ns < o->since_ns)
		return 0;
	if (o->until_ns > 0 && (ex->sent_ns < 0 || ex->sent_ns >= o->until_ns))
		return 0;
	return o->sample >= 1 ||
	    rng_unit(o->seed, 0x1f0a, im->seen) < o->sample;
}

int
import_exchange(struct import *im, struct exchange *ex,
    struct ex_header *req, struct ex_header *res, struct err *err)
{
	int wanted = is_wanted(im, ex), rc = RC_OK;

	im->seen++;
	if (!wanted) {
		im->account->outside++;
		return RC_OK;
	}
	if (im->writer == NULL)
		rc = open_writer(im, ex->sent_ns, err);
	if (rc != RC_OK)
		return rc;
	if (ex->sent_ns >= 0)
		ex->sent_ns = ex->sent_ns < im->start_ns ? -1 :
		    ex->sent_ns - im->start_ns;
	if (ex->id == NULL) {
		(void)snprintf(im->id, sizeof(im->id), "%llu",
		    (unsigned long long)im->seen);
		ex->id = im->id;
	}
	rc = clean_exchange(&im->clean, im->o->keep, im->o->n_keep, ex, req,
	    res);
	if (rc == RC_OK && im->redact != NULL)
		rc = redact_exchange(im->redact, ex, req, res);
	if (rc != RC_OK)
		return err_set(err, RC_NOMEM, "out of memory");
	buf_reset(&im->line);
	exchange_write(&im->line, ex);
	if (buf_check(&im->line, "an exchange", NULL) != RC_OK) {
		trace_drop(im->writer, "a record that is too large", 1);
		return RC_OK;
	}
	rc = trace_write(im->writer, im->line.p, im->line.len, err);
	if (rc == RC_OK && ++im->account->written % 10000 == 0 &&
	    im->o->tick != NULL)
		im->o->tick(im->o->tick_ctx, im->account->written);
	return rc;
}

int
import_open(const struct import_opts *o, struct import_account *account,
    struct import **out, struct err *err)
{
	struct import *im = calloc(1, sizeof(*im));

	*out = im;
	memset(account, 0, sizeof(*account));
	if (im == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	im->o = o;
	im->account = account;
	clean_init(&im->clean);
	buf_init(&im->line, TRACE_LINE_MAX);
	if (o->redact == NULL)
		return RC_OK;
	im->redact = redact_work_new(o->redact);
	return im->redact != NULL ? RC_OK :
	    err_set(err, RC_NOMEM, "out of memory");
}

int
import_close(struct import **im, int rc, struct err *err)
{
	struct err later = ERR_INIT;
	struct import *x = *im;

	if (x == NULL)
		return rc;
	*im = NULL;
	if (rc == RC_OK && x->writer == NULL)
		rc = open_writer(x, -1, err);
	if (x->writer != NULL && trace_writer_close(&x->writer, &later) !=
	    RC_OK && rc == RC_OK)
		rc = err_set(err, later.code, "%s", later.msg);
	buf_fini(&x->line);
	clean_fini(&x->clean);
	redact_work_free(x->redact);
	free(x);
	return rc;
}
