/*
 * Messages to stderr, one write(2) a line: "12.345 warn engine: text".
 * stdout belongs to results.  Safe from any thread.
 */
#ifndef LOCKSTEP_LOG_H
#define LOCKSTEP_LOG_H

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Times count from here. Call once, before threads start. */
void log_start(void);

/* What is shown: LOG_INFO unless told. Call before threads start. */
void log_set_level(enum log_level level);

/* who is the module's name; a newline is added. */
void log_msg(enum log_level level, const char *who, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
