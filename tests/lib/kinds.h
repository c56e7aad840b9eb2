/* The kinds of JSON texts of json_kinds.tsv, one after the other. */
#ifndef LOCKSTEP_TESTS_KINDS_H
#define LOCKSTEP_TESTS_KINDS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct kind {
	char verdict;		/* 'y', 'n' or 'i' */
	const char *name;
	const char *text;
	size_t n;
};

/* returns how many there are */
static inline size_t
kinds_each(void (*fn)(void *ctx, const struct kind *k), void *ctx)
{
	FILE *f = fopen("tests/lib/json_kinds.tsv", "r");
	char line[4096], hex[3] = "", *name, *from, *to;
	struct kind k;
	size_t n = 0;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (*line == '#')
			continue;
		line[strcspn(line, "\n")] = '\0';
		name = strchr(line, '\t') + 1;
		from = to = strchr(name, '\t') + 1;
		from[-1] = '\0';
		k = (struct kind){ *line, name, from, 0 };
		for (; *from != '\0'; from++) {
			if (*from == '%') {
				memcpy(hex, from + 1, 2);
				*to++ = (char)strtol(hex, NULL, 16);
				from += 2;
			} else {
				*to++ = *from;
			}
		}
		k.n = (size_t)(to - k.text);
		fn(ctx, &k);
		n++;
	}
	if (f != NULL)
		(void)fclose(f);
	return n;
}

#endif
