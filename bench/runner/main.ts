// main.ts: `npm run bench:runner [-- --jobs N --watchers N --rate N --events N --slots N --json FILE]`, the runner under load
//
// The real queue and the real server, in a process of their own; for each job a process that journals as a training one does
// and computes nothing; in another process those who watch, half over sockets that watch every run, half over server-sent
// events. Every event is counted by everybody who watches. docs/runner.md keeps the figures.
//
// This is the script of all of these processes, and each loads what it needs.

import { TRAINING_COMMAND } from '../../src/runner/training/messages'

const [role, ...words] = process.argv.slice(2)
switch (role) {
  case TRAINING_COMMAND:
    await (await import('./stand-in')).standIn()
    break
  case 'serve':
    await (await import('./server')).serve(words[0], Number(words[1]), Number(words[2]))
    break
  case 'watch':
    await (await import('./watchers')).watch()
    break
  default:
    await (await import('./measure')).measure()
}
process.exit()
