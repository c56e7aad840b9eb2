/*
 * Recording: a reverse proxy that passes requests on and keeps what went by
 * in a trace.
 *
 * The user's request never waits for the disk: finished exchanges go into a
 * bounded queue, a thread of its own cleans them of credentials, compresses
 * and syncs them.  What does not fit is dropped and counted.
 */
#ifndef LOCKSTEP_RECORD_H
#define LOCKSTEP_RECORD_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/traffic/redact.h"
#include "harness/traffic/trace.h"
#include "harness/traffic/trace_parts.h"

struct record;

struct record_opts {
	const char *listen;	/* listen_parse() */
	const char *upstream;	/* the service's URL; NULL: mirrored traffic,
				   answered 204 at once and kept without an
				   answer */
	const char *out;	/* the trace, which must not exist; of parts,
				   what their names are made of; or
				   kafka://HOST:PORT[,...]/TOPIC */
	const char *const *kafka_set;	/* kafka.h */
	size_t n_kafka_set;
	struct trace_limits limits;
	trace_say_fn *say;	/* trace_parts.h; or NULL */
	void *say_ctx;
	const char *ca_file;	/* of an https upstream, or NULL */
	size_t body_max;	/* bytes; larger requests are refused, larger
				   answers passed on and not kept */
	size_t queue_max;	/* bytes that may wait for the disk */
	size_t memory_max;	/* bytes of all exchanges in memory, those
				   that wait included; over it they are
				   passed on and not kept */
	unsigned connections_max;	/* of clients; 0: proxy.h */
	int64_t head_ns;	/* for a request's head; 0: proxy.h */
	double share;		/* of the exchanges that is kept; 0: all */
	const char *sticky;	/* record_share.h, or NULL */
	const char *const *allow;	/* only these paths are kept, and
					   what lies below them; none: all */
	size_t n_allow;
	const char *const *keep;	/* headers that look like credentials
					   and are none */
	size_t n_keep;
	const struct redact *redact;	/* personal data; or NULL */
	int argc;		/* for the trace's head */
	char **argv;
};

/*
 * Starts to listen and to record.
 * returns RC_OK, caller ends with record_stop(); RC_NET, RC_IO, RC_USAGE (a
 *         header to be kept that is a credential for certain)
 */
int record_start(const struct record_opts *o, struct record **out,
    struct err *err);

/* Where it listens: http://host:port. */
const char *record_url(const struct record *r);
/* The file that is being written, or the topic; caller frees. NULL: no
 * memory */
char *record_path(struct record *r);

struct record_stats {
	uint64_t seen, written, dropped, refused;
	unsigned busy;		/* requests under way */
	size_t waiting_bytes;	/* for the disk, or Kafka */
	unsigned parts;		/* opened so far */
	struct trace_tidied tidied;	/* older ones */
	char trouble[256];	/* of the disk or Kafka, now; or "" */
};
void record_stats(struct record *r, struct record_stats *out);

/*
 * Takes no new connections, waits for requests under way (at most grace_ns,
 * and not when *now becomes non-0), closes the trace, or waits as long for
 * Kafka, and frees r.
 * each    told of every reason for drops, or NULL
 * *out    the closing account
 * returns RC_OK, RC_IO; RC_NET: Kafka did not take all
 */
struct record_end {
	int64_t grace_ns;
	volatile sig_atomic_t *now;	/* or NULL */
	int forget;		/* a trace that nothing came for goes */
	trace_drop_fn *each;
	void *each_ctx;
};
int record_stop(struct record **r, const struct record_end *end,
    struct record_stats *out, struct err *err);

#endif
