// hostile-programs.ts: rewards that try to get out, to stay forever, to eat everything or to lie, and what becomes of each
//
// The same verdicts are asked of Node (sandbox-hostile.test.ts) and of Chromium (test/e2e/sandbox.test.ts).

import type { RewardFault, SandboxLimits, VerdictClass } from '../../src/rewards/sandbox/contract'

/** A score: the attack came to nothing. A class: what the item's verdict is. `refused`: the program never loads. */
export type Verdict = { score: number } | VerdictClass | { refused: RewardFault }

export interface HostileProgram {
  name: string
  source: string
  verdict: Verdict
}

/** Small enough that a suite takes a minute; every verdict below is meant under these. */
export const HOSTILE_LIMITS: SandboxLimits = {
  steps: 200,
  timeMs: 1000,
  memoryBytes: 16 * 2 ** 20,
  outputBytes: 4096,
  stackBytes: 256 * 2 ** 10,
}

export const HOSTILE_ITEM = {
  prompt: 'What is 6 · 7?',
  completion: 'The answer is 42.',
  answer: '42',
  columns: { level: 3, tags: ['a', 'b'] },
  tokens: [1, 2, 3],
}

/** A program of this body. */
const body = (text: string) => `export function reward({ completion, answer, columns, tokens }) { ${text} }`
const absent = (...names: string[]) =>
  body(`return ${names.map((name) => `(typeof ${name} !== 'undefined')`).join(' + ')}`)

const table: Record<string, [string, Verdict]> = {
  // Out of the machine
  'network and page are absent': [
    absent(
      'fetch',
      'XMLHttpRequest',
      'WebSocket',
      'EventSource',
      'navigator',
      'document',
      'window',
      'self',
      'indexedDB',
      'caches',
      'BroadcastChannel',
    ),
    { score: 0 },
  ],
  'workers and messages are absent': [
    absent('Worker', 'importScripts', 'postMessage', 'onmessage', 'MessageChannel', 'structuredClone'),
    { score: 0 },
  ],
  'Node is absent': [
    absent('process', 'require', 'module', 'exports', '__dirname', '__filename', 'Buffer', 'global'),
    { score: 0 },
  ],
  'the shell of QuickJS is absent': [
    absent('std', 'os', 'print', 'scriptArgs', 'bjson', 'gc', 'loadScript'),
    { score: 0 },
  ],
  'timers are absent': [absent('setTimeout', 'setInterval', 'setImmediate', 'requestAnimationFrame'), { score: 0 }],
  'machine code and shared memory of threads are absent': [absent('WebAssembly', 'Atomics'), { score: 0 }],
  'clocks and entropy are absent': [absent('performance', 'crypto', 'Intl', 'Temporal'), { score: 0 }],
  'the clock stands still': [
    body('const a = Date.now(); for (let i = 0; i < 1e5; i++); return Date.now() - a + a + +new Date()'),
    { score: 0 },
  ],
  'fetch is called': [body('return fetch("http://127.0.0.1:7415/")'), 'exception'],
  'process is called': [body('return process.exit(0)'), 'exception'],
  'require is called': [body('return require("fs").readdirSync("/").length'), 'exception'],
  'constructor of a constructor': [body('return ({}).constructor.constructor("return process")().pid'), 'exception'],
  'constructor of the item': [
    body('return columns.constructor.constructor("return this")().process ? 1 : 0'),
    { score: 0 },
  ],
  'constructor of console': [
    body('return console.log.constructor("return typeof process + typeof require")() === "undefinedundefined" ? 0 : 1'),
    { score: 0 },
  ],
  'constructor of a generator': [
    body('return (function* () {}).constructor("yield typeof process")().next().value === "undefined" ? 0 : 1'),
    { score: 0 },
  ],
  'constructor of an async function': [
    body('return (async () => {}).constructor("return process.pid")()'),
    'not-a-score',
  ],
  'eval of the host': [
    body('return eval("typeof process") === "undefined" && (0, eval)("typeof fetch") === "undefined" ? 0 : 1'),
    { score: 0 },
  ],
  'eval that calls out': [body('return eval("fetch(1)")'), 'exception'],
  'this of a loose function': [
    body('return typeof Function("return this")().process === "undefined" ? 0 : 1'),
    { score: 0 },
  ],
  'the caller of a loose function': [body('return Function("return arguments.callee.caller")() ? 1 : 0'), { score: 0 }],
  'import at the top': ['import fs from "node:fs"\nexport const reward = () => fs ? 1 : 0', { refused: 'import' }],
  'import of an address': ['import "https://example.org/x.js"\nexport const reward = () => 1', { refused: 'import' }],
  'import without a use': ['import * as os from "os"\nexport function reward() { return 1 }', { refused: 'import' }],
  're-export': ['export * from "fs"\nexport function reward() { return 1 }', { refused: 'import' }],
  'import later': [body('return import("fs")'), 'not-a-score'],
  'import later, answered as a score': [
    body('let got = 0; import("fs").then(() => { got = 1 }, () => { got = 2 }); return got'),
    { score: 0 },
  ],
  'import.meta': [
    body('return Object.keys(import.meta).filter((key) => /node|file|http/.test(String(import.meta[key]))).length'),
    { score: 0 },
  ],
  'frames of a stack': [
    body(
      'Error.prepareStackTrace = (_, frames) => frames; const f = new Error("x").stack; return f[0].getThis().process ? 1 : 0',
    ),
    'exception',
  ],
  'a stack that is an object': [
    body('Error.prepareStackTrace = () => ({ toString() { for (;;); } }); throw new Error("x")'),
    'exception',
  ],
  'a very long stack': [body('Error.stackTraceLimit = 1e9; const f = () => f() + 1; return f()'), 'stack'],
  'names of the driver': [absent('uniforms', 'printable', 'judged', 'bind'), { score: 0 }],
  'Math.random of the host': [
    body('const f = Math.random.constructor("return typeof process"); return f() === "undefined" ? 0 : 1'),
    { score: 0 },
  ],

  // Lies to the driver
  'JSON is replaced': [body('JSON.stringify = () => "{}"; JSON.parse = () => [9]; return 1'), { score: 1 }],
  'JSON is removed': [
    body(
      'delete globalThis.JSON; delete globalThis.String; delete globalThis.Array; return { score: 1, info: { a: 1 } }',
    ),
    { score: 1 },
  ],
  'call and apply are replaced': [
    body('Function.prototype.call = Function.prototype.apply = Function.prototype.bind = () => 9; return 1'),
    { score: 1 },
  ],
  'slice is replaced': [body('String.prototype.slice = () => { throw 1 }; throw new Error("x")'), 'exception'],
  'isArray lies': [body('Array.isArray = () => true; return { score: 1 }'), { score: 1 }],
  'numbers print wrong': [
    body('Number.prototype.toString = Number.prototype.toJSON = () => "9"; return 1.5'),
    { score: 1.5 },
  ],
  'strings have toJSON': [
    body('String.prototype.toJSON = () => 9; return { score: 1, info: { a: "b" } }'),
    { score: 1 },
  ],
  'objects have toJSON': [
    body('Object.prototype.toJSON = () => "x"; return { score: 1, info: { a: 1 } }'),
    'not-a-score',
  ],
  'every object has a score': [body('Object.prototype.score = 2; return {}'), { score: 2 }],
  'every object has then': [body('Object.prototype.then = () => { for (;;); }; return { score: 2 }'), { score: 2 }],
  'arrays have setters': [
    body('Object.defineProperty(Array.prototype, 0, { set() { throw 1 }, get() { throw 2 } }); return 3'),
    { score: 3 },
  ],
  'everything is frozen': [
    body(
      'Object.freeze(globalThis); Object.freeze(Math); Object.freeze(Object.prototype); Object.freeze(Array.prototype); return 1',
    ),
    { score: 1 },
  ],
  'instanceof lies': [
    body(
      'Object.defineProperty(InternalError, Symbol.hasInstance, { value() { throw 1 } }); throw new InternalError("x")',
    ),
    'exception',
  ],
  'instanceof is replaced': [
    body(
      'Object.defineProperty(Function.prototype, Symbol.hasInstance, { value: 1 }); throw new Error("out of memory")',
    ),
    'exception',
  ],
  'the class of overflow is replaced': [
    body('globalThis.RangeError = class {}; const f = () => f() + 1; return f()'),
    'stack',
  ],
  'random numbers are replaced': [body('Math.random = () => 7; return Math.random()'), { score: 7 }],
  'console is replaced': [body('globalThis.console = null; return 1'), { score: 1 }],
  'a prototype is a proxy': [
    body('Object.setPrototypeOf(Array.prototype, new Proxy({}, { get() { throw 1 }, has() { throw 2 } })); return 1'),
    { score: 1 },
  ],
  'the prototype of everything loses its proto': [
    body(
      'Object.prototype.__proto__ = null; delete Object.prototype.__proto__; return { score: 1, info: { __proto__: null, a: 1 } }',
    ),
    { score: 1 },
  ],
  'a key called __proto__': [
    body(
      'return { score: 1, info: JSON.parse(`{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}`) }',
    ),
    { score: 1 },
  ],

  // Answers that are none
  nothing: [body(''), 'not-a-score'],
  'a text': [body('return "1"'), 'not-a-score'],
  'a truth': [body('return true'), 'not-a-score'],
  'a big integer': [body('return 1n'), 'not-a-score'],
  'a symbol': [body('return Symbol.iterator'), 'not-a-score'],
  'a function': [body('return reward'), 'not-a-score'],
  'an array': [body('return [1]'), 'not-a-score'],
  'an empty object': [body('return {}'), 'not-a-score'],
  'a boxed number': [body('return new Number(1)'), 'not-a-score'],
  'a date': [body('return new Date()'), 'not-a-score'],
  'a score in words': [body('return { score: "1" }'), 'not-a-score'],
  'a score that converts': [
    body('return { score: { valueOf: () => 1, [Symbol.toPrimitive]: () => 1 } }'),
    'not-a-score',
  ],
  'a promise': [body('return Promise.resolve(1)'), 'not-a-score'],
  'an async function': ['export async function reward() { return 1 }', 'not-a-score'],
  'a generator': ['export function* reward() { for (;;) yield 1 }', 'not-a-score'],
  'an async generator': ['export async function* reward() { for (;;) yield 1 }', 'not-a-score'],
  'a class': ['export class reward {}', 'exception'],
  'a thenable with a score': [body('return { score: 1, then() { for (;;); } }'), { score: 1 }],
  'not a number': [body('return 0 / 0'), 'non-finite'],
  infinity: [body('return 1 / 0'), 'non-finite'],
  'minus infinity': [body('return 1 / -0'), 'non-finite'],
  'an overflow': [body('return 2 ** 1024'), 'non-finite'],
  'not a number in an object': [body('return { score: Math.sqrt(-1), info: {} }'), 'non-finite'],
  'minus zero': [body('return -0'), { score: 0 }],
  'info that is an array': [body('return { score: 1, info: [1] }'), 'not-a-score'],
  'info that is a function': [body('return { score: 1, info: () => 1 }'), 'not-a-score'],
  'info that contains itself': [body('const info = {}; info.info = info; return { score: 1, info }'), 'not-a-score'],
  'info with a big integer': [body('return { score: 1, info: { a: 1n } }'), 'not-a-score'],
  'info that is deep': [
    body('let info = {}; for (let i = 0; i < 200; i++) info = { info }; return { score: 1, info }'),
    'not-a-score',
  ],
  'info that is endlessly deep': [
    body('return { score: 1, info: { toJSON() { return { a: { toJSON: this.toJSON } } } } }'),
    'stack',
  ],
  'info that is long': [body('return { score: 1, info: { a: "x".repeat(5000) } }'), 'output'],
  'info that is longer in bytes': [body('return { score: 1, info: { a: "é".repeat(2500) } }'), 'output'],
  'info of many keys': [
    body('const info = {}; for (let i = 0; i < 1e4; i++) info["k" + i] = i; return { score: 1, info }'),
    'output',
  ],
  'info that is immense': [
    body('const a = "x".repeat(1e6); return { score: 1, info: { a: Array(1000).fill(a) } }'),
    'memory',
  ],
  'half a character': [body('return { score: 1, info: { a: "\\ud800", ["\\udc00"]: 1 } }'), { score: 1 }],

  // Traps in the answer
  'a getter that throws': [body('return { get score() { throw new Error("x") } }'), 'exception'],
  'a getter without end': [body('return { get score() { for (;;); } }'), 'timeout'],
  'a getter that changes its mind': [body('let n = 0; return { get score() { return n++ ? "x" : 1 } }'), { score: 1 }],
  'a proxy that answers': [
    body('return new Proxy({}, { get: (_, name) => (name === "score" ? 4 : undefined) })'),
    { score: 4 },
  ],
  'a proxy without end': [body('return new Proxy({}, { get() { for (;;); } })'), 'timeout'],
  'a proxy of proxies': [body('let p = {}; for (let i = 0; i < 2e4; i++) p = new Proxy(p, {}); return p'), 'stack'],
  'a revoked proxy': [body('const { proxy, revoke } = Proxy.revocable([], {}); revoke(); return proxy'), 'exception'],
  'keys that throw': [
    body('return { score: 1, info: new Proxy({}, { ownKeys() { throw new RangeError("x") } }) }'),
    'exception',
  ],
  'keys without end': [body('return { score: 1, info: new Proxy({}, { ownKeys() { for (;;); } }) }'), 'timeout'],
  'toJSON without end': [body('return { score: 1, info: { toJSON() { for (;;); } } }'), 'timeout'],
  'toJSON that throws': [body('return { score: 1, info: { toJSON() { throw 1 } } }'), 'exception'],

  // Things that are thrown
  'null is thrown': [body('throw null'), 'exception'],
  'nothing is thrown': [body('throw undefined'), 'exception'],
  'a text is thrown': [body('throw "x".repeat(1e6)'), 'exception'],
  'a symbol is thrown': [body('throw Symbol("x")'), 'exception'],
  'a big integer is thrown': [body('throw 2n ** 64n'), 'exception'],
  'a function is thrown': [body('throw () => 1'), 'exception'],
  'an object without prototype is thrown': [body('throw Object.create(null)'), 'exception'],
  'a proxy is thrown': [body('throw new Proxy({}, { get() { throw 1 }, getPrototypeOf() { throw 2 } })'), 'exception'],
  'a promise is thrown': [body('throw Promise.reject(1)'), 'exception'],
  'a message without end': [body('throw { get message() { for (;;); } }'), 'timeout'],
  'a stack that throws': [
    body('throw Object.defineProperty(new Error("x"), "stack", { get() { throw 1 } })'),
    'exception',
  ],
  'a stack without end': [
    body('throw Object.defineProperty(new Error("x"), "stack", { get() { for (;;); } })'),
    'timeout',
  ],
  'a stack that lies': [
    body('const e = new Error("x"); e.stack = "at <reward>:999999999:999999999"; throw e'),
    'exception',
  ],
  'a prototype without end': [
    body('throw new Proxy(new RangeError("Maximum call stack size exceeded"), { getPrototypeOf() { for (;;); } })'),
    'timeout',
  ],

  // Forever
  'an empty loop': [body('while (true) {}'), 'timeout'],
  'a loop that catches': [body('for (;;) try { for (;;); } catch {}'), 'timeout'],
  'a loop behind finally': [body('try { for (;;); } finally { for (;;); }'), 'timeout'],
  'a score behind finally': [body('try { for (;;); } finally { return 1 }'), 'timeout'],
  'a loop of calls': [body('const f = () => 1; for (;;) f()'), 'timeout'],
  'a recursion that branches': [body('const f = (n) => (n ? f(n - 1) + f(n - 1) : 0); return f(60)'), 'timeout'],
  'a generator without end': [body('for (const _ of (function* () { for (;;) yield 1 })());'), 'timeout'],
  'an iterator without end': [
    body('const [...all] = { [Symbol.iterator]: () => ({ next: () => ({ done: false }) }) }; return 1'),
    'timeout',
  ],
  'a comparison without end': [body('return [3, 2, 1].sort(() => { for (;;); })[0]'), 'timeout'],
  'a replacement without end': [body('return "abc".replace(/b/, () => { for (;;); }).length'), 'timeout'],
  'a conversion without end': [body('return `${{ toString() { for (;;); } }}`.length'), 'timeout'],
  'a reviver without end': [body('return JSON.parse("[1]", () => { for (;;); })'), 'timeout'],
  'a species without end': [
    body('const a = [1]; a.constructor = { get [Symbol.species]() { for (;;); } }; return a.map(Number).length'),
    'timeout',
  ],
  'eval without end': [body('return eval("for (;;);")'), 'timeout'],
  'a prompt of microtasks': [
    body('const f = () => Promise.resolve().then(f); f(); queueMicrotask(() => { for (;;); }); return 1'),
    { score: 1 },
  ],
  'a registry of the dead': [
    body(
      'const r = new FinalizationRegistry(() => { for (;;); }); for (let i = 0; i < 1e4; i++) r.register({}, i); return 1',
    ),
    { score: 1 },
  ],
  'nested repetition': [body('return /^(a+)+$/.test("a".repeat(40) + "b") ? 1 : 0'), 'timeout'],
  'alternatives that overlap': [body('return /^(a|a)*$/.test("a".repeat(40) + "b") ? 1 : 0'), 'timeout'],
  'anything, many times': [body('return /^(.*)*x$/s.test("a".repeat(40)) ? 1 : 0'), 'timeout'],
  'words and spaces': [body('return /^(\\w+\\s?)*$/.test("word ".repeat(12) + "!") ? 1 : 0'), 'timeout'],
  'back references': [body('return /^(a*)*\\1$/.test("a".repeat(40) + "b") ? 1 : 0'), 'timeout'],
  'looking behind': [body('return /(?<=(a+)+)b$/.test("a".repeat(40) + "c") ? 1 : 0'), { score: 0 }],
  'a regular expression in unicode': [body('return /^(\\p{L}+)+$/u.test("é".repeat(40) + "!") ? 1 : 0'), 'timeout'],
  'a regular expression from the completion': [
    body('return new RegExp("^(" + "a?".repeat(40) + "){40}$").test("a".repeat(60) + "b") ? 1 : 0'),
    'timeout',
  ],

  'a search in a long nothing': [body('return Array.prototype.indexOf.call({ length: 2 ** 40 }, 1)'), 'timeout'],

  // Deep
  recursion: [body('return reward({}) + 1'), 'stack'],
  'endless recursion': [body('const f = (n) => f(n + 1) + 1; return f(0)'), 'stack'],
  'recursion between two': [body('const f = () => g() + 1, g = () => f() + 1; return f()'), 'stack'],
  'recursion through sort': [body('const f = () => [2, 1].sort(f); return f()'), 'stack'],
  'recursion through replace': [body('const f = () => "a".replace(/a/, f); return f()'), 'stack'],
  'recursion through map': [body('const f = () => [1].map(f); return f()'), 'stack'],
  'recursion through a getter': [body('const o = { get a() { return this.a } }; return o.a'), 'stack'],
  'recursion through toPrimitive': [body('const o = { [Symbol.toPrimitive]() { return `${o}` } }; return +o'), 'stack'],
  'recursion through a constructor': [body('class A { constructor() { new A() } } new A(); return 1'), 'stack'],
  'recursion through a proxy': [body('const p = new Proxy({}, { get: (_, k, r) => r[k] }); return p.x'), 'stack'],
  'recursion through eval': [body('const f = () => eval("f()"); return f()'), 'stack'],
  'recursion through a reviver': [body('const f = () => JSON.parse("[1]", f); return f()'), 'stack'],
  'recursion through apply': [body('const f = (...a) => Reflect.apply(f, null, a) + 1; return f(1)'), 'stack'],
  'recursion that is caught': [
    body('const f = () => { try { return f() + 1 } catch { return 0 } }; return f() > 0 ? 1 : 0'),
    { score: 1 },
  ],
  'deep JSON': [body('return JSON.parse("[".repeat(1e5))'), 'stack'],
  'a deep expression': [body('return eval("(".repeat(1e5) + "1" + ")".repeat(1e5))'), 'stack'],
  // QuickJS counts groups before depth.
  'a deep pattern': [body('return new RegExp("(".repeat(1e5) + ")".repeat(1e5)).test("") ? 1 : 0'), 'exception'],
  'a deep array in words': [
    body('let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return String(a).length'),
    'stack',
  ],
  'a deep chain of bound functions': [
    body('let f = () => 1; for (let i = 0; i < 2e4; i++) f = f.bind(null); return f()'),
    'memory',
  ],

  // Large
  'an array that grows': [body('const a = []; for (;;) a.push("x".repeat(1e6) + a.length)'), 'memory'],
  'objects that grow': [body('const a = []; for (;;) a.push(new Array(1e4).fill({}))'), 'memory'],
  'a list of closures': [
    body('let f = null; for (;;) { const g = f, b = new Uint8Array(1e5); f = () => [g, b] }'),
    'memory',
  ],
  'a map that grows': [body('const m = new Map(); for (let i = 0; ; i++) m.set(i, new Uint8Array(1e5))'), 'memory'],
  'buffers that grow': [body('const a = []; for (;;) a.push(new ArrayBuffer(1e6))'), 'memory'],
  'a buffer that is too large': [body('return new Uint8Array(2 ** 30).length'), 'memory'],
  'shared memory that is too large': [body('return new SharedArrayBuffer(2 ** 30).byteLength'), 'memory'],
  'a text that doubles': [body('let s = "x"; for (;;) s = (s + s).toUpperCase()'), 'memory'],
  'a rope that doubles': [body('let s = "x"; for (;;) s += s'), 'exception'],
  'a text that is repeated': [body('return "x".repeat(2 ** 29).length'), 'memory'],
  'a text that is padded': [body('return "x".padEnd(2 ** 29, "ab").length'), 'memory'],
  'a text that is replaced': [body('return "x".repeat(1e3).replaceAll("x", "y".repeat(1e5)).length'), 'memory'],
  // QuickJS forgets to say that memory ran out.
  'a text that is normalised': [body('return "\\ufdfa".repeat(1e6).normalize("NFKD").length'), 'exception'],
  'a full array': [body('return new Array(1e8).fill(0).length'), 'memory'],
  'an array from a length': [
    body('return Array.from({ length: 2 ** 32 - 1 }, () => new Uint8Array(1e4)).length'),
    'memory',
  ],
  'a spread of a large array': [body('return Math.max(...new Array(1e7))'), 'memory'],
  'a huge power': [body('return Number(2n ** (2n ** 40n))'), 'exception'],
  'a huge shift': [body('return (1n << 10n ** 12n) > 0n ? 1 : 0'), 'exception'],
  'big integers that square': [body('let n = 3n; for (;;) n *= n'), 'exception'],
  'memory that is caught': [body('try { "x".repeat(2 ** 29) } catch { return 1 }'), { score: 1 }],

  // Loud
  'a flood of lines': [body('for (;;) console.log("x".repeat(1000))'), 'timeout'],
  'one line that is long': [body('console.log("x".repeat(1e6)); return 1'), { score: 1 }],
  'strange things are printed': [
    body(
      'const o = {}; o.o = o; console.log(o, 1n, Symbol("x"), () => 1, new Proxy({}, { ownKeys() { throw 1 } }), Object.create(null)); return 1',
    ),
    { score: 1 },
  ],
  'printing without end': [body('console.error({ toJSON() { for (;;); } }); return 1'), 'timeout'],

  // What nothing inside the machine can stop
  'a sparse join': [body('return new Array(2 ** 28).join("").length'), 'host-killed'],
  'a reversal of a long nothing': [body('Array.prototype.reverse.call({ length: 2 ** 40 }); return 1'), 'host-killed'],

  // Before any item
  'loading without end': ['for (;;);\nexport function reward() { return 1 }', { refused: 'timeout' }],
  'loading too much': [
    'const a = []; for (;;) a.push(new Uint8Array(1e6))\nexport function reward() { return 1 }',
    { refused: 'memory' },
  ],
  'loading too deep': ['const f = () => f() + 1; f()\nexport function reward() { return 1 }', { refused: 'stack' }],
  'loading that throws': ['throw { message: 1 }\nexport function reward() { return 1 }', { refused: 'exception' }],
  'loading that waits': ['await new Promise(() => {})\nexport function reward() { return 1 }', { refused: 'exports' }],
  'loading that hangs': [
    'new Array(2 ** 28).join("")\nexport function reward() { return 1 }',
    { refused: 'host-killed' },
  ],
  'no reward': ['export const prize = () => 1', { refused: 'exports' }],
  'a reward that is no function': ['export const reward = 1', { refused: 'exports' }],
  'two rewards': [
    'export function reward() { return 1 }\nexport function rewards() { return [1] }',
    { refused: 'exports' },
  ],
  'no program': ['export function reward( {', { refused: 'syntax' }],
  'a source that is deep': [
    `export const reward = () => ${'('.repeat(50_000)}1${')'.repeat(50_000)}`,
    { refused: 'syntax' },
  ],
}

export const HOSTILE_PROGRAMS: readonly HostileProgram[] = Object.entries(table).map(([name, [source, verdict]]) => ({
  name,
  source,
  verdict,
}))
