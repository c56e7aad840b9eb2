/* What a shadow says of itself; see cmd_shadow_say.h. */
#include "harness/cmd/cmd_shadow_say.h"

#include "harness/base/mono.h"
#include "harness/base/version.h"

/* Fates between these two were to be mirrored and were not. */
enum { FIRST_DROP = SHADOW_QUEUE, LAST_DROP = SHADOW_ENDED };

static uint64_t
dropped(const struct shadow_stats *st)
{
	uint64_t n = 0;
	int f;

	for (f = FIRST_DROP; f <= LAST_DROP; f++)
		n += st->fate[f];
	return n;
}

/* ---- in words ---------------------------------------------------------- */

static void
put_drops(const struct shadow_stats *st, struct buf *out)
{
	const char *before = " (";
	int f;

	for (f = FIRST_DROP; f <= LAST_DROP; f++) {
		if (st->fate[f] == 0)
			continue;
		buf_printf(out, "%s%s %llu", before,
		    shadow_fate_text((enum shadow_fate)f),
		    (unsigned long long)st->fate[f]);
		before = ", ";
	}
	buf_puts(out, *before == ',' ? ")" : "");
}

static void
put_arm(const struct shadow_stats *st, enum arm a, const char *name,
    struct buf *out)
{
	const char *before = ": ";
	int o;

	if (st->asked[a] == 0)
		return;
	buf_printf(out, "%s %llu", name, (unsigned long long)st->asked[a]);
	for (o = 0; o < OUTCOME_N; o++) {
		if (st->outcome[a][o] == 0)
			continue;
		buf_printf(out, "%s%s %llu", before,
		    outcome_name((enum outcome)o),
		    (unsigned long long)st->outcome[a][o]);
		before = ", ";
	}
	buf_putc(out, '\n');
}

void
shadow_say_account(const struct shadow_stats *st, struct buf *out)
{
	buf_printf(out, "seen %llu = mirrored %llu + not in the share %llu + "
	    "not allowed %llu + dropped %llu", (unsigned long long)st->seen,
	    (unsigned long long)st->fate[SHADOW_MIRRORED],
	    (unsigned long long)st->fate[SHADOW_NOT_SHARE],
	    (unsigned long long)st->fate[SHADOW_NOT_ALLOWED],
	    (unsigned long long)dropped(st));
	put_drops(st, out);
	if (st->fate[SHADOW_NOT_WHERE] > 0)
		buf_printf(out, " + not in the suite's where %llu",
		    (unsigned long long)st->fate[SHADOW_NOT_WHERE]);
	buf_printf(out, " + refused %llu",
	    (unsigned long long)st->fate[SHADOW_REFUSED]);
	if (st->waiting > 0)
		buf_printf(out, " + waiting %llu",
		    (unsigned long long)st->waiting);
	buf_printf(out, "\nof the mirrored: pairs %llu, without a partner "
	    "%llu, not kept %llu\n", (unsigned long long)st->pairs,
	    (unsigned long long)st->no_partner,
	    (unsigned long long)st->unkept);
	put_arm(st, ARM_CANDIDATE, "candidate asked", out);
	put_arm(st, ARM_BASELINE, "primary asked", out);
	put_arm(st, ARM_BASELINE2, "primary asked once more", out);
	if (st->partners > 0)
		buf_printf(out, "answers of the primary from elsewhere: %llu, "
		    "joined to a request %llu (by status and time alone "
		    "%llu)\n", (unsigned long long)st->partners,
		    (unsigned long long)st->joined,
		    (unsigned long long)st->by_status);
	if (st->not_echoed > 0)
		buf_printf(out, "not asked once more, no room: %llu\n",
		    (unsigned long long)st->not_echoed);
	if (st->lost > 0)
		buf_printf(out, "answers that the disk had no room for: "
		    "%llu\n", (unsigned long long)st->lost);
}

/* ---- as JSON ----------------------------------------------------------- */

static void
put_count(struct json_out *o, const char *key, uint64_t n)
{
	json_out_key(o, key);
	json_out_int(o, (int64_t)n);
}

static void
put_outcomes(const struct shadow_stats *st, struct json_out *o)
{
	int a, k;

	json_out_key(o, "asked");
	json_out_obj(o);
	for (a = 0; a < ARM_N; a++) {
		if (st->asked[a] == 0)
			continue;
		json_out_key(o, arm_name((enum arm)a));
		json_out_obj(o);
		put_count(o, "sent", st->asked[a]);
		for (k = 0; k < OUTCOME_N; k++) {
			if (st->outcome[a][k] > 0)
				put_count(o, outcome_name((enum outcome)k),
				    st->outcome[a][k]);
		}
		json_out_end(o, '}');
	}
	json_out_end(o, '}');
}

void
shadow_say_json(const struct shadow_stats *st, struct json_out *o)
{
	int f;

	json_out_key(o, "account");
	json_out_obj(o);
	put_count(o, "seen", st->seen);
	for (f = 0; f < SHADOW_FATES; f++)
		put_count(o, shadow_fate_word((enum shadow_fate)f),
		    st->fate[f]);
	put_count(o, "waiting", st->waiting);
	json_out_end(o, '}');
	put_count(o, "pairs", st->pairs);
	put_count(o, "no_partner", st->no_partner);
	put_count(o, "partners", st->partners);
	put_count(o, "joined", st->joined);
	put_count(o, "by_status", st->by_status);
	put_count(o, "not_kept", st->unkept);
	put_count(o, "not_echoed", st->not_echoed);
	put_outcomes(st, o);
	put_count(o, "users_in_flight", st->busy);
	json_out_key(o, "pause_seconds");
	json_out_num(o, (double)st->held_ns / (double)MONO_S);
	json_out_key(o, "money");
	json_out_num(o, st->money);
	put_count(o, "written", st->written);
	put_count(o, "lost", st->lost);
	json_out_key(o, "trouble");
	json_out_str(o, st->trouble);
}

/* ---- as metrics -------------------------------------------------------- */

static void
metric(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# TYPE lockstep_shadow_%s %s\n"
	    "# HELP lockstep_shadow_%s %s\n", name, type, name, help);
}

void
shadow_say_metrics(const struct shadow_stats *st, struct buf *out)
{
	int a, k, f;

	metric(out, "requests", "counter", "Users' requests by what became of "
	    "them.");
	for (f = 0; f < SHADOW_FATES; f++)
		buf_printf(out, "lockstep_shadow_requests_total{fate=\"%s\"} "
		    "%llu\n", shadow_fate_word((enum shadow_fate)f),
		    (unsigned long long)st->fate[f]);
	metric(out, "answers", "counter", "Answers of the targets asked "
	    "aside.");
	for (a = 0; a < ARM_N; a++) {
		for (k = 0; k < OUTCOME_N; k++) {
			if (st->outcome[a][k] > 0)
				buf_printf(out, "lockstep_shadow_answers_total"
				    "{arm=\"%s\",outcome=\"%s\"} %llu\n",
				    arm_name((enum arm)a),
				    outcome_name((enum outcome)k),
				    (unsigned long long)st->outcome[a][k]);
		}
	}
	metric(out, "pairs", "counter", "Pairs of answers.");
	buf_printf(out, "lockstep_shadow_pairs_total %llu\n",
	    (unsigned long long)st->pairs);
	metric(out, "partners", "counter", "Answers of the primary from spans "
	    "or a log.");
	buf_printf(out, "lockstep_shadow_partners_total{joined=\"yes\"} %llu\n"
	    "lockstep_shadow_partners_total{joined=\"no\"} %llu\n",
	    (unsigned long long)st->joined,
	    (unsigned long long)(st->partners - st->joined));
	metric(out, "waiting", "gauge", "Requests that wait for their turn.");
	buf_printf(out, "lockstep_shadow_waiting %llu\n",
	    (unsigned long long)st->waiting);
	metric(out, "users_in_flight", "gauge", "Users' requests under way.");
	buf_printf(out, "lockstep_shadow_users_in_flight %u\n", st->busy);
	metric(out, "paused", "gauge", "1 while the candidate is left alone "
	    "after a 429 or 503, or a flood.");
	buf_printf(out, "lockstep_shadow_paused %d\n", st->held_ns > 0);
	metric(out, "disk_ok", "gauge", "1 when the trace can be written.");
	buf_printf(out, "lockstep_shadow_disk_ok %d\n",
	    st->trouble[0] == '\0');
	metric(out, "build", "info", "The program.");
	buf_puts(out, "lockstep_shadow_build_info{version=\""
	    LOCKSTEP_VERSION "\"} 1\n");
}
