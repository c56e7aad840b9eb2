/* Tool calls of answers; see tool_calls.h. */
#include "harness/drill/tool_calls.h"

#include <stdio.h>
#include <strings.h>

static const char *const good_words[] = { "ok", "success", "succeeded",
	"completed", "done" };

/* true, a word for it, or a status 2xx */
static int
is_good(const struct json *v)
{
	const char *word = json_str(v);
	size_t i;

	if (json_kind(v) == JSON_NUMBER)
		return json_num(v, 0) >= 200 && json_num(v, 0) < 300;
	for (i = 0; word != NULL && i < sizeof(good_words) /
	    sizeof(good_words[0]); i++) {
		if (strcasecmp(word, good_words[i]) == 0)
			return 1;
	}
	return json_bool(v, 0);
}

void
tool_calls_add(const struct drill *d, const struct ask *a,
    struct tool_calls *t)
{
	const char *at = json_str(drill_word(d, "tools.calls"));
	const char *ok = json_str(drill_word(d, "tools.ok"));
	struct json_ptr *list, *of;
	const struct json *call;
	struct json *j;

	if (at == NULL)
		return;
	list = json_ptr_new(at, NULL);
	of = json_ptr_new(ok == NULL ? "/ok" : ok, NULL);
	j = ask_json(a);
	call = json_first(json_ptr_find(list, j));
	for (; call != NULL; call = json_next(call)) {
		t->n++;
		if (is_good(json_ptr_find(of, call)))
			t->good++;
		else if (t->bad[0] == '\0')
			(void)snprintf(t->bad, sizeof(t->bad), "; the first "
			    "of %.70s", json_get_str(call, "name") == NULL ?
			    "a tool without a name" : json_get_str(call,
			    "name"));
	}
	json_free(j);
	json_ptr_free(of);
	json_ptr_free(list);
}

void
tool_calls_check(struct drill *d, const char *name, double least,
    const struct tool_calls *t)
{
	if (drill_word(d, "tools.calls") == NULL)
		drill_skip(d, name, "needs where an answer tells of them: "
		    "--set tools.calls=POINTER (and tools.ok within one, "
		    "/ok)");
	else if (t->n == 0)
		drill_skip(d, name, "no answer tells of a tool call at %.80s",
		    json_str(drill_word(d, "tools.calls")));
	else
		(void)drill_check(d, name, (double)t->good >= least *
		    (double)t->n, "prompt regression", "%zu of %zu fail%s; "
		    "limit %.3g %%", t->n - t->good, t->n, t->bad,
		    (1 - least) * 100);
}
