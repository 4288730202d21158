/* Arduino-ESP32 3: cores/esp32/Arduino.h, Esp.h, Print.h, HardwareSerial.h, esp32-hal-misc.c */
#ifndef ARDUINO_H
#define ARDUINO_H
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
extern "C" {
unsigned long millis(void);
void delay(uint32_t ms);
float temperatureRead(void);
}
size_t getArduinoLoopTaskStackSize(void);
#define SET_LOOP_TASK_STACK_SIZE(sz) \
  size_t getArduinoLoopTaskStackSize() { return sz; }
class Print {
 public:
  virtual ~Print() {}
  virtual size_t write(uint8_t byte) = 0;
  virtual size_t write(const uint8_t *buffer, size_t size);
  size_t print(const char *text);
  size_t println(const char *text);
};
class Stream : public Print {
 public:
  virtual int available() = 0;
  virtual int read() = 0;
};
class HardwareSerial : public Stream {
 public:
  void begin(unsigned long baud);
  int available() override;
  int read() override;
  size_t write(uint8_t byte) override;
};
extern HardwareSerial Serial;
class EspClass {
 public:
  void restart();
};
extern EspClass ESP;
#endif
