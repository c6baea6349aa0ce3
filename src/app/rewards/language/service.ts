// service.ts: what TypeScript says about a reward program: what is wrong with it, and what could come next
//
// The compiler's own language service over two files in memory, the program and the types of its contract. It runs in a
// worker (worker.ts); in tests it runs as it is.

import ts from 'typescript'
import { ambientTypes } from './ambient'

/** Something that is wrong at a place of the program; positions count characters from 0. */
export interface TypeFault {
  from: number
  to: number
  severity: 'error' | 'warning'
  message: string
}

/** Something that could be written at a place. */
export interface Offer {
  name: string
  /** TypeScript's word for what it is: `method`, `property`, `const`, … */
  kind: string
}

/** What stands under a place. */
export interface Hint {
  from: number
  to: number
  /** The type, as TypeScript writes it. */
  type: string
  documentation: string
}

/** Answers questions about one program at a time. */
export interface LanguageService {
  faults(source: string): TypeFault[]
  /** What may be written at a position; empty where nothing is known. */
  offers(source: string, position: number): Offer[]
  /** undefined where nothing stands. */
  hint(source: string, position: number): Hint | undefined
}

const PROGRAM = '/reward.ts'
const AMBIENT = '/contract.d.ts'
const LIBRARY = '/lib/'

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleDetection: ts.ModuleDetectionKind.Force,
  lib: ['lib.es2025.d.ts'],
  types: [],
  strict: true,
  // A person who writes plain JavaScript is not asked for types.
  noImplicitAny: false,
  noEmit: true,
}

/** @param library the declaration files of the language by name (`lib.es5.d.ts`) */
export function createLanguageService(library: Readonly<Record<string, string>>): LanguageService {
  let source = ''
  let version = 0
  const fixed = new Map<string, string>([
    [AMBIENT, ambientTypes],
    ...Object.entries(library).map(([name, text]): [string, string] => [LIBRARY + name, text]),
  ])
  const read = (path: string) => (path === PROGRAM ? source : fixed.get(path))
  const service = ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => [PROGRAM, AMBIENT],
    getScriptVersion: (path) => (path === PROGRAM ? String(version) : '1'),
    getScriptSnapshot(path) {
      const text = read(path)
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
    },
    getCurrentDirectory: () => '/',
    getDefaultLibFileName: () => `${LIBRARY}lib.es2025.d.ts`,
    fileExists: (path) => read(path) !== undefined,
    readFile: read,
  })
  const look = (text: string) => {
    if (text === source) return
    source = text
    version++
  }
  return {
    faults(text) {
      look(text)
      return [...service.getSyntacticDiagnostics(PROGRAM), ...service.getSemanticDiagnostics(PROGRAM)].map(faultOf)
    },
    offers(text, position) {
      look(text)
      const entries = service.getCompletionsAtPosition(PROGRAM, position, {})?.entries ?? []
      return entries.map(({ name, kind }) => ({ name, kind }))
    },
    hint(text, position) {
      look(text)
      const info = service.getQuickInfoAtPosition(PROGRAM, position)
      if (!info) return undefined
      const { start, length } = info.textSpan
      return {
        from: start,
        to: start + length,
        type: ts.displayPartsToString(info.displayParts),
        documentation: ts.displayPartsToString(info.documentation),
      }
    },
  }
}

function faultOf({ start = 0, length = 1, category, messageText }: ts.Diagnostic): TypeFault {
  return {
    from: start,
    to: start + length,
    severity: category === ts.DiagnosticCategory.Error ? 'error' : 'warning',
    // What TypeScript advises then, npm and tsconfig.json, is nothing that a person could do here.
    message: ts.flattenDiagnosticMessageText(messageText, '\n').replace(/ Do you need to [^]*$/, ''),
  }
}
