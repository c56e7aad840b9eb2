/* Command-line options from a table; see opt.h. */
#include "harness/base/opt.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mono.h"

enum { WORD_MAX_LEN = 63, NAMES_MAX = 64 };

static size_t
min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

size_t
opt_distance(const char *a, const char *b)
{
	size_t d[3][WORD_MAX_LEN + 1];
	size_t n = strlen(a), m = strlen(b), i, j;
	size_t *up2, *up, *row;

	if (n > WORD_MAX_LEN || m > WORD_MAX_LEN)
		return WORD_MAX_LEN;
	for (j = 0; j <= m; j++)
		d[0][j] = j;
	for (i = 1; i <= n; i++) {
		up2 = d[(i + 1) % 3];
		up = d[(i - 1) % 3];
		row = d[i % 3];
		row[0] = i;
		for (j = 1; j <= m; j++) {
			row[j] = min3(up[j] + 1, row[j - 1] + 1,
			    up[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && up2[j - 2] + 1 < row[j])
				row[j] = up2[j - 2] + 1;
		}
	}
	return d[n % 3][m];
}

const char *
opt_nearest(const char *word, const char *const *names, size_t n)
{
	const char *best = NULL;
	size_t least = strlen(word) / 3 + 1, d, i;

	for (i = 0; i < n; i++) {
		d = opt_distance(word, names[i]);
		if (d < least || (d == least && best == NULL)) {
			least = d;
			best = names[i];
		}
	}
	return best;
}

/* "1.5G". returns the bytes, or NAN */
static double
parse_bytes(const char *arg)
{
	static const char units[] = "KMGT";
	const char *unit;
	char *end;
	double v = strtod(arg, &end);

	if (end == arg || !(*arg >= '0' && *arg <= '9') || !isfinite(v))
		return NAN;
	if (*end != '\0' && (unit = strchr(units, *end)) != NULL) {
		v = ldexp(v, 10 * (int)(unit - units + 1));
		end++;
	}
	return *end == '\0' && v < ldexp(1, 62) ? floor(v) : NAN;
}

static int
store(const struct opt *o, const char *arg, void *into, struct err *err)
{
	char *field = (char *)into + o->offset;
	struct opt_list *list;
	char *end;
	double num;
	long long v;

	switch (o->kind) {
	case OPT_FLAG:
		*(int *)(void *)field = 1;
		return RC_OK;
	case OPT_STR:
		*(const char **)(void *)field = arg;
		return RC_OK;
	case OPT_LIST:
		list = (struct opt_list *)(void *)field;
		if (list->n == OPT_LIST_MAX)
			return err_set(err, RC_USAGE,
			    "--%s: given more than %d times", o->name,
			    OPT_LIST_MAX);
		list->v[list->n++] = arg;
		return RC_OK;
	case OPT_TIME:
		if (mono_parse_duration(arg,
		    (int64_t *)(void *)field) != 0)
			return err_set(err, RC_USAGE, "--%s: \"%s\" is not a "
			    "duration such as 250ms, 30s or 4m", o->name, arg);
		return RC_OK;
	case OPT_BYTES:
		num = parse_bytes(arg);
		if (isnan(num))
			return err_set(err, RC_USAGE, "--%s: \"%s\" is not a "
			    "size such as 500K, 64M or 1G", o->name, arg);
		*(int64_t *)(void *)field = (int64_t)num;
		break;
	case OPT_INT:
		errno = 0;
		v = strtoll(arg, &end, 10);
		num = (double)v;
		if (errno == 0 && *arg != '\0' && *end == '\0')
			*(int64_t *)(void *)field = v;
		else
			num = NAN;
		break;
	default:
		num = strtod(arg, &end);
		if (*arg == '\0' || *end != '\0' || !isfinite(num))
			num = NAN;
		*(double *)(void *)field = num;
	}
	if (isnan(num))
		return err_set(err, RC_USAGE, "--%s: \"%s\" is not a number",
		    o->name, arg);
	if ((o->min != 0 || o->max != 0) && (num < o->min || num > o->max))
		return err_set(err, RC_USAGE,
		    "--%s: %s is outside %g to %g", o->name, arg, o->min,
		    o->max);
	return RC_OK;
}

static const struct opt *
find(const struct opt_cmd *cmd, const char *name, size_t n)
{
	const struct opt *o;

	for (o = cmd->opts; o->name != NULL; o++) {
		if (strlen(o->name) == n && memcmp(o->name, name, n) == 0)
			return o;
	}
	return NULL;
}

static int
unknown(const struct opt_cmd *cmd, const char *word, struct err *err)
{
	const char *names[NAMES_MAX];
	const char *near;
	char name[WORD_MAX_LEN + 1];
	size_t n = 0;

	while (n < NAMES_MAX && cmd->opts[n].name != NULL) {
		names[n] = cmd->opts[n].name;
		n++;
	}
	(void)snprintf(name, sizeof(name), "%.*s",
	    (int)strcspn(word, "="), word);
	near = opt_nearest(name, names, n);
	if (near != NULL)
		return err_set(err, RC_USAGE,
		    "no option --%s; did you mean --%s?", name, near);
	return err_set(err, RC_USAGE,
	    "no option --%s; see lockstep %s --help", name, cmd->name);
}

/* One long option; *used is set when the next word was its argument. */
static int
parse_long(const struct opt_cmd *cmd, char **argv, int i, int argc,
    void *into, int *used, struct err *err)
{
	const char *word = argv[i] + 2;
	size_t n = strcspn(word, "=");
	const struct opt *o = find(cmd, word, n);
	const char *arg = word[n] == '=' ? word + n + 1 : NULL;

	*used = 0;
	if (o == NULL)
		return unknown(cmd, word, err);
	if (o->kind == OPT_FLAG && arg != NULL)
		return err_set(err, RC_USAGE, "--%s takes no argument",
		    o->name);
	if (o->kind != OPT_FLAG && arg == NULL) {
		if (i + 1 >= argc)
			return err_set(err, RC_USAGE,
			    "--%s needs an argument: %s", o->name, o->arg);
		arg = argv[i + 1];
		*used = 1;
	}
	return store(o, arg, into, err);
}

static int
parse_letter(const struct opt_cmd *cmd, char **argv, int i, int argc,
    void *into, int *used, struct err *err)
{
	const struct opt *o = cmd->opts;
	const char *arg = NULL;

	*used = 0;
	while (o->name != NULL && o->letter != argv[i][1])
		o++;
	if (o->name == NULL)
		return err_set(err, RC_USAGE,
		    "no option -%c; see lockstep %s --help", argv[i][1],
		    cmd->name);
	if (o->kind != OPT_FLAG) {
		arg = argv[i] + 2;
		if (*arg == '\0' && i + 1 >= argc)
			return err_set(err, RC_USAGE,
			    "-%c needs an argument: %s", o->letter, o->arg);
		if (*arg == '\0') {
			arg = argv[i + 1];
			*used = 1;
		}
	} else if (argv[i][2] != '\0') {
		return err_set(err, RC_USAGE, "-%c takes no argument",
		    o->letter);
	}
	return store(o, arg, into, err);
}

int
opt_parse(const struct opt_cmd *cmd, int argc, char **argv, void *into,
    const char **rest, size_t *n_rest, struct err *err)
{
	int i, used, rc, only_operands = 0;

	*n_rest = 0;
	for (i = 1; i < argc; i++) {
		const char *a = argv[i];

		if (only_operands || a[0] != '-' || a[1] == '\0') {
			rest[(*n_rest)++] = a;
			continue;
		}
		if (strcmp(a, "--") == 0) {
			only_operands = 1;
			continue;
		}
		if (strcmp(a, "--help") == 0 || strcmp(a, "-h") == 0) {
			opt_help(cmd);
			return OPT_HELP;
		}
		rc = a[1] == '-' ?
		    parse_long(cmd, argv, i, argc, into, &used, err) :
		    parse_letter(cmd, argv, i, argc, into, &used, err);
		if (rc != RC_OK)
			return rc;
		i += used;
	}
	return RC_OK;
}

static void
print_indented(const char *text, int indent)
{
	const char *nl;

	while ((nl = strchr(text, '\n')) != NULL) {
		(void)printf("%.*s\n%*s", (int)(nl - text), text, indent, "");
		text = nl + 1;
	}
	(void)printf("%s\n", text);
}

void
opt_help(const struct opt_cmd *cmd)
{
	enum { COLUMN = 26 };
	const struct opt *o;
	char left[64];

	(void)printf("usage: lockstep %s %s\n\n%s\n", cmd->name, cmd->usage,
	    cmd->about);
	if (cmd->opts->name != NULL)
		(void)printf("\noptions:\n");
	for (o = cmd->opts; o->name != NULL; o++) {
		(void)snprintf(left, sizeof(left), "  %c%c%s--%s%s%s",
		    o->letter != 0 ? '-' : ' ',
		    o->letter != 0 ? o->letter : ' ',
		    o->letter != 0 ? ", " : "  ", o->name,
		    o->arg != NULL ? " " : "", o->arg != NULL ? o->arg : "");
		if (strlen(left) >= COLUMN)
			(void)printf("%s\n%*s", left, COLUMN, "");
		else
			(void)printf("%-*s", COLUMN, left);
		print_indented(o->help, COLUMN);
	}
}
