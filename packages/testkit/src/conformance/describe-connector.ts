import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkDescription, reasonAgainst } from './check.ts'
import type { AnyDescription, ConnectorDescription, TestServer } from './description.ts'
import { LiveScene } from './live-scene.ts'
import { proofs } from './proofs/index.ts'
import type { Proof } from './scene.ts'
import { Stage } from './stage.ts'
import { inTime } from './words.ts'

/** How long the body of a test may take: each bounds itself where a promise bounds it. */
const LIMIT_MS = 40_000

// What needs servers may take a while on a busy machine; the tests themselves bound what they promise.
const PATIENCE_MS = 60_000

/**
 * Registers the suite that every connector must pass: it proves the guarantees G1–G14 on real servers, one or more tests
 * each, with the guarantee in the title. Call it at the top of a vitest file. Three servers are started, once.
 *
 * @throws TypeError if something in the description is missing, or is not what it must be
 */
export function describeConnector<
  Source,
  Service,
  Server extends TestServer,
  Client = Service,
  Own = unknown,
  RR = unknown,
>(description: ConnectorDescription<Source, Service, Client, Server, Own, RR>): void {
  checkDescription(description, proofs)
  describe(description.name, () => register(description as AnyDescription))
}

function register(description: AnyDescription): void {
  const stage = new Stage(description)
  /** What each test has left behind. */
  const left: string[] = []
  beforeAll(() => stage.start(), PATIENCE_MS)
  afterAll(() => stage.stop(), PATIENCE_MS)

  for (const proof of proofs) {
    const reason = reasonAgainst(proof, description)
    if (reason === undefined) test(proof.title, () => prove(stage, proof, left), PATIENCE_MS)
    else test.skip(`${proof.title}: cannot, since ${reason}`)
  }
  test('G7 after all these tests nothing is left: no service, no socket', () => {
    expect(left, 'G7 what the tests of this suite left behind').toEqual([])
  })
}

async function prove(stage: Stage, proof: Proof, left: string[]): Promise<void> {
  const scene = await LiveScene.start(stage, proof)
  try {
    await inTime(proof.run(scene), LIMIT_MS, 'it did not end: something never settled')
  } catch (error) {
    throw inWords(proof, error)
  } finally {
    left.push(...(await scene.end()).map((leak) => `${leak} (in "${proof.title}")`))
  }
}

/** The same error; its message names the guarantee, if it did not. */
function inWords({ title }: Proof, error: unknown): unknown {
  const [guarantee] = title.split(' ', 1)
  if (!(error instanceof Error) || /^G\d/.test(error.message)) return error
  if (error.name !== 'AssertionError') {
    return new Error(`${guarantee} what should have succeeded failed: ${error.message}`, { cause: error })
  }
  const message = `${guarantee} ${error.message}`
  return Object.assign(error, { message, stack: error.stack?.replace(error.message, message) })
}
