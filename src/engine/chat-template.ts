// chat-template.ts: a model's chat template, rendered within limits
//
// A template comes with a model and is a program by a stranger, so its interpreter counts what it does: steps, time, the
// length of every text and list that comes out of a step. What one step may do in between is bounded by these lengths, and
// for the few filters that multiply a text (replace, indent, join) by the JavaScript engine's own limit on texts, 0.5 GB.
//
// strftime_now is left out on purpose: templates that ask for it have a fixed date for where it is missing, and a prompt
// must not depend on the day.

import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja'

const MAX_TEMPLATE_CHARACTERS = 65_536
const MAX_STEPS = 200_000
const MAX_MS = 500
const MAX_ITEMS = 10_000
const MAX_CHARACTERS = 1_000_000

/** Renders a template with these variables. @throws {Error} if a limit is reached or the template fails */
export type RenderTemplate = (variables: Readonly<Record<string, unknown>>) => string

/** Reads a template. @throws {Error} if it is too long or malformed */
export function compileTemplate(template: string): RenderTemplate {
  if (template.length > MAX_TEMPLATE_CHARACTERS) throw new Error(`it has ${template.length} characters`)
  const program = parse(tokenize(template, { lstrip_blocks: true, trim_blocks: true }))
  return (variables) => {
    const environment = new Environment()
    for (const [name, value] of [...Object.entries(GLOBALS), ...Object.entries(variables)]) environment.set(name, value)
    return String(new BoundedInterpreter(environment).run(program).value)
  }
}

/** What every template may use; the words in title case are Python's. */
const GLOBALS: Readonly<Record<string, unknown>> = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
  range: boundedRange,
  raise_exception: (message: string) => {
    throw new Error(message)
  },
}

type Evaluate = Interpreter['evaluate']

/** An interpreter that stops at the first limit that is reached. Every statement and expression passes `evaluate`. */
class BoundedInterpreter extends Interpreter {
  private steps = 0
  private readonly endMs = performance.now() + MAX_MS

  override evaluate(...[statement, environment]: Parameters<Evaluate>): ReturnType<Evaluate> {
    if (++this.steps > MAX_STEPS) throw new Error(`it takes more than ${MAX_STEPS} steps`)
    if (performance.now() > this.endMs) throw new Error(`it takes longer than ${MAX_MS} ms`)
    const result = super.evaluate(statement, environment)
    const { value } = result as { value: unknown }
    if (typeof value === 'string' && value.length > MAX_CHARACTERS)
      throw new Error(`it writes more than ${MAX_CHARACTERS} characters`)
    if (Array.isArray(value) && value.length > MAX_ITEMS) throw new Error(`it lists more than ${MAX_ITEMS} things`)
    return result
  }
}

/** Python's range, up to a length. */
function boundedRange(first: number, second?: number, step = 1): number[] {
  const [from, to] = second === undefined ? [0, first] : [first, second]
  const length = Math.max(0, Math.ceil((to - from) / step))
  if (!(length <= MAX_ITEMS)) throw new Error(`it counts over more than ${MAX_ITEMS} numbers`)
  return Array.from({ length }, (_, i) => from + i * step)
}
