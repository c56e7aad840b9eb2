/* Which format a file looks like, for who named another one; see import.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/import/import_part.h"

enum { LOOK_BYTES = 128 << 10 };

/* Words of a format: all of them are there. */
static const struct looks {
	const char *format;
	const char *words[3];
} looks[] = {
	{ "gor", { "\xf0\x9f\x90\xb5\xf0\x9f\x99\x88\xf0\x9f\x99\x89" } },
	{ "otlp", { "\"resourceSpans\"", "\"scopeSpans\"" } },
	{ "har", { "\"log\"", "\"entries\"" } },
	{ "mlflow", { "\"mlflow.", "span" } },
	{ "openai", { "\"custom_id\"" } },
	{ "openai", { "\"chat.completion\"", "\"choices\"" } },
	{ "phoenix", { "\"span_kind\"", "\"context\"", "\"trace_id\"" } },
	{ "phoenix", { "\"context.trace_id\"" } },
	{ "langfuse", { "\"traceId\"", "\"parentObservationId\"" } },
	{ "langfuse", { "\"traceId\"", "\"GENERATION\"" } },
	{ "langfuse", { "\"observations\"", "\"input\"" } },
	{ "mitmproxy", { "8:response;", "7:request;" } },
	{ "mitmproxy", { "7:version;", "4:type;" } },
};

static int
has(const char *p, size_t n, const char *word)
{
	return word == NULL || memmem(p, n, word, strlen(word)) != NULL;
}

/* '127.0.0.1 - - [31/Jan/2026:12:00:00 +0000] "GET / HTTP/1.1" …' */
static int
is_accesslog(const char *p, size_t n)
{
	const char *end = memchr(p, '\n', n), *at;
	size_t line = end == NULL ? n : (size_t)(end - p);

	at = memmem(p, line, " [", 2);
	return at != NULL && *p != '{' &&
	    memmem(at, line - (size_t)(at - p), "] \"", 3) != NULL;
}

static const char *
format_of(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		if (has(p, n, looks[i].words[0]) &&
		    has(p, n, looks[i].words[1]) &&
		    has(p, n, looks[i].words[2]))
			return looks[i].format;
	}
	return is_accesslog(p, n) ? "accesslog" : NULL;
}

/* A hint about text that another format would not take. */
static void
say(const char *path, const char *format, const char *p, size_t n, char *out,
    size_t cap)
{
	const char *is = format_of(p, n);

	if (n == 0)
		(void)snprintf(out, cap, "%s is empty", path);
	else if (has(p, n, "{\"type\":\"head\",") &&
	    has(p, n, "\"lockstep_trace\""))
		(void)snprintf(out, cap, "%s is a trace of lockstep already: "
		    "it needs no import", path);
	else if (is != NULL && strcmp(is, format) != 0)
		(void)snprintf(out, cap, "%s looks like %s: lockstep import "
		    "%s %s --out TRACE", path, is, is, path);
	else if (is == NULL && *p == '{' && strcmp(format, "ndjson") != 0)
		(void)snprintf(out, cap, "%s is JSON of a shape of its own, it "
		    "seems: lockstep import ndjson %s --question POINTER "
		    "--answer POINTER --out TRACE", path, path);
}

void
import_hint(const char *path, const char *format, char *out, size_t cap)
{
	struct import_src *src = NULL;
	char *text = malloc(LOOK_BYTES);
	size_t n = 0;

	out[0] = '\0';
	if (text != NULL && strcmp(path, "-") != 0 &&
	    import_src_open(&path, 1, &src, NULL) == RC_OK &&
	    import_read(src, text, LOOK_BYTES, &n, NULL) == RC_OK)
		/* a line end is put behind each file */
		say(path, format, text, n > 0 && text[n - 1] == '\n' ? n - 1 :
		    n, out, cap);
	import_src_close(&src);
	free(text);
}
