/* Suites: loading, in the order of its parts; see suite.h. */
#include "harness/suite/suite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/text.h"
#include "harness/suite/suite_part.h"

static void
name_and_owner(struct suite_load *ld)
{
	const struct json *doc = ld->mem->doc;
	const char *base = strrchr(ld->s->path, '/');
	char name[256];

	ld->s->name = suite_text(ld, doc, "name", NULL);
	if (ld->s->name != NULL && text_has_controls(ld->s->name))
		suite_error(ld, json_get(doc, "name"), 0, "name: has a control "
		    "character");
	ld->s->owner = suite_text(ld, doc, "owner", NULL);
	ld->s->incident = suite_text(ld, doc, "incident", NULL);
	ld->s->reason = suite_text(ld, doc, "reason", NULL);
	ld->s->profile = suite_raw(doc, "profile");
	if (ld->s->profile == NULL)
		ld->s->profile = "release";
	if (ld->s->name != NULL)
		return;
	(void)snprintf(name, sizeof(name), "%s",
	    base == NULL ? ld->s->path : base + 1);
	if (strrchr(name, '.') != NULL && strrchr(name, '.') != name)
		*strrchr(name, '.') = '\0';
	ld->s->name = suite_keep(ld, name);
}

static void
general_notes(struct suite_load *ld)
{
	const struct suite *s = ld->s;

	if (s->cases_file == NULL && s->cases_trace == NULL &&
	    s->cases_inline == NULL)
		suite_note(ld, "cases: none; nothing can be sent until `cases` "
		    "names a gold file or a trace");
	if (!s->target[ARM_CANDIDATE].present)
		suite_note(ld, "targets: no candidate; give one here or as "
		    "--candidate");
	if (!s->target[ARM_BASELINE].present)
		suite_note(ld, "targets: no baseline; only absolute limits "
		    "decide");
	if (s->sections_file == NULL)
		suite_note(ld, "sections: none; coverage and anchors are "
		    "judged only where the answers' offsets or ids allow");
	if (s->body == NULL && s->request_path == NULL)
		suite_note(ld, "request: none; a GET of / will be sent");
}

static int
build(struct suite_load *ld)
{
	if (suite_read(ld, ld->s->path) != RC_OK)
		return ld->err->code;
	suite_check(ld, ld->mem->doc);
	if (ld->n_errors > 0)
		return ld->err->code;
	name_and_owner(ld);
	suite_cases(ld);
	suite_gates(ld);
	suite_request(ld);
	suite_targets(ld);
	suite_apply_words(ld);
	suite_drills(ld);
	general_notes(ld);
	ld->s->doc = ld->mem->doc;
	if (ld->s->request_path == NULL)
		ld->s->request_path = "/";
	if (ld->n_errors > 0)
		return ld->err->code;
	return suite_identity(ld);
}

static struct suite *
new_suite(const char *path)
{
	struct suite *s = calloc(1, sizeof(*s));
	const char *slash = strrchr(path, '/');

	if (s == NULL)
		return NULL;
	s->mem = calloc(1, sizeof(*s->mem));
	if (s->mem != NULL) {
		s->mem->path = strdup(path);
		s->mem->dir = slash == NULL ? strdup(".") : strndup(path,
		    slash == path ? 1 : (size_t)(slash - path));
		s->path = s->mem->path;
		s->dir = s->mem->dir;
		s->mem->expanded = json_new(JSON_ARRAY);
		s->mem->notes = json_new(JSON_ARRAY);
		s->mem->words = json_new(JSON_ARRAY);
	}
	if (s->mem != NULL && s->path != NULL && s->dir != NULL &&
	    s->mem->words != NULL && s->mem->notes != NULL &&
	    s->mem->expanded != NULL)
		return s;
	suite_free(s);
	return NULL;
}

int
suite_load(const char *path, const struct suite_over *over,
    struct suite **out, struct err *err)
{
	static const struct suite_over none;
	struct err local = ERR_INIT;
	struct suite_load ld;
	int rc;

	*out = NULL;
	memset(&ld, 0, sizeof(ld));
	ld.over = over != NULL ? over : &none;
	ld.err = err != NULL ? err : &local;
	ld.s = new_suite(path);
	ld.map = srcmap_new();
	if (ld.s == NULL || ld.map == NULL) {
		suite_free(ld.s);
		srcmap_free(ld.map);
		return err_set(err, RC_NOMEM, "out of memory");
	}
	ld.mem = ld.s->mem;
	rc = build(&ld);
	srcmap_free(ld.map);
	if (rc == RC_OK)
		*out = ld.s;
	else
		suite_free(ld.s);
	return rc;
}

static void
free_mem(struct suite_mem *m)
{
	size_t i;

	if (m == NULL)
		return;
	for (i = 0; i < m->n_pool; i++)
		free(m->pool[i]);
	free(m->pool);
	for (i = 0; i <= ARM_N; i++)
		extract_free(m->spec[i]);
	json_free(m->doc);
	json_free(m->expanded);
	json_free(m->notes);
	json_free(m->words);
	free(m->path);
	free(m->dir);
	free(m);
}

void
suite_free(struct suite *s)
{
	size_t i;

	if (s == NULL)
		return;
	free_mem(s->mem);
	for (i = 0; i < ARM_N; i++)
		free(s->target[i].headers);
	free(s->headers);
	free(s);
}

void
suite_notes(const struct suite *s, suite_note_fn *fn, void *ctx)
{
	const struct json *j;

	for (j = json_first(s->mem->notes); j != NULL; j = json_next(j))
		fn(ctx, json_str(j));
}

const struct suite_target *
suite_target_of(const struct suite *s, enum arm a)
{
	return &s->target[s->target[a].present ? a : arm_of_echo(a)];
}
