// source.ts: which files a configuration means by its data source
//
//   https://host/file.jsonl   an address
//   path/to/file.jsonl        a file of this machine
//   path/to/folder            a folder of it
//   organisation/name         a data set of the Hub, at a revision

import { ConfigError } from '../../core/errors'
import type { RunConfig } from '../../core/run/config'
import type { DataFile, LocalFiles } from './file'
import { dataExtensions, isDataFile } from './read'
import { hubDataSet, urlFile } from './remote'

/** The files of a source, in the order in which they are read. */
export interface DataSource {
  /** For people: as it was given, with the commit where it has one. */
  name: string
  /** What the source itself says of its licence; empty if nothing. */
  licence: string
  files: DataFile[]
}

/** @throws {ConfigError | DataFileError} if there is no such source, or several files of it could be meant */
export async function openSource(
  { source, files: pattern, revision }: Pick<RunConfig['data'], 'source' | 'files' | 'revision'>,
  local?: LocalFiles,
): Promise<DataSource> {
  if (/^https?:\/\//i.test(source)) return { name: source, licence: '', files: [urlFile(source)] }
  const file = await local?.open(source)
  if (file) return { name: source, licence: '', files: [file] }
  const inFolder = await local?.list(source)
  if (inFolder) {
    const open = async (path: string) => (await local!.open(`${source}/${path}`))!
    return { name: source, licence: '', files: await Promise.all(choose(source, inFolder, pattern).map(open)) }
  }
  const { commit, licence, paths, open } =
    (await local?.kept?.(source, revision)) ?? (await hubDataSet(source, revision))
  return { name: `${source} at ${commit.slice(0, 12)}`, licence, files: choose(source, paths, pattern).map(open) }
}

/** What lies beside the data in a folder and could be taken for it. */
const NOT_DATA = /(?:^|\/)(?:\.|dataset_infos?\.json$|config\.json$|package(?:-lock)?\.json$)/
const SHARD = /-\d{5}-of-\d{5}(?:-[0-9a-f]+)?(?=\.)/

/**
 * The files that are meant: those that match the pattern, or all, if they are the parts of one. Rows for training and for
 * testing are never mixed for want of a word.
 */
export function choose(source: string, paths: readonly string[], pattern: string): string[] {
  const data = dataPaths(paths)
  const matching = pattern === '' ? data : data.filter((path) => globPattern(pattern).test(path))
  const found = data.length > 0 ? `it has ${listed(data)}` : `it has no ${dataExtensions.join(', ')}`
  if (matching.length === 0) {
    const problem = pattern === '' ? `${source} holds no data files` : `nothing in ${source} is called "${pattern}"`
    throw new ConfigError('config.data.files', `${problem}; ${found}`)
  }
  const sets = [...new Set(matching.map((path) => path.replace(SHARD, '')))]
  if (pattern !== '' || sets.length === 1) return matching
  throw new ConfigError('config.data.files', `say which files of ${source} are meant (--data.files "NAME*"): ${found}`)
}

/** The sets of rows that files make up, each with the pattern that means it. */
export function setsOf(paths: readonly string[]): { pattern: string; paths: string[] }[] {
  const sets = new Map<string, string[]>()
  for (const path of dataPaths(paths)) {
    const pattern = path.replace(SHARD, '-*')
    sets.set(pattern, [...(sets.get(pattern) ?? []), path])
  }
  return [...sets].map(([pattern, own]) => ({ pattern, paths: own }))
}

function dataPaths(paths: readonly string[]): string[] {
  return paths.filter((path) => isDataFile(path) && !NOT_DATA.test(path)).sort()
}

/** `*` stands for any part of a name, `**` for any part of a path. */
function globPattern(pattern: string): RegExp {
  const parts = pattern.split(/(\*\*|\*)/)
  const source = parts.map((part) =>
    part === '**' ? '.*' : part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`),
  )
  return new RegExp(`^${source.join('')}$`)
}

const MAX_LISTED = 8

function listed(paths: readonly string[]): string {
  const more = paths.length > MAX_LISTED ? `, and ${paths.length - MAX_LISTED} more` : ''
  return paths.slice(0, MAX_LISTED).join(', ') + more
}
