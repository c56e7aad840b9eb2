/*
 * Guardrail 14: the right words in time. The messages of an incident, or of a
 * rehearsal, as they were sent: the first in time, each says when the next
 * comes and it does, the cause and the end are told, and users are told no
 * measures.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/child.h"
#include "harness/base/mono.h"
#include "harness/drill/calendar.h"
#include "harness/drill/drill_part.h"

enum { MESSAGES_MAX = 1000, BYTES_MAX = 16 << 20, PATH_BYTES = 1100,
	GRACE_S = 60 };
#define LIMIT_NS (60 * MONO_S)

struct message {
	const char *kind, *severity, *text;	/* never NULL */
	int64_t at_s, next_s;			/* -1: none */
};

struct incident {
	struct drill *d;
	struct json *lines;		/* what the messages are of */
	struct message v[MESSAGES_MAX];
	size_t n, unsent;
	int64_t began_s;
};

/* ---- the messages ------------------------------------------------------- */

static int
read_all(const struct drill *d, struct buf *out, struct err *err)
{
	const char *command = json_str(drill_word(d, "communication.exec"));
	const char *file = json_str(drill_word(d, "communication.messages"));
	char path[PATH_BYTES], part[4096];
	int status = 0, bad;
	size_t n;
	FILE *f;

	if (command != NULL && child_output(command, LIMIT_NS, out, &status,
	    err) != RC_OK)
		return err->code;
	if (command != NULL)
		return status == 0 ? RC_OK : err_set(err, RC_USAGE,
		    "`%.200s` failed", command);
	(void)snprintf(path, sizeof(path), "%.500s%s%.500s", *file == '/' ?
	    "" : d->suite->dir, *file == '/' ? "" : "/", file);
	f = fopen(path, "re");
	while (f != NULL && (n = fread(part, 1, sizeof(part), f)) > 0)
		buf_add(out, part, n);
	bad = f == NULL || ferror(f);
	if (f != NULL)
		(void)fclose(f);
	return bad ? err_errno(err, RC_IO, "%s", path) :
	    buf_check(out, path, err);
}

static const char *
word(const struct json *j, const char *key)
{
	const char *s = json_get_str(j, key);

	return s == NULL ? "" : s;
}

static void
take(struct incident *x, const struct json *j)
{
	struct message *m = &x->v[x->n];

	m->kind = word(j, "kind");
	m->severity = word(j, "severity");
	m->text = word(j, "text");
	m->at_s = m->next_s = -1;
	(void)calendar_time(json_get_str(j, "next"), 0, &m->next_s);
	if (calendar_time(json_get_str(j, "at"), 0, &m->at_s) == 0)
		x->n++;
	else
		x->unsent++;	/* a draft */
}

static int
by_time(const void *a, const void *b)
{
	const struct message *x = a, *y = b;

	return x->at_s < y->at_s ? -1 : x->at_s > y->at_s;
}

static int
read_messages(struct incident *x, struct err *err)
{
	const char *p, *end;
	struct json *j;
	struct buf b;
	size_t line = 0;
	int rc;

	buf_init(&b, BYTES_MAX);
	rc = read_all(x->d, &b, err);
	for (p = buf_str(&b); rc == RC_OK && *p != '\0' && x->n <
	    MESSAGES_MAX; p = *end == '\0' ? end : end + 1) {
		end = p + strcspn(p, "\n");
		line++;
		if (strspn(p, " \t\r") >= (size_t)(end - p))
			continue;
		j = json_parse(p, (size_t)(end - p), err);
		if (j == NULL) {
			err_prefix(err, "message %zu", line);
			rc = err->code;
		} else if (json_push(x->lines, j) != RC_OK) {
			rc = err_set(err, RC_NOMEM, "out of memory");
		} else {
			take(x, j);
		}
	}
	buf_fini(&b);
	qsort(x->v, x->n, sizeof(x->v[0]), by_time);
	return rc;
}

/* ---- in time ------------------------------------------------------------ */

static double
minutes(int64_t s)
{
	return (double)s / 60;
}

static void
first(const struct incident *x)
{
	int64_t most = drill_time(x->d, "first_within") / MONO_S;
	int64_t took = x->v[0].at_s - x->began_s;

	(void)drill_check(x->d, "the first is in time", took >= 0 &&
	    took <= most, NULL, "%.3g min after the incident began; limit "
	    "%.3g min", minutes(took), minutes(most));
}

static void
gaps(const struct incident *x)
{
	int64_t most = drill_time(x->d, "next_within") / MONO_S, longest = 0;
	size_t i, at = 0;

	for (i = 1; i < x->n; i++) {
		if (x->v[i].at_s - x->v[i - 1].at_s <= longest)
			continue;
		longest = x->v[i].at_s - x->v[i - 1].at_s;
		at = i;
	}
	(void)drill_check(x->d, "the next ones are, too", longest <= most,
	    NULL, "at most %.3g min between two of %zu, before message %zu; "
	    "limit %.3g min", minutes(longest), x->n, at + 1, minutes(most));
}

static void
promises(const struct incident *x)
{
	size_t i, named = 0, kept = 0, bad = 0;

	for (i = 0; i + 1 < x->n; i++) {
		named += x->v[i].next_s > x->v[i].at_s;
		if (x->v[i].next_s > x->v[i].at_s &&
		    x->v[i + 1].at_s <= x->v[i].next_s + GRACE_S)
			kept++;
		else if (bad == 0)
			bad = i + 1;
	}
	(void)drill_check(x->d, "each says when the next comes", named + 1 >=
	    x->n && kept == named, NULL, bad == 0 ? "%zu of %zu do, and %zu "
	    "were kept" : "%zu of %zu do, and %zu were kept; see message %zu",
	    named, x->n - 1, kept, bad);
}

/* ---- the words ---------------------------------------------------------- */

static void
course(const struct incident *x)
{
	const char *last = x->v[x->n - 1].kind;
	size_t i, cause = 0;

	for (i = 0; i < x->n; i++)
		cause += strcmp(x->v[i].kind, "cause") == 0;
	(void)drill_check(x->d, "it is acknowledged, explained and ended",
	    strcmp(x->v[0].kind, "acknowledge") == 0 && cause > 0 &&
	    strcmp(last, "resolved") == 0, NULL, "the first is %.40s, %zu "
	    "say the cause, the last is %.40s", *x->v[0].kind == '\0' ?
	    "of no kind" : x->v[0].kind, cause, *last == '\0' ?
	    "of no kind" : last);
}

static void
severities(const struct incident *x)
{
	const char *own = json_str(drill_word(x->d, "communication.severity"));
	size_t i, good = 0;

	for (i = 0; i < x->n; i++)
		good += x->v[i].severity[0] == 'S' &&
		    strchr("1234", x->v[i].severity[1]) != NULL &&
		    strlen(x->v[i].severity) == 2;
	(void)drill_check(x->d, "each has its severity", good == x->n &&
	    (own == NULL || strcmp(own, x->v[0].severity) == 0), NULL,
	    "%zu of %zu are S1 to S4; the first is %.10s%s%.10s", good, x->n,
	    *x->v[0].severity == '\0' ? "none" : x->v[0].severity,
	    own == NULL ? "" : ", the incident is ", own == NULL ? "" : own);
}

/* A word that means nothing to a user, or was left to be written; or NULL */
static const char *
raw(const char *text)
{
	static const char *const words[] = { "\xce\x94S", "\xce\x94 S",
		"delta_s", "delta S", "deltaS", "lambda", "cosine",
		"embedding", "p95", "p99", "INDEX_HASH", "MODEL_VER",
		"PROMPT_VER", "stack trace", "Traceback", "<", "{{", "TODO" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasestr(text, words[i]) != NULL)
			return words[i];
	}
	return NULL;
}

static void
plain(const struct incident *x)
{
	const char *word = NULL, *w;
	size_t i, bad = 0, at = 0;

	for (i = 0; i < x->n; i++) {
		w = x->v[i].text[strspn(x->v[i].text, " \n")] == '\0' ?
		    "no text" : raw(x->v[i].text);
		if (w == NULL || bad++ > 0)
			continue;
		word = w;
		at = i + 1;
	}
	(void)drill_check(x->d, "in words for users", bad == 0, NULL,
	    bad == 0 ? "%zu of %zu" : "%zu of %zu; message %zu has \"%s\"",
	    x->n - bad, x->n, at, word == NULL ? "" : word);
}

static void
judge(const struct incident *x)
{
	if (x->n == 0) {
		(void)drill_check(x->d, "the first is in time", 0, NULL,
		    "none was sent; %zu drafts (a message has `at`, its time)",
		    x->unsent);
		return;
	}
	first(x);
	gaps(x);
	promises(x);
	course(x);
	severities(x);
	plain(x);
	(void)drill_check(x->d, "none stayed a draft", x->unsent == 0, NULL,
	    "%zu have no `at`, their time", x->unsent);
}

int
drill_communication(struct drill *d, struct err *err)
{
	const char *began = json_str(drill_word(d, "communication.began"));
	struct incident *x;
	int rc;

	if (drill_word(d, "communication.messages") == NULL &&
	    drill_word(d, "communication.exec") == NULL)
		return err_set(err, RC_USAGE, "needs the messages that were "
		    "sent: communication: {began: 2026-01-31T12:00:00Z, "
		    "messages: FILE}; drafts: lockstep report RUN --format "
		    "messages");
	x = calloc(1, sizeof(*x));
	if (x == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	x->d = d;
	x->lines = json_new(JSON_ARRAY);
	rc = calendar_time(began, 0, &x->began_s) == 0 ? RC_OK :
	    err_set(err, RC_USAGE, "needs when it began, in UTC: "
	    "communication: {began: 2026-01-31T12:00:00Z}");
	if (rc == RC_OK)
		rc = read_messages(x, err);
	if (rc == RC_OK)
		judge(x);
	json_free(x->lines);
	free(x);
	return rc;
}
