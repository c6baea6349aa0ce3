// reward-serve.ts: `tiltlab reward serve`, the reward of an exported run for trainers that ask over HTTP

import { rm } from 'node:fs/promises'
import type { Command } from 'commander'
import { ConfigError } from '../../core/errors'
import { writeAtomically } from '../storage'
import { signalExitCode } from '../training/process'

interface ServeRewardOptions {
  host: string
  port: string
  writeUrl?: string
}

/** Adds the command below `reward`. */
export function addRewardServe(reward: Command): void {
  reward
    .command('serve')
    .description('score completions over HTTP for a trainer elsewhere: the reward of a folder that export has written')
    .argument('[folder]', 'folder that tiltlab export has written', '.')
    .option('--host <address>', 'address to listen at; 127.0.0.1 is this machine alone', '127.0.0.1')
    .option('--port <number>', 'port; 0 takes a free one', '0')
    .option('--write-url <file>', 'also write the address to a file, once it answers; removed at the end')
    .addHelpText(
      'after',
      '\nThe address is printed on the standard output. It holds a secret: whoever knows it may ask for scores.',
    )
    .action(async (folder: string, options: ServeRewardOptions) => {
      process.exitCode = await serve(folder, options)
    })
}

async function serve(folder: string, { host, port, writeUrl }: ServeRewardOptions): Promise<number> {
  // The tokenizer takes half a second to start.
  const [{ openRewardFolder }, { serveReward }] = await Promise.all([
    import('../handover/scoring'),
    import('../handover/server'),
  ])
  const service = await openRewardFolder(folder)
  const server = await serveReward(service, { host, port: readPort(port) })
  // Whoever reads the address may end it at once.
  const stopped = firstSignal()
  try {
    // Who may read the file may ask: nobody else on this machine.
    process.umask(0o077)
    if (writeUrl !== undefined) await writeAtomically(writeUrl, `${server.url}\n`)
    process.stdout.write(`${server.url}\n`)
    process.stderr.write(`scoring ${service.manifest.expression}; Ctrl-C ends\n`)
    return signalExitCode(await stopped)
  } finally {
    if (writeUrl !== undefined) await rm(writeUrl, { force: true })
    await server.close()
    service.dispose()
  }
}

function firstSignal(): Promise<'SIGINT' | 'SIGTERM'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal))
  })
}

function readPort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65535) return port
  throw new ConfigError('--port', `expected a whole number from 0 to 65535, got "${text}"`)
}
