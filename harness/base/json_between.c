/* The bytes of JSON outside its strings; see json_between.h. */
#include "harness/base/json_between.h"

#include <ctype.h>
#include <string.h>

/* Bytes of JSON that stand between strings, words and exponents aside. */
static const char between[256] = {
	['{'] = 1, ['}'] = 1, ['['] = 1, [']'] = 1, [','] = 1, [':'] = 1,
	[' '] = 1, ['\t'] = 1, ['\r'] = 1, ['\n'] = 1, ['-'] = 1, ['+'] = 1,
	['.'] = 1, ['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1,
	['5'] = 1, ['6'] = 1, ['7'] = 1, ['8'] = 1, ['9'] = 1,
};

int
json_between(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (between[(unsigned char)p[i]])
			continue;
		if ((p[i] | 0x20) == 'e' && i > 0 &&
		    isdigit((unsigned char)p[i - 1]))
			continue;
		if (n - i >= 4 && (memcmp(p + i, "true", 4) == 0 ||
		    memcmp(p + i, "null", 4) == 0))
			i += 3;
		else if (n - i >= 5 && memcmp(p + i, "false", 5) == 0)
			i += 4;
		else
			return 0;
	}
	return 1;
}
