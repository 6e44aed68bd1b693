let last = 0

/** A number that nothing else in this process has. */
export function nextSerial(): number {
  return ++last
}
