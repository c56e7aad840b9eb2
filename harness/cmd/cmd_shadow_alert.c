/* Alerts of a shadow; see cmd_shadow_alert.h. */
#include "harness/cmd/cmd_shadow_alert.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/child.h"
#include "harness/base/json.h"
#include "harness/base/log.h"
#include "harness/base/mono.h"
#include "harness/base/replace.h"
#include "harness/base/retry.h"
#include "harness/base/rng.h"
#include "harness/base/version.h"
#include "replay/fetch.h"

enum { PATH_BYTES = 4096, TEXT_MAX = 16 << 10, ANSWER_MAX = 64 << 10,
	WORDS = 6 };
#define EXEC_NS (30 * MONO_S)
#define POST_NS (10 * MONO_S)

/* What is told: plain data, copied. */
struct message {
	enum live_verdict verdict;
	char reason[LIVE_WORDS_MAX], suite[LIVE_ID_MAX];
	uint64_t pairs;
	int64_t wall_ns;
};

struct shadow_alert {
	struct shadow_alert_opts o;
	char told_path[PATH_BYTES];
	char base[PATH_BYTES];		/* of the URL: scheme and host */
	const char *target;
	pthread_t thread;
	pthread_mutex_t lock;		/* of what follows */
	pthread_cond_t wake;
	int ending, waiting;		/* waiting: next is to be told */
	struct message next;
	enum live_verdict asked;	/* the worst that was to be told */
};

static const char *
verdict_word(const struct message *m)
{
	return live_verdict_name(m->verdict);
}

/* ---- what was told ------------------------------------------------------- */

static enum live_verdict
read_told(const char *path)
{
	char word[32] = "";
	FILE *f = fopen(path, "re");
	int v = LIVE_VERDICTS - 1;

	if (f == NULL)
		return LIVE_WATCHING;
	if (fgets(word, sizeof(word), f) != NULL)
		word[strcspn(word, "\n")] = '\0';
	(void)fclose(f);
	while (v > 0 && strcmp(word, live_verdict_name((enum live_verdict)v))
	    != 0)
		v--;
	return (enum live_verdict)v;
}

static void
keep_told(const struct shadow_alert *a, const struct message *m)
{
	struct err err = ERR_INIT;
	char line[40];
	int n = snprintf(line, sizeof(line), "%s\n", verdict_word(m));

	if (replace_file(a->told_path, REPLACE_OWN, line, (size_t)n, &err) !=
	    RC_OK)
		log_msg(LOG_WARN, "alert", "%s", err.msg);
}

/* ---- the message --------------------------------------------------------- */

static void
put_str(struct json_out *o, const char *key, const char *v)
{
	json_out_key(o, key);
	json_out_str(o, v);
}

/* "text" is the member that chat services show. */
static void
write_message(const struct shadow_alert *a, const struct message *m,
    struct buf *b)
{
	char utc[MONO_UTC_MAX], text[LIVE_WORDS_MAX + LIVE_ID_MAX + 80];
	struct json_out o;

	mono_utc(m->wall_ns, utc);
	(void)snprintf(text, sizeof(text), "lockstep shadow, %s: %s: %s",
	    m->suite, verdict_word(m), m->reason);
	json_out_init(&o, b, 0);
	json_out_obj(&o);
	put_str(&o, "lockstep", LOCKSTEP_VERSION);
	put_str(&o, "text", text);
	put_str(&o, "verdict", verdict_word(m));
	put_str(&o, "reason", m->reason);
	put_str(&o, "suite", m->suite);
	put_str(&o, "run", a->o.run);
	json_out_key(&o, "pairs");
	json_out_int(&o, (int64_t)m->pairs);
	put_str(&o, "at", utc);
	json_out_end(&o, '}');
	buf_putc(b, '\n');
}

/* ---- the command --------------------------------------------------------- */

/* Ours, with what is told in it. returns NULL: no memory */
static char **
make_env(const struct shadow_alert *a, const struct message *m)
{
	const char *const word[WORDS - 1][2] = {
		{ "LOCKSTEP_VERDICT", verdict_word(m) },
		{ "LOCKSTEP_REASON", m->reason },
		{ "LOCKSTEP_SUITE", m->suite },
		{ "LOCKSTEP_RUN", a->o.run },
		{ "LOCKSTEP_STATE", a->o.state },
	};
	size_t n, i, k = 0;
	char **env;

	for (n = 0; environ[n] != NULL; n++)
		continue;
	env = calloc(n + WORDS, sizeof(*env));
	for (i = 0; env != NULL && i < WORDS - 1; i++) {
		if (asprintf(&env[k], "%s=%s", word[i][0], word[i][1]) < 0)
			env[k] = NULL;
		k += env[k] != NULL;
	}
	for (i = 0; env != NULL && i < n; i++) {
		if (strncmp(environ[i], "LOCKSTEP_", 9) == 0 &&
		    strncmp(environ[i], "LOCKSTEP_HOME=", 14) != 0)
			continue;
		env[k] = strdup(environ[i]);
		k += env[k] != NULL;
	}
	return env;
}

static void
free_env(char **env)
{
	size_t i;

	for (i = 0; env != NULL && env[i] != NULL; i++)
		free(env[i]);
	free(env);
}

/* Its end within EXEC_NS, or that of its group. returns waitpid()'s status */
static int
reap(pid_t pid)
{
	int64_t until = mono_now_ns() + EXEC_NS;
	int status = 0;
	pid_t got;

	while ((got = waitpid(pid, &status, WNOHANG)) == 0 &&
	    mono_now_ns() < until)
		mono_sleep_until_ns(mono_now_ns() + 10 * MONO_MS);
	if (got == pid)
		return status;
	(void)kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return status;
}

/* The document stands on its input; what it prints goes to stderr. */
static int
run_command(const struct shadow_alert *a, const struct message *m,
    const struct buf *doc, char *why, size_t cap)
{
	int ends[2], fd[3] = { -1, STDERR_FILENO, STDERR_FILENO }, status;
	struct err err = ERR_INIT;
	char **env;
	pid_t pid = 0;
	int rc;

	if (pipe2(ends, O_CLOEXEC) != 0) {
		(void)snprintf(why, cap, "no pipe");
		return -1;
	}
	/* shorter than a pipe is: this does not wait */
	rc = write(ends[1], doc->p, doc->len) == (ssize_t)doc->len ? RC_OK :
	    err_set(&err, RC_IO, "its input cannot be written");
	(void)close(ends[1]);
	fd[0] = ends[0];
	env = make_env(a, m);
	if (rc == RC_OK)
		rc = child_start(a->o.exec, env, fd, &pid, &err);
	free_env(env);
	(void)close(ends[0]);
	if (rc != RC_OK) {
		(void)snprintf(why, cap, "%.190s", err.msg);
		return -1;
	}
	status = reap(pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	child_say_status(status, why, cap);
	return -1;
}

/* ---- the webhook --------------------------------------------------------- */

/* *status: 0, there was no answer; *after: -1, or what Retry-After asks */
static int
post(const struct shadow_alert *a, const struct buf *doc, int *status,
    int64_t *after, char *why, size_t cap)
{
	static const struct ex_header type[] = {
		{ "Content-Type", "application/json" } };
	const struct fetch_req req = { .method = "POST", .target = a->target,
		.headers = type, .n_headers = 1, .body = doc->p,
		.body_n = doc->len, .timeout_ns = POST_NS };
	struct http_origin_opts o = { .url = a->base };
	const struct http_call *c = NULL;
	struct err err = ERR_INIT;
	struct fetch *f = NULL;
	size_t i;
	int rc = fetch_open(&o, ANSWER_MAX, &f, &err);

	*status = 0;
	*after = -1;
	if (rc == RC_OK)
		rc = fetch_ask(f, &req, &c, &err);
	if (rc == RC_OK) {
		*status = c->status;
		(void)snprintf(why, cap, c->status != 0 ? "%s, status %d" :
		    "%s", outcome_name(c->outcome), c->status);
		for (i = 0; i < c->n_res_headers; i++) {
			if (strcasecmp(c->res_headers[i].name,
			    "retry-after") == 0)
				*after = retry_after_ns(
				    c->res_headers[i].value, mono_wall_ns());
		}
	} else {
		(void)snprintf(why, cap, "%.190s", err.msg);
	}
	fetch_close(&f);
	return *status >= 200 && *status < 300 ? 0 : -1;
}

/* ---- telling ------------------------------------------------------------- */

/* returns 0 when the end came meanwhile */
static int
pause_ns(struct shadow_alert *a, int64_t ns)
{
	int64_t until = mono_now_ns() + ns;
	struct timespec ts = { (time_t)(until / MONO_S),
		(long)(until % MONO_S) };
	int late = 0, ending;

	(void)pthread_mutex_lock(&a->lock);
	while (!a->ending && !late)
		late = pthread_cond_timedwait(&a->wake, &a->lock, &ts) != 0;
	ending = a->ending;
	(void)pthread_mutex_unlock(&a->lock);
	return !ending;
}

/* One of the two, up to RETRY_ATTEMPTS times. returns 0, or -1 */
static int
tell_one(struct shadow_alert *a, const struct message *m,
    const struct buf *doc, int by_url)
{
	const char *what = by_url ? "--alert-url" : "--alert-exec";
	char why[200] = "";
	int64_t after = -1;
	int i, status = 0, rc = -1;

	for (i = 1; rc != 0; i++) {
		rc = by_url ? post(a, doc, &status, &after, why,
		    sizeof(why)) : run_command(a, m, doc, why, sizeof(why));
		if (rc == 0)
			break;
		if (i == RETRY_ATTEMPTS || (by_url && status != 0 &&
		    !retry_worth(status)) || !pause_ns(a, retry_wait_ns(i,
		    rng_unit((uint64_t)m->wall_ns, 0x616c, (uint64_t)i),
		    after)))
			break;
	}
	if (rc != 0)
		log_msg(LOG_WARN, "alert", "%s was not told of the %s after "
		    "%d attempts: %s", what, verdict_word(m), i, why);
	return rc;
}

static void
tell(struct shadow_alert *a, const struct message *m)
{
	struct buf doc;
	int bad;

	buf_init(&doc, TEXT_MAX);
	write_message(a, m, &doc);
	bad = buf_check(&doc, "an alert", NULL) != RC_OK;
	if (!bad && a->o.exec != NULL)
		bad |= tell_one(a, m, &doc, 0) != 0;
	if (doc.len > 0 && a->o.url != NULL)
		bad |= tell_one(a, m, &doc, 1) != 0;
	if (!bad)
		keep_told(a, m);
	buf_fini(&doc);
}

static void *
alert_main(void *ctx)
{
	struct shadow_alert *a = ctx;
	struct message m;

	(void)pthread_mutex_lock(&a->lock);
	for (;;) {
		while (!a->waiting && !a->ending)
			(void)pthread_cond_wait(&a->wake, &a->lock);
		if (!a->waiting)
			break;
		m = a->next;
		a->waiting = 0;
		(void)pthread_mutex_unlock(&a->lock);
		tell(a, &m);
		(void)pthread_mutex_lock(&a->lock);
	}
	(void)pthread_mutex_unlock(&a->lock);
	return NULL;
}

/* ---- from outside -------------------------------------------------------- */

void
shadow_alert_tell(struct shadow_alert *a, const struct live_status *s)
{
	if (a == NULL || s->verdict < LIVE_SOFT_STOP)
		return;
	(void)pthread_mutex_lock(&a->lock);
	if (s->verdict > a->asked) {
		a->asked = s->verdict;
		a->next = (struct message){ .verdict = s->verdict,
			.pairs = s->pairs, .wall_ns = mono_wall_ns() };
		memcpy(a->next.reason, s->reason, sizeof(s->reason));
		memcpy(a->next.suite, s->suite, sizeof(s->suite));
		a->waiting = 1;
		(void)pthread_cond_signal(&a->wake);
	}
	(void)pthread_mutex_unlock(&a->lock);
}

/* The URL is an address and a path. */
static int
split_url(struct shadow_alert *a, struct err *err)
{
	const char *host = strstr(a->o.url, "://"), *path;

	if (host == NULL || strlen(a->o.url) >= sizeof(a->base))
		return err_set(err, RC_USAGE, "--alert-url is no URL, as "
		    "https://hooks.example/release is");
	path = strpbrk(host + 3, "/?");
	a->target = path == NULL ? "/" : path;
	(void)snprintf(a->base, sizeof(a->base), "%.*s", path == NULL ?
	    (int)strlen(a->o.url) : (int)(path - a->o.url), a->o.url);
	return *a->target == '/' ? RC_OK : err_set(err, RC_USAGE,
	    "--alert-url: give a path, as https://hooks.example/?key=1 does");
}

int
shadow_alert_start(const struct shadow_alert_opts *o,
    struct shadow_alert **out, struct err *err)
{
	struct shadow_alert *a;
	int rc = RC_OK;

	*out = NULL;
	if (o->exec == NULL && o->url == NULL)
		return RC_OK;
	a = calloc(1, sizeof(*a));
	if (a == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	a->o = *o;
	if ((size_t)snprintf(a->told_path, sizeof(a->told_path), "%s.told",
	    o->state) >= sizeof(a->told_path))
		rc = err_set(err, RC_USAGE, "--state: the path is too long");
	if (rc == RC_OK && o->url != NULL)
		rc = split_url(a, err);
	a->asked = read_told(a->told_path);
	(void)pthread_mutex_init(&a->lock, NULL);
	mono_cond_init(&a->wake);
	if (rc == RC_OK && pthread_create(&a->thread, NULL, alert_main,
	    a) != 0)
		rc = err_set(err, RC_NOMEM, "cannot start a thread");
	if (rc != RC_OK)
		free(a);
	else
		*out = a;
	return rc;
}

void
shadow_alert_stop(struct shadow_alert **ap)
{
	struct shadow_alert *a = *ap;

	*ap = NULL;
	if (a == NULL)
		return;
	(void)pthread_mutex_lock(&a->lock);
	a->ending = 1;
	(void)pthread_cond_signal(&a->wake);
	(void)pthread_mutex_unlock(&a->lock);
	(void)pthread_join(a->thread, NULL);
	(void)pthread_mutex_destroy(&a->lock);
	(void)pthread_cond_destroy(&a->wake);
	free(a);
}
