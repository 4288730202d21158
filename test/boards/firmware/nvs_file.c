/*
 * NVS for programs that run here: values in the file that the environment's NVS names, each replaced whole, as ESP-IDF says that NVS
 * does. So a process that is killed is a board that lost its power.
 */
#define _POSIX_C_SOURCE 200809L
#include "nvs.h"
#include "nvs_flash.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_COUNT 48

static struct value {
  char key[16];
  uint32_t size;
  uint8_t bytes[4096];
} values[VALUE_COUNT];

static struct value *find(const char *key) {
  for (int i = 0; i < VALUE_COUNT; i++)
    if (strcmp(values[i].key, key) == 0) return &values[i];
  return 0;
}

static esp_err_t keep(void) {
  char name[512];
  snprintf(name, sizeof name, "%s.new", getenv("NVS"));
  FILE *file = fopen(name, "wb");
  if (file == 0 || fwrite(values, sizeof values, 1, file) != 1 || fclose(file) != 0) return 1;
  return rename(name, getenv("NVS")) == 0 ? ESP_OK : 1;
}

esp_err_t nvs_flash_init(void) { return ESP_OK; }
esp_err_t nvs_flash_erase(void) { return ESP_OK; }
esp_err_t nvs_flash_erase_partition(const char *name) { return (void)name, 1; }

esp_err_t nvs_flash_init_partition(const char *label) {
  FILE *file = getenv("NVS") == 0 ? 0 : fopen(getenv("NVS"), "rb");
  if (file != 0 && fread(values, sizeof values, 1, file) != 1) memset(values, 0, sizeof values);
  if (file != 0) fclose(file);
  return getenv("NVS") == 0 || *label == 0 ? 1 : ESP_OK;
}

esp_err_t nvs_open_from_partition(const char *partition, const char *space, nvs_open_mode_t mode, nvs_handle_t *handle) {
  (void)partition, (void)space, (void)mode;
  return *handle = 1, ESP_OK;
}

esp_err_t nvs_commit(nvs_handle_t handle) { return (void)handle, ESP_OK; }

esp_err_t nvs_set_blob(nvs_handle_t handle, const char *key, const void *bytes, size_t length) {
  struct value *value = find(key);
  if (value == 0) value = find("");
  if (handle != 1 || value == 0 || length > sizeof value->bytes || strlen(key) > 15) return ESP_ERR_NVS_NOT_ENOUGH_SPACE;
  strcpy(value->key, key);
  value->size = (uint32_t)length;
  memcpy(value->bytes, bytes, length);
  return keep();
}

esp_err_t nvs_get_blob(nvs_handle_t handle, const char *key, void *bytes, size_t *length) {
  const struct value *value = find(key);
  if (handle != 1 || value == 0) return ESP_ERR_NVS_NOT_FOUND;
  if (value->size > *length) return ESP_ERR_NVS_INVALID_LENGTH;
  memcpy(bytes, value->bytes, *length = value->size);
  return ESP_OK;
}

esp_err_t nvs_erase_key(nvs_handle_t handle, const char *key) {
  struct value *value = find(key);
  if (handle != 1 || value == 0) return ESP_ERR_NVS_NOT_FOUND;
  value->key[0] = 0;
  return keep();
}
