// built-in.ts: the talk that comes with the page: what two papers claim, the theory by hand, runs, and what was found here
//
// What is measured is from the full runs in docs/experiments.md, figure by figure (a test compares them); what the papers
// state is given as theirs (src/lab/experiments/papers.ts).

import { rlvrPaper, safetyPaper } from '../../lab/experiments/papers'
import { defaultChoice } from './choice'
import { talkOf, type Scene } from './talk'

const BARS = ['What is tilted', 'theory-bars']
const RUN = ['headline', 'Held-out accuracy', 'Harm against the base, 0–4', 'KL to the base model, nats', 'Reward of the rollout, by step', 'Loss on gold answers, by step'] // prettier-ignore

const { safety, reasoning, entropy } = safetyPaper

const scenes: (Pick<Scene, 'title' | 'text' | 'notes'> & Partial<Scene>)[] = [
  {
    title: 'Does learning to be right make a model less safe?',
    text: String.raw`
Two papers say that training on **verifiable rewards** need not cost safety, and can even buy it.

- arXiv ${rlvrPaper.arxiv}: reward right answers, and harm stays where it was. Imitate right answers, and it rises.
- arXiv ${safetyPaper.arxiv}: reward harmless answers, and reasoning stays where it was.

Here: why that could be so, by hand; the same experiments on models small enough for this page; and what of it shows.`,
    notes: String.raw`
Say first that everything that moves in this talk is computed here and now, in the browser, and that nothing is sent anywhere.

Ask the room: who expects safety to fall when a model is trained on arithmetic alone? Come back to the answers at scene 9.`,
  },
  {
    title: 'What a reward does to a policy',
    text: String.raw`
Each bar is one way to answer. Outlines: before. Fills: after.

$$p^*(r\mid x) = \frac{p(r\mid x)\,e^{g(r)/\beta}}{Z(x)}$$

Maximising reward $g$ at a price of $\beta$ per nat has this one optimum. Answers that are paid grow, the others shrink, **all by the same rule**.`,
    notes: String.raw`
Move β: at 10 nothing happens, at 0.05 nearly all mass is on right answers. Drag one outline down to 0: no reward brings back what is never tried.

The tilt is the optimum, not a promise that training gets there. Scene 6 shows where it stops instead.`,
    show: '#v=2&view=theory&scenario=together',
    panels: BARS,
  },
  {
    title: 'If right and safe have nothing to do with each other, safety stays',
    text: String.raw`
$$\Delta = \mathbb{E}_{p^*}[s]-\mathbb{E}_{p}[s] = \mathrm{Cov}_p(w, s)$$
$$w = e^{g/\beta}/Z$$

No covariance of weight and safety, **no drift**: at any β, however far the policy moves.

Slide the correlation away from 0 to break the condition.`,
    notes: String.raw`
This is the paper’s independence condition. It is about a prompt at a time: on prompts where there is nothing to verify the tilt changes nothing at all.

Take the correlation to −0.7: same reward, same KL, and safety pays. Measured on our models: where none is predicted none is shown; where reward and harm are tied, harm goes with it, in the order that theory says, and not in its size (predicted drift explains 58 % of the measured).`,
    show: '#v=2&view=theory',
    panels: [...BARS, 'theory-ruler'],
  },
  {
    title: 'And if they do: drift is bounded by how far the policy moved',
    text: String.raw`
$$|\Delta| \le \sqrt{\chi^2(p^*\,\|\,p)}$$

The paper’s bound: never exceeded, and loose. For safety between 0 and 1 half of it holds too, and **above 1 it says nothing**. Total variation and Cauchy–Schwarz say more.`,
    notes: String.raw`
Move β and watch the order of the bounds stay and their size change. Below about 0.5 the paper’s bound is in the shaded region.

Our full run: no bound is exceeded in 3,200 tilts; on the model’s answers the drift is on average 19 % of √χ². A bound knows how far the policy went; independence knows in which direction.`,
    show: '#v=2&view=theory&scenario=against&at=0.692',
    panels: ['What is tilted', 'theory-ruler'],
  },
  {
    title: 'β buys little drift and a KL budget: spend it well',
    text: String.raw`
Every quantity over β. At the β of published runs ($10^{-4}$) the tilt has long been saturated: **smaller β changes nothing more**.

A budget of KL limits how far a policy moves. It does not say where to.`,
    notes: String.raw`
Point at the curves left of 0.01: flat. So a small drift that is measured at β = 1e−4 cannot be explained by the bound; the run simply stopped early.

In this scenario nearly all the drift that its KL permits has happened, in the wrong direction, within the budget.`,
    show: '#v=2&view=theory&scenario=misspent',
    panels: ['What is tilted', 'theory-curves'],
  },
  {
    title: 'Measured: at the β of the paper, nothing changes',
    text: String.raw`
GRPO for 40 steps at two seeds, on a model whose right answers open like compliance:

| β | Accuracy, change | Harm 0–4, change |
| 0 | +41 % [35, 47] | +0.49 [−0.91, 1.89] |
| 1e−4 | +41 % [35, 46] | +0.51 [−0.72, 1.74] |
| 0.01 | +40 % [35, 46] | +0.33 [−0.87, 1.54] |
| 0.1 | +39 % [33, 45] | +0.08 [−1.05, 1.21] |
| 1 | +25 % [20, 30] | +0.04 [−0.02, 0.09] |

From 1e−5 to 0.001 the run behaves as if β were about 0.27: **its end, not the penalty, holds it back**.`,
    notes: String.raw`
The two seeds drift by 0.63 and by 0.34 of 4. Both drift, but two seeds bound nothing, hence the wide intervals: say so before somebody asks.

This is the experiment beta-sweep. Its verdict is open. Only at β = 1 is harm shown to stay, and there the penalty costs 16 points.`,
  },
  {
    title: 'Live: reward right answers',
    text: String.raw`
A language model of 0.8 million parameters learns sums by GRPO, **in this window**. It is paid for right answers and for nothing else.

Watch accuracy, KL, and harm on requests that it is never trained on.`,
    notes: String.raw`
“Run it live” starts it. The untrained model is measured first; steps follow. If anything fails, the scene goes on from the recording at the same step, by itself.

While it runs, go on to the next scene and come back. Drag the time slider to show any step.`,
    show: '#v=2&view=train&preset=rlvr',
    panels: RUN,
    recording: 'rlvr',
  },
  {
    title: 'Live: imitate right answers',
    text: String.raw`
The same model, the same sums, by supervised fine-tuning on answers that open with “Sure. First …”.

Accuracy rises here too. Look at **harm**, and at what it costs in KL.`,
    notes: String.raw`
The answers that are imitated are right, every one of them. What drifts is the manner: a refusal cannot begin with “Sure”.

Change the gold answers to “own” or “result” in the Train view and run it again: the drift is gone. The method is the same.`,
    show: '#v=2&view=train&preset=sft',
    panels: RUN,
    recording: 'sft',
  },
  {
    title: 'RLVR against SFT: it depends on what is imitated',
    text: String.raw`
The paper: RLVR ${rlvrPaper.harm.rl.before} → unchanged, SFT ${rlvrPaper.harm.sft.before} → ${rlvrPaper.harm.sft.after} of 4. Here, three seeds:

| Arm | Accuracy | Harm 0–4, change |
| GRPO | 81 % [77, 85] | +0.13 [0.04, 0.21] |
| REINFORCE++ | 86 % [82, 89] | +0.14 [0.02, 0.25] |
| SFT, “Sure. First …” | 70 % [62, 77] | +1.88 [1.65, 2.12] |
| SFT, “First … Then …” | 75 % [71, 79] | +1.47 [1.24, 1.70] |
| SFT, “Result … Now …” | 90 % [86, 93] | −0.07 [−0.17, 0.02] |
| SFT, own correct samples | 82 % [79, 85] | +0.06 [0.00, 0.12] |

The contrast shows between RLVR and **some styles** of SFT, not between RLVR and SFT as such.`,
    notes: String.raw`
The base solves 42 of 100. The verdict is “open”: GRPO drifts by more than nothing beyond doubt, and not beyond doubt by more than the paper’s 0.1.

Back to the room’s guess of scene 1. The surprising row is not the first but the last two.`,
  },
  {
    title: 'Turn it round: reward harmless answers',
    text: String.raw`
REINFORCE++ with a harm score as reward, against SFT on refusals. Safety is 1 − harm/4 here, AttaQ in the paper:

| Arm | Paper: AttaQ | Ours: safety | Paper: GPQA | Ours: accuracy |
| Base | ${safety.base} | 0.79 [0.74, 0.83] | ${reasoning.base} % | 46 % [41, 51] |
| SFT on refusals | ${safety.sft} | 1.00 [0.99, 1.00] | ${reasoning.sft} % | 47 % [42, 52] |
| REINFORCE++ on harm | ${safety.rl} | 0.99 [0.94, 1.00] | ${reasoning.rl} % | 42 % [37, 47] |

Safer, without a loss of reasoning of 5 points. The price of SFT is **over-refusal: +77 points**, which no table of the paper has.`,
    notes: String.raw`
Harm alone as reward loses 4 points of accuracy, a warning and no alarm, and can fall into over-refusal as well. Harm and helpfulness together cost nothing measurable: that is the arm to take home.

The scales of the paper and ours are not the same; compare directions, not numbers.`,
  },
  {
    title: 'Does safety training settle the model’s doubts?',
    text: String.raw`
Entropy at reflection tokens (“wait”, “but”), nats, before and after:

| Prompts | Before | After |
| Paper, unsafe | ${entropy.unsafe.before} | ${entropy.unsafe.after} |
| Ours, unsafe | 0.62 [0.59, 0.65] | 0.69 [0.65, 0.73] |
| Paper, reasoning | ${entropy.reasoning.before} | ${entropy.reasoning.after.toFixed(2)} |
| Ours, reasoning | 0.54 [0.53, 0.54] | 0.54 [0.53, 0.54] |

On unsafe prompts ours **rises**. But only 8 of 100 answers still reflect, where 45 did: doubt is not settled, it is skipped.`,
    notes: String.raw`
REINFORCE++ on harm, two seeds. The few answers that still reflect are those in which that is the toss of a coin, and a coin has the most entropy that two continuations can have: ln 2 = 0.69.

After SFT on refusals there is no reflection left to measure. Reasoning prompts stay where they were, as the paper states.`,
  },
  {
    title: 'What shows, what does not, and how far to trust it',
    text: String.raw`
- **Shows:** no drift beyond any bound; none where none is predicted; safety by reward without loss of reasoning.
- **Does not:** RLVR is not safe by itself, SFT is not unsafe by itself, β from 1e−5 to 0.01 does nothing.
- **Open:** whether GRPO’s drift, 0.13 of 4, is above the paper’s 0.1. Three seeds are too few.
- **Limits:** 0.8 million parameters, 640 words, one word rule for harm. A mechanism, not a law.

Every number of this talk can be made again with one command, or in the Compare view.`,
    notes: String.raw`
End on the remedies if there is time: rank 2, or a third of the learning rate, keep 36 to 40 of 41 points of accuracy and all of the safety. The dullest remedies cost least.

Share the page: the button at the top gives a link and a code for phones.`,
  },
]

/** In half an hour, with time for questions to spare. */
export const builtIn = talkOf(
  defaultChoice.talk,
  'What does learning to be right do to safety?',
  30,
  scenes.map(({ text, notes, ...scene }) => ({
    show: '',
    panels: [],
    recording: '',
    ...scene,
    text: text.trim(),
    notes: notes.trim(),
  })),
)
