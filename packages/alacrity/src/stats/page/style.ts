import { colours } from './style/colours.ts'
import { layout } from './style/layout.ts'
import { tables } from './style/tables.ts'

/** The page's style sheet: nothing in it comes from elsewhere. */
export const style: string = `${colours}${layout}${tables}`
