/* components/freertos/FreeRTOS-Kernel/include/freertos/task.h */
#ifndef TASK_H
#define TASK_H
#include "freertos/FreeRTOS.h"
typedef struct tskTaskControlBlock *TaskHandle_t;
void vTaskDelay(const TickType_t xTicksToDelay);
#endif
