import { expect } from 'vitest'
import type { Proof, Scene, StagedProvider } from '../scene.ts'
import { until } from '../words.ts'

const ways: readonly (readonly [string, (provider: StagedProvider) => unknown])[] = [
  ['is killed', ({ server }) => server.kill()],
  ['loses its connections', ({ proxy }) => proxy.cut()],
]

/** Collects what nobody caught while `work` runs: it would end an application. */
async function uncaughtDuring(work: () => Promise<void>): Promise<unknown[]> {
  const uncaught: unknown[] = []
  const note = (error: unknown): void => void uncaught.push(error)
  const events = ['unhandledRejection', 'uncaughtExceptionMonitor'] as const
  for (const event of events) process.on(event, note)
  try {
    await work()
  } finally {
    for (const event of events) process.off(event, note)
  }
  return uncaught
}

async function loseA(scene: Scene, lose: (provider: StagedProvider) => unknown): Promise<void> {
  await scene.isServedBy('A')
  await lose(scene.a)
  const words = 'G10 lost: the idle connection to A is gone, and connect()’s lost() was not called'
  await until(() => scene.current !== 'A', words)
  expect(await Promise.all([scene.ask(), scene.ask()]), 'G10 who answers, without a failed run').toEqual(['B', 'B'])
  expect(scene.witness.dialled, 'G10 which providers connect() was called for').toEqual(['A', 'B'])
}

export const idleLoss: readonly Proof[] = ways.map(([how, lose]) => ({
  title: `G10 a provider that ${how} while idle costs no failed run, and nothing goes unhandled`,
  async run(scene) {
    expect(await uncaughtDuring(() => loseA(scene, lose)), 'G10 what nobody caught').toEqual([])
  },
}))
