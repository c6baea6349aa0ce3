// editor.ts: CodeMirror as the editor of a reward program
//
// It lives in a shadow root: there its styles are adopted style sheets, which the page's security policy
// (style-src 'self') allows, while a <style> element would need a nonce. Colours come through as the page's variables.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete'
import type { CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { javascript } from '@codemirror/lang-javascript'
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language'
import { lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint'
import { EditorState, StateEffect, StateField, type Range } from '@codemirror/state'
import {
  Decoration,
  drawSelection,
  EditorView,
  highlightActiveLine,
  hoverTooltip,
  keymap,
  lineNumbers,
  placeholder,
  tooltips,
  WidgetType,
  type DecorationSet,
} from '@codemirror/view'
import { tags } from '@lezer/highlight'
import type { Fault } from './faults'
import type { Language } from './language/client'

/** The editor as the page drives it. */
export interface Editor {
  /** Replaces the text, if it is another; what was there can be had back by undoing. */
  setText(text: string): void
  /** Underlines faults and writes each under its line. */
  showFaults(faults: readonly Fault[]): void
  /** Puts the cursor there, and the keyboard into the editor. */
  goTo(line: number, column: number): void
  close(): void
}

export interface EditorOptions {
  text: string
  /** What it is, for those who do not see it. */
  label: string
  hint: string
  language: Language
  onChange(text: string): void
}

/** @param host an element without children; it becomes the host of a shadow root */
export function openEditor(host: HTMLElement, { text, label, hint, language, onChange }: EditorOptions): Editor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' })
  root.replaceChildren()
  const view = new EditorView({
    parent: root,
    root,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        lintGutter(),
        history(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        highlightActiveLine(),
        javascript({ typescript: true }),
        syntaxHighlighting(highlighting),
        autocompletion({ override: [(context) => offers(context, language)], icons: false }),
        hoverTooltip((view, position) => typeUnder(view, position, language)),
        tooltips({ position: 'absolute' }),
        messages,
        EditorView.lineWrapping,
        placeholder(hint),
        theme,
        EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false' }),
        EditorView.updateListener.of(({ docChanged, state }) => {
          if (docChanged) onChange(state.doc.toString())
        }),
        keymap.of([
          ...closeBracketsKeymap,
          ...completionKeymap,
          ...lintKeymap,
          ...historyKeymap,
          // Escape, then Tab, leaves the editor: CodeMirror sees to that itself.
          indentWithTab,
          ...defaultKeymap,
        ]),
      ],
    }),
  })
  return {
    setText(next) {
      if (next === view.state.doc.toString()) return
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next }, selection: { anchor: 0 } })
    },
    showFaults(faults) {
      const placed = faults.map((fault) => ({ ...fault, ...range(view.state, fault) }))
      view.dispatch(
        setDiagnostics(
          view.state,
          placed.map(({ from, to, severity, message }) => ({ from, to, severity, message })),
        ),
        { effects: setMessages.of(faults) },
      )
    },
    goTo(line, column) {
      const { from } = range(view.state, { line, column })
      view.dispatch({ selection: { anchor: from }, scrollIntoView: true })
      view.focus()
    },
    close: () => view.destroy(),
  }
}

/** Where a fault stands now; a place that the text no longer has is moved into it. A fault without an end has one word. */
function range(state: EditorState, { line, column, length }: { line: number; column: number; length?: number }) {
  const { from: start, to: end } = state.doc.line(Math.min(Math.max(1, line), state.doc.lines))
  const from = Math.min(start + Math.max(0, column - 1), end)
  const word = state.wordAt(from)
  return { from, to: length === undefined ? (word?.to ?? from) : Math.min(from + length, state.doc.length) }
}

/** A sentence under a line, where everyone sees it, not only those who point at it. */
class Message extends WidgetType {
  constructor(
    private readonly text: string,
    private readonly severity: Fault['severity'],
  ) {
    super()
  }

  override eq(other: Message): boolean {
    return other.text === this.text && other.severity === this.severity
  }

  override toDOM(): HTMLElement {
    const element = document.createElement('div')
    element.className = `cm-said cm-said-${this.severity}`
    element.textContent = this.text
    return element
  }
}

const setMessages = StateEffect.define<readonly Fault[]>()

const messages = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(shown, transaction) {
    const set = transaction.effects.find((effect) => effect.is(setMessages))
    return set ? Decoration.set(widgets(transaction.state, set.value), true) : shown.map(transaction.changes)
  },
  provide: (field) => EditorView.decorations.from(field),
})

/** One message a line: the first one says what to mend first. */
function widgets(state: EditorState, faults: readonly Fault[]): Range<Decoration>[] {
  const first = new Map<number, Fault>()
  for (const fault of faults) {
    const { to } = state.doc.lineAt(range(state, fault).from)
    if (!first.has(to)) first.set(to, fault)
  }
  return [...first].map(([at, { message, severity }]) =>
    Decoration.widget({ widget: new Message(message, severity), block: true, side: 1 }).range(at),
  )
}

async function offers(context: CompletionContext, language: Language): Promise<CompletionResult | null> {
  const word = context.matchBefore(/[\w$]*$/)
  const before = context.state.sliceDoc(Math.max(0, context.pos - 1), context.pos)
  if (!context.explicit && before !== '.' && (!word || word.from === word.to)) return null
  const found = await language.offers(context.state.doc.toString(), context.pos)
  if (context.aborted || found.length === 0) return null
  return {
    from: word?.from ?? context.pos,
    options: found.map(({ name, kind }) => ({ label: name, detail: kind })),
    validFor: /^[\w$]*$/,
  }
}

async function typeUnder(view: EditorView, position: number, language: Language) {
  const found = await language.hint(view.state.doc.toString(), position)
  if (!found) return null
  return {
    pos: found.from,
    end: found.to,
    above: true,
    create() {
      const dom = document.createElement('div')
      dom.className = 'cm-hint'
      const type = document.createElement('code')
      type.textContent = found.type
      dom.append(type, found.documentation && document.createElement('br'), found.documentation)
      return { dom }
    },
  }
}

const highlighting = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword, tags.controlKeyword], color: 'var(--policy)' },
  { tag: [tags.string, tags.regexp, tags.special(tags.string)], color: 'var(--gain)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--budget)' },
  { tag: [tags.comment], color: 'var(--soft)', fontStyle: 'italic' },
  { tag: [tags.typeName, tags.className], color: 'var(--budget)' },
  { tag: [tags.function(tags.definition(tags.variableName))], fontWeight: '600' },
])

const theme = EditorView.theme({
  '&': {
    backgroundColor: 'var(--panel)',
    color: 'var(--ink)',
    fontSize: '14px',
    border: '1px solid var(--edge)',
    borderRadius: '8px',
    overflow: 'hidden',
  },
  '&.cm-focused': { outline: '2px solid var(--policy)', outlineOffset: '1px' },
  '.cm-scroller': {
    fontFamily: "ui-monospace, 'Cascadia Mono', Menlo, 'DejaVu Sans Mono', monospace",
    lineHeight: '1.6',
    maxHeight: '60vh',
  },
  '.cm-content': { caretColor: 'var(--ink)', padding: '8px 0', minHeight: '220px' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)', borderLeftWidth: '2px' },
  '.cm-placeholder': { color: 'var(--soft)' },
  '.cm-gutters': { backgroundColor: 'var(--well)', color: 'var(--soft)', border: '0' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--well) 60%, transparent)' },
  '.cm-activeLineGutter': { backgroundColor: 'var(--well)', color: 'var(--ink)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--policy-soft)',
  },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--budget-soft)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--panel)',
    color: 'var(--ink)',
    border: '1px solid var(--edge)',
    borderRadius: '8px',
    fontSize: '13px',
    maxWidth: 'min(520px, 90vw)',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--policy)', color: 'var(--panel)' },
  '.cm-completionDetail': { opacity: '0.75', fontStyle: 'normal', marginLeft: '12px' },
  '.cm-hint': { padding: '6px 10px', whiteSpace: 'pre-wrap' },
  '.cm-diagnostic': { padding: '6px 10px' },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--harm)' },
  '.cm-diagnostic-warning': { borderLeft: '3px solid var(--budget)' },
  '.cm-lintRange-error, .cm-lintPoint-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--harm)',
    textUnderlineOffset: '4px',
  },
  '.cm-lintRange-warning': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--budget)',
    textUnderlineOffset: '4px',
  },
  '.cm-gutter-lint': { width: '16px' },
  '.cm-lint-marker': { width: '8px', height: '8px', borderRadius: '50%', margin: '7px 2px 0' },
  '.cm-lint-marker-error': { content: 'none', backgroundColor: 'var(--harm)' },
  '.cm-lint-marker-warning': { content: 'none', backgroundColor: 'var(--budget)' },
  '.cm-said': {
    padding: '2px 12px 3px',
    fontFamily: 'system-ui, sans-serif',
    fontSize: '13px',
    lineHeight: '1.45',
    overflowWrap: 'anywhere',
    color: 'var(--ink)',
  },
  '.cm-said-error': { backgroundColor: 'var(--harm-soft)', borderLeft: '3px solid var(--harm)' },
  '.cm-said-warning': { backgroundColor: 'var(--budget-soft)', borderLeft: '3px solid var(--budget)' },
})
