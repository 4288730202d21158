/** What the packets of MQTT 5.0 are made of, drawn at random, in mqtt-packet's names. */
import fc from "fast-check";

// MQTT-1.5.4-2: no U+0000; and no lone surrogate.
export const word = fc.string({ unit: "grapheme", maxLength: 9 }).filter(text => !text.includes("\0"));
export const topic = fc.stringMatching(/^[a-zé€/ $-]{1,40}$/);
export const bytes = fc.uint8Array({ maxLength: 20 }).map(data => Buffer.from(data));
export const u16 = fc.integer({ min: 1, max: 0xffff });
export const u32 = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff_ffff }));
/** Not empty: for none mqtt-packet counts a byte that it does not write. */
export const userProperties = fc.dictionary(
  word.filter(text => text !== "" && text !== "__proto__"),
  word,
  { minKeys: 1, maxKeys: 3 },
);

export type Shape = Record<string, fc.Arbitrary<unknown>>;
export const some = (shape: Shape) => fc.record({ ...shape, userProperties }, { requiredKeys: [] });

export const ofMessage: Shape = {
  payloadFormatIndicator: fc.boolean(),
  messageExpiryInterval: u32,
  contentType: word,
  responseTopic: topic,
  correlationData: bytes,
};
