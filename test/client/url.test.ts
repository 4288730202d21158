/** Every spelling of an address, and what is refused, with the offender in the text. */
import { describe, expect, it } from "vitest";
import { PerigeeError } from "../../host/client/errors.ts";
import { parseAddress } from "../../host/client/url.ts";

describe("an address", () => {
  it.each([
    ["mqtt://host", { isSecure: false, host: "host", port: 1883 }],
    ["tcp://host", { isSecure: false, host: "host", port: 1883 }],
    ["mqtts://host", { isSecure: true, host: "host", port: 8883 }],
    ["ssl://host", { isSecure: true, host: "host", port: 8883 }],
    ["tls://host", { isSecure: true, host: "host", port: 8883 }],
    ["MQTTS://Host:1", { isSecure: true, port: 1 }],
    ["mqtt://host:65535", { port: 65535 }],
    ["mqtt://host:01883/", { port: 1883 }],
    ["mqtt://host:", { port: 1883 }],
    ["mqtt://192.0.2.7:1884", { host: "192.0.2.7", port: 1884 }],
    ["mqtt://[::1]", { host: "::1", port: 1883 }],
    ["mqtts://[2001:db8::7]:1884", { isSecure: true, host: "2001:db8::7", port: 1884 }],
    ["mqtt://user@host", { host: "host", username: "user", password: undefined }],
    ["mqtt://user:pass@host", { host: "host", username: "user", password: "pass" }],
    ["mqtt://sen%20sor:s%3Ae%40cret@[::1]:99", { host: "::1", port: 99, username: "sen sor", password: "s:e@cret" }],
  ])("%s", (text, address) => {
    expect(parseAddress(text)).toMatchObject(address);
  });

  it.each([
    ["host", "not a URL"],
    ["", "not a URL"],
    ["http://host", 'no transport for "http://"'],
    ["mqtt://", '"mqtt://"'],
    ["mqtt://:1883", '"mqtt://:1883"'],
    ["mqtt://host:0", "not a port to connect to: 0"],
    ["mqtt://host:65536", "not a port to connect to: 65536"],
    ["mqtt://host:99999", "it is 1 to 65535"],
    ["mqtt://host:18.83", "not a port to connect to: 18.83"],
    ["mqtt://host:-1", "not a port to connect to: -1"],
    ["mqtt://host:port/topic", "not a port to connect to: port"],
    ["mqtt://[::1]:70000", "not a port to connect to: 70000"],
    ["mqtt://[::1", '"mqtt://[::1"'],
    ["mqtt://%zz@host", "%zz"],
    [5 as unknown as string, "a URL is a string, not 5"],
  ])("%s is refused", (text, part) => {
    const parse = () => parseAddress(text);
    expect(parse).toThrow(PerigeeError);
    expect(parse).toThrow(part);
  });
});
