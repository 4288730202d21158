/* The flash of the module's two slots: a file that behaves as NOR flash. SHA-256 is OpenSSL's. */
#include "module_flash.h"
#include "posix.h"
#include <openssl/evp.h>

static int file = -1;
static uint8_t mapped[MODULE_SIZE_MAX];
static EVP_MD_CTX *hash;

int module_open(const char *path) {
  file = nor_open(path, 2 * MODULE_SLOT_SIZE);
  return file < 0 ? -1 : 0;
}

int module_flash_read(uint32_t at, void *target, uint32_t size) { return nor_read(file, at, target, size); }
int module_flash_program(uint32_t at, const void *source, uint32_t size) { return nor_program(file, at, source, size); }
int module_flash_erase(uint32_t at) { return nor_erase(file, at, MODULE_SECTOR_SIZE); }

const uint8_t *module_flash_map(uint32_t at, uint32_t size) {
  return size <= sizeof mapped && nor_read(file, at, mapped, size) == 0 ? mapped : 0;
}

int module_hash_begin(void) {
  if (hash == 0) hash = EVP_MD_CTX_new();
  return hash != 0 && EVP_DigestInit_ex(hash, EVP_sha256(), 0) == 1 ? 0 : -1;
}

int module_hash_add(const void *source, uint32_t size) { return EVP_DigestUpdate(hash, source, size) == 1 ? 0 : -1; }
int module_hash_end(uint8_t digest[32]) { return EVP_DigestFinal_ex(hash, digest, 0) == 1 ? 0 : -1; }
