/*
 * Kafka, by librdkafka: where a topic is, what it is sent and what is read of
 * it. A producer and a consumer belong to one thread each; librdkafka has its
 * own beside it.
 */
#ifndef LOCKSTEP_KAFKA_H
#define LOCKSTEP_KAFKA_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"

/* Where, and how. All borrowed. */
struct kafka_opts {
	const char *brokers;	/* HOST:PORT[,HOST:PORT...] */
	const char *topic;
	const char *const *set;	/* "name=value" of librdkafka's settings */
	size_t n_set;
};

#define KAFKA_SCHEME "kafka://"

/* Whether an address is one of Kafka. */
int kafka_is(const char *address);

/*
 * Takes kafka://HOST:PORT[,HOST:PORT...]/TOPIC apart.
 * *brokers, *topic  caller frees
 * returns RC_OK, RC_USAGE, RC_NOMEM
 */
int kafka_address(const char *address, char **brokers, char **topic,
    struct err *err);

/* Whether a topic can have this name. returns RC_OK or RC_USAGE */
int kafka_topic_check(const char *topic, struct err *err);

enum { KAFKA_TROUBLE_BYTES = 256 };

/* The header of a message that holds an exchange of a recording: the wall
 * clock of its start, nanoseconds since 1970, in decimal. */
#define KAFKA_HEADER "lockstep"

/* ---- sending (kafka_out.c) -------------------------------------------- */

struct kafka_out;

/* Told of a message that may not be in the topic. why: a literal */
typedef void kafka_lost_fn(void *ctx, const char *why);

struct kafka_out_opts {
	struct kafka_opts where;
	size_t queue_max;	/* bytes that may wait for Kafka's answer */
	int64_t start_wall_ns;	/* for the header */
	kafka_lost_fn *lost;	/* from within the functions below */
	void *lost_ctx;
};

/*
 * A producer. Nobody is asked yet: brokers that are away are no error.
 * o       copied, what it points to borrowed
 * returns RC_OK, caller ends with kafka_out_close(); RC_USAGE: a setting
 */
int kafka_out_open(const struct kafka_out_opts *o, struct kafka_out **out,
    struct err *err);

/*
 * Hands one message over; copied.
 * at_ns   its time, wall clock; -1: now
 * returns 1; 0: no room, to be tried again after kafka_out_poll(); what can
 *         never be sent is told to lost, and 1
 */
int kafka_out_put(struct kafka_out *k, const char *key, const char *p,
    size_t n, int64_t at_ns);

/* Takes answers, and looks for a broker that was away; waits up to ms. */
void kafka_out_poll(struct kafka_out *k, int ms);

struct kafka_out_state {
	uint64_t written;	/* Kafka has them for certain */
	uint64_t waiting;	/* for its answer */
	size_t waiting_bytes;
	const char *trouble;	/* of the brokers, now; or "" */
};
void kafka_out_state(const struct kafka_out *k, struct kafka_out_state *out);

/* Gives up what waits, telling lost; what is put now finds no room. */
void kafka_out_give_up(struct kafka_out *k);
/* The same, and frees. */
void kafka_out_close(struct kafka_out **k);

/* ---- reading (kafka_in.c) --------------------------------------------- */

struct kafka_in;

struct kafka_in_opts {
	struct kafka_opts where;
	const char *group;
	int from_end;		/* where a group begins that is new: at the
				   end, not at the beginning */
	int follow;		/* go on at the end that the topic had */
	int tick;		/* KAFKA_KEEP every second, also when nothing
				   came */
	volatile const int *stop;	/* or NULL; becoming non-0 ends it */
	void (*say)(void *ctx, const char *trouble);	/* or NULL */
	void *say_ctx;
};

/* Borrowed until the next call. */
struct kafka_message {
	const char *p;
	size_t n;
	int32_t partition;
	int64_t offset;
	int64_t end;		/* of its partition, when it became ours */
	int64_t at_ns;		/* its time, wall clock; -1: unknown */
	int64_t start_ns;	/* of KAFKA_HEADER; -1: there is none */
};

/*
 * A consumer of a group, which has a look at the topic.
 * returns RC_OK, caller ends with kafka_in_close(); RC_USAGE: a setting, or
 *         no such topic; RC_NET: no broker answers
 */
int kafka_in_open(const struct kafka_in_opts *o, struct kafka_in **out,
    struct err *err);

enum { KAFKA_END, KAFKA_MESSAGE, KAFKA_KEEP };

/*
 * The next message.
 * returns KAFKA_MESSAGE; KAFKA_KEEP: what was given is to be made durable,
 *         and kafka_in_kept() called; KAFKA_END; RC_NET: no broker for a
 *         minute, or it refuses
 */
int kafka_in_next(struct kafka_in *k, struct kafka_message *m,
    struct err *err);

/*
 * What was given is durable: the group's position moves behind it.
 * last    waits for the brokers' answer
 * returns RC_OK, RC_NET
 */
int kafka_in_kept(struct kafka_in *k, int last, struct err *err);

/* Messages that the topic had lost before they were read. */
uint64_t kafka_in_gone(const struct kafka_in *k);

void kafka_in_close(struct kafka_in **k);

#endif
