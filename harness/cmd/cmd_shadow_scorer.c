/* Pairs of other shadows; see cmd_shadow_scorer.h. */
#include "harness/cmd/cmd_shadow_scorer.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/json.h"
#include "harness/base/mono.h"
#include "replay/shadow_batch.h"

enum { MEMBERS_MAX = 64, NAME_BYTES = 64, NOTE_BYTES = 1 << 20 };
/* Who has not been heard of for so long has no part of the rate. */
#define GONE_NS (5 * MONO_S)

/* Requests and money are lent: what is lent to one is not lent to another, so
 * that all together never ask more than the cap. */
struct member {
	char name[NAME_BYTES];
	int64_t seen_ns;
	int64_t asked, lent;
	double spent, lent_money;
	int64_t over_money;		/* requests that it did not ask */
	int wants;			/* it has had more of them */
};

struct shadow_scorer {
	struct shadow_scorer_opts o;
	pthread_mutex_t lock;		/* of what follows */
	struct member member[MEMBERS_MAX];	/* the first is this one */
	size_t n;
	double dearest;			/* request so far, of all */
	const struct member *first;	/* who asks what one costs, since: */
	int64_t first_ns;
	uint64_t pairs;
	struct shadow_batches taken;
	struct exchange_rec *rec[3];
};

struct shadow_scorer *
shadow_scorer_new(const struct shadow_scorer_opts *o)
{
	struct shadow_scorer *s = calloc(1, sizeof(*s));
	const char *note;
	int i;

	if (s == NULL)
		return NULL;
	s->o = *o;
	note = shadow_live_note(o->live);
	if (note != NULL)
		shadow_batch_read(&s->taken, note, strlen(note));
	s->n = 1;
	(void)pthread_mutex_init(&s->lock, NULL);
	for (i = 0; i < 3; i++)
		s->rec[i] = exchange_rec_new();
	if (s->rec[0] == NULL || s->rec[1] == NULL || s->rec[2] == NULL) {
		shadow_scorer_free(s);
		return NULL;
	}
	shadow_scorer_tick(s);
	return s;
}

void
shadow_scorer_free(struct shadow_scorer *s)
{
	int i;

	if (s == NULL)
		return;
	for (i = 0; i < 3; i++)
		exchange_rec_free(s->rec[i]);
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
}

/* ---- caps ---------------------------------------------------------------- */

static struct member *
member_of(struct shadow_scorer *s, const char *name)
{
	size_t i;

	for (i = 1; i < s->n; i++) {
		if (strcmp(s->member[i].name, name) == 0)
			return &s->member[i];
	}
	if (s->n == MEMBERS_MAX)
		return NULL;
	(void)snprintf(s->member[s->n].name, NAME_BYTES, "%s", name);
	return &s->member[s->n++];
}

static int64_t
present(const struct shadow_scorer *s)
{
	int64_t now = mono_now_ns(), n = 1;
	size_t i;

	for (i = 1; i < s->n; i++)
		n += now - s->member[i].seen_ns < GONE_NS;
	return n;
}

/* Half of what is left, shared evenly, when it is about to run out. */
static int64_t
lend(struct shadow_scorer *s, struct member *m)
{
	int64_t left = s->o.requests, part;
	size_t i;

	for (i = 0; i < s->n; i++)
		left -= s->member[i].lent;
	part = left / (2 * present(s));
	if (part < 1)
		part = left > 0 ? 1 : 0;
	if (m->lent - m->asked < part)
		m->lent += part;
	return m->lent;
}

/* Until it is known what a request costs, one member alone may ask, and one
 * request at a time; who has none to ask does not keep the others waiting. */
static int
may_spend(struct shadow_scorer *s, const struct member *m)
{
	const int64_t now = mono_now_ns();

	if (s->dearest > 0)
		return 1;
	if (m->wants && (s->first == NULL || now - s->first_ns > GONE_NS)) {
		s->first = m;
		s->first_ns = now;
	}
	return s->first == m;
}

/* As lend(); but a part is enough for two requests, while there is so much. */
static double
lend_money(struct shadow_scorer *s, struct member *m)
{
	double left = s->o.money, part;
	size_t i;

	if (!may_spend(s, m))
		return m->spent;
	for (i = 0; i < s->n; i++)
		left -= s->member[i].lent_money;
	part = fmax(left / (2 * (double)present(s)),
	    fmin(left, 2 * s->dearest));
	if (part > 0 && m->lent_money - m->spent < part)
		m->lent_money += part;
	return m->lent_money;
}

/* What it has done since. */
static void
take_account(struct shadow_scorer *s, struct member *m, int64_t asked,
    double spent, double dearest, int64_t over_money)
{
	m->asked = asked;
	m->spent = spent;
	m->wants = over_money > m->over_money;
	m->over_money = over_money;
	s->dearest = fmax(s->dearest, dearest);
}

/* Evenly; what does not divide is this one's own. */
static int64_t
rate_of(const struct shadow_scorer *s, int own)
{
	const int64_t n = present(s), part = s->o.rps / n;

	return own ? s->o.rps - part * (n - 1) : part;
}

static void
write_caps(struct shadow_scorer *s, struct member *m, struct buf *out)
{
	buf_puts(out, "{\"taken\":true");
	if (s->o.rps > 0)
		buf_printf(out, ",\"rps\":%lld", (long long)rate_of(s, 0));
	if (s->o.requests > 0)
		buf_printf(out, ",\"requests\":%lld",
		    (long long)lend(s, m));
	if (s->o.money > 0)
		buf_printf(out, ",\"money\":%.17g,\"dearest\":%.17g",
		    lend_money(s, m), s->dearest);
	buf_puts(out, "}\n");
}

void
shadow_scorer_tick(struct shadow_scorer *s)
{
	struct shadow_stats st;
	struct shadow_caps caps = { -1, -1, -1, 0 };

	if (s == NULL)
		return;
	shadow_stats(s->o.shadow, &st);
	(void)pthread_mutex_lock(&s->lock);
	take_account(s, &s->member[0], (int64_t)st.asked[ARM_CANDIDATE],
	    st.money, st.dearest, (int64_t)st.fate[SHADOW_MONEY]);
	if (s->o.rps > 0)
		caps.rps = rate_of(s, 1);
	if (s->o.requests > 0)
		caps.requests = lend(s, &s->member[0]);
	if (s->o.money > 0)
		caps.money = lend_money(s, &s->member[0]);
	caps.dearest = s->dearest;
	(void)pthread_mutex_unlock(&s->lock);
	shadow_set_caps(s->o.shadow, &caps);
}

/* ---- pairs --------------------------------------------------------------- */

struct lines {
	const char *p, *end;
};

/* returns 0: there is none */
static int
next_line(struct lines *l, const char **line, size_t *n)
{
	const char *nl = l->p == l->end ? NULL : memchr(l->p, '\n',
	    (size_t)(l->end - l->p));

	if (nl == NULL)
		return 0;
	*line = l->p;
	*n = (size_t)(nl - l->p);
	l->p = nl + 1;
	return 1;
}

/* From a member's clock to ours; both numbers are from another machine. It was
 * sent neither before we began nor after now. */
static int64_t
shifted(const struct shadow_scorer *s, int64_t ns, int64_t by)
{
	const int64_t now = mono_wall_ns() - shadow_start_wall_ns(s->o.shadow);

	if (ns < 0 || (by > 0 && ns > INT64_MAX - by) || ns + by > now)
		return now < 0 ? 0 : now;
	return ns + by < 0 ? 0 : ns + by;
}

/* returns 0, or -1: it is none */
static int
read_exchange(struct shadow_scorer *s, struct lines *l, int i,
    int64_t shift_ns, struct exchange *ex)
{
	const char *line;
	size_t n;

	if (!next_line(l, &line, &n) || exchange_parse(s->rec[i], line, n, ex,
	    NULL) != 1 || ex->key.case_id == NULL ||
	    ex->req_body.spill != NULL || ex->res_body.spill != NULL)
		return -1;
	ex->sent_ns = shifted(s, ex->sent_ns, shift_ns);
	return 0;
}

/* take  0: it is only looked at
 * returns 0, or -1: it is none */
static int
take_pair(struct shadow_scorer *s, struct lines *l, const char *line,
    size_t n, int64_t shift_ns, int take)
{
	struct json *j = json_parse(line, n, NULL);
	const struct json *has = json_get(j, "pair");
	int want[3], i, bad = j == NULL, apart;
	struct exchange ex[3];

	for (i = 0; i < 3; i++)
		want[i] = json_int(json_at(has, (size_t)i), 0) == 1;
	apart = json_get_bool(j, "apart", 0);
	json_free(j);
	for (i = 0; i < 3 && !bad; i++)
		bad = want[i] && read_exchange(s, l, i, shift_ns, &ex[i]) != 0;
	if (bad || !want[1])
		return -1;
	if (!take)
		return 0;
	shadow_live_pair(s->o.live, want[0] ? &ex[0] : NULL, &ex[1],
	    want[2] ? &ex[2] : NULL);
	if (want[0])
		shadow_take(s->o.shadow, &ex[0], &ex[1], want[2] && !apart ?
		    &ex[2] : NULL);
	s->pairs++;
	return 0;
}

/* returns 0, or -1: a line is no pair */
static int
take_pairs(struct shadow_scorer *s, struct lines l, int64_t shift_ns,
    int take)
{
	const char *line;
	size_t n;

	while (next_line(&l, &line, &n)) {
		if (take_pair(s, &l, line, n, shift_ns, take) != 0)
			return -1;
	}
	return l.p == l.end ? 0 : -1;
}

/* Whatever the lengths, as long as the token is. */
static int
is_token(const char *token, const char *auth)
{
	size_t n = strlen(token), m = strlen(auth), i;
	unsigned char d = 0;

	if (m != n + 7 || strncmp(auth, "Bearer ", 7) != 0)
		return 0;
	for (i = 0; i < n; i++)
		d |= (unsigned char)(token[i] ^ auth[7 + i]);
	return d == 0;
}

/* From another machine. */
static double
number(const struct json *head, const char *key)
{
	const double v = json_get_num(head, key, 0);

	return isfinite(v) && v > 0 ? v : 0;
}

/* All pairs of a batch, and that it was taken, or nothing. returns 0, or -1:
 * it is none, and why is in out */
static int
take_batch(struct shadow_scorer *s, const struct json *head, struct lines l,
    struct buf *out)
{
	const char *member = json_get_str(head, "member");
	const char *session = json_get_str(head, "session");
	const int64_t batch = json_get_int(head, "batch", 0);
	int64_t start = json_get_int(head, "start_wall_ns", 0);
	int64_t shift = (start < 0 ? 0 : start) -
	    shadow_start_wall_ns(s->o.shadow);
	int taken = session == NULL ? 0 :
	    shadow_batch_taken(&s->taken, member, session, batch);
	struct buf note;

	if (taken == 1)
		return 0;
	if (taken < 0 || take_pairs(s, l, shift, 0) != 0) {
		buf_puts(out, taken < 0 ? "the batch has no number\n" :
		    "a line is no pair: none of them was taken\n");
		return -1;
	}
	buf_init(&note, NOTE_BYTES);
	shadow_live_begin(s->o.live);
	(void)take_pairs(s, l, shift, 1);
	if (session != NULL)
		shadow_batch_take(&s->taken, member, session, batch);
	shadow_batch_write(&s->taken, &note);
	shadow_live_end(s->o.live, buf_str(&note));
	buf_fini(&note);
	return 0;
}

/* With the lock held. */
static int
take_body(struct shadow_scorer *s, const char *body, size_t n,
    struct buf *out)
{
	struct lines l = { body, body + n };
	struct json *head = NULL;
	struct member *m;
	const char *line, *name;
	size_t len;
	int bad;

	if (next_line(&l, &line, &len))
		head = json_parse(line, len, NULL);
	name = json_get_str(head, "member");
	m = name == NULL ? NULL : member_of(s, name);
	if (m == NULL) {
		json_free(head);
		buf_puts(out, name == NULL ? "no member is named\n" :
		    "there are too many members\n");
		return name == NULL ? 400 : 503;
	}
	take_account(s, m, json_get_int(head, "asked", 0),
	    number(head, "money"), number(head, "dearest"),
	    json_get_int(head, "over_money", 0));
	m->seen_ns = mono_now_ns();
	bad = take_batch(s, head, l, out) != 0;
	json_free(head);
	if (!bad)
		write_caps(s, m, out);
	return bad ? 400 : 200;
}

int
shadow_scorer_post(struct shadow_scorer *s, const char *auth,
    const char *body, size_t n, struct buf *out)
{
	int status;

	if (s->o.token == NULL || *s->o.token == '\0') {
		buf_puts(out, "nobody may join: LOCKSTEP_JOIN_TOKEN is not "
		    "set here\n");
		return 403;
	}
	if (!is_token(s->o.token, auth)) {
		buf_puts(out, "LOCKSTEP_JOIN_TOKEN is another one here\n");
		return 401;
	}
	if (body == NULL)
		return 200;
	(void)pthread_mutex_lock(&s->lock);
	status = take_body(s, body, n, out);
	(void)pthread_mutex_unlock(&s->lock);
	return status;
}

unsigned
shadow_scorer_members(struct shadow_scorer *s)
{
	unsigned n;

	(void)pthread_mutex_lock(&s->lock);
	n = (unsigned)present(s) - 1;
	(void)pthread_mutex_unlock(&s->lock);
	return n;
}

uint64_t
shadow_scorer_pairs(struct shadow_scorer *s)
{
	uint64_t n;

	(void)pthread_mutex_lock(&s->lock);
	n = s->pairs;
	(void)pthread_mutex_unlock(&s->lock);
	return n;
}
