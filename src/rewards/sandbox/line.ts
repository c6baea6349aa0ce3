// line.ts: the conversation with a sandbox's worker, with a limit to its silence

import { TiltlabError } from '../../core/errors'
import { RewardSourceError } from './contract'
import type { FromSandbox, SandboxWorker, ToSandbox } from './messages'

/** The worker hangs or is gone; what it was doing is lost. */
export class SilentWorkerError extends TiltlabError {}

/** How finely silence is measured. */
const TICKS = 8

/** One worker and what it has said that nobody has heard yet. */
export class WorkerLine {
  private readonly heard: FromSandbox[] = []
  private wake: (() => void) | undefined
  private lost: Error | undefined

  /** @param program its name, for messages */
  constructor(
    private readonly worker: SandboxWorker,
    private readonly program: string,
  ) {
    worker.listen(
      (message) => {
        this.heard.push(message)
        this.wake?.()
      },
      (reason) => this.lose(new SilentWorkerError(`its worker died (${reason})`)),
    )
  }

  post(message: ToSandbox): void {
    this.worker.post(message)
  }

  /**
   * The next message, which has to be of one type.
   *
   * @throws {SilentWorkerError} if none comes in `patienceMs`
   * @throws {RewardSourceError} if the worker refuses the program
   */
  async next<Type extends FromSandbox['type']>(
    type: Type,
    patienceMs: number,
  ): Promise<Extract<FromSandbox, { type: Type }>> {
    if (!this.heard.length) await this.hear(patienceMs)
    const message = this.heard.shift()
    if (!message) throw this.lost
    if (message.type === 'refused')
      throw new RewardSourceError(this.program, message.fault, message.problem, message.at)
    if (message.type !== type) {
      const said = message.type === 'failed' ? message.message : `“${message.type}” instead of “${type}”`
      throw new TiltlabError(`The sandbox of ${this.program} failed: ${said}`)
    }
    return message as Extract<FromSandbox, { type: Type }>
  }

  /** Ends the worker; whoever waits for it is told. */
  end(): void {
    this.worker.terminate()
    this.lose(new TiltlabError(`The sandbox of ${this.program} was closed.`))
  }

  private lose(error: Error): void {
    this.lost ??= error
    this.wake?.()
  }

  /** Waits for a message. Only time in which this thread is awake itself counts: a tick cannot pass while it is busy. */
  private hear(patienceMs: number): Promise<void> {
    if (this.lost) return Promise.resolve()
    return new Promise((resolve) => {
      let ticks = 0
      const clock = setInterval(() => {
        if (++ticks < TICKS) return
        this.worker.terminate()
        this.lose(new SilentWorkerError(`did not react for ${patienceMs} ms and was ended`))
      }, patienceMs / TICKS)
      this.wake = () => {
        clearInterval(clock)
        this.wake = undefined
        resolve()
      }
    })
  }
}
