/* Addresses and settings of Kafka; see kafka.h. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/log.h"
#include "replay/kafka_part.h"

enum { TOPIC_MAX = 249, NAME_MAX_BYTES = 128 };

int
kafka_is(const char *address)
{
	return strncmp(address, KAFKA_SCHEME, strlen(KAFKA_SCHEME)) == 0;
}

int
kafka_topic_check(const char *topic, struct err *err)
{
	size_t i, n = strlen(topic);

	for (i = 0; i < n; i++) {
		if (!isalnum((unsigned char)topic[i]) &&
		    strchr("._-", topic[i]) == NULL)
			break;
	}
	if (n > 0 && n <= TOPIC_MAX && i == n && strcmp(topic, ".") != 0 &&
	    strcmp(topic, "..") != 0)
		return RC_OK;
	return err_set(err, RC_USAGE, "\"%.100s\" is no name of a topic: "
	    "letters, digits, . _ and -, at most %d", topic, TOPIC_MAX);
}

int
kafka_address(const char *address, char **brokers, char **topic,
    struct err *err)
{
	const char *hosts = address + strlen(KAFKA_SCHEME);
	const char *slash = strchr(hosts, '/');

	*brokers = *topic = NULL;
	if (memchr(hosts, '@', strcspn(hosts, "/")) != NULL)
		return err_set(err, RC_USAGE, "an address of Kafka has no "
		    "user and password: give --kafka-set sasl.username=NAME "
		    "and --kafka-set 'sasl.password=${VARIABLE}'");
	if (slash == NULL || slash == hosts || slash[1] == '\0')
		return err_set(err, RC_USAGE, "%.200s: give "
		    "kafka://HOST:PORT[,HOST:PORT...]/TOPIC", address);
	if (kafka_topic_check(slash + 1, err) != RC_OK)
		return RC_USAGE;
	*brokers = strndup(hosts, (size_t)(slash - hosts));
	*topic = strdup(slash + 1);
	if (*brokers != NULL && *topic != NULL)
		return RC_OK;
	free(*brokers);
	free(*topic);
	*brokers = *topic = NULL;
	return err_set(err, RC_NOMEM, "out of memory");
}

/* What is wrong with a setting is said without its value: it may be a
 * secret, and librdkafka's words hold it. */
static int
set(rd_kafka_conf_t *conf, const char *name, const char *value,
    struct err *err)
{
	char words[512];

	switch (rd_kafka_conf_set(conf, name, value, words, sizeof(words))) {
	case RD_KAFKA_CONF_OK:
		return RC_OK;
	case RD_KAFKA_CONF_UNKNOWN:
		return err_set(err, RC_USAGE, "--kafka-set %.100s: librdkafka "
		    "%s has no such setting", name, rd_kafka_version_str());
	case RD_KAFKA_CONF_INVALID:
	default:
		return err_set(err, RC_USAGE, "--kafka-set %.100s: librdkafka "
		    "%s does not take this value", name,
		    rd_kafka_version_str());
	}
}

static int
is_ours(const struct kafka_setting *rows, const char *name)
{
	for (; rows->name != NULL; rows++) {
		if (rows->ours && strcmp(rows->name, name) == 0)
			return 1;
	}
	return strcmp(name, "bootstrap.servers") == 0 ||
	    strcmp(name, "metadata.broker.list") == 0 ||
	    strcmp(name, "group.id") == 0;
}

static int
set_users(rd_kafka_conf_t *conf, const struct kafka_setting *rows,
    const char *text, struct err *err)
{
	size_t n = strcspn(text, "=");
	char name[NAME_MAX_BYTES];

	if (text[n] == '\0' || n == 0 || n >= sizeof(name))
		return err_set(err, RC_USAGE, "--kafka-set takes NAME=VALUE, "
		    "a setting of librdkafka");
	(void)snprintf(name, sizeof(name), "%.*s", (int)n, text);
	if (is_ours(rows, name))
		return err_set(err, RC_USAGE, "--kafka-set %s: lockstep sets "
		    "this itself", name);
	return set(conf, name, text + n + 1, err);
}

/* Only what was asked for with the setting "debug" is more than an error. */
static void
on_log(const rd_kafka_t *rk, int level, const char *fac, const char *words)
{
	(void)rk;
	if (level >= 7)
		log_msg(LOG_INFO, "kafka", "%s: %s", fac, words);
}

int
kafka_conf(const struct kafka_opts *o, const struct kafka_setting *rows,
    rd_kafka_conf_t **out, struct err *err)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	const struct kafka_setting *r;
	size_t i;
	int rc;

	rd_kafka_conf_set_log_cb(conf, on_log);
	rc = set(conf, "bootstrap.servers", o->brokers, err);
	for (r = rows; rc == RC_OK && r->name != NULL; r++)
		rc = set(conf, r->name, r->value, err);
	for (i = 0; rc == RC_OK && i < o->n_set; i++)
		rc = set_users(conf, rows, o->set[i], err);
	if (rc != RC_OK) {
		rd_kafka_conf_destroy(conf);
		conf = NULL;
	}
	*out = conf;
	return rc;
}

int
kafka_new(rd_kafka_type_t type, rd_kafka_conf_t *conf, rd_kafka_t **out,
    struct err *err)
{
	char words[300];

	*out = rd_kafka_new(type, conf, words, sizeof(words));
	if (*out != NULL)
		return RC_OK;
	rd_kafka_conf_destroy(conf);
	return err_set(err, RC_USAGE, "librdkafka does not take these "
	    "settings: %.300s", words);
}

int
kafka_passes(int code)
{
	switch (code) {
	/* a broker is away, or does not answer in time */
	case RD_KAFKA_RESP_ERR__TRANSPORT:
	case RD_KAFKA_RESP_ERR__RESOLVE:
	case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
	case RD_KAFKA_RESP_ERR__TIMED_OUT:
	case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
	case RD_KAFKA_RESP_ERR__NODE_UPDATE:
	case RD_KAFKA_RESP_ERR__RETRY:
	case RD_KAFKA_RESP_ERR__WAIT_COORD:
	case RD_KAFKA_RESP_ERR__WAIT_CACHE:
	case RD_KAFKA_RESP_ERR__IN_PROGRESS:
	case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
	case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
	case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
	/* another one leads, or will in a moment */
	case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
	case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
	case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
	case RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH:
	case RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH:
	case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE:
	case RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR:
	/* of the group */
	case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
	case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
	case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
	case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
	case RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT:
	case RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED:
		return 1;
	default:
		return 0;
	}
}

/* What a broker says of a topic. returns as kafka_look() */
static int
judge(const struct rd_kafka_metadata *md, const struct kafka_opts *o,
    char *why)
{
	const struct rd_kafka_metadata_topic *t = md->topics;

	if (md->topic_cnt != 1)
		return -1;
	why[0] = '\0';
	if (t->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
	    t->err == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
	    (t->err == RD_KAFKA_RESP_ERR_NO_ERROR && t->partition_cnt == 0))
		(void)snprintf(why, KAFKA_TROUBLE_BYTES, "there is no topic "
		    "%.100s at %.100s; create it", o->topic, o->brokers);
	else if (t->err != RD_KAFKA_RESP_ERR_NO_ERROR)
		(void)snprintf(why, KAFKA_TROUBLE_BYTES, "topic %.100s at "
		    "%.60s: %.60s", o->topic, o->brokers,
		    rd_kafka_err2str(t->err));
	return why[0] == '\0' ? t->partition_cnt :
	    kafka_passes(t->err) ? -1 : 0;
}

int
kafka_look(rd_kafka_t *rk, const struct kafka_opts *o, int timeout_ms,
    char *why)
{
	rd_kafka_topic_t *topic = rd_kafka_topic_new(rk, o->topic, NULL);
	const struct rd_kafka_metadata *md = NULL;
	int n = -1;

	if (topic != NULL && rd_kafka_metadata(rk, 0, topic, &md,
	    timeout_ms) == RD_KAFKA_RESP_ERR_NO_ERROR) {
		n = judge(md, o, why);
		rd_kafka_metadata_destroy(md);
	}
	if (topic != NULL)
		rd_kafka_topic_destroy(topic);
	return n;
}
