/* Messages of Kafka for `lockstep import`. */
#ifndef LOCKSTEP_CMD_IMPORT_KAFKA_H
#define LOCKSTEP_CMD_IMPORT_KAFKA_H

#include "harness/cmd/cmd_kafka.h"
#include "harness/cmd/cmd_parts.h"
#include "harness/import/import.h"

struct import_kafka_args {
	const char *brokers, *topic, *group, *from;	/* or NULL */
	int follow;
	struct kafka_args kafka;
	struct parts_args parts;
};

/* Whether any of them was given. */
int import_kafka_asked(const struct import_kafka_args *a);

/*
 * Imports as the options say, from a topic.
 * gone    messages that the topic had lost before they were read
 * returns as import_run(); RC_NET
 */
int import_kafka_run(const struct import_kafka_args *a,
    struct import_opts *o, struct import_account *account, uint64_t *gone,
    struct err *err);

#endif
