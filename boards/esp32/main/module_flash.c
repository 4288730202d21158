/* The module's two slots: a partition of their own, read as memory where it is run. SHA-256 is mbedTLS's, by the chip's own unit. */
#include "module_flash.h"
#include "esp32.h"
#include "esp_partition.h"
#include "mbedtls/sha256.h"

static const esp_partition_t *partition;
static mbedtls_sha256_context hash;

const char *module_flash_open(void) {
  partition = esp_partition_find_first(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_ANY, "module");
  if (partition == 0) return "module: the partition table has none of this name";
  if (partition->size < 2 * MODULE_SLOT_SIZE) return "module: its partition is smaller than two slots";
  // Words are cleared one after another, which encrypted flash cannot do.
  if (partition->encrypted) return "module: its partition is encrypted";
  mbedtls_sha256_init(&hash);
  return 0;
}

int module_flash_read(uint32_t at, void *target, uint32_t size) {
  return esp_partition_read(partition, at, target, size) == ESP_OK ? 0 : -1;
}

int module_flash_program(uint32_t at, const void *source, uint32_t size) {
  return esp_partition_write(partition, at, source, size) == ESP_OK ? 0 : -1;
}

int module_flash_erase(uint32_t at) {
  return esp_partition_erase_range(partition, at, MODULE_SECTOR_SIZE) == ESP_OK ? 0 : -1;
}

const uint8_t *module_flash_map(uint32_t at, uint32_t size) {
  const void *bytes;
  esp_partition_mmap_handle_t mapping;
  return esp_partition_mmap(partition, at, size, ESP_PARTITION_MMAP_DATA, &bytes, &mapping) == ESP_OK ? bytes : 0;
}

int module_hash_begin(void) { return mbedtls_sha256_starts(&hash, 0) == 0 ? 0 : -1; }
int module_hash_add(const void *source, uint32_t size) { return mbedtls_sha256_update(&hash, source, size) == 0 ? 0 : -1; }
int module_hash_end(uint8_t digest[32]) { return mbedtls_sha256_finish(&hash, digest) == 0 ? 0 : -1; }
