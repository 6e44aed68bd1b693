/** ioredis puts into each error what was sent: of a login that is the password. */
export function hidePassword(error: Error & { command?: { readonly name: string; readonly args: unknown } }): void {
  const { command } = error
  if (command && /^(auth|hello)$/i.test(command.name)) error.command = { name: command.name, args: [] }
}
