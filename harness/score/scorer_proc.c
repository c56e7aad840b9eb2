/*
 * Asking scorers: one thread, one poll(2) over all their pipes.
 *
 * A process is started when there is something to ask and stays.  It has at
 * most in_flight lines at once.  When it is silent for its timeout while
 * answers are due, ends, or prints a line without end, another one is asked
 * what it had, one line at a time: what fails alone too is missing, and its
 * neighbours are not lost with it.  All of it within bounds.
 */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/child.h"
#include "harness/base/log.h"
#include "harness/base/mono.h"
#include "harness/score/scorer_part.h"

enum {
	FAILURES_MAX = 3,	/* in a row without an answer between */
	FAULTS_MAX = 20,	/* of one scorer in all */
	TRIES_MAX = 2,		/* of one line */
	LOGGED_MAX = 100,	/* lines of its stderr */
	SAID_MAX = 90,		/* bytes of the last of them */
	STRANGE_MAX = 1000,	/* lines back that answer nothing */
	WORDS_MAX = 64,		/* reads of what it left behind */
	READ_MAX = 1 << 16
};
#define GRACE_NS (2 * MONO_S)		/* to end when its input has ended */
#define DYING_NS (500 * MONO_MS)	/* between its output's end and it */

enum { CALL_WAITS, CALL_SENT, CALL_DONE };

struct scorer_proc {
	const struct suite_scorer *s;
	const char *dir;
	struct scorer_names names;
	struct scorer_child child;
	struct buf out, in, err;	/* to be written; partial lines */
	size_t out_at;
	struct scorer_call *calls;
	size_t n, next, done, in_flight;
	size_t again;			/* lines to be asked once more */
	uint64_t base;			/* id of calls[0] */
	int64_t due_ns;			/* when its silence is too long */
	int failures;			/* in a row */
	int faults;			/* in all */
	int too_long;			/* a line of it was */
	char fault[SCORER_WHY_MAX];	/* not empty: it was given up */
	char said[SAID_MAX];		/* the last line of its stderr */
	unsigned logged, strange_here;
	int quiet;			/* a try: its error tells */
	struct scorer_stats st;
};

int
scorer_proc_new(const struct suite_scorer *s, const char *dir,
    const struct scorer_names *names, struct scorer_proc **out,
    struct err *err)
{
	struct scorer_proc *p = calloc(1, sizeof(*p));

	*out = p;
	if (p == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	p->s = s;
	p->dir = dir;
	p->names = *names;
	p->child = (struct scorer_child){ 0, -1, -1, -1 };
	buf_init(&p->out, SIZE_MAX / 4);
	buf_init(&p->in, SCORER_LINE_MAX + READ_MAX + 2);
	buf_init(&p->err, READ_MAX + SCORER_LINE_MAX);
	return RC_OK;
}

void
scorer_proc_free(struct scorer_proc *p)
{
	if (p == NULL)
		return;
	(void)scorer_end(&p->child, GRACE_NS);
	buf_fini(&p->out);
	buf_fini(&p->in);
	buf_fini(&p->err);
	free(p);
}

struct scorer_stats *
scorer_proc_stats(struct scorer_proc *p)
{
	return &p->st;
}

void
scorer_proc_load(struct scorer_proc *p, struct scorer_call *calls, size_t n)
{
	size_t i;

	p->base += p->n;
	p->calls = calls;
	p->n = n;
	p->next = p->done = p->in_flight = p->again = 0;
	for (i = 0; i < n; i++) {
		calls[i].state = CALL_WAITS;
		calls[i].tries = 0;
	}
}

/* ---- what it says on the side --------------------------------------- */

static void
log_line(struct scorer_proc *p, const char *s, size_t n)
{
	char text[400];

	scorer_clean(s, n, text, sizeof(text));
	if (text[strspn(text, " ")] == '\0')
		return;
	scorer_clean(text, strlen(text), p->said, sizeof(p->said));
	if (p->quiet)
		return;
	if (p->logged == LOGGED_MAX)
		log_msg(LOG_WARN, p->s->name, "its later messages are not "
		    "shown");
	if (p->logged++ < LOGGED_MAX)
		log_msg(LOG_INFO, p->s->name, "%s", text);
}

/* Calls fn for each whole line and keeps the rest. */
static void
take_lines(struct scorer_proc *p, struct buf *b,
    void (*fn)(struct scorer_proc *, const char *, size_t))
{
	char *from = b->p, *end = b->p + b->len, *nl;

	while (from < end &&
	    (nl = memchr(from, '\n', (size_t)(end - from))) != NULL) {
		fn(p, from, (size_t)(nl - from));
		from = nl + 1;
	}
	if (from == b->p || b->len == 0)
		return;
	b->len = (size_t)(end - from);
	memmove(b->p, from, b->len);
}

/* returns bytes read; 0 at the end; -1 when there is nothing now */
static ssize_t
read_some(int fd, struct buf *b)
{
	char *to = buf_reserve(b, READ_MAX);
	ssize_t n;

	if (to == NULL)
		return 0;
	n = read(fd, to, READ_MAX);
	if (n > 0)
		b->len += (size_t)n;
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return 0;
	return n;
}

static void
read_err(struct scorer_proc *p)
{
	ssize_t n = read_some(p->child.err, &p->err);

	take_lines(p, &p->err, log_line);
	if (n == 0 || p->err.len > READ_MAX) {
		log_line(p, buf_str(&p->err), p->err.len);
		buf_reset(&p->err);
	}
	if (n == 0)
		scorer_close_fd(&p->child.err);
}

/* What it said before it ended. */
static void
last_words(struct scorer_proc *p)
{
	int i;

	for (i = 0; i < WORDS_MAX && p->child.err >= 0 &&
	    read_some(p->child.err, &p->err) > 0; i++)
		take_lines(p, &p->err, log_line);
	log_line(p, buf_str(&p->err), p->err.len);
	buf_reset(&p->err);
}

/* ---- answers -------------------------------------------------------- */

static void
settle(struct scorer_proc *p, struct scorer_call *c)
{
	p->in_flight -= c->state == CALL_SENT;
	p->again -= c->state == CALL_SENT && c->tries > 1;
	c->state = CALL_DONE;
	p->done++;
}

static void
strange(struct scorer_proc *p, const char *s, size_t n, const char *what)
{
	char text[80];

	p->st.strange++;
	if (p->strange_here++ > 0)
		return;
	scorer_clean(s, n, text, sizeof(text));
	log_msg(LOG_WARN, p->s->name, "%s: %s", what, text);
}

static void
take_answer(struct scorer_proc *p, const char *s, size_t n)
{
	struct json *j;
	uint64_t id;

	if (n > SCORER_LINE_MAX)	/* whether it came in one read or not */
		p->too_long = 1;
	if (n == 0 || p->too_long)
		return;
	j = json_parse(s, n, NULL);
	if (json_kind(j) != JSON_OBJECT) {
		strange(p, s, n, "printed a line that is not a JSON object");
	} else if (scorer_reply_id(j, &id) != 0 || id < p->base ||
	    id - p->base >= p->n ||
	    p->calls[id - p->base].state != CALL_SENT) {
		strange(p, s, n, "answered a line that was not asked, or one "
		    "twice");
	} else {
		struct scorer_call *c = &p->calls[id - p->base];

		scorer_reply_read(j, &p->names, c->out, &p->st);
		settle(p, c);
		p->failures = 0;
		p->due_ns = mono_now_ns() + p->s->timeout_ns;
	}
	json_free(j);
}

/* ---- its end -------------------------------------------------------- */

/* One line that it had: missing when it was alone, else asked again. */
static void
lost(struct scorer_proc *p, size_t i, const char *why)
{
	struct scorer_call *c = &p->calls[i];

	if (c->tries == TRIES_MAX) {
		scorer_missing_all(c->out, p->names.n, SCORER_NO_ANSWER, why);
		settle(p, c);
		return;
	}
	c->state = CALL_WAITS;
	p->in_flight--;
	p->again++;
	if (i < p->next)
		p->next = i;
}

/* What its end means for the lines it had, and for those to come. */
static void
failed(struct scorer_proc *p, const char *why)
{
	char text[2 * SCORER_WHY_MAX];
	size_t i, end = p->next;

	(void)snprintf(text, sizeof(text), "%s%s%s", why,
	    *p->said != '\0' ? ": " : "", p->said);
	log_msg(LOG_WARN, p->s->name, "%s", text);
	for (i = 0; i < end; i++) {
		if (p->calls[i].state == CALL_SENT)
			lost(p, i, text);
	}
	if (++p->failures < FAILURES_MAX && ++p->faults < FAULTS_MAX)
		return;
	scorer_clean(text, strlen(text), p->fault, sizeof(p->fault));
}

static void
forget(struct scorer_proc *p)
{
	buf_reset(&p->in);
	buf_reset(&p->err);
	buf_reset(&p->out);
	p->out_at = 0;
	p->strange_here = 0;
	p->too_long = 0;
}

/* It ended by itself, or closed its output. */
static void
ended(struct scorer_proc *p)
{
	char why[64];
	int idle = p->in_flight == 0, status;

	last_words(p);
	status = scorer_end(&p->child, DYING_NS);
	child_say_status(status, why, sizeof(why));
	forget(p);
	/* between two batches it owes nothing */
	if (!idle)
		failed(p, why);
}

static void
kill_it(struct scorer_proc *p, const char *why)
{
	(void)scorer_end(&p->child, 0);
	forget(p);
	failed(p, why);
}

static void
too_silent(struct scorer_proc *p)
{
	char why[SCORER_WHY_MAX];

	if (p->strange_here > 0)
		(void)snprintf(why, sizeof(why), "no answer within %.3g s, "
		    "and %u other lines", (double)p->s->timeout_ns / 1e9,
		    p->strange_here);
	else
		(void)snprintf(why, sizeof(why), "no answer within %.3g s",
		    (double)p->s->timeout_ns / 1e9);
	kill_it(p, why);
}

static void
read_out(struct scorer_proc *p)
{
	ssize_t n = read_some(p->child.out, &p->in);

	take_lines(p, &p->in, take_answer);
	if (p->too_long || p->in.len > SCORER_LINE_MAX) {
		kill_it(p, "printed a line of more than 256 KiB");
	} else if (p->strange_here > STRANGE_MAX) {
		kill_it(p, "printed more than 1,000 lines that answer "
		    "nothing");
	} else if (n == 0) {
		if (p->in.len > 0)
			take_answer(p, buf_str(&p->in), p->in.len);
		ended(p);
	}
}

/* ---- questions ------------------------------------------------------ */

static void
put_call(struct scorer_proc *p)
{
	struct scorer_call *c;

	while (p->calls[p->next].state != CALL_WAITS)
		p->next++;
	c = &p->calls[p->next];
	assert(c->n > 2 && c->p[0] == '{');
	buf_puts(&p->out, "{\"id\":\"");
	buf_u64(&p->out, p->base + p->next);
	buf_puts(&p->out, "\",");
	buf_add(&p->out, c->p + 1, c->n - 1);
	buf_putc(&p->out, '\n');
	if (p->in_flight++ == 0)
		p->due_ns = mono_now_ns() + p->s->timeout_ns;
	c->state = CALL_SENT;
	c->tries++;
	p->next++;
	p->st.asked++;
}

/* Whether it may have another line, and there is one. */
static int
may_have(const struct scorer_proc *p)
{
	if (p->done + p->in_flight == p->n)
		return 0;
	return p->in_flight < (p->again > 0 ? 1 : p->s->in_flight);
}

/* Gives it what it may have; one line at a time waits to be written. */
static void
feed(struct scorer_proc *p)
{
	ssize_t n;

	while (p->child.in >= 0) {
		if (p->out_at == p->out.len) {
			buf_reset(&p->out);
			p->out_at = 0;
			if (!may_have(p))
				return;
			put_call(p);
		}
		n = write(p->child.in, p->out.p + p->out_at,
		    p->out.len - p->out_at);
		if (n < 0 && errno == EINTR)
			continue;
		/* a closed pipe: its output tells what became of it */
		if (n < 0 && errno != EAGAIN)
			scorer_close_fd(&p->child.in);
		if (n < 0)
			return;
		p->out_at += (size_t)n;
	}
}

static int
start(struct scorer_proc *p, struct err *err)
{
	int rc = scorer_spawn(p->s->exec, p->dir, &p->child, err);

	p->said[0] = '\0';
	p->st.starts += rc == RC_OK;
	return rc;
}

static void
give_up(struct scorer_proc *p)
{
	char why[SCORER_WHY_MAX + 16];
	size_t i;

	(void)snprintf(why, sizeof(why), "given up: %s", p->fault);
	for (i = 0; i < p->n; i++) {
		if (p->calls[i].state != CALL_WAITS)
			continue;
		scorer_missing_all(p->calls[i].out, p->names.n,
		    SCORER_NO_ANSWER, why);
		settle(p, &p->calls[i]);
	}
}

/* Has it started and busy, if there is something left to do. */
static int
prepare(struct scorer_proc *p, struct err *err)
{
	int rc = RC_OK;

	if (p->done == p->n)
		return RC_OK;
	if (*p->fault != '\0' && p->child.pid == 0)
		give_up(p);
	else if (p->child.pid == 0)
		rc = start(p, err);
	if (rc == RC_OK && p->child.pid != 0)
		feed(p);
	return rc != RC_OK ? rc : buf_check(&p->out, "a scorer's line", err);
}

/* ---- all of them ---------------------------------------------------- */

static size_t
watch(struct scorer_proc *p, struct pollfd *fds)
{
	fds[0] = (struct pollfd){ p->child.out, POLLIN, 0 };
	fds[1] = (struct pollfd){ p->child.err, POLLIN, 0 };
	fds[2] = (struct pollfd){ p->out_at < p->out.len ? p->child.in : -1,
		POLLOUT, 0 };
	return 3;
}

static void
handle(struct scorer_proc *p, const struct pollfd *fds)
{
	if (p->child.pid == 0)
		return;
	if (fds[1].revents != 0 && p->child.err >= 0)
		read_err(p);
	if (fds[0].revents != 0 && p->child.out >= 0)
		read_out(p);
	if (p->child.pid != 0 && p->in_flight > 0 &&
	    mono_now_ns() >= p->due_ns)
		too_silent(p);
	/* nothing is due, and nothing more can be asked: its end, which may
	 * never come, is not waited for */
	if (p->child.pid != 0 && p->child.in < 0 && p->in_flight == 0 &&
	    p->done < p->n)
		kill_it(p, "closed its input");
}

static int
wait_ms(struct scorer_proc *const *p, size_t n)
{
	int64_t least = INT64_MAX, now = mono_now_ns();
	size_t i;

	for (i = 0; i < n; i++) {
		if (p[i]->child.pid != 0 && p[i]->in_flight > 0 &&
		    p[i]->due_ns < least)
			least = p[i]->due_ns;
	}
	if (least == INT64_MAX)
		return 1000;
	if (least <= now)
		return 0;
	least = (least - now) / MONO_MS + 1;
	return least > 60000 ? 60000 : (int)least;
}

int
scorer_procs_run(struct scorer_proc *const *p, size_t n, struct err *err)
{
	struct pollfd fds[3 * SUITE_SCORERS_MAX];
	size_t i, k, left;
	int rc = RC_OK;

	assert(n <= SUITE_SCORERS_MAX);
	for (;;) {
		for (i = left = k = 0; i < n && rc == RC_OK; i++) {
			rc = prepare(p[i], err);
			left += p[i]->n - p[i]->done;
			k += watch(p[i], &fds[k]);
		}
		if (rc != RC_OK || left == 0)
			return rc;
		if (poll(fds, (nfds_t)k, wait_ms(p, n)) < 0 &&
		    errno != EINTR)
			return err_errno(err, RC_IO, "poll");
		for (i = 0; i < n; i++)
			handle(p[i], &fds[3 * i]);
	}
}

/* ---- a try ---------------------------------------------------------- */

static void
ignore_line(struct scorer_proc *p, const char *s, size_t n)
{
	(void)p;
	(void)s;
	(void)n;
}

/* Reads what it prints until it ends; 0 when it has not by then. */
static int
drain(struct scorer_proc *p, int64_t until_ns)
{
	struct pollfd fds[3];
	int64_t left;

	while ((left = until_ns - mono_now_ns()) > 0) {
		(void)watch(p, fds);
		if (poll(fds, 2, (int)(left / MONO_MS + 1)) < 0 &&
		    errno != EINTR)
			return 0;
		if (fds[1].revents != 0 && p->child.err >= 0)
			read_err(p);
		if (fds[0].revents == 0)
			continue;
		if (read_some(p->child.out, &p->in) == 0)
			return 1;
		take_lines(p, &p->in, ignore_line);
		if (p->in.len > SCORER_LINE_MAX)
			buf_reset(&p->in);
	}
	return 0;
}

int
scorer_proc_try(struct scorer_proc *p, struct err *err)
{
	char why[64];
	int rc = start(p, err), over, status;

	if (rc != RC_OK)
		return rc;
	p->quiet = 1;
	scorer_close_fd(&p->child.in);
	over = drain(p, mono_now_ns() + SCORER_TRY_NS);
	last_words(p);
	status = scorer_end(&p->child, over ? DYING_NS : 0);
	forget(p);
	p->quiet = 0;
	if (!over || status == 0)
		return RC_OK;
	child_say_status(status, why, sizeof(why));
	return err_set(err, RC_USAGE, "%s: `%.200s` with an empty input %s%s%s",
	    p->s->name, p->s->exec, why, *p->said != '\0' ? ": " : "",
	    p->said);
}
