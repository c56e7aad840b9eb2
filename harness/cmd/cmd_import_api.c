/*
 * Langfuse's and Phoenix's APIs; see cmd_import_api.h.
 * source  Langfuse's public API: GET /api/public/v2/observations (fields,
 *         limit, cursor, fromStartTime, toStartTime; data and meta.cursor);
 *         of older servers /api/public/traces (page, limit, fromTimestamp,
 *         toTimestamp, orderBy; data and meta.totalPages) and
 *         /api/public/traces/ID; Phoenix's REST API: GET
 *         /v1/projects/PROJECT/spans (limit, start_time, end_time, cursor;
 *         data and next_cursor)
 */
#include "harness/cmd/cmd_import_api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/mono.h"
#include "harness/base/rng.h"
#include "harness/cmd/cmd_import_ask.h"
#include "harness/traffic/trace.h"

enum { TRACES_A_PAGE = 50, SPANS_A_PAGE = 1000, PATH_BYTES = 4096 };

struct import_api {
	struct import_api_args a;
	struct import_ask *ask;
	const struct source *source;
	char pages[PATH_BYTES];	/* where they are kept, or "" */
	struct trace_reader *kept;
	/* where it goes on: what a page's record says, too */
	int64_t page, i;	/* of an older Langfuse: from 1; of the page,
				   from 0 */
	char cursor[1024];	/* of the others; "" at first */
	int older;		/* a Langfuse without the second version */
	int ended;
	struct json *list;	/* the page of traces under way */
	int64_t last_page;
	uint64_t gone;
	struct buf target, text;
};

/* The next document; returns 1, 0 at the end, or an error. */
typedef int next_fn(struct import_api *api, struct err *err);

struct source {
	const char *name;
	const char *user, *pass;	/* variables of the environment */
	next_fn *next;
	next_fn *look;		/* asks what the server can; or NULL */
};

static void
put_time(struct buf *b, const char *name, int64_t ns)
{
	char utc[MONO_UTC_MAX];

	if (ns <= 0)
		return;
	mono_utc(ns, utc);
	buf_printf(b, "&%s=", name);
	import_ask_escape(b, utc);
}

/* ---- pages by cursor ---------------------------------------------------- */

/* GETs what target says, behind the cursor, and takes the next one.
 * in      the member that holds it, or NULL: the page itself
 * returns 1; RC_NET: there is no such thing, an error */
static int
cursor_page(struct import_api *api, const char *in, const char *name,
    struct err *err)
{
	struct buf *t = &api->target;
	struct json *page;
	const char *next;
	int rc;

	if (api->cursor[0] != '\0') {
		buf_puts(t, "&cursor=");
		import_ask_escape(t, api->cursor);
	}
	rc = import_ask(api->ask, buf_str(t), &api->text, &page, err);
	if (rc != RC_OK)
		return rc;
	if (page == NULL)
		return err_set(err, RC_NET, "GET %.300s: 404: there is "
		    "nothing of that name%s", buf_str(t), api->a.project !=
		    NULL && in == NULL ? "; name a project with --project" :
		    "");
	next = json_get_str(in != NULL ? json_get(page, in) : page, name);
	api->ended = next == NULL || *next == '\0';
	if (json_kind(json_get(page, "data")) != JSON_ARRAY)
		rc = err_set(err, RC_FORMAT, "GET %.300s: a page without "
		    "data: is this %s?", buf_str(t), api->source->name);
	else if (!api->ended && (strlen(next) >= sizeof(api->cursor) ||
	    strcmp(next, api->cursor) == 0))
		rc = err_set(err, RC_FORMAT, "GET %.300s gives the same page "
		    "again", buf_str(t));
	if (rc == RC_OK && !api->ended)
		(void)snprintf(api->cursor, sizeof(api->cursor), "%s", next);
	json_free(page);
	return rc != RC_OK ? rc : 1;
}

/* ---- Langfuse ---------------------------------------------------------- */

/* The list that holds trace i of the page; NULL with 0 at the end. */
static int
traces_page(struct import_api *api, struct err *err)
{
	struct buf *t = &api->target;
	int rc;

	if (api->list != NULL)
		return 1;
	buf_reset(t);
	buf_printf(t, "/api/public/traces?page=%lld&limit=%d"
	    "&orderBy=timestamp.asc", (long long)api->page, TRACES_A_PAGE);
	put_time(t, "fromTimestamp", api->a.since_ns);
	put_time(t, "toTimestamp", api->a.until_ns);
	rc = import_ask(api->ask, buf_str(t), &api->text, &api->list, err);
	if (rc != RC_OK)
		return rc;
	if (api->list == NULL ||
	    json_kind(json_get(api->list, "data")) != JSON_ARRAY)
		return err_set(err, RC_FORMAT, "%s does not answer as "
		    "Langfuse does: GET /api/public/traces gives no data",
		    api->a.url);
	api->last_page = json_get_int(json_get(api->list, "meta"),
	    "totalPages", 0);
	return json_size(json_get(api->list, "data")) > 0;
}

static int
next_trace(struct import_api *api, struct err *err)
{
	const struct json *t;
	struct json *doc;
	int64_t at;
	int rc;

	while ((rc = traces_page(api, err)) == 1) {
		t = json_at(json_get(api->list, "data"), (size_t)api->i);
		if (t == NULL) {
			json_free(api->list);
			api->list = NULL;
			api->i = 0;
			if (api->page++ >= api->last_page)
				return 0;
			continue;
		}
		at = (api->page - 1) * TRACES_A_PAGE + api->i++;
		if (json_get_str(t, "id") == NULL || (api->a.sample < 1 &&
		    rng_unit(api->a.seed, 0x1f0b, (uint64_t)at) >=
		    api->a.sample))
			continue;
		buf_reset(&api->target);
		buf_puts(&api->target, "/api/public/traces/");
		import_ask_escape(&api->target, json_get_str(t, "id"));
		rc = import_ask(api->ask, buf_str(&api->target), &api->text,
		    &doc, err);
		json_free(doc);
		if (rc != RC_OK || doc != NULL)
			return rc != RC_OK ? rc : 1;
		api->gone++;
	}
	return rc;
}

static int
next_langfuse(struct import_api *api, struct err *err)
{
	struct buf *t = &api->target;

	if (api->older)
		return next_trace(api, err);
	if (api->ended)
		return 0;
	buf_reset(t);
	buf_printf(t, "/api/public/v2/observations?limit=%d&fields=core,basic,"
	    "time,io,metadata,model,usage,trace_context", SPANS_A_PAGE);
	put_time(t, "fromStartTime", api->a.since_ns);
	put_time(t, "toStartTime", api->a.until_ns);
	return cursor_page(api, "meta", "cursor", err);
}

/* Which version the server has. */
static int
look_langfuse(struct import_api *api, struct err *err)
{
	struct json *page;
	int rc = import_ask(api->ask, "/api/public/v2/observations?limit=1",
	    &api->text, &page, err);

	api->older = rc == RC_OK && page == NULL;
	json_free(page);
	return rc;
}

/* ---- Phoenix ----------------------------------------------------------- */

static int
next_phoenix(struct import_api *api, struct err *err)
{
	struct buf *t = &api->target;

	if (api->ended)
		return 0;
	buf_reset(t);
	buf_puts(t, "/v1/projects/");
	import_ask_escape(t, api->a.project);
	buf_printf(t, "/spans?limit=%d", SPANS_A_PAGE);
	put_time(t, "start_time", api->a.since_ns);
	put_time(t, "end_time", api->a.until_ns);
	return cursor_page(api, NULL, "next_cursor", err);
}

static const struct source sources[] = {
	{ "langfuse", "LANGFUSE_PUBLIC_KEY", "LANGFUSE_SECRET_KEY",
	    next_langfuse, look_langfuse },
	{ "phoenix", NULL, "PHOENIX_API_KEY", next_phoenix, NULL },
};

/* ---- pages that are kept ------------------------------------------------ */

/* What was asked, so that another question does not go on with it. */
static struct json *
question(const struct import_api *api)
{
	struct json *q = json_new(JSON_OBJECT);
	const struct import_api_args *a = &api->a;

	(void)json_set(q, "format", json_new_str(a->format));
	(void)json_set(q, "url", json_new_str(a->url));
	(void)json_set(q, "project", json_new_str(a->project));
	(void)json_set(q, "since", json_new_str(a->since != NULL ?
	    a->since : ""));
	(void)json_set(q, "until", json_new_str(a->until != NULL ?
	    a->until : ""));
	(void)json_set(q, "sample", json_new_num(a->sample));
	(void)json_set(q, "seed", json_new_num((double)a->seed));
	return q;
}

static int
keep_page(const struct import_api *api, struct trace_writer *w,
    struct err *err)
{
	struct json_out *o = malloc(sizeof(*o));
	struct buf b;
	int rc;

	if (o == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	buf_init(&b, TRACE_LINE_MAX);
	json_out_init(o, &b, 0);
	json_out_obj(o);
	json_put_str(o, "type", "page");
	json_put_int(o, "page", api->page);
	json_put_int(o, "i", api->i);
	json_put_str(o, "cursor", api->cursor);
	json_put_bool(o, "ended", api->ended);
	json_out_key(o, "text");
	json_out_strn(o, api->text.p, api->text.len);
	json_out_end(o, '}');
	rc = buf_check(&b, "a page", err);
	if (rc == RC_OK)
		rc = trace_write(w, b.p, b.len, err);
	if (rc == RC_OK)
		rc = trace_flush(w, 0, err);
	buf_fini(&b);
	free(o);
	return rc;
}

/* What a page's record says of where it goes on; other records say nothing. */
static void
take_state(struct import_api *api, const struct json *p)
{
	if (json_get(p, "text") == NULL)
		return;
	api->page = json_get_int(p, "page", 1);
	api->i = json_get_int(p, "i", 0);
	api->ended = json_get_bool(p, "ended", 0);
	(void)snprintf(api->cursor, sizeof(api->cursor), "%s",
	    json_get_str(p, "cursor") != NULL ? json_get_str(p, "cursor") :
	    "");
}

/* Where the pages that are there end. */
static int
take_up(struct import_api *api, struct err *err)
{
	const struct json *bounds;
	struct trace_reader *r;
	struct trace_rec rec;
	struct json *q, *p;
	int same, rc = trace_reader_open(api->pages, 1, &r, err);

	if (rc != RC_OK)
		return rc;
	q = question(api);
	same = json_equal(json_get(trace_reader_head(r), "asked"), q);
	json_free(q);
	bounds = json_get(trace_reader_head(r), "bounds");
	api->a.since_ns = json_int(json_at(bounds, 0), 0);
	api->a.until_ns = json_int(json_at(bounds, 1), 0);
	while (same && trace_next(r, &rec, NULL) == 1) {
		p = json_parse(rec.line, rec.n, NULL);
		take_state(api, p);
		json_free(p);
	}
	trace_reader_close(&r);
	return same ? RC_OK : err_set(err, RC_USAGE, "%s has pages of another "
	    "import; remove it, or choose another --out", api->pages);
}

static int
open_pages(struct import_api *api, struct trace_writer **w, struct err *err)
{
	struct json *extra = json_new(JSON_OBJECT);
	struct json *bounds = json_new(JSON_ARRAY);
	struct trace_opts o = { .kind = "pages", .extra = extra,
	    .argc = api->a.argc, .argv = api->a.argv };
	int rc;

	if (access(api->pages, F_OK) == 0) {
		json_free(extra);
		json_free(bounds);
		o.extra = NULL;
		rc = take_up(api, err);
		return rc != RC_OK ? rc :
		    trace_writer_resume(api->pages, &o, w, err);
	}
	(void)json_push(bounds, json_new_num((double)api->a.since_ns));
	(void)json_push(bounds, json_new_num((double)api->a.until_ns));
	(void)json_set(extra, "asked", question(api));
	(void)json_set(extra, "bounds", bounds);
	rc = trace_writer_open(api->pages, &o, 0, w, err);
	json_free(extra);
	return rc;
}

/* All pages, before a trace is begun. */
static int
load_pages(struct import_api *api, struct err *err)
{
	struct trace_writer *w = NULL;
	int rc = open_pages(api, &w, err), more = 1;

	while (rc == RC_OK && more) {
		more = api->source->next(api, err);
		rc = more < 0 ? more : more == 1 ? keep_page(api, w, err) :
		    RC_OK;
	}
	if (rc != RC_OK) {
		trace_writer_abandon(&w);
		return rc;
	}
	rc = trace_writer_close(&w, err);
	return rc != RC_OK ? rc :
	    trace_reader_open(api->pages, 1, &api->kept, err);
}

static int
next_kept(struct import_api *api, struct buf *out, struct err *err)
{
	struct trace_rec rec;
	const char *text = NULL;
	struct json *p;
	size_t n;
	int rc;

	while (text == NULL && (rc = trace_next(api->kept, &rec, err)) == 1) {
		p = json_parse(rec.line, rec.n, NULL);
		text = json_text(json_get(p, "text"), &n);
		if (text != NULL)
			buf_add(out, text, n);
		json_free(p);
	}
	return rc;
}

/* ---- from outside -------------------------------------------------------- */

static int
begin(struct import_api *api, struct err *err)
{
	const struct source *s;
	const char *user, *pass;
	size_t i;
	int rc;

	for (i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		if (strcmp(sources[i].name, api->a.format) == 0)
			api->source = &sources[i];
	}
	s = api->source;
	if (s == NULL)
		return err_set(err, RC_USAGE, "--url is for langfuse and "
		    "phoenix; give %s its FILEs", api->a.format);
	/* one thread as yet. NOLINTBEGIN(concurrency-mt-unsafe) */
	user = s->user != NULL ? getenv(s->user) : NULL;
	pass = getenv(s->pass);
	/* NOLINTEND(concurrency-mt-unsafe) */
	if (s->user != NULL && (user == NULL || pass == NULL))
		return err_set(err, RC_USAGE, "set %s and %s in the "
		    "environment", s->user, s->pass);
	if (access(api->a.out, F_OK) == 0)
		return err_set(err, RC_IO, "%s: exists already; remove it or "
		    "choose another name", api->a.out);
	rc = import_ask_open(api->a.url, user, pass, &api->ask, err);
	if (rc == RC_OK && s->look != NULL)
		rc = s->look(api, err);
	if (rc != RC_OK || trace_key() == NULL)
		return rc;
	if ((size_t)snprintf(api->pages, sizeof(api->pages), "%s.pages",
	    api->a.out) >= sizeof(api->pages))
		return err_set(err, RC_USAGE, "%s: the path is too long",
		    api->a.out);
	return load_pages(api, err);
}

int
import_api_open(const struct import_api_args *a, struct import_api **out,
    struct err *err)
{
	struct import_api *api = calloc(1, sizeof(*api));
	int rc;

	*out = NULL;
	if (api == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	api->a = *a;
	if (api->a.project == NULL)
		api->a.project = "default";
	/* what comes meanwhile would move the pages */
	if (api->a.until_ns == 0)
		api->a.until_ns = mono_wall_ns();
	api->page = 1;
	buf_init(&api->target, 1 << 16);
	buf_init(&api->text, (size_t)65 << 20);
	rc = begin(api, err);
	if (rc != RC_OK)
		import_api_close(&api, 0);
	*out = api;
	return rc;
}

int
import_api_feed(void *ctx, struct buf *out, struct err *err)
{
	struct import_api *api = ctx;
	int rc;

	if (api->kept != NULL)
		return next_kept(api, out, err);
	rc = api->source->next(api, err);
	if (rc == 1)
		buf_add(out, api->text.p, api->text.len);
	return rc;
}

int
import_api_drawn(const struct import_api *api)
{
	return api->older;
}

void
import_api_counts(const struct import_api *api, uint64_t *requests,
    uint64_t *gone)
{
	*requests = import_ask_requests(api->ask);
	*gone = api->gone;
}

void
import_api_close(struct import_api **apip, int done)
{
	struct import_api *api = *apip;

	if (api == NULL)
		return;
	trace_reader_close(&api->kept);
	import_ask_close(&api->ask);
	if (done && api->pages[0] != '\0')
		(void)unlink(api->pages);
	json_free(api->list);
	buf_fini(&api->target);
	buf_fini(&api->text);
	free(api);
	*apip = NULL;
}
