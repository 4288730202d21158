/*
 * As much of Arduino, on this computer, as the library and its example call: sockets, the clock, a console on stderr. The sketch is
 * linked as it is; whatever host it names, the environment's PORT on this machine is what it reaches.
 */
#include "Arduino.h"
#include "WiFi.h"
#include <cerrno>
#include <cstdlib>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

void setup();
void loop();

HardwareSerial Serial;
EspClass ESP;
WiFiClass WiFi;

extern "C" unsigned long millis(void) {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (unsigned long)(now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

extern "C" void delay(uint32_t ms) { usleep(ms * 1000); }
extern "C" float temperatureRead(void) { return 21.5f; }
void EspClass::restart() { exit(70); }
wl_status_t WiFiClass::begin(const char *, const char *) { return WL_IDLE_STATUS; }

size_t Print::write(const uint8_t *buffer, size_t size) { return fwrite(buffer, 1, size, stderr); }
size_t Print::print(const char *text) { return write((const uint8_t *)text, strlen(text)); }
size_t Print::println(const char *text) { return print(text) + print("\n"); }
void HardwareSerial::begin(unsigned long) {}
int HardwareSerial::available() { return 0; }
int HardwareSerial::read() { return -1; }
size_t HardwareSerial::write(uint8_t byte) { return Print::write(&byte, 1); }

static int connection = -1;

int NetworkClient::connect(const char *, uint16_t) {
  sockaddr_in address = {};
  int one = 1;
  address.sin_family = AF_INET;
  address.sin_port = htons((uint16_t)atoi(getenv("PORT")));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  stop();
  connection = socket(AF_INET, SOCK_STREAM, 0);
  if (::connect(connection, (sockaddr *)&address, sizeof address) != 0) return stop(), 0;
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return 1;
}

int NetworkClient::available() {
  int count = 0;
  return connection >= 0 && ioctl(connection, FIONREAD, &count) == 0 ? count : 0;
}

uint8_t NetworkClient::connected() {
  uint8_t byte;
  if (connection < 0) return 0;
  ssize_t count = recv(connection, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count > 0 || (count < 0 && errno == EAGAIN);
}

int NetworkClient::read(uint8_t *buffer, size_t size) { return (int)recv(connection, buffer, size, MSG_DONTWAIT); }
int NetworkClient::read() {
  uint8_t byte;
  return read(&byte, 1) == 1 ? byte : -1;
}
size_t NetworkClient::write(const uint8_t *buffer, size_t size) {
  ssize_t count = send(connection, buffer, size, MSG_NOSIGNAL);
  return count < 0 ? 0 : (size_t)count;
}
size_t NetworkClient::write(uint8_t byte) { return write(&byte, 1); }
void NetworkClient::flush() {}
void NetworkClient::stop() {
  if (connection >= 0) close(connection);
  connection = -1;
}

int main() {
  setup();
  for (;;) loop();
}
