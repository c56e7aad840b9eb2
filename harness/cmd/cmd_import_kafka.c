/* From a topic into a trace; see cmd_import_kafka.h. */
#include "harness/cmd/cmd_import_kafka.h"

#include <stdio.h>
#include <string.h>

#include "harness/cmd/cmd_stop.h"
#include "replay/kafka.h"

int
import_kafka_asked(const struct import_kafka_args *a)
{
	return a->brokers != NULL || a->topic != NULL || a->group != NULL ||
	    a->from != NULL || a->follow || a->kafka.set.n > 0 ||
	    parts_asked(&a->parts);
}

static int
check(const struct import_kafka_args *a, struct err *err)
{
	if (a->brokers == NULL || a->topic == NULL || a->group == NULL)
		return err_set(err, RC_USAGE, "kafka needs --brokers "
		    "HOST:PORT[,...], --topic NAME and --group NAME");
	if (a->from != NULL && strcmp(a->from, "beginning") != 0 &&
	    strcmp(a->from, "end") != 0)
		return err_set(err, RC_USAGE, "--from is beginning or end");
	return RC_OK;
}

/* An import_next_fn. */
static int
next(void *ctx, struct import_message *m, struct err *err)
{
	struct kafka_message k;
	int rc = kafka_in_next(ctx, &k, err);

	if (rc != KAFKA_MESSAGE)
		return rc == KAFKA_KEEP ? IMPORT_KEEP :
		    rc == KAFKA_END ? IMPORT_END : rc;
	m->p = k.p;
	m->n = k.n;
	m->partition = k.partition;
	m->offset = k.offset;
	m->end = k.end;
	m->at_ns = k.at_ns;
	m->start_ns = k.start_ns;
	return IMPORT_MESSAGE;
}

/* An import_kept_fn. */
static int
kept(void *ctx, int last, struct err *err)
{
	return kafka_in_kept(ctx, last, err);
}

static void
say(void *ctx, const char *trouble)
{
	(void)ctx;
	(void)fprintf(stderr, "lockstep import: %s\n", trouble[0] != '\0' ?
	    trouble : "Kafka answers again");
}

/* A trace_say_fn. */
static void
say_part(void *ctx, const char *line)
{
	(void)ctx;
	(void)fprintf(stderr, "%s\n", line);
}

int
import_kafka_run(const struct import_kafka_args *a, struct import_opts *o,
    struct import_account *account, uint64_t *gone, struct err *err)
{
	struct kafka_words words = { { NULL }, 0 };
	struct import_queue q = { .brokers = a->brokers, .topic = a->topic,
	    .group = a->group, .next = next, .kept = kept,
	    .say = say_part };
	struct kafka_in_opts in = { .where = { a->brokers, a->topic, NULL,
	    0 }, .group = a->group, .follow = a->follow, .say = say };
	struct kafka_in *k = NULL;
	int rc = check(a, err);

	*gone = 0;
	if (rc == RC_OK)
		rc = kafka_args(&a->kafka, &words, err);
	if (rc == RC_OK)
		rc = parts_limits(&a->parts, &q.limits, err);
	in.tick = parts_asked(&a->parts);
	in.where.set = (const char *const *)words.v;
	in.where.n_set = words.n;
	in.from_end = a->from != NULL && strcmp(a->from, "end") == 0;
	in.stop = stop_catch();
	if (rc == RC_OK)
		rc = kafka_in_open(&in, &k, err);
	if (rc == RC_OK) {
		q.ctx = k;
		o->queue = &q;
		rc = import_run(o, NULL, 0, account, err);
		o->queue = NULL;
		*gone = kafka_in_gone(k);
	}
	kafka_in_close(&k);
	kafka_words_free(&words);
	return rc;
}
