/* What a shadow answers at --status; see cmd_shadow_page.h. */
#include "harness/cmd/cmd_shadow_page.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/json.h"
#include "harness/cmd/cmd_shadow_say.h"
#include "reports/live.h"

/* The live verdict's document, with what shadow itself says in it. */
static void
put_status(void *ctx, struct buf *out)
{
	const struct shadow_running *r = ctx;
	const struct json *m;
	struct live_status live;
	struct shadow_stats st;
	struct json_out o;
	struct json *doc;
	struct buf b;

	shadow_stats(r->shadow, &st);
	shadow_live_status(r->live, &live);
	buf_init(&b, 1 << 20);
	live_json(&live, &b);
	doc = json_parse(buf_str(&b), b.len, NULL);
	json_out_init(&o, out, 1);
	json_out_obj(&o);
	for (m = json_first(doc); m != NULL; m = json_next(m)) {
		json_out_key(&o, json_key(m));
		json_out_json(&o, m);
	}
	json_out_key(&o, "shadow");
	json_out_obj(&o);
	json_out_key(&o, "run");
	json_out_str(&o, r->run->run.id);
	shadow_say_json(&st, &o);
	if (r->scorer != NULL) {
		json_out_key(&o, "members");
		json_out_int(&o, shadow_scorer_members(r->scorer));
		json_out_key(&o, "members_pairs");
		json_out_int(&o, (int64_t)shadow_scorer_pairs(r->scorer));
	}
	json_out_end(&o, '}');
	json_out_end(&o, '}');
	buf_putc(out, '\n');
	json_free(doc);
	buf_fini(&b);
}

static int
put_gate(void *ctx, struct buf *out)
{
	const struct shadow_running *r = ctx;
	struct live_status live;

	shadow_live_status(r->live, &live);
	buf_printf(out, "%s: %s\n", live_verdict_name(live.verdict),
	    live.reason);
	return live_gate_status(&live);
}

static void
put_page(void *ctx, struct buf *out)
{
	const struct shadow_running *r = ctx;
	struct live_status live;
	struct shadow_stats st;
	char note[400];

	shadow_live_status(r->live, &live);
	shadow_stats(r->shadow, &st);
	(void)snprintf(note, sizeof(note), "Run %s: %llu requests seen, %llu "
	    "mirrored. %.200s", r->run->run.id, (unsigned long long)st.seen,
	    (unsigned long long)st.fate[SHADOW_MIRRORED], st.trouble);
	live_html(&live, note, out);
}

static void
put_metrics(void *ctx, struct buf *out)
{
	static const char end[] = "# EOF\n";
	const struct shadow_running *r = ctx;
	struct live_status live;
	struct shadow_stats st;
	size_t n = sizeof(end) - 1;

	shadow_live_status(r->live, &live);
	live_openmetrics(&live, out);
	/* the end comes behind our own */
	if (out->len >= n && memcmp(out->p + out->len - n, end, n) == 0)
		out->len -= n;
	shadow_stats(r->shadow, &st);
	shadow_say_metrics(&st, out);
}

static void
put_trouble(void *ctx, struct buf *out)
{
	const struct shadow_running *r = ctx;
	struct shadow_stats st;

	shadow_stats(r->shadow, &st);
	buf_puts(out, st.trouble);
}

static int
take_post(void *ctx, const char *auth, const char *body, size_t n,
    struct buf *out)
{
	const struct shadow_running *r = ctx;

	return shadow_scorer_post(r->scorer, auth, body, n, out);
}

void
shadow_page_source(struct shadow_running *r, struct status_source *out)
{
	*out = (struct status_source){ r, put_metrics, put_trouble,
		put_status, put_gate, put_page,
		r->scorer != NULL ? take_post : NULL };
}
