/* Pairs of other shadows; see cmd_shadow_scorer.h. */
#include "harness/cmd/cmd_shadow_scorer.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/json.h"
#include "harness/base/mono.h"
#include "replay/shadow_members.h"

enum { NOTE_BYTES = 1 << 20, HELD_MAX = 16 << 20 };

struct shadow_scorer {
	struct shadow_scorer_opts o;
	pthread_mutex_t lock;		/* of what follows */
	struct shadow_members members;
	uint64_t pairs;
	struct exchange_rec *rec[3];
};

struct shadow_scorer *
shadow_scorer_new(const struct shadow_scorer_opts *o)
{
	struct shadow_scorer *s = calloc(1, sizeof(*s));
	const int64_t now = mono_now_ns();
	const char *note;
	int i;

	if (s == NULL)
		return NULL;
	s->o = *o;
	note = shadow_live_note(o->live);
	shadow_members_init(&s->members, o->rps, o->requests, o->money,
	    note != NULL, now);
	if (note != NULL)
		shadow_members_read(&s->members, note, strlen(note), now);
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

static void
write_caps(struct shadow_scorer *s, struct shadow_one *one, struct buf *out)
{
	struct shadow_caps caps;

	shadow_members_lend(&s->members, one, &caps, mono_now_ns());
	buf_puts(out, "{\"taken\":true");
	if (caps.rps >= 0)
		buf_printf(out, ",\"rps\":%lld", (long long)caps.rps);
	if (caps.requests >= 0)
		buf_printf(out, ",\"requests\":%lld",
		    (long long)caps.requests);
	if (caps.money >= 0)
		buf_printf(out, ",\"money\":%.17g,\"dearest\":%.17g",
		    caps.money, caps.dearest);
	buf_puts(out, "}\n");
}

/* The state first: a batch that it does not know is sent again after a kill, so
 * its pairs must not be in the trace. With the lock held. */
static void
keep(struct shadow_scorer *s)
{
	if (shadow_taken_bytes(s->o.shadow) > 0 &&
	    shadow_live_save(s->o.live) == RC_OK)
		shadow_keep_taken(s->o.shadow);
}

void
shadow_scorer_tick(struct shadow_scorer *s)
{
	struct shadow_stats st;
	struct shadow_caps caps;
	struct shadow_says says;
	int64_t now;

	if (s == NULL)
		return;
	shadow_stats(s->o.shadow, &st);
	says = (struct shadow_says){ .rps = -1,
		.asked = (int64_t)st.asked[ARM_CANDIDATE],
		.over_money = (int64_t)st.fate[SHADOW_MONEY],
		.money = st.money, .dearest = st.dearest };
	(void)pthread_mutex_lock(&s->lock);
	now = mono_now_ns();
	shadow_members_lend(&s->members, shadow_members_own(&s->members,
	    &says, now), &caps, now);
	keep(s);
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
	static const enum arm arms[3] = { ARM_BASELINE, ARM_CANDIDATE,
		ARM_BASELINE2 };
	const char *line;
	size_t n;

	if (!next_line(l, &line, &n) || exchange_parse(s->rec[i], line, n, ex,
	    NULL) != 1 || ex->key.case_id == NULL || ex->key.arm != arms[i] ||
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
    struct shadow_one *one, struct buf *out)
{
	const int64_t batch = json_get_int(head, "batch", 0);
	const int numbered = one->session[0] != '\0' && l.p != l.end;
	int64_t start = json_get_int(head, "start_wall_ns", 0);
	int64_t shift = (start < 0 ? 0 : start) -
	    shadow_start_wall_ns(s->o.shadow);
	int taken = numbered ? shadow_one_taken(one, batch) : 0;
	struct buf note;

	if (taken == 1 || l.p == l.end)
		return 0;
	if (taken < 0 || take_pairs(s, l, shift, 0) != 0) {
		buf_puts(out, taken < 0 ? "the batch has no number\n" :
		    "a line is no pair: none of them was taken\n");
		return -1;
	}
	buf_init(&note, NOTE_BYTES);
	shadow_live_begin(s->o.live);
	(void)take_pairs(s, l, shift, 1);
	if (numbered)
		shadow_one_take(one, batch);
	shadow_members_write(&s->members, &note);
	shadow_live_end(s->o.live, buf_str(&note));
	buf_fini(&note);
	return 0;
}

/* What the first line says. returns its status: 200 and *one, 400, 503 */
static int
hear(struct shadow_scorer *s, const struct json *head,
    struct shadow_one **one, struct buf *out)
{
	const struct shadow_says says = {
		.name = json_get_str(head, "member"),
		.session = json_get_str(head, "session"),
		.asked = json_get_int(head, "asked", 0),
		.over_money = json_get_int(head, "over_money", 0),
		.rps = json_get_int(head, "rps", -1),
		.beat = json_get_int(head, "beat", 0),
		.money = number(head, "money"),
		.dearest = number(head, "dearest"),
		.ends = json_get_bool(head, "ends", 0) };

	switch (shadow_members_hear(&s->members, &says, one, mono_now_ns())) {
	case 0:
		return 200;
	case 1:
		buf_printf(out, "%d shadows were started and joined this one "
		    "within the last %lld minutes, and more find no room: "
		    "this one may join later, or another one\n",
		    SHADOW_MEMBERS - 1, (long long)(SHADOW_DOUBT_NS / MONO_S /
		    60 + 1));
		return 503;
	default:
		buf_puts(out, "no member is named\n");
		return 400;
	}
}

/* With the lock held. */
static int
take_body(struct shadow_scorer *s, const char *body, size_t n,
    struct buf *out)
{
	struct lines l = { body, body + n };
	struct json *head = NULL;
	struct shadow_one *one;
	const char *line;
	size_t len;
	int status;

	if (next_line(&l, &line, &len))
		head = json_parse(line, len, NULL);
	status = hear(s, head, &one, out);
	if (status == 200 && take_batch(s, head, l, one, out) != 0)
		status = 400;
	if (shadow_taken_bytes(s->o.shadow) > HELD_MAX)
		keep(s);
	json_free(head);
	if (status == 200)
		write_caps(s, one, out);
	return status;
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
	n = shadow_members_present(&s->members, mono_now_ns());
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
