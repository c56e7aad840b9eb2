/* What the files of Kafka share; not for others. */
#ifndef LOCKSTEP_KAFKA_PART_H
#define LOCKSTEP_KAFKA_PART_H

#include <librdkafka/rdkafka.h>

#include "replay/kafka.h"

/* A setting that we make. */
struct kafka_setting {
	const char *name, *value;
	int ours;		/* the user may not change it */
};

/*
 * librdkafka's configuration: our rows (until a NULL name), then the user's.
 * returns RC_OK, caller gives it to rd_kafka_new() or destroys it; RC_USAGE
 */
int kafka_conf(const struct kafka_opts *o, const struct kafka_setting *rows,
    rd_kafka_conf_t **out, struct err *err);

/*
 * rd_kafka_new(), which takes conf in any case.
 * returns RC_OK or RC_USAGE: settings that do not fit together
 */
int kafka_new(rd_kafka_type_t type, rd_kafka_conf_t *conf, rd_kafka_t **out,
    struct err *err);

/*
 * Whether an error (a rd_kafka_resp_err_t) passes by itself, as while a broker
 * restarts and another leads its partitions. Those of a right, of a topic that
 * is not there and of what can never be served do not.
 */
int kafka_passes(int code);

/*
 * Asks for a topic.
 * why     why it cannot be used, KAFKA_TROUBLE_BYTES; "": it can; untouched
 *         when no broker answered in time
 * returns its number of partitions, 0: it cannot be used; -1: no answer, or
 *         it cannot be used just now, of which why tells
 */
int kafka_look(rd_kafka_t *rk, const struct kafka_opts *o, int timeout_ms,
    char *why);

#endif
