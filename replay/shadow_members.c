/* Who has joined a shadow; see shadow_members.h. */
#include "replay/shadow_members.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/json.h"

/* A member's last second counts against the cap, too. */
#define GONE_NS (SHADOW_LEASE_NS + 2 * MONO_S)
/* A batch may stay in the lines when its member has given it up or has ended:
 * twice the time that a server waits for the next byte, and more. */
#define LINES_NS (60 * MONO_S)
#define FORGET_NS (SHADOW_DOUBT_NS + LINES_NS)

void
shadow_members_init(struct shadow_members *m, int64_t rps, int64_t requests,
    double money, int again, int64_t now_ns)
{
	memset(m, 0, sizeof(*m));
	m->rps = rps;
	m->requests = requests;
	m->money = money;
	m->n = 1;
	m->one[0].seen_ns = now_ns;
	m->settled_ns = again ? now_ns + GONE_NS : now_ns;
}

/* ---- who is there ------------------------------------------------------- */

static int
is_present(const struct shadow_members *m, const struct shadow_one *o,
    int64_t now_ns)
{
	return o == &m->one[0] || (!o->ended && o->seen_ns >= 0 &&
	    now_ns - o->seen_ns < GONE_NS);
}

unsigned
shadow_members_present(const struct shadow_members *m, int64_t now_ns)
{
	unsigned n = 0;
	size_t i;

	for (i = 1; i < m->n; i++)
		n += is_present(m, &m->one[i], now_ns);
	return n;
}

/* A place for a new one: free, or of who can send no batch again.
 * returns NULL: there is none */
static struct shadow_one *
place(struct shadow_members *m, int64_t now_ns)
{
	struct shadow_one *o, *oldest = NULL;
	size_t i;

	if (m->n < SHADOW_MEMBERS)
		return &m->one[m->n++];
	for (i = 1; i < m->n; i++) {
		o = &m->one[i];
		if (now_ns - o->seen_ns >= (o->ended ? LINES_NS : FORGET_NS) &&
		    (oldest == NULL || o->seen_ns < oldest->seen_ns))
			oldest = o;
	}
	if (oldest == NULL)
		return NULL;
	m->gone_lent += oldest->lent;
	m->gone_money += oldest->lent_money;
	if (m->first == oldest)
		m->first = NULL;
	return oldest;
}

static int
is_name(const char *s)
{
	return s != NULL && *s != '\0' && strlen(s) < SHADOW_MEMBER_NAME;
}

static struct shadow_one *
find(struct shadow_members *m, const char *name, const char *session)
{
	size_t i;

	for (i = 1; i < m->n; i++) {
		if (strcmp(m->one[i].session, session) == 0 &&
		    strcmp(m->one[i].name, name) == 0)
			return &m->one[i];
	}
	return NULL;
}

static struct shadow_one *
find_or_add(struct shadow_members *m, const char *name, const char *session,
    int64_t now_ns)
{
	struct shadow_one *o = find(m, name, session);

	if (o != NULL)
		return o;
	o = place(m, now_ns);
	if (o == NULL)
		return NULL;
	memset(o, 0, sizeof(*o));
	o->seen_ns = now_ns;
	(void)snprintf(o->name, sizeof(o->name), "%s", name);
	(void)snprintf(o->session, sizeof(o->session), "%s", session);
	return o;
}

/* ---- rates -------------------------------------------------------------- */

/* What it may have asked at in the last second, or may ask at now. */
static int64_t
holds(const struct shadow_members *m, const struct shadow_one *o,
    int64_t now_ns)
{
	const int64_t was = now_ns < o->was_ns && o->was > o->rate ? o->was :
	    o->rate;

	return is_present(m, o, now_ns) || now_ns < o->was_ns ? was : 0;
}

/* It uses this rate from now on. */
static void
uses(const struct shadow_members *m, struct shadow_one *o, int64_t rate,
    int64_t now_ns)
{
	if (rate < o->rate) {
		o->was = holds(m, o, now_ns);
		o->was_ns = now_ns + MONO_S;
	}
	o->rate = rate;
}

/* Evenly; what does not divide is this one's own. What others still hold is
 * theirs until they have heard of it. */
static int64_t
lend_rate(struct shadow_members *m, struct shadow_one *o, int64_t now_ns)
{
	const int64_t n = 1 + shadow_members_present(m, now_ns);
	const int64_t part = m->rps / n, own = m->rps - part * (n - 1);
	int64_t left = m->rps, fair = o == &m->one[0] ? own : part;
	size_t i;

	for (i = 0; i < m->n; i++)
		left -= &m->one[i] == o ? 0 : holds(m, &m->one[i], now_ns);
	if (fair > left)
		fair = left > 0 ? left : 0;
	if (now_ns < m->settled_ns && fair > o->rate)
		fair = o->rate;
	/* a member that does not get the answer goes on with what it has */
	if (o == &m->one[0])
		uses(m, o, fair, now_ns);
	else if (fair > o->rate)
		o->rate = fair;
	return fair;
}

/* ---- requests and money ------------------------------------------------- */

/* Half of what is left, shared evenly, when it is about to run out. */
static int64_t
lend_requests(struct shadow_members *m, struct shadow_one *o, int64_t now_ns)
{
	int64_t left = m->requests - m->gone_lent, part;
	size_t i;

	for (i = 0; i < m->n; i++)
		left -= m->one[i].lent;
	part = left / (2 * (1 + (int64_t)shadow_members_present(m, now_ns)));
	if (part < 1)
		part = left > 0 ? 1 : 0;
	if (o->lent - o->asked < part)
		o->lent += part;
	return o->lent;
}

/* Until it is known what a request costs, one member alone may ask, and one
 * request at a time; who has none to ask does not keep the others waiting. */
static int
may_spend(struct shadow_members *m, const struct shadow_one *o,
    int64_t now_ns)
{
	if (m->dearest > 0)
		return 1;
	if (o->wants && (m->first == NULL || now_ns - m->first_ns > GONE_NS)) {
		m->first = o;
		m->first_ns = now_ns;
	}
	return m->first == o;
}

/* As lend_requests(); but a part is enough for two requests, while there is so
 * much. */
static double
lend_money(struct shadow_members *m, struct shadow_one *o, int64_t now_ns)
{
	double left = m->money - m->gone_money, part;
	size_t i;

	if (!may_spend(m, o, now_ns))
		return o->spent;
	for (i = 0; i < m->n; i++)
		left -= m->one[i].lent_money;
	part = fmax(left / (2 * (1 + (double)shadow_members_present(m,
	    now_ns))), fmin(left, 2 * m->dearest));
	if (part > 0 && o->lent_money - o->spent < part)
		o->lent_money += part;
	return o->lent_money;
}

void
shadow_members_lend(struct shadow_members *m, struct shadow_one *o,
    struct shadow_caps *out, int64_t now_ns)
{
	*out = (struct shadow_caps){ .rps = -1, .requests = -1, .money = -1 };
	if (m->rps > 0)
		out->rps = lend_rate(m, o, now_ns);
	if (m->requests > 0)
		out->requests = lend_requests(m, o, now_ns);
	if (m->money > 0)
		out->money = lend_money(m, o, now_ns);
	out->dearest = m->dearest;
}

/* ---- what they say ------------------------------------------------------ */

/* What it has done since. Of two lines of one session the older may come
 * last. */
static void
account(struct shadow_members *m, struct shadow_one *o,
    const struct shadow_says *s, int64_t now_ns)
{
	o->seen_ns = now_ns;
	if (s->asked > o->asked)
		o->asked = s->asked;
	o->spent = fmax(o->spent, s->money);
	o->wants = s->over_money > o->over_money;
	o->over_money = s->over_money;
	m->dearest = fmax(m->dearest, s->dearest);
}

int
shadow_members_hear(struct shadow_members *m, const struct shadow_says *s,
    struct shadow_one **out, int64_t now_ns)
{
	const char *session = s->session == NULL ? "" : s->session;
	struct shadow_one *o;

	*out = NULL;
	if (!is_name(s->name) || strlen(session) >= SHADOW_MEMBER_NAME)
		return -1;
	o = find_or_add(m, s->name, session, now_ns);
	if (o == NULL)
		return 1;
	/* who was silent for so long uses nothing */
	if (!is_present(m, o, now_ns))
		uses(m, o, 0, now_ns);
	account(m, o, s, now_ns);
	if (s->rps >= 0 && (s->beat == 0 || s->beat > o->beat))
		uses(m, o, s->rps < m->rps ? s->rps : m->rps, now_ns);
	if (s->beat > o->beat)
		o->beat = s->beat;
	if (s->ends) {
		uses(m, o, 0, now_ns);
		o->ended = 1;
	}
	*out = o;
	return 0;
}

struct shadow_one *
shadow_members_own(struct shadow_members *m, const struct shadow_says *s,
    int64_t now_ns)
{
	account(m, &m->one[0], s, now_ns);
	return &m->one[0];
}

/* ---- batches ------------------------------------------------------------ */

int
shadow_one_taken(const struct shadow_one *o, int64_t batch)
{
	if (o->session[0] == '\0' || batch < 1)
		return -1;
	return batch <= o->batch;
}

void
shadow_one_take(struct shadow_one *o, int64_t batch)
{
	o->batch = batch;
}

void
shadow_members_write(const struct shadow_members *m, struct buf *out)
{
	const struct shadow_one *o;
	struct json_out j;

	json_out_init(&j, out, 0);
	json_out_arr(&j);
	for (o = m->one + 1; o < m->one + m->n; o++) {
		if (o->batch == 0)
			continue;
		json_out_arr(&j);
		json_out_str(&j, o->name);
		json_out_str(&j, o->session);
		json_out_int(&j, o->batch);
		json_out_end(&j, ']');
	}
	json_out_end(&j, ']');
}

void
shadow_members_read(struct shadow_members *m, const char *text, size_t n,
    int64_t now_ns)
{
	struct json *doc = json_parse(text, n, NULL);
	const char *name, *session;
	const struct json *j;
	struct shadow_one *o;
	int64_t batch;
	size_t i;

	m->n = 1;
	for (i = 0; i < json_size(doc) && m->n < SHADOW_MEMBERS; i++) {
		j = json_at(doc, i);
		name = json_str(json_at(j, 0));
		session = json_str(json_at(j, 1));
		batch = json_int(json_at(j, 2), 0);
		if (!is_name(name) || !is_name(session) || batch < 1)
			continue;
		o = find_or_add(m, name, session, now_ns);
		/* it is remembered from now on, and not there */
		o->seen_ns = now_ns - GONE_NS;
		o->batch = batch;
	}
	json_free(doc);
}
