// driver.js: runs inside QuickJS, before the person's program, and stands between it and the host
//
// What it uses it takes now: a program may change every prototype later and only fools itself. What it answers is one
// string of JSON, so that no object of the program ever reaches the host.
//
// uniforms  () → JSON array of random numbers in (0, 1)
// print     (line) → nothing
// longest   how many characters may be printed
// returns   [bind, thrown]: how to make a judge of the program's function, and what a thrown value says as JSON

/* global InternalError -- QuickJS has one */
/* eslint-disable-next-line @typescript-eslint/no-unused-expressions -- the value of this script */
;(function (uniforms, print, longest) {
  'use strict'
  const { parse, stringify } = JSON
  const { isArray } = Array
  const text = String
  const OwnInternalError = InternalError
  const OwnRangeError = RangeError
  const call = Function.prototype.call
  const slice = call.bind(String.prototype.slice)
  // What instanceof does, without asking the class, which could be the program's.
  const isInstance = call.bind(Function.prototype[Symbol.hasInstance])
  const OwnTypeError = TypeError

  let printable = longest
  let numbers = []
  let drawn = 0
  Math.random = function random() {
    if (drawn === numbers.length) {
      numbers = parse(uniforms())
      drawn = 0
    }
    return numbers[drawn++]
  }

  function shown(value) {
    if (typeof value === 'string') return value
    try {
      const json = stringify(value)
      return json === undefined ? text(value) : json
    } catch {
      return typeof value
    }
  }

  function log() {
    if (printable <= 0) return
    let line = ''
    for (let i = 0; i < arguments.length; i++) line += (i ? ' ' : '') + shown(arguments[i])
    line = line.length < printable ? line : slice(line, 0, printable) + '…'
    printable -= line.length + 1
    print(line)
  }
  globalThis.console = { log, info: log, debug: log, warn: log, error: log }

  function failure(verdict, message, stack) {
    return (
      '{"kind":"error","class":"' + verdict + '","message":' + stringify(message) + ',"stack":' + stringify(stack) + '}'
    )
  }

  /** A property of an error, whose getter may do anything. */
  function word(error, name) {
    try {
      const value = error[name]
      return typeof value === 'string' ? slice(value, 0, 2000) : ''
    } catch {
      return ''
    }
  }

  /** A proxy may do anything when it is asked for its prototype. */
  function isOf(errorClass, error) {
    try {
      return isInstance(errorClass, error)
    } catch {
      return false
    }
  }

  function thrown(error) {
    const isObject = (typeof error === 'object' && error !== null) || typeof error === 'function'
    if (!isObject) return failure('exception', 'threw ' + slice(text(error), 0, 200), '')
    const name = word(error, 'name')
    const message = word(error, 'message')
    const stack = word(error, 'stack')
    if (message === 'out of memory' && isOf(OwnInternalError, error)) return failure('memory', message, stack)
    if (message === 'Maximum call stack size exceeded' && isOf(OwnRangeError, error)) {
      return failure('stack', message, stack)
    }
    return failure('exception', (name || 'Error') + (message ? ': ' + message : ''), stack)
  }

  function kindOf(value) {
    if (isArray(value)) return 'an array'
    if (typeof value === 'object' && typeof value.then === 'function') {
      return 'a promise: a reward has nothing to wait for, so leave async away'
    }
    if (typeof value === 'object') return 'an object without a score'
    if (value === undefined) return 'nothing'
    return 'a ' + typeof value
  }

  /** One answer of the program as JSON. Getters and toJSON of the answer run here, and may throw. */
  function judged(value) {
    if (value === null) return '{"kind":"score","score":null}'
    const bare = typeof value === 'number'
    if (!bare && (typeof value !== 'object' || isArray(value)))
      return failure('not-a-score', 'answered ' + kindOf(value), '')
    const score = bare ? value : value.score
    if (score === undefined) return failure('not-a-score', 'answered ' + kindOf(value), '')
    if (score !== null && typeof score !== 'number') {
      return failure('not-a-score', 'answered a score that is ' + kindOf(score), '')
    }
    // Only a finite number minus itself is 0.
    if (score !== null && score - score !== 0) return failure('non-finite', 'answered ' + score, '')
    const info = bare ? undefined : value.info
    const start = '{"kind":"score","score":' + score
    if (info === undefined) return start + '}'
    let json
    try {
      json = stringify(info)
    } catch (error) {
      if (isOf(OwnTypeError, error)) return failure('not-a-score', 'info is not JSON: ' + word(error, 'message'), '')
      throw error
    }
    if (typeof info !== 'object' || isArray(info) || json === undefined || json[0] !== '{') {
      return failure('not-a-score', 'info is not an object', '')
    }
    return start + ',"info":' + stringify(json) + '}'
  }

  function attempt(work) {
    try {
      return work()
    } catch (error) {
      return thrown(error)
    }
  }

  /** For `reward`: one item, one answer. */
  function judgeOne(reward, items) {
    return '[' + attempt(() => judged(reward(items[0]))) + ']'
  }

  /** For `rewards`: one call, an answer for each item; what is wrong with the whole is wrong with each. */
  function judgeAll(rewards, items) {
    const { length } = items
    let answers
    const failed = attempt(() => {
      answers = rewards(items)
      if (!isArray(answers))
        return failure(
          'not-a-score',
          'rewards answered ' + (answers === null ? 'null' : kindOf(answers)) + ' and not an array',
          '',
        )
      const count = answers.length
      if (count !== length)
        return failure('not-a-score', 'rewards answered ' + count + ' scores for ' + length + ' items', '')
      return ''
    })
    let out = '['
    for (let i = 0; i < length; i++) out += (i ? ',' : '') + (failed || attempt(() => judged(answers[i])))
    return out + ']'
  }

  function bind(program, batched) {
    // What loading has drawn and printed is not the items'.
    printable = longest
    numbers = []
    drawn = 0
    const judge = batched ? judgeAll : judgeOne
    return (items) => judge(program, parse(items))
  }
  return [bind, thrown]
})
