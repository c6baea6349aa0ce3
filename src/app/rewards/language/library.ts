// library.ts: the declarations of ECMAScript 2025, as TypeScript ships them; nothing of the browser is among them

const texts = import.meta.glob<string>(
  [
    '/node_modules/typescript/lib/lib.es*.d.ts',
    '/node_modules/typescript/lib/lib.decorators*.d.ts',
    '!/node_modules/typescript/lib/*.full.d.ts',
    '!/node_modules/typescript/lib/lib.esnext*.d.ts',
  ],
  { query: '?raw', import: 'default', eager: true },
)

/** Declaration files by name: `lib.es5.d.ts`. */
export const library: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(texts).map(([path, text]) => [path.slice(path.lastIndexOf('/') + 1), text]),
)
