/*
 * Sending to and reading from Kafka, against librdkafka's own mock of a
 * cluster, which can be told to fail.
 */
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "harness/base/mono.h"
#include "replay/kafka_part.h"
#include "tests/lib/check.h"

static rd_kafka_t *host;
static rd_kafka_mock_cluster_t *cluster;
static const char *brokers;

enum { PRODUCE = 0, LIST_OFFSETS = 2, LIMIT_S = 60 };

static int
set_up(void **state)
{
	char why[200];

	(void)state;
	host = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), why,
	    sizeof(why));
	cluster = host == NULL ? NULL : rd_kafka_mock_cluster_new(host, 1);
	if (cluster == NULL)
		return -1;
	brokers = rd_kafka_mock_cluster_bootstraps(cluster);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	rd_kafka_mock_cluster_destroy(cluster);
	rd_kafka_destroy(host);
	return 0;
}

/* ---- addresses --------------------------------------------------------- */

static void
addresses(void **state)
{
	static const struct {
		const char *address, *brokers, *topic, *why;
	} rows[] = {
		{ "kafka://a:9092/t", "a:9092", "t", NULL },
		{ "kafka://a:1,b:2,[::1]:3/x.y_z-1", "a:1,b:2,[::1]:3",
		    "x.y_z-1", NULL },
		{ "kafka://a/t", "a", "t", NULL },
		{ "kafka://a:1", NULL, NULL, "give kafka://HOST:PORT" },
		{ "kafka://a:1/", NULL, NULL, "give kafka://HOST:PORT" },
		{ "kafka:///t", NULL, NULL, "give kafka://HOST:PORT" },
		{ "kafka://a:1/t/u", NULL, NULL, "no name of a topic" },
		{ "kafka://a:1/t?x=1", NULL, NULL, "no name of a topic" },
		{ "kafka://a:1/..", NULL, NULL, "no name of a topic" },
		{ "kafka://u:p@a:1/t", NULL, NULL, "no user and password" },
	};
	struct err err;
	char *b, *t;
	size_t i;
	int rc;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&err, 0, sizeof(err));
		rc = kafka_address(rows[i].address, &b, &t, &err);
		assert_int_equal(rc, rows[i].why == NULL ? RC_OK : RC_USAGE);
		if (rc == RC_OK) {
			assert_string_equal(b, rows[i].brokers);
			assert_string_equal(t, rows[i].topic);
		} else {
			assert_non_null(strstr(err.msg, rows[i].why));
			assert_null(strstr(err.msg, "u:p"));
		}
		free(b);
		free(t);
	}
	assert_true(kafka_is("kafka://x"));
	assert_false(kafka_is("kafka.jsonl.zst"));
}

static void
settings(void **state)
{
	static const struct {
		const char *set, *why;
	} rows[] = {
		{ "compression.type=none", NULL },
		{ "ssl.key.password=hush=1", NULL },
		{ "message.max.bytes=hush", "does not take this value" },
		{ "no.such=hush", "no.such: librdkafka " },
		{ "hush", "takes NAME=VALUE" },
		{ "=hush", "takes NAME=VALUE" },
		{ "enable.idempotence=hush", "sets this itself" },
		{ "bootstrap.servers=hush", "sets this itself" },
	};
	struct kafka_out_opts o = { .where = { "127.0.0.1:1", "t", NULL, 1 },
	    .queue_max = 1 << 20 };
	struct kafka_out *k;
	struct err err;
	size_t i;
	int rc;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&err, 0, sizeof(err));
		o.where.set = &rows[i].set;
		rc = kafka_out_open(&o, &k, &err);
		assert_int_equal(rc, rows[i].why == NULL ? RC_OK : RC_USAGE);
		if (rows[i].why != NULL) {
			assert_non_null(strstr(err.msg, rows[i].why));
			assert_null(strstr(err.msg, "hush"));
		}
		kafka_out_close(&k);
	}
}

/* ---- sending ----------------------------------------------------------- */

struct sender {
	struct kafka_out *k;
	unsigned lost[4];	/* by sort */
};

static void
on_lost(void *ctx, const char *why)
{
	struct sender *s = ctx;

	s->lost[strcmp(why, "not sent to Kafka") == 0 ? 0 :
	    strcmp(why, "too large for a message") == 0 ? 1 :
	    strcmp(why, "refused by Kafka") == 0 ? 2 : 3]++;
}

static void
begin(struct sender *s, const char *topic, size_t queue_max)
{
	struct kafka_out_opts o = { .where = { brokers, topic, NULL, 0 },
	    .queue_max = queue_max, .start_wall_ns = 1234567890123456789LL,
	    .lost = on_lost, .lost_ctx = s };
	struct err err = ERR_INIT;

	memset(s, 0, sizeof(*s));
	assert_int_equal(kafka_out_open(&o, &s->k, &err), RC_OK);
}

/* returns how many found room */
static unsigned
put(struct sender *s, unsigned from, unsigned n)
{
	char key[24], text[100];
	unsigned i;

	for (i = from; i < from + n; i++) {
		(void)snprintf(key, sizeof(key), "id-%u", i);
		(void)snprintf(text, sizeof(text), "text %u %60s", i, "x");
		if (kafka_out_put(s->k, key, text, strlen(text),
		    1700000000123000000LL) == 0)
			break;
	}
	return i - from;
}

static void
settle(struct sender *s)
{
	int64_t until = mono_now_ns() + LIMIT_S * MONO_S;
	struct kafka_out_state st;

	do {
		kafka_out_poll(s->k, 10);
		kafka_out_state(s->k, &st);
	} while (st.waiting > 0 && mono_now_ns() < until);
	assert_int_equal(st.waiting, 0);
	assert_int_equal(st.waiting_bytes, 0);
}

static uint64_t
written(const struct sender *s)
{
	struct kafka_out_state st;

	kafka_out_state(s->k, &st);
	return st.written;
}

/* ---- reading ----------------------------------------------------------- */

/* How often a group reads each message, from where it is. The mock holds a
 * member up for 3 s, one that comes again for 9: a new group is faster. */
struct reader {
	unsigned seen[4096];
	unsigned n;
	unsigned stop_at;	/* messages; 0: the end */
	unsigned said;		/* troubles */
};

static void
on_say(void *ctx, const char *trouble)
{
	struct reader *r = ctx;

	r->said += trouble[0] != '\0';
}

static void
read_all(struct reader *r, const char *topic, const char *group)
{
	struct kafka_in_opts o = { .where = { brokers, topic, NULL, 0 },
	    .group = group, .say = on_say, .say_ctx = r };
	struct err err = ERR_INIT;
	struct kafka_message m;
	struct kafka_in *k;
	unsigned i;
	int rc;

	assert_int_equal(kafka_in_open(&o, &k, &err), RC_OK);
	while ((rc = kafka_in_next(k, &m, &err)) > 0) {
		if (rc == KAFKA_KEEP) {
			assert_int_equal(kafka_in_kept(k, 0, &err), RC_OK);
			continue;
		}
		assert_int_equal(m.start_ns, 1234567890123456789LL);
		assert_int_equal(m.at_ns, 1700000000123000000LL);
		assert_true(m.n > 5 && m.n < 100);
		i = (unsigned)strtoul(m.p + 5, NULL, 10);
		assert_true(i < 4096);
		r->seen[i]++;
		if (++r->n == r->stop_at)
			break;
	}
	assert_true(rc >= 0);
	assert_int_equal(kafka_in_kept(k, 1, &err), RC_OK);
	kafka_in_close(&k);
}

static void
each_once(const struct reader *r, unsigned n)
{
	unsigned i;

	for (i = 0; i < 4096; i++)
		assert_int_equal(r->seen[i], i < n);
}

static void
there_and_back(void **state)
{
	static struct reader part, rest;
	struct sender s;
	unsigned i;

	(void)state;
	assert_int_equal(rd_kafka_mock_topic_create(cluster, "t", 3, 1), 0);
	begin(&s, "t", 8 << 20);
	assert_int_equal(put(&s, 0, 1000), 1000);
	settle(&s);
	assert_int_equal(written(&s), 1000);
	part.stop_at = 300;
	read_all(&part, "t", "there");
	assert_int_equal(part.n, 300);
	/* the group goes on behind what it has kept */
	assert_int_equal(put(&s, 1000, 10), 10);
	settle(&s);
	read_all(&rest, "t", "there");
	assert_int_equal(rest.n, 710);
	for (i = 0; i < 1010; i++)
		assert_int_equal(part.seen[i] + rest.seen[i], 1);
	kafka_out_close(&s.k);
}

static void
errors_are_tried_again(void **state)
{
	static struct reader r;
	struct sender s;

	(void)state;
	assert_int_equal(rd_kafka_mock_topic_create(cluster, "e", 3, 1), 0);
	begin(&s, "e", 8 << 20);
	rd_kafka_mock_push_request_errors(cluster, PRODUCE, 4,
	    RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
	    RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
	    RD_KAFKA_RESP_ERR__TRANSPORT,
	    RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS);
	assert_int_equal(put(&s, 0, 500), 500);
	settle(&s);
	assert_int_equal(written(&s), 500);
	read_all(&r, "e", "errors");
	each_once(&r, 500);
	kafka_out_close(&s.k);
}

static void
what_is_too_large(void **state)
{
	struct sender s;
	char *text = calloc(1, 2000001);

	(void)state;
	assert_non_null(text);
	memset(text, 'x', 2000000);
	assert_int_equal(rd_kafka_mock_topic_create(cluster, "l", 1, 1), 0);
	begin(&s, "l", 8 << 20);
	assert_int_equal(kafka_out_put(s.k, "a", text, 2000000, -1), 1);
	assert_int_equal(s.lost[1], 1);
	rd_kafka_mock_push_request_errors(cluster, PRODUCE, 1,
	    RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
	assert_int_equal(put(&s, 0, 1), 1);
	settle(&s);
	assert_int_equal(s.lost[1], 2);
	assert_int_equal(written(&s), 0);
	kafka_out_close(&s.k);
	free(text);
}

/* A producer that broke for good is replaced. */
static void
a_fatal_error(void **state)
{
	static struct reader r;
	int64_t until = mono_now_ns() + LIMIT_S * MONO_S;
	struct sender s;

	(void)state;
	assert_int_equal(rd_kafka_mock_topic_create(cluster, "f", 1, 1), 0);
	begin(&s, "f", 8 << 20);
	rd_kafka_mock_push_request_errors(cluster, PRODUCE, 1,
	    RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
	assert_int_equal(put(&s, 4000, 1), 1);
	settle(&s);
	assert_int_equal(s.lost[0] + s.lost[2] + s.lost[3], 1);
	while (put(&s, 0, 1) == 0 && mono_now_ns() < until)
		kafka_out_poll(s.k, 10);
	settle(&s);
	assert_int_equal(written(&s), 1);
	read_all(&r, "f", "fatal");
	each_once(&r, 1);
	kafka_out_close(&s.k);
}

/* Room for what waits is bounded, nobody waits, and the rest is told. */
static void
a_broker_that_is_away(void **state)
{
	static struct reader r;
	struct kafka_out_state st;
	struct sender s;
	unsigned n;

	(void)state;
	assert_int_equal(rd_kafka_mock_topic_create(cluster, "a", 1, 1), 0);
	begin(&s, "a", 64 << 10);
	assert_int_equal(put(&s, 0, 20), 20);
	settle(&s);
	rd_kafka_mock_broker_set_down(cluster, 1);
	n = put(&s, 20, 4000);
	assert_true(n > 10 && n < 2000);
	kafka_out_poll(s.k, 200);
	kafka_out_state(s.k, &st);
	assert_int_equal(st.waiting, n);
	assert_true(st.waiting_bytes <= 64 << 10);
	rd_kafka_mock_broker_set_up(cluster, 1);
	settle(&s);
	assert_int_equal(written(&s), 20 + n);
	rd_kafka_mock_broker_set_down(cluster, 1);
	assert_int_equal(put(&s, 20 + n, 5), 5);
	kafka_out_give_up(s.k);
	assert_int_equal(s.lost[0] + s.lost[3], 5);
	assert_int_equal(put(&s, 0, 1), 0);
	rd_kafka_mock_broker_set_up(cluster, 1);
	read_all(&r, "a", "away");
	assert_true(r.n >= 20 + n && r.n <= 20 + n + s.lost[3]);
	kafka_out_close(&s.k);
}

/* A position of a group, whether there are so many messages or not. */
static void
commit(const char *topic, const char *group, int64_t offset)
{
	rd_kafka_topic_partition_list_t *l =
	    rd_kafka_topic_partition_list_new(1);
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char why[200];
	rd_kafka_t *k;

	assert_int_equal(rd_kafka_conf_set(conf, "bootstrap.servers", brokers,
	    why, sizeof(why)), RD_KAFKA_CONF_OK);
	assert_int_equal(rd_kafka_conf_set(conf, "group.id", group, why,
	    sizeof(why)), RD_KAFKA_CONF_OK);
	k = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof(why));
	assert_non_null(k);
	rd_kafka_topic_partition_list_add(l, topic, 0)->offset = offset;
	assert_int_equal(rd_kafka_commit(k, l, 0),
	    RD_KAFKA_RESP_ERR_NO_ERROR);
	rd_kafka_topic_partition_list_destroy(l);
	(void)rd_kafka_consumer_close(k);
	rd_kafka_destroy(k);
}

/* Its topic was deleted and made anew: read from the beginning, and the
 * position moves back. */
static void
a_position_behind_the_end(void **state)
{
	static struct reader r;
	struct sender s;

	(void)state;
	assert_int_equal(rd_kafka_mock_topic_create(cluster, "n", 1, 1), 0);
	begin(&s, "n", 8 << 20);
	assert_int_equal(put(&s, 0, 5), 5);
	settle(&s);
	kafka_out_close(&s.k);
	commit("n", "anew", 1000);
	read_all(&r, "n", "anew");
	each_once(&r, 5);
}

/* A broker restarts, and for a while none can say where a partition
 * begins: said once, and waited through. */
static void
a_leader_that_moves(void **state)
{
	static struct reader r;
	struct sender s;
	int i;

	(void)state;
	assert_int_equal(rd_kafka_mock_topic_create(cluster, "m", 1, 1), 0);
	begin(&s, "m", 8 << 20);
	assert_int_equal(put(&s, 0, 5), 5);
	settle(&s);
	kafka_out_close(&s.k);
	for (i = 0; i < 12; i++)
		rd_kafka_mock_push_request_errors(cluster, LIST_OFFSETS, 1,
		    RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION);
	read_all(&r, "m", "moved");
	each_once(&r, 5);
	assert_int_equal(r.said, 1);
}

static void
errors_that_pass(void **state)
{
	static const struct {
		int code, passes;
	} rows[] = {
		{ RD_KAFKA_RESP_ERR_NO_ERROR, 0 },
		{ RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, 1 },
		{ RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, 1 },
		{ RD_KAFKA_RESP_ERR_NOT_COORDINATOR, 1 },
		{ RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, 1 },
		{ RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, 1 },
		{ RD_KAFKA_RESP_ERR__TRANSPORT, 1 },
		{ RD_KAFKA_RESP_ERR__TIMED_OUT, 1 },
		{ RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, 1 },
		{ RD_KAFKA_RESP_ERR_UNKNOWN, 0 },
		{ RD_KAFKA_RESP_ERR__FATAL, 0 },
		{ RD_KAFKA_RESP_ERR__AUTHENTICATION, 0 },
		{ RD_KAFKA_RESP_ERR__SSL, 0 },
		{ RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, 0 },
		{ RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, 0 },
		{ RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, 0 },
		{ RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, 0 },
		{ RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, 0 },
		{ RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, 0 },
		{ RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, 0 },
		{ RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (kafka_passes(rows[i].code) != rows[i].passes)
			fail_msg("row %zu", i);
	}
}

static void
no_such_topic(void **state)
{
	struct kafka_in_opts o = { .where = { brokers, "no such", NULL, 0 },
	    .group = "g" };
	struct err err = ERR_INIT;
	struct kafka_in *k;

	(void)state;
	assert_int_equal(kafka_in_open(&o, &k, &err), RC_USAGE);
	assert_non_null(strstr(err.msg, "no name of a topic"));
	assert_null(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(settings),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(errors_are_tried_again),
		cmocka_unit_test(what_is_too_large),
		cmocka_unit_test(a_fatal_error),
		cmocka_unit_test(a_broker_that_is_away),
		cmocka_unit_test(a_position_behind_the_end),
		cmocka_unit_test(a_leader_that_moves),
		cmocka_unit_test(errors_that_pass),
		cmocka_unit_test(no_such_topic),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
