/* lockstep suites: list suites. */
#include <dirent.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/json.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_page.h"
#include "harness/suite/caseset.h"
#include "harness/suite/suite.h"

struct suites_options {
	int json;
};

static const struct opt suites_opts[] = {
	CMD_OPT_JSON(offsetof(struct suites_options, json)),
	CMD_OPT_END
};

static const struct opt_cmd suites_cmd = {
	"suites", "[FILE or FOLDER...]",
	"Lists suites (the folder suites/ by default): name, profile, cases,\n"
	"owner, and the incident that a suite came from. A suite that cannot "
	"be\n"
	"read is listed with its error.\n\n"
	"  lockstep suites\n"
	"  lockstep suites --json incidents/ | jq '.[] | select(.incident)'\n\n"
	"Exit status: 0, or 2 when a suite cannot be read.", suites_opts
};

struct listing {
	struct json_out *json;	/* or NULL: text */
	int bad;
};

static int
is_manifest(const struct dirent *e)
{
	const char *dot = strrchr(e->d_name, '.');

	return dot != NULL && e->d_name[0] != '.' &&
	    (strcmp(dot, ".yml") == 0 || strcmp(dot, ".yaml") == 0);
}

static void
list_json(struct json_out *o, const char *path, const struct suite *s,
    int64_t cases, const struct err *err)
{
	json_out_obj(o);
	json_put_str(o, "path", path);
	if (err->code != RC_OK)
		json_put_str(o, "error", err->msg);
	if (s != NULL) {
		json_put_str(o, "name", s->name);
		json_put_str(o, "profile", s->profile);
		json_put_str(o, "owner", s->owner);
		json_put_str(o, "incident", s->incident);
		json_put_str(o, "reason", s->reason);
		json_put_str(o, "hash", s->hash);
		json_out_key(o, "cases");
		if (cases >= 0)
			json_out_int(o, cases);
		else
			json_out_null(o);
	}
	json_out_end(o, '}');
}

static void
list_text(const char *path, const struct suite *s, int64_t cases,
    const struct err *err)
{
	char n[64] = "- cases";

	if (cases >= 0)
		(void)cmd_many((uint64_t)cases, "case", n);
	if (s != NULL && cmd_put(-25, path) > 25)
		(void)printf("\n%25s", "");
	if (s != NULL) {
		(void)printf(" ");
		(void)cmd_put(-19, s->name);
		(void)printf(" %-9s %11s", s->profile, n);
		if (s->owner != NULL) {
			(void)printf("  ");
			(void)cmd_put(0, s->owner);
		}
		if (s->incident != NULL) {
			(void)printf("\n%26sincident ", "");
			(void)cmd_put(0, s->incident);
		}
		(void)printf("\n");
	}
	if (err->code != RC_OK)
		(void)fprintf(stderr, "%s\n", err->msg);
}

static void
list_suite(struct listing *l, const char *path)
{
	struct suite_over over;
	struct err err = ERR_INIT;
	struct caseset *cs = NULL;
	struct suite *s = NULL;
	int64_t cases = -1;

	memset(&over, 0, sizeof(over));
	over.no_env = 1;
	if (suite_load(path, &over, &s, &err) == RC_OK &&
	    (s->cases_file != NULL || s->cases_trace != NULL ||
	    s->cases_inline != NULL) &&
	    caseset_open(s, NULL, &cs, &err) == RC_OK)
		cases = (int64_t)caseset_n(cs);
	l->bad |= err.code != RC_OK;
	if (l->json != NULL)
		list_json(l->json, path, s, cases, &err);
	else
		list_text(path, s, cases, &err);
	caseset_close(&cs);
	suite_free(s);
}

static int
list_folder(struct listing *l, const char *dir, struct err *err)
{
	struct dirent **v = NULL;
	char path[1100];
	int n = scandir(dir, &v, is_manifest, alphasort), i;

	if (n < 0)
		return err_errno(err, RC_IO, "%s: cannot open", dir);
	for (i = 0; i < n; i++) {
		(void)snprintf(path, sizeof(path), "%.800s/%s", dir,
		    v[i]->d_name);
		list_suite(l, path);
		free(v[i]);
	}
	free(v);
	return RC_OK;
}

static int
list_all(struct listing *l, const char *const *words, size_t n,
    struct err *err)
{
	struct stat st;
	size_t i;
	int rc = RC_OK;

	for (i = 0; i < n && rc == RC_OK; i++) {
		if (stat(words[i], &st) == 0 && S_ISDIR(st.st_mode))
			rc = list_folder(l, words[i], err);
		else
			list_suite(l, words[i]);
	}
	return rc;
}

int
cmd_suites(int argc, char **argv)
{
	static const char *const here = "suites";
	struct suites_options o = { 0 };
	struct listing l = { NULL, 0 };
	struct err err = ERR_INIT;
	struct json_out out;
	struct cmd_line line;
	struct buf b;
	int rc;

	rc = cmd_begin(&suites_cmd, argc, argv, &o, &line, &err);
	buf_init(&b, 64 << 20);
	json_out_init(&out, &b, 1);
	json_out_arr(&out);
	if (o.json)
		l.json = &out;
	if (rc == RC_OK)
		rc = list_all(&l, line.n > 0 ? line.rest : &here,
		    line.n > 0 ? line.n : 1, &err);
	json_out_end(&out, ']');
	if (rc == RC_OK && o.json)
		(void)printf("%s\n", buf_str(&b));
	buf_fini(&b);
	return cmd_end("suites", &line, rc, l.bad ? EXIT_CANNOT_RUN : 0, &err);
}
