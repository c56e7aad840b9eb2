/* A flag's ramp; see flag_ramp.h. */
#include "harness/drill/flag_ramp.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char bleed[] = "cache namespace bug";
static const char drift[] = "pin drift";

enum { USERS = 100, TIMES = 2, STEPS_MAX = 12 };

/* All weights so far. */
struct ramping {
	struct flagging *f;
	const char *header;	/* that names the user */
	unsigned char behind[USERS];	/* at the weight before */
	size_t moved, left;	/* were on both sides; came out again */
	int wrong_share;
	struct buf shares;	/* "2 at 1 %, ..." */
	/* of the present weight */
	size_t n, failed, on;
	int expected, covered;	/* sections, behind the flag */
	struct tool_calls tools;
};

static int
send_users(struct ramping *r, struct err *err)
{
	struct flagging *f = r->f;
	char name[32];
	struct ask *a;
	int i;

	wave_reset(&f->w);
	for (i = 0; i < USERS * TIMES; i++) {
		a = questions_add(&f->q, &f->w, drill_arm(f->d),
		    (size_t)(i / USERS + i) % f->q.n, err);
		if (a == NULL)
			return err->code;
		(void)snprintf(name, sizeof(name), "drill-user-%d",
		    i % USERS);
		ask_header(&f->w, a, r->header, name);
		flag_within_scope(f, a);
		a->at_ns = i;	/* whose it is, and keeps the order */
	}
	return wave_send(f->d, &f->w, err);
}

/* Takes an answer. seen: the sides on which each user was */
static int
take(struct ramping *r, const struct ask *a, unsigned char seen[USERS][2],
    struct err *err)
{
	struct flagging *f = r->f;
	struct reading got;
	char says[160];
	int on, rc = reading_of(&f->q, a, &got, err);

	r->n++;
	on = rc == RC_OK && got.usable && flag_side(f, &got, says) == 1;
	r->failed += rc == RC_OK && !got.usable;
	if (rc == RC_OK && got.usable)
		seen[a->at_ns % USERS][on] = 1;
	if (on) {
		r->expected += got.expected;
		r->covered += got.covered;
		tool_calls_add(f->d, a, &r->tools);
	}
	reading_fini(&got);
	return rc;
}

/* Asks for all users. *on: so many are behind the flag */
static int
ask_users(struct ramping *r, unsigned char seen[USERS][2], struct err *err)
{
	size_t i;
	int rc;

	r->n = r->failed = r->on = 0;
	r->expected = r->covered = 0;
	memset(&r->tools, 0, sizeof(r->tools));
	memset(seen, 0, USERS * sizeof(*seen));
	rc = send_users(r, err);
	for (i = 0; i < r->f->w.n && rc == RC_OK; i++)
		rc = take(r, r->f->w.v[i], seen, err);
	for (i = 0; i < USERS; i++)
		r->on += seen[i][1];
	return rc;
}

/* Whether the share of users is what a fair draw may give. */
static int
may_be(size_t on, double share)
{
	double sd = sqrt(USERS * share * (1 - share));

	return fabs((double)on - USERS * share) <= 4 * sd + 1;
}

static int
within_gates(const struct ramping *r)
{
	const struct limits *l = &r->f->d->suite->limits;
	const struct json *g = json_get(r->f->flag, "gates");
	double least;

	if ((double)r->failed > json_get_num(g, "error_rate_max",
	    l->errors) * (double)r->n)
		return 0;
	if ((double)r->covered < json_get_num(g, "coverage_min",
	    l->coverage_min) * (double)r->expected)
		return 0;
	return !flag_tools_least(r->f, &least) ||
	    (double)r->tools.good >= least * (double)r->tools.n;
}

/* One weight. *ok: within its gates */
static int
step(struct ramping *r, double weight, int *ok, struct err *err)
{
	unsigned char seen[USERS][2];
	size_t i, moved = 0;
	int rc = lever_pull_at(r->f->d, "ramp", weight, err);

	if (rc == RC_OK)
		rc = ask_users(r, seen, err);
	if (rc != RC_OK)
		return rc;
	for (i = 0; i < USERS; i++) {
		moved += seen[i][0] && seen[i][1];
		r->left += r->behind[i] && seen[i][0] && !seen[i][1];
		r->behind[i] = seen[i][1];
	}
	r->moved += moved;
	/* who is on both sides is counted there, not here; and who gets no
	 * answer is on none */
	r->wrong_share |= moved == 0 && r->failed == 0 &&
	    !may_be(r->on, weight);
	buf_printf(&r->shares, "%s%zu at %.3g %%", r->shares.len > 0 ? ", " :
	    "", r->on, weight * 100);
	*ok = within_gates(r);
	return RC_OK;
}

static void
tell(struct ramping *r, double last, size_t tried, int ok)
{
	struct drill *d = r->f->d;
	char tools[80] = "";

	if (r->tools.n > 0)
		(void)snprintf(tools, sizeof(tools), ", %zu of %zu tool calls "
		    "fail", r->tools.n - r->tools.good, r->tools.n);
	(void)drill_check(d, "a user stays on a side", r->moved == 0, bleed,
	    "%zu of %d users were on both in %d requests", r->moved, USERS,
	    TIMES);
	if (tried > 1)
		(void)drill_check(d, "and behind the flag as it grows",
		    r->left == 0, bleed, "%zu users came out again",
		    r->left);
	(void)drill_check(d, "as many as the weight says", !r->wrong_share,
	    drift, "of %d users %s", USERS, buf_str(&r->shares));
	(void)drill_check(d, "within its gates", ok, "prompt regression",
	    "%s%.3g %%: %zu of %zu requests fail, %d of %d expected sections "
	    "behind the flag%s", ok ? "at " : "the ramp stopped at ",
	    last * 100, r->failed, r->n, r->covered, r->expected, tools);
}

/* The kill switch reaches those whom the ramp put behind the flag. */
static int
killed(struct ramping *r, struct err *err)
{
	unsigned char seen[USERS][2];
	int rc;

	if (!lever_has_undo(r->f->d, "kill_flag"))
		return RC_OK;	/* "the kill switch" says so */
	rc = lever_pull(r->f->d, "kill_flag", err);
	if (rc == RC_OK)
		rc = ask_users(r, seen, err);
	if (rc == RC_OK)
		(void)drill_check(r->f->d, "the kill switch ends the ramp",
		    r->on == 0, bleed, "%zu of %d users are still behind the "
		    "flag", r->on, USERS);
	return rc == RC_OK ? lever_undo(r->f->d, "kill_flag", err) : rc;
}

static int
climb(struct ramping *r, const double *weight, size_t n, struct err *err)
{
	double last = 0;
	size_t i;
	int ok = 1, rc = RC_OK;

	for (i = 0; i < n && ok && rc == RC_OK && !drill_stopped(r->f->d);
	    i++) {
		last = weight[i];
		rc = step(r, last, &ok, err);
	}
	if (rc == RC_OK && i > 0)
		tell(r, last, i, ok);
	if (rc == RC_OK)
		rc = killed(r, err);
	return rc == RC_OK ? lever_undo(r->f->d, "ramp", err) : rc;
}

/* The weights: traffic.steps, else canary_weight. */
static size_t
weights(const struct flagging *f, double out[STEPS_MAX])
{
	const struct json *t = json_get(f->flag, "traffic");
	const struct json *m = json_first(json_get(t, "steps"));
	size_t n = 0;

	for (; m != NULL && n < STEPS_MAX; m = json_next(m))
		out[n++] = json_num(m, 0);
	if (n == 0)
		out[n++] = json_get_num(t, "canary_weight", 0);
	return n;
}

int
flag_ramp(struct flagging *f, struct err *err)
{
	struct ramping r = { .f = f };
	double weight[STEPS_MAX];
	size_t n = weights(f, weight);
	int rc;

	r.header = json_get_str(f->flag, "user_header");
	if (r.header == NULL || !lever_has_undo(f->d, "ramp")) {
		drill_skip(f->d, "a user stays on a side", "needs the header "
		    "that names the user (flags.%.40s.user_header) and "
		    "levers.ramp with its undo", json_key(f->flag));
		return RC_OK;
	}
	if (n > 1 && !lever_takes_weight(f->d, "ramp"))
		return err_set(err, RC_USAGE, "levers.ramp needs {{weight}} in "
		    "its command or request: traffic.steps has several");
	buf_init(&r.shares, 1 << 12);
	rc = climb(&r, weight, n, err);
	buf_fini(&r.shares);
	return rc;
}
