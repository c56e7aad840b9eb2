/* Answers of the primary from elsewhere; see cmd_shadow_join.h. */
#include "harness/cmd/cmd_shadow_join.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/json.h"
#include "harness/base/log.h"
#include "harness/base/mono.h"
#include "harness/cmd/cmd_shadow_spans.h"
#include "harness/traffic/coding.h"
#include "replay/receive.h"

enum { BODY_MAX = 32 << 20, BODIES_MAX = 128 << 20,
	LINE_MAX_BYTES = 64 << 10, NAME_BYTES = 80 };
#define LOOK_NS (100 * MONO_MS)

/* A file that grows, is cut, or is replaced by another one. */
struct tail {
	int fd;			/* -1: not there */
	ino_t inode;
	off_t at;
	struct buf line;
	int skip;		/* the rest of a line that is too long */
};

struct shadow_join {
	struct shadow_join_opts o;
	struct receive *receive;
	struct tail tail;
	char names[6][NAME_BYTES];	/* of the key in a line */
	size_t n_names;
	pthread_t thread;
	atomic_int ending;
	atomic_uint_fast64_t unread;
	pthread_mutex_t lock;		/* of spans */
	struct shadow_spans *spans;
};

static void
count_unread(struct shadow_join *j, const char *what, const char *why)
{
	if (atomic_fetch_add(&j->unread, 1) == 0)
		log_msg(LOG_WARN, "join", "%s cannot be read: %s", what, why);
}

/* ---- spans --------------------------------------------------------------- */

static void
on_answer(void *ctx, const char *key, const struct exchange *ex)
{
	const struct shadow_join *j = ctx;

	shadow_partner(j->o.shadow, key, ex);
}

static void
on_post(void *ctx, const char *codings, const char *body, size_t n)
{
	struct shadow_join *j = ctx;
	struct err err = ERR_INIT;
	struct buf text;
	int rc = RC_OK;

	buf_init(&text, BODY_MAX);
	if (codings != NULL) {
		rc = coding_undo(codings, body, n, BODY_MAX - 2, &text, &err);
		body = buf_str(&text);
		n = text.len;
	}
	if (rc == RC_OK) {
		(void)pthread_mutex_lock(&j->lock);
		rc = shadow_spans_take(j->spans, body, n, mono_now_ns(),
		    &err);
		(void)pthread_mutex_unlock(&j->lock);
	}
	if (rc != RC_OK)
		count_unread(j, "a document of spans", err.msg);
	buf_fini(&text);
}

/* ---- the access log ------------------------------------------------------ */

/* What a log's format calls a header: nginx's $http_x_request_id, its own
 * $request_id, Envoy's and Traefik's. */
static void
name_key(struct shadow_join *j)
{
	static const char *const fronts[] = { "", "http_", "request_",
		"request_header_" };
	char low[NAME_BYTES / 2];
	size_t i;

	for (i = 0; j->o.key[i] != '\0' && i + 1 < sizeof(low); i++) {
		low[i] = (char)tolower((unsigned char)j->o.key[i]);
		if (low[i] == '-')
			low[i] = '_';
	}
	low[i] = '\0';
	for (i = 0; i < sizeof(fronts) / sizeof(fronts[0]); i++)
		(void)snprintf(j->names[j->n_names++], NAME_BYTES, "%s%s",
		    fronts[i], low);
	(void)snprintf(j->names[j->n_names++], NAME_BYTES, "%s", j->o.key);
	if (strcmp(low, "traceparent") == 0)
		(void)snprintf(j->names[j->n_names++], NAME_BYTES,
		    "trace_id");
	else if (strcmp(low, "x_request_id") == 0)
		(void)snprintf(j->names[j->n_names++], NAME_BYTES,
		    "request_id");
}

/* A number, or a text that begins with one. */
static double
number(const struct json *v)
{
	const char *s = json_str(v);
	char *end;
	double d;

	if (s == NULL)
		return json_num(v, NAN);
	d = strtod(s, &end);
	return end == s ? NAN : d;
}

static enum outcome
outcome_of_status(int status)
{
	return status == 429 ? OUTCOME_HTTP_429 : status >= 500 ?
	    OUTCOME_HTTP_5XX : status >= 400 ? OUTCOME_HTTP_4XX : OUTCOME_OK;
}

/* returns 0, or -1: it is no line that can be used */
static int
take_line(struct shadow_join *j, const char *line, size_t n)
{
	static const char *const status[] = { "status", "response_code",
		"DownstreamStatus", "status_code", NULL };
	static const char *const took[] = { "upstream_response_time",
		"request_time", "duration_s", NULL };
	struct json *v = json_parse(line, n, NULL);
	const char *value = NULL;
	char key[SHADOW_KEY_BYTES];
	struct exchange ex;
	double code, s;
	size_t i;

	for (i = 0; i < j->n_names && value == NULL; i++)
		value = json_get_str(v, j->names[i]);
	code = number(json_get_any(v, status));
	s = number(json_get_any(v, took));
	if (value == NULL || !(code >= 100 && code < 600)) {
		json_free(v);
		return -1;
	}
	exchange_init(&ex);
	ex.status = (int)code;
	ex.outcome = outcome_of_status(ex.status);
	ex.total_ns = s >= 0 && s < 1e6 ? (int64_t)(s * 1e9) : -1;
	ex.why = ex.outcome == OUTCOME_OK ? NULL : "told by the access log";
	if (shadow_key_of(j->o.key, value, key))
		shadow_partner(j->o.shadow, key, &ex);
	json_free(v);
	return 0;
}

static void
take_bytes(struct shadow_join *j, const char *p, size_t n)
{
	struct tail *t = &j->tail;
	const char *end;
	size_t part;

	for (; n > 0; p += part, n -= part) {
		end = memchr(p, '\n', n);
		part = end == NULL ? n : (size_t)(end - p) + 1;
		if (!t->skip)
			buf_add(&t->line, p, part);
		if (t->line.bad != RC_OK) {
			t->skip = 1;
			buf_reset(&t->line);
		}
		if (end == NULL)
			continue;
		if (t->skip || (t->line.len > 1 && take_line(j, t->line.p,
		    t->line.len - 1) != 0))
			count_unread(j, "a line of the access log", "it is no "
			    "JSON with a status and the key");
		t->skip = 0;
		buf_reset(&t->line);
	}
}

/* Whether another file stands there now, or this one was cut. */
static int
is_other(const struct shadow_join *j)
{
	struct stat named, open_one;

	if (stat(j->o.log, &named) != 0)
		return 0;	/* moved away: its end may still come */
	return j->tail.fd < 0 || named.st_ino != j->tail.inode ||
	    fstat(j->tail.fd, &open_one) != 0 ||
	    open_one.st_size < j->tail.at;
}

/* at_end: what is there already is of earlier requests */
static void
open_log(struct shadow_join *j, int at_end)
{
	struct tail *t = &j->tail;
	struct stat st;

	if (t->fd >= 0)
		(void)close(t->fd);
	t->fd = open(j->o.log, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	t->at = 0;
	t->skip = 0;
	buf_reset(&t->line);
	if (t->fd < 0 || fstat(t->fd, &st) != 0)
		return;
	t->inode = st.st_ino;
	if (at_end)
		t->at = st.st_size;
}

static void
read_log(struct shadow_join *j)
{
	char piece[16384];
	ssize_t n;

	for (;;) {
		n = j->tail.fd < 0 ? 0 : pread(j->tail.fd, piece,
		    sizeof(piece), j->tail.at);
		if (n > 0) {
			j->tail.at += n;
			take_bytes(j, piece, (size_t)n);
			continue;
		}
		if (!is_other(j))
			return;
		open_log(j, 0);
		if (j->tail.fd < 0)
			return;
	}
}

/* ---- the thread ---------------------------------------------------------- */

static void *
join_main(void *ctx)
{
	struct shadow_join *j = ctx;

	while (!atomic_load(&j->ending)) {
		if (j->o.log != NULL)
			read_log(j);
		(void)pthread_mutex_lock(&j->lock);
		shadow_spans_tell(j->spans, mono_now_ns());
		(void)pthread_mutex_unlock(&j->lock);
		mono_sleep_until_ns(mono_now_ns() + LOOK_NS);
	}
	return NULL;
}

static void
join_free(struct shadow_join *j)
{
	receive_stop(&j->receive);
	if (j->tail.fd >= 0)
		(void)close(j->tail.fd);
	buf_fini(&j->tail.line);
	shadow_spans_free(j->spans);
	(void)pthread_mutex_destroy(&j->lock);
	free(j);
}

int
shadow_join_start(const struct shadow_join_opts *o, struct shadow_join **out,
    struct err *err)
{
	struct receive_opts ro = { .listen = o->otlp, .path = "/v1/traces",
		.body_max = BODY_MAX, .bodies_max = BODIES_MAX,
		.answer = "HTTP/1.1 200 OK\r\n"
		"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n"
		"{}", .fn = on_post };
	struct shadow_join *j;
	int rc = RC_OK;

	*out = NULL;
	if (o->otlp == NULL && o->log == NULL)
		return RC_OK;
	j = calloc(1, sizeof(*j));
	if (j == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	j->o = *o;
	j->tail.fd = -1;
	buf_init(&j->tail.line, LINE_MAX_BYTES);
	(void)pthread_mutex_init(&j->lock, NULL);
	name_key(j);
	j->spans = shadow_spans_new(o->key, o->window_ns, on_answer, j);
	if (j->spans == NULL)
		rc = err_set(err, RC_NOMEM, "out of memory");
	if (o->log != NULL)
		open_log(j, 1);
	ro.ctx = j;
	if (rc == RC_OK && o->otlp != NULL)
		rc = receive_start(&ro, &j->receive, err);
	if (rc == RC_OK && pthread_create(&j->thread, NULL, join_main, j) != 0)
		rc = err_set(err, RC_NOMEM, "cannot start a thread");
	if (rc != RC_OK)
		join_free(j);
	else
		*out = j;
	return rc;
}

void
shadow_join_stop(struct shadow_join **jp)
{
	struct shadow_join *j = *jp;

	*jp = NULL;
	if (j == NULL)
		return;
	atomic_store(&j->ending, 1);
	(void)pthread_join(j->thread, NULL);
	join_free(j);
}

const char *
shadow_join_url(const struct shadow_join *j)
{
	return j == NULL || j->receive == NULL ? NULL :
	    receive_url(j->receive);
}

uint64_t
shadow_join_unread(const struct shadow_join *j)
{
	return j == NULL ? 0 : atomic_load(&j->unread);
}
