// What models ordinarily write: a right answer is found in all of it, and a doubted or denied one in none

import { beforeAll, describe, expect, test } from 'vitest'
import { graders, type Compare, type GraderName } from '../../src/rewards/graders'

type Row = [completion: string, gold: string]

const right: Partial<Record<GraderName, Row[]>> = {
  gsm8k: [
    ['In all she has sold **72** clips.', '72'],
    ['48 / 2 = 24\n48 + 24 = 72\n\n**Final Answer: 72**', '72'],
    ['That costs $10.', '10'],
    ['He earns $9,000.00 a year.', '9000'],
    ['#### 42 apples\n\nTell me if anything is unclear!', '42'],
    ['Final Answer: \\boxed{42}', '42'],
    ['\\boxed{42}\n\nIndeed, 6 times 7 is 42, as in the 3 examples.', '42'],
    ['x = 42', '42'],
    ['42.', '42'],
    ['#### 42<|im_end|>', '42'],
    ['So the answer is $\\boxed{42}$.<|eot_id|>', '42'],
    ['<answer>42</answer>', '42'],
    ['<think>6*7=42, or 43?</think>\n\nThe answer is 42.', '42'],
    ['A quarter is 25%.', '25'],
    ['Together: $5 + $7 = $12.', '12'],
    ['### Answer\n18', '18'],
    ['Total = 12 * 3 = \\(36\\)', '36'],
    ['The result is \\(\\boxed{1,\\!080}\\).', '1080'],
    ['The result is \\boxed{1{,}080} metres.', '1080'],
    ['Then 20 - 2 = 18 are left', '18'],
    ['He needs at least 5 boxes.', '5'],
    ['It is not 6 but 5.', '5'],
  ],
  math: [
    ['**42**', '42'],
    ['The answer is **42**.', '42'],
    ['Final Answer: The final answer is $42$. I hope it is correct.', '42'],
    ['\\[ \\boxed{\\dfrac{3}{4}} \\]', '\\frac{3}{4}'],
    ['This gives $\\boxed{B}$.', '\\text{(B)}'],
    ['Hence \\(x = \\boxed{42}\\)<|im_end|>\n', '42'],
    ['Therefore, $x = 42$.', '42'],
    ['We find $x = 2$ and $x = 3$.', '2,3'],
    ['\\boxed{x = 2 \\text{ or } x = 3}', '2,3'],
    ['\\boxed{42 \\text{ cm}^2}', '42'],
    ['\\boxed{90^\\circ}', '90'],
    ['\\boxed{x\\in(0,1]}', '(0,1]'],
    ['# Answer\n\n$$\\frac{3}{2}$$', '\\frac{3}{2}'],
    ['**Final Answer**\n\n\\[ \\boxed{10\\sqrt{3}} \\]', '10\\sqrt{3}'],
    ['The least value is $\\boxed{-2}$. Substituting $x = 1$ shows it.', '-2'],
    ['Here \\boxed{5} is not prime to 10.', '5'],
    ['\\boxed{\\frac{1}{2}}, or alternatively 0.5.', '\\frac12'],
    ['The probability is $\\boxed{\\frac13}$, or about 33.3%.', '\\frac{1}{3}'],
    ['Answer: 5\n\nExplanation: 2 and 3 make 5.', '5'],
    ['a + b = 113, so **113**.', '113'],
    ['\\boxed{12 000}', '12000'],
    ['\\boxed{2 1/2}', '\\frac52'],
  ],
  aime: [
    ['m+n = 113, so **113**.', '113'],
    ['Thus $m+n = 7 + 106 = \\boxed{113}$.', '113'],
    ['Final answer: 042<|im_end|>', '42'],
  ],
  number: [
    ['The answer is 9.81 m/s^2.', '9.81'],
    ['The answer is 5 km/h.', '5'],
    ['\\boxed{3.0 \\times 10^8 m/s}', '3e8'],
    ['-5 °C', '-5'],
    ['5 J/(kg K)', '5'],
    ['\\boxed{5\\text{ m/s}^2}', '5'],
  ],
  choice: [
    ['The correct answer is (B) Paris.', 'B'],
    ['The answer is B<|im_end|>', 'B'],
    ['Answer: B\n\nParis is the capital.', 'B'],
    ['I would choose B.', 'B'],
    ['So, B is the correct answer.', 'B'],
    ['Thus the answer must be B.', 'B'],
    ['**Correct answer:** B', 'B'],
    ['Option A is wrong: it lies elsewhere. So the correct option is B.', 'B'],
  ],
  exact: [
    ['olleh<|im_end|>', 'olleh'],
    ['```python\nprint(1)\n```<|im_end|>', 'print(1)'],
  ],
}

const wrong: Partial<Record<GraderName, Row[]>> = {
  gsm8k: [
    ['The answer is not 5.', '5'],
    ['It isn’t 5', '5'],
    ['5 is wrong.', '5'],
    ['Maybe 5?', '5'],
    ['I do not know, 5 perhaps', '5'],
    ['#### not 5', '5'],
    ['#### 5 or maybe six', '5'],
    ['\\boxed{3} \\boxed{5}', '5'],
    ['\\boxed{3}, wait, \\boxed{4} or maybe \\boxed{5}', '5'],
    // The last number counts: a closing sentence with another one costs the answer.
    ['The answer is 18. But 5 apples remain.', '18'],
  ],
  math: [
    ['5 is wrong.', '5'],
    ['\\boxed{5} is wrong.', '5'],
    ['$\\boxed{5}$ is not the answer.', '5'],
    ['It is not $\\boxed{5}$', '5'],
    ['The answer is anything but \\boxed{5}.', '5'],
    ['\\boxed{5}, or maybe six', '5'],
    ['Perhaps \\boxed{5}', '5'],
    ['a + b = 5, so **6**.', '5'],
    // Numbers in a row are neither their digits nor their product.
    ['\\boxed{4 6}', '24'],
    ['\\boxed{4 6}', '46'],
    ['\\boxed{1\\,2\\,3}', '123'],
    ['\\boxed{2 1/2}', '21/2'],
  ],
  aime: [['It can’t be \\boxed{42}', '42']],
  number: [
    ['not 42', '42'],
    ['42 or six', '42'],
    ['42 x', '42'],
    ['42 km is incorrect', '42'],
  ],
  choice: [
    ['I would choose A or B.', 'B'],
    ['So, not B.', 'B'],
    ['The answer must be A. The answer must be B.', 'B'],
  ],
}

describe.each(Object.keys(right) as GraderName[])('%s', (name) => {
  let compare: Compare
  beforeAll(async () => {
    compare = await graders[name].load()
  })
  test.each(right[name]!)('%j is %s', (completion, gold) => {
    expect(compare(completion, gold)).toMatchObject({ correct: true })
  })
  test.each(wrong[name] ?? [])('%j is not %s', (completion, gold) => {
    expect(compare(completion, gold)).toMatchObject({ correct: false })
  })
})
