/* Stacks that the suite starts, awaits and stops; see target.h. */
#include "replay/target.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/child.h"
#include "harness/base/log.h"
#include "harness/base/mono.h"
#include "replay/fetch.h"

enum { TEXT_MAX = 1 << 20, TAIL_BYTES = 400 };
#define READY_NS (30 * MONO_S)		/* when the suite gives no timeout */
#define ASK_NS (2 * MONO_S)		/* for one answer of the ready path */
#define POLL_NS (20 * MONO_MS)
#define GRACE_NS (5 * MONO_S)

struct target {
	char *url;
	char *log_path;		/* or NULL */
	pid_t pid;		/* 0: nothing was started */
	int ended;		/* waited for */
	int status;
};

static const char PORT_MARK[] = "{{port}}";

/* text with every {{port}} replaced; NULL when memory is out */
static char *
put_port(const char *text, int port)
{
	const char *at;
	struct buf b;

	buf_init(&b, TEXT_MAX);
	while ((at = strstr(text, PORT_MARK)) != NULL) {
		buf_add(&b, text, (size_t)(at - text));
		buf_i64(&b, port);
		text = at + sizeof(PORT_MARK) - 1;
	}
	buf_puts(&b, text);
	return buf_steal(&b);
}

/* A port nobody listens on just now; 0 when there is none. */
static int
free_port(void)
{
	struct sockaddr_in a;
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), port = 0;

	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&a, n) == 0 &&
	    getsockname(fd, (struct sockaddr *)&a, &n) == 0)
		port = ntohs(a.sin_port);
	if (fd >= 0)
		(void)close(fd);
	return port;
}

/* ---- the command -------------------------------------------------------- */

static int
launch(struct target *g, const char *command, struct err *err)
{
	const char *log = g->log_path != NULL ? g->log_path : "/dev/null";
	int to = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	const int fd[3] = { STDIN_FILENO, to, to };
	int rc;

	if (to < 0)
		return err_errno(err, RC_IO, "%s", log);
	rc = child_start(command, NULL, fd, &g->pid, err);
	(void)close(to);
	return rc;
}

/* The last lines that the command printed, on one line. */
static void
log_tail(const struct target *g, char *out, size_t cap)
{
	int fd = g->log_path == NULL ? -1 :
	    open(g->log_path, O_RDONLY | O_CLOEXEC);
	ssize_t n = 0;
	off_t size;
	char *p;

	out[0] = '\0';
	if (fd < 0)
		return;
	size = lseek(fd, 0, SEEK_END);
	n = pread(fd, out, cap - 1, size > (off_t)cap - 1 ?
	    size - (off_t)cap + 1 : 0);
	(void)close(fd);
	out[n < 0 ? 0 : n] = '\0';
	for (p = out; *p != '\0'; p++) {
		if (*p == '\n')
			*p = p[1] == '\0' ? '\0' : '|';
		else if ((unsigned char)*p < ' ')
			*p = ' ';
	}
}

static int
died(struct target *g)
{
	if (g->pid != 0 && !g->ended &&
	    waitpid(g->pid, &g->status, WNOHANG) == g->pid)
		g->ended = 1;
	return g->ended;
}

/* ---- waiting ------------------------------------------------------------ */

static void
origin_opts(const struct suite_target *t, const char *url,
    struct http_origin_opts *o)
{
	memset(o, 0, sizeof(*o));
	o->url = url;
	o->unix_socket = t->unix_socket;
	o->ca_file = t->ca_file;
	o->cert_file = t->cert_file;
	o->key_file = t->key_file;
}

/* Whether anything accepts connections there; why when not. */
static int
accepts(const struct suite_target *t, const char *url, char *why, size_t cap)
{
	struct http_origin_opts o;
	struct http_origin *origin;
	struct err err = ERR_INIT;
	int ok;

	origin_opts(t, url, &o);
	if (http_origin_new(&o, &origin, &err) != RC_OK) {
		(void)snprintf(why, cap, "%.200s", err.msg);
		return 0;
	}
	ok = http_origin_accepts(origin, ASK_NS, why, cap);
	http_origin_free(origin);
	return ok;
}

static int
is_ready(const struct suite_target *t, const char *url, char *why, size_t cap)
{
	struct http_origin_opts o;
	struct fetch_req req = { .method = "GET", .target = t->ready_path,
		.timeout_ns = ASK_NS };
	const struct http_call *c = NULL;
	struct err err = ERR_INIT;
	struct fetch *f = NULL;
	int ok = 0;

	origin_opts(t, url, &o);
	if (fetch_open(&o, TEXT_MAX, &f, &err) == RC_OK &&
	    fetch_ask(f, &req, &c, &err) == RC_OK) {
		ok = c->outcome == OUTCOME_OK;
		(void)snprintf(why, cap, "%s%s%s", c->why == NULL ? "" :
		    c->why, c->status == 0 ? "" : " from ",
		    c->status == 0 ? "" : t->ready_path);
	} else {
		(void)snprintf(why, cap, "%.200s", err.msg);
	}
	fetch_close(&f);
	return ok;
}

static int
await(struct target *g, const struct suite_target *t, const char *name,
    const volatile sig_atomic_t *stop, struct err *err)
{
	int64_t limit = t->ready_timeout_ns > 0 ? t->ready_timeout_ns :
	    READY_NS;
	int64_t start = mono_now_ns();
	char why[256] = "", tail[TAIL_BYTES];
	int said = 0;

	for (;;) {
		if (t->ready_path != NULL ?
		    is_ready(t, g->url, why, sizeof(why)) :
		    accepts(t, g->url, why, sizeof(why)))
			return RC_OK;
		if (died(g)) {
			log_tail(g, tail, sizeof(tail));
			return err_set(err, RC_NET, "%s: `%.120s` ended "
			    "(status %d) before it was ready%s%s", name,
			    t->start, WIFEXITED(g->status) ?
			    WEXITSTATUS(g->status) : -WTERMSIG(g->status),
			    *tail != '\0' ? "; it said: " : "", tail);
		}
		if (stop != NULL && *stop != 0)
			return err_set(err, RC_NET, "stopped while %s, %.100s, "
			    "was not ready (%.120s)", name, g->url, why);
		if (mono_now_ns() - start > limit)
			break;
		if (!said && mono_now_ns() - start > MONO_S) {
			log_msg(LOG_INFO, "targets", "waiting up to %.0f s "
			    "for %s, %.100s (%.120s)", (double)limit / 1e9,
			    name, g->url, why);
			said = 1;
		}
		mono_sleep_until_ns(mono_now_ns() + POLL_NS);
	}
	log_tail(g, tail, sizeof(tail));
	return err_set(err, RC_NET, "%s: %.100s was not ready within %.1f s "
	    "(%.120s); %s%.160s", name, g->url, (double)limit / 1e9, why,
	    g->pid == 0 ? "start it, or correct its url" : *tail != '\0' ?
	    "it said: " : "raise ready.timeout, or correct ready.path",
	    tail);
}

/* ---- the whole ---------------------------------------------------------- */

/* What is no address is none after a wait, either. */
static int
check_address(const struct suite_target *t, const char *url, const char *name,
    struct err *err)
{
	struct http_origin_opts o;
	struct http_origin *origin = NULL;
	struct err e = ERR_INIT;
	int rc;

	origin_opts(t, url, &o);
	rc = http_origin_new(&o, &origin, &e);
	http_origin_free(origin);
	return rc == RC_USAGE ? err_set(err, RC_USAGE, "%s: %.200s", name,
	    e.msg) : RC_OK;
}

static int
start_command(struct target *g, const struct suite_target *t,
    const char *name, int port, struct err *err)
{
	char why[256];
	char *command;
	int rc;

	if (accepts(t, g->url, why, sizeof(why)))
		return err_set(err, RC_NET, "%s: another server already "
		    "answers at %s: stop it, or use {{port}} in url and start",
		    name, g->url);
	command = put_port(t->start, port);
	if (command == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	rc = launch(g, command, err);
	free(command);
	return rc;
}

int
target_start(const struct suite_target *t, const char *name,
    const char *log_path, const volatile sig_atomic_t *stop,
    struct target **out, struct err *err)
{
	struct target *g = calloc(1, sizeof(*g));
	int port = 0, rc = RC_OK;

	*out = NULL;
	if (g == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	if (strstr(t->url, PORT_MARK) != NULL) {
		port = free_port();
		if (t->start == NULL || port == 0)
			rc = err_set(err, RC_USAGE, "%s: %s", name,
			    t->start == NULL ? "{{port}} in url needs a "
			    "start command" : "no free port");
	}
	g->url = put_port(t->url, port);
	g->log_path = log_path == NULL ? NULL : strdup(log_path);
	if (g->url == NULL || (log_path != NULL && g->log_path == NULL))
		rc = err_set(err, RC_NOMEM, "out of memory");
	if (rc == RC_OK)
		rc = check_address(t, g->url, name, err);
	if (rc == RC_OK && t->start != NULL)
		rc = start_command(g, t, name, port, err);
	if (rc == RC_OK)
		rc = await(g, t, name, stop, err);
	if (rc != RC_OK)
		target_stop(&g);
	*out = g;
	return rc;
}

const char *
target_url(const struct target *t)
{
	return t->url;
}

/* Whether the group is gone within the time. */
static int
gone(struct target *t, int64_t ns)
{
	int64_t until = mono_now_ns() + ns;

	do {
		(void)died(t);
		if (t->ended && kill(-t->pid, 0) != 0)
			return 1;
		mono_sleep_until_ns(mono_now_ns() + 2 * MONO_MS);
	} while (mono_now_ns() < until);
	return 0;
}

void
target_stop(struct target **tp)
{
	struct target *t = *tp;

	*tp = NULL;
	if (t == NULL)
		return;
	if (t->pid != 0) {
		(void)kill(-t->pid, SIGTERM);
		if (!gone(t, GRACE_NS)) {
			(void)kill(-t->pid, SIGKILL);
			(void)gone(t, GRACE_NS);
		}
	}
	free(t->url);
	free(t->log_path);
	free(t);
}
