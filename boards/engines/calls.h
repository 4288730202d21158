/* For an engine that looks the module's calls up by name: an index for each, what it is called there, and how many arguments it takes. */
#ifndef CALLS_H
#define CALLS_H

#include "perigee.h"

enum {
#define INDEX(count, name, export) INDEX_##name,
  PERIGEE_CALLS(INDEX, INDEX) CALL_COUNT
};

static const struct {
  const char *name;
  uint8_t count;
} wanted[] = {
#define WANTED(count, name, export) {#export, count},
    PERIGEE_CALLS(WANTED, WANTED)};

#endif
