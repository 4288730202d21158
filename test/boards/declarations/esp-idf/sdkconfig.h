/* What menuconfig writes: the test gives each setting with -D. */
