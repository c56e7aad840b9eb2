/* The command line without secrets; see cmd_argv.h. */
#include "harness/cmd/cmd_argv.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/cmd/cmd.h"
#include "harness/traffic/credential.h"

enum { ARG_MAX_BYTES = 8 << 20 };

/* Whether a word is one of the parts of a dotted path or of a YAML value:
 * neither a letter nor a digit beside it. */
static int
has_part(const char *s, size_t n, const char *word)
{
	size_t k = strlen(word), i;

	for (i = 0; i + k <= n; i++) {
		if (strncmp(s + i, word, k) != 0)
			continue;
		if ((i == 0 || strchr(".{\"', ", s[i - 1]) != NULL) &&
		    (i + k == n || strchr(".=:\"' ", s[i + k]) != NULL))
			return 1;
	}
	return 0;
}

int
cmd_set_is_secret(const char *set)
{
	const char *eq = strchr(set, '='), *name;
	char last[256];
	struct buf b;
	size_t n;
	int secret;

	if (eq == NULL)
		return 0;
	n = strlen(set);
	if (has_part(set, n, "headers") || has_part(set, n, "auth"))
		return 1;
	name = memrchr(set, '.', (size_t)(eq - set));
	name = name == NULL ? set : name + 1;
	n = (size_t)(eq - name);
	if (n >= sizeof(last))
		return 1;
	memcpy(last, name, n);
	last[n] = '\0';
	if (credential_header(last) != CREDENTIAL_NO)
		return 1;
	buf_init(&b, ARG_MAX_BYTES);
	secret = credential_text(&b, eq + 1);
	buf_fini(&b);
	return secret;
}

static void
put_set(struct buf *b, const char *set)
{
	if (cmd_set_is_secret(set))
		buf_printf(b, "%.*s=" CREDENTIAL_GONE,
		    (int)strcspn(set, "="), set);
	else
		buf_puts(b, set);
}

/* The name of an option without its dashes: one like a credential's? */
static int
names_secret(const char *arg)
{
	char name[64];
	size_t n;

	if (strncmp(arg, "--", 2) != 0)
		return 0;
	n = strcspn(arg + 2, "=");
	if (n >= sizeof(name))
		return 0;
	memcpy(name, arg + 2, n);
	name[n] = '\0';
	/* who knows a webhook's path may post there */
	return credential_header(name) != CREDENTIAL_NO ||
	    strcmp(name, "alert-url") == 0;
}

/* Any of them may be a secret: only the names stay. */
static void
put_kafka_set(struct buf *b, const char *set)
{
	buf_printf(b, "%.*s=" CREDENTIAL_GONE, (int)strcspn(set, "="), set);
}

/* before  the argument in front, or NULL */
static char *
kept(const char *before, const char *arg)
{
	struct buf b;
	char *text;

	buf_init(&b, ARG_MAX_BYTES);
	if (before != NULL && strcmp(before, "--set") == 0)
		put_set(&b, arg);
	else if (before != NULL && strcmp(before, "--kafka-set") == 0)
		put_kafka_set(&b, arg);
	else if (strncmp(arg, "--kafka-set=", 12) == 0) {
		buf_puts(&b, "--kafka-set=");
		put_kafka_set(&b, arg + 12);
	} else if (strncmp(arg, "--set=", 6) == 0) {
		buf_puts(&b, "--set=");
		put_set(&b, arg + 6);
	} else if (before != NULL && names_secret(before) &&
	    strchr(before, '=') == NULL)
		buf_puts(&b, CREDENTIAL_GONE);
	else if (names_secret(arg) && strchr(arg, '=') != NULL)
		buf_printf(&b, "%.*s=" CREDENTIAL_GONE,
		    (int)strcspn(arg, "="), arg);
	else
		(void)credential_text(&b, arg);
	text = buf_steal(&b);
	buf_fini(&b);
	return text != NULL ? text : strdup("");
}

void
cmd_argv_keep(int argc, char **argv)
{
	int i;

	cmd_main_argv = calloc((size_t)argc + 1, sizeof(*cmd_main_argv));
	for (i = 0; cmd_main_argv != NULL && i < argc; i++) {
		cmd_main_argv[i] = kept(i > 0 ? argv[i - 1] : NULL, argv[i]);
		if (cmd_main_argv[i] == NULL)
			break;
		cmd_main_argc = i + 1;
	}
}
