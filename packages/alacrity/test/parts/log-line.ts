/** A line of `option tcplog` without what is another at each run: ports, dates, times, connections of the whole process. */
export function comparableLine(line: string): string {
  return line
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:port')
    .replace(/\d+\/\w{3}\/\d{4}(:\d\d){3}(\.\d{3}| [+-]\d{4})?/g, 'date')
    .replace(/ (-?\d+)\/(-?\d+)\/\+?(\d+) /, (_, queue, connect) => ` ${sign(queue)}/${sign(connect)}/ms `)
    .replace(/ \d+\/(\d+\/\d+\/\d+\/\+?\d+ )/, ' all/$1')
}

/** -1 says that it has not come to that. */
function sign(ms: string): string {
  return ms === '-1' ? '-1' : 'ms'
}
