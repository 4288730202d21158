/* The store of boards/common/store.h in a partition of ESP-IDF's NVS. */
#ifndef STORE_NVS_H
#define STORE_NVS_H

/* Answers 0, or what is wrong with the partition of this name. */
const char *store_open(const char *partition);

#endif
