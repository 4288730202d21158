/**
 * Where fuzzing begins: for each target a few inputs that reach different parts of it, and each input that has once shown a fault. In hexadecimal;
 * the form of an input is in the header of its target.
 */
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));

export const CORPUS = {
  core: [
    hex("00 2002 0000"), // CONNACK of 3.1.1, accepted
    hex("00 3205 0001 61 0001"), // PUBLISH of QoS 1, empty
    hex("00 9004 0001 01 80"), // SUBACK, a filter taken and one refused
    hex("00 3086 00 0004 f09f 9880"), // a long form of the length, and a character of four bytes
    hex("01 2009 00 00 06 21 0005 22 000a"), // CONNACK of 5.0: receive maximum, alias maximum
    hex("01 200e 01 00 0b 27 0000 0100 24 01 25 00 11 00"), // limits, and a session expiry that is cut short
    hex("01 3009 0001 61 04 23 0001 01 78"), // a topic alias, and a property cut short
    hex("01 3007 0001 61 03 23 0001 3004 0000 03 23"), // an alias given, and one used and cut short
    hex("01 3414 0001 61 0007 0e 02 0000 000a 26 0001 6b 0001 76 0b 01"), // expiry, a user property, a subscription
    hex("01 6204 0007 92 00 5004 0001 10 00"), // PUBREL and PUBREC with reasons
    hex("01 e00b 8b 09 1f 0001 78 1c 0002 6162"), // DISCONNECT: server shutting down, why, and another server
    hex("01 e01b 8e 19 1c 0005 6ef281a0a2 1f 000e 6ef0aaa68511e3a6bbf38297b60c"), // DISCONNECT for good: the session is taken over
    hex("01 e00b 8c 09 1f 0001 78 1c 0002 6162"), // DISCONNECT: bad authentication method
    hex("01 f00b 18 09 15 0001 6d 16 0002 0102"), // AUTH goes on: method, data
    hex("01 9005 0001 00 01 9e b004 0001 00 11"), // SUBACK and UNSUBACK
  ],
  "broker-codec": [
    hex("00 100d 0004 4d515454 04 02 003c 0001 61"), // CONNECT of 3.1.1
    hex("01 1013 0004 4d515454 05 02 003c 05 11 0000 000a 0001 61"), // of 5.0, with a session expiry
    hex("00 1018 0004 4d515454 04 ce 003c 0000 0001 77 0001 78 0001 75 0001 70"), // will, user name, password
    hex("00 3205 0001 61 0001 4002 0001"), // PUBLISH and PUBACK
    hex("20 8206 0001 0001 61 01 a205 0001 0001 61"), // SUBSCRIBE and UNSUBSCRIBE, cut after every second byte
    hex("01 820e 0001 02 0b 01 0006 2473 6861 7265 2e"), // a subscription identifier; options of 5.0
    hex("01 300e 0001 61 0a 23 0001 08 0001 72 09 0000"), // an alias, a response topic, correlation data
    hex("40 e000 c000"), // DISCONNECT and PINGREQ, cut
    hex("01 e007 04 05 11 0000 0001"), // DISCONNECT with the will, of 5.0
    hex("01 f008 19 06 15 0003 6162 63"), // AUTH anew
    hex("01 d0ff ffff ff7f"), // a length of five bytes
  ],
  "broker-machine": [
    // A durable client of 3.1.1 subscribes, is gone, and comes back; another publishes at QoS 2 meanwhile and is left half way.
    hex(
      "00 0f 100d 0004 4d515454 04 00 003c 0001 61" +
        "00 08 8206 0001 0001 74 02 05" +
        "08 0f 100d 0004 4d515454 04 02 003c 0001 62" +
        "08 09 3407 0001 74 0001 7879 08 04 6202 0001" +
        "00 0f 100d 0004 4d515454 04 00 003c 0001 61 00 04 5002 0001",
    ),
    // Of 5.0: a will with a delay, a broken connection, and time.
    hex(
      "00 23 1021 0004 4d515454 05 04 0005 05 11 0000 0064 0001 61 05 18 0000 0002 0001 77 0003 6279 65" +
        "05 06 0b 06 0f 06 14",
    ),
    // A retained message, a shared subscription, and a taken identifier.
    hex(
      "00 10 100e 0004 4d515454 05 02 003c 00 0001 61" +
        "00 07 3105 0001 72 00 78" +
        "08 10 100e 0004 4d515454 05 02 003c 00 0001 62" +
        "08 12 8210 0001 00 000a 2473 6861 7265 2f67 2f23 00" +
        "10 10 100e 0004 4d515454 05 02 003c 00 0001 61 06 10",
    ),
  ],
};
