// json-keys.ts: finds keys that an object names twice
//
// JSON.parse keeps the last of two equal keys and says nothing. In an untrusted header that means two readers can see
// two different files, so the format forbids it.

/** Whether any object in a text that JSON.parse accepts has two equal keys. */
export function hasDuplicateKeys(json: string): boolean {
  // One set of keys for each open object, undefined for an open array.
  const open: (Set<string> | undefined)[] = []
  // Strings, and the marks that tell keys from values; everything else between them cannot matter in valid JSON.
  const token = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g
  for (let match = token.exec(json); match; match = token.exec(json)) {
    const [text, colon] = match
    if (text === '{') open.push(new Set())
    else if (text === '[') open.push(undefined)
    else if (text === '}' || text === ']') open.pop()
    else if (colon !== undefined) {
      const keys = open[open.length - 1]
      const key = JSON.parse(text.slice(0, -colon.length)) as string
      if (keys?.has(key)) return true
      keys?.add(key)
    }
  }
  return false
}
