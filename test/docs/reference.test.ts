// The lists in docs/ say what the code says; `npx vitest run test/docs -u` writes them anew

import { expect, test } from 'vitest'
import { commandsPage, configPage, dataSetsPage, experimentsPage, metricsPage, rewardsPage } from './reference'

test('docs/cli.md lists the commands', async () => {
  await expect(await commandsPage()).toMatchFileSnapshot('../../docs/cli.md')
})

test('docs/config.md lists the configuration', async () => {
  await expect(await configPage()).toMatchFileSnapshot('../../docs/config.md')
})

test('docs/data-sets.md lists the data sets', async () => {
  await expect(await dataSetsPage()).toMatchFileSnapshot('../../docs/data-sets.md')
})

test('docs/experiments.md lists the experiments', async () => {
  await expect(await experimentsPage()).toMatchFileSnapshot('../../docs/experiments.md')
})

test('docs/metrics.md lists the metrics', async () => {
  await expect(await metricsPage()).toMatchFileSnapshot('../../docs/metrics.md')
})

test('docs/rewards.md lists the reward functions', async () => {
  await expect(await rewardsPage()).toMatchFileSnapshot('../../docs/rewards.md')
})
