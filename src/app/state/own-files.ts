// own-files.ts: a model folder and data that a person picked from their own disk
//
// The browser hands out File objects; the worker reads them as it would read files of a server. Nothing leaves the machine.

import { ModelFileError } from '../../core/errors'
import type { RunConfig } from '../../core/run/config'
import { dtypes, onnxPath } from '../../engine/dtypes'
import type { FileSource } from '../../engine/hub'
import { blobFile, type LocalFiles } from '../../lab/data/file'

/** What was picked; plain enough to be posted to the worker. */
export interface OwnFiles {
  /** Every file of the model's folder. */
  model: File[]
  /** A file of data, or every file of a folder of it. */
  data: File[]
}

/** Before anything was picked. */
export const nothingPicked: OwnFiles = { model: [], data: [] }

const FOLDER = 'folder:'

/** Whether a model id stands for a picked folder. */
export const isPicked = (id: string) => id.startsWith(FOLDER)

/**
 * The model of a picked folder as a configuration names it.
 * @throws {ModelFileError} if the folder holds no ONNX file that can be read
 */
export function pickedModel(files: readonly File[]): RunConfig['model'] {
  const name = (files[0] && folderName(files[0])) || 'the folder'
  const paths = files.map(pathInFolder)
  const dtype = dtypes.find((each) => paths.includes(onnxPath(each)))
  if (!dtype) {
    throw new ModelFileError(name, `has none of ${dtypes.map(onnxPath).join(', ')}. Choose a model’s folder.`)
  }
  return { id: FOLDER + name, dtype, embedding: 'file' }
}

/** The files of a picked folder. Reading fails with what to do if the page was loaded anew since. */
export function folderOf(id: string, { model }: OwnFiles): FileSource {
  return {
    name: id.slice(FOLDER.length),
    async read(path, options) {
      if (model.length === 0) throw new ModelFileError(id.slice(FOLDER.length), 'must be chosen again on the page.')
      const file = model.find((each) => pathInFolder(each) === path)
      if (!file) return undefined
      const bytes = new Uint8Array(await file.arrayBuffer())
      options?.onBytes?.(bytes.length, bytes.length)
      return bytes
    },
  }
}

/** What the picked data is called in a configuration: its folder, or the file. */
export function pickedData([first]: readonly File[]): string {
  return first ? folderName(first) || first.name : ''
}

/** The picked data: a file under its own name, a folder's files under their paths. */
export function dataOf(own: () => OwnFiles): LocalFiles {
  return {
    name: 'what was chosen on the page',
    open(path) {
      const file = own().data.find((each) => (each.webkitRelativePath || each.name) === path)
      return Promise.resolve(file && blobFile(path, file))
    },
    list(folder) {
      const { data } = own()
      const isIt = data.length > 0 && folderName(data[0]) === folder
      return Promise.resolve(isIt ? data.map(pathInFolder) : undefined)
    },
  }
}

/** Empty for a file that was picked by itself. */
function folderName(file: File): string {
  return file.webkitRelativePath.split('/', 1)[0]
}

function pathInFolder(file: File): string {
  return file.webkitRelativePath.split('/').slice(1).join('/')
}
