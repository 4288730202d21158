/**
 * Reads a WebAssembly module as far as the rules for boards need it: sections, types, locals and every opcode of the code, in the
 * binary format of the WebAssembly 1.0 specification (section 5) with bulk memory and sign extension.
 */

export interface Limits {
  readonly least: number;
  readonly most: number | undefined;
}

export interface Global {
  readonly isMutable: boolean;
  readonly value: number;
}

export interface Instruction {
  /** Those behind the prefix 0xfc are 0xfc00 and above. */
  readonly opcode: number;
  /** Of a load or store: alignment, offset. Of br_table: the labels, the default last. */
  readonly immediates: readonly number[];
}

export interface Code {
  /** Number of parameters and locals together. */
  readonly localCount: number;
  readonly parameterCount: number;
  /** Every value type in its parameters, results and locals. */
  readonly types: readonly number[];
  /** Bytes of its body: locals and code. */
  readonly size: number;
  readonly resultCount: number;
  readonly instructions: readonly Instruction[];
  readonly opcodes: readonly number[];
}

export interface Module {
  readonly sectionSizes: ReadonlyMap<number, number>;
  readonly memories: readonly Limits[];
  readonly globals: readonly Global[];
  readonly exports: ReadonlyMap<string, { readonly kind: number; readonly index: number }>;
  readonly functions: readonly Code[];
}

export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const;
export const I32 = 0x7f;

class Reader {
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get length(): number {
    return this.#bytes.length;
  }

  get isDone(): boolean {
    return this.at >= this.#bytes.length;
  }

  byte(): number {
    if (this.isDone) throw new Error("the module ends too early");
    return this.#bytes[this.at++];
  }

  unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  signed(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte >= 0x80) continue;
      return byte & 0x40 ? value - 2 ** (shift + 7) : value;
    }
  }

  bytes(size: number): Uint8Array {
    if (this.at + size > this.#bytes.length) throw new Error("the module ends too early");
    this.at += size;
    return this.#bytes.subarray(this.at - size, this.at);
  }

  list<T>(item: () => T): T[] {
    return Array.from({ length: this.unsigned() }, item);
  }
}

/** Throws on anything that is no module, or that holds what this reader does not know. */
export function readModule(bytes: Uint8Array): Module {
  const reader = new Reader(bytes);
  if (Buffer.from(reader.bytes(8)).toString("hex") !== "0061736d01000000") throw new Error("not a WebAssembly module");
  const sections = new Map<number, Uint8Array>();
  while (!reader.isDone) {
    const id = reader.byte();
    const content = reader.bytes(reader.unsigned());
    if (id !== SECTION.custom && sections.has(id)) throw new Error(`section ${id} comes twice`);
    sections.set(id, content);
  }
  const section = (id: number): Reader => new Reader(sections.get(id) ?? Uint8Array.of(0));

  const types = section(SECTION.type);
  const signatures = types.list(() => {
    if (types.byte() !== 0x60) throw new Error("not a function type");
    return { parameters: types.list(() => types.byte()), results: types.list(() => types.byte()) };
  });
  const declared = section(SECTION.function);
  const signatureIndexes = declared.list(() => declared.unsigned());
  const memory = section(SECTION.memory);
  const memories = memory.list((): Limits => {
    const hasMost = memory.byte() === 1;
    return { least: memory.unsigned(), most: hasMost ? memory.unsigned() : undefined };
  });
  const global = section(SECTION.global);
  const globals = global.list((): Global => {
    if (global.byte() !== I32) throw new Error("a global that is no i32");
    const isMutable = global.byte() === 1;
    if (global.byte() !== 0x41) throw new Error("a global that is no constant");
    const value = global.signed();
    if (global.byte() !== 0x0b) throw new Error("a global that goes on");
    return { isMutable, value };
  });
  const names = section(SECTION.export);
  const exports = new Map(
    names.list(() => {
      const name = Buffer.from(names.bytes(names.unsigned())).toString();
      return [name, { kind: names.byte(), index: names.unsigned() }] as const;
    }),
  );
  const bodies = section(SECTION.code);
  let index = 0;
  const functions = bodies.list(() =>
    readCode(new Reader(bodies.bytes(bodies.unsigned())), signatures[signatureIndexes[index++]]),
  );
  return {
    sectionSizes: new Map([...sections].map(([id, { length }]) => [id, length])),
    memories,
    globals,
    exports,
    functions,
  };
}

function readCode(body: Reader, { parameters, results }: { parameters: number[]; results: number[] }): Code {
  const size = body.length;
  const groups = body.list(() => ({ count: body.unsigned(), type: body.byte() }));
  const instructions: Instruction[] = [];
  while (!body.isDone) instructions.push(readInstruction(body));
  return {
    size,
    parameterCount: parameters.length,
    localCount: parameters.length + groups.reduce((sum, { count }) => sum + count, 0),
    types: [...parameters, ...results, ...groups.map(({ type }) => type)],
    resultCount: results.length,
    instructions,
    opcodes: instructions.map(({ opcode }) => opcode),
  };
}

/** Reads one instruction with its immediates. */
function readInstruction(body: Reader): Instruction {
  const opcode = body.byte();
  const of = (...immediates: number[]): Instruction => ({ opcode, immediates });
  // block, loop, if: a block type
  if (opcode >= 0x02 && opcode <= 0x04) return of(body.signed() & 0x7f);
  if (opcode === 0x0c || opcode === 0x0d || opcode === 0x10 || (opcode >= 0x20 && opcode <= 0x26))
    return of(body.unsigned());
  if (opcode === 0x0e) return of(...body.list(() => body.unsigned()), body.unsigned());
  if (opcode === 0x11 || (opcode >= 0x28 && opcode <= 0x3e)) return of(body.unsigned(), body.unsigned());
  if (opcode === 0x3f || opcode === 0x40) return of(body.byte());
  if (opcode === 0x41 || opcode === 0x42) return of(body.signed());
  if (opcode === 0x43) return of(...body.bytes(4));
  if (opcode === 0x44) return of(...body.bytes(8));
  if (opcode === 0x1c) return of(...body.list(() => body.byte()));
  if (opcode === 0xfc) return { opcode: readBulk(body), immediates: [] };
  if (opcode > 0xc4 || (opcode > 0x11 && opcode < 0x1a)) throw new Error(`opcode 0x${opcode.toString(16)}`);
  return of();
}

/** memory.copy and memory.fill; the others of the prefix are refused by their number. */
function readBulk(body: Reader): number {
  const opcode = body.unsigned();
  if (opcode === 10) body.bytes(2);
  else if (opcode === 11) body.bytes(1);
  else throw new Error(`opcode 0xfc ${opcode}`);
  return 0xfc00 | opcode;
}
