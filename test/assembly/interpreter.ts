/**
 * Runs a module of the core one instruction at a time and counts them: what a call costs on every engine that interprets.
 *
 * Only what such a module is made of (test/assembly/board.test.ts): i32, locals, control, loads and stores, bulk memory.
 * Each instruction that is executed counts one, whatever its size, memory.copy too; `end` and `else` are brackets and
 * count nothing. WebAssembly 1.0 specification, sections 4.4 and 5.4.
 */
import { type Code, type Instruction, readModule } from "./module.ts";

const PAGE_SIZE = 65536;

interface Frame {
  readonly locals: Int32Array;
  readonly stack: number[];
}

/** Where a label leads: behind its `end`, or for a loop to its beginning, with the stack as high as it was. */
interface Label {
  readonly target: number;
  readonly height: number;
  readonly arity: number;
  readonly isLoop: boolean;
}

/** Where each block and loop ends, each `if` has its `else` or else ends, and each `else` ends. */
function endsOf(body: readonly Instruction[]): number[] {
  const ends: number[] = [];
  const open: number[] = [];
  for (const [at, { opcode }] of body.entries()) {
    if (opcode >= 0x02 && opcode <= 0x04) open.push(at);
    if (opcode === 0x05 || opcode === 0x0b) {
      const begun = open.pop();
      if (begun !== undefined) ends[begun] = at;
      if (opcode === 0x05) open.push(at);
    }
  }
  return ends;
}

export class Interpreter {
  readonly bytes: Uint8Array;
  /** Instructions executed since the beginning. */
  count = 0;
  readonly #words: DataView;
  readonly #functions: readonly Code[];
  readonly #ends: readonly (readonly number[])[];
  readonly #exports: ReturnType<typeof readModule>["exports"];

  constructor(module: Uint8Array) {
    const read = readModule(module);
    this.#functions = read.functions;
    this.#ends = read.functions.map(({ instructions }) => endsOf(instructions));
    this.#exports = read.exports;
    this.bytes = new Uint8Array(PAGE_SIZE);
    this.#words = new DataView(this.bytes.buffer);
  }

  /** Calls an exported function. Answers its result, 0 where it has none. */
  call(name: string, ...args: number[]): number {
    const exported = this.#exports.get(name);
    if (exported?.kind !== 0) throw new Error(`the module exports no function ${name}`);
    return this.#call(exported.index, args);
  }

  #call(index: number, args: readonly number[]): number {
    const code = this.#functions[index];
    const frame: Frame = { locals: new Int32Array(code.localCount), stack: [] };
    frame.locals.set(args);
    this.#run(code.instructions, this.#ends[index], frame, code.resultCount);
    return code.resultCount > 0 ? (frame.stack.at(-1) as number) : 0;
  }

  #run(body: readonly Instruction[], ends: readonly number[], frame: Frame, resultCount: number): void {
    const { stack, locals } = frame;
    const labels: Label[] = [{ target: body.length, height: 0, arity: resultCount, isLoop: false }];
    const pop = (): number => stack.pop() as number;
    const branch = (depth: number): number => {
      const label = labels[labels.length - 1 - depth];
      const kept = label.arity > 0 ? stack.splice(stack.length - label.arity) : [];
      stack.length = label.height;
      stack.push(...kept);
      labels.length -= label.isLoop ? depth : depth + 1;
      return label.target;
    };
    for (let at = 0; at < body.length; ) {
      const { opcode, immediates } = body[at];
      const [first = 0] = immediates;
      if (opcode !== 0x0b && opcode !== 0x05) this.count += 1;
      at += 1;
      switch (opcode) {
        case 0x02:
          labels.push({ target: ends[at - 1] + 1, height: stack.length, arity: first === 0x40 ? 0 : 1, isLoop: false });
          break;
        case 0x03:
          labels.push({ target: at, height: stack.length, arity: 0, isLoop: true });
          break;
        case 0x04: {
          const end = ends[at - 1];
          const isTaken = pop() !== 0;
          const alternative = ends[end] === undefined ? -1 : ends[end];
          const last = alternative > 0 ? alternative : end;
          labels.push({ target: last + 1, height: stack.length, arity: first === 0x40 ? 0 : 1, isLoop: false });
          // Behind `else`, or to the `end`, which takes the label away.
          if (!isTaken) at = alternative > 0 ? end + 1 : end;
          break;
        }
        case 0x05:
          at = ends[at - 1];
          break;
        case 0x0b:
          labels.pop();
          break;
        case 0x0c:
          at = branch(first);
          break;
        case 0x0d:
          if (pop() !== 0) at = branch(first);
          break;
        case 0x0e: {
          const index = pop() >>> 0;
          at = branch(immediates[Math.min(index, immediates.length - 1)]);
          break;
        }
        case 0x0f:
          return;
        case 0x10: {
          const called = this.#functions[first];
          const args = stack.splice(stack.length - called.parameterCount);
          const result = this.#call(first, args);
          if (called.resultCount > 0) stack.push(result);
          break;
        }
        case 0x1a:
          pop();
          break;
        case 0x1b: {
          const condition = pop();
          const other = pop();
          const one = pop();
          stack.push(condition !== 0 ? one : other);
          break;
        }
        case 0x20:
          stack.push(locals[first]);
          break;
        case 0x21:
          locals[first] = pop();
          break;
        case 0x22:
          locals[first] = stack[stack.length - 1];
          break;
        case 0x41:
          stack.push(first);
          break;
        case 0xfc0a: {
          const size = pop();
          const source = pop();
          this.bytes.copyWithin(pop(), source, source + size);
          break;
        }
        case 0xfc0b: {
          const size = pop();
          const value = pop();
          const target = pop();
          this.bytes.fill(value, target, target + size);
          break;
        }
        default:
          if (opcode >= 0x28 && opcode <= 0x3b) this.#access(opcode, immediates[1], stack);
          else this.#compute(opcode, stack);
      }
    }
  }

  #access(opcode: number, offset: number, stack: number[]): void {
    const value = opcode >= 0x36 ? (stack.pop() as number) : 0;
    const at = ((stack.pop() as number) >>> 0) + offset;
    const words = this.#words;
    if (opcode === 0x28) stack.push(words.getInt32(at, true));
    else if (opcode === 0x2c) stack.push(words.getInt8(at));
    else if (opcode === 0x2d) stack.push(words.getUint8(at));
    else if (opcode === 0x2e) stack.push(words.getInt16(at, true));
    else if (opcode === 0x2f) stack.push(words.getUint16(at, true));
    else if (opcode === 0x36) words.setInt32(at, value, true);
    else if (opcode === 0x3a) words.setInt8(at, value);
    else if (opcode === 0x3b) words.setInt16(at, value, true);
    else throw new Error(`opcode 0x${opcode.toString(16)}`);
  }

  #compute(opcode: number, stack: number[]): void {
    const b = stack.pop() as number;
    if (opcode === 0x45) stack.push(b === 0 ? 1 : 0);
    else if (opcode === 0x67) stack.push(Math.clz32(b));
    else if (opcode === 0xc0) stack.push((b << 24) >> 24);
    else if (opcode === 0xc1) stack.push((b << 16) >> 16);
    else {
      const operate = BINARY[opcode];
      if (operate === undefined) throw new Error(`opcode 0x${opcode.toString(16)}`);
      stack.push(Number(operate(stack.pop() as number, b)) | 0);
    }
  }
}

const BINARY: Readonly<Record<number, (a: number, b: number) => number | boolean>> = {
  70: (a, b) => a === b,
  71: (a, b) => a !== b,
  72: (a, b) => a < b,
  73: (a, b) => a >>> 0 < b >>> 0,
  74: (a, b) => a > b,
  75: (a, b) => a >>> 0 > b >>> 0,
  76: (a, b) => a <= b,
  77: (a, b) => a >>> 0 <= b >>> 0,
  78: (a, b) => a >= b,
  79: (a, b) => a >>> 0 >= b >>> 0,
  106: (a, b) => a + b,
  107: (a, b) => a - b,
  108: (a, b) => Math.imul(a, b),
  109: (a, b) => a / b,
  110: (a, b) => (a >>> 0) / (b >>> 0),
  111: (a, b) => a % b,
  112: (a, b) => (a >>> 0) % (b >>> 0),
  113: (a, b) => a & b,
  114: (a, b) => a | b,
  115: (a, b) => a ^ b,
  116: (a, b) => a << b,
  117: (a, b) => a >> b,
  118: (a, b) => a >>> b,
  119: (a, b) => (a << b) | (a >>> (32 - b)),
  120: (a, b) => (a >>> b) | (a << (32 - b)),
};
