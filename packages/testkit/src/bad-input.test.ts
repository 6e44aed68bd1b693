import { expect, test } from 'vitest'
import { checkServerOptions } from './process/server-options.ts'
import { cutAfterFault, delayFault, dropReplyFault } from './proxy/fault.ts'
import { addressOf, urlThrough } from './target.ts'

const wrong = (value: unknown): never => value as never

test.each([
  [() => cutAfterFault(-1, 'up'), 'cutAfter: bytes must be a whole number from 0; got -1'],
  [() => cutAfterFault(1.5, 'up'), 'cutAfter: bytes must be a whole number from 0; got 1.5'],
  [() => cutAfterFault(1, wrong('left')), "cutAfter: way must be 'up' or 'down'; got 'left'"],
  [
    () => delayFault('delay', Number.POSITIVE_INFINITY),
    'delay: ms must be milliseconds from 0 to 2147483647; got Infinity',
  ],
  [() => dropReplyFault(''), "dropReply: pattern must be a string or bytes, not empty (no RegExp); got ''"],
  [() => dropReplyFault(wrong(/ok/)), 'dropReply: pattern must be a string or bytes, not empty (no RegExp); got /ok/'],
  [() => dropReplyFault('x', { by: wrong('end') }), "dropReply: by must be 'reset' or 'silence'; got 'end'"],
  [() => dropReplyFault('x', { once: wrong(1) }), 'dropReply: once must be true or false; got 1'],
  [() => addressOf('tcp://127.0.0.1'), "target must be a URL with a port, such as tcp://127.0.0.1:6379; got 'tcp:"],
  [() => addressOf('here'), "target must be a URL with a port, such as tcp://127.0.0.1:6379; got 'here'"],
  [() => addressOf(wrong(undefined)), 'target must be a URL or { host, port }; got undefined'],
  [() => addressOf({ host: '', port: 1 }), "target.host must be a string of one line that is not empty; got ''"],
  [() => addressOf({ host: 'a', port: 70_000 }), 'target.port must be a port from 1 to 65535'],
  [() => checkServerOptions(wrong(undefined)), 'options must be an object with a "command"; got undefined'],
  [() => checkServerOptions({ command: '' }), "command must be a string of one line that is not empty; got ''"],
  [() => checkServerOptions({ command: 'x', args: wrong('-p') }), 'args must be an array of strings, or a function'],
  [() => checkServerOptions({ command: 'x', port: 0 }), 'port must be a port from 1 to 65535 (leave it out for a free'],
  [() => checkServerOptions({ command: 'x', ready: wrong('yes') }), "ready must be a function; got 'yes'"],
  [() => checkServerOptions({ command: 'x', name: '' }), 'name must be a string of one line'],
  [() => checkServerOptions({ command: 'x', startTimeoutMs: -1 }), 'startTimeoutMs must be milliseconds from 0'],
  [() => checkServerOptions({ command: 'x', stopGraceMs: wrong('2s') }), 'stopGraceMs must be milliseconds from 0 to'],
])('%s', (call, message) => {
  expect(call).toThrow(TypeError)
  expect(call).toThrow(message)
})

test('a target is an address or a URL', () => {
  expect(addressOf({ host: 'localhost', port: 1 })).toEqual({ host: 'localhost', port: 1 })
  expect(addressOf('redis://user:secret@127.0.0.1:6379/0')).toEqual({ host: '127.0.0.1', port: 6379 })
  expect(addressOf('tcp://[::1]:5432')).toEqual({ host: '::1', port: 5432 })
})

test('a URL leads through the proxy with all else it says', () => {
  expect(urlThrough({ host: 'localhost', port: 1 }, 9)).toBe('tcp://127.0.0.1:9')
  expect(urlThrough('postgres://user@db:5432/name?x=1', 9)).toBe('postgres://user@127.0.0.1:9/name?x=1')
})
