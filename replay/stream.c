/* Follows a streamed answer; see stream.h. */
#include "replay/stream.h"

#include <string.h>

enum { WORDS_MAX = 400 };

void
stream_init(struct stream_watch *w)
{
	memset(w, 0, sizeof(*w));
	sse_init(&w->sse, SSE_NONE, CODING_TEXT_MAX);
	buf_init(&w->words, WORDS_MAX);
}

static void
drop_coding(struct stream_watch *w)
{
	coding_free(w->coding);
	w->coding = NULL;
}

void
stream_fini(struct stream_watch *w)
{
	drop_coding(w);
	sse_fini(&w->sse);
	buf_fini(&w->words);
}

static int
take_event(void *ctx, const struct sse_event *e)
{
	struct stream_watch *w = ctx;
	unsigned want = EVENT_END | EVENT_ERROR, is;

	if (w->ended)
		return 0;
	if (!w->first)
		want |= EVENT_CONTENT;
	if (w->failed)
		want &= ~(unsigned)EVENT_ERROR;
	is = extract_event(w->spec, e, want, &w->words);
	w->ended |= (is & EVENT_END) != 0;
	w->failed |= (is & EVENT_ERROR) != 0;
	w->first |= (is & EVENT_CONTENT) != 0;
	w->fresh |= (is & EVENT_CONTENT) != 0;
	return 0;
}

static void
keep_head(struct stream_watch *w, const char *p, size_t n)
{
	for (; n > 0 && w->head_n < sizeof(w->head); p++, n--) {
		if (*p != '\n' && *p != '\r')
			w->head[w->head_n++] = *p;
	}
}

static int
take_text(void *ctx, const char *p, size_t n, struct err *err)
{
	struct stream_watch *w = ctx;

	(void)err;
	keep_head(w, p, n);
	return sse_feed(&w->sse, p, n, take_event, w);
}

void
stream_start(struct stream_watch *w, const struct extract_spec *spec,
    enum sse_format format, const char *codings)
{
	drop_coding(w);
	sse_reset(&w->sse, format);
	buf_reset(&w->words);
	w->spec = spec != NULL ? spec : extract_any();
	w->fresh = w->first = w->ended = w->failed = 0;
	w->head_n = 0;
	/* what cannot be undone is extraction's to say */
	w->blind = w->spec == NULL || (codings != NULL &&
	    coding_new(codings, CODING_TEXT_MAX, take_text, w, &w->coding,
	    NULL) != RC_OK);
}

int
stream_feed(struct stream_watch *w, const char *p, size_t n)
{
	w->fresh = 0;
	if (w->blind)
		return 0;
	if (w->coding == NULL)
		(void)take_text(w, p, n, NULL);
	else if (coding_feed(w->coding, p, n, NULL) != RC_OK)
		w->blind = 1;
	return w->fresh;
}

int
stream_end(struct stream_watch *w)
{
	w->fresh = 0;
	if (!w->blind)
		(void)sse_end(&w->sse, take_event, w);
	drop_coding(w);
	return w->fresh;
}

int
stream_begins(const struct stream_watch *w)
{
	return sse_begins(w->head, w->head_n);
}

int64_t
stream_first(struct stream_watch *w, const struct exchange *ex)
{
	enum sse_format format = sse_of_type(exchange_header(ex,
	    "content-type"));
	const char *p = ex->res_body.p;
	size_t i, left = ex->res_body.n, n;
	char list[128];

	if (format == SSE_NONE || p == NULL || ex->n_chunks == 0)
		return -1;
	stream_start(w, NULL, format, coding_of(ex->res_headers,
	    ex->n_res_headers, list));
	for (i = 0; i < ex->n_chunks; i++) {
		n = ex->chunks[i].n < left ? ex->chunks[i].n : left;
		if (stream_feed(w, p, n))
			return ex->chunks[i].at_ns;
		p += n;
		left -= n;
	}
	return stream_end(w) ? ex->total_ns : -1;
}
