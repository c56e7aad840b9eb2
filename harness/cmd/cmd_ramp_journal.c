/* The journal of a ramp; see cmd_ramp_journal.h. */
#include "harness/cmd/cmd_ramp_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/json.h"
#include "harness/base/mono.h"
#include "harness/base/replace.h"

enum { JOURNAL_MAX = 16 << 20, VERSION = 1 };

struct ramp_journal {
	int fd;
	char *path;
};

static const char *const names[RAMP_EVENTS] = { "set_weight_begin",
	"set_weight_end", "window", "passed", "accepted", "abort",
	"rollback_begin", "rollback_end", "complete", "validated", "back" };

/* ---- what an event means ----------------------------------------------- */

static void
go_to(struct ramp_state *s, int step)
{
	s->step = step;
	s->setting = s->set = s->valid = s->windowed = 0;
}

static void
came_back(struct ramp_state *s, const struct ramp_note *n)
{
	s->back = n->ok ? 1 : -1;
	s->back_seconds = n->seconds;
	if (s->aborted || !n->ok)
		return;
	s->rehearsed = 1;
	s->rollbacks = s->rolled_back = 0;
	go_to(s, s->step);
}

static void
apply(struct ramp_state *s, enum ramp_event e, const struct ramp_note *n,
    const char *at)
{
	switch (e) {
	case RAMP_SET_BEGIN:
		s->setting = 1;
		return;
	case RAMP_SET_END:
		s->set = 1;
		return;
	case RAMP_WINDOW:
		s->windowed = 1;
		s->pairs = n->pairs;
		s->seconds = n->seconds;
		return;
	case RAMP_PASSED:
		go_to(s, s->step + 1);
		return;
	case RAMP_ACCEPTED:
		s->accepted = n->accepted;
		return;
	case RAMP_ABORT:
		s->aborted = 1;
		(void)snprintf(s->why, sizeof(s->why), "%s",
		    n->why == NULL ? "" : n->why);
		return;
	case RAMP_ROLLBACK_BEGIN:
		s->rollbacks++;
		s->rolled_back = s->back = 0;
		(void)snprintf(s->rollback_at, sizeof(s->rollback_at), "%s",
		    at);
		return;
	case RAMP_ROLLBACK_END:
		s->rolled_back = n->ok ? 1 : -1;
		return;
	case RAMP_VALIDATED:
		s->valid = 1;
		return;
	case RAMP_BACK:
		came_back(s, n);
		return;
	default:
		s->complete = 1;
	}
}

/* ---- writing ----------------------------------------------------------- */

static int
append(struct ramp_journal *j, struct buf *b, struct err *err)
{
	int rc;

	buf_putc(b, '\n');
	rc = buf_check(b, "the journal", err);
	if (rc == RC_OK && (write(j->fd, b->p, b->len) != (ssize_t)b->len ||
	    fsync(j->fd) != 0))
		rc = err_errno(err, RC_IO, "%s: cannot be written", j->path);
	return rc;
}

static int
write_plan(struct ramp_journal *j, const struct ramp_plan *p, struct err *err)
{
	struct json_out o;
	struct buf b;
	int i, rc;

	buf_init(&b, 1 << 16);
	json_out_init(&o, &b, 0);
	json_out_obj(&o);
	json_put_int(&o, "lockstep_ramp", VERSION);
	json_put_str(&o, "status", p->status);
	json_put_str(&o, "set_weight", p->set_weight);
	json_put_str(&o, "rollback", p->rollback);
	json_put_str(&o, "validate", p->validate);
	json_put_int(&o, "valid_within_ns", p->within_ns);
	json_put_bool(&o, "rehearse_back", p->rehearse_back);
	json_out_key(&o, "steps");
	json_out_arr(&o);
	for (i = 0; i < p->n; i++)
		json_out_int(&o, p->step[i]);
	json_out_end(&o, ']');
	json_out_end(&o, '}');
	rc = append(j, &b, err);
	buf_fini(&b);
	return rc != RC_OK ? rc : replace_sync_folder(j->path, err);
}

static void
put_note(struct json_out *o, const struct ramp_note *n)
{
	json_put_int(o, "pairs", n->pairs);
	json_put_num(o, "seconds", n->seconds);
	json_put_int(o, "accepted", n->accepted);
	json_put_bool(o, "ok", n->ok);
	json_put_str(o, "why", n->why);
}

int
ramp_journal_note(struct ramp_journal *j, struct ramp_state *s,
    enum ramp_event e, const struct ramp_note *n, struct err *err)
{
	static const struct ramp_note none = { 0, 0, 0, 0, NULL };
	struct json_out o;
	char at[MONO_UTC_MAX];
	struct buf b;
	int rc;

	if (n == NULL)
		n = &none;
	mono_utc(mono_wall_ns(), at);
	buf_init(&b, 1 << 16);
	json_out_init(&o, &b, 0);
	json_out_obj(&o);
	json_put_str(&o, "event", names[e]);
	json_put_str(&o, "at", at);
	json_put_int(&o, "step", s->step);
	put_note(&o, n);
	json_out_end(&o, '}');
	rc = append(j, &b, err);
	buf_fini(&b);
	if (rc == RC_OK)
		apply(s, e, n, at);
	return rc;
}

/* ---- reading ----------------------------------------------------------- */

static int
copy(const struct json *j, const char *key, char *out, size_t cap)
{
	const char *s = json_get_str(j, key);

	if (s == NULL || strlen(s) >= cap)
		return -1;
	(void)snprintf(out, cap, "%s", s);
	return 0;
}

static int
read_plan(const struct json *line, struct ramp_plan *p)
{
	const struct json *j = json_first(json_get(line, "steps"));

	for (p->n = 0; j != NULL && p->n < RAMP_STEPS_MAX; j = json_next(j))
		p->step[p->n++] = (int)json_int(j, -1);
	/* what a journal of an earlier lockstep does not have */
	if (copy(line, "validate", p->validate, sizeof(p->validate)) != 0)
		p->validate[0] = '\0';
	p->within_ns = json_get_int(line, "valid_within_ns", 0);
	p->rehearse_back = json_get_bool(line, "rehearse_back", 0);
	return json_get_int(line, "lockstep_ramp", 0) != VERSION ||
	    j != NULL || p->n == 0 ||
	    copy(line, "status", p->status, sizeof(p->status)) != 0 ||
	    copy(line, "set_weight", p->set_weight,
	    sizeof(p->set_weight)) != 0 ||
	    copy(line, "rollback", p->rollback, sizeof(p->rollback)) != 0 ?
	    -1 : 0;
}

static int
read_event(const struct json *line, struct ramp_state *s)
{
	const char *name = json_get_str(line, "event");
	const char *at = json_get_str(line, "at");
	const struct ramp_note n = { json_get_int(line, "pairs", 0),
		json_get_num(line, "seconds", 0),
		json_get_int(line, "accepted", 0),
		json_get_bool(line, "ok", 0), json_get_str(line, "why") };
	int e;

	for (e = 0; name != NULL && e < RAMP_EVENTS; e++) {
		if (strcmp(names[e], name) == 0) {
			apply(s, (enum ramp_event)e, &n, at == NULL ? "" : at);
			return 0;
		}
	}
	return -1;
}

/* Whole lines; a line that has no end was cut, and is taken off. */
static int
read_lines(struct ramp_journal *j, char *text, size_t n,
    struct ramp_plan *plan, struct ramp_state *state, struct err *err)
{
	char *line = text, *end;
	struct json *doc;
	unsigned at = 0;
	int bad = 0;

	while (bad == 0 && (end = memchr(line, '\n',
	    n - (size_t)(line - text))) != NULL) {
		doc = json_parse(line, (size_t)(end - line), NULL);
		bad = doc == NULL ? -1 : at == 0 ? read_plan(doc, plan) :
		    read_event(doc, state);
		json_free(doc);
		at++;
		line = end + 1;
	}
	if (bad != 0)
		return err_set(err, RC_FORMAT, "%s:%u: this is no line of a "
		    "ramp's journal", j->path, at);
	if (at == 0)
		return err_set(err, RC_FORMAT, "%s holds no ramp: remove it "
		    "and begin", j->path);
	if (ftruncate(j->fd, line - text) != 0)
		return err_errno(err, RC_IO, "%s", j->path);
	return RC_OK;
}

static int
read_journal(struct ramp_journal *j, struct ramp_plan *plan,
    struct ramp_state *state, struct err *err)
{
	struct stat st;
	char *text;
	int rc;

	if (fstat(j->fd, &st) != 0 || st.st_size > JOURNAL_MAX)
		return err_set(err, RC_FORMAT, "%s is no journal: it is too "
		    "large", j->path);
	text = malloc((size_t)st.st_size + 1);
	if (text == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	if (pread(j->fd, text, (size_t)st.st_size, 0) != st.st_size)
		rc = err_errno(err, RC_IO, "%s", j->path);
	else
		rc = read_lines(j, text, (size_t)st.st_size, plan, state,
		    err);
	free(text);
	return rc;
}

/* ---- opening ----------------------------------------------------------- */

static int
take(struct ramp_journal *j, int resume, struct err *err)
{
	const int flags = O_RDWR | O_APPEND | O_CLOEXEC |
	    (resume ? 0 : O_CREAT | O_EXCL);

	j->fd = open(j->path, flags, 0600);
	if (j->fd < 0 && errno == EEXIST)
		return err_set(err, RC_USAGE, "%s is there already: --resume "
		    "it, or name another journal", j->path);
	if (j->fd < 0 && errno == ENOENT && resume)
		return err_set(err, RC_USAGE, "%s is not there: nothing to "
		    "resume", j->path);
	if (j->fd < 0)
		return err_errno(err, RC_IO, "%s", j->path);
	if (flock(j->fd, LOCK_EX | LOCK_NB) != 0)
		return err_set(err, RC_USAGE, "%s is in use by another ramp",
		    j->path);
	return RC_OK;
}

int
ramp_journal_open(const char *path, int resume, struct ramp_plan *plan,
    struct ramp_state *state, struct ramp_journal **out, struct err *err)
{
	struct ramp_journal *j = calloc(1, sizeof(*j));
	int rc;

	*out = NULL;
	memset(state, 0, sizeof(*state));
	if (j == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	j->fd = -1;
	j->path = strdup(path);
	rc = j->path == NULL ? err_set(err, RC_NOMEM, "out of memory") :
	    take(j, resume, err);
	if (rc == RC_OK)
		rc = resume ? read_journal(j, plan, state, err) :
		    write_plan(j, plan, err);
	if (rc != RC_OK)
		ramp_journal_close(&j);
	*out = j;
	return rc;
}

void
ramp_journal_close(struct ramp_journal **j)
{
	if (*j == NULL)
		return;
	if ((*j)->fd >= 0)
		(void)close((*j)->fd);
	free((*j)->path);
	free(*j);
	*j = NULL;
}
