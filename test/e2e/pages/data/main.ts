// main.ts: the readers of data in a page, called by test/e2e/data.test.ts

import { blobFile, type DataFile } from '../../../../src/lab/data/file'
import { readRows } from '../../../../src/lab/data/read'
import { urlFile } from '../../../../src/lab/data/remote'

declare global {
  interface Window {
    /** Every row of a file that was picked, as JSON, or the error. Its bytes come in base 64. */
    readPicked(name: string, content: string): Promise<string>
    /** The same of a file at an address. */
    readAddress(url: string): Promise<string>
  }
}

window.readPicked = (name, content) => {
  const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0))
  return everything(blobFile(name, new File([bytes], name)))
}
window.readAddress = (url) => everything(urlFile(new URL(url, location.href).href, url))

async function everything(file: DataFile): Promise<string> {
  const rows: unknown[] = []
  try {
    for await (const row of readRows(file)) rows.push(row)
    return JSON.stringify(rows)
  } catch (error) {
    return (error as Error).message
  }
}
