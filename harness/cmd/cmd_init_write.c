/* The suite that `init` writes: it runs, and its comments say what was found
 * and how sure that is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/version.h"
#include "harness/cmd/cmd_init_part.h"
#include "harness/suite/yaml_out.h"

static const char *const sure_words[] = {
	[GUESS_SURE] = "sure", [GUESS_LIKELY] = "likely",
	[GUESS_MAYBE] = "a guess"
};

void
init_notes(const struct init *in, const char *prefix, struct buf *b)
{
	const struct guess *g = &in->guess;
	size_t i;

	if (g->preset != NULL)
		buf_printf(b, "%s%-30s %-34s %s, %zu of %zu\n", prefix,
		    "API", g->preset, sure_words[g->n >= 5 ? GUESS_SURE :
		    GUESS_LIKELY], g->understood, g->n);
	for (i = 0; i < g->n_notes; i++) {
		buf_printf(b, "%s%-30s ", prefix, g->note[i].what);
		buf_printf(b, "%-34s %s, %zu of %zu\n", g->note[i].pointer,
		    sure_words[g->note[i].sure], g->note[i].in,
		    g->note[i].of);
	}
	buf_printf(b, "%sit reads %zu of %zu answers\n", prefix,
	    g->understood, g->n);
}

/* One key with its members a line each. */
static void
put_object(struct buf *b, const char *key, const struct json *j)
{
	const struct json *m;

	buf_printf(b, "%s:\n", key);
	for (m = json_first(j); m != NULL; m = json_next(m)) {
		buf_printf(b, "  %s: ", json_key(m));
		yaml_value(b, m);
		buf_putc(b, '\n');
	}
}

static void
put_str(struct buf *b, const char *s)
{
	yaml_quote(b, s, strlen(s));
}

/* The trace as the suite finds it: beside it, or by its whole path. */
static void
put_trace(struct buf *b, const char *trace, const char *out)
{
	char *real = strchr(out, '/') == NULL ? NULL : realpath(trace, NULL);

	put_str(b, real != NULL ? real : trace);
	free(real);
}

static void
put_other_routes(const struct init *in, struct buf *b)
{
	const struct route *r;
	size_t i, shown = 0;

	for (i = 0; i < in->routes.n && shown < 12; i++) {
		r = &in->routes.v[i];
		if (r == in->route)
			continue;
		buf_printf(b, "%s#   %llu ", shown++ == 0 ?
		    "# Not used here:\n" : "", (unsigned long long)r->n);
		yaml_comment(b, r->method);
		buf_putc(b, ' ');
		yaml_comment(b, r->path);
		buf_putc(b, '\n');
	}
}

static void
put_trace_cases(const struct init *in, const char *out, struct buf *b)
{
	const struct route *r = in->route;

	buf_printf(b, "\n# The questions: %llu of the %llu exchanges, those "
	    "that were answered.\n", (unsigned long long)r->answered,
	    (unsigned long long)in->exchanges);
	put_other_routes(in, b);
	if (r->questions > 0)
		buf_puts(b, "# `lockstep cases` proposes gold from them: what "
		    "a right answer is.\n");
	buf_puts(b, "cases:\n"
	    "  trace: ");
	put_trace(b, in->args->trace, out);
	buf_puts(b, "\n  where: {method: ");
	put_str(b, r->method);
	buf_puts(b, ", path: ");
	put_str(b, r->path);
	buf_puts(b, ", status: 2xx}\n  sample: 200\n");
}

/* What makes the ids in the path on another stack. */
static void
put_setup(const struct init *in, struct buf *b)
{
	if (in->setup_path[0] == '\0')
		return;
	buf_puts(b, "\n# Sent once to every stack first: its answer has the "
	    "id that stands in the\n# path. Requests then use the id of the "
	    "stack they go to.\nsetup:\n  - where: {method: ");
	put_str(b, in->setup_method);
	buf_puts(b, ", path: ");
	put_str(b, in->setup_path);
	buf_puts(b, ", status: 2xx}\n    ids: ");
	put_str(b, in->setup_ids);
	buf_putc(b, '\n');
}

static void
put_list_cases(const struct init *in, struct buf *b)
{
	const struct opt_list *q = &in->args->questions;
	size_t i;

	buf_puts(b, "\n# The questions. Write what your users ask, with "
	    "section_ids or answers if you\n"
	    "# know them; or record traffic: cases: {trace: FILE, sample: "
	    "200}\n"
	    "cases:\n");
	for (i = 0; i < q->n; i++) {
		buf_printf(b, "  - {id: q%zu, question: ", i + 1);
		put_str(b, q->v[i]);
		buf_puts(b, "}\n");
	}
}

static void
put_request(const struct init *in, struct buf *b)
{
	const struct guess *g = &in->guess;

	if (g->body == NULL) {
		buf_puts(b, "\n# Each request is sent as recorded");
		if (*g->varies != '\0') {
			buf_puts(b, ": these members differ\n"
			    "# between requests: ");
			yaml_comment(b, g->varies);
		}
		buf_puts(b, ".\nrequest: {method: \"{{method}}\", path: "
		    "\"{{path}}\", body: \"{{body}}\"}\n");
		return;
	}
	buf_printf(b, "\n# The request%s.\n"
	    "request:\n"
	    "  method: ",
	    in->route == NULL ? "" : "; everything else was the same in every "
	    "request");
	put_str(b, in->method);
	buf_puts(b, "\n  path: ");
	put_str(b, in->path);
	buf_puts(b, "\n  body: ");
	yaml_value(b, g->body);
	buf_putc(b, '\n');
}

static void
put_targets(const struct init *in, const char *out, struct buf *b)
{
	const char *url = in->url[0] != '\0' ? in->url : NULL;
	size_t i;

	if (in->args->trace != NULL) {
		buf_puts(b, "\n# The recorded answers are the baseline. If you "
		    "have a second stack,\n"
		    "#   lockstep run SUITE --baseline URL --candidate URL\n"
		    "# sees smaller losses: it asks each stack twice and so "
		    "knows its noise.\n"
		    "recorded: ");
		put_trace(b, in->args->trace, out);
		buf_puts(b, "\nvariants: {paraphrases: 1, seeds: [1]}\n"
		    "gates: {latency: false}    # of another day and "
		    "machine\n");
	} else {
		buf_puts(b, "\n# The stacks. A candidate may be started by "
		    "the suite:\n#   candidate: {url: \"http://127.0.0.1:"
		    "{{port}}\", start: \"./serve --port {{port}}\"}\n");
	}
	buf_puts(b, "targets:\n");
	if (in->args->trace != NULL)
		buf_puts(b, "  baseline: recorded\n");
	if (url == NULL) {
		buf_puts(b, "#  candidate: http://127.0.0.1:9002    # or "
		    "--candidate URL\n");
		return;
	}
	buf_puts(b, "  candidate:\n    url: ");
	put_str(b, url);
	buf_putc(b, '\n');
	for (i = 0; i < in->args->headers.n; i++) {
		const char *h = in->args->headers.v[i];
		size_t n = strcspn(h, ":");

		buf_printf(b, "%s      ", i == 0 ? "    headers:\n" : "");
		yaml_quote(b, h, n);
		h += n + (h[n] == ':');
		buf_puts(b, ": \"");	/* ${NAME} stays a name */
		buf_puts(b, h + strspn(h, " "));
		buf_puts(b, "\"\n");
	}
}

void
init_suite(const struct init *in, const char *out, struct buf *b)
{
	buf_puts(b, "# Written by `lockstep init ");
	buf_puts(b, in->args->trace != NULL ? "--trace " : "");
	yaml_comment(b, in->args->trace != NULL ? in->args->trace :
	    in->args->url);
	buf_puts(b, "`, lockstep " LOCKSTEP_VERSION ".\n");
	if (in->api[0] != '\0') {
		buf_puts(b, "# The service: ");
		yaml_comment(b, in->api);
		buf_putc(b, '\n');
	}
	buf_puts(b, "# Correct what is wrong; harness/SUITE.md describes every "
	    "key. Then\n"
	    "#   lockstep check ");
	yaml_comment(b, out);
	buf_puts(b, "\n#   lockstep run ");
	yaml_comment(b, out);
	buf_puts(b, " --candidate URL --report-dir report\n\nlockstep: 1\n"
	    "name: ");
	put_str(b, in->args->name);
	buf_puts(b, "\n# owner: who to ask when it fails\n");
	if (in->args->trace != NULL)
		put_trace_cases(in, out, b);
	else
		put_list_cases(in, b);
	put_setup(in, b);
	put_request(in, b);
	buf_printf(b, "\n# Where the answers have each value, from %zu "
	    "answers:\n",
	    in->guess.n);
	init_notes(in, "#   ", b);
	put_object(b, "extract", in->guess.extract);
	put_targets(in, out, b);
}
