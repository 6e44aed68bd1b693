import { expect, test } from 'vitest'
import { lineConnector } from './line-connector.ts'
import { codedError, LineError, NOT_SENT } from './line-error.ts'

test.each([
  [new LineError('READONLY'), 'next'],
  [new LineError('LOADING a little more'), 'next'],
  [new LineError('NOTFOUND'), 'caller'],
  [codedError(NOT_SENT, 'never written'), 'next'],
  [codedError('ECONNRESET', 'lost'), undefined],
  [new Error('any other'), undefined],
  [undefined, undefined],
])('judges %s: %s', (error, verdict) => {
  expect(lineConnector().judge(error, 'run')).toBe(verdict)
})
