/* Growing, emptying and taking out; see table.h. */
#include "harness/base/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS_MIN = 16, FIRST_CAP = 64 };

void
table_init(struct table *t)
{
	memset(t, 0, sizeof(*t));
}

void
table_fini(struct table *t)
{
	if (!t->borrowed)
		free(t->slot);
	table_init(t);
}

void
table_clear(struct table *t)
{
	if (t->n > 0)
		memset(t->slot, 0, (t->mask + 1) * sizeof(*t->slot));
	t->n = 0;
}

size_t
table_slots(size_t n)
{
	size_t slots = SLOTS_MIN;

	while (slots / 2 < n && slots < (size_t)2 * TABLE_MAX)
		slots *= 2;
	return slots;
}

void
/* written by way of t. NOLINTNEXTLINE(readability-non-const-parameter) */
table_over(struct table *t, uint64_t *slot, size_t slots)
{
	uint32_t shift = 32;
	size_t left;

	assert(slots >= 2 && (slots & (slots - 1)) == 0);
	for (left = slots; left > 1; left /= 2)
		shift--;
	*t = (struct table){ slot, slots - 1, shift, 0, 1 };
}

void
table_copy(struct table *to, const struct table *from)
{
	size_t i, k;

	if (from->n == 0)
		return;
	assert(from->slot != NULL && to->slot != NULL);
	for (k = 0; k <= from->mask; k++) {
		if (from->slot[k] == 0)
			continue;
		i = table_home(to, (uint32_t)(from->slot[k] >> 32));
		while (to->slot[i] != 0)
			i = (i + 1) & to->mask;
		to->slot[i] = from->slot[k];
		to->n++;
	}
}

int
table_room(struct table *t, size_t n)
{
	struct table new;
	uint64_t *slot;
	size_t slots;

	if (t->slot != NULL && n <= (t->mask + 1) / 2)
		return 0;
	if (t->borrowed || n > TABLE_MAX)
		return -1;
	slots = table_slots(n);
	slot = calloc(slots, sizeof(*slot));
	if (slot == NULL)
		return -1;
	table_over(&new, slot, slots);
	new.borrowed = 0;
	table_copy(&new, t);
	free(t->slot);
	*t = new;
	return 0;
}

void *
table_grow(struct table *t, void *v, size_t *cap, size_t size)
{
	size_t more = *cap == 0 ? FIRST_CAP : *cap * 2;

	if (table_room(t, more) != 0 || more > SIZE_MAX / size)
		return NULL;
	v = realloc(v, more * size);
	if (v != NULL)
		*cap = more;
	return v;
}

int
table_del(struct table *t, uint64_t hash, uint32_t at)
{
	uint64_t s = (uint64_t)table_bits(hash) << 32 | (at + 1);
	size_t i, k, home;

	if (t->n == 0)
		return 0;
	for (i = table_home(t, table_bits(hash)); t->slot[i] != s;
	    i = (i + 1) & t->mask) {
		if (t->slot[i] == 0)
			return 0;
	}
	/* what follows moves up, as far as it may */
	for (k = (i + 1) & t->mask; t->slot[k] != 0; k = (k + 1) & t->mask) {
		home = table_home(t, (uint32_t)(t->slot[k] >> 32));
		if (((k - home) & t->mask) < ((k - i) & t->mask))
			continue;
		t->slot[i] = t->slot[k];
		i = k;
	}
	t->slot[i] = 0;
	t->n--;
	return 1;
}
