/* Follows a streamed answer; see stream.h. */
#include "replay/stream.h"

#include <string.h>
#include <strings.h>

void
stream_start(struct stream_watch *w, const struct extract_stream *spec,
    const struct json_ptr *token, int format)
{
	memset(w, 0, sizeof(*w));
	w->spec = spec;
	w->token = token;
	w->format = format;
}

int
stream_of_type(const char *content_type)
{
	static const struct {
		const char *type;
		int format;
	} types[] = {
		{ "text/event-stream", 's' },
		{ "application/x-ndjson", 'n' },
		{ "application/ndjson", 'n' },
		{ "application/jsonl", 'n' },
		{ "application/stream+json", 'n' },
		{ "application/json-lines", 'n' },
	};
	size_t i;

	if (content_type == NULL)
		return 0;
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strncasecmp(content_type, types[i].type,
		    strlen(types[i].type)) == 0)
			return types[i].format;
	}
	return 0;
}

/* The payload of a line: after "data:" in SSE, all of it in NDJSON. */
static int
payload(const struct stream_watch *w, const char **p, size_t *n)
{
	if (*n > 0 && (*p)[*n - 1] == '\r')
		(*n)--;
	if (w->format == 's') {
		if (*n < 5 || memcmp(*p, "data:", 5) != 0)
			return 0;
		*p += 5;
		*n -= 5;
		if (*n > 0 && **p == ' ') {
			(*p)++;
			(*n)--;
		}
	}
	return *n > 0;
}

static int
is_end(const struct stream_watch *w, const char *p, size_t n)
{
	const char *end = w->spec != NULL ? w->spec->end : NULL;
	size_t len;

	if (end == NULL)
		return 0;
	len = strlen(end);
	if (n == len && memcmp(p, end, n) == 0)
		return 1;
	/* "event: message_stop" ends the streams that have no mark in data */
	if (w->format == 's' && n > 6 && memcmp(p, "event:", 6) == 0) {
		p += 6;
		n -= 6;
		while (n > 0 && *p == ' ') {
			p++;
			n--;
		}
		while (n > 0 && p[n - 1] == '\r')
			n--;
		return n == len && memcmp(p, end, n) == 0;
	}
	return w->format == 'n' && memmem(p, n, end, len) != NULL;
}

/* Whether an event carries content: a non-empty string at the pointer. */
static int
has_token(const struct stream_watch *w, const char *p, size_t n)
{
	struct json *j, *v;
	const char *s;
	int found;

	if (w->token == NULL)
		return 1;
	j = json_parse(p, n, NULL);
	if (j == NULL)
		return 0;
	v = json_ptr_find(w->token, j);
	s = json_str(v);
	found = s != NULL && *s != '\0';
	json_free(j);
	return found;
}

static int
take_line(struct stream_watch *w, const char *p, size_t n)
{
	if (is_end(w, p, n)) {
		w->ended = 1;
		return 0;
	}
	if (!payload(w, &p, &n))
		return 0;
	if (is_end(w, p, n)) {
		w->ended = 1;
		return 0;
	}
	if (w->first || !has_token(w, p, n))
		return 0;
	w->first = 1;
	return 1;
}

int
stream_feed(struct stream_watch *w, const char *body, size_t n, int last)
{
	const char *nl;
	int first = 0;

	while (w->seen < n) {
		nl = memchr(body + w->seen, '\n', n - w->seen);
		if (nl == NULL)
			break;
		first |= take_line(w, body + w->line,
		    (size_t)(nl - body) - w->line);
		w->line = w->seen = (size_t)(nl - body) + 1;
	}
	w->seen = n;
	if (last && w->line < n) {
		first |= take_line(w, body + w->line, n - w->line);
		w->line = n;
	}
	return first;
}
