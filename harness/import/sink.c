/* Where exchanges go, and what is counted; see import_part.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/mono.h"
#include "harness/base/rng.h"
#include "harness/import/import_part.h"
#include "harness/traffic/trace.h"

/* Records may be up to a day older than the first one, messages of other
 * partitions as old as topics are. */
#define DAY_NS (24LL * 3600 * MONO_S)
#define QUEUE_SLACK_NS (40 * DAY_NS)
#define TIDY_NS (60 * MONO_S)	/* parts grow old without messages, too */

struct import {
	const struct import_opts *o;
	struct import_account *account;
	struct trace_parts *parts;	/* NULL: no trace is written */
	struct trace_part *part;	/* from its first exchange on */
	int64_t start_ns;	/* the clock of the trace; 0: none yet */
	uint64_t told[IMPORT_REASONS_MAX];	/* of the unusable, to traces */
	struct clean clean;
	struct redact_work *redact;	/* or NULL */
	struct buf line;
	char id[48];
	uint64_t seen;		/* exchanges that were offered */
	/* of a queue */
	struct import_taken *taken;	/* or NULL: it is none */
	const struct import_message *of;	/* the one under way */
	int64_t last_ns;	/* its time */
	int fresh;		/* something was taken that is not kept */
	int64_t tidy_ns;
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
	if (im->part == NULL)
		return;
	im->told[i]++;
	trace_drop(im->part->w, what, 1);
}

static struct json *
head_of(const struct import_queue *q)
{
	struct json *extra = json_new(JSON_OBJECT);
	struct json *k = json_new(JSON_OBJECT);

	(void)json_set(k, "brokers", json_new_str(q->brokers));
	(void)json_set(k, "topic", json_new_str(q->topic));
	(void)json_set(k, "group", json_new_str(q->group));
	(void)json_set(extra, "kafka", k);
	return extra;
}

/* ---- the trace, or its parts --------------------------------------------- */

static int
is_rotated(const struct import *im)
{
	return im->parts != NULL && trace_parts_rotate(im->parts);
}

static int
new_parts(struct import *im, struct err *err)
{
	const struct import_queue *q = im->o->queue;
	struct trace_parts_opts o = { .out = im->o->out, .kind = "imported",
	    .argc = im->o->argc, .argv = im->o->argv };

	if (q != NULL) {
		o.extra = head_of(q);
		o.limits = q->limits;
		o.say = q->say;
		o.say_ctx = q->say_ctx;
		o.again = o.limits.rotate_bytes == 0 &&
		    o.limits.rotate_ns == 0 && access(im->o->out, F_OK) == 0;
	}
	return trace_parts_new(&o, &im->parts, err);
}

/* Tells the trace what could not be used since the last time. */
static void
tell_unusable(struct import *im)
{
	const struct import_account *a = im->account;
	size_t i;

	for (i = 0; i < a->n_unusable; i++) {
		if (a->unusable[i].n > im->told[i])
			trace_drop(im->part->w, a->unusable[i].what,
			    a->unusable[i].n - im->told[i]);
		im->told[i] = a->unusable[i].n;
	}
}

/* What was taken before; a record that a later import begins behind. */
static int
write_positions(struct import *im, struct err *err)
{
	int rc;

	buf_reset(&im->line);
	import_taken_put(im->taken, &im->line);
	rc = buf_check(&im->line, "a position", err);
	return rc != RC_OK ? rc : trace_write(im->part->w, im->line.p,
	    im->line.len, err);
}

static void
tidy(struct import *im)
{
	im->tidy_ns = mono_now_ns() + TIDY_NS;
	trace_parts_tidy(im->parts);
	trace_parts_tidied(im->parts, &im->account->tidied);
}

/* The trace begins with the first exchange, whose time is its clock. */
static int
open_part(struct import *im, int64_t at_ns, struct err *err)
{
	int64_t slack = im->o->queue != NULL ? QUEUE_SLACK_NS : DAY_NS;
	int rc;

	if (im->start_ns == 0)
		im->start_ns = at_ns < 0 ? mono_wall_ns() :
		    at_ns > slack ? at_ns - slack : 1;
	trace_parts_clock(im->parts, im->start_ns);
	rc = trace_parts_open(im->parts, &im->part, err);
	if (rc != RC_OK)
		return rc;
	tell_unusable(im);
	if (!is_rotated(im))
		return RC_OK;
	im->account->parts++;
	im->part->first_ns = mono_now_ns();
	rc = write_positions(im, err);
	if (rc == RC_OK)
		rc = trace_flush(im->part->w, 0, err);
	tidy(im);
	return rc;
}

/* Ends it, with all of it on the disk. */
static int
close_part(struct import *im, struct err *err)
{
	char line[4400];
	struct trace_account acc;
	int rc;

	trace_account(im->part->w, &acc);
	rc = trace_writer_close(&im->part->w, err);
	if (rc == RC_OK && is_rotated(im)) {
		(void)snprintf(line, sizeof(line), "%.4095s: complete, %llu "
		    "exchanges", im->part->path,
		    (unsigned long long)acc.written);
		trace_parts_say(im->parts, line);
	}
	trace_part_free(&im->part);
	return rc;
}

/* ---- exchanges -------------------------------------------------------- */

static int
is_wanted(const struct import *im, const struct exchange *ex)
{
	const struct import_opts *o = im->o;

	if (o->since_ns > 0 && ex->sent_ns < o->since_ns)
		return 0;
	if (o->until_ns > 0 && (ex->sent_ns < 0 || ex->sent_ns >= o->until_ns))
		return 0;
	if (im->of != NULL && o->sample < 1)
		return rng_unit(o->seed, 0x1f0c + (uint64_t)im->of->partition,
		    (uint64_t)im->of->offset) < o->sample;
	return o->sample >= 1 ||
	    rng_unit(o->seed, 0x1f0a, im->seen) < o->sample;
}

/* Which message it was; taken.c reads it. */
static void
put_place(struct import *im)
{
	struct buf *b = &im->line;

	if (b->bad != RC_OK)
		return;
	b->len--;		/* the bracket */
	buf_printf(b, ",\"kafka\":[%d,%lld]}", (int)im->of->partition,
	    (long long)im->of->offset);
}

static void
give_id(struct import *im, struct exchange *ex)
{
	if (im->of != NULL)
		(void)snprintf(im->id, sizeof(im->id), "%d-%lld",
		    (int)im->of->partition, (long long)im->of->offset);
	else
		(void)snprintf(im->id, sizeof(im->id), "%llu",
		    (unsigned long long)im->seen);
	ex->id = im->id;
}

/* To whoever takes them instead of a trace. */
static int
hand_over(struct import *im, struct exchange *ex, struct ex_header *req,
    struct ex_header *res, struct err *err)
{
	if (clean_exchange(&im->clean, im->o->keep, im->o->n_keep, ex, req,
	    res) != RC_OK)
		return err_set(err, RC_NOMEM, "out of memory");
	im->account->written++;
	return im->o->take(im->o->take_ctx, ex, err);
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
	if (im->o->take != NULL)
		return hand_over(im, ex, req, res, err);
	if (im->part == NULL)
		rc = open_part(im, ex->sent_ns, err);
	if (rc != RC_OK)
		return rc;
	if (ex->sent_ns >= 0)
		ex->sent_ns = ex->sent_ns < im->start_ns ? -1 :
		    ex->sent_ns - im->start_ns;
	if (ex->id == NULL)
		give_id(im, ex);
	rc = clean_exchange(&im->clean, im->o->keep, im->o->n_keep, ex, req,
	    res);
	if (rc == RC_OK && im->redact != NULL)
		rc = redact_exchange(im->redact, ex, req, res);
	if (rc != RC_OK)
		return err_set(err, RC_NOMEM, "out of memory");
	buf_reset(&im->line);
	exchange_write(&im->line, ex);
	if (im->of != NULL)
		put_place(im);
	if (buf_check(&im->line, "an exchange", NULL) != RC_OK) {
		trace_drop(im->part->w, "a record that is too large", 1);
		return RC_OK;
	}
	rc = trace_write(im->part->w, im->line.p, im->line.len, err);
	if (rc == RC_OK && ++im->account->written % 10000 == 0 &&
	    im->o->tick != NULL)
		im->o->tick(im->o->tick_ctx, im->account->written);
	return rc;
}

/* ---- messages of a queue ------------------------------------------------ */

/* Behind what the trace has, if it is there. */
static int
go_on(struct import *im, struct err *err)
{
	const char *topic = im->o->queue->topic;
	int there, rc;

	im->last_ns = -1;
	if (is_rotated(im)) {
		rc = import_behind(im->parts, im->o->out, topic, &im->taken,
		    &im->start_ns, err);
		if (rc == RC_OK)
			im->account->damaged = import_taken_damaged(im->taken);
		return rc;
	}
	there = access(im->o->out, F_OK) == 0;
	im->taken = import_taken_new();
	if (im->taken == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	if (!there)
		return RC_OK;
	rc = import_taken_load(im->taken, im->o->out, topic, &im->start_ns,
	    err);
	im->account->damaged = import_taken_damaged(im->taken);
	return rc != RC_OK ? rc : open_part(im, -1, err);
}

void
import_of(struct import *im, const struct import_message *m)
{
	im->of = m;
	im->last_ns = m->at_ns;
}

int
import_has(struct import *im, const struct import_message *m,
    struct err *err)
{
	int has = import_taken_has(im->taken, m);

	if (has < 0)
		return err_set(err, RC_USAGE, "%s: topic %.200s was made "
		    "anew: its partition %d ends at %lld, and the trace has "
		    "more. Choose another trace", im->o->out,
		    im->o->queue->topic, (int)m->partition,
		    (long long)m->end);
	im->account->again += has != 0;
	return has;
}

/* How far it came, behind what it took, before anybody is told. */
static int
put_positions(struct import *im, struct err *err)
{
	struct trace_account acc;
	int rc = RC_OK;

	if (im->part == NULL)
		rc = open_part(im, im->last_ns, err);
	if (rc != RC_OK)
		return rc;
	trace_account(im->part->w, &acc);
	if (acc.dropped > 0)
		rc = trace_write_drops(im->part->w, err);
	return rc != RC_OK ? rc : write_positions(im, err);
}

/* A part that is full. What is in it is on the disk then. */
static int
turn_over(struct import *im, struct err *err)
{
	int rc;

	if (im->part == NULL || !trace_parts_full(im->parts, im->part))
		return RC_OK;
	rc = put_positions(im, err);
	im->fresh = 0;
	return rc != RC_OK ? rc : close_part(im, err);
}

int
import_took(struct import *im, const struct import_message *m,
    struct err *err)
{
	/* what the trace has needs no record more */
	im->fresh |= im->of != NULL;
	im->of = NULL;
	if (import_taken_add(im->taken, m) != RC_OK)
		return err_set(err, RC_NOMEM, "out of memory");
	return turn_over(im, err);
}

int
import_keep(struct import *im, struct err *err)
{
	const struct import_queue *q = im->o->queue;
	int rc = turn_over(im, err);

	if (rc == RC_OK && im->fresh)
		rc = put_positions(im, err);
	if (rc == RC_OK && im->part != NULL)
		rc = trace_flush(im->part->w, 1, err);
	im->fresh = 0;
	if (is_rotated(im) && mono_now_ns() >= im->tidy_ns)
		tidy(im);
	return rc != RC_OK ? rc : q->kept(q->ctx, 0, err);
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
	if (o->redact != NULL) {
		im->redact = redact_work_new(o->redact);
		if (im->redact == NULL)
			return err_set(err, RC_NOMEM, "out of memory");
	}
	if (o->take == NULL && new_parts(im, err) != RC_OK)
		return err->code;
	return o->queue == NULL ? RC_OK : go_on(im, err);
}

/* Ends what is written. A queue's goes on from here, also what failed. */
static int
finish(struct import *im, int rc, struct err *err)
{
	struct err later = ERR_INIT;
	int failed = RC_OK;

	if (rc == RC_OK && im->part == NULL && im->parts != NULL &&
	    !is_rotated(im))
		rc = open_part(im, -1, err);
	if (im->taken != NULL && (is_rotated(im) ? im->fresh :
	    rc == RC_OK || im->part != NULL))
		failed = put_positions(im, &later);
	if (rc != RC_OK && im->taken == NULL)
		/* a part would look like all of it */
		trace_part_discard(&im->part);
	if (im->part != NULL && close_part(im, &later) != RC_OK)
		failed = later.code;
	if (rc == RC_OK && failed != RC_OK)
		rc = err_set(err, later.code, "%s", later.msg);
	return rc;
}

int
import_close(struct import **im, int rc, struct err *err)
{
	struct import *x = *im;

	if (x == NULL)
		return rc;
	*im = NULL;
	rc = finish(x, rc, err);
	trace_parts_free(x->parts);
	buf_fini(&x->line);
	clean_fini(&x->clean);
	redact_work_free(x->redact);
	import_taken_free(x->taken);
	free(x);
	return rc;
}
