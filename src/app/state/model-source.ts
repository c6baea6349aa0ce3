// model-source.ts: where the files of a model come from, in a page's worker

import { urlSource, type FileSource } from '../../engine/hub'
import { keptModel } from '../models/kept-source'
import { folderOf, isPicked, type OwnFiles } from './own-files'

const EMBEDDED = 'embedded:'
const base = import.meta.env.BASE_URL

/** A folder that was picked, an embedded model from the page's own address, or a model of the Hub that was downloaded. */
export function modelSource(id: string, own: OwnFiles): FileSource {
  if (isPicked(id)) return folderOf(id, own)
  return id.startsWith(EMBEDDED) ? urlSource(id, `${base}models/${id.slice(EMBEDDED.length)}/`) : keptModel(id)
}
