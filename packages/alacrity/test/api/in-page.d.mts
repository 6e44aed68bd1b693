// The types of `in-page.mjs`: nodes are the browser's, and Node knows nothing of them.
export function lowContrast(): string[]
export function cellText(name: string, column: number): string
export function fitsWindow(): boolean
export function scrollsInside(box: unknown): boolean
export function mark(body: unknown): string[]
export function fresh(body: unknown): string[]
export function seen(node: unknown): string
export function allSeen(nodes: unknown[]): string[]
export function focused(): string
export function ground(): string
