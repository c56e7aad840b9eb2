/*
 * Recorded text made safe to show: UTF-8 decoding, columns of a terminal, and
 * the removal of anything that could move a cursor or reverse a line. Pure
 * functions, safe from any thread.
 */
#ifndef LOCKSTEP_GLYPH_H
#define LOCKSTEP_GLYPH_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"

/*
 * The next code point of a NUL-terminated string, and moves *s behind it;
 * U+FFFD for each byte that is not UTF-8; 0 at the end.
 */
uint32_t glyph_next(const char **s);

/* Appends a code point as UTF-8. */
void glyph_put(struct buf *out, uint32_t cp);

/* Columns of one code point on a terminal: 0, 1 or 2. */
int glyph_width(uint32_t cp);
/* Columns of a string that glyph_clean() has seen. */
size_t glyph_columns(const char *s);

/* A control character (C0, DEL, C1), or one that overrides the direction of
 * what follows it (Unicode bidirectional controls), or U+2028 and U+2029. */
int glyph_is_control(uint32_t cp);

/* Bytes at s that are printable ASCII, and no blank. */
size_t glyph_plain(const char *s);

/*
 * Appends s for showing: runs of white space and line ends become one space,
 * other controls U+FFFD, bytes that are not UTF-8 U+FFFD.
 */
void glyph_clean(struct buf *out, const char *s);

/* The same, with line ends and tabs kept as they are. */
void glyph_clean_lines(struct buf *out, const char *s);

/*
 * Appends the part of clean text s that fits max columns, beginning at byte
 * `from`, with "…" where something is left out.
 */
void glyph_clip(struct buf *out, const char *s, size_t from, size_t max);

/*
 * The bytes of clean text s that make its first line of at most max columns:
 * up to a blank, or a line end, or a character where there is none.
 */
size_t glyph_line(const char *s, size_t max);

/*
 * The byte of a from which an excerpt of `max` columns shows the first
 * difference to b: 0 when that is near the start, or nothing differs.
 */
size_t glyph_differ(const char *a, const char *b, size_t max);

#endif
