/*
 * Guardrail 1: one decision, ship or not. Secrets are there, the stack boots
 * in its order and its first answers are right, answers cite what they say, its
 * chain is stable, scores are its metric's, its index is the one that it
 * reports, and the suite's gates pass.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mono.h"
#include "harness/drill/chain.h"
#include "harness/drill/gates.h"
#include "harness/drill/index_report.h"
#include "harness/drill/steps.h"

static const char boot[] = "boot ordering";

struct readiness {
	struct drill *d;
	struct questions q;
	struct wave w;
};

static void
secrets(struct drill *d)
{
	const struct json *m = json_first(drill_word(d, "boot.secrets"));
	char missing[200] = "";
	size_t n = 0, lost = 0;
	const char *v;

	if (m == NULL) {
		drill_skip(d, "secrets are there", "needs their names: boot: "
		    "{secrets: [NAME]}");
		return;
	}
	for (; m != NULL; m = json_next(m), n++) {
		/* one thread. NOLINTNEXTLINE(concurrency-mt-unsafe) */
		v = getenv(json_str(m) == NULL ? "" : json_str(m));
		if ((v == NULL || *v == '\0') && lost++ == 0)
			(void)snprintf(missing, sizeof(missing), "; $%.150s "
			    "is not set", json_str(m));
	}
	(void)drill_check(d, "secrets are there", lost == 0, boot,
	    "%zu of %zu%s", n - lost, n, missing);
}

/* ---- the boot ----------------------------------------------------------- */

/* Waits until a probe answers 2xx. returns 1, 0: not in time, or an error */
static int
await(struct readiness *r, const char *path, int64_t until_ns,
    char say[160], struct err *err)
{
	struct ask *a;

	do {
		wave_reset(&r->w);
		a = wave_one(r->d, &r->w, wave_add(r->d, &r->w,
		    drill_arm(r->d), "GET", path, NULL), err);
		if (a == NULL)
			return err->code;
		if (a->status >= 200 && a->status < 300)
			return 1;
		(void)ask_say(a, say);
		mono_sleep_until_ns(mono_now_ns() + 50 * MONO_MS);
	} while (mono_now_ns() < until_ns);
	return 0;
}

static int
probes(struct readiness *r, struct err *err)
{
	const struct json *m = json_first(drill_word(r->d, "boot.probes"));
	int64_t begun = mono_now_ns();
	int64_t until = begun + drill_time(r->d, "within");
	char say[160] = "";
	size_t n = 0;
	int ok;

	if (m == NULL) {
		drill_skip(r->d, "it boots in its order", "needs what to ask, "
		    "in order: boot: {probes: [/healthz, /readyz]}");
		return RC_OK;
	}
	for (; m != NULL; m = json_next(m), n++) {
		ok = await(r, json_str(m) == NULL ? "/" : json_str(m), until,
		    say, err);
		if (ok < 0)
			return ok;
		if (!ok) {
			(void)drill_check(r->d, "it boots in its order", 0,
			    boot, "%.100s: %s", json_str(m), say);
			return RC_OK;
		}
	}
	(void)drill_check(r->d, "it boots in its order", 1, NULL,
	    "%zu probes in %.2f s", n,
	    (double)(mono_now_ns() - begun) / 1e9);
	return RC_OK;
}

/*
 * The first answers after the boot, and the same questions twice later: what
 * differs between those anyway is no fault of the boot.
 */
static void
judge_first(struct readiness *r, const struct phase *first,
    const struct phase *later, const struct phase *again)
{
	size_t n = 0, anyway = 0, which = 0;

	phase_differ(first, later, &n, &which);
	phase_differ(later, again, &anyway, &which);
	(void)drill_check(r->d, "its first answers are right",
	    (double)n <= (double)anyway + 3 * sqrt((double)anyway) &&
	    first->failed <= later->failed, boot, "%zu of the first %zu fail, "
	    "%zu of the next; %zu have other passages then%s%s",
	    first->failed, first->n, later->failed, n, first->failed > 0 ?
	    "; " : "", first->failed > 0 ? first->why : "");
}

static int
first_calls(struct readiness *r, struct err *err)
{
	struct phase of[3] = { { .n = 0 }, { .n = 0 }, { .n = 0 } };
	int i, rc = RC_OK;

	for (i = 0; i < 3 && rc == RC_OK; i++)
		rc = phase_run(&r->q, drill_arm(r->d), r->q.n, 0, &of[i],
		    err);
	if (rc == RC_OK) {
		judge_first(r, &of[0], &of[1], &of[2]);
		chain_fence(r->d, &of[1]);
		chain_stable(r->d, &of[1], &of[2]);
		chain_scores(r->d, &of[1]);
	}
	for (i = 0; i < 3; i++)
		phase_fini(&of[i]);
	return rc;
}

/* ---- its steps ---------------------------------------------------------- */

static int
boots(void *ctx, struct json *data, struct err *err)
{
	struct readiness *r = ctx;
	int rc = RC_OK;

	(void)data;
	secrets(r->d);
	if (lever_has(r->d, "restart"))
		rc = lever_pull(r->d, "restart", err);
	if (rc == RC_OK)
		rc = probes(r, err);
	return rc == RC_OK ? first_calls(r, err) : rc;
}

static int
its_index(void *ctx, struct json *data, struct err *err)
{
	struct readiness *r = ctx;

	(void)data;
	return index_report(&r->q, "its index", err);
}

static int
its_gates(void *ctx, struct json *data, struct err *err)
{
	struct readiness *r = ctx;

	(void)data;
	return gates_check(r->d, "its gates pass", err);
}

static const struct step steps[] = {
	{ "boot and first answers", boots, NULL },
	{ "its index", its_index, NULL },
	{ "its gates", its_gates, NULL },
};

int
drill_readiness(struct drill *d, struct err *err)
{
	struct readiness r;
	int rc;

	memset(&r, 0, sizeof(r));
	r.d = d;
	wave_init(&r.w, 1);
	rc = steps_ask(d, &r.q, steps, sizeof(steps) / sizeof(steps[0]), &r,
	    err);
	wave_fini(&r.w);
	return rc;
}
