/*
 * Exchanges into a topic; see kafka.h.
 *
 * Idempotent: what a broker has taken and could not answer is not taken
 * twice. Nothing times out: a broker may be away for as long as there is room
 * for what waits, which is the caller's to bound.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mono.h"
#include "replay/kafka_part.h"

enum { LOOK_MS = 500, END_MS = 2000, NUMBER = 24 };

static const char too_large[] = "too large for a message";
static const char refused[] = "refused by Kafka";
static const char not_sent[] = "not sent to Kafka";
/* It may be in the topic. */
static const char no_answer[] = "sent to Kafka, no answer";

struct kafka_out {
	struct kafka_out_opts o;
	rd_kafka_t *rk;		/* NULL: it broke and there is no other yet */
	char start[NUMBER];
	struct kafka_out_state s;
	char trouble[KAFKA_TROUBLE_BYTES];
	int looked;		/* the topic was found */
	int64_t look_ns;	/* the next time */
};

/* ---- answers ---------------------------------------------------------- */

static const char *
why_lost(const rd_kafka_message_t *m)
{
	if (rd_kafka_message_status(m) ==
	    RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED)
		return no_answer;
	switch (m->err) {
	case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
	case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
		return too_large;
	case RD_KAFKA_RESP_ERR__PURGE_QUEUE:
	case RD_KAFKA_RESP_ERR__PURGE_INFLIGHT:
	case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
	case RD_KAFKA_RESP_ERR__FATAL:
		return not_sent;
	default:
		return refused;
	}
}

static void
on_answer(rd_kafka_t *rk, const rd_kafka_message_t *m, void *ctx)
{
	struct kafka_out *k = ctx;
	const char *why;

	(void)rk;
	k->s.waiting--;
	k->s.waiting_bytes -= m->len;
	if (m->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
		k->s.written++;
		k->trouble[0] = '\0';
		k->looked = 1;
		return;
	}
	why = why_lost(m);
	if (why == refused)
		(void)snprintf(k->trouble, sizeof(k->trouble), "topic %.100s: "
		    "%.100s", k->o.where.topic, rd_kafka_err2str(m->err));
	k->o.lost(k->o.lost_ctx, why);
}

static void
on_error(rd_kafka_t *rk, int code, const char *reason, void *ctx)
{
	struct kafka_out *k = ctx;

	(void)rk;
	/* one broker of several is none */
	if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN &&
	    k->trouble[0] != '\0')
		return;
	(void)snprintf(k->trouble, sizeof(k->trouble), "Kafka: %.240s",
	    reason);
	k->looked = 0;
}

/* ---- opening ---------------------------------------------------------- */

static int
begin(struct kafka_out *k, struct err *err)
{
	char kbytes[NUMBER], messages[NUMBER];
	const struct kafka_setting rows[] = {
		{ "enable.idempotence", "true", 1 },
		{ "queue.buffering.max.kbytes", kbytes, 1 },
		{ "queue.buffering.max.messages", messages, 1 },
		{ "delivery.report.only.error", "false", 1 },
		{ "message.timeout.ms", "0", 0 },
		{ "linger.ms", "50", 0 },
		{ "compression.type", "zstd", 0 },
		{ "client.id", "lockstep", 0 },
		{ "reconnect.backoff.max.ms", "2000", 0 },
		{ "log.connection.close", "false", 0 },
		{ NULL, NULL, 0 }
	};
	size_t kb = k->o.queue_max / 1024;
	rd_kafka_conf_t *conf;
	int rc;

	kb = kb < 1 ? 1 : kb > 2000000 ? 2000000 : kb;
	(void)snprintf(kbytes, sizeof(kbytes), "%zu", kb);
	/* each takes some hundred bytes of its own */
	(void)snprintf(messages, sizeof(messages), "%zu",
	    kb * 2 < 10 ? 10 : kb * 2);
	rc = kafka_conf(&k->o.where, rows, &conf, err);
	if (rc != RC_OK)
		return rc;
	rd_kafka_conf_set_opaque(conf, k);
	rd_kafka_conf_set_dr_msg_cb(conf, on_answer);
	rd_kafka_conf_set_error_cb(conf, on_error);
	return kafka_new(RD_KAFKA_PRODUCER, conf, &k->rk, err);
}

int
kafka_out_open(const struct kafka_out_opts *o, struct kafka_out **out,
    struct err *err)
{
	struct kafka_out *k = calloc(1, sizeof(*k));
	int rc;

	*out = NULL;
	if (k == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	k->o = *o;
	(void)snprintf(k->start, sizeof(k->start), "%lld",
	    (long long)o->start_wall_ns);
	rc = begin(k, err);
	if (rc != RC_OK) {
		free(k);
		return rc;
	}
	*out = k;
	return RC_OK;
}

/* ---- sending ---------------------------------------------------------- */

int
kafka_out_put(struct kafka_out *k, const char *key, const char *p, size_t n,
    int64_t at_ns)
{
	void *id = (void *)(uintptr_t)key;	/* only read, too */
	rd_kafka_resp_err_t e;

	if (k->rk == NULL)
		return 0;
	e = rd_kafka_producev(k->rk, RD_KAFKA_V_TOPIC(k->o.where.topic),
	    RD_KAFKA_V_KEY(id, strlen(key)),
	    RD_KAFKA_V_VALUE((void *)(uintptr_t)p, n),
	    RD_KAFKA_V_HEADER(KAFKA_HEADER, k->start, -1),
	    RD_KAFKA_V_TIMESTAMP(at_ns < 0 ? 0 : at_ns / MONO_MS),
	    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
	switch (e) {
	case RD_KAFKA_RESP_ERR_NO_ERROR:
		k->s.waiting++;
		k->s.waiting_bytes += n;
		return 1;
	case RD_KAFKA_RESP_ERR__QUEUE_FULL:
	case RD_KAFKA_RESP_ERR__FATAL:	/* there will be another producer */
		return 0;
	case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
		k->o.lost(k->o.lost_ctx, too_large);
		return 1;
	default:
		(void)snprintf(k->trouble, sizeof(k->trouble), "topic %.100s: "
		    "%.100s", k->o.where.topic, rd_kafka_err2str(e));
		k->o.lost(k->o.lost_ctx, refused);
		return 1;
	}
}

void
kafka_out_give_up(struct kafka_out *k)
{
	if (k->rk == NULL)
		return;
	(void)rd_kafka_purge(k->rk, RD_KAFKA_PURGE_F_QUEUE |
	    RD_KAFKA_PURGE_F_INFLIGHT);
	(void)rd_kafka_flush(k->rk, END_MS);
	rd_kafka_destroy(k->rk);
	k->rk = NULL;
	for (; k->s.waiting > 0; k->s.waiting--)	/* none, as a rule */
		k->o.lost(k->o.lost_ctx, no_answer);
	k->s.waiting_bytes = 0;
}

/* A producer whose numbers no longer fit the broker's sends nothing more:
 * another one takes its place. */
static void
mend(struct kafka_out *k)
{
	struct err err = ERR_INIT;
	char words[200];

	if (k->rk != NULL && rd_kafka_fatal_error(k->rk, words,
	    sizeof(words)) == RD_KAFKA_RESP_ERR_NO_ERROR)
		return;
	if (k->rk != NULL)
		(void)snprintf(k->trouble, sizeof(k->trouble), "Kafka: %.200s",
		    words);
	kafka_out_give_up(k);
	if (begin(k, &err) != RC_OK)
		(void)snprintf(k->trouble, sizeof(k->trouble), "Kafka: %.200s",
		    err.msg);
	k->looked = 0;
}

/* Whether the topic is there, until it is: what is idle gets no answers. */
static void
look(struct kafka_out *k)
{
	char why[KAFKA_TROUBLE_BYTES] = "";
	int n;

	if (k->rk == NULL || k->looked || mono_now_ns() < k->look_ns)
		return;
	n = kafka_look(k->rk, &k->o.where, LOOK_MS, why);
	if (n >= 0 || why[0] != '\0')
		memcpy(k->trouble, why, sizeof(k->trouble));
	else if (k->trouble[0] == '\0')
		(void)snprintf(k->trouble, sizeof(k->trouble), "Kafka: no "
		    "broker of %.200s has answered yet", k->o.where.brokers);
	k->looked = n > 0;
	k->look_ns = mono_now_ns() + MONO_S;
}

void
kafka_out_poll(struct kafka_out *k, int ms)
{
	if (k->rk != NULL)
		(void)rd_kafka_poll(k->rk, ms);
	mend(k);
	look(k);
}

void
kafka_out_state(const struct kafka_out *k, struct kafka_out_state *out)
{
	*out = k->s;
	out->trouble = k->trouble;
}

void
kafka_out_close(struct kafka_out **kp)
{
	struct kafka_out *k = *kp;

	if (k == NULL)
		return;
	*kp = NULL;
	kafka_out_give_up(k);
	free(k);
}
