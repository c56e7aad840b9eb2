/* The manifest of a promoted suite; see promote_part.h. */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/json.h"
#include "harness/base/replace.h"
#include "harness/base/text.h"
#include "harness/suite/caseset.h"
#include "harness/suite/promote_part.h"
#include "harness/suite/sections.h"
#include "harness/suite/sent.h"
#include "harness/suite/yaml_out.h"

int
promote_file(const char *path, const struct buf *b, struct err *err)
{
	int rc = buf_check(b, path, err);

	return rc != RC_OK ? rc : replace_file(path, REPLACE_SHARED, b->p,
	    b->len, err);
}

/* One key of the source suite as a line. */
static void
copy_key(const struct suite *s, const char *key, struct buf *b)
{
	const struct json *v = json_get(s->doc, key);

	if (v == NULL)
		return;
	buf_printf(b, "%s: ", key);
	yaml_value(b, v);
	buf_putc(b, '\n');
}

static void
say_str(struct buf *b, const char *key, const char *value)
{
	buf_printf(b, "%s: ", key);
	yaml_quote(b, value, strlen(value));
	buf_putc(b, '\n');
}

/* ---- the manifest -------------------------------------------------------- */

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static void
put_name(struct buf *b, const char *key, const char *path)
{
	if (*path != '\0')
		say_str(b, key, base_name(path));
}

/* Where the stacks are is not part of what broke: only their shape is. */
static void
copy_target(const struct suite *s, const struct promote_out *out,
    struct buf *b)
{
	static const char *const keep[] = { "request", "path", "method",
	    "body", "headers", "extract", "auth", "concurrency", "rate",
	    "burst", "deadline", "no_cache", "http2" };
	const struct json *t = json_get(json_get(s->doc, "targets"),
	    "candidate");
	const struct json *v;
	size_t i, n = *out->ca != '\0' || *out->cert != '\0';

	for (i = 0; i < sizeof(keep) / sizeof(keep[0]); i++)
		n += json_get(t, keep[i]) != NULL;
	if (s->target[ARM_CANDIDATE].key_file != NULL)
		buf_printf(b, "# A private key is in no suite: --set "
		    "targets.candidate.key_file=FILE%s\n",
		    *out->cert != '\0' ? "" :
		    " and cert_file, which holds it, too");
	if (n == 0)
		return;
	buf_puts(b, "targets:\n  candidate:\n");
	put_name(b, "    ca_file", out->ca);
	put_name(b, "    cert_file", out->cert);
	for (i = 0; i < sizeof(keep) / sizeof(keep[0]); i++) {
		v = json_get(t, keep[i]);
		if (v == NULL)
			continue;
		buf_printf(b, "    %s: ", keep[i]);
		yaml_value(b, v);
		buf_putc(b, '\n');
	}
}

/* One group of the limits for each case: what the suite says other than the
 * defaults. Its gates of the same name stay off. */
static void
put_limits(const struct limits *l, const char *group, struct buf *b)
{
	static const struct {
		const char *group, *key;
		size_t at;
	} rows[] = {
		{ "retrieval", "ds_case_max",
		    offsetof(struct limits, ds_case_max) },
		{ "retrieval", "coverage_min",
		    offsetof(struct limits, coverage_min) },
		{ "retrieval", "lambda_convergent",
		    offsetof(struct limits, lambda_convergent) },
		{ "citations", "precision_min",
		    offsetof(struct limits, citation_precision_min) },
		{ "citations", "recall_min",
		    offsetof(struct limits, citation_recall_min) },
	};
	struct limits dflt;
	size_t i, n = 0;
	double v, was;

	limits_default(&dflt);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		v = limits_at(l, rows[i].at);
		was = limits_at(&dflt, rows[i].at);
		if (strcmp(rows[i].group, group) != 0 || v == was ||
		    (isnan(v) && isnan(was)))
			continue;
		if (n++ == 0)
			buf_printf(b, "%s: {", group);
		else
			buf_puts(b, ", ");
		buf_printf(b, "%s: ", rows[i].key);
		json_write_num(b, v);
	}
	if (l->require_citations && strcmp(group, "citations") == 0)
		buf_puts(b, n++ == 0 ? "citations: {required: true" :
		    ", required: true");
	if (n > 0)
		buf_puts(b, "}, ");
}

static void
put_gates(const struct promote_job *job, const struct promote_out *out,
    struct buf *b)
{
	const struct suite *s = job->suite;

	buf_printf(b, "# Judged case by case: gates that need more cases are "
	    "off, and a case\n"
	    "# passes when most of its variants pass.%s\n"
	    "gates: {", out->n_failed > 0 ?
	    "\n# The fault was failed requests: one failure is FAIL." : "");
	put_limits(&s->limits, "retrieval", b);
	put_limits(&s->limits, "citations", b);
	buf_printf(b, "%s%sk_of_m: %u, drift: info, latency_body: false, "
	    "latency_p95: false, cost: false, pass_rate: false, "
	    "ds_max: false, coverage_min: false, lambda_convergent: false}\n",
	    out->n_failed > 0 ? "errors: {rate_max: 0}, " : "",
	    s->limits.strict ? "strict: false, " : "",
	    job->expect != NULL ? 1 :
	    s->paraphrases * s->n_seeds * s->repeats / 2 + 1);
}

int
promote_manifest(const struct promote_job *job, struct promote_out *out,
    struct err *err)
{
	const struct suite *s = job->suite;
	struct buf b;
	int rc;

	buf_init(&b, 1 << 20);
	buf_printf(&b, "# Regression suite of %s, promoted from ",
	    job->incident);
	yaml_comment(&b, job->from);
	buf_printf(&b, ".\n# Every case is critical: one failure is FAIL.\n"
	    "#   lockstep prove %s.yml --fixed URL\n", job->incident);
	buf_puts(&b, "lockstep: 1\n");
	say_str(&b, "name", job->incident);
	say_str(&b, "incident", job->incident);
	say_str(&b, "owner", job->owner);
	if (job->reason != NULL)
		say_str(&b, "reason", job->reason);
	if (json_get(s->doc, "profile") != NULL)
		say_str(&b, "profile", s->profile);
	say_str(&b, "cases", base_name(out->cases));
	if (out->n_sections > 0)
		say_str(&b, "sections", base_name(out->sections));
	say_str(&b, "recorded", base_name(out->trace));
	if (job->expect != NULL)
		buf_printf(&b, "# each request once, as recorded\n"
		    "variants: {paraphrases: 1, seeds: [%lld], repeats: 1}\n",
		    (long long)s->seeds[0]);
	else
		copy_key(s, "variants", &b);
	if (out->n_setup > 0)
		promote_put_setup(s, base_name(out->setup), &b);
	if (json_get(s->doc, "request") == NULL && sent_replays(s))
		buf_puts(&b, "request: {body: \"{{body}}\"}\n");
	copy_key(s, "request", &b);
	copy_key(s, "extract", &b);
	copy_key(s, "stream", &b);
	copy_key(s, "retry", &b);
	copy_target(s, out, &b);
	rc = promote_put_scorers(job, &b, err);
	say_str(&b, "embedder", s->embedder);
	put_gates(job, out, &b);
	if (rc == RC_OK)
		rc = promote_file(out->suite, &b, err);
	buf_fini(&b);
	return rc;
}


/* ---- what was written --------------------------------------------------- */

static void
remove_all(const struct promote_out *out)
{
	size_t i;

	(void)unlink(out->suite);
	for (i = 0; i < out->n_files; i++)
		(void)unlink(out->files[i]);
	(void)unlink(out->cases);
	(void)unlink(out->trace);
	if (out->n_sections > 0)
		(void)unlink(out->sections);
	if (out->n_setup > 0)
		(void)unlink(out->setup);
}

int
promote_check(const struct promote_out *out, struct err *err)
{
	struct suite_over over = { .no_env = 1 };
	struct sections *sections = NULL;
	struct caseset *cases = NULL;
	struct suite *s = NULL;
	struct err sub = ERR_INIT;
	int rc;

	rc = suite_load(out->suite, &over, &s, &sub);
	if (rc == RC_OK)
		rc = caseset_open(s, NULL, &cases, &sub);
	if (rc == RC_OK && out->n_sections > 0)
		rc = sections_open(out->sections, &sections, &sub);
	sections_close(&sections);
	caseset_close(&cases);
	suite_free(s);
	if (rc == RC_OK)
		return RC_OK;
	if (rc == RC_NOMEM || rc == RC_IO)
		return err_set(err, rc, "%s", sub.msg);
	remove_all(out);
	return err_set(err, RC_FORMAT, "the new suite would not run and was "
	    "removed: %s", sub.msg);
}
