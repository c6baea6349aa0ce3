// memory.ts: how much memory a process holds
//
// A limit of the JavaScript heap is not enough: weights and activations lie in WebAssembly's memory and in the driver's.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** The resident memory of a process, bytes; 0 where it is gone, or where the system does not say. */
export function residentBytes(pid: number | undefined): number {
  if (pid === undefined) return 0
  try {
    return process.platform === 'linux' ? fromProc(pid) : fromPs(pid)
  } catch {
    return 0
  }
}

function fromProc(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes ?? 0) * 1024
}

function fromPs(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024
}
