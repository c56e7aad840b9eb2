/*
 * A topic as a group reads it; see kafka.h.
 *
 * The group's position moves only behind what the caller has made durable: it
 * is asked to, at least every second, and before partitions go to another
 * member. So a crash costs nothing, and what was read twice is told by its
 * partition and offset.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mono.h"
#include "replay/kafka_part.h"

enum {
	POLL_MS = 100,
	ASK_MS = 10000,
	KEEP_BYTES = 16 << 20,
	LAST_MS = 20000,
	AGAIN_MS = 500
};
#define KEEP_NS MONO_S
#define DOWN_NS (60 * MONO_S)	/* for a broker that restarts */
#define OPEN_NS (15 * MONO_S)
#define REFUSED_NS (3 * MONO_S)

/* A partition that is ours. */
struct part {
	int32_t id;
	int64_t next;		/* offset behind what was given */
	int64_t kept;		/* the group's position; below 0: it has none */
	int64_t end;		/* of the topic, when we came */
	int done;
};

struct kafka_in {
	struct kafka_in_opts o;
	rd_kafka_t *rk;
	rd_kafka_queue_t *answers;	/* to commits */
	rd_kafka_message_t *held;	/* what was given last */
	struct part *parts;
	size_t n_parts;
	int assigned;		/* the group has told us our share */
	/* our share while no broker can say where it begins, or NULL */
	rd_kafka_topic_partition_list_t *share;
	int64_t share_ns;	/* when to ask again */
	int revoking, closing;
	unsigned asked;		/* commits without an answer */
	size_t given;		/* messages, and bytes, that are not kept */
	size_t given_bytes;
	int64_t keep_ns, down_ns;	/* 0: not down */
	uint64_t gone;
	char trouble[KAFKA_TROUBLE_BYTES], said[KAFKA_TROUBLE_BYTES];
	struct err err;		/* of a callback */
};

static void
forget(rd_kafka_message_t *m)
{
	if (m != NULL)
		rd_kafka_message_destroy(m);
}

/* ---- partitions ------------------------------------------------------- */

static struct part *
part_of(const struct kafka_in *k, int32_t id)
{
	size_t i;

	for (i = 0; i < k->n_parts; i++) {
		if (k->parts[i].id == id)
			return &k->parts[i];
	}
	return NULL;
}

static void
finish(struct kafka_in *k, struct part *p)
{
	rd_kafka_topic_partition_list_t *l;

	p->done = 1;
	l = rd_kafka_topic_partition_list_new(1);
	(void)rd_kafka_topic_partition_list_add(l, k->o.where.topic, p->id);
	(void)rd_kafka_pause_partitions(k->rk, l);
	rd_kafka_topic_partition_list_destroy(l);
}

/* Where to begin: at the group's position, if it has one that still is.
 * returns what a broker says */
static rd_kafka_resp_err_t
place(struct kafka_in *k, struct part *p, int64_t committed)
{
	int64_t low = 0, high = 0;
	rd_kafka_resp_err_t e = rd_kafka_query_watermark_offsets(k->rk,
	    k->o.where.topic, p->id, &low, &high, ASK_MS);

	if (e != RD_KAFKA_RESP_ERR_NO_ERROR)
		return e;
	p->end = high;
	p->kept = committed;
	p->next = committed;
	if (committed < 0)
		p->next = k->o.from_end ? high : low;
	else if (committed < low) {
		k->gone += (uint64_t)(low - committed);
		p->next = low;
	} else if (committed > high) {
		p->next = low;		/* the topic was made anew */
		p->kept = RD_KAFKA_OFFSET_INVALID;
	}
	p->done = !k->o.follow && p->next >= p->end;
	return e;
}

/* What keeps our share from us: waited through if it passes. */
static int
no_share(struct kafka_in *k, const char *what, rd_kafka_resp_err_t e,
    struct err *err)
{
	k->n_parts = 0;
	if (!kafka_passes(e))
		return err_set(err, RC_NET, "%s: %s", what,
		    rd_kafka_err2str(e));
	k->share_ns = mono_now_ns() + AGAIN_MS * MONO_MS;
	if (k->down_ns == 0)
		k->down_ns = mono_now_ns();
	(void)snprintf(k->trouble, sizeof(k->trouble), "Kafka: %.140s: %.100s",
	    what, rd_kafka_err2str(e));
	return RC_OK;
}

/* Our share of the topic, with where each part of it begins. It is ours when
 * k->assigned. */
static int
take_share(struct kafka_in *k, rd_kafka_topic_partition_list_t *l,
    struct err *err)
{
	struct part *parts = calloc((size_t)l->cnt + 1, sizeof(*parts));
	uint64_t gone = k->gone;
	char what[160];
	rd_kafka_resp_err_t e;
	int i;

	if (parts == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	free(k->parts);
	k->parts = parts;
	k->n_parts = 0;
	(void)snprintf(what, sizeof(what), "the position of group %.100s",
	    k->o.group);
	e = l->cnt == 0 ? RD_KAFKA_RESP_ERR_NO_ERROR :
	    rd_kafka_committed(k->rk, l, ASK_MS);
	for (i = 0; e == RD_KAFKA_RESP_ERR_NO_ERROR && i < l->cnt; i++) {
		parts[i].id = l->elems[i].partition;
		(void)snprintf(what, sizeof(what), "partition %d of topic "
		    "%.100s", (int)parts[i].id, k->o.where.topic);
		e = l->elems[i].err;
		if (e == RD_KAFKA_RESP_ERR_NO_ERROR)
			e = place(k, &parts[i], l->elems[i].offset);
		l->elems[i].offset = parts[i].next;
		k->n_parts++;
	}
	if (e != RD_KAFKA_RESP_ERR_NO_ERROR) {
		k->gone = gone;
		return no_share(k, what, e, err);
	}
	k->assigned = 1;
	return RC_OK;
}

static void
forget_share(struct kafka_in *k)
{
	if (k->share != NULL)
		rd_kafka_topic_partition_list_destroy(k->share);
	k->share = NULL;
}

/* Asks where our share begins, and reads from there. */
static void
begin_share(struct kafka_in *k)
{
	size_t i;

	if (k->share == NULL || mono_now_ns() < k->share_ns ||
	    take_share(k, k->share, &k->err) != RC_OK || !k->assigned)
		return;
	(void)rd_kafka_assign(k->rk, k->share);
	forget_share(k);
	k->down_ns = 0;
	k->trouble[0] = '\0';
	for (i = 0; i < k->n_parts; i++) {
		if (k->parts[i].done)
			finish(k, &k->parts[i]);
	}
}

static void
on_share(rd_kafka_t *rk, rd_kafka_resp_err_t e,
    rd_kafka_topic_partition_list_t *l, void *ctx)
{
	struct kafka_in *k = ctx;

	forget_share(k);
	if (e != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
		k->revoking = !k->closing;
		if (k->closing)
			(void)rd_kafka_assign(rk, NULL);
		return;		/* else when what we have is kept */
	}
	k->assigned = 0;
	k->share_ns = 0;
	k->share = rd_kafka_topic_partition_list_copy(l);
	begin_share(k);
}

/* ---- opening ---------------------------------------------------------- */

static void
on_error(rd_kafka_t *rk, int code, const char *reason, void *ctx)
{
	struct kafka_in *k = ctx;

	(void)rk;
	if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
		if (k->down_ns == 0)
			k->down_ns = mono_now_ns();
		if (k->trouble[0] != '\0')
			return;
	}
	(void)snprintf(k->trouble, sizeof(k->trouble), "Kafka: %.240s",
	    reason);
}

static int
set_up(struct kafka_in *k, struct err *err)
{
	const struct kafka_setting rows[] = {
		{ "enable.auto.commit", "false", 1 },
		{ "enable.auto.offset.store", "false", 1 },
		{ "enable.partition.eof", "true", 1 },
		{ "partition.assignment.strategy", "range,roundrobin", 1 },
		{ "auto.offset.reset", "earliest", 1 },
		{ "group.id", k->o.group, 0 },
		{ "client.id", "lockstep", 0 },
		/* a member that was killed holds the group up for so long */
		{ "session.timeout.ms", "10000", 0 },
		{ "queued.max.messages.kbytes", "16384", 0 },
		{ "fetch.max.bytes", "16777216", 0 },
		{ "reconnect.backoff.max.ms", "2000", 0 },
		{ "log.connection.close", "false", 0 },
		{ NULL, NULL, 0 }
	};
	rd_kafka_conf_t *conf;
	int rc = kafka_conf(&k->o.where, rows, &conf, err);

	if (rc != RC_OK)
		return rc;
	rd_kafka_conf_set_opaque(conf, k);
	rd_kafka_conf_set_rebalance_cb(conf, on_share);
	rd_kafka_conf_set_error_cb(conf, on_error);
	rc = kafka_new(RD_KAFKA_CONSUMER, conf, &k->rk, err);
	if (rc != RC_OK)
		return rc;
	(void)rd_kafka_poll_set_consumer(k->rk);
	k->answers = rd_kafka_queue_new(k->rk);
	return RC_OK;
}

/* Whether the topic is there, before a group is joined. */
static int
look(struct kafka_in *k, struct err *err)
{
	int64_t from = mono_now_ns(), now = from;
	char why[KAFKA_TROUBLE_BYTES] = "";
	int n = -1;

	while (n < 0 && now - from < OPEN_NS && (k->o.stop == NULL ||
	    *k->o.stop == 0) && (k->down_ns == 0 ||
	    now - from < REFUSED_NS)) {
		n = kafka_look(k->rk, &k->o.where, 1000, why);
		forget(rd_kafka_consumer_poll(k->rk, 0));
		now = mono_now_ns();
	}
	if (n == 0)
		return err_set(err, RC_USAGE, "%s", why);
	if (n < 0 && why[0] != '\0')
		return err_set(err, RC_NET, "%s", why);
	if (n < 0)
		return err_set(err, RC_NET, "no broker of %s answers%s%s",
		    k->o.where.brokers, k->trouble[0] != '\0' ? ": " : "",
		    k->trouble);
	k->trouble[0] = '\0';
	k->down_ns = 0;
	return RC_OK;
}

static int
subscribe(struct kafka_in *k, struct err *err)
{
	rd_kafka_topic_partition_list_t *l =
	    rd_kafka_topic_partition_list_new(1);
	rd_kafka_resp_err_t e;

	(void)rd_kafka_topic_partition_list_add(l, k->o.where.topic,
	    RD_KAFKA_PARTITION_UA);
	e = rd_kafka_subscribe(k->rk, l);
	rd_kafka_topic_partition_list_destroy(l);
	return e == RD_KAFKA_RESP_ERR_NO_ERROR ? RC_OK :
	    err_set(err, RC_NET, "topic %s: %s", k->o.where.topic,
	    rd_kafka_err2str(e));
}

int
kafka_in_open(const struct kafka_in_opts *o, struct kafka_in **out,
    struct err *err)
{
	struct kafka_in *k = calloc(1, sizeof(*k));
	int rc;

	*out = NULL;
	if (k == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	k->o = *o;
	k->keep_ns = mono_now_ns() + KEEP_NS;
	rc = kafka_topic_check(o->where.topic, err);
	if (rc == RC_OK)
		rc = set_up(k, err);
	if (rc == RC_OK)
		rc = look(k, err);
	if (rc == RC_OK)
		rc = subscribe(k, err);
	if (rc != RC_OK)
		kafka_in_close(&k);
	*out = k;
	return rc;
}

/* ---- reading ---------------------------------------------------------- */

static int64_t
start_of(const rd_kafka_message_t *m)
{
	rd_kafka_headers_t *h;
	const void *p;
	char number[24];
	size_t n;
	char *end;
	long long v;

	if (rd_kafka_message_headers(m, &h) != RD_KAFKA_RESP_ERR_NO_ERROR ||
	    rd_kafka_header_get_last(h, KAFKA_HEADER, &p, &n) !=
	    RD_KAFKA_RESP_ERR_NO_ERROR || n == 0 || n >= sizeof(number))
		return -1;
	memcpy(number, p, n);
	number[n] = '\0';
	v = strtoll(number, &end, 10);
	return *end == '\0' && v >= 0 ? v : -1;
}

/* returns whether it is for the caller */
static int
take(struct kafka_in *k, rd_kafka_message_t *m, struct kafka_message *out)
{
	struct part *p = part_of(k, m->partition);
	rd_kafka_timestamp_type_t type;
	int64_t at;

	k->down_ns = 0;
	k->trouble[0] = '\0';
	if (p == NULL || p->done || m->offset < p->next)
		return 0;
	if (!k->o.follow && m->offset >= p->end) {
		finish(k, p);
		return 0;
	}
	p->next = m->offset + 1;
	if (!k->o.follow && p->next >= p->end)
		finish(k, p);
	at = rd_kafka_message_timestamp(m, &type);
	out->p = m->payload != NULL ? m->payload : "";
	out->n = m->payload != NULL ? m->len : 0;
	out->partition = m->partition;
	out->offset = m->offset;
	out->end = p->end;
	out->at_ns = type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || at < 0 ||
	    at > INT64_MAX / MONO_MS ? -1 : at * MONO_MS;
	out->start_ns = start_of(m);
	k->given++;
	k->given_bytes += m->len;
	return 1;
}

/* What is no message: the end of a partition, or trouble. */
static int
take_event(struct kafka_in *k, const rd_kafka_message_t *m, struct err *err)
{
	struct part *p = part_of(k, m->partition);

	switch (m->err) {
	case RD_KAFKA_RESP_ERR__PARTITION_EOF:
		if (p != NULL && !k->o.follow && !p->done)
			finish(k, p);
		return RC_OK;
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
		return err_set(err, RC_NET, "topic %s, group %s: %s",
		    k->o.where.topic, k->o.group, rd_kafka_err2str(m->err));
	default:
		if (rd_kafka_fatal_error(k->rk, NULL, 0) !=
		    RD_KAFKA_RESP_ERR_NO_ERROR)
			return err_set(err, RC_NET, "Kafka: %.300s",
			    rd_kafka_message_errstr(m));
		(void)snprintf(k->trouble, sizeof(k->trouble), "Kafka: %.240s",
		    rd_kafka_message_errstr(m));
		return RC_OK;
	}
}

static void
say_trouble(struct kafka_in *k)
{
	if (k->o.say == NULL || strcmp(k->trouble, k->said) == 0)
		return;
	memcpy(k->said, k->trouble, sizeof(k->said));
	k->o.say(k->o.say_ctx, k->trouble);
}

static int
is_over(const struct kafka_in *k)
{
	size_t i;

	if (k->o.stop != NULL && *k->o.stop != 0)
		return 1;
	if (k->o.follow || !k->assigned)
		return 0;
	for (i = 0; i < k->n_parts && k->parts[i].done; i++)
		continue;
	return i == k->n_parts;
}

static int
wants_keep(const struct kafka_in *k)
{
	return k->revoking || k->given_bytes >= KEEP_BYTES ||
	    ((k->given > 0 || k->o.tick) && mono_now_ns() >= k->keep_ns);
}

int
kafka_in_next(struct kafka_in *k, struct kafka_message *m, struct err *err)
{
	rd_kafka_message_t *got;
	int rc;

	forget(k->held);
	k->held = NULL;
	(void)rd_kafka_queue_poll_callback(k->answers, 0);
	while (!wants_keep(k)) {
		if (is_over(k))
			return KAFKA_END;
		got = rd_kafka_consumer_poll(k->rk, POLL_MS);
		begin_share(k);
		say_trouble(k);
		if (k->err.code != RC_OK) {
			forget(got);
			return err_set(err, k->err.code, "%s", k->err.msg);
		}
		if (k->down_ns != 0 && !k->o.follow &&
		    mono_now_ns() - k->down_ns > DOWN_NS)
			return err_set(err, RC_NET, "no broker of %s has "
			    "answered for a minute; %.300s",
			    k->o.where.brokers, k->trouble);
		if (got == NULL)
			continue;
		if (got->err == RD_KAFKA_RESP_ERR_NO_ERROR &&
		    take(k, got, m)) {
			k->held = got;
			return KAFKA_MESSAGE;
		}
		rc = got->err == RD_KAFKA_RESP_ERR_NO_ERROR ? RC_OK :
		    take_event(k, got, err);
		forget(got);
		if (rc != RC_OK)
			return rc;
	}
	return KAFKA_KEEP;
}

/* ---- the group's position --------------------------------------------- */

static void
on_committed(rd_kafka_t *rk, rd_kafka_resp_err_t e,
    rd_kafka_topic_partition_list_t *l, void *ctx)
{
	struct kafka_in *k = ctx;
	struct part *p;
	int i;

	(void)rk;
	k->asked--;
	if (e != RD_KAFKA_RESP_ERR_NO_ERROR) {
		(void)snprintf(k->trouble, sizeof(k->trouble), "Kafka did not "
		    "take the group's position: %.100s", rd_kafka_err2str(e));
		return;
	}
	for (i = 0; l != NULL && i < l->cnt; i++) {
		p = part_of(k, l->elems[i].partition);
		if (p != NULL && l->elems[i].offset > p->kept)
			p->kept = l->elems[i].offset;
	}
}

/* Whether the group's position is not where we are. */
static int
is_behind(const struct kafka_in *k)
{
	size_t i;

	for (i = 0; i < k->n_parts; i++) {
		if (k->parts[i].next != k->parts[i].kept)
			return 1;
	}
	return 0;
}

static void
ask(struct kafka_in *k)
{
	rd_kafka_topic_partition_list_t *l =
	    rd_kafka_topic_partition_list_new((int)k->n_parts + 1);
	size_t i;

	for (i = 0; i < k->n_parts; i++) {
		if (k->parts[i].next != k->parts[i].kept)
			rd_kafka_topic_partition_list_add(l,
			    k->o.where.topic, k->parts[i].id)->offset =
			    k->parts[i].next;
	}
	if (l->cnt > 0 && rd_kafka_commit_queue(k->rk, l, k->answers,
	    on_committed, k) == RD_KAFKA_RESP_ERR_NO_ERROR)
		k->asked++;
	rd_kafka_topic_partition_list_destroy(l);
}

static void
await_answers(struct kafka_in *k, int64_t until_ns)
{
	while (k->asked > 0 && mono_now_ns() < until_ns)
		(void)rd_kafka_queue_poll_callback(k->answers, POLL_MS);
}

/* Until the brokers have taken it, or a time. */
static int
ask_till_taken(struct kafka_in *k, struct err *err)
{
	int64_t until = mono_now_ns() + LAST_MS * MONO_MS;

	await_answers(k, until);
	while (is_behind(k) && mono_now_ns() < until) {
		ask(k);
		await_answers(k, until);
		if (is_behind(k))
			mono_sleep_until_ns(mono_now_ns() +
			    POLL_MS * MONO_MS);
	}
	return !is_behind(k) ? RC_OK : err_set(err, RC_NET, "Kafka did not "
	    "take the position of group %s. What was read is in the trace: "
	    "run the same command again to go on behind it", k->o.group);
}

int
kafka_in_kept(struct kafka_in *k, int last, struct err *err)
{
	k->given = 0;
	k->given_bytes = 0;
	k->keep_ns = mono_now_ns() + KEEP_NS;
	if (last)
		return ask_till_taken(k, err);
	ask(k);
	if (k->revoking) {
		/* what is not taken now, another member reads again */
		await_answers(k, mono_now_ns() + LAST_MS * MONO_MS / 4);
		k->revoking = k->assigned = 0;
		k->n_parts = 0;
		(void)rd_kafka_assign(k->rk, NULL);
	}
	return RC_OK;
}

uint64_t
kafka_in_gone(const struct kafka_in *k)
{
	return k->gone;
}

void
kafka_in_close(struct kafka_in **kp)
{
	struct kafka_in *k = *kp;

	if (k == NULL)
		return;
	*kp = NULL;
	k->closing = 1;
	forget(k->held);
	if (k->answers != NULL)
		rd_kafka_queue_destroy(k->answers);
	if (k->rk != NULL) {
		(void)rd_kafka_consumer_close(k->rk);
		rd_kafka_destroy(k->rk);
	}
	forget_share(k);
	free(k->parts);
	free(k);
}
