// The arrows of the house: app, runner → lab → engine, rewards → core. They point down, and never in a circle.

/** A room may import itself and the rooms below it. */
const below = {
  core: [],
  engine: ['core'],
  rewards: ['core'],
  lab: ['core', 'engine', 'rewards'],
  app: ['core', 'engine', 'rewards', 'lab'],
  runner: ['core', 'engine', 'rewards', 'lab'],
}

const arrows = Object.entries(below).map(([room, rooms]) => ({
  name: `${room}-points-down`,
  comment: `src/${room} may import ${rooms.length ? rooms.map((r) => `src/${r}`).join(', ') : 'nothing of ours outside itself'}`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: '^src/', pathNot: `^src/(${[room, ...rooms].join('|')})/` },
}))

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...arrows,
    {
      name: 'no-circles',
      severity: 'error',
      from: { path: '^src' },
      to: { circular: true },
    },
    {
      name: 'core-is-pure',
      comment: 'core runs in any JavaScript engine: no Node, no tensors, no browser library',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { dependencyTypes: ['core', 'npm'], pathNot: 'node_modules/(valibot|@stdlib)/' },
    },
    {
      name: 'shared-rooms-run-everywhere',
      comment: 'engine, rewards and lab run in a browser worker and in Node alike: hosts hand them files and devices',
      severity: 'error',
      from: { path: '^src/(engine|rewards|lab|app)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-test-code-in-src',
      severity: 'error',
      from: { path: '^src' },
      to: { path: '^test' },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '\\?(worker|url)$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'svelte', 'default'] },
  },
}
