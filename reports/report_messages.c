/*
 * Drafts of what users are told of an incident, a JSON line each: that it is
 * known, how it stands, what the cause was, that it is over. In plain words,
 * without measures; `lockstep drill` judges what was sent (GUARDRAILS.md, 14).
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "harness/base/json.h"
#include "harness/base/mono.h"
#include "reports/reports.h"

enum { FIRST_S = 600, EVERY_S = 1200, TIME = 24 };
/* Nanoseconds of later times have no room. */
#define LATEST_S (INT64_MAX / MONO_S - 86400)

static const char *const kinds[] = { "acknowledge", "update", "cause",
	"resolved" };

/* What a root-cause class is to a user. */
static const struct {
	const char *class, *words;
} causes[] = {
	{ "pin drift", "two versions of our service answered at once" },
	{ "index swap error", "a new search index was not the right one" },
	{ "data loss", "documents were missing from our search index" },
	{ "embedding/metric mismatch", "our search compared texts in a wrong "
	    "way" },
	{ "reranker instability", "search results came in a changing order" },
	{ "tokenizer/analyzer change", "our search read words in another way" },
	{ "prompt regression", "a change in how answers are written" },
	{ "cache namespace bug", "stored answers were given to the wrong "
	    "questions" },
	{ "idempotency missing", "some requests were carried out twice" },
	{ "load controls weak", "too many requests at once" },
	{ "boot ordering", "a part of our service started too late" },
};

/* Of the report: S1 is the worst. */
static const char *
severity(const struct result *r)
{
	if (r->verdict != VERDICT_FAIL)
		return "S4";
	if (r->count.critical > 0 || r->count.worse * 2 >= r->n_cases)
		return "S1";
	return r->count.worse * 10 >= r->n_cases ? "S2" : "S3";
}

/* When the run began, by the second; -1: it does not say. */
static int64_t
began(const struct result *r)
{
	char day[TIME];
	struct tm tm;
	int64_t s;

	memset(&tm, 0, sizeof(tm));
	(void)snprintf(day, sizeof(day), "%.19s", r->run.started == NULL ? "" :
	    r->run.started);
	s = strptime(day, "%Y-%m-%dT%H:%M:%S", &tm) == NULL ? -1 :
	    (int64_t)timegm(&tm);
	return s >= 0 && s <= LATEST_S ? s : -1;
}

/* "2025-11-26T12:00:00Z", after seconds from the start; "": it is unknown. */
static void
utc(int64_t start, int64_t after, char out[MONO_UTC_MAX])
{
	out[0] = '\0';
	if (start < 0)
		return;
	mono_utc((start + after) * MONO_S, out);
	(void)memcpy(out + 19, "Z", 2);
}

/* The same for users: "2025-11-26 12:00", or a place to fill in. */
static void
put_time(const char *utc, struct buf *out)
{
	if (*utc == '\0')
		buf_puts(out, "<time>");
	else
		buf_printf(out, "%.10s %.5s", utc, utc + 11);
	buf_puts(out, " UTC");
}

static void
put_next(const char *next, struct buf *out)
{
	buf_puts(out, " Next message by ");
	put_time(next, out);
	buf_putc(out, '.');
}

static const char *
cause(const struct result *r)
{
	size_t i;

	for (i = 0; r->n_causes > 0 && i < sizeof(causes) / sizeof(causes[0]);
	    i++) {
		if (strcmp(causes[i].class, r->causes[0].class) == 0)
			return causes[i].words;
	}
	return "<say what it was>";
}

/* A run may also fail by what is no question's, such as its latency. */
static void
how_many(const struct result *r, struct buf *out)
{
	uint64_t share = r->n_cases == 0 ? 0 : (r->count.worse * 100 +
	    r->n_cases / 2) / r->n_cases;

	if (r->count.worse == 0)
		buf_puts(out, "Some answers are wrong, missing or late.");
	else if (share == 0)
		buf_puts(out, "Fewer than 1 in 100 questions are answered "
		    "wrongly or not at all.");
	else
		buf_printf(out, "About %llu in 100 questions are answered "
		    "wrongly or not at all.", (unsigned long long)share);
}

static void
words(const struct result *r, int kind, const char *from, const char *next,
    struct buf *out)
{
	switch (kind) {
	case 0:
		buf_puts(out, "Since ");
		put_time(from, out);
		buf_puts(out, " some of our answers are wrong or missing. We "
		    "are looking into it.");
		put_next(next, out);
		break;
	case 1:
		how_many(r, out);
		buf_puts(out, " <say what is being done>");
		put_next(next, out);
		break;
	case 2:
		buf_printf(out, "The cause: %s. <say what is being done>",
		    cause(r));
		put_next(next, out);
		break;
	default:
		buf_puts(out, "This is over: answers are right again since "
		    "<time> UTC. <say what will keep it from happening "
		    "again>");
	}
}

static void
put(struct json_out *o, const char *key, const char *value)
{
	json_out_key(o, key);
	if (value == NULL || *value == '\0')
		json_out_null(o);
	else
		json_out_str(o, value);
}

static void
write_messages(const struct result *r, const struct report_opts *opts,
    struct buf *out)
{
	char from[MONO_UTC_MAX], due[MONO_UTC_MAX], next[MONO_UTC_MAX];
	int64_t start = began(r);
	struct json_out o;
	struct buf text;
	int k;

	(void)opts;
	buf_init(&text, 1 << 16);
	utc(start, 0, from);
	for (k = 0; k < 4; k++) {
		utc(start, FIRST_S + k * EVERY_S, due);
		utc(start, FIRST_S + (k + 1) * EVERY_S, next);
		buf_reset(&text);
		words(r, k, from, next, &text);
		json_out_init(&o, out, 0);
		json_out_obj(&o);
		put(&o, "kind", kinds[k]);
		put(&o, "at", NULL);
		put(&o, "due", due);
		put(&o, "severity", severity(r));
		put(&o, "next", k < 3 ? next : NULL);
		put(&o, "text", buf_str(&text));
		json_out_end(&o, '}');
		buf_putc(out, '\n');
	}
	buf_fini(&text);
}

const struct report_format report_messages = {
	.name = "messages", .file = "messages.jsonl", .write = write_messages,
	.help = "drafts for users of an incident, JSON lines", .on_request = 1,
};
