/*
 * Guardrail 1: one decision, ship or not. Secrets are there, the stack boots
 * in its order and its first answer is right, its index is the one that it
 * reports, its pins are there, and the suite's gates pass.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mono.h"
#include "harness/drill/gates.h"
#include "harness/drill/phase.h"

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

/* The first answers after the boot, and the same questions later. */
static int
first_calls(struct readiness *r, struct err *err)
{
	struct phase first, later;
	size_t n = 0, which = 0;
	int rc = phase_run(&r->q, drill_arm(r->d), r->q.n, 0, &first, err);

	if (rc != RC_OK)
		return rc;
	rc = phase_run(&r->q, drill_arm(r->d), r->q.n, 0, &later, err);
	if (rc == RC_OK) {
		phase_differ(&first, &later, &n, &which);
		(void)drill_check(r->d, "its first answers are right",
		    n == 0 && first.failed <= later.failed,
		    boot, "%zu of the first %zu fail, %zu of the next; %zu "
		    "have other passages then%s%s", first.failed, first.n,
		    later.failed, n, first.failed > 0 ? "; " : "",
		    first.failed > 0 ? first.why : "");
	}
	phase_fini(&first);
	phase_fini(&later);
	return rc;
}

static int
boots(struct readiness *r, struct err *err)
{
	int rc = RC_OK;

	if (lever_has(r->d, "restart"))
		rc = lever_pull(r->d, "restart", err);
	if (rc == RC_OK)
		rc = probes(r, err);
	return rc == RC_OK ? first_calls(r, err) : rc;
}

/* ---- the index ---------------------------------------------------------- */

/* What the stack reports of its index, against what its answers have. */
static int
index_is_right(struct readiness *r, struct err *err)
{
	static const char name[] = "its index is the reported one";
	const char *path = json_str(drill_word(r->d, "index.path"));
	const char *at = json_str(drill_word(r->d, "index.hash"));
	struct json_ptr *p = json_ptr_new(at == NULL ? "/index_hash" : at,
	    NULL);
	struct json *j = NULL;
	struct reading seen = { .pins = NULL };
	const char *said;
	struct ask *a;
	struct buf b;
	int rc = RC_OK;

	buf_init(&b, 1 << 16);
	wave_reset(&r->w);
	a = path == NULL ? NULL : wave_one(r->d, &r->w, wave_add(r->d, &r->w,
	    drill_arm(r->d), "GET", path, NULL), err);
	if (a != NULL) {
		j = ask_json(a);
		a = wave_one(r->d, &r->w, questions_add(&r->q, &r->w,
		    drill_arm(r->d), 0, err), err);
		rc = a == NULL ? (int)err->code : reading_of(&r->q, a, &seen,
		    err);
	}
	said = json_word(json_ptr_find(p, j), &b);
	if (path == NULL)
		drill_skip(r->d, name, "needs where it reports it: index: "
		    "{path: /manifest, hash: /index_hash}");
	else if (rc == RC_OK && a != NULL)
		(void)drill_check(r->d, name, said != NULL && strcmp(said,
		    reading_pin(&seen, "INDEX_HASH")) == 0,
		    "index swap error", "%.80s, answers have %.80s",
		    said == NULL ? "nothing" : said,
		    reading_pin(&seen, "INDEX_HASH"));
	reading_fini(&seen);
	json_free(j);
	json_ptr_free(p);
	buf_fini(&b);
	return err->code != RC_OK ? (int)err->code : rc;
}

int
drill_readiness(struct drill *d, struct err *err)
{
	struct readiness r;
	int rc;

	memset(&r, 0, sizeof(r));
	r.d = d;
	wave_init(&r.w, 1);
	rc = questions_init(&r.q, d, (size_t)drill_int(d, "requests"), err);
	if (rc == RC_OK) {
		secrets(d);
		rc = boots(&r, err);
	}
	if (rc == RC_OK)
		rc = index_is_right(&r, err);
	if (rc == RC_OK)
		rc = gates_check(d, "its gates pass", err);
	questions_fini(&r.q);
	wave_fini(&r.w);
	return rc;
}
