import { ConfigurationError } from './errors.ts'
import { listFiles, readFile } from './files.ts'
import { finish } from './finish.ts'
import type { Configuration } from './model.ts'
import { readText } from './read-text.ts'
import { Reading } from './reading.ts'
import type { Environment } from './variable.ts'

export interface ReadOptions {
  /** What messages call it. Default `(text)`. */
  readonly file?: string
  /** The variables that `"$NAME"` may name. Default: this process's own. */
  readonly env?: Environment
}

/**
 * Reads the text of a configuration.
 *
 * @throws ConfigurationError with all problems there are, if it cannot be used
 */
export function readConfiguration(
  text: string,
  { file = '(text)', env = process.env }: ReadOptions = {},
): Configuration {
  if (typeof text !== 'string')
    throw new TypeError(`readConfiguration: the text of a configuration was expected, not ${typeof text}`)
  const reading = new Reading(env)
  readText(text, file, reading)
  return finish(reading, file)
}

/**
 * Reads the files of one configuration, one after the other: what a `defaults` section says holds for the files after
 * it, too. A folder stands for its files that end in `.cfg`, in the order of their names.
 *
 * @throws ConfigurationError with all problems there are, if it cannot be used, or a file cannot be read
 */
export function readConfigurationFile(
  paths: string | readonly string[],
  { env = process.env }: Pick<ReadOptions, 'env'> = {},
): Configuration {
  const reading = new Reading(env)
  const { problems } = reading
  const files = listFiles(typeof paths === 'string' ? [paths] : paths, problems)
  const texts = files.map((file) => ({ file, text: readFile(file, problems) }))
  if (problems.hasErrors) throw new ConfigurationError(problems.all)
  for (const { file, text = '' } of texts) readText(text, file, reading)
  return finish(reading, files[0] ?? '')
}
