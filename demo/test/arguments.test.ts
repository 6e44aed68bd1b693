import { expect, test } from 'vitest'
import { parseArguments, usage } from '../src/arguments.ts'
import { scenarios } from '../src/scenarios/index.ts'
import { runDemo } from './command.ts'

test('the first scenario, for 20 seconds, is what one gets unasked', () => {
  expect(parseArguments([], scenarios)).toEqual({ scenario: scenarios[0], seconds: 20, json: false, help: false })
})

test('a scenario and options may come in any order', () => {
  const choice = { scenario: scenarios[1], seconds: 7.5, json: true, help: false }
  expect(parseArguments(['--seconds', '7.5', 'grpc', '--json'], scenarios)).toEqual(choice)
})

test.each([
  [['nonsense'], 'there is no scenario "nonsense"; the scenarios are: core, grpc, redis, pg, bullmq, alacrity'],
  [['core', 'core'], 'one scenario at a time, please; got core, core'],
  [['--fast'], "Unknown option '--fast'; the options are --seconds, --json, --help"],
  [['--seconds'], '--seconds'],
  [['--seconds', 'ten'], '--seconds must be a number from 5; got "ten"'],
  [['--seconds', '1'], '--seconds must be a number from 5; got "1"'],
  [['--seconds', 'Infinity'], '--seconds must be a number from 5; got "Infinity"'],
])('refuses %j', (args, message) => {
  expect(() => parseArguments(args, scenarios)).toThrow(message)
})

test('an unknown scenario names those there are, with exit code 2', async () => {
  const { code, stdout, stderr } = await runDemo(['nonsense'])
  expect({ code, stdout, stderr }).toEqual({
    code: 2,
    stdout: '',
    stderr: 'there is no scenario "nonsense"; the scenarios are: core, grpc, redis, pg, bullmq, alacrity\n',
  })
})

test('--help names every scenario', async () => {
  expect(await runDemo(['--help'])).toEqual({ code: 0, stdout: usage(scenarios), stderr: '' })
  for (const { name, description } of scenarios) expect(usage(scenarios)).toMatch(new RegExp(`${name} +${description}`))
})
