import { refuse } from './errors.ts'

/** The name of a section, server or acl: letters, digits and `_ - . :`, as in HAProxy. */
export function checkName(name: string): string {
  const bad = /[^A-Za-z0-9_.:-]/u.exec(name)
  return bad === null ? name : refuse(`'${name}': '${bad[0]}' may not be in a name, only letters, digits, _ - . and :`)
}
