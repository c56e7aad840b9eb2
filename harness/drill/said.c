/* A command's or a request's text; see said.h. */
#include "harness/drill/said.h"

#include <stdio.h>

#include "harness/base/child.h"
#include "harness/base/mono.h"

#define LIMIT_NS (60 * MONO_S)

static void
by_command(const char *word, const char *command, struct buf *out,
    char why[200])
{
	struct err err = ERR_INIT;
	int status;

	if (child_output(command, LIMIT_NS, out, &status, &err) != RC_OK)
		(void)snprintf(why, 200, "%.20s: %.170s", word, err.msg);
	else if (status != 0)
		(void)snprintf(why, 200, "%.20s: `%.140s` failed", word,
		    command);
}

static int
by_request(struct drill *d, const char *word, const struct json *request,
    struct buf *out, char why[200], struct err *err)
{
	char say[160];
	struct wave w;
	struct ask *a;

	wave_init(&w, 1);
	a = wave_add(d, &w, drill_arm(d), "GET", json_get_str(request,
	    "path"), NULL);
	if (a != NULL)
		ask_headers(&w, a, json_get(request, "headers"));
	a = wave_one(d, &w, a, err);
	if (a != NULL && a->status != 200)
		(void)snprintf(why, 200, "the %.20s answered %.160s", word,
		    ask_say(a, say));
	else if (a != NULL)
		buf_add(out, a->res, a->res_n);
	wave_fini(&w);
	return a == NULL ? (int)err->code : 1;
}

int
said(struct drill *d, const char *word, struct buf *out, char why[200],
    struct err *err)
{
	const struct json *j = drill_word(d, word);
	const char *command = json_get_str(j, "exec");

	why[0] = '\0';
	if (command != NULL) {
		by_command(word, command, out, why);
		return 1;
	}
	j = json_get(j, "request");
	if (json_get_str(j, "path") == NULL)
		return 0;
	return by_request(d, word, j, out, why, err);
}
