/* The settings of Kafka, which commands take alike. */
#ifndef LOCKSTEP_CMD_KAFKA_H
#define LOCKSTEP_CMD_KAFKA_H

#include "harness/base/err.h"
#include "harness/base/opt.h"

struct kafka_args {
	struct opt_list set;
};
/* Rows for a struct type with such a member. */
#define KAFKA_OPTS(type, member) \
	{ "kafka-set", 0, OPT_LIST, offsetof(type, member.set), 0, 0, \
	    "NAME=VALUE", "Kafka: a setting of librdkafka\n" \
	    "(security.protocol=SASL_SSL); ${NAME} and\n" \
	    "${file:PATH} as VALUE are taken from the environment\n" \
	    "and a file; may be repeated" }

/* The same with their values filled in. */
struct kafka_words {
	char *v[OPT_LIST_MAX];
	size_t n;
};

/*
 * returns RC_OK; RC_USAGE: a variable that is not set; RC_IO, RC_NOMEM;
 *         caller ends with kafka_words_free() in any case
 */
int kafka_args(const struct kafka_args *a, struct kafka_words *out,
    struct err *err);
/* Forgets them, too: there may be secrets among them. */
void kafka_words_free(struct kafka_words *w);

#endif
