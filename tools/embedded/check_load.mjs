// check_load.mjs: do transformers.js and onnxruntime-node read the shipped folders, and do they compute what PyTorch does?
//
// node tools/embedded/check_load.mjs expected.json     (build.py writes expected.json and runs this)
// expected.json: [{ model, dtype, ids, logits }] with the logits of the last position, or { model, dtype, ids, score }.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  AutoModelForCausalLM,
  AutoModelForSequenceClassification,
  AutoTokenizer,
  env,
  Tensor,
} from '@huggingface/transformers'

const TOLERANCE = 1e-4
env.allowRemoteModels = false
env.localModelPath = fileURLToPath(new URL('../../models', import.meta.url))

const row = (values) => new Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length])

async function outputs(expected) {
  const { model: name, dtype, ids } = expected
  const kind = 'score' in expected ? AutoModelForSequenceClassification : AutoModelForCausalLM
  const model = await kind.from_pretrained(name, { dtype })
  const inputs = { input_ids: row(ids), attention_mask: row(ids.map(() => 1)) }
  if ('score' in expected) inputs.token_type_ids = row(ids.map(() => 0))
  const { logits } = await model(inputs)
  if (!('score' in expected)) await showGeneration(model, name)
  await model.dispose()
  return Array.from(logits.data.slice('score' in expected ? 0 : -expected.logits.length))
}

async function showGeneration(model, name) {
  const tokenizer = await AutoTokenizer.from_pretrained(name)
  const messages = [{ role: 'user', content: 'What is 7+5-3?' }]
  const inputs = tokenizer.apply_chat_template(messages, { add_generation_prompt: true, return_dict: true })
  const output = await model.generate({ ...inputs, max_new_tokens: 48, do_sample: false })
  console.log(`  ${JSON.stringify(tokenizer.decode(output.tolist()[0], { skip_special_tokens: false }))}`)
}

let worst = 0
for (const expected of JSON.parse(readFileSync(process.argv[2], 'utf8'))) {
  const found = await outputs(expected)
  const wanted = expected.logits ?? [expected.score]
  const error = Math.max(...wanted.map((value, i) => Math.abs(value - found[i])))
  console.log(`${expected.model} ${expected.dtype}: largest difference to PyTorch ${error.toExponential(1)}`)
  worst = Math.max(worst, error)
}
if (!(worst < TOLERANCE))
  throw new Error(`The shipped files compute something else than PyTorch does: ${worst} is over ${TOLERANCE}.`)
