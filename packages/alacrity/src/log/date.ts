const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const two = (value: number) => `${value}`.padStart(2, '0')

/** A date as HAProxy's log has it: `22/Nov/2026:15:04:05.123`; with `UTC` or `offset` its zone, and no milliseconds. */
export function logDate(at: number, zone?: 'UTC' | 'offset'): string {
  const local = new Date(at)
  const shift = zone === 'UTC' ? 0 : -local.getTimezoneOffset()
  const date = new Date(at + shift * 60_000)
  const day = `${two(date.getUTCDate())}/${months[date.getUTCMonth()]}/${date.getUTCFullYear()}`
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
  if (zone === undefined) return `${day}:${time}.${`${date.getUTCMilliseconds()}`.padStart(3, '0')}`
  const ahead = Math.abs(shift)
  return `${day}:${time} ${shift < 0 ? '-' : '+'}${two(Math.floor(ahead / 60))}${two(ahead % 60)}`
}

/** A date as syslog (RFC 3164) has it: `Nov  2 15:04:05`. */
export function syslogDate(at: number): string {
  const date = new Date(at)
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  return `${months[date.getMonth()]} ${`${date.getDate()}`.padStart(2, ' ')} ${time}`
}
