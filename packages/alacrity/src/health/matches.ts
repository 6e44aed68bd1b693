/** Whether a pattern is in what came: byte by byte, or as UTF-8 where the pattern itself has more than ASCII. */
export function matches(pattern: RegExp, bytes: Uint8Array): boolean {
  const isAscii = Buffer.byteLength(pattern.source) === pattern.source.length
  pattern.lastIndex = 0 // one with the flag `g` would go on where it stopped
  return pattern.test(Buffer.from(bytes).toString(isAscii ? 'latin1' : 'utf8'))
}
