/* The formats of `lockstep trace convert`, a row each; see convert.h.
 * Included several times, hence without a guard. */
CONVERT(har)
CONVERT(gor)
CONVERT(ndjson)
CONVERT(csv)
