// kept-source.ts: models and data sets of the Hub as a run reads them: from what this browser keeps, network or none

import { ModelFileError } from '../../core/errors'
import { hubModel, type FileSource } from '../../engine/hub'
import { blobFile, type HubDataSet } from '../../lab/data/file'
import { hubFile } from '../../lab/data/remote'
import { openShelf, wholeFiles, type KeptRepository, type RepositoryName, type Shelf } from './shelf'

let opened: Promise<Shelf | undefined> | undefined

/** The shelf of this browser, opened once. */
const shelfOfBrowser = () => (opened ??= openShelf())

/** A model of the Hub that was downloaded. Reading fails with what to do if it was not. */
export function keptModel(model: string, shelf = shelfOfBrowser): FileSource {
  return {
    name: model,
    async read(path, options) {
      const found = await find(await shelf(), nameOf(model))
      if (!found) {
        throw new ModelFileError(
          model,
          'is not on this machine. Find it in Train under “Your own model and problems”, where the page says what it needs, and download it.',
        )
      }
      const blob = await found.open(path)
      if (!blob) return undefined
      const bytes = new Uint8Array(await blob.arrayBuffer())
      options?.onBytes?.(bytes.length, bytes.length)
      return bytes
    },
  }
}

/** A data set of the Hub of which something was downloaded; what was not is read from there. Undefined if nothing was. */
export async function keptDataSet(
  id: string,
  revision: string,
  shelf = shelfOfBrowser,
): Promise<HubDataSet | undefined> {
  const found = await find(await shelf(), { kind: 'datasets', id, commit: revision })
  if (!found) return undefined
  const { commit, licence, paths } = found.kept
  const remote = (path: string) => hubFile(id, commit, path)
  const blobs = new Map(
    await Promise.all(wholeFiles(found.kept).map(async ({ path }) => [path, await found.open(path)] as const)),
  )
  return {
    commit,
    licence,
    paths,
    open(path) {
      const blob = blobs.get(path)
      return blob ? blobFile(`${id}/${path}`, blob) : remote(path)
    },
  }
}

function nameOf(model: string): RepositoryName {
  const { id, revision } = hubModel(model) ?? { id: model, revision: '' }
  return { kind: 'models', id, commit: revision }
}

async function find(shelf: Shelf | undefined, name: RepositoryName) {
  const kept: KeptRepository | undefined = await shelf?.find(name)
  const whole = kept ? wholeFiles(kept) : []
  if (!shelf || !kept || whole.length === 0) return undefined
  const open = async (path: string) => (whole.some((file) => file.path === path) ? shelf.blob(name, path) : undefined)
  return { kept, open }
}
