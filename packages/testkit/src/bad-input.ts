import { inspect } from 'node:util'

const MAX_TIMER_MS = 2 ** 31 - 1

/** An error for whoever called: names the option, what was expected, what was got. */
export function badInput(option: string, expected: string, got: unknown): TypeError {
  return new TypeError(`${option} must be ${expected}; got ${inspect(got, { depth: 0 })}`)
}

/** Throws unless `value` is a time that a timer can wait for. */
export function checkMs(option: string, value: unknown): void {
  const fits = typeof value === 'number' && value >= 0 && value <= MAX_TIMER_MS
  if (!fits) throw badInput(option, `milliseconds from 0 to ${MAX_TIMER_MS}`, value)
}

/** Throws unless `value` is a TCP port. */
export function checkPort(option: string, value: unknown): void {
  const fits = Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65_535
  if (!fits) throw badInput(option, 'a port from 1 to 65535 (leave it out for a free one)', value)
}

/** Throws unless `value` is a string of one line that is not empty. */
export function checkLine(option: string, value: unknown): void {
  const fits = typeof value === 'string' && value !== '' && !/[\r\n]/.test(value)
  if (!fits) throw badInput(option, 'a string of one line that is not empty', value)
}

/** Throws unless `value` has a host and a port. */
export function checkAddress(option: string, value: { host: string; port: number }): void {
  checkLine(`${option}.host`, value?.host)
  checkPort(`${option}.port`, value?.port)
}
