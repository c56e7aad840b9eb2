/*
 * The drills, a row each, in the order of the guardrails.  To add a drill,
 * write a row here and a file harness/drill/drill_NAME.c with its function
 * (`int drill_NAME(struct drill *d, struct err *err)`, drill_part.h).  From
 * the row come: what a suite's `scenarios` may name, `drill --help`, and the
 * line of `lockstep guardrails`.
 *
 *   DRILL(NAME, GUARDRAIL, ALIASES, HELP)
 *     GUARDRAIL  its number
 *     ALIASES    other names that manifests have, "|a|b|"
 *     HELP       what it proves, one line
 *
 * Included several times, with DRILL defined by who includes it.
 */
DRILL(readiness, 1, "|rollout_readiness|readiness_gate|cold_start|",
    "secrets, boot order, first answers, index, gates: ship or not")
DRILL(switch, 3, "|blue_green|blue_green_switch|",
    "one pointer to green and back, in time, and nobody notices")
DRILL(pins, 4, "|version_lock|version_pinning|pin_mismatch|",
    "pins are there, steady and equal; a mismatch gets 409 with the diff")
DRILL(swap, 5, "|index_alias_swap|index_swap|alias_swap|",
    "an index is swapped and swapped back under load, no answer is of both")
DRILL(cache, 6, "|cache_invalidation|cache_warmup|cache_versioning|",
    "nothing stale or mixed, tenants apart, identical misses collapse")
DRILL(rate_limit, 7, "|rate_limits|limits|backpressure|",
    "429 with Retry-After, tenants apart, answers as before, recovery")
DRILL(flags, 8, "|feature_flags|feature_flag_ramp|kill_switch|",
    "no bleed, a user stays on a side, the kill switch works")
DRILL(idempotency, 9, "|retry_replay_idempotency|dedupe|idempotency_fences|",
    "a repeated write has one effect, a changed one gets 409 with the diff")
DRILL(retry, 10, "|retry_backoff|retries|backoff|",
    "what your client asks again, when, how often, under which key")
DRILL(rollback, 11, "|rollback_rehearsal|fast_recovery|",
    "a release is taken back under load, and all is as before in time")
DRILL(calendar, 13, "|change_freeze|freeze|release_calendar|",
    "whether a change may ship now, by the windows of a calendar")
DRILL(communication, 14, "|incident_communication|incident|messages|",
    "what users were told of an incident: in time, plain, to its end")
DRILL(read_only, 16, "|read_only_window|readonly|",
    "writes are refused with a time and a code, nothing is written, reads live")
DRILL(migration, 17, "|data_migration|",
    "counts and checksums of every table are equal, answers do not drift")

#undef DRILL
