// presets.ts: the data sets whose columns are known
//
// A preset says which column is what, who judges the answers, under which licence the data is, and what goes wrong if
// it is read carelessly. Recognition, the form on the page, the preview of the terminal and docs/data.md are drawn from
// this one table; the first preset whose columns a file has is taken.

/**
 * Where a value stands in a row. Of several paths the first one that leads somewhere counts: `prompt.0.prompt` is the
 * `prompt` of the first entry of the list `prompt`.
 */
export type Paths = readonly string[]

/** Which grader (src/rewards) compares completions with the gold answers. */
export type DataGrader = 'gsm8k' | 'math' | 'aime' | 'number' | 'choice'

/**
 * What the prompts are for: problems with gold answers, requests that ought to be refused, a mixture of requests that
 * ought to be refused and to be answered, harmless requests, or prompts of which nothing is known.
 */
export type DataKind = 'problems' | 'harmful' | 'mixed' | 'harmless' | 'prompts'

const NUMBER = 'Think step by step. End with #### and the number.'
const BOX = 'Think step by step. Put the final answer in \\boxed{}.'

/** What is added to a prompt, where nothing else is asked for: how the answer is to be written so that it is found. */
export const INSTRUCTIONS: Readonly<Record<DataGrader, string>> = {
  gsm8k: NUMBER,
  number: NUMBER,
  math: BOX,
  aime: BOX,
  choice: 'Think step by step. End with “The answer is” and the letter.',
}

/** One way of writing a data set. */
export interface DataPreset {
  name: string
  /** The data set as people call it. */
  title: string
  kind: DataKind
  /** null where answers are not compared with a gold; 'by-answers' where the answers themselves decide. */
  grader: DataGrader | 'by-answers' | null
  /** Columns that a file must have; of a list, one. */
  columns: readonly (string | Paths)[]
  /** Columns that a file must not have. */
  without?: readonly string[]
  /** What the value of a column must look like in the first row. */
  where?: Readonly<Record<string, RegExp>>
  /** What the name of the file must look like. */
  file?: RegExp
  prompt: Paths
  /** Text that stands before the prompt, where it is not empty. */
  context?: string
  /** The gold answer, or the response to imitate; `boxed`: it stands in the last \boxed{} of the column. */
  answer?: { paths: Paths; boxed?: true }
  /** Options of a multiple-choice problem; the answer is the index or the letter of one of them. */
  choices?: Paths
  /** Whether a request ought to be refused, where the rows differ: a column, and what it says then (or if not). */
  harmful?: { paths: Paths; when: RegExp; unless?: RegExp }
  /** The kind of harm, by which results are told apart. */
  family?: Paths
  /** Empty: not known, the person has to know it. */
  licence: string
  /** Where it comes from: the data set on the Hub or its repository. Empty for general shapes. */
  source: string
  /** What to know before use, a sentence each. */
  traps: readonly string[]
}

/** What a column that says whether a request is harmful may hold. */
export const HARMFUL_WORDS = /^(?:true|1|yes|harmful|unsafe)$/i
export const HARMLESS_WORDS = /^(?:false|0|no|harmless|safe|benign)$/i

const NON_COMMERCIAL = 'CC BY-NC 4.0'

/** Every preset, the most particular first. */
export const dataPresets = [
  {
    name: 'gsm8k',
    title: 'GSM8K',
    kind: 'problems',
    grader: 'gsm8k',
    columns: ['question', 'answer'],
    where: { answer: /####\s*\S/ },
    prompt: ['question'],
    answer: { paths: ['answer'] },
    licence: 'MIT',
    source: 'openai/gsm8k',
    traps: [
      'The gold is what follows ####, with thousands commas in 93 of the 8,792 rows.',
      'Worked solutions hold calculator marks such as <<3*4=12>>; they are part of the text that SFT imitates.',
    ],
  },
  {
    name: 'math-500',
    title: 'MATH with an answer column, such as MATH-500',
    kind: 'problems',
    grader: 'math',
    columns: ['problem', 'answer', 'level', ['subject', 'type']],
    prompt: ['problem'],
    answer: { paths: ['answer'] },
    licence: 'MIT (the collection); problems © their competitions',
    source: 'HuggingFaceH4/MATH-500',
    traps: ['level is a number in some copies and "Level 3" in others.'],
  },
  {
    name: 'math',
    title: 'MATH as first published',
    kind: 'problems',
    grader: 'math',
    columns: ['problem', 'solution', 'level', 'type'],
    without: ['answer'],
    prompt: ['problem'],
    answer: { paths: ['solution'], boxed: true },
    licence: 'MIT (the collection); problems © their competitions',
    source: 'EleutherAI/hendrycks_math',
    traps: ['The gold answer stands only in the last \\boxed{} of the solution.'],
  },
  {
    name: 'aime',
    title: 'AIME 2024 and 2025',
    kind: 'problems',
    grader: 'aime',
    columns: [
      ['problem', 'Problem', 'question'],
      ['answer', 'Answer'],
      ['id', 'ID'],
    ],
    without: ['unique_id', 'response'],
    where: { answer: /^0*\d{1,3}(?:\.0+)?$/, Answer: /^0*\d{1,3}(?:\.0+)?$/ },
    prompt: ['problem', 'Problem', 'question'],
    answer: { paths: ['answer', 'Answer'] },
    licence: 'not stated; problems © MAA',
    source: 'HuggingFaceH4/aime_2024, math-ai/aime25',
    traps: [
      'ids are numbers in one year and text in the other.',
      'Answers are whole numbers from 0 to 999; some copies write 70.0, which is read as 70.',
      'solution is empty in AIME 2025.',
    ],
  },
  {
    name: 'star-1',
    title: 'STAR-1',
    kind: 'harmful',
    grader: null,
    columns: ['question', 'response', 'category', 'source', 'score'],
    prompt: ['question'],
    answer: { paths: ['response'] },
    family: ['category.0'],
    licence: 'Apache-2.0',
    source: 'UCSC-VLAA/STAR-1',
    traps: [
      'response is <think>…</think> and the answer: what SFT imitates, not a gold answer.',
      '24 of its questions come from AttaQ: training on it and testing on AttaQ leaks them.',
    ],
  },
  {
    name: 'attaq',
    title: 'AttaQ',
    kind: 'harmful',
    grader: null,
    columns: ['label', 'input'],
    without: ['prompt', 'question'],
    prompt: ['input'],
    family: ['label'],
    licence: 'MIT',
    source: 'ibm-research/AttaQ',
    traps: ['It shares 24 questions with STAR-1.'],
  },
  {
    name: 'air-bench-2024',
    title: 'AIR-Bench 2024',
    kind: 'harmful',
    grader: null,
    columns: [['cate-idx', 'cate_idx'], ['l2-name', 'l2_name'], ['l4-name', 'l4_name'], 'prompt'],
    prompt: ['prompt.0.prompt', 'prompt'],
    family: ['l2-name', 'l2_name'],
    licence: 'CC BY 4.0 (data set), Apache-2.0 (repository)',
    source: 'stanford-crfm/air-bench-2024',
    traps: [
      'Its JSON nests the prompt in a list and writes cate_idx; its CSV does neither and writes cate-idx.',
      'A score of 1 means safe; an earlier card said the opposite.',
    ],
  },
  {
    name: 'harmbench',
    title: 'HarmBench',
    kind: 'harmful',
    grader: null,
    columns: ['Behavior', 'FunctionalCategory', 'SemanticCategory'],
    prompt: ['Behavior'],
    context: 'ContextString',
    family: ['SemanticCategory'],
    licence: 'MIT',
    source: 'centerforaisafety/HarmBench',
    traps: [
      'Contextual behaviours make sense only with their ContextString, which is put before them.',
      'Copyright behaviours ask for known texts: a word list cannot judge them.',
    ],
  },
  {
    name: 'xstest',
    title: 'XSTest',
    kind: 'mixed',
    grader: null,
    columns: ['prompt', 'type', ['label', 'focus', 'final_label']],
    where: { type: /^(?:contrast_)?(?:homonyms|figurative_|safe_|definitions|discr|nons_|historical_|privacy_|real_)/ },
    prompt: ['prompt'],
    harmful: { paths: ['type'], when: /^contrast_/ },
    family: ['type'],
    licence: 'CC BY 4.0',
    source: 'paul-rottger/exaggerated-safety',
    traps: ['250 of its 450 prompts only sound unsafe: refusing them is the error that is measured.'],
  },
  {
    name: 'strongreject',
    title: 'StrongREJECT',
    kind: 'harmful',
    grader: null,
    columns: ['category', 'source', 'forbidden_prompt'],
    prompt: ['forbidden_prompt'],
    family: ['category'],
    licence: 'MIT for its own prompts; the others keep the licence of their source',
    source: 'alexandrasouly/strongreject',
    traps: ['The source column says whose licence a prompt has.'],
  },
  {
    name: 'advbench',
    title: 'AdvBench harmful behaviours',
    kind: 'harmful',
    grader: null,
    columns: ['goal', 'target'],
    prompt: ['goal'],
    licence: 'MIT',
    source: 'llm-attacks/llm-attacks',
    traps: ['target is the opening of a compliant answer, never something to imitate.'],
  },
  {
    name: 'safety-tuned-llamas-benign',
    title: 'Safety-Tuned LLaMAs, harmless sets (I-Alpaca, I-PhysicalSafetySafe)',
    kind: 'harmless',
    grader: null,
    columns: ['instructions'],
    file: /I-Alpaca|PhysicalSafetySafe/i,
    prompt: ['instructions'],
    licence: NON_COMMERCIAL,
    source: 'vinid/safety-tuned-llamas',
    traps: ['The file is one object of columns, not a list of rows.'],
  },
  {
    name: 'safety-tuned-llamas',
    title: 'Safety-Tuned LLaMAs (I-CoNa, I-Controversial, I-MaliciousInstructions, I-PhysicalSafetyUnsafe, Q-Harm)',
    kind: 'harmful',
    grader: null,
    columns: ['instructions'],
    prompt: ['instructions'],
    family: ['tags'],
    licence: NON_COMMERCIAL,
    source: 'vinid/safety-tuned-llamas',
    traps: ['The file is one object of columns, not a list of rows; inputs is empty.'],
  },
  {
    name: 'i-beavertails',
    title: 'I-BeaverTails',
    kind: 'harmful',
    grader: null,
    columns: ['prompt'],
    file: /beaver-?_?tails/i,
    prompt: ['prompt'],
    licence: `${NON_COMMERCIAL} (BeaverTails)`,
    source: 'PKU-Alignment/BeaverTails',
    traps: ['It has nothing but prompts, so it is known by the name of its file.'],
  },
  {
    name: 'choices',
    title: 'multiple choice',
    kind: 'problems',
    grader: 'choice',
    columns: [
      ['question', 'prompt', 'problem'],
      ['choices', 'options'],
      ['answer', 'answerKey', 'label'],
    ],
    prompt: ['question', 'prompt', 'problem'],
    choices: ['choices.text', 'choices', 'options'],
    answer: { paths: ['answer', 'answerKey', 'label'] },
    licence: '',
    source: '',
    traps: ['An answer that is a number counts the options from 0, as in MMLU.'],
  },
  {
    name: 'messages',
    title: 'conversations',
    kind: 'prompts',
    grader: null,
    columns: ['messages'],
    prompt: ['messages'],
    answer: { paths: ['answer', 'solution', 'ground_truth'] },
    licence: '',
    source: '',
    traps: [
      'What the assistant says last is left out of the prompt; without an answer column it is what SFT imitates.',
    ],
  },
  {
    name: 'problems',
    title: 'prompts with answers',
    kind: 'problems',
    grader: 'by-answers',
    columns: [
      ['prompt', 'question', 'problem', 'instruction'],
      ['answer', 'solution', 'ground_truth', 'gold'],
    ],
    prompt: ['prompt', 'question', 'problem', 'instruction'],
    answer: { paths: ['answer', 'ground_truth', 'gold', 'solution'] },
    licence: '',
    source: '',
    traps: ['Numbers, letters and formulas are told apart by the answers themselves.'],
  },
  {
    name: 'prompts',
    title: 'prompts alone',
    kind: 'prompts',
    grader: null,
    columns: [['prompt', 'question', 'problem', 'instruction', 'text']],
    prompt: ['prompt', 'question', 'problem', 'instruction', 'text'],
    licence: '',
    source: '',
    traps: ['There is no gold answer: the reward has to judge completions by themselves.'],
  },
] as const satisfies readonly DataPreset[]

export type DataPresetName = (typeof dataPresets)[number]['name']

/** The names, for the configuration. */
export const dataPresetNames = dataPresets.map(({ name }) => name)

/** The preset of this name. */
export function findDataPreset(name: DataPresetName): DataPreset {
  return dataPresets.find((preset) => preset.name === name)!
}
