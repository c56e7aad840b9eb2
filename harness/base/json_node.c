/* Nodes of JSON values, below those who make them; see json_part.h. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/json_part.h"

uint32_t
json_key_hash(const char *key, size_t n)
{
	uint64_t a = 0, b = 0;

	if (n >= 8) {
		memcpy(&a, key, 8);
		memcpy(&b, key + n - 8, 8);
	} else if (n >= 4) {
		memcpy(&a, key, 4);
		memcpy(&b, key + n - 4, 4);
	} else {
		memcpy(&a, key, n);
	}
	a = (a ^ n) * 0x9e3779b97f4a7c15;
	b = (b ^ a >> 29) * 0xbf58476d1ce4e5b9;
	return (uint32_t)((a ^ b) >> 32);
}

void
json_free(struct json *j)
{
	struct json *c, *next;

	if (j == NULL)
		return;
	if (j->kind == JSON_ARRAY || j->kind == JSON_OBJECT) {
		for (c = j->first; c != NULL; c = next) {
			next = c->next;
			json_free(c);
		}
	}
	if (j->flags & NODE_OWN_KEY)
		free((void *)(uintptr_t)j->key);
	free(j);
}
