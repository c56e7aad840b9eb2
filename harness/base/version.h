/* The program's version; also in every trace and report. */
#ifndef LOCKSTEP_VERSION_H
#define LOCKSTEP_VERSION_H

#ifndef LOCKSTEP_VERSION
#define LOCKSTEP_VERSION "0.1.0"
#endif

#endif
