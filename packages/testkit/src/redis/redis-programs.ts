import { findProgram } from '../install/find-program.ts'
import { needProgram } from '../install/need-program.ts'

/** The paths of Redis's programs, installed where they are missing. */
export interface RedisPrograms {
  server: string
  cli: string
}

export async function redisPrograms(): Promise<RedisPrograms> {
  return { server: await redisProgram('redis-server'), cli: await redisProgram('redis-cli') }
}

async function redisProgram(program: string): Promise<string> {
  const find = (): string | undefined => findProgram(program)
  return await needProgram({ program, find, debian: { name: 'redis-server' }, brew: 'redis' })
}
