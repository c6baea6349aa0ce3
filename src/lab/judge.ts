// judge.ts: a second model that judges: only its words for yes and no are ever asked for

import type { RunConfig } from '../core/run/config'
import { sum } from '../core/stats/moments'
import type { AnswerModel } from '../rewards/judge'
import type { Hosts } from './hosts'

/**
 * Loads a judge into the engine of the run, beside the policy.
 *
 * @param id    a model as `model.id` names it
 * @param dtype which of its ONNX files is read
 * @throws {ModelFileError} if there is none, or its files are not what they should be
 */
export async function openJudge(
  id: string,
  dtype: RunConfig['model']['dtype'],
  config: RunConfig,
  hosts: Pick<Hosts, 'loadModel'>,
): Promise<AnswerModel> {
  const { policy, tokenizer, sha256 } = await hosts.loadModel({ ...config, model: { ...config.model, id, dtype } }, {})
  const request = { adapter: false, temperature: 1, entropy: false, klToReference: false }
  return {
    async logps(messages, answers, options) {
      const endings = answers.map((answer) => tokenizer.encode(answer))
      const longest = Math.max(...endings.map((tokens) => tokens.length))
      const prompts = messages.map((content) => tokenizer.encodeChat([{ role: 'user', content }]))
      const fits = (prompt: readonly number[]) => prompt.length + longest <= policy.spec.maxPositions
      const sequences = prompts
        .filter(fits)
        .flatMap((prompt) => endings.map((ending) => ({ tokens: [...prompt, ...ending], from: prompt.length })))
      const logps = (await policy.score(sequences, request, options)).map((row) => sum(row.logps))
      let read = 0
      return prompts.map((prompt) => (fits(prompt) ? logps.slice(read, (read += answers.length)) : null))
    },
    revision: `${id} (${dtype}) sha256:${sha256}`,
    dispose: () => policy.dispose(),
  }
}
