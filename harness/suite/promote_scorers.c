/*
 * Scorers of a promoted suite: the files that their commands name go with it.
 * See promote_part.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/hash.h"
#include "harness/suite/promote_part.h"
#include "harness/suite/yaml_out.h"

enum { COMMAND_MAX = 64 << 10 };
#define FOLDER "scorers"	/* of what stood elsewhere */

/* A word of a command. */
struct word {
	const char *from, *end;	/* in the command */
	struct buf path;	/* unquoted, the suite's folder in place */
	int in_suite;		/* begins with the suite's folder */
	int written;		/* stands behind a '>' */
};

/* One pass over a scorer's command. */
struct pass {
	const struct promote_job *job;
	struct promote_out *out;	/* NULL: nothing is copied */
	const char *scorer;		/* name */
	struct buf *command;		/* with the copies' names */
};

/* ---- words ----------------------------------------------------------- */

static size_t
is_suite_dir(const char *p)
{
	static const char *const ours[] = { "${LOCKSTEP_SUITE_DIR}",
		"$LOCKSTEP_SUITE_DIR" };
	size_t i, n;

	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		n = strlen(ours[i]);
		if (strncmp(p, ours[i], n) == 0)
			return n;
	}
	return 0;
}

/* A backslash that stands for the byte behind it. */
static int
is_escape(const char *p, char quote)
{
	return *p == '\\' && p[1] != '\0' && quote != '\'' &&
	    (quote == '\0' || strchr("$`\"\\", p[1]) != NULL);
}

/* The word at p, as the shell takes it as far as files go. */
static void
read_word(const char *p, const char *dir, struct word *w)
{
	char quote = '\0';
	size_t n;

	buf_reset(&w->path);
	w->in_suite = 0;
	w->from = p;
	for (; *p != '\0' && (quote != '\0' ||
	    strchr(" \t\n;|&()<>", *p) == NULL); p++) {
		n = quote == '\'' ? 0 : is_suite_dir(p);
		if (n > 0) {
			w->in_suite |= w->path.len == 0;
			buf_puts(&w->path, dir);
			p += n - 1;
		} else if (is_escape(p, quote)) {
			buf_putc(&w->path, *++p);
		} else if (*p == quote) {
			quote = '\0';
		} else if (quote == '\0' && (*p == '"' || *p == '\'')) {
			quote = *p;
		} else {
			buf_putc(&w->path, *p);
		}
	}
	w->end = p;
}

/* Its last part, of `--prompt=FILE` what stands behind the sign. */
static void
value_of(struct word *w, const char *dir, struct stat *st)
{
	const char *is = memchr(w->from, '=', (size_t)(w->end - w->from));
	struct word value = *w;

	if (stat(buf_str(&w->path), st) == 0 || is == NULL ||
	    strcspn(w->from, "\"'") < (size_t)(is - w->from))
		return;
	read_word(is + 1, dir, &value);
	*w = value;
}

/* ---- files ------------------------------------------------------------- */

static int
is_program(const struct buf *b)
{
	return b->len > 4 && memcmp(b->p, "\177ELF", 4) == 0;
}

/* "judge.py" to "judge-0123456789.py": of two files of one name, and of two
 * incidents' in one folder, neither overwrites the other. */
static void
name_copy(const struct buf *b, const char *path, char *name, size_t size)
{
	const char *base = strrchr(path, '/'), *dot;
	char hash[HASH_HEX], *p;

	base = base == NULL ? path : base + 1;
	dot = strrchr(base, '.');
	if (dot == NULL || dot == base)
		dot = base + strlen(base);
	hash_hex(b->p, b->len, hash);
	(void)snprintf(name, size, "%.*s-%.10s%s", (int)(dot - base), base,
	    hash, dot);
	for (p = name; *p != '\0'; p++) {
		if (strchr("\"'\\$`\n", *p) != NULL)
			*p = '_';
	}
}

static int
refuse(const struct pass *x, const char *path, const char *why,
    struct err *err)
{
	return err_set(err, RC_USAGE, "scorer \"%s\" names %s, %s: the "
	    "promoted suite would not run without it; name it by an absolute "
	    "path that the other machine has, too", x->scorer, path, why);
}

static int
copy_to(const struct pass *x, const struct buf *b, mode_t mode,
    const char *rel, struct err *err)
{
	char to[1024];

	if (x->out == NULL)
		return RC_OK;
	if (snprintf(to, sizeof(to), "%s/%s", x->job->dir, rel) >=
	    (int)sizeof(to))
		return err_set(err, RC_USAGE, "scorer \"%s\": the name of its "
		    "file %s is too long", x->scorer, rel);
	return promote_put(x->job, x->out, b, mode, to, err);
}

/* Below the suite's folder: at the same place below the new one. */
static const char *
place_below(const struct pass *x, const struct word *w)
{
	const char *rel;

	if (!w->in_suite)
		return NULL;
	rel = buf_str(&w->path) + strlen(x->job->suite->dir);
	return *rel == '/' && strstr(rel, "/../") == NULL ? rel + 1 : NULL;
}

/* What an absolute path names and every such machine has, or what is not to
 * lie beside a suite. */
static int
stays(const char *path, const struct stat *st, const struct buf *b)
{
	static const char *const machine[] = { "/usr/", "/bin/", "/sbin/",
		"/lib/", "/etc/", "/proc/", "/sys/", "/dev/", "/run/" };
	size_t i;

	for (i = 0; i < sizeof(machine) / sizeof(machine[0]); i++) {
		if (strncmp(path, machine[i], strlen(machine[i])) == 0)
			return 1;
	}
	return *path == '/' && ((st->st_mode & 077) == 0 || is_program(b));
}

/* Why a file cannot be copied, or NULL. */
static const char *
why_not(const char *path, const struct buf *b)
{
	struct stat st;

	if (strstr(buf_str(b), "PRIVATE KEY") != NULL)
		return "which holds a private key";
	if (is_program(b) && lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
		return "a link to a program";
	return NULL;
}

/* Copies a file; *name "" when the command may name it as it does. */
static int
take_file(const struct pass *x, const struct word *w, const struct stat *st,
    char name[256], struct err *err)
{
	const char *path = buf_str(&w->path), *why, *below = place_below(x, w);
	int absolute = *path == '/' && !w->in_suite, rc;
	struct buf b;

	*name = '\0';
	if (st->st_size > PROMOTE_COPY_MAX)
		return absolute ? RC_OK : refuse(x, path, "which is larger "
		    "than 16 MiB", err);
	buf_init(&b, PROMOTE_COPY_MAX + 1);
	rc = promote_read(path, &b, err);
	why = rc == RC_OK ? why_not(path, &b) : NULL;
	if (rc == RC_OK && absolute && (why != NULL || stays(path, st, &b))) {
		buf_fini(&b);
		return RC_OK;
	}
	if (rc == RC_OK && why != NULL)
		rc = refuse(x, path, why, err);
	if (rc == RC_OK && below == NULL) {
		(void)snprintf(name, 256, FOLDER "/");
		name_copy(&b, path, name + strlen(name),
		    256 - strlen(FOLDER) - 1);
	}
	if (rc == RC_OK)
		rc = copy_to(x, &b, st->st_mode, below != NULL ? below : name,
		    err);
	buf_fini(&b);
	return rc;
}

/* A word without a file here may be meant beside the suite, after a `cd`. */
static int
find(const struct pass *x, struct word *w, struct stat *st)
{
	char beside[1024];

	if (w->path.len == 0 || w->written)
		return 0;
	value_of(w, x->job->suite->dir, st);
	if (stat(buf_str(&w->path), st) == 0)
		return 1;
	if (*buf_str(&w->path) == '/' || snprintf(beside, sizeof(beside),
	    "%s/%s", x->job->suite->dir, buf_str(&w->path)) >=
	    (int)sizeof(beside) || stat(beside, st) != 0 ||
	    !S_ISREG(st->st_mode))
		return 0;
	buf_reset(&w->path);
	buf_puts(&w->path, beside);
	w->in_suite = 1;
	return 1;
}

static int
take_word(const struct pass *x, struct word *w, struct err *err)
{
	const char *from = w->from;
	char name[256] = "";
	struct stat st;
	int rc = RC_OK;

	if (find(x, w, &st)) {
		if (S_ISREG(st.st_mode))
			rc = take_file(x, w, &st, name, err);
		else if (S_ISDIR(st.st_mode) && w->in_suite && w->path.len >
		    strlen(x->job->suite->dir) + 1)
			rc = refuse(x, buf_str(&w->path), "a folder", err);
	}
	if (*name == '\0') {
		buf_add(x->command, from, (size_t)(w->end - from));
	} else {
		buf_add(x->command, from, (size_t)(w->from - from));
		buf_printf(x->command, "\"$LOCKSTEP_SUITE_DIR/%s\"", name);
	}
	return rc;
}

static int
take_command(const struct pass *x, const char *exec, struct err *err)
{
	static const char gaps[] = " \t\n;|&()<>";
	struct word w;
	const char *p = exec;
	int rc = RC_OK;

	buf_init(&w.path, COMMAND_MAX);
	while (*p != '\0' && rc == RC_OK) {
		for (w.written = 0; *p != '\0' && strchr(gaps, *p) != NULL;
		    p++) {
			if (*p != ' ')
				w.written = *p == '>';
			buf_putc(x->command, *p);
		}
		read_word(p, x->job->suite->dir, &w);
		p = w.end;
		rc = take_word(x, &w, err);
	}
	buf_fini(&w.path);
	return rc == RC_OK ? buf_check(x->command, "a scorer's command", err) :
	    rc;
}

int
promote_scorers(const struct promote_job *job, struct promote_out *out,
    struct err *err)
{
	struct pass x = { .job = job, .out = out };
	struct buf command;
	size_t i;
	int rc = RC_OK;

	buf_init(&command, (size_t)2 * COMMAND_MAX);
	x.command = &command;
	for (i = 0; i < job->suite->n_scorers && rc == RC_OK; i++) {
		x.scorer = job->suite->scorer[i].name;
		buf_reset(&command);
		rc = take_command(&x, job->suite->scorer[i].exec, err);
	}
	buf_fini(&command);
	return rc;
}

/* A scorer's members; its command is that of x. */
static void
put_members(const struct json *scorer, const struct buf *command,
    struct buf *b)
{
	const struct json *m;

	for (m = json_first(scorer); m != NULL; m = json_next(m)) {
		buf_puts(b, m == json_first(scorer) ? "  - " : "    ");
		buf_printf(b, "%s: ", json_key(m));
		if (strcmp(json_key(m), "exec") == 0)
			yaml_command(b, buf_str(command), command->len);
		else
			yaml_value(b, m);
		buf_putc(b, '\n');
	}
}

int
promote_put_scorers(const struct promote_job *job, struct buf *b,
    struct err *err)
{
	const struct json *list = json_get(job->suite->doc, "scorers"), *j;
	struct pass x = { .job = job };
	struct buf command;
	size_t i = 0;
	int rc = RC_OK;

	if (json_first(list) == NULL)
		return RC_OK;
	buf_init(&command, (size_t)2 * COMMAND_MAX);
	x.command = &command;
	buf_puts(b, "scorers:\n");
	for (j = json_first(list); j != NULL && rc == RC_OK;
	    j = json_next(j), i++) {
		x.scorer = job->suite->scorer[i].name;
		buf_reset(&command);
		rc = take_command(&x, job->suite->scorer[i].exec, err);
		if (rc == RC_OK)
			put_members(j, &command, b);
	}
	buf_fini(&command);
	return rc;
}
