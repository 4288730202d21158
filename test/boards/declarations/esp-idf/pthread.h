/* pthread.h of POSIX, which the compiler for a bare rv32 has not */
#ifndef PTHREAD_H
#define PTHREAD_H
typedef unsigned int pthread_t;
typedef struct {
  int unused;
} pthread_attr_t;
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument);
#endif
